//! The accounts of the tuned ledger in memory: bounded, kept from batch to batch, each changed account written
//! once per batch. It relies on being the file's only writer; after an error it must be thrown away, because the
//! transaction that its changes belonged to is gone.

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
    slots: Vec<Account>,
    changed: Vec<bool>,
    /// Slots that changed since the last write-back.
    touched: Vec<u32>,
}

const SLOTS: u64 = 1 << 18;

impl AccountCache {
    pub fn new() -> AccountCache {
        let slots = SLOTS as usize;
        AccountCache {
            slots: vec![Account::default(); slots],
            changed: vec![false; slots],
            touched: Vec::new(),
        }
    }

    pub fn get(&self, number: u64) -> Option<Account> {
        let account = self.slots[(number % SLOTS) as usize];
        (account.number == number).then_some(account)
    }

    /// Answers the changed account of another number that had to leave, if there was one.
    pub fn put(&mut self, account: Account, changed: bool) -> Option<Account> {
        let slot = (account.number % SLOTS) as usize;
        let before = std::mem::replace(&mut self.slots[slot], account);
        let same = before.number == account.number;
        let left = (!same && self.changed[slot]).then_some(before);
        if changed && !self.changed[slot] {
            self.touched.push(slot as u32);
        }
        self.changed[slot] = changed || (same && self.changed[slot]);
        left
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
        touched.retain(|&slot| std::mem::take(&mut self.cache.changed[slot as usize]));
        touched.sort_unstable_by_key(|&slot| self.cache.slots[slot as usize].number);
        for &slot in &touched {
            let account = self.cache.slots[slot as usize];
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
