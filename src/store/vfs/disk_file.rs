//! One open file of the platform's own VFS, wrapped: every call goes through to it unchanged. SQLite keeps knowing
//! all about locks, shared memory and syncs on this system; we only stand in between.

#![allow(unsafe_code)]

use std::os::raw::{c_char, c_int, c_void};
use std::ptr::NonNull;

use rusqlite::ffi;

/// Calls a method of the wrapped file, or gives the code for a method that the platform does not have.
macro_rules! delegate {
    ($self:ident, $method:ident, $missing:expr $(, $argument:expr)*) => {{
        let file = $self.file.as_ptr();
        // SAFETY: `file` was opened by the platform's VFS, which set its methods, and is closed only on drop. The
        // callers uphold what SQLite promises for each method's arguments; they come from SQLite unchanged.
        unsafe {
            match (*file).pMethods.as_ref().and_then(|methods| methods.$method) {
                Some(method) => method(file $(, $argument)*),
                None => $missing,
            }
        }
    }};
}

pub(super) struct DiskFile {
    file: NonNull<ffi::sqlite3_file>,
    /// The memory that `file` points to, as large as the platform's VFS asked for and aligned for any field.
    _memory: Memory,
}

struct Memory {
    words: *mut [u64],
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `words` came from `Box::into_raw` and nobody else frees it.
        drop(unsafe { Box::from_raw(self.words) });
    }
}

impl DiskFile {
    /// Opens a file through the platform's VFS.
    ///
    /// # Safety
    /// `platform` must be a registered VFS that stays registered; `name` must be what SQLite (or
    /// `sqlite3_create_filename`) gave for `xOpen`, and live until the file is closed, or be null; `out_flags` must be
    /// null or writable.
    pub unsafe fn open(
        platform: *mut ffi::sqlite3_vfs,
        name: *const c_char,
        flags: c_int,
        out_flags: *mut c_int,
    ) -> Result<Self, c_int> {
        // SAFETY: the caller vouches for `platform`.
        let (size, open) = unsafe { ((*platform).szOsFile, (*platform).xOpen) };
        let Some(open) = open else {
            return Err(ffi::SQLITE_CANTOPEN);
        };
        let size = usize::try_from(size).unwrap_or(0);
        let words = size.max(size_of::<ffi::sqlite3_file>()).div_ceil(8);
        let memory = Memory {
            words: Box::into_raw(vec![0u64; words].into_boxed_slice()),
        };
        let Some(file) = NonNull::new(memory.words.cast::<ffi::sqlite3_file>()) else {
            return Err(ffi::SQLITE_NOMEM);
        };
        // SAFETY: `file` points to zeroed memory of the size that the VFS asks for; the caller vouches for the rest.
        let code = unsafe { open(platform, name, file.as_ptr(), flags, out_flags) };
        let opened = DiskFile {
            file,
            _memory: memory,
        };
        // A failed open that set methods wants its close, which dropping `opened` does.
        if code == ffi::SQLITE_OK {
            Ok(opened)
        } else {
            Err(code)
        }
    }

    /// The version of the methods that the platform offers: 2 and up have the shared index.
    pub fn version(&self) -> c_int {
        // SAFETY: as in `delegate!`.
        unsafe { (*self.file.as_ptr()).pMethods.as_ref() }.map_or(1, |methods| methods.iVersion)
    }

    pub fn read(&mut self, into: &mut [u8], offset: i64) -> c_int {
        let amount = into.len() as c_int;
        let into = into.as_mut_ptr().cast::<c_void>();
        delegate!(self, xRead, ffi::SQLITE_IOERR_READ, into, amount, offset)
    }

    pub fn write(&mut self, bytes: &[u8], offset: i64) -> c_int {
        let amount = bytes.len() as c_int;
        let from = bytes.as_ptr().cast::<c_void>();
        delegate!(self, xWrite, ffi::SQLITE_IOERR_WRITE, from, amount, offset)
    }

    pub fn truncate(&mut self, len: i64) -> c_int {
        delegate!(self, xTruncate, ffi::SQLITE_IOERR_TRUNCATE, len)
    }

    pub fn sync(&mut self, flags: c_int) -> c_int {
        delegate!(self, xSync, ffi::SQLITE_IOERR_FSYNC, flags)
    }

    pub fn size(&mut self, size: &mut i64) -> c_int {
        delegate!(self, xFileSize, ffi::SQLITE_IOERR_FSTAT, size)
    }

    pub fn lock(&mut self, level: c_int) -> c_int {
        delegate!(self, xLock, ffi::SQLITE_IOERR_LOCK, level)
    }

    pub fn unlock(&mut self, level: c_int) -> c_int {
        delegate!(self, xUnlock, ffi::SQLITE_IOERR_UNLOCK, level)
    }

    pub fn check_reserved(&mut self, reserved: &mut c_int) -> c_int {
        let missing = ffi::SQLITE_IOERR_CHECKRESERVEDLOCK;
        delegate!(self, xCheckReservedLock, missing, reserved)
    }

    /// # Safety
    /// `argument` must be what SQLite's documentation of `operation` asks for.
    pub unsafe fn control(&mut self, operation: c_int, argument: *mut c_void) -> c_int {
        delegate!(
            self,
            xFileControl,
            ffi::SQLITE_NOTFOUND,
            operation,
            argument
        )
    }

    pub fn sector_size(&mut self) -> c_int {
        delegate!(self, xSectorSize, 0)
    }

    pub fn characteristics(&mut self) -> c_int {
        delegate!(self, xDeviceCharacteristics, 0)
    }

    /// # Safety
    /// `out` must be writable.
    pub unsafe fn index_map(
        &mut self,
        region: c_int,
        size: c_int,
        extend: c_int,
        out: *mut *mut c_void,
    ) -> c_int {
        let missing = ffi::SQLITE_IOERR_SHMMAP;
        delegate!(self, xShmMap, missing, region, size, extend, out)
    }

    pub fn index_lock(&mut self, first: c_int, count: c_int, flags: c_int) -> c_int {
        let missing = ffi::SQLITE_IOERR_SHMLOCK;
        delegate!(self, xShmLock, missing, first, count, flags)
    }

    pub fn index_barrier(&mut self) {
        delegate!(self, xShmBarrier, ())
    }

    pub fn index_unmap(&mut self, delete: c_int) -> c_int {
        delegate!(self, xShmUnmap, ffi::SQLITE_OK, delete)
    }
}

impl Drop for DiskFile {
    fn drop(&mut self) {
        delegate!(self, xClose, ffi::SQLITE_OK);
    }
}
