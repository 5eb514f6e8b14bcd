//! The integrity check of sealed balances: each must be what was booked up to its day and known when it was sealed,
//! found from the truth rows another way than the end of the day found it.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::time::Date;
use crate::ledger::balance::Balance;
use crate::ledger::query::as_of::{self, DateKind};
use crate::ledger::query::chain::{Point, link};
use crate::ledger::query::column;

/// Adds what is wrong with the sealed days of a balance to `problems`.
pub(super) fn check(
    reader: &Connection,
    balance: &Balance,
    problems: &mut Vec<String>,
) -> Result<()> {
    let mut select = reader.prepare_cached(
        "SELECT day, seq, debits, credits FROM daily_balance WHERE account = ? AND asset = ? ORDER BY day",
    )?;
    let mut rows = select.query((balance.account as i64, balance.asset))?;
    while let Some(row) = rows.next()? {
        let day = Date::from_days(row.get(0)?);
        let sequence: i64 = row.get(1)?;
        let sealed = (column::amount(row, 2)?, column::amount(row, 3)?);
        let mut point = Point {
            account: balance.account,
            asset: balance.asset,
            sequence: balance.head,
            turnovers: balance.turnovers(),
        };
        point.jump_towards(reader, sequence)?;
        while point.sequence > sequence {
            let event = link(reader, point.sequence, point.account)?;
            point.step_back(&event);
        }
        let known = as_of::date(reader, point, DateKind::Booking, day)?;
        if sealed != (known.debits_posted, known.credits_posted) {
            problems.push(format!(
                "account number {} in asset {}: sealed for {} were {sealed:?}, the transfers sum to {:?}",
                balance.account,
                balance.asset,
                day.format(),
                (known.debits_posted, known.credits_posted)
            ));
        }
    }
    Ok(())
}
