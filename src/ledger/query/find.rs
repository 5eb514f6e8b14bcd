//! Finding transfers by what they say (reference, transaction, code, account, dates, amount), accounts by their
//! place in a hierarchy, holds by account, and the trial balance. Pages are bounded and bound to a sequence number.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::base::error::Result;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{AccountKind, AccountRecord};
use crate::ledger::hold::Hold;
use crate::ledger::query::chain::Point;
use crate::ledger::query::column;
use crate::ledger::query::marks::Days;
use crate::ledger::query::transfer::{COLUMNS, StoredTransfer, read};
use crate::ledger::query::walk::{self, Span};

/// What a transfer must be like; every part that is set must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferFilter {
    /// Account number on either side; 0: any.
    pub account: u64,
    /// Reference, end-to-end or other; empty: any.
    pub reference: String,
    pub asset: u32,
    pub code: u32,
    pub booked_from: Option<Date>,
    pub booked_to: Option<Date>,
    pub value_from: Option<Date>,
    pub value_to: Option<Date>,
    /// Bounds of the amount, of narrow assets only.
    pub amount_from: Option<i64>,
    pub amount_to: Option<i64>,
    pub user_data_long: u64,
    pub user_data_short: u32,
    /// Sequence numbers above this (the cursor of the next page) and up to this (0: now).
    pub after: i64,
    pub up_to: i64,
    /// At most this many; 0 means 100, and 10,000 is the most.
    pub limit: usize,
}

/// A page of transfers, oldest first. It may have fewer than the limit, or none, and still have a next one: a call
/// looks at a bounded number of transfers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferPage {
    pub transfers: Vec<StoredTransfer>,
    /// The next page has the sequence numbers above this; `None`: this is the last one.
    pub next: Option<i64>,
}

/// The personal texts of an account as it was opened; without a salt there are none, or they were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedTexts {
    pub salt: Option<[u8; 16]>,
    pub name: String,
    pub owner: String,
}

/// The personal texts of the durable account that a change opened.
pub fn opened_texts(reader: &Connection, sequence: i64) -> Result<Option<OpenedTexts>> {
    let number = first_account_after(reader, sequence - 1)?;
    let mut select = reader
        .prepare_cached("SELECT salt, name, owner FROM account WHERE number = ? AND seq = ?")?;
    let found = select
        .query_row((number, sequence), |row| {
            Ok(OpenedTexts {
                salt: row.get(0)?,
                name: column::text(row, 1)?,
                owner: column::text(row, 2)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Most sequence numbers that a search in the order of posting passes over in one call.
const PASSED: i64 = 100_000;

impl TransferFilter {
    fn limit(&self) -> usize {
        match self.limit {
            0 => 100,
            limit => limit.min(10_000),
        }
    }

    fn days(&self) -> Days {
        Days::new(
            (self.booked_from, self.booked_to),
            (self.value_from, self.value_to),
        )
    }

    /// Whether a transfer is like this, its sequence number aside.
    fn lets_through(&self, stored: &StoredTransfer) -> bool {
        let row = &stored.row;
        let any_or = |wanted: u64, has: u64| wanted == 0 || wanted == has;
        let reference = self.reference.as_str();
        let days = self.days();
        (self.account == 0 || [row.debit, row.credit].contains(&self.account))
            && (reference.is_empty()
                || [&stored.reference, &stored.end_to_end_reference].contains(&&self.reference))
            && any_or(self.asset.into(), row.asset.into())
            && any_or(self.code.into(), row.code.into())
            && any_or(self.user_data_long, row.user_data.long)
            && any_or(self.user_data_short.into(), row.user_data.short.into())
            && (days.booking.0..=days.booking.1).contains(&row.booking_date.days())
            && (days.value.0..=days.value.1).contains(&row.value_date.days())
            && self
                .amount_from
                .is_none_or(|least| !row.wide && row.amount as i128 >= least.into())
            && self
                .amount_to
                .is_none_or(|most| !row.wide && row.amount as i128 <= most.into())
    }
}

/// Of the transfers with these sequence numbers, in order, those that a filter lets through.
pub fn among(
    reader: &Connection,
    filter: &TransferFilter,
    sequences: &[u64],
    up_to: i64,
) -> Result<TransferPage> {
    let mut page = TransferPage::default();
    let sequences = sequences
        .iter()
        .filter_map(|sequence| i64::try_from(*sequence).ok())
        .filter(|sequence| filter.after < *sequence && *sequence <= up_to);
    for (looked, sequence) in sequences.enumerate() {
        if page.transfers.len() == filter.limit() || looked == walk::STEPS {
            return Ok(page);
        }
        if let Some(stored) = super::transfer::by_sequence(reader, sequence)?
            && filter.lets_through(&stored)
        {
            page.transfers.push(stored);
        }
        page.next = Some(sequence);
    }
    page.next = None;
    Ok(page)
}

/// Of the postings on an account's balances, whose chains begin at `heads`, those that a filter lets through.
pub fn of_account(
    reader: &Connection,
    filter: &TransferFilter,
    heads: &[Point],
    up_to: i64,
) -> Result<TransferPage> {
    let mut page = TransferPage::default();
    let mut after = filter.after;
    let mut looked = 0;
    loop {
        // What one balance has beyond the place where another one's page ended comes with a later one.
        let mut end = i64::MAX;
        let mut sequences = Vec::new();
        for head in heads {
            let span = Span {
                after,
                up_to,
                days: filter.days(),
            };
            let read = walk::oldest_first(reader, *head, &span, filter.limit())?;
            end = end.min(read.rest.unwrap_or(i64::MAX));
            sequences.extend(read.postings.iter().map(|posting| posting.link.sequence));
        }
        sequences.sort_unstable();
        sequences.retain(|sequence| *sequence <= end);
        for sequence in sequences {
            if page.transfers.len() == filter.limit() {
                return Ok(page);
            }
            if let Some(stored) = super::transfer::by_sequence(reader, sequence)?
                && filter.lets_through(&stored)
            {
                page.transfers.push(stored);
            }
            looked += 1;
            page.next = Some(sequence);
        }
        page.next = (end != i64::MAX).then_some(end);
        // A window of the chain is read again where a page ends within it.
        looked += 256;
        if page.next.is_none() || page.transfers.len() == filter.limit() || looked >= walk::STEPS {
            return Ok(page);
        }
        after = end;
    }
}

/// The transfers that a filter lets through, looked for one by one in the order of posting.
pub fn in_order(reader: &Connection, filter: &TransferFilter, up_to: i64) -> Result<TransferPage> {
    let mut sql = format!("SELECT {COLUMNS} FROM transfer WHERE seq > ? AND seq <= ?");
    let end = up_to.min(filter.after.saturating_add(PASSED));
    let mut values = vec![Value::Integer(filter.after), Value::Integer(end)];
    let mut require = |condition: &str, value: Option<i64>| {
        if let Some(value) = value {
            sql.push_str(condition);
            values.push(Value::Integer(value));
        }
    };
    let some = |number: u64| (number != 0).then_some(number as i64);
    require(" AND asset = ?", some(u64::from(filter.asset)));
    require(" AND code = ?", some(u64::from(filter.code)));
    require(" AND user_data_long = ?", some(filter.user_data_long));
    sql.push_str(" ORDER BY seq");
    let mut page = TransferPage::default();
    let mut select = reader.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        if page.transfers.len() == filter.limit() {
            page.next = page.transfers.last().map(|last| last.row.sequence);
            return Ok(page);
        }
        let stored = read(row)?;
        if filter.lets_through(&stored) {
            page.transfers.push(stored);
        }
    }
    page.next = (end < up_to).then_some(end);
    Ok(page)
}

/// The transfers with these sequence numbers, for hits of the index of keys.
pub fn by_sequences(
    reader: &Connection,
    sequences: &[u64],
    up_to: i64,
) -> Result<Vec<StoredTransfer>> {
    let mut found = Vec::new();
    for sequence in sequences
        .iter()
        .map(|sequence| *sequence as i64)
        .filter(|sequence| *sequence <= up_to)
    {
        found.extend(super::transfer::by_sequence(reader, sequence)?);
    }
    Ok(found)
}

const ACCOUNT_COLUMNS: &str = "a.number, a.id, a.entity, a.kind, a.flags, a.asset, a.parent, a.name, a.gl_code, \
     a.branch, a.cost_centre, a.product, a.owner, a.salt, a.user_data_wide, a.user_data_long, a.user_data_short, a.seq, \
     a.opened_at, p.id";

fn read_account(row: &Row<'_>) -> rusqlite::Result<AccountRecord> {
    Ok(AccountRecord {
        number: row.get::<_, i64>(0)? as u64,
        id: column::id(row, 1)?,
        entity: row.get(2)?,
        kind: column::known(row, 3, AccountKind::from_number)?,
        flags: row.get(4)?,
        asset: row.get(5)?,
        parent_number: row.get::<_, Option<i64>>(6)?.unwrap_or(0) as u64,
        name: column::text(row, 7)?,
        gl_code: column::text(row, 8)?,
        branch: column::text(row, 9)?,
        cost_centre: column::text(row, 10)?,
        product: column::text(row, 11)?,
        owner: column::text(row, 12)?,
        salt: row.get(13)?,
        user_data: column::user_data(row, 14)?,
        sequence: row.get(17)?,
        opened_at: Timestamp::from_micros(row.get(18)?),
        parent: column::id(row, 19)?,
    })
}

/// The whole record of an account.
pub fn account(reader: &Connection, number: u64) -> Result<Option<AccountRecord>> {
    accounts(reader, "a.number = ?", &[Value::Integer(number as i64)], 1)
        .map(|mut found| found.pop())
}

/// The accounts right below a parent, in the order of opening, after an account number.
pub fn children(
    reader: &Connection,
    parent: u64,
    after: u64,
    limit: usize,
) -> Result<Vec<AccountRecord>> {
    let values = [Value::Integer(parent as i64), Value::Integer(after as i64)];
    accounts(reader, "a.parent = ? AND a.number > ?", &values, limit)
}

/// All accounts after an account number, in the order of opening.
pub fn all_accounts(reader: &Connection, after: u64, limit: usize) -> Result<Vec<AccountRecord>> {
    accounts(
        reader,
        "a.number > ?",
        &[Value::Integer(after as i64)],
        limit,
    )
}

fn accounts(
    reader: &Connection,
    condition: &str,
    values: &[Value],
    limit: usize,
) -> Result<Vec<AccountRecord>> {
    let sql = format!(
        "SELECT {ACCOUNT_COLUMNS} FROM account a LEFT JOIN account p ON p.number = a.parent WHERE {condition} \
         ORDER BY a.number LIMIT {}",
        limit.clamp(1, 10_000)
    );
    let mut select = reader.prepare_cached(&sql)?;
    let rows = select.query_map(params_from_iter(values), read_account)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The active holds on an account's debit side, oldest first, after a sequence number.
pub fn holds(reader: &Connection, account: u64, after: i64, limit: usize) -> Result<Vec<Hold>> {
    let mut select = reader.prepare_cached(
        "SELECT * FROM hold WHERE debit = ? AND state = 1 AND seq > ? ORDER BY seq LIMIT ?",
    )?;
    let rows = select.query_map(
        (account as i64, after, limit.clamp(1, 10_000) as i64),
        Hold::read,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The number of the first account that was opened after a sequence number: accounts are numbered in the order of
/// their opening, so that halving finds it without an index.
pub fn first_account_after(reader: &Connection, sequence: i64) -> Result<i64> {
    let mut high: i64 = reader.query_row(
        "SELECT coalesce(max(number), 0) + 1 FROM account",
        [],
        |row| row.get(0),
    )?;
    let mut low = 1;
    let mut select = reader.prepare_cached("SELECT seq FROM account WHERE number = ?")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let opened: i64 = select.query_row([middle], |row| row.get(0))?;
        if opened > sequence {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}
