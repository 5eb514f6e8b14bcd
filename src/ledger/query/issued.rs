//! The lines of a statement that was cut: found again from what the cut fixed, so that they are the same whenever it is
//! reissued. A posting belongs to the first statement whose cut is not before it and whose last day is not before its
//! date.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::books::rows::StatementRow;
use crate::ledger::books::{load, load_list};
use crate::ledger::query::as_of::DateKind;
use crate::ledger::query::chain::{Link, Point};
use crate::ledger::query::postings;
use crate::ledger::query::transfer::{StoredTransfer, by_sequence};

/// A line: a posting, or the postings of one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct IssuedLine {
    /// The posting, or the transaction's first.
    pub transfer: StoredTransfer,
    /// The date that decides, of the first posting.
    pub date: Date,
    pub legs: u32,
    pub debits: u128,
    pub credits: u128,
    /// Debits and credits of all statements up to this line.
    pub after: (u128, u128),
}

/// A statement and a part of its lines.
#[derive(Clone, Debug, PartialEq)]
pub struct IssuedStatement {
    pub row: StatementRow,
    pub lines: Vec<IssuedLine>,
    /// How many lines it has in all.
    pub count: usize,
}

/// The statements of an account in an asset after a number, in order.
pub fn list(
    reader: &Connection,
    account: u64,
    asset: u32,
    after: u32,
    limit: usize,
) -> Result<Vec<StatementRow>> {
    load_list(
        reader,
        "SELECT * FROM statement WHERE account = ? AND asset = ? AND number > ? ORDER BY number LIMIT ?",
        (account as i64, asset, after, limit as i64),
    )
}

/// The statement with a number, its lines from `skip` on; `point` is the balance at the cut or later.
pub fn read(
    reader: &Connection,
    mut point: Point,
    number: u32,
    skip: usize,
    limit: usize,
) -> Result<Option<IssuedStatement>> {
    let by_number = |number: u32| -> Result<Option<StatementRow>> {
        load(
            reader,
            "SELECT * FROM statement WHERE account = ? AND asset = ? AND number = ?",
            (point.account as i64, point.asset, number),
        )
    };
    let Some(row) = by_number(number)? else {
        return Ok(None);
    };
    let before = match number {
        0 | 1 => None,
        _ => by_number(number - 1)?,
    };
    let kind = if row.by_value {
        DateKind::Value
    } else {
        DateKind::Booking
    };
    postings::rewind(reader, &mut point, row.sequence)?;
    let mut found: Vec<(i32, Link)> = Vec::new();
    let (cut, last_day) = before
        .as_ref()
        .map_or((0, i32::MIN), |before| (before.sequence, before.to.days()));
    let mut take = |event: &Link| {
        let day = event.days.map_or(0, |(booking, value)| match kind {
            DateKind::Booking => booking,
            DateKind::Value => value,
        });
        found.push((day, *event));
    };
    // What came after the last cut, whatever its day; and what was known then but lay after its last day.
    let mut recent = point;
    let all = (i32::MIN, row.to.days());
    postings::since(reader, &mut recent, kind, all, cut, &mut take)?;
    if cut != 0 && last_day < row.to.days() {
        postings::rewind(reader, &mut point, cut)?;
        let days = (last_day + 1, row.to.days());
        postings::in_days(reader, point, kind, days, &mut take)?;
    }
    found.sort_unstable_by_key(|(day, event)| (*day, event.sequence));
    let groups = group(reader, &found, row.collapsed)?;
    let count = groups.len();
    let mut after = row.opening;
    let mut lines = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let (mut debits, mut credits) = (0u128, 0u128);
        for (_, event) in group {
            if event.debit_side {
                debits += event.posted;
            } else {
                credits += event.posted;
            }
        }
        after = (after.0 + debits, after.1 + credits);
        if index < skip || index - skip >= limit {
            continue;
        }
        let Some((day, first)) = group.first() else {
            continue;
        };
        lines.push(IssuedLine {
            transfer: by_sequence(reader, first.sequence)?
                .ok_or_else(|| missing(first.sequence))?,
            date: Date::from_days(*day),
            legs: group.len() as u32,
            debits,
            credits,
            after,
        });
    }
    if after != row.closing {
        return Err(Error::new(
            Status::CORRUPT,
            format!(
                "the lines of statement {number} of account number {} do not lead to its closing balance: \
                 run the integrity check, restore a backup",
                point.account
            ),
        ));
    }
    Ok(Some(IssuedStatement { row, lines, count }))
}

type Group = Vec<(i32, Link)>;

/// The postings as lines: each apart, or those of a transaction together where its first one stands.
fn group(reader: &Connection, found: &[(i32, Link)], collapsed: bool) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<[u8; 16], usize> = BTreeMap::new();
    let mut select = reader.prepare_cached("SELECT transaction_id FROM transfer WHERE seq = ?")?;
    for posting in found {
        let transaction = if collapsed {
            select.query_row([posting.1.sequence], |row| {
                row.get::<_, Option<[u8; 16]>>(0)
            })?
        } else {
            None
        };
        let place = transaction.and_then(|transaction| places.get(&transaction).copied());
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.push(*posting),
            None => {
                if let Some(transaction) = transaction
                    && Id(transaction) != Id::NONE
                {
                    places.insert(transaction, groups.len());
                }
                groups.push(vec![*posting]);
            }
        }
    }
    Ok(groups)
}

fn missing(sequence: i64) -> Error {
    Error::new(
        Status::CORRUPT,
        format!("transfer {sequence} is missing: run the integrity check, restore a backup"),
    )
}
