package qenex

// Commands in bulk: a method for each kind, and Execute for different ones together.
//
// What holds for all: the results come one for each item, in the same order; a refused item is a result and no error
// (Results.Err makes it one). An error means that nothing of the call was applied, and it names the item that is
// malformed; StatusOutcomeUnknown alone leaves open whether: reopen, and repeat with the same ids. When the method
// returns without an error, everything that was applied is durable.
//
// A slice longer than BatchMax becomes several batches, never cut within a linked chain, each a commit of its own. The
// context is asked before each batch; what earlier batches did stays done, and their results are returned with the error.
// So is it with any other error of a later batch. Repeating all of it with the same ids is safe.

// #include <qenex.h>
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// CreateTransfers moves amounts between accounts, in the order of the slice. Each transfer stands alone unless
// it has the flag Linked: then it and the next one succeed or fail together.
func (s *Session) CreateTransfers(ctx context.Context, transfers []Transfer, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, transfers, options, func(b *batch) C.qenex_status {
		return C.qenex_transfers_create(s.c(), (*C.qenex_transfer)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ReverseTransfers reverses transfers, in whole or in part.
func (s *Session) ReverseTransfers(ctx context.Context, reversals []Reversal, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, reversals, options, func(b *batch) C.qenex_status {
		return C.qenex_transfers_reverse(s.c(), (*C.qenex_reversal)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// PlaceHolds sets amounts aside.
func (s *Session) PlaceHolds(ctx context.Context, holds []Hold, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, holds, options, func(b *batch) C.qenex_status {
		return C.qenex_holds_place(s.c(), (*C.qenex_hold)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// IncreaseHolds adds to holds.
func (s *Session) IncreaseHolds(ctx context.Context, increases []HoldIncrease, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, increases, options, func(b *batch) C.qenex_status {
		return C.qenex_holds_increase(s.c(), (*C.qenex_hold_increase)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CaptureHolds turns holds, or parts of them, into transfers.
func (s *Session) CaptureHolds(ctx context.Context, captures []HoldCapture, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, captures, options, func(b *batch) C.qenex_status {
		return C.qenex_holds_capture(s.c(), (*C.qenex_hold_capture)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ReleaseHolds gives back what is left of holds.
func (s *Session) ReleaseHolds(ctx context.Context, releases []HoldRelease, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, releases, options, func(b *batch) C.qenex_status {
		return C.qenex_holds_release(s.c(), (*C.qenex_hold_release)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CreateEntities creates legal entities; their numbers are in the results.
func (s *Session) CreateEntities(ctx context.Context, entities []Entity, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, entities, options, func(b *batch) C.qenex_status {
		return C.qenex_entities_create(s.c(), (*C.qenex_entity)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CreateAssets creates assets; their numbers are in the results. Creating one again with the same properties
// succeeds.
func (s *Session) CreateAssets(ctx context.Context, assets []Asset, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, assets, options, func(b *batch) C.qenex_status {
		return C.qenex_assets_create(s.c(), (*C.qenex_asset)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// OpenAccounts opens accounts.
func (s *Session) OpenAccounts(ctx context.Context, accounts []Account, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, accounts, options, func(b *batch) C.qenex_status {
		return C.qenex_accounts_open(s.c(), (*C.qenex_account)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetAccountNumbers gives accounts external numbers, or ends them.
func (s *Session) SetAccountNumbers(ctx context.Context, numbers []AccountNumber, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, numbers, options, func(b *batch) C.qenex_status {
		return C.qenex_account_numbers_set(s.c(), (*C.qenex_account_number)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetAccountBlocks sets or lifts debit and credit blocks of accounts.
func (s *Session) SetAccountBlocks(ctx context.Context, blocks []AccountBlock, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, blocks, options, func(b *batch) C.qenex_status {
		return C.qenex_account_blocks_set(s.c(), (*C.qenex_account_block)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetAccountLimits sets or lifts limits of accounts.
func (s *Session) SetAccountLimits(ctx context.Context, limits []AccountLimit, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, limits, options, func(b *batch) C.qenex_status {
		return C.qenex_account_limits_set(s.c(), (*C.qenex_account_limit)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CloseAccounts closes accounts of which every balance and hold is zero.
func (s *Session) CloseAccounts(ctx context.Context, accounts []AccountClose, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, accounts, options, func(b *batch) C.qenex_status {
		return C.qenex_accounts_close(s.c(), (*C.qenex_account_close)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// RollBusinessDates moves the business dates of entities forward.
func (s *Session) RollBusinessDates(ctx context.Context, dates []BusinessDate, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, dates, options, func(b *batch) C.qenex_status {
		return C.qenex_business_dates_roll(s.c(), (*C.qenex_business_date)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ClosePeriods forbids booking dates up to and including a day.
func (s *Session) ClosePeriods(ctx context.Context, periods []PeriodClose, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, periods, options, func(b *batch) C.qenex_status {
		return C.qenex_periods_close(s.c(), (*C.qenex_period_close)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// PutHostRecords writes or deletes records of the host's own; the new versions are in the results' numbers.
func (s *Session) PutHostRecords(ctx context.Context, records []HostRecord, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, records, options, func(b *batch) C.qenex_status {
		return C.qenex_host_records_put(s.c(), (*C.qenex_host_record)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// Execute executes different commands in order, such as a transfer and the host record that belongs to it, linked so
// that both happen or none.
func (s *Session) Execute(ctx context.Context, commands []Command, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, commands, options, func(b *batch) C.qenex_status {
		return C.qenex_execute(s.c(), (*C.qenex_command)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// AdvanceTime advances time without any other effect: holds expire, business dates that follow the clock move. A refusal
// (StatusTimeNotLater) is an error.
func (s *Session) AdvanceTime(ctx context.Context, to time.Time, options *ExecuteOptions) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		var given *C.qenex_execute_options
		if options != nil {
			var raw rawExecuteOptions
			options.encode(&raw, nil)
			given = (*C.qenex_execute_options)(unsafe.Pointer(&raw))
		}
		return C.qenex_time_advance_to(s.c(), C.qenex_time(micros(to)), given, out, failed)
	})
}
