//! The index against a model: a multi-map of what the engine inserted, and the list of what is durable. Random
//! batches, undos, commits, failed commits and kills, with readers at the durable point and ahead of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::base::Status;

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
        self.report_durable();
        let kept = self
            .flying
            .iter()
            .take_while(|batch| batch.committed)
            .count();
        let failed = self.flying.split_off(kept);
        if !undo_first {
            self.index.rollback();
        }
        for batch in failed.iter().rev() {
            for entry in batch.entries.iter().rev() {
                assert!(self.index.undo_insert(entry.hash, entry.value));
                self.next_sequence = entry.sequence;
            }
        }
        if undo_first {
            self.index.rollback();
        }
    }

    /// Commits fail and are tried again with the same entries.
    fn retry(&mut self) {
        self.report_durable();
        let kept = self
            .flying
            .iter()
            .take_while(|batch| batch.committed)
            .count();
        let failed = self.flying.split_off(kept);
        self.index.rollback();
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

#[derive(Clone, Debug)]
enum Step {
    Evaluate(Vec<(u16, u8, bool)>),
    Commit,
    Durable,
    Fail(bool),
    Retry,
    Kill,
    OldReader,
    RequestFlush,
}

const KEYS: u16 = 300;

fn step() -> impl Strategy<Value = Step> {
    let insert = (0..KEYS, 0..4u8, prop::bool::weighted(0.1));
    prop_oneof![
        12 => prop::collection::vec(insert, 0..30).prop_map(Step::Evaluate),
        9 => Just(Step::Commit),
        7 => Just(Step::Durable),
        1 => any::<bool>().prop_map(Step::Fail),
        1 => Just(Step::Retry),
        1 => Just(Step::Kill),
        1 => Just(Step::OldReader),
        1 => Just(Step::RequestFlush),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_answers_as_a_multi_map_whatever_happens(steps in prop::collection::vec(step(), 1..220)) {
        let mut world = World::new(small());
        for (at, step) in steps.into_iter().enumerate() {
            match step {
                Step::Evaluate(keys) => world.evaluate(&keys),
                Step::Commit => world.commit(),
                Step::Durable => world.report_durable(),
                Step::Fail(undo_first) => world.fail(undo_first),
                Step::Retry => world.retry(),
                Step::Kill => world.kill(),
                Step::OldReader => world.take_old_reader(),
                Step::RequestFlush => world.index.request_flush(),
            }
            if at % 8 == 0 {
                world.check(KEYS);
                world.check_file();
            }
        }
        world.check(KEYS);
        world.kill();
        world.check(KEYS);
        world.check_file();
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

#[test]
fn runs_merge_so_that_their_number_stays_small_and_pages_are_used_again() {
    let world = grown(small(), 400);
    assert!(
        world.index.run_count() <= 16,
        "{} runs",
        world.index.run_count()
    );
    assert!(world.index.live.iter().any(|live| live.run.row.level >= 3));
    let owned = verify(&world.reader, NAME).unwrap().pages;
    let highest = world.index.tables.highest_page(&world.reader).unwrap();
    assert!(
        u64::from(highest) < owned * 3,
        "{highest} pages for {owned}"
    );
    world.check(400 * 20);
}

#[test]
fn a_page_row_takes_one_page_of_the_file() {
    let file = File::new();
    let conn = Connection::open(&file.0).unwrap();
    conn.execute_batch("PRAGMA page_size = 4096").unwrap();
    create_tables(&conn, NAME).unwrap();
    let mut index = KeyIndex::open(
        &conn,
        Settings {
            memtable_entries: 50_000,
            ..Settings::new(NAME)
        },
    )
    .unwrap();
    for key in 0..50_000 {
        index.insert(mixed(key), key, 1);
    }
    let writes = index.plan(&conn, 50_000).unwrap();
    let before: u32 = conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    writes.apply(&conn).unwrap();
    let after: u32 = conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    let rows = writes.row_count() as u32;
    assert!(rows > 100);
    assert!(
        after - before < rows + 8,
        "{} pages for {rows} rows",
        after - before
    );
}

#[test]
fn a_requested_flush_puts_everything_into_runs_at_once() {
    let mut world = World::new(Settings::new(NAME));
    world.evaluate(&[(1, 1, false), (2, 2, false)]);
    world.index.request_flush();
    world.evaluate(&[(3, 3, false)]);
    world.commit();
    world.commit();
    world.report_durable();
    assert_eq!(world.index.flushed_sequence(), Some(3));
    assert!(!world.index.contains_recent(mixed(1)));
    world.check(10);
    world.index.request_flush();
    world.evaluate(&[]);
    assert_eq!(world.flying[0].writes.row_count(), 0);
}

#[test]
fn work_is_bounded_by_what_was_inserted() {
    let mut world = World::new(Settings {
        memtable_entries: 2_000,
        ..Settings::new(NAME)
    });
    let mut most = 0;
    for batch in 0..2_000u16 {
        let keys: Vec<_> = (0..20)
            .map(|i| (batch.wrapping_mul(20) + i, 0, false))
            .collect();
        world.evaluate(&keys);
        most = most.max(world.flying[0].writes.row_count());
        world.commit();
        world.report_durable();
    }
    assert!(world.index.run_count() < 24);
    assert!(most < 100, "{most} rows in one plan");
}

#[test]
fn one_hash_with_thousands_of_values_spans_chunks() {
    let mut world = World::new(Settings {
        memtable_entries: 50,
        page_bytes: 160,
        ..Settings::new(NAME)
    });
    for value in 0..1_000u64 {
        world.index.insert(77, value, value as i64);
        world.index.insert(mixed(value), value, value as i64);
        let writes = world.index.plan(&world.reader, 2).unwrap();
        writes.apply(&world.writer).unwrap();
        world.index.durable(writes.ticket());
    }
    let mut found = vec![5];
    world.index.find(&world.reader, 77, &mut found).unwrap();
    assert_eq!(found[0], 5);
    assert!(found[1..].iter().copied().eq(0..1_000));
    world.check_file();
}

#[test]
fn a_reader_before_the_durable_point_is_told_so() {
    let mut world = World::new(small());
    let old = world.file.connect();
    old.execute_batch("BEGIN").unwrap();
    let _: i64 = old
        .query_row("SELECT count(*) FROM key_run_transfer", [], |row| {
            row.get(0)
        })
        .unwrap();
    for batch in 0..40u16 {
        let keys: Vec<_> = (0..20).map(|i| (batch * 20 + i, 0, false)).collect();
        world.evaluate(&keys);
        world.commit();
        world.report_durable();
    }
    let error = world
        .index
        .find(&old, mixed(0), &mut Vec::new())
        .unwrap_err();
    assert_eq!(error.status(), Status::SNAPSHOT_TOO_OLD);
}

#[test]
fn without_room_for_filters_everything_is_still_found() {
    let world = grown(
        Settings {
            filter_bytes: 0,
            ..small()
        },
        100,
    );
    let mut maybe = Vec::new();
    world.index.probe(&[1, 2, 3], &mut maybe);
    assert_eq!(maybe, [true, true, true]);
    world.check(2_000);
}

#[test]
fn bad_settings_are_refused() {
    let conn = Connection::open_in_memory().unwrap();
    for name in [
        "",
        "Upper",
        "a b",
        "x;drop",
        "transfer_page",
        &"n".repeat(33),
    ] {
        assert_eq!(
            create_tables(&conn, name).unwrap_err().status(),
            Status::INVALID_ARGUMENT
        );
    }
    create_tables(&conn, NAME).unwrap();
    let few = Settings {
        memtable_entries: 1_023,
        ..Settings::new(NAME)
    };
    assert_eq!(
        KeyIndex::open(&conn, few).err().map(|e| e.status()),
        Some(Status::INVALID_ARGUMENT)
    );
    assert!(KeyIndex::open(&conn, Settings::new("absent")).is_err());
}

#[test]
fn damage_is_refused_by_open_and_described_by_verify() {
    let world = grown(small(), 100);
    let conn = &world.writer;
    let tampers = [
        "UPDATE key_run_transfer_page SET content = zeroblob(160)",
        "UPDATE key_run_transfer_page SET content = x'00'",
        "DELETE FROM key_run_transfer_page WHERE page % 2 = 0",
        "UPDATE key_run_transfer SET fence_pages = x''",
        "UPDATE key_run_transfer SET filter_pages = fence_pages",
        "UPDATE key_run_transfer SET filter_blocks = 9223372036854775807",
        "UPDATE key_run_transfer SET filter_blocks = 0",
        "UPDATE key_run_transfer SET fence_pages = x'ffffffff'",
        "UPDATE key_run_transfer SET entries = -1",
        "UPDATE key_run_transfer SET run = run + 100",
        "INSERT INTO key_run_transfer SELECT run + 4294967296, level, entries, highest_sequence, filter_blocks, fence_pages, filter_pages FROM key_run_transfer",
    ];
    for tamper in tampers {
        conn.execute_batch("BEGIN").unwrap();
        conn.execute_batch(tamper).unwrap();
        let opened = KeyIndex::open(
            conn,
            Settings {
                filter_bytes: 1 << 20,
                ..small()
            },
        );
        assert!(opened.is_err(), "{tamper}");
        assert!(
            verify(conn, NAME).map_or(true, |report| !report.problems.is_empty()),
            "{tamper}"
        );
        conn.execute_batch("ROLLBACK").unwrap();
    }
    conn.execute_batch("UPDATE key_run_transfer SET entries = entries + 1")
        .unwrap();
    assert!(!verify(conn, NAME).unwrap().problems.is_empty());
    clear(conn, NAME).unwrap();
    assert_eq!(KeyIndex::open(conn, small()).unwrap().run_entries(), 0);
    assert_eq!(verify(conn, NAME).unwrap(), Report::default());
}

#[test]
fn a_plan_that_cannot_read_leaves_the_index_as_it_was() {
    let mut world = grown(small(), 60);
    let empty = Connection::open_in_memory().unwrap();
    create_tables(&empty, NAME).unwrap();
    for key in 0..40u16 {
        world
            .index
            .insert(mixed(key.into()), 9, world.next_sequence);
        world.durable.push(Entry {
            hash: mixed(key.into()),
            value: 9,
            sequence: world.next_sequence,
        });
        world.next_sequence += 1;
    }
    let mut failures = 0;
    for _ in 0..200 {
        match world.index.plan(&empty, 40) {
            Ok(writes) => {
                writes.apply(&world.writer).unwrap();
                world.index.durable(writes.ticket());
            }
            Err(_) => failures += 1,
        }
        for key in 100..120u16 {
            world
                .index
                .insert(mixed(key.into()), 9, world.next_sequence);
            world.durable.push(Entry {
                hash: mixed(key.into()),
                value: 9,
                sequence: world.next_sequence,
            });
            world.next_sequence += 1;
        }
        world.check(1_200);
    }
    assert!(failures > 0);
    world.evaluate(&[]);
    world.commit();
    world.report_durable();
    world.check(1_200);
    world.check_file();
}
