//! Posting marks as questions use them: after each 256th event of a balance a mark keeps the turnovers, and the days
//! that the postings since the mark before it lie on. So a walk begins near to where it is needed, and whole runs of
//! events that cannot have a day asked for are passed over.

use rusqlite::{Connection, Row};

use crate::base::error::Result;
use crate::base::time::Date;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::{Link, Point};
use crate::ledger::query::column;

/// The booking and value days that a posting may have, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub booking: (i32, i32),
    pub value: (i32, i32),
}

impl Default for Days {
    fn default() -> Days {
        Days {
            booking: (i32::MIN, i32::MAX),
            value: (i32::MIN, i32::MAX),
        }
    }
}

impl Days {
    /// From and to, each where it is given, of the booking and the value date.
    pub fn new(booking: (Option<Date>, Option<Date>), value: (Option<Date>, Option<Date>)) -> Days {
        let day = |date: Option<Date>, otherwise: i32| date.map_or(otherwise, |date| date.days());
        Days {
            booking: (day(booking.0, i32::MIN), day(booking.1, i32::MAX)),
            value: (day(value.0, i32::MIN), day(value.1, i32::MAX)),
        }
    }

    /// Whether every posting has one of them.
    pub fn are_all(&self) -> bool {
        *self == Days::default()
    }

    /// Whether an event is a posting on one of them.
    pub fn hold(&self, link: &Link) -> bool {
        link.days.is_some_and(|(booking, value)| {
            (self.booking.0..=self.booking.1).contains(&booking)
                && (self.value.0..=self.value.1).contains(&value)
        })
    }
}

/// A mark, and where its window begins: after the mark before it.
pub struct Mark {
    pub point: Point,
    /// Sequence number of the mark before it; 0: there is none.
    pub before: i64,
}

/// The newest mark up to `sequence` whose window may hold one of the days.
pub fn up_to(
    reader: &Connection,
    point: &Point,
    sequence: i64,
    days: &Days,
) -> Result<Option<Mark>> {
    find(reader, point, "seq <= ?3", "DESC", sequence, days)
}

/// The oldest mark after `sequence` whose window may hold one of the days.
pub fn after(
    reader: &Connection,
    point: &Point,
    sequence: i64,
    days: &Days,
) -> Result<Option<Mark>> {
    find(reader, point, "seq > ?3", "ASC", sequence, days)
}

/// A mark, and the booking days of its window.
pub struct BookedMark {
    pub sequence: i64,
    pub turnovers: Turnovers,
    /// First and last booking day.
    pub booking: (i32, i32),
}

/// The newest mark up to `sequence`.
pub fn newest(reader: &Connection, point: &Point, sequence: i64) -> Result<Option<BookedMark>> {
    let mut select = reader.prepare_cached(
        "SELECT seq, debits_posted, credits_posted, debits_pending, credits_pending, booking_first, booking_last \
         FROM posting_mark WHERE account = ? AND asset = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
    )?;
    let mut rows = select.query((point.account as i64, point.asset, sequence))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(BookedMark {
        sequence: row.get(0)?,
        turnovers: turnovers(row, 1)?,
        booking: (row.get(5)?, row.get(6)?),
    }))
}

/// Sequence number of the newest mark before `sequence`; 0: there is none.
pub fn newest_before(reader: &Connection, point: &Point, sequence: i64) -> Result<i64> {
    let mut select = reader.prepare_cached(
        "SELECT coalesce(max(seq), 0) FROM posting_mark WHERE account = ? AND asset = ? AND seq < ?",
    )?;
    Ok(
        select.query_row((point.account as i64, point.asset, sequence), |row| {
            row.get(0)
        })?,
    )
}

fn find(
    reader: &Connection,
    point: &Point,
    bound: &str,
    order: &str,
    sequence: i64,
    days: &Days,
) -> Result<Option<Mark>> {
    let mut select = reader.prepare_cached(&format!(
        "SELECT seq, debits_posted, credits_posted, debits_pending, credits_pending FROM posting_mark \
         WHERE account = ?1 AND asset = ?2 AND {bound} AND booking_last >= ?4 AND booking_first <= ?5 \
         AND value_last >= ?6 AND value_first <= ?7 ORDER BY seq {order} LIMIT 1"
    ))?;
    let ((booking_from, booking_to), (value_from, value_to)) = (days.booking, days.value);
    let mut rows = select.query((
        point.account as i64,
        point.asset,
        sequence,
        booking_from,
        booking_to,
        value_from,
        value_to,
    ))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let found = Point {
        sequence: row.get(0)?,
        turnovers: turnovers(row, 1)?,
        ..*point
    };
    Ok(Some(Mark {
        point: found,
        before: newest_before(reader, point, found.sequence)?,
    }))
}

/// The four turnovers of a mark from `column` on.
pub fn turnovers(row: &Row<'_>, column: usize) -> rusqlite::Result<Turnovers> {
    Ok(Turnovers {
        debits_posted: column::amount(row, column)?,
        credits_posted: column::amount(row, column + 1)?,
        debits_pending: column::amount(row, column + 2)?,
        credits_pending: column::amount(row, column + 3)?,
    })
}
