//! Each call of the disk fails once, in each way that calls fail: the answer is the right one or an error of the
//! documented kind, the engine goes on where it says that it can, and the file holds what was acknowledged.

use qenex::base::Status;
use qenex::store::vfs::{Fault, IoKind, Repeat};

use crate::rounds::seeds;
use crate::stage::{DOCUMENTED, Host, Stage, folder};

/// How calls fail, what the host does then, and every how manieth call it is tried with by default.
const WAYS: [(Fault, Repeat, Host, u64); 5] = [
    (Fault::IoError, Repeat::Once, Host::TriesAgain, 1),
    (Fault::DiskFull, Repeat::FromThenOn, Host::TriesAgain, 2),
    (Fault::ShortWrite, Repeat::Once, Host::TriesAgain, 1),
    (Fault::IoError, Repeat::FromThenOn, Host::GivesUp, 6),
    (Fault::DiskFull, Repeat::Once, Host::GivesUp, 6),
];

/// What was seen in a walk over all calls.
#[derive(Debug, Default)]
struct Seen {
    cases: u64,
    failed: u64,
    went_on: u64,
    unknown: u64,
}

fn walk(
    stage: &Stage,
    kinds: &[IoKind],
    (fault, repeat, host): (Fault, Repeat, Host),
    calls: impl Iterator<Item = u64>,
) -> Seen {
    let mut seen = Seen::default();
    for nth in calls {
        let bank = stage.bank(format!(", {fault:?} {repeat:?} at call {nth} of {kinds:?}"));
        let faults = bank.faults.clone();
        faults.fail(kinds, nth, repeat, fault);
        let played = stage.play(bank, host);
        if faults.struck() == 0 {
            break;
        }
        faults.clear();
        seen.cases += 1;
        seen.failed += u64::from(!played.failures.is_empty());
        seen.went_on += u64::from(played.went_on);
        seen.unknown += u64::from(played.in_flight.is_some());
        if let Err(difference) = stage.reopened(&played, played.bank.disk.clone()) {
            played.bank.fail(&difference);
        }
    }
    seen
}

fn walk_all_ways(stage: &Stage, seed: u64) {
    let (mut went_on, mut unknown) = (0, 0);
    for (fault, repeat, host, step) in WAYS {
        let kinds: &[IoKind] = match fault {
            Fault::ShortWrite => &[IoKind::Write],
            _ => &IoKind::ALL,
        };
        let calls = (1 + seed % step..).step_by(step as usize);
        let seen = walk(stage, kinds, (fault, repeat, host), calls);
        assert!(seen.cases > 4, "{seen:?}");
        assert!(seen.failed > 0, "{fault:?} {repeat:?} {host:?}: {seen:?}");
        went_on += seen.went_on;
        unknown += seen.unknown;
    }
    assert!(went_on > 0, "no engine went on after a failure");
    assert!(unknown > 0, "no outcome was unknown");
}

#[test]
fn each_call_that_fails_leaves_exactly_what_was_acknowledged() {
    for seed in seeds(1) {
        walk_all_ways(&Stage::used(seed), seed);
    }
}

#[test]
fn each_call_that_fails_while_a_file_is_made_leaves_one_that_opens() {
    for seed in seeds(1) {
        walk_all_ways(&Stage::new_file(seed), seed);
    }
}

/// The disk really is full, in the middle of any write, and later has space again.
#[test]
fn a_full_disk_is_survived_by_the_open_engine() {
    for seed in seeds(1) {
        let stage = Stage::used(seed);
        let mut went_on = 0;
        for space in (0..200).step_by(3) {
            let bank = stage.bank(format!(", {space} KiB left"));
            bank.disk.set_capacity(bank.disk.used() + space * 1024);
            let disk = bank.disk.clone();
            let played = stage.play_with(bank, Host::TriesAgain, &|_| disk.set_capacity(u64::MAX));
            for failure in &played.failures {
                assert_eq!(failure.status(), Status::DISK_FULL, "{failure}");
            }
            assert!(played.in_flight.is_none());
            went_on += u64::from(played.went_on);
            disk.set_capacity(u64::MAX);
            if let Err(difference) = stage.reopened(&played, disk) {
                played.bank.fail(&difference);
            }
        }
        assert!(went_on > 0, "seed {seed}: the disk was never full");
    }
}

/// A backup reads the file and writes another: either may fail, the engine goes on, and there is a whole copy or none.
#[test]
fn each_call_that_fails_during_a_backup_leaves_a_whole_copy_or_none() {
    let folder = folder("backup");
    for seed in seeds(1) {
        let stage = Stage::used(seed);
        let mut bank = stage.bank(", backup".into());
        bank.open().unwrap();
        let hash = bank.engine().state_hash().unwrap();
        let mut failed = 0;
        for (number, fault) in [Fault::IoError, Fault::DiskFull].into_iter().enumerate() {
            for nth in 1.. {
                let target = folder.join(format!("{seed}-{number}-{nth}.db"));
                let before = bank.faults.struck();
                bank.faults.fail(&IoKind::ALL, nth, Repeat::Once, fault);
                let made = bank.engine().backup(&target, &mut |_, _| true);
                bank.faults.clear();
                match made {
                    Ok(_) => qenex::store::backup::verify_file(&target).unwrap(),
                    Err(error) => {
                        let known = [DOCUMENTED, &[Status::BACKUP_FAILED]].concat();
                        assert!(known.contains(&error.status()), "call {nth}: {error}");
                        // The copy has its name, and only the name's durability is in doubt.
                        if target.exists() {
                            qenex::store::backup::verify_file(&target).unwrap();
                        }
                        failed += 1;
                    }
                }
                if bank.faults.struck() == before {
                    break;
                }
                let _ = std::fs::remove_file(&target);
            }
        }
        assert!(failed > 100, "only {failed} backups failed");
        assert_eq!(bank.engine().state_hash().unwrap(), hash);
        let left = std::fs::read_dir(&folder).unwrap();
        let partial = left.filter(|file| {
            let name = file.as_ref().unwrap().file_name();
            name.to_string_lossy().contains("partial")
        });
        assert_eq!(partial.count(), 0, "a partial copy was left behind");
        bank.step();
        bank.audit();
    }
    std::fs::remove_dir_all(folder).unwrap();
}
