//! The closing balance of each day in a range, by value date or by booking date: what interest and fees are computed
//! from. A day counts whatever is dated up to it, as known at one sequence number, back-dated postings included.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::time::Date;
use crate::ledger::query::as_of::{self, DateKind};
use crate::ledger::query::chain::Point;
use crate::ledger::query::postings;

/// Posted debits and credits at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayBalance {
    pub date: Date,
    pub debits: u128,
    pub credits: u128,
}

/// The balance at the end of every day from `from` to `to`.
pub fn balances(
    reader: &Connection,
    point: Point,
    kind: DateKind,
    from: Date,
    to: Date,
) -> Result<Vec<DayBalance>> {
    let (first, last) = (from.days(), to.days());
    let mut total = as_of::date(
        reader,
        point,
        kind,
        Date::from_days(first.saturating_sub(1)),
    )?;
    let mut days: BTreeMap<i32, (u128, u128)> = BTreeMap::new();
    postings::in_days(reader, point, kind, (first, last), &mut |event| {
        let Some((booking, value)) = event.days else {
            return;
        };
        let day = match kind {
            DateKind::Booking => booking,
            DateKind::Value => value,
        };
        let moved = days.entry(day).or_default();
        if event.debit_side {
            moved.0 += event.posted;
        } else {
            moved.1 += event.posted;
        }
    })?;
    Ok((first..=last)
        .map(|day| {
            let (debits, credits) = days.get(&day).copied().unwrap_or_default();
            total.debits_posted += debits;
            total.credits_posted += credits;
            DayBalance {
                date: Date::from_days(day),
                debits: total.debits_posted,
                credits: total.credits_posted,
            }
        })
        .collect())
}
