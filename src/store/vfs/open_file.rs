//! A file that SQLite has open through our VFS: decides whether a call is to fail, makes it on the platform or on the
//! simulated disk, and counts it. Results are SQLite's codes; nothing here panics on what the disk says.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::str::Utf8Error;
use std::sync::Arc;
use std::time::Instant;

use rusqlite::ffi;

use super::disk_file::DiskFile;
use super::fault::{Fault, IoKind};
use super::log_buffer::LogBuffer;
use super::memory_file::MemoryFile;
use super::memory_lock::Mapped;
use super::{Backend, State, checked};

/// The slot of the log's shared index whose holder is the writer.
const WRITE_SLOT: c_int = 0;

pub(super) struct OpenFile {
    state: Arc<State>,
    body: Body,
    is_log: bool,
    /// Only for a log whose commits are synced before others are told of them.
    buffer: Option<LogBuffer>,
}

enum Body {
    Disk(DiskFile),
    Memory(MemoryFile),
}

impl OpenFile {
    /// Opens a file on the backend of `state`.
    ///
    /// # Safety
    /// As for [`DiskFile::open`].
    pub unsafe fn open(
        state: Arc<State>,
        name: *const c_char,
        flags: c_int,
        out_flags: *mut c_int,
    ) -> Result<Self, c_int> {
        if let Some(fault) = state.faults.strike(IoKind::Open) {
            return Err(fault_code(fault, ffi::SQLITE_CANTOPEN));
        }
        let body = match &state.backend {
            Backend::Platform => {
                // SAFETY: the platform's VFS stays registered for ever; the caller vouches for the rest.
                Body::Disk(unsafe { DiskFile::open(state.platform, name, flags, out_flags)? })
            }
            Backend::Simulated(disk) => {
                // SAFETY: the caller vouches for `name`.
                let text = unsafe { text_of(name) }.map_err(|_| ffi::SQLITE_CANTOPEN)?;
                let file = MemoryFile::open(disk, text, flags)?;
                if !out_flags.is_null() {
                    // SAFETY: the caller says that it is writable.
                    unsafe { *out_flags = flags };
                }
                Body::Memory(file)
            }
        };
        let is_log = flags & ffi::SQLITE_OPEN_WAL != 0;
        let gathers = is_log && state.gathers_log;
        let mut opened = OpenFile {
            state,
            body,
            is_log,
            buffer: None,
        };
        // Without this property SQLite pads a commit and writes the last bytes of the padding after the sync.
        if gathers && opened.characteristics() & ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE != 0 {
            opened.buffer = Some(LogBuffer::default());
        }
        Ok(opened)
    }

    /// The version of file methods to offer: 2 has the shared index but no memory-mapping, which we never offer.
    pub fn version(&self) -> c_int {
        match &self.body {
            Body::Disk(file) => file.version().min(2),
            Body::Memory(_) => 2,
        }
    }

    pub fn read(&mut self, into: &mut [u8], offset: i64) -> c_int {
        let end = offset.saturating_add_unsigned(into.len() as u64);
        if let Err(code) = self.write_gathered_before(end) {
            return code;
        }
        if let Some(fault) = self.state.faults.strike(IoKind::Read) {
            return fault_code(fault, ffi::SQLITE_IOERR_READ);
        }
        let code = match &mut self.body {
            Body::Disk(file) => file.read(into, offset),
            Body::Memory(file) => match u64::try_from(offset) {
                Ok(offset) => file.read(into, offset),
                Err(_) => ffi::SQLITE_IOERR_READ,
            },
        };
        self.state.counters.read(into.len());
        code
    }

    pub fn write(&mut self, bytes: &[u8], offset: i64) -> c_int {
        let Ok(offset) = u64::try_from(offset) else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        if self.state.sync_failed() {
            return ffi::SQLITE_IOERR_WRITE;
        }
        if self.gather(bytes, offset) {
            return ffi::SQLITE_OK;
        }
        if let Err(code) = self.write_gathered_before(i64::MAX) {
            return code;
        }
        match self.gather(bytes, offset) {
            true => ffi::SQLITE_OK,
            false => self.write_now(bytes, offset),
        }
    }

    fn gather(&mut self, bytes: &[u8], offset: u64) -> bool {
        let transaction = self.state.write_transaction();
        match &mut self.buffer {
            Some(buffer) => buffer.gather(bytes, offset, transaction),
            None => false,
        }
    }

    /// Brings to the disk what the log's buffer has gathered, if any of it lies before `end`.
    fn write_gathered_before(&mut self, end: i64) -> Result<(), c_int> {
        let Some(mut buffer) = self.buffer.take() else {
            return Ok(());
        };
        let wanted = buffer
            .gathered(self.state.write_transaction())
            .filter(|(_, start)| i64::try_from(*start).is_ok_and(|start| start < end));
        let written = wanted.map(|(bytes, start)| checked(self.write_now(bytes, start)));
        if written == Some(Ok(())) {
            buffer.clear();
        }
        self.buffer = Some(buffer);
        written.unwrap_or(Ok(()))
    }

    fn write_now(&mut self, bytes: &[u8], start: u64) -> c_int {
        let Ok(offset) = i64::try_from(start) else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        if self.state.sync_failed() {
            return ffi::SQLITE_IOERR_WRITE;
        }
        let fault = self.state.faults.strike(IoKind::Write);
        let bytes = match fault {
            None => bytes,
            Some(Fault::ShortWrite) => &bytes[..bytes.len() / 2],
            Some(fault) => return fault_code(fault, ffi::SQLITE_IOERR_WRITE),
        };
        let code = match &mut self.body {
            Body::Disk(file) => file.write(bytes, offset),
            Body::Memory(file) => file.write(bytes, start),
        };
        self.state.counters.wrote(bytes.len());
        if fault.is_some() {
            return ffi::SQLITE_IOERR_WRITE;
        }
        if self.is_log && code == ffi::SQLITE_OK {
            let end = start.saturating_add(bytes.len() as u64);
            self.state.counters.log_ends_at(end);
        }
        code
    }

    pub fn truncate(&mut self, len: i64) -> c_int {
        let Ok(new_len) = u64::try_from(len) else {
            return ffi::SQLITE_IOERR_TRUNCATE;
        };
        if self.state.sync_failed() {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        if let Err(code) = self.write_gathered_before(len) {
            return code;
        }
        if let Some(fault) = self.state.faults.strike(IoKind::Truncate) {
            return fault_code(fault, ffi::SQLITE_IOERR_TRUNCATE);
        }
        let code = match &mut self.body {
            Body::Disk(file) => file.truncate(len),
            Body::Memory(file) => file.truncate(new_len),
        };
        if self.is_log && new_len == 0 && code == ffi::SQLITE_OK {
            self.state.counters.log_ends_at(0);
        }
        code
    }

    /// Makes what was written durable. A sync that fails ends all writing through this VFS: the system forgets which
    /// pages it could not write, so that a later sync would report success for data that is not on the disk.
    pub fn sync(&mut self, flags: c_int) -> c_int {
        if self.state.sync_failed() {
            return ffi::SQLITE_IOERR_FSYNC;
        }
        if let Err(code) = self.write_gathered_before(i64::MAX) {
            return code;
        }
        let code = match self.state.faults.strike(IoKind::Sync) {
            Some(fault) => {
                if let Body::Memory(file) = &self.body
                    && fault != Fault::PowerLost
                {
                    file.fail_sync();
                }
                fault_code(fault, ffi::SQLITE_IOERR_FSYNC)
            }
            None => {
                let started = Instant::now();
                let code = match &mut self.body {
                    Body::Disk(file) => file.sync(flags),
                    Body::Memory(file) => file.sync(),
                };
                self.state.counters.synced(started.elapsed());
                code
            }
        };
        if code != ffi::SQLITE_OK {
            self.state.fail_from_now_on();
        }
        code
    }

    pub fn size(&mut self, size: &mut i64) -> c_int {
        if let Err(code) = self.write_gathered_before(i64::MAX) {
            return code;
        }
        match &mut self.body {
            Body::Disk(file) => file.size(size),
            Body::Memory(file) => match i64::try_from(file.size()) {
                Ok(len) => {
                    *size = len;
                    ffi::SQLITE_OK
                }
                Err(_) => ffi::SQLITE_IOERR_FSTAT,
            },
        }
    }

    /// The file's length, for callers that want it as a value.
    pub fn len(&mut self) -> Result<u64, c_int> {
        let mut size = 0;
        match self.size(&mut size) {
            ffi::SQLITE_OK => u64::try_from(size).map_err(|_| ffi::SQLITE_IOERR_FSTAT),
            code => Err(code),
        }
    }

    pub fn lock(&mut self, level: c_int) -> c_int {
        if let Some(fault) = self.state.faults.strike(IoKind::Lock) {
            return fault_code(fault, ffi::SQLITE_IOERR_LOCK);
        }
        match &mut self.body {
            Body::Disk(file) => file.lock(level),
            Body::Memory(file) => file.lock(level),
        }
    }

    pub fn unlock(&mut self, level: c_int) -> c_int {
        match &mut self.body {
            Body::Disk(file) => file.unlock(level),
            Body::Memory(file) => file.unlock(level),
        }
    }

    pub fn check_reserved(&mut self, reserved: &mut c_int) -> c_int {
        match &mut self.body {
            Body::Disk(file) => file.check_reserved(reserved),
            Body::Memory(file) => {
                *reserved = file.is_reserved().into();
                ffi::SQLITE_OK
            }
        }
    }

    /// # Safety
    /// `argument` must be what SQLite's documentation of `operation` asks for.
    pub unsafe fn control(&mut self, operation: c_int, argument: *mut c_void) -> c_int {
        if operation == ffi::SQLITE_FCNTL_MMAP_SIZE {
            // Memory-mapping would go around the VFS: whatever is asked for, none is in use.
            if !argument.is_null() {
                // SAFETY: this operation's argument points to a 64-bit size.
                unsafe { *argument.cast::<i64>() = 0 };
            }
            return ffi::SQLITE_OK;
        }
        // SAFETY: the caller vouches for `argument`.
        if operation == ffi::SQLITE_FCNTL_PRAGMA && unsafe { self.refuses_pragma(argument) } {
            return ffi::SQLITE_ERROR;
        }
        match &mut self.body {
            // SAFETY: the caller vouches for `argument`.
            Body::Disk(file) => unsafe { file.control(operation, argument) },
            Body::Memory(file) => {
                let answer = match operation {
                    ffi::SQLITE_FCNTL_LOCKSTATE => file.level(),
                    ffi::SQLITE_FCNTL_HAS_MOVED => 0,
                    _ => return ffi::SQLITE_NOTFOUND,
                };
                if !argument.is_null() {
                    // SAFETY: the argument of these operations points to an int.
                    unsafe { *argument.cast::<c_int>() = answer };
                }
                ffi::SQLITE_OK
            }
        }
    }

    /// Whether a pragma would let commits be published before their sync, while the log's writes wait for it.
    ///
    /// # Safety
    /// `argument` must be the argument of `SQLITE_FCNTL_PRAGMA`: after one entry for a result, name and value.
    unsafe fn refuses_pragma(&self, argument: *mut c_void) -> bool {
        if !self.state.gathers_log {
            return false;
        }
        let texts = argument.cast::<*const c_char>();
        // SAFETY: the caller vouches for the array; name and value are C strings, the value may be missing.
        let (name, value) = unsafe { (text_of(*texts.add(1)), text_of(*texts.add(2))) };
        match (name, value) {
            (Ok(Some(name)), Ok(Some(value))) if name.eq_ignore_ascii_case("synchronous") => {
                !["FULL", "EXTRA", "2", "3"]
                    .iter()
                    .any(|safe| value.eq_ignore_ascii_case(safe))
            }
            _ => false,
        }
    }

    pub fn sector_size(&mut self) -> c_int {
        match &mut self.body {
            Body::Disk(file) => file.sector_size(),
            // What the Unix VFS says, so that SQLite writes the same way on both; cuts tear at 512 all the same.
            Body::Memory(_) => 4096,
        }
    }

    pub fn characteristics(&mut self) -> c_int {
        match &mut self.body {
            Body::Disk(file) => file.characteristics(),
            Body::Memory(_) => ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE,
        }
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
        if let Some(fault) = self.state.faults.strike(IoKind::Shm) {
            return fault_code(fault, ffi::SQLITE_IOERR_SHMMAP);
        }
        match &mut self.body {
            // SAFETY: the caller vouches for `out`.
            Body::Disk(file) => unsafe { file.index_map(region, size, extend, out) },
            Body::Memory(file) => {
                let (Ok(region), Ok(size)) = (usize::try_from(region), usize::try_from(size))
                else {
                    return ffi::SQLITE_IOERR_SHMMAP;
                };
                let memory = match file.index_map(region, size, extend != 0) {
                    Mapped::At(memory) => memory.cast::<c_void>(),
                    Mapped::Absent => std::ptr::null_mut(),
                    Mapped::OutOfMemory => return ffi::SQLITE_IOERR_NOMEM,
                };
                // SAFETY: the caller vouches for `out`.
                unsafe { *out = memory };
                ffi::SQLITE_OK
            }
        }
    }

    pub fn index_lock(&mut self, first: c_int, count: c_int, flags: c_int) -> c_int {
        let takes = flags & ffi::SQLITE_SHM_LOCK != 0;
        if takes && let Some(fault) = self.state.faults.strike(IoKind::Shm) {
            return fault_code(fault, ffi::SQLITE_IOERR_SHMLOCK);
        }
        if first == WRITE_SLOT && !takes {
            self.state.end_write_transaction();
        }
        match &mut self.body {
            Body::Disk(file) => file.index_lock(first, count, flags),
            Body::Memory(file) => match (usize::try_from(first), usize::try_from(count)) {
                (Ok(first), Ok(count)) => file.index_lock(first, count, flags),
                _ => ffi::SQLITE_IOERR_SHMLOCK,
            },
        }
    }

    pub fn index_barrier(&mut self) {
        match &mut self.body {
            Body::Disk(file) => file.index_barrier(),
            Body::Memory(file) => file.index_barrier(),
        }
    }

    pub fn index_unmap(&mut self, delete: c_int) -> c_int {
        match &mut self.body {
            Body::Disk(file) => file.index_unmap(delete),
            Body::Memory(file) => {
                file.index_unmap();
                ffi::SQLITE_OK
            }
        }
    }
}

/// The text at `name`, if there is one.
///
/// # Safety
/// `name` must be null or a C string that lives as long as the result is used.
pub(super) unsafe fn text_of<'a>(name: *const c_char) -> Result<Option<&'a str>, Utf8Error> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller vouches for it.
    unsafe { CStr::from_ptr(name) }.to_str().map(Some)
}

/// The code of a call that is made to fail, where `io` is the I/O error of its kind.
pub(super) fn fault_code(fault: Fault, io: c_int) -> c_int {
    match fault {
        Fault::DiskFull => ffi::SQLITE_FULL,
        Fault::IoError | Fault::ShortWrite | Fault::PowerLost => io,
    }
}
