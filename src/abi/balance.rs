//! Questions about balances: now, as of another time, over a hierarchy.

use super::batch::check_count;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, Out, OutArray};
use super::query::{Keys, found, sequence_number};
use super::record::*;
use super::text::checked_date;
use crate::base::constants::account;
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::engine::Session;
use crate::engine::query::{AsOf, BalanceAnswer};
use crate::ledger::command::AccountRef;
use crate::ledger::query::as_of::DateKind;

/// Answers count balances (1 to QENEX_BATCH_MAX), one per key in the same order, into out_balances. as_of may be
/// NULL: now. QENEX_SOME_REFUSED: an account or asset is unknown, see the statuses. A balance now is answered from
/// memory; as of another time, from what is kept of the account's postings: as of a booking or value date, as known
/// after a sequence number or at an earlier system time, or both ("as of that day, as known then"). Nothing is
/// pending as of a date. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_balances_get(
    session: *mut qenex_session,
    keys: *const qenex_account_key,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    as_of: *const qenex_as_of_options,
    out_balances: *mut qenex_balance,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        check_count(count)?;
        let balances = OutArray::new(out_balances, count, false, "out_balances")?;
        let answered = (|| {
            let session = handle::get(session, "session")?;
            let keys = Keys::new(keys, count, record_size, arena, arena_len)?;
            let when = when(&session.session, as_of)?;
            let mut status = Status::OK;
            for index in 0..count {
                let key = keys.key(index);
                let answer = keys.with_account(&session.session, index, |account| match when {
                    AsOf::Now => session.session.balance(account, key.asset),
                    when => session.session.balance_as_of(account, key.asset, when),
                });
                balances.set(
                    index,
                    match found(answer, index)? {
                        Some(answer) => balance_record(&answer),
                        None => {
                            status = Status::SOME_REFUSED;
                            let unknown = if session.session.asset(key.asset).is_ok() {
                                Status::ACCOUNT_UNKNOWN
                            } else {
                                Status::ASSET_UNKNOWN
                            };
                            qenex_balance {
                                status: unknown.code(),
                                ..Default::default()
                            }
                        }
                    },
                );
            }
            Ok(status)
        })();
        if answered.is_err() {
            balances.clear();
        }
        answered
    })
}

/// Answers the sum of the balances of an account and of every account below it, in *out_balance. The key's text lies
/// in the arena. Error: QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_balance_hierarchy(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    out_balance: *mut qenex_balance,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_balance, qenex_balance::default(), "out_balance")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let asset = keys.key(0).asset;
        let hierarchy =
            |account: &AccountRef<'_>| session.session.hierarchy_balance(account, asset);
        out.set(balance_record(&keys.with_account(
            &session.session,
            0,
            hierarchy,
        )?));
        Ok(Status::OK)
    })
}

/// As of when the host asks.
pub(super) fn when(session: &Session, options: *const qenex_as_of_options) -> Result<AsOf> {
    let Some(given) = memory::options(options)? else {
        return Ok(AsOf::Now);
    };
    let both = |names: &str| {
        let message = format!("{names} are both given: give one");
        Err(Error::new(Status::INVALID_ARGUMENT, message))
    };
    let known = match (sequence_number(given.sequence, "sequence")?, given.known_at) {
        (0, 0) => None,
        (sequence, 0) => Some(sequence),
        (0, time) => Some(session.sequence_at(Timestamp::checked(time)?)?),
        _ => return both("sequence and known_at"),
    };
    let day = match (given.booking_date, given.value_date) {
        (0, 0) => None,
        (date, 0) => Some((DateKind::Booking, checked_date(date)?)),
        (0, date) => Some((DateKind::Value, checked_date(date)?)),
        _ => return both("booking_date and value_date"),
    };
    Ok(AsOf::new(known, day))
}

pub(super) fn balance_record(answer: &BalanceAnswer) -> qenex_balance {
    let turnovers = &answer.turnovers;
    let posted = turnovers.posted();
    // Turnovers stay below 2^127, so neither their differences nor a change of sign can overflow; what is available
    // can only where a sum over a hierarchy is absurd, and stops at the end of the range there.
    let (balance, lowering) = match answer.normal_debit {
        true => (posted, turnovers.credits_pending),
        false => (posted.saturating_neg(), turnovers.debits_pending),
    };
    qenex_balance {
        turnovers: turnovers.into(),
        balance: balance.into(),
        available: balance.saturating_sub_unsigned(lowering).into(),
        account: answer.account,
        sequence: answer.sequence.unsigned_abs(),
        asset: answer.asset,
        status: Status::OK.code(),
        flags: if answer.normal_debit {
            account::NORMAL_DEBIT
        } else {
            0
        },
        padding: 0,
        reserved: [0; 4],
    }
}
