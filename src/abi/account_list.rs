//! What belongs to an account: its external numbers and limits.

use std::ptr::null_mut;

use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::Out;
use super::query::{Keys, page_limit, sequence_number};
use super::record::*;
use crate::base::time::Timestamp;

/// Gives the external numbers of an account, in force and ended, in the order in which they were given, as
/// qenex_account_number_record records in *out_buffer. after: the sequence of the last one of the page before, 0 for
/// the first page. limit: 1 to 10000; 0: 100. The key's text lies in the arena. Error: QENEX_NOT_FOUND. Any thread.
/// Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_numbers_list(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let (after, limit) = (sequence_number(after, "after")?, page_limit(limit)?);
        let rows = keys.with_account(&session.session, 0, |account| {
            session.session.account_numbers(account, after, limit)
        })?;
        let mut buffer = BufferBuilder::new(rows.len())?;
        for row in &rows {
            let record = qenex_account_number_record {
                sequence: row.sequence.unsigned_abs(),
                valid_from: row.valid_from.micros(),
                valid_to: row.valid_to.map_or(0, Timestamp::micros),
                number_type: buffer.text(&row.number_type)?,
                number: buffer.text(&row.number)?,
                account: row.account,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives the limits of an account, by asset and kind, as qenex_account_limit_record records in *out_buffer; those
/// that expired stay until they are set anew or lifted, and have no effect. The key's text lies in the arena. Error:
/// QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_limits_list(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let (number, limits) = keys.with_account(&session.session, 0, |account| {
            let number = session.session.account(account)?.number;
            Ok((number, session.session.account_limits(account)?))
        })?;
        let mut buffer = BufferBuilder::new(limits.len())?;
        for limit in &limits {
            buffer.record(qenex_account_limit_record {
                amount: limit.amount.into(),
                expires_at: limit.expires_at.map_or(0, Timestamp::micros),
                account: number,
                asset: limit.asset,
                kind: u32::from(limit.kind.number()),
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}
