//! Balances at another time: as of a sequence number (what was known then), as of a booking date, as of a value date,
//! and a booking date as it was known at an earlier sequence number. Posting marks let whole runs of 256 events count
//! or drop out without being read, back-dated postings included.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::time::Date;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::{Point, link};
use crate::ledger::query::column;

/// Which date of a posting decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    Booking,
    Value,
}

/// The balance after the last event up to `sequence`.
pub fn sequence(reader: &Connection, mut point: Point, sequence: i64) -> Result<Turnovers> {
    point.jump_towards(reader, sequence)?;
    while point.sequence > sequence {
        let event = link(reader, point.sequence, point.account)?;
        point.step_back(&event);
    }
    Ok(point.turnovers)
}

/// The posted turnover of the events up to `point` whose date is on or before `date`; nothing is pending in the past.
pub fn date(reader: &Connection, point: Point, kind: DateKind, date: Date) -> Result<Turnovers> {
    let day = date.days();
    let mut total = Turnovers::default();
    // The events after the newest mark, one by one.
    let newest = mark_before(reader, &point, point.sequence, None)?;
    let mut cursor = point;
    walk(
        reader,
        &mut cursor,
        newest.as_ref().map_or(0, |mark| mark.sequence),
        kind,
        day,
        &mut total,
    )?;
    // Then window by window: each mark's own, back to the mark before it.
    let begun = Some((kind, day));
    let mut mark = match newest {
        Some(newest) => mark_before(reader, &point, newest.sequence, begun)?,
        None => None,
    };
    while let Some(window) = mark {
        let before = mark_before(reader, &point, window.sequence - 1, None)?;
        let (first, last) = match kind {
            DateKind::Booking => (window.booking.0, window.booking.1),
            DateKind::Value => (window.value.0, window.value.1),
        };
        let start = before
            .as_ref()
            .map(|mark| mark.turnovers)
            .unwrap_or_default();
        if kind == DateKind::Booking
            && last <= day
            && settled(reader, &point, window.sequence, day)?
        {
            // Nothing before this window can be later than the day: all of it counts.
            total.debits_posted += window.turnovers.debits_posted;
            total.credits_posted += window.turnovers.credits_posted;
            return Ok(total);
        }
        if last <= day {
            total.debits_posted += window.turnovers.debits_posted - start.debits_posted;
            total.credits_posted += window.turnovers.credits_posted - start.credits_posted;
        } else if first <= day {
            let mut cursor = Point {
                sequence: window.sequence,
                turnovers: window.turnovers,
                ..point
            };
            walk(
                reader,
                &mut cursor,
                before.as_ref().map_or(0, |mark| mark.sequence),
                kind,
                day,
                &mut total,
            )?;
        }
        mark = match before {
            Some(before) => mark_before(reader, &point, before.sequence, begun)?,
            None => None,
        };
    }
    Ok(total)
}

/// Adds the postings after `stop` whose date is on or before `day`.
fn walk(
    reader: &Connection,
    cursor: &mut Point,
    stop: i64,
    kind: DateKind,
    day: i32,
    total: &mut Turnovers,
) -> Result<()> {
    while cursor.sequence > stop {
        let event = link(reader, cursor.sequence, cursor.account)?;
        let counts = event.days.is_some_and(|(booking, value)| match kind {
            DateKind::Booking => booking <= day,
            DateKind::Value => value <= day,
        });
        if counts && event.debit_side {
            total.debits_posted += event.posted;
        } else if counts {
            total.credits_posted += event.posted;
        }
        cursor.step_back(&event);
    }
    Ok(())
}

/// A posting mark.
pub(in crate::ledger) struct Mark {
    pub sequence: i64,
    pub turnovers: Turnovers,
    /// First and last booking day of its window.
    pub booking: (i32, i32),
    value: (i32, i32),
}

/// The newest mark up to `sequence`; with `begun`, the newest whose window has a date on or before the day.
pub(in crate::ledger) fn mark_before(
    reader: &Connection,
    point: &Point,
    sequence: i64,
    begun: Option<(DateKind, i32)>,
) -> Result<Option<Mark>> {
    let (condition, day) = match begun {
        None => ("?4 IS NOT NULL", 0),
        Some((DateKind::Booking, day)) => ("booking_first <= ?4", day),
        Some((DateKind::Value, day)) => ("value_first <= ?4", day),
    };
    let mut select = reader.prepare_cached(&format!(
        "SELECT seq, debits_posted, credits_posted, booking_first, booking_last, value_first, value_last \
         FROM posting_mark WHERE account = ?1 AND asset = ?2 AND seq <= ?3 AND {condition} ORDER BY seq DESC LIMIT 1",
    ))?;
    let mut rows = select.query((point.account as i64, point.asset, sequence, day))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let turnovers = Turnovers {
        debits_posted: column::amount(row, 1)?,
        credits_posted: column::amount(row, 2)?,
        ..Turnovers::default()
    };
    Ok(Some(Mark {
        sequence: row.get(0)?,
        turnovers,
        booking: (row.get(3)?, row.get(4)?),
        value: (row.get(5)?, row.get(6)?),
    }))
}

/// Whether no window up to `sequence` reaches beyond `day`, found on a covering range of the marks.
fn settled(reader: &Connection, point: &Point, sequence: i64, day: i32) -> Result<bool> {
    let mut select = reader.prepare_cached(
        "SELECT NOT EXISTS(SELECT 1 FROM posting_mark WHERE account = ? AND asset = ? AND seq <= ? AND booking_last > ?)",
    )?;
    Ok(
        select.query_row((point.account as i64, point.asset, sequence, day), |row| {
            row.get(0)
        })?,
    )
}
