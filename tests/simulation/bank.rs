//! An engine and a model of it side by side: what is sent to one is sent to the other, and every answer is compared.

use std::sync::Arc;

use qenex::base::time::ManualClock;
use qenex::base::{Result, Status, Timestamp};
use qenex::engine::{Engine, EngineOptions, ExecuteOptions};
use qenex::ledger::balance;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::{Durability, Location};
use qenex::store::vfs::{FaultPlan, SimulatedDisk};

use crate::audit;
use crate::command::{Batch, Entry};
use crate::dice::Dice;
use crate::generator::{Generator, Mix};
use crate::model::{Answer, Client, Model, Turnovers, When};

/// The first moment of every run.
pub const START: &str = "2026-11-20T22:30:00Z";
const MINUTE: i64 = 60_000_000;

/// How a run's engine is opened.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    pub cache_bytes: usize,
    pub replay_limit: u32,
    pub checkpoint_bytes: u64,
    pub portion: usize,
}

impl Tuning {
    /// Caches as small as they get and frequent flushes, so that every path between memory and disk is walked.
    pub const TIGHT: Tuning = Tuning {
        cache_bytes: 0,
        replay_limit: 50,
        checkpoint_bytes: 64 << 10,
        portion: 3,
    };
    /// The other extreme: nothing is written to the caches on disk before closing.
    pub const LAZY: Tuning = Tuning {
        cache_bytes: 16 << 20,
        replay_limit: 1 << 20,
        checkpoint_bytes: 16 << 20,
        portion: 480,
    };
}

/// How a run goes on with a new engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Close properly.
    Close,
    /// Drop the engine.
    Drop,
    /// Go on with the files as they are at this moment.
    Kill,
    /// Lose power at this moment.
    PowerCut,
}

/// The engine and the model.
pub struct Bank {
    pub seed: u64,
    /// What else is to be named when the test fails.
    pub case: String,
    pub disk: SimulatedDisk,
    pub faults: FaultPlan,
    pub tuning: Tuning,
    pub durability: Durability,
    pub model: Model,
    pub generator: Generator,
    pub dice: Dice,
    pub clock: Arc<ManualClock>,
    now: i64,
    engine: Option<Engine>,
    batches: u64,
}

impl Bank {
    /// An empty file.
    pub fn new(seed: u64, tuning: Tuning, mix: Mix) -> Bank {
        let now = Timestamp::parse(START).unwrap();
        let mut bank = Bank {
            seed,
            case: String::new(),
            disk: SimulatedDisk::new(),
            faults: FaultPlan::new(),
            tuning,
            durability: Durability::Full,
            model: Model::new(),
            generator: Generator::new(seed, mix),
            dice: Dice::new(seed),
            clock: Arc::new(ManualClock::new(now)),
            now: now.micros(),
            engine: None,
            batches: 0,
        };
        bank.open()
            .unwrap_or_else(|error| bank.fail(&error.to_string()));
        bank
    }

    /// The same bank on another disk, not opened, as a case of its own.
    #[allow(dead_code, reason = "for the crash tests, which share this file")]
    pub fn again(&self, case: String, disk: SimulatedDisk) -> Bank {
        Bank {
            seed: self.seed,
            case,
            disk,
            faults: FaultPlan::new(),
            tuning: self.tuning,
            durability: self.durability,
            model: self.model.clone(),
            generator: self.generator.clone(),
            dice: self.dice.clone(),
            clock: Arc::new(ManualClock::new(Timestamp::from_micros(self.now))),
            now: self.now,
            engine: None,
            batches: self.batches,
        }
    }

    /// A bank with accounts that have money.
    pub fn set_up(seed: u64, tuning: Tuning, mix: Mix) -> Bank {
        let mut bank = Bank::new(seed, tuning, mix);
        let today = Timestamp::from_micros(bank.now).date().days();
        let entries = bank.generator.setup(today);
        bank.run_default(entries);
        let entries = bank.generator.funding(&bank.model);
        bank.run_default(entries);
        bank
    }

    /// Opens an engine on the disk.
    pub fn open(&mut self) -> Result<()> {
        self.engine = None;
        self.engine = Some(Engine::open(self.options())?);
        Ok(())
    }

    pub fn options(&self) -> EngineOptions {
        let mut options = EngineOptions::new(Location::Memory(self.disk.clone()));
        options.clock = self.clock.clone();
        options.durability = self.durability;
        options.cache_bytes = self.tuning.cache_bytes;
        options.replay_limit = self.tuning.replay_limit;
        options.checkpoint_bytes = self.tuning.checkpoint_bytes;
        options.portion = self.tuning.portion;
        options.page_cache_kib = 512;
        options.filter_bytes = 1 << 20;
        options.faults = self.faults.clone();
        options
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    /// Takes the engine away, to be closed or dropped.
    pub fn take_engine(&mut self) -> Option<Engine> {
        self.engine.take()
    }

    /// Ends the test, naming the seed.
    pub fn fail(&self, what: &str) -> ! {
        panic!(
            "seed {}, batch {}{}: {what}\nrun it again with QENEX_SEED={} cargo test --test {}",
            self.seed,
            self.batches,
            self.case,
            self.seed,
            env!("CARGO_CRATE_NAME")
        );
    }

    /// What the clock shows.
    pub fn clock_time(&self) -> i64 {
        self.now
    }

    pub fn client(&mut self) -> Client {
        let number = self.dice.below(4);
        Client {
            principal: format!("teller {number}"),
            behalf: match number {
                3 => "a customer".into(),
                _ => String::new(),
            },
        }
    }

    /// Lets the clock run a little, or stand, or jump.
    pub fn pass_time(&mut self) {
        let passed = match self.dice.below(6) {
            0 | 1 => 0,
            2..5 => self.dice.below(20) as i64 * MINUTE,
            _ => self.dice.below(300) as i64 * MINUTE,
        };
        self.set_clock(self.now + passed);
    }

    /// Sets the clock.
    pub fn set_clock(&mut self, now: i64) {
        self.now = now;
        self.clock.set(Timestamp::from_micros(now));
    }

    /// One random batch.
    pub fn step(&mut self) {
        self.pass_time();
        let entries = self.generator.batch(&self.model);
        let client = self.client();
        let when = match self.dice.below(10) {
            0 => {
                When::At(self.model.state.time.max(self.now) + self.dice.below(40) as i64 * MINUTE)
            }
            1 if self.dice.one_in(6) => When::At(self.model.state.time - 1),
            _ => When::Clock(self.now),
        };
        let dry_run = self.dice.one_in(12);
        self.run(&client, when, entries, dry_run);
    }

    /// Runs a batch of the first teller's at the clock's time.
    pub fn run_default(&mut self, entries: Vec<Entry>) -> Vec<Outcome> {
        let client = Client {
            principal: "teller 0".into(),
            behalf: String::new(),
        };
        self.run(&client, When::Clock(self.now), entries, false)
    }

    /// Runs a batch in both worlds and compares.
    pub fn run(
        &mut self,
        client: &Client,
        when: When,
        entries: Vec<Entry>,
        dry_run: bool,
    ) -> Vec<Outcome> {
        self.batches += 1;
        let expected = self.model.run(client, when, &entries, dry_run);
        let batch = Batch(entries);
        let (result, outcomes) = self.execute(client, when, &batch, dry_run);
        match (result, expected) {
            (Ok(()), Ok(answers)) => {
                self.compare(&batch.0, &answers, &outcomes);
                outcomes
            }
            (Err(error), Err(status)) if error.status() == status => outcomes,
            (result, expected) => self.fail(&format!(
                "the batch ended with {result:?}, the model has {expected:?}"
            )),
        }
    }

    /// Runs a batch in the engine alone.
    pub fn execute(
        &self,
        client: &Client,
        when: When,
        batch: &Batch,
        dry_run: bool,
    ) -> (Result<()>, Vec<Outcome>) {
        let options = ExecuteOptions {
            time: match when {
                When::At(time) => Some(Timestamp::from_micros(time)),
                When::Clock(_) => None,
            },
            dry_run,
            trace: 0,
        };
        let mut outcomes = Vec::new();
        let result = self
            .engine()
            .session(&client.principal, &client.behalf)
            .and_then(|session| session.execute(batch, &options, &mut outcomes));
        (result.map(|_| ()), outcomes)
    }

    pub fn compare(&self, entries: &[Entry], answers: &[Answer], outcomes: &[Outcome]) {
        for (index, answer) in answers.iter().enumerate() {
            let outcome = outcomes.get(index);
            if outcome.is_none_or(|outcome| !agrees(answer, outcome)) {
                self.fail(&format!(
                    "item {index} of {}: {:?}\nmodel:  {answer:?}\nengine: {outcome:?}",
                    entries.len(),
                    entries[index]
                ));
            }
        }
        if outcomes.len() != answers.len() {
            self.fail("the number of outcomes is not that of the items");
        }
    }

    /// Compares the file with the model.
    pub fn audit(&self) {
        if let Err(difference) = audit::audit(&self.disk, &self.model) {
            self.fail(&difference);
        }
    }

    /// Ends the engine in some way and goes on with a new one.
    pub fn restart(&mut self, how: Restart) {
        let cut = match how {
            Restart::Kill => self.disk.clone_contents(),
            Restart::PowerCut => self.disk.power_cut(self.dice.next()),
            Restart::Close | Restart::Drop => None,
        };
        if let Some(engine) = self.take_engine()
            && how == Restart::Close
            && let Err(error) = engine.close()
        {
            self.fail(&format!("closing: {error}"));
        }
        if let Some(cut) = cut {
            self.disk = cut;
        }
        if let Err(error) = self.open() {
            self.fail(&format!("opening after {how:?}: {error}"));
        }
        // Time that no change bears is not kept.
        let last = audit::last_time(&self.disk);
        self.model.state.time = last;
    }
}

fn agrees(answer: &Answer, outcome: &Outcome) -> bool {
    let same_turnovers = |expected: &Turnovers, found: &balance::Turnovers| {
        *expected
            == [
                found.debits_posted,
                found.credits_posted,
                found.debits_pending,
                found.credits_pending,
            ]
    };
    let same_sequence = outcome.sequence == answer.sequence;
    if answer.status != outcome.status
        || answer.repeated != outcome.repeated
        || answer.id != outcome.id.to_u128()
    {
        return false;
    }
    match answer.status {
        Status::OK => {
            same_sequence
                && answer.time == outcome.time.micros()
                && answer.number == outcome.number
                && answer.amount == outcome.amount
                && same_turnovers(&answer.debit, &outcome.debit)
                && same_turnovers(&answer.credit, &outcome.credit)
        }
        Status::EXISTS_WITH_DIFFERENT_CONTENT => outcome.field != 0,
        _ => !answer.repeated || same_sequence,
    }
}
