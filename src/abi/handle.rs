//! Handles: what the host holds instead of pointers. A handle looks like a pointer and is a number: place in a
//! table, generation, kind, and how many forks deep it was made. So one that was freed, is of another kind or was
//! never ours is refused without touching any memory; and the table that a fork inherits, with whatever lock its
//! parent held at that moment, is left alone for ever. Freeing takes the object out; calls under way keep it alive.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use super::buffer::qenex_buffer;
use super::error::qenex_error;
use super::lifecycle::{qenex_engine, qenex_session};
use super::memory;
use crate::base::error::{Error, Result};
use crate::base::status::Status;

/// A type behind a handle.
pub(super) trait Handled: Sized {
    /// Its name in C.
    const NAME: &'static str;
    /// 1 to 7.
    const KIND: usize;

    fn wrap(this: Arc<Self>) -> Object;
    fn unwrap(object: &Object) -> Option<&Arc<Self>>;
}

/// What a handle may stand for.
pub(super) enum Object {
    Engine(Arc<qenex_engine>),
    Session(Arc<qenex_session>),
    Error(Arc<qenex_error>),
    Buffer(Arc<qenex_buffer>),
}

macro_rules! handled {
    ($($type:ident $variant:ident $kind:literal)*) => {$(
        impl Handled for $type {
            const NAME: &'static str = stringify!($type);
            const KIND: usize = $kind;

            fn wrap(this: Arc<Self>) -> Object {
                Object::$variant(this)
            }

            fn unwrap(object: &Object) -> Option<&Arc<Self>> {
                match object {
                    Object::$variant(this) => Some(this),
                    _ => None,
                }
            }
        }
    )*};
}
handled! { qenex_engine Engine 1 qenex_session Session 2 qenex_error Error 3 qenex_buffer Buffer 4 }

struct Slot {
    generation: usize,
    object: Option<Object>,
}

struct Table {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

/// Handles of this process and of the processes that it is a fork of: each level of forking has its own table.
static TABLES: [RwLock<Table>; FORKS] = [const {
    RwLock::new(Table {
        slots: Vec::new(),
        free: Vec::new(),
    })
}; FORKS];
/// Process id in the upper half, level of forking in the lower; 0: not used yet.
static PROCESS: AtomicU64 = AtomicU64::new(0);

// The bits of a handle, from the lowest: kind, level, index, generation.
const KIND_BITS: u32 = 3;
const FORKS: usize = 8;
const FORK_BITS: u32 = 3;
const INDEX_BITS: u32 = if usize::BITS == 64 { 26 } else { 14 };
const GENERATION_BITS: u32 = usize::BITS - INDEX_BITS - FORK_BITS - KIND_BITS;

/// A handle taken apart.
#[derive(Clone, Copy)]
struct Parts {
    kind: usize,
    level: usize,
    index: usize,
    generation: usize,
}

impl Parts {
    fn of(handle: usize) -> Parts {
        let bits = |shift: u32, count: u32| (handle >> shift) & ((1 << count) - 1);
        Parts {
            kind: bits(0, KIND_BITS),
            level: bits(KIND_BITS, FORK_BITS),
            index: bits(KIND_BITS + FORK_BITS, INDEX_BITS),
            generation: bits(KIND_BITS + FORK_BITS + INDEX_BITS, GENERATION_BITS),
        }
    }

    fn handle(self) -> usize {
        self.kind
            | self.level << KIND_BITS
            | self.index << (KIND_BITS + FORK_BITS)
            | self.generation << (KIND_BITS + FORK_BITS + INDEX_BITS)
    }
}

/// Puts an object into the table and returns its handle. Error: `OUT_OF_MEMORY`.
pub(super) fn give<T: Handled>(object: T) -> Result<*mut T> {
    let object = T::wrap(Arc::new(object));
    let level = level()?;
    let mut table = table(level)?.write();
    let index = match table.free.pop() {
        Some(index) => index,
        None => {
            let index = table.slots.len();
            // Room for the index in the free list too, so that freeing never allocates.
            let room = table.slots.try_reserve(1).is_ok();
            let wanted = (index + 1).saturating_sub(table.free.len());
            if index >> INDEX_BITS != 0 || !room || table.free.try_reserve(wanted).is_err() {
                return Err(Error::new(
                    Status::OUT_OF_MEMORY,
                    "there is no room for another handle: free some",
                ));
            }
            table.slots.push(Slot {
                generation: 0,
                object: None,
            });
            index
        }
    };
    let Some(slot) = table.slots.get_mut(index) else {
        return Err(Error::new(
            Status::INTERNAL,
            "the table of handles lost a place",
        ));
    };
    slot.object = Some(object);
    let parts = Parts {
        kind: T::KIND,
        level,
        index,
        generation: slot.generation,
    };
    Ok(std::ptr::without_provenance_mut(parts.handle()))
}

/// The object of a handle. Errors: `NULL_POINTER`, `INVALID_HANDLE`, `FORKED`.
pub(super) fn get<T: Handled>(handle: *const T, name: &str) -> Result<Arc<T>> {
    if handle.is_null() {
        return Err(memory::null(name));
    }
    let parts = Parts::of(handle.addr());
    let level = level()?;
    if parts.kind == T::KIND && parts.level < level {
        return Err(forked(name));
    }
    if parts.kind == T::KIND && parts.level == level {
        let table = table(level)?.read();
        let slot = table
            .slots
            .get(parts.index)
            .filter(|slot| slot.generation == parts.generation);
        if let Some(object) = slot
            .and_then(|slot| slot.object.as_ref())
            .and_then(T::unwrap)
        {
            return Ok(Arc::clone(object));
        }
    }
    let message = format!("{name} is not a {}, or was closed or freed before", T::NAME);
    Err(Error::new(Status::INVALID_HANDLE, message))
}

/// Takes the object of a handle out of the table; `None` if the handle stands for nothing (any more) here.
pub(super) fn take<T: Handled>(handle: *mut T) -> Option<Arc<T>> {
    let parts = Parts::of(handle.addr());
    let level = level().ok()?;
    if parts.kind != T::KIND || parts.level != level {
        return None;
    }
    let mut table = table(level).ok()?.write();
    let slot = table
        .slots
        .get_mut(parts.index)
        .filter(|slot| slot.generation == parts.generation)?;
    let object = Arc::clone(slot.object.as_ref().and_then(T::unwrap)?);
    slot.object = None;
    slot.generation = (slot.generation + 1) & ((1 << GENERATION_BITS) - 1);
    // A place whose generations are used up is never used again.
    if slot.generation != 0 {
        table.free.push(parts.index);
    }
    Some(object)
}

fn table(level: usize) -> Result<&'static RwLock<Table>> {
    TABLES.get(level).ok_or_else(|| forked("this process"))
}

/// How many forks deep this process is, counting only processes that used the library.
fn level() -> Result<usize> {
    let process = u64::from(std::process::id()) << 32;
    let seen = PROCESS.load(Ordering::Relaxed);
    if seen & !0xffff_ffff == process {
        return Ok((seen & 0xffff_ffff) as usize);
    }
    let level = if seen == 0 {
        0
    } else {
        (seen & 0xffff_ffff) + 1
    };
    if level as usize >= FORKS {
        return Err(forked("this process"));
    }
    // Another thread of this process may have been first; it stored the same.
    PROCESS.store(process | level, Ordering::Relaxed);
    Ok(level as usize)
}

#[cold]
fn forked(name: &str) -> Error {
    let message = format!(
        "{name} was made in another process, which this one is a fork of: open the file again here, after the parent \
         has closed it"
    );
    Error::new(Status::FORKED, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(message: &str) -> qenex_error {
        qenex_error::new(Error::new(Status::INTERNAL, message))
    }

    #[test]
    fn handles_that_stand_for_nothing_are_refused() {
        let first = give(error("first")).expect("there is room");
        assert!(get::<qenex_error>(first, "error").is_ok());
        assert_eq!(
            get::<qenex_buffer>(first.cast(), "buffer")
                .map(drop)
                .map_err(|e| e.status()),
            Err(Status::INVALID_HANDLE)
        );
        let kept = get::<qenex_error>(first, "error").expect("it was not freed");
        assert!(take(first).is_some());
        assert!(take(first).is_none());
        assert_eq!(
            get::<qenex_error>(first, "error")
                .map(drop)
                .map_err(|e| e.status()),
            Err(Status::INVALID_HANDLE)
        );
        assert_eq!(kept.status(), Status::INTERNAL.code());
        for number in [1usize, 3, 4, 8, 0xdead_beef, usize::MAX, usize::MAX - 4] {
            let handle = std::ptr::without_provenance_mut::<qenex_error>(number);
            assert!(get(handle, "error").is_err());
            assert!(take(handle).is_none());
        }
        assert_eq!(
            get::<qenex_error>(std::ptr::null(), "error")
                .map(drop)
                .map_err(|e| e.status()),
            Err(Status::NULL_POINTER)
        );
    }

    #[test]
    fn a_place_is_used_again_under_another_handle() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let handle = give(error("again")).expect("there is room");
            assert!(seen.insert(handle.addr()));
            assert!(take(handle).is_some());
        }
    }

    #[test]
    fn the_parts_of_a_handle_come_back() {
        let parts = Parts {
            kind: 4,
            level: 7,
            index: (1 << INDEX_BITS) - 1,
            generation: (1 << GENERATION_BITS) - 1,
        };
        assert_eq!(parts.handle(), usize::MAX - 3);
        let back = Parts::of(parts.handle());
        assert_eq!(
            (back.kind, back.level, back.index, back.generation),
            (4, 7, parts.index, parts.generation)
        );
    }
}
