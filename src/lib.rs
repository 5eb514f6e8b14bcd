//! libqenex: the financial engine that a bank links into its own process.
//!
//! The layers, lowest first, each using only the ones above it in this list: [`base`] (values and errors),
//! [`store`] (SQLite and everything on disk), [`tx`] (one unit of change and its undo), [`ledger`] (the only
//! code that changes a balance), [`engine`] (opens and composes everything), [`abi`] (the C functions).

#![deny(unsafe_code)]

pub mod abi;
pub mod base;
pub mod engine;
pub mod ledger;
pub mod store;
pub mod tx;
