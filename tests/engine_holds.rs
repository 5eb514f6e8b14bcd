//! Holds and refunds, line by line: what is set aside is captured once, released once, and never after it expired;
//! what was paid is given back once, whoever asks again. The failures named are those that others had.

mod days_support;

use days_support::*;
use qenex::base::{Amount, Id, Status};
use qenex::ledger::account::flags;
use qenex::ledger::command::*;
use qenex::ledger::hold::{HoldKind, HoldState};
use qenex::ledger::transfer::flags as transfer_flags;
use qenex::tx::ChangeKind;

fn capture(id: u128, hold: u128, amount: Option<i128>) -> HoldCapture<'static> {
    HoldCapture {
        id: Id::from_u128(id),
        hold: Id::from_u128(hold),
        credit: Some(AccountRef::Id(Id::from_u128(TWO))),
        amount: amount.map(Amount::from_minor),
        last: false,
        force: false,
        code: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details::default(),
    }
}

fn release(hold: u128) -> Command<'static> {
    Command::HoldRelease(HoldRelease {
        key: Id::NONE,
        hold: Id::from_u128(hold),
    })
}

fn increase(hold: u128, amount: i128, force: bool) -> Command<'static> {
    Command::HoldIncrease(HoldIncrease {
        key: Id::NONE,
        hold: Id::from_u128(hold),
        amount: Amount::from_minor(amount),
        force,
    })
}

fn refund(id: u128, original: u128, amount: Option<i128>) -> Reverse<'static> {
    Reverse {
        id: Id::from_u128(id),
        original: Id::from_u128(original),
        amount: amount.map(Amount::from_minor),
        flags: 0,
        recovery: None,
        code: 0,
        details: Details::default(),
    }
}

fn bank() -> Bank {
    Bank::new("2026-11-02")
}

fn state(bank: &Bank, hold: u128) -> (HoldState, u128, u128) {
    let hold = bank.session.hold(&Id::from_u128(hold)).unwrap();
    (hold.state, hold.remaining, hold.captured)
}

/// blnk#41: a void that is sent twice releases once.
#[test]
fn a_hold_is_released_once() {
    let bank = bank();
    bank.ok(Command::HoldPlace(hold(200, ONE, 500)));
    let keyed = Command::HoldRelease(HoldRelease {
        key: Id::from_u128(201),
        hold: Id::from_u128(200),
    });
    let first = bank.ok(keyed.clone());
    let again = bank.ok(keyed);
    assert!(again.repeated && again.sequence == first.sequence);
    assert_eq!(bank.one(release(200)).status, Status::HOLD_RELEASED);
    assert_eq!(first.debit.debits_pending, 0);
    assert_eq!(bank.kinds(ChangeKind::HOLD_RELEASED), 1);
    bank.check();
}

/// blnk#62: no more is captured than is held, in one step or in several.
#[test]
fn no_more_is_captured_than_is_held() {
    let bank = bank();
    bank.ok(Command::HoldPlace(hold(200, ONE, 500)));
    let above = bank.one(Command::HoldCapture(capture(201, 200, Some(501))));
    assert_eq!(above.status, Status::CAPTURE_ABOVE_HOLD);
    bank.ok(Command::HoldCapture(capture(202, 200, Some(200))));
    bank.ok(Command::HoldCapture(capture(203, 200, Some(200))));
    let above = bank.one(Command::HoldCapture(capture(204, 200, Some(101))));
    assert_eq!(above.status, Status::CAPTURE_ABOVE_HOLD);
    bank.ok(Command::HoldCapture(capture(205, 200, None)));
    assert_eq!(state(&bank, 200), (HoldState::Captured, 0, 500));
    let nothing = bank.one(Command::HoldCapture(capture(206, 200, None)));
    assert_eq!(nothing.status, Status::HOLD_CAPTURED);
    assert_eq!(bank.balance(TWO), 500);
    // The same capture again is the first one's result, not money.
    let again = bank.ok(Command::HoldCapture(capture(203, 200, Some(200))));
    assert!(again.repeated);
    assert_eq!(bank.balance(TWO), 500);
    bank.check();
}

/// blnk#182: what was released, or expired, cannot be captured.
#[test]
fn a_hold_that_ended_is_not_captured() {
    let bank = bank();
    bank.ok(Command::HoldPlace(hold(200, ONE, 500)));
    bank.ok(Command::HoldCapture(capture(201, 200, Some(100))));
    bank.ok(release(200));
    let late = bank.one(Command::HoldCapture(capture(202, 200, Some(1))));
    assert_eq!(late.status, Status::HOLD_RELEASED);
    let forced = HoldCapture {
        force: true,
        ..capture(203, 200, Some(1))
    };
    assert_eq!(
        bank.one(Command::HoldCapture(forced)).status,
        Status::HOLD_RELEASED
    );
    bank.ok(Command::HoldPlace(HoldPlace {
        expires_at: Some(START.add_micros(60_000_000).unwrap()),
        ..hold(210, ONE, 500)
    }));
    bank.ok(Command::HoldCapture(HoldCapture {
        last: false,
        ..capture(211, 210, Some(100))
    }));
    bank.advance(60);
    for (command, status) in [
        (
            Command::HoldCapture(capture(212, 210, Some(1))),
            Status::HOLD_EXPIRED,
        ),
        (release(210), Status::HOLD_EXPIRED),
        (increase(210, 1, true), Status::HOLD_EXPIRED),
    ] {
        assert_eq!(bank.one(command).status, status);
    }
    assert_eq!(state(&bank, 210), (HoldState::Expired, 0, 100));
    assert_eq!(bank.balance(ONE), 100_000 - 200);
    let account = AccountRef::Id(Id::from_u128(ONE));
    let held = bank
        .session
        .balance(&account, USD)
        .unwrap()
        .turnovers
        .debits_pending;
    assert_eq!(held, 0);
    bank.check();
}

/// blnk#195: holds that were placed in bulk are captured in bulk.
#[test]
fn holds_are_placed_and_captured_in_bulk() {
    let bank = bank();
    let places: Vec<_> = (0..500)
        .map(|number| Command::HoldPlace(hold(2_000 + number, ONE, 10)))
        .collect();
    assert!(
        bank.all(&places)
            .iter()
            .all(|outcome| outcome.status == Status::OK)
    );
    let captures: Vec<_> = (0..500)
        .map(|number| Command::HoldCapture(capture(3_000 + number, 2_000 + number, None)))
        .collect();
    let outcomes = bank.all(&captures);
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.status == Status::OK && !outcome.repeated)
    );
    assert_eq!(bank.balance(TWO), 5_000);
    let outcomes = bank.all(&captures);
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.status == Status::OK && outcome.repeated)
    );
    let more: Vec<_> = (0..500)
        .map(|number| Command::HoldCapture(capture(4_000 + number, 2_000 + number, None)))
        .collect();
    let outcomes = bank.all(&more);
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.status == Status::HOLD_CAPTURED)
    );
    assert_eq!(bank.balance(TWO), 5_000);
    bank.check();
}

#[test]
fn the_four_kinds_are_kept_and_count_alike() {
    let bank = bank();
    for (index, kind) in HoldKind::ALL.into_iter().enumerate() {
        let id = 200 + index as u128;
        bank.ok(Command::HoldPlace(HoldPlace {
            kind,
            reason: "why",
            ..hold(id, ONE, 25_000)
        }));
        assert_eq!(bank.session.hold(&Id::from_u128(id)).unwrap().kind, kind);
    }
    let short = bank.one(Command::Transfer(transfer(210, ONE, TWO, 1)));
    assert_eq!(short.status, Status::INSUFFICIENT_FUNDS);
    assert_eq!(
        bank.one(Command::HoldPlace(hold(211, ONE, 1))).status,
        Status::INSUFFICIENT_FUNDS
    );
    assert_eq!(
        bank.one(increase(200, 1, false)).status,
        Status::INSUFFICIENT_FUNDS
    );
    bank.ok(increase(200, 1, true));
    assert_eq!(
        bank.rows("SELECT kind, reason FROM v1_holds ORDER BY seq"),
        [
            "authorisation|why",
            "lien|why",
            "uncleared_funds|why",
            "pledge|why"
        ]
    );
    bank.check();
}

#[test]
fn a_hold_of_higher_priority_is_served_first() {
    let bank = bank();
    bank.ok(open(800, flags::NO_OVERDRAFT));
    bank.ok(Command::Transfer(transfer(199, BANK, 800, 100)));
    bank.ok(Command::HoldPlace(hold(200, 800, 80)));
    // A lien goes before the authorisation, though the funds do not cover both.
    bank.ok(Command::HoldPlace(HoldPlace {
        kind: HoldKind::Lien,
        priority: 9,
        force: true,
        ..hold(201, 800, 70)
    }));
    let low = bank.one(Command::HoldCapture(capture(202, 200, None)));
    assert_eq!(low.status, Status::INSUFFICIENT_FUNDS, "the lien counts");
    bank.ok(Command::HoldCapture(capture(203, 201, None)));
    let low = bank.one(Command::HoldCapture(capture(204, 200, None)));
    assert_eq!(low.status, Status::INSUFFICIENT_FUNDS, "30 are left");
    bank.ok(Command::HoldCapture(capture(205, 200, Some(30))));
    assert_eq!(bank.balance(800), 0);
    bank.check();
}

#[test]
fn a_forced_capture_above_the_hold_is_reported() {
    let bank = bank();
    bank.ok(Command::HoldPlace(hold(200, ONE, 100)));
    bank.ok(Command::HoldCapture(HoldCapture {
        force: true,
        last: true,
        ..capture(201, 200, Some(130))
    }));
    let row = bank.session.transfer(&Id::from_u128(201)).unwrap().row;
    assert!(row.flags & transfer_flags::FORCED != 0);
    assert_eq!(state(&bank, 200), (HoldState::Captured, 0, 130));
    bank.ok(Command::HoldPlace(hold(202, ONE, 100)));
    bank.ok(Command::HoldCapture(HoldCapture {
        force: true,
        ..capture(203, 202, Some(100))
    }));
    let forced = "SELECT count(*), max(amount) FROM v1_forced_transfers";
    assert_eq!(
        bank.rows(forced),
        ["1|130"],
        "within its hold nothing was forced"
    );
    bank.check();
}

#[test]
fn refunds_add_up_to_the_original_and_no_further() {
    let bank = bank();
    bank.ok(Command::Transfer(transfer(200, ONE, TWO, 1_000)));
    let first = bank.ok(Command::Reverse(refund(201, 200, Some(400))));
    let again = bank.ok(Command::Reverse(refund(201, 200, Some(400))));
    assert!(again.repeated && again.sequence == first.sequence);
    assert_eq!(
        bank.balance(TWO),
        600,
        "the second identical refund is no money"
    );
    let other = bank.one(Command::Reverse(refund(201, 200, Some(300))));
    assert_eq!(other.status, Status::EXISTS_WITH_DIFFERENT_CONTENT);
    let above = bank.one(Command::Reverse(refund(202, 200, Some(601))));
    assert_eq!(above.status, Status::REVERSAL_ABOVE_ORIGINAL);
    bank.ok(Command::Reverse(refund(203, 200, Some(100))));
    let rest = bank.ok(Command::Reverse(refund(204, 200, None)));
    assert_eq!(rest.amount, 500);
    for (id, amount) in [(205, None), (206, Some(1))] {
        let more = bank.one(Command::Reverse(refund(id, 200, amount)));
        assert_eq!(more.status, Status::REVERSAL_ABOVE_ORIGINAL);
        let of_refund = bank.one(Command::Reverse(refund(id + 10, 201, amount)));
        assert_eq!(of_refund.status, Status::ORIGINAL_IS_REVERSAL);
    }
    assert_eq!((bank.balance(ONE), bank.balance(TWO)), (100_000, 0));
    bank.check();
}

#[test]
fn a_transaction_reverses_whole_whatever_was_refunded_of_it_before() {
    let bank = bank();
    let leg = |id, amount| {
        Command::Transfer(Transfer {
            transaction: Id::from_u128(900),
            details: Details {
                reference: if id == 201 { "INV-1" } else { "INV-2" },
                ..Details::default()
            },
            ..transfer(id, ONE, TWO, amount)
        })
    };
    for (id, amount) in [(200, 100), (201, 200), (202, 300)] {
        bank.ok(leg(id, amount));
    }
    // The last leg is gone already, the first in part.
    bank.ok(Command::Reverse(refund(210, 202, None)));
    bank.ok(Command::Reverse(refund(211, 200, Some(40))));
    let part = bank.one(Command::Reverse(refund(212, 900, Some(1))));
    assert_eq!(part.status, Status::REVERSAL_ABOVE_ORIGINAL);
    bank.ok(Command::Reverse(refund(213, 900, None)));
    assert_eq!((bank.balance(ONE), bank.balance(TWO)), (100_000, 0));
    let legs = bank.session.transaction(&Id::from_u128(213)).unwrap();
    let shown: Vec<_> = legs
        .iter()
        .map(|leg| (leg.row.amount, leg.reference.as_str()))
        .collect();
    assert_eq!(shown, [(200, "INV-1"), (60, "INV-2")]);
    assert!(bank.ok(Command::Reverse(refund(213, 900, None))).repeated);
    let again = bank.one(Command::Reverse(refund(214, 900, None)));
    assert_eq!(again.status, Status::REVERSAL_ABOVE_ORIGINAL);
    bank.check();
}

#[test]
fn when_the_funds_are_gone_the_caller_has_chosen() {
    let bank = bank();
    bank.ok(open(800, flags::NO_OVERDRAFT));
    for id in [200, 201, 202] {
        bank.ok(Command::Transfer(transfer(id, ONE, TWO, 100)));
    }
    bank.ok(Command::Transfer(transfer(203, TWO, 800, 300)));
    let refused = bank.one(Command::Reverse(refund(210, 200, None)));
    assert_eq!(refused.status, Status::REVERSAL_FUNDS_GONE);
    bank.ok(Command::Reverse(Reverse {
        flags: transfer_flags::FORCE,
        ..refund(211, 201, None)
    }));
    assert_eq!(bank.balance(TWO), -100);
    bank.ok(Command::Reverse(Reverse {
        recovery: Some(AccountRef::Id(Id::from_u128(800))),
        ..refund(212, 202, None)
    }));
    assert_eq!((bank.balance(TWO), bank.balance(800)), (-100, 200));
    let row = bank.session.transfer(&Id::from_u128(212)).unwrap().row;
    assert!(row.flags & transfer_flags::RECOVERED != 0);
    bank.check();
}

#[test]
fn a_storno_keeps_turnover_net() {
    let bank = bank();
    bank.ok(Command::Transfer(transfer(200, ONE, TWO, 100)));
    bank.ok(Command::Transfer(transfer(201, ONE, TWO, 7)));
    bank.ok(Command::Reverse(Reverse {
        flags: transfer_flags::STORNO,
        ..refund(202, 200, None)
    }));
    bank.ok(Command::Reverse(refund(203, 201, None)));
    assert_eq!((bank.balance(ONE), bank.balance(TWO)), (100_000, 0));
    assert_eq!(
        bank.rows(
            "SELECT account, debits, credits FROM v1_turnovers WHERE account < 3 ORDER BY account"
        ),
        ["1|7|100007", "2|7|7"],
        "the wrong booking is not in the turnover, the refund is"
    );
    bank.check();
}
