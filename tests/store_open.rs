//! Opening: what is refused and with which status, what a new file looks like, what another program sees.

mod store_support;

use std::fs;
use std::process::Command;

use qenex::base::Status;
use qenex::store::backup::integrity_check;
use qenex::store::file::{
    APPLICATION_ID, Database, Durability, Location, OpenSettings, set_format_version,
};
use qenex::store::vfs::SimulatedDisk;
use store_support::*;

fn without_create() -> OpenSettings {
    OpenSettings {
        create: false,
        ..settings()
    }
}

fn read_only() -> OpenSettings {
    OpenSettings {
        read_only: true,
        ..settings()
    }
}

#[test]
fn paths_that_are_no_files_are_refused() {
    let folder = Folder::new();
    for (path, settings, status) in [
        ("".into(), settings(), Status::INVALID_ARGUMENT),
        ("a\0b.db".into(), settings(), Status::INVALID_ARGUMENT),
        (
            folder.file("missing.db"),
            without_create(),
            Status::CANNOT_OPEN,
        ),
        (folder.file("missing.db"), read_only(), Status::CANNOT_OPEN),
        (folder.file("no/folder.db"), settings(), Status::CANNOT_OPEN),
        (folder.file("x/.."), settings(), Status::CANNOT_OPEN),
        (folder.path().to_owned(), settings(), Status::NOT_A_DATABASE),
        ("/".into(), settings(), Status::NOT_A_DATABASE),
        ("/dev/null".into(), settings(), Status::NOT_A_DATABASE),
        (
            folder.file(&"n".repeat(300)),
            settings(),
            Status::CANNOT_OPEN,
        ),
    ] {
        let result = Database::open(Location::Path(path.clone()), settings);
        assert_eq!(refused(result), status, "{path:?}");
    }
    assert_eq!(folder.names(), [""; 0], "nothing was made");
}

#[test]
fn files_that_are_no_databases_are_refused_and_left_alone() {
    let folder = Folder::new();
    let noise: Vec<u8> = (0..8192u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let cases: [(&str, Vec<u8>, Status); 6] = [
        ("noise", noise, Status::NOT_A_DATABASE),
        (
            "text",
            b"Dear Sir or Madam,\n".to_vec(),
            Status::NOT_A_DATABASE,
        ),
        ("byte", b"x".to_vec(), Status::NOT_A_DATABASE),
        ("magic", b"SQLite format 3\0".to_vec(), Status::CORRUPT),
        ("half magic", b"SQLite f".to_vec(), Status::CORRUPT),
        ("zeros", vec![0; 4096], Status::NOT_A_DATABASE),
    ];
    for (name, bytes, status) in cases {
        let path = folder.file(name);
        fs::write(&path, &bytes).unwrap();
        for settings in [settings(), without_create(), read_only()] {
            let result = Database::open(Location::Path(path.clone()), settings);
            assert_eq!(
                result.err().map(|error| error.status()),
                Some(status),
                "{name}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name} was changed");
    }
}

#[test]
fn an_empty_file_is_created_only_on_request() {
    let folder = Folder::new();
    let path = folder.file("empty.db");
    fs::write(&path, b"").unwrap();
    for settings in [without_create(), read_only()] {
        let result = Database::open(Location::Path(path.clone()), settings);
        assert_eq!(refused(result), Status::NOT_A_DATABASE);
    }
    create_table(&open(&path).unwrap()).unwrap();
    assert!(open(&path).is_ok());
}

#[test]
fn another_applications_file_is_refused_and_left_alone() {
    let folder = Folder::new();
    let path = folder.file("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE t (x); PRAGMA application_id = 7")
        .unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    for settings in [settings(), read_only()] {
        let result = Database::open(Location::Path(path.clone()), settings);
        let text = message(result);
        assert!(
            text.contains("QENEX_NOT_QENEX") && text.contains("0x00000007"),
            "{text}"
        );
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn damage_is_told_apart() {
    let disk = SimulatedDisk::new();
    let db = open_memory(&disk).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 200, 500).unwrap();
    drop(db);
    let whole = disk.read_file("/qenex.db").unwrap();
    let open_bytes = |bytes: &[u8]| {
        let disk = SimulatedDisk::new();
        assert!(disk.write_file("/qenex.db", bytes));
        open_memory(&disk).and_then(|db| match integrity_check(db.writer()?)?.is_empty() {
            true => Ok(()),
            false => Err(qenex::base::Error::new(Status::CORRUPT, "problems")),
        })
    };
    assert!(open_bytes(&whole).is_ok());
    assert_eq!(
        refused(open_bytes(&whole[..60])),
        Status::CORRUPT,
        "within the header"
    );
    assert_eq!(
        refused(open_bytes(&whole[..700])),
        Status::CORRUPT,
        "within the first page"
    );
    assert_eq!(
        refused(open_bytes(&whole[..8192])),
        Status::CORRUPT,
        "pages are missing"
    );
    let with = |offset: usize, bytes: &[u8]| {
        let mut damaged = whole.clone();
        damaged[offset..offset + bytes.len()].copy_from_slice(bytes);
        open_bytes(&damaged)
    };
    assert_eq!(
        refused(with(0, b"XQLite")),
        Status::NOT_A_DATABASE,
        "the magic"
    );
    assert_eq!(
        refused(with(16, &[3, 7])),
        Status::NOT_A_DATABASE,
        "the page size"
    );
    assert_eq!(
        refused(with(68, &[1])),
        Status::NOT_QENEX,
        "the application's id"
    );
    assert_eq!(
        refused(with(100, &[0x77; 40])),
        Status::CORRUPT,
        "the schema's root"
    );
    assert_eq!(
        refused(with(3 * 4096, &[0xff; 400])),
        Status::CORRUPT,
        "a page of the table"
    );
}

#[test]
fn a_newer_format_is_refused_also_while_it_is_only_in_the_log() {
    let folder = Folder::new();
    let path = folder.file("new.db");
    let limited = OpenSettings {
        supported_format: 3,
        ..settings()
    };
    let db = open(&path).unwrap();
    assert_eq!(db.format_version().unwrap(), 0);
    set_format_version(db.writer().unwrap(), 4).unwrap();
    assert_eq!(db.format_version().unwrap(), 4);
    let reading = OpenSettings {
        read_only: true,
        ..limited.clone()
    };
    let result = Database::open(Location::Path(path.clone()), reading);
    let text = message(result);
    assert!(
        text.contains("NEWER_VERSION") && text.contains("format 4") && text.contains("up to 3"),
        "{text}"
    );
    drop(db);
    let result = Database::open(Location::Path(path.clone()), limited.clone());
    assert_eq!(refused(result), Status::NEWER_VERSION);
    let db = open(&path).unwrap();
    set_format_version(db.writer().unwrap(), 3).unwrap();
    assert_eq!(
        refused(set_format_version(db.writer().unwrap(), u32::MAX)),
        Status::OVERFLOW
    );
    drop(db);
    assert!(Database::open(Location::Path(path), limited).is_ok());
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

#[cfg(unix)]
#[test]
fn links_are_followed_and_second_names_refused() {
    let folder = Folder::new();
    let (path, link) = (folder.file("bank.db"), folder.file("link.db"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let text = message(open(&link));
    assert!(
        text.contains("CANNOT_OPEN") && text.contains("link to a file that does not exist"),
        "{text}"
    );
    let db = open(&path).unwrap();
    assert_eq!(refused(open(&link)), Status::ALREADY_OPEN);
    drop(db);
    assert_eq!(open(&link).unwrap().path(), path);
    fs::hard_link(&path, folder.file("second.db")).unwrap();
    let text = message(open(&path));
    assert!(
        text.contains("CANNOT_OPEN") && text.contains("2 names"),
        "{text}"
    );
}

/// As root every permission is granted, so this runs itself as another user.
#[cfg(unix)]
#[test]
fn missing_permissions_have_their_statuses() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NAME: &str = "missing_permissions_have_their_statuses";
    let Ok(folder) = std::env::var("QENEX_TEST_PERMISSIONS") else {
        let folder = Folder::new();
        let binary = folder.file("test-binary");
        fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let mut child = Command::new(&binary);
        child
            .args([NAME, "--exact"])
            .env("QENEX_TEST_PERMISSIONS", folder.path());
        if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            child.uid(65534).gid(65534);
        }
        let output = child.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let mode = |path: &std::path::Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let inner = folder.join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("bank.db");
    create_table(&open(&path).unwrap()).unwrap();
    mode(&path, 0o000);
    let text = message(open(&path));
    assert!(
        text.contains("QENEX_CANNOT_OPEN") && text.contains("ermission denied"),
        "{text}"
    );
    let reading = Database::open(Location::Path(path.clone()), read_only());
    assert_eq!(refused(reading), Status::CANNOT_OPEN);
    mode(&path, 0o444);
    assert_eq!(
        refused(open(&path)),
        Status::READ_ONLY,
        "a file that may not be written"
    );
    let reading = Database::open(Location::Path(path.clone()), read_only()).unwrap();
    assert_eq!(entries(&reading.readers().get().unwrap()), [0i64; 0]);
    drop(reading);
    // A reader of a read-only file leaves files with the same rights.
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(inner.join(format!("bank.db{suffix}"))).unwrap();
    }
    mode(&path, 0o644);
    fs::remove_file(inner.join("bank.db-lock")).unwrap();
    mode(&inner, 0o555);
    assert_eq!(
        refused(open(&path)),
        Status::READ_ONLY,
        "a folder that may not be written"
    );
    assert_eq!(refused(open(&inner.join("new.db"))), Status::READ_ONLY);
    mode(&inner, 0o000);
    assert_eq!(
        refused(open(&path)),
        Status::CANNOT_OPEN,
        "a folder that may not be entered"
    );
    mode(&inner, 0o755);
    open(&path).unwrap();
}
