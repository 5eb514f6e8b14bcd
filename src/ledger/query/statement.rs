//! Statements: the postings of an account in an asset with the balance after each, read along the chain, page by page.
//! A page's cursor is bound to the sequence number of the first page, so that later postings do not shift it.

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::{Point, link};
use crate::ledger::query::transfer::{StoredTransfer, by_sequence};

/// A line of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementLine {
    pub transfer: StoredTransfer,
    /// The account was debited.
    pub debit_side: bool,
    /// The balance after this posting.
    pub after: Turnovers,
}

/// Where a page of a statement begins: bound to the state that the first page saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementCursor {
    pub point: Point,
    /// The sequence number as of which the statement stands.
    pub as_of: i64,
}

/// What a statement shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementRange {
    /// Postings with a sequence number above this.
    pub after: i64,
    /// Postings with a sequence number up to this; 0: up to now.
    pub up_to: i64,
    /// At most this many lines; 0 means 100.
    pub limit: usize,
}

/// A page of a statement, the newest line first, and the cursor of the next page.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub lines: Vec<StatementLine>,
    pub next: Option<StatementCursor>,
    pub as_of: i64,
}

/// Most lines of one page.
pub const LIMIT: usize = 10_000;

/// Reads a page, starting at `cursor`'s point.
pub fn page(
    reader: &Connection,
    cursor: StatementCursor,
    range: &StatementRange,
) -> Result<Statement> {
    let limit = match range.limit {
        0 => 100,
        limit => limit.min(LIMIT),
    };
    let mut point = cursor.point;
    if range.up_to != 0 && range.up_to < point.sequence {
        point.jump_towards(reader, range.up_to)?;
        while point.sequence > range.up_to {
            let event = link(reader, point.sequence, point.account)?;
            point.step_back(&event);
        }
    }
    let mut lines = Vec::with_capacity(limit.min(1024));
    while point.sequence > range.after && point.sequence != 0 {
        if lines.len() == limit {
            return Ok(Statement {
                lines,
                next: Some(StatementCursor { point, ..cursor }),
                as_of: cursor.as_of,
            });
        }
        let event = link(reader, point.sequence, point.account)?;
        if event.days.is_some() {
            let transfer =
                by_sequence(reader, point.sequence)?.ok_or_else(|| missing(point.sequence))?;
            lines.push(StatementLine {
                transfer,
                debit_side: event.debit_side,
                after: point.turnovers,
            });
        }
        point.step_back(&event);
    }
    Ok(Statement {
        lines,
        next: None,
        as_of: cursor.as_of,
    })
}

fn missing(sequence: i64) -> Error {
    Error::new(
        Status::CORRUPT,
        format!(
            "transfer {sequence} is missing from its chain: run the integrity check, restore a backup"
        ),
    )
}
