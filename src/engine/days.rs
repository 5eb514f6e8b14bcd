//! Days and the life of accounts through a session: the end of a day or year run to its end, portion by portion, each
//! a commit of its own; and the questions about calendars, periods, sealed balances, corrections, scheduled transfers,
//! owners and blocks. Everything answers from the durable state.

use rusqlite::{Connection, Row, params_from_iter};

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::AccountKind;
use crate::ledger::balance::Turnovers;
use crate::ledger::calendar::{Calendar, next_business_day};
use crate::ledger::command::{AccountRef, BusinessDateRoll, Command, EndOfDay, YearEnd};
use crate::ledger::day_state::{BlockRow, DailyRow, OwnerLink, PeriodRow, Scheduled};
use crate::ledger::load;
use crate::ledger::outcome::Outcome;
use crate::ledger::query::{column, find};

use super::options::ExecuteOptions;
use super::query::AsOf;
use super::session::Session;
use super::simple::Items;

/// A sealed balance and what it is by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyBalance {
    pub day: Date,
    /// Sequence number of the seal; 0: nothing had been booked up to that day.
    pub sequence: i64,
    /// Turnovers booked up to the day, as known when it was sealed.
    pub sealed: Turnovers,
    /// The same, as known now.
    pub now: Turnovers,
}

/// A posting that reached into days that were sealed or closed: both accounts are to be computed again from `from` to
/// `through`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionAnswer {
    pub sequence: i64,
    /// Sequence number of the transfer.
    pub transfer: i64,
    pub id: Id,
    pub entity: u32,
    /// Account numbers.
    pub debit: u64,
    pub credit: u64,
    pub asset: u32,
    pub amount: u128,
    pub booking_date: Date,
    pub value_date: Date,
    pub from: Date,
    pub through: Date,
}

/// One account in one asset, in a trial balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialAccount {
    pub account: u64,
    pub id: Id,
    pub entity: u32,
    pub kind: AccountKind,
    pub asset: u32,
    pub gl_code: String,
    pub turnovers: Turnovers,
}

/// A page of a trial balance by account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialPage {
    pub lines: Vec<TrialAccount>,
    /// As of which sequence number everything is known; give it for the next page.
    pub sequence: i64,
    /// The account to go on after; 0: this was the last page.
    pub next: u64,
}

impl Session {
    /// Seals a day of an entity to its end, in portions of `portion` accounts (0: as the engine thinks), each durable
    /// when the next one begins: whatever ends the process, calling again goes on where it stood. Returns the outcome of
    /// the last portion; a day that was sealed before is no refusal.
    pub fn seal_day(&self, entity: u32, day: Date, portion: u32) -> Result<Outcome> {
        loop {
            let outcome = self.run_one(Command::EndOfDay(EndOfDay {
                key: Id::NONE,
                entity,
                day,
                portion,
            }))?;
            match outcome.status {
                Status::OK if outcome.number != 0 => {}
                Status::DAY_SEALED => {
                    return Ok(Outcome {
                        status: Status::OK,
                        repeated: true,
                        ..outcome
                    });
                }
                _ => return Ok(outcome),
            }
        }
    }

    /// Closes the income and expense accounts of an entity into retained earnings, as [`Session::seal_day`] does with
    /// a day; a refusal's `number` is that of the account in the way. Calling it again moves what was booked into the year
    /// since.
    pub fn close_year(
        &self,
        entity: u32,
        through: Date,
        retained: &AccountRef<'_>,
        code: u32,
    ) -> Result<Outcome> {
        loop {
            let outcome = self.run_one(Command::YearEnd(YearEnd {
                key: Id::NONE,
                entity,
                through,
                retained: *retained,
                code,
                portion: 0,
            }))?;
            if !outcome.status.is_ok() || outcome.number == 0 {
                return Ok(outcome);
            }
        }
    }

    /// Rolls the business date of an entity to the next business day of its calendar.
    pub fn next_day(&self, entity: u32) -> Result<Outcome> {
        self.run_one(Command::BusinessDateRoll(BusinessDateRoll {
            key: Id::NONE,
            entity,
            to: None,
            any_day: false,
        }))
    }

    fn run_one(&self, command: Command<'_>) -> Result<Outcome> {
        let mut outcomes = Vec::with_capacity(1);
        self.execute(
            &Items(&[command.into()]),
            &ExecuteOptions::default(),
            &mut outcomes,
        )?;
        outcomes
            .first()
            .copied()
            .ok_or_else(|| Error::new(Status::INTERNAL, "the batch came back without outcomes"))
    }

    /// All calendars, in the order of their numbers.
    pub fn calendars(&self) -> Result<Vec<Calendar>> {
        let _call = self.shared().enter()?;
        crate::ledger::calendar::load(&*self.shared().reader()?)
    }

    /// The first business day after a day in the calendar of an entity.
    pub fn business_day_after(&self, entity: u32, day: Date) -> Result<Date> {
        let number = self.entity(entity)?.calendar;
        let calendars = self.calendars()?;
        let calendar = calendars.iter().find(|calendar| calendar.number == number);
        next_business_day(calendar, day).ok_or_else(|| {
            Error::new(
                Status::INVALID_DATE,
                format!("there is no business day after {}", day.format()),
            )
        })
    }

    /// The closes of booking periods of an entity (0: all), oldest first.
    pub fn periods(&self, entity: u32) -> Result<Vec<PeriodRow>> {
        let _call = self.shared().enter()?;
        let reader = self.shared().reader()?;
        rows(
            &reader,
            "SELECT seq, entity, through, time FROM period WHERE ?1 = 0 OR entity = ?1 ORDER BY seq",
            [i64::from(entity)],
            |row| {
                Ok(PeriodRow {
                    sequence: row.get(0)?,
                    entity: row.get(1)?,
                    through: Date::from_days(row.get(2)?),
                    time: Timestamp::from_micros(row.get(3)?),
                })
            },
        )
    }

    /// The balances of an account in an asset on each sealed day from `from` to `to`, oldest first, at most `limit`:
    /// as they were sealed, and as they are by now.
    pub fn daily_balances(
        &self,
        account: &AccountRef<'_>,
        asset: u32,
        from: Date,
        to: Date,
        limit: usize,
    ) -> Result<Vec<DailyBalance>> {
        let record = self.account(account)?;
        let (days, sealed) = {
            let _call = self.shared().enter()?;
            let reader = self.shared().reader()?;
            let days: Vec<i32> = rows(
                &reader,
                "SELECT day FROM day_end WHERE entity = ? AND sealed != 0 AND day >= ? AND day <= ? ORDER BY day LIMIT ?",
                [
                    i64::from(record.entity),
                    i64::from(from.days()),
                    i64::from(to.days()),
                    limit.clamp(1, 10_000) as i64,
                ],
                |row| row.get(0),
            )?;
            let sealed = rows(
                &reader,
                "SELECT account, asset, day, seq, debits, credits FROM daily_balance WHERE account = ?1 AND asset = ?2 \
                 AND day <= ?4 AND day >= coalesce((SELECT max(day) FROM daily_balance WHERE account = ?1 AND asset = ?2 \
                 AND day <= ?3), ?3) ORDER BY day",
                [
                    record.number as i64,
                    i64::from(asset),
                    i64::from(from.days()),
                    i64::from(to.days()),
                ],
                read_daily,
            )?;
            (days, sealed)
        };
        let mut answers = Vec::with_capacity(days.len());
        for day in days {
            let count = sealed.partition_point(|row| row.day.days() <= day);
            let row = count.checked_sub(1).and_then(|last| sealed.get(last));
            let day = Date::from_days(day);
            let now =
                self.balance_as_of(&AccountRef::Id(record.id), asset, AsOf::Booking(day, 0))?;
            answers.push(DailyBalance {
                day,
                sequence: row.map_or(0, |row| row.sequence),
                sealed: Turnovers {
                    debits_posted: row.map_or(0, |row| row.debits),
                    credits_posted: row.map_or(0, |row| row.credits),
                    ..Turnovers::default()
                },
                now: now.turnovers,
            });
        }
        Ok(answers)
    }

    /// The corrections of an entity (0: all) after a sequence number, oldest first.
    pub fn corrections(
        &self,
        entity: u32,
        after: i64,
        limit: usize,
    ) -> Result<Vec<CorrectionAnswer>> {
        let _call = self.shared().enter()?;
        let reader = self.shared().reader()?;
        rows(
            &reader,
            "SELECT c.seq, c.transfer, t.id, c.entity, t.debit, t.credit, t.asset, t.amount, t.booking_date, \
             coalesce(t.value_date, t.booking_date), c.first_day, c.last_day FROM correction c \
             JOIN transfer t ON t.seq = c.transfer WHERE (?1 = 0 OR c.entity = ?1) AND c.seq > ?2 ORDER BY c.seq LIMIT ?3",
            [i64::from(entity), after, limit.clamp(1, 10_000) as i64],
            |row| {
                Ok(CorrectionAnswer {
                    sequence: row.get(0)?,
                    transfer: row.get(1)?,
                    id: column::id(row, 2)?,
                    entity: row.get(3)?,
                    debit: row.get::<_, i64>(4)? as u64,
                    credit: row.get::<_, i64>(5)? as u64,
                    asset: row.get(6)?,
                    amount: column::amount(row, 7)?,
                    booking_date: Date::from_days(row.get(8)?),
                    value_date: Date::from_days(row.get(9)?),
                    from: Date::from_days(row.get(10)?),
                    through: Date::from_days(row.get(11)?),
                })
            },
        )
    }

    /// A trial balance by account: the turnovers of the accounts of an entity (0: all) after an account number, at
    /// another time, at most `limit` accounts. As known at a sequence number or, where `when` names none, now: the
    /// page says when that was, so that the next page can be of the same moment.
    pub fn trial_balance_by_account(
        &self,
        entity: u32,
        when: AsOf,
        after: u64,
        limit: usize,
    ) -> Result<TrialPage> {
        let sequence = match when {
            AsOf::Sequence(sequence) | AsOf::Booking(_, sequence) | AsOf::Value(_, sequence)
                if sequence != 0 =>
            {
                sequence
            }
            _ => self.sequence()?,
        };
        let when = match when {
            AsOf::Now | AsOf::Sequence(_) => AsOf::Sequence(sequence),
            AsOf::Booking(day, _) => AsOf::Booking(day, sequence),
            AsOf::Value(day, _) => AsOf::Value(day, sequence),
        };
        let limit = limit.clamp(1, 10_000);
        let (records, assets) = {
            let _call = self.shared().enter()?;
            let reader = self.shared().reader()?;
            let records = find::all_accounts(&reader, after, limit)?;
            let assets = records
                .iter()
                .map(|record| load::account_balances(&reader, record.number))
                .collect::<Result<Vec<_>>>()?;
            (records, assets)
        };
        let next = match records.len() == limit {
            true => records.last().map_or(0, |record| record.number),
            false => 0,
        };
        let mut lines = Vec::new();
        for (record, assets) in records.into_iter().zip(assets) {
            if entity != 0 && record.entity != entity {
                continue;
            }
            for (asset, _) in assets {
                let account = AccountRef::Id(record.id);
                let turnovers = self.balance_as_of(&account, asset, when)?.turnovers;
                lines.push(TrialAccount {
                    account: record.number,
                    id: record.id,
                    entity: record.entity,
                    kind: record.kind,
                    asset,
                    gl_code: record.gl_code.clone(),
                    turnovers,
                });
            }
        }
        Ok(TrialPage {
            lines,
            sequence,
            next,
        })
    }

    /// The scheduled transfers of an entity (0: all) after a sequence number, oldest first; `waiting` alone, or all.
    pub fn scheduled(
        &self,
        entity: u32,
        waiting: bool,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Scheduled>> {
        let _call = self.shared().enter()?;
        let reader = self.shared().reader()?;
        rows(
            &reader,
            "SELECT * FROM scheduled_transfer WHERE (?1 = 0 OR entity = ?1) AND (?2 = 0 OR state = 1) AND seq > ?3 \
             ORDER BY seq LIMIT ?4",
            [
                i64::from(entity),
                i64::from(waiting),
                after,
                limit.clamp(1, 10_000) as i64,
            ],
            Scheduled::read,
        )
    }

    /// The owners of an account, those whose link ended included, in the order in which they were linked.
    pub fn owners(&self, account: &AccountRef<'_>) -> Result<Vec<OwnerLink>> {
        let number = self.account(account)?.number;
        let _call = self.shared().enter()?;
        let reader = self.shared().reader()?;
        rows(
            &reader,
            "SELECT * FROM account_owner WHERE account = ? ORDER BY seq",
            [number as i64],
            OwnerLink::read,
        )
    }

    /// The blocks that were set and lifted on an account, oldest first.
    pub fn blocks(&self, account: &AccountRef<'_>) -> Result<Vec<BlockRow>> {
        let number = self.account(account)?.number;
        let _call = self.shared().enter()?;
        let reader = self.shared().reader()?;
        rows(
            &reader,
            "SELECT seq, account, side, is_set, reason, authority, actor, time FROM account_block WHERE account = ? \
             ORDER BY seq",
            [number as i64],
            |row| {
                Ok(BlockRow {
                    sequence: row.get(0)?,
                    account: row.get::<_, i64>(1)? as u64,
                    side: row.get(2)?,
                    set: row.get(3)?,
                    reason: column::text(row, 4)?,
                    authority: column::text(row, 5)?,
                    actor: row.get(6)?,
                    time: Timestamp::from_micros(row.get(7)?),
                })
            },
        )
    }
}

fn read_daily(row: &Row<'_>) -> rusqlite::Result<DailyRow> {
    Ok(DailyRow {
        account: row.get::<_, i64>(0)? as u64,
        asset: row.get(1)?,
        wide: column::is_wide(row, 4)?,
        day: Date::from_days(row.get(2)?),
        sequence: row.get(3)?,
        debits: column::amount(row, 4)?,
        credits: column::amount(row, 5)?,
    })
}

fn rows<T, const VALUES: usize>(
    reader: &Connection,
    sql: &str,
    values: [i64; VALUES],
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut select = reader.prepare_cached(sql)?;
    let found = select.query_map(params_from_iter(values), read)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}
