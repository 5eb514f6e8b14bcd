//! One writer: who is told what when the file is taken, and when the lock is free again.

#![cfg(unix)]

mod store_support;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use qenex::base::Status;
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::lock::{ForkGuard, WriterLock, lock_path};
use qenex::store::vfs::SimulatedDisk;
use store_support::*;

const PATH: &str = "QENEX_TEST_LOCK";

/// Run in a child process: opens the store, writes, says so, and waits to be killed.
#[test]
fn child_that_holds_the_lock() {
    let Ok(path) = std::env::var(PATH) else {
        return;
    };
    let db = open(path.as_ref()).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 3, 10).unwrap();
    db.writer()
        .unwrap()
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO entry VALUES (77, x'00')")
        .unwrap();
    println!("\nholding");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

fn holder(path: &std::path::Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child_that_holds_the_lock", "--exact", "--nocapture"])
        .env(PATH, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "holding"));
    child
}

#[test]
fn another_process_is_named_and_its_death_frees_the_lock() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    let mut child = holder(&path);
    let text = message(open(&path));
    assert!(text.contains("QENEX_LOCKED"), "{text}");
    assert!(text.contains(&format!("pid {} on ", child.id())), "{text}");
    assert!(
        text.contains("(store_lock") && text.contains("since "),
        "{text}"
    );
    let settings = OpenSettings {
        read_only: true,
        ..settings()
    };
    let reading = Database::open(Location::Path(path.clone()), settings).unwrap();
    assert_eq!(
        entries(&reading.readers().get().unwrap()),
        [0, 1, 2],
        "reading needs no lock"
    );
    drop(reading);
    child.kill().unwrap();
    child.wait().unwrap();
    let db = open(&path).unwrap();
    assert_eq!(
        entries(db.writer().unwrap()),
        [0, 1, 2],
        "what was in flight is gone"
    );
    write_entries(&db, 3, 4, 10).unwrap();
}

#[test]
fn the_same_process_is_told_to_share() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    let db = open(&path).unwrap();
    for other in [
        path.clone(),
        folder.file("./bank.db"),
        folder
            .path()
            .join("../")
            .join(folder.path())
            .join("bank.db"),
    ] {
        assert_eq!(refused(open(&other)), Status::ALREADY_OPEN, "{other:?}");
    }
    drop(db);
    assert_eq!(
        fs::read(lock_path(&path)).unwrap(),
        b"",
        "no holder is named any more"
    );
    let db = open(&path).unwrap();
    // An attempt that fails later gives the lock back as well.
    drop(db);
    let settings = OpenSettings {
        supported_format: 0,
        ..settings()
    };
    qenex::store::file::set_format_version(open(&path).unwrap().writer().unwrap(), 5).unwrap();
    let newer = Database::open(Location::Path(path.clone()), settings);
    assert_eq!(refused(newer), Status::NEWER_VERSION);
    assert!(open(&path).is_ok());
}

#[test]
fn threads_that_race_get_one_lock() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    for _ in 0..20 {
        let barrier = std::sync::Barrier::new(4);
        let statuses: Vec<Option<Status>> = std::thread::scope(|scope| {
            let race = || {
                barrier.wait();
                let lock = WriterLock::take(&path);
                barrier.wait();
                lock.err().map(|error| error.status())
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(race)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(statuses.iter().filter(|status| status.is_none()).count(), 1);
        assert!(
            statuses
                .iter()
                .flatten()
                .all(|status| *status == Status::ALREADY_OPEN),
            "{statuses:?}"
        );
    }
}

#[test]
fn the_lock_survives_other_handles_of_the_files_being_closed() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    let db = open(&path).unwrap();
    create_table(&db).unwrap();
    drop(File::open(&path).unwrap());
    drop(File::open(lock_path(&path)).unwrap());
    let other = File::options().write(true).open(lock_path(&path)).unwrap();
    assert!(other.try_lock().is_err());
    drop(other);
    assert_eq!(refused(open(&path)), Status::ALREADY_OPEN);
}

#[test]
fn another_copy_of_the_library_in_this_process_is_locked_out_too() {
    let folder = Folder::new();
    let path = folder.file("bank.db");
    let other = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(lock_path(&path))
        .unwrap();
    other.try_lock().unwrap();
    let text = message(open(&path));
    assert!(
        text.contains("QENEX_LOCKED") && text.contains("did not give its name"),
        "{text}"
    );
    // What the lock's text holds is quoted, not trusted.
    fs::write(
        lock_path(&path),
        [b"evil\x1b[2J\n".as_slice(), &[b'x'; 5000]].concat(),
    )
    .unwrap();
    let text = message(open(&path));
    assert!(
        text.contains("evil\\u{1b}[2J") && text.len() < 1000,
        "{text}"
    );
    fs::write(lock_path(&path), [0xff, 0xfe]).unwrap();
    assert_eq!(refused(open(&path)), Status::LOCKED);
    // Closing alone would not do while a test beside this one starts a process, which has the handle until it runs.
    other.unlock().unwrap();
    open(&path).unwrap();
}

#[test]
fn a_disk_in_memory_has_one_writer_as_well() {
    let disk = SimulatedDisk::new();
    let db = open_memory(&disk).unwrap();
    assert_eq!(refused(open_memory(&disk)), Status::ALREADY_OPEN);
    assert!(open_memory(&SimulatedDisk::new()).is_ok(), "another disk");
    drop(db);
    assert!(open_memory(&disk).is_ok());
}

#[test]
fn the_process_that_opened_is_no_fork() {
    assert!(ForkGuard::new().check().is_ok());
}
