//! Entities, assets, accounts, transfers, holds and balances: the only code that changes a balance.
//!
//! [`Ledger`] is the state; a [`command::Command`] is applied to it in a [`crate::tx::Context`] and either
//! changes it whole or not at all. Every asset sums to zero in every legal entity, always.

pub mod account;
mod account_change;
pub mod accounts;
mod apply;
pub mod asset;
pub mod balance;
pub mod cache;
pub mod calendar;
pub mod command;
pub mod day_command;
pub mod day_state;
pub mod day_write;
mod dormancy;
pub mod encoding;
mod end_of_day;
pub mod entity;
mod entity_change;
mod expiries;
pub mod funds;
pub mod hold;
mod hold_change;
pub(crate) mod load;
pub mod outcome;
mod owner;
pub mod query;
mod replay;
mod reversal;
mod schedule;
pub mod schema;
mod state;
pub mod transfer;
pub mod write;
mod write_transfer;
mod year_end;

pub use state::{CacheSizes, FETCHED, FlushLimits, Ledger, LedgerMark, Services};
pub use write::LedgerWrites;
