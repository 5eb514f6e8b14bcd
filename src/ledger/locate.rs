//! Finding accounts and balances: by id, by external number, by the engine's own number; in memory, or loaded from what
//! is durable.

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::accounts::{Account, AccountSlot, NO_BALANCE};
use crate::ledger::balance::{Balance, PAGE_BALANCES};
use crate::ledger::command::AccountRef;
use crate::ledger::load;
use crate::ledger::query::chain::Point;
use crate::ledger::state::{FETCHED, Ledger, Services};
use crate::ledger::write::{AccountBalanceRow, NumberRow};
use crate::tx::KeySpace;

impl Ledger {
    /// Finds an account by id or external number, loading it if need be.
    #[inline]
    pub fn locate(
        &mut self,
        services: &mut Services<'_>,
        account: &AccountRef<'_>,
    ) -> Result<Option<AccountSlot>> {
        match account {
            AccountRef::Id(id) => {
                if let Some(slot) = self.accounts.find(id) {
                    return Ok(Some(slot));
                }
                let hash = services.keys.hash(KeySpace::Account, &id.0);
                let candidates = services.keys.find(services.reader, hash)?.to_vec();
                for number in candidates {
                    let slot = self.locate_number(services.reader, number)?;
                    if let Some(slot) = slot
                        && self
                            .accounts
                            .get(slot)
                            .is_some_and(|account| account.id == *id)
                    {
                        return Ok(Some(slot));
                    }
                }
                Ok(None)
            }
            AccountRef::Number(text) => match self.number_row(services, text)? {
                Some(row) => self.locate_number(services.reader, row.account),
                None => Ok(None),
            },
        }
    }

    /// Brings what transfers between these accounts will read into the processor's cache, the accounts all at once and
    /// then their balances: one after the other, each would wait for memory.
    pub fn fetch<'a>(&self, accounts: impl Iterator<Item = &'a Id>) {
        let mut numbers = [NO_BALANCE; FETCHED];
        for (number, id) in numbers.iter_mut().zip(accounts) {
            *number = self.accounts.first_balance(id);
        }
        self.balances.fetch(&numbers);
    }

    /// Finds an account by the engine's own number.
    pub fn locate_number(
        &mut self,
        reader: &Connection,
        number: u64,
    ) -> Result<Option<AccountSlot>> {
        if let Some(slot) = self.accounts.find_number(number) {
            return Ok(Some(slot));
        }
        Ok(load::account(reader, number)?.map(|account| self.accounts.install(account)))
    }

    /// The id of the account with a number.
    pub fn id_by_number(&mut self, reader: &Connection, number: u64) -> Result<Option<Id>> {
        Ok(match self.locate_number(reader, number)? {
            Some(slot) => Some(self.account(slot)?.id),
            None => None,
        })
    }

    /// The external number in force that a text names: `value`, or `type:value`. An ambiguous value is an error.
    pub(super) fn number_row(
        &mut self,
        services: &mut Services<'_>,
        text: &str,
    ) -> Result<Option<NumberRow>> {
        let mut found: Option<NumberRow> = None;
        let typed = text.split_once(':');
        for (number_type, value) in [(None, text)]
            .into_iter()
            .chain(typed.map(|(kind, value)| (Some(kind), value)))
        {
            let hash = services
                .keys
                .hash(KeySpace::AccountNumber, value.as_bytes());
            for sequence in services.keys.find(services.reader, hash)?.to_vec() {
                let Some(row) = self.number_by_sequence(services.reader, sequence as i64)? else {
                    continue;
                };
                let same =
                    row.number == value && number_type.is_none_or(|kind| row.number_type == kind);
                if !same
                    || row.valid_to.is_some()
                    || found
                        .as_ref()
                        .is_some_and(|first| first.sequence == row.sequence)
                {
                    continue;
                }
                if found
                    .as_ref()
                    .is_some_and(|first| first.account != row.account)
                {
                    let message = format!(
                        "the number '{text}' names more than one account: write its type before it, as in 'iban:{value}'"
                    );
                    return Err(Error::new(Status::AMBIGUOUS, message));
                }
                found = Some(row);
            }
        }
        Ok(found)
    }

    pub(super) fn number_by_sequence(
        &mut self,
        reader: &Connection,
        sequence: i64,
    ) -> Result<Option<NumberRow>> {
        Ok(self
            .numbers
            .get(&sequence, || load::number(reader, sequence))?
            .cloned())
    }

    /// The balance of an account in an asset, loaded; `None`: it has none yet.
    #[inline]
    pub(super) fn balance_number(
        &mut self,
        reader: &Connection,
        slot: AccountSlot,
        asset: u32,
    ) -> Result<Option<u64>> {
        let number = self.balance_number_unloaded(reader, slot, asset)?;
        if let Some(number) = number {
            self.ensure_balance(reader, number)?;
        }
        Ok(number)
    }

    /// As [`Ledger::balance_number`], without loading the balance.
    #[inline]
    pub(super) fn balance_number_unloaded(
        &mut self,
        reader: &Connection,
        slot: AccountSlot,
        asset: u32,
    ) -> Result<Option<u64>> {
        let Some(account) = self.accounts.get(slot) else {
            return Ok(None);
        };
        Ok(
            if account.first_balance != NO_BALANCE && account.first_asset == asset {
                Some(account.first_balance)
            } else if account.first_balance == NO_BALANCE {
                None
            } else {
                let key = (account.number, asset);
                self.more_balances
                    .get(&key, || load::account_balance(reader, key.0, key.1))?
                    .copied()
            },
        )
    }

    /// Loads the page of a balance.
    #[inline]
    pub(super) fn ensure_balance(&mut self, reader: &Connection, number: u64) -> Result<()> {
        if self.balances.is_resident(number) {
            return Ok(());
        }
        let page = number / PAGE_BALANCES;
        let mut balances = load::page(reader, page)?.ok_or_else(|| {
            Error::new(
                Status::CORRUPT,
                format!("balance page {page} is missing: run the integrity check"),
            )
        })?;
        if let Some(sequence) = self.as_of {
            for balance in &mut balances {
                take_back(reader, balance, sequence)?;
            }
        }
        self.balances.install(page, balances);
        Ok(())
    }

    /// Whether another process opened the balance after what the answers stand as of.
    fn is_later(&self, number: u64) -> bool {
        self.as_of.is_some() && number >= self.balances.count()
    }

    /// As [`Ledger::balance_number`], creating the balance when the account has none in the asset.
    #[inline]
    pub(super) fn balance_for(
        &mut self,
        reader: &Connection,
        slot: AccountSlot,
        asset: u32,
        sequence: i64,
    ) -> Result<u64> {
        if let Some(number) = self.balance_number(reader, slot, asset)? {
            return Ok(number);
        }
        self.create_balance(reader, slot, asset, sequence)
    }

    pub(super) fn create_balance(
        &mut self,
        reader: &Connection,
        slot: AccountSlot,
        asset: u32,
        sequence: i64,
    ) -> Result<u64> {
        let next = self.balances.count();
        if !next.is_multiple_of(PAGE_BALANCES) {
            self.ensure_balance(reader, next - 1)?;
        }
        let account = self.account(slot)?.number;
        let number = self.balances.create(Balance::new(account, asset), sequence);
        let first = self.account(slot)?.first_balance == NO_BALANCE;
        self.open.account_balances.push(AccountBalanceRow {
            account,
            asset,
            number,
            first,
        });
        if first {
            self.accounts.change(slot, |account| {
                account.first_asset = asset;
                account.first_balance = number;
            });
        } else {
            self.more_balances.put((account, asset), Some(number));
        }
        Ok(number)
    }

    /// The account in a slot that was just located.
    #[inline]
    pub(super) fn account(&mut self, slot: AccountSlot) -> Result<&Account> {
        self.accounts.get(slot).ok_or_else(|| {
            Error::new(
                Status::INTERNAL,
                "an account left the cache while it was in use",
            )
        })
    }

    /// The durable balance with a number and its account's entity; `None`: it is not durable yet.
    pub fn durable_by_number(
        &mut self,
        reader: &Connection,
        number: u64,
    ) -> Result<Option<(u32, Balance)>> {
        if self.is_later(number) {
            return Ok(None);
        }
        self.ensure_balance(reader, number)?;
        let Some(balance) = self.balances.get_durable(number) else {
            return Ok(None);
        };
        let Some(slot) = self.locate_number(reader, balance.account)? else {
            return Ok(None);
        };
        let entity = self.account(slot)?.entity;
        Ok(Some((entity, balance)))
    }

    /// The balance of an account in an asset as the last durable commit left it.
    pub fn durable_balance(
        &mut self,
        reader: &Connection,
        slot: AccountSlot,
        asset: u32,
    ) -> Result<Option<Balance>> {
        let found = self.balance_number_unloaded(reader, slot, asset)?;
        let Some(number) = found.filter(|number| !self.is_later(*number)) else {
            return Ok(None);
        };
        self.ensure_balance(reader, number)?;
        Ok(self.balances.get_durable(number))
    }
}

/// Takes back from a balance what happened after a sequence number.
fn take_back(reader: &Connection, balance: &mut Balance, sequence: i64) -> Result<()> {
    if balance.head <= sequence {
        return Ok(());
    }
    let mut point = Point {
        account: balance.account,
        asset: balance.asset,
        sequence: balance.head,
        turnovers: balance.turnovers(),
    };
    point.back_to(reader, sequence)?;
    balance.head = point.sequence;
    balance.set_turnovers(&point.turnovers);
    Ok(())
}
