//! The locks of a simulated file, by SQLite's rules: the five levels of a database file, and the eight slots and
//! shared regions of the write-ahead log's index. State lives with the file; each open handle keeps what it holds,
//! and gives it back when it closes, so a handle that goes away never leaves a lock behind.

use std::os::raw::c_int;
use std::sync::atomic::AtomicU64;

use rusqlite::ffi;

const SLOTS: usize = ffi::SQLITE_SHM_NLOCK as usize;

/// Who holds the database file at which level. Handles are told apart by number.
#[derive(Default)]
pub(super) struct FileLocks {
    shared: u32,
    reserved: Option<u64>,
    pending: Option<u64>,
    exclusive: Option<u64>,
}

impl FileLocks {
    /// Raises `held`, the level of `handle`, to `wanted`; false if another handle is in the way.
    pub fn lock(&mut self, handle: u64, held: &mut c_int, wanted: c_int) -> bool {
        if *held >= wanted {
            return true;
        }
        if *held == ffi::SQLITE_LOCK_NONE {
            if self.pending.is_some() || self.exclusive.is_some() {
                return false;
            }
            self.shared += 1;
            *held = ffi::SQLITE_LOCK_SHARED;
        }
        if wanted >= ffi::SQLITE_LOCK_RESERVED {
            let taken = |by: Option<u64>| by.is_some_and(|by| by != handle);
            if taken(self.reserved) || taken(self.pending) || taken(self.exclusive) {
                return false;
            }
            self.reserved = Some(handle);
            *held = (*held).max(ffi::SQLITE_LOCK_RESERVED);
        }
        if wanted >= ffi::SQLITE_LOCK_PENDING {
            // From here on no new reader comes in; the ones inside are waited for.
            self.pending = Some(handle);
            *held = (*held).max(ffi::SQLITE_LOCK_PENDING);
        }
        if wanted >= ffi::SQLITE_LOCK_EXCLUSIVE {
            if self.shared > 1 {
                return false;
            }
            self.exclusive = Some(handle);
            *held = ffi::SQLITE_LOCK_EXCLUSIVE;
        }
        true
    }

    /// Lowers `held` to `wanted` (SHARED or NONE).
    pub fn unlock(&mut self, handle: u64, held: &mut c_int, wanted: c_int) {
        if *held <= wanted {
            return;
        }
        for level in [&mut self.reserved, &mut self.pending, &mut self.exclusive] {
            if *level == Some(handle) {
                *level = None;
            }
        }
        if wanted == ffi::SQLITE_LOCK_NONE {
            self.shared = self.shared.saturating_sub(1);
        }
        *held = wanted;
    }

    pub fn is_reserved(&self) -> bool {
        self.reserved.is_some() || self.pending.is_some() || self.exclusive.is_some()
    }
}

/// The log's shared index: memory that all handles map, and the slots that order their use of it.
#[derive(Default)]
pub(super) struct SharedIndex {
    regions: Vec<Box<[AtomicU64]>>,
    slots: [Slot; SLOTS],
    handles: u32,
}

#[derive(Default)]
struct Slot {
    shared: u32,
    exclusive: bool,
}

/// What one handle holds of a [`SharedIndex`].
#[derive(Default)]
pub(super) struct IndexHold {
    mapped: bool,
    shared: [bool; SLOTS],
    exclusive: [bool; SLOTS],
}

/// What came of a request to map a region.
pub(super) enum Mapped {
    /// The region's first byte; it stays where it is until the last handle unmaps.
    At(*mut u8),
    Absent,
    OutOfMemory,
}

impl SharedIndex {
    /// The region's memory, zeroed when new. Without `extend` a region that does not exist stays absent.
    pub fn map(
        &mut self,
        hold: &mut IndexHold,
        region: usize,
        size: usize,
        extend: bool,
    ) -> Mapped {
        if !hold.mapped {
            hold.mapped = true;
            self.handles += 1;
        }
        while extend && self.regions.len() <= region {
            let words = size.div_ceil(size_of::<AtomicU64>());
            let mut memory = Vec::new();
            if memory.try_reserve_exact(words).is_err() {
                return Mapped::OutOfMemory;
            }
            memory.resize_with(words, || AtomicU64::new(0));
            self.regions.push(memory.into_boxed_slice());
        }
        match self.regions.get(region) {
            // Atomics may be written through a shared reference, so this pointer may be written through.
            Some(memory) => Mapped::At(memory.as_ptr().cast_mut().cast()),
            None => Mapped::Absent,
        }
    }

    /// Takes or releases `count` slots from `first`; false if another handle is in the way, or the range is not one.
    pub fn lock(&mut self, hold: &mut IndexHold, first: usize, count: usize, flags: c_int) -> bool {
        let Some(range) = first.checked_add(count).map(|end| first..end) else {
            return false;
        };
        if range.end > SLOTS {
            return false;
        }
        let exclusive = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            for i in range {
                self.release(hold, i);
            }
            return true;
        }
        let free = range.clone().all(|i| {
            let others = self.slots[i].shared - u32::from(hold.shared[i]);
            let held_against_us = self.slots[i].exclusive && !hold.exclusive[i];
            !held_against_us && (!exclusive || others == 0)
        });
        if !free {
            return false;
        }
        for i in range {
            if exclusive {
                self.slots[i].exclusive = true;
                hold.exclusive[i] = true;
            } else if !hold.shared[i] {
                self.slots[i].shared += 1;
                hold.shared[i] = true;
            }
        }
        true
    }

    /// Lets go of everything the handle holds. The last one out clears the regions: the next to come rebuilds them
    /// from the log, as after a start of the machine.
    pub fn unmap(&mut self, hold: &mut IndexHold) {
        for i in 0..SLOTS {
            self.release(hold, i);
        }
        if hold.mapped {
            hold.mapped = false;
            self.handles -= 1;
            if self.handles == 0 {
                *self = SharedIndex::default();
            }
        }
    }

    fn release(&mut self, hold: &mut IndexHold, i: usize) {
        if std::mem::take(&mut hold.shared[i]) {
            self.slots[i].shared -= 1;
        }
        if std::mem::take(&mut hold.exclusive[i]) {
            self.slots[i].exclusive = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffi::{
        SQLITE_LOCK_EXCLUSIVE as EXCLUSIVE, SQLITE_LOCK_NONE as NONE,
        SQLITE_LOCK_PENDING as PENDING, SQLITE_LOCK_RESERVED as RESERVED,
        SQLITE_LOCK_SHARED as SHARED,
    };

    #[test]
    fn a_writer_waits_for_readers_and_keeps_new_ones_out() {
        let mut locks = FileLocks::default();
        let (mut a, mut b, mut c) = (NONE, NONE, NONE);
        assert!(locks.lock(1, &mut a, SHARED));
        assert!(locks.lock(2, &mut b, SHARED));
        assert!(locks.lock(1, &mut a, RESERVED));
        assert!(locks.is_reserved());
        assert!(!locks.lock(2, &mut b, RESERVED), "one reserver");
        assert!(!locks.lock(1, &mut a, EXCLUSIVE), "b still reads");
        assert_eq!(a, PENDING);
        assert!(!locks.lock(3, &mut c, SHARED), "pending keeps c out");
        locks.unlock(2, &mut b, NONE);
        assert!(locks.lock(1, &mut a, EXCLUSIVE));
        locks.unlock(1, &mut a, SHARED);
        assert_eq!(a, SHARED);
        assert!(!locks.is_reserved());
        assert!(locks.lock(3, &mut c, SHARED));
    }

    #[test]
    fn index_slots_are_shared_or_exclusive() {
        let mut index = SharedIndex::default();
        let (mut a, mut b) = (IndexHold::default(), IndexHold::default());
        let lock = ffi::SQLITE_SHM_LOCK;
        let shared = lock | ffi::SQLITE_SHM_SHARED;
        let exclusive = lock | ffi::SQLITE_SHM_EXCLUSIVE;
        assert!(!index.lock(&mut a, 7, 2, exclusive), "no ninth slot");
        assert!(!index.lock(&mut a, usize::MAX, 2, exclusive));
        assert!(index.lock(&mut a, 3, 1, shared));
        assert!(index.lock(&mut b, 3, 1, shared));
        assert!(!index.lock(&mut b, 0, 8, exclusive), "a reads slot 3");
        assert!(index.lock(&mut b, 0, 3, exclusive));
        assert!(!index.lock(&mut a, 2, 1, shared));
        index.unmap(&mut b);
        assert!(index.lock(&mut a, 2, 1, shared));
    }

    #[test]
    fn the_last_handle_out_clears_the_regions() {
        let mut index = SharedIndex::default();
        let (mut a, mut b) = (IndexHold::default(), IndexHold::default());
        assert!(matches!(index.map(&mut a, 0, 32768, false), Mapped::Absent));
        let Mapped::At(first) = index.map(&mut a, 0, 32768, true) else {
            panic!("not mapped");
        };
        assert!(matches!(index.map(&mut a, 5, 32768, true), Mapped::At(_)));
        let Mapped::At(again) = index.map(&mut b, 0, 32768, false) else {
            panic!("not mapped");
        };
        assert_eq!(first, again, "growing moves nothing");
        index.unmap(&mut a);
        assert!(matches!(index.map(&mut b, 0, 32768, false), Mapped::At(_)));
        index.unmap(&mut b);
        assert!(matches!(index.map(&mut b, 0, 32768, false), Mapped::Absent));
    }
}
