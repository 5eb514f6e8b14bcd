//! Figures that the engine keeps about itself: always on, cheap, and without personal data.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Buckets of a histogram: bucket `i` counts durations of `2^i` to `2^(i+1) - 1` microseconds.
pub const BUCKETS: usize = 32;

/// A histogram of durations.
#[derive(Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
}

impl Histogram {
    /// Counts one duration.
    pub fn add(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros())
            .unwrap_or(u64::MAX)
            .max(1);
        let bucket = (micros.ilog2() as usize).min(BUCKETS - 1);
        self.buckets[bucket].fetch_add(1, Relaxed);
    }

    /// The counts.
    pub fn counts(&self) -> [u64; BUCKETS] {
        std::array::from_fn(|bucket| self.buckets[bucket].load(Relaxed))
    }
}

/// The engine's figures at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Last durable sequence number.
    pub sequence: i64,
    pub accounts: u64,
    pub balances: u64,
    /// Keys in runs on disk, and in how many.
    pub index_entries: u64,
    pub index_runs: u64,
    /// Bytes of memory in caches.
    pub cache_bytes: u64,
    pub index_bytes: u64,
    /// Bytes of the write-ahead log in use.
    pub wal_bytes: u64,
    /// Batches waiting in the completion queue.
    pub queue_depth: u64,
    /// Age of the oldest read snapshot, in microseconds; 0: none.
    pub oldest_snapshot_micros: u64,
    pub disk_reads: u64,
    pub disk_writes: u64,
    pub disk_syncs: u64,
    pub disk_bytes_read: u64,
    pub disk_bytes_written: u64,
    /// Commits by duration: see [`Histogram`].
    pub commits: [u64; BUCKETS],
    /// Syncs by duration, bucket `i` from `2^i` nanoseconds.
    pub syncs: [u64; 40],
}
