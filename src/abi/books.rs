//! The commands of the books in bulk, and those that a file sees once: beginning an import, going live.

use std::ffi::c_char;

use super::commands::{Records, run};
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, set_if_wanted};
use super::record::*;
use super::simple::tell;
use super::text::value_at;
use crate::base::constants::command;
use crate::base::error::Error;
use crate::base::status::Status;

/// Makes accounts the position accounts of their entities. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_positions_register(
    session: *mut qenex_session,
    positions: *const qenex_position,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::POSITION,
        first: positions.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Exchanges amounts between currencies; the result has the amount bought, the debited balance in the asset sold and the
/// credited one in the asset bought. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_exchanges_create(
    session: *mut qenex_session,
    exchanges: *const qenex_exchange,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::EXCHANGE,
        first: exchanges.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Revalues positions; the result has the gain posted, below zero a loss. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_revaluations_post(
    session: *mut qenex_session,
    revaluations: *const qenex_revaluation,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::REVALUATION,
        first: revaluations.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Splits amounts over several credit accounts. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_split(
    session: *mut qenex_session,
    splits: *const qenex_split,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::SPLIT,
        first: splits.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Adds to accruals; the result has the whole minor units that are not posted yet. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accruals_add(
    session: *mut qenex_session,
    accruals: *const qenex_accrual,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCRUAL,
        first: accruals.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Posts accruals; the result has the minor units posted, below zero when they were debited. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accruals_post(
    session: *mut qenex_session,
    posts: *const qenex_accrual_post,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCRUAL_POST,
        first: posts.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Cuts statements; their numbers are in the results. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_statements_cut(
    session: *mut qenex_session,
    cuts: *const qenex_statement_cut,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::STATEMENT_CUT,
        first: cuts.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Enters codes into the charts of entities, or changes them. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_gl_codes_set(
    session: *mut qenex_session,
    codes: *const qenex_gl_code,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::GL_CODE,
        first: codes.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Gives accounts codes of the general ledger. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_gl_assignments_set(
    session: *mut qenex_session,
    assignments: *const qenex_gl_assignment,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::GL_ASSIGNMENT,
        first: assignments.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Imports transfers of the past, in import mode alone. Sent again they change nothing, so that an import that was
/// interrupted is resumed by sending it again. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_import(
    session: *mut qenex_session,
    imports: *const qenex_import_transfer,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::IMPORT_TRANSFER,
        first: imports.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Proves imported balances: opening plus movements equals closing. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_imports_prove(
    session: *mut qenex_session,
    proofs: *const qenex_import_proof,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::IMPORT_PROOF,
        first: proofs.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Says how long accounts' data is kept, and sets or lifts legal holds. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_retentions_set(
    session: *mut qenex_session,
    retentions: *const qenex_retention,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::RETENTION,
        first: retentions.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Begins import mode, in a file without transfers; key may be NULL. *out_result may be NULL. QENEX_SOME_REFUSED: the
/// result says why. Durable when it returns. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_import_start(
    session: *mut qenex_session,
    key: *const qenex_id,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    once(session, key, out_result, out_error, |key| {
        crate::ledger::command::Command::ImportBegin(crate::ledger::command::ImportBegin { key })
    })
}

/// Ends import mode for ever: every imported balance must be proved (QENEX_IMPORT_NOT_PROVED otherwise). A file that never
/// imported anything can be declared live too, and never imports then. key may be NULL. *out_result may be NULL; its
/// number is that of imported transfers. Durable when it returns. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_import_end(
    session: *mut qenex_session,
    key: *const qenex_id,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    once(session, key, out_result, out_error, |key| {
        crate::ledger::command::Command::GoLive(crate::ledger::command::GoLive { key })
    })
}

/// Exchanges an amount, such as "100.00", of from_currency for to_currency at a rate, such as "24.512" (units of
/// to_currency for one of from_currency), rounded half to even: the first account, named by number, is debited, the
/// second credited. id as in qenex_transfer_simple. One of the currencies must be the functional one. *out_result may be
/// NULL. Errors: QENEX_UNKNOWN_CURRENCY, QENEX_INVALID_AMOUNT_TEXT, QENEX_INVALID_ARGUMENT. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_exchange_simple(
    session: *mut qenex_session,
    id: *const qenex_id,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    amount: *const c_char,
    amount_len: usize,
    from_currency: *const c_char,
    from_currency_len: usize,
    to_currency: *const c_char,
    to_currency_len: usize,
    rate: *const c_char,
    rate_len: usize,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        set_if_wanted(out_result, qenex_result::default());
        let session = handle::get(session, "session")?;
        let id = match id.is_null() {
            true => session.session.engine().new_id(),
            false => value_at(id, "id")?.into(),
        };
        let outcome = session.session.exchange(
            id,
            (
                memory::text(from, from_len, "from")?,
                memory::text(to, to_len, "to")?,
            ),
            memory::text(amount, amount_len, "amount")?,
            (
                memory::text(from_currency, from_currency_len, "from_currency")?,
                memory::text(to_currency, to_currency_len, "to_currency")?,
            ),
            memory::text(rate, rate_len, "rate")?,
        )?;
        Ok(tell(&outcome, out_result))
    })
}

/// Splits *total in proportion to weights (count of them, 1 to 8192) by the largest remainder, into count amounts at
/// out_parts: they sum to *total, equal remainders go to the part that stands first, a weight of zero gets nothing, and a
/// negative total splits as the positive one. Errors: QENEX_INVALID_ARGUMENT, no weight is above zero. Any thread,
/// callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_allocate(
    total: *const qenex_amount,
    weights: *const u64,
    count: usize,
    out_parts: *mut qenex_amount,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        super::batch::check_count(count)?;
        let out = memory::OutArray::new(out_parts, count, false, "out_parts")?;
        let total = value_at(total, "total")?.minor();
        let size = count * size_of::<u64>();
        let bytes = memory::bytes(weights.cast(), size, size, "weights")?;
        let weights: Vec<u64> = bytes
            .chunks_exact(size_of::<u64>())
            .map(|weight| weight.try_into().map_or(0, u64::from_ne_bytes))
            .collect();
        let parts = crate::base::rounding::allocate(
            crate::base::amount::Amount::from_minor(total),
            &weights,
        )?;
        for (index, part) in parts.iter().enumerate() {
            out.set(index, part.minor().into());
        }
        Ok(Status::OK)
    })
}

fn once(
    session: *mut qenex_session,
    key: *const qenex_id,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
    command: impl FnOnce(crate::base::id::Id) -> crate::ledger::command::Command<'static>,
) -> qenex_status {
    guard::call(out_error, || {
        set_if_wanted(out_result, qenex_result::default());
        let session = handle::get(session, "session")?;
        let key = match key.is_null() {
            true => crate::base::id::Id::NONE,
            false => value_at(key, "key")?.into(),
        };
        let outcomes = session.session.run_linked(vec![command(key).into()])?;
        let outcome = outcomes
            .first()
            .ok_or_else(|| Error::new(Status::INTERNAL, "the batch came back without outcomes"))?;
        Ok(tell(outcome, out_result))
    })
}
