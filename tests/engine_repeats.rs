//! A key that is used again gives its first result again, whatever its command was and however much happened since. One
//! history has every kind of command in it; each command is repeated in the batch that it came in, after everything else,
//! after the file was closed and opened, and after a kill.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use qenex::base::time::ManualClock;
use qenex::base::{Amount, Date, Id, Rounding, Status, Timestamp};
use qenex::engine::{self, Engine, EngineOptions, ExecuteOptions, HostRecordPut, Item, Items};
use qenex::engine::{Session, TimeAdvance};
use qenex::ledger::account::{AccountKind, BlockSide, LimitKind, flags};
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::*;
use qenex::ledger::hold::HoldKind;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::Location;
use qenex::store::vfs::SimulatedDisk;
use qenex::tx::ChangeKind;

const USD: u32 = 840;
const EUR: u32 = 978;
/// 25 November 2026.
const TODAY: Date = Date::from_days(20_782);

fn open_engine(disk: &SimulatedDisk) -> (Engine, Session) {
    let mut options = EngineOptions::new(Location::Memory(disk.clone()));
    let now = Timestamp::parse("2026-11-25T10:00:00Z").unwrap();
    options.clock = Arc::new(ManualClock::new(now));
    let engine = Engine::open(options).unwrap();
    let session = engine.session("teller", "").unwrap();
    (engine, session)
}

fn run(session: &Session, commands: &[engine::Command<'static>]) -> Vec<Outcome> {
    let items: Vec<Item<'_>> = commands
        .iter()
        .map(|command| Item {
            command: command.clone(),
            linked: false,
            on_behalf_of: "",
        })
        .collect();
    let mut outcomes = Vec::new();
    session
        .execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)
        .unwrap();
    outcomes
}

/// Commands with the statuses that they are to have.
struct History {
    commands: Vec<(engine::Command<'static>, Status)>,
    keys: u128,
}

impl History {
    fn id(&mut self) -> Id {
        self.keys += 1;
        Id::from_u128(self.keys)
    }

    fn ok(&mut self, command: Command<'static>) {
        self.commands
            .push((engine::Command::Ledger(command), Status::OK));
    }

    fn refused(&mut self, command: Command<'static>, status: Status) {
        self.commands
            .push((engine::Command::Ledger(command), status));
    }
}

fn named(number: &'static str) -> AccountRef<'static> {
    AccountRef::Number(number)
}

fn minor(amount: i128) -> Amount {
    Amount::from_minor(amount)
}

fn transfer(id: Id, debit: &'static str, credit: &'static str, amount: i128) -> Transfer<'static> {
    Transfer {
        id,
        debit: named(debit),
        credit: named(credit),
        asset: USD,
        amount: minor(amount),
        transaction: Id::NONE,
        code: 0,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details {
            reference: "R-1",
            narrative: "rent",
            ..Details::default()
        },
    }
}

/// A history of a bank in which every kind of command is.
fn history() -> History {
    let mut bank = History {
        commands: Vec::new(),
        keys: 1 << 90,
    };
    for code in ["USD", "EUR"] {
        bank.ok(Command::AssetCreate(AssetCreate {
            code,
            scale: 2,
            kind: AssetKind::Currency,
            wide: false,
        }));
    }
    let id = bank.id();
    bank.ok(Command::EntityCreate(EntityCreate {
        id,
        name: "Bank",
        functional_currency: USD,
        time_zone: "",
        business_date: TODAY,
        follows_clock: false,
    }));
    import(&mut bank);
    accounts(&mut bank);
    movements(&mut bank);
    books(&mut bank);
    days(&mut bank);
    // From here on EVA's number is ADAM's, and everything that was sent with it is still what it was.
    let key = bank.id();
    bank.ok(Command::AccountNumber(AccountNumber {
        key,
        account: named("ADAM"),
        number_type: "account",
        number: "EVA",
        end: false,
        take: true,
        expires_at: None,
    }));
    bank
}

fn open(
    bank: &mut History,
    number: &'static str,
    kind: AccountKind,
    account_flags: u32,
    opening: Option<OpeningBalance<'static>>,
) {
    let id = bank.id();
    bank.ok(Command::AccountOpen(AccountOpen {
        id,
        entity: 1,
        kind,
        asset: 0,
        parent: Id::NONE,
        flags: account_flags,
        number_type: "account",
        number,
        name: number,
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "customer 1",
        user_data: UserData::default(),
        opening,
    }));
}

fn import(bank: &mut History) {
    open(bank, "CASH", AccountKind::Asset, 0, None);
    open(
        bank,
        "EVA",
        AccountKind::Liability,
        flags::CUSTOMER | flags::NO_OVERDRAFT,
        None,
    );
    let key = bank.id();
    bank.ok(Command::ImportBegin(ImportBegin { key }));
    for (opening, amount) in [(true, 100_000), (false, 50_000)] {
        let id = bank.id();
        bank.ok(Command::ImportTransfer(ImportTransfer {
            transfer: Transfer {
                booking_date: Some(TODAY.add_days(-20).unwrap()),
                ..transfer(id, "CASH", "EVA", amount)
            },
            original_time: Timestamp::parse("2026-11-05T08:00:00Z").unwrap(),
            opening,
        }));
    }
    for (account, debits, credits) in [("CASH", 50_000, 0), ("EVA", 0, 50_000)] {
        let key = bank.id();
        bank.ok(Command::ImportProof(ImportProof {
            key,
            account: named(account),
            asset: USD,
            opening: minor(100_000),
            debits: minor(debits),
            credits: minor(credits),
            closing: minor(150_000),
        }));
    }
    let key = bank.id();
    bank.ok(Command::GoLive(GoLive { key }));
}

fn accounts(bank: &mut History) {
    let opening = OpeningBalance {
        contra: named("CASH"),
        asset: USD,
        amount: minor(70_000),
    };
    open(bank, "ADAM", AccountKind::Liability, 0, Some(opening));
    open(bank, "EMPTY", AccountKind::Liability, 0, None);
    open(bank, "INCOME", AccountKind::Income, 0, None);
    open(bank, "COST", AccountKind::Expense, 0, None);
    open(bank, "RETAINED", AccountKind::Equity, 0, None);
    open(bank, "OLD-RETAINED", AccountKind::Equity, 0, None);
    open(bank, "POSITION-USD", AccountKind::Asset, 0, None);
    open(bank, "POSITION-EUR", AccountKind::Asset, 0, None);
    for end in [false, true] {
        let key = bank.id();
        bank.ok(Command::AccountNumber(AccountNumber {
            key,
            account: named("ADAM"),
            number_type: "iban",
            number: "CZ6508000000192000145399",
            end,
            take: false,
            expires_at: None,
        }));
    }
    for set in [true, false] {
        let key = bank.id();
        bank.ok(Command::AccountBlock(AccountBlock {
            key,
            account: named("ADAM"),
            side: BlockSide::Debit,
            set,
            reason: "court order",
            authority: "12 C 1/2026",
        }));
    }
    let key = bank.id();
    // The fourth account: the entity's key is the first one, and EVA's and CASH's come before ADAM's.
    let Some((engine::Command::Ledger(Command::AccountOpen(adam)), _)) =
        bank.commands.iter().find(|(command, _)| {
            matches!(command, engine::Command::Ledger(Command::AccountOpen(open)) if open.number == "ADAM")
        })
    else {
        unreachable!("ADAM was opened")
    };
    let adam = adam.id;
    bank.ok(Command::AccountLimit(AccountLimit {
        key,
        account: adam,
        asset: USD,
        kind: LimitKind::Overdraft,
        amount: Some(minor(1_000)),
        expires_at: None,
    }));
    let link = bank.id();
    bank.ok(Command::AccountOwner(AccountOwner {
        key: link,
        account: named("ADAM"),
        owner: "customer 2",
        role: "joint",
        ends: Id::NONE,
    }));
    let key = bank.id();
    bank.ok(Command::AccountOwner(AccountOwner {
        key,
        account: named("ADAM"),
        owner: "",
        role: "",
        ends: link,
    }));
    let key = bank.id();
    bank.ok(Command::AccountRetention(AccountRetention {
        key,
        account: named("ADAM"),
        class: "customer 10 years",
        until: Some(TODAY.add_days(3650).unwrap()),
        legal_hold: true,
        reason: "dispute",
        authority: "12 C 1/2026",
    }));
    for number in ["EMPTY", "OLD-RETAINED"] {
        let account = bank
            .commands
            .iter()
            .find_map(|(command, _)| match command {
                engine::Command::Ledger(Command::AccountOpen(open)) if open.number == number => {
                    Some(open.id)
                }
                _ => None,
            })
            .unwrap();
        let key = bank.id();
        bank.ok(Command::AccountClose(AccountClose { key, account }));
    }
}

fn movements(bank: &mut History) {
    let first = bank.id();
    bank.ok(Command::Transfer(transfer(first, "EVA", "ADAM", 4_000)));
    let id = bank.id();
    bank.refused(
        Command::Transfer(transfer(id, "EVA", "ADAM", 9_999_999)),
        Status::INSUFFICIENT_FUNDS,
    );
    let id = bank.id();
    bank.ok(Command::Transfer(Transfer {
        flags: qenex::ledger::transfer::flags::BALANCING_DEBIT,
        ..transfer(id, "EVA", "CASH", 20_000)
    }));
    let transaction = bank.id();
    for (debit, credit) in [("EVA", "ADAM"), ("ADAM", "INCOME")] {
        let id = bank.id();
        bank.ok(Command::Transfer(Transfer {
            transaction,
            value_date: Some(TODAY.add_days(-2).unwrap()),
            ..transfer(id, debit, credit, 300)
        }));
    }
    for (original, amount) in [(first, Some(minor(1_500))), (transaction, None)] {
        let id = bank.id();
        bank.ok(Command::Reverse(Reverse {
            id,
            original,
            amount,
            flags: 0,
            recovery: Some(named("CASH")),
            code: 0,
            details: Details::default(),
        }));
    }
    let hold = bank.id();
    bank.ok(Command::HoldPlace(HoldPlace {
        id: hold,
        debit: named("EVA"),
        credit: Some(named("CASH")),
        asset: USD,
        amount: minor(5_000),
        kind: HoldKind::Authorisation,
        priority: 1,
        force: false,
        expires_at: None,
        reason: "card",
        user_data: UserData::default(),
    }));
    let key = bank.id();
    bank.ok(Command::HoldIncrease(HoldIncrease {
        key,
        hold,
        amount: minor(700),
        force: false,
    }));
    for amount in [Some(minor(2_000)), Some(minor(100))] {
        let id = bank.id();
        bank.ok(Command::HoldCapture(HoldCapture {
            id,
            hold,
            credit: Some(named("CASH")),
            amount,
            last: false,
            force: false,
            code: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details::default(),
        }));
    }
    let key = bank.id();
    bank.ok(Command::HoldRelease(HoldRelease { key, hold }));
    for value in [Some(&b"one"[..]), Some(b"two"), None] {
        let key = bank.id();
        bank.commands.push((
            engine::Command::HostRecord(HostRecordPut {
                key,
                namespace: "limits",
                record: b"EVA",
                expected_version: None,
                value,
            }),
            Status::OK,
        ));
    }
}

fn books(bank: &mut History) {
    for (account, asset) in [("POSITION-USD", USD), ("POSITION-EUR", EUR)] {
        let key = bank.id();
        bank.ok(Command::PositionRegister(PositionRegister {
            key,
            account: named(account),
            asset,
            rounding: Some(named("COST")),
            carried: Amount::ZERO,
        }));
    }
    // The bank gives a unit more than the rate does, which takes a leg of rounding.
    for bought_amount in [None, Some(minor(925))] {
        let id = bank.id();
        bank.ok(Command::Exchange(Exchange {
            id,
            debit: named("EVA"),
            credit: named("EVA"),
            sold: USD,
            bought: EUR,
            sold_amount: Some(minor(1_000)),
            bought_amount,
            rounding: Some(Rounding::HalfUp),
            code: 0,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details {
                rate: Some((924, 3)),
                rate_source: "ECB",
                ..Details::default()
            },
        }));
    }
    for rate in [(1_200, 3), (1_050, 3), (1_050, 3)] {
        let key = bank.id();
        bank.ok(Command::Revalue(Revalue {
            key,
            entity: 1,
            asset: EUR,
            date: TODAY,
            rate,
            rate_source: "ECB",
            rounding: Rounding::HalfEven,
            account: named("INCOME"),
            code: 0,
        }));
    }
    let id = bank.id();
    bank.ok(Command::Split(Split {
        id,
        debit: named("EVA"),
        asset: USD,
        amount: minor(1_000),
        parts: [("ADAM", 1), ("CASH", 1), ("INCOME", 1)]
            .map(|(credit, weight)| SplitPart {
                credit: named(credit),
                weight,
            })
            .to_vec(),
        code: 0,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details::default(),
    }));
    let accrue = |bank: &mut History, coefficient| {
        let key = bank.id();
        bank.ok(Command::Accrue(Accrue {
            key,
            account: named("EVA"),
            name: "interest",
            asset: USD,
            coefficient,
            scale: 2,
        }));
    };
    let post = |bank: &mut History, residue| {
        let id = bank.id();
        bank.ok(Command::AccrualPost(AccrualPost {
            id,
            account: named("EVA"),
            name: "interest",
            contra: named("COST"),
            residue,
            code: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details::default(),
        }));
    };
    for coefficient in [1_234, 555] {
        accrue(bank, coefficient);
    }
    post(bank, None);
    for coefficient in [-12_345, 50] {
        accrue(bank, coefficient);
    }
    post(bank, Some(named("ADAM")));
    accrue(bank, 7);
    post(bank, None);
    for _ in 0..2 {
        let key = bank.id();
        bank.ok(Command::StatementCut(StatementCut {
            key,
            account: named("EVA"),
            asset: USD,
            to: None,
            by_value: false,
            collapsed: false,
        }));
    }
    let key = bank.id();
    bank.ok(Command::GlCode(GlCode {
        key,
        entity: 1,
        code: "2100",
        name: "Current accounts",
        kind: AccountKind::Liability,
        control: true,
    }));
    let key = bank.id();
    bank.ok(Command::GlAssignment(GlAssignment {
        key,
        account: named("EVA"),
        from: TODAY,
        code: "2100",
        contrary_code: "",
    }));
}

fn days(bank: &mut History) {
    let key = bank.id();
    bank.ok(Command::CalendarSet(CalendarSet {
        key,
        code: "TARGET",
        weekend: 0b110_0000,
        holidays: vec![TODAY.add_days(30).unwrap()].into(),
    }));
    let key = bank.id();
    bank.ok(Command::EntityRules(EntityRules {
        key,
        entity: 1,
        calendar: "TARGET",
        dormant_after: 10,
    }));
    let schedules: Vec<Id> = (0..2)
        .map(|_| {
            let (key, id) = (bank.id(), bank.id());
            bank.ok(Command::TransferSchedule(TransferSchedule {
                key,
                transfer: Transfer {
                    booking_date: Some(TODAY.add_days(1).unwrap()),
                    ..transfer(id, "ADAM", "CASH", 40)
                },
            }));
            key
        })
        .collect();
    let key = bank.id();
    bank.ok(Command::ScheduleCancel(ScheduleCancel {
        key,
        schedule: schedules[0],
    }));
    let roll = |bank: &mut History, to: Option<i32>| {
        let key = bank.id();
        bank.ok(Command::BusinessDateRoll(BusinessDateRoll {
            key,
            entity: 1,
            to: to.map(|days| TODAY.add_days(days.into()).unwrap()),
            any_day: true,
        }));
    };
    // Ten accounts, three at a time: the last portion seals the day.
    let seal = |bank: &mut History, day: i64| {
        for _ in 0..4 {
            let key = bank.id();
            bank.ok(Command::EndOfDay(EndOfDay {
                key,
                entity: 1,
                day: TODAY.add_days(day).unwrap(),
                portion: 3,
            }));
        }
    };
    roll(bank, None);
    seal(bank, 0);
    let id = bank.id();
    // Reaches into the sealed day.
    bank.ok(Command::Transfer(Transfer {
        booking_date: Some(TODAY),
        ..transfer(id, "EVA", "ADAM", 50)
    }));
    roll(bank, Some(20));
    seal(bank, 19);
    let key = bank.id();
    bank.ok(Command::AccountReactivate(AccountReactivate {
        key,
        account: named("EVA"),
        reason: "asked for it",
        authority: "branch",
    }));
    let year_end = |bank: &mut History, retained| {
        let key = bank.id();
        Command::YearEnd(YearEnd {
            key,
            entity: 1,
            through: TODAY,
            retained: named(retained),
            code: 0,
            portion: 1,
        })
    };
    // The account that it was to close into is closed: the refusal names the account in the way.
    let command = year_end(bank, "OLD-RETAINED");
    bank.refused(command, Status::CREDIT_ACCOUNT_CLOSED);
    for _ in 0..2 {
        let command = year_end(bank, "RETAINED");
        bank.ok(command);
    }
    let key = bank.id();
    bank.ok(Command::PeriodClose(PeriodClose {
        key,
        entity: 1,
        through: TODAY,
    }));
}

/// Which command it is; a new one does not compile until it has a place here, and in the history.
fn place(command: &engine::Command<'_>) -> usize {
    let engine::Command::Ledger(command) = command else {
        return 0;
    };
    match command {
        Command::EntityCreate(_) => 1,
        Command::AssetCreate(_) => 2,
        Command::AccountOpen(_) => 3,
        Command::AccountNumber(_) => 4,
        Command::AccountBlock(_) => 5,
        Command::AccountLimit(_) => 6,
        Command::AccountClose(_) => 7,
        Command::Transfer(_) => 8,
        Command::HoldPlace(_) => 9,
        Command::HoldIncrease(_) => 10,
        Command::HoldCapture(_) => 11,
        Command::HoldRelease(_) => 12,
        Command::Reverse(_) => 13,
        Command::BusinessDateRoll(_) => 14,
        Command::PeriodClose(_) => 15,
        Command::PositionRegister(_) => 16,
        Command::Exchange(_) => 17,
        Command::Revalue(_) => 18,
        Command::Split(_) => 19,
        Command::Accrue(_) => 20,
        Command::AccrualPost(_) => 21,
        Command::StatementCut(_) => 22,
        Command::GlCode(_) => 23,
        Command::GlAssignment(_) => 24,
        Command::ImportBegin(_) => 25,
        Command::ImportTransfer(_) => 26,
        Command::ImportProof(_) => 27,
        Command::GoLive(_) => 28,
        Command::AccountRetention(_) => 29,
        Command::CalendarSet(_) => 30,
        Command::EntityRules(_) => 31,
        Command::TransferSchedule(_) => 32,
        Command::ScheduleCancel(_) => 33,
        Command::EndOfDay(_) => 34,
        Command::YearEnd(_) => 35,
        Command::AccountOwner(_) => 36,
        Command::AccountReactivate(_) => 37,
    }
}

/// Kinds of changes that are no command with a key: assets are known by their code, time is named by itself, and the
/// others are what a command brings about.
const WITHOUT_KEY: [ChangeKind; 8] = [
    ChangeKind::TIME_ADVANCED,
    ChangeKind::PRINCIPAL,
    ChangeKind::ASSET,
    ChangeKind::HOLD_EXPIRED,
    ChangeKind::ACCOUNT_DORMANT,
    ChangeKind::CORRECTION,
    ChangeKind::SCHEDULE_REFUSED,
    ChangeKind::NUMBER_EXPIRED,
];

/// The commands that have a key, with their first outcomes.
type Firsts = Vec<(engine::Command<'static>, Outcome)>;

fn are_repeated(session: &Session, firsts: &Firsts, when: &str) {
    let before = session.sequence().unwrap();
    for (command, first) in firsts {
        same(
            command,
            first,
            &run(session, std::slice::from_ref(command))[0],
            when,
        );
    }
    let commands: Vec<_> = firsts.iter().map(|(command, _)| command.clone()).collect();
    for ((command, first), again) in firsts.iter().zip(run(session, &commands)) {
        same(command, first, &again, when);
    }
    assert_eq!(session.sequence().unwrap(), before, "{when}");
}

fn same(command: &engine::Command<'_>, first: &Outcome, again: &Outcome, when: &str) {
    assert!(again.repeated, "{when}: {command:?}\n{again:?}");
    let again = Outcome {
        repeated: false,
        ..*again
    };
    assert_eq!(*first, again, "{when}: {command:?}");
}

#[test]
fn every_kind_of_command_gives_its_first_result_again() {
    let History { commands, .. } = history();
    let seen: BTreeSet<usize> = commands.iter().map(|(command, _)| place(command)).collect();
    assert_eq!(seen, (0..=37).collect(), "a command is not in the history");
    let disk = SimulatedDisk::new();
    let (engine, session) = open_engine(&disk);
    let mut firsts = Firsts::new();
    for (command, status) in &commands {
        let first = run(&session, std::slice::from_ref(command))[0];
        assert_eq!(first.status, *status, "{command:?}");
        assert!(!first.repeated, "{command:?}");
        if !command.key().is_none() {
            same(
                command,
                &first,
                &run(&session, std::slice::from_ref(command))[0],
                "at once",
            );
            firsts.push((command.clone(), first));
        }
    }
    are_repeated(&session, &firsts, "after everything");

    let killed = disk.clone_contents().unwrap();
    let (_second, session) = open_engine(&killed);
    are_repeated(&session, &firsts, "after a kill");

    engine.close().unwrap();
    let (_third, session) = open_engine(&disk);
    are_repeated(&session, &firsts, "after closing and opening");

    // Another file that the feed made knows the keys and their results as well.
    let (copy, copied) = open_engine(&SimulatedDisk::new());
    for page in session.feed(0, 10_000).unwrap().chunks(7) {
        copy.replay(page).unwrap();
    }
    are_repeated(&copied, &firsts, "in a file that the feed made");

    let kinds: BTreeMap<i64, ChangeKind> = session
        .feed(0, 10_000)
        .unwrap()
        .iter()
        .map(|entry| (entry.sequence, entry.kind))
        .collect();
    let repeated: BTreeSet<ChangeKind> = firsts
        .iter()
        .map(|(_, first)| kinds[&first.sequence])
        .collect();
    for number in 1..=83 {
        let kind = ChangeKind(number);
        let known = kind.name() != "unknown" && !WITHOUT_KEY.contains(&kind);
        assert_eq!(repeated.contains(&kind), known, "{}", kind.name());
    }
}

#[test]
fn a_key_twice_in_one_batch_gives_the_first_result_twice() {
    let History { commands, .. } = history();
    let (_engine, session) = open_engine(&SimulatedDisk::new());
    for (command, status) in &commands {
        let both = run(&session, &[command.clone(), command.clone()]);
        assert_eq!(both[0].status, *status, "{command:?}");
        if !command.key().is_none() {
            same(command, &both[0], &both[1], "in its own batch");
        }
    }
}

#[test]
fn a_whole_history_twice_in_one_batch_gives_its_results_twice() {
    let History { commands, .. } = history();
    let twice: Vec<_> = commands
        .iter()
        .chain(&commands)
        .map(|(command, _)| command.clone())
        .collect();
    let (_engine, session) = open_engine(&SimulatedDisk::new());
    let outcomes = run(&session, &twice);
    let (first, again) = outcomes.split_at(commands.len());
    for (((command, status), first), again) in commands.iter().zip(first).zip(again) {
        assert_eq!(first.status, *status, "{command:?}");
        if !command.key().is_none() {
            same(command, first, again, "within a batch");
        }
    }
}

#[test]
fn what_has_no_key_says_what_it_is() {
    let History { commands, .. } = history();
    let (_engine, session) = open_engine(&SimulatedDisk::new());
    let asset = &commands[0].0;
    let first = run(&session, std::slice::from_ref(asset))[0];
    let again = run(&session, std::slice::from_ref(asset))[0];
    assert!(first.sequence > 0 && !first.repeated);
    assert_eq!((again.status, again.number), (Status::OK, first.number));
    // It is known by its code, and nothing was recorded.
    assert_eq!((again.repeated, again.sequence), (true, 0));
    let to = Timestamp::parse("2026-11-25T11:00:00Z").unwrap();
    let advance = engine::Command::TimeAdvance(TimeAdvance { to });
    assert_eq!(
        run(&session, std::slice::from_ref(&advance))[0].status,
        Status::OK
    );
    let again = run(&session, std::slice::from_ref(&advance))[0];
    assert_eq!(
        (again.status, again.repeated),
        (Status::TIME_NOT_LATER, false)
    );
}
