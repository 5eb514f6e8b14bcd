//! Opens a store: finds out what the file is before touching it, takes the writer lock, creates or opens the database
//! through our VFS and sets every pragma that durability and speed depend on. After `open` the file is ours, of a
//! version that we read, in write-ahead mode, with nothing left in the log of an earlier run.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{FileControl, OpenFlags};

use super::lock::{ForkGuard, WriterLock};
use super::place::{self, Found};
use super::readers::Readers;
use super::vfs::{Backend, Connection, FaultPlan, IoCounters, SimulatedDisk, Vfs, rewrite_log};
use crate::base::{Error, Result, Status};

/// What marks an SQLite file as ours: "QENX".
pub const APPLICATION_ID: i32 = 0x5145_4E58;
/// Bytes of a page of a new file.
pub const PAGE_SIZE: u32 = 4096;
/// Bytes at the end of each page that SQLite leaves alone, kept free for the encryption of pages.
pub const RESERVED_BYTES: u32 = 40;

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file on the system's disk. Links are followed.
    Path(PathBuf),
    /// A file named [`place::MEMORY_NAME`] on a disk in memory.
    Memory(SimulatedDisk),
}

/// What a commit guarantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A commit that was reported survives power loss.
    Full,
    /// A commit survives the end of the process; power loss may take the last ones, never the file's consistency.
    Normal,
}

/// How to open a store. [`OpenSettings::default`] suits an engine that writes.
#[derive(Clone, Debug)]
pub struct OpenSettings {
    pub durability: Durability,
    /// Page cache of the writing connection, in KiB.
    pub page_cache_kib: u32,
    /// Page cache of each reader, in KiB.
    pub reader_cache_kib: u32,
    /// Readers at the same time, at least 1.
    pub max_readers: u32,
    /// How long to wait for a lock or a free reader, in milliseconds.
    pub busy_timeout_ms: u32,
    /// The write-ahead log's file is cut to this size when it is reused.
    pub wal_limit_bytes: u64,
    /// Open without the right to write; no lock is taken.
    pub read_only: bool,
    /// Create the file if it is missing or empty.
    pub create: bool,
    /// The newest format version that the caller reads; files of a newer one are refused.
    pub supported_format: u32,
}

impl Default for OpenSettings {
    fn default() -> Self {
        OpenSettings {
            durability: Durability::Full,
            page_cache_kib: 64 * 1024,
            reader_cache_kib: 2 * 1024,
            max_readers: 16,
            busy_timeout_ms: 5_000,
            wal_limit_bytes: 64 << 20,
            read_only: false,
            create: true,
            supported_format: u32::MAX,
        }
    }
}

/// What a checkpoint did, in frames (pages) of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Frames in the log.
    pub log_frames: u64,
    /// Of these, frames that are in the database file now.
    pub done_frames: u64,
    /// Whether readers or another connection kept it from finishing.
    pub busy: bool,
}

/// An open store: the writing connection, the readers, the lock. It belongs to one thread at a time; [`Readers`] may
/// be cloned and used from any. Closes when dropped: readers first, then the writer, the lock last.
pub struct Database {
    readers: Readers,
    writer: Option<Connection>,
    /// `PRAGMA data_version` as of our last look: changes when another connection commits.
    seen_version: Cell<i64>,
    fork: ForkGuard,
    path: PathBuf,
    vfs: Arc<Vfs>,
    _lock: Option<Lock>,
}

/// The writer lock of either kind of place; held for its drop.
enum Lock {
    File { _lock: WriterLock },
    Memory { disk: SimulatedDisk },
}

impl Database {
    /// Opens or creates the store at `location`. The errors tell apart: a missing file (`CANNOT_OPEN`), no database
    /// (`NOT_A_DATABASE`), another application's (`NOT_QENEX`), damage (`CORRUPT`), missing rights (`READ_ONLY`,
    /// `CANNOT_OPEN`), another writer (`LOCKED`, `ALREADY_OPEN`), a newer format (`NEWER_VERSION`), a shared disk
    /// (`NETWORK_FILE_SYSTEM`). A file that is refused is not changed.
    pub fn open(location: Location, settings: OpenSettings) -> Result<Database> {
        Database::open_with_faults(location, settings, FaultPlan::new())
    }

    /// As [`Database::open`], with disk calls that fail as planned.
    pub fn open_with_faults(
        location: Location,
        settings: OpenSettings,
        faults: FaultPlan,
    ) -> Result<Database> {
        let path = place::resolve(&location, &settings)?;
        open_at(&location, &path, settings, faults)
            .map_err(|error| error.within(&format!("opening {}", path.display())))
    }

    /// The connection that writes; `READ_ONLY` if the store was opened without the right to.
    pub fn writer(&self) -> Result<&rusqlite::Connection> {
        match &self.writer {
            Some(writer) => Ok(writer),
            None => Err(Error::new(
                Status::READ_ONLY,
                "the store was opened read-only: open it for writing",
            )),
        }
    }

    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    pub fn counters(&self) -> &IoCounters {
        self.vfs.counters()
    }

    /// Whether a sync has failed. From then on every write fails with `IO`: close, reopen, and look up what happened.
    pub fn sync_failed(&self) -> bool {
        self.vfs.sync_failed()
    }

    /// Fails with `FORKED` in a fork of the process that opened the store.
    pub fn check_fork(&self) -> Result<()> {
        self.fork.check()
    }

    /// Where the store is: absolute, links followed. The name of the file, for a disk in memory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The format version in the file; 0 as long as nobody has set one, as in a new file.
    pub fn format_version(&self) -> Result<u32> {
        match &self.writer {
            Some(writer) => format_version(writer),
            None => format_version(&*self.readers.get()?),
        }
    }

    /// Whether somebody else committed to the file since the last look (or since it was opened). Exact inside a write
    /// transaction; outside of one, a commit may follow at once.
    pub fn written_by_other(&self) -> Result<bool> {
        let now = data_version(self.writer()?)?;
        Ok(self.seen_version.replace(now) != now)
    }

    /// Moves what it can from the log into the file without waiting for anyone.
    pub fn checkpoint_passive(&self) -> Result<Checkpoint> {
        checkpoint(self.writer()?, "PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Moves everything into the file, waiting for readers up to the busy timeout, and empties the log.
    pub fn checkpoint_truncate(&self) -> Result<Checkpoint> {
        checkpoint(self.writer()?, "PRAGMA wal_checkpoint(TRUNCATE)")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.fork.check().is_ok() {
            self.readers.close();
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Lock::Memory { disk } = self {
            disk.release_writer();
        }
    }
}

/// Sets the format version; part of the transaction that is open on `connection`.
pub fn set_format_version(connection: &rusqlite::Connection, version: u32) -> Result<()> {
    let version = i32::try_from(version)
        .map_err(|_| Error::new(Status::OVERFLOW, "a format version has 31 bits"))?;
    connection.pragma_update(None, "user_version", version)?;
    Ok(())
}

/// The pragmas of a connection that only reads.
pub(super) fn prepare_reader(connection: &Connection, settings: &OpenSettings) -> Result<()> {
    prepare_common(connection, settings, settings.reader_cache_kib)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(())
}

fn open_at(
    location: &Location,
    path: &Path,
    settings: OpenSettings,
    faults: FaultPlan,
) -> Result<Database> {
    let backend = match location {
        Location::Path(_) => Backend::Platform,
        Location::Memory(disk) => Backend::Simulated(disk.clone()),
    };
    let lock = match settings.read_only {
        true => None,
        false => Some(take_lock(location, path)?),
    };
    let vfs = Vfs::register(backend, faults, settings.durability == Durability::Full)?;
    let found = place::inspect(location, &vfs, path, &settings)?;
    let readers = Readers::new(vfs.clone(), path.to_owned(), settings.clone());
    let writer = match settings.read_only {
        true => {
            check_identity(&*readers.get()?, &settings)?;
            None
        }
        false => Some(open_writer(&vfs, path, &settings, found)?),
    };
    let seen_version = match &writer {
        Some(writer) => data_version(writer)?,
        None => 0,
    };
    Ok(Database {
        readers,
        writer,
        seen_version: Cell::new(seen_version),
        fork: ForkGuard::new(),
        path: path.to_owned(),
        vfs,
        _lock: lock,
    })
}

fn take_lock(location: &Location, path: &Path) -> Result<Lock> {
    match location {
        Location::Path(_) => Ok(Lock::File {
            _lock: WriterLock::take(path)?,
        }),
        Location::Memory(disk) if disk.take_writer() => Ok(Lock::Memory { disk: disk.clone() }),
        Location::Memory(_) => Err(Error::new(
            Status::ALREADY_OPEN,
            "this disk in memory has a writer already: share that engine, or close it first",
        )),
    }
}

fn open_writer(
    vfs: &Arc<Vfs>,
    path: &Path,
    settings: &OpenSettings,
    found: Found,
) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, settings.create);
    let writer = vfs.connect(path, flags)?;
    if writer.is_readonly("main")? {
        return Err(Error::new(
            Status::READ_ONLY,
            "the file may not be written: check its permissions, or open read-only",
        ));
    }
    prepare_common(&writer, settings, settings.page_cache_kib)?;
    // Only asking for the size makes SQLite undo what an interrupted creation left behind.
    let is_new = found != Found::Ours && page_count(&writer)? == 0;
    if is_new {
        create(&writer)?;
    }
    check_identity(&writer, settings)?;
    prepare_writer(&writer, settings)?;
    settle_log(vfs, path, &writer)?;
    Ok(writer)
}

/// Makes what an earlier run left in the log durable, then moves it into the file. A run that ended with a failed sync
/// leaves a log that reads well and may not be on the disk; nothing may build on it before it is.
fn settle_log(vfs: &Vfs, path: &Path, writer: &Connection) -> Result<()> {
    let log = place::beside(path, "-wal");
    // Holding the write transaction keeps everyone else from appending meanwhile.
    writer.execute_batch("BEGIN IMMEDIATE")?;
    let rewritten = rewrite_log(vfs, &log);
    writer.execute_batch("ROLLBACK")?;
    rewritten.map_err(|unreadable| place::why(&log, unreadable))?;
    // SQLite syncs the name of a log with the first sync of the run that made it, which may have failed.
    vfs.sync_folder(path).map_err(|error| {
        Error::new(
            Status::IO,
            format!("{error}: check the disk and the system's log"),
        )
    })?;
    checkpoint(writer, "PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Makes an empty file ours in one transaction, durably, before it becomes a database in write-ahead mode: a creation
/// that is interrupted leaves either nothing or a file that is known to be ours.
fn create(writer: &Connection) -> Result<()> {
    writer.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_SIZE}; PRAGMA auto_vacuum = NONE; PRAGMA encoding = 'UTF-8';
         PRAGMA synchronous = EXTRA"
    ))?;
    let mut reserved = RESERVED_BYTES as i32;
    writer.file_control(Some("main"), FileControl::ReserveBytes(&mut reserved))?;
    writer.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; COMMIT"
    ))?;
    Ok(())
}

/// What every connection needs: bounded waits, memory for temporary things, nothing mapped, no surprises from the
/// schema of a file that somebody may have prepared.
fn prepare_common(connection: &Connection, settings: &OpenSettings, cache_kib: u32) -> Result<()> {
    connection.busy_timeout(Duration::from_millis(settings.busy_timeout_ms.into()))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Plans never depend on bound values; otherwise each new value would prepare again whatever has a partial index.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(&format!(
        "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -{cache_kib}"
    ))?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

fn prepare_writer(writer: &Connection, settings: &OpenSettings) -> Result<()> {
    let mode: String = writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::new(
            Status::CANNOT_OPEN,
            format!(
                "the file cannot be switched to write-ahead logging (it stays in mode '{mode}'): use a local disk"
            ),
        ));
    }
    let synchronous = match settings.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    let limit = i64::try_from(settings.wal_limit_bytes).unwrap_or(i64::MAX);
    writer.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {limit}"
    ))?;
    Ok(())
}

/// Checks that the file is ours, and of a version that the caller reads.
fn check_identity(connection: &rusqlite::Connection, settings: &OpenSettings) -> Result<()> {
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if id != APPLICATION_ID {
        return Err(place::not_ours(id));
    }
    let version = format_version(connection)?;
    if version > settings.supported_format {
        return Err(Error::new(
            Status::NEWER_VERSION,
            format!(
                "the file has format {version}, and this libqenex reads up to {}: use a newer libqenex",
                settings.supported_format
            ),
        ));
    }
    Ok(())
}

fn format_version(connection: &rusqlite::Connection) -> Result<u32> {
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    u32::try_from(version).map_err(|_| {
        Error::new(
            Status::CORRUPT,
            format!("the file's format version is {version}: restore a backup"),
        )
    })
}

fn page_count(connection: &rusqlite::Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA page_count", [], |row| row.get(0))?)
}

fn data_version(connection: &rusqlite::Connection) -> Result<i64> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

fn checkpoint(connection: &rusqlite::Connection, pragma: &str) -> Result<Checkpoint> {
    let mut statement = connection.prepare_cached(pragma)?;
    let checkpoint = statement.query_row([], |row| {
        // -1 stands for a log that does not exist.
        let frames = |column| {
            let frames: i64 = row.get(column)?;
            Ok::<_, rusqlite::Error>(u64::try_from(frames).unwrap_or(0))
        };
        Ok(Checkpoint {
            busy: row.get::<_, i64>(0)? != 0,
            log_frames: frames(1)?,
            done_frames: frames(2)?,
        })
    })?;
    Ok(checkpoint)
}
