//! Commands in bulk about days and the life of accounts: calendars, scheduled transfers, the end of a day and of a
//! year, owners, reactivation; and the one-line forms that run the end of a day or year to its end.

use std::ffi::c_char;

use super::commands::{Records, run, summary};
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, Out};
use super::record::*;
use super::text::checked_date;
use crate::base::constants::command;
use crate::base::error::Result;
use crate::engine::Session;
use crate::ledger::command::AccountRef;
use crate::ledger::outcome::Outcome;

/// Defines business calendars, or replaces them whole; their numbers are in the results.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_calendars_set(
    session: *mut qenex_session,
    calendars: *const qenex_calendar,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::CALENDAR,
        first: calendars.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Sets the rules of entities: their calendar, and when a customer's account becomes dormant.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_entity_rules_set(
    session: *mut qenex_session,
    rules: *const qenex_entity_rules,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ENTITY_RULES,
        first: rules.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Schedules transfers with a booking date after the entity's business date. They hold nothing while they wait; the roll
/// of the business date to their day or beyond it books them on the new business date. One that is refused then is not
/// tried again: qenex_schedules_list and the feed (QENEX_CHANGE_SCHEDULE_REFUSED) say why.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_schedule(
    session: *mut qenex_session,
    schedules: *const qenex_schedule,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::SCHEDULE,
        first: schedules.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Takes scheduled transfers back that still wait.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_schedules_cancel(
    session: *mut qenex_session,
    cancellations: *const qenex_schedule_cancel,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::SCHEDULE_CANCEL,
        first: cancellations.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Seals a portion of the balances of days that are over; a result's number is the account to go on with, 0 when the day
/// is sealed. Run it until then, each portion without a key or with one of its own (a key again gives its first result and
/// seals nothing), or use qenex_day_end_run.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_day_end_portions(
    session: *mut qenex_session,
    day_ends: *const qenex_day_end,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::DAY_END,
        first: day_ends.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Closes a portion of the income and expense accounts into retained earnings; a result's number is the account to go on
/// with, 0 when the year is closed, and of a refused item the account that is in the way. Run it until then, each portion
/// without a key or with one of its own, or use qenex_year_end_run.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_year_end_portions(
    session: *mut qenex_session,
    year_ends: *const qenex_year_end,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::YEAR_END,
        first: year_ends.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Links owners to accounts, or ends links.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_owners_set(
    session: *mut qenex_session,
    owners: *const qenex_account_owner,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCOUNT_OWNER,
        first: owners.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Brings dormant accounts back to life.
/// Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accounts_reactivate(
    session: *mut qenex_session,
    reactivations: *const qenex_reactivation,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::REACTIVATION,
        first: reactivations.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Seals a day of an entity (0: entity 1) to its end, portion accounts (0: 1000) a commit, each durable before the next
/// begins: whatever ends the process, calling again goes on where it stood. *out_result, which may be NULL, is that of
/// the last portion; a day that was sealed before is QENEX_OK with QENEX_RESULT_REPEATED. Refusals:
/// QENEX_DAY_NOT_OVER, QENEX_DAY_IN_PROGRESS. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_day_end_run(
    session: *mut qenex_session,
    entity: u32,
    day: qenex_date,
    portion: u32,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    one(session, out_result, out_error, |session| {
        session.seal_day(entity.max(1), checked_date(day)?, portion)
    })
}

/// Closes the income and expense accounts of an entity (0: entity 1) as of its last day `through` into the equity
/// account with the number `retained`, by ordinary transfers with the transaction code `code`, booked on that day; to
/// the end, in portions as qenex_day_end_run. Calling it again later moves what was booked into the year since. Of a
/// refusal the result's number is that of the account in the way. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_year_end_run(
    session: *mut qenex_session,
    entity: u32,
    through: qenex_date,
    retained: *const c_char,
    retained_len: usize,
    code: u32,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    one(session, out_result, out_error, |session| {
        let retained = memory::text(retained, retained_len, "retained")?;
        let retained = AccountRef::Number(retained);
        session.close_year(entity.max(1), checked_date(through)?, &retained, code)
    })
}

/// Rolls the business date of an entity (0: entity 1) to the next business day of its calendar, and books what was
/// scheduled up to it. qenex_entities_list says which day it is now. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_business_date_next(
    session: *mut qenex_session,
    entity: u32,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    one(session, out_result, out_error, |session| {
        session.next_day(entity.max(1))
    })
}

fn one(
    session: *mut qenex_session,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
    run: impl FnOnce(&Session) -> Result<Outcome>,
) -> qenex_status {
    guard::call(out_error, || {
        let out = match out_result.is_null() {
            true => None,
            false => Some(Out::new(out_result, qenex_result::default(), "out_result")?),
        };
        let session = handle::get(session, "session")?;
        let outcome = run(&session.session)?;
        if let Some(out) = out {
            out.set((&outcome).into());
        }
        Ok(summary(&[outcome]))
    })
}
