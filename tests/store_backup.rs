//! Backup and restore: copies are whole and verified, nothing is overwritten, failures leave nothing behind.

mod store_support;

use std::fs;
use std::path::Path;

use qenex::base::{Result, Status};
use qenex::store::backup::{self, Copied, integrity_check};
use qenex::store::file::{APPLICATION_ID, Database, Location};
use qenex::store::vfs::{Fault, FaultPlan, IoKind, Repeat, SimulatedDisk};
use store_support::*;

fn store(path: &Path) -> Database {
    let db = open(path).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 100, 1000).unwrap();
    db
}

fn back_up(db: &Database, target: &Path) -> Result<Copied> {
    backup::backup(db.readers(), target, 7, &mut |_, _| true)
}

#[test]
fn a_backup_is_a_store_as_of_its_beginning() {
    let folder = Folder::new();
    let db = store(&folder.file("bank.db"));
    let target = folder.file("copy of 100%?.db");
    let mut steps = Vec::new();
    let copied = backup::backup(db.readers(), &target, 5, &mut |done, total| {
        let next = 100 + steps.len() as i64;
        write_entries(&db, next, next + 1, 1000).unwrap();
        db.checkpoint_passive().unwrap();
        steps.push((done, total));
        true
    })
    .unwrap();
    assert!(
        steps.len() > 5 && steps.windows(2).all(|pair| pair[0].0 < pair[1].0),
        "{steps:?}"
    );
    assert_eq!(steps.last(), Some(&(copied.pages, copied.pages)));
    assert_eq!(copied.bytes, copied.pages * 4096);
    assert_eq!(copied.path, target);
    assert_eq!(fs::read(&target).unwrap()[20], 40, "reserved bytes");
    assert_eq!(
        folder
            .names()
            .iter()
            .filter(|name| name.contains("copy"))
            .count(),
        1,
        "{:?}",
        folder.names()
    );
    backup::verify_file(&target).unwrap();
    let restored = folder.file("restored.db");
    backup::restore(&target, &restored).unwrap();
    assert_eq!(
        folder
            .names()
            .iter()
            .filter(|name| name.contains("copy"))
            .count(),
        1,
        "{:?}",
        folder.names()
    );
    let again = open(&restored).unwrap();
    assert_eq!(entries(again.writer().unwrap()), Vec::from_iter(0..100));
    write_entries(&again, 100, 101, 10).unwrap();
    assert_eq!(entries(db.writer().unwrap()).len(), 100 + steps.len());
}

#[test]
fn a_store_in_memory_is_backed_up_to_a_file() {
    let folder = Folder::new();
    let db = open_memory(&SimulatedDisk::volatile()).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 10, 100).unwrap();
    back_up(&db, &folder.file("copy.db")).unwrap();
    let copy = open(&folder.file("copy.db")).unwrap();
    assert_eq!(entries(copy.writer().unwrap()).len(), 10);
}

#[test]
fn nothing_is_overwritten() {
    let folder = Folder::new();
    let db = store(&folder.file("bank.db"));
    for name in ["taken.db", "taken.db-wal", "taken.db-journal"] {
        let taken = folder.file(name);
        fs::write(&taken, b"mine").unwrap();
        assert_eq!(
            refused(back_up(&db, &folder.file("taken.db"))),
            Status::BACKUP_FAILED,
            "{name}"
        );
        assert_eq!(fs::read(&taken).unwrap(), b"mine");
        fs::remove_file(&taken).unwrap();
    }
    assert_eq!(
        refused(back_up(&db, db.path())),
        Status::BACKUP_FAILED,
        "onto itself"
    );
    assert_eq!(
        refused(back_up(&db, folder.path())),
        Status::BACKUP_FAILED,
        "a folder"
    );
    assert_eq!(
        refused(back_up(&db, &folder.file("no/folder.db"))),
        Status::CANNOT_OPEN
    );
    assert_eq!(
        refused(back_up(&db, Path::new("/"))),
        Status::INVALID_ARGUMENT
    );
    assert_eq!(
        refused(back_up(&db, Path::new(""))),
        Status::INVALID_ARGUMENT
    );
    back_up(&db, &folder.file("copy.db")).unwrap();
    assert_eq!(
        refused(backup::restore(&folder.file("copy.db"), db.path())),
        Status::BACKUP_FAILED
    );
    assert_eq!(
        folder.names(),
        [
            "bank.db",
            "bank.db-lock",
            "bank.db-shm",
            "bank.db-wal",
            "copy.db"
        ]
    );
}

#[test]
fn a_backup_that_is_stopped_leaves_nothing() {
    let folder = Folder::new();
    let db = store(&folder.file("bank.db"));
    let before = folder.names();
    let stopped = backup::backup(db.readers(), &folder.file("copy.db"), 5, &mut |done, _| {
        done < 20
    });
    let text = message(stopped);
    assert!(
        text.contains("BACKUP_FAILED") && text.contains("stopped after 20"),
        "{text}"
    );
    assert_eq!(folder.names(), before);
}

#[test]
fn damaged_and_foreign_backups_are_not_restored() {
    let folder = Folder::new();
    let db = store(&folder.file("bank.db"));
    let copy = folder.file("copy.db");
    back_up(&db, &copy).unwrap();
    let whole = fs::read(&copy).unwrap();
    let target = folder.file("restored.db");
    let refuse = |bytes: &[u8], status: Status| {
        fs::write(&copy, bytes).unwrap();
        assert_eq!(refused(backup::restore(&copy, &target)), status);
        assert_eq!(refused(backup::verify_file(&copy)), status);
        assert!(!target.exists());
    };
    refuse(b"", Status::NOT_A_DATABASE);
    refuse(b"some text", Status::NOT_A_DATABASE);
    refuse(&whole[..50], Status::CORRUPT);
    let mut torn = whole.clone();
    torn[5 * 4096..5 * 4096 + 2000].fill(0x5a);
    refuse(&torn, Status::CORRUPT);
    let mut short = whole.clone();
    short.truncate(whole.len() - 4096);
    refuse(&short, Status::CORRUPT);
    let mut foreign = whole;
    foreign[68..72].copy_from_slice(&(APPLICATION_ID + 1).to_be_bytes());
    refuse(&foreign, Status::NOT_QENEX);
    let missing = backup::restore(&folder.file("missing.db"), &target);
    assert_eq!(refused(missing), Status::CANNOT_OPEN);
}

#[test]
fn each_call_that_fails_during_a_backup_leaves_nothing_or_a_whole_copy() {
    let folder = Folder::new();
    let faults = FaultPlan::new();
    let location = Location::Path(folder.file("bank.db"));
    let db = Database::open_with_faults(location, settings(), faults.clone()).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 20, 1000).unwrap();
    drop(db.readers().get().unwrap());
    let before = folder.names();
    let target = folder.file("copy.db");
    let mut failures = 0;
    for nth in 1.. {
        let struck = faults.struck();
        faults.fail(&IoKind::ALL, nth, Repeat::Once, Fault::IoError);
        let result = back_up(&db, &target);
        if faults.struck() == struck {
            faults.clear();
            result.unwrap();
            break;
        }
        failures += i32::from(result.is_err());
        if target.exists() {
            backup::verify_file(&target).unwrap();
            fs::remove_file(&target).unwrap();
        } else {
            assert!(result.is_err(), "call {nth}");
        }
        assert_eq!(folder.names(), before, "call {nth}");
        assert!(nth < 1000);
    }
    assert!(failures > 20, "{failures}");
    assert!(!db.sync_failed(), "the source is not drawn in");
    write_entries(&db, 20, 21, 1000).unwrap();
}

#[test]
fn the_integrity_check_names_problems() {
    let disk = SimulatedDisk::new();
    let db = open_memory(&disk).unwrap();
    create_table(&db).unwrap();
    write_entries(&db, 0, 100, 1000).unwrap();
    assert_eq!(integrity_check(db.writer().unwrap()).unwrap(), [""; 0]);
    drop(db);
    assert!(disk.overwrite("/qenex.db", 6 * 4096, &[0xaa; 64]));
    let db = open_memory(&disk).unwrap();
    let problems = integrity_check(db.writer().unwrap()).unwrap();
    assert!(!problems.is_empty());
    let target = Folder::new();
    let text = message(back_up(&db, &target.file("copy.db")));
    assert!(
        text.contains("BACKUP_FAILED") && text.contains("damaged"),
        "{text}"
    );
    assert_eq!(target.names(), [""; 0]);
}
