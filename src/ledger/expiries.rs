//! Which holds expire next. Memory keeps the nearest of them alone: up to its horizon the queue is complete, and what
//! expires later is read from disk when time comes there. A bank may have any number of holds that expire one day.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::ledger::cache::CachedRows;
use crate::ledger::hold::{Hold, HoldState};
use crate::ledger::load;

/// When a hold expires, and the sequence number that placed it: the order of expiry.
pub type Expiry = (Timestamp, i64);

const START: Expiry = (Timestamp::MIN, i64::MIN);
const END: Expiry = (Timestamp::MAX, i64::MAX);

/// The active holds that expire next.
pub struct Expiries {
    queue: BTreeSet<Expiry>,
    /// Every active hold that expires up to here is in the queue, and no other one.
    horizon: Expiry,
    kept: usize,
}

impl Expiries {
    /// Of a file that was just opened; at least `kept` holds are kept in memory where there are as many, at most twice.
    pub fn open(reader: &Connection, kept: usize) -> Result<Expiries> {
        let mut expiries = Expiries {
            queue: BTreeSet::new(),
            horizon: START,
            kept: kept.max(1),
        };
        expiries.extend(reader)?;
        Ok(expiries)
    }

    /// The hold that expires first, if it is due at `time`. `holds` knows what became of holds that is not on disk yet.
    pub fn due(
        &mut self,
        reader: &Connection,
        holds: &CachedRows<i64, Hold>,
        time: Timestamp,
    ) -> Result<Option<Expiry>> {
        while self.queue.is_empty() && self.horizon != END && self.horizon.0 <= time {
            self.extend(reader)?;
            self.restore(&holds.undurable(), holds);
        }
        let first = self.queue.first().copied();
        Ok(first.filter(|(expires_at, _)| *expires_at <= time))
    }

    /// Takes a hold in, or out, as it stands now.
    pub fn set(&mut self, hold: &Hold) {
        let Some(expires_at) = hold.expires_at else {
            return;
        };
        let expiry = (expires_at, hold.sequence);
        if hold.state != HoldState::Active {
            self.queue.remove(&expiry);
        } else if expiry <= self.horizon {
            self.queue.insert(expiry);
            if self.queue.len() > 2 * self.kept {
                self.shrink();
            }
        }
    }

    /// Takes an entry out of which there is no hold.
    pub fn remove(&mut self, expiry: &Expiry) {
        self.queue.remove(expiry);
    }

    /// Brings the queue in step with the holds of these sequence numbers, in order, as `holds` has them.
    pub fn restore(&mut self, touched: &[i64], holds: &CachedRows<i64, Hold>) {
        if touched.is_empty() {
            return;
        }
        self.queue
            .retain(|(_, sequence)| touched.binary_search(sequence).is_err());
        for hold in touched.iter().filter_map(|sequence| holds.peek(sequence)) {
            self.set(hold);
        }
    }

    /// Moves the horizon on by what is on disk.
    fn extend(&mut self, reader: &Connection) -> Result<()> {
        let next = load::expiries(reader, self.horizon, self.kept)?;
        self.horizon = match next.last() {
            Some(last) if next.len() == self.kept => *last,
            _ => END,
        };
        self.queue.extend(next);
        Ok(())
    }

    fn shrink(&mut self) {
        if let Some(first_out) = self.queue.iter().nth(self.kept).copied() {
            self.queue.split_off(&first_out);
            self.horizon = self.queue.last().copied().unwrap_or(START);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(sequence: i64, expires: i64, state: HoldState) -> Hold {
        Hold {
            sequence,
            id: crate::base::id::Id::from_u128(sequence as u128),
            debit: 1,
            credit: 0,
            asset: 840,
            wide: false,
            amount: 5,
            remaining: 5,
            captured: 0,
            kind: crate::ledger::hold::HoldKind::Lien,
            priority: 0,
            state,
            expires_at: Some(Timestamp::from_micros(expires)),
            reason: String::new(),
            user_data: Default::default(),
        }
    }

    /// Holds on disk and in flight come due in order, whatever number of them memory keeps.
    #[test]
    fn holds_come_due_in_order_from_memory_and_disk() {
        for kept in [1, 2, 3, 7, 100] {
            let file = Connection::open_in_memory().unwrap();
            crate::ledger::schema::create(&file).unwrap();
            for sequence in 1..=40 {
                let expires = 1000 + sequence * 37 % 50;
                hold(sequence, expires, HoldState::Active)
                    .write(&file)
                    .unwrap();
            }
            let mut expiries = Expiries::open(&file, kept).unwrap();
            let mut holds = CachedRows::new(1000);
            for sequence in 30..=60 {
                // Some of those on disk end in flight, and others are placed.
                let state = match sequence % 3 {
                    0 => HoldState::Released,
                    _ => HoldState::Active,
                };
                let now = hold(sequence, 1000 + sequence * 37 % 50, state);
                expiries.set(&now);
                holds.put(sequence, Some(now));
                assert!(expiries.queue.len() <= 2 * kept);
            }
            let mut expected: Vec<Expiry> = (1..=60)
                .filter(|sequence| *sequence < 30 || sequence % 3 != 0)
                .map(|sequence| (Timestamp::from_micros(1000 + sequence * 37 % 50), sequence))
                .collect();
            expected.sort();
            let mut found = Vec::new();
            for time in 990..1060 {
                let time = Timestamp::from_micros(time);
                while let Some(expiry) = expiries.due(&file, &holds, time).unwrap() {
                    assert_eq!(expiry.0, time, "kept {kept}");
                    let ended = hold(expiry.1, expiry.0.micros(), HoldState::Expired);
                    expiries.set(&ended);
                    holds.put(expiry.1, Some(ended));
                    found.push(expiry);
                }
            }
            assert_eq!(found, expected, "kept {kept}");
        }
    }
}
