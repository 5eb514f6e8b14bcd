//! The same commands in batches of any size, called or submitted, give the same answers and the same file.

use std::time::Duration;

use qenex::base::Timestamp;
use qenex::engine::{EngineOptions, ExecuteOptions, encoding};

use crate::audit;
use crate::bank::{Bank, Restart, Tuning};
use crate::command::{Batch, Entry};
use crate::dice::Dice;
use crate::generator::Mix;
use crate::model::{Answer, Client, Model, When};

const MIX: Mix = Mix {
    accounts: 30,
    batch: 20,
    texts: false,
};

/// Commands that stay together, who sends them and when.
struct Unit {
    client: Client,
    time: i64,
    entries: Vec<Entry>,
    dry_run: bool,
}

/// How a stream is handed to the engine.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// In calls of up to so many items.
    Called(usize),
    /// In submissions of up to so many items, several waiting at a time.
    Submitted(usize),
}

fn stream(seed: u64, length: usize) -> (Vec<Unit>, Vec<Answer>, Model) {
    let mut bank = Bank::new(seed, Tuning::LAZY, MIX);
    let mut time = bank.clock_time();
    let mut dice = Dice::new(seed ^ 7);
    let mut client = bank.client();
    let (mut units, mut answers, mut model) = (Vec::new(), Vec::new(), Model::new());
    for number in 0..length {
        if number > 1 && dice.one_in(25) {
            client = bank.client();
        }
        if number > 1 && dice.one_in(40) {
            time += dice.below(3 * 3_600_000_000) as i64;
        }
        let entries = match number {
            0 => {
                let today = Timestamp::from_micros(time).date().days();
                bank.generator.setup(today)
            }
            1 => bank.generator.funding(&model),
            _ => bank.generator.unit(&model),
        };
        let dry_run = number > 1 && dice.one_in(30);
        answers.extend(
            model
                .run(&client, When::Clock(time), &entries, dry_run)
                .unwrap(),
        );
        units.push(Unit {
            client: client.clone(),
            time,
            entries,
            dry_run,
        });
    }
    (units, answers, model)
}

/// Units of the same sender and time, together as far as `most` items allow.
fn batches(units: &[Unit], most: usize) -> Vec<Unit> {
    let mut batches: Vec<Unit> = Vec::new();
    for unit in units {
        let joins = batches.last().filter(|last| {
            last.client == unit.client
                && last.time == unit.time
                && !last.dry_run
                && !unit.dry_run
                && last.entries.len() + unit.entries.len() <= most
        });
        if joins.is_some()
            && let Some(last) = batches.last_mut()
        {
            last.entries.extend(unit.entries.iter().cloned());
        } else {
            batches.push(Unit {
                client: unit.client.clone(),
                entries: unit.entries.clone(),
                ..*unit
            });
        }
    }
    batches
}

/// Runs a stream on an empty file, compares every answer, and returns what the file holds in the end.
fn run(seed: u64, units: &[Unit], answers: &[Answer], model: &Model, way: Way) -> Vec<String> {
    let mut bank = Bank::new(seed, Tuning::TIGHT, MIX);
    let entries: Vec<Entry> = units.iter().flat_map(|unit| unit.entries.clone()).collect();
    let outcomes = match way {
        Way::Called(most) => {
            let mut all = Vec::new();
            for batch in batches(units, most) {
                bank.clock.set(Timestamp::from_micros(batch.time));
                let entries = Batch(batch.entries);
                let when = When::Clock(batch.time);
                let (result, outcomes) = bank.execute(&batch.client, when, &entries, batch.dry_run);
                result.unwrap();
                all.extend(outcomes);
            }
            all
        }
        Way::Submitted(most) => submit(&bank, batches(units, most)),
    };
    bank.model = model.clone();
    bank.compare(&entries, answers, &outcomes);
    bank.audit();
    bank.restart(Restart::Close);
    audit::dump(&bank.disk)
}

/// Submits batches, as many at a time as the queue takes, but collects all before the clock moves on.
fn submit(bank: &Bank, batches: Vec<Unit>) -> Vec<qenex::ledger::outcome::Outcome> {
    let engine = bank.engine();
    let mut completed = Vec::new();
    let count = batches.len();
    let mut time = i64::MIN;
    let collect = |completed: &mut Vec<_>| {
        let found = engine.collect(Duration::from_secs(20), 5).unwrap();
        assert!(!found.is_empty(), "nothing completed in 20 seconds");
        completed.extend(found);
    };
    for (submitted, batch) in batches.into_iter().enumerate() {
        while submitted - completed.len() >= 6 || batch.time != time && submitted > completed.len()
        {
            collect(&mut completed);
        }
        time = batch.time;
        bank.clock.set(Timestamp::from_micros(time));
        let options = ExecuteOptions {
            dry_run: batch.dry_run,
            ..ExecuteOptions::default()
        };
        let session = engine.session(&batch.client.principal, &batch.client.behalf);
        let list = Box::new(Batch(batch.entries));
        let tag = submitted as u64;
        session.unwrap().submit(list, options, tag).unwrap();
    }
    while completed.len() < count {
        collect(&mut completed);
    }
    completed.sort_by_key(|completion| completion.tag);
    completed
        .into_iter()
        .flat_map(|completion| {
            completion.result.unwrap();
            completion.outcomes
        })
        .collect()
}

#[test]
fn the_grouping_of_commands_changes_nothing() {
    for seed in crate::random::seeds(3) {
        let (units, answers, model) = stream(seed, 500);
        let ways = [
            Way::Called(1),
            Way::Called(7),
            Way::Called(1_000),
            Way::Submitted(3),
            Way::Submitted(40),
        ];
        let first = run(seed, &units, &answers, &model, ways[0]);
        for way in &ways[1..] {
            let other = run(seed, &units, &answers, &model, *way);
            let differs = first.iter().zip(&other).find(|(a, b)| a != b);
            assert_eq!(differs, None, "seed {seed}, {way:?}");
            assert_eq!(first.len(), other.len(), "seed {seed}, {way:?}");
        }
    }
}

/// What came about in one file comes about in another one that is given its changes.
#[test]
fn the_feed_makes_the_same_bank_again() {
    for seed in crate::random::seeds(4) {
        let mix = Mix { texts: true, ..MIX };
        let mut bank = Bank::set_up(seed, Tuning::TIGHT, mix);
        for _ in 0..60 {
            bank.step();
        }
        let source = bank.engine().session("auditor", "").unwrap();
        let copy = Bank::new(seed, Tuning::TIGHT, mix);
        let mut dice = Dice::new(seed);
        let mut after = 0;
        loop {
            let page = source.feed(after, dice.between(1, 200) as usize).unwrap();
            let Some(last) = page.last() else { break };
            for (entry, sequence) in page.iter().zip(after + 1..) {
                assert_eq!(entry.sequence, sequence, "seed {seed}");
            }
            after = last.sequence;
            if let Err(error) = copy.engine().replay(&page) {
                // Seen with a single seed, under --nocapture.
                for entry in page
                    .iter()
                    .filter(|_| std::env::var_os("QENEX_SEED").is_some())
                {
                    println!("{entry:?} {:?}", encoding::decode(&entry.content));
                }
                bank.fail(&format!("replaying up to {after}: {error}"));
            }
        }
        assert_eq!(after, bank.model.state.sequence, "seed {seed}");
        if let Err(difference) = audit::audit(&copy.disk, &bank.model) {
            bank.fail(&difference);
        }
        let hash = |bank: &Bank| bank.engine().state_hash().unwrap();
        assert_eq!(hash(&bank), hash(&copy), "seed {seed}");
    }
}

/// The time at which tests begin is the engine's too.
#[test]
fn the_clock_is_the_options() {
    let bank = Bank::new(1, Tuning::TIGHT, MIX);
    let options: EngineOptions = bank.options();
    assert_eq!(options.clock.now().micros(), bank.clock_time());
    assert_eq!(bank.engine().now().micros(), bank.clock_time());
}
