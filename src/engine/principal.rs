//! Principals: the names under which sessions act. A name gets a number with its first change, which is recorded, so
//! that rows stay small and a replayed file has the same numbers.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::ledger::cache::CachedRows;
use crate::tx::{BatchNumber, ChangeKind, ChangeLog, Context, Mark};

use super::encoding::encode_principal;

/// Longest name, in bytes of UTF-8.
pub const NAME_LENGTH: usize = 128;

/// The table of principals.
pub struct Principals {
    numbers: CachedRows<String, u32>,
    /// In the order of their numbers, which begin with 1.
    names: Vec<String>,
}

impl Principals {
    /// Reads the table.
    pub fn open(reader: &Connection) -> Result<Principals> {
        let mut principals = Principals {
            numbers: CachedRows::new(usize::MAX),
            names: Vec::new(),
        };
        let mut select = reader.prepare("SELECT number, name FROM principal ORDER BY number")?;
        let rows = select.query_map([], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (number, name) = row?;
            principals.names.push(name.clone());
            principals.numbers.install(name, number);
        }
        Ok(principals)
    }

    /// The number of a name, if it has acted before.
    pub fn find(&self, name: &str) -> Option<u32> {
        if name.is_empty() {
            Some(0)
        } else {
            self.numbers.peek(&name.to_owned()).copied()
        }
    }

    /// The name with a number.
    pub fn name(&self, number: u32) -> Option<&str> {
        let index = (number as usize).checked_sub(1)?;
        self.names.get(index).map(String::as_str)
    }

    /// The number of a name, recording it as a change if it is new. The empty name is 0: nobody.
    pub fn number(&mut self, changes: &mut ChangeLog, context: &Context, name: &str) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        self.names.push(name.to_owned());
        let number = self.names.len() as u32;
        let mut content = Vec::new();
        encode_principal(number, name, &mut content);
        changes.record(context, ChangeKind::PRINCIPAL, Id::NONE, content);
        self.numbers.put(name.to_owned(), Some(number));
        number
    }

    pub fn mark(&self) -> Mark {
        self.numbers.mark()
    }

    pub fn roll_back(&mut self, mark: Mark) {
        self.numbers.roll_back(mark);
        self.recount();
    }

    pub fn seal(&mut self, batch: BatchNumber) -> Vec<(String, u32)> {
        self.numbers
            .seal(batch)
            .into_iter()
            .filter_map(|(name, number)| Some((name, number?)))
            .collect()
    }

    pub fn durable(&mut self, batch: BatchNumber) {
        self.numbers.durable(batch);
    }

    pub fn discard_undurable(&mut self) {
        self.numbers.discard_undurable();
        self.recount();
    }

    fn recount(&mut self) {
        let last = self.numbers.resident().into_iter().copied().max();
        self.names.truncate(last.unwrap_or(0) as usize);
    }
}
