//! Commands about days and the life of accounts: calendars, rules of an entity, scheduled transfers, the end of a day
//! and of a year, owners, reactivation. They are part of [`crate::ledger::command::Command`] and kept here so that
//! each file has one subject.

use std::borrow::Cow;

use crate::base::amount::Amount;
use crate::base::id::Id;
use crate::base::time::Date;
use crate::ledger::command::{AccountRef, Transfer};

/// Defines a business calendar, or replaces it whole. The result's `number` is the calendar's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarSet<'a> {
    pub key: Id,
    /// 1 to 64 bytes, such as "TARGET".
    pub code: &'a str,
    /// Days of the week that are no business days: bit 0 is Monday, bit 6 Sunday; not all seven.
    pub weekend: u8,
    /// Days that are no business days, ascending, none twice; at most [`HOLIDAYS_MAX`].
    pub holidays: Cow<'a, [Date]>,
}

/// Most holidays of a calendar.
pub const HOLIDAYS_MAX: usize = 8192;

/// Sets the rules of an entity: its calendar and when its customers' accounts become dormant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityRules<'a> {
    pub key: Id,
    pub entity: u32,
    /// Code of the calendar; empty: every day is a business day.
    pub calendar: &'a str,
    /// A customer's account without a movement of the customer's for this many days is dormant; 0: never.
    pub dormant_after: u32,
}

/// A transfer with a booking date that is still to come: it waits, and is booked when the business date is rolled to
/// that day or beyond it.
#[derive(Clone, Debug, PartialEq)]
pub struct TransferSchedule<'a> {
    pub key: Id,
    /// Its id is that of the transfer to come; its booking date is given.
    pub transfer: Transfer<'a>,
}

/// Takes a scheduled transfer back before it is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleCancel {
    pub key: Id,
    /// Key of the command that scheduled it.
    pub schedule: Id,
}

/// Seals the daily balances of a day that is over, a bounded portion of the accounts at a time. The result's `number`
/// is the account number to go on with; 0: the day is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOfDay {
    /// [`Id::NONE`] is usual: the entity remembers where to go on.
    pub key: Id,
    pub entity: u32,
    pub day: Date,
    /// Most accounts of this portion; 0: [`PORTION`].
    pub portion: u32,
}

/// Accounts of a portion unless the command says otherwise.
pub const PORTION: u32 = 1000;
/// Most accounts of a portion; more are taken as this many.
pub const PORTION_MAX: u32 = 65_536;

/// Closes the income and expense accounts of an entity into retained earnings by ordinary transfers booked on the last
/// day of the year, a bounded portion of the accounts at a time. The result's `number` is the account number to go on
/// with; 0: the year is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearEnd<'a> {
    pub key: Id,
    pub entity: u32,
    /// The last day of the year: booking and value date of the transfers.
    pub through: Date,
    /// An equity account of the entity.
    pub retained: AccountRef<'a>,
    /// Transaction code of the transfers.
    pub code: u32,
    pub portion: u32,
}

/// Links an owner to an account, or ends a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOwner<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    /// The owner in the host's own customer records; a personal text. Empty when a link ends.
    pub owner: &'a str,
    /// What the owner may do, in small letters: "holder", "joint", "attorney". Empty when a link ends.
    pub role: &'a str,
    /// Key of the command that gave the link that ends; [`Id::NONE`]: a link is given.
    pub ends: Id,
}

/// Brings a dormant account back to life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountReactivate<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    pub reason: &'a str,
    pub authority: &'a str,
}

/// The first amount of a new account, moved from (or to) a named contra account on the account's normal side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningBalance<'a> {
    pub contra: AccountRef<'a>,
    pub asset: u32,
    pub amount: Amount,
}
