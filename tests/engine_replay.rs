//! A feed that was tampered with: an entry that does not give here what it says is refused before anything of its page
//! is written, and the file goes on with the right page.

mod books_support;

use std::sync::Arc;

use books_support::*;
use qenex::base::time::ManualClock;
use qenex::base::{Amount, Id, Status, Timestamp};
use qenex::engine::feed::FeedEntry;
use qenex::engine::{Engine, EngineOptions};
use qenex::ledger::account::AccountKind;
use qenex::ledger::command::*;
use qenex::ledger::hold::HoldKind;
use qenex::store::file::Location;
use qenex::store::vfs::SimulatedDisk;
use qenex::tx::ChangeKind;

/// A bank with texts of persons, legs, holds, captures, reversals and refusals.
fn history() -> Vec<FeedEntry> {
    let bank = gl_bank();
    bank.open("COST", AccountKind::Expense, CZK, "");
    let details = Details {
        narrative: "interest",
        ..Details::default()
    };
    bank.done(Command::Accrue(Accrue {
        key: bank.id(),
        account: AccountRef::Number("EVA"),
        name: "interest",
        asset: CZK,
        coefficient: 12_345,
        scale: 2,
    }));
    bank.done(Command::AccrualPost(AccrualPost {
        id: bank.id(),
        account: AccountRef::Number("EVA"),
        name: "interest",
        contra: AccountRef::Number("COST"),
        residue: None,
        code: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details,
    }));
    bank.done(Command::AccountOwner(AccountOwner {
        key: bank.id(),
        account: AccountRef::Number("EVA"),
        owner: "customer 7",
        role: "joint",
        ends: Id::NONE,
    }));
    let Command::Transfer(payment) = bank.payment("CASH", "EVA", CZK, 70) else {
        unreachable!()
    };
    bank.done(Command::TransferSchedule(TransferSchedule {
        key: bank.id(),
        transfer: Transfer {
            booking_date: Some(TODAY.add_days(1).unwrap()),
            details,
            ..payment
        },
    }));
    let hold = bank.id();
    bank.done(Command::HoldPlace(HoldPlace {
        id: hold,
        debit: AccountRef::Number("CASH"),
        credit: None,
        asset: CZK,
        amount: Amount::from_minor(50),
        kind: HoldKind::Authorisation,
        priority: 0,
        force: false,
        expires_at: None,
        reason: "",
        user_data: UserData::default(),
    }));
    let captured = bank.id();
    bank.done(Command::HoldCapture(HoldCapture {
        id: captured,
        hold,
        credit: Some(AccountRef::Number("EVA")),
        amount: Some(Amount::from_minor(20)),
        last: true,
        force: false,
        code: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details,
    }));
    bank.done(Command::Reverse(Reverse {
        id: bank.id(),
        original: captured,
        amount: None,
        flags: 0,
        recovery: None,
        code: 0,
        details: Details::default(),
    }));
    // Final, so that it is in the feed.
    let refused = bank.run(Command::HoldRelease(HoldRelease {
        key: bank.id(),
        hold,
    }));
    assert_eq!(refused.status, Status::HOLD_CAPTURED);
    bank.done(Command::BusinessDateRoll(BusinessDateRoll {
        key: bank.id(),
        entity: 1,
        to: Some(TODAY.add_days(1).unwrap()),
        any_day: false,
    }));
    bank.session().feed(0, 10_000).unwrap()
}

fn empty() -> Engine {
    let mut options = EngineOptions::new(Location::Memory(SimulatedDisk::new()));
    let now = Timestamp::parse("2026-11-25T10:00:00Z").unwrap();
    options.clock = Arc::new(ManualClock::new(now));
    Engine::open(options).unwrap()
}

/// What somebody may have changed in an entry so that it contradicts itself. Another time or another well-formed command
/// does not: an entry alone cannot tell.
fn tampered(entry: &FeedEntry) -> Vec<(&'static str, FeedEntry)> {
    let mut all = Vec::new();
    let mut with = |what, change: &dyn Fn(&mut FeedEntry)| {
        let mut entry = entry.clone();
        change(&mut entry);
        all.push((what, entry));
    };
    with("key", &|entry| entry.key.0[3] ^= 1);
    with("kind", &|entry| entry.kind = ChangeKind::GL_CODE);
    with("actor", &|entry| entry.actor.push('x'));
    with("on_behalf_of", &|entry| entry.on_behalf_of.push('x'));
    let last = entry.content.len() - 1;
    with("content too long", &|entry| entry.content.push(0));
    with("content too short", &|entry| entry.content.truncate(last));
    if entry.texts.is_some() {
        with("salt", &|entry| entry.texts.as_mut().unwrap().salt[0] ^= 1);
        with("text", &|entry| {
            entry.texts.as_mut().unwrap().texts[0].push('x');
        });
    }
    all
}

#[test]
fn an_entry_that_does_not_give_what_it_says_leaves_the_file_as_it_was() {
    let feed = history();
    let kinds: std::collections::BTreeSet<ChangeKind> =
        feed.iter().map(|entry| entry.kind).collect();
    assert!(kinds.len() > 13, "{kinds:?}");
    let copy = empty();
    let session = copy.session("auditor", "").unwrap();
    let (mut refused, mut taken) = (0, 0);
    for (index, entry) in feed.iter().enumerate() {
        let before = (session.sequence().unwrap(), copy.state_hash().unwrap());
        if before.0 >= entry.sequence {
            // The entry before brought it about, as a leg or a booking. It is compared all the same.
            let mut other = entry.clone();
            other.key.0[3] ^= 1;
            copy.replay(&[other]).unwrap_err();
            copy.replay(&feed[..=index]).unwrap();
            continue;
        }
        for (what, other) in tampered(entry) {
            if other == *entry {
                // The kind was the one that it was changed to.
                continue;
            }
            let done = copy.replay(std::slice::from_ref(&other));
            assert!(done.is_err(), "{what} of {entry:?}");
            let status = done.unwrap_err().status();
            assert!(
                matches!(status, Status::INVALID_ARGUMENT | Status::INVALID_ENCODING),
                "{what}: {status:?}"
            );
            let after = (session.sequence().unwrap(), copy.state_hash().unwrap());
            assert_eq!(after, before, "{what} of {entry:?}");
            refused += 1;
        }
        // Behind a right entry, a wrong one takes both back.
        if let Some(next) = feed.get(index + 1) {
            let mut next = next.clone();
            next.key.0[0] ^= 1;
            copy.replay(&[entry.clone(), next]).unwrap_err();
            let after = (session.sequence().unwrap(), copy.state_hash().unwrap());
            assert_eq!(after, before, "two entries from {entry:?}");
        }
        copy.replay(std::slice::from_ref(entry)).unwrap();
        taken += 1;
    }
    assert!(
        refused > 200 && taken > 25,
        "{refused} refused, {taken} taken"
    );
    assert_eq!(session.feed(0, 10_000).unwrap(), feed);
    assert!(copy.integrity_check().unwrap().is_empty());
    // What is here already is compared as well.
    copy.replay(&feed).unwrap();
    let mut other = feed[5].clone();
    other.actor.push('x');
    copy.replay(&[other]).unwrap_err();
}
