//! One caller that never waits: it hands batches to the completion queue until the queue is full, and collects
//! what has become durable. The latency of a batch runs from its submission to its collection.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::contender::{Completion, Result, Submission};
use crate::measure::{Latencies, cpu_time, disk_bytes, peak_memory, reset_peak};
use crate::options::Case;
use crate::report::Row;
use crate::scratch::database;
use crate::sequential::per_transfer;
use crate::verify::{Stream, check_file, check_outcomes};
use crate::workload::Workload;

/// More than any bounded queue should hold, so that a ledger without a bound does not take the whole stream.
const MOST_IN_FLIGHT: usize = 4_096;
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers no row for a design without a queue.
pub fn run(case: &Case, directory: &Path) -> Result<Vec<Row>> {
    let Some(open) = case.design.open_submission else {
        return Ok(Vec::new());
    };
    let path = database(directory);
    let bytes_before = disk_bytes(directory)?;
    reset_peak();
    let mut ledger = open(&path)?;
    let workload = Workload {
        per_day: u64::MAX,
        ..case.workload()
    };
    let cpu_before = cpu_time()?;
    let started = Instant::now();
    let mut latencies = drive(ledger.as_mut(), &workload, case)?;
    let elapsed = started.elapsed();
    let cpu = cpu_time()?.saturating_sub(cpu_before);
    let peak = peak_memory()?;
    ledger.close()?;

    let growth = disk_bytes(directory)?.saturating_sub(bytes_before);
    let transfers = case.transfers;
    let cost = workload.cost(0, transfers, case.batch)?;
    let row = Row {
        tps: transfers as f64 / elapsed.as_secs_f64(),
        cpu_us: per_transfer(cpu.saturating_sub(cost), transfers),
        bytes_per_transfer: growth as f64 / workload.accepted(transfers) as f64,
        spread: latencies.spread(),
        rss_mb: peak as f64 / 1e6,
        transfers,
        ..case.row("queue")
    };
    let stream = Stream {
        workload,
        count: transfers,
        batch: case.batch,
    };
    check_file(case.design, &path, case.accounts, &[stream], true)?;
    Ok(vec![row])
}

fn drive(ledger: &mut dyn Submission, workload: &Workload, case: &Case) -> Result<Latencies> {
    let mut latencies = Latencies::with_capacity(1 << 15);
    let mut in_flight: HashMap<u64, (Instant, usize)> = HashMap::new();
    let mut transfers = Vec::new();
    let mut done: Vec<Completion> = Vec::new();
    let mut next = 0;
    while next < case.transfers || !in_flight.is_empty() {
        let mut full = next >= case.transfers || in_flight.len() >= MOST_IN_FLIGHT;
        if !full {
            let count = usize::try_from(case.transfers - next)?.min(case.batch);
            // A batch that the queue had no room for is still here.
            if transfers.is_empty() {
                workload.fill(next, count, &mut transfers);
            }
            let submitted = Instant::now();
            if ledger.submit(next, &transfers)? {
                in_flight.insert(next, (submitted, count));
                next += count as u64;
                transfers.clear();
            } else {
                full = true;
            }
        }
        ledger.collect(if full { PATIENCE } else { Duration::ZERO }, &mut done)?;
        if full && done.is_empty() {
            return Err(format!(
                "nothing completed in {PATIENCE:?} with {} batches in flight",
                in_flight.len()
            )
            .into());
        }
        for completion in done.drain(..) {
            let first = completion.tag;
            let (submitted, count) = in_flight
                .remove(&first)
                .ok_or_else(|| format!("batch {first} completed without being in flight"))?;
            latencies.push(submitted.elapsed());
            check_outcomes(workload, first, count, &completion.outcomes)?;
        }
    }
    Ok(latencies)
}
