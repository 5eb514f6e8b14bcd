//! Commands in bulk that set a bank up and keep it: entities, assets, accounts, dates, host records, time.

use super::commands::{Records, run};
use super::error::qenex_error;
use super::lifecycle::qenex_session;
use super::record::*;
use crate::base::constants::command;

/// Creates legal entities; their numbers are in the results. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_entities_create(
    session: *mut qenex_session,
    entities: *const qenex_entity,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ENTITY,
        first: entities.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Creates assets; their numbers are in the results. An asset has no key: creating it again with the same properties
/// succeeds. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_assets_create(
    session: *mut qenex_session,
    assets: *const qenex_asset,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ASSET,
        first: assets.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Opens accounts. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accounts_open(
    session: *mut qenex_session,
    accounts: *const qenex_account,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCOUNT,
        first: accounts.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Gives accounts external numbers, or ends them. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_numbers_set(
    session: *mut qenex_session,
    numbers: *const qenex_account_number,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCOUNT_NUMBER,
        first: numbers.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Sets or lifts debit and credit blocks of accounts. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_blocks_set(
    session: *mut qenex_session,
    blocks: *const qenex_account_block,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCOUNT_BLOCK,
        first: blocks.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Sets or lifts limits of accounts. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_limits_set(
    session: *mut qenex_session,
    limits: *const qenex_account_limit,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCOUNT_LIMIT,
        first: limits.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Closes accounts of which every balance and hold is zero. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accounts_close(
    session: *mut qenex_session,
    accounts: *const qenex_account_close,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::ACCOUNT_CLOSE,
        first: accounts.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Moves the business dates of entities forward. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_business_dates_roll(
    session: *mut qenex_session,
    dates: *const qenex_business_date,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::BUSINESS_DATE,
        first: dates.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Forbids booking dates up to and including a day. Otherwise as qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_periods_close(
    session: *mut qenex_session,
    periods: *const qenex_period_close,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::PERIOD_CLOSE,
        first: periods.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Writes or deletes records of the host's own; the new version is in the result's number. Otherwise as
/// qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_host_records_put(
    session: *mut qenex_session,
    host_records: *const qenex_host_record,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    out_results: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let records = Records {
        kind: command::HOST_RECORD,
        first: host_records.cast(),
        count,
        record_size,
        arena,
        arena_len,
    };
    run(session, &records, options, out_results, out_error)
}

/// Advances time to `to` without any other effect: holds expire, business dates that follow the clock move. In a
/// mixed batch the record qenex_time_advance does the same. out_result may be NULL. Otherwise as
/// qenex_transfers_create. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_time_advance_to(
    session: *mut qenex_session,
    to: qenex_time,
    options: *const qenex_execute_options,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    let record = qenex_time_advance {
        to,
        ..Default::default()
    };
    let records = Records {
        kind: command::TIME_ADVANCE,
        first: (&raw const record).cast(),
        count: 1,
        record_size: size_of::<qenex_time_advance>(),
        arena: std::ptr::null(),
        arena_len: 0,
    };
    run(session, &records, options, out_result, out_error)
}
