//! One writer per file: the lock that an engine holds from open to close, and the check that it was not carried into a
//! fork. The lock is on a file of its own beside the database, `<file>-lock`, because closing any handle of the
//! database itself would drop POSIX locks; the system releases it when the process dies. The lock's text names the
//! holder, for the message that the next opener gets.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::base::time::{Clock, SystemClock};
use crate::base::{Error, Result, Status};

/// At most this much of a lock's text is quoted.
const HOLDER_LIMIT: u64 = 300;

/// Files that this process has open for writing, so that it can tell itself from another process.
static OPEN_HERE: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

/// What makes two paths the same file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg(unix)]
struct Identity {
    device: u64,
    inode: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg(not(unix))]
struct Identity {
    path: PathBuf,
}

/// The right to write a database file, held until dropped.
#[derive(Debug)]
pub struct WriterLock {
    file: File,
    identity: Identity,
    process: u32,
}

impl WriterLock {
    /// Takes the writer lock of the database at `database` (absolute, without links). Fails with `ALREADY_OPEN` if this
    /// process has it, `LOCKED` with the holder's name if another has, `READ_ONLY` or `CANNOT_OPEN` if the lock's
    /// file cannot be made.
    pub fn take(database: &Path) -> Result<WriterLock> {
        let path = lock_path(database);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| cannot_make(&path, &error))?;
        let identity = identity_of(&file, &path).map_err(|error| cannot_make(&path, &error))?;
        // The registry stays locked meanwhile, so that two threads cannot take each other for another process.
        let mut open_here = OPEN_HERE.lock();
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if open_here.contains(&identity) => {
                return Err(Error::new(
                    Status::ALREADY_OPEN,
                    format!(
                        "this process has {} open for writing already: share that engine, or close it first",
                        database.display()
                    ),
                ));
            }
            Err(TryLockError::WouldBlock) => return Err(locked(database, &mut file)),
            Err(TryLockError::Error(error)) => {
                return Err(Error::new(
                    Status::CANNOT_OPEN,
                    format!(
                        "{} cannot be locked ({error}): keep the database on a local disk",
                        path.display()
                    ),
                ));
            }
        }
        write_holder(&mut file).map_err(|error| cannot_make(&path, &error))?;
        open_here.push(identity.clone());
        Ok(WriterLock {
            file,
            identity,
            process: std::process::id(),
        })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // A fork shares the lock with its parent: there it may only be forgotten, never released.
        if self.process != std::process::id() {
            return;
        }
        let mut open_here = OPEN_HERE.lock();
        open_here.retain(|open| *open != self.identity);
        // The text goes before the lock; if that fails it only names a holder that is gone.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Remembers the process that opened something, to refuse its use in a fork.
#[derive(Clone, Copy, Debug)]
pub struct ForkGuard {
    process: u32,
}

impl ForkGuard {
    pub fn new() -> Self {
        ForkGuard {
            process: std::process::id(),
        }
    }

    /// Fails with `FORKED` in a fork of the process that made the guard.
    pub fn check(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(Error::new(
            Status::FORKED,
            format!(
                "process {} opened this and process {} is a fork of it: open the file again here, after the parent has \
                 closed it",
                self.process,
                std::process::id()
            ),
        ))
    }
}

impl Default for ForkGuard {
    fn default() -> Self {
        ForkGuard::new()
    }
}

/// The lock's file: `<database>-lock`.
pub fn lock_path(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-lock");
    name.into()
}

fn locked(database: &Path, file: &mut File) -> Error {
    let mut holder = String::new();
    // Where the system keeps others from reading a locked file, the holder stays unnamed.
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.take(HOLDER_LIMIT).read_to_string(&mut holder));
    let holder = match read {
        Ok(_) if !holder.trim().is_empty() => holder.trim().escape_debug().to_string(),
        _ => "a process that did not give its name".to_owned(),
    };
    Error::new(
        Status::LOCKED,
        format!(
            "{} is open for writing elsewhere, by {holder}: wait until that process has closed it, or open read-only",
            database.display()
        ),
    )
}

fn cannot_make(path: &Path, error: &io::Error) -> Error {
    let status = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Status::READ_ONLY,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Status::DISK_FULL,
        _ => Status::CANNOT_OPEN,
    };
    Error::new(
        status,
        format!(
            "the lock file {} cannot be written ({error}): check the folder and its permissions, or open read-only",
            path.display()
        ),
    )
}

/// Writes who holds the lock: "pid 123 on host (program) since 2025-01-31T12:00:00Z".
fn write_holder(file: &mut File) -> io::Result<()> {
    let program = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "unknown program".to_owned());
    let text = format!(
        "pid {} on {} ({program}) since {}\n",
        std::process::id(),
        host_name(),
        SystemClock.now().format()
    );
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

fn host_name() -> String {
    let from_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let from_system = || std::fs::read_to_string("/etc/hostname").ok();
    let from_environment = || {
        std::env::var("COMPUTERNAME")
            .or_else(|_| std::env::var("HOSTNAME"))
            .ok()
    };
    from_kernel
        .or_else(from_system)
        .or_else(from_environment)
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown host".to_owned())
}

#[cfg(unix)]
fn identity_of(file: &File, _: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata()?;
    Ok(Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}

#[cfg(not(unix))]
fn identity_of(_: &File, path: &Path) -> io::Result<Identity> {
    Ok(Identity {
        path: std::fs::canonicalize(path)?,
    })
}
