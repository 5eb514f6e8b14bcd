//! A small engine around an index, for its tests: it evaluates, commits, fails, is killed and reopens as the real one
//! does, and keeps a multi-map of what was inserted as the model.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;

use super::*;

mod cases;
mod model;

const NAME: &str = "transfer";

/// A database file of a test, removed at its end.
struct File(PathBuf);

impl File {
    fn new() -> File {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        File(
            std::env::temp_dir().join(format!("qenex-key-index-{}-{count}.db", std::process::id())),
        )
    }

    fn connect(&self) -> Connection {
        let conn = Connection::open(&self.0).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;")
            .unwrap();
        conn
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }
}

fn small() -> Settings {
    Settings {
        memtable_entries: 40,
        page_bytes: 160,
        fan_out: 3,
        filter_bytes: 3_000,
        ..Settings::new(NAME)
    }
}

fn mixed(key: u64) -> u64 {
    let product = u128::from(key + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    (product >> 64) as u64 ^ product as u64
}

#[derive(Clone, Debug)]
struct Entry {
    hash: u64,
    value: u64,
    sequence: i64,
}

struct Batch {
    entries: Vec<Entry>,
    writes: IndexWrites,
    committed: bool,
}

/// The engine's side of the contract, in small.
struct World {
    file: File,
    settings: Settings,
    writer: Connection,
    reader: Connection,
    index: KeyIndex,
    durable: Vec<Entry>,
    flying: VecDeque<Batch>,
    next_sequence: i64,
    /// A snapshot taken when everything committed was also reported durable.
    old_reader: Option<Connection>,
}

impl World {
    fn new(settings: Settings) -> World {
        let file = File::new();
        let (writer, reader) = (file.connect(), file.connect());
        create_tables(&writer, NAME).unwrap();
        let index = KeyIndex::open(&reader, settings.clone()).unwrap();
        let (durable, flying) = (Vec::new(), VecDeque::new());
        World {
            file,
            settings,
            writer,
            reader,
            index,
            durable,
            flying,
            next_sequence: 1,
            old_reader: None,
        }
    }

    /// Evaluates a batch: inserts, of which the ones marked are undone at once, then the plan.
    fn evaluate(&mut self, keys: &[(u16, u8, bool)]) {
        let mut entries = Vec::new();
        for &(key, value, undone) in keys {
            let entry = Entry {
                hash: mixed(key.into()),
                value: value.into(),
                sequence: self.next_sequence,
            };
            self.index.insert(entry.hash, entry.value, entry.sequence);
            if undone {
                assert!(self.index.undo_insert(entry.hash, entry.value));
            } else {
                assert!(self.index.contains_recent(entry.hash));
                self.next_sequence += 1;
                entries.push(entry);
            }
        }
        let writes = self.index.plan(&self.reader, keys.len()).unwrap();
        self.flying.push_back(Batch {
            entries,
            writes,
            committed: false,
        });
    }

    fn commit(&mut self) {
        if let Some(batch) = self.flying.iter_mut().find(|batch| !batch.committed) {
            let transaction = self.writer.unchecked_transaction().unwrap();
            batch.writes.apply(&transaction).unwrap();
            transaction.commit().unwrap();
            batch.committed = true;
        }
    }

    fn report_durable(&mut self) {
        let mut last = None;
        while self.flying.front().is_some_and(|batch| batch.committed) {
            let batch = self.flying.pop_front().unwrap();
            last = Some(batch.writes.ticket());
            self.durable.extend(batch.entries);
        }
        if let Some(ticket) = last {
            self.index.durable(ticket);
            self.old_reader = None;
        }
    }

    /// The oldest commit that has not happened fails, and all after it.
    fn fail(&mut self, undo_first: bool) {
        let kept = self
            .flying
            .iter()
            .take_while(|batch| batch.committed)
            .count();
        let failed = self.flying.split_off(kept);
        let Some(first) = failed.front().map(|batch| batch.writes.ticket()) else {
            return;
        };
        if !undo_first {
            self.index.rollback(first);
        }
        for batch in failed.iter().rev() {
            for entry in batch.entries.iter().rev() {
                assert!(self.index.undo_insert(entry.hash, entry.value));
                self.next_sequence = entry.sequence;
            }
        }
        if undo_first {
            self.index.rollback(first);
        }
    }

    /// Commits fail and are tried again with the same entries.
    fn retry(&mut self) {
        let kept = self
            .flying
            .iter()
            .take_while(|batch| batch.committed)
            .count();
        let failed = self.flying.split_off(kept);
        let Some(first) = failed.front().map(|batch| batch.writes.ticket()) else {
            return;
        };
        self.index.rollback(first);
        let entries: Vec<Entry> = failed.into_iter().flat_map(|batch| batch.entries).collect();
        let writes = self.index.plan(&self.reader, entries.len()).unwrap();
        self.flying.push_back(Batch {
            entries,
            writes,
            committed: false,
        });
    }

    fn kill(&mut self) {
        self.old_reader = None;
        // Commits that happened are in the file whether or not they were reported.
        for batch in std::mem::take(&mut self.flying)
            .into_iter()
            .filter(|batch| batch.committed)
        {
            self.durable.extend(batch.entries);
        }
        (self.writer, self.reader) = (self.file.connect(), self.file.connect());
        self.index = KeyIndex::open(&self.reader, self.settings.clone()).unwrap();
        let flushed = self.index.flushed_sequence().unwrap_or(i64::MIN);
        for entry in self.durable.iter().filter(|entry| entry.sequence > flushed) {
            self.index.insert(entry.hash, entry.value, entry.sequence);
        }
        self.next_sequence = self.durable.last().map_or(1, |entry| entry.sequence + 1);
    }

    fn take_old_reader(&mut self) {
        if self.flying.iter().all(|batch| !batch.committed) {
            let conn = self.file.connect();
            conn.execute_batch("BEGIN").unwrap();
            let _: i64 = conn
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
                .unwrap();
            self.old_reader = Some(conn);
        }
    }

    fn model(&self) -> BTreeMap<u64, BTreeSet<u64>> {
        let mut model = BTreeMap::<u64, BTreeSet<u64>>::new();
        for entry in self
            .durable
            .iter()
            .chain(self.flying.iter().flat_map(|batch| &batch.entries))
        {
            model.entry(entry.hash).or_default().insert(entry.value);
        }
        model
    }

    fn check(&self, keys: u16) {
        let model = self.model();
        let hashes: Vec<u64> = (0..keys).map(|key| mixed(key.into())).collect();
        let mut maybe = Vec::new();
        self.index.probe(&hashes, &mut maybe);
        for (&hash, &maybe) in hashes.iter().zip(&maybe) {
            let expected: Vec<u64> = model
                .get(&hash)
                .map(|values| values.iter().copied().collect())
                .unwrap_or_default();
            for reader in [Some(&self.reader), self.old_reader.as_ref()]
                .into_iter()
                .flatten()
            {
                let mut found = Vec::new();
                self.index.find(reader, hash, &mut found).unwrap();
                assert_eq!(found, expected, "hash {hash:x}");
            }
            assert!(expected.is_empty() || maybe || self.index.contains_recent(hash));
        }
    }

    fn check_file(&self) {
        let report = verify(&self.reader, NAME).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        assert!(self.index.memory_bytes() > 0);
    }
}

/// Enough batches for merges of three levels, everything committed.
fn grown(settings: Settings, batches: u16) -> World {
    let mut world = World::new(settings);
    for batch in 0..batches {
        let keys: Vec<_> = (0..20)
            .map(|i| (batch.wrapping_mul(20) + i, (i % 7) as u8, false))
            .collect();
        world.evaluate(&keys);
        world.commit();
        world.report_durable();
    }
    world
}
