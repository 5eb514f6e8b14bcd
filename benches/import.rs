//! Brings a million lines of history into a new file, as a bank that moves in does: import mode, full batches with their
//! original ids, dates and references, the proof of every balance, going live. `cargo bench --bench import -- LINES`.

use std::time::Instant;

use qenex::base::{Amount, Date, Id, Timestamp};
use qenex::engine::{BATCH_MAX, Engine, EngineOptions, ExecuteOptions, Item, Items, Session};
use qenex::ledger::account::AccountKind;
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::*;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::Location;

const ACCOUNTS: u64 = 10_000;
const USD: u32 = 840;
/// The account that history comes from.
const CONTRA: u64 = 0;

fn run(session: &Session, items: &[Item<'_>]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for items in items.chunks(BATCH_MAX) {
        session
            .execute(&Items(items), &ExecuteOptions::default(), &mut outcomes)
            .expect("the batch runs");
    }
    assert!(outcomes.iter().all(|outcome| outcome.status.is_ok()));
    outcomes
}

fn account(number: u64) -> Id {
    Id::from_u128(1 << 100 | u128::from(number))
}

fn open(number: u64) -> Item<'static> {
    let kind = match number {
        CONTRA => AccountKind::Asset,
        _ => AccountKind::Liability,
    };
    Item::from(Command::AccountOpen(AccountOpen {
        id: account(number),
        entity: 1,
        kind,
        asset: USD,
        parent: Id::NONE,
        flags: 0,
        number_type: "",
        number: "",
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        opening: None,
        user_data: UserData::default(),
    }))
}

fn line(number: u64, reference: &str) -> Item<'_> {
    let booked = Date::from_days(7_300 + (number / 140) as i32 % 10_000);
    Item::from(Command::ImportTransfer(ImportTransfer {
        transfer: Transfer {
            id: Id::from_u128(2 << 100 | u128::from(number)),
            debit: AccountRef::Id(account(CONTRA)),
            credit: AccountRef::Id(account(
                1 + number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % ACCOUNTS,
            )),
            asset: USD,
            amount: Amount::from_minor(i128::from(number % 90_000 + 1)),
            transaction: Id::NONE,
            code: 0,
            flags: 0,
            booking_date: Some(booked),
            value_date: None,
            user_data: UserData::default(),
            details: Details {
                reference,
                ..Details::default()
            },
        },
        original_time: Timestamp::from_micros(i64::from(booked.days()) * 86_400_000_000),
        opening: number < ACCOUNTS,
    }))
}

fn main() {
    let lines: u64 = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1_000_000);
    let path = std::env::temp_dir().join(format!("qenex-import-{}.db", std::process::id()));
    let engine =
        Engine::open(EngineOptions::new(Location::Path(path.clone()))).expect("the file opens");
    let session = engine.session("migration", "").expect("a session opens");
    run(
        &session,
        &[
            Item::from(Command::ImportBegin(ImportBegin { key: Id::NONE })),
            Item::from(Command::AssetCreate(AssetCreate {
                code: "USD",
                scale: 2,
                kind: AssetKind::Currency,
                wide: false,
            })),
            Item::from(Command::EntityCreate(EntityCreate {
                id: Id::from_u128(1),
                name: "Bank",
                functional_currency: USD,
                time_zone: "",
                business_date: Date::from_days(20_782),
                follows_clock: false,
            })),
        ],
    );
    let accounts: Vec<Item<'_>> = (CONTRA..=ACCOUNTS).map(open).collect();
    run(&session, &accounts);
    let begun = Instant::now();
    for start in (0..lines).step_by(BATCH_MAX) {
        let numbers = start..lines.min(start + BATCH_MAX as u64);
        let references: Vec<String> = numbers
            .clone()
            .map(|number| format!("OLD{number:09}"))
            .collect();
        let batch: Vec<Item<'_>> = numbers
            .zip(&references)
            .map(|(number, reference)| line(number, reference))
            .collect();
        run(&session, &batch);
    }
    let imported = begun.elapsed().as_secs_f64();
    let state = session
        .import_state()
        .expect("there is a state")
        .expect("it was begun");
    let begun = Instant::now();
    // The proof compares with what the old system says; here the sums are the ledger's own.
    let mut openings = vec![(0u128, 0u128); ACCOUNTS as usize + 1];
    for number in 0..lines.min(ACCOUNTS) {
        let Item { command, .. } = line(number, "");
        if let qenex::engine::Command::Ledger(Command::ImportTransfer(import)) = command {
            let amount = import.transfer.amount.minor() as u128;
            let credit = 1 + number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % ACCOUNTS;
            openings[credit as usize].1 += amount;
            openings[CONTRA as usize].0 += amount;
        }
    }
    let mut proofs = Vec::new();
    for number in CONTRA..=ACCOUNTS {
        let id = AccountRef::Id(account(number));
        let sums = session
            .balance(&id, USD)
            .expect("the account is there")
            .turnovers;
        if sums.debits_posted + sums.credits_posted == 0 {
            continue;
        }
        let opening = openings[number as usize];
        let side = if number == CONTRA { 1 } else { -1 };
        proofs.push(Item::from(Command::ImportProof(ImportProof {
            key: Id::NONE,
            account: id,
            asset: USD,
            opening: Amount::from_minor(side * (opening.0 as i128 - opening.1 as i128)),
            debits: Amount::from_minor((sums.debits_posted - opening.0) as i128),
            credits: Amount::from_minor((sums.credits_posted - opening.1) as i128),
            closing: Amount::from_minor(side * sums.posted()),
        })));
    }
    run(&session, &proofs);
    run(
        &session,
        &[Item::from(Command::GoLive(GoLive { key: Id::NONE }))],
    );
    let proved = begun.elapsed().as_secs_f64();
    println!(
        "imported {} lines in {imported:.2} s ({:.0} lines/s), proved {} balances and went live in {proved:.2} s",
        state.transfers,
        lines as f64 / imported,
        proofs.len()
    );
    drop(session);
    engine.close().expect("the engine closes");
    let size = std::fs::metadata(&path).map_or(0, |found| found.len());
    println!(
        "the file has {:.1} MB, {} bytes a line",
        size as f64 / 1e6,
        size / lines.max(1)
    );
    for end in ["", "-wal", "-shm", "-lock"] {
        let mut name = path.clone().into_os_string();
        name.push(end);
        let _ = std::fs::remove_file(name);
    }
}
