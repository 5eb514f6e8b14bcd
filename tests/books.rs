//! The books from Rust: exchanges and revaluation, splits and accruals, statements, the general ledger, the import,
//! retention. Each scenario also survives being reopened and being replayed into another file.

mod books_support;

use books_support::*;
use proptest::prelude::*;
use qenex::base::constants::gl_group;
use qenex::base::rounding::allocate;
use qenex::base::{Amount, Date, Id, Rounding, Status, Timestamp};
use qenex::ledger::account::AccountKind;
use qenex::ledger::command::*;
use qenex::ledger::query::as_of::DateKind;

const UNIT: i128 = 1_000_000_000_000_000_000;

fn exchange(id: u128, sold: u32, bought: u32, amount: i128, rate: (i128, u8)) -> Exchange<'static> {
    Exchange {
        id: Id::from_u128(id),
        debit: AccountRef::Number("EVA"),
        credit: AccountRef::Number("EVA"),
        sold,
        bought,
        sold_amount: Some(Amount::from_minor(amount)),
        bought_amount: None,
        rounding: Some(Rounding::HalfUp),
        code: 0,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details {
            rate: Some(rate),
            rate_source: "ECB",
            ..Details::default()
        },
    }
}

fn revalue(key: u128, asset: u32, rate: (i128, u8), date: Date) -> Command<'static> {
    Command::Revalue(Revalue {
        key: Id::from_u128(key),
        entity: 1,
        asset,
        date,
        rate,
        rate_source: "ECB",
        rounding: Rounding::HalfEven,
        account: AccountRef::Number("FX-RESULT"),
        code: 9,
    })
}

/// Eva has 10,000.00 CZK and 1,000.00 EUR; positions in CZK (functional), EUR and USD.
fn exchange_bank() -> Bank {
    let bank = Bank::new("CZK", &["EUR", "USD"]);
    bank.open("EVA", AccountKind::Liability, 0, "");
    bank.open("CASH", AccountKind::Asset, 0, "");
    bank.open("FX-RESULT", AccountKind::Income, 0, "");
    bank.open("ROUNDING", AccountKind::Income, 0, "");
    for (index, currency) in [CZK, EUR, USD].into_iter().enumerate() {
        let name = ["POS-CZK", "POS-EUR", "POS-USD"][index];
        bank.open(name, AccountKind::Asset, currency, "");
        bank.done(Command::PositionRegister(PositionRegister {
            key: Id::NONE,
            account: AccountRef::Number(name),
            asset: currency,
            rounding: Some(AccountRef::Number("ROUNDING")),
            carried: Amount::ZERO,
        }));
    }
    bank.pay("CASH", "EVA", CZK, 1_000_000);
    bank.pay("CASH", "EVA", EUR, 100_000);
    bank
}

/// Equivalents of all positions sum to zero, and the functional trial balance does.
fn positions_agree(bank: &Bank) {
    let positions = bank.session.positions(1).unwrap();
    assert_eq!(
        positions.iter().map(|(_, row)| row.carried).sum::<i128>(),
        0
    );
    for ((_, asset), row) in &positions {
        let balance = bank.net_of(row.account, *asset);
        assert_eq!(row.amount, -balance, "position in {asset}");
    }
    let lines = bank.session.functional_trial_balance(1).unwrap();
    assert_eq!(lines.iter().map(|line| line.functional).sum::<i128>(), 0);
    for line in lines.iter().filter(|line| !line.position) {
        assert_eq!(line.net, 0);
    }
    bank.sums_to_zero();
}

#[test]
fn what_an_exchange_must_not_be_is_refused_by_the_rule_that_it_breaks() {
    let bank = exchange_bank();
    let good = exchange(1, EUR, CZK, 10_000, (24_512, 3));
    let with = |change: &dyn Fn(&mut Exchange<'static>)| {
        // A refusal that is final is remembered under its key.
        let mut changed = Exchange {
            id: bank.id(),
            ..good.clone()
        };
        change(&mut changed);
        bank.status(Command::Exchange(changed))
    };
    assert_eq!(with(&|e| e.bought = EUR), Status::EXCHANGE_ASSETS_EQUAL);
    assert_eq!(with(&|e| e.bought = 999), Status::ASSET_UNKNOWN);
    assert_eq!(with(&|e| e.details.rate = None), Status::RATE_INVALID);
    assert_eq!(
        with(&|e| e.details.rate = Some((0, 0))),
        Status::RATE_INVALID
    );
    assert_eq!(
        with(&|e| e.sold_amount = None),
        Status::EXCHANGE_AMOUNT_NEEDED
    );
    assert_eq!(
        with(&|e| e.sold_amount = Some(Amount::from_minor(-1))),
        Status::AMOUNT_NEGATIVE
    );
    assert_eq!(
        with(&|e| {
            e.rounding = None;
            e.details.rate = Some((24_512_345, 6));
            e.sold_amount = Some(Amount::from_minor(1));
        }),
        Status::ROUNDING_NEEDED
    );
    assert_eq!(
        with(&|e| e.bought_amount = Some(Amount::from_minor(245_123))),
        Status::RATE_DIFFERS
    );
    assert_eq!(
        with(&|e| e.details.functional_amount = Some(Amount::from_minor(1))),
        Status::FUNCTIONAL_AMOUNT_DIFFERS
    );
    assert_eq!(
        with(&|e| {
            e.bought = USD;
            e.id = Id::from_u128(2);
        }),
        Status::FUNCTIONAL_AMOUNT_NEEDED
    );
    assert_eq!(
        with(&|e| e.debit = AccountRef::Number("POS-EUR")),
        Status::POSITION_ACCOUNT
    );
    assert_eq!(
        with(&|e| e.debit = AccountRef::Number("NOBODY")),
        Status::DEBIT_ACCOUNT_UNKNOWN
    );
    assert_eq!(with(&|e| e.flags = 2), Status::INVALID_FLAGS);
    assert_eq!(with(&|e| e.id = Id::NONE), Status::ID_NONE);
    // Position accounts move no other way.
    assert_eq!(
        bank.status(bank.payment("POS-EUR", "EVA", EUR, 1)),
        Status::POSITION_ACCOUNT
    );
    assert_eq!(
        bank.status(revalue(3, CZK, (1, 0), TODAY)),
        Status::REVALUATION_OF_FUNCTIONAL
    );
    assert_eq!(
        bank.status(revalue(4, 999, (1, 0), TODAY)),
        Status::POSITION_UNKNOWN
    );
    positions_agree(&bank);
}

#[test]
fn an_exchange_moves_both_currencies_and_its_reversal_both_back() {
    let bank = exchange_bank();
    let sold = Exchange {
        details: Details {
            narrative: "holiday money",
            ..exchange(1, EUR, CZK, 10_001, (24_512, 3)).details
        },
        ..exchange(1, EUR, CZK, 10_001, (24_512, 3))
    };
    let outcome = bank.done(Command::Exchange(sold.clone()));
    // 100.01 * 24.512 = 2451.44512
    assert_eq!(outcome.amount, 245_145);
    assert_eq!(bank.balance("EVA", EUR), 89_999);
    assert_eq!(bank.balance("EVA", CZK), 1_245_145);
    let again = bank.run(Command::Exchange(sold));
    assert!(again.repeated);
    assert_eq!(
        (again.sequence, again.amount, again.debit, again.credit),
        (
            outcome.sequence,
            outcome.amount,
            outcome.debit,
            outcome.credit
        )
    );
    let legs = bank.session.transaction(&Id::from_u128(1)).unwrap();
    assert_eq!(legs.len(), 2);
    for leg in &legs {
        assert_eq!(leg.functional_amount, Some(245_145));
        assert_eq!(leg.rate, Some((24_512, 3)));
        assert_eq!(leg.rate_source, "ECB");
        assert_eq!(leg.narrative, "holiday money");
    }
    positions_agree(&bank);
    let reverse = |id: u128, original: Id| {
        Command::Reverse(Reverse {
            id: Id::from_u128(id),
            original,
            amount: None,
            flags: 0,
            recovery: None,
            code: 0,
            details: Details::default(),
        })
    };
    assert_eq!(
        bank.status(reverse(50, legs[0].row.id)),
        Status::EXCHANGE_LEG
    );
    bank.done(reverse(51, Id::from_u128(1)));
    assert_eq!(bank.balance("EVA", EUR), 100_000);
    assert_eq!(bank.balance("EVA", CZK), 1_000_000);
    positions_agree(&bank);
    for (_, row) in bank.session.positions(1).unwrap() {
        assert_eq!((row.amount, row.carried), (0, 0));
    }
    bank.survives();
}

#[test]
fn given_amounts_leave_their_difference_on_the_rounding_account() {
    let bank = exchange_bank();
    // Exactly 2451.44512: both neighbours are fine, and the position pays what the rate gives.
    for (id, bought) in [(1, 245_144), (2, 245_145)] {
        bank.done(Command::Exchange(Exchange {
            bought_amount: Some(Amount::from_minor(bought)),
            ..exchange(id, EUR, CZK, 10_001, (24_512, 3))
        }));
    }
    assert_eq!(bank.balance("ROUNDING", CZK), 1);
    bank.done(Command::Exchange(Exchange {
        bought_amount: Some(Amount::from_minor(245_145)),
        rounding: Some(Rounding::Down),
        ..exchange(3, EUR, CZK, 10_001, (24_512, 3))
    }));
    assert_eq!(bank.balance("ROUNDING", CZK), 0);
    assert_eq!(
        bank.status(Command::Exchange(Exchange {
            bought_amount: Some(Amount::from_minor(245_146)),
            ..exchange(4, EUR, CZK, 10_001, (24_512, 3))
        })),
        Status::RATE_DIFFERS
    );
    positions_agree(&bank);
    // Buying exactly 100.00 USD for euros, with an equivalent, as neither is the functional currency.
    let outcome = bank.done(Command::Exchange(Exchange {
        sold_amount: None,
        bought_amount: Some(Amount::from_minor(10_000)),
        rounding: Some(Rounding::Up),
        details: Details {
            functional_amount: Some(Amount::from_minor(226_543)),
            ..exchange(5, EUR, USD, 0, (10_823, 4)).details
        },
        ..exchange(5, EUR, USD, 0, (10_823, 4))
    }));
    assert_eq!(outcome.amount, 10_000);
    let legs = bank.session.transaction(&Id::from_u128(5)).unwrap();
    // 100 / 1.0823 = 92.3958...
    assert_eq!(legs[0].row.amount, 9_240);
    positions_agree(&bank);
    bank.survives();
}

#[test]
fn a_revaluation_posts_what_changed_since_the_last_one() {
    let bank = exchange_bank();
    // The bank buys 100 EUR for 2,450 CZK and sells 40 for 1,000.
    bank.done(Command::Exchange(exchange(1, EUR, CZK, 10_000, (245, 1))));
    bank.done(Command::Exchange(Exchange {
        sold_amount: None,
        bought_amount: Some(Amount::from_minor(4_000)),
        ..exchange(2, CZK, EUR, 0, (4, 2))
    }));
    // 60 EUR at a book value of 1,450 CZK.
    let eur = || {
        let positions = bank.session.positions(1).unwrap();
        let found = positions.into_iter().find(|((_, asset), _)| *asset == EUR);
        found.unwrap().1
    };
    assert_eq!((eur().amount, eur().carried), (6_000, 145_000));
    let gain = bank.done(revalue(10, EUR, (25, 0), TODAY));
    assert_eq!(gain.amount, 5_000);
    assert_eq!(bank.balance("FX-RESULT", CZK), 5_000);
    positions_agree(&bank);
    // Again at the same rate nothing is posted, at another the difference; the same key is the same outcome.
    assert_eq!(bank.done(revalue(11, EUR, (25, 0), TODAY)).amount, 0);
    let loss = bank.done(revalue(12, EUR, (23, 0), TODAY));
    assert_eq!(loss.amount, -12_000);
    assert_eq!(bank.balance("FX-RESULT", CZK), -7_000);
    let again = bank.run(revalue(12, EUR, (23, 0), TODAY));
    assert!(again.repeated && again.amount == -12_000);
    assert_eq!((eur().rate, eur().revalued), (Some((23, 0)), Some(TODAY)));
    // The day before there was no position, whatever came since.
    let yesterday = TODAY.add_days(-1).unwrap();
    assert_eq!(bank.done(revalue(13, EUR, (99, 0), yesterday)).amount, 0);
    assert_eq!(eur().revalued, Some(TODAY));
    let reverse = Command::Reverse(Reverse {
        id: Id::from_u128(60),
        original: Id::from_u128(10),
        amount: None,
        flags: 0,
        recovery: None,
        code: 0,
        details: Details::default(),
    });
    assert_eq!(bank.status(reverse), Status::REVALUATION_NOT_REVERSED);
    positions_agree(&bank);
    bank.survives();
}

#[test]
fn a_split_credits_every_part_and_no_more() {
    let bank = exchange_bank();
    for name in ["A", "B", "C"] {
        bank.open(name, AccountKind::Liability, CZK, "");
    }
    let split = |id: u128, amount: i128, weights: &[(&'static str, u64)]| {
        Command::Split(Split {
            id: Id::from_u128(id),
            debit: AccountRef::Number("EVA"),
            asset: CZK,
            amount: Amount::from_minor(amount),
            parts: weights
                .iter()
                .map(|(name, weight)| SplitPart {
                    credit: AccountRef::Number(name),
                    weight: *weight,
                })
                .collect(),
            code: 0,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details {
                narrative: "shares",
                ..Details::default()
            },
        })
    };
    assert_eq!(bank.status(split(1, 100, &[])), Status::SPLIT_PARTS_INVALID);
    assert_eq!(
        bank.status(split(1, 100, &[("A", 0)])),
        Status::SPLIT_PARTS_INVALID
    );
    assert_eq!(bank.status(split(1, 0, &[("A", 1)])), Status::AMOUNT_ZERO);
    // A part that cannot be credited leaves nothing behind.
    assert_eq!(
        bank.status(split(1, 100, &[("A", 1), ("NOBODY", 1)])),
        Status::CREDIT_ACCOUNT_UNKNOWN
    );
    assert_eq!(bank.balance("A", CZK), 0);
    let whole = bank.done(split(1, 100, &[("A", 1), ("B", 1), ("C", 1)]));
    assert_eq!(whole.amount, 100);
    let shares = ["A", "B", "C"].map(|name| bank.balance(name, CZK));
    assert_eq!(shares, [34, 33, 33]);
    assert!(
        bank.run(split(1, 100, &[("A", 1), ("B", 1), ("C", 1)]))
            .repeated
    );
    assert_eq!(
        bank.status(split(1, 100, &[("A", 1), ("B", 1), ("C", 2)])),
        Status::EXISTS_WITH_DIFFERENT_CONTENT
    );
    bank.survives();
}

proptest! {
    #[test]
    fn parts_sum_to_the_whole_whatever_their_order(
        total in any::<i64>(), weights in prop::collection::vec(0u64..1_000_000, 1..40), turn in 0usize..40,
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let total = Amount::from_minor(i128::from(total));
        let parts = allocate(total, &weights).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.minor()).sum::<i128>(), total.minor());
        let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let exact = total.minor() * i128::from(*weight);
            prop_assert!((part.minor() * sum - exact).abs() < sum);
        }
        // The order decides only who of those with the same weight gets a unit more.
        let mut turned = weights.clone();
        turned.rotate_left(turn % weights.len());
        let mut before: Vec<_> = weights.iter().zip(parts.iter().map(|part| part.minor())).collect();
        let other = allocate(total, &turned).unwrap();
        let mut after: Vec<_> = turned.iter().zip(other.iter().map(|part| part.minor())).collect();
        before.sort_unstable();
        after.sort_unstable();
        if weights.iter().collect::<std::collections::BTreeSet<_>>().len() == weights.len() {
            let ties = before != after;
            // Different weights can still have equal remainders; then the parts differ by one unit at most.
            for ((_, one), (_, two)) in before.iter().zip(&after) {
                prop_assert!((one - two).abs() <= i128::from(ties));
            }
        }
    }

    #[test]
    fn an_accrual_drops_nothing(
        days in prop::collection::vec((-9_999_999i128..10_000_000, 0u8..=18), 1..40), end in any::<bool>(),
    ) {
        let bank = exchange_bank();
        let mut exact = 0i128;
        for (day, (coefficient, scale)) in days.iter().enumerate() {
            bank.done(accrue(0, "interest", *coefficient, *scale));
            exact += coefficient * 10i128.pow(u32::from(18 - scale));
            if day % 7 == 6 {
                bank.done(post(1_000 + day as u128, "interest", None));
            }
        }
        let residue = end.then_some(AccountRef::Number("ROUNDING"));
        bank.done(post(5_000, "interest", residue));
        let posted = bank.balance("EVA", CZK) - 1_000_000;
        let kept: i128 = ["EVA", "ROUNDING"]
            .iter()
            .flat_map(|name| bank.session.accruals(&AccountRef::Number(name)).unwrap())
            .map(|(_, row)| row.value)
            .sum();
        prop_assert_eq!(posted * UNIT + kept, exact);
        prop_assert!(kept.abs() < UNIT);
    }
}

fn accrue(key: u128, name: &'static str, coefficient: i128, scale: u8) -> Command<'static> {
    Command::Accrue(Accrue {
        key: Id::from_u128(key),
        account: AccountRef::Number("EVA"),
        name,
        asset: CZK,
        coefficient,
        scale,
    })
}

fn post(id: u128, name: &'static str, residue: Option<AccountRef<'static>>) -> Command<'static> {
    Command::AccrualPost(AccrualPost {
        id: Id::from_u128(id),
        account: AccountRef::Number("EVA"),
        name,
        contra: AccountRef::Number("CASH"),
        residue,
        code: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details {
            narrative: "interest",
            ..Details::default()
        },
    })
}

#[test]
fn an_accrual_refuses_what_it_cannot_hold() {
    let bank = exchange_bank();
    assert_eq!(bank.status(accrue(1, "", 1, 0)), Status::TEXT_INVALID);
    assert_eq!(
        bank.status(accrue(1, "i", 1, 19)),
        Status::ACCRUAL_OUT_OF_RANGE
    );
    assert_eq!(
        bank.status(accrue(1, "i", i128::MAX, 0)),
        Status::ACCRUAL_OUT_OF_RANGE
    );
    assert_eq!(bank.status(post(2, "i", None)), Status::ACCRUAL_UNKNOWN);
    bank.done(accrue(1, "i", i128::MAX, 18));
    assert_eq!(
        bank.status(accrue(3, "i", 1, 18)),
        Status::ACCRUAL_OUT_OF_RANGE
    );
    bank.done(accrue(4, "j", 5, 1));
    // Less than a unit: posting keeps it, and its texts are nobody's.
    let nothing = bank.done(post(5, "j", None));
    assert_eq!(nothing.amount, 0);
    assert!(bank.run(post(5, "j", None)).repeated);
    bank.survives();
}

#[test]
fn daily_balances_are_those_of_each_day_asked_for_alone() {
    let bank = Bank::new("CZK", &[]);
    bank.open("EVA", AccountKind::Liability, 0, "");
    bank.open("CASH", AccountKind::Asset, 0, "");
    let mut state = 12_345u64;
    for _ in 0..900 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let day = TODAY
            .add_days(20 - i64::from((state >> 33) as u32 % 60))
            .unwrap();
        bank.pay_valued(
            "CASH",
            "EVA",
            CZK,
            i128::from((state >> 40) as u32 % 90 + 1),
            day,
        );
    }
    let (from, to) = (TODAY.add_days(-45).unwrap(), TODAY.add_days(25).unwrap());
    let eva = AccountRef::Number("EVA");
    for kind in [DateKind::Value, DateKind::Booking] {
        let (_, _, days) = bank
            .session
            .balances_by_day(&eva, CZK, kind, (from, to), 0)
            .unwrap();
        assert_eq!(days.len(), 71);
        for day in days {
            let when = match kind {
                DateKind::Value => qenex::engine::query::AsOf::Value(day.date, 0),
                DateKind::Booking => qenex::engine::query::AsOf::Booking(day.date, 0),
            };
            let alone = bank
                .session
                .balance_as_of(&eva, CZK, when)
                .unwrap()
                .turnovers;
            assert_eq!(
                (day.debits, day.credits),
                (alone.debits_posted, alone.credits_posted)
            );
        }
    }
}

fn cut(to: Date, by_value: bool, collapsed: bool) -> Command<'static> {
    Command::StatementCut(StatementCut {
        key: Id::NONE,
        account: AccountRef::Number("EVA"),
        asset: CZK,
        to: Some(to),
        by_value,
        collapsed,
    })
}

#[test]
fn statements_have_numbers_without_gaps_and_never_change() {
    for by_value in [false, true] {
        for collapsed in [false, true] {
            statements(by_value, collapsed);
        }
    }
}

fn statements(by_value: bool, collapsed: bool) {
    let bank = Bank::new("CZK", &[]);
    bank.open("EVA", AccountKind::Liability, 0, "");
    bank.open("CASH", AccountKind::Asset, 0, "");
    let eva = AccountRef::Number("EVA");
    let mut issued: Vec<qenex::ledger::query::issued::IssuedStatement> = Vec::new();
    let mut state = 99u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(3);
        (state >> 33) as u32
    };
    let mut to = TODAY.add_days(-30).unwrap();
    for round in 0..12 {
        for _ in 0..next() % 80 {
            // Back-dated, on the day, and in the future.
            let day = TODAY.add_days(10 - i64::from(next() % 50)).unwrap();
            let (debit, credit) = match next() % 3 {
                0 => ("EVA", "CASH"),
                _ => ("CASH", "EVA"),
            };
            bank.pay_leg(
                debit,
                credit,
                i128::from(next() % 900 + 1),
                day,
                by_value,
                next() % 4 == 0,
            );
        }
        to = to.add_days(i64::from(next() % 5)).unwrap().min(TODAY);
        let outcome = bank.done(cut(to, by_value, collapsed));
        assert_eq!(outcome.number, round + 1);
        if round % 5 == 4 {
            bank.reopen();
        }
        let (statement, _) = bank
            .session()
            .issued_statement(&eva, CZK, round as u32 + 1, 0, 10_000)
            .unwrap();
        let opening = issued.last().map_or((0, 0), |last| last.row.closing);
        assert_eq!(statement.row.opening, opening);
        for line in &statement.lines {
            assert!(line.date <= to);
        }
        issued.push(statement);
        for (index, before) in issued.iter().enumerate() {
            let (again, _) = bank
                .session()
                .issued_statement(&eva, CZK, index as u32 + 1, 0, 10_000)
                .unwrap();
            assert_eq!(again, *before, "reissued");
        }
    }
    // Every posting up to the last day is in one statement.
    let legs: u64 = issued
        .iter()
        .flat_map(|statement| &statement.lines)
        .map(|line| u64::from(line.legs))
        .sum();
    let column = if by_value {
        "coalesce(value_date, booking_date)"
    } else {
        "booking_date"
    };
    let expected = bank.one(&format!(
        "SELECT count(*) FROM transfer WHERE {column} <= {}",
        to.days()
    ));
    assert_eq!(legs, expected as u64);
    // Pages are parts of the whole.
    let (page, _) = bank.session().issued_statement(&eva, CZK, 2, 3, 4).unwrap();
    let whole = &issued[1];
    assert_eq!(page.count, whole.lines.len());
    let from = whole.lines.len().min(3);
    assert_eq!(page.lines, whole.lines[from..whole.lines.len().min(7)]);
    assert_eq!(
        bank.status(cut(to.add_days(-1).unwrap(), by_value, collapsed)),
        Status::STATEMENT_PERIOD_INVALID
    );
    assert_eq!(
        bank.status(cut(TODAY.add_days(1).unwrap(), by_value, collapsed)),
        Status::STATEMENT_PERIOD_INVALID
    );
    assert_eq!(
        bank.status(cut(to, !by_value, collapsed)),
        Status::STATEMENT_DATES_DIFFER
    );
    bank.survives();
}

#[test]
fn codes_follow_the_day_and_the_side_of_the_balance() {
    let bank = gl_bank();
    let code = |day: Date| -> Vec<(String, u128, u128)> {
        let lines = bank.session.gl_trial_balance(1, day, 0).unwrap();
        let debit: u128 = lines.iter().map(|line| line.debit).sum();
        let credit: u128 = lines.iter().map(|line| line.credit).sum();
        assert_eq!(debit, credit);
        lines
            .into_iter()
            .filter(|line| line.debit + line.credit > 0)
            .map(|line| (line.code, line.debit, line.credit))
            .collect()
    };
    let of = |day: Date, name: &str| code(day).into_iter().find(|line| line.0 == name);
    // Overdrawn on the second day, an asset then.
    assert_eq!(of(day(1), "2100"), Some(("2100".into(), 0, 5_000)));
    assert_eq!(of(day(1), "1300"), None);
    assert_eq!(of(day(2), "1300"), Some(("1300".into(), 2_000, 0)));
    // From the fourth day on customers are under another code.
    assert_eq!(of(day(4), "2100"), None);
    assert_eq!(of(day(4), "2200"), Some(("2200".into(), 0, 1_000)));
    let lines = bank
        .session
        .gl_trial_balance(1, day(4), gl_group::BRANCH)
        .unwrap();
    assert!(lines.iter().any(|line| line.branch == "Praha"));
    for days in 0..6 {
        for line in bank.session.gl_reconcile(1, day(days)).unwrap() {
            assert_eq!(line.sub_ledger, line.journal, "{line:?}");
        }
    }
    let lines = bank.session.gl_reconcile(1, day(1)).unwrap();
    assert!(lines.iter().any(|line| line.control && line.code == "2100"));
    assert_eq!(
        bank.status(assign("EVA", day(5), "9999", "")),
        Status::GL_CODE_UNKNOWN
    );
    assert_eq!(
        bank.status(Command::GlCode(GlCode {
            key: Id::NONE,
            entity: 1,
            code: "2100",
            name: "",
            kind: AccountKind::Asset,
            control: false
        })),
        Status::GL_CODE_KIND_DIFFERS
    );
    bank.survives();
}

#[test]
fn a_damaged_transfer_shows_in_the_reconciliation() {
    let bank = gl_bank();
    // The balances are on their pages, from where they are not summed again.
    bank.reopen();
    let damaged = bank.damaged(
        "UPDATE transfer SET amount = amount + 1 WHERE seq = (SELECT min(seq) FROM transfer)",
    );
    let differences: Vec<i128> = damaged
        .gl_reconcile(1, day(5))
        .unwrap()
        .into_iter()
        .map(|line| line.sub_ledger - line.journal)
        .filter(|difference| *difference != 0)
        .collect();
    assert!(!differences.is_empty());
}

#[test]
fn history_comes_in_before_going_live_and_never_after() {
    let bank = Bank::new("CZK", &[]);
    bank.open("EVA", AccountKind::Liability, CZK, "");
    bank.open("CASH", AccountKind::Asset, CZK, "");
    assert_eq!(
        bank.status(import(1, false, 1, day(0))),
        Status::IMPORT_NOT_BEGUN
    );
    bank.done(Command::ImportBegin(ImportBegin { key: Id::NONE }));
    assert_eq!(
        bank.status(Command::ImportBegin(ImportBegin { key: Id::NONE })),
        Status::IMPORT_BEGUN
    );
    let old = Date::from_ymd(1999, 12, 31).unwrap();
    bank.done(import(1, true, 1_000, old));
    bank.done(import(2, false, 250, old));
    let again = bank.run(import(2, false, 250, old));
    assert!(again.repeated);
    assert_eq!(
        bank.status(import(2, true, 250, old)),
        Status::EXISTS_WITH_DIFFERENT_CONTENT
    );
    assert_eq!(
        bank.status(bank.payment_id(2, "CASH", "EVA", CZK, 250)),
        Status::EXISTS_WITH_DIFFERENT_CONTENT
    );
    let live = || Command::GoLive(GoLive { key: Id::NONE });
    assert_eq!(bank.status(live()), Status::IMPORT_NOT_PROVED);
    assert_eq!(
        bank.status(prove("EVA", 1_000, 0, 250, 1_249)),
        Status::IMPORT_PROOF_DIFFERS
    );
    bank.done(prove("EVA", 1_000, 0, 250, 1_250));
    bank.done(prove("CASH", 1_000, 250, 0, 1_250));
    // What is imported after its proof wants another one.
    bank.done(import(3, false, 50, old));
    assert_eq!(bank.session.import_state().unwrap().unwrap().unproved, 2);
    assert_eq!(bank.status(live()), Status::IMPORT_NOT_PROVED);
    bank.done(prove("EVA", 1_000, 0, 300, 1_300));
    bank.done(prove("CASH", 1_000, 300, 0, 1_300));
    assert_eq!(bank.done(live()).number, 3);
    for refused in [
        import(4, false, 1, old),
        Command::ImportBegin(ImportBegin { key: Id::NONE }),
        live(),
    ] {
        assert_eq!(bank.status(refused), Status::IMPORT_ENDED);
    }
    let kept = bank.session.transfer(&Id::from_u128(2)).unwrap().row;
    assert_eq!(kept.booking_date, old);
    assert_ne!(kept.flags & qenex::ledger::transfer::flags::IMPORTED, 0);
    let original = Timestamp::parse("1999-12-31T08:00:00Z").unwrap();
    assert_eq!(
        bank.one("SELECT original_time FROM v1_imported WHERE NOT opening LIMIT 1"),
        original.micros()
    );
    bank.survives();
    let late = Bank::new("CZK", &[]);
    late.open("EVA", AccountKind::Liability, CZK, "");
    late.open("CASH", AccountKind::Asset, CZK, "");
    late.pay("CASH", "EVA", CZK, 1);
    assert_eq!(
        late.status(Command::ImportBegin(ImportBegin { key: Id::NONE })),
        Status::IMPORT_TOO_LATE
    );
}

#[test]
fn retention_is_kept_and_personal_data_is_found() {
    let bank = exchange_bank();
    let retention = |authority: &'static str, reason: &'static str| {
        Command::AccountRetention(AccountRetention {
            key: Id::NONE,
            account: AccountRef::Number("EVA"),
            class: "customer",
            until: Some(TODAY),
            legal_hold: true,
            reason,
            authority,
        })
    };
    assert_eq!(
        bank.status(retention("", "case 7")),
        Status::AUTHORITY_NEEDED
    );
    assert_eq!(
        bank.status(retention("court", "card 4111 1111 1111 1111")),
        Status::CARD_NUMBER_IN_REASON
    );
    bank.done(retention("court", "case 7"));
    let eva = AccountRef::Number("EVA");
    assert!(bank.session.retention(&eva).unwrap().unwrap().legal_hold);
    let card = "4111-1111-1111-1111";
    for (details, status) in [
        (
            Details {
                narrative: card,
                ..Details::default()
            },
            Status::CARD_NUMBER_IN_NARRATIVE,
        ),
        (
            Details {
                metadata: card,
                ..Details::default()
            },
            Status::CARD_NUMBER_IN_METADATA,
        ),
        (
            Details {
                reference: card,
                ..Details::default()
            },
            Status::CARD_NUMBER_IN_REFERENCE,
        ),
        (
            Details {
                end_to_end_reference: card,
                ..Details::default()
            },
            Status::CARD_NUMBER_IN_END_TO_END_REFERENCE,
        ),
    ] {
        let Command::Transfer(payment) = bank.payment("EVA", "CASH", CZK, 1) else {
            panic!()
        };
        assert_eq!(
            bank.status(Command::Transfer(Transfer { details, ..payment })),
            status
        );
    }
    let Command::Transfer(payment) = bank.payment("EVA", "CASH", CZK, 1) else {
        panic!()
    };
    bank.done(Command::Transfer(Transfer {
        details: Details {
            narrative: "rent",
            reference: "R1",
            ..Details::default()
        },
        ..payment
    }));
    let places = bank.session.personal_data(&eva, 0, 100).unwrap();
    let lengths: Vec<usize> = places.iter().map(|place| place.length).collect();
    assert_eq!(lengths, ["EVA".len(), "R1".len(), "rent".len()]);
    bank.survives();
}
