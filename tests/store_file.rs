//! An open store: what its file looks like, what other programs see, how commits and checkpoints reach the disk.

mod store_support;

use std::fs;
use std::process::Command;

use qenex::base::Status;
use qenex::store::backup::integrity_check;
use qenex::store::file::{APPLICATION_ID, Database, Durability, Location, OpenSettings};
use qenex::store::vfs::SimulatedDisk;
use store_support::*;

fn read_only() -> OpenSettings {
    OpenSettings {
        read_only: true,
        ..settings()
    }
}

#[test]
fn a_new_file_is_as_designed_and_sqlite3_reads_it() {
    let folder = Folder::new();
    let path = folder.file("bank's file.db");
    let db = open(&path).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 10, 100).unwrap();
    let pragma = |name: &str| -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        db.writer()
            .unwrap()
            .query_row(&sql, [], |row| row.get(0))
            .unwrap()
    };
    for (name, value) in [
        ("page_size", "4096"),
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("temp_store", "2"),
        ("foreign_keys", "0"),
        ("trusted_schema", "0"),
        ("auto_vacuum", "0"),
    ] {
        assert_eq!(pragma(name), value, "{name}");
    }
    let mapped = db
        .writer()
        .unwrap()
        .query_row("PRAGMA mmap_size = 1000000", [], |row| row.get::<_, i64>(0));
    assert_eq!(mapped.unwrap_or(0), 0, "memory-mapping stays off");
    let sqlite3 = |sql: &str| {
        let output = Command::new("sqlite3")
            .arg(&path)
            .arg(sql)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(
        sqlite3("SELECT count(*), sum(n) FROM entry"),
        "10|45",
        "while it is open, from the log"
    );
    assert!(!db.written_by_other().unwrap(), "reading is not writing");
    drop(db);
    let header = fs::read(&path).unwrap();
    assert_eq!(header[20], 40, "reserved bytes of a page");
    assert_eq!(header[68..72], APPLICATION_ID.to_be_bytes());
    assert_eq!(sqlite3("PRAGMA integrity_check"), "ok");
    assert_eq!(sqlite3("SELECT count(*) FROM entry"), "10");
}

#[test]
fn a_write_by_another_program_is_noticed_and_our_own_are_not() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    let db = open(&path).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 10, 100).unwrap();
    db.checkpoint_passive().unwrap();
    write_entries(&db, 10, 20, 100).unwrap();
    db.checkpoint_truncate().unwrap();
    write_entries(&db, 20, 30, 100).unwrap();
    assert_eq!(entries(&db.readers().get().unwrap()).len(), 30);
    assert!(!db.written_by_other().unwrap());
    let output = Command::new("sqlite3")
        .arg(&path)
        .arg("DELETE FROM entry WHERE n = 3")
        .output();
    assert!(output.unwrap().status.success());
    db.writer()
        .unwrap()
        .execute_batch("BEGIN IMMEDIATE")
        .unwrap();
    assert!(db.written_by_other().unwrap());
    db.writer().unwrap().execute_batch("ROLLBACK").unwrap();
    assert!(!db.written_by_other().unwrap(), "told once");
}

#[test]
fn checkpoints_move_the_log_into_the_file() {
    let disk = SimulatedDisk::new();
    let db = open_memory(&disk).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 100, 1000).unwrap();
    assert_eq!(
        db.counters().log_end(),
        disk.file_len("/qenex.db-wal").unwrap()
    );
    let mut reader = db.readers().get().unwrap();
    reader.begin_snapshot().unwrap();
    write_entries(&db, 100, 200, 1000).unwrap();
    let passive = db.checkpoint_passive().unwrap();
    assert!(
        passive.done_frames > 0 && passive.done_frames < passive.log_frames,
        "{passive:?}"
    );
    let truncate = db.checkpoint_truncate().unwrap();
    assert!(truncate.busy, "the snapshot is in the way");
    assert_eq!(entries(&reader).len(), 100, "and still sees what it saw");
    drop(reader);
    let truncate = db.checkpoint_truncate().unwrap();
    assert!(!truncate.busy);
    assert_eq!(disk.file_len("/qenex.db-wal"), Some(0));
    assert_eq!(db.counters().log_end(), 0);
    assert_eq!(entries(&db.readers().get().unwrap()).len(), 200);
}

#[test]
fn fully_durable_commits_sync_once_and_normal_ones_do_not() {
    for (durability, syncs) in [(Durability::Full, 1), (Durability::Normal, 0)] {
        let settings = OpenSettings {
            durability,
            ..settings()
        };
        let disk = SimulatedDisk::new();
        let db = Database::open(Location::Memory(disk), settings).unwrap();
        create_table(&db).unwrap();
        write_entries(&db, 0, 1, 10).unwrap();
        let before = db.counters().counts();
        write_entries(&db, 1, 2, 10).unwrap();
        let after = db.counters().counts();
        assert_eq!(after.syncs - before.syncs, syncs, "{durability:?}");
        assert_eq!(after.sync_nanos.iter().sum::<u64>(), after.syncs);
        assert!(after.bytes_written >= before.bytes_written + 4096);
        let lower = db
            .writer()
            .unwrap()
            .execute_batch("PRAGMA synchronous = OFF");
        assert_eq!(
            lower.is_err(),
            durability == Durability::Full,
            "{durability:?}"
        );
    }
}

#[test]
fn a_large_commit_reaches_the_log_in_few_writes() {
    let folder = Folder::new();
    for location in [
        Location::Memory(SimulatedDisk::new()),
        Location::Path(folder.file("bank.db")),
    ] {
        let settings = OpenSettings {
            page_cache_kib: 16 * 1024,
            ..settings()
        };
        let db = Database::open(location.clone(), settings.clone()).unwrap();
        create_table(&db).unwrap();
        let before = db.counters().counts();
        write_entries(&db, 0, 1000, 3000).unwrap();
        let after = db.counters().counts();
        let bytes = after.bytes_written - before.bytes_written;
        let writes = after.writes - before.writes;
        assert!(
            bytes > 3_000_000 && writes < bytes / 50_000,
            "{bytes} bytes in {writes} writes"
        );
        assert_eq!(entries(&db.readers().get().unwrap()).len(), 1000);
    }
}

#[test]
fn a_long_log_left_by_a_crash_is_taken_up() {
    let folder = Folder::new();
    let (path, crashed) = (folder.file("bank.db"), folder.file("crashed.db"));
    let db = open(&path).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 1000, 3000).unwrap();
    fs::copy(&path, &crashed).unwrap();
    fs::copy(folder.file("bank.db-wal"), folder.file("crashed.db-wal")).unwrap();
    let again = open(&crashed).unwrap();
    assert_eq!(
        fs::metadata(folder.file("crashed.db-wal")).unwrap().len(),
        0
    );
    assert_eq!(entries(again.writer().unwrap()).len(), 1000);
    assert_eq!(integrity_check(again.writer().unwrap()).unwrap(), [""; 0]);
}

#[test]
fn a_transaction_larger_than_the_cache_is_read_and_rolled_back() {
    let settings = OpenSettings {
        page_cache_kib: 64,
        ..settings()
    };
    let db = Database::open(Location::Memory(SimulatedDisk::new()), settings).unwrap();
    let writer = db.writer().unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 50, 3000).unwrap();
    for end in ["ROLLBACK", "COMMIT"] {
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        for n in 50..400i64 {
            writer
                .execute(
                    "INSERT INTO entry VALUES (?1, ?2)",
                    (n, vec![n as u8; 3000]),
                )
                .unwrap();
            if n % 7 == 0 {
                // Pages that were written to the log already, read back and changed once more.
                writer
                    .execute("UPDATE entry SET body = body WHERE n = ?1", [n - 43])
                    .unwrap();
                assert_eq!(entries(writer).len() as i64, n + 1);
                assert_eq!(entries(&db.readers().get().unwrap()).len(), 50);
            }
        }
        writer
            .execute_batch("SAVEPOINT s; DELETE FROM entry WHERE n > 100; ROLLBACK TO s; RELEASE s")
            .unwrap();
        writer.execute_batch(end).unwrap();
        let expected = if end == "COMMIT" { 400 } else { 50 };
        assert_eq!(entries(writer).len(), expected);
        assert_eq!(entries(&db.readers().get().unwrap()).len(), expected);
    }
    db.checkpoint_truncate().unwrap();
    assert_eq!(integrity_check(writer).unwrap(), [""; 0]);
}

#[test]
fn a_read_only_store_reads_and_does_not_write() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    let db = open(&path).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 5, 10).unwrap();
    let reading = Database::open(Location::Path(path.clone()), read_only()).unwrap();
    assert_eq!(entries(&reading.readers().get().unwrap()), [0, 1, 2, 3, 4]);
    write_entries(&db, 5, 6, 10).unwrap();
    assert_eq!(
        entries(&reading.readers().get().unwrap()).len(),
        6,
        "commits show up"
    );
    assert_eq!(refused(reading.writer()), Status::READ_ONLY);
    assert_eq!(refused(reading.checkpoint_passive()), Status::READ_ONLY);
    drop(reading);
    write_entries(&db, 6, 7, 10).unwrap();
}
