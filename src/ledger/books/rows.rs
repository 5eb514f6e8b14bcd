//! The rows of the books as values. Amounts are signed minor units; a position, an equivalent and a statement's
//! turnovers never round, an accrual holds what no minor unit can.

use crate::base::id::Id;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::AccountKind;

/// What an entity holds of a currency, and what it is carried at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Number of the position account.
    pub account: u64,
    /// Number of the account that takes differences of less than a minor unit; 0: none.
    pub rounding: u64,
    /// Credits less debits of the position account: above zero, the entity is long.
    pub amount: i128,
    /// Book value in the functional currency, revaluations included.
    pub carried: i128,
    /// Rate, its source and its day, of the newest revaluation.
    pub rate: Option<(i128, u8)>,
    pub rate_source: String,
    pub revalued: Option<Date>,
}

/// What moved a position on one booking day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionDay {
    pub amount: i128,
    pub carried: i128,
}

/// Something that grows by less than a minor unit, such as a day's interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrual {
    pub asset: u32,
    /// Not posted yet, in 10^-18 of a minor unit.
    pub value: i128,
    /// Posted so far, in minor units.
    pub posted: i128,
}

/// A statement that was cut: what decides its lines, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// 1 and up, without gaps.
    pub number: u32,
    /// The cut's key.
    pub key: Id,
    /// Sequence number of the cut: later changes belong to later statements.
    pub sequence: i64,
    pub time: Timestamp,
    /// The last day of the statement.
    pub to: Date,
    /// Value dates decide rather than booking dates.
    pub by_value: bool,
    /// Legs of one transaction are one line.
    pub collapsed: bool,
    /// Debits and credits of all statements before it, and with it.
    pub opening: (u128, u128),
    pub closing: (u128, u128),
}

/// A code of the general ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlCodeRow {
    pub name: String,
    pub kind: AccountKind,
    /// A control account: sub-ledgers must reconcile to it.
    pub control: bool,
}

/// The codes that an account has from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlAssignmentRow {
    /// While the balance is on the account's normal side, or zero.
    pub code: String,
    /// While it is on the other side.
    pub contrary_code: String,
}

/// What was imported on a balance as an opening, and whether the whole was proved since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportBalance {
    pub opening_debits: u128,
    pub opening_credits: u128,
    pub proved: bool,
}

/// Where the import stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportState {
    /// The file has gone live: nothing is imported ever again.
    pub live: bool,
    pub transfers: u64,
    /// Balances that were imported and are not proved.
    pub unproved: u64,
}

/// What a command with a key answered, where nothing else in the file tells it later: the number or the amount of its
/// first result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptResult {
    pub number: u64,
    pub amount: i128,
}

/// Why and how long an account's data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The host's own class, such as "customer 10 years".
    pub class: String,
    /// Kept at least until this day.
    pub until: Option<Date>,
    /// Nothing may be erased, whatever the day.
    pub legal_hold: bool,
    pub reason: String,
    pub authority: String,
    pub sequence: i64,
}
