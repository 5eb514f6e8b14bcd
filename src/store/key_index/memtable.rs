//! The entries that are not yet in a run: a log in insertion order and an open-addressing table over it.
//! Relies on the hash being mixed already (its bits are used as they are). Undoing the newest insert restores
//! the table exactly; several values of one hash form a chain, so that a popular key costs no more than any other.

/// One insert. `previous` is the position plus one of the insert before it with the same hash, 0 for none.
#[derive(Clone, Copy)]
struct Insert {
    hash: u64,
    value: u64,
    sequence: i64,
    previous: u32,
}

/// What a slot holds: 0 when free, else a position in the log plus one in the low bits, as many as number the slots,
/// and the highest bits of the hash in the rest. Half as wide as plain would be: twice as much of it is in the cache.
type Slot = u32;

const SMALLEST: usize = 1024;

/// Inserts in memory, found by hash.
pub(super) struct Memtable {
    log: Vec<Insert>,
    slots: Vec<Slot>,
}

/// Where a search for a hash ended: the slot, and the log position plus one of its newest insert (0: none).
struct Place {
    slot: usize,
    newest: u32,
}

impl Memtable {
    /// An empty table with room for `entries` without growing.
    pub(super) fn with_room(entries: usize) -> Memtable {
        let slots = entries.saturating_mul(2).next_power_of_two().max(SMALLEST);
        Memtable {
            log: Vec::with_capacity(entries),
            slots: vec![0; slots],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.log.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Forgets every entry and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.log.clear();
        self.slots.fill(0);
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.log.capacity() * size_of::<Insert>() + self.slots.capacity() * size_of::<Slot>()
    }

    /// Adds an entry. (A position is 31 bits: 2 billion inserts without a plan would need 64 GiB.)
    pub(super) fn insert(&mut self, hash: u64, value: u64, sequence: i64) {
        if (self.log.len() + 1) * 2 > self.slots.len() {
            self.rebuild(self.slots.len() * 2);
        }
        let place = self.place(hash);
        self.log.push(Insert {
            hash,
            value,
            sequence,
            previous: place.newest,
        });
        self.slots[place.slot] = self.slot_of(hash, self.log.len() as u32);
    }

    /// Touches what a search for each hash begins with, so that the cache misses overlap.
    pub(super) fn fetch(&self, hashes: &[u64]) {
        let mask = self.slots.len() - 1;
        let touched = hashes.iter().fold(0, |touched, &hash| {
            touched ^ self.slots[hash as usize & mask]
        });
        std::hint::black_box(touched);
    }

    pub(super) fn contains(&self, hash: u64) -> bool {
        self.place(hash).newest != 0
    }

    /// Appends the values of `hash`, newest first.
    pub(super) fn find(&self, hash: u64, out: &mut Vec<u64>) {
        let mut at = self.place(hash).newest;
        while at != 0 {
            let insert = &self.log[at as usize - 1];
            out.push(insert.value);
            at = insert.previous;
        }
    }

    /// Takes back the newest insert of (hash, value); false if there is none. The newest of all is the fast case.
    pub(super) fn undo(&mut self, hash: u64, value: u64) -> bool {
        match self.log.last() {
            Some(last) if last.hash == hash && last.value == value => {
                let place = self.place(hash);
                self.slots[place.slot] = match last.previous {
                    0 => 0,
                    previous => self.slot_of(hash, previous),
                };
                self.log.pop();
                true
            }
            _ => match self
                .log
                .iter()
                .rposition(|insert| insert.hash == hash && insert.value == value)
            {
                Some(at) => {
                    self.log.remove(at);
                    self.rebuild(self.slots.len());
                    true
                }
                None => false,
            },
        }
    }

    /// Every entry as `hash << 64 | value`, in insertion order.
    pub(super) fn entries(&self) -> impl Iterator<Item = u128> + '_ {
        self.log
            .iter()
            .map(|insert| super::entry(insert.hash, insert.value))
    }

    /// The highest sequence of all entries; `None` when empty.
    pub(super) fn highest_sequence(&self) -> Option<i64> {
        self.log.iter().map(|insert| insert.sequence).max()
    }

    /// The first free slot or the slot of `hash` itself. At least half of the slots are free, so the walk ends.
    fn place(&self, hash: u64) -> Place {
        let mask = self.slots.len() - 1;
        let tag = self.slot_of(hash, 0);
        let mut slot = hash as usize & mask;
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return Place { slot, newest: 0 };
            }
            let position = held & mask as u32;
            if held ^ position == tag && self.log[position as usize - 1].hash == hash {
                return Place {
                    slot,
                    newest: position,
                };
            }
            slot = (slot + 1) & mask;
        }
    }

    /// A slot's content. Positions plus one are at most half the number of slots, so they fit below it.
    fn slot_of(&self, hash: u64, position_plus_one: u32) -> Slot {
        let mask = (self.slots.len() - 1) as u32;
        ((hash >> 32) as u32 & !mask) | position_plus_one
    }

    fn rebuild(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, 0);
        for at in 0..self.log.len() {
            let hash = self.log[at].hash;
            let place = self.place(hash);
            self.log[at].previous = place.newest;
            self.slots[place.slot] = self.slot_of(hash, at as u32 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(table: &Memtable, hash: u64) -> Vec<u64> {
        let mut out = Vec::new();
        table.find(hash, &mut out);
        out
    }

    #[test]
    fn one_hash_with_many_values_costs_no_walk() {
        let mut table = Memtable::with_room(0);
        for value in 0..100_000 {
            table.insert(7, value, 1);
        }
        assert_eq!(values(&table, 7).len(), 100_000);
        assert!(!table.contains(8));
    }

    #[test]
    fn undo_takes_back_the_newest_and_also_one_from_the_middle() {
        let mut table = Memtable::with_room(4);
        for (hash, value) in [(1, 10), (1, 11), (1 + (1 << 20), 12), (1, 13)] {
            table.insert(hash, value, value as i64);
        }
        assert!(!table.undo(2, 10));
        assert!(!table.undo(1, 12));
        assert!(table.undo(1, 13));
        assert_eq!(values(&table, 1), [11, 10]);
        assert!(table.undo(1, 10));
        assert_eq!(values(&table, 1), [11]);
        assert_eq!(values(&table, 1 + (1 << 20)), [12]);
        assert_eq!(table.highest_sequence(), Some(12));
        assert!(table.undo(1 + (1 << 20), 12));
        assert!(table.undo(1, 11));
        assert!(table.is_empty() && !table.contains(1));
        assert_eq!(table.highest_sequence(), None);
    }

    #[test]
    fn an_equal_entry_twice_is_two_inserts_until_undone() {
        let mut table = Memtable::with_room(4);
        table.insert(5, 1, 1);
        table.insert(5, 1, 2);
        assert!(table.undo(5, 1));
        assert_eq!(values(&table, 5), [1]);
    }
}
