//! The rows that a batch adds to the ledger's tables, owned, so that any thread can write them while the next
//! batch is evaluated. Writing decides nothing: everything was decided when the rows were made.

use hashbrown::HashMap;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{AccountRecord, Limit};
use crate::ledger::asset::Asset;
use crate::ledger::balance::{PageWrite, Turnovers, Window};
use crate::ledger::books::BooksWrites;
use crate::ledger::command::UserData;
use crate::ledger::day_write::DayWrites;
use crate::ledger::entity::Entity;
use crate::ledger::hold::Hold;
use crate::ledger::write_transfer;

/// A transfer as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct TransferRow {
    pub sequence: i64,
    pub id: Id,
    pub time: Timestamp,
    pub actor: u32,
    pub on_behalf_of: u32,
    /// Account numbers.
    pub debit: u64,
    pub credit: u64,
    pub asset: u32,
    pub wide: bool,
    pub amount: u128,
    /// What a balancing transfer or an open capture asked for, when it is not the amount.
    pub requested: Option<u128>,
    pub booking_date: Date,
    pub value_date: Date,
    pub code: u32,
    pub flags: u32,
    /// Sequence numbers of the previous events of the two balances; 0: none.
    pub debit_previous: i64,
    pub credit_previous: i64,
    pub transaction: Id,
    /// Sequence number of the captured hold, and how much of it ended; 0: none.
    pub hold: i64,
    pub unheld: u128,
    /// Sequence number of the reversed transfer; 0: none.
    pub reverses: i64,
    /// The account that a reversal named to pay when the beneficiary cannot; 0: none.
    pub recovery: u64,
    pub user_data: UserData,
    /// Index into [`LedgerWrites::details`].
    pub details: Option<u32>,
}

/// Texts and rates of a transfer; the texts lie in [`LedgerWrites::text`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetailsRow {
    pub end_to_end_reference: (u32, u32),
    pub reference: (u32, u32),
    pub narrative: (u32, u32),
    pub metadata: (u32, u32),
    pub source_system: (u32, u32),
    pub rate_source: (u32, u32),
    pub rate: Option<(i128, u8)>,
    pub functional_amount: Option<i128>,
    /// Salt and commitment of the texts; `None`: there are none.
    pub commitment: Option<([u8; 16], [u8; 32])>,
}

impl DetailsRow {
    /// Whether there are a rate, its amount or a source system.
    pub fn has_more_than_texts(&self) -> bool {
        self.rate.is_some()
            || self.functional_amount.is_some()
            || self.rate_source.1 != 0
            || self.source_system.1 != 0
    }
}

/// A change of what is held: placed, increased, released, expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldEventRow {
    pub sequence: i64,
    /// Sequence number of the hold.
    pub hold: i64,
    pub debit: u64,
    /// 0: no counterparty.
    pub credit: u64,
    pub asset: u32,
    pub wide: bool,
    /// Change of the pending amount; negative when a hold ends.
    pub change: i128,
    pub debit_previous: i64,
    pub credit_previous: i64,
}

/// A posting mark: the state of a balance after each 256th of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkRow {
    pub account: u64,
    pub asset: u32,
    pub wide: bool,
    /// Sequence number of the event that the mark stands after.
    pub sequence: i64,
    pub events: u64,
    pub turnovers: Turnovers,
    pub window: Window,
}

/// An external number of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRow {
    /// Sequence number of the change that gave it.
    pub sequence: i64,
    pub account: u64,
    pub number_type: String,
    pub number: String,
    pub valid_from: Timestamp,
    pub valid_to: Option<Timestamp>,
    /// It ends at this time by itself.
    pub expires_at: Option<Timestamp>,
}

/// A balance that an account has from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountBalanceRow {
    pub account: u64,
    pub asset: u32,
    pub number: u64,
    /// Whether the account had none before: then it is kept with the account, too.
    pub first: bool,
}

/// What one batch writes into the ledger's tables.
#[derive(Debug, Default)]
pub struct LedgerWrites {
    pub transfers: Vec<TransferRow>,
    pub details: Vec<DetailsRow>,
    pub text: String,
    pub hold_events: Vec<HoldEventRow>,
    pub marks: Vec<MarkRow>,
    pub accounts: Vec<AccountRecord>,
    pub account_balances: Vec<AccountBalanceRow>,
    pub account_flags: Vec<(u64, u32)>,
    pub pages: Vec<PageWrite>,
    pub entities: Vec<Entity>,
    pub assets: Vec<Asset>,
    pub limits: Vec<(u64, Vec<Limit>)>,
    /// By account and side; `None`: lifted.
    pub holds: Vec<Hold>,
    pub numbers: Vec<NumberRow>,
    pub reversed: Vec<(i64, i128)>,
    pub books: BooksWrites,
    pub days: DayWrites,
}

/// Transfers for which memory is kept from batch to batch.
const KEPT_ROWS: usize = 1 << 15;

/// An unsigned amount as it is stored: INTEGER for a narrow asset, 16 ordered bytes for a wide one.
pub struct Stored {
    wide: bool,
    value: u128,
    bytes: [u8; 16],
}

impl Stored {
    /// The stored form of `value`.
    #[inline]
    pub fn new(wide: bool, value: u128) -> Stored {
        Stored {
            wide,
            value,
            bytes: if wide { value.to_be_bytes() } else { [0; 16] },
        }
    }

    /// The stored form of a signed value; wide ones have their sign bit flipped so that bytes sort as numbers.
    #[inline]
    pub fn signed(wide: bool, value: i128) -> Stored {
        let bytes = if wide {
            ((value as u128) ^ (1 << 127)).to_be_bytes()
        } else {
            [0; 16]
        };
        Stored {
            wide,
            value: value as u128,
            bytes,
        }
    }
}

impl ToSql for Stored {
    #[inline]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(if self.wide {
            ToSqlOutput::Borrowed(ValueRef::Blob(&self.bytes))
        } else {
            ToSqlOutput::Borrowed(ValueRef::Integer(self.value as i64))
        })
    }
}

impl LedgerWrites {
    /// Keeps a text and returns where it is.
    pub fn keep(&mut self, text: &str) -> (u32, u32) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        (start, text.len() as u32)
    }

    /// A kept text.
    pub fn kept(&self, (start, length): (u32, u32)) -> &str {
        self.text
            .get(start as usize..(start + length) as usize)
            .unwrap_or("")
    }

    /// The same without content, keeping the memory of what every batch has, unless it is a lot.
    pub fn emptied(self) -> LedgerWrites {
        let LedgerWrites {
            mut transfers,
            mut details,
            mut text,
            mut marks,
            ..
        } = self;
        if transfers.capacity() > KEPT_ROWS || text.capacity() > KEPT_ROWS * 256 {
            return LedgerWrites::default();
        }
        transfers.clear();
        details.clear();
        text.clear();
        marks.clear();
        LedgerWrites {
            transfers,
            details,
            text,
            marks,
            ..LedgerWrites::default()
        }
    }

    /// Makes room for as many transfers as another batch has, so that it need not grow step by step.
    pub fn expect_as_many_as(&mut self, other: &LedgerWrites) {
        self.transfers.reserve(other.transfers.len().min(KEPT_ROWS));
        self.details.reserve(other.details.len().min(KEPT_ROWS));
        self.text.reserve(other.text.len().min(KEPT_ROWS));
    }

    /// The transfer with a sequence number, if this batch has it.
    pub fn transfer(&self, sequence: i64) -> Option<&TransferRow> {
        let index = self
            .transfers
            .binary_search_by_key(&sequence, |row| row.sequence)
            .ok()?;
        self.transfers.get(index)
    }

    /// The hold event with a sequence number, if this batch has it.
    pub fn hold_event(&self, sequence: i64) -> Option<&HoldEventRow> {
        let index = self
            .hold_events
            .binary_search_by_key(&sequence, |row| row.sequence)
            .ok()?;
        self.hold_events.get(index)
    }

    /// Writes everything, within the caller's transaction.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        write_transfer::insert(self, connection)?;
        self.apply_truth(connection)?;
        Ok(self.apply_state(connection)?)
    }

    fn apply_truth(&self, connection: &Connection) -> rusqlite::Result<()> {
        if !self.hold_events.is_empty() {
            let mut insert = connection.prepare_cached(
                "INSERT INTO hold_event(seq, hold, debit, credit, asset, change, debit_previous, credit_previous) \
                 VALUES(?,?,?,?,?,?,?,?)",
            )?;
            for row in &self.hold_events {
                let change = Stored::signed(row.wide, row.change);
                insert.execute((
                    row.sequence,
                    row.hold,
                    row.debit as i64,
                    row.credit as i64,
                    row.asset,
                    change,
                    row.debit_previous,
                    row.credit_previous,
                ))?;
            }
        }
        if !self.marks.is_empty() {
            let mut insert = connection.prepare_cached(
                "INSERT INTO posting_mark(account, asset, seq, events, debits_posted, credits_posted, debits_pending, \
                 credits_pending, booking_first, booking_last, value_first, value_last) \
                 VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
            )?;
            for row in &self.marks {
                insert.execute((
                    row.account as i64,
                    row.asset,
                    row.sequence,
                    row.events as i64,
                    Stored::new(row.wide, row.turnovers.debits_posted),
                    Stored::new(row.wide, row.turnovers.credits_posted),
                    Stored::new(row.wide, row.turnovers.debits_pending),
                    Stored::new(row.wide, row.turnovers.credits_pending),
                    row.window.booking_first,
                    row.window.booking_last,
                    row.window.value_first,
                    row.window.value_last,
                ))?;
            }
        }
        Ok(())
    }

    fn apply_state(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.apply_accounts(connection)?;
        for (account, flags) in &self.account_flags {
            connection
                .prepare_cached("UPDATE account SET flags = ? WHERE number = ?")?
                .execute((flags, *account as i64))?;
        }
        if !self.pages.is_empty() {
            let mut text = String::new();
            let mut insert = connection.prepare_cached(
                "INSERT OR REPLACE INTO balance_page(page, seq, balances) VALUES(?,?,?)",
            )?;
            for page in &self.pages {
                text.clear();
                crate::ledger::schema::write_page(&page.balances, &mut text);
                insert.execute((page.number as i64, page.sequence, text.as_str()))?;
            }
        }
        self.apply_rare(connection)
    }

    fn apply_accounts(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut first: HashMap<u64, &AccountBalanceRow> = self
            .account_balances
            .iter()
            .filter_map(|row| row.first.then_some((row.account, row)))
            .collect();
        if !self.accounts.is_empty() {
            let mut insert = connection.prepare_cached(
                "INSERT INTO account(number, id, entity, kind, flags, asset, first_asset, first_balance, parent, \
                 name, gl_code, branch, cost_centre, product, owner, salt, user_data_wide, user_data_long, \
                 user_data_short, seq, opened_at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            )?;
            for row in &self.accounts {
                let first = first.remove(&row.number);
                let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                let values: [&dyn ToSql; 21] = [
                    &(row.number as i64),
                    &row.id.0,
                    &row.entity,
                    &row.kind.number(),
                    &row.flags,
                    &row.asset,
                    &first.map(|first| first.asset),
                    &first.map(|first| first.number as i64),
                    &(row.parent_number != 0).then_some(row.parent_number as i64),
                    &text(&row.name),
                    &text(&row.gl_code),
                    &text(&row.branch),
                    &text(&row.cost_centre),
                    &text(&row.product),
                    &text(&row.owner),
                    &row.salt,
                    &(row.user_data.wide != 0).then(|| row.user_data.wide.to_be_bytes()),
                    &(row.user_data.long != 0).then_some(row.user_data.long as i64),
                    &(row.user_data.short != 0).then_some(row.user_data.short),
                    &row.sequence,
                    &row.opened_at.micros(),
                ];
                insert.execute(&values[..])?;
            }
        }
        for row in &self.account_balances {
            connection
                .prepare_cached(
                    "INSERT INTO account_balance(account, asset, number) VALUES(?,?,?)",
                )?
                .execute((row.account as i64, row.asset, row.number as i64))?;
            if first.contains_key(&row.account) && row.first {
                connection
                    .prepare_cached(
                        "UPDATE account SET first_asset = ?, first_balance = ? WHERE number = ?",
                    )?
                    .execute((row.asset, row.number as i64, row.account as i64))?;
            }
        }
        Ok(())
    }

    fn apply_rare(&self, connection: &Connection) -> rusqlite::Result<()> {
        for entity in &self.entities {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO entity(number, id, name, functional_currency, time_zone, business_date, \
                     follows_clock, closed_through, calendar, dormant_after, sealed_through, sealing, year_end) \
                     VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                )?
                .execute((
                    entity.number,
                    &entity.id.0[..],
                    &entity.name,
                    entity.functional_currency,
                    &entity.time_zone,
                    entity.business_date.days(),
                    entity.follows_clock,
                    entity.closed_through.map(Date::days),
                    entity.calendar,
                    entity.dormant_after,
                    entity.sealed_through.map(Date::days),
                    entity.sealing.map(Date::days),
                    entity.year_end,
                ))?;
        }
        for asset in &self.assets {
            connection
                .prepare_cached("INSERT OR REPLACE INTO asset(number, code, scale, kind, wide) VALUES(?,?,?,?,?)")?
                .execute((asset.number, &asset.code, asset.scale, asset.kind.number(), asset.wide))?;
        }
        for (account, limits) in &self.limits {
            connection
                .prepare_cached("DELETE FROM account_limit WHERE account = ?")?
                .execute([*account as i64])?;
            for limit in limits {
                connection
                    .prepare_cached("INSERT INTO account_limit(account, asset, kind, amount, expires_at) VALUES(?,?,?,?,?)")?
                    .execute((
                        *account as i64,
                        limit.asset,
                        limit.kind.number(),
                        limit.amount.to_string(),
                        limit.expires_at.map(Timestamp::micros),
                    ))?;
            }
        }
        for hold in &self.holds {
            hold.write(connection)?;
        }
        for row in &self.numbers {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO account_number(seq, account, type, number, valid_from, valid_to, expires_at) \
                     VALUES(?,?,?,?,?,?,?)",
                )?
                .execute((
                    row.sequence,
                    row.account as i64,
                    &row.number_type,
                    &row.number,
                    row.valid_from.micros(),
                    row.valid_to.map(Timestamp::micros),
                    row.expires_at.map(Timestamp::micros),
                ))?;
        }
        for (sequence, amount) in &self.reversed {
            connection
                .prepare_cached("INSERT OR REPLACE INTO reversed(transfer, amount) VALUES(?,?)")?
                .execute((sequence, amount.to_string()))?;
        }
        self.books.apply(connection)?;
        self.days.apply(connection)
    }
}
