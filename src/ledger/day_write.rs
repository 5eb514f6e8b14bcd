//! The tables of days and of the life of accounts, and the rows that a batch writes into them. Writing decides nothing.

use rusqlite::Connection;

use crate::base::time::{Date, Timestamp};
use crate::ledger::calendar::{self, Calendar};
use crate::ledger::day_state::{
    Activity, BlockRow, CorrectionRow, DailyRow, DayEnd, OwnerLink, PeriodRow, Scheduled,
    YearEndRun,
};
use crate::ledger::write::Stored;

/// What one batch writes of all this.
#[derive(Debug, Default)]
pub struct DayWrites {
    pub daily: Vec<DailyRow>,
    pub corrections: Vec<CorrectionRow>,
    pub blocks: Vec<BlockRow>,
    pub periods: Vec<PeriodRow>,
    pub(super) calendars: Vec<Calendar>,
    pub(super) business_days: Vec<((u32, i32), i64)>,
    pub(super) day_ends: Vec<DayEnd>,
    pub(super) year_ends: Vec<YearEndRun>,
    pub(super) schedules: Vec<Scheduled>,
    pub(super) activity: Vec<(u64, Activity)>,
    pub(super) owners: Vec<OwnerLink>,
}

/// The tables.
pub const TABLES: &str = "
CREATE TABLE calendar(
  number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, weekend INTEGER NOT NULL, seq INTEGER NOT NULL
);
CREATE TABLE calendar_holiday(calendar INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY(calendar, day)) WITHOUT ROWID;
CREATE TABLE business_day(
  entity INTEGER NOT NULL, day INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(entity, day)
) WITHOUT ROWID;
CREATE TABLE period(seq INTEGER PRIMARY KEY, entity INTEGER NOT NULL, through INTEGER NOT NULL, time INTEGER NOT NULL);
CREATE TABLE day_end(
  entity INTEGER NOT NULL, day INTEGER NOT NULL, next_account INTEGER NOT NULL, after INTEGER, floor INTEGER NOT NULL,
  begun INTEGER NOT NULL, sealed INTEGER NOT NULL, PRIMARY KEY(entity, day)
) WITHOUT ROWID;
CREATE TABLE daily_balance(
  account INTEGER NOT NULL, asset INTEGER NOT NULL, day INTEGER NOT NULL, seq INTEGER NOT NULL,
  debits NOT NULL, credits NOT NULL, PRIMARY KEY(account, asset, day)
) WITHOUT ROWID;
CREATE TABLE correction(
  seq INTEGER PRIMARY KEY, transfer INTEGER NOT NULL, entity INTEGER NOT NULL, first_day INTEGER NOT NULL,
  last_day INTEGER NOT NULL
);
CREATE TABLE year_end(
  entity INTEGER NOT NULL, begun INTEGER NOT NULL, through INTEGER NOT NULL, retained INTEGER NOT NULL,
  next_account INTEGER NOT NULL, done INTEGER NOT NULL, PRIMARY KEY(entity, begun)
) WITHOUT ROWID;
CREATE INDEX account_result ON account(entity, number) WHERE kind IN (4, 5);
CREATE TABLE scheduled_transfer(
  seq INTEGER PRIMARY KEY, key BLOB NOT NULL, transfer_id BLOB NOT NULL, entity INTEGER NOT NULL,
  debit INTEGER NOT NULL, credit INTEGER NOT NULL, asset INTEGER NOT NULL, amount NOT NULL,
  booking_date INTEGER NOT NULL, state INTEGER NOT NULL, status INTEGER NOT NULL, ended INTEGER NOT NULL,
  actor INTEGER NOT NULL, on_behalf_of INTEGER NOT NULL, salt BLOB, end_to_end_reference TEXT, reference TEXT,
  narrative TEXT, metadata TEXT
);
CREATE INDEX scheduled_transfer_waiting ON scheduled_transfer(entity, booking_date) WHERE state = 1;
CREATE TABLE account_activity(
  account INTEGER PRIMARY KEY, active INTEGER NOT NULL, checked INTEGER NOT NULL, dormant_since INTEGER
);
CREATE TABLE account_owner(
  seq INTEGER PRIMARY KEY, key BLOB NOT NULL, account INTEGER NOT NULL, owner TEXT NOT NULL, role TEXT NOT NULL,
  salt BLOB, valid_from INTEGER NOT NULL, valid_to INTEGER
);
CREATE INDEX account_owner_account ON account_owner(account);
CREATE TABLE account_block(
  seq INTEGER PRIMARY KEY, account INTEGER NOT NULL, side INTEGER NOT NULL, is_set INTEGER NOT NULL,
  reason TEXT NOT NULL, authority TEXT NOT NULL, actor INTEGER NOT NULL, time INTEGER NOT NULL
);
CREATE INDEX account_block_account ON account_block(account);
";

impl DayWrites {
    /// Writes everything, within the caller's transaction.
    pub fn apply(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.apply_days(connection)?;
        self.apply_accounts(connection)
    }

    fn apply_days(&self, connection: &Connection) -> rusqlite::Result<()> {
        for row in &self.calendars {
            calendar::write(connection, row)?;
        }
        for ((entity, day), sequence) in &self.business_days {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO business_day(entity, day, seq) VALUES(?,?,?)",
                )?
                .execute((entity, day, sequence))?;
        }
        for row in &self.periods {
            connection
                .prepare_cached("INSERT INTO period(seq, entity, through, time) VALUES(?,?,?,?)")?
                .execute((
                    row.sequence,
                    row.entity,
                    row.through.days(),
                    row.time.micros(),
                ))?;
        }
        for row in &self.day_ends {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO day_end(entity, day, next_account, after, floor, begun, sealed) \
                     VALUES(?,?,?,?,?,?,?)",
                )?
                .execute((
                    row.entity,
                    row.day.days(),
                    row.next_account as i64,
                    row.after.map(Date::days),
                    row.floor,
                    row.begun,
                    row.sealed,
                ))?;
        }
        if !self.daily.is_empty() {
            let mut insert = connection.prepare_cached(
                "INSERT INTO daily_balance(account, asset, day, seq, debits, credits) VALUES(?,?,?,?,?,?)",
            )?;
            for row in &self.daily {
                insert.execute((
                    row.account as i64,
                    row.asset,
                    row.day.days(),
                    row.sequence,
                    Stored::new(row.wide, row.debits),
                    Stored::new(row.wide, row.credits),
                ))?;
            }
        }
        for row in &self.corrections {
            connection
                .prepare_cached(
                    "INSERT INTO correction(seq, transfer, entity, first_day, last_day) VALUES(?,?,?,?,?)",
                )?
                .execute((
                    row.sequence,
                    row.transfer,
                    row.entity,
                    row.from.days(),
                    row.through.days(),
                ))?;
        }
        for row in &self.year_ends {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO year_end(entity, begun, through, retained, next_account, done) \
                     VALUES(?,?,?,?,?,?)",
                )?
                .execute((
                    row.entity,
                    row.begun,
                    row.through.days(),
                    row.retained as i64,
                    row.next_account as i64,
                    row.done,
                ))?;
        }
        Ok(())
    }

    fn apply_accounts(&self, connection: &Connection) -> rusqlite::Result<()> {
        for row in &self.schedules {
            row.write(connection)?;
        }
        for (account, row) in &self.activity {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO account_activity(account, active, checked, dormant_since) VALUES(?,?,?,?)",
                )?
                .execute((
                    *account as i64,
                    row.active.days(),
                    row.checked,
                    row.dormant_since.map(Date::days),
                ))?;
        }
        for row in &self.owners {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO account_owner(seq, key, account, owner, role, salt, valid_from, valid_to) \
                     VALUES(?,?,?,?,?,?,?,?)",
                )?
                .execute((
                    row.sequence,
                    &row.key.0[..],
                    row.account as i64,
                    &row.owner,
                    &row.role,
                    row.salt,
                    row.valid_from.micros(),
                    row.valid_to.map(Timestamp::micros),
                ))?;
        }
        for row in &self.blocks {
            connection
                .prepare_cached(
                    "INSERT INTO account_block(seq, account, side, is_set, reason, authority, actor, time) \
                     VALUES(?,?,?,?,?,?,?,?)",
                )?
                .execute((
                    row.sequence,
                    row.account as i64,
                    row.side,
                    row.set,
                    &row.reason,
                    &row.authority,
                    row.actor,
                    row.time.micros(),
                ))?;
        }
        Ok(())
    }
}

impl Scheduled {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        let [end_to_end_reference, reference, narrative, metadata] = &self.texts;
        let values: [&dyn rusqlite::ToSql; 19] = [
            &self.sequence,
            &self.key.0,
            &self.transfer.0,
            &self.entity,
            &(self.debit as i64),
            &(self.credit as i64),
            &self.asset,
            &Stored::new(self.wide, self.amount),
            &self.booking_date.days(),
            &self.state.number(),
            &self.status.code(),
            &self.ended,
            &self.actor,
            &self.on_behalf_of,
            &self.salt,
            &text(end_to_end_reference),
            &text(reference),
            &text(narrative),
            &text(metadata),
        ];
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO scheduled_transfer(seq, key, transfer_id, entity, debit, credit, asset, amount, \
                 booking_date, state, status, ended, actor, on_behalf_of, salt, end_to_end_reference, reference, narrative, \
                 metadata) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            )?
            .execute(&values[..])?;
        Ok(())
    }
}
