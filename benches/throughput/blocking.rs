//! Many callers, each waiting until its own single transfer is durable: what a host with a thread per request
//! sees, and what group commit is for.

use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::contender::{Result, Shared};
use crate::measure::{Latencies, cpu_time, disk_bytes, peak_memory, reset_peak};
use crate::options::Case;
use crate::report::Row;
use crate::scratch::database;
use crate::sequential::per_transfer;
use crate::verify::{Stream, check_file, check_outcomes};
use crate::workload::Workload;

pub fn run(case: &Case, directory: &Path) -> Result<Vec<Row>> {
    let path = database(directory);
    let bytes_before = disk_bytes(directory)?;
    reset_peak();
    let ledger = (case.design.open_shared)(&path)?;
    // A stream for each caller; all are booked on the first day.
    let streams: Vec<Workload> = (0..case.threads as u64)
        .map(|caller| Workload {
            seed: case.seed + caller,
            per_day: u64::MAX,
            ..case.workload()
        })
        .collect();

    let duration = Duration::from_secs_f64(case.seconds);
    let begin = Barrier::new(case.threads + 1);
    let cpu_before = cpu_time()?;
    let (started, calls) = thread::scope(|scope| {
        let callers: Vec<_> = streams
            .iter()
            .map(|stream| {
                scope.spawn(|| {
                    begin.wait();
                    call(ledger.as_ref(), stream, Instant::now() + duration)
                })
            })
            .collect();
        begin.wait();
        let started = Instant::now();
        let calls: Vec<_> = callers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        (started, calls)
    });
    let elapsed = started.elapsed();
    let cpu = cpu_time()?.saturating_sub(cpu_before);
    let peak = peak_memory()?;
    ledger.close()?;

    let mut latencies = Latencies::default();
    let mut checked = Vec::new();
    for (call, workload) in calls.into_iter().zip(streams) {
        let measured = call.map_err(|_| "a caller panicked")??;
        checked.push(Stream {
            workload,
            count: measured.len() as u64,
            batch: 1 << 13,
        });
        latencies.append(measured);
    }
    let transfers = latencies.len() as u64;
    let accepted: u64 = checked
        .iter()
        .map(|stream| stream.workload.accepted(stream.count))
        .sum();
    let growth = disk_bytes(directory)?.saturating_sub(bytes_before);
    check_file(case.design, &path, case.accounts, &checked, false)?;
    Ok(vec![Row {
        tps: transfers as f64 / elapsed.as_secs_f64(),
        cpu_us: per_transfer(cpu, transfers),
        bytes_per_transfer: growth as f64 / accepted as f64,
        spread: latencies.spread(),
        rss_mb: peak as f64 / 1e6,
        transfers,
        ..case.row("blocking")
    }])
}

/// Calls until the deadline and answers how long each call took.
fn call(ledger: &dyn Shared, stream: &Workload, deadline: Instant) -> Result<Latencies> {
    let mut latencies = Latencies::with_capacity(1 << 12);
    let mut transfers = Vec::new();
    for index in 0.. {
        stream.fill(index, 1, &mut transfers);
        let Some(transfer) = transfers.first() else {
            break;
        };
        let called = Instant::now();
        if called >= deadline {
            break;
        }
        let outcome = ledger.transfer_one(transfer)?;
        latencies.push(called.elapsed());
        check_outcomes(stream, index, 1, &[outcome])?;
    }
    Ok(latencies)
}
