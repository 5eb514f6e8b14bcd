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
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// The system's own VFS. SQLite never frees it.
    platform: *mut ffi::sqlite3_vfs,
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
    /// Registers a VFS under a name of its own.
    pub fn register(backend: Backend, faults: FaultPlan) -> Result<Arc<Vfs>> {
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

    /// Whether files are on the system's disk.
    pub fn is_platform(&self) -> bool {
        matches!(self.state.backend, Backend::Platform)
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

/// Why the start of a file could not be read: SQLite's code, and what the system said about it.
pub(super) struct Unreadable {
    pub code: c_int,
    pub reason: std::io::Error,
}

/// The first bytes of a database file (as many as fit into `into` and exist), and the file's length. Read through the
/// platform's VFS: closing a plain file handle would drop this process's POSIX locks on the file.
pub(super) fn read_start(
    vfs: &Vfs,
    path: &Path,
    into: &mut [u8],
) -> std::result::Result<(usize, u64), Unreadable> {
    let unreadable = |code| Unreadable {
        code,
        reason: std::io::Error::last_os_error(),
    };
    let path = path_to_c(path).ok_or_else(|| unreadable(ffi::SQLITE_CANTOPEN))?;
    let empty = c"".as_ptr();
    // SAFETY: all names are C strings; there are no parameters.
    let name = unsafe {
        ffi::sqlite3_create_filename(path.as_ptr(), empty, empty, 0, std::ptr::null_mut())
    };
    if name.is_null() {
        return Err(unreadable(ffi::SQLITE_NOMEM));
    }
    let flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_MAIN_DB;
    let mut out_flags = 0;
    let state = vfs.state.clone();
    // SAFETY: `name` was made for this and is freed after the file is closed.
    let opened = unsafe { open_file::OpenFile::open(state, name, flags, &mut out_flags) };
    let read = opened.map_err(unreadable).and_then(|mut file| {
        let mut size = 0;
        match file.size(&mut size) {
            ffi::SQLITE_OK => {}
            code => return Err(unreadable(code)),
        }
        let size = u64::try_from(size).unwrap_or(0);
        let wanted = into.len().min(usize::try_from(size).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok((0, size));
        }
        match file.read(&mut into[..wanted], 0) {
            ffi::SQLITE_OK => Ok((wanted, size)),
            code => Err(unreadable(code)),
        }
    });
    // SAFETY: it came from `sqlite3_create_filename`, and the file is closed.
    unsafe { ffi::sqlite3_free_filename(name) };
    read
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
