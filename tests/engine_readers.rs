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
