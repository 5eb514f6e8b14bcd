//! Measures ledgers on the same SQLite, in the same run, under the same load: `cargo bench --bench throughput --
//! --help` tells what there is. Each case runs in a process of its own, so that memory and CPU time are its own;
//! this process makes the files, prints the table and writes target/bench/<bench>.jsonl for the README's chart.

#![forbid(unsafe_code)]

mod blocking;
mod contender;
mod lookup;
mod measure;
mod naive;
mod opening;
mod options;
mod progress;
mod qenex;
mod queue;
mod report;
mod scratch;
mod sequential;
mod tuned;
mod verify;
mod workload;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use contender::{Bank, Result};
use options::{Bench, Case, HELP, Options};
use report::{Machine, Report, Row};
use scratch::{Scratch, bench_directory, copy_directory, database, remove_directory};
use workload::{FIRST_DAY, IdOrder, OVERDRAFT, Payload};

fn main() -> ExitCode {
    let ended = Options::parse(std::env::args().skip(1)).and_then(|options| {
        match options.case_directory.clone() {
            _ if options.help => {
                print!("{HELP}");
                Ok(())
            }
            Some(directory) => run_case(&options, &directory),
            None => run_benches(&options),
        }
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The process that measures one case: rows go to standard output, a line each.
fn run_case(options: &Options, directory: &Path) -> Result<()> {
    let cases = options.cases();
    let [case] = cases.as_slice() else {
        return Err("a case directory goes with exactly one case".into());
    };
    let rows = match case.bench {
        Bench::Throughput | Bench::Hot | Bench::Long => sequential::run(case, directory)?,
        Bench::Blocking => blocking::run(case, directory)?,
        Bench::Queue => queue::run(case, directory)?,
        Bench::Open => opening::run(case, directory)?,
        Bench::Lookup => lookup::run(case, directory)?,
        Bench::Prepare => {
            let bank = Bank {
                accounts: case.accounts,
                overdraft: OVERDRAFT,
                day: FIRST_DAY,
            };
            (case.design.create)(&database(directory), &bank)?.close()?;
            Vec::new()
        }
        Bench::UntilKilled => return opening::until_killed(case, directory),
        Bench::All => return Err("a case belongs to one bench".into()),
    };
    for row in rows {
        println!("{}", row.to_line());
    }
    Ok(())
}

fn run_benches(options: &Options) -> Result<()> {
    let scratch = Scratch::begin()?;
    if options.bench != Bench::All {
        return run_bench(
            options.bench.name(),
            std::slice::from_ref(options),
            &scratch,
        );
    }
    for (name, loads) in reported_loads(options) {
        run_bench(name, &loads, &scratch)?;
    }
    Ok(())
}

/// What the project reports, bench by bench.
fn reported_loads(options: &Options) -> Vec<(&'static str, Vec<Options>)> {
    let both_ids = vec![IdOrder::Time, IdOrder::Random];
    let small = Options {
        bench: Bench::Throughput,
        ids: both_ids.clone(),
        ..options.clone()
    };
    let realistic = Options {
        ids: vec![IdOrder::Time],
        payloads: vec![Payload::Realistic],
        ..small.clone()
    };
    let large = Options {
        accounts: vec![1_000_000, 10_000_000],
        ..small.clone()
    };
    let of = |bench: Bench| Options {
        bench,
        ..options.clone()
    };
    vec![
        ("throughput", vec![small, realistic, large]),
        ("hot", vec![of(Bench::Hot)]),
        ("blocking", vec![of(Bench::Blocking)]),
        ("queue", vec![of(Bench::Queue)]),
        ("lookup", vec![of(Bench::Lookup)]),
        ("open", vec![of(Bench::Open)]),
        (
            "long",
            vec![Options {
                ids: both_ids,
                ..of(Bench::Long)
            }],
        ),
    ]
}

fn run_bench(name: &str, loads: &[Options], scratch: &Scratch) -> Result<()> {
    let cases: Vec<Case> = loads.iter().flat_map(Options::cases).collect();
    let first = loads.first().ok_or("a bench needs a load")?;
    let machine = Machine::describe(first.date.as_deref());
    // Figures that show only that it runs must not take the place of real ones.
    let file = if first.quick {
        format!("{name}-quick")
    } else {
        name.to_owned()
    };
    let mut report = Report::begin(&bench_directory(), &file, first.append, machine)?;
    for (index, case) in cases.iter().enumerate() {
        eprintln!(
            "[{}/{}] {name}: {}, batch {}, {} ids, {} accounts, {} threads, {}",
            index + 1,
            cases.len(),
            case.design.name,
            case.batch,
            case.ids.name(),
            case.accounts,
            case.threads,
            case.payload.name(),
        );
        if case.bench == Bench::Queue && case.design.open_submission.is_none() {
            eprintln!("  {} has no completion queue", case.design.name);
            continue;
        }
        let empty_bank = scratch.path(&format!("{}-{}", case.design.name, case.accounts));
        if !empty_bank.exists() {
            fs::create_dir_all(&empty_bank)?;
            run_process(
                &Case {
                    bench: Bench::Prepare,
                    ..case.clone()
                },
                &empty_bank,
            )?;
        }
        let directory = scratch.path("case");
        copy_directory(&empty_bank, &directory)?;
        for row in run_process(case, &directory)? {
            report.add(&row)?;
        }
        remove_directory(&directory)?;
    }
    report.end()
}

/// Runs a case in a process of its own and answers its rows.
fn run_process(case: &Case, directory: &Path) -> Result<Vec<Row>> {
    let output = Command::new(std::env::current_exe()?)
        .args(case.arguments(directory))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!(
            "{} of {} failed: {}",
            case.bench.name(),
            case.design.name,
            output.status
        )
        .into());
    }
    String::from_utf8(output.stdout)?
        .lines()
        .map(Row::from_line)
        .collect()
}
