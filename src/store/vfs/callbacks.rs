//! The C functions that SQLite calls: they turn pointers into values, catch panics (a panic must not cross into C) and
//! hand over to [`OpenFile`] or to the platform's VFS. What the pointers must be is SQLite's promise, documented with
//! `sqlite3_vfs` and `sqlite3_io_methods`; the reasons given for each `unsafe` here are those promises.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::ffi;

use super::fault::IoKind;
use super::open_file::{OpenFile, fault_code, text_of};
use super::{Backend, State};

/// What SQLite allocates for each file: the part it knows, and our file behind a pointer.
#[repr(C)]
pub(super) struct FileSlot {
    base: ffi::sqlite3_file,
    open: *mut OpenFile,
}

/// A VFS entry whose functions are the ones below. `state` is what they find in `pAppData`; name and sizes are set by
/// the registration.
pub(super) fn vfs_entry(name: &CStr, state: &Arc<State>, path_limit: c_int) -> ffi::sqlite3_vfs {
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<FileSlot>() as c_int,
        mxPathname: path_limit,
        pNext: std::ptr::null_mut(),
        zName: name.as_ptr(),
        pAppData: Arc::as_ptr(state).cast_mut().cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: Some(refuse_extension),
        xDlError: Some(extension_error),
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_millis),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// Runs `body`; a panic in it becomes `code`.
fn guarded(code: c_int, body: impl FnOnce() -> c_int) -> c_int {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(code)
}

/// # Safety
/// `vfs` must be one of ours: SQLite passes the VFS whose function it calls.
unsafe fn state_of<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a State {
    // SAFETY: our entries carry a pointer to a state that the registration keeps alive while the entry exists.
    unsafe { &*(*vfs).pAppData.cast::<State>() }
}

/// # Safety
/// `file` must be open through [`open`], and not in use by another call: SQLite uses a file from one connection only,
/// and a connection from one thread at a time.
unsafe fn file_of<'a>(file: *mut ffi::sqlite3_file) -> &'a mut OpenFile {
    // SAFETY: `open` stored the pointer, `close` alone frees it.
    unsafe { &mut *(*file.cast::<FileSlot>()).open }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let slot = file.cast::<FileSlot>();
    // SAFETY: SQLite gives `szOsFile` bytes at `file`. Without methods it will not close a file that failed to open.
    unsafe { (*slot).base.pMethods = std::ptr::null() };
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: `vfs` is ours; the state is held by an `Arc`, whose count goes up for the file's own handle on it.
        let state = unsafe {
            let state: *const State = state_of(vfs);
            Arc::increment_strong_count(state);
            Arc::from_raw(state)
        };
        // SAFETY: `name` and `out_flags` come from SQLite unchanged.
        match unsafe { OpenFile::open(state, name, flags, out_flags) } {
            Ok(opened) => {
                let methods = match opened.version() {
                    1 => &METHODS_1,
                    _ => &METHODS_2,
                };
                // SAFETY: as above; `close` frees the box.
                unsafe {
                    (*slot).open = Box::into_raw(Box::new(opened));
                    (*slot).base.pMethods = methods;
                }
                ffi::SQLITE_OK
            }
            Err(code) => code,
        }
    })
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_directory: c_int,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_DELETE, || {
        // SAFETY: `vfs` is ours.
        let state = unsafe { state_of(vfs) };
        if state.sync_failed() {
            return ffi::SQLITE_IOERR_DELETE;
        }
        if let Some(fault) = state.faults.strike(IoKind::Delete) {
            return fault_code(fault, ffi::SQLITE_IOERR_DELETE);
        }
        match &state.backend {
            // SAFETY: the arguments go through to the platform's VFS unchanged.
            Backend::Platform => unsafe {
                match (*state.platform).xDelete {
                    Some(delete) => delete(state.platform, name, sync_directory),
                    None => ffi::SQLITE_IOERR_DELETE,
                }
            },
            Backend::Simulated(disk) => {
                // SAFETY: SQLite gives a C string.
                let Ok(Some(text)) = (unsafe { text_of(name) }) else {
                    return ffi::SQLITE_IOERR_DELETE;
                };
                if !disk.inner.delete(text) {
                    return ffi::SQLITE_IOERR_DELETE_NOENT;
                }
                if sync_directory != 0 {
                    disk.inner.sync_directory();
                }
                ffi::SQLITE_OK
            }
        }
    })
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    result: *mut c_int,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_ACCESS, || {
        // SAFETY: `vfs` is ours.
        let state = unsafe { state_of(vfs) };
        match &state.backend {
            // SAFETY: the arguments go through to the platform's VFS unchanged.
            Backend::Platform => unsafe {
                match (*state.platform).xAccess {
                    Some(access) => access(state.platform, name, flags, result),
                    None => ffi::SQLITE_IOERR_ACCESS,
                }
            },
            Backend::Simulated(disk) => {
                // SAFETY: SQLite gives a C string.
                let Ok(Some(text)) = (unsafe { text_of(name) }) else {
                    return ffi::SQLITE_IOERR_ACCESS;
                };
                // As on Unix, an empty file does not count as an existing journal.
                let exists = disk
                    .inner
                    .find(text)
                    .is_some_and(|file| file.data.read().current.len() > 0);
                // SAFETY: `result` is writable.
                unsafe { *result = exists.into() };
                ffi::SQLITE_OK
            }
        }
    })
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: `vfs` is ours.
        let state = unsafe { state_of(vfs) };
        match &state.backend {
            // SAFETY: the arguments go through to the platform's VFS unchanged.
            Backend::Platform => unsafe {
                match (*state.platform).xFullPathname {
                    Some(full) => full(state.platform, name, size, out),
                    None => ffi::SQLITE_CANTOPEN,
                }
            },
            Backend::Simulated(_) => {
                // SAFETY: SQLite gives a C string, and `size` bytes at `out`.
                unsafe {
                    let bytes = CStr::from_ptr(name).to_bytes_with_nul();
                    if usize::try_from(size).is_ok_and(|size| bytes.len() <= size) {
                        out.copy_from_nonoverlapping(bytes.as_ptr().cast(), bytes.len());
                        return ffi::SQLITE_OK;
                    }
                }
                ffi::SQLITE_CANTOPEN
            }
        }
    })
}

/// Extensions are code from elsewhere in a process that handles money: none is ever loaded.
unsafe extern "C" fn refuse_extension(_: *mut ffi::sqlite3_vfs, _: *const c_char) -> *mut c_void {
    std::ptr::null_mut()
}

unsafe extern "C" fn extension_error(_: *mut ffi::sqlite3_vfs, size: c_int, out: *mut c_char) {
    let message = c"extensions are not loaded here".to_bytes_with_nul();
    if usize::try_from(size).is_ok_and(|size| message.len() <= size) {
        // SAFETY: SQLite gives `size` bytes at `out`.
        unsafe { out.copy_from_nonoverlapping(message.as_ptr().cast(), message.len()) };
    }
}

/// Passes a call on to the platform's VFS, which knows the system's clock, sleep and random numbers.
macro_rules! on_platform {
    ($vfs:ident, $function:ident, $missing:expr $(, $argument:expr)*) => {{
        // SAFETY: `vfs` is ours; the platform's VFS stays registered for ever; arguments come from SQLite unchanged.
        unsafe {
            let platform = state_of($vfs).platform;
            match (*platform).$function {
                Some(function) => function(platform $(, $argument)*),
                None => $missing,
            }
        }
    }};
}

unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    on_platform!(vfs, xRandomness, 0, size, out)
}

unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    on_platform!(vfs, xSleep, 0, micros)
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    on_platform!(vfs, xCurrentTime, ffi::SQLITE_ERROR, out)
}

unsafe extern "C" fn current_time_millis(vfs: *mut ffi::sqlite3_vfs, out: *mut i64) -> c_int {
    on_platform!(vfs, xCurrentTimeInt64, ffi::SQLITE_ERROR, out)
}

unsafe extern "C" fn last_error(
    vfs: *mut ffi::sqlite3_vfs,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    on_platform!(vfs, xGetLastError, 0, size, out)
}

static METHODS_2: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(index_map),
    xShmLock: Some(index_lock),
    xShmBarrier: Some(index_barrier),
    xShmUnmap: Some(index_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// For a platform whose files have no shared index: SQLite then refuses write-ahead logging by itself.
static METHODS_1: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    ..METHODS_2
};

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    guarded(ffi::SQLITE_IOERR_CLOSE, || {
        let slot = file.cast::<FileSlot>();
        // SAFETY: the file is open, so `open` stored a box here; without methods SQLite calls no more.
        unsafe {
            (*slot).base.pMethods = std::ptr::null();
            drop(Box::from_raw((*slot).open));
        }
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    amount: c_int,
    offset: i64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_READ, || {
        let Ok(amount) = usize::try_from(amount) else {
            return ffi::SQLITE_IOERR_READ;
        };
        // SAFETY: the file is open, and SQLite gives `amount` bytes at `into`; it may leave them uninitialised, which
        // is sound here only once they are set.
        unsafe {
            into.cast::<u8>().write_bytes(0, amount);
            let into = std::slice::from_raw_parts_mut(into.cast::<u8>(), amount);
            file_of(file).read(into, offset)
        }
    })
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    offset: i64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_WRITE, || {
        let Ok(amount) = usize::try_from(amount) else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        // SAFETY: the file is open, and SQLite gives `amount` bytes at `from`.
        unsafe {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), amount);
            file_of(file).write(bytes, offset)
        }
    })
}

/// A file method whose arguments are plain values.
macro_rules! plain {
    ($name:ident, $panicked:expr $(, $argument:ident: $kind:ty)*) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $kind)*) -> c_int {
            // SAFETY: the file is open.
            guarded($panicked, || unsafe { file_of(file) }.$name($($argument),*))
        }
    };
}

plain!(truncate, ffi::SQLITE_IOERR_TRUNCATE, len: i64);
plain!(sync, ffi::SQLITE_IOERR_FSYNC, flags: c_int);
plain!(lock, ffi::SQLITE_IOERR_LOCK, level: c_int);
plain!(unlock, ffi::SQLITE_IOERR_UNLOCK, level: c_int);
plain!(sector_size, 0);
plain!(characteristics, 0);
plain!(index_lock, ffi::SQLITE_IOERR_SHMLOCK, first: c_int, count: c_int, flags: c_int);
plain!(index_unmap, ffi::SQLITE_IOERR, delete: c_int);

unsafe extern "C" fn size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    guarded(ffi::SQLITE_IOERR_FSTAT, || {
        let mut len = 0;
        // SAFETY: the file is open and `out` is writable.
        unsafe {
            let code = file_of(file).size(&mut len);
            *out = len;
            code
        }
    })
}

unsafe extern "C" fn check_reserved(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_CHECKRESERVEDLOCK, || {
        let mut reserved = 0;
        // SAFETY: the file is open and `out` is writable.
        unsafe {
            let code = file_of(file).check_reserved(&mut reserved);
            *out = reserved;
            code
        }
    })
}

unsafe extern "C" fn control(
    file: *mut ffi::sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: the file is open, and SQLite gives the argument that the operation asks for.
    guarded(ffi::SQLITE_IOERR, || unsafe {
        file_of(file).control(operation, argument)
    })
}

unsafe extern "C" fn index_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: the file is open and `out` is writable.
    guarded(ffi::SQLITE_IOERR_SHMMAP, || unsafe {
        file_of(file).index_map(region, size, extend, out)
    })
}

unsafe extern "C" fn index_barrier(file: *mut ffi::sqlite3_file) {
    guarded(ffi::SQLITE_IOERR, || {
        // SAFETY: the file is open.
        unsafe { file_of(file) }.index_barrier();
        ffi::SQLITE_OK
    });
}
