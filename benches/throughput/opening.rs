//! Opening a file with a long history: after it was closed, and after its writer was killed with work in flight.
//! The time runs until the first balance has been answered. After each kill the file must hold every batch that
//! was acknowledged, at most the one that was in flight besides, and no part of a batch.

use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::contender::{Contender, Result};
use crate::measure::{Latencies, peak_memory, reset_peak};
use crate::options::{Bench, Case};
use crate::progress::Progress;
use crate::report::Row;
use crate::scratch::database;
use crate::sequential::Feeder;
use crate::verify::{Stream, check_file};

const REPEATS: usize = 5;
/// How long a writer works before it is killed.
const LIFE: Duration = Duration::from_millis(700);

pub fn run(case: &Case, directory: &Path) -> Result<Vec<Row>> {
    let path = database(directory);
    let mut feeder = Feeder::begin((case.design.open)(&path)?, case.workload(), case.batch, 0);
    let mut progress = Progress::begin(format!("history for {}", case.design.name), case.transfers);
    while feeder.next < case.transfers {
        // Whole batches only: a killed writer is counted in batches.
        feeder.feed(u64::MAX)?;
        progress.reached(feeder.next);
    }
    drop(progress);
    let mut count = feeder.next;
    feeder.ledger.close()?;

    let mut after_close = Latencies::default();
    reset_peak();
    for _ in 0..REPEATS {
        open(case, &path, &mut after_close)?.close()?;
    }
    let close_row = opening_row(case, "open-after-close", count, after_close)?;

    let mut after_kill = Latencies::default();
    for _ in 0..REPEATS {
        let acknowledged = write_until_killed(case, directory, count)?;
        let mut ledger = open(case, &path, &mut after_kill)?;
        let held = ledger.audit(&mut |_, _| ())?.transfers;
        ledger.close()?;
        count = [acknowledged, acknowledged + case.batch as u64]
            .into_iter()
            .find(|&count| case.workload().accepted(count) == held)
            .ok_or_else(|| {
                format!(
                    "{}: after a kill the file holds {held} transfers; acknowledged were {}",
                    case.design.name,
                    case.workload().accepted(acknowledged)
                )
            })?;
    }
    let kill_row = opening_row(case, "open-after-kill", count, after_kill)?;
    check_file(
        case.design,
        &path,
        case.accounts,
        &[Stream {
            workload: case.workload(),
            count,
            batch: case.batch,
        }],
        true,
    )?;
    Ok(vec![close_row, kill_row])
}

fn open(case: &Case, path: &Path, latencies: &mut Latencies) -> Result<Box<dyn Contender>> {
    let asked = Instant::now();
    let mut ledger = (case.design.open)(path)?;
    ledger.balance(1)?;
    latencies.push(asked.elapsed());
    Ok(ledger)
}

fn opening_row(case: &Case, name: &str, transfers: u64, mut latencies: Latencies) -> Result<Row> {
    let spread = latencies.spread();
    Ok(Row {
        spread,
        rss_mb: peak_memory()? as f64 / 1e6,
        transfers,
        ..case.row(name)
    })
}

/// Lets another process write from transfer `first` on, kills it in the middle of its work, and answers up to
/// where it had acknowledged.
fn write_until_killed(case: &Case, directory: &Path, first: u64) -> Result<u64> {
    let writing = Case {
        bench: Bench::UntilKilled,
        first,
        ..case.clone()
    };
    let mut writer = Command::new(std::env::current_exe()?)
        .args(writing.arguments(directory))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(writer.stdout.take().ok_or("the writer has no output")?).lines();
    let mut acknowledged = first;
    let mut killed_at = None;
    for line in lines {
        // The kill may cut the last line short; a line that is whole was written after its batch.
        if let Some(count) = line?
            .strip_prefix("acknowledged ")
            .and_then(|rest| rest.strip_suffix('.'))
        {
            acknowledged = count.parse()?;
        }
        let kill_at = *killed_at.get_or_insert_with(|| Instant::now() + LIFE);
        if Instant::now() >= kill_at {
            writer.kill()?;
        }
    }
    let status = writer.wait()?;
    if status.code().is_some() {
        return Err(format!("the writer ended by itself: {status}").into());
    }
    Ok(acknowledged)
}

/// The other process: writes without end and tells how far it has come.
pub fn until_killed(case: &Case, directory: &Path) -> Result<()> {
    let ledger = (case.design.open)(&database(directory))?;
    let mut feeder = Feeder::begin(ledger, case.workload(), case.batch, case.first);
    loop {
        feeder.feed(u64::MAX)?;
        writeln!(stdout(), "acknowledged {}.", feeder.next)?;
    }
}
