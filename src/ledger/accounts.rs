//! The accounts in memory: what a transfer needs of an account, found by id or by number, loaded on demand.
//! The whole record stays on disk. An account changed since the last durable commit is never evicted.

use hashbrown::HashTable;

use crate::base::hash::KeyHasher;
use crate::base::id::Id;
use crate::tx::{BatchNumber, Journal, Mark};

/// Number of no balance.
pub const NO_BALANCE: u64 = u64::MAX;

/// What a transfer needs to know of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: Id,
    pub number: u64,
    pub entity: u32,
    pub flags: u32,
    /// The one asset it may hold; 0: any.
    pub asset: u32,
    /// The asset of its first balance, and that balance's number ([`NO_BALANCE`]: none yet).
    pub first_asset: u32,
    pub first_balance: u64,
}

/// A cache line.
#[derive(Debug)]
#[repr(align(64))]
struct Slot {
    account: Account,
    changed: BatchNumber,
    referenced: bool,
}

/// Position of an account in memory; valid until the next [`Accounts::durable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountSlot(u32);

#[derive(Debug)]
enum Undo {
    Changed { slot: u32, before: Account },
    Created { slot: u32 },
}

/// The cache of accounts.
#[derive(Debug)]
pub struct Accounts {
    by_id: HashTable<u32>,
    by_number: HashTable<u32>,
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    resident: usize,
    hand: usize,
    capacity: usize,
    hasher: KeyHasher,
    journal: Journal<Undo>,
    batch: BatchNumber,
    count: u64,
    durable: BatchNumber,
}

/// Bytes that an account takes: its slot, and its places in two tables that are at most seven eighths full.
pub const ACCOUNT_BYTES: usize = size_of::<Option<Slot>>() + 2 * 2 * 5;

impl Accounts {
    /// An empty cache for a file with `count` accounts, keeping about `capacity` of them.
    pub fn new(count: u64, capacity: usize, hasher: KeyHasher) -> Accounts {
        Accounts {
            by_id: HashTable::new(),
            by_number: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            resident: 0,
            hand: 0,
            capacity: capacity.max(1024),
            hasher,
            journal: Journal::default(),
            batch: 1,
            count,
            durable: 0,
        }
    }

    /// How many accounts there are in the file and the open batch.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Bytes of memory in use, roughly.
    pub fn memory_bytes(&self) -> usize {
        self.slots.len() * size_of::<Option<Slot>>()
            + (self.by_id.capacity() + self.by_number.capacity()) * 5
    }

    #[inline]
    fn id_hash(&self, id: &Id) -> u64 {
        self.hasher.hash(1, &id.0)
    }

    #[inline]
    fn number_hash(number: u64) -> u64 {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// Where the account with this id is in memory.
    #[inline]
    pub fn find(&self, id: &Id) -> Option<AccountSlot> {
        let slots = &self.slots;
        let found = self.by_id.find(self.id_hash(id), |slot| {
            slots[*slot as usize]
                .as_ref()
                .is_some_and(|slot| slot.account.id == *id)
        });
        found.map(|slot| AccountSlot(*slot))
    }

    /// The first balance of the account with this id; [`NO_BALANCE`] when it is not in memory.
    #[inline]
    pub fn first_balance(&self, id: &Id) -> u64 {
        let slot = self
            .find(id)
            .and_then(|slot| self.slots.get(slot.0 as usize)?.as_ref());
        slot.map_or(NO_BALANCE, |slot| slot.account.first_balance)
    }

    /// Where the account with this number is in memory.
    pub fn find_number(&self, number: u64) -> Option<AccountSlot> {
        let slots = &self.slots;
        let found = self.by_number.find(Self::number_hash(number), |slot| {
            slots[*slot as usize]
                .as_ref()
                .is_some_and(|slot| slot.account.number == number)
        });
        found.map(|slot| AccountSlot(*slot))
    }

    /// The account in a slot. `None` only for a slot that outlived its validity.
    #[inline]
    pub fn get(&mut self, slot: AccountSlot) -> Option<&Account> {
        let slot = self.slots.get_mut(slot.0 as usize)?.as_mut()?;
        slot.referenced = true;
        Some(&slot.account)
    }

    /// Puts an account that was read from disk into memory.
    pub fn install(&mut self, account: Account) -> AccountSlot {
        AccountSlot(self.insert(account, 0))
    }

    /// Adds a new account; its number must be [`Accounts::count`] + 1.
    pub fn create(&mut self, account: Account) -> AccountSlot {
        self.count = account.number;
        let slot = self.insert(account, self.batch);
        self.journal.push(Undo::Created { slot });
        AccountSlot(slot)
    }

    fn insert(&mut self, account: Account, changed: BatchNumber) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        let (id_hash, number_hash) = (self.id_hash(&account.id), Self::number_hash(account.number));
        self.slots[slot as usize] = Some(Slot {
            account,
            changed,
            referenced: true,
        });
        let (slots, hasher) = (&self.slots, self.hasher);
        self.by_id.insert_unique(id_hash, slot, |slot| {
            slots[*slot as usize]
                .as_ref()
                .map_or(0, |slot| hasher.hash(1, &slot.account.id.0))
        });
        self.by_number.insert_unique(number_hash, slot, |slot| {
            slots[*slot as usize]
                .as_ref()
                .map_or(0, |slot| Self::number_hash(slot.account.number))
        });
        self.resident += 1;
        slot
    }

    fn remove(&mut self, slot: u32) {
        let Some(taken) = self.slots[slot as usize].take() else {
            return;
        };
        let (id_hash, number_hash) = (
            self.id_hash(&taken.account.id),
            Self::number_hash(taken.account.number),
        );
        if let Ok(entry) = self.by_id.find_entry(id_hash, |found| *found == slot) {
            entry.remove();
        }
        if let Ok(entry) = self
            .by_number
            .find_entry(number_hash, |found| *found == slot)
        {
            entry.remove();
        }
        self.free.push(slot);
        self.resident -= 1;
    }

    /// Changes an account, keeping its before-image.
    pub fn change(&mut self, slot: AccountSlot, change: impl FnOnce(&mut Account)) {
        let batch = self.batch;
        if let Some(found) = self.slots.get_mut(slot.0 as usize).and_then(Option::as_mut) {
            self.journal.push(Undo::Changed {
                slot: slot.0,
                before: found.account,
            });
            found.changed = batch;
            change(&mut found.account);
        }
    }

    /// A position to roll back to.
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// Takes back everything after `mark`.
    pub fn roll_back(&mut self, mark: Mark) {
        while let Some(undo) = self.journal.pop_after(mark) {
            self.restore(undo);
        }
    }

    fn restore(&mut self, undo: Undo) {
        match undo {
            Undo::Changed { slot, before } => {
                if let Some(found) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) {
                    found.account = before;
                }
            }
            Undo::Created { slot } => {
                self.count -= 1;
                self.remove(slot);
            }
        }
    }

    /// Seals the open batch.
    pub fn seal(&mut self, batch: BatchNumber) {
        self.journal.seal(batch);
        self.batch = batch + 1;
    }

    /// Batches up to `batch` are durable; evicts accounts beyond the capacity.
    pub fn durable(&mut self, batch: BatchNumber) {
        self.journal.durable(batch);
        self.durable = batch;
        self.trim();
    }

    /// Frees memory beyond the capacity. Not while an account is in use.
    pub fn trim(&mut self) {
        let batch = self.durable;
        let mut steps = 2 * self.slots.len();
        while self.resident > self.capacity && steps > 0 {
            steps -= 1;
            self.hand = (self.hand + 1) % self.slots.len().max(1);
            let Some(slot) = self.slots[self.hand].as_mut() else {
                continue;
            };
            if slot.changed > batch {
                continue;
            }
            if slot.referenced {
                slot.referenced = false;
                continue;
            }
            self.remove(self.hand as u32);
        }
    }

    /// Takes back everything that is not durable.
    pub fn discard_undurable(&mut self) {
        while let Some(undo) = self.journal.pop_any() {
            self.restore(undo);
        }
    }
}
