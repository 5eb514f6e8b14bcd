//! Questions to the ledger, answered from durable rows. A question looks at balances in memory only for where a
//! chain begins; rows are append-only, so that any later snapshot of the file answers for an earlier sequence.

pub mod as_of;
pub mod chain;
pub mod column;
pub mod daily;
pub mod find;
pub mod issued;
pub mod marks;
pub mod postings;
pub mod statement;
pub mod transfer;
pub mod walk;

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::account::Limit;
use crate::ledger::hold::Hold;
use crate::ledger::write::NumberRow;

/// The durable hold with the sequence number that placed it.
pub fn hold(reader: &Connection, sequence: i64) -> Result<Option<Hold>> {
    super::load::hold(reader, sequence)
}

/// The external numbers of an account, in force and ended, in the order in which they were given, after the sequence
/// number of one of them.
pub fn numbers(
    reader: &Connection,
    account: u64,
    after: i64,
    limit: usize,
) -> Result<Vec<NumberRow>> {
    super::load::numbers(reader, account, after, limit)
}

/// The limits of an account, those that expired included.
pub fn limits(reader: &Connection, account: u64) -> Result<Vec<Limit>> {
    super::load::limits(reader, account)
}

/// The balances of an account: assets and balance numbers.
pub fn balances(reader: &Connection, account: u64) -> Result<Vec<(u32, u64)>> {
    super::load::account_balances(reader, account)
}

fn missing(what: &str, sequence: i64) -> Error {
    Error::new(
        Status::CORRUPT,
        format!("{what} {sequence} is missing: run the integrity check, restore a backup"),
    )
}
