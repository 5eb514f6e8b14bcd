//! Large batches, which a second thread writes while they are evaluated: the same state as without it, whole or not at
//! all when the disk fails at any call, and the engine goes on afterwards.

use std::sync::Arc;

use qenex::base::time::ManualClock;
use qenex::base::{Amount, Date, Id, Status, Timestamp};
use qenex::engine::{Engine, EngineOptions, ExecuteOptions, Item, Items, Session};
use qenex::ledger::account::{AccountKind, flags};
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::*;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::Location;
use qenex::store::vfs::{Fault, FaultPlan, IoKind, Repeat, SimulatedDisk};

const TRANSFERS: u128 = 100;

fn options(disk: &SimulatedDisk, faults: &FaultPlan, portion: usize) -> EngineOptions {
    let mut options = EngineOptions::new(Location::Memory(disk.clone()));
    let now = Timestamp::parse("2026-11-22T10:00:00Z").unwrap();
    options.clock = Arc::new(ManualClock::new(now));
    options.faults = faults.clone();
    options.portion = portion;
    options
}

fn run(session: &Session, items: &[Item<'_>]) -> qenex::base::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    session.execute(&Items(items), &ExecuteOptions::default(), &mut outcomes)?;
    Ok(outcomes)
}

fn account(number: u128, account_flags: u32) -> Item<'static> {
    Item::from(Command::AccountOpen(AccountOpen {
        id: Id::from_u128(number),
        entity: 1,
        kind: AccountKind::Liability,
        asset: 840,
        parent: Id::NONE,
        flags: account_flags,
        number_type: "",
        number: "",
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: UserData::default(),
        opening: None,
    }))
}

fn transfer(id: u128, debit: u128, credit: u128, amount: i128, linked: bool) -> Item<'static> {
    let mut item = Item::from(Command::Transfer(Transfer {
        id: Id::from_u128(id),
        debit: AccountRef::Id(Id::from_u128(debit)),
        credit: AccountRef::Id(Id::from_u128(credit)),
        asset: 840,
        amount: Amount::from_minor(amount),
        transaction: Id::NONE,
        code: 1,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details::default(),
    }));
    item.linked = linked;
    item
}

/// A bank with ten accounts that have 10.00 each.
fn foundation() -> Vec<Item<'static>> {
    let mut items = vec![
        Item::from(Command::AssetCreate(AssetCreate {
            code: "USD",
            scale: 2,
            kind: AssetKind::Currency,
            wide: false,
        })),
        Item::from(Command::EntityCreate(EntityCreate {
            id: Id::from_u128(1000),
            name: "Bank",
            functional_currency: 840,
            time_zone: "",
            business_date: Date::parse("2026-11-22").unwrap(),
            follows_clock: false,
        })),
        account(99, 0),
    ];
    items.extend((1..=10).map(|number| account(number, flags::NO_OVERDRAFT)));
    items.extend((1..=10).map(|number| transfer(500 + number, 99, number, 1_000, false)));
    items
}

/// Transfers of which some are refused, with linked chains of seven, the third of which fails at its end.
fn day() -> Vec<Item<'static>> {
    (0..TRANSFERS)
        .map(|n| {
            let debit = n % 10 + 1;
            let credit = (n + 3) % 10 + 1;
            let amount = match n {
                34 => 1_000_000,
                _ if n > 40 && n % 11 == 0 => 5_000,
                _ => 7,
            };
            let linked = (14..35).contains(&n) && n % 7 != 6;
            transfer(1_000 + n, debit, credit, amount, linked)
        })
        .collect()
}

fn summary(outcomes: &[Outcome]) -> Vec<(Status, i64)> {
    outcomes
        .iter()
        .map(|outcome| (outcome.status, outcome.sequence))
        .collect()
}

#[test]
fn the_state_is_the_same_however_a_batch_is_written() {
    let mut seen = Vec::new();
    for portion in [1, 2, 5, 30, 10_000] {
        let disk = SimulatedDisk::new();
        let engine = Engine::open(options(&disk, &FaultPlan::new(), portion)).unwrap();
        let session = engine.session("teller", "").unwrap();
        let outcomes = run(&session, &foundation()).unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.status.is_ok()));
        let outcomes = run(&session, &day()).unwrap();
        assert_eq!(outcomes[33].status, Status::LINKED_FAILED);
        assert_eq!(outcomes[34].status, Status::INSUFFICIENT_FUNDS);
        assert_eq!(outcomes[20].status, Status::OK);
        let again = run(&session, &day()).unwrap();
        assert!(again.iter().zip(&outcomes).all(|(again, first)| {
            again.status == first.status && (again.repeated || !again.status.is_ok())
        }));
        assert!(engine.integrity_check().unwrap().is_empty());
        drop(session);
        drop(engine);
        // As after a kill.
        let engine = Engine::open(options(&disk, &FaultPlan::new(), portion)).unwrap();
        assert!(engine.integrity_check().unwrap().is_empty());
        let sequence = engine.stats().unwrap().sequence;
        seen.push((summary(&outcomes), sequence));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_disk_that_fails_at_any_call_loses_the_batch_whole_or_not_at_all() {
    for (kinds, fault) in [
        (&[IoKind::Write][..], Fault::DiskFull),
        (&[IoKind::Write, IoKind::Read][..], Fault::IoError),
        (&[IoKind::Sync][..], Fault::IoError),
    ] {
        let mut nth = 1;
        loop {
            let disk = SimulatedDisk::new();
            let faults = FaultPlan::new();
            let engine = Engine::open(options(&disk, &faults, 4)).unwrap();
            let session = engine.session("teller", "").unwrap();
            run(&session, &foundation()).unwrap();
            let before = engine.stats().unwrap().sequence;
            faults.fail(kinds, nth, Repeat::Once, fault);
            let done = run(&session, &day());
            let struck = faults.struck() > 0;
            faults.clear();
            match &done {
                Ok(_) => {}
                Err(error) if error.status() == Status::OUTCOME_UNKNOWN => {
                    assert_eq!(
                        run(&session, &day()).unwrap_err().status(),
                        Status::POISONED
                    );
                }
                Err(_) => {
                    assert_eq!(engine.stats().unwrap().sequence, before);
                    assert_eq!(run(&session, &day()).unwrap().len(), TRANSFERS as usize);
                    assert!(engine.integrity_check().unwrap().is_empty());
                }
            }
            drop(session);
            drop(engine);
            let engine = Engine::open(options(&disk, &FaultPlan::new(), 4)).unwrap();
            let session = engine.session("teller", "").unwrap();
            let outcomes = run(&session, &day()).unwrap();
            let mut applied = outcomes.iter().filter(|outcome| outcome.status.is_ok());
            // All of it had run, or nothing.
            let had_run = applied.clone().all(|outcome| outcome.repeated);
            assert!(had_run || applied.all(|outcome| !outcome.repeated));
            assert!(had_run || done.is_err());
            assert!(engine.integrity_check().unwrap().is_empty());
            if !struck {
                break;
            }
            nth += 1;
        }
        assert!(nth > 1, "{kinds:?} never failed");
    }
}
