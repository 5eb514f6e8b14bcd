//! What the engine answers to questions, compared with the model and with plain sums over what was posted.

use std::collections::BTreeMap;

use qenex::base::{Date, Id, Status, Timestamp};
use qenex::engine::Session;
use qenex::engine::query::AsOf;
use qenex::ledger::account::BlockSide;
use qenex::ledger::balance;
use qenex::ledger::command::AccountRef;
use qenex::ledger::query::as_of::DateKind;
use qenex::ledger::query::find::TransferFilter;
use qenex::ledger::query::marks::Days;
use qenex::ledger::query::statement::{Order, StatementRange};

use crate::audit::{self, Event};
use crate::bank::{Bank, Restart, Tuning};
use crate::dice::Dice;
use crate::generator::{Mix, POINTS, TOKEN, USD};
use crate::model::{Posting, Turnovers};

fn plain(turnovers: &balance::Turnovers) -> Turnovers {
    [
        turnovers.debits_posted,
        turnovers.credits_posted,
        turnovers.debits_pending,
        turnovers.credits_pending,
    ]
}

/// Asks about every account, each at several times.
fn ask_everything(bank: &mut Bank) {
    let session = bank.engine().session("auditor", "").unwrap();
    let reader = audit::reader(&bank.disk);
    let events = audit::events(&reader);
    drop(reader);
    assert_eq!(session.sequence().unwrap(), bank.model.state.sequence);
    let mut dice = Dice::new(bank.dice.next());
    let accounts: Vec<(u128, u64)> = bank
        .model
        .state
        .accounts
        .iter()
        .map(|(id, account)| (*id, account.number))
        .collect();
    for (id, number) in accounts.into_iter().take(60) {
        for asset in [USD, TOKEN, POINTS] {
            let found = session.balance(&AccountRef::Id(Id::from_u128(id)), asset);
            let answer = found.unwrap();
            let expected = bank.model.balance(id, asset);
            if plain(&answer.turnovers) != expected || answer.account != number {
                bank.fail(&format!(
                    "balance of {id} in {asset}: {answer:?}, the model has {expected:?}"
                ));
            }
            let none = Vec::new();
            let list = events.get(&(number, asset)).unwrap_or(&none);
            ask_as_of(bank, &session, &mut dice, (id, asset), list);
            ask_statement(bank, &session, &mut dice, (id, asset));
        }
    }
    ask_trial_balances(bank, &session, &mut dice);
    ask_general_ledger(bank, &session, &mut dice);
    ask_about_movements(bank, &session);
}

fn ask_as_of(
    bank: &Bank,
    session: &Session,
    dice: &mut Dice,
    (id, asset): (u128, u32),
    events: &[Event],
) {
    let account = AccountRef::Id(Id::from_u128(id));
    let last = bank.model.state.sequence;
    for _ in 0..3 {
        let sequence = dice.below(last as u64 + 2) as i64;
        let when = AsOf::Sequence(sequence);
        let answer = session.balance_as_of(&account, asset, when).unwrap();
        let expected = audit::sum(events, sequence);
        if plain(&answer.turnovers) != expected {
            bank.fail(&format!(
                "balance of {id} in {asset} as of {sequence}: {answer:?}, its events sum to {expected:?}"
            ));
        }
        // As known at the time of a change: all changes of that time are known.
        let time = time_of(bank, sequence);
        let at = session.sequence_at(Timestamp::from_micros(time)).unwrap();
        let expected = (1..=last).rev().find(|other| time_of(bank, *other) <= time);
        if Some(at) != expected {
            bank.fail(&format!(
                "the last change at {time} is {at}, not {expected:?}"
            ));
        }
        let today = bank.model.state.entities[0].business_date;
        let day = today + 3 - dice.below(10) as i32;
        let known = if dice.one_in(2) { 0 } else { sequence.max(1) };
        let date = Date::from_days(day);
        for (when, date_of) in [
            (AsOf::Booking(date, known), booking as fn(&Posting) -> i32),
            (AsOf::Value(date, known), value),
        ] {
            let answer = session.balance_as_of(&account, asset, when).unwrap();
            let mut expected = [0; 4];
            for posting in &bank.model.postings {
                if posting.asset == asset
                    && date_of(posting) <= day
                    && (known == 0 || posting.sequence <= known)
                {
                    expected[0] += if posting.debit == id {
                        posting.amount
                    } else {
                        0
                    };
                    expected[1] += if posting.credit == id {
                        posting.amount
                    } else {
                        0
                    };
                }
            }
            if plain(&answer.turnovers) != expected {
                bank.fail(&format!(
                    "balance of {id} in {asset}, {when:?}: {answer:?}, the postings sum to {expected:?}"
                ));
            }
        }
    }
}

/// The time of a change, or of the one before the first or after the last that is nearest.
fn time_of(bank: &Bank, sequence: i64) -> i64 {
    let sequence = sequence.clamp(1, bank.model.state.sequence);
    let (postings, changes) = (&bank.model.postings, &bank.model.changes);
    match postings.binary_search_by_key(&sequence, |posting| posting.sequence) {
        Ok(index) => postings[index].time,
        Err(_) => {
            let index = changes.binary_search_by_key(&sequence, |change| change.sequence);
            changes[index.unwrap()].time
        }
    }
}

/// The trial balance by code at the end of some days against the postings.
fn ask_general_ledger(bank: &Bank, session: &Session, dice: &mut Dice) {
    for entity in [1, 2] {
        let today = bank.model.state.entities[entity as usize - 1].business_date;
        let day = today - dice.below(5) as i32;
        let found = session.gl_trial_balance(entity, Date::from_days(day), 0);
        let (lines, expected) = match (found, bank.model.gl_lines(entity, day)) {
            (Ok(lines), Some(expected)) => (lines, expected),
            (Err(_), None) => continue,
            (found, expected) => bank.fail(&format!(
                "the general ledger of entity {entity} on day {day}: {found:?}, the model has {expected:?}"
            )),
        };
        let chart = &bank.model.state.registers.codes;
        let mut sums = BTreeMap::new();
        for line in lines {
            let row = chart.get(&(entity, line.code.clone()));
            let known = row.map_or(("", false), |(name, _, control)| (name, *control));
            assert_eq!((line.name.as_str(), line.control), known, "{}", line.code);
            if (line.debit, line.credit) != (0, 0) {
                sums.insert((line.code, line.asset), (line.debit, line.credit));
            }
        }
        if sums != expected {
            bank.fail(&format!(
                "the general ledger of entity {entity} on day {day}: {sums:?}, the model has {expected:?}"
            ));
        }
        // Both ways to a code's balance agree.
        for line in session
            .gl_reconcile(entity, Date::from_days(day))
            .into_iter()
            .flatten()
        {
            assert_eq!(line.sub_ledger, line.journal, "{line:?}");
        }
    }
}

/// The trial balance at other times against the postings.
fn ask_trial_balances(bank: &Bank, session: &Session, dice: &mut Dice) {
    for _ in 0..3 {
        let known = dice.below(bank.model.state.sequence as u64 + 1) as i64;
        let day = bank.model.state.entities[0].business_date - dice.below(4) as i32;
        let date = Date::from_days(day);
        for (when, day) in [
            (AsOf::Sequence(known), None),
            (
                AsOf::new(Some(known), Some((DateKind::Booking, date))),
                Some(day),
            ),
        ] {
            let mut expected: BTreeMap<(u32, u32), u128> = BTreeMap::new();
            let mut overflow = false;
            for posting in &bank.model.postings {
                if posting.sequence <= known && day.is_none_or(|day| posting.booking <= day) {
                    let entity = bank.model.state.accounts[&posting.debit].entity;
                    let sum = expected.entry((entity, posting.asset)).or_default();
                    match sum.checked_add(posting.amount) {
                        Some(more) => *sum = more,
                        None => overflow = true,
                    }
                }
            }
            match session.trial_balance_as_of(0, when) {
                Ok((lines, as_of)) => {
                    assert_eq!(as_of, known, "seed {}", bank.seed);
                    for line in lines {
                        let sum = expected.remove(&(line.entity, line.asset)).unwrap_or(0);
                        if (line.debits, line.credits) != (sum, sum) {
                            bank.fail(&format!("{when:?}: {line:?}, the postings sum to {sum}"));
                        }
                    }
                    assert!(expected.is_empty(), "seed {}: {expected:?}", bank.seed);
                }
                Err(error) => assert!(overflow, "seed {}: {error}", bank.seed),
            }
        }
    }
}

fn booking(posting: &Posting) -> i32 {
    posting.booking
}

fn value(posting: &Posting) -> i32 {
    posting.value
}

fn ask_statement(bank: &Bank, session: &Session, dice: &mut Dice, (id, asset): (u128, u32)) {
    let account = AccountRef::Id(Id::from_u128(id));
    let after = match dice.below(2) {
        0 => 0,
        _ => dice.below(bank.model.state.sequence as u64) as i64,
    };
    let up_to = match dice.below(2) {
        0 => 0,
        _ => dice.below(bank.model.state.sequence as u64) as i64,
    };
    let today = bank.model.state.entities[0].business_date;
    let mut days = Days::default();
    for bound in [&mut days.booking, &mut days.value] {
        if dice.one_in(3) {
            let from = today - dice.below(4) as i32;
            *bound = (from, from + dice.below(4) as i32);
        }
    }
    let order = match dice.one_in(2) {
        true => Order::OldestFirst,
        false => Order::NewestFirst,
    };
    let range = StatementRange {
        order,
        after,
        up_to,
        days,
        limit: dice.between(1, 40) as usize,
    };
    let mut expected: Vec<&Posting> = bank
        .model
        .postings
        .iter()
        .filter(|posting| posting.asset == asset && (posting.debit == id || posting.credit == id))
        .filter(|posting| posting.sequence > after)
        .filter(|posting| up_to == 0 || posting.sequence <= up_to)
        .filter(|posting| (days.booking.0..=days.booking.1).contains(&posting.booking))
        .filter(|posting| (days.value.0..=days.value.1).contains(&posting.value))
        .collect();
    if order == Order::OldestFirst {
        expected.reverse();
    }
    let mut cursor = None;
    loop {
        let page = session.statement(&account, asset, &range, cursor).unwrap();
        for line in &page.lines {
            let posting = expected.pop();
            let same = posting.is_some_and(|posting| {
                line.transfer.row.sequence == posting.sequence
                    && line.transfer.row.id.to_u128() == posting.id
                    && line.debit_side == (posting.debit == id)
            });
            let whole = bank
                .model
                .postings
                .iter()
                .filter(|posting| posting.asset == asset)
                .filter(|posting| posting.sequence <= line.transfer.row.sequence);
            let (mut debits, mut credits) = (0, 0);
            for posting in whole {
                debits += if posting.debit == id {
                    posting.amount
                } else {
                    0
                };
                credits += if posting.credit == id {
                    posting.amount
                } else {
                    0
                };
            }
            if !same || [line.after.debits_posted, line.after.credits_posted] != [debits, credits] {
                bank.fail(&format!(
                    "statement of {id} in {asset}, {range:?}: {line:?}, expected {posting:?} and {debits}, {credits}"
                ));
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    if let Some(missing) = expected.pop() {
        bank.fail(&format!(
            "statement of {id} in {asset}, {range:?}: {missing:?} is missing"
        ));
    }
}

/// Transfers, transactions, holds and host records by their names.
fn ask_about_movements(bank: &Bank, session: &Session) {
    let postings = &bank.model.postings;
    for posting in postings.iter().step_by(7) {
        let found = session.transfer(&Id::from_u128(posting.id)).unwrap();
        assert_eq!(found.row.sequence, posting.sequence, "seed {}", bank.seed);
        if posting.transaction != 0 {
            let id = Id::from_u128(posting.transaction);
            let legs = session.transaction(&id).unwrap();
            let found: Vec<i64> = legs.iter().map(|leg| leg.row.sequence).collect();
            let expected: Vec<i64> = postings
                .iter()
                .filter(|other| other.transaction == posting.transaction)
                .map(|other| other.sequence)
                .collect();
            assert_eq!(found, expected, "seed {}", bank.seed);
        }
        if !posting.reference.is_empty() {
            let found = session.transfers_by_reference(&posting.reference).unwrap();
            let expected = postings
                .iter()
                .filter(|other| other.reference == posting.reference);
            assert_eq!(found.len(), expected.count(), "seed {}", bank.seed);
        }
    }
    for (id, account) in bank.model.state.accounts.iter().take(12) {
        let today = bank.model.state.entities[0].business_date;
        for (code, day, by_account) in [
            (0, None, true),
            (3, None, true),
            (3, Some(today - 1), true),
            (3, None, false),
        ] {
            let mut filter = TransferFilter {
                account: if by_account { account.number } else { 0 },
                asset: if code == 3 { USD } else { 0 },
                booked_to: day.map(Date::from_days),
                limit: 7,
                ..TransferFilter::default()
            };
            let expected = postings.iter().filter(|posting| {
                (!by_account || [posting.debit, posting.credit].contains(id))
                    && (filter.asset == 0 || posting.asset == filter.asset)
                    && day.is_none_or(|day| posting.booking <= day)
            });
            let expected: Vec<i64> = expected.map(|posting| posting.sequence).collect();
            let mut found = Vec::new();
            loop {
                let page = session.transfers(&filter).unwrap();
                found.extend(page.transfers.iter().map(|transfer| transfer.row.sequence));
                let Some(next) = page.next else { break };
                filter.after = next;
            }
            assert_eq!(found, expected, "seed {}: {filter:?}", bank.seed);
        }
    }
    for (id, account) in &bank.model.state.accounts {
        let named = AccountRef::Id(Id::from_u128(*id));
        let mut limits: Vec<_> = session.account_limits(&named).unwrap();
        for ((asset, kind), (amount, end)) in &account.limits {
            let at = limits.iter().position(|limit| {
                (limit.asset, limit.kind.number()) == (*asset, *kind)
                    && limit.amount == *amount
                    && limit.expires_at.map(Timestamp::micros) == *end
            });
            limits.remove(at.unwrap_or_else(|| bank.fail(&format!("a limit of {id} is missing"))));
        }
        assert!(limits.is_empty(), "seed {}: {limits:?}", bank.seed);
        let blocks = session.blocks(&named).unwrap();
        let blocked = |side: BlockSide| {
            let last = blocks.iter().rfind(|block| block.side == side.number());
            last.is_some_and(|block| block.set)
        };
        assert_eq!(
            (blocked(BlockSide::Debit), blocked(BlockSide::Credit)),
            (account.debit_blocked, account.credit_blocked),
            "seed {}",
            bank.seed
        );
        let numbers = session.account_numbers(&named, 0, 1000).unwrap();
        let in_force: Vec<_> = numbers
            .iter()
            .filter(|row| row.valid_to.is_none())
            .collect();
        let expected = bank
            .model
            .state
            .numbers
            .iter()
            .filter(|(_, owner)| *owner == id);
        assert_eq!(in_force.len(), expected.count(), "seed {}", bank.seed);
    }
    for (id, hold) in &bank.model.state.holds {
        let found = session.hold(&Id::from_u128(*id)).unwrap();
        let found = (
            found.sequence,
            found.remaining,
            found.captured,
            found.state.number(),
        );
        let expected = (
            hold.sequence,
            hold.remaining,
            hold.captured,
            hold.state as u8,
        );
        assert_eq!(found, expected, "seed {}", bank.seed);
    }
    for ((namespace, record), (version, value)) in &bank.model.state.records {
        match (session.host_record(namespace, record), value) {
            (Ok(found), Some(_)) => {
                assert_eq!((found.version, &found.value), (*version, value));
            }
            (Err(error), None) => assert_eq!(error.status(), Status::NOT_FOUND),
            (found, _) => bank.fail(&format!("host record {record:?}: {found:?}, not {value:?}")),
        }
    }
    match session.trial_balance(0) {
        Ok(lines) => {
            for line in lines {
                assert_eq!(line.debits, line.credits, "seed {}: {line:?}", bank.seed);
            }
        }
        // Some amounts are the largest there are.
        Err(error) => assert_eq!(error.status(), Status::OVERFLOW, "{error}"),
    }
    assert_eq!(bank.engine().integrity_check().unwrap(), [""; 0]);
}

#[test]
fn every_question_has_the_models_answer() {
    for seed in crate::random::seeds(3) {
        let mix = Mix {
            accounts: 25,
            batch: 30,
            texts: true,
        };
        let mut bank = Bank::set_up(seed, Tuning::TIGHT, mix);
        for _ in 0..50 {
            bank.step();
        }
        ask_everything(&mut bank);
        bank.restart(Restart::Kill);
        ask_everything(&mut bank);
    }
}

/// Histories of several hundred postings an account, which have posting marks to jump to.
#[test]
fn long_histories_are_summed_right() {
    for seed in crate::random::seeds(1) {
        let mix = Mix {
            accounts: 6,
            batch: 90,
            texts: false,
        };
        let mut bank = Bank::set_up(seed, Tuning::TIGHT, mix);
        for _ in 0..90 {
            bank.step();
        }
        ask_everything(&mut bank);
        bank.restart(Restart::Drop);
        bank.audit();
        ask_everything(&mut bank);
    }
}
