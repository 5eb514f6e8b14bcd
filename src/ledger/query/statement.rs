//! Statements: the postings of an account in an asset with the balance after each, read along the chain, page by page.
//! A page's cursor is bound to the sequence number of the first page, so that later postings do not shift it, and to
//! what the first page asked for.

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::Point;
use crate::ledger::query::marks::Days;
use crate::ledger::query::transfer::{StoredTransfer, by_sequence};
use crate::ledger::query::walk::{self, Span};

/// A line of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementLine {
    pub transfer: StoredTransfer,
    /// The account was debited.
    pub debit_side: bool,
    /// The balance after this posting.
    pub after: Turnovers,
}

/// Which end of a statement comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// Where a page of a statement begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementCursor {
    /// The newest posting first: the page goes on here. The oldest first: after the sequence number of this point.
    pub point: Point,
    /// The sequence number as of which the statement stands.
    pub as_of: i64,
    /// What the first page asked for; the limit may differ.
    pub range: StatementRange,
}

/// What a statement shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementRange {
    pub order: Order,
    /// Postings with a sequence number above this.
    pub after: i64,
    /// Postings with a sequence number up to this; 0: up to now.
    pub up_to: i64,
    /// Postings on these days.
    pub days: Days,
    /// At most this many lines; 0 means 100.
    pub limit: usize,
}

/// A page of a statement, and the cursor of the next page. A page may have fewer lines than the limit, or none, and
/// still have a next one: a call looks at a bounded number of postings.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub lines: Vec<StatementLine>,
    pub next: Option<StatementCursor>,
    pub as_of: i64,
}

/// Most lines of one page.
pub const LIMIT: usize = 10_000;

/// Reads the first page, as of the sequence number `as_of` at which `head` is the balance, or with a cursor another one.
pub fn page(
    reader: &Connection,
    head: Point,
    as_of: i64,
    range: &StatementRange,
    cursor: Option<StatementCursor>,
) -> Result<Statement> {
    if let Some(cursor) = &cursor {
        check(cursor, &head, range)?;
    }
    let as_of = cursor.map_or(as_of, |cursor| cursor.as_of);
    let limit = match range.limit {
        0 => 100,
        limit => limit.min(LIMIT),
    };
    let mut span = Span {
        after: range.after,
        up_to: match range.up_to {
            0 => as_of,
            up_to => up_to.min(as_of),
        },
        days: range.days,
    };
    let (postings, point) = match range.order {
        Order::NewestFirst => {
            let start = cursor.map_or(head, |cursor| cursor.point);
            let read = walk::newest_first(reader, start, &span, limit)?;
            (read.postings, read.rest)
        }
        Order::OldestFirst => {
            if let Some(cursor) = &cursor {
                span.after = cursor.point.sequence;
            }
            let read = walk::oldest_first(reader, head, &span, limit)?;
            let rest = read.rest.map(|sequence| Point {
                sequence,
                turnovers: Turnovers::default(),
                ..head
            });
            (read.postings, rest)
        }
    };
    let mut lines = Vec::with_capacity(postings.len());
    for posting in postings {
        let sequence = posting.link.sequence;
        lines.push(StatementLine {
            transfer: by_sequence(reader, sequence)?
                .ok_or_else(|| super::missing("transfer", sequence))?,
            debit_side: posting.link.debit_side,
            after: posting.after,
        });
    }
    Ok(Statement {
        lines,
        next: point.map(|point| StatementCursor {
            point,
            as_of,
            range: without_limit(range),
        }),
        as_of,
    })
}

fn check(cursor: &StatementCursor, head: &Point, range: &StatementRange) -> Result<()> {
    let message = if (cursor.point.account, cursor.point.asset) != (head.account, head.asset) {
        "the cursor belongs to another account or asset"
    } else if without_limit(&cursor.range) != without_limit(range) {
        "the cursor belongs to a statement in another order or of another range: ask as for its first page"
    } else {
        return Ok(());
    };
    Err(Error::new(Status::INVALID_CURSOR, message))
}

fn without_limit(range: &StatementRange) -> StatementRange {
    StatementRange { limit: 0, ..*range }
}
