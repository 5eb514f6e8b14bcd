//! How an engine is opened, and how a batch is executed.

use std::sync::Arc;

use crate::base::time::{Clock, SystemClock, Timestamp};
use crate::store::file::{Durability, Location};
use crate::store::vfs::FaultPlan;

use super::log::Log;

/// How to open an engine.
#[derive(Clone)]
pub struct EngineOptions {
    pub location: Location,
    pub durability: Durability,
    pub read_only: bool,
    pub create: bool,
    /// Memory for accounts and balances, in bytes.
    pub cache_bytes: usize,
    /// Page cache of the writing connection, in KiB.
    pub page_cache_kib: u32,
    /// Bytes for the filters of the index of keys.
    pub filter_bytes: usize,
    /// Bytes of the write-ahead log after which commits are refused because a reader keeps it from being reset.
    pub wal_limit_bytes: u64,
    /// Bytes of the write-ahead log after which it is moved into the file.
    pub checkpoint_bytes: u64,
    pub max_readers: u32,
    /// Readers (queries, snapshots of backups and checks) older than this are ended with `SNAPSHOT_TOO_OLD` by the next
    /// commit, in milliseconds.
    pub reader_age_limit_ms: u32,
    pub busy_timeout_ms: u32,
    /// Batches that may wait in the completion queue.
    pub queue_capacity: usize,
    /// Changes that opening after a kill replays at most, roughly.
    pub replay_limit: u32,
    /// Items of a batch that are evaluated before a second thread begins to write them; a batch of twice as many and
    /// more is written while it is evaluated.
    pub portion: usize,
    pub clock: Arc<dyn Clock>,
    /// The host's log.
    pub log: Log,
    /// Disk calls that fail as planned; for tests.
    pub faults: FaultPlan,
}

impl EngineOptions {
    /// The defaults for a store at `location`.
    pub fn new(location: Location) -> EngineOptions {
        EngineOptions {
            location,
            durability: Durability::Full,
            read_only: false,
            create: true,
            cache_bytes: 128 << 20,
            page_cache_kib: 16 << 10,
            filter_bytes: 48 << 20,
            wal_limit_bytes: 1 << 30,
            checkpoint_bytes: 16 << 20,
            max_readers: 16,
            reader_age_limit_ms: 3_600_000,
            busy_timeout_ms: 5_000,
            queue_capacity: 64,
            replay_limit: 262_144,
            portion: 480,
            clock: Arc::new(SystemClock),
            log: Log::default(),
            faults: FaultPlan::new(),
        }
    }
}

/// How to execute a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecuteOptions {
    /// The time of the batch; `None`: the engine's clock.
    pub time: Option<Timestamp>,
    /// Evaluate and answer, record nothing.
    pub dry_run: bool,
    /// A number of the host's that marks the batch in the log; 0: none.
    pub trace: u128,
}
