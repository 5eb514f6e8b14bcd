//! Bringing the balances up to date when a file is opened: pages on disk may lag behind the truth rows by a bounded
//! number of events, which are entered again from where the oldest page stands. The same way leads from the first
//! event to all pages and posting marks when they are rebuilt. Nothing is decided here.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::balance::{Balance, PAGE_BALANCES};
use crate::ledger::load;
use crate::ledger::query::chain::Link;
use crate::ledger::query::find::first_account_after;
use crate::ledger::query::transfer::{COLUMNS, read, read_hold_event};
use crate::ledger::state::{FlushLimits, Ledger};
use crate::ledger::write::LedgerWrites;
use crate::tx::BatchNumber;

/// Sequence numbers up to which the pages loaded so far hold.
type PageSequences = HashMap<u64, i64>;

impl Ledger {
    /// Enters every durable event from the sequence number `from` on that the page of its balance does not hold yet.
    pub fn replay(&mut self, reader: &Connection, from: i64) -> Result<()> {
        let mut pages = PageSequences::new();
        let first_account = first_account_after(reader, from - 1)?;
        if let Some(first_balance) = load::first_balance_of(reader, first_account)? {
            let last = self.balances.count().div_ceil(PAGE_BALANCES);
            self.complete_pages(
                reader,
                first_balance / PAGE_BALANCES..last,
                from,
                &mut pages,
            )?;
        }
        self.enter_events(reader, from, i64::MAX, &mut pages)?;
        // The posting marks of these events are on disk already, and all of it is durable.
        self.open = Default::default();
        self.seal(
            0,
            from,
            &FlushLimits {
                lag: i64::MAX >> 1,
                pages: 0,
            },
        );
        self.durable(0);
        Ok(())
    }

    /// Enters the events from the sequence number `from` to `to`, both included, into emptied tables of pages and
    /// marks: calls follow one another from the first event to the last. The caller writes what is returned through
    /// the connection that it reads with, and then says that the batch is durable.
    pub fn rebuild(
        &mut self,
        reader: &Connection,
        batch: BatchNumber,
        from: i64,
        to: i64,
    ) -> Result<Arc<LedgerWrites>> {
        self.enter_events(reader, from, to, &mut PageSequences::new())?;
        Ok(self.seal(batch, to, &FlushLimits::EVERYTHING))
    }

    /// Makes those of the pages in `range` that no event made; after the last [`Ledger::rebuild`] and in the same way.
    pub fn rebuild_untouched(
        &mut self,
        reader: &Connection,
        batch: BatchNumber,
        range: Range<u64>,
        sequence: i64,
    ) -> Result<Arc<LedgerWrites>> {
        self.complete_pages(reader, range, sequence, &mut PageSequences::new())?;
        Ok(self.seal(batch, sequence, &FlushLimits::EVERYTHING))
    }

    /// How many pages all balances fill.
    pub fn page_count(&self) -> u64 {
        self.balances.count().div_ceil(PAGE_BALANCES)
    }

    fn enter_events(
        &mut self,
        reader: &Connection,
        from: i64,
        to: i64,
        pages: &mut PageSequences,
    ) -> Result<()> {
        let mut transfers = reader.prepare(&format!(
            "SELECT {COLUMNS} FROM transfer WHERE seq >= ? AND seq <= ? ORDER BY seq"
        ))?;
        let mut transfers = transfers.query([from, to])?;
        let mut events = reader.prepare(
            "SELECT seq, hold, debit, credit, asset, change, debit_previous, credit_previous FROM hold_event \
             WHERE seq >= ? AND seq <= ? ORDER BY seq",
        )?;
        let mut events = events.query([from, to])?;
        let mut transfer = transfers
            .next()?
            .map(read)
            .transpose()?
            .map(|stored| stored.row);
        let mut event = events.next()?.map(read_hold_event).transpose()?;
        loop {
            let transfer_first = match (&transfer, &event) {
                (None, None) => break,
                (Some(transfer), Some(event)) => transfer.sequence < event.sequence,
                (transfer, _) => transfer.is_some(),
            };
            if transfer_first {
                if let Some(row) = transfer.take() {
                    for account in [row.debit, row.credit] {
                        let link = Link::of_transfer(&row, account);
                        self.replay_link(reader, account, row.asset, &link, row.wide, pages)?;
                    }
                }
                transfer = transfers
                    .next()?
                    .map(read)
                    .transpose()?
                    .map(|stored| stored.row);
            } else {
                if let Some(row) = event.take() {
                    for account in [row.debit, row.credit]
                        .into_iter()
                        .filter(|account| *account != 0)
                    {
                        let link = Link::of_hold_event(&row, account);
                        self.replay_link(reader, account, row.asset, &link, row.wide, pages)?;
                    }
                }
                event = events.next()?.map(read_hold_event).transpose()?;
            }
        }
        Ok(())
    }

    /// Loads the pages of the accounts opened since `from`, whose balances may have been opened after their page was
    /// written and have no event that would load it. Pages need not have been written in the order of their numbers.
    fn complete_pages(
        &mut self,
        reader: &Connection,
        range: Range<u64>,
        from: i64,
        pages: &mut PageSequences,
    ) -> Result<()> {
        let count = self.balances.count();
        for page in range {
            let there = (count - page * PAGE_BALANCES).min(PAGE_BALANCES) as usize;
            if load::page(reader, page)?.is_none_or(|balances| balances.len() < there) {
                self.load_for_replay(reader, page, pages)?;
                self.balances.touch(page, from);
            }
        }
        Ok(())
    }

    fn load_for_replay(
        &mut self,
        reader: &Connection,
        page: u64,
        pages: &mut PageSequences,
    ) -> Result<()> {
        if pages.contains_key(&page) {
            return Ok(());
        }
        let mut balances = load::page(reader, page)?.unwrap_or_default();
        let first = page * PAGE_BALANCES + balances.len() as u64;
        let mut select = reader.prepare_cached(
            "SELECT account, asset FROM account_balance WHERE number >= ? AND number < ? ORDER BY number",
        )?;
        let rows = select
            .query_map((first as i64, ((page + 1) * PAGE_BALANCES) as i64), |row| {
                Ok(Balance::new(row.get::<_, i64>(0)? as u64, row.get(1)?))
            })?;
        for balance in rows {
            balances.push(balance?);
        }
        pages.insert(page, load::page_sequence(reader, page)?);
        self.balances.install(page, balances);
        Ok(())
    }

    fn replay_link(
        &mut self,
        reader: &Connection,
        account: u64,
        asset: u32,
        link: &Link,
        wide: bool,
        pages: &mut PageSequences,
    ) -> Result<()> {
        let slot = self.locate_number(reader, account)?;
        let found = match slot {
            Some(slot) => self.balance_number_unloaded(reader, slot, asset)?,
            None => None,
        };
        let Some(number) = found else {
            return Err(Error::new(
                Status::CORRUPT,
                format!(
                    "event {} is of account number {account}, which has no balance in asset {asset}",
                    link.sequence
                ),
            ));
        };
        let page = number / PAGE_BALANCES;
        self.load_for_replay(reader, page, pages)?;
        if pages
            .get(&page)
            .is_some_and(|sequence| link.sequence <= *sequence)
        {
            return Ok(());
        }
        let mut turnovers = self.turnovers(number);
        link.enter(&mut turnovers);
        self.enter(number, link.sequence, &turnovers, link.days, wide);
        Ok(())
    }
}
