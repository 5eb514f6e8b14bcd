//! Commands in bulk: mixed batches, transfers, holds. All of them check the records, hand them to the session where
//! they lie, and write one result per item.

use super::batch::Batch;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, OutArray};
use super::record::*;
use crate::base::constants::{command, execute};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::engine::ExecuteOptions;
use crate::ledger::outcome::Outcome;

/// Executes an array of different commands in order. Each item names the kind of its record and where in the arena
/// the record lies. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_execute(
    session: *mut qenex_session,
    commands: *const qenex_command,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::MIXED,
        first: commands.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Moves amounts between accounts, in the order of the array.
/// Each transfer stands alone unless it has QENEX_LINKED: then it and the next one succeed or fail together.
///
/// session: who acts. transfers: count records (1 to QENEX_BATCH_MAX), record_size bytes apart (sizeof of the record).
/// arena, arena_len: the bytes that the records' texts point into; may be (NULL, 0). options: NULL for defaults.
/// out_results: NULL, or room for count results, one per item in the same order.
///
/// QENEX_OK: every item is applied and survives power loss (with the default durability). QENEX_SOME_REFUSED: the call
/// ran and what was applied is durable; the results say which items were refused and why. Negative: nothing was
/// applied, the results are zero; QENEX_OUTCOME_UNKNOWN alone leaves open whether: reopen and repeat with the same ids.
/// An item that has run before with the same id and content gives its first result again (QENEX_RESULT_REPEATED).
/// A malformed record (reserved bytes set, a range outside the arena, invalid UTF-8) fails the call as a whole:
/// qenex_error_item names it. Any thread; calls of many threads share commits. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_create(
    session: *mut qenex_session,
    transfers: *const qenex_transfer,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::TRANSFER,
        first: transfers.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Reverses transfers, in whole or in part. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_reverse(
    session: *mut qenex_session,
    reversals: *const qenex_reversal,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::REVERSAL,
        first: reversals.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Sets amounts aside. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_holds_place(
    session: *mut qenex_session,
    holds: *const qenex_hold,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::HOLD,
        first: holds.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Adds to holds. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_holds_increase(
    session: *mut qenex_session,
    increases: *const qenex_hold_increase,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::HOLD_INCREASE,
        first: increases.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Turns holds, or parts of them, into transfers. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_holds_capture(
    session: *mut qenex_session,
    captures: *const qenex_hold_capture,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::HOLD_CAPTURE,
        first: captures.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Gives back what is left of holds. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_holds_release(
    session: *mut qenex_session,
    releases: *const qenex_hold_release,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::HOLD_RELEASE,
        first: releases.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// The array that a function was called with.
pub(super) struct Records {
    pub(super) kind: u32,
    pub(super) first: *const u8,
    pub(super) count: usize,
    pub(super) record_size: usize,
    pub(super) arena: *const u8,
    pub(super) arena_len: usize,
}

/// Executes the array and writes the results.
pub(super) fn run(
    session: *mut qenex_session,
    records: &Records,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        super::batch::check_count(records.count)?;
        let results = OutArray::new(out_results, records.count, true, "out_results")?;
        let executed = execute_records(session, records, options, &results);
        if executed.is_err() {
            results.clear();
        }
        executed
    })
}

fn execute_records(
    session: *mut qenex_session,
    records: &Records,
    options: *const qenex_execute_options,
    results: &OutArray<qenex_result>,
) -> Result<Status> {
    let session = handle::get(session, "session")?;
    let options = execute_options(options)?;
    let Records {
        kind,
        first,
        count,
        record_size,
        arena,
        arena_len,
    } = *records;
    let batch = Batch::new(kind, first, count, record_size, arena, arena_len)?;
    let mut outcomes = Vec::new();
    outcomes
        .try_reserve_exact(count)
        .map_err(|_| super::batch::out_of_memory(count.saturating_mul(size_of::<Outcome>())))?;
    session.session.execute(&batch, &options, &mut outcomes)?;
    if results.is_wanted() {
        for (index, outcome) in outcomes.iter().enumerate() {
            results.set(index, outcome.into());
        }
    }
    Ok(summary(&outcomes))
}

/// What a call returns for its items' outcomes.
pub(super) fn summary(outcomes: &[Outcome]) -> Status {
    if outcomes.iter().all(|outcome| outcome.status.is_ok()) {
        Status::OK
    } else {
        Status::SOME_REFUSED
    }
}

/// The options of a batch; NULL is all defaults.
pub(super) fn execute_options(options: *const qenex_execute_options) -> Result<ExecuteOptions> {
    let Some(given) = memory::options(options)? else {
        return Ok(ExecuteOptions::default());
    };
    if given.flags & !execute::ALL != 0 {
        let message = format!(
            "options: flags are {:#x}; only QENEX_EXECUTE_... flags are known",
            given.flags
        );
        return Err(Error::new(Status::INVALID_ARGUMENT, message));
    }
    let time = match given.time {
        0 => None,
        micros => Some(Timestamp::checked(micros)?),
    };
    Ok(ExecuteOptions {
        time,
        dry_run: given.flags & execute::DRY_RUN != 0,
        trace: u128::from_be_bytes(given.trace),
    })
}
