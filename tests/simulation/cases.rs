//! Single cases in which an engine with caches, undo and replay goes wrong most easily, each alone and small.

use qenex::base::Status;
use qenex::base::Timestamp;
use qenex::ledger::account::AccountKind;

use crate::audit;
use crate::bank::{Bank, Restart, START, Tuning};
use crate::command::{Capture, Entry, Named, Op, Open, Place, Record, Reverse, Transfer};
use crate::generator::{Mix, POINTS, TOKEN, USD};
use crate::model::{Client, When};

const MIX: Mix = Mix {
    accounts: 0,
    batch: 1,
    texts: false,
};

/// One entity, three assets, and accounts 1 to `count` of any asset without limits, each given its first balance in
/// USD by the way it is opened.
pub fn bank(tuning: Tuning, count: u128) -> Bank {
    let mut bank = Bank::new(0, tuning, MIX);
    let today = Timestamp::parse(START).unwrap().date().days();
    let mut entries = bank.generator.setup(today);
    entries.truncate(4);
    entries.extend((1..=count).map(|id| Entry::from(open(id, USD, 0))));
    applied(&mut bank, entries);
    bank
}

pub fn open(id: u128, asset: u32, flags: u32) -> Op {
    Op::Open(Open {
        id,
        entity: 1,
        kind: AccountKind::Liability,
        asset,
        parent: 0,
        flags,
        number_type: String::new(),
        number: String::new(),
        name: String::new(),
        opening: None,
    })
}

pub fn transfer(id: u128, debit: u128, credit: u128, asset: u32, amount: i128) -> Op {
    Op::Transfer(Transfer {
        id,
        debit: Named::Id(debit),
        credit: Named::Id(credit),
        asset,
        amount,
        transaction: 0,
        code: 1,
        flags: 0,
        booking: None,
        value: None,
        user: (0, 0, 0),
        reference: String::new(),
        narrative: String::new(),
    })
}

fn place(id: u128, debit: u128, credit: u128, asset: u32, amount: i128) -> Op {
    Op::Place(Place {
        id,
        debit: Named::Id(debit),
        credit: (credit != 0).then_some(Named::Id(credit)),
        asset,
        amount,
        force: false,
        priority: 0,
        expires: None,
    })
}

fn record(key: u128, name: &str) -> Op {
    Op::Record(Record {
        key,
        namespace: "payments".into(),
        record: name.into(),
        expected: None,
        value: Some(vec![1]),
    })
}

fn reverse(id: u128, original: u128) -> Reverse {
    Reverse {
        id,
        original,
        amount: None,
        flags: 0,
        recovery: None,
        narrative: String::new(),
    }
}

fn linked(ops: impl IntoIterator<Item = Op>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = ops.into_iter().map(Entry::from).collect();
    let last = entries.len() - 1;
    for entry in &mut entries[..last] {
        entry.linked = true;
    }
    entries
}

/// Runs entries of which all must be applied.
fn applied(bank: &mut Bank, entries: Vec<Entry>) {
    for outcome in bank.run_default(entries) {
        assert_eq!(outcome.status, Status::OK, "{outcome:?}");
    }
}

fn statuses(bank: &mut Bank, entries: Vec<Entry>) -> Vec<Status> {
    let outcomes = bank.run_default(entries);
    outcomes.iter().map(|outcome| outcome.status).collect()
}

/// Whatever is rolled back first touches balances under sequence numbers that are given out again: the next change of
/// them is to be replayed after a kill all the same.
fn replayed_after(tuning: Tuning, undone: impl FnOnce(&mut Bank)) {
    let mut bank = bank(tuning, 2);
    applied(&mut bank, vec![transfer(100, 1, 2, USD, 5).into()]);
    bank.restart(Restart::Close);
    undone(&mut bank);
    applied(&mut bank, vec![transfer(101, 1, 2, USD, 7).into()]);
    bank.audit();
    bank.restart(Restart::Kill);
    applied(&mut bank, vec![transfer(102, 1, 2, USD, 1).into()]);
    bank.restart(Restart::Close);
    bank.audit();
}

#[test]
fn a_refused_chain_hides_nothing_from_replay() {
    for tuning in [Tuning::LAZY, Tuning::TIGHT] {
        replayed_after(tuning, |bank| {
            let chain = linked([
                record(0, "a"),
                record(0, "b"),
                transfer(200, 1, 2, USD, 9),
                transfer(201, 1, 99, USD, 9),
            ]);
            let last = statuses(bank, chain).pop();
            assert_eq!(last, Some(Status::CREDIT_ACCOUNT_UNKNOWN));
        });
    }
}

#[test]
fn a_dry_run_hides_nothing_from_replay() {
    for tuning in [Tuning::LAZY, Tuning::TIGHT] {
        replayed_after(tuning, |bank| {
            let client = Client {
                principal: "teller 0".into(),
                behalf: String::new(),
            };
            let mut entries: Vec<Entry> = (0..20)
                .map(|number: u32| record(0, &number.to_string()).into())
                .collect();
            entries.push(transfer(200, 1, 2, USD, 9).into());
            bank.run(&client, When::Clock(0), entries, true);
        });
    }
}

#[test]
fn a_page_that_is_written_early_does_not_hide_the_one_before_it() {
    let mut bank = bank(Tuning::LAZY, 16);
    applied(
        &mut bank,
        vec![
            open(17, TOKEN, 0).into(),
            open(18, TOKEN, 0).into(),
            // Pages of wide balances are written with each commit: the second page, not the first.
            transfer(100, 17, 18, TOKEN, 5).into(),
        ],
    );
    bank.restart(Restart::Kill);
    applied(&mut bank, vec![transfer(101, 3, 4, USD, 5).into()]);
    bank.audit();
    bank.restart(Restart::Kill);
    applied(&mut bank, vec![transfer(102, 3, 4, USD, 5).into()]);
    bank.restart(Restart::Close);
    bank.audit();
}

#[test]
fn a_key_belongs_to_one_command_whatever_its_kind() {
    let mut bank = bank(Tuning::TIGHT, 2);
    let batch = vec![
        transfer(100, 1, 2, USD, 5).into(),
        record(100, "a").into(),
        record(101, "b").into(),
        transfer(101, 1, 2, USD, 5).into(),
    ];
    let used = Status::EXISTS_WITH_DIFFERENT_CONTENT;
    let expected = [Status::OK, used, Status::OK, used];
    assert_eq!(statuses(&mut bank, batch), expected);
    assert_eq!(statuses(&mut bank, vec![record(100, "a").into()]), [used]);
    bank.audit();
}

#[test]
fn what_is_held_stays_within_the_range_of_both_balances() {
    let increase = |hold, amount| Op::Increase {
        key: 0,
        hold,
        amount,
        force: false,
    };
    for (asset, maximum) in [(POINTS, i128::from(i64::MAX)), (TOKEN, i128::MAX)] {
        let mut bank = bank(Tuning::TIGHT, 0);
        let accounts = (1..=4).map(|id| Entry::from(open(id, 0, 0))).collect();
        applied(&mut bank, accounts);
        let batch = vec![
            place(100, 1, 4, asset, 1).into(),
            place(101, 2, 4, asset, 1).into(),
            place(102, 3, 4, asset, 1).into(),
            increase(100, maximum - 1).into(),
            increase(100, maximum - 3).into(),
            increase(101, maximum - 1).into(),
            increase(102, 1).into(),
        ];
        let over = Status::BALANCE_OVERFLOW;
        let ok = Status::OK;
        let expected = [ok, ok, ok, over, ok, over, over];
        assert_eq!(statuses(&mut bank, batch), expected);
        bank.audit();
    }
}

#[test]
fn a_refused_chain_takes_its_advance_of_time_back() {
    let mut bank = bank(Tuning::TIGHT, 2);
    let hour = 3_600_000_000;
    let now = bank.model.state.time;
    let mut hold = place(100, 1, 2, USD, 50);
    if let Op::Place(place) = &mut hold {
        place.expires = Some(now + hour);
    }
    let mut batch = vec![hold.into()];
    batch.extend(linked([
        Op::Advance { to: now + 2 * hour },
        transfer(101, 1, 99, USD, 1),
    ]));
    // The hold is active again, and what comes after bears the time of the batch.
    batch.push(transfer(102, 1, 2, USD, 1).into());
    batch.push(Op::Release { key: 0, hold: 100 }.into());
    let expected = [
        Status::OK,
        Status::LINKED_FAILED,
        Status::CREDIT_ACCOUNT_UNKNOWN,
        Status::OK,
        Status::OK,
    ];
    assert_eq!(statuses(&mut bank, batch), expected);
    applied(&mut bank, vec![transfer(103, 1, 2, USD, 1).into()]);
    bank.audit();
}

#[test]
fn a_refusal_names_who_was_behind_it_though_its_chain_is_gone() {
    let mut bank = bank(Tuning::TIGHT, 0);
    let accounts = vec![open(1, USD, 1).into(), open(2, USD, 1).into()];
    applied(&mut bank, accounts);
    let mut batch = linked([record(0, "a"), transfer(100, 1, 2, USD, 1)]);
    batch[1].behalf = "first customer".into();
    let mut other = Entry::from(record(0, "b"));
    other.behalf = "second customer".into();
    batch.push(other);
    let expected = [
        Status::LINKED_FAILED,
        Status::INSUFFICIENT_FUNDS,
        Status::OK,
    ];
    assert_eq!(statuses(&mut bank, batch), expected);
    bank.audit();
}

#[test]
fn principals_of_items_are_checked_like_those_of_sessions() {
    let mut bank = bank(Tuning::TIGHT, 2);
    let mut entry = Entry::from(transfer(100, 1, 2, USD, 1));
    entry.behalf = "x".repeat(129);
    assert_eq!(statuses(&mut bank, vec![entry]), [Status::TEXT_TOO_LONG]);
    bank.audit();
}

/// Each balance fits into 63 bits; their sum need not.
#[test]
fn the_trial_balance_adds_up_beyond_63_bits() {
    let mut bank = bank(Tuning::TIGHT, 4);
    let most = i128::from(i64::MAX);
    let batch = vec![
        transfer(100, 1, 2, USD, most).into(),
        transfer(101, 3, 4, USD, most - 1).into(),
    ];
    applied(&mut bank, batch);
    bank.audit();
    let sql = "SELECT debits, credits, difference FROM v1_trial_balance WHERE debits != 0";
    let found = audit::rows(&audit::reader(&bank.disk), sql, |row| {
        let text = |column| row.get::<_, String>(column).unwrap();
        (text(0), text(1), row.get::<_, i64>(2).unwrap())
    });
    let total = (2 * most - 1).to_string();
    assert_eq!(found, [(total.clone(), total, 0)]);
}

/// A transaction that passes money on can be taken back only from its end.
#[test]
fn a_transaction_is_unwound_from_its_last_leg() {
    let mut bank = bank(Tuning::TIGHT, 1);
    let accounts = vec![open(2, USD, 1).into(), open(3, USD, 1).into()];
    applied(&mut bank, accounts);
    let leg = |id, debit, credit| {
        let mut leg = transfer(id, debit, credit, USD, 100);
        if let Op::Transfer(transfer) = &mut leg {
            transfer.transaction = 500;
        }
        leg
    };
    applied(&mut bank, linked([leg(100, 1, 2), leg(101, 2, 3)]));
    let whole = Entry::from(Op::Reverse(reverse(200, 500)));
    applied(&mut bank, vec![whole.clone()]);
    bank.audit();
    bank.restart(Restart::Kill);
    let again = bank.run_default(vec![whole]);
    assert!(again[0].repeated);
    let named_otherwise = Op::Reverse(reverse(200, 101)).into();
    let used = Status::EXISTS_WITH_DIFFERENT_CONTENT;
    assert_eq!(statuses(&mut bank, vec![named_otherwise]), [used]);
}

#[test]
fn a_repeated_reversal_is_compared_in_all_that_it_says() {
    let mut bank = bank(Tuning::TIGHT, 3);
    applied(&mut bank, vec![transfer(100, 1, 2, USD, 100).into()]);
    let first = reverse(200, 100);
    applied(&mut bank, vec![Op::Reverse(first.clone()).into()]);
    for changed in [
        Reverse {
            narrative: "another reason".into(),
            ..first.clone()
        },
        Reverse {
            amount: Some(100),
            ..first.clone()
        },
        Reverse {
            recovery: Some(Named::Id(3)),
            ..first.clone()
        },
        Reverse {
            flags: 1 << 4,
            ..first.clone()
        },
    ] {
        let batch = vec![Op::Reverse(changed).into()];
        let used = Status::EXISTS_WITH_DIFFERENT_CONTENT;
        assert_eq!(statuses(&mut bank, batch), [used]);
    }
    assert!(bank.run_default(vec![Op::Reverse(first).into()])[0].repeated);
}

#[test]
fn a_hold_is_captured_in_parts_and_beyond_itself_by_force() {
    let mut bank = bank(Tuning::TIGHT, 3);
    let capture = |id, amount, last, force| Capture {
        id,
        hold: 100,
        credit: None,
        amount,
        last,
        force,
        value: None,
    };
    let batch = [
        place(100, 1, 2, USD, 100),
        Op::Capture(capture(101, Some(40), false, false)),
        Op::Capture(capture(102, Some(61), false, false)),
        Op::Capture(capture(103, Some(80), false, true)),
        Op::Capture(capture(104, None, false, false)),
    ];
    let expected = [
        Status::OK,
        Status::OK,
        Status::CAPTURE_ABOVE_HOLD,
        Status::OK,
        Status::HOLD_CAPTURED,
    ];
    let batch = batch.into_iter().map(Entry::from).collect();
    assert_eq!(statuses(&mut bank, batch), expected);
    bank.audit();
}
