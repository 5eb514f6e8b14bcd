//! The caches of a file rebuilt from its truth rows are those that the engine kept: whatever was damaged, in portions of
//! any number, and as a whole or not at all.

use qenex::base::{Amount, Id, Status};
use qenex::engine::{Engine, ExecuteOptions, Item, Items, maintenance};
use qenex::ledger::command::{AccountRef, Command, Details, Transfer, UserData};
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::vfs::{Fault, IoKind, Repeat, SimulatedDisk};

use crate::audit;
use crate::bank::{Bank, Restart, Tuning};
use crate::clients::Setup;
use crate::file;
use crate::generator::{Mix, USD};
use crate::rounds::seeds;

const MIX: Mix = Mix {
    accounts: 60,
    batch: 30,
    texts: true,
};

/// A closed file with some past.
fn closed(seed: u64) -> Bank {
    let mut bank = Bank::set_up(seed, Tuning::TIGHT, MIX);
    for _ in 0..40 {
        bank.step();
    }
    bank.restart(Restart::Close);
    let engine = bank.take_engine().unwrap();
    engine.close().unwrap();
    bank
}

/// Writes to the file behind the engine's back.
fn damage(disk: &SimulatedDisk, sql: &str) {
    let database = Database::open(Location::Memory(disk.clone()), OpenSettings::default()).unwrap();
    database.writer().unwrap().execute_batch(sql).unwrap();
}

#[test]
fn rebuilt_caches_are_those_that_were_kept() {
    for seed in seeds(3) {
        let mut bank = closed(seed);
        let kept = audit::dump(&bank.disk);
        for sql in [
            "SELECT 1",
            "DELETE FROM balance_page; DELETE FROM posting_mark",
            "UPDATE balance_page SET balances = 'no balances', seq = 1",
            "UPDATE balance_page SET balances = replace(balances, '1', '2')",
            "DELETE FROM key_run_keys; DELETE FROM key_run_keys_page",
            "UPDATE key_run_keys_page SET content = zeroblob(4000)",
            "UPDATE posting_mark SET debits_posted = 7",
            "UPDATE commit_state SET replay_from = seq + 1",
        ] {
            damage(&bank.disk, sql);
            let rebuilt = maintenance::rebuild_caches(&bank.options()).unwrap();
            assert_eq!(rebuilt.changes as i64, bank.model.state.sequence);
            let now = audit::dump(&bank.disk);
            let differs = kept.iter().zip(&now).find(|(kept, now)| kept != now);
            assert_eq!(differs, None, "seed {seed}, {sql}");
            assert_eq!(kept.len(), now.len(), "seed {seed}, {sql}");
        }
        bank.open().unwrap();
        bank.model.state.time = audit::last_time(&bank.disk);
        for _ in 0..10 {
            bank.step();
        }
        bank.audit();
    }
}

/// A damaged cache is told of, and what the message names is the cure.
#[test]
fn a_damaged_page_is_told_of_and_healed() {
    let mut bank = closed(5);
    damage(&bank.disk, "UPDATE balance_page SET balances = '[[1'");
    bank.open().unwrap();
    let error = bank.engine().integrity_check().unwrap_err();
    assert_eq!(error.status(), Status::CORRUPT);
    assert!(error.message().contains("rebuild its caches"), "{error}");
    let open = maintenance::rebuild_caches(&bank.options()).unwrap_err();
    assert_eq!(open.status(), Status::ALREADY_OPEN);
    drop(bank.take_engine());
    maintenance::rebuild_caches(&bank.options()).unwrap();
    bank.open().unwrap();
    assert_eq!(bank.engine().integrity_check().unwrap(), [""; 0]);
    bank.audit();
}

#[test]
fn nothing_is_rebuilt_where_there_is_nothing() {
    let disk = SimulatedDisk::new();
    let options = file::options(Location::Memory(disk.clone()), 0);
    let missing = maintenance::rebuild_caches(&options).unwrap_err();
    assert_eq!(missing.status(), Status::CANNOT_OPEN, "{missing}");
    drop(Database::open(Location::Memory(disk), OpenSettings::default()).unwrap());
    let empty = maintenance::rebuild_caches(&options).unwrap_err();
    assert_eq!(empty.status(), Status::NOT_QENEX, "{empty}");
}

#[test]
fn a_rebuild_that_fails_leaves_the_file_as_it_was() {
    let bank = closed(7);
    let kept = audit::dump(&bank.disk);
    let mut failed = 0;
    for nth in (1..).step_by(3) {
        let disk = bank.disk.clone_contents().unwrap();
        let mut options = file::options(Location::Memory(disk.clone()), 0);
        options.faults = bank.again(String::new(), disk.clone()).faults.clone();
        let fault = match nth % 2 {
            0 => Fault::IoError,
            _ => Fault::DiskFull,
        };
        options
            .faults
            .fail(&IoKind::ALL, nth, Repeat::FromThenOn, fault);
        failed += u64::from(maintenance::rebuild_caches(&options).is_err());
        let cut = disk.power_cut(nth).unwrap();
        assert_eq!(audit::dump(&disk), kept, "call {nth}");
        // The power may have gone before the name of a log was durable, never after what was in it.
        assert_eq!(audit::dump(&cut), kept, "call {nth}, power cut");
        if options.faults.struck() == 0 {
            break;
        }
    }
    assert!(failed > 20, "only {failed} rebuilds failed");
}

/// More changes than are in memory at a time.
#[test]
fn a_long_history_is_rebuilt_in_portions() {
    let setup = Setup::new(9);
    let disk = SimulatedDisk::volatile();
    let options = file::options(Location::Memory(disk.clone()), 0);
    let engine = Engine::open(options.clone()).unwrap();
    setup.apply(&engine);
    let session = engine.session("teller 0", "").unwrap();
    let accounts: Vec<Id> = audit::rows(
        &audit::reader(&disk),
        // Neither guarded nor a position, which only an exchange moves.
        "SELECT id FROM account WHERE entity = 1 AND asset IN (0, 840) AND flags & (3 | 1 << 20) = 0",
        |row| Id(row.get(0).unwrap()),
    );
    assert!(accounts.len() > 1);
    let mut applied = 0;
    for batch in 0..17u128 {
        let items: Vec<Item<'_>> = (0..8_000u128)
            .map(|number| {
                let id = 1 << 100 | batch << 20 | number;
                let at = |shift: u128| accounts[(id + shift) as usize % accounts.len()];
                Item::from(Command::Transfer(Transfer {
                    id: Id::from_u128(id.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)),
                    debit: AccountRef::Id(at(0)),
                    credit: AccountRef::Id(at(1)),
                    asset: USD,
                    amount: Amount::from_minor(1 + number as i128 % 90),
                    transaction: Id::NONE,
                    code: 1,
                    flags: 0,
                    booking_date: None,
                    value_date: None,
                    user_data: UserData::default(),
                    details: Details::default(),
                }))
            })
            .collect();
        let mut outcomes = Vec::new();
        session
            .execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)
            .unwrap();
        applied += outcomes.iter().filter(|item| item.status.is_ok()).count();
    }
    assert!(applied > 131_072, "{applied}");
    let hash = engine.state_hash().unwrap();
    engine.close().unwrap();
    drop((session, engine));
    let shown = "SELECT account, asset, seq, events, debits_posted, booking_first, value_last FROM posting_mark";
    let marks = |disk: &SimulatedDisk| {
        audit::rows(&audit::reader(disk), shown, |row| {
            [0, 1, 2, 3, 4, 5, 6]
                .map(|column| row.get::<_, rusqlite::types::Value>(column).unwrap())
        })
    };
    let kept = marks(&disk);
    assert!(kept.len() > 500);
    damage(&disk, "DELETE FROM posting_mark; DELETE FROM key_run_keys");
    maintenance::rebuild_caches(&options).unwrap();
    assert!(marks(&disk) == kept, "posting marks differ");
    let engine = Engine::open(options).unwrap();
    assert_eq!(engine.state_hash().unwrap(), hash);
    assert_eq!(engine.integrity_check().unwrap(), [""; 0]);
    // Every key is found again: the oldest and the newest.
    let stats = engine.stats().unwrap();
    assert!(stats.index_entries > 131_072, "{}", stats.index_entries);
    engine.close().unwrap();
}
