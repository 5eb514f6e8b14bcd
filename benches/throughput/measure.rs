//! What a run costs: latencies per batch, CPU time of the whole process, resident memory and its peak, bytes on
//! the disk. Everything is read from /proc in safe code, so it speaks for the process: each measured run has a
//! process of its own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::contender::Result;

/// The unit of utime and stime in /proc/self/stat: Linux fixes it at a hundredth of a second for user space.
const TICK: Duration = Duration::from_millis(10);

/// How long each call took, in nanoseconds.
#[derive(Default)]
pub struct Latencies {
    nanoseconds: Vec<u64>,
}

/// Microseconds below which half and 99 of 100 calls stayed, and the longest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Latencies {
    pub fn with_capacity(calls: usize) -> Latencies {
        Latencies {
            nanoseconds: Vec::with_capacity(calls),
        }
    }

    pub fn push(&mut self, elapsed: Duration) {
        self.nanoseconds
            .push(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX));
    }

    pub fn append(&mut self, mut other: Latencies) {
        self.nanoseconds.append(&mut other.nanoseconds);
    }

    pub fn clear(&mut self) {
        self.nanoseconds.clear();
    }

    pub fn len(&self) -> usize {
        self.nanoseconds.len()
    }

    /// Sorts, and answers by the nearest rank; all zero when nothing was measured.
    pub fn spread(&mut self) -> Spread {
        self.nanoseconds.sort_unstable();
        let microseconds = |percent: usize| {
            let rank = (self.nanoseconds.len() * percent).div_ceil(100).max(1);
            self.nanoseconds
                .get(rank - 1)
                .map_or(0.0, |&nanoseconds| nanoseconds as f64 / 1_000.0)
        };
        Spread {
            p50: microseconds(50),
            p99: microseconds(99),
            max: microseconds(100),
        }
    }
}

/// CPU time that the process has used so far, user and system, over all its threads, ended ones included. Exact
/// to about 10 ms.
pub fn cpu_time() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program stands in parentheses and may hold anything: fields count from behind it.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u32>)
        .try_fold(0u32, |sum, ticks| {
            ticks.map(|ticks| sum.saturating_add(ticks))
        })?;
    Ok(TICK * ticks)
}

/// The most bytes of memory that were resident at once since the last [`reset_peak`].
pub fn peak_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next());
    Ok(kibibytes
        .ok_or("/proc/self/status has no VmHWM")?
        .parse::<u64>()?
        * 1024)
}

/// Makes the peak begin again at what is resident now. Where the kernel does not allow it, the peak stays that
/// of the whole process.
pub fn reset_peak() {
    // Refusal only makes the reported peak higher than it need be.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Bytes of all files in a directory.
pub fn disk_bytes(directory: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
