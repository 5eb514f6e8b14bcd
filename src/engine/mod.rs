//! Opens and composes everything: sessions, the one order of commands, group commit, completion, feed, maintenance.

pub mod books;
pub mod command;
mod commit;
mod day_views;
pub mod days;
pub mod encoding;
mod evaluate;
pub mod feed;
pub mod general_ledger;
pub mod host_record;
mod lifecycle;
pub mod log;
pub mod maintenance;
mod options;
mod principal;
pub mod query;
mod queue;
mod recovery;
mod replay;
pub mod schema;
mod session;
mod signals;
mod simple;
pub mod stats;
mod stream;
pub mod trial;
mod views;
mod world;

pub use command::{Command, CommandList, HostRecordPut, Item, TimeAdvance};
pub use lifecycle::Engine;
pub use options::{EngineOptions, ExecuteOptions};
pub use queue::{Completion, Notify};
pub use session::{BATCH_MAX, Receipt, Session};
pub use simple::{Items, OPENING_BALANCES};
pub use stats::Stats;
