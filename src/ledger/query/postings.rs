//! The postings of a balance whose date lies in a range, found window by window: what lies between two posting marks
//! is read only when its range of dates meets the one asked for, so that back-dated postings are found wherever they are.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::ledger::query::as_of::DateKind;
use crate::ledger::query::chain::{Link, Point, link};

/// Calls `visit` for every posting up to `point` whose day lies in `from..=to`, the newest first.
pub fn in_days(
    reader: &Connection,
    point: Point,
    kind: DateKind,
    (from, to): (i32, i32),
    visit: &mut dyn FnMut(&Link),
) -> Result<()> {
    let mut walk = |mut sequence: i64, stop: i64| -> Result<()> {
        while sequence > stop {
            let event = link(reader, sequence, point.account)?;
            let day = event.days.map(|(booking, value)| match kind {
                DateKind::Booking => booking,
                DateKind::Value => value,
            });
            if day.is_some_and(|day| (from..=to).contains(&day)) {
                visit(&event);
            }
            sequence = event.previous;
        }
        Ok(())
    };
    let newest = mark_up_to(reader, &point, point.sequence)?;
    walk(point.sequence, newest)?;
    let range = match kind {
        DateKind::Booking => "booking_first <= ?4 AND booking_last >= ?5",
        DateKind::Value => "value_first <= ?4 AND value_last >= ?5",
    };
    let mut select = reader.prepare_cached(&format!(
        "SELECT seq FROM posting_mark WHERE account = ?1 AND asset = ?2 AND seq <= ?3 AND {range} ORDER BY seq DESC"
    ))?;
    let mut marks = select.query((point.account as i64, point.asset, newest, to, from))?;
    while let Some(mark) = marks.next()? {
        let mark: i64 = mark.get(0)?;
        walk(mark, mark_up_to(reader, &point, mark - 1)?)?;
    }
    Ok(())
}

/// The sequence number of the newest mark up to `sequence`; 0: there is none.
fn mark_up_to(reader: &Connection, point: &Point, sequence: i64) -> Result<i64> {
    let mut select = reader.prepare_cached(
        "SELECT coalesce(max(seq), 0) FROM posting_mark WHERE account = ? AND asset = ? AND seq <= ?",
    )?;
    Ok(
        select.query_row((point.account as i64, point.asset, sequence), |row| {
            row.get(0)
        })?,
    )
}

/// Takes a point back to what was known after `sequence`.
pub fn rewind(reader: &Connection, point: &mut Point, sequence: i64) -> Result<()> {
    if point.sequence <= sequence {
        return Ok(());
    }
    point.jump_towards(reader, sequence)?;
    while point.sequence > sequence {
        let event = link(reader, point.sequence, point.account)?;
        point.step_back(&event);
    }
    Ok(())
}

/// As [`in_days`], for what came after the sequence number `after`; the point ends where the walk did.
pub fn since(
    reader: &Connection,
    point: &mut Point,
    kind: DateKind,
    (from, to): (i32, i32),
    after: i64,
    visit: &mut dyn FnMut(&Link),
) -> Result<()> {
    while point.sequence > after {
        let event = link(reader, point.sequence, point.account)?;
        let day = event.days.map(|(booking, value)| match kind {
            DateKind::Booking => booking,
            DateKind::Value => value,
        });
        if day.is_some_and(|day| (from..=to).contains(&day)) {
            visit(&event);
        }
        point.step_back(&event);
    }
    Ok(())
}
