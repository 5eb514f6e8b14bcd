//! Questions to the ledger, answered from durable rows. A question looks at balances in memory only for where a
//! chain begins; rows are append-only, so that any later snapshot of the file answers for an earlier sequence.

pub mod as_of;
pub mod chain;
pub mod column;
pub mod find;
pub mod marks;
pub mod statement;
pub mod transfer;
pub mod walk;

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::hold::Hold;

/// The durable hold with the sequence number that placed it.
pub fn hold(reader: &Connection, sequence: i64) -> Result<Option<Hold>> {
    super::load::hold(reader, sequence)
}

fn missing(what: &str, sequence: i64) -> Error {
    Error::new(
        Status::CORRUPT,
        format!("{what} {sequence} is missing: run the integrity check, restore a backup"),
    )
}
