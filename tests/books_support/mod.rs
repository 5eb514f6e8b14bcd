//! A bank in memory for the tests of the books: one-line commands, and proofs that hold after every scenario.
#![allow(dead_code)]

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use qenex::base::time::ManualClock;
use qenex::base::{Amount, Date, Id, Status, Timestamp};
use qenex::engine::{Engine, EngineOptions, ExecuteOptions, Item, Items, Session};
use qenex::ledger::account::AccountKind;
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::*;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::vfs::SimulatedDisk;

pub const CZK: u32 = 203;
pub const EUR: u32 = 978;
pub const USD: u32 = 840;
/// 25 November 2026.
pub const TODAY: Date = Date::from_days(20_782);

/// The business date of a general ledger's days.
pub fn day(number: i64) -> Date {
    TODAY.add_days(number - 5).unwrap()
}

fn engine_on(disk: &SimulatedDisk) -> Engine {
    let mut options = EngineOptions::new(Location::Memory(disk.clone()));
    let now = Timestamp::parse("2026-11-25T10:00:00Z").unwrap();
    options.clock = Arc::new(ManualClock::new(now));
    Engine::open(options).unwrap()
}

pub struct Bank {
    pub disk: SimulatedDisk,
    engine: RefCell<Option<Engine>>,
    pub session: Session,
    later: RefCell<Option<Session>>,
    ids: Cell<u128>,
    pending: Cell<u128>,
}

impl Bank {
    /// An entity with a functional currency, and more currencies.
    pub fn new(functional: &str, others: &[&str]) -> Bank {
        let disk = SimulatedDisk::new();
        let engine = engine_on(&disk);
        let session = engine.session("tester", "").unwrap();
        let bank = Bank {
            disk,
            engine: RefCell::new(Some(engine)),
            session,
            later: RefCell::new(None),
            ids: Cell::new(1 << 100),
            pending: Cell::new(0),
        };
        for code in [functional].iter().chain(others) {
            bank.done(Command::AssetCreate(AssetCreate {
                code,
                scale: 2,
                kind: AssetKind::Currency,
                wide: false,
            }));
        }
        let currency = bank.session.asset_by_code(functional).unwrap().number;
        bank.done(Command::EntityCreate(EntityCreate {
            id: bank.id(),
            name: "Bank; \"One\"",
            functional_currency: currency,
            time_zone: "",
            business_date: TODAY,
            follows_clock: false,
        }));
        bank
    }

    pub fn id(&self) -> Id {
        self.ids.set(self.ids.get() + 1);
        Id::from_u128(self.ids.get())
    }

    /// The session, also after [`Bank::reopen`].
    pub fn session(&self) -> Session {
        let later = self.later.borrow();
        later.clone().unwrap_or_else(|| self.session.clone())
    }

    pub fn reopen(&self) {
        self.later.replace(None);
        self.engine.take().unwrap().close().unwrap();
        let engine = engine_on(&self.disk);
        self.later
            .replace(Some(engine.session("tester", "").unwrap()));
        self.engine.replace(Some(engine));
    }

    pub fn run(&self, command: Command<'_>) -> Outcome {
        let mut outcomes = Vec::new();
        let items = [Item::from(command)];
        self.session()
            .execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)
            .unwrap();
        outcomes[0]
    }

    pub fn done(&self, command: Command<'_>) -> Outcome {
        let shown = format!("{command:?}");
        let outcome = self.run(command);
        assert_eq!(outcome.status, Status::OK, "{shown}");
        outcome
    }

    /// The status of a command, which a dry run gives as well.
    pub fn status(&self, command: Command<'_>) -> Status {
        let mut outcomes = Vec::new();
        let items = [Item::from(command.clone())];
        let dry = ExecuteOptions {
            dry_run: true,
            ..ExecuteOptions::default()
        };
        self.session()
            .execute(&Items(&items), &dry, &mut outcomes)
            .unwrap();
        let status = self.run(command).status;
        assert_eq!(outcomes[0].status, status);
        status
    }

    pub fn open(&self, name: &str, kind: AccountKind, asset: u32, gl_code: &str) {
        self.done(Command::AccountOpen(AccountOpen {
            id: self.id(),
            entity: 1,
            kind,
            asset,
            parent: Id::NONE,
            flags: 0,
            number_type: "account",
            number: name,
            name,
            gl_code,
            branch: "Praha",
            cost_centre: "",
            product: "",
            owner: "",
            opening: None,
            user_data: UserData::default(),
        }));
    }

    pub fn payment<'a>(
        &self,
        debit: &'a str,
        credit: &'a str,
        asset: u32,
        amount: i128,
    ) -> Command<'a> {
        let id = self.id();
        self.payment_id(id.to_u128(), debit, credit, asset, amount)
    }

    pub fn payment_id<'a>(
        &self,
        id: u128,
        debit: &'a str,
        credit: &'a str,
        asset: u32,
        amount: i128,
    ) -> Command<'a> {
        Command::Transfer(Transfer {
            id: Id::from_u128(id),
            debit: AccountRef::Number(debit),
            credit: AccountRef::Number(credit),
            asset,
            amount: Amount::from_minor(amount),
            transaction: Id::NONE,
            code: 0,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details::default(),
        })
    }

    pub fn pay(&self, debit: &str, credit: &str, asset: u32, amount: i128) {
        self.done(self.payment(debit, credit, asset, amount));
    }

    pub fn pay_valued(&self, debit: &str, credit: &str, asset: u32, amount: i128, day: Date) {
        let Command::Transfer(payment) = self.payment(debit, credit, asset, amount) else {
            unreachable!()
        };
        self.done(Command::Transfer(Transfer {
            value_date: Some(day),
            ..payment
        }));
    }

    /// A posting on a day by value or booking date, as a leg of the transaction before it where it is `joined`.
    pub fn pay_leg(
        &self,
        debit: &str,
        credit: &str,
        amount: i128,
        day: Date,
        by_value: bool,
        joined: bool,
    ) {
        let Command::Transfer(payment) = self.payment(debit, credit, CZK, amount) else {
            unreachable!()
        };
        if !joined || self.pending.get() == 0 {
            self.pending.set(self.id().to_u128());
        }
        self.done(Command::Transfer(Transfer {
            value_date: by_value.then_some(day),
            booking_date: (!by_value).then_some(day.min(TODAY)),
            transaction: Id::from_u128(self.pending.get()),
            ..payment
        }));
    }

    /// On the account's normal side.
    pub fn balance(&self, name: &str, asset: u32) -> i128 {
        let answer = self
            .session()
            .balance(&AccountRef::Number(name), asset)
            .unwrap();
        let posted = answer.turnovers.posted();
        if answer.normal_debit { posted } else { -posted }
    }

    /// Debits less credits of an account by number.
    pub fn net_of(&self, account: u64, asset: u32) -> i128 {
        let id = self.session().account_by_number(account).unwrap().id;
        self.session()
            .balance(&AccountRef::Id(id), asset)
            .unwrap()
            .turnovers
            .posted()
    }

    pub fn sums_to_zero(&self) {
        for line in self.session().trial_balance(0).unwrap() {
            assert_eq!(line.debits, line.credits);
        }
    }

    pub fn one(&self, sql: &str) -> i64 {
        let settings = OpenSettings {
            read_only: true,
            ..OpenSettings::default()
        };
        let database = Database::open(Location::Memory(self.disk.clone()), settings).unwrap();
        let reader = database.readers().get().unwrap();
        reader.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// A session on a copy of the file in which somebody changed something.
    pub fn damaged(&self, sql: &str) -> Session {
        let copy = self.disk.clone_contents().unwrap();
        let database =
            Database::open(Location::Memory(copy.clone()), OpenSettings::default()).unwrap();
        database.writer().unwrap().execute(sql, []).unwrap();
        drop(database);
        engine_on(&copy).session("tester", "").unwrap()
    }

    /// The file is whole, and so is the one that its feed makes.
    pub fn survives(&self) {
        self.sums_to_zero();
        let hash = |engine: &Engine| engine.state_hash().unwrap();
        let copy_disk = SimulatedDisk::new();
        let copy = engine_on(&copy_disk);
        let feed = self.session().feed(0, 10_000).unwrap();
        assert!(feed.len() < 10_000);
        for page in feed.chunks(7) {
            copy.replay(page).unwrap();
        }
        let before = hash(self.engine.borrow().as_ref().unwrap());
        assert_eq!(before, hash(&copy));
        let problems = copy.integrity_check().unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        self.reopen();
        assert_eq!(before, hash(self.engine.borrow().as_ref().unwrap()));
    }
}

pub fn assign(
    account: &'static str,
    from: Date,
    code: &'static str,
    contrary: &'static str,
) -> Command<'static> {
    Command::GlAssignment(GlAssignment {
        key: Id::NONE,
        account: AccountRef::Number(account),
        from,
        code,
        contrary_code: contrary,
    })
}

/// Six days of a bank whose customer is overdrawn for a while and moves to another code.
pub fn gl_bank() -> Bank {
    let bank = Bank::new("CZK", &["EUR"]);
    for (code, kind, control) in [
        ("1000", AccountKind::Asset, false),
        ("1300", AccountKind::Asset, true),
        ("2100", AccountKind::Liability, true),
        ("2200", AccountKind::Liability, true),
    ] {
        bank.done(Command::GlCode(GlCode {
            key: Id::NONE,
            entity: 1,
            code,
            name: "a name",
            kind,
            control,
        }));
    }
    bank.open("CASH", AccountKind::Asset, 0, "1000");
    bank.open("EVA", AccountKind::Liability, 0, "2100");
    bank.open("ADAM", AccountKind::Liability, 0, "2200");
    bank.open("MEMO", AccountKind::Memorandum, 0, "");
    bank.open("CONTRA", AccountKind::Memorandum, 0, "");
    bank.done(assign("EVA", day(2), "2100", "1300"));
    bank.done(assign("EVA", day(4), "2200", "1300"));
    let booked = |debit, credit, asset, amount, number| {
        let Command::Transfer(payment) = bank.payment(debit, credit, asset, amount) else {
            unreachable!()
        };
        bank.done(Command::Transfer(Transfer {
            booking_date: Some(day(number)),
            details: Details {
                narrative: "a \"quoted\"; text,\nof two lines",
                reference: "R;1",
                ..Details::default()
            },
            ..payment
        }));
    };
    booked("CASH", "EVA", CZK, 5_000, 1);
    booked("EVA", "CASH", CZK, 7_000, 2);
    booked("EVA", "ADAM", EUR, 300, 3);
    booked("CASH", "EVA", CZK, 3_000, 3);
    booked("MEMO", "CONTRA", CZK, 77, 3);
    booked("CASH", "EVA", EUR, 900, 4);
    booked("EVA", "CASH", EUR, 600, 5);
    booked("ADAM", "EVA", EUR, 100, 2);
    bank
}

pub fn import(id: u128, opening: bool, amount: i128, booked: Date) -> Command<'static> {
    Command::ImportTransfer(ImportTransfer {
        transfer: Transfer {
            id: Id::from_u128(id),
            debit: AccountRef::Number("CASH"),
            credit: AccountRef::Number("EVA"),
            asset: CZK,
            amount: Amount::from_minor(amount),
            transaction: Id::NONE,
            code: 7,
            flags: 0,
            booking_date: Some(booked),
            value_date: None,
            user_data: UserData::default(),
            details: Details {
                reference: "OLD-1",
                ..Details::default()
            },
        },
        original_time: Timestamp::parse("1999-12-31T08:00:00Z").unwrap(),
        opening,
    })
}

pub fn prove(
    account: &'static str,
    opening: i128,
    debits: i128,
    credits: i128,
    closing: i128,
) -> Command<'static> {
    Command::ImportProof(ImportProof {
        key: Id::NONE,
        account: AccountRef::Number(account),
        asset: CZK,
        opening: Amount::from_minor(opening),
        debits: Amount::from_minor(debits),
        credits: Amount::from_minor(credits),
        closing: Amount::from_minor(closing),
    })
}
