//! Reading the ledger's rows from disk, each kind in one place. The connection sees a durable commit; callers ask
//! only for what no batch in flight has changed.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{Limit, LimitKind};
use crate::ledger::accounts::{Account, NO_BALANCE};
use crate::ledger::asset::{Asset, AssetKind};
use crate::ledger::balance::Balance;
use crate::ledger::entity::Entity;
use crate::ledger::hold::Hold;
use crate::ledger::query::column;
use crate::ledger::schema;
use crate::ledger::write::NumberRow;

/// How many balances the file has; their numbers are dense.
pub fn balance_count(reader: &Connection) -> Result<u64> {
    let count: i64 = reader.query_row("SELECT balances FROM commit_state", [], |row| row.get(0))?;
    Ok(count as u64)
}

/// What a transfer needs of the account with this number.
pub fn account(reader: &Connection, number: u64) -> Result<Option<Account>> {
    // One row and no more: an account that is not in memory costs each transfer this read.
    let mut select = reader.prepare_cached(
        "SELECT id, entity, flags, asset, first_asset, first_balance FROM account WHERE number = ?",
    )?;
    let found = select
        .query_row([number as i64], |row| {
            let first: Option<i64> = row.get(5)?;
            Ok(Account {
                id: column::id(row, 0)?,
                number,
                entity: row.get(1)?,
                flags: row.get(2)?,
                asset: row.get(3)?,
                first_asset: row.get::<_, Option<u32>>(4)?.unwrap_or(0),
                first_balance: first.map_or(NO_BALANCE, |number| number as u64),
            })
        })
        .optional()?;
    Ok(found)
}

/// The number of an account's balance in an asset.
pub fn account_balance(reader: &Connection, account: u64, asset: u32) -> Result<Option<u64>> {
    let mut select = reader
        .prepare_cached("SELECT number FROM account_balance WHERE account = ? AND asset = ?")?;
    let number = select
        .query_row((account as i64, asset), |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(number.map(|number| number as u64))
}

/// The assets that an account has balances in, with the balances' numbers.
pub fn account_balances(reader: &Connection, account: u64) -> Result<Vec<(u32, u64)>> {
    let mut select = reader.prepare_cached(
        "SELECT asset, number FROM account_balance WHERE account = ? ORDER BY asset",
    )?;
    let rows = select.query_map([account as i64], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The first balance of the accounts from a number on.
pub fn first_balance_of(reader: &Connection, account: i64) -> Result<Option<u64>> {
    let first: Option<i64> = reader.query_row(
        "SELECT min(number) FROM account_balance WHERE account >= ?",
        [account],
        |row| row.get(0),
    )?;
    Ok(first.map(|number| number as u64))
}

/// A page of balances.
pub fn page(reader: &Connection, page: u64) -> Result<Option<Vec<Balance>>> {
    let mut select = reader.prepare_cached("SELECT balances FROM balance_page WHERE page = ?")?;
    let mut rows = select.query([page as i64])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    match schema::read_page(text) {
        Some(balances) => Ok(Some(balances)),
        None => Err(Error::new(
            Status::CORRUPT,
            format!(
                "balance page {page} is not as libqenex writes it: close the file and rebuild its caches"
            ),
        )),
    }
}

/// The sequence number up to which a page on disk holds; 0: there is no such page.
pub fn page_sequence(reader: &Connection, page: u64) -> Result<i64> {
    let mut select = reader.prepare_cached("SELECT seq FROM balance_page WHERE page = ?")?;
    Ok(select
        .query_row([page as i64], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// All entities.
pub fn entities(reader: &Connection) -> Result<Vec<Entity>> {
    let mut select = reader.prepare(
        "SELECT number, id, name, functional_currency, time_zone, business_date, follows_clock, closed_through, \
         calendar, dormant_after, sealed_through, sealing, year_end FROM entity ORDER BY number",
    )?;
    let rows = select.query_map([], |row| {
        Ok(Entity {
            number: row.get(0)?,
            id: column::id(row, 1)?,
            name: column::text(row, 2)?,
            functional_currency: row.get(3)?,
            time_zone: column::text(row, 4)?,
            business_date: Date::from_days(row.get(5)?),
            follows_clock: row.get(6)?,
            closed_through: row.get::<_, Option<i32>>(7)?.map(Date::from_days),
            calendar: row.get(8)?,
            dormant_after: row.get(9)?,
            sealed_through: row.get::<_, Option<i32>>(10)?.map(Date::from_days),
            sealing: row.get::<_, Option<i32>>(11)?.map(Date::from_days),
            year_end: row.get(12)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All assets.
pub fn assets(reader: &Connection) -> Result<Vec<Asset>> {
    let mut select =
        reader.prepare("SELECT number, code, scale, kind, wide FROM asset ORDER BY number")?;
    let rows = select.query_map([], |row| {
        Ok(Asset {
            number: row.get(0)?,
            code: row.get(1)?,
            scale: row.get(2)?,
            kind: column::known(row, 3, AssetKind::from_number)?,
            wide: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The limits of an account.
pub fn limits(reader: &Connection, account: u64) -> Result<Vec<Limit>> {
    let mut select = reader.prepare_cached(
        "SELECT asset, kind, amount, expires_at FROM account_limit WHERE account = ? ORDER BY asset, kind",
    )?;
    let rows = select.query_map([account as i64], |row| {
        Ok(Limit {
            asset: row.get(0)?,
            kind: column::known(row, 1, LimitKind::from_number)?,
            amount: column::text_number(row, 2)?.unwrap_or(0),
            expires_at: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_micros),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A hold by the sequence number that placed it.
pub fn hold(reader: &Connection, sequence: i64) -> Result<Option<Hold>> {
    let mut select = reader.prepare_cached("SELECT * FROM hold WHERE seq = ?")?;
    Ok(select.query_row([sequence], Hold::read).optional()?)
}

/// The first active holds that expire after a time and sequence number: time and sequence number.
pub fn expiries(
    reader: &Connection,
    after: (Timestamp, i64),
    limit: usize,
) -> Result<Vec<(Timestamp, i64)>> {
    let mut select = reader.prepare_cached(
        "SELECT expires_at, seq FROM hold WHERE state = 1 AND expires_at IS NOT NULL AND (expires_at, seq) > (?, ?) \
         ORDER BY expires_at, seq LIMIT ?",
    )?;
    let rows = select.query_map((after.0.micros(), after.1, limit as i64), |row| {
        Ok((Timestamp::from_micros(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_number(row: &Row<'_>) -> rusqlite::Result<NumberRow> {
    Ok(NumberRow {
        sequence: row.get(0)?,
        account: row.get::<_, i64>(1)? as u64,
        number_type: column::text(row, 2)?,
        number: column::text(row, 3)?,
        valid_from: Timestamp::from_micros(row.get(4)?),
        valid_to: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_micros),
        expires_at: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_micros),
    })
}

/// An external number by the sequence number of the change that gave it.
pub fn number(reader: &Connection, sequence: i64) -> Result<Option<NumberRow>> {
    let mut select = reader.prepare_cached(
        "SELECT seq, account, type, number, valid_from, valid_to, expires_at FROM account_number WHERE seq = ?",
    )?;
    Ok(select.query_row([sequence], read_number).optional()?)
}

/// The external numbers of an account, in force and ended, in the order in which they were given, after a sequence
/// number.
pub fn numbers(
    reader: &Connection,
    account: u64,
    after: i64,
    limit: usize,
) -> Result<Vec<NumberRow>> {
    let mut select = reader.prepare_cached(
        "SELECT seq, account, type, number, valid_from, valid_to, expires_at FROM account_number WHERE account = ? AND seq > ? \
         ORDER BY seq LIMIT ?",
    )?;
    let rows = select.query_map((account as i64, after, limit as i64), read_number)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// External numbers in force that expire: time and sequence number.
pub fn number_expiries(reader: &Connection) -> Result<Vec<(Timestamp, i64)>> {
    let mut select = reader.prepare(
        "SELECT expires_at, seq FROM account_number WHERE valid_to IS NULL AND expires_at IS NOT NULL \
         ORDER BY expires_at, seq",
    )?;
    let rows = select.query_map([], |row| {
        Ok((Timestamp::from_micros(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How much of a transfer was reversed.
pub fn reversed(reader: &Connection, sequence: i64) -> Result<Option<i128>> {
    let mut select = reader.prepare_cached("SELECT amount FROM reversed WHERE transfer = ?")?;
    let amount = select
        .query_row([sequence], |row| column::text_number(row, 0))
        .optional()?;
    Ok(amount.flatten())
}
