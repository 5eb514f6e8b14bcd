//! Holds: amounts set aside on an account until they are captured, released or expire. A hold counts in every
//! funds check; it is captured at most once in full, never after it ended, and never above what is left unless
//! that was asked for explicitly. A hold of higher priority is served first: its capture does not count what holds of
//! lower priority set aside.

use rusqlite::{Connection, Row};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Timestamp;
use crate::ledger::command::UserData;
use crate::ledger::write::Stored;

/// Why an amount is set aside; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldKind {
    Authorisation,
    Lien,
    UnclearedFunds,
    Pledge,
}

impl HoldKind {
    pub const ALL: [HoldKind; 4] = [
        HoldKind::Authorisation,
        HoldKind::Lien,
        HoldKind::UnclearedFunds,
        HoldKind::Pledge,
    ];

    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            HoldKind::Authorisation => 1,
            HoldKind::Lien => 2,
            HoldKind::UnclearedFunds => 3,
            HoldKind::Pledge => 4,
        }
    }

    /// The kind with a stored number.
    pub fn from_number(number: u8) -> Option<HoldKind> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Where a hold stands; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldState {
    Active,
    Captured,
    Released,
    Expired,
}

impl HoldState {
    pub const ALL: [HoldState; 4] = [
        HoldState::Active,
        HoldState::Captured,
        HoldState::Released,
        HoldState::Expired,
    ];

    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            HoldState::Active => 1,
            HoldState::Captured => 2,
            HoldState::Released => 3,
            HoldState::Expired => 4,
        }
    }

    /// The state with a stored number.
    pub fn from_number(number: u8) -> Option<HoldState> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Sequence number of the change that placed it.
    pub sequence: i64,
    pub id: Id,
    pub debit: u64,
    /// 0: the capture names the counterparty.
    pub credit: u64,
    pub asset: u32,
    pub wide: bool,
    /// Placed and increased in all.
    pub amount: u128,
    /// Still set aside.
    pub remaining: u128,
    /// Captured in all (may exceed `amount` by forced captures).
    pub captured: u128,
    pub kind: HoldKind,
    pub priority: u8,
    pub state: HoldState,
    pub expires_at: Option<Timestamp>,
    pub reason: String,
    pub user_data: UserData,
}

/// The sequence numbers of the durable active holds on an account's debit side below a priority.
pub fn active_holds_below(reader: &Connection, account: u64, priority: u8) -> Result<Vec<i64>> {
    let mut select = reader
        .prepare_cached("SELECT seq FROM hold WHERE debit = ? AND state = 1 AND priority < ?")?;
    let rows = select.query_map((account as i64, priority), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Hold {
    /// Inserts or replaces the row.
    pub fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let values: [&dyn rusqlite::ToSql; 16] = [
            &self.sequence,
            &self.id.0,
            &(self.debit as i64),
            &(self.credit as i64),
            &self.asset,
            &Stored::new(self.wide, self.amount),
            &Stored::new(self.wide, self.remaining),
            &Stored::new(self.wide, self.captured),
            &self.kind.number(),
            &self.priority,
            &self.state.number(),
            &self.expires_at.map(Timestamp::micros),
            &(!self.reason.is_empty()).then_some(self.reason.as_str()),
            &(self.user_data.wide != 0).then(|| self.user_data.wide.to_be_bytes()),
            &(self.user_data.long as i64),
            &self.user_data.short,
        ];
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO hold(seq, id, debit, credit, asset, amount, remaining, captured, kind, priority, \
                 state, expires_at, reason, user_data_wide, user_data_long, user_data_short) \
                 VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            )?
            .execute(&values[..])?;
        Ok(())
    }

    /// Reads a row of `SELECT * FROM hold`.
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Hold> {
        use crate::ledger::query::column;
        let wide = column::is_wide(row, 5)?;
        Ok(Hold {
            sequence: row.get(0)?,
            id: column::id(row, 1)?,
            debit: row.get::<_, i64>(2)? as u64,
            credit: row.get::<_, i64>(3)? as u64,
            asset: row.get(4)?,
            wide,
            amount: column::amount(row, 5)?,
            remaining: column::amount(row, 6)?,
            captured: column::amount(row, 7)?,
            kind: column::known(row, 8, HoldKind::from_number)?,
            priority: row.get(9)?,
            state: column::known(row, 10, HoldState::from_number)?,
            expires_at: row.get::<_, Option<i64>>(11)?.map(Timestamp::from_micros),
            reason: row.get::<_, Option<String>>(12)?.unwrap_or_default(),
            user_data: column::user_data(row, 13)?,
        })
    }
}
