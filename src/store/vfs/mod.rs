//! The one way to the disk: an SQLite VFS of our own, registered anew for each opened store, so that each has its
//! counters, its faults and its disk (the platform's or a simulated one). It relies on the platform's VFS for real
//! files. No memory-mapping and no extensions, ever. A [`Connection`] keeps its registration alive, and the
//! registration goes when the last connection has closed: no connection outlives its VFS.
//!
//! This module and the ones below it hold the `unsafe` code of the store.

#![allow(unsafe_code)]

mod callbacks;
mod contents;
mod counters;
mod disk_file;
mod fault;
mod log_buffer;
mod memory;
mod memory_file;
mod memory_lock;
mod open_file;
mod power;

use std::ffi::CString;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::os::raw::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::{OpenFlags, ffi};

use crate::base::{Error, Result, Status};

pub use counters::{IoCounters, IoCounts, SYNC_BUCKETS};
pub use fault::{Fault, FaultPlan, IoKind, Repeat};
pub use memory::SimulatedDisk;

/// Where a store's files are.
pub(super) enum Backend {
    Platform,
    Simulated(SimulatedDisk),
}

/// What the C functions of one registered VFS work with.
struct State {
    backend: Backend,
    counters: IoCounters,
    faults: FaultPlan,
    /// Writes to the log may wait for the sync that ends each commit.
    gathers_log: bool,
    /// Counts the write transactions that have ended.
    write_transactions: AtomicU64,
    /// A sync failed: nothing is written any more, so that nothing builds on data that may not be on the disk.
    failed: AtomicBool,
    /// The system's own VFS. SQLite never frees it.
    platform: *mut ffi::sqlite3_vfs,
}

impl State {
    fn sync_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// The number of the write transaction that is open, or would be next.
    fn write_transaction(&self) -> u64 {
        self.write_transactions.load(Ordering::Acquire)
    }

    fn end_write_transaction(&self) {
        self.write_transactions.fetch_add(1, Ordering::AcqRel);
    }

    fn fail_from_now_on(&self) {
        self.failed.store(true, Ordering::Release);
    }
}

// SAFETY: `platform` points to a static VFS of SQLite, whose functions any thread may call; everything else in the
// state is safe to share.
unsafe impl Send for State {}
// SAFETY: as above.
unsafe impl Sync for State {}

/// A VFS in SQLite's list. Clones of the `Arc` around it keep it there.
pub(super) struct Vfs {
    name: CString,
    state: Arc<State>,
    entry: *mut ffi::sqlite3_vfs,
}

// SAFETY: `entry` is only used to register and unregister, which SQLite does under its own mutex.
unsafe impl Send for Vfs {}
// SAFETY: as above.
unsafe impl Sync for Vfs {}

impl Vfs {
    /// Registers a VFS under a name of its own. `gathers_log` is for connections whose every commit syncs the log
    /// before it is published (`synchronous = FULL`): writes to the log then wait for that sync.
    pub fn register(backend: Backend, faults: FaultPlan, gathers_log: bool) -> Result<Arc<Vfs>> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // SAFETY: both functions may be called at any time by any thread; NULL asks for the default VFS, which we
        // never replace.
        let platform = unsafe {
            match ffi::sqlite3_initialize() {
                ffi::SQLITE_OK => ffi::sqlite3_vfs_find(std::ptr::null()),
                _ => std::ptr::null_mut(),
            }
        };
        if platform.is_null() {
            return Err(Error::new(
                Status::INTERNAL,
                "SQLite has no access to files on this system: report the system and its version",
            ));
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(format!("qenex-{number}"))
            .map_err(|_| Error::new(Status::INTERNAL, "the name of a VFS contains a zero byte"))?;
        let path_limit = match &backend {
            // SAFETY: the platform's VFS is never freed.
            Backend::Platform => unsafe { (*platform).mxPathname },
            Backend::Simulated(_) => 512,
        };
        let state = Arc::new(State {
            backend,
            counters: IoCounters::default(),
            faults,
            gathers_log,
            write_transactions: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            platform,
        });
        let entry = Box::into_raw(Box::new(callbacks::vfs_entry(&name, &state, path_limit)));
        let vfs = Vfs { name, state, entry };
        // SAFETY: the entry, its name and its state live until `Vfs` is dropped, which takes it out of the list.
        match unsafe { ffi::sqlite3_vfs_register(entry, 0) } {
            ffi::SQLITE_OK => Ok(Arc::new(vfs)),
            code => Err(
                Error::new(Status::INTERNAL, "SQLite did not accept our VFS")
                    .with_sqlite_code(code),
            ),
        }
    }

    pub fn counters(&self) -> &IoCounters {
        &self.state.counters
    }

    /// Whether a sync failed, after which nothing is written through this VFS any more.
    pub fn sync_failed(&self) -> bool {
        self.state.sync_failed()
    }

    /// Makes the names in the folder of `path` durable.
    pub fn sync_folder(&self, path: &Path) -> std::io::Result<()> {
        let failed = || std::io::Error::other("the system could not make the folder durable");
        if self.sync_failed() {
            return Err(failed());
        }
        let synced = match (self.state.faults.strike(IoKind::Sync), &self.state.backend) {
            (Some(_), _) => Err(failed()),
            (None, Backend::Platform) => sync_folder_of(path),
            (None, Backend::Simulated(disk)) => {
                disk.inner.sync_directory();
                Ok(())
            }
        };
        if synced.is_err() {
            self.state.fail_from_now_on();
        }
        synced
    }

    /// The plan of failing calls, to be shared with another VFS.
    pub fn faults(&self) -> &FaultPlan {
        &self.state.faults
    }

    /// Opens a connection through this VFS. `path` must be absolute on the platform's disk, so that SQLite does not
    /// take it for a URI.
    pub fn connect(
        self: &Arc<Self>,
        path: &Path,
        flags: OpenFlags,
    ) -> rusqlite::Result<Connection> {
        let name = self.name.as_c_str();
        let inner = rusqlite::Connection::open_with_flags_and_vfs(path, flags, name)?;
        Ok(Connection {
            inner: ManuallyDrop::new(inner),
            vfs: ManuallyDrop::new(self.clone()),
            process: std::process::id(),
        })
    }
}

impl Drop for Vfs {
    fn drop(&mut self) {
        // SAFETY: no connection uses the VFS any more, each holds an `Arc`; the entry came from a box and nobody else
        // frees it. Unregistering what was not registered does nothing.
        unsafe {
            ffi::sqlite3_vfs_unregister(self.entry);
            drop(Box::from_raw(self.entry));
        }
    }
}

/// An SQLite connection through our VFS, which it keeps registered. Closing it in a fork of the process that opened it
/// is forbidden by SQLite (it would damage the parent's locks), so there it is abandoned instead.
pub struct Connection {
    inner: ManuallyDrop<rusqlite::Connection>,
    vfs: ManuallyDrop<Arc<Vfs>>,
    process: u32,
}

impl Connection {
    /// Counters of the VFS, which this connection may share with others of its store.
    pub fn counters(&self) -> &IoCounters {
        self.vfs.counters()
    }

    /// Starts a copy of `source` into this connection's database, overwriting it.
    pub(super) fn copy_of<'a>(
        &'a mut self,
        source: &'a rusqlite::Connection,
    ) -> rusqlite::Result<rusqlite::backup::Backup<'a, 'a>> {
        rusqlite::backup::Backup::new(source, &mut self.inner)
    }
}

impl Deref for Connection {
    type Target = rusqlite::Connection;

    fn deref(&self) -> &rusqlite::Connection {
        &self.inner
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            return;
        }
        // SAFETY: both fields are taken exactly once, here.
        let (inner, vfs) = unsafe {
            (
                ManuallyDrop::take(&mut self.inner),
                ManuallyDrop::take(&mut self.vfs),
            )
        };
        if let Err((unclosed, _)) = inner.close() {
            // A statement was leaked, so SQLite keeps the connection: its VFS has to stay as well.
            std::mem::forget(unclosed);
            std::mem::forget(vfs);
        }
    }
}

/// Why a file could not be read: SQLite's code, and what the system said about it.
pub(super) struct Unreadable {
    pub code: c_int,
    pub reason: std::io::Error,
}

impl Unreadable {
    fn now(code: c_int) -> Self {
        Unreadable {
            code,
            reason: std::io::Error::last_os_error(),
        }
    }
}

/// The first bytes of a database file (as many as fit into `into` and exist), and the file's length. Read through the
/// platform's VFS: closing a plain file handle would drop this process's POSIX locks on the file.
pub(super) fn read_start(
    vfs: &Vfs,
    path: &Path,
    into: &mut [u8],
) -> std::result::Result<(usize, u64), Unreadable> {
    let flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_MAIN_DB;
    with_file(vfs, path, flags, |file| {
        let size = file.len()?;
        let wanted = into.len().min(usize::try_from(size).unwrap_or(usize::MAX));
        match wanted {
            0 => Ok((0, size)),
            _ => checked(file.read(&mut into[..wanted], 0)).map(|()| (wanted, size)),
        }
    })
}

/// Writes every byte of a log again, in place, and syncs. After a failed sync the system may hold pages of the log that
/// read well, count as clean, and are not on the disk: this brings them there. Nobody may write to the log meanwhile.
pub(super) fn rewrite_log(vfs: &Vfs, path: &Path) -> std::result::Result<(), Unreadable> {
    let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_WAL;
    let end = vfs.state.counters.log_end();
    let rewritten = with_file(vfs, path, flags, |file| {
        let mut piece = vec![0; log_buffer::CAPACITY];
        let size = file.len()?;
        let mut at = 0;
        while at < size {
            let wanted = piece
                .len()
                .min(usize::try_from(size - at).unwrap_or(usize::MAX));
            let offset = i64::try_from(at).map_err(|_| ffi::SQLITE_IOERR_READ)?;
            checked(file.read(&mut piece[..wanted], offset))?;
            checked(file.write(&piece[..wanted], offset))?;
            at += wanted as u64;
        }
        checked(file.sync(ffi::SQLITE_SYNC_FULL))
    });
    vfs.state.counters.log_ends_at(end);
    rewritten
}

/// Opens a file through the VFS without a connection, for the time of `work`.
fn with_file<T>(
    vfs: &Vfs,
    path: &Path,
    flags: c_int,
    work: impl FnOnce(&mut open_file::OpenFile) -> std::result::Result<T, c_int>,
) -> std::result::Result<T, Unreadable> {
    let path = path_to_c(path).ok_or_else(|| Unreadable::now(ffi::SQLITE_CANTOPEN))?;
    let empty = c"".as_ptr();
    // SAFETY: all names are C strings; there are no parameters.
    let name = unsafe {
        ffi::sqlite3_create_filename(path.as_ptr(), empty, empty, 0, std::ptr::null_mut())
    };
    if name.is_null() {
        return Err(Unreadable::now(ffi::SQLITE_NOMEM));
    }
    let mut out_flags = 0;
    let state = vfs.state.clone();
    // SAFETY: `name` was made for this and is freed after the file is closed.
    let opened = unsafe { open_file::OpenFile::open(state, name, flags, &mut out_flags) };
    let done = opened
        .and_then(|mut file| work(&mut file))
        .map_err(Unreadable::now);
    // SAFETY: it came from `sqlite3_create_filename`, and the file is closed.
    unsafe { ffi::sqlite3_free_filename(name) };
    done
}

fn checked(code: c_int) -> std::result::Result<(), c_int> {
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(code),
    }
}

#[cfg(unix)]
fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Elsewhere folders cannot be opened; the file system keeps names in its own log.
#[cfg(not(unix))]
fn sync_folder_of(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn path_to_c(path: &Path) -> Option<CString> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes()).ok()
}

#[cfg(not(unix))]
fn path_to_c(path: &Path) -> Option<CString> {
    CString::new(path.to_str()?).ok()
}
