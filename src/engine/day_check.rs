//! The integrity check of sealed balances: each must be what was booked up to its day and known when it was sealed,
//! found from the truth rows another way than the end of the day found it: by one walk along the whole chain of the
//! balance, back from now, whatever the number of its sealed days.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::time::Date;
use crate::ledger::balance::Balance;
use crate::ledger::query::chain::{Point, link};
use crate::ledger::query::column;

/// Debits and credits.
type Sides = (u128, u128);

/// A sealed day whose sum is being made.
struct Day {
    sealed: Sides,
    /// Everything that was known when the day was sealed.
    known: Sides,
    /// What of that is booked on later days.
    later: Sides,
}

/// Adds what is wrong with the sealed days of a balance to `problems`.
pub(super) fn check(
    reader: &Connection,
    balance: &Balance,
    problems: &mut Vec<String>,
) -> Result<()> {
    let mut select = reader.prepare_cached(
        "SELECT day, seq, debits, credits FROM daily_balance WHERE account = ? AND asset = ? ORDER BY seq DESC, day DESC",
    )?;
    let mut rows = select.query((balance.account as i64, balance.asset))?;
    let mut point = Point {
        account: balance.account,
        asset: balance.asset,
        sequence: balance.head,
        turnovers: balance.turnovers(),
    };
    let mut days: BTreeMap<i32, Day> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let sealed_at: i64 = row.get(1)?;
        while point.sequence > sealed_at {
            step_back(reader, &mut point, &mut days)?;
        }
        let day = Day {
            sealed: (column::amount(row, 2)?, column::amount(row, 3)?),
            known: (
                point.turnovers.debits_posted,
                point.turnovers.credits_posted,
            ),
            later: (0, 0),
        };
        days.insert(row.get(0)?, day);
    }
    if days.is_empty() {
        return Ok(());
    }
    while point.sequence > 0 {
        step_back(reader, &mut point, &mut days)?;
    }
    for (day, sums) in days {
        let booked = (
            sums.known.0.wrapping_sub(sums.later.0),
            sums.known.1.wrapping_sub(sums.later.1),
        );
        if sums.sealed != booked {
            problems.push(format!(
                "account number {} in asset {}: sealed for {} were {:?}, the transfers sum to {booked:?}",
                balance.account,
                balance.asset,
                Date::from_days(day).format(),
                sums.sealed
            ));
        }
    }
    Ok(())
}

/// Goes back by one event, and counts it for the days before that on which it is booked.
fn step_back(reader: &Connection, point: &mut Point, days: &mut BTreeMap<i32, Day>) -> Result<()> {
    let event = link(reader, point.sequence, point.account)?;
    if let Some((booked, _)) = event.days {
        for (_, day) in days.range_mut(..booked) {
            let later = if event.debit_side {
                &mut day.later.0
            } else {
                &mut day.later.1
            };
            *later = later.wrapping_add(event.posted);
        }
    }
    point.step_back(&event);
    Ok(())
}
