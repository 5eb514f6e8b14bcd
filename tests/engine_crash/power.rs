//! Power that goes: at each sync and at any other call, with unsynced writes dropped, torn and reordered, and the names
//! of files as well. The acknowledged commands are there. Then builds and hosts that cheat, which must be caught: a
//! disk that ignores syncs, commits that are acknowledged before their sync, a host that acknowledges what was
//! evaluated.

use qenex::engine::Engine;
use qenex::store::file::Durability;
use qenex::store::vfs::{Fault, IoKind, Repeat, SimulatedDisk};

use crate::command::Batch;
use crate::dice::Dice;
use crate::model::When;
use crate::rounds::{rounds, seeds};
use crate::stage::{Host, Played, Stage, surviving};

/// Plays until power goes at a call.
fn until_power_goes(stage: &Stage, kinds: &[IoKind], nth: u64) -> Option<Played> {
    let bank = stage.bank(format!(", power lost at call {nth} of {kinds:?}"));
    let faults = bank.faults.clone();
    faults.fail(kinds, nth, Repeat::FromThenOn, Fault::PowerLost);
    let played = stage.play(bank, Host::GivesUp);
    (faults.struck() > 0).then_some(played)
}

fn check_cuts(stage: &Stage, played: &Played, cuts: u64) {
    for cut in 0..cuts {
        let disk = played.bank.disk.power_cut(cut).unwrap();
        if let Err(difference) = stage.reopened(played, disk) {
            played.bank.fail(&format!("cut {cut}: {difference}"));
        }
    }
}

#[test]
fn power_lost_at_each_sync_takes_nothing_that_was_acknowledged() {
    for seed in seeds(1) {
        let mut acknowledged = 0;
        let mut in_flight = 0;
        for stage in [Stage::used(seed), Stage::new_file(seed)] {
            let mut nth = 1;
            while let Some(played) = until_power_goes(&stage, &[IoKind::Sync], nth) {
                check_cuts(&stage, &played, 3);
                acknowledged += played.acknowledged;
                in_flight += u64::from(played.in_flight.is_some());
                nth += 1;
            }
            assert!(nth > 5, "seed {seed}: only {} syncs", nth - 1);
        }
        assert!(acknowledged > 0 && in_flight > 0, "seed {seed}");
    }
}

#[test]
fn power_lost_at_any_call_takes_nothing_that_was_acknowledged() {
    for seed in seeds(1) {
        let stage = Stage::used(seed);
        let mut nth = 1 + seed % 5;
        while let Some(played) = until_power_goes(&stage, &IoKind::ALL, nth) {
            check_cuts(&stage, &played, 2);
            nth += 5;
        }
        assert!(nth > 100, "seed {seed}: only {nth} calls");
    }
}

/// One bank that loses power again and again, each time while it repairs what the last time left.
#[test]
fn power_lost_again_and_again_takes_nothing() {
    for seed in seeds(6) {
        let stage = Stage::used(seed);
        let mut dice = Dice::new(seed ^ 77);
        let mut bank = stage.bank(String::new());
        for generation in 0..8 {
            bank.case = format!(", generation {generation}");
            bank.faults.clear();
            let nth = dice.between(1, 160);
            bank.faults
                .fail(&IoKind::ALL, nth, Repeat::FromThenOn, Fault::PowerLost);
            let mut in_flight = None;
            let mut opened = bank.open().is_ok();
            while opened {
                bank.pass_time();
                let client = bank.client();
                let entries = bank.generator.batch(&bank.model.clone());
                let when = When::Clock(bank.clock_time());
                let mut ahead = bank.model.clone();
                let answers = ahead.run(&client, when, &entries, false).unwrap();
                let batch = Batch(entries);
                let (result, outcomes) = bank.execute(&client, when, &batch, false);
                match result {
                    Ok(()) => {
                        bank.compare(&batch.0, &answers, &outcomes);
                        bank.model = ahead;
                    }
                    Err(_) => {
                        in_flight = Some(ahead);
                        opened = false;
                    }
                }
            }
            drop(bank.take_engine());
            let disk = bank.disk.power_cut(dice.next()).unwrap();
            let mut next = bank.again(bank.case.clone(), disk);
            match surviving(&mut next, &bank.model, in_flight.as_ref()) {
                Ok(model) => next.model = model,
                Err(difference) => bank.fail(&difference),
            }
            // As a process that is killed leaves it.
            let image = next.disk.clone_contents().unwrap();
            bank = next.again(String::new(), image);
        }
    }
}

/// How many of some power cuts the check calls lossy.
fn caught(cheat: impl Fn(&Stage, u64) -> Played) -> u64 {
    let mut caught = 0;
    for seed in 1..=4 {
        let stage = Stage::used(seed);
        for nth in 0..5 {
            let played = cheat(&stage, nth);
            let disk = played.bank.disk.power_cut(seed * 10 + nth).unwrap();
            caught += u64::from(stage.reopened(&played, disk).is_err());
        }
    }
    caught
}

#[test]
fn a_build_that_does_not_sync_is_caught() {
    let cheat = |stage: &Stage, _| {
        let bank = stage.bank(String::new());
        bank.disk.ignore_syncs(true);
        let played = stage.play(bank, Host::GivesUp);
        assert_eq!(played.acknowledged, stage.batches.len());
        played
    };
    let caught = caught(cheat);
    assert!(caught > 10, "only {caught} of 20 cuts lost something");
}

/// The weaker durability that a host can choose, held against the promise of the full one.
#[test]
fn commits_that_are_acknowledged_before_their_sync_are_caught() {
    let cheat = |stage: &Stage, _| {
        let mut bank = stage.bank(String::new());
        bank.durability = Durability::Normal;
        stage.play_unclosed(bank)
    };
    let caught = caught(cheat);
    assert!(caught > 10, "only {caught} of 20 cuts lost something");
}

/// A host that hears what was evaluated and takes it for done.
#[test]
fn what_is_acknowledged_when_it_is_evaluated_is_caught() {
    let cheat = |stage: &Stage, nth: u64| {
        let bank = stage.bank(String::new());
        let faults = bank.faults.clone();
        let syncs = 4 + nth;
        faults.fail(&[IoKind::Sync], syncs, Repeat::FromThenOn, Fault::PowerLost);
        let mut played = stage.play(bank, Host::GivesUp);
        if let Some(ahead) = played.in_flight.take() {
            played.bank.model = ahead;
        }
        played
    };
    let caught = caught(cheat);
    assert!(caught > 0, "no cut lost anything");
}

/// Many callers whose commits are grouped, and submissions, when the power goes at some sync.
#[test]
fn power_lost_under_many_callers_takes_nothing_that_was_acknowledged() {
    use crate::clients::{self, Setup};
    use crate::file;
    let setup = Setup::new(1);
    let mut acknowledged = 0;
    for round in 0..rounds(6) {
        let disk = SimulatedDisk::new();
        let options = file::options(qenex::store::file::Location::Memory(disk.clone()), round);
        let engine = Engine::open(options.clone()).unwrap();
        setup.apply(&engine);
        let start = engine.session("auditor", "").unwrap().sequence().unwrap();
        let nth = 1 + Dice::new(round).below(40);
        options
            .faults
            .fail(&[IoKind::Sync], nth, Repeat::FromThenOn, Fault::PowerLost);
        let heard = clients::run_until_it_ends(&engine, &setup, round);
        drop(engine);
        acknowledged += heard.acknowledged();
        for cut in 0..3 {
            let cut_disk = disk.power_cut(cut).unwrap();
            let location = qenex::store::file::Location::Memory(cut_disk);
            let options = file::options(location, round);
            let engine = Engine::open(options.clone()).unwrap();
            let checked = file::sound(&engine, &options)
                .and_then(|()| heard.check(&engine, &options, &setup, start));
            if let Err(difference) = checked {
                panic!("round {round}, cut {cut}: {difference}");
            }
        }
    }
    assert!(acknowledged > 20, "only {acknowledged} batches");
}
