//! Readers beside a writing engine: those that read for too long are ended, and an engine that only reads follows.

use std::sync::Arc;
use std::time::Duration;

use qenex::base::time::ManualClock;
use qenex::base::{Amount, Id, Status, Timestamp};
use qenex::engine::{
    Command, Engine, EngineOptions, ExecuteOptions, HostRecordPut, Item, Items, Session,
};
use qenex::ledger::command::{AccountRef, Command as LedgerCommand, Details, Transfer, UserData};
use qenex::ledger::outcome::Outcome;
use qenex::store::file::Location;
use qenex::store::vfs::SimulatedDisk;

fn options(location: Location) -> EngineOptions {
    let mut options = EngineOptions::new(location);
    let now = Timestamp::parse("2026-11-22T10:00:00Z").unwrap();
    options.clock = Arc::new(ManualClock::new(now));
    options
}

fn run(session: &Session, item: Item<'_>) -> Outcome {
    let mut outcomes = Vec::new();
    session
        .execute(&Items(&[item]), &ExecuteOptions::default(), &mut outcomes)
        .unwrap();
    outcomes.remove(0)
}

fn record(value: &[u8]) -> Item<'_> {
    Item {
        command: Command::HostRecord(HostRecordPut {
            key: Id::NONE,
            namespace: "test",
            record: b"1",
            expected_version: None,
            value: Some(value),
        }),
        linked: false,
        on_behalf_of: "",
    }
}

#[test]
fn a_backup_that_reads_for_too_long_is_ended() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("engine_readers");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut options = options(Location::Path(folder.join("bank.db")));
    options.reader_age_limit_ms = 1;
    let engine = Engine::open(options).unwrap();
    let session = engine.session("teller", "").unwrap();
    // Several steps of a backup.
    let large = vec![7; 1 << 20];
    for _ in 0..3 {
        run(&session, record(&large));
        assert!(engine.session("x", "").is_ok());
    }
    let mut seen = 0;
    let mut steps = 0;
    let error = engine
        .backup(&folder.join("copy.db"), &mut |_, _| {
            steps += 1;
            std::thread::sleep(Duration::from_millis(5));
            seen = seen.max(engine.stats().unwrap().oldest_snapshot_micros);
            run(&session, record(b"small"));
            true
        })
        .unwrap_err();
    assert_eq!(error.status(), Status::SNAPSHOT_TOO_OLD, "{error}");
    assert!(seen >= 5_000, "{seen}");
    assert_eq!(steps, 1);
    assert!(!folder.join("copy.db").exists());
    // It left nothing behind, and in good time a backup works.
    assert_eq!(engine.stats().unwrap().oldest_snapshot_micros, 0);
    engine
        .backup(&folder.join("copy.db"), &mut |_, _| true)
        .unwrap();
    assert_eq!(session.host_record("test", b"1").unwrap().version, 4);
    engine.close().unwrap();
}

fn transfer<'a>(id: u128, from: &'a str, to: &'a str, reference: &'a str) -> Item<'a> {
    Item::from(LedgerCommand::Transfer(Transfer {
        id: Id::from_u128(id),
        debit: AccountRef::Number(from),
        credit: AccountRef::Number(to),
        asset: 840,
        amount: Amount::from_minor(5),
        transaction: Id::NONE,
        code: 1,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details {
            reference,
            ..Details::default()
        },
    }))
}

#[test]
fn an_engine_that_only_reads_follows_the_one_that_writes() {
    let disk = SimulatedDisk::new();
    let writer = Engine::open(options(Location::Memory(disk.clone()))).unwrap();
    let session = writer.session("teller", "").unwrap();
    session.open_account("A", "USD", "250.00").unwrap();
    let mut read_only = options(Location::Memory(disk.clone()));
    read_only.read_only = true;
    let reader = Engine::open(read_only).unwrap();
    let looking = reader.session("auditor", "").unwrap();
    for number in 1..=40u128 {
        let name = format!("B{number}");
        session.open_account(&name, "USD", "").unwrap();
        let reference = format!("R{number}");
        let paid = run(&session, transfer(1000 + number, "A", &name, &reference));
        assert_eq!(paid.status, Status::OK);
        let balance = looking.balance(&AccountRef::Number(&name), 840).unwrap();
        assert_eq!(balance.turnovers.credits_posted, 5);
        assert_eq!(balance.sequence, session.sequence().unwrap());
        let payer = looking.balance(&AccountRef::Number("A"), 840).unwrap();
        assert_eq!(payer.turnovers.debits_posted, 5 * number);
        assert_eq!(looking.transfers_by_reference(&reference).unwrap().len(), 1);
        let found = looking.transfer(&Id::from_u128(1000 + number)).unwrap();
        assert_eq!(found.row.sequence, paid.sequence);
        let statement = looking
            .statement(&AccountRef::Number("A"), 840, &Default::default(), None)
            .unwrap();
        assert_eq!(statement.lines.len() as u128, number + 1);
    }
    // Closing writes a run of the index: the reader opens anew.
    writer.close().unwrap();
    let payer = looking.balance(&AccountRef::Number("A"), 840).unwrap();
    assert_eq!(payer.turnovers.debits_posted, 200);
    assert_eq!(looking.transfers_by_reference("R7").unwrap().len(), 1);
    assert_eq!(reader.state_hash().unwrap(), {
        let writer = Engine::open(options(Location::Memory(disk))).unwrap();
        writer.state_hash().unwrap()
    });
    reader.close().unwrap();
}

/// While another engine pays and opens accounts without a pause, what the reader states holds as of the sequence number
/// that it states, though every page that it loads may have been written later.
#[test]
fn an_engine_that_only_reads_states_balances_as_of_the_number_that_it_states() {
    use qenex::engine::query::AsOf;
    use std::sync::atomic::{AtomicBool, Ordering};

    const ACCOUNTS: usize = 600;
    let disk = SimulatedDisk::new();
    let mut writing = options(Location::Memory(disk.clone()));
    // Pages are written a few commits after they changed.
    writing.replay_limit = 8;
    writing.cache_bytes = 64 << 10;
    let writer = Engine::open(writing).unwrap();
    let session = writer.session("teller", "").unwrap();
    session.open_account("BANK", "USD", "").unwrap();
    let names: Vec<String> = (0..ACCOUNTS).map(|number| format!("C{number}")).collect();
    for name in &names {
        session.open_account(name, "USD", "10.00").unwrap();
    }
    let mut read_only = options(Location::Memory(disk));
    read_only.read_only = true;
    // Hardly a page stays in memory.
    read_only.cache_bytes = 0;
    let reader = Engine::open(read_only).unwrap();
    let looking = reader.session("auditor", "").unwrap();
    let done = AtomicBool::new(false);
    let mut stated = Vec::new();
    let mut moved = std::collections::BTreeSet::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut id = 10_000u128;
            let mut opened = 0;
            while !done.load(Ordering::Relaxed) {
                let items: Vec<Item<'_>> = (0..50)
                    .map(|step| {
                        id += 1;
                        let from = (id as usize * 7 + step) % ACCOUNTS;
                        transfer(id, &names[from], &names[(from + 11) % ACCOUNTS], "")
                    })
                    .collect();
                let mut outcomes = Vec::new();
                session
                    .execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)
                    .unwrap();
                opened += 1;
                session
                    .open_account(&format!("N{opened}"), "USD", "1.00")
                    .unwrap();
            }
        });
        for round in 0..60 {
            for line in looking.trial_balance(0).unwrap() {
                assert_eq!(line.debits, line.credits, "round {round}");
            }
            for step in 0..40 {
                let name = &names[(round * 41 + step * 13) % ACCOUNTS];
                let answer = looking.balance(&AccountRef::Number(name), 840).unwrap();
                moved.insert(answer.sequence);
                stated.push((name, answer));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(moved.len() > 20, "the writer stood still: {}", moved.len());
    let session = writer.session("auditor", "").unwrap();
    for (name, answer) in stated {
        let then = session
            .balance_as_of(
                &AccountRef::Number(name),
                840,
                AsOf::Sequence(answer.sequence),
            )
            .unwrap();
        assert_eq!(then.turnovers, answer.turnovers, "{name}");
    }
    reader.close().unwrap();
    writer.close().unwrap();
}
