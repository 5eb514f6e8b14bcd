//! Questions to a ledger with history: balances, the last 100 lines of a statement, and the balance as of a day on
//! an account that took part in every transfer of a year.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::contender::Result;
use crate::measure::{Latencies, cpu_time, peak_memory, reset_peak};
use crate::options::Case;
use crate::progress::Progress;
use crate::report::Row;
use crate::scratch::database;
use crate::sequential::{Feeder, per_transfer};
use crate::verify::{Stream, check_file};
use crate::workload::{FIRST_DAY, Random, Workload};

const DAYS: u64 = 365;
const STATEMENT_LINES: usize = 100;

pub fn run(case: &Case, directory: &Path) -> Result<Vec<Row>> {
    if !case.design.complete {
        return Err(format!("{} lists no statements to look up", case.design.name).into());
    }
    let path = database(directory);
    let count = case.transfers;
    let workload = Workload {
        hot: true,
        per_day: count.div_ceil(DAYS),
        ..case.workload()
    };
    let mut progress =
        Progress::begin(format!("a year of history for {}", case.design.name), count);
    let mut feeder = Feeder::begin((case.design.open)(&path)?, workload.clone(), case.batch, 0);
    while feeder.next < count {
        feeder.feed(count)?;
        progress.reached(feeder.next);
    }
    feeder.ledger.close()?;
    drop(progress);
    check_file(
        case.design,
        &path,
        case.accounts,
        &[Stream {
            workload,
            count,
            batch: case.batch,
        }],
        true,
    )?;

    let mut ledger = (case.design.open)(&path)?;
    let ledger = ledger.as_mut();
    let mut lines = Vec::with_capacity(STATEMENT_LINES);
    let rows = vec![
        ask(case, "lookup-balance", count, |random| {
            ledger.balance(1 + random.below(case.accounts)).map(drop)
        })?,
        ask(case, "lookup-statement", count / 100, |random| {
            lines.clear();
            ledger.statement(1 + random.below(case.accounts), STATEMENT_LINES, &mut lines)
        })?,
        ask(case, "lookup-as-of", count / 20, |random| {
            ledger
                .balance_as_of(1, FIRST_DAY + random.below(DAYS) as i32)
                .map(drop)
        })?,
    ];
    Ok(rows)
}

/// Asks `count` times and measures each answer.
fn ask(
    case: &Case,
    name: &str,
    count: u64,
    mut question: impl FnMut(&mut Random) -> Result<()>,
) -> Result<Row> {
    let count = count.max(1);
    reset_peak();
    let mut random = Random::at(case.seed, u64::MAX);
    let mut latencies = Latencies::with_capacity(usize::try_from(count)?);
    let mut inside = Duration::ZERO;
    let cpu_before = cpu_time()?;
    for _ in 0..count {
        let asked = Instant::now();
        question(&mut random)?;
        let elapsed = asked.elapsed();
        inside += elapsed;
        latencies.push(elapsed);
    }
    let cpu = cpu_time()?.saturating_sub(cpu_before);
    Ok(Row {
        batch: 1,
        tps: count as f64 / inside.as_secs_f64(),
        cpu_us: per_transfer(cpu, count),
        spread: latencies.spread(),
        rss_mb: peak_memory()? as f64 / 1e6,
        transfers: count,
        ..case.row(name)
    })
}
