//! The tables of the books: how each kind of row is written and read. Amounts that may need 128 bits are decimal text.

use rusqlite::{Connection, OptionalExtension, Row};

use super::BooksWrites;
use super::rows::*;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::AccountKind;
use crate::ledger::query::column;

/// The statements that create the tables.
pub const TABLES: &str = "
CREATE TABLE position(
  entity INTEGER NOT NULL, asset INTEGER NOT NULL, account INTEGER NOT NULL, rounding INTEGER, amount TEXT NOT NULL,
  carried TEXT NOT NULL, rate_coefficient TEXT, rate_scale INTEGER, rate_source TEXT, revalued INTEGER,
  PRIMARY KEY(entity, asset)
) WITHOUT ROWID;
CREATE TABLE position_day(
  entity INTEGER NOT NULL, asset INTEGER NOT NULL, day INTEGER NOT NULL, amount TEXT NOT NULL, carried TEXT NOT NULL,
  PRIMARY KEY(entity, asset, day)
) WITHOUT ROWID;
CREATE TABLE accrual(
  account INTEGER NOT NULL, name TEXT NOT NULL, asset INTEGER NOT NULL, value TEXT NOT NULL, posted TEXT NOT NULL,
  PRIMARY KEY(account, name)
) WITHOUT ROWID;
CREATE TABLE statement(
  account INTEGER NOT NULL, asset INTEGER NOT NULL, number INTEGER NOT NULL, key BLOB, seq INTEGER NOT NULL,
  time INTEGER NOT NULL, last_day INTEGER NOT NULL, by_value INTEGER NOT NULL, collapsed INTEGER NOT NULL,
  opening_debits TEXT NOT NULL, opening_credits TEXT NOT NULL, closing_debits TEXT NOT NULL, closing_credits TEXT NOT NULL,
  PRIMARY KEY(account, asset, number)
) WITHOUT ROWID;
CREATE TABLE gl_code(
  entity INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, control INTEGER NOT NULL,
  PRIMARY KEY(entity, code)
) WITHOUT ROWID;
CREATE TABLE gl_assignment(
  account INTEGER NOT NULL, first_day INTEGER NOT NULL, code TEXT NOT NULL, contrary_code TEXT NOT NULL,
  PRIMARY KEY(account, first_day)
) WITHOUT ROWID;
CREATE TABLE imported(seq INTEGER PRIMARY KEY, original_time INTEGER NOT NULL);
CREATE TABLE import_balance(
  account INTEGER NOT NULL, asset INTEGER NOT NULL, opening_debits TEXT NOT NULL, opening_credits TEXT NOT NULL,
  proved INTEGER NOT NULL, PRIMARY KEY(account, asset)
) WITHOUT ROWID;
CREATE TABLE import_state(one INTEGER PRIMARY KEY, live INTEGER NOT NULL, transfers INTEGER NOT NULL, unproved INTEGER NOT NULL);
CREATE TABLE retention(
  account INTEGER PRIMARY KEY, class TEXT NOT NULL, until INTEGER, legal_hold INTEGER NOT NULL, reason TEXT NOT NULL,
  authority TEXT NOT NULL, seq INTEGER NOT NULL
);
CREATE TABLE command_result(seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, amount TEXT NOT NULL);
";

/// The rows of all tables in a fixed order: what a digest of the state covers.
pub const STATE: &[&str] = &[
    "SELECT * FROM position ORDER BY entity, asset",
    "SELECT * FROM position_day ORDER BY entity, asset, day",
    "SELECT * FROM accrual ORDER BY account, name",
    "SELECT * FROM statement ORDER BY account, asset, number",
    "SELECT * FROM gl_code ORDER BY entity, code",
    "SELECT * FROM gl_assignment ORDER BY account, first_day",
    "SELECT * FROM imported ORDER BY seq",
    "SELECT * FROM import_balance ORDER BY account, asset",
    "SELECT * FROM import_state",
    "SELECT * FROM retention ORDER BY account",
    "SELECT * FROM command_result ORDER BY seq",
];

impl BooksWrites {
    /// Writes every row, within the caller's transaction.
    pub fn apply(&self, connection: &Connection) -> rusqlite::Result<()> {
        for ((entity, asset), row) in &self.positions {
            connection
                .prepare_cached("INSERT OR REPLACE INTO position VALUES(?,?,?,?,?,?,?,?,?,?)")?
                .execute((
                    entity,
                    asset,
                    row.account as i64,
                    (row.rounding != 0).then_some(row.rounding as i64),
                    row.amount.to_string(),
                    row.carried.to_string(),
                    row.rate.map(|(coefficient, _)| coefficient.to_string()),
                    row.rate.map(|(_, scale)| scale),
                    (!row.rate_source.is_empty()).then_some(&row.rate_source),
                    row.revalued.map(Date::days),
                ))?;
        }
        for ((entity, asset, day), row) in &self.position_days {
            connection
                .prepare_cached("INSERT OR REPLACE INTO position_day VALUES(?,?,?,?,?)")?
                .execute((
                    entity,
                    asset,
                    day,
                    row.amount.to_string(),
                    row.carried.to_string(),
                ))?;
        }
        for ((account, name), row) in &self.accruals {
            connection
                .prepare_cached("INSERT OR REPLACE INTO accrual VALUES(?,?,?,?,?)")?
                .execute((
                    *account as i64,
                    name,
                    row.asset,
                    row.value.to_string(),
                    row.posted.to_string(),
                ))?;
        }
        for ((account, asset, number), row) in &self.statements {
            let key = (!row.key.is_none()).then_some(&row.key.0[..]);
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO statement VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                )?
                .execute((
                    *account as i64,
                    asset,
                    number,
                    key,
                    row.sequence,
                    row.time.micros(),
                    row.to.days(),
                    row.by_value,
                    row.collapsed,
                    row.opening.0.to_string(),
                    row.opening.1.to_string(),
                    row.closing.0.to_string(),
                    row.closing.1.to_string(),
                ))?;
        }
        for ((entity, code), row) in &self.gl_codes {
            connection
                .prepare_cached("INSERT OR REPLACE INTO gl_code VALUES(?,?,?,?,?)")?
                .execute((entity, code, &row.name, row.kind.number(), row.control))?;
        }
        for ((account, day), row) in &self.gl_assignments {
            connection
                .prepare_cached("INSERT OR REPLACE INTO gl_assignment VALUES(?,?,?,?)")?
                .execute((*account as i64, day, &row.code, &row.contrary_code))?;
        }
        for (sequence, time) in &self.imported {
            connection
                .prepare_cached("INSERT INTO imported VALUES(?,?)")?
                .execute((sequence, time))?;
        }
        for ((account, asset), row) in &self.import_balances {
            connection
                .prepare_cached("INSERT OR REPLACE INTO import_balance VALUES(?,?,?,?,?)")?
                .execute((
                    *account as i64,
                    asset,
                    row.opening_debits.to_string(),
                    row.opening_credits.to_string(),
                    row.proved,
                ))?;
        }
        for (one, row) in &self.import_state {
            connection
                .prepare_cached("INSERT OR REPLACE INTO import_state VALUES(?,?,?,?)")?
                .execute((one, row.live, row.transfers as i64, row.unproved as i64))?;
        }
        for (account, row) in &self.retentions {
            connection
                .prepare_cached("INSERT OR REPLACE INTO retention VALUES(?,?,?,?,?,?,?)")?
                .execute((
                    *account as i64,
                    &row.class,
                    row.until.map(Date::days),
                    row.legal_hold,
                    &row.reason,
                    &row.authority,
                    row.sequence,
                ))?;
        }
        for (sequence, row) in &self.results {
            connection
                .prepare_cached("INSERT INTO command_result VALUES(?,?,?)")?
                .execute((sequence, row.number as i64, row.amount.to_string()))?;
        }
        Ok(())
    }
}

/// A row that can be read back, from a query that gives its columns in the table's order.
pub trait Stored: Sized {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;
}

/// The row of a query, if there is one.
pub fn load<T: Stored>(
    reader: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<T>> {
    let mut select = reader.prepare_cached(sql)?;
    Ok(select.query_row(values, |row| T::read(row)).optional()?)
}

/// All rows of a query.
pub fn load_list<T: Stored>(
    reader: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<T>> {
    let mut select = reader.prepare_cached(sql)?;
    let rows = select.query_map(values, |row| T::read(row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<i128> {
    Ok(column::text_number(row, column)?.unwrap_or(0))
}

/// A turnover; it was written as text of a number that is not negative.
fn turnover(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    Ok(number(row, column)?.unsigned_abs())
}

fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Date>> {
    Ok(row.get::<_, Option<i32>>(column)?.map(Date::from_days))
}

/// The key of a position comes before it.
impl Stored for ((u32, u32), Position) {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let rate = match (column::text_number(row, 6)?, row.get::<_, Option<u8>>(7)?) {
            (Some(coefficient), Some(scale)) => Some((coefficient, scale)),
            _ => None,
        };
        let position = Position {
            account: row.get::<_, i64>(2)? as u64,
            rounding: row.get::<_, Option<i64>>(3)?.unwrap_or(0) as u64,
            amount: number(row, 4)?,
            carried: number(row, 5)?,
            rate,
            rate_source: column::text(row, 8)?,
            revalued: day(row, 9)?,
        };
        Ok(((row.get(0)?, row.get(1)?), position))
    }
}

impl Stored for (i32, PositionDay) {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let moved = PositionDay {
            amount: number(row, 3)?,
            carried: number(row, 4)?,
        };
        Ok((row.get(2)?, moved))
    }
}

impl Stored for (String, Accrual) {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let accrual = Accrual {
            asset: row.get(2)?,
            value: number(row, 3)?,
            posted: number(row, 4)?,
        };
        Ok((column::text(row, 1)?, accrual))
    }
}

impl Stored for StatementRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(StatementRow {
            number: row.get(2)?,
            key: row.get::<_, Option<[u8; 16]>>(3)?.map_or(Id::NONE, Id),
            sequence: row.get(4)?,
            time: Timestamp::from_micros(row.get(5)?),
            to: Date::from_days(row.get(6)?),
            by_value: row.get(7)?,
            collapsed: row.get(8)?,
            opening: (turnover(row, 9)?, turnover(row, 10)?),
            closing: (turnover(row, 11)?, turnover(row, 12)?),
        })
    }
}

impl Stored for (String, GlCodeRow) {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let code = GlCodeRow {
            name: column::text(row, 2)?,
            kind: column::known(row, 3, AccountKind::from_number)?,
            control: row.get(4)?,
        };
        Ok((column::text(row, 1)?, code))
    }
}

/// Account and first day come before it.
impl Stored for ((u64, i32), GlAssignmentRow) {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let assignment = GlAssignmentRow {
            code: column::text(row, 2)?,
            contrary_code: column::text(row, 3)?,
        };
        Ok(((row.get::<_, i64>(0)? as u64, row.get(1)?), assignment))
    }
}

impl Stored for ImportBalance {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(ImportBalance {
            opening_debits: turnover(row, 2)?,
            opening_credits: turnover(row, 3)?,
            proved: row.get(4)?,
        })
    }
}

impl Stored for ImportState {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(ImportState {
            live: row.get(1)?,
            transfers: row.get::<_, i64>(2)? as u64,
            unproved: row.get::<_, i64>(3)? as u64,
        })
    }
}

impl Stored for Retention {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Retention {
            class: column::text(row, 1)?,
            until: day(row, 2)?,
            legal_hold: row.get(3)?,
            reason: column::text(row, 4)?,
            authority: column::text(row, 5)?,
            sequence: row.get(6)?,
        })
    }
}

impl Stored for KeptResult {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(KeptResult {
            number: row.get::<_, i64>(1)? as u64,
            amount: number(row, 2)?,
        })
    }
}

impl Stored for i64 {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get(0)
    }
}
