//! Questions to the books, through a session: positions, accruals, daily balances, statements that were issued,
//! retention and where personal data is. Like all questions they answer from the durable state.

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::balance::Balance;
use crate::ledger::books::rows::{
    Accrual, GlAssignmentRow, GlCodeRow, ImportState, Position, Retention, StatementRow,
};
use crate::ledger::books::{load, load_list};
use crate::ledger::command::AccountRef;
use crate::ledger::query::as_of::DateKind;
use crate::ledger::query::chain::Point;
use crate::ledger::query::daily::{self, DayBalance};
use crate::ledger::query::issued::{self, IssuedStatement};
use crate::ledger::query::postings::rewind;
use crate::ledger::query::{column, find};

use super::query::durable_balance;
use super::session::Session;

/// A line of the trial balance in the functional currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionalLine {
    pub asset: u32,
    /// Debits less credits of all accounts but the position account.
    pub net: i128,
    /// What that is carried at in the functional currency. All lines of an entity sum to zero.
    pub functional: i128,
    /// The asset has a position account.
    pub position: bool,
}

/// Where a personal text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalPlace {
    /// Sequence number of the change that it came with.
    pub sequence: i64,
    /// QENEX_PERSONAL_...
    pub kind: u32,
    /// Bytes of text.
    pub length: usize,
}

/// Most places of one page.
pub const PLACES: usize = 10_000;
/// Most days that one question asks for.
pub const DAYS: i64 = 3_700;

impl Session {
    /// The positions of an entity, by asset.
    pub fn positions(&self, entity: u32) -> Result<Vec<((u32, u32), Position)>> {
        let _call = self.shared().enter()?;
        load_list(
            &*self.shared().reader()?,
            "SELECT * FROM position WHERE entity = ? ORDER BY asset",
            [entity],
        )
    }

    /// The trial balance of an entity in its functional currency: each asset's net at its book value. Assets without a
    /// position net to zero by themselves.
    pub fn functional_trial_balance(&self, entity: u32) -> Result<Vec<FunctionalLine>> {
        let known = self.entity(entity)?;
        // Nothing is evaluated meanwhile, so that the positions are those of the balances.
        let _turn = loop {
            self.shared().settle()?;
            let turn = self.shared().turn.lock();
            let world = self.shared().world.lock();
            if !world.has_changes() && world.last_sealed().is_none() {
                break turn;
            }
        };
        let sequence = self.sequence()?;
        let mut lines: std::collections::BTreeMap<u32, FunctionalLine> = Default::default();
        let positions = self.positions(entity)?;
        let accounts: Vec<u64> = positions.iter().map(|(_, row)| row.account).collect();
        self.each_balance(entity, sequence, &mut |_, point| {
            let line = lines.entry(point.asset).or_insert(FunctionalLine {
                asset: point.asset,
                net: 0,
                functional: 0,
                position: false,
            });
            if !accounts.contains(&point.account) {
                line.net = line
                    .net
                    .checked_add(point.turnovers.posted())
                    .ok_or_else(|| overflow("the functional trial balance"))?;
            }
            Ok(())
        })?;
        for ((_, asset), row) in positions {
            let line = lines.entry(asset).or_insert(FunctionalLine {
                asset,
                net: 0,
                functional: 0,
                position: true,
            });
            line.position = true;
            line.functional = row.carried;
        }
        // Without positions only the functional currency is worth anything by itself.
        if let Some(line) = lines.get_mut(&known.functional_currency)
            && !line.position
        {
            line.functional = line.net;
        }
        Ok(lines.into_values().collect())
    }

    /// The accruals of an account, by name.
    pub fn accruals(&self, account: &AccountRef<'_>) -> Result<Vec<(String, Accrual)>> {
        let number = self.account(account)?.number;
        load_list(
            &*self.shared().reader()?,
            "SELECT * FROM accrual WHERE account = ? ORDER BY name",
            [number as i64],
        )
    }

    /// The closing balances of an account for each day of a range, as known after `sequence` (0: now).
    pub fn balances_by_day(
        &self,
        account: &AccountRef<'_>,
        asset: u32,
        kind: DateKind,
        (from, to): (Date, Date),
        sequence: i64,
    ) -> Result<(u64, bool, Vec<DayBalance>)> {
        let _call = self.shared().enter()?;
        let days = from.days_until(to);
        if !(0..DAYS).contains(&days) {
            return Err(Error::new(
                Status::INVALID_ARGUMENT,
                format!("a range of days has 1 to {DAYS} of them: split it"),
            ));
        }
        let (answer, mut point) = {
            let mut world = self.shared().world.lock();
            durable_balance(&mut world, account, asset)?
        };
        let reader = self.shared().reader()?;
        if sequence != 0 {
            rewind(&reader, &mut point, sequence)?;
        }
        let balances = daily::balances(&reader, point, kind, from, to)?;
        Ok((answer.account, answer.normal_debit, balances))
    }

    /// The statements of an account in an asset after a number.
    pub fn statements(
        &self,
        account: &AccountRef<'_>,
        asset: u32,
        after: u32,
        limit: usize,
    ) -> Result<Vec<StatementRow>> {
        let number = self.account(account)?.number;
        issued::list(&*self.shared().reader()?, number, asset, after, limit)
    }

    /// A statement that was cut, with its lines from `skip` on; also whether the account grows by debits.
    pub fn issued_statement(
        &self,
        account: &AccountRef<'_>,
        asset: u32,
        number: u32,
        skip: usize,
        limit: usize,
    ) -> Result<(IssuedStatement, bool)> {
        let _call = self.shared().enter()?;
        let (answer, point) = {
            let mut world = self.shared().world.lock();
            durable_balance(&mut world, account, asset)?
        };
        let reader = self.shared().reader()?;
        let found = issued::read(&reader, point, number, skip, limit)?;
        let statement = found.ok_or_else(|| {
            Error::new(
                Status::NOT_FOUND,
                format!("the account has no statement number {number} in asset {asset}"),
            )
        })?;
        Ok((statement, answer.normal_debit))
    }

    /// The chart of an entity, by code.
    pub fn gl_codes(&self, entity: u32) -> Result<Vec<(String, GlCodeRow)>> {
        let _call = self.shared().enter()?;
        load_list(
            &*self.shared().reader()?,
            "SELECT * FROM gl_code WHERE entity = ? ORDER BY code",
            [entity],
        )
    }

    /// The codes that an account has had, by first day.
    pub fn gl_assignments(
        &self,
        account: &AccountRef<'_>,
    ) -> Result<Vec<((u64, i32), GlAssignmentRow)>> {
        let number = self.account(account)?.number;
        load_list(
            &*self.shared().reader()?,
            "SELECT * FROM gl_assignment WHERE account = ? ORDER BY first_day",
            [number as i64],
        )
    }

    /// Where the import stands; `None`: import mode was never begun, and the file was not declared live.
    pub fn import_state(&self) -> Result<Option<ImportState>> {
        let _call = self.shared().enter()?;
        load(
            &*self.shared().reader()?,
            "SELECT * FROM import_state WHERE one = 1",
            [],
        )
    }

    /// Why and how long an account's data is kept; `None`: nothing was said.
    pub fn retention(&self, account: &AccountRef<'_>) -> Result<Option<Retention>> {
        let number = self.account(account)?.number;
        load(
            &*self.shared().reader()?,
            "SELECT * FROM retention WHERE account = ?",
            [number as i64],
        )
    }

    /// Where personal texts of an account are, after a sequence number: its own, and those of its transfers.
    pub fn personal_data(
        &self,
        account: &AccountRef<'_>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<PersonalPlace>> {
        use crate::base::constants::personal;
        let record = self.account(account)?;
        let reader = self.shared().reader()?;
        let limit = limit.clamp(1, PLACES);
        let mut places = Vec::new();
        if record.sequence > after {
            for (kind, text) in [
                (personal::NAME, &record.name),
                (personal::OWNER, &record.owner),
            ] {
                if !text.is_empty() {
                    places.push(PersonalPlace {
                        sequence: record.sequence,
                        kind,
                        length: text.len(),
                    });
                }
            }
        }
        let mut select = reader.prepare_cached(
            "SELECT seq, end_to_end_reference, reference, narrative, metadata FROM transfer \
             WHERE ? IN (debit, credit) AND salt IS NOT NULL AND seq > ? ORDER BY seq",
        )?;
        let mut rows = select.query((record.number as i64, after))?;
        while places.len() < limit
            && let Some(row) = rows.next()?
        {
            for (index, kind) in [
                personal::END_TO_END_REFERENCE,
                personal::REFERENCE,
                personal::NARRATIVE,
                personal::METADATA,
            ]
            .into_iter()
            .enumerate()
            {
                let length = column::text(row, index + 1)?.len();
                if length != 0 {
                    places.push(PersonalPlace {
                        sequence: row.get(0)?,
                        kind,
                        length,
                    });
                }
            }
        }
        Ok(places)
    }

    /// Calls `visit` with every balance of an entity as known after a durable sequence number, in the order of their
    /// numbers. Writers go on meanwhile.
    pub(super) fn each_balance(
        &self,
        entity: u32,
        sequence: i64,
        visit: &mut dyn FnMut(&Connection, Point) -> Result<()>,
    ) -> Result<()> {
        let _call = self.shared().enter()?;
        // Not of one commit: the balances of later rounds may be newer than the first.
        let reader = self.shared().readers.get()?;
        let mut next = 0;
        loop {
            let mut found: Vec<Balance> = Vec::new();
            let count = {
                let mut world = self.shared().world.lock();
                let count = world.durable_balances();
                for number in next..count.min(next + CHUNK) {
                    world.ledger.trim();
                    if let Some((owner, balance)) = world.balance_by_number(number)?
                        && owner == entity
                    {
                        found.push(balance);
                    }
                }
                count
            };
            for balance in found {
                let mut point = Point {
                    account: balance.account,
                    asset: balance.asset,
                    sequence: balance.head,
                    turnovers: balance.turnovers(),
                };
                rewind(&reader, &mut point, sequence)?;
                visit(&reader, point)?;
            }
            next += CHUNK;
            if next >= count {
                return Ok(());
            }
        }
    }

    /// The record of an account by number, from a reader.
    pub(super) fn record_of(
        reader: &Connection,
        number: u64,
    ) -> Result<crate::ledger::account::AccountRecord> {
        find::account(reader, number)?.ok_or_else(|| {
            Error::new(
                Status::CORRUPT,
                format!("account number {number} is missing: run the integrity check"),
            )
        })
    }
}

/// Balances that are looked at under one lock.
const CHUNK: u64 = 512;

pub(super) fn overflow(what: &str) -> Error {
    Error::new(
        Status::OVERFLOW,
        format!("{what} adds up to more than 128 bits: ask for less"),
    )
}
