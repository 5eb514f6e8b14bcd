//! The accounts that a batch of the tuned ledger works on: each read once, each changed one written once. What is
//! held stands for the rows only within a write transaction, or for as long as nobody else writes the file; past
//! that, and after an error, it must be forgotten. The memory is bounded.

use rusqlite::{CachedStatement, OptionalExtension, params};

use crate::contender::Result;

pub const SELECT_ACCOUNT: &str =
    "SELECT overdraft, balance, head, day FROM account WHERE number = ?1";
pub const UPDATE_ACCOUNT: &str =
    "UPDATE account SET balance = ?2, head = ?3, day = ?4 WHERE number = ?1";

#[derive(Clone, Copy, Default)]
pub struct Account {
    /// 0: no account.
    pub number: u64,
    pub overdraft: i64,
    pub balance: i64,
    pub head: i64,
    pub day: i32,
}

pub fn fetch(select: &mut CachedStatement<'_>, number: u64) -> Result<Account> {
    let account = select
        .query_row(params![number.cast_signed()], |row| {
            Ok(Account {
                number,
                overdraft: row.get(0)?,
                balance: row.get(1)?,
                head: row.get(2)?,
                day: row.get(3)?,
            })
        })
        .optional()?;
    account.ok_or_else(|| format!("there is no account {number}").into())
}

/// Accounts by number modulo the number of slots; a newcomer takes the place of whoever sits there.
pub struct AccountCache {
    slots: Vec<Slot>,
    /// Slots that changed since the last write-back.
    touched: Vec<u32>,
    generation: u64,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    account: Account,
    /// Of another generation than the cache: empty.
    generation: u64,
    changed: bool,
}

impl AccountCache {
    /// `slots` is at least 1.
    pub fn new(slots: u32) -> AccountCache {
        AccountCache {
            slots: vec![Slot::default(); slots.max(1) as usize],
            touched: Vec::new(),
            generation: 1,
        }
    }

    /// Empties every slot; changes that were not written are lost.
    pub fn forget(&mut self) {
        self.generation += 1;
        self.touched.clear();
    }

    pub fn get(&self, number: u64) -> Option<Account> {
        let slot = &self.slots[self.place(number)];
        (slot.generation == self.generation && slot.account.number == number)
            .then_some(slot.account)
    }

    /// Answers the changed account of another number that had to leave, if there was one.
    pub fn put(&mut self, account: Account, changed: bool) -> Option<Account> {
        let place = self.place(account.number);
        let slot = &mut self.slots[place];
        let before = *slot;
        let unwritten = before.changed && before.generation == self.generation;
        let same = before.account.number == account.number;
        if changed && !unwritten {
            self.touched.push(place as u32);
        }
        *slot = Slot {
            account,
            generation: self.generation,
            changed: changed || (same && unwritten),
        };
        (unwritten && !same).then_some(before.account)
    }

    fn place(&self, number: u64) -> usize {
        (number % self.slots.len() as u64) as usize
    }
}

/// The cache together with the statements that fill and empty it.
pub struct AccountWriter<'a> {
    pub cache: &'a mut AccountCache,
    pub select: CachedStatement<'a>,
    pub update: CachedStatement<'a>,
}

impl AccountWriter<'_> {
    pub fn load(&mut self, number: u64) -> Result<Account> {
        if let Some(account) = self.cache.get(number) {
            return Ok(account);
        }
        let account = fetch(&mut self.select, number)?;
        if let Some(left) = self.cache.put(account, false) {
            self.write(&left)?;
        }
        Ok(account)
    }

    pub fn store(&mut self, account: Account) -> Result<()> {
        match self.cache.put(account, true) {
            Some(left) => self.write(&left),
            None => Ok(()),
        }
    }

    /// Writes every changed account, in the order of the table.
    pub fn write_back(&mut self) -> Result<()> {
        let mut touched = std::mem::take(&mut self.cache.touched);
        touched.retain(|&place| std::mem::take(&mut self.cache.slots[place as usize].changed));
        touched.sort_unstable_by_key(|&place| self.cache.slots[place as usize].account.number);
        for &place in &touched {
            let account = self.cache.slots[place as usize].account;
            self.write(&account)?;
        }
        touched.clear();
        self.cache.touched = touched;
        Ok(())
    }

    fn write(&mut self, account: &Account) -> Result<()> {
        self.update
            .raw_bind_parameter(1, account.number.cast_signed())?;
        self.update.raw_bind_parameter(2, account.balance)?;
        self.update.raw_bind_parameter(3, account.head)?;
        self.update.raw_bind_parameter(4, account.day)?;
        match self.update.raw_execute()? {
            1 => Ok(()),
            rows => Err(format!("writing account {} changed {rows} rows", account.number).into()),
        }
    }
}
