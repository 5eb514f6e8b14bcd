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
pub mod command;
pub mod encoding;
pub mod entity;
mod entity_change;
mod expiries;
pub mod funds;
pub mod hold;
mod hold_change;
mod load;
pub mod outcome;
pub mod query;
mod replay;
mod reversal;
pub mod schema;
mod state;
pub mod transfer;
pub mod write;

pub use state::{CacheSizes, FETCHED, FlushLimits, Ledger, LedgerMark, Services};
pub use write::LedgerWrites;
