//! The trial balance, now and at another time.

use std::ptr::null_mut;

use super::balance::when;
use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::Out;
use super::query::minor;
use super::record::*;
use crate::base::error::Result;
use crate::base::status::Status;
use crate::engine::trial::TrialLine;

/// Gives the debits and credits of every asset in every legal entity (entity 0: all) as qenex_trial_line records in
/// *out_buffer: the sums over all balances, as of one moment. Commits wait meanwhile. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_trial_balance(
    session: *mut qenex_session,
    entity: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        give_lines(&session.session.trial_balance(entity)?, &out)
    })
}

/// As qenex_trial_balance, at another time: as of a booking or value date, as known after a sequence number or at an
/// earlier system time, or both. Counts the balances that had been moved or held by then. Looks at every balance, but
/// commits go on meanwhile and do not change the answer. as_of may be NULL: as known now. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_trial_balance_as_of(
    session: *mut qenex_session,
    entity: u32,
    as_of: *const qenex_as_of_options,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let when = when(&session.session, as_of)?;
        let (lines, _) = session.session.trial_balance_as_of(entity, when)?;
        give_lines(&lines, &out)
    })
}

fn give_lines(lines: &[TrialLine], out: &Out<*mut qenex_buffer>) -> Result<Status> {
    let mut buffer = BufferBuilder::new(lines.len())?;
    for line in lines {
        buffer.record(qenex_trial_line {
            debits: minor(line.debits)?,
            credits: minor(line.credits)?,
            accounts: line.accounts,
            entity: line.entity,
            asset: line.asset,
            reserved: [0; 4],
        })?;
    }
    give(buffer, out)
}
