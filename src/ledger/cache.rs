//! Rows that are looked up more often than changed: read through from disk, changed in memory, written with the
//! batch that changed them, and kept until that batch is durable. For everything but balances and accounts, which
//! have caches of their own.

use std::hash::Hash;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::base::error::Result;
use crate::tx::{BatchNumber, Journal, Mark};

#[derive(Clone, Debug)]
struct Slot<V> {
    value: Option<V>,
    /// The batch that changed it last; 0: as on disk.
    batch: BatchNumber,
}

/// A bounded read-through cache of rows with undo.
#[derive(Debug)]
pub struct CachedRows<K, V> {
    slots: HashMap<K, Slot<V>>,
    journal: Journal<(K, Option<Slot<V>>)>,
    changed: Vec<K>,
    batch: BatchNumber,
    capacity: usize,
}

impl<K: Eq + Hash + Clone + Ord, V: Clone> CachedRows<K, V> {
    /// An empty cache that keeps about `capacity` unchanged rows.
    pub fn new(capacity: usize) -> Self {
        CachedRows {
            slots: HashMap::new(),
            journal: Journal::default(),
            changed: Vec::new(),
            batch: 1,
            capacity,
        }
    }

    /// The row, loaded by `load` when it is not in memory; `None`: there is no such row.
    pub fn get(&mut self, key: &K, load: impl FnOnce() -> Result<Option<V>>) -> Result<Option<&V>> {
        if !self.slots.contains_key(key) {
            let value = load()?;
            self.slots.insert(key.clone(), Slot { value, batch: 0 });
        }
        Ok(self.slots.get(key).and_then(|slot| slot.value.as_ref()))
    }

    /// The row, if it is in memory.
    #[inline]
    pub fn peek(&self, key: &K) -> Option<&V> {
        self.slots.get(key).and_then(|slot| slot.value.as_ref())
    }

    /// Every row in memory, in key order.
    pub fn resident(&self) -> Vec<&V> {
        let mut rows: Vec<_> = self
            .slots
            .iter()
            .filter_map(|(key, slot)| Some((key, slot.value.as_ref()?)))
            .collect();
        rows.sort_by(|a, b| a.0.cmp(b.0));
        rows.into_iter().map(|(_, value)| value).collect()
    }

    /// Puts a row that was read from disk into memory.
    pub fn install(&mut self, key: K, value: V) {
        self.slots.insert(
            key,
            Slot {
                value: Some(value),
                batch: 0,
            },
        );
    }

    /// The keys of the rows changed after `mark`, in key order.
    pub fn changed_after(&self, mark: Mark) -> Vec<K> {
        sorted(
            self.journal
                .after(mark)
                .iter()
                .map(|(key, _)| key.clone())
                .collect(),
        )
    }

    /// The keys of the rows that are not durable, in key order.
    pub fn undurable(&self) -> Vec<K> {
        sorted(
            self.journal
                .oldest_first()
                .map(|(key, _)| key.clone())
                .collect(),
        )
    }

    /// Writes or (with `None`) deletes a row.
    pub fn put(&mut self, key: K, value: Option<V>) {
        let slot = Slot {
            value,
            batch: self.batch,
        };
        let before = match self.slots.entry(key.clone()) {
            Entry::Occupied(mut entry) => Some(entry.insert(slot)),
            Entry::Vacant(entry) => {
                entry.insert(slot);
                None
            }
        };
        self.changed.push(key.clone());
        self.journal.push((key, before));
    }

    /// A position to roll back to.
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// Takes back everything after `mark`.
    pub fn roll_back(&mut self, mark: Mark) {
        while let Some((key, before)) = self.journal.pop_after(mark) {
            self.changed.pop();
            self.restore(key, before);
        }
    }

    fn restore(&mut self, key: K, before: Option<Slot<V>>) {
        match before {
            Some(slot) => self.slots.insert(key, slot),
            None => self.slots.remove(&key),
        };
    }

    /// Seals the open batch and returns its changed rows in key order, each once.
    pub fn seal(&mut self, batch: BatchNumber) -> Vec<(K, Option<V>)> {
        self.journal.seal(batch);
        self.batch = batch + 1;
        sorted(std::mem::take(&mut self.changed))
            .into_iter()
            .map(|key| {
                let value = self.slots.get(&key).and_then(|slot| slot.value.clone());
                (key, value)
            })
            .collect()
    }

    /// Batches up to `batch` are durable; drops unchanged rows beyond the capacity.
    pub fn durable(&mut self, batch: BatchNumber) {
        self.journal.durable(batch);
        if self.slots.len() > self.capacity {
            self.slots.retain(|_, slot| slot.batch > batch);
        }
    }

    /// Takes back everything that is not durable.
    pub fn discard_undurable(&mut self) {
        while let Some((key, before)) = self.journal.pop_any() {
            self.restore(key, before);
        }
        self.changed.clear();
    }
}

fn sorted<K: Ord>(mut keys: Vec<K>) -> Vec<K> {
    keys.sort();
    keys.dedup();
    keys
}
