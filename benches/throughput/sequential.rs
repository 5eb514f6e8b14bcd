//! One caller, one batch after the other: the throughput bench, the hot account and the long run. Only the calls
//! are timed; the transfers are made and the outcomes checked between them. CPU time cannot be split like that: it is
//! the whole process's, less what it costs to make the same transfers again.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::contender::{Contender, Outcome, Result};
use crate::measure::{Latencies, cpu_time, disk_bytes, peak_memory, reset_peak};
use crate::options::{Bench, Case};
use crate::progress::Progress;
use crate::report::Row;
use crate::scratch::database;
use crate::verify::{Stream, check_file, check_outcomes};
use crate::workload::{Transfer, Workload};

/// A busy day of a middle-sized bank.
const TRANSFERS_PER_DAY: u64 = 250_000;
/// The long run is reported in parts of this many transfers.
const PART: u64 = 1_000_000;

impl Case {
    pub fn workload(&self) -> Workload {
        Workload {
            seed: self.seed,
            ids: self.ids,
            accounts: self.accounts,
            hot: self.bench == Bench::Hot,
            payload: self.payload,
            per_day: TRANSFERS_PER_DAY,
        }
    }

    /// A row that names this case and holds no figures yet.
    pub fn row(&self, name: &str) -> Row {
        Row {
            name: name.to_owned(),
            design: self.design.name.to_owned(),
            batch: self.batch as u64,
            ids: self.ids.name().to_owned(),
            accounts: self.accounts,
            threads: self.threads as u64,
            payload: self.payload.name().to_owned(),
            ..Row::default()
        }
    }
}

/// Runs a case on the bank in `directory`, which must be without transfers, and answers its rows.
pub fn run(case: &Case, directory: &Path) -> Result<Vec<Row>> {
    let path = database(directory);
    let bytes_before = disk_bytes(directory)?;
    reset_peak();
    let mut feeder = Feeder::begin((case.design.open)(&path)?, case.workload(), case.batch, 0);
    let mut progress = Progress::begin(
        format!("{} {}", case.bench.name(), case.design.name),
        case.transfers,
    );
    let mut rows = Vec::new();
    let part = if case.bench == Bench::Long {
        PART
    } else {
        u64::MAX
    };
    while feeder.next < case.transfers {
        let first = feeder.next;
        let end = case.transfers.min(first.saturating_add(part));
        let cpu_before = cpu_time()?;
        while feeder.next < end {
            // Batches are never cut short at the end of a part, only at the end of the run.
            feeder.feed(case.transfers)?;
            progress.reached(feeder.next);
        }
        let cpu = cpu_time()?.saturating_sub(cpu_before);
        let transfers = feeder.next - first;
        let name = match case.bench {
            Bench::Long => format!("long-{:02}", rows.len() + 1),
            bench => bench.name().to_owned(),
        };
        rows.push(Row {
            tps: transfers as f64 / feeder.inside.as_secs_f64(),
            cpu_us: per_transfer(cpu, transfers),
            spread: feeder.latencies.spread(),
            rss_mb: peak_memory()? as f64 / 1e6,
            transfers,
            ..case.row(&name)
        });
        feeder.rewind();
    }
    drop(progress);
    let (ledger, workload, count) = (feeder.ledger, feeder.workload, feeder.next);
    ledger.close()?;
    let bytes = disk_bytes(directory)?.saturating_sub(bytes_before) as f64
        / workload.accepted(count) as f64;
    let mut first = 0;
    for row in &mut rows {
        let cost = workload.cost(first, row.transfers, case.batch)?;
        first += row.transfers;
        row.cpu_us = (row.cpu_us - per_transfer(cost, row.transfers)).max(0.0);
        row.bytes_per_transfer = bytes;
    }
    let stream = Stream {
        workload,
        count,
        batch: case.batch,
    };
    check_file(case.design, &path, case.accounts, &[stream], true)?;
    Ok(rows)
}

/// Microseconds of each of `transfers` that took `time` together.
pub fn per_transfer(time: Duration, transfers: u64) -> f64 {
    time.as_secs_f64() * 1e6 / transfers as f64
}

/// Feeds a stream to a ledger batch by batch, and adds up the time inside its calls.
pub struct Feeder {
    pub ledger: Box<dyn Contender>,
    workload: Workload,
    batch: usize,
    /// The transfer that comes next.
    pub next: u64,
    day: i32,
    transfers: Vec<Transfer>,
    outcomes: Vec<Outcome>,
    latencies: Latencies,
    inside: Duration,
}

impl Feeder {
    pub fn begin(
        ledger: Box<dyn Contender>,
        workload: Workload,
        batch: usize,
        first: u64,
    ) -> Feeder {
        Feeder {
            ledger,
            batch,
            next: first,
            // No day of the stream: the first batch sets the business day, after a reopening too.
            day: i32::MIN,
            transfers: Vec::new(),
            outcomes: Vec::with_capacity(batch),
            latencies: Latencies::with_capacity(1 << 15),
            inside: Duration::ZERO,
            workload,
        }
    }

    /// Hands over the next batch, which does not reach beyond transfer `end`.
    pub fn feed(&mut self, end: u64) -> Result<()> {
        let count = usize::try_from(end - self.next)?.min(self.batch);
        self.workload.fill(self.next, count, &mut self.transfers);
        self.outcomes.clear();
        let day = self.workload.day(self.next);
        let filled = Instant::now();
        if day != self.day {
            self.ledger.roll_business_day(day)?;
            self.day = day;
        }
        let called = Instant::now();
        self.ledger
            .transfer_batch(&self.transfers, &mut self.outcomes)?;
        let returned = Instant::now();
        check_outcomes(&self.workload, self.next, count, &self.outcomes)?;
        self.latencies.push(returned - called);
        self.inside += returned - filled;
        self.next += count as u64;
        Ok(())
    }

    fn rewind(&mut self) {
        self.latencies.clear();
        self.inside = Duration::ZERO;
    }
}
