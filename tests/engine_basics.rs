//! The engine from Rust: a bank in a few commands, reopened after closing and after being dropped without closing.

use std::sync::Arc;

use qenex::base::time::ManualClock;
use qenex::base::{Amount, Date, Id, Status, Timestamp};
use qenex::engine::{Command, Engine, EngineOptions, ExecuteOptions, Item, Items, Session};
use qenex::ledger::account::{AccountKind, flags};
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::*;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::Location;
use qenex::store::vfs::SimulatedDisk;

fn open(disk: &SimulatedDisk) -> Engine {
    let mut options = EngineOptions::new(Location::Memory(disk.clone()));
    options.clock = Arc::new(ManualClock::new(
        Timestamp::parse("2026-11-22T10:00:00Z").unwrap(),
    ));
    Engine::open(options).unwrap()
}

fn run(session: &Session, items: &[Item<'_>]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    session
        .execute(&Items(items), &ExecuteOptions::default(), &mut outcomes)
        .unwrap();
    outcomes
}

fn ledger(command: qenex::ledger::command::Command<'_>) -> Item<'_> {
    Item::from(command)
}

fn account(number: u128, name: &'static str, account_flags: u32) -> Item<'static> {
    ledger(qenex::ledger::command::Command::AccountOpen(AccountOpen {
        id: Id::from_u128(number),
        entity: 1,
        kind: AccountKind::Liability,
        asset: 840,
        parent: Id::NONE,
        flags: account_flags,
        number_type: "account",
        number: name,
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

fn transfer(id: u128, debit: u128, credit: u128, amount: i128) -> Item<'static> {
    ledger(qenex::ledger::command::Command::Transfer(Transfer {
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
    }))
}

fn bank(session: &Session) {
    let outcomes = run(
        session,
        &[
            ledger(qenex::ledger::command::Command::AssetCreate(AssetCreate {
                code: "USD",
                scale: 2,
                kind: AssetKind::Currency,
                wide: false,
            })),
            ledger(qenex::ledger::command::Command::EntityCreate(
                EntityCreate {
                    id: Id::from_u128(1000),
                    name: "Bank",
                    functional_currency: 840,
                    time_zone: "",
                    business_date: Date::parse("2026-11-22").unwrap(),
                    follows_clock: false,
                },
            )),
            account(1, "ACC001", flags::NO_OVERDRAFT),
            account(2, "ACC002", flags::NO_OVERDRAFT),
            account(3, "BANK", 0),
            transfer(101, 3, 1, 10_000),
        ],
    );
    assert!(
        outcomes.iter().all(|outcome| outcome.status == Status::OK),
        "{outcomes:?}"
    );
}

#[test]
fn a_transfer_survives_closing_and_dropping() {
    let disk = SimulatedDisk::new();
    for close in [true, false] {
        let engine = open(&disk);
        let session = engine.session("teller", "").unwrap();
        if close {
            bank(&session);
        }
        let id = if close { 102 } else { 103 };
        let outcomes = run(&session, &[transfer(id, 1, 2, 2_500)]);
        assert_eq!(outcomes[0].status, Status::OK);
        if close {
            engine.close().unwrap();
        }
    }
    let engine = open(&disk);
    let session = engine.session("teller", "").unwrap();
    // 10,000 - 2,500 - 2,500 are left: one more than that is refused, and the refusal is remembered.
    let outcomes = run(
        &session,
        &[
            transfer(104, 1, 2, 5_001),
            transfer(105, 1, 2, 5_000),
            transfer(104, 1, 2, 5_001),
        ],
    );
    assert_eq!(outcomes[0].status, Status::INSUFFICIENT_FUNDS);
    assert_eq!(outcomes[1].status, Status::OK);
    assert_eq!(outcomes[1].credit.credits_posted, 10_000);
    assert_eq!(outcomes[2].status, Status::INSUFFICIENT_FUNDS);
    assert!(outcomes[2].repeated);
    // The first transfer again is the first one's result, with the balances of then.
    let again = run(
        &session,
        &[transfer(102, 1, 2, 2_500), transfer(102, 1, 2, 2_501)],
    );
    assert!(again[0].repeated);
    assert_eq!(again[0].debit.debits_posted, 2_500);
    assert_eq!(again[1].status, Status::EXISTS_WITH_DIFFERENT_CONTENT);
}

#[test]
fn a_linked_chain_is_whole_or_nothing() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("teller", "").unwrap();
    bank(&session);
    let mut first = transfer(201, 1, 2, 100);
    first.linked = true;
    let outcomes = run(
        &session,
        &[
            first.clone(),
            transfer(202, 1, 2, 1_000_000),
            transfer(203, 1, 2, 1),
        ],
    );
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
    assert_eq!(
        statuses,
        [
            Status::LINKED_FAILED,
            Status::INSUFFICIENT_FUNDS,
            Status::OK
        ]
    );
    assert_eq!(outcomes[2].debit.debits_posted, 1);
    let outcomes = run(&session, &[first.clone(), transfer(204, 1, 2, 5)]);
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.status == Status::OK && !outcome.repeated)
    );
    let outcomes = run(&session, &[first]);
    assert_eq!(outcomes[0].status, Status::LINK_OPEN);
}

#[test]
fn commands_of_several_domains_commit_together() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("teller", "").unwrap();
    bank(&session);
    let record = Item {
        command: Command::HostRecord(qenex::engine::HostRecordPut {
            key: Id::from_u128(301),
            namespace: "payments",
            record: b"P1",
            expected_version: Some(0),
            value: Some(b"settled"),
        }),
        linked: true,
        on_behalf_of: "customer 7",
    };
    let outcomes = run(&session, &[record.clone(), transfer(302, 1, 2, 10)]);
    assert_eq!(outcomes[0].number, 1);
    assert!(outcomes.iter().all(|outcome| outcome.status == Status::OK));
    let outcomes = run(&session, &[record.clone(), transfer(303, 1, 2, 10)]);
    assert!(outcomes[0].repeated);
}

#[test]
fn a_feed_replays_into_an_equal_file() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("teller", "").unwrap();
    bank(&session);
    let mut linked = transfer(401, 1, 2, 700);
    linked.on_behalf_of = "customer";
    let hold = ledger(qenex::ledger::command::Command::HoldPlace(HoldPlace {
        id: Id::from_u128(402),
        debit: AccountRef::Number("ACC001"),
        credit: None,
        asset: 840,
        amount: Amount::from_minor(300),
        kind: qenex::ledger::hold::HoldKind::Authorisation,
        priority: 0,
        force: false,
        expires_at: Some(Timestamp::parse("2026-11-23T00:00:00Z").unwrap()),
        reason: "card",
        user_data: UserData::default(),
    }));
    let capture = ledger(qenex::ledger::command::Command::HoldCapture(HoldCapture {
        id: Id::from_u128(403),
        hold: Id::from_u128(402),
        credit: Some(AccountRef::Id(Id::from_u128(2))),
        amount: Some(Amount::from_minor(100)),
        last: false,
        force: false,
        code: 7,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details {
            narrative: "lunch",
            ..Details::default()
        },
    }));
    let reverse = ledger(qenex::ledger::command::Command::Reverse(Reverse {
        id: Id::from_u128(404),
        original: Id::from_u128(401),
        amount: None,
        flags: 0,
        recovery: None,
        code: 9,
        details: Details::default(),
    }));
    let items = [
        linked,
        hold,
        capture,
        reverse,
        transfer(405, 2, 1, 1_000_000),
    ];
    let outcomes = run(&session, &items);
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
    assert_eq!(
        statuses,
        [
            Status::OK,
            Status::OK,
            Status::OK,
            Status::OK,
            Status::INSUFFICIENT_FUNDS
        ]
    );
    // The next day the rest of the hold expires by itself.
    let later = ExecuteOptions {
        time: Some(Timestamp::parse("2026-11-24T00:00:00Z").unwrap()),
        ..Default::default()
    };
    let mut outcomes = Vec::new();
    session
        .execute(&Items(&[transfer(406, 1, 2, 1)]), &later, &mut outcomes)
        .unwrap();
    assert_eq!(outcomes[0].debit.debits_pending, 0);
    assert_eq!(engine.integrity_check().unwrap(), Vec::<String>::new());
    let feed = session.feed(0, 0).unwrap();
    assert_eq!(feed.len() as i64, session.sequence().unwrap());
    let copy = SimulatedDisk::new();
    let standby = open(&copy);
    for entries in feed.chunks(3) {
        standby.replay(entries).unwrap();
    }
    assert_eq!(standby.state_hash().unwrap(), engine.state_hash().unwrap());
    // As of the moment before the hold, nothing was pending and the transfer stood.
    let before = outcomes_sequence(&feed, 402) - 1;
    let answer = session
        .balance_as_of(
            &AccountRef::Number("ACC001"),
            840,
            qenex::engine::query::AsOf::Sequence(before),
        )
        .unwrap();
    assert_eq!(answer.turnovers.debits_posted, 700);
    assert_eq!(answer.turnovers.debits_pending, 0);
    let statement = session
        .statement(
            &AccountRef::Number("ACC001"),
            840,
            &Default::default(),
            None,
        )
        .unwrap();
    assert_eq!(statement.lines.len(), 5);
    assert_eq!(
        statement.lines[0].after,
        session
            .balance(&AccountRef::Number("ACC001"), 840)
            .unwrap()
            .turnovers
    );
}

fn outcomes_sequence(feed: &[qenex::engine::feed::FeedEntry], key: u128) -> i64 {
    feed.iter()
        .find(|entry| entry.key == Id::from_u128(key))
        .unwrap()
        .sequence
}

#[test]
fn one_line_forms_need_no_preparation() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("teller", "").unwrap();
    let opened = session.open_account("ACC001", "USD", "250.00").unwrap();
    assert_eq!(opened.status, Status::OK);
    assert_eq!(
        session.open_account("ACC002", "USD", "").unwrap().status,
        Status::OK
    );
    assert_eq!(
        session
            .pay("ACC001", "ACC002", "100.00", "USD")
            .unwrap()
            .status,
        Status::OK
    );
    assert_eq!(session.balance_text("ACC001", "USD").unwrap(), "150.00");
    assert_eq!(session.balance_text("ACC002", "USD").unwrap(), "100.00");
    let refused = session.pay("ACC001", "ACC002", "150.01", "USD").unwrap();
    assert_eq!(refused.status, Status::INSUFFICIENT_FUNDS);
    let comma = session.pay("ACC001", "ACC002", "1,5", "USD").unwrap_err();
    assert_eq!(comma.status(), Status::INVALID_AMOUNT_TEXT);
    assert!(comma.message().contains("comma"), "{}", comma.message());
    assert_eq!(
        session.open_account("ACC001", "USD", "").unwrap().status,
        Status::NUMBER_TAKEN
    );
    assert_eq!(
        session
            .open_account("ACC003", "XYZ", "")
            .unwrap_err()
            .status(),
        Status::UNKNOWN_CURRENCY
    );
    let trial = session.trial_balance(0).unwrap();
    assert_eq!(
        (trial.len(), trial[0].debits, trial[0].credits),
        (1, 35_000, 35_000)
    );
}

#[test]
fn another_engine_reads_what_this_one_writes() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("teller", "").unwrap();
    session.open_account("ACC001", "USD", "1.00").unwrap();
    let mut options = EngineOptions::new(Location::Memory(disk.clone()));
    options.read_only = true;
    let reading = Engine::open(options).unwrap();
    let auditor = reading.session("auditor", "").unwrap();
    assert_eq!(auditor.balance_text("ACC001", "USD").unwrap(), "1.00");
    session.open_account("ACC002", "USD", "2.00").unwrap();
    assert_eq!(auditor.balance_text("ACC002", "USD").unwrap(), "2.00");
    assert_eq!(
        auditor
            .pay("ACC001", "ACC002", "1.00", "USD")
            .unwrap_err()
            .status(),
        Status::READ_ONLY
    );
}
