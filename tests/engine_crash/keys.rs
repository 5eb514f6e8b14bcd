//! Which keys and ids may stand in a file: those of commands that were sent and not refused, and those that the engine
//! derives from them, computed here as the model computes them. Nothing else, and nothing derived without what it is
//! derived from.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::audit;
use crate::command::Op;
use crate::file::Checked;
use crate::model::derived::{derived_from, leg_id, year_end_id};
use crate::model::kind;

/// Keys that may be in a file.
#[derive(Debug, Default)]
pub struct Allowed {
    keys: BTreeSet<u128>,
    /// To the key that it is derived from.
    derived: BTreeMap<u128, u128>,
}

/// What a row of the table `transfer` says of where it comes from.
struct Row {
    sequence: i64,
    id: u128,
    /// Ids, and the entity of both.
    debit: u128,
    credit: u128,
    entity: u32,
    asset: u32,
    transaction: u128,
    reverses: bool,
}

impl Allowed {
    /// Allows a command, and what it may bring about.
    pub fn insert(&mut self, op: &Op) {
        self.keys.insert(op.key());
        for id in derived_from(op) {
            self.derived.insert(id, op.key());
        }
    }

    /// The keys that a file has applied after the change `start`; what is there and may not be is named. What came up to
    /// then was checked before.
    pub fn applied(&self, file: &Connection, start: i64) -> Checked<BTreeSet<u128>> {
        let changes = audit::rows(
            file,
            "SELECT seq, key, kind FROM change WHERE key IS NOT NULL",
            |row| {
                let key = u128::from_be_bytes(row.get::<_, [u8; 16]>(1).unwrap());
                let kind: u16 = row.get(2).unwrap();
                (row.get::<_, i64>(0).unwrap(), key, kind)
            },
        );
        let unknown = |key: u128, sequence: i64| {
            Err(format!(
                "{key:x} is in the file as change {sequence}, but was refused, or never sent"
            ))
        };
        let mut applied = BTreeMap::new();
        for (sequence, key, kind) in changes {
            if sequence > start && !self.keys.contains(&key) {
                return unknown(key, sequence);
            }
            if kind != kind::REFUSAL {
                applied.insert(key, sequence);
            }
        }
        let rows = transfers(file, start);
        let booked = booked(file, start);
        let began = year_ends(file);
        let mut found = BTreeSet::new();
        for row in &rows {
            let own = self.keys.contains(&row.id);
            // A leg or a scheduled transfer stands after its command.
            let cause = self.derived.get(&row.id).and_then(|key| applied.get(key));
            let right = if row.reverses {
                self.takes_back(row, &rows)
            } else {
                own || cause.is_some_and(|cause| *cause < row.sequence)
                    || booked.contains(&(row.id, row.sequence))
                    || closes_a_year(row, &began)
            };
            if !right {
                return unknown(row.id, row.sequence);
            }
            found.insert(row.id);
        }
        let changed = applied
            .into_iter()
            .filter(|(_, sequence)| *sequence > start);
        found.extend(changed.map(|(key, _)| key));
        Ok(found)
    }

    /// Whether a reversal that may be there has this row: its own, or one of the further ones of a whole transaction's.
    fn takes_back(&self, row: &Row, rows: &[Row]) -> bool {
        if row.transaction == 0 {
            return self.keys.contains(&row.id);
        }
        let legs = rows
            .iter()
            .filter(|other| other.reverses && other.transaction == row.transaction)
            .count() as u64;
        let further = (1..legs).any(|leg| leg_id(row.transaction, leg) == row.id);
        self.keys.contains(&row.transaction) && (further || row.id == row.transaction)
    }
}

/// Whether a row is what the close of a year makes for one of its accounts, its run having begun with one of the changes.
fn closes_a_year(row: &Row, began: &[i64]) -> bool {
    let earlier = began.iter().filter(|began| **began < row.sequence);
    earlier.into_iter().any(|began| {
        row.transaction == year_end_id(row.entity, *began, None)
            && [row.debit, row.credit].iter().any(|account| {
                row.id == year_end_id(row.entity, *began, Some((*account, row.asset)))
            })
    })
}

fn transfers(file: &Connection, start: i64) -> Vec<Row> {
    let sql = format!(
        "SELECT transfer.seq, transfer.id, debit.id, credit.id, debit.entity, transfer.asset, transaction_id, reverses \
         FROM transfer JOIN account AS debit ON debit.number = transfer.debit \
         JOIN account AS credit ON credit.number = transfer.credit WHERE transfer.seq > {start} ORDER BY transfer.seq"
    );
    audit::rows(file, &sql, |row| {
        let id = |column| u128::from_be_bytes(row.get::<_, [u8; 16]>(column).unwrap());
        Row {
            sequence: row.get(0).unwrap(),
            id: id(1),
            debit: id(2),
            credit: id(3),
            entity: row.get(4).unwrap(),
            asset: row.get(5).unwrap(),
            transaction: row
                .get::<_, Option<[u8; 16]>>(6)
                .unwrap()
                .map_or(0, u128::from_be_bytes),
            reverses: row.get::<_, Option<i64>>(7).unwrap().is_some(),
        }
    })
}

/// Transfers that were scheduled up to `start`, with the change that booked each.
fn booked(file: &Connection, start: i64) -> BTreeSet<(u128, i64)> {
    let sql = format!(
        "SELECT transfer_id, ended FROM scheduled_transfer WHERE state = 2 AND seq <= {start}"
    );
    audit::rows(file, &sql, |row| {
        let id = u128::from_be_bytes(row.get::<_, [u8; 16]>(0).unwrap());
        (id, row.get(1).unwrap())
    })
    .into_iter()
    .collect()
}

/// The changes that close a portion of a year.
fn year_ends(file: &Connection) -> Vec<i64> {
    let sql = format!("SELECT seq FROM change WHERE kind = {}", kind::YEAR_END);
    audit::rows(file, &sql, |row| row.get(0).unwrap())
}
