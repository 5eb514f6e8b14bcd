//! A complete disk in memory: what in-memory databases live on, and what crash tests cut the power of. It tells
//! apart what was synced from what was merely written, per file and for the names of files, so that
//! [`SimulatedDisk::power_cut`] can show the disk as a machine would find it after losing power. All handles of a
//! disk share it; it disappears with the last one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use rusqlite::ffi;

use super::contents::{Contents, OutOfMemory};
use super::memory_lock::{FileLocks, SharedIndex};
use super::power::Dice;

/// A disk in memory; clones are the same disk.
#[derive(Clone)]
pub struct SimulatedDisk {
    pub(super) inner: Arc<Disk>,
}

pub(super) struct Disk {
    pub directory: Mutex<Directory>,
    /// Whether unsynced changes are remembered. Off for databases that only live in memory: nothing to lose.
    tracks: bool,
    pub ignore_syncs: AtomicBool,
    capacity: AtomicU64,
    used: Arc<AtomicU64>,
    next_handle: AtomicU64,
    failed_syncs: AtomicU64,
    writer: AtomicBool,
}

/// Names and the files they stand for: as programs see them, and as far as they are safe from a power cut.
#[derive(Default)]
pub(super) struct Directory {
    pub current: BTreeMap<String, Arc<Inode>>,
    pub durable: BTreeMap<String, Arc<Inode>>,
    /// Creations and deletions since the last sync of the directory, oldest first.
    pub pending: Vec<(String, Option<Arc<Inode>>)>,
}

/// A file apart from its name; it lives on while it is open, even when its name is deleted.
pub(super) struct Inode {
    pub data: RwLock<FileData>,
    pub locks: Mutex<FileLocks>,
    pub index: Mutex<SharedIndex>,
    /// The disk's count of used bytes, which gets this file's back when the file goes.
    used: Arc<AtomicU64>,
}

#[derive(Default)]
pub(super) struct FileData {
    pub current: Contents,
    pub durable: Contents,
    /// Changes since the last sync, oldest first.
    pub pending: Vec<Change>,
}

pub(super) enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    SetLen(u64),
}

/// Why a simulated call failed.
pub(super) enum Refused {
    DiskFull,
    OutOfMemory,
}

impl From<OutOfMemory> for Refused {
    fn from(_: OutOfMemory) -> Self {
        Refused::OutOfMemory
    }
}

impl Default for SimulatedDisk {
    fn default() -> Self {
        SimulatedDisk::new()
    }
}

impl SimulatedDisk {
    /// An empty disk that remembers what was not synced, for crash tests. Uses twice the memory of its files.
    pub fn new() -> Self {
        SimulatedDisk::with_tracking(true)
    }

    /// An empty disk for a database that is to live in memory only. A power cut leaves nothing of it.
    pub fn volatile() -> Self {
        SimulatedDisk::with_tracking(false)
    }

    /// From now on syncs do nothing and report success: the disk of a build that forgot to sync.
    pub fn ignore_syncs(&self, ignore: bool) {
        self.inner.ignore_syncs.store(ignore, Ordering::Relaxed);
    }

    /// The most bytes that all files together may have; writes that need more fail with "disk full".
    pub fn set_capacity(&self, bytes: u64) {
        self.inner.capacity.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that all files together have. A deleted file counts until nobody has it open and its deletion is synced.
    pub fn used(&self) -> u64 {
        self.inner.used.load(Ordering::Relaxed)
    }

    /// Names of the files, sorted.
    pub fn file_names(&self) -> Vec<String> {
        self.inner
            .directory
            .lock()
            .current
            .keys()
            .cloned()
            .collect()
    }

    /// All bytes of a file, or `None` if there is no such name.
    pub fn read_file(&self, name: &str) -> Option<Vec<u8>> {
        let inode = self.inner.find(name)?;
        let data = inode.data.read();
        Some(data.current.to_vec())
    }

    /// Bytes of a file, or `None` if there is no such name.
    pub fn file_len(&self, name: &str) -> Option<u64> {
        let inode = self.inner.find(name)?;
        let data = inode.data.read();
        Some(data.current.len())
    }

    /// Replaces a file's bytes (creating it where needed), durably and behind SQLite's back: to damage it in tests.
    /// False if memory or the disk's capacity does not suffice.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> bool {
        let inode = self.inner.create(name);
        self.inner.sync_directory();
        let mut data = inode.data.write();
        let written = self
            .inner
            .set_len(&mut data, 0)
            .and_then(|()| self.inner.write(&mut data, 0, bytes));
        let synced = self.inner.sync_data(&mut data);
        written.is_ok() && synced.is_ok()
    }

    /// Overwrites bytes of an existing file from `offset` on, durably; false if there is no such file.
    pub fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) -> bool {
        let Some(inode) = self.inner.find(name) else {
            return false;
        };
        let mut data = inode.data.write();
        self.inner.write(&mut data, offset, bytes).is_ok()
            && self.inner.sync_data(&mut data).is_ok()
    }

    /// Deletes a name, durably; false if there is none.
    pub fn delete_file(&self, name: &str) -> bool {
        let deleted = self.inner.delete(name);
        self.inner.sync_directory();
        deleted
    }

    /// A disk with the same files as programs see them now, all synced: as found after the process was killed.
    /// `None` if memory does not suffice.
    pub fn clone_contents(&self) -> Option<SimulatedDisk> {
        let copy = SimulatedDisk::with_tracking(self.inner.tracks);
        let directory = self.inner.directory.lock();
        for (name, inode) in &directory.current {
            let contents = inode.data.read().current.duplicate().ok()?;
            copy.adopt(name, contents).ok()?;
        }
        copy.set_capacity(self.inner.capacity.load(Ordering::Relaxed));
        Some(copy)
    }

    /// The disk as found after losing power now. What was synced is there. Of what was not, each write, in pieces
    /// of 512 bytes, and each change of length, creation and deletion may or may not have happened, in any order;
    /// `seed` decides. The disk itself goes on unharmed. `None` if memory does not suffice.
    pub fn power_cut(&self, seed: u64) -> Option<SimulatedDisk> {
        let copy = SimulatedDisk::with_tracking(true);
        let mut dice = Dice::new(seed);
        let directory = self.inner.directory.lock();
        for (name, inode) in directory.after_power_cut(&mut dice) {
            let contents = inode.data.read().after_power_cut(&mut dice).ok()?;
            copy.adopt(&name, contents).ok()?;
        }
        copy.set_capacity(self.inner.capacity.load(Ordering::Relaxed));
        Some(copy)
    }

    /// Takes the disk's one place for a writer; false if it is taken.
    pub(crate) fn take_writer(&self) -> bool {
        !self.inner.writer.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn release_writer(&self) {
        self.inner.writer.store(false, Ordering::Release);
    }

    fn with_tracking(tracks: bool) -> Self {
        SimulatedDisk {
            inner: Arc::new(Disk {
                directory: Mutex::default(),
                tracks,
                ignore_syncs: AtomicBool::new(false),
                capacity: AtomicU64::new(u64::MAX),
                used: Arc::default(),
                next_handle: AtomicU64::new(1),
                failed_syncs: AtomicU64::new(0),
                writer: AtomicBool::new(false),
            }),
        }
    }

    /// Adds a file whose contents are durable already.
    fn adopt(&self, name: &str, contents: Contents) -> Result<(), OutOfMemory> {
        let durable = if self.inner.tracks {
            contents.duplicate()?
        } else {
            Contents::default()
        };
        self.inner.used.fetch_add(contents.len(), Ordering::Relaxed);
        let inode = self.inner.new_inode(FileData {
            current: contents,
            durable,
            pending: Vec::new(),
        });
        let mut directory = self.inner.directory.lock();
        directory.durable.insert(name.to_owned(), inode.clone());
        directory.current.insert(name.to_owned(), inode);
        Ok(())
    }
}

impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedDisk")
            .field("files", &self.file_names())
            .field("used", &self.used())
            .finish()
    }
}

impl Disk {
    pub fn find(&self, name: &str) -> Option<Arc<Inode>> {
        self.directory.lock().current.get(name).cloned()
    }

    /// The file of this name, made if it does not exist.
    pub fn create(&self, name: &str) -> Arc<Inode> {
        let mut directory = self.directory.lock();
        if let Some(inode) = directory.current.get(name) {
            return inode.clone();
        }
        let inode = self.new_inode(FileData::default());
        directory.current.insert(name.to_owned(), inode.clone());
        if self.tracks {
            let created = (name.to_owned(), Some(inode.clone()));
            directory.pending.push(created);
        }
        inode
    }

    pub fn new_inode(&self, data: FileData) -> Arc<Inode> {
        Arc::new(Inode {
            data: RwLock::new(data),
            locks: Mutex::default(),
            index: Mutex::default(),
            used: self.used.clone(),
        })
    }

    pub fn delete(&self, name: &str) -> bool {
        let mut directory = self.directory.lock();
        if directory.current.remove(name).is_none() {
            return false;
        }
        if self.tracks {
            directory.pending.push((name.to_owned(), None));
        }
        true
    }

    pub fn sync_directory(&self) {
        if !self.tracks || self.ignore_syncs.load(Ordering::Relaxed) {
            return;
        }
        let mut directory = self.directory.lock();
        directory.durable = directory.current.clone();
        directory.pending.clear();
    }

    pub fn next_handle(&self) -> u64 {
        self.next_handle.fetch_add(1, Ordering::Relaxed)
    }

    pub fn write(&self, data: &mut FileData, offset: u64, bytes: &[u8]) -> Result<(), Refused> {
        let end = offset
            .checked_add(bytes.len() as u64)
            .ok_or(Refused::DiskFull)?;
        self.grow(data.current.len(), end)?;
        let before = data.current.len();
        if let Err(refused) = data.current.write(offset, bytes) {
            self.shrink(before.max(end), before);
            return Err(refused.into());
        }
        if self.tracks {
            let bytes = bytes.to_vec();
            data.pending.push(Change::Write { offset, bytes });
        }
        Ok(())
    }

    pub fn set_len(&self, data: &mut FileData, len: u64) -> Result<(), Refused> {
        let before = data.current.len();
        self.grow(before, len)?;
        if let Err(refused) = data.current.set_len(len) {
            self.shrink(before.max(len), before);
            return Err(refused.into());
        }
        self.shrink(before, len);
        if self.tracks {
            data.pending.push(Change::SetLen(len));
        }
        Ok(())
    }

    pub fn sync_data(&self, data: &mut FileData) -> Result<(), Refused> {
        if !self.tracks || self.ignore_syncs.load(Ordering::Relaxed) {
            return Ok(());
        }
        for change in data.pending.drain(..) {
            change.apply(&mut data.durable)?;
        }
        Ok(())
    }

    /// A sync that failed: the system has marked the pages clean, so what did not reach the disk by chance now
    /// will not be brought there by a later sync.
    pub fn fail_sync(&self, data: &mut FileData) -> Result<(), Refused> {
        if self.tracks {
            let seed = self.failed_syncs.fetch_add(1, Ordering::Relaxed);
            data.durable = data.after_power_cut(&mut Dice::new(seed))?;
            data.pending.clear();
        }
        Ok(())
    }

    /// Accounts for a file that grows from `before` to `after`; refused if the disk would be over its capacity.
    fn grow(&self, before: u64, after: u64) -> Result<(), Refused> {
        let more = after.saturating_sub(before);
        let capacity = self.capacity.load(Ordering::Relaxed);
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(more)
                    .filter(|total| more == 0 || *total <= capacity)
            })
            .map(|_| ())
            .map_err(|_| Refused::DiskFull)
    }

    fn shrink(&self, before: u64, after: u64) {
        self.used
            .fetch_sub(before.saturating_sub(after), Ordering::Relaxed);
    }
}

impl Drop for Inode {
    fn drop(&mut self) {
        let len = self.data.get_mut().current.len();
        self.used.fetch_sub(len, Ordering::Relaxed);
    }
}

impl Change {
    pub fn apply(self, to: &mut Contents) -> Result<(), OutOfMemory> {
        match self {
            Change::Write { offset, bytes } => to.write(offset, &bytes),
            Change::SetLen(len) => to.set_len(len),
        }
    }
}

impl From<Refused> for std::os::raw::c_int {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::DiskFull => ffi::SQLITE_FULL,
            Refused::OutOfMemory => ffi::SQLITE_IOERR_NOMEM,
        }
    }
}
