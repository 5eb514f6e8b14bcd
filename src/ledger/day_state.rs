//! What the ledger keeps about days and the life of accounts, apart from the entities and accounts themselves: one
//! value with one mark, so that it is rolled back, sealed and made durable as a whole. Rows that nothing decides on
//! (sealed balances, corrections, blocks, closed periods) are only written.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::ledger::cache::CachedRows;
use crate::ledger::calendar::{self, Calendar};
use crate::ledger::day_write::DayWrites;
use crate::ledger::query::column;
use crate::tx::{BatchNumber, Mark};

/// How far the end of a day has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayEnd {
    pub entity: u32,
    pub day: Date,
    /// The account to go on with.
    pub next_account: u64,
    /// The day that was sealed before it.
    pub after: Option<Date>,
    /// No posting before this sequence number is booked later than `after`.
    pub floor: i64,
    /// Sequence number of the first portion, and of the last one (0: not yet).
    pub begun: i64,
    pub sealed: i64,
}

/// How far the close of a year has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearEndRun {
    pub entity: u32,
    pub through: Date,
    /// Number of the retained earnings account.
    pub retained: u64,
    /// The account to go on with.
    pub next_account: u64,
    pub begun: i64,
    pub done: bool,
}

/// Where a scheduled transfer stands; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScheduleState {
    Waiting,
    Booked,
    Refused,
    Cancelled,
}

impl ScheduleState {
    pub const ALL: [ScheduleState; 4] = [
        ScheduleState::Waiting,
        ScheduleState::Booked,
        ScheduleState::Refused,
        ScheduleState::Cancelled,
    ];

    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            ScheduleState::Waiting => 1,
            ScheduleState::Booked => 2,
            ScheduleState::Refused => 3,
            ScheduleState::Cancelled => 4,
        }
    }

    /// The state with a stored number.
    pub fn from_number(number: u8) -> Option<ScheduleState> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }
}

/// A transfer that waits for its booking date. The rest of it is in the content of its change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Sequence number of the change that scheduled it.
    pub sequence: i64,
    pub key: Id,
    pub transfer: Id,
    pub entity: u32,
    /// Account numbers, as they were named when it was scheduled.
    pub debit: u64,
    pub credit: u64,
    pub asset: u32,
    pub wide: bool,
    pub amount: u128,
    pub booking_date: Date,
    pub state: ScheduleState,
    /// Why it was refused.
    pub status: Status,
    /// Sequence number of the transfer, the refusal or the cancellation; 0: it waits.
    pub ended: i64,
    pub actor: u32,
    pub on_behalf_of: u32,
    pub salt: Option<[u8; 16]>,
    /// The personal texts.
    pub texts: [String; 4],
}

/// When an account of a customer's was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Booking date of the newest movement of the customer's that is known; at first the opening.
    pub active: Date,
    /// Movements up to this sequence number are taken into account.
    pub checked: i64,
    /// The account is dormant since the end of this day.
    pub dormant_since: Option<Date>,
}

/// A link between an account and an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLink {
    /// Sequence number of the change that gave it.
    pub sequence: i64,
    pub key: Id,
    pub account: u64,
    pub owner: String,
    pub role: String,
    pub salt: Option<[u8; 16]>,
    pub valid_from: Timestamp,
    pub valid_to: Option<Timestamp>,
}

/// A sealed balance: the turnovers booked up to a day, as known at `sequence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyRow {
    pub account: u64,
    pub asset: u32,
    pub wide: bool,
    pub day: Date,
    pub sequence: i64,
    pub debits: u128,
    pub credits: u128,
}

/// A posting that reached into days that were sealed or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionRow {
    /// Sequence number of the change.
    pub sequence: i64,
    /// Sequence number of the transfer.
    pub transfer: i64,
    pub entity: u32,
    /// Both accounts are to be computed again for these days.
    pub from: Date,
    pub through: Date,
}

/// A block that was set, or lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRow {
    pub sequence: i64,
    pub account: u64,
    /// 1 debit, 2 credit.
    pub side: u8,
    pub set: bool,
    pub reason: String,
    pub authority: String,
    pub actor: u32,
    pub time: Timestamp,
}

/// A close of a booking period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodRow {
    pub sequence: i64,
    pub entity: u32,
    pub through: Date,
    pub time: Timestamp,
}

/// The state.
pub struct DayState {
    pub calendars: CachedRows<u32, Calendar>,
    /// The change that opened each business date of an entity.
    pub business_days: CachedRows<(u32, i32), i64>,
    pub day_ends: CachedRows<(u32, i32), DayEnd>,
    /// By entity and the sequence number of the first portion.
    pub year_ends: CachedRows<(u32, i64), YearEndRun>,
    pub schedules: CachedRows<i64, Scheduled>,
    pub activity: CachedRows<u64, Activity>,
    pub owners: CachedRows<i64, OwnerLink>,
}

/// A position in [`DayState`] and in the open [`DayWrites`].
#[derive(Clone, Copy, Debug)]
pub struct DayMark {
    rows: [Mark; 7],
    writes: [usize; 4],
}

/// Runs `$run!(field)` for every table of the state.
macro_rules! each_table {
    ($run:ident) => {
        $run!(calendars);
        $run!(business_days);
        $run!(day_ends);
        $run!(year_ends);
        $run!(schedules);
        $run!(activity);
        $run!(owners);
    };
}

impl DayState {
    /// The state of a file, keeping about `rows` unchanged rows of each table.
    pub fn open(reader: &Connection, rows: usize) -> Result<DayState> {
        let mut state = DayState {
            calendars: CachedRows::new(usize::MAX),
            business_days: CachedRows::new(rows),
            day_ends: CachedRows::new(rows),
            year_ends: CachedRows::new(rows),
            schedules: CachedRows::new(rows),
            activity: CachedRows::new(rows),
            owners: CachedRows::new(rows),
        };
        for calendar in calendar::load(reader)? {
            state.calendars.install(calendar.number, calendar);
        }
        Ok(state)
    }

    /// A position to roll back to.
    pub fn mark(&self, open: &DayWrites) -> DayMark {
        DayMark {
            rows: [
                self.calendars.mark(),
                self.business_days.mark(),
                self.day_ends.mark(),
                self.year_ends.mark(),
                self.schedules.mark(),
                self.activity.mark(),
                self.owners.mark(),
            ],
            writes: [
                open.daily.len(),
                open.corrections.len(),
                open.blocks.len(),
                open.periods.len(),
            ],
        }
    }

    /// Takes back everything after `mark`.
    pub fn roll_back(&mut self, mark: &DayMark, open: &mut DayWrites) {
        let mut rows = mark.rows.into_iter();
        macro_rules! roll_back {
            ($table:ident) => {
                if let Some(mark) = rows.next() {
                    self.$table.roll_back(mark);
                }
            };
        }
        each_table!(roll_back);
        let [daily, corrections, blocks, periods] = mark.writes;
        open.daily.truncate(daily);
        open.corrections.truncate(corrections);
        open.blocks.truncate(blocks);
        open.periods.truncate(periods);
    }

    /// Seals the open batch into `writes`.
    pub fn seal(&mut self, batch: BatchNumber, writes: &mut DayWrites) {
        macro_rules! rows {
            ($table:ident) => {
                self.$table
                    .seal(batch)
                    .into_iter()
                    .filter_map(|(_, row)| row)
                    .collect()
            };
        }
        macro_rules! keyed_rows {
            ($table:ident) => {
                self.$table
                    .seal(batch)
                    .into_iter()
                    .filter_map(|(key, row)| Some((key, row?)))
                    .collect()
            };
        }
        writes.calendars = rows!(calendars);
        writes.business_days = keyed_rows!(business_days);
        writes.day_ends = rows!(day_ends);
        writes.year_ends = rows!(year_ends);
        writes.schedules = rows!(schedules);
        writes.activity = keyed_rows!(activity);
        writes.owners = rows!(owners);
    }

    /// Batches up to `batch` are durable.
    pub fn durable(&mut self, batch: BatchNumber) {
        macro_rules! durable {
            ($table:ident) => {
                self.$table.durable(batch);
            };
        }
        each_table!(durable);
    }

    /// Takes back everything that is not durable.
    pub fn discard_undurable(&mut self) {
        macro_rules! discard {
            ($table:ident) => {
                self.$table.discard_undurable();
            };
        }
        each_table!(discard);
    }
}

impl Scheduled {
    /// Reads a row of `SELECT * FROM scheduled_transfer`.
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Scheduled> {
        Ok(Scheduled {
            sequence: row.get(0)?,
            key: column::id(row, 1)?,
            transfer: column::id(row, 2)?,
            entity: row.get(3)?,
            debit: row.get::<_, i64>(4)? as u64,
            credit: row.get::<_, i64>(5)? as u64,
            asset: row.get(6)?,
            wide: column::is_wide(row, 7)?,
            amount: column::amount(row, 7)?,
            booking_date: Date::from_days(row.get(8)?),
            state: column::known(row, 9, ScheduleState::from_number)?,
            status: Status::from_code(row.get(10)?).unwrap_or(Status::OK),
            ended: row.get(11)?,
            actor: row.get(12)?,
            on_behalf_of: row.get(13)?,
            salt: row.get(14)?,
            texts: [
                column::text(row, 15)?,
                column::text(row, 16)?,
                column::text(row, 17)?,
                column::text(row, 18)?,
            ],
        })
    }
}

impl OwnerLink {
    /// Reads a row of `SELECT * FROM account_owner`.
    pub fn read(row: &Row<'_>) -> rusqlite::Result<OwnerLink> {
        Ok(OwnerLink {
            sequence: row.get(0)?,
            key: column::id(row, 1)?,
            account: row.get::<_, i64>(2)? as u64,
            owner: column::text(row, 3)?,
            role: column::text(row, 4)?,
            salt: row.get(5)?,
            valid_from: Timestamp::from_micros(row.get(6)?),
            valid_to: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
        })
    }
}

/// Reads a row of `SELECT * FROM day_end`.
pub fn read_day_end(row: &Row<'_>) -> rusqlite::Result<DayEnd> {
    Ok(DayEnd {
        entity: row.get(0)?,
        day: Date::from_days(row.get(1)?),
        next_account: row.get::<_, i64>(2)? as u64,
        after: row.get::<_, Option<i32>>(3)?.map(Date::from_days),
        floor: row.get(4)?,
        begun: row.get(5)?,
        sealed: row.get(6)?,
    })
}

/// The end of a day, as far as it is durable.
pub fn load_day_end(reader: &Connection, entity: u32, day: i32) -> Result<Option<DayEnd>> {
    let mut select = reader.prepare_cached("SELECT * FROM day_end WHERE entity = ? AND day = ?")?;
    Ok(select.query_row((entity, day), read_day_end).optional()?)
}

/// The close of a year, as far as it is durable.
pub fn load_year_end(reader: &Connection, entity: u32, begun: i64) -> Result<Option<YearEndRun>> {
    let mut select = reader.prepare_cached(
        "SELECT entity, through, retained, next_account, begun, done FROM year_end WHERE entity = ? AND begun = ?",
    )?;
    let run = select
        .query_row((entity, begun), |row| {
            Ok(YearEndRun {
                entity: row.get(0)?,
                through: Date::from_days(row.get(1)?),
                retained: row.get::<_, i64>(2)? as u64,
                next_account: row.get::<_, i64>(3)? as u64,
                begun: row.get(4)?,
                done: row.get(5)?,
            })
        })
        .optional()?;
    Ok(run)
}

/// A scheduled transfer by the sequence number that scheduled it.
pub fn load_scheduled(reader: &Connection, sequence: i64) -> Result<Option<Scheduled>> {
    let mut select = reader.prepare_cached("SELECT * FROM scheduled_transfer WHERE seq = ?")?;
    Ok(select.query_row([sequence], Scheduled::read).optional()?)
}

/// An owner's link by the sequence number that gave it.
pub fn load_owner(reader: &Connection, sequence: i64) -> Result<Option<OwnerLink>> {
    let mut select = reader.prepare_cached("SELECT * FROM account_owner WHERE seq = ?")?;
    Ok(select.query_row([sequence], OwnerLink::read).optional()?)
}

/// When an account was last used, as far as it is durable.
pub fn load_activity(reader: &Connection, account: u64) -> Result<Option<Activity>> {
    let mut select = reader.prepare_cached(
        "SELECT active, checked, dormant_since FROM account_activity WHERE account = ?",
    )?;
    let found = select
        .query_row([account as i64], |row| {
            Ok(Activity {
                active: Date::from_days(row.get(0)?),
                checked: row.get(1)?,
                dormant_since: row.get::<_, Option<i32>>(2)?.map(Date::from_days),
            })
        })
        .optional()?;
    Ok(found)
}
