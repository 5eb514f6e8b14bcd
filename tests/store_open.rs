//! Opening: what is refused and with which status, and that it is left alone.

mod store_support;

use std::fs;
use std::process::Command;

use qenex::base::Status;
use qenex::store::backup::integrity_check;
use qenex::store::file::{Database, Location, OpenSettings, set_format_version};
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
