//! The command line: which bench, which contenders, which loads. A list of loads is expanded into cases, and one
//! case can be written back as a command line, because every case is measured in a process of its own.

use std::path::PathBuf;

use crate::contender::{DESIGNS, Design, Result, design};
use crate::workload::{IdOrder, Payload};

pub const HELP: &str = "\
Usage: cargo bench --bench throughput -- [BENCH] [OPTIONS]

Benches
  throughput   batches of transfers by one caller (the default)
  hot          the same with one account in every transfer
  long         ten million transfers, reported by the million
  blocking     callers that each wait for their own single transfer
  queue        batches through the completion queue
  open         opening after close and after a kill
  lookup       balance, last 100 statement lines, balance as of a day on the busiest account
  all          every bench with the loads that the project reports

Options (lists are separated by commas)
  --designs LIST      contenders, by default naive,tuned,...; only when named: naive-lean,
                      which is naive without its indexes for statements, and tuned-cached,
                      which is tuned with its accounts kept in memory between batches
  --batches LIST      transfers in a batch, by default 1,100,1000,8190
  --ids LIST          time, random; by default time
  --accounts LIST     by default 10000
  --payload LIST      bare, realistic; by default bare
  --threads LIST      blocking callers, by default 1,8,64
  --transfers N       transfers in each run; by default enough for some seconds
  --seconds N         how long blocking callers call, by default 5
  --seed N            of the generator, by default 1
  --quick             a twentieth of everything: to see that it runs, not how fast
  --append            add to the files in target/bench instead of replacing them
  --date YYYY-MM-DD   date to write into the rows, by default today
";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    Throughput,
    Hot,
    Long,
    Blocking,
    Queue,
    Open,
    Lookup,
    All,
    /// Only within the harness: makes the file of a bank without transfers.
    Prepare,
    /// Only within the harness: transfers from a given place until it is killed.
    UntilKilled,
}

const BENCHES: &[(&str, Bench)] = &[
    ("throughput", Bench::Throughput),
    ("hot", Bench::Hot),
    ("long", Bench::Long),
    ("blocking", Bench::Blocking),
    ("queue", Bench::Queue),
    ("open", Bench::Open),
    ("lookup", Bench::Lookup),
    ("all", Bench::All),
    ("prepare", Bench::Prepare),
    ("until-killed", Bench::UntilKilled),
];

impl Bench {
    pub fn name(self) -> &'static str {
        BENCHES
            .iter()
            .find(|(_, bench)| *bench == self)
            .map_or("", |(name, _)| name)
    }
}

/// What the command line asks for.
#[derive(Clone)]
pub struct Options {
    pub bench: Bench,
    pub designs: Vec<&'static Design>,
    pub batches: Option<Vec<usize>>,
    pub ids: Vec<IdOrder>,
    pub accounts: Vec<u64>,
    pub payloads: Vec<Payload>,
    pub threads: Vec<usize>,
    pub transfers: Option<u64>,
    pub seconds: f64,
    pub seed: u64,
    pub quick: bool,
    pub append: bool,
    pub date: Option<String>,
    pub help: bool,
    /// Set in the process that measures one case: the directory in which it works.
    pub case_directory: Option<PathBuf>,
    /// Where the stream begins; only for [`Bench::UntilKilled`].
    pub first: u64,
}

/// One run of one contender under one load.
#[derive(Clone)]
pub struct Case {
    pub bench: Bench,
    pub design: &'static Design,
    pub batch: usize,
    pub ids: IdOrder,
    pub accounts: u64,
    pub payload: Payload,
    pub threads: usize,
    pub transfers: u64,
    pub seconds: f64,
    pub seed: u64,
    pub first: u64,
}

impl Options {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Options> {
        let mut options = Options {
            bench: Bench::Throughput,
            designs: DESIGNS.iter().filter(|design| design.complete).collect(),
            batches: None,
            ids: vec![IdOrder::Time],
            accounts: vec![10_000],
            payloads: vec![Payload::Bare],
            threads: vec![1, 8, 64],
            transfers: None,
            seconds: 5.0,
            seed: 1,
            quick: false,
            append: false,
            date: None,
            help: false,
            case_directory: None,
            first: 0,
        };
        let mut arguments = arguments.peekable();
        if arguments.peek().is_none() {
            // `cargo bench` always passes something; `cargo test --all-targets` nothing, and wants to be brief.
            options.quick = true;
            options.batches = Some(vec![100]);
        }
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                // What cargo itself passes to every bench.
                "--bench" => {}
                "--quick" => options.quick = true,
                "--append" => options.append = true,
                "--help" | "-h" => options.help = true,
                "--designs" => options.designs = list(&value()?, design)?,
                "--batches" => options.batches = Some(list(&value()?, at_least(1))?),
                "--ids" => options.ids = list(&value()?, id_order)?,
                "--accounts" => {
                    let counts: Vec<usize> = list(&value()?, at_least(2))?;
                    options.accounts = counts.into_iter().map(|count| count as u64).collect();
                }
                "--payload" => options.payloads = list(&value()?, payload)?,
                "--threads" => options.threads = list(&value()?, at_least(1))?,
                "--transfers" => options.transfers = Some(number(&value()?)?),
                "--seconds" => options.seconds = number(&value()?)?,
                "--seed" => options.seed = number(&value()?)?,
                "--date" => options.date = Some(value()?),
                "--case-directory" => options.case_directory = Some(value()?.into()),
                "--first" => options.first = number(&value()?)?,
                name => {
                    let bench = BENCHES.iter().find(|(known, _)| *known == name);
                    options.bench = bench
                        .ok_or_else(|| format!("'{name}' is not understood; see --help"))?
                        .1;
                }
            }
        }
        if !(options.seconds > 0.0 && options.seconds <= 86_400.0) {
            return Err("--seconds must be above zero and at most a day".into());
        }
        Ok(options)
    }

    /// Every combination that this bench measures, contender by contender.
    pub fn cases(&self) -> Vec<Case> {
        let batches: &[usize] = match (&self.batches, self.bench) {
            (_, Bench::Blocking) => &[1],
            (Some(batches), _) => batches,
            (None, Bench::Throughput | Bench::Queue) => &[1, 100, 1_000, 8_190],
            (None, _) => &[8_190],
        };
        let threads: &[usize] = if self.bench == Bench::Blocking {
            &self.threads
        } else {
            &[1]
        };
        let scale = if self.quick { 20 } else { 1 };
        let mut cases = Vec::new();
        for &accounts in &self.accounts {
            for &payload in &self.payloads {
                for &ids in &self.ids {
                    for &batch in batches {
                        for &threads in threads {
                            for &design in &self.designs {
                                let transfers = self
                                    .transfers
                                    .unwrap_or(usual_transfers(self.bench, batch) / scale);
                                cases.push(Case {
                                    bench: self.bench,
                                    design,
                                    batch,
                                    ids,
                                    accounts,
                                    payload,
                                    threads,
                                    transfers: transfers.max(batch as u64),
                                    seconds: self.seconds / scale as f64,
                                    seed: self.seed,
                                    first: self.first,
                                });
                            }
                        }
                    }
                }
            }
        }
        cases
    }
}

fn usual_transfers(bench: Bench, batch: usize) -> u64 {
    match (bench, batch) {
        (Bench::Open | Bench::Long, _) => 10_000_000,
        (_, 1..10) => 20_000,
        (_, 10..500) => 400_000,
        _ => 1_000_000,
    }
}

impl Case {
    /// The command line that runs this case, and nothing else, in `directory`.
    pub fn arguments(&self, directory: &std::path::Path) -> Vec<String> {
        let pairs = [
            ("--designs", self.design.name.to_owned()),
            ("--batches", self.batch.to_string()),
            ("--ids", self.ids.name().to_owned()),
            ("--accounts", self.accounts.to_string()),
            ("--payload", self.payload.name().to_owned()),
            ("--threads", self.threads.to_string()),
            ("--transfers", self.transfers.to_string()),
            ("--seconds", self.seconds.to_string()),
            ("--seed", self.seed.to_string()),
            ("--first", self.first.to_string()),
            ("--case-directory", directory.display().to_string()),
        ];
        let options = pairs
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value]);
        std::iter::once(self.bench.name().to_owned())
            .chain(options)
            .collect()
    }
}

impl IdOrder {
    pub fn name(self) -> &'static str {
        match self {
            IdOrder::Time => "time",
            IdOrder::Random => "random",
        }
    }
}

impl Payload {
    pub fn name(self) -> &'static str {
        match self {
            Payload::Bare => "bare",
            Payload::Realistic => "realistic",
        }
    }
}

fn id_order(name: &str) -> Result<IdOrder> {
    match name {
        "time" => Ok(IdOrder::Time),
        "random" => Ok(IdOrder::Random),
        _ => Err(format!("ids are time or random, not '{name}'").into()),
    }
}

fn payload(name: &str) -> Result<Payload> {
    match name {
        "bare" => Ok(Payload::Bare),
        "realistic" => Ok(Payload::Realistic),
        _ => Err(format!("a payload is bare or realistic, not '{name}'").into()),
    }
}

fn list<T>(text: &str, item: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    text.split(',').map(|part| item(part.trim())).collect()
}

fn at_least(least: usize) -> impl Fn(&str) -> Result<usize> {
    move |text| match text.parse::<usize>() {
        Ok(count) if count >= least => Ok(count),
        _ => Err(format!("'{text}' is not a whole number of {least} or more").into()),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| format!("'{text}' is not a number").into())
}
