//! Days of a bank: calendars, rolls, scheduled and back-dated transfers, the end of a day that is killed and taken up
//! again, closes of a month and a year, corrections after them. Each history is replayed into a second file at the end.

mod days_support;

use days_support::*;
use qenex::base::{Amount, Date, Id, Status};
use qenex::engine::query::AsOf;
use qenex::ledger::account::{AccountKind, flags};
use qenex::ledger::command::*;
use qenex::ledger::transfer::flags as transfer_flags;
use qenex::tx::ChangeKind;

fn week_calendar(key: u128, holidays: &[&str]) -> Command<'static> {
    let holidays: Vec<Date> = holidays.iter().map(|text| day(text)).collect();
    Command::CalendarSet(CalendarSet {
        key: Id::from_u128(key),
        code: "TARGET",
        weekend: 0b110_0000,
        holidays: holidays.into(),
    })
}

fn rules(calendar: &'static str, dormant_after: u32) -> Command<'static> {
    Command::EntityRules(EntityRules {
        key: Id::NONE,
        entity: 1,
        calendar,
        dormant_after,
    })
}

fn roll(to: Option<&str>, any_day: bool) -> Command<'static> {
    Command::BusinessDateRoll(BusinessDateRoll {
        key: Id::NONE,
        entity: 1,
        to: to.map(day),
        any_day,
    })
}

fn end_of_day(of: &str, portion: u32) -> Command<'static> {
    Command::EndOfDay(EndOfDay {
        key: Id::NONE,
        entity: 1,
        day: day(of),
        portion,
    })
}

fn schedule(key: u128, booking: &str, movement: Transfer<'static>) -> Command<'static> {
    Command::TransferSchedule(TransferSchedule {
        key: Id::from_u128(key),
        transfer: Transfer {
            booking_date: Some(day(booking)),
            ..movement
        },
    })
}

fn on(booking: &str, movement: Transfer<'static>) -> Command<'static> {
    Command::Transfer(Transfer {
        booking_date: Some(day(booking)),
        ..movement
    })
}

#[test]
fn the_roll_honours_the_calendar() {
    let bank = Bank::new("2026-12-23");
    assert_eq!(
        bank.one(rules("TARGET", 0)).status,
        Status::CALENDAR_UNKNOWN
    );
    let set = bank.one(week_calendar(501, &["2026-12-25"]));
    assert_eq!((set.status, set.number), (Status::OK, 1));
    bank.ok(rules("TARGET", 0));
    bank.ok(roll(None, false));
    assert_eq!(bank.today(), "2026-12-24");
    assert_eq!(
        bank.one(roll(Some("2026-12-25"), false)).status,
        Status::NOT_A_BUSINESS_DAY,
        "a holiday"
    );
    assert_eq!(
        bank.one(roll(Some("2026-12-26"), false)).status,
        Status::NOT_A_BUSINESS_DAY,
        "a Saturday"
    );
    bank.ok(roll(None, false));
    assert_eq!(bank.today(), "2026-12-28");
    // The calendar is data: with a new holiday the next business day is another one.
    bank.ok(week_calendar(502, &["2026-12-25", "2026-12-29"]));
    bank.ok(roll(None, false));
    assert_eq!(bank.today(), "2026-12-30");
    bank.ok(roll(Some("2027-01-02"), true));
    assert_eq!(bank.today(), "2027-01-02");
    assert_eq!(
        bank.one(roll(Some("2026-12-31"), true)).status,
        Status::BUSINESS_DATE_NOT_LATER
    );
    assert_eq!(
        bank.session.business_day_after(1, day("2026-12-28")),
        Ok(day("2026-12-30"))
    );
    bank.check();
}

#[test]
fn a_calendar_that_cannot_be_is_refused() {
    let bank = Bank::new("2026-12-23");
    let calendar = |weekend, holidays: Vec<Date>| {
        Command::CalendarSet(CalendarSet {
            key: Id::NONE,
            code: "X",
            weekend,
            holidays: holidays.into(),
        })
    };
    for (weekend, holidays) in [
        (0x7f, vec![]),
        (0x80, vec![]),
        (0, vec![day("2026-01-02"), day("2026-01-01")]),
        (0, vec![day("2026-01-01"), day("2026-01-01")]),
    ] {
        let outcome = bank.one(calendar(weekend, holidays));
        assert_eq!(outcome.status, Status::CALENDAR_INVALID);
    }
    let never = vec![Date::from_days(i32::MAX)];
    assert_eq!(bank.one(calendar(0, never)).status, Status::DATE_INVALID);
    assert_eq!(bank.session.calendars().unwrap(), []);
    bank.check();
}

#[test]
fn a_scheduled_transfer_is_booked_when_its_day_comes() {
    let bank = Bank::new("2026-12-24");
    bank.ok(week_calendar(501, &["2026-12-25"]));
    bank.ok(rules("TARGET", 0));
    assert_eq!(
        bank.one(schedule(200, "2026-12-24", transfer(201, ONE, TWO, 5)))
            .status,
        Status::BOOKING_DATE_NOT_LATER
    );
    // Saturday is no business day: booked on Monday. Its texts are those of the one who scheduled it.
    let rent = Transfer {
        details: Details {
            narrative: "rent",
            ..Details::default()
        },
        ..transfer(203, ONE, TWO, 700)
    };
    let first = bank.ok(schedule(202, "2026-12-26", rent));
    assert_eq!(first.amount, 700);
    bank.ok(schedule(
        204,
        "2026-12-28",
        transfer(205, ONE, TWO, 1_000_000),
    ));
    bank.ok(schedule(206, "2026-12-28", transfer(207, ONE, TWO, 1)));
    bank.ok(schedule(208, "2026-12-29", transfer(209, ONE, TWO, 2)));
    bank.ok(Command::ScheduleCancel(ScheduleCancel {
        key: Id::from_u128(210),
        schedule: Id::from_u128(206),
    }));
    assert!(
        bank.session.transfer(&Id::from_u128(203)).is_err(),
        "it waits"
    );
    assert_eq!(bank.balance(TWO), 0, "and holds nothing");
    let again = bank.one(schedule(202, "2026-12-26", rent_again()));
    assert!(again.repeated && again.status == Status::OK);
    bank.ok(roll(None, false));
    let booked = bank.session.transfer(&Id::from_u128(203)).unwrap();
    assert_eq!(booked.row.booking_date, day("2026-12-28"));
    assert_eq!(booked.narrative, "rent");
    let states: Vec<_> = bank
        .session
        .scheduled(1, false, 0, 100)
        .unwrap()
        .into_iter()
        .map(|row| (row.key, row.state.number(), row.status))
        .collect();
    assert_eq!(
        states,
        [
            (Id::from_u128(202), 2, Status::OK),
            (Id::from_u128(204), 3, Status::INSUFFICIENT_FUNDS),
            (Id::from_u128(206), 4, Status::OK),
            (Id::from_u128(208), 1, Status::OK),
        ]
    );
    for key in [202, 204, 206] {
        let cancel = Command::ScheduleCancel(ScheduleCancel {
            key: Id::NONE,
            schedule: Id::from_u128(key),
        });
        assert_eq!(bank.one(cancel).status, Status::SCHEDULE_ENDED);
    }
    let unknown = Command::ScheduleCancel(ScheduleCancel {
        key: Id::NONE,
        schedule: Id::from_u128(203),
    });
    assert_eq!(bank.one(unknown).status, Status::SCHEDULE_UNKNOWN);
    assert_eq!(bank.balance(TWO), 700);
    assert_eq!(bank.kinds(ChangeKind::SCHEDULE_REFUSED), 1);
    bank.check();
}

fn rent_again() -> Transfer<'static> {
    Transfer {
        details: Details {
            narrative: "rent",
            ..Details::default()
        },
        ..transfer(203, ONE, TWO, 700)
    }
}

#[test]
fn a_scheduled_transfer_whose_id_was_used_meanwhile_is_refused() {
    let bank = Bank::new("2026-12-24");
    bank.ok(schedule(200, "2026-12-25", transfer(201, ONE, TWO, 5)));
    bank.ok(Command::Transfer(transfer(201, ONE, TWO, 6)));
    bank.ok(roll(None, false));
    let row = bank.session.scheduled(1, false, 0, 1).unwrap().remove(0);
    assert_eq!(row.status, Status::EXISTS_WITH_DIFFERENT_CONTENT);
    assert_eq!(bank.balance(TWO), 6);
    bank.check();
}

/// What is sealed for the account on each day: debits and credits as sealed, and as they are now.
fn sealed(bank: &Bank, account: u128) -> Vec<(String, u128, u128, u128, u128)> {
    let account = AccountRef::Id(Id::from_u128(account));
    let days = bank
        .session
        .daily_balances(&account, USD, day("2026-01-01"), day("2027-12-31"), 100)
        .unwrap();
    days.into_iter()
        .map(|row| {
            (
                row.day.format(),
                row.sealed.debits_posted,
                row.sealed.credits_posted,
                row.now.debits_posted,
                row.now.credits_posted,
            )
        })
        .collect()
}

fn line(day: &str, sealed: (u128, u128), now: (u128, u128)) -> (String, u128, u128, u128, u128) {
    (day.to_owned(), sealed.0, sealed.1, now.0, now.1)
}

#[test]
fn the_end_of_a_day_seals_what_was_booked_up_to_it() {
    let bank = Bank::new("2026-11-02");
    assert_eq!(
        bank.one(end_of_day("2026-11-02", 0)).status,
        Status::DAY_NOT_OVER
    );
    bank.ok(Command::Transfer(transfer(300, ONE, TWO, 100)));
    bank.ok(roll(None, false));
    // Business of the new day before the old one is sealed.
    bank.ok(Command::Transfer(transfer(301, ONE, TWO, 10)));
    assert_eq!(bank.ok(end_of_day("2026-11-02", 0)).number, 0);
    assert_eq!(
        bank.one(end_of_day("2026-11-02", 0)).status,
        Status::DAY_SEALED
    );
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-03", 0));
    assert_eq!(
        sealed(&bank, TWO),
        [
            line("2026-11-02", (0, 100), (0, 100)),
            line("2026-11-03", (0, 110), (0, 110)),
        ]
    );
    // Two days of which the first had no business of this account and the second was rolled over a gap: the days in
    // between are exact, too.
    bank.ok(roll(Some("2026-11-06"), false));
    bank.ok(on("2026-11-05", transfer(302, ONE, TWO, 1)));
    bank.ok(on("2026-11-06", transfer(303, ONE, TWO, 2)));
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-06", 0));
    let row = |day: &str| {
        let account = AccountRef::Id(Id::from_u128(TWO));
        let when = AsOf::Booking(self::day(day), 0);
        bank.session
            .balance_as_of(&account, USD, when)
            .unwrap()
            .turnovers
            .credits_posted
    };
    assert_eq!(
        (row("2026-11-04"), row("2026-11-05"), row("2026-11-06")),
        (110, 111, 113)
    );
    assert_eq!(
        bank.rows("SELECT day, credits FROM daily_balance WHERE account = 2 ORDER BY day"),
        ["20759|100", "20760|110", "20762|111", "20763|113"]
    );
    bank.check();
}

#[test]
fn an_end_of_day_that_is_killed_goes_on_where_it_stood() {
    let mut bank = Bank::new("2026-11-02");
    for number in 0..40u128 {
        bank.ok(open(5000 + number, 0));
        bank.ok(Command::Transfer(transfer(
            6000 + number,
            BANK,
            5000 + number,
            7,
        )));
    }
    bank.ok(roll(None, false));
    let mut portions = 0;
    loop {
        let outcome = bank.ok(end_of_day("2026-11-02", 5));
        portions += 1;
        if outcome.number == 0 {
            break;
        }
        assert_eq!(
            bank.one(end_of_day("2026-11-01", 5)).status,
            Status::DAY_IN_PROGRESS
        );
        // A back-dated posting to an account that is sealed and to one that is not yet.
        let id = 7000 + 2 * portions;
        bank.ok(on("2026-11-02", transfer(id, BANK, 5000, 1)));
        bank.ok(on("2026-11-02", transfer(id + 1, BANK, 5039, 1)));
        bank.reopen();
    }
    assert!(portions > 8, "{portions} portions");
    let entity = bank.session.entity(1).unwrap();
    assert_eq!(
        (entity.sealed_through, entity.sealing),
        (Some(day("2026-11-02")), None)
    );
    let by_then = |account| sealed(&bank, account).remove(0);
    let extra = portions - 1;
    assert_eq!(by_then(5000), line("2026-11-02", (0, 7), (0, 7 + extra)));
    assert_eq!(
        by_then(5039),
        line("2026-11-02", (0, 7 + extra), (0, 7 + extra))
    );
    assert_eq!(bank.kinds(ChangeKind::END_OF_DAY) as u128, portions);
    // The whole of it, in one call, is no error when it is done already.
    let done = bank.session.seal_day(1, day("2026-11-02"), 0).unwrap();
    assert!(done.repeated && done.status == Status::OK);
    bank.check();
}

#[test]
fn a_hot_account_is_sealed_by_windows() {
    let bank = Bank::new("2026-11-02");
    for number in 0..600u128 {
        bank.ok(Command::Transfer(transfer(10_000 + number, BANK, TWO, 1)));
    }
    bank.ok(roll(None, false));
    for number in 0..300u128 {
        let booking = if number % 3 == 0 {
            "2026-11-02"
        } else {
            "2026-11-03"
        };
        bank.ok(on(booking, transfer(20_000 + number, BANK, TWO, 1)));
    }
    bank.ok(end_of_day("2026-11-02", 0));
    bank.ok(roll(None, false));
    for number in 0..700u128 {
        bank.ok(Command::Transfer(transfer(30_000 + number, BANK, TWO, 1)));
    }
    bank.ok(on("2026-11-02", transfer(40_000, BANK, TWO, 1_000)));
    bank.ok(end_of_day("2026-11-03", 0));
    assert_eq!(
        sealed(&bank, TWO),
        [
            line("2026-11-02", (0, 700), (0, 1_700)),
            line("2026-11-03", (0, 1_900), (0, 1_900)),
        ]
    );
    bank.check();
}

/// What is sealed does not depend on whether a posting mark was on disk already: the mark of 256 events stands after a
/// hold of the new day here, and everything posted before it is older than the day that is sealed.
#[test]
fn a_seal_does_not_depend_on_what_is_in_flight() {
    let commands = || {
        let mut commands: Vec<Command<'static>> = (0..255)
            .map(|number| Command::Transfer(transfer(10_000 + number, BANK, TWO, 1)))
            .collect();
        commands.extend([
            roll(None, false),
            Command::HoldPlace(hold(20_000, TWO, 5)),
            end_of_day("2026-11-02", 0),
            roll(None, false),
            end_of_day("2026-11-03", 0),
        ]);
        commands
    };
    let mut hashes = Vec::new();
    for size in [1, 7, 300] {
        let bank = Bank::new("2026-11-02");
        for batch in commands().chunks(size) {
            let outcomes = bank.all(batch);
            assert!(outcomes.iter().all(|outcome| outcome.status == Status::OK));
        }
        assert_eq!(
            bank.rows("SELECT day, credits FROM daily_balance WHERE account = 2"),
            ["20759|255"],
            "{size} a batch"
        );
        bank.check();
        hashes.push(bank.engine.state_hash().unwrap());
    }
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

#[test]
fn a_correction_is_in_the_next_seal_though_nothing_else_was_booked() {
    let bank = Bank::new("2026-11-02");
    bank.ok(Command::Transfer(transfer(300, ONE, TWO, 100)));
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-02", 0));
    bank.ok(roll(None, false));
    bank.ok(on("2026-11-02", transfer(301, ONE, TWO, 11)));
    bank.ok(end_of_day("2026-11-03", 0));
    assert_eq!(
        sealed(&bank, TWO),
        [
            line("2026-11-02", (0, 100), (0, 111)),
            line("2026-11-03", (0, 111), (0, 111)),
        ]
    );
    bank.check();
}

#[test]
fn the_views_of_days_answer() {
    let bank = Bank::new("2026-11-02");
    bank.ok(week_calendar(501, &["2026-12-25"]));
    bank.ok(rules("TARGET", 0));
    bank.ok(Command::Transfer(transfer(300, ONE, TWO, 100)));
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-02", 0));
    bank.ok(on("2026-11-02", transfer(301, ONE, TWO, 11)));
    bank.ok(schedule(302, "2026-11-04", transfer(303, ONE, TWO, 1)));
    for (sql, expected) in [
        (
            "SELECT day, credits_sealed, credits_now FROM v1_daily_balances WHERE account = 2",
            "2026-11-02|100|111",
        ),
        (
            "SELECT amount, booking_date, first_day, last_day FROM v1_corrections",
            "11|2026-11-02|2026-11-02|2026-11-02",
        ),
        ("SELECT code, weekend FROM v1_calendars", "TARGET|96"),
        ("SELECT calendar, day FROM v1_holidays", "1|2026-12-25"),
        (
            "SELECT entity, max(day) FROM v1_business_days",
            "1|2026-11-03",
        ),
        (
            "SELECT day, sealed_seq > 0, next_account FROM v1_day_ends",
            "2026-11-02|1|NULL",
        ),
        (
            "SELECT booking_date, state, status FROM v1_scheduled_transfers",
            "2026-11-04|waiting|NULL",
        ),
        (
            "SELECT calendar, dormant_after, sealed_through, sealing FROM v1_entities",
            "1|0|2026-11-02|NULL",
        ),
        (
            "SELECT count(*) FROM v1_changes WHERE kind = 'correction'",
            "1",
        ),
        ("SELECT count(*) FROM v1_year_ends", "0"),
        ("SELECT count(*) FROM v1_dormant_accounts", "0"),
        ("SELECT count(*) FROM v1_account_owners", "0"),
        ("SELECT count(*) FROM v1_periods", "0"),
    ] {
        assert_eq!(bank.rows(sql), [expected], "{sql}");
    }
    bank.check();
}

#[test]
fn each_entity_has_its_own_days() {
    let bank = Bank::new("2026-11-02");
    bank.ok(Command::EntityCreate(EntityCreate {
        id: Id::from_u128(1_000_001),
        name: "Leasing",
        functional_currency: USD,
        time_zone: "",
        business_date: day("2026-11-10"),
        follows_clock: false,
    }));
    let of_two = |id: u128| match open(id, 0) {
        Command::AccountOpen(open) => Command::AccountOpen(AccountOpen { entity: 2, ..open }),
        other => other,
    };
    bank.ok(of_two(800));
    bank.ok(of_two(801));
    bank.ok(Command::Transfer(transfer(300, 800, 801, 5)));
    let seal = |entity, of: &str| {
        bank.one(Command::EndOfDay(EndOfDay {
            key: Id::NONE,
            entity,
            day: day(of),
            portion: 0,
        }))
        .status
    };
    bank.ok(Command::BusinessDateRoll(BusinessDateRoll {
        key: Id::NONE,
        entity: 2,
        to: None,
        any_day: false,
    }));
    assert_eq!(seal(1, "2026-11-10"), Status::DAY_NOT_OVER);
    assert_eq!(seal(2, "2026-11-10"), Status::OK);
    assert_eq!(seal(3, "2026-11-10"), Status::ENTITY_UNKNOWN);
    assert_eq!(bank.today(), "2026-11-02");
    assert_eq!(
        bank.rows("SELECT account, credits FROM daily_balance ORDER BY account"),
        ["4|0", "5|5"],
        "the accounts of the other entity have no seal"
    );
    let across = bank.one(Command::Transfer(transfer(301, ONE, 800, 1)));
    assert_eq!(across.status, Status::ENTITIES_DIFFER);
    bank.check();
}

#[test]
fn a_back_valued_correction_after_month_end_shows_both_trial_balances() {
    let bank = Bank::new("2026-11-30");
    bank.ok(Command::Transfer(transfer(300, ONE, TWO, 100)));
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-30", 0));
    let close = bank.ok(Command::PeriodClose(PeriodClose {
        key: Id::NONE,
        entity: 1,
        through: day("2026-11-30"),
    }));
    assert_eq!(bank.session.periods(1).unwrap()[0].sequence, close.sequence);
    assert_eq!(
        bank.one(on("2026-11-30", transfer(301, ONE, TWO, 1)))
            .status,
        Status::BOOKING_DATE_CLOSED
    );
    let corrected = bank.ok(Command::Transfer(Transfer {
        value_date: Some(day("2026-11-15")),
        ..transfer(302, ONE, TWO, 40)
    }));
    let trial = |when| {
        let page = bank
            .session
            .trial_balance_by_account(1, when, 0, 0x1000)
            .unwrap();
        assert_eq!(page.next, 0);
        let two = page
            .lines
            .iter()
            .find(|line| line.id == Id::from_u128(TWO))
            .unwrap();
        let sum: i128 = page.lines.iter().map(|line| line.turnovers.posted()).sum();
        assert_eq!(sum, 0, "it balances");
        two.turnovers.credits_posted
    };
    let month_end = day("2026-11-30");
    assert_eq!(
        trial(AsOf::Value(month_end, close.sequence)),
        100,
        "as known then"
    );
    assert_eq!(trial(AsOf::Value(month_end, 0)), 140, "as known now");
    assert_eq!(
        trial(AsOf::Booking(month_end, 0)),
        100,
        "the closed books stay"
    );
    let corrections = bank.session.corrections(1, 0, 10).unwrap();
    assert_eq!(corrections.len(), 1);
    let event = &corrections[0];
    assert_eq!(event.transfer, corrected.sequence);
    assert_eq!(event.sequence, corrected.sequence + 1);
    assert_eq!((event.from, event.through), (day("2026-11-15"), month_end));
    assert_eq!((event.debit, event.credit), (1, 2));
    let entry = bank.session.feed(event.sequence - 1, 1).unwrap().remove(0);
    assert_eq!(entry.kind, ChangeKind::CORRECTION);
    let named = qenex::ledger::encoding::decode_correction(&entry.content).unwrap();
    assert_eq!(
        (named.debit, named.credit),
        (Id::from_u128(ONE), Id::from_u128(TWO))
    );
    assert_eq!((named.from, named.through), (event.from, event.through));
    // A reversal after the close books today with the original's value date, and is one more.
    bank.ok(Command::Reverse(Reverse {
        id: Id::from_u128(303),
        original: Id::from_u128(300),
        amount: None,
        flags: 0,
        recovery: None,
        code: 0,
        details: Details::default(),
    }));
    let reversal = bank.session.transfer(&Id::from_u128(303)).unwrap().row;
    assert_eq!(
        (reversal.booking_date, reversal.value_date),
        (day("2026-12-01"), month_end)
    );
    assert_eq!(
        bank.session
            .corrections(1, event.sequence, 10)
            .unwrap()
            .len(),
        1
    );
    bank.check();
}

fn year_end(through: &str, portion: u32) -> Command<'static> {
    Command::YearEnd(YearEnd {
        key: Id::NONE,
        entity: 1,
        through: day(through),
        retained: AccountRef::Id(Id::from_u128(900)),
        code: 77,
        portion,
    })
}

#[test]
fn the_year_end_moves_income_and_expense_into_retained_earnings() {
    let mut bank = Bank::new("2026-12-31");
    bank.ok(open_kind(900, AccountKind::Equity, 0, 0));
    for (id, kind) in [
        (901, AccountKind::Income),
        (902, AccountKind::Expense),
        (903, AccountKind::Income),
    ] {
        bank.ok(open_kind(id, kind, 0, flags::NO_OVERDRAFT));
    }
    bank.ok(Command::Transfer(transfer(300, BANK, 901, 5_000)));
    bank.ok(Command::Transfer(transfer(301, 902, BANK, 1_200)));
    assert_eq!(
        bank.one(year_end("2026-12-31", 0)).status,
        Status::DAY_NOT_OVER
    );
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-12-31", 0));
    // Income of the new year stays where it is.
    bank.ok(Command::Transfer(transfer(302, BANK, 901, 9)));
    let wrong = Command::YearEnd(YearEnd {
        key: Id::NONE,
        entity: 1,
        through: day("2026-12-31"),
        retained: AccountRef::Id(Id::from_u128(901)),
        code: 0,
        portion: 0,
    });
    assert_eq!(bank.one(wrong).status, Status::RETAINED_INVALID);
    let mut portions = 1;
    while bank.ok(year_end("2026-12-31", 1)).number != 0 {
        portions += 1;
        let other = bank.one(year_end("2026-12-30", 1)).status;
        assert_eq!(other, Status::YEAR_END_IN_PROGRESS);
        bank.reopen();
    }
    assert_eq!(portions, 3);
    let at = |account: u128, when| {
        let account = AccountRef::Id(Id::from_u128(account));
        let answer = bank.session.balance_as_of(&account, USD, when).unwrap();
        -answer.turnovers.posted()
    };
    let year = AsOf::Booking(day("2026-12-31"), 0);
    assert_eq!((at(901, year), at(902, year), at(900, year)), (0, 0, 3_800));
    assert_eq!((at(901, AsOf::Now), at(902, AsOf::Now)), (9, 0));
    let closing = bank.session.transfers(&Default::default()).unwrap();
    let closing: Vec<_> = closing
        .transfers
        .into_iter()
        .filter(|row| row.row.code == 77)
        .collect();
    assert_eq!(closing.len(), 2, "ordinary transfers");
    assert_eq!(
        bank.session.corrections(1, 0, 10).unwrap().len(),
        2,
        "the sealed day changed"
    );
    let legs = bank
        .session
        .transaction(&closing[0].row.transaction)
        .unwrap();
    assert_eq!(legs.len(), 2, "one transaction");
    // What comes into the old year afterwards is moved by running it again; nothing moves twice.
    bank.ok(on("2026-12-31", transfer(303, BANK, 903, 50)));
    let retained = AccountRef::Id(Id::from_u128(900));
    for _ in 0..2 {
        let done = bank
            .session
            .close_year(1, day("2026-12-31"), &retained, 77)
            .unwrap();
        assert_eq!((done.status, done.number), (Status::OK, 0));
    }
    assert_eq!(-bank.raw(900), 3_850);
    bank.check();
}

#[test]
fn a_year_end_that_cannot_go_on_says_which_account_is_in_the_way() {
    let bank = Bank::new("2026-12-31");
    bank.ok(open_kind(900, AccountKind::Equity, 0, 0));
    bank.ok(open_kind(901, AccountKind::Income, 0, 0));
    bank.ok(open_kind(902, AccountKind::Income, 0, 0));
    bank.ok(Command::Transfer(transfer(300, BANK, 901, 10)));
    bank.ok(Command::Transfer(transfer(301, BANK, 902, 20)));
    bank.ok(block(902, true));
    bank.ok(roll(None, false));
    let refused = bank.one(year_end("2026-12-31", 0));
    assert_eq!(refused.status, Status::DEBIT_BLOCKED);
    let number = bank.account(902).number;
    assert_eq!(refused.number, number);
    assert_eq!(-bank.raw(901), 10, "nothing of the portion was applied");
    bank.ok(block(902, false));
    bank.ok(year_end("2026-12-31", 0));
    assert_eq!(-bank.raw(900), 30);
    bank.check();
}

#[test]
fn an_account_without_movements_of_the_customer_becomes_dormant() {
    let mut bank = Bank::new("2026-11-02");
    bank.ok(rules("", 3));
    for id in [800, 801, 802] {
        bank.ok(open(id, flags::CUSTOMER));
        bank.ok(Command::Transfer(transfer(8000 + id, BANK, id, 100)));
    }
    let dormant = |bank: &Bank| -> Vec<u128> {
        let mut found = Vec::new();
        for id in [800u128, 801, 802, ONE] {
            if bank.account(id).flags & flags::DORMANT != 0 {
                found.push(id);
            }
        }
        found
    };
    let next = |bank: &Bank, of: &str| {
        bank.ok(roll(None, false));
        bank.ok(end_of_day(of, 0));
    };
    next(&bank, "2026-11-02");
    next(&bank, "2026-11-03");
    // The customer moves 801; the bank pays interest on 802.
    bank.ok(Command::Transfer(transfer(310, 801, TWO, 1)));
    bank.ok(Command::Transfer(Transfer {
        flags: transfer_flags::BANK,
        ..transfer(311, BANK, 802, 1)
    }));
    bank.reopen();
    next(&bank, "2026-11-04");
    assert_eq!(dormant(&bank), []);
    next(&bank, "2026-11-05");
    assert_eq!(
        dormant(&bank),
        [800, 802],
        "three days without the customer; 1 is no customer's"
    );
    assert_eq!(bank.kinds(ChangeKind::ACCOUNT_DORMANT), 2);
    let refused = bank.one(Command::Transfer(transfer(312, 800, TWO, 1)));
    assert_eq!(refused.status, Status::DEBIT_DORMANT);
    bank.ok(Command::Transfer(transfer(313, TWO, 800, 1)));
    assert_eq!(
        bank.one(Command::HoldPlace(hold(314, 800, 1))).status,
        Status::DEBIT_DORMANT
    );
    let reactivate = |id: u128| {
        Command::AccountReactivate(AccountReactivate {
            key: Id::NONE,
            account: AccountRef::Id(Id::from_u128(id)),
            reason: "the customer came",
            authority: "branch 4",
        })
    };
    assert_eq!(bank.one(reactivate(801)).status, Status::NOT_DORMANT);
    bank.ok(reactivate(800));
    bank.ok(Command::Transfer(transfer(315, 800, TWO, 1)));
    next(&bank, "2026-11-06");
    next(&bank, "2026-11-07");
    assert_eq!(dormant(&bank), [801, 802], "801 was last used on the 4th");
    next(&bank, "2026-11-08");
    assert_eq!(dormant(&bank), [801, 802], "800 on the 6th");
    bank.check();
}

/// The newest posting may be booked earlier than one before it.
#[test]
fn dormancy_counts_from_the_latest_booking_whatever_came_after_it() {
    let bank = Bank::new("2026-11-02");
    bank.ok(rules("", 2));
    bank.ok(open(800, flags::CUSTOMER));
    bank.ok(roll(Some("2026-11-05"), false));
    bank.ok(Command::Transfer(transfer(300, BANK, 800, 1)));
    bank.ok(on("2026-11-04", transfer(301, BANK, 800, 1)));
    bank.ok(end_of_day("2026-11-04", 0));
    bank.ok(roll(None, false));
    bank.ok(rules("", 1));
    bank.ok(end_of_day("2026-11-05", 0));
    assert_eq!(
        bank.account(800).flags & flags::DORMANT,
        0,
        "it was used on the 5th"
    );
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-06", 0));
    assert_ne!(bank.account(800).flags & flags::DORMANT, 0);
    assert_eq!(
        bank.rows("SELECT account, last_movement, dormant_since FROM v1_dormant_accounts"),
        ["4|2026-11-05|2026-11-06"]
    );
    bank.check();
}

#[test]
fn an_account_opens_with_an_amount_from_a_named_contra_account() {
    let bank = Bank::new("2026-11-02");
    let opened = bank.ok(with_opening(open(800, 0), BANK, 500));
    assert_eq!((opened.amount, opened.credit.credits_posted), (500, 500));
    assert_eq!(bank.balance(800), 500);
    let again = bank.one(with_opening(open(800, 0), BANK, 500));
    assert!(again.repeated);
    assert_eq!(
        (again.number, again.amount, again.credit),
        (opened.number, 500, opened.credit)
    );
    assert_eq!(
        bank.one(with_opening(open(800, 0), BANK, 501)).status,
        Status::EXISTS_WITH_DIFFERENT_CONTENT
    );
    // On the normal side: an asset account is debited.
    bank.ok(with_opening(
        open_kind(801, AccountKind::Asset, USD, 0),
        BANK,
        30,
    ));
    assert_eq!(bank.raw(801), 30);
    // Refused whole: the account is not there either.
    let poor = bank.one(with_opening(open(802, 0), TWO, 1));
    assert_eq!(poor.status, Status::INSUFFICIENT_FUNDS);
    assert!(
        bank.session
            .account(&AccountRef::Id(Id::from_u128(802)))
            .is_err()
    );
    for (amount, status) in [(0, Status::AMOUNT_ZERO), (-1, Status::AMOUNT_NEGATIVE)] {
        let outcome = bank.one(with_opening(open(803, 0), BANK, amount));
        assert_eq!(outcome.status, status);
    }
    let unknown = bank.one(with_opening(open(803, 0), 9999, 1));
    assert_eq!(unknown.status, Status::DEBIT_ACCOUNT_UNKNOWN);
    bank.check();
}

fn with_opening(command: Command<'static>, contra: u128, amount: i128) -> Command<'static> {
    let Command::AccountOpen(open) = command else {
        unreachable!("an opening")
    };
    Command::AccountOpen(AccountOpen {
        opening: Some(OpeningBalance {
            contra: AccountRef::Id(Id::from_u128(contra)),
            asset: USD,
            amount: Amount::from_minor(amount),
        }),
        ..open
    })
}

fn number(
    account: u128,
    number: &'static str,
    take: bool,
    expires: Option<i64>,
) -> Command<'static> {
    Command::AccountNumber(AccountNumber {
        key: Id::NONE,
        account: AccountRef::Id(Id::from_u128(account)),
        number_type: "iban",
        number,
        end: false,
        take,
        expires_at: expires.map(|seconds| START.add_micros(seconds * 1_000_000).unwrap()),
    })
}

#[test]
fn external_numbers_move_and_expire() {
    let mut bank = Bank::new("2026-11-02");
    bank.ok(number(ONE, "DE1", false, None));
    let holder = |bank: &Bank, number: &str| {
        let record = bank.session.account(&AccountRef::Number(number));
        record.map(|record| record.id.to_u128()).unwrap_or(0)
    };
    assert_eq!(
        bank.one(number(TWO, "DE1", false, None)).status,
        Status::NUMBER_TAKEN
    );
    bank.ok(number(TWO, "DE1", true, None));
    assert_eq!(holder(&bank, "DE1"), TWO);
    assert_eq!(
        bank.one(number(TWO, "DE1", true, None)).status,
        Status::NUMBER_TAKEN
    );
    assert_eq!(
        bank.one(number(TWO, "DE2", true, None)).status,
        Status::NUMBER_UNKNOWN
    );
    assert_eq!(
        bank.one(number(ONE, "DE3", false, Some(0))).status,
        Status::EXPIRY_IN_THE_PAST
    );
    bank.ok(number(ONE, "DE3", false, Some(60)));
    bank.ok(number(ONE, "DE4", false, Some(120)));
    bank.ok(Command::AccountNumber(AccountNumber {
        key: Id::NONE,
        account: AccountRef::Id(Id::from_u128(ONE)),
        number_type: "iban",
        number: "DE4",
        end: true,
        take: false,
        expires_at: None,
    }));
    bank.reopen();
    assert_eq!(holder(&bank, "DE3"), ONE);
    bank.advance(60);
    assert_eq!(holder(&bank, "DE3"), 0);
    assert_eq!(bank.kinds(ChangeKind::NUMBER_EXPIRED), 1);
    bank.ok(number(TWO, "DE3", false, None));
    bank.advance(200);
    assert_eq!(bank.kinds(ChangeKind::NUMBER_EXPIRED), 1, "DE4 had ended");
    bank.check();
}

#[test]
fn owners_are_linked_with_roles_and_unlinked() {
    let bank = Bank::new("2026-11-02");
    let link = |key: u128, owner: &'static str, role: &'static str, ends: u128| {
        Command::AccountOwner(AccountOwner {
            key: Id::from_u128(key),
            account: AccountRef::Id(Id::from_u128(ONE)),
            owner,
            role,
            ends: Id::from_u128(ends),
        })
    };
    bank.ok(link(700, "C-1", "holder", 0));
    bank.ok(link(701, "C-2", "joint", 0));
    assert!(bank.one(link(701, "C-2", "joint", 0)).repeated);
    assert_eq!(
        bank.one(link(701, "C-3", "joint", 0)).status,
        Status::EXISTS_WITH_DIFFERENT_CONTENT,
        "the commitment tells"
    );
    for (owner, role, ends, status) in [
        ("", "joint", 0, Status::TEXT_INVALID),
        ("C-3", "", 0, Status::TEXT_INVALID),
        ("C-3", "Joint", 0, Status::TEXT_INVALID),
        ("C-3", "joint", 701, Status::TEXT_INVALID),
        ("", "", 999, Status::OWNER_UNKNOWN),
        ("", "", 0, Status::TEXT_INVALID),
    ] {
        assert_eq!(bank.one(link(702, owner, role, ends)).status, status);
    }
    assert_eq!(bank.one(link(0, "C-3", "joint", 0)).status, Status::ID_NONE);
    bank.ok(link(703, "", "", 701));
    assert_eq!(
        bank.one(link(704, "", "", 701)).status,
        Status::OWNER_UNKNOWN,
        "it ended"
    );
    let owners: Vec<_> = bank
        .session
        .owners(&AccountRef::Id(Id::from_u128(ONE)))
        .unwrap()
        .into_iter()
        .map(|link| (link.owner, link.role, link.valid_to.is_some()))
        .collect();
    let expected = |owner: &str, role: &str, ended| (owner.to_owned(), role.to_owned(), ended);
    assert_eq!(
        owners,
        [
            expected("C-1", "holder", false),
            expected("C-2", "joint", true)
        ]
    );
    bank.check();
}

#[test]
fn blocks_keep_reason_and_authority() {
    let bank = Bank::new("2026-11-02");
    bank.ok(block(ONE, true));
    assert_eq!(
        bank.one(Command::Transfer(transfer(300, ONE, TWO, 1)))
            .status,
        Status::DEBIT_BLOCKED
    );
    bank.ok(block(ONE, false));
    bank.ok(block(ONE, true));
    let blocks = bank
        .session
        .blocks(&AccountRef::Id(Id::from_u128(ONE)))
        .unwrap();
    let shown: Vec<_> = blocks
        .iter()
        .map(|row| (row.side, row.set, row.reason.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (1, true, "court order"),
            (1, false, "court order"),
            (1, true, "court order")
        ]
    );
    assert!(blocks.iter().all(|row| row.authority == "12 C 1/2026"));
    assert_eq!(
        bank.rows("SELECT side, reason, authority, set_by, lifted_seq IS NULL FROM v1_account_blocks ORDER BY seq"),
        ["debit|court order|12 C 1/2026|teller|0", "debit|court order|12 C 1/2026|teller|1"]
    );
    bank.check();
}

#[test]
fn an_account_closes_when_it_is_empty_and_nothing_is_held() {
    let bank = Bank::new("2026-11-02");
    bank.ok(open(800, 0));
    bank.ok(Command::HoldPlace(HoldPlace {
        force: true,
        ..hold(801, 800, 5)
    }));
    let close = || {
        Command::AccountClose(AccountClose {
            key: Id::NONE,
            account: Id::from_u128(800),
        })
    };
    assert_eq!(bank.one(close()).status, Status::ACCOUNT_NOT_EMPTY);
    bank.ok(Command::HoldRelease(HoldRelease {
        key: Id::NONE,
        hold: Id::from_u128(801),
    }));
    bank.ok(Command::Transfer(transfer(802, BANK, 800, 5)));
    assert_eq!(bank.one(close()).status, Status::ACCOUNT_NOT_EMPTY);
    bank.ok(Command::Transfer(transfer(803, 800, BANK, 5)));
    bank.ok(close());
    assert_eq!(bank.one(close()).status, Status::ACCOUNT_CLOSED);
    assert_eq!(
        bank.one(Command::Transfer(transfer(804, BANK, 800, 5)))
            .status,
        Status::CREDIT_ACCOUNT_CLOSED
    );
    bank.check();
}

#[test]
fn a_sealed_balance_that_was_tampered_with_is_found() {
    let folder = std::env::temp_dir().join(format!("qenex-seal-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bank.db");
    let bank = Bank::at(&path, "2026-11-02");
    bank.ok(Command::Transfer(transfer(300, ONE, TWO, 100)));
    bank.ok(roll(None, false));
    bank.ok(end_of_day("2026-11-02", 0));
    bank.engine.close().unwrap();
    drop(bank);
    let file = rusqlite::Connection::open(&path).unwrap();
    let changed = file
        .execute(
            "UPDATE daily_balance SET credits = credits + 1 WHERE account = 2",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(file);
    let bank = Bank::open_at(&path);
    let problems = bank.engine.integrity_check().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("sealed for 2026-11-02"),
        "{problems:?}"
    );
    drop(bank);
    std::fs::remove_dir_all(&folder).unwrap();
}
