//! Failing calls, killed processes and lost power: what was acknowledged is there afterwards, what was not is there
//! whole or not at all, and a build that does not sync is caught.

mod store_support;

use qenex::base::{Result, Status};
use qenex::store::backup::integrity_check;
use qenex::store::sqlite_error::leaves_outcome_unknown;
use qenex::store::vfs::{Fault, FaultPlan, IoKind, Repeat, SimulatedDisk};
use store_support::*;

const COMMITS: i64 = 6;
const ENTRIES: i64 = 5;

/// Opens the store and commits, `COMMITS` times, `ENTRIES` more entries than there are, with checkpoints in between;
/// stops at the first failure. Returns how many entries were acknowledged in all, and how it ended.
fn work(disk: &SimulatedDisk, faults: &FaultPlan) -> (i64, Result<()>) {
    let mut acknowledged = 0;
    let result = (|| {
        let db = open_faulty(disk, faults)?;
        create_table(&db)?;
        let count = "SELECT count(*) FROM entry";
        acknowledged = db.writer()?.query_row(count, [], |row| row.get(0))?;
        for commit in 0..COMMITS {
            write_entries(&db, acknowledged, acknowledged + ENTRIES, 700)?;
            acknowledged += ENTRIES;
            match commit % 3 {
                1 => drop(db.checkpoint_passive()?),
                2 => drop(db.checkpoint_truncate()?),
                _ => {}
            }
        }
        Ok(())
    })();
    (acknowledged, result)
}

/// How many entries a disk holds; they must be the first ones, of whole commits, in an undamaged file.
fn survivors(disk: &SimulatedDisk, case: &str) -> i64 {
    let db = open_memory(disk).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(
        integrity_check(db.writer().unwrap()).unwrap(),
        [""; 0],
        "{case}"
    );
    create_table(&db).unwrap();
    let found = entries(db.writer().unwrap());
    let count = found.len() as i64;
    assert_eq!(found, Vec::from_iter(0..count), "{case}");
    assert_eq!(count % ENTRIES, 0, "{case}: a part of a commit");
    count
}

fn check(disk: &SimulatedDisk, acknowledged: i64, case: &str) -> i64 {
    let found = survivors(disk, case);
    assert!(
        found == acknowledged || found == acknowledged + ENTRIES,
        "{case}: {acknowledged} acknowledged, {found} found"
    );
    found
}

/// Disk calls of the whole workload on an empty disk.
fn calls_of_work() -> u64 {
    let faults = FaultPlan::new();
    let (acknowledged, result) = work(&SimulatedDisk::new(), &faults);
    result.unwrap();
    assert_eq!(acknowledged, COMMITS * ENTRIES);
    let calls = faults.calls_of(&IoKind::ALL);
    assert!(calls > 100, "{calls}");
    calls
}

#[test]
fn each_call_that_fails_leaves_exactly_what_was_acknowledged() {
    let statuses = [
        Status::IO,
        Status::DISK_FULL,
        Status::CANNOT_OPEN,
        Status::BUSY,
        Status::CORRUPT,
        Status::READ_ONLY,
    ];
    let mut unknown = 0;
    for fault in [Fault::IoError, Fault::ShortWrite, Fault::DiskFull] {
        for repeat in [Repeat::Once, Repeat::FromThenOn] {
            for nth in 1..=calls_of_work() {
                let case = format!("{fault:?} {repeat:?} at call {nth}");
                let (disk, faults) = (SimulatedDisk::new(), FaultPlan::new());
                faults.fail(&IoKind::ALL, nth, repeat, fault);
                let (acknowledged, result) = work(&disk, &faults);
                let found = check(&disk, acknowledged, &case);
                let Err(error) = result else {
                    continue;
                };
                assert!(statuses.contains(&error.status()), "{case}: {error}");
                // A failed sync reports "disk full" only because this test says so.
                let in_doubt =
                    leaves_outcome_unknown(error.sqlite_code()) || fault == Fault::DiskFull;
                assert!(found == acknowledged || in_doubt, "{case}: {error}");
                unknown += i32::from(found != acknowledged);
            }
        }
    }
    assert!(unknown > 0, "no commit was in doubt");
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged() {
    for nth in 1..60 {
        for seed in 0..10 {
            let case = format!("sync {nth} failed, seed {seed}");
            let (disk, faults) = (SimulatedDisk::new(), FaultPlan::new());
            faults.fail(&[IoKind::Sync], nth, Repeat::Once, Fault::IoError);
            let Ok(db) = open_faulty(&disk, &faults) else {
                continue;
            };
            // An engine that goes on as if nothing had happened; a reader keeps some checkpoints incomplete.
            let mut acknowledged = 0;
            let _ = create_table(&db);
            for commit in 0..12 {
                let mut reader = db.readers().get().unwrap();
                let _ = reader.begin_snapshot();
                if write_entries(&db, acknowledged, acknowledged + ENTRIES, 700).is_ok() {
                    assert!(!db.sync_failed(), "{case}");
                    acknowledged += ENTRIES;
                }
                if commit % 3 == 0 {
                    drop(reader);
                }
                let _ = db.checkpoint_passive();
            }
            check(&disk.power_cut(seed).unwrap(), acknowledged, &case);
            assert_eq!(db.sync_failed(), faults.struck() > 0, "{case}");
        }
    }
}

#[test]
fn a_full_disk_is_survived_by_the_open_store() {
    let disk = SimulatedDisk::new();
    let db = open_memory(&disk).unwrap();
    create_table(&db).unwrap();
    let mut acknowledged = 0;
    for round in 0..5 {
        disk.set_capacity(disk.used() + 20_000 + round * 5_000);
        let full = loop {
            match write_entries(&db, acknowledged, acknowledged + ENTRIES, 700) {
                Ok(()) => acknowledged += ENTRIES,
                Err(error) => break error,
            }
        };
        assert_eq!(full.status(), Status::DISK_FULL, "{full}");
        assert_eq!(entries(db.writer().unwrap()).len() as i64, acknowledged);
        disk.set_capacity(u64::MAX);
        write_entries(&db, acknowledged, acknowledged + ENTRIES, 700).unwrap();
        acknowledged += ENTRIES;
        db.checkpoint_truncate().unwrap();
    }
    drop(db);
    assert_eq!(survivors(&disk, "at the end"), acknowledged);
}

#[test]
fn a_process_killed_at_any_call_loses_nothing() {
    for nth in 1..=calls_of_work() {
        let case = format!("killed at call {nth}");
        let (disk, faults) = (SimulatedDisk::new(), FaultPlan::new());
        // Everything fails from then on: nothing that the dying process still tries reaches the disk.
        faults.fail(&IoKind::ALL, nth, Repeat::FromThenOn, Fault::IoError);
        let (acknowledged, _) = work(&disk, &faults);
        let found = check(&disk.clone_contents().unwrap(), acknowledged, &case);
        assert_eq!(check(&disk, acknowledged, &case), found, "{case}");
    }
}

#[test]
fn power_lost_at_any_call_takes_nothing_that_was_acknowledged() {
    for nth in 1..=calls_of_work() {
        let (disk, faults) = (SimulatedDisk::new(), FaultPlan::new());
        faults.fail(&IoKind::ALL, nth, Repeat::FromThenOn, Fault::IoError);
        let (acknowledged, _) = work(&disk, &faults);
        for seed in 0..12 {
            let cut = disk.power_cut(seed).unwrap();
            check(
                &cut,
                acknowledged,
                &format!("power lost at call {nth}, seed {seed}"),
            );
        }
    }
}

#[test]
fn power_lost_again_and_again_takes_nothing() {
    let calls = calls_of_work();
    for seed in 0..150u64 {
        let mut disk = SimulatedDisk::new();
        let mut known = 0;
        for generation in 0..4u64 {
            let case = format!("seed {seed}, generation {generation}");
            let faults = FaultPlan::new();
            let nth = (seed * 37 + generation * 101) % calls + 1;
            faults.fail(&IoKind::ALL, nth, Repeat::FromThenOn, Fault::IoError);
            let (acknowledged, _) = work(&disk, &faults);
            // A store that could not even be opened acknowledged nothing new.
            known = known.max(acknowledged);
            disk = disk.power_cut(seed).unwrap();
            known = check(&disk, known, &case);
        }
    }
}

#[test]
fn a_failed_sync_is_not_made_good_by_a_later_one() {
    let calls = calls_of_work();
    for nth in 1..40 {
        for seed in 0..40 {
            let case = format!("sync {nth} failed, seed {seed}");
            let (disk, faults) = (SimulatedDisk::new(), FaultPlan::new());
            // Later ones fail as well, so that closing cannot tidy up.
            faults.fail(&[IoKind::Sync], nth, Repeat::FromThenOn, Fault::IoError);
            let (first, result) = work(&disk, &faults);
            if result.is_ok() {
                break;
            }
            // The next run sees what the first wrote, on the disk or not, builds on it, and loses power.
            let faults = FaultPlan::new();
            let dies = (nth * 41 + seed * 7) % calls + 1;
            faults.fail(&IoKind::ALL, dies, Repeat::FromThenOn, Fault::IoError);
            let (second, _) = work(&disk, &faults);
            check(&disk.power_cut(seed).unwrap(), first.max(second), &case);
        }
    }
}

#[test]
fn a_build_that_does_not_sync_is_caught() {
    let mut lost = 0;
    for seed in 0..20 {
        let disk = SimulatedDisk::new();
        disk.ignore_syncs(true);
        let (acknowledged, result) = work(&disk, &FaultPlan::new());
        result.unwrap();
        let cut = disk.power_cut(seed).unwrap();
        let kept = open_memory(&cut)
            .and_then(|db| {
                let count = "SELECT count(*) FROM entry";
                Ok(db
                    .writer()?
                    .query_row(count, [], |row| row.get::<_, i64>(0))?)
            })
            .unwrap_or(0);
        lost += i32::from(kept < acknowledged);
    }
    assert!(lost > 10, "only {lost} of 20 cuts lost something");
}
