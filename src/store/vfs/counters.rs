//! Counts what a store asks of its disk: calls, bytes and how long syncs took. One set per registered VFS, always
//! on, relaxed atomics only, so that the engine can publish its statistics without touching the commit path.
//! Counters only grow (except the log's end, which is a position) and are exact once the calls have returned.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Buckets of the sync histogram: bucket `i` holds syncs of `2^i` to `2^(i+1) - 1` nanoseconds, the last one
/// everything longer (2^39 ns is about nine minutes).
pub const SYNC_BUCKETS: usize = 40;

/// Live counters of one store.
pub struct IoCounters {
    reads: AtomicU64,
    writes: AtomicU64,
    syncs: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    log_end: AtomicU64,
    sync_nanos: [AtomicU64; SYNC_BUCKETS],
}

/// The counters at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IoCounts {
    /// Read calls that reached the disk.
    pub reads: u64,
    /// Write calls that reached the disk.
    pub writes: u64,
    /// Sync calls, failed ones included.
    pub syncs: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
    /// Bytes of the write-ahead log in use: the end of the last write to it. It starts again near 0 when a
    /// complete checkpoint lets the writer reuse the log.
    pub log_end: u64,
    /// How many syncs took `2^i` to `2^(i+1) - 1` nanoseconds, for each `i`.
    pub sync_nanos: [u64; SYNC_BUCKETS],
}

impl Default for IoCounters {
    fn default() -> Self {
        IoCounters {
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            bytes_read: AtomicU64::new(0),
            bytes_written: AtomicU64::new(0),
            log_end: AtomicU64::new(0),
            sync_nanos: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl IoCounters {
    pub fn counts(&self) -> IoCounts {
        IoCounts {
            reads: self.reads.load(Relaxed),
            writes: self.writes.load(Relaxed),
            syncs: self.syncs.load(Relaxed),
            bytes_read: self.bytes_read.load(Relaxed),
            bytes_written: self.bytes_written.load(Relaxed),
            log_end: self.log_end.load(Relaxed),
            sync_nanos: std::array::from_fn(|i| self.sync_nanos[i].load(Relaxed)),
        }
    }

    /// Bytes of the write-ahead log in use; see [`IoCounts::log_end`].
    pub fn log_end(&self) -> u64 {
        self.log_end.load(Relaxed)
    }

    pub(super) fn read(&self, bytes: usize) {
        self.reads.fetch_add(1, Relaxed);
        self.bytes_read.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.writes.fetch_add(1, Relaxed);
        self.bytes_written.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn log_ends_at(&self, offset: u64) {
        self.log_end.store(offset, Relaxed);
    }

    pub(super) fn synced(&self, took: Duration) {
        self.syncs.fetch_add(1, Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
        let bucket = (nanos.ilog2() as usize).min(SYNC_BUCKETS - 1);
        self.sync_nanos[bucket].fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syncs_fall_into_the_bucket_of_their_logarithm() {
        let counters = IoCounters::default();
        for nanos in [0, 1, 2, 3, 4, 1023, 1024] {
            counters.synced(Duration::from_nanos(nanos));
        }
        counters.synced(Duration::MAX);
        let counts = counters.counts();
        assert_eq!(counts.syncs, 8);
        assert_eq!(counts.sync_nanos[0], 2, "0 and 1 ns");
        assert_eq!(counts.sync_nanos[1], 2);
        assert_eq!(counts.sync_nanos[2], 1);
        assert_eq!(counts.sync_nanos[9], 1);
        assert_eq!(counts.sync_nanos[10], 1);
        assert_eq!(counts.sync_nanos[SYNC_BUCKETS - 1], 1);
    }
}
