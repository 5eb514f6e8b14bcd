//! Questions to an engine, through a session. Everything answers from the durable state, and says as of which
//! sequence number; balances come from memory, everything else from a reader of its own.

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{AccountRecord, Limit};
use crate::ledger::accounts::AccountSlot;
use crate::ledger::asset::Asset;
use crate::ledger::balance::{Balance, Turnovers};
use crate::ledger::command::AccountRef;
use crate::ledger::entity::Entity;
use crate::ledger::hold::Hold;
use crate::ledger::query;
use crate::ledger::query::as_of::{self, DateKind};
use crate::ledger::query::chain::Point;
use crate::ledger::query::find::{self, TransferFilter, TransferPage};
use crate::ledger::query::statement::{self, Statement, StatementCursor, StatementRange};
use crate::ledger::query::transfer::StoredTransfer;
use crate::ledger::write::NumberRow;
use crate::tx::KeySpace;

use super::host_record::{self, HostRecord};
use super::session::Session;
use super::trial::too_large;
use super::world::World;

/// A balance and the sequence number as of which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceAnswer {
    /// Account number.
    pub account: u64,
    pub asset: u32,
    pub turnovers: Turnovers,
    /// The account grows by debits.
    pub normal_debit: bool,
    pub sequence: i64,
}

/// When a balance is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    Now,
    /// As known after this sequence number.
    Sequence(i64),
    /// Postings booked up to a day, as known after a sequence number (0: now).
    Booking(Date, i64),
    /// Postings valued up to a day, as known after a sequence number (0: now).
    Value(Date, i64),
}

impl AsOf {
    /// As known after a sequence number, unless that is `None`, of the postings up to a day, unless that is `None`.
    pub fn new(known: Option<i64>, day: Option<(DateKind, Date)>) -> AsOf {
        match (known, day) {
            (None, None) => AsOf::Now,
            // Before the first change there is nothing on any day.
            (Some(0), _) => AsOf::Sequence(0),
            (Some(sequence), None) => AsOf::Sequence(sequence),
            (known, Some((DateKind::Booking, date))) => AsOf::Booking(date, known.unwrap_or(0)),
            (known, Some((DateKind::Value, date))) => AsOf::Value(date, known.unwrap_or(0)),
        }
    }

    /// The same, as known after `newest` unless an earlier sequence number is named.
    pub(super) fn known_up_to(self, newest: i64) -> AsOf {
        let known = Some(self.known().map_or(newest, |known| known.min(newest)));
        match self {
            AsOf::Now | AsOf::Sequence(_) => AsOf::new(known, None),
            AsOf::Booking(date, _) => AsOf::new(known, Some((DateKind::Booking, date))),
            AsOf::Value(date, _) => AsOf::new(known, Some((DateKind::Value, date))),
        }
    }

    pub(super) fn known(self) -> Option<i64> {
        match self {
            AsOf::Sequence(known) => Some(known),
            AsOf::Booking(_, known) | AsOf::Value(_, known) if known != 0 => Some(known),
            _ => None,
        }
    }
}

impl Session {
    /// The sequence number of the newest durable change.
    pub fn sequence(&self) -> Result<i64> {
        let _call = self.shared().enter()?;
        Ok(self.shared().world.lock().durable.sequence)
    }

    /// The balance of an account in an asset; zero when it has none.
    pub fn balance(&self, account: &AccountRef<'_>, asset: u32) -> Result<BalanceAnswer> {
        let _call = self.shared().enter()?;
        let mut world = self.shared().world.lock();
        let (answer, _) = durable_balance(&mut world, account, asset)?;
        Ok(answer)
    }

    /// The balance at another time.
    pub fn balance_as_of(
        &self,
        account: &AccountRef<'_>,
        asset: u32,
        when: AsOf,
    ) -> Result<BalanceAnswer> {
        let _call = self.shared().enter()?;
        let (mut answer, point) = {
            let mut world = self.shared().world.lock();
            durable_balance(&mut world, account, asset)?
        };
        let reader = self.shared().reader()?;
        answer.sequence = when
            .known()
            .map_or(answer.sequence, |known| known.min(answer.sequence));
        answer.turnovers = turnovers_as_of(&reader, point, when)?.turnovers;
        Ok(answer)
    }

    /// The sequence number of the newest durable change up to a time; 0: there is none. What was known then is what
    /// is known as of this number.
    pub fn sequence_at(&self, time: Timestamp) -> Result<i64> {
        let _call = self.shared().enter()?;
        let newest = self.shared().world.lock().durable.sequence;
        as_of::sequence_at(&*self.shared().reader()?, time, newest)
    }

    /// A page of a statement. `cursor` is the one that the page before gave.
    pub fn statement(
        &self,
        account: &AccountRef<'_>,
        asset: u32,
        range: &StatementRange,
        cursor: Option<StatementCursor>,
    ) -> Result<Statement> {
        let _call = self.shared().enter()?;
        let (answer, point) = {
            let mut world = self.shared().world.lock();
            durable_balance(&mut world, account, asset)?
        };
        let reader = self.shared().reader()?;
        statement::page(&reader, point, answer.sequence, range, cursor)
    }

    /// The transfer with an id.
    pub fn transfer(&self, id: &Id) -> Result<StoredTransfer> {
        let found = self.transfers_by_key(KeySpace::Command, &id.0)?;
        found
            .into_iter()
            .find(|transfer| transfer.row.id == *id)
            .ok_or_else(|| {
                Error::new(
                    Status::NOT_FOUND,
                    format!("no transfer has the id {}", id.format()),
                )
            })
    }

    /// The legs of a transaction, in the order of posting; a transfer of its own is its only leg.
    pub fn transaction(&self, id: &Id) -> Result<Vec<StoredTransfer>> {
        let mut found = self.transfers_by_key(KeySpace::Transaction, &id.0)?;
        found.retain(|transfer| transfer.row.transaction == *id);
        if found.is_empty() {
            found.push(self.transfer(id)?);
        }
        Ok(found)
    }

    /// The transfers with a reference, end-to-end or other, oldest first.
    pub fn transfers_by_reference(&self, reference: &str) -> Result<Vec<StoredTransfer>> {
        let mut found = self.transfers_by_key(KeySpace::Reference, reference.as_bytes())?;
        found.retain(|transfer| {
            transfer.reference == reference || transfer.end_to_end_reference == reference
        });
        Ok(found)
    }

    fn transfers_by_key(&self, space: KeySpace, key: &[u8]) -> Result<Vec<StoredTransfer>> {
        let _call = self.shared().enter()?;
        let (sequences, durable) = {
            let mut guard = self.shared().world.lock();
            let world = &mut *guard;
            (sequences(world, space, key)?, world.durable.sequence)
        };
        find::by_sequences(&*self.shared().reader()?, &sequences, durable)
    }

    /// A page of the transfers that a filter lets through, oldest first. A reference is found by the index of keys, an
    /// account by the chains of its balances; anything else is looked for in the order of posting.
    pub fn transfers(&self, filter: &TransferFilter) -> Result<TransferPage> {
        let _call = self.shared().enter()?;
        let (sequences, heads, durable) = {
            let mut guard = self.shared().world.lock();
            let world = &mut *guard;
            let sequences = match filter.reference.as_bytes() {
                b"" => None,
                reference => Some(sequences(world, KeySpace::Reference, reference)?),
            };
            let heads = match filter.account {
                0 => Vec::new(),
                account => heads(world, account, filter.asset)?,
            };
            (sequences, heads, world.durable.sequence)
        };
        let reader = self.shared().reader()?;
        let up_to = match filter.up_to {
            0 => durable,
            up_to => up_to.min(durable),
        };
        match sequences {
            Some(sequences) => find::among(&reader, filter, &sequences, up_to),
            None if filter.account != 0 => find::of_account(&reader, filter, &heads, up_to),
            None => find::in_order(&reader, filter, up_to),
        }
    }

    /// The whole record of an account.
    pub fn account(&self, account: &AccountRef<'_>) -> Result<AccountRecord> {
        let _call = self.shared().enter()?;
        let (number, _) = {
            let mut world = self.shared().world.lock();
            located(&mut world, account)?
        };
        self.account_by_number(number)
    }

    /// The whole record of an account, by the engine's own number.
    pub fn account_by_number(&self, number: u64) -> Result<AccountRecord> {
        let found = find::account(&*self.shared().reader()?, number)?;
        found.ok_or_else(|| {
            Error::new(
                Status::NOT_FOUND,
                format!("there is no account number {number}"),
            )
        })
    }

    /// The accounts right below a parent, or with `None` all accounts, after an account number.
    pub fn accounts(
        &self,
        parent: Option<&AccountRef<'_>>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AccountRecord>> {
        let _call = self.shared().enter()?;
        let parent = match parent {
            Some(parent) => Some(located(&mut self.shared().world.lock(), parent)?.0),
            None => None,
        };
        let reader = self.shared().reader()?;
        match parent {
            Some(parent) => find::children(&reader, parent, after, limit),
            None => find::all_accounts(&reader, after, limit),
        }
    }

    /// The external numbers of an account, in force and ended, in the order in which they were given, after the
    /// sequence number of one of them.
    pub fn account_numbers(
        &self,
        account: &AccountRef<'_>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<NumberRow>> {
        self.about(account, |reader, number| {
            query::numbers(reader, number, after, limit.clamp(1, 10_000))
        })
    }

    /// The limits of an account, those that expired included.
    pub fn account_limits(&self, account: &AccountRef<'_>) -> Result<Vec<Limit>> {
        self.about(account, query::limits)
    }

    fn about<T>(
        &self,
        account: &AccountRef<'_>,
        ask: impl FnOnce(&Connection, u64) -> Result<T>,
    ) -> Result<T> {
        let _call = self.shared().enter()?;
        let (number, _) = located(&mut self.shared().world.lock(), account)?;
        ask(&*self.shared().reader()?, number)
    }

    /// The balance of an account and everything below it, each account once.
    pub fn hierarchy_balance(&self, account: &AccountRef<'_>, asset: u32) -> Result<BalanceAnswer> {
        let mut total = self.balance(account, asset)?;
        let mut open = vec![total.account];
        while let Some(parent) = open.pop() {
            let mut after = 0;
            loop {
                let below = find::children(&*self.shared().reader()?, parent, after, 1000)?;
                let Some(last) = below.last() else { break };
                after = last.number;
                for child in &below {
                    let balance = self.balance(&AccountRef::Id(child.id), asset)?.turnovers;
                    for (sum, more) in [
                        (&mut total.turnovers.debits_posted, balance.debits_posted),
                        (&mut total.turnovers.credits_posted, balance.credits_posted),
                        (&mut total.turnovers.debits_pending, balance.debits_pending),
                        (
                            &mut total.turnovers.credits_pending,
                            balance.credits_pending,
                        ),
                    ] {
                        *sum = sum.checked_add(more).ok_or_else(|| too_large(asset))?;
                    }
                    open.push(child.number);
                }
            }
        }
        Ok(total)
    }

    /// A hold by its id.
    pub fn hold(&self, id: &Id) -> Result<Hold> {
        let _call = self.shared().enter()?;
        let sequences = {
            let mut guard = self.shared().world.lock();
            let world = &mut *guard;
            let hash = world.keys.hash(KeySpace::Command, &id.0);
            world.keys.find(&world.reader, hash)?.to_vec()
        };
        let reader = self.shared().reader()?;
        for sequence in sequences {
            let hold = crate::ledger::query::hold(&reader, sequence as i64)?;
            if let Some(hold) = hold.filter(|hold| hold.id == *id) {
                return Ok(hold);
            }
        }
        Err(Error::new(
            Status::NOT_FOUND,
            format!("no hold has the id {}", id.format()),
        ))
    }

    /// The active holds against an account, oldest first.
    pub fn holds(&self, account: &AccountRef<'_>, after: i64, limit: usize) -> Result<Vec<Hold>> {
        let _call = self.shared().enter()?;
        let (number, _) = located(&mut self.shared().world.lock(), account)?;
        find::holds(&*self.shared().reader()?, number, after, limit)
    }

    /// An entity by number.
    pub fn entity(&self, number: u32) -> Result<Entity> {
        let _call = self.shared().enter()?;
        let found = self.shared().world.lock().ledger.entity(number).cloned();
        found.ok_or_else(|| {
            Error::new(
                Status::NOT_FOUND,
                format!("there is no entity number {number}"),
            )
        })
    }

    /// All entities.
    pub fn entities(&self) -> Result<Vec<Entity>> {
        let _call = self.shared().enter()?;
        Ok(self
            .shared()
            .world
            .lock()
            .ledger
            .entities()
            .into_iter()
            .cloned()
            .collect())
    }

    /// An asset by number.
    pub fn asset(&self, number: u32) -> Result<Asset> {
        let _call = self.shared().enter()?;
        let found = self.shared().world.lock().ledger.asset(number).cloned();
        found.ok_or_else(|| {
            Error::new(
                Status::NOT_FOUND,
                format!("there is no asset number {number} in this file"),
            )
        })
    }

    /// An asset by code.
    pub fn asset_by_code(&self, code: &str) -> Result<Asset> {
        let _call = self.shared().enter()?;
        let found = self
            .shared()
            .world
            .lock()
            .ledger
            .asset_by_code(code)
            .cloned();
        found.ok_or_else(|| {
            Error::new(
                Status::UNKNOWN_CURRENCY,
                format!("there is no asset '{code}' in this file"),
            )
        })
    }

    /// All assets.
    pub fn assets(&self) -> Result<Vec<Asset>> {
        let _call = self.shared().enter()?;
        Ok(self
            .shared()
            .world
            .lock()
            .ledger
            .assets()
            .into_iter()
            .cloned()
            .collect())
    }

    /// A host record; a deleted one is not found.
    pub fn host_record(&self, namespace: &str, record: &[u8]) -> Result<HostRecord> {
        let _call = self.shared().enter()?;
        let found = host_record::load(&*self.shared().reader()?, namespace, record)?;
        found.filter(|row| row.value.is_some()).ok_or_else(|| {
            Error::new(
                Status::NOT_FOUND,
                format!("there is no such record in '{namespace}'"),
            )
        })
    }
}

/// The point of a balance at another time: its newest event then, and the turnovers.
pub(super) fn turnovers_as_of(reader: &Connection, mut point: Point, when: AsOf) -> Result<Point> {
    if let Some(known) = when.known() {
        point.back_to(reader, known)?;
    }
    point.turnovers = match when {
        AsOf::Now | AsOf::Sequence(_) => point.turnovers,
        AsOf::Booking(date, _) => as_of::date(reader, point, DateKind::Booking, date)?,
        AsOf::Value(date, _) => as_of::date(reader, point, DateKind::Value, date)?,
    };
    Ok(point)
}

/// The sequence numbers that a key may stand for, in order.
fn sequences(world: &mut World, space: KeySpace, key: &[u8]) -> Result<Vec<u64>> {
    let hash = world.keys.hash(space, key);
    let mut sequences = world.keys.find(&world.reader, hash)?.to_vec();
    sequences.sort_unstable();
    sequences.dedup();
    Ok(sequences)
}

/// Where the chains of an account's balances begin, in one asset or (0) in all.
fn heads(world: &mut World, account: u64, asset: u32) -> Result<Vec<Point>> {
    let mut heads = Vec::new();
    for (held, number) in query::balances(&world.reader, account)? {
        world.ledger.trim();
        if (asset == 0 || held == asset)
            && let Some((_, balance)) = world.balance_by_number(number)?
        {
            heads.push(Point {
                account,
                asset: held,
                sequence: balance.head,
                turnovers: balance.turnovers(),
            });
        }
    }
    Ok(heads)
}

/// The number and place of a durable account.
fn located(world: &mut World, account: &AccountRef<'_>) -> Result<(u64, AccountSlot)> {
    let durable = world.durable.accounts;
    let (ledger, _, _, mut services) = world.split();
    let slot = ledger.locate(&mut services, account)?;
    let found = slot.and_then(|slot| Some((ledger.account_number_of(slot)?, slot)));
    found
        .filter(|(number, _)| *number <= durable)
        .ok_or_else(|| {
            let name = match account {
                AccountRef::Id(id) => format!("the id {}", id.format()),
                AccountRef::Number(number) => format!("the number '{number}'"),
            };
            Error::new(Status::NOT_FOUND, format!("no account has {name}"))
        })
}

/// The durable balance of an account and where its chain begins.
pub(super) fn durable_balance(
    world: &mut World,
    account: &AccountRef<'_>,
    asset: u32,
) -> Result<(BalanceAnswer, Point)> {
    world.ledger.trim();
    let (number, slot) = located(world, account)?;
    let sequence = world.durable.sequence;
    let (ledger, _, _, services) = world.split();
    let balance = ledger.durable_balance(services.reader, slot, asset)?;
    if balance.is_none() && ledger.asset(asset).is_none() {
        return Err(Error::new(
            Status::NOT_FOUND,
            format!("there is no asset number {asset} in this file"),
        ));
    }
    let balance = balance.unwrap_or_else(|| Balance::new(number, asset));
    let turnovers = balance.turnovers();
    let normal_debit = ledger.is_normal_debit(slot);
    let answer = BalanceAnswer {
        account: number,
        asset,
        turnovers,
        normal_debit,
        sequence,
    };
    Ok((
        answer,
        Point {
            account: number,
            asset,
            sequence: balance.head,
            turnovers,
        },
    ))
}
