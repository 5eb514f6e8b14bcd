//! Questions to the ledger, answered from durable rows. A question looks at balances in memory only for where a
//! chain begins; rows are append-only, so that any later snapshot of the file answers for an earlier sequence.

pub mod chain;
pub mod column;
pub mod transfer;
