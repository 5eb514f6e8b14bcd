//! The chain of a balance: each event holds the sequence number of the event before it on either side. Walking it
//! backwards from the head, or from a posting mark, takes every event's effect back and so gives the balance as of any
//! sequence number without reading more than 256 events too many.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::column;
use crate::ledger::query::marks::turnovers;
use crate::ledger::transfer::flags;
use crate::ledger::write::{HoldEventRow, LedgerWrites, TransferRow};

/// What an event did to one balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub sequence: i64,
    /// The event before it on this balance; 0: it is the first.
    pub previous: i64,
    pub debit_side: bool,
    /// Posted; 0 for hold events.
    pub posted: u128,
    /// Change of what is pending.
    pub pending: i128,
    /// Booking and value day; `None` for hold events.
    pub days: Option<(i32, i32)>,
    /// The customer moved the balance: neither the bank itself nor a reversal.
    pub customer: bool,
}

impl Link {
    /// The balance after the event, from the balance before it.
    pub fn enter(&self, turnovers: &mut Turnovers) {
        let undone = Link {
            posted: 0,
            pending: self.pending.saturating_neg(),
            ..*self
        };
        undone.take_back(turnovers);
        let posted = if self.debit_side {
            &mut turnovers.debits_posted
        } else {
            &mut turnovers.credits_posted
        };
        *posted = posted.saturating_add(self.posted);
    }

    /// The balance before the event, from the balance after it.
    pub fn take_back(&self, turnovers: &mut Turnovers) {
        let (posted, pending) = if self.debit_side {
            (&mut turnovers.debits_posted, &mut turnovers.debits_pending)
        } else {
            (
                &mut turnovers.credits_posted,
                &mut turnovers.credits_pending,
            )
        };
        *posted = posted.saturating_sub(self.posted);
        *pending = if self.pending >= 0 {
            pending.saturating_sub(self.pending.unsigned_abs())
        } else {
            pending.saturating_add(self.pending.unsigned_abs())
        };
    }

    /// The link of a transfer in the chain of `account`.
    pub fn of_transfer(row: &TransferRow, account: u64) -> Link {
        let debit_side = row.debit == account;
        let unheld_credit = row.flags & flags::CAPTURE_CREDIT != 0;
        let unheld = if debit_side || unheld_credit {
            row.unheld as i128
        } else {
            0
        };
        Link {
            sequence: row.sequence,
            previous: if debit_side {
                row.debit_previous
            } else {
                row.credit_previous
            },
            debit_side,
            posted: row.amount,
            pending: -unheld,
            days: Some((row.booking_date.days(), row.value_date.days())),
            customer: is_customers(row.flags),
        }
    }

    /// The link of a hold event in the chain of `account`.
    pub fn of_hold_event(row: &HoldEventRow, account: u64) -> Link {
        let debit_side = row.debit == account;
        Link {
            sequence: row.sequence,
            previous: if debit_side {
                row.debit_previous
            } else {
                row.credit_previous
            },
            debit_side,
            posted: 0,
            pending: row.change,
            days: None,
            customer: false,
        }
    }
}

/// The link of a batch in flight.
pub fn in_batch(writes: &LedgerWrites, sequence: i64, account: u64) -> Option<Link> {
    if let Some(row) = writes.transfer(sequence) {
        return Some(Link::of_transfer(row, account));
    }
    writes
        .hold_event(sequence)
        .map(|row| Link::of_hold_event(row, account))
}

/// The durable link with a sequence number in the chain of `account`.
pub fn link(reader: &Connection, sequence: i64, account: u64) -> Result<Link> {
    let mut select = reader.prepare_cached(
        "SELECT seq, debit, amount, debit_previous, credit_previous, booking_date, value_date, unheld, hold, flags \
         FROM transfer WHERE seq = ?",
    )?;
    if let Some(link) = select
        .query_row([sequence], |row| read_link(row, account))
        .optional()?
    {
        return Ok(link);
    }
    if let Some(event) = super::transfer::hold_event(reader, sequence)? {
        return Ok(Link::of_hold_event(&event, account));
    }
    Err(Error::new(
        Status::CORRUPT,
        format!(
            "event {sequence} of account number {account} is missing: run the integrity check, restore a backup"
        ),
    ))
}

fn is_customers(row_flags: u32) -> bool {
    row_flags & (flags::BANK | flags::REVERSAL) == 0
}

fn read_link(row: &Row<'_>, account: u64) -> rusqlite::Result<Link> {
    let debit_side = row.get::<_, i64>(1)? as u64 == account;
    let booking: i32 = row.get(5)?;
    let value: Option<i32> = row.get(6)?;
    let row_flags: u32 = row.get(9)?;
    let unheld_credit = row_flags & flags::CAPTURE_CREDIT != 0;
    let unheld = if debit_side || unheld_credit {
        column::amount(row, 7)? as i128
    } else {
        0
    };
    Ok(Link {
        sequence: row.get(0)?,
        previous: row.get(if debit_side { 3 } else { 4 })?,
        debit_side,
        posted: column::amount(row, 2)?,
        pending: -unheld,
        days: Some((booking, value.unwrap_or(booking))),
        customer: is_customers(row_flags),
    })
}

/// A balance at a point of its chain: the state after the event `sequence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub account: u64,
    pub asset: u32,
    /// The event that the state stands after; 0: before all.
    pub sequence: i64,
    pub turnovers: Turnovers,
}

impl Point {
    /// Steps back over one event.
    pub fn step_back(&mut self, link: &Link) {
        link.take_back(&mut self.turnovers);
        self.sequence = link.previous;
    }

    /// Goes back to the newest event up to `sequence`, over a posting mark where one lies between.
    pub fn back_to(&mut self, reader: &Connection, sequence: i64) -> Result<()> {
        if self.sequence <= sequence {
            return Ok(());
        }
        self.jump_towards(reader, sequence)?;
        while self.sequence > sequence {
            let event = link(reader, self.sequence, self.account)?;
            self.step_back(&event);
        }
        Ok(())
    }

    /// Goes to a posting mark when one lies between `sequence` and the point, so that the walk to `sequence` is short.
    pub fn jump_towards(&mut self, reader: &Connection, sequence: i64) -> Result<()> {
        let mut select = reader.prepare_cached(
            "SELECT seq, debits_posted, credits_posted, debits_pending, credits_pending FROM posting_mark \
             WHERE account = ? AND asset = ? AND seq >= ? ORDER BY seq LIMIT 1",
        )?;
        let mark = select
            .query_row((self.account as i64, self.asset, sequence), |row| {
                Ok((row.get::<_, i64>(0)?, turnovers(row, 1)?))
            })
            .optional()?;
        if let Some((mark, turnovers)) = mark
            && mark < self.sequence
        {
            self.sequence = mark;
            self.turnovers = turnovers;
        }
        Ok(())
    }
}
