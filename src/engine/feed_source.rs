//! Where the entries of a feed are put together from: the rows of the file, or what is evaluated, durable or not. Both
//! give the same entry for the same change, so that a replay is compared before anything of it is sealed.

use rusqlite::{Connection, OptionalExtension};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::ledger::day_state::{OwnerLink, Scheduled, load_owner, load_scheduled};
use crate::ledger::hold::Hold;
use crate::ledger::query::column;
use crate::ledger::query::find::{OpenedTexts, opened_texts};
use crate::ledger::query::transfer::{StoredTransfer, by_sequence};

use super::world::World;

/// What the entry of a change is made of.
pub trait Source {
    /// The transfer with a sequence number.
    fn transfer(&mut self, sequence: i64) -> Result<Option<StoredTransfer>>;
    /// The hold that a change placed.
    fn hold(&mut self, sequence: i64) -> Result<Option<Hold>>;
    fn account_id(&mut self, number: u64) -> Result<Option<Id>>;
    /// The personal texts of the account that a change opened.
    fn opened_texts(&mut self, sequence: i64) -> Result<Option<OpenedTexts>>;
    /// The transfer that a change scheduled.
    fn scheduled(&mut self, sequence: i64) -> Result<Option<Scheduled>>;
    /// The link that a change gave to an owner.
    fn owner(&mut self, sequence: i64) -> Result<Option<OwnerLink>>;
    /// The name of a principal, by its number.
    fn principal(&mut self, number: u32) -> Result<Option<String>>;
    /// When the old system recorded an imported transfer.
    fn original_time(&mut self, sequence: i64) -> Result<Option<i64>>;
}

/// What is durable.
impl Source for &Connection {
    fn transfer(&mut self, sequence: i64) -> Result<Option<StoredTransfer>> {
        by_sequence(self, sequence)
    }

    fn hold(&mut self, sequence: i64) -> Result<Option<Hold>> {
        crate::ledger::query::hold(self, sequence)
    }

    fn account_id(&mut self, number: u64) -> Result<Option<Id>> {
        let mut select = self.prepare_cached("SELECT id FROM account WHERE number = ?")?;
        Ok(select
            .query_row([number as i64], |row| column::id(row, 0))
            .optional()?)
    }

    fn opened_texts(&mut self, sequence: i64) -> Result<Option<OpenedTexts>> {
        opened_texts(self, sequence)
    }

    fn scheduled(&mut self, sequence: i64) -> Result<Option<Scheduled>> {
        load_scheduled(self, sequence)
    }

    fn owner(&mut self, sequence: i64) -> Result<Option<OwnerLink>> {
        load_owner(self, sequence)
    }

    fn principal(&mut self, number: u32) -> Result<Option<String>> {
        let mut select = self.prepare_cached("SELECT name FROM principal WHERE number = ?")?;
        Ok(select.query_row([number], |row| row.get(0)).optional()?)
    }

    fn original_time(&mut self, sequence: i64) -> Result<Option<i64>> {
        let mut select = self.prepare_cached("SELECT original_time FROM imported WHERE seq = ?")?;
        Ok(select.query_row([sequence], |row| row.get(0)).optional()?)
    }
}

/// What is evaluated.
impl Source for World {
    fn transfer(&mut self, sequence: i64) -> Result<Option<StoredTransfer>> {
        self.ledger.transfer_by_sequence(&self.reader, sequence)
    }

    fn hold(&mut self, sequence: i64) -> Result<Option<Hold>> {
        self.ledger.hold_by_sequence(&self.reader, sequence)
    }

    fn account_id(&mut self, number: u64) -> Result<Option<Id>> {
        self.ledger.id_by_number(&self.reader, number)
    }

    fn opened_texts(&mut self, sequence: i64) -> Result<Option<OpenedTexts>> {
        self.ledger.opened_texts(&self.reader, sequence)
    }

    fn scheduled(&mut self, sequence: i64) -> Result<Option<Scheduled>> {
        self.ledger.scheduled_by_sequence(&self.reader, sequence)
    }

    fn owner(&mut self, sequence: i64) -> Result<Option<OwnerLink>> {
        self.ledger.owner_by_sequence(&self.reader, sequence)
    }

    fn principal(&mut self, number: u32) -> Result<Option<String>> {
        Ok(self.principals.name(number).map(str::to_owned))
    }

    fn original_time(&mut self, sequence: i64) -> Result<Option<i64>> {
        let (ledger, _, _, services) = self.split();
        ledger.original_time(&services, sequence)
    }
}
