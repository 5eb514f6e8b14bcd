package qenex

// The days of a bank and the life of accounts: calendars, scheduled transfers, the end of day and year, what was sealed
// and what corrects it; owners, blocks, dormancy. docs/guide/days.md and docs/guide/accounts.md tell the story.

// #include <qenex.h>
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// SetCalendars defines business calendars, or replaces them whole; their numbers are in the results.
func (s *Session) SetCalendars(ctx context.Context, calendars []Calendar, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, calendars, options, func(b *batch) C.qenex_status {
		return C.qenex_calendars_set(s.c(), (*C.qenex_calendar)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetEntityRules sets the rules of entities: their calendar, and when a customer's account becomes dormant.
func (s *Session) SetEntityRules(ctx context.Context, rules []EntityRules, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, rules, options, func(b *batch) C.qenex_status {
		return C.qenex_entity_rules_set(s.c(), (*C.qenex_entity_rules)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ScheduleTransfers schedules transfers with a booking date after the entity's business date. They hold nothing while they
// wait; the roll of the business date to their day or beyond it books them. One that is refused then is not tried again:
// Schedules and the feed (ChangeScheduleRefused) say why.
func (s *Session) ScheduleTransfers(ctx context.Context, schedules []Schedule, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, schedules, options, func(b *batch) C.qenex_status {
		return C.qenex_transfers_schedule(s.c(), (*C.qenex_schedule)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CancelSchedules takes scheduled transfers back that still wait.
func (s *Session) CancelSchedules(ctx context.Context, cancellations []ScheduleCancel, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, cancellations, options, func(b *batch) C.qenex_status {
		return C.qenex_schedules_cancel(s.c(), (*C.qenex_schedule_cancel)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// EndDayPortions seals a portion of the balances of days that are over; a result's Number is the account to go on with, 0
// when the day is sealed. Run it until then, or use EndDay.
func (s *Session) EndDayPortions(ctx context.Context, dayEnds []DayEnd, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, dayEnds, options, func(b *batch) C.qenex_status {
		return C.qenex_day_end_portions(s.c(), (*C.qenex_day_end)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// EndYearPortions closes a portion of the income and expense accounts into retained earnings; a result's Number is the
// account to go on with, 0 when the year is closed, and of a refused item the account that is in the way. Run it until
// then, or use EndYear.
func (s *Session) EndYearPortions(ctx context.Context, yearEnds []YearEnd, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, yearEnds, options, func(b *batch) C.qenex_status {
		return C.qenex_year_end_portions(s.c(), (*C.qenex_year_end)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetAccountOwners links owners to accounts, or ends links.
func (s *Session) SetAccountOwners(ctx context.Context, owners []AccountOwner, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, owners, options, func(b *batch) C.qenex_status {
		return C.qenex_account_owners_set(s.c(), (*C.qenex_account_owner)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ReactivateAccounts brings dormant accounts back to life.
func (s *Session) ReactivateAccounts(ctx context.Context, reactivations []Reactivation, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, reactivations, options, func(b *batch) C.qenex_status {
		return C.qenex_accounts_reactivate(s.c(), (*C.qenex_reactivation)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// EndDay seals a day of an entity (0: entity 1) to its end, portion accounts (0: 1000) a commit, each durable before the
// next begins: whatever ends the process, calling again goes on where it stood. The result is that of the last portion;
// a day that was sealed before has ResultRepeated. Refusals, which are errors: StatusDayNotOver, StatusDayInProgress.
func (s *Session) EndDay(ctx context.Context, entity uint32, day Date, portion uint32) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		return C.qenex_day_end_run(s.c(), C.uint32_t(entity), C.qenex_date(day), C.uint32_t(portion), out, failed)
	})
}

// EndYear closes the income and expense accounts of an entity (0: entity 1) as of its last day, through, into the equity
// account with the number retained, by ordinary transfers with the transaction code, booked on that day. Calling it
// again later moves what was booked into the year since. A refusal is an error; the Number of its result is that of the
// account in the way.
func (s *Session) EndYear(ctx context.Context, entity uint32, through Date, retained string, code uint32) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		number, numberLen := textOf(retained)
		return C.qenex_year_end_run(s.c(), C.uint32_t(entity), C.qenex_date(through), number, numberLen, C.uint32_t(code),
			out, failed)
	})
}

// NextBusinessDate rolls the business date of an entity (0: entity 1) to the next business day of its calendar, and books
// what was scheduled up to it. Entities says which day it is now.
func (s *Session) NextBusinessDate(ctx context.Context, entity uint32) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		return C.qenex_business_date_next(s.c(), C.uint32_t(entity), out, failed)
	})
}

// Calendars gives all business calendars.
func (s *Session) Calendars(ctx context.Context) ([]CalendarRecord, error) {
	return query(ctx, s, (*rawCalendarRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_calendars_list(s.c(), out, failed)
	})
}

// BusinessDayAfter gives the first business day after a day in the calendar of an entity (0: entity 1). Errors:
// StatusNotFound, StatusInvalidDate.
func (s *Session) BusinessDayAfter(ctx context.Context, entity uint32, day Date) (Date, error) {
	if err := ended(ctx); err != nil {
		return 0, err
	}
	var found C.qenex_date
	var failed *C.qenex_error
	status := C.qenex_business_day_after(s.c(), C.uint32_t(entity), C.qenex_date(day), &found, &failed)
	runtime.KeepAlive(s)
	return Date(found), errorOf(status, failed)
}

// Periods gives the closes of booking periods of an entity (0: all), oldest first.
func (s *Session) Periods(ctx context.Context, entity uint32) ([]PeriodRecord, error) {
	return query(ctx, s, (*rawPeriodRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_periods_list(s.c(), C.uint32_t(entity), out, failed)
	})
}

// SealedBalances gives the balances of an account in an asset on each sealed day from first to last, oldest first, at most
// 10000: as they were sealed, and as they are known now. Error: StatusNotFound.
func (s *Session) SealedBalances(ctx context.Context, account ID, asset uint32, first, last Date) ([]SealedBalance, error) {
	return query(ctx, s, (*rawSealedBalance).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_sealed_balances_list(s.c(), account.c(), C.uint32_t(asset), C.qenex_date(first), C.qenex_date(last),
			out, failed)
	})
}

// Corrections gives the corrections of an entity's sealed days (0: all entities), oldest first. after is the Sequence of
// the last one of the page before, 0 for the first page. limit: 1 to 10000; 0: 100.
func (s *Session) Corrections(ctx context.Context, entity uint32, after uint64, limit uint32) ([]Correction, error) {
	return query(ctx, s, (*rawCorrection).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_corrections_list(s.c(), C.uint32_t(entity), C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// TrialAccounts gives a page of a trial balance by account, in the order of opening: the turnovers booked (or valued) up
// to a day, as known at a sequence number or now. Ask again with After and Sequence of the last line until no line comes.
func (s *Session) TrialAccounts(ctx context.Context, options TrialOptions) ([]TrialAccount, error) {
	var raw rawTrialOptions
	options.encode(&raw, nil)
	return query(ctx, s, (*rawTrialAccount).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_trial_accounts_list(s.c(), (*C.qenex_trial_options)(unsafe.Pointer(&raw)), out, failed)
	})
}

// Schedules gives the scheduled transfers of an entity (0: all), oldest first, waitingOnly: those that still wait. after
// is the Sequence of the last one of the page before, 0 for the first page. limit: 1 to 10000; 0: 100.
func (s *Session) Schedules(ctx context.Context, entity uint32, waitingOnly bool, after uint64, limit uint32) ([]ScheduleRecord, error) {
	return query(ctx, s, (*rawScheduleRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_schedules_list(s.c(), C.uint32_t(entity), flag(waitingOnly), C.uint64_t(after), C.uint32_t(limit),
			out, failed)
	})
}

// AccountOwners gives the owners of an account, those whose link ended included, in the order in which they were linked.
// Error: StatusNotFound.
func (s *Session) AccountOwners(ctx context.Context, account ID) ([]OwnerRecord, error) {
	return query(ctx, s, (*rawOwnerRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_account_owners_list(s.c(), account.c(), out, failed)
	})
}

// AccountBlocks gives the blocks that were set and lifted on an account, oldest first. Error: StatusNotFound.
func (s *Session) AccountBlocks(ctx context.Context, account ID) ([]BlockRecord, error) {
	return query(ctx, s, (*rawBlockRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_account_blocks_list(s.c(), account.c(), out, failed)
	})
}

func flag(set bool) C.uint32_t {
	if set {
		return 1
	}
	return 0
}
