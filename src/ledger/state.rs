//! The ledger's state: what is in memory, how it is found, and how a command, a chain or a batch is taken back.
//! Evaluation sees the newest state, durable or not; it reads from disk only what no batch in flight has changed,
//! which is what the caches guarantee: whatever is not durable stays in memory.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::hash::KeyHasher;
use crate::base::time::Timestamp;
use crate::ledger::account::{Limit, flags};
use crate::ledger::accounts::{Account, AccountSlot, Accounts};
use crate::ledger::asset::Asset;
use crate::ledger::balance::{Balance, Balances, MARK_EVENTS, Turnovers, Window};
use crate::ledger::books::{Books, BooksMark};
use crate::ledger::cache::CachedRows;
use crate::ledger::day_state::{DayMark, DayState};
use crate::ledger::entity::Entity;
use crate::ledger::expiries::Expiries;
use crate::ledger::hold::Hold;
use crate::ledger::load;
use crate::ledger::write::{LedgerWrites, MarkRow, NumberRow};
use crate::tx::{BatchNumber, ChangeLog, Keys, Mark};

/// What the ledger needs of the layers below while it applies a command.
pub struct Services<'a> {
    pub keys: &'a mut Keys,
    pub changes: &'a mut ChangeLog,
    /// A connection that sees the newest durable commit.
    pub reader: &'a Connection,
}

/// The ledger.
pub struct Ledger {
    pub(super) accounts: Accounts,
    pub(super) balances: Balances,
    pub(super) entities: CachedRows<u32, Entity>,
    pub(super) assets: CachedRows<u32, Asset>,
    /// Balances of accounts other than each account's first, by account and asset.
    pub(super) more_balances: CachedRows<(u64, u32), u64>,
    pub(super) limits: CachedRows<u64, Vec<Limit>>,
    pub(super) holds: CachedRows<i64, Hold>,
    pub(super) numbers: CachedRows<i64, NumberRow>,
    /// How much of a transfer was reversed, by its sequence number.
    pub(super) reversed: CachedRows<i64, i128>,
    pub(super) books: Books,
    /// Days and the life of accounts.
    pub(super) days: DayState,
    /// External numbers in force that expire, by time.
    pub(super) number_expiries: BTreeSet<(Timestamp, i64)>,
    pub(super) expiries: Expiries,
    /// Where another process writes the file: what the answers stand as of, although its commits go on.
    pub(super) as_of: Option<i64>,
    pub(super) open: LedgerWrites,
    sealed: VecDeque<(BatchNumber, Arc<LedgerWrites>)>,
    /// Emptied, for the next batch.
    spare: LedgerWrites,
}

/// A position in everything that the ledger changes.
#[derive(Clone, Copy, Debug)]
pub struct LedgerMark {
    accounts: Mark,
    balances: Mark,
    entities: Mark,
    assets: Mark,
    more_balances: Mark,
    limits: Mark,
    holds: Mark,
    numbers: Mark,
    reversed: Mark,
    books: BooksMark,
    days: DayMark,
    writes: [usize; 8],
}

/// Most accounts that [`Ledger::fetch`] takes at a time.
pub const FETCHED: usize = 32;

/// How much memory the ledger's caches may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSizes {
    pub accounts: usize,
    pub balance_pages: usize,
    pub rows: usize,
    /// Holds that expire next.
    pub expiries: usize,
}

impl Ledger {
    /// The ledger of an open file, as its tables have it; the caller replays what came after the pages.
    pub fn open(reader: &Connection, hasher: KeyHasher, sizes: CacheSizes) -> Result<Ledger> {
        let accounts: i64 =
            reader.query_row("SELECT coalesce(max(number), 0) FROM account", [], |row| {
                row.get(0)
            })?;
        let balances = load::balance_count(reader)?;
        let mut ledger = Ledger {
            accounts: Accounts::new(accounts as u64, sizes.accounts, hasher),
            balances: Balances::new(balances, sizes.balance_pages),
            entities: CachedRows::new(usize::MAX),
            assets: CachedRows::new(usize::MAX),
            more_balances: CachedRows::new(sizes.rows),
            limits: CachedRows::new(sizes.rows),
            holds: CachedRows::new(sizes.rows),
            numbers: CachedRows::new(sizes.rows),
            reversed: CachedRows::new(sizes.rows),
            books: Books::new(sizes.rows),
            days: DayState::open(reader, sizes.rows)?,
            number_expiries: BTreeSet::new(),
            expiries: Expiries::open(reader, sizes.expiries)?,
            as_of: None,
            open: LedgerWrites::default(),
            sealed: VecDeque::new(),
            spare: LedgerWrites::default(),
        };
        for entity in load::entities(reader)? {
            ledger.entities.install(entity.number, entity);
        }
        for asset in load::assets(reader)? {
            ledger.assets.install(asset.number, asset);
        }
        ledger.number_expiries = load::number_expiries(reader)?.into_iter().collect();
        Ok(ledger)
    }

    /// From now on balances stand as of a sequence number, while another process goes on writing the file: what it has
    /// written later is taken back from a page when the page is loaded.
    pub fn stand_as_of(&mut self, sequence: i64) {
        self.as_of = Some(sequence);
    }

    /// An entity by number.
    pub fn entity(&self, number: u32) -> Option<&Entity> {
        self.entities.peek(&number)
    }

    /// An asset by number.
    pub fn asset(&self, number: u32) -> Option<&Asset> {
        self.assets.peek(&number)
    }

    /// An asset by code.
    pub fn asset_by_code(&self, code: &str) -> Option<&Asset> {
        self.assets
            .resident()
            .into_iter()
            .find(|asset| asset.code == code)
    }

    /// Entities and assets, in the order of their numbers.
    pub fn entities(&self) -> Vec<&Entity> {
        self.entities.resident()
    }

    /// See [`Ledger::entities`].
    pub fn assets(&self) -> Vec<&Asset> {
        self.assets.resident()
    }

    /// Bytes of memory in the account and balance caches, roughly.
    pub fn memory_bytes(&self) -> usize {
        self.accounts.memory_bytes() + self.balances.memory_bytes()
    }

    /// How many accounts and balances there are.
    pub fn counts(&self) -> (u64, u64) {
        (self.accounts.count(), self.balances.count())
    }

    /// The turnovers of a loaded balance.
    #[inline]
    pub(super) fn turnovers(&mut self, number: u64) -> Turnovers {
        self.balances
            .get(number)
            .map(Balance::turnovers)
            .unwrap_or_default()
    }

    /// Enters an event into a balance's chain and returns the event before it: the head moves to `sequence`, the
    /// turnovers become `turnovers`, and each 256th event leaves a posting mark.
    #[inline]
    pub(super) fn enter(
        &mut self,
        number: u64,
        sequence: i64,
        turnovers: &Turnovers,
        dates: Option<(i32, i32)>,
        wide: bool,
    ) -> i64 {
        let mut previous = 0;
        let mut mark = None;
        self.balances.change(number, sequence, |balance| {
            previous = balance.head;
            balance.head = sequence;
            balance.events += 1;
            balance.since_mark += 1;
            balance.set_turnovers(turnovers);
            if let Some((booking, value)) = dates {
                balance.window.add(booking, value);
            }
            if balance.since_mark == MARK_EVENTS {
                mark = Some(MarkRow {
                    account: balance.account,
                    asset: balance.asset,
                    wide,
                    sequence,
                    events: balance.events,
                    turnovers: *turnovers,
                    window: balance.window,
                });
                balance.since_mark = 0;
                balance.window = Window::EMPTY;
            }
        });
        if wide {
            self.balances.write_soon(number);
        }
        if let Some(mark) = mark {
            self.open.marks.push(mark);
        }
        previous
    }

    /// The limits of an account; empty without the flag.
    pub(super) fn limits_of(
        &mut self,
        reader: &Connection,
        account: &Account,
    ) -> Result<Vec<Limit>> {
        if account.flags & flags::LIMITED == 0 {
            return Ok(Vec::new());
        }
        let number = account.number;
        let limits = self
            .limits
            .get(&number, || load::limits(reader, number).map(Some))?;
        Ok(limits.cloned().unwrap_or_default())
    }

    /// A hold by the sequence number that placed it.
    pub fn hold_by_sequence(&mut self, reader: &Connection, sequence: i64) -> Result<Option<Hold>> {
        Ok(self
            .holds
            .get(&sequence, || load::hold(reader, sequence))?
            .cloned())
    }

    /// Replaces a hold, keeping the queue of expiries in step.
    pub(super) fn put_hold(&mut self, hold: Hold) {
        self.expiries.set(&hold);
        self.holds.put(hold.sequence, Some(hold));
    }

    /// The batch in flight, sealed or open, that `find` finds something in.
    pub(super) fn in_flight<T>(&self, find: impl Fn(&LedgerWrites) -> Option<T>) -> Option<T> {
        find(&self.open).or_else(|| {
            self.sealed
                .iter()
                .rev()
                .find_map(|(_, writes)| find(writes))
        })
    }

    /// A position to roll back to.
    pub fn mark(&mut self) -> LedgerMark {
        let writes = &self.open;
        LedgerMark {
            accounts: self.accounts.mark(),
            balances: self.balances.mark(),
            entities: self.entities.mark(),
            assets: self.assets.mark(),
            more_balances: self.more_balances.mark(),
            limits: self.limits.mark(),
            holds: self.holds.mark(),
            numbers: self.numbers.mark(),
            reversed: self.reversed.mark(),
            books: self.books.mark(),
            days: self.days.mark(&writes.days),
            writes: [
                writes.transfers.len(),
                writes.details.len(),
                writes.text.len(),
                writes.hold_events.len(),
                writes.marks.len(),
                writes.accounts.len(),
                writes.account_balances.len(),
                writes.account_flags.len(),
            ],
        }
    }

    /// Takes back everything after `mark`; `next` is the sequence number that is given out next from now on.
    pub fn roll_back(&mut self, mark: &LedgerMark, next: i64) {
        let touched = self.holds.changed_after(mark.holds);
        let numbers = self.numbers.changed_after(mark.numbers);
        self.accounts.roll_back(mark.accounts);
        self.balances.roll_back(mark.balances, next);
        self.entities.roll_back(mark.entities);
        self.assets.roll_back(mark.assets);
        self.more_balances.roll_back(mark.more_balances);
        self.limits.roll_back(mark.limits);
        self.holds.roll_back(mark.holds);
        self.numbers.roll_back(mark.numbers);
        self.reversed.roll_back(mark.reversed);
        self.books.roll_back(&mark.books);
        self.expiries.restore(&touched, &self.holds);
        self.restore_number_expiries(&numbers);
        let writes = &mut self.open;
        self.days.roll_back(&mark.days, &mut writes.days);
        writes.transfers.truncate(mark.writes[0]);
        writes.details.truncate(mark.writes[1]);
        writes.text.truncate(mark.writes[2]);
        writes.hold_events.truncate(mark.writes[3]);
        writes.marks.truncate(mark.writes[4]);
        writes.accounts.truncate(mark.writes[5]);
        writes.account_balances.truncate(mark.writes[6]);
        writes.account_flags.truncate(mark.writes[7]);
    }

    /// Brings the queue of expiring numbers back in step with numbers that were rolled back.
    fn restore_number_expiries(&mut self, touched: &[i64]) {
        if touched.is_empty() {
            return;
        }
        self.number_expiries
            .retain(|(_, sequence)| touched.binary_search(sequence).is_err());
        for sequence in touched {
            if let Some(row) = self.numbers.peek(sequence)
                && let (None, Some(expires_at)) = (row.valid_to, row.expires_at)
            {
                self.number_expiries.insert((expires_at, *sequence));
            }
        }
    }

    /// Replaces an external number, keeping the queue of expiries in step.
    pub(super) fn put_number(&mut self, row: NumberRow) {
        if let Some(expires_at) = row.expires_at {
            if row.valid_to.is_none() {
                self.number_expiries.insert((expires_at, row.sequence));
            } else {
                self.number_expiries.remove(&(expires_at, row.sequence));
            }
        }
        self.numbers.put(row.sequence, Some(row));
    }

    /// Looks at every batch in flight, the oldest first.
    pub(super) fn each_in_flight(&self, mut look: impl FnMut(&LedgerWrites)) {
        for (_, writes) in &self.sealed {
            look(writes);
        }
        look(&self.open);
    }

    /// Seals the open batch: everything it writes, for the writer.
    pub fn seal(
        &mut self,
        batch: BatchNumber,
        sequence: i64,
        limits: &FlushLimits,
    ) -> Arc<LedgerWrites> {
        let mut next = std::mem::take(&mut self.spare);
        next.expect_as_many_as(&self.open);
        let mut writes = std::mem::replace(&mut self.open, next);
        writes.pages = self
            .balances
            .seal(batch, sequence, sequence - limits.lag, limits.pages);
        self.accounts.seal(batch);
        writes.entities = self
            .entities
            .seal(batch)
            .into_iter()
            .filter_map(|(_, row)| row)
            .collect();
        writes.assets = self
            .assets
            .seal(batch)
            .into_iter()
            .filter_map(|(_, row)| row)
            .collect();
        self.days.seal(batch, &mut writes.days);
        self.more_balances.seal(batch);
        writes.limits = self
            .limits
            .seal(batch)
            .into_iter()
            .filter_map(|(key, row)| Some((key, row?)))
            .collect();
        writes.holds = self
            .holds
            .seal(batch)
            .into_iter()
            .filter_map(|(_, row)| row)
            .collect();
        writes.numbers = self
            .numbers
            .seal(batch)
            .into_iter()
            .filter_map(|(_, row)| row)
            .collect();
        writes.reversed = self
            .reversed
            .seal(batch)
            .into_iter()
            .filter_map(|(key, row)| Some((key, row?)))
            .collect();
        writes.books = self.books.seal(batch);
        let writes = Arc::new(writes);
        self.sealed.push_back((batch, Arc::clone(&writes)));
        writes
    }

    /// The first sequence number that opening must replay once everything sealed is durable.
    pub fn replay_from(&mut self, next: i64) -> i64 {
        self.balances.replay_from(next)
    }

    /// Batches up to `batch` are durable.
    pub fn durable(&mut self, batch: BatchNumber) {
        while self
            .sealed
            .front()
            .is_some_and(|(number, _)| *number <= batch)
        {
            if let Some((_, writes)) = self.sealed.pop_front()
                && let Ok(writes) = Arc::try_unwrap(writes)
            {
                self.spare = writes.emptied();
            }
        }
        self.accounts.durable(batch);
        self.balances.durable(batch);
        self.entities.durable(batch);
        self.assets.durable(batch);
        self.more_balances.durable(batch);
        self.limits.durable(batch);
        self.holds.durable(batch);
        self.numbers.durable(batch);
        self.reversed.durable(batch);
        self.books.durable(batch);
        self.days.durable(batch);
    }

    /// Takes back everything that is not durable, the open batch included; `next` as for [`Ledger::roll_back`].
    pub fn discard_undurable(&mut self, next: i64) {
        let touched = self.holds.undurable();
        let numbers = self.numbers.undurable();
        self.accounts.discard_undurable();
        self.balances.discard_undurable(next);
        self.entities.discard_undurable();
        self.assets.discard_undurable();
        self.more_balances.discard_undurable();
        self.limits.discard_undurable();
        self.holds.discard_undurable();
        self.numbers.discard_undurable();
        self.reversed.discard_undurable();
        self.books.discard_undurable();
        self.days.discard_undurable();
        self.expiries.restore(&touched, &self.holds);
        self.restore_number_expiries(&numbers);
        self.open = LedgerWrites::default();
        self.sealed.clear();
    }

    /// Frees cache memory beyond the capacity; between commands only.
    pub fn trim(&mut self) {
        self.accounts.trim();
        self.balances.trim();
    }

    /// The number of the account in a slot that was just located.
    pub fn account_number_of(&mut self, slot: AccountSlot) -> Option<u64> {
        self.accounts.get(slot).map(|account| account.number)
    }

    /// Whether the account in a slot grows by debits.
    pub fn is_normal_debit(&mut self, slot: AccountSlot) -> bool {
        self.accounts
            .get(slot)
            .is_some_and(|account| account.flags & flags::NORMAL_DEBIT != 0)
    }
}

/// How far the pages on disk may lag behind, and how many one batch writes at most.
#[derive(Clone, Copy, Debug)]
pub struct FlushLimits {
    /// Sequence numbers that opening after a kill replays at most, roughly.
    pub lag: i64,
    pub pages: usize,
}

impl FlushLimits {
    /// Every dirty page is written.
    pub const EVERYTHING: FlushLimits = FlushLimits {
        lag: -1,
        pages: usize::MAX,
    };
}
