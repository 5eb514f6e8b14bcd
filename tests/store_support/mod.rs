//! What the store's tests share: folders that disappear, and stores with one table.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use qenex::base::{Result, Status};
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::vfs::{FaultPlan, SimulatedDisk};

/// A folder of its own for one test, removed at the end.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("qenex-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        let path = path.canonicalize().unwrap();
        Folder { path }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

pub fn settings() -> OpenSettings {
    OpenSettings {
        busy_timeout_ms: 200,
        page_cache_kib: 1024,
        ..OpenSettings::default()
    }
}

pub fn open(path: &Path) -> Result<Database> {
    Database::open(Location::Path(path.to_owned()), settings())
}

pub fn open_memory(disk: &SimulatedDisk) -> Result<Database> {
    Database::open(Location::Memory(disk.clone()), settings())
}

pub fn open_faulty(disk: &SimulatedDisk, faults: &FaultPlan) -> Result<Database> {
    Database::open_with_faults(Location::Memory(disk.clone()), settings(), faults.clone())
}

/// The status of a refusal.
pub fn refused<T>(result: Result<T>) -> Status {
    match result {
        Ok(_) => panic!("not refused"),
        Err(error) => error.status(),
    }
}

/// The message of a refusal.
pub fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("not refused"),
        Err(error) => error.to_string(),
    }
}

pub fn create_table(db: &Database) -> Result<()> {
    db.writer()?.execute_batch(
        "CREATE TABLE IF NOT EXISTS entry (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
    )?;
    Ok(())
}

/// Writes entries `from` to `to - 1`, each of `size` bytes, in one transaction.
pub fn write_entries(db: &Database, from: i64, to: i64, size: usize) -> Result<()> {
    let writer = db.writer()?;
    writer.execute_batch("BEGIN IMMEDIATE")?;
    let written = (|| -> Result<()> {
        let mut insert = writer.prepare_cached("INSERT INTO entry VALUES (?1, ?2)")?;
        for n in from..to {
            insert.execute((n, vec![n as u8; size]))?;
        }
        Ok(())
    })();
    let done = written.and_then(|()| Ok(writer.execute_batch("COMMIT")?));
    if done.is_err() && !writer.is_autocommit() {
        let _ = writer.execute_batch("ROLLBACK");
    }
    done
}

/// The numbers of all entries, in order; a body that is not what was written fails the test.
pub fn entries(connection: &rusqlite::Connection) -> Vec<i64> {
    let mut select = connection
        .prepare("SELECT n, body FROM entry ORDER BY n")
        .unwrap();
    let rows = select
        .query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .unwrap();
    rows.map(|row| {
        let (n, body) = row.unwrap();
        assert!(
            body.iter().all(|byte| *byte == n as u8),
            "entry {n} has another's bytes"
        );
        n
    })
    .collect()
}
