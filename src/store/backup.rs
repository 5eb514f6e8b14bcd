//! Copies of a store, and back: an online backup while writing goes on, a restore, and the checks of both. A copy is
//! made under another name, read back and verified, made durable, and only then gets its name: a file with the name of
//! a backup is a whole one. Nothing that exists is ever overwritten.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::backup::StepResult;
use rusqlite::{Connection as Sqlite, OpenFlags, ffi};

use super::file::APPLICATION_ID;
use super::lock::WriterLock;
use super::place::{self, beside};
use super::readers::{Readers, too_old};
use super::sqlite_error::from_code;
use super::vfs::{Backend, Connection, FaultPlan, Vfs};
use crate::base::{Error, Result, Status};

/// Pages copied between two calls of the progress function, where the caller has no opinion.
pub const PAGES_PER_STEP: u32 = 1024;

/// Problems that an integrity check reports at most.
const PROBLEM_LIMIT: u32 = 100;

/// A copy that was made and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it is: absolute.
    pub path: PathBuf,
    pub pages: u64,
    pub bytes: u64,
}

/// Copies the store behind `readers`, as of now, to the new file `target`. Writing may go on meanwhile, but the
/// write-ahead log cannot be reused until the copy is made. `progress` is told (pages done, pages in all) after each
/// step of `pages_per_step` pages, and stops the backup by returning false. Fails with `BACKUP_FAILED` if the target
/// exists, the copy does not verify or was stopped; `SNAPSHOT_TOO_OLD` if it took longer than readers may; `DISK_FULL` and `IO` where that is the reason.
pub fn backup(
    readers: &Readers,
    target: &Path,
    pages_per_step: u32,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Copied> {
    let mut source = readers.get()?;
    source.begin_snapshot()?;
    // A VFS of its own: a failure on the target's disk must not end writing to the source.
    let vfs = Vfs::register(Backend::Platform, readers.vfs().faults().clone(), false)?;
    // A step of a backup is not interrupted as a query is.
    let mut until_expired = |done: u64, total: u64| !source.is_expired() && progress(done, total);
    let copied = copy(&source, &vfs, target, pages_per_step, &mut until_expired);
    let copied = match copied {
        Err(_) if source.is_expired() => Err(too_old()),
        copied => copied,
    };
    copied.map_err(|error| error.within(&format!("backing up to {}", target.display())))
}

/// Makes the store `target` out of a backup, which is verified first and stays as it is. Fails with `CORRUPT` if the
/// backup is damaged, `NOT_QENEX` and `NOT_A_DATABASE` if it is none of ours, `BACKUP_FAILED` if the target exists.
pub fn restore(backup: &Path, target: &Path) -> Result<Copied> {
    let within = |error: Error| {
        let (from, to) = (backup.display(), target.display());
        error.within(&format!("restoring {from} to {to}"))
    };
    let vfs = Vfs::register(Backend::Platform, FaultPlan::new(), false)?;
    let source = open_backup(&vfs, backup).map_err(within)?;
    verify(&source).map_err(within)?;
    let absolute = absent(target).map_err(within)?;
    let _lock = WriterLock::take(&absolute)?;
    copy(&source, &vfs, target, PAGES_PER_STEP, &mut |_, _| true).map_err(within)
}

/// Checks a backup without restoring it: ours, and whole.
pub fn verify_file(backup: &Path) -> Result<()> {
    let vfs = Vfs::register(Backend::Platform, FaultPlan::new(), false)?;
    open_backup(&vfs, backup)
        .and_then(|source| verify(&source))
        .map_err(|error| error.within(&format!("verifying {}", backup.display())))
}

/// What SQLite finds wrong with the database, at most 100 lines; none if all is well. Reads the whole file.
pub fn integrity_check(connection: &Sqlite) -> Result<Vec<String>> {
    let check = || {
        let sql = format!("PRAGMA integrity_check({PROBLEM_LIMIT})");
        let mut statement = connection.prepare(&sql)?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        lines.collect::<rusqlite::Result<Vec<String>>>()
    };
    match check() {
        Ok(lines) => match lines.iter().find_map(|line| unread(line)) {
            Some(code) => Err(from_code(code, "a page could not be read for the check")),
            None => Ok(lines.into_iter().filter(|line| line != "ok").collect()),
        },
        Err(error) => {
            let error = Error::from(error);
            match error.status() {
                Status::CORRUPT | Status::NOT_A_DATABASE => Ok(vec![error.message().to_owned()]),
                _ => Err(error),
            }
        }
    }
}

/// The I/O error that a line of the check tells of: a page that could not be read is not known to be damaged.
fn unread(line: &str) -> Option<i32> {
    let (_, code) = line.split_once("unable to get the page. error code=")?;
    let code: i32 = code.lines().next()?.trim().parse().ok()?;
    let io = [ffi::SQLITE_IOERR, ffi::SQLITE_NOMEM, ffi::SQLITE_FULL];
    io.contains(&(code & 0xff)).then_some(code)
}

fn copy(
    source: &Sqlite,
    vfs: &Arc<Vfs>,
    target: &Path,
    pages_per_step: u32,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Copied> {
    let target = absent(target)?;
    let partial = Partial::beside(&target);
    let pages = {
        let mut destination = partial.open(vfs)?;
        // The copy is worthless until it is whole: no journal, and one sync at the end.
        destination.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
        copy_pages(source, &mut destination, pages_per_step, progress)?
    };
    let verified = partial.open(vfs).and_then(|copy| verify(&copy));
    verified.map_err(|error| match error.status() {
        Status::CORRUPT | Status::NOT_A_DATABASE | Status::NOT_QENEX => {
            Error::new(Status::BACKUP_FAILED, error.message()).with_sqlite_code(error.sqlite_code())
        }
        _ => error,
    })?;
    let bytes = sync_file(&partial.path).map_err(|error| failed(&partial.path, &error))?;
    partial.rename(vfs, &target)?;
    Ok(Copied {
        path: target,
        pages,
        bytes,
    })
}

fn copy_pages(
    source: &Sqlite,
    destination: &mut Connection,
    pages_per_step: u32,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<u64> {
    let step = i32::try_from(pages_per_step.max(1)).unwrap_or(i32::MAX);
    let copy = destination.copy_of(source)?;
    loop {
        let result = copy.step(step)?;
        let at = copy.progress();
        let total = u64::try_from(at.pagecount).unwrap_or(0);
        let done = total.saturating_sub(u64::try_from(at.remaining).unwrap_or(0));
        match result {
            StepResult::Done => {
                progress(total, total);
                return Ok(total);
            }
            StepResult::More => {}
            // Nobody else has the partial copy, and the source is a snapshot: it is over in a moment.
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
        if !progress(done, total) {
            return Err(Error::new(
                Status::BACKUP_FAILED,
                format!("stopped after {done} of {total} pages, as asked: nothing was left behind"),
            ));
        }
    }
}

/// Fails unless the database is ours and without damage.
fn verify(connection: &Sqlite) -> Result<()> {
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if id != APPLICATION_ID {
        return Err(place::not_ours(id));
    }
    match integrity_check(connection)?.first() {
        None => Ok(()),
        Some(problem) => Err(Error::new(
            Status::CORRUPT,
            format!("the copy is damaged ({problem}): check the disk, and use another copy"),
        )),
    }
}

/// Opens a backup to read it, leaving nothing beside it where there is no log to take into account.
fn open_backup(vfs: &Arc<Vfs>, backup: &Path) -> Result<Connection> {
    let path = fs::canonicalize(backup).map_err(|error| {
        Error::new(
            Status::CANNOT_OPEN,
            format!("the backup cannot be opened ({error}): check the path"),
        )
    })?;
    place::inspect_existing(vfs, &path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = fs::metadata(beside(&path, "-wal")).map_or(0, |metadata| metadata.len());
    let connection = match immutable_uri(&path) {
        Some(uri) if log == 0 => vfs.connect(&uri, flags | OpenFlags::SQLITE_OPEN_URI)?,
        _ => vfs.connect(&path, flags)?,
    };
    Ok(connection)
}

/// A URI that makes SQLite read the file without locks and without files beside it.
fn immutable_uri(path: &Path) -> Option<PathBuf> {
    let mut uri = String::from("file:");
    for byte in path.to_str()?.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(byte.into());
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    // A Windows path would need its drive and separators rewritten: there the file is opened the usual way.
    cfg!(unix).then(|| uri.into())
}

/// The absolute path of a file that is to be made, if neither it nor anything that SQLite would take for a part of it
/// exists.
fn absent(target: &Path) -> Result<PathBuf> {
    let name = target.file_name().ok_or_else(|| {
        Error::new(
            Status::INVALID_ARGUMENT,
            "the path does not name a file: give the path of a file",
        )
    })?;
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|error| {
        Error::new(
            Status::CANNOT_OPEN,
            format!("the folder cannot be used ({error}): create it first"),
        )
    })?;
    let path = folder.join(name);
    for suffix in ["", "-wal", "-journal"] {
        let taken = beside(&path, suffix);
        if fs::symlink_metadata(&taken).is_ok() {
            return Err(Error::new(
                Status::BACKUP_FAILED,
                format!(
                    "{} exists and is not overwritten: give another path, or remove it",
                    taken.display()
                ),
            ));
        }
    }
    Ok(path)
}

/// A copy that is not finished; its files go when it is dropped.
struct Partial {
    path: PathBuf,
}

impl Partial {
    fn beside(target: &Path) -> Partial {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut name = OsString::from(target);
        name.push(format!("-partial-{}-{number}", std::process::id()));
        Partial { path: name.into() }
    }

    fn open(&self, vfs: &Arc<Vfs>) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = vfs.connect(&self.path, flags)?;
        // The index of the log stays in memory: nothing else will ever look at this name.
        connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF")?;
        Ok(connection)
    }

    /// Gives the copy its name, unless something has it by now, and makes the name durable.
    fn rename(self, vfs: &Vfs, target: &Path) -> Result<()> {
        // Linking fails where the name is taken; renaming would replace what is there.
        match fs::hard_link(&self.path, target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(failed(target, &error));
            }
            // Some file systems have no links.
            Err(_) => {
                absent(target)?;
                fs::rename(&self.path, target).map_err(|error| failed(target, &error))?;
            }
        }
        // The second name would keep the file from being opened for writing.
        let _ = fs::remove_file(&self.path);
        vfs.sync_folder(target)
            .map_err(|error| failed(target, &error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&self.path, suffix));
        }
    }
}

/// Makes a file durable; its size in bytes.
fn sync_file(path: &Path) -> io::Result<u64> {
    let file = File::options().write(true).open(path)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

fn failed(path: &Path, error: &io::Error) -> Error {
    let status = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Status::DISK_FULL,
        _ => Status::BACKUP_FAILED,
    };
    Error::new(
        status,
        format!(
            "{} cannot be written ({error}): the source is untouched",
            path.display()
        ),
    )
}
