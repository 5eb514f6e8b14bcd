//! Entities, assets, accounts, transfers, holds and balances: the only code that changes a balance.
//!
//! [`Ledger`] is the state; a [`command::Command`] is applied to it in a [`crate::tx::Context`] and either
//! changes it whole or not at all. Every asset sums to zero in every legal entity, always.

pub mod account;
mod account_change;
mod account_number;
pub mod accounts;
pub mod accrual;
mod apply;
pub mod asset;
pub mod balance;
pub mod books;
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
pub mod exchange;
mod expiries;
pub mod export;
pub mod funds;
pub mod general_ledger;
pub mod hold;
mod hold_change;
pub mod import;
mod kept_result;
mod legs;
pub(crate) mod load;
mod locate;
pub mod outcome;
mod owner;
mod posting;
pub mod query;
mod repeat;
mod replay;
pub mod retention;
pub mod revaluation;
mod reversal;
mod schedule;
pub mod schema;
pub mod split;
mod state;
pub mod statement_issue;
pub mod transfer;
pub mod write;
mod write_transfer;
mod year_end;

pub use state::{CacheSizes, FETCHED, FlushLimits, Ledger, LedgerMark, Services};
pub use write::LedgerWrites;
