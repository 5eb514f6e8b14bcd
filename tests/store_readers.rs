//! Readers: how many there are, what they see, and what happens to those that stay too long.

mod store_support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use qenex::base::Status;
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::readers::Readers;
use qenex::store::vfs::{Fault, FaultPlan, IoKind, Repeat, SimulatedDisk};
use store_support::*;

fn store(max_readers: u32) -> Database {
    let settings = OpenSettings {
        max_readers,
        busy_timeout_ms: 50,
        ..settings()
    };
    let db = Database::open(Location::Memory(SimulatedDisk::volatile()), settings).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 3, 100).unwrap();
    db
}

#[test]
fn readers_cannot_write() {
    let db = store(1);
    let reader = db.readers().get().unwrap();
    for sql in [
        "INSERT INTO entry VALUES (9, x'00')",
        "CREATE TABLE t (x)",
        "DROP TABLE entry",
        "PRAGMA user_version = 3",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema",
        "VACUUM",
        "BEGIN IMMEDIATE",
    ] {
        let result = reader.execute_batch(sql);
        let still = reader.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0));
        assert!(result.is_err() || still.unwrap() == "wal", "{sql}");
    }
    drop(reader);
    assert_eq!(entries(&db.readers().get().unwrap()), [0, 1, 2]);
    assert_eq!(db.format_version().unwrap(), 0);
}

#[test]
fn the_pool_is_bounded_and_hands_readers_on() {
    let db = store(2);
    let (first, second) = (db.readers().get().unwrap(), db.readers().get().unwrap());
    let text = message(db.readers().get());
    assert!(
        text.contains("QENEX_BUSY") && text.contains("all 2 readers"),
        "{text}"
    );
    drop(first);
    assert!(db.readers().get().is_ok());
    assert_eq!(db.readers().open_connections(), 2);
    let settings = OpenSettings {
        max_readers: 0,
        ..settings()
    };
    let least = Database::open(Location::Memory(SimulatedDisk::volatile()), settings).unwrap();
    assert!(least.readers().get().is_ok(), "at least one");
    drop(second);
}

#[test]
fn one_who_waits_gets_the_reader_that_comes_back() {
    let settings = OpenSettings {
        max_readers: 1,
        busy_timeout_ms: 60_000,
        ..settings()
    };
    let db = Database::open(Location::Memory(SimulatedDisk::volatile()), settings).unwrap();
    let held = db.readers().get().unwrap();
    std::thread::scope(|scope| {
        let readers = db.readers();
        let waiting = scope.spawn(move || readers.get().map(|_| ()));
        std::thread::sleep(Duration::from_millis(20));
        drop(held);
        waiting.join().unwrap().unwrap();
    });
}

#[test]
fn a_reader_comes_back_without_the_transaction_of_its_user() {
    let db = store(1);
    let reader = db.readers().get().unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM entry").unwrap();
    drop(reader);
    write_entries(&db, 3, 4, 100).unwrap();
    let reader = db.readers().get().unwrap();
    assert!(reader.is_autocommit());
    assert_eq!(entries(&reader).len(), 4);
}

#[test]
fn a_snapshot_stays_the_same_until_it_ends() {
    let db = store(2);
    assert_eq!(db.readers().oldest_snapshot(), None);
    let mut reader = db.readers().get().unwrap();
    reader.end_snapshot();
    reader.begin_snapshot().unwrap();
    reader.begin_snapshot().unwrap();
    write_entries(&db, 3, 4, 100).unwrap();
    assert_eq!(entries(&reader).len(), 3);
    assert!(reader.snapshot_age() <= db.readers().oldest_snapshot());
    reader.check().unwrap();
    reader.end_snapshot();
    assert_eq!(entries(&reader).len(), 4);
    assert_eq!(
        (reader.snapshot_age(), db.readers().oldest_snapshot()),
        (None, None)
    );
    reader.begin_snapshot().unwrap();
    drop(reader);
    assert_eq!(db.readers().oldest_snapshot(), None, "ended by giving back");
    assert!(!db.checkpoint_truncate().unwrap().busy);
}

#[test]
fn a_snapshot_that_is_too_old_is_ended() {
    let db = store(2);
    let mut old = db.readers().get().unwrap();
    old.begin_snapshot().unwrap();
    assert_eq!(db.readers().expire_older_than(Duration::from_secs(3600)), 0);
    old.check().unwrap();
    assert_eq!(db.readers().expire_older_than(Duration::ZERO), 1);
    assert_eq!(
        db.readers().expire_older_than(Duration::ZERO),
        0,
        "marked once"
    );
    let mut young = db.readers().get().unwrap();
    young.begin_snapshot().unwrap();
    assert_eq!(refused(old.check()), Status::SNAPSHOT_TOO_OLD);
    old.check().unwrap();
    young.check().unwrap();
    assert_eq!(entries(&old).len(), 3, "usable again, without the snapshot");
}

#[test]
fn a_query_in_an_expired_snapshot_is_interrupted() {
    let db = store(2);
    let readers: Readers = db.readers().clone();
    let started = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let query = scope.spawn(|| {
            let mut reader = readers.get().unwrap();
            reader.begin_snapshot().unwrap();
            started.store(true, Ordering::Release);
            let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
            let result = reader.query_row(endless, [], |row| row.get::<_, i64>(0));
            (qenex::base::Error::from(result.unwrap_err()).status(), refused(reader.check()))
        });
        while !started.load(Ordering::Acquire) || !query.is_finished() {
            db.readers().expire_older_than(Duration::from_millis(100));
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(
            query.join().unwrap(),
            (Status::SNAPSHOT_TOO_OLD, Status::SNAPSHOT_TOO_OLD)
        );
    });
}

#[test]
fn a_closed_store_lends_no_readers_and_lets_the_last_ones_finish() {
    let db = store(2);
    let readers = db.readers().clone();
    let reader = readers.get().unwrap();
    drop(db);
    assert_eq!(refused(readers.get()), Status::CLOSED);
    assert_eq!(entries(&reader).len(), 3);
    assert_eq!(readers.open_connections(), 1);
    drop(reader);
    assert_eq!(readers.open_connections(), 0);
}

#[test]
fn a_reader_that_cannot_be_opened_takes_no_place() {
    let (disk, faults) = (SimulatedDisk::new(), FaultPlan::new());
    let settings = OpenSettings {
        max_readers: 1,
        ..settings()
    };
    let db = Database::open_with_faults(Location::Memory(disk), settings, faults.clone()).unwrap();
    for _ in 0..3 {
        faults.fail(&[IoKind::Open], 1, Repeat::Once, Fault::IoError);
        assert_eq!(refused(db.readers().get()), Status::CANNOT_OPEN);
    }
    assert!(db.readers().get().is_ok());
}

/// A writer that moves amounts between two rows and checkpoints all the time, and readers that add them up.
fn moves_and_sums(db: &Database, rounds: i64) {
    let writer = db.writer().unwrap();
    writer
        .execute_batch("CREATE TABLE balance (n INTEGER PRIMARY KEY, amount INTEGER) STRICT; INSERT INTO balance VALUES (1, 1000), (2, 0)")
        .unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let sums: Vec<_> = (0..3)
            .map(|_| {
                let (readers, done) = (db.readers().clone(), &done);
                scope.spawn(move || {
                    let (mut sums, mut last) = (0u64, 0);
                    while !done.load(Ordering::Acquire) || sums == 0 {
                        let reader = readers.get().unwrap();
                        let row = reader.query_row(
                            "SELECT sum(amount), max(amount * (n - 1)) FROM balance",
                            [],
                            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
                        );
                        let (sum, moved) = row.unwrap();
                        assert_eq!(sum, 1000);
                        assert!(moved >= last, "time went back");
                        last = moved;
                        sums += 1;
                    }
                    sums
                })
            })
            .collect();
        for round in 0..rounds {
            writer
                .execute_batch("BEGIN IMMEDIATE; UPDATE balance SET amount = amount - 1 WHERE n = 1; UPDATE balance SET amount = amount + 1 WHERE n = 2; COMMIT")
                .unwrap();
            match round % 10 {
                3 => drop(db.checkpoint_passive().unwrap()),
                7 => drop(db.checkpoint_truncate().unwrap()),
                _ => {}
            }
        }
        done.store(true, Ordering::Release);
        for sum in sums {
            assert!(sum.join().unwrap() > 0);
        }
    });
    assert!(!db.written_by_other().unwrap());
}

#[test]
fn readers_and_the_writer_share_a_disk_in_memory() {
    let db = Database::open(
        Location::Memory(SimulatedDisk::new()),
        OpenSettings::default(),
    )
    .unwrap();
    moves_and_sums(&db, 300);
}

#[test]
fn readers_and_the_writer_share_a_file() {
    let folder = Folder::new();
    let location = Location::Path(folder.file("bank.db"));
    moves_and_sums(
        &Database::open(location, OpenSettings::default()).unwrap(),
        100,
    );
}
