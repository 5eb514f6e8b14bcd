//! One unit of change: who asks and when ([`Context`]), what is undone if it does not hold ([`Journal`]), and
//! the append-only record of what happened ([`ChangeLog`]). Domains build on it; it knows none of them.

mod change_log;
mod context;
mod journal;
mod keys;
pub mod refusal;

pub use change_log::{ChangeKind, ChangeLog, ChangeRow, ChangeWrites};
pub use context::Context;
pub use journal::{BatchNumber, Journal, Mark};
pub use keys::{KeySpace, Keys};
