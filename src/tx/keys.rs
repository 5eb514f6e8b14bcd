//! The keys of everything that is found by an id or a text: one index of 64-bit hashes for all of them, each
//! kind in a space of its own, with undo. A hit is a candidate: who asks compares the row it points to.

use std::collections::VecDeque;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::hash::KeyHasher;
use crate::store::key_index::{IndexWrites, KeyIndex, Ticket};
use crate::tx::{BatchNumber, Journal, Mark};

/// What a key belongs to. The numbers are part of the file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySpace {
    /// Ids of transfers and holds and keys of other commands, to sequence numbers.
    Command = 1,
    /// Ids of accounts, to account numbers.
    Account = 2,
    /// References of transfers, to sequence numbers; many to one.
    Reference = 3,
    /// Transaction ids, to the sequence numbers of their legs.
    Transaction = 4,
    /// External account numbers, to the sequence numbers that gave them.
    AccountNumber = 5,
    /// Namespace and key of host records, to their row numbers.
    HostRecord = 6,
}

/// The index of keys with undo.
pub struct Keys {
    index: KeyIndex,
    hasher: KeyHasher,
    journal: Journal<(u64, u64)>,
    found: Vec<u64>,
    /// Plans that are not durable, oldest first.
    planned: VecDeque<Ticket>,
    flush_all: bool,
}

impl Keys {
    /// Wraps an index; `hasher` is keyed with the file's secret.
    pub fn new(index: KeyIndex, hasher: KeyHasher) -> Keys {
        Keys {
            index,
            hasher,
            journal: Journal::default(),
            found: Vec::new(),
            planned: VecDeque::new(),
            flush_all: false,
        }
    }

    /// The hash of a key.
    #[inline]
    pub fn hash(&self, space: KeySpace, key: &[u8]) -> u64 {
        self.hasher.hash(space as u8, key)
    }

    /// Says for each hash whether the runs on disk may hold it; those since are asked by [`Keys::is_recent`].
    pub fn probe(&self, hashes: &[u64], maybe: &mut Vec<bool>) {
        self.index.probe(hashes, maybe);
    }

    /// Brings what the next few hashes need into the processor's cache.
    pub fn fetch(&self, hashes: &[u64]) {
        self.index.fetch(hashes);
    }

    /// Whether the hash was added since the newest run.
    #[inline]
    pub fn is_recent(&self, hash: u64) -> bool {
        self.index.contains_recent(hash)
    }

    /// Every value of the hash.
    pub fn find(&mut self, reader: &Connection, hash: u64) -> Result<&[u64]> {
        self.found.clear();
        self.index.find(reader, hash, &mut self.found)?;
        Ok(&self.found)
    }

    /// Adds a key.
    #[inline]
    pub fn insert(&mut self, hash: u64, value: u64, sequence: i64) {
        self.index.insert(hash, value, sequence);
        self.journal.push((hash, value));
    }

    /// Adds a key of a durable row again, when a file is opened.
    pub fn restore(&mut self, space: KeySpace, key: &[u8], value: u64, sequence: i64) {
        let hash = self.hash(space, key);
        self.index.insert(hash, value, sequence);
    }

    /// Has the next seal write all that is in memory.
    pub fn request_flush(&mut self) {
        self.index.request_flush();
        self.flush_all = true;
    }

    /// A position to roll back to.
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// Takes back everything after `mark`.
    pub fn roll_back(&mut self, mark: Mark) {
        while let Some((hash, value)) = self.journal.pop_after(mark) {
            self.index.undo_insert(hash, value);
        }
    }

    /// Seals the open batch and plans what the index writes with it.
    pub fn seal(&mut self, batch: BatchNumber, reader: &Connection) -> Result<IndexWrites> {
        let inserted = if std::mem::take(&mut self.flush_all) {
            1 << 24
        } else {
            self.journal.open_len()
        };
        self.journal.seal(batch);
        let writes = self.index.plan(reader, inserted)?;
        self.planned.push_back(writes.ticket());
        Ok(writes)
    }

    /// The batches up to `batch` are durable; `ticket` is the plan of the last of them.
    pub fn durable(&mut self, batch: BatchNumber, ticket: Ticket) {
        self.journal.durable(batch);
        self.index.durable(ticket);
        while self
            .planned
            .front()
            .is_some_and(|planned| *planned <= ticket)
        {
            self.planned.pop_front();
        }
    }

    /// Takes back everything that is not durable.
    pub fn discard_undurable(&mut self) {
        if let Some(first) = self.planned.pop_front() {
            self.index.rollback(first);
            self.planned.clear();
        }
        while let Some((hash, value)) = self.journal.pop_any() {
            self.index.undo_insert(hash, value);
        }
    }

    /// The index itself, to verify and to report.
    pub fn index(&self) -> &KeyIndex {
        &self.index
    }
}
