//! One open file of a [`SimulatedDisk`]: what SQLite's file methods do there. Results are SQLite's codes. A handle
//! gives back every lock when it is dropped.

use std::os::raw::c_int;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use rusqlite::ffi;

use super::memory::{Disk, FileData, Inode, SimulatedDisk};
use super::memory_lock::{IndexHold, Mapped};

pub(super) struct MemoryFile {
    disk: Arc<Disk>,
    inode: Arc<Inode>,
    handle: u64,
    level: c_int,
    hold: IndexHold,
    /// The name to delete when the file is closed.
    delete_on_close: Option<String>,
    /// A new journal or log: its first sync makes its name durable as well, as on POSIX systems.
    syncs_directory: bool,
}

impl MemoryFile {
    /// Opens `name`, or a nameless temporary file.
    pub fn open(disk: &SimulatedDisk, name: Option<&str>, flags: c_int) -> Result<Self, c_int> {
        let disk = disk.inner.clone();
        let mut syncs_directory = false;
        let inode = match name {
            None => disk.new_inode(FileData::default()),
            Some(name) => match disk.find(name) {
                Some(_) if flags & ffi::SQLITE_OPEN_EXCLUSIVE != 0 => {
                    return Err(ffi::SQLITE_CANTOPEN);
                }
                Some(inode) => inode,
                None if flags & ffi::SQLITE_OPEN_CREATE == 0 => return Err(ffi::SQLITE_CANTOPEN),
                None => {
                    let journals = ffi::SQLITE_OPEN_MAIN_JOURNAL
                        | ffi::SQLITE_OPEN_SUPER_JOURNAL
                        | ffi::SQLITE_OPEN_WAL;
                    syncs_directory = flags & journals != 0;
                    disk.create(name)
                }
            },
        };
        let deletes = flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0;
        Ok(MemoryFile {
            handle: disk.next_handle(),
            disk,
            inode,
            level: ffi::SQLITE_LOCK_NONE,
            hold: IndexHold::default(),
            delete_on_close: name.filter(|_| deletes).map(str::to_owned),
            syncs_directory,
        })
    }

    /// Fills `into`; what lies past the end is zero and reported as a short read.
    pub fn read(&self, into: &mut [u8], offset: u64) -> c_int {
        let read = self.inode.data.read().current.read(offset, into);
        if read == into.len() {
            return ffi::SQLITE_OK;
        }
        into[read..].fill(0);
        ffi::SQLITE_IOERR_SHORT_READ
    }

    pub fn write(&self, bytes: &[u8], offset: u64) -> c_int {
        let mut data = self.inode.data.write();
        code(self.disk.write(&mut data, offset, bytes))
    }

    pub fn truncate(&self, len: u64) -> c_int {
        let mut data = self.inode.data.write();
        code(self.disk.set_len(&mut data, len))
    }

    pub fn sync(&mut self) -> c_int {
        let mut data = self.inode.data.write();
        let synced = self.disk.sync_data(&mut data);
        drop(data);
        if synced.is_ok() && std::mem::take(&mut self.syncs_directory) {
            self.disk.sync_directory();
        }
        code(synced)
    }

    /// A sync that is to fail; see [`Disk::fail_sync`].
    pub fn fail_sync(&self) {
        let mut data = self.inode.data.write();
        // Without memory to work out what was lost, the writes simply stay unsynced.
        let _ = self.disk.fail_sync(&mut data);
    }

    pub fn size(&self) -> u64 {
        self.inode.data.read().current.len()
    }

    pub fn lock(&mut self, level: c_int) -> c_int {
        let mut locks = self.inode.locks.lock();
        busy_unless(locks.lock(self.handle, &mut self.level, level))
    }

    pub fn unlock(&mut self, level: c_int) -> c_int {
        let mut locks = self.inode.locks.lock();
        locks.unlock(self.handle, &mut self.level, level);
        ffi::SQLITE_OK
    }

    pub fn is_reserved(&self) -> bool {
        self.inode.locks.lock().is_reserved()
    }

    pub fn level(&self) -> c_int {
        self.level
    }

    pub fn index_map(&mut self, region: usize, size: usize, extend: bool) -> Mapped {
        let mut index = self.inode.index.lock();
        index.map(&mut self.hold, region, size, extend)
    }

    pub fn index_lock(&mut self, first: usize, count: usize, flags: c_int) -> c_int {
        let mut index = self.inode.index.lock();
        busy_unless(index.lock(&mut self.hold, first, count, flags))
    }

    /// Orders this thread's accesses to the shared index before and after the call. Taking the mutex does the same
    /// for tools that do not know fences.
    pub fn index_barrier(&self) {
        drop(self.inode.index.lock());
        fence(Ordering::SeqCst);
    }

    pub fn index_unmap(&mut self) {
        self.inode.index.lock().unmap(&mut self.hold);
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        self.index_unmap();
        self.unlock(ffi::SQLITE_LOCK_NONE);
        if let Some(name) = &self.delete_on_close {
            self.disk.delete(name);
        }
    }
}

fn busy_unless(done: bool) -> c_int {
    if done {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_BUSY
    }
}

fn code(result: Result<(), super::memory::Refused>) -> c_int {
    result.map_or_else(c_int::from, |()| ffi::SQLITE_OK)
}
