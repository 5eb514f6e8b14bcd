//! Several clients at once, each with its own seeded stream of commands, in blocking calls whose commits are grouped and
//! through the completion queue. What they were told is kept as lines of text, so that it can come through a pipe, and is
//! held against the file afterwards: the streams are made again from their seed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parking_lot::Mutex;
use qenex::base::{Status, Timestamp};
use qenex::engine::{Engine, EngineOptions, ExecuteOptions};
use qenex::ledger::balance::Turnovers;
use qenex::ledger::outcome::Outcome;

use crate::audit;
use crate::bank::START;
use crate::command::{Batch, Entry, Op};
use crate::dice::Dice;
use crate::file::{Checked, time_of};
use crate::generator::{Generator, Mix};
use crate::keys::Allowed;
use crate::model::{Client, Model, When};

const MIX: Mix = Mix {
    accounts: 40,
    batch: 10,
    texts: true,
};
/// Clients; the last one uses the completion queue.
pub const CLIENTS: u64 = 4;
/// Submissions of that client that wait at a time.
const SUBMITTED: u64 = 4;

/// How a bank begins.
pub struct Setup {
    seed: u64,
    generator: Generator,
    model: Model,
    batches: Vec<Vec<Entry>>,
}

/// What a client sends, batch by batch.
pub struct Stream {
    number: u64,
    client: Client,
    generator: Generator,
    model: Model,
    dice: Dice,
    sent: u64,
}

struct Sent {
    number: u64,
    entries: Vec<Entry>,
    options: ExecuteOptions,
}

impl Setup {
    pub fn new(seed: u64) -> Setup {
        let mut generator = Generator::new(seed, MIX);
        let mut model = Model::new();
        let now = Timestamp::parse(START).unwrap();
        let client = first_client();
        let mut batches = Vec::new();
        for number in 0..2 {
            let entries = match number {
                0 => generator.setup(now.date().days()),
                _ => generator.funding(&model),
            };
            let when = When::Clock(now.micros());
            model.run(&client, when, &entries, false).unwrap();
            batches.push(entries);
        }
        Setup {
            seed,
            generator,
            model,
            batches,
        }
    }

    /// Sends the first batches.
    pub fn apply(&self, engine: &Engine) {
        let session = engine.session(&first_client().principal, "").unwrap();
        for entries in &self.batches {
            let batch = Batch(entries.clone());
            session
                .execute(&batch, &ExecuteOptions::default(), &mut Vec::new())
                .unwrap();
        }
    }

    /// The streams of a round.
    pub fn streams(&self, round: u64) -> Vec<Stream> {
        (0..CLIENTS)
            .map(|number| {
                let seed = Dice::new(self.seed << 32 ^ round << 8 ^ number).next();
                let mut model = self.model.clone();
                model.state.time = time_of(round).micros();
                model.state.entities[0].business_date += (round / 3) as i32;
                Stream {
                    number,
                    client: Client {
                        principal: format!("teller {number}"),
                        behalf: match number {
                            2 => "a customer".into(),
                            _ => String::new(),
                        },
                    },
                    generator: self.generator.branch(seed),
                    model,
                    dice: Dice::new(seed),
                    sent: 0,
                }
            })
            .collect()
    }
}

fn first_client() -> Client {
    Client {
        principal: "teller 0".into(),
        behalf: String::new(),
    }
}

impl Stream {
    fn next(&mut self) -> Sent {
        let number = self.sent;
        self.sent += 1;
        Sent {
            number,
            entries: self.generator.batch(&self.model),
            options: ExecuteOptions {
                dry_run: self.dice.one_in(15),
                ..ExecuteOptions::default()
            },
        }
    }
}

/// Where clients tell what they do and hear.
pub type Report<'a> = &'a (dyn Fn(String) + Sync);

/// All clients at once, each with so many batches or until the engine fails.
pub fn run(engine: &Engine, streams: &mut [Stream], batches: u64, report: Report<'_>) {
    std::thread::scope(|scope| {
        for stream in streams {
            scope.spawn(move || match stream.number {
                number if number + 1 == CLIENTS => submit(engine, stream, batches, report),
                _ => call(engine, stream, batches, report),
            });
        }
    });
}

/// Clients of a round until the engine fails, in this process.
pub fn run_until_it_ends(engine: &Engine, setup: &Setup, round: u64) -> Heard {
    let lines = Mutex::new(Vec::new());
    let mut streams = setup.streams(round);
    run(engine, &mut streams, 200, &|line| lines.lock().push(line));
    let mut heard = Heard::new(round);
    for line in lines.into_inner() {
        heard.hear(&line);
    }
    heard
}

fn call(engine: &Engine, stream: &mut Stream, batches: u64, report: Report<'_>) {
    let Ok(session) = engine.session(&stream.client.principal, &stream.client.behalf) else {
        return;
    };
    for _ in 0..batches {
        let sent = stream.next();
        let batch = Batch(sent.entries);
        report(format!("try {} {}", stream.number, sent.number));
        if closes(&batch.0) {
            report("phase days".into());
        }
        let mut outcomes = Vec::new();
        let result = session.execute(&batch, &sent.options, &mut outcomes);
        let done = result.map(|_| outcomes);
        if !tell(stream.number, sent.number, done, report) {
            return;
        }
    }
}

fn submit(engine: &Engine, stream: &mut Stream, batches: u64, report: Report<'_>) {
    let Ok(session) = engine.session(&stream.client.principal, &stream.client.behalf) else {
        return;
    };
    let mut waiting = BTreeSet::new();
    let mut left = batches;
    let mut whole = true;
    while whole && left > 0 || !waiting.is_empty() {
        while whole && left > 0 && (waiting.len() as u64) < SUBMITTED {
            left -= 1;
            let sent = stream.next();
            report(format!("try {} {}", stream.number, sent.number));
            if closes(&sent.entries) {
                report("phase days".into());
            }
            let list = Box::new(Batch(sent.entries));
            match session.submit(list, sent.options, sent.number) {
                Ok(()) => {
                    waiting.insert(sent.number);
                }
                Err(error) => {
                    whole = tell(stream.number, sent.number, Err(error), report);
                }
            }
        }
        for completion in engine.collect(Duration::from_secs(60), 3).unwrap() {
            assert!(waiting.remove(&completion.tag));
            let done = completion.result.map(|_| completion.outcomes);
            whole &= tell(stream.number, completion.tag, done, report);
        }
    }
}

/// Tells what a client heard of a batch; false: the engine is at its end.
fn tell(
    client: u64,
    batch: u64,
    done: qenex::base::Result<Vec<Outcome>>,
    report: Report<'_>,
) -> bool {
    match done {
        Ok(outcomes) => {
            let mut line = format!("ack {client} {batch}");
            for outcome in &outcomes {
                line.push(' ');
                line.push_str(&text_of(outcome));
            }
            report(line);
            true
        }
        Err(error) => {
            if error.status() != Status::OUTCOME_UNKNOWN {
                report(format!("err {client} {batch} {:?}", error.status()));
            }
            false
        }
    }
}

/// An outcome without white space: for what was applied all of it, for a refusal its status.
fn text_of(outcome: &Outcome) -> String {
    if !outcome.status.is_ok() {
        return format!("{:?}", outcome.status);
    }
    let sides = |turnovers: &Turnovers| {
        format!(
            "{}/{}/{}/{}",
            turnovers.debits_posted,
            turnovers.credits_posted,
            turnovers.debits_pending,
            turnovers.credits_pending
        )
    };
    format!(
        "OK,{},{},{},{},{},{},{}",
        outcome.sequence,
        outcome.time.micros(),
        outcome.id.to_u128(),
        outcome.number,
        outcome.amount,
        sides(&outcome.debit),
        sides(&outcome.credit)
    )
}

/// What the clients of a round told.
#[derive(Debug, Default)]
pub struct Heard {
    round: u64,
    clients: BTreeMap<u64, OfClient>,
}

#[derive(Debug, Default)]
struct OfClient {
    tried: u64,
    acknowledged: BTreeMap<u64, Vec<String>>,
    failed: BTreeSet<u64>,
}

/// Everything that a round's streams say, with what was heard of it.
#[derive(Default)]
struct Told {
    /// By client: commands that must be answered as before.
    repeats: Vec<(Client, Vec<(Entry, String)>)>,
    /// What may be in the file.
    allowed: Allowed,
    /// How often a key is used in the round.
    uses: BTreeMap<u128, u32>,
    /// Batches of which nothing was heard.
    in_flight: Vec<Vec<Entry>>,
    closes_acknowledged: usize,
}

impl Heard {
    pub fn new(round: u64) -> Heard {
        Heard {
            round,
            ..Heard::default()
        }
    }

    /// Takes a line; false if it is none of the clients'.
    pub fn hear(&mut self, line: &str) -> bool {
        let mut words = line.split(' ');
        let what = words.next();
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        let (Some(client), Some(batch)) = (number(), number()) else {
            return false;
        };
        let of_client = self.clients.entry(client).or_default();
        match what {
            Some("try") => of_client.tried = of_client.tried.max(batch + 1),
            Some("ack") => {
                let items = words.map(str::to_owned).collect();
                of_client.acknowledged.insert(batch, items);
            }
            Some("err") => {
                of_client.failed.insert(batch);
            }
            _ => return false,
        }
        true
    }

    /// How many batches were acknowledged.
    pub fn acknowledged(&self) -> usize {
        let counts = self.clients.values();
        counts.map(|client| client.acknowledged.len()).sum()
    }

    /// Holds what was heard against a file whose last change before the round was `start`.
    pub fn check(
        &self,
        engine: &Engine,
        options: &EngineOptions,
        setup: &Setup,
        start: i64,
    ) -> Checked<()> {
        let told = self.told(setup)?;
        told.are_repeated(engine)?;
        let applied = told
            .allowed
            .applied(&audit::reader_of(&options.location), start)?;
        told.chains_are_whole(&applied)
    }

    /// Batches with the end of a day, the close of a period or of a year: how many were acknowledged, and of how many
    /// nothing was heard.
    pub fn closes(&self, setup: &Setup) -> Checked<(usize, usize)> {
        let told = self.told(setup)?;
        Ok((
            told.closes_acknowledged,
            told.in_flight
                .iter()
                .filter(|entries| closes(entries))
                .count(),
        ))
    }

    /// Repeats alone, long after the round.
    pub fn check_repeats(&self, engine: &Engine, setup: &Setup) -> Checked<()> {
        self.told(setup)?.are_repeated(engine)
    }

    fn told(&self, setup: &Setup) -> Checked<Told> {
        let mut told = Told::default();
        for mut stream in setup.streams(self.round) {
            let Some(heard) = self.clients.get(&stream.number) else {
                continue;
            };
            let mut repeats = Vec::new();
            let mut in_flight = 0;
            for number in 0..heard.tried {
                let Sent {
                    entries, options, ..
                } = stream.next();
                for entry in &entries {
                    *told.uses.entry(entry.op.key()).or_default() += 1;
                }
                if options.dry_run {
                    continue;
                }
                if let Some(items) = heard.acknowledged.get(&number) {
                    told.closes_acknowledged += usize::from(closes(&entries));
                    if items.len() != entries.len() {
                        return Err(format!("batch {number} has {} answers", items.len()));
                    }
                    for (entry, answer) in entries.iter().zip(items) {
                        if entry.op.key() != 0 && is_kept(answer) {
                            told.allowed.insert(&entry.op);
                            let mut entry = entry.clone();
                            entry.linked = false;
                            repeats.push((entry, answer.clone()));
                        }
                    }
                } else if !heard.failed.contains(&number) {
                    in_flight += 1;
                    for entry in &entries {
                        told.allowed.insert(&entry.op);
                    }
                    told.in_flight.push(entries);
                }
            }
            let most = match stream.number + 1 {
                CLIENTS => SUBMITTED,
                _ => 1,
            };
            if in_flight > most {
                return Err(format!(
                    "client {} has {in_flight} in flight",
                    stream.number
                ));
            }
            told.repeats.push((stream.client, repeats));
        }
        Ok(told)
    }
}

/// Whether the end of a day, or the close of a period or a year, is in a batch.
fn closes(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| {
        matches!(
            entry.op,
            Op::EndOfDay { .. } | Op::YearEnd { .. } | Op::ClosePeriod { .. }
        )
    })
}

/// Whether an answer is remembered: what was applied, and final refusals.
fn is_kept(answer: &str) -> bool {
    answer.starts_with("OK,")
        || Status::ALL
            .iter()
            .any(|status| status.is_final() && format!("{status:?}") == answer)
}

impl Told {
    /// Every acknowledged command is answered as the first time. Dry runs, so that the file stays as it is.
    fn are_repeated(&self, engine: &Engine) -> Checked<()> {
        let options = ExecuteOptions {
            dry_run: true,
            ..ExecuteOptions::default()
        };
        for (client, repeats) in &self.repeats {
            let session = engine
                .session(&client.principal, &client.behalf)
                .map_err(|error| error.to_string())?;
            for portion in repeats.chunks(200) {
                let entries = portion.iter().map(|(entry, _)| entry.clone()).collect();
                let mut outcomes = Vec::new();
                session
                    .execute(&Batch(entries), &options, &mut outcomes)
                    .map_err(|error| error.to_string())?;
                for ((entry, answer), outcome) in portion.iter().zip(&outcomes) {
                    if !outcome.repeated || text_of(outcome) != *answer {
                        return Err(format!(
                            "{entry:?}\nwas acknowledged as {answer}\nnow: {outcome:?}"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Of each linked chain in flight, everything is there or nothing.
    fn chains_are_whole(&self, applied: &BTreeSet<u128>) -> Checked<()> {
        for entries in &self.in_flight {
            for chain in entries.split_inclusive(|entry| !entry.linked) {
                let keys = chain
                    .iter()
                    .map(|entry| entry.op.key())
                    .filter(|key| *key != 0 && self.uses.get(key) == Some(&1));
                let there: BTreeSet<bool> = keys.map(|key| applied.contains(&key)).collect();
                if chain.len() > 1 && there.len() > 1 {
                    return Err(format!("half a chain is in the file: {chain:?}"));
                }
            }
        }
        Ok(())
    }
}

#[test]
fn a_file_without_what_was_acknowledged_fails_the_check() {
    use crate::file;
    use qenex::store::file::Location;
    use qenex::store::vfs::SimulatedDisk;
    let setup = Setup::new(3);
    let open = || {
        let options = file::options(Location::Memory(SimulatedDisk::volatile()), 0);
        let engine = Engine::open(options.clone()).unwrap();
        setup.apply(&engine);
        (engine, options)
    };
    let (engine, options) = open();
    let start = engine.session("auditor", "").unwrap().sequence().unwrap();
    let mut heard = Heard::new(0);
    let lines = Mutex::new(Vec::new());
    run(&engine, &mut setup.streams(0), 20, &|line| {
        lines.lock().push(line);
    });
    for line in lines.into_inner() {
        assert!(heard.hear(&line) || line == "phase days", "{line}");
    }
    heard.check(&engine, &options, &setup, start).unwrap();
    let (other, options) = open();
    heard.check(&other, &options, &setup, start).unwrap_err();
}
