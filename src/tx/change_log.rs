//! The gap-free record of what happened. Every change takes the next sequence number; transfers are rows of
//! their own table (the ledger's), everything else is a [`ChangeRow`] with its canonical content. Both together,
//! ordered by sequence, are the change feed, the audit trail and the leaves of the Merkle log to come.

use std::collections::VecDeque;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Timestamp;

use crate::tx::{BatchNumber, Context};

/// What a change is. The numbers are part of the file format and of the feed: never changed, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangeKind(pub u16);

impl ChangeKind {
    /// A transfer: a row of the table `transfer`, never of `change`.
    pub const TRANSFER: ChangeKind = ChangeKind(1);
    /// A command that was refused for good; its content holds the status and the command.
    pub const REFUSAL: ChangeKind = ChangeKind(2);
    /// The host advanced time.
    pub const TIME_ADVANCED: ChangeKind = ChangeKind(3);
    /// A principal acted for the first time and got its number.
    pub const PRINCIPAL: ChangeKind = ChangeKind(4);
    /// A record of the host's own was written or deleted.
    pub const HOST_RECORD: ChangeKind = ChangeKind(5);
    /// A legal entity was created.
    pub const ENTITY: ChangeKind = ChangeKind(20);
    /// An asset was created.
    pub const ASSET: ChangeKind = ChangeKind(21);
    /// An account was opened.
    pub const ACCOUNT_OPENED: ChangeKind = ChangeKind(22);
    /// An external number was given to an account, or taken from it.
    pub const ACCOUNT_NUMBER: ChangeKind = ChangeKind(23);
    /// A debit or credit block was set or lifted.
    pub const ACCOUNT_BLOCK: ChangeKind = ChangeKind(24);
    /// A limit of an account was set or lifted.
    pub const ACCOUNT_LIMIT: ChangeKind = ChangeKind(25);
    /// An account was closed.
    pub const ACCOUNT_CLOSED: ChangeKind = ChangeKind(26);
    /// A hold was placed.
    pub const HOLD_PLACED: ChangeKind = ChangeKind(27);
    /// A hold was increased.
    pub const HOLD_INCREASED: ChangeKind = ChangeKind(28);
    /// A hold, or what was left of it, was released.
    pub const HOLD_RELEASED: ChangeKind = ChangeKind(29);
    /// A hold expired.
    pub const HOLD_EXPIRED: ChangeKind = ChangeKind(30);
    /// The business date of an entity moved forward.
    pub const BUSINESS_DATE: ChangeKind = ChangeKind(31);
    /// The booking period of an entity was closed through a day.
    pub const PERIOD_CLOSED: ChangeKind = ChangeKind(32);
    /// A position account was registered.
    pub const POSITION: ChangeKind = ChangeKind(70);
    /// Currencies were exchanged; the legs follow as transfers.
    pub const EXCHANGE: ChangeKind = ChangeKind(71);
    /// A position was revalued; the gain or loss follows as a transfer.
    pub const REVALUATION: ChangeKind = ChangeKind(72);
    /// An amount was split over several accounts; the legs follow as transfers.
    pub const SPLIT: ChangeKind = ChangeKind(73);
    /// An accrual grew.
    pub const ACCRUAL: ChangeKind = ChangeKind(74);
    /// The whole units of an accrual were posted; the transfer follows.
    pub const ACCRUAL_POSTED: ChangeKind = ChangeKind(75);
    /// A statement was cut.
    pub const STATEMENT: ChangeKind = ChangeKind(76);
    /// A code of the general ledger was entered or changed.
    pub const GL_CODE: ChangeKind = ChangeKind(77);
    /// An account got codes of the general ledger.
    pub const GL_ASSIGNMENT: ChangeKind = ChangeKind(78);
    /// Import mode began.
    pub const IMPORT_BEGUN: ChangeKind = ChangeKind(79);
    /// An imported balance was proved.
    pub const IMPORT_PROVED: ChangeKind = ChangeKind(81);
    /// The file went live: import mode ended for ever.
    pub const LIVE: ChangeKind = ChangeKind(82);
    /// The retention of an account's data was set.
    pub const RETENTION: ChangeKind = ChangeKind(83);
    /// A business calendar was defined or replaced.
    pub const CALENDAR: ChangeKind = ChangeKind(40);
    /// The rules of an entity were set: its calendar, the term of dormancy.
    pub const ENTITY_RULES: ChangeKind = ChangeKind(41);
    /// A transfer was scheduled for a booking date to come.
    pub const TRANSFER_SCHEDULED: ChangeKind = ChangeKind(42);
    /// A scheduled transfer was taken back.
    pub const SCHEDULE_CANCELLED: ChangeKind = ChangeKind(43);
    /// A portion of the accounts had their daily balances sealed.
    pub const END_OF_DAY: ChangeKind = ChangeKind(44);
    /// A portion of the income and expense accounts was closed into retained earnings.
    pub const YEAR_END: ChangeKind = ChangeKind(45);
    /// An owner was linked to an account, or a link ended.
    pub const ACCOUNT_OWNER: ChangeKind = ChangeKind(46);
    /// A dormant account came back to life.
    pub const ACCOUNT_REACTIVATED: ChangeKind = ChangeKind(47);
    /// The end of a day found an account dormant.
    pub const ACCOUNT_DORMANT: ChangeKind = ChangeKind(48);
    /// The transfer before reached into days that were sealed or closed: what was computed from them is to be computed
    /// again.
    pub const CORRECTION: ChangeKind = ChangeKind(49);
    /// A scheduled transfer was refused when it was to be booked.
    pub const SCHEDULE_REFUSED: ChangeKind = ChangeKind(50);
    /// An external number expired.
    pub const NUMBER_EXPIRED: ChangeKind = ChangeKind(51);

    /// The kind's name in views and in the feed's documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::TRANSFER => "transfer",
            Self::REFUSAL => "refusal",
            Self::TIME_ADVANCED => "time_advanced",
            Self::PRINCIPAL => "principal",
            Self::HOST_RECORD => "host_record",
            Self::ENTITY => "entity",
            Self::ASSET => "asset",
            Self::ACCOUNT_OPENED => "account_opened",
            Self::ACCOUNT_NUMBER => "account_number",
            Self::ACCOUNT_BLOCK => "account_block",
            Self::ACCOUNT_LIMIT => "account_limit",
            Self::ACCOUNT_CLOSED => "account_closed",
            Self::HOLD_PLACED => "hold_placed",
            Self::HOLD_INCREASED => "hold_increased",
            Self::HOLD_RELEASED => "hold_released",
            Self::HOLD_EXPIRED => "hold_expired",
            Self::BUSINESS_DATE => "business_date",
            Self::PERIOD_CLOSED => "period_closed",
            Self::POSITION => "position",
            Self::EXCHANGE => "exchange",
            Self::REVALUATION => "revaluation",
            Self::SPLIT => "split",
            Self::ACCRUAL => "accrual",
            Self::ACCRUAL_POSTED => "accrual_posted",
            Self::STATEMENT => "statement",
            Self::GL_CODE => "gl_code",
            Self::GL_ASSIGNMENT => "gl_assignment",
            Self::IMPORT_BEGUN => "import_begun",
            Self::IMPORT_PROVED => "import_proved",
            Self::LIVE => "live",
            Self::RETENTION => "retention",
            Self::CALENDAR => "calendar",
            Self::ENTITY_RULES => "entity_rules",
            Self::TRANSFER_SCHEDULED => "transfer_scheduled",
            Self::SCHEDULE_CANCELLED => "schedule_cancelled",
            Self::END_OF_DAY => "end_of_day",
            Self::YEAR_END => "year_end",
            Self::ACCOUNT_OWNER => "account_owner",
            Self::ACCOUNT_REACTIVATED => "account_reactivated",
            Self::ACCOUNT_DORMANT => "account_dormant",
            Self::CORRECTION => "correction",
            Self::SCHEDULE_REFUSED => "schedule_refused",
            Self::NUMBER_EXPIRED => "number_expired",
            _ => "unknown",
        }
    }
}

/// One change other than a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    pub sequence: i64,
    pub time: Timestamp,
    pub actor: u32,
    pub on_behalf_of: u32,
    pub kind: ChangeKind,
    /// The command's key; [`Id::NONE`] when it had none.
    pub key: Id,
    /// Canonical encoding of the command.
    pub content: Vec<u8>,
}

/// Gives out sequence numbers and collects the changes of the open batch.
#[derive(Debug, Default)]
pub struct ChangeLog {
    last_sequence: i64,
    rows: Vec<ChangeRow>,
    sealed: VecDeque<(BatchNumber, Arc<ChangeWrites>)>,
}

/// The changes of a sealed batch, for the writer.
#[derive(Debug, Default)]
pub struct ChangeWrites {
    pub rows: Vec<ChangeRow>,
}

impl ChangeLog {
    /// A log that continues after `last_sequence`.
    pub fn new(last_sequence: i64) -> Self {
        ChangeLog {
            last_sequence,
            ..ChangeLog::default()
        }
    }

    /// The sequence number given out last; 0 in a new file.
    #[inline]
    pub fn last_sequence(&self) -> i64 {
        self.last_sequence
    }

    /// Takes the next sequence number.
    #[inline]
    pub fn next_sequence(&mut self) -> i64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Records a change under the next sequence number, which it returns.
    pub fn record(
        &mut self,
        context: &Context,
        kind: ChangeKind,
        key: Id,
        content: Vec<u8>,
    ) -> i64 {
        let sequence = self.next_sequence();
        self.rows.push(ChangeRow {
            sequence,
            time: context.time,
            actor: context.actor,
            on_behalf_of: context.on_behalf_of,
            kind,
            key,
            content,
        });
        sequence
    }

    /// The change with a sequence number, in flight or durable; `None`: it is a transfer, or there is none.
    pub fn find(&self, reader: &Connection, sequence: i64) -> Result<Option<ChangeRow>> {
        let batches = self.sealed.iter().map(|(_, writes)| &writes.rows);
        for rows in batches.chain([&self.rows]) {
            if let Ok(index) = rows.binary_search_by_key(&sequence, |row| row.sequence) {
                return Ok(rows.get(index).cloned());
            }
        }
        let mut select = reader.prepare_cached(
            "SELECT seq, time, actor, on_behalf_of, kind, key, content FROM change WHERE seq = ?",
        )?;
        Ok(select.query_row([sequence], ChangeRow::read).optional()?)
    }

    /// Goes back to `last_sequence`, dropping what was recorded after it in the open batch.
    pub fn roll_back(&mut self, last_sequence: i64) {
        self.last_sequence = last_sequence;
        while self
            .rows
            .last()
            .is_some_and(|row| row.sequence > last_sequence)
        {
            self.rows.pop();
        }
    }

    /// Hands the changes of the open batch over to the writer.
    pub fn seal(&mut self, batch: BatchNumber) -> Arc<ChangeWrites> {
        let writes = Arc::new(ChangeWrites {
            rows: std::mem::take(&mut self.rows),
        });
        self.sealed.push_back((batch, Arc::clone(&writes)));
        writes
    }

    /// Batches up to `batch` are durable.
    pub fn durable(&mut self, batch: BatchNumber) {
        while self
            .sealed
            .front()
            .is_some_and(|(number, _)| *number <= batch)
        {
            self.sealed.pop_front();
        }
    }

    /// Takes back everything after `last_sequence`, the last durable one.
    pub fn discard_undurable(&mut self, last_sequence: i64) {
        self.last_sequence = last_sequence;
        self.rows.clear();
        self.sealed.clear();
    }
}

impl ChangeRow {
    /// Reads a row of the table `change`, its columns in the order of the table.
    pub fn read(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
        Ok(ChangeRow {
            sequence: row.get(0)?,
            time: Timestamp::from_micros(row.get(1)?),
            actor: row.get(2)?,
            on_behalf_of: row.get::<_, Option<u32>>(3)?.unwrap_or(0),
            kind: ChangeKind(row.get(4)?),
            key: row.get::<_, Option<[u8; 16]>>(5)?.map_or(Id::NONE, Id),
            content: row.get(6)?,
        })
    }
}

impl ChangeWrites {
    /// Inserts the rows; within the caller's transaction.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut insert = connection.prepare_cached(
            "INSERT INTO change(seq, time, actor, on_behalf_of, kind, key, content) VALUES(?,?,?,?,?,?,?)",
        )?;
        for row in &self.rows {
            let on_behalf_of = (row.on_behalf_of != 0).then_some(row.on_behalf_of);
            let key = (!row.key.is_none()).then_some(&row.key.0[..]);
            insert.execute((
                row.sequence,
                row.time.micros(),
                row.actor,
                on_behalf_of,
                row.kind.0,
                key,
                &row.content[..],
            ))?;
        }
        Ok(())
    }
}
