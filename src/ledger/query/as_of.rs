//! Balances at another time: as of a sequence number (what was known then), as of a booking date, as of a value date,
//! and a date as it was known at an earlier sequence number. Posting marks let whole runs of 256 events count or drop
//! out without being read, back-dated postings included.

use rusqlite::{Connection, OptionalExtension};

use crate::base::error::Result;
use crate::base::time::{Date, Timestamp};
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::{Point, link};
use crate::ledger::query::{column, marks};

/// Which date of a posting decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    Booking,
    Value,
}

/// Sequence number of the newest change up to `time`, of those up to `newest`; 0: there is none. Time never decreases
/// from one change to the next, so that halving finds it without an index.
pub fn sequence_at(reader: &Connection, time: Timestamp, newest: i64) -> Result<i64> {
    let (mut low, mut high) = (0, newest);
    while low < high {
        let middle = high - (high - low) / 2;
        if time_of(reader, middle)? <= time.micros() {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

fn time_of(reader: &Connection, sequence: i64) -> Result<i64> {
    for sql in [
        "SELECT time FROM transfer WHERE seq = ?",
        "SELECT time FROM change WHERE seq = ?",
    ] {
        let mut select = reader.prepare_cached(sql)?;
        if let Some(time) = select.query_row([sequence], |row| row.get(0)).optional()? {
            return Ok(time);
        }
    }
    Err(super::missing("change", sequence))
}

/// The posted turnover of the events up to `point` whose date is on or before `date`; nothing is pending in the past.
pub fn date(reader: &Connection, point: Point, kind: DateKind, date: Date) -> Result<Turnovers> {
    let day = date.days();
    let mut total = Turnovers::default();
    // The events after the newest mark one by one, then window by window: each from its mark back to the one before.
    let windows = Windows { kind, day };
    let mut select = reader.prepare_cached(match kind {
        DateKind::Booking => {
            "SELECT seq, debits_posted, credits_posted, debits_pending, credits_pending, booking_first, booking_last \
             FROM posting_mark WHERE account = ? AND asset = ? AND seq <= ? ORDER BY seq DESC"
        }
        DateKind::Value => {
            "SELECT seq, debits_posted, credits_posted, debits_pending, credits_pending, value_first, value_last \
             FROM posting_mark WHERE account = ? AND asset = ? AND seq <= ? ORDER BY seq DESC"
        }
    })?;
    let mut rows = select.query((point.account as i64, point.asset, point.sequence))?;
    let mut upper = Some(point);
    let mut counts = Counts::Some;
    while let Some(row) = rows.next()? {
        let below = windows.counts(row.get(5)?, row.get(6)?);
        // Within a run of windows of which all or nothing counts, only its ends are read.
        if counts == Counts::Some || counts != below {
            let mark = Point {
                sequence: row.get(0)?,
                turnovers: marks::turnovers(row, 1)?,
                ..point
            };
            if let Some(from) = upper.replace(mark) {
                windows.add(reader, counts, from, &mark, &mut total)?;
            }
            counts = below;
        }
    }
    if let Some(from) = upper {
        let start = Point {
            sequence: 0,
            turnovers: Turnovers::default(),
            ..point
        };
        windows.add(reader, counts, from, &start, &mut total)?;
    }
    Ok(total)
}

/// Sequence numbers that are read as a range rather than along a chain of 256 events.
const DENSE: i64 = 1024;

/// How many postings of a window are on or before the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    All,
    Some,
    None,
}

struct Windows {
    kind: DateKind,
    day: i32,
}

impl Windows {
    fn counts(&self, first: i32, last: i32) -> Counts {
        if last <= self.day {
            Counts::All
        } else if first > self.day {
            Counts::None
        } else {
            Counts::Some
        }
    }

    /// Adds the postings from `from` back to `to` that count.
    fn add(
        &self,
        reader: &Connection,
        counts: Counts,
        from: Point,
        to: &Point,
        total: &mut Turnovers,
    ) -> Result<()> {
        match counts {
            Counts::None => {}
            Counts::All => {
                let (from, to) = (from.turnovers, to.turnovers);
                total.debits_posted += from.debits_posted.saturating_sub(to.debits_posted);
                total.credits_posted += from.credits_posted.saturating_sub(to.credits_posted);
            }
            Counts::Some => self.walk(reader, from, to.sequence, total)?,
        }
        Ok(())
    }

    /// Adds postings one by one: where the account has much of what was posted then, as one range of the table, which
    /// is faster than event by event along the chain.
    fn walk(
        &self,
        reader: &Connection,
        mut cursor: Point,
        stop: i64,
        total: &mut Turnovers,
    ) -> Result<()> {
        if cursor.sequence - stop <= DENSE {
            return self.scan(reader, &cursor, stop, total);
        }
        while cursor.sequence > stop {
            let event = link(reader, cursor.sequence, cursor.account)?;
            if let Some(days) = event.days {
                self.count(days, event.debit_side, event.posted, total);
            }
            cursor.step_back(&event);
        }
        Ok(())
    }

    fn scan(
        &self,
        reader: &Connection,
        cursor: &Point,
        stop: i64,
        total: &mut Turnovers,
    ) -> Result<()> {
        let mut select = reader.prepare_cached(
            "SELECT debit, amount, booking_date, value_date FROM transfer WHERE seq > ?1 AND seq <= ?2 \
             AND (debit = ?3 OR credit = ?3) AND asset = ?4",
        )?;
        let account = cursor.account as i64;
        let mut rows = select.query((stop, cursor.sequence, account, cursor.asset))?;
        while let Some(row) = rows.next()? {
            let booking: i32 = row.get(2)?;
            let value: Option<i32> = row.get(3)?;
            let debit_side = row.get::<_, i64>(0)? == account;
            let amount = column::amount(row, 1)?;
            self.count(
                (booking, value.unwrap_or(booking)),
                debit_side,
                amount,
                total,
            );
        }
        Ok(())
    }

    fn count(
        &self,
        (booking, value): (i32, i32),
        debit_side: bool,
        amount: u128,
        total: &mut Turnovers,
    ) {
        let day = match self.kind {
            DateKind::Booking => booking,
            DateKind::Value => value,
        };
        if day <= self.day {
            let sum = match debit_side {
                true => &mut total.debits_posted,
                false => &mut total.credits_posted,
            };
            *sum = sum.saturating_add(amount);
        }
    }
}
