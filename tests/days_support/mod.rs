//! A small bank for the tests of days and accounts: two customers' accounts, one of the bank's own without limits.

#![allow(dead_code)]

use std::path::Path;
use std::sync::Arc;

use qenex::base::time::ManualClock;
use qenex::base::{Amount, Date, Id, Status, Timestamp};
use qenex::engine::{Engine, EngineOptions, ExecuteOptions, Item, Items, Session};
use qenex::ledger::account::{AccountKind, AccountRecord, BlockSide, flags};
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::*;
use qenex::ledger::hold::HoldKind;
use qenex::ledger::outcome::Outcome;
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::readers::ReaderGuard;
use qenex::store::vfs::SimulatedDisk;
use qenex::tx::ChangeKind;

pub const USD: u32 = 840;
pub const ONE: u128 = 1;
pub const TWO: u128 = 2;
pub const BANK: u128 = 3;
/// When everything happens unless time is advanced.
pub const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

pub struct Bank {
    disk: SimulatedDisk,
    clock: Arc<ManualClock>,
    pub engine: Engine,
    pub session: Session,
}

fn reader(disk: &SimulatedDisk) -> ReaderGuard {
    let settings = OpenSettings {
        read_only: true,
        ..OpenSettings::default()
    };
    let database = Database::open(Location::Memory(disk.clone()), settings).unwrap();
    database.readers().get().unwrap()
}

pub fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn engine(disk: &SimulatedDisk, clock: &Arc<ManualClock>) -> Engine {
    engine_at(Location::Memory(disk.clone()), clock)
}

fn engine_at(location: Location, clock: &Arc<ManualClock>) -> Engine {
    let mut options = EngineOptions::new(location);
    options.clock = clock.clone();
    Engine::open(options).unwrap()
}

impl Bank {
    /// With a business date; account 1 has 100,000.
    pub fn new(today: &str) -> Bank {
        let disk = SimulatedDisk::new();
        Bank::with(Location::Memory(disk.clone()), disk).set_up(today)
    }

    /// As [`Bank::new`], in a file.
    pub fn at(path: &Path, today: &str) -> Bank {
        Bank::open_at(path).set_up(today)
    }

    /// The bank in a file that was made before.
    pub fn open_at(path: &Path) -> Bank {
        Bank::with(Location::Path(path.to_owned()), SimulatedDisk::new())
    }

    fn with(location: Location, disk: SimulatedDisk) -> Bank {
        let clock = Arc::new(ManualClock::new(START));
        let engine = engine_at(location, &clock);
        let session = engine.session("teller", "").unwrap();
        Bank {
            disk,
            clock,
            engine,
            session,
        }
    }

    fn set_up(self, today: &str) -> Bank {
        let bank = self;
        bank.ok(Command::AssetCreate(AssetCreate {
            code: "USD",
            scale: 2,
            kind: AssetKind::Currency,
            wide: false,
        }));
        bank.ok(Command::EntityCreate(EntityCreate {
            id: Id::from_u128(1_000_000),
            name: "Bank",
            functional_currency: USD,
            time_zone: "",
            business_date: day(today),
            follows_clock: false,
        }));
        bank.ok(open(ONE, flags::NO_OVERDRAFT));
        bank.ok(open(TWO, flags::NO_OVERDRAFT));
        bank.ok(open_kind(BANK, AccountKind::Asset, 0, 0));
        bank.ok(Command::Transfer(transfer(100, BANK, ONE, 100_000)));
        bank
    }

    /// Runs one command.
    pub fn one(&self, command: Command<'_>) -> Outcome {
        self.all(&[command]).remove(0)
    }

    /// Runs commands in one batch.
    pub fn all(&self, commands: &[Command<'_>]) -> Vec<Outcome> {
        let items: Vec<Item<'_>> = commands.iter().cloned().map(Item::from).collect();
        let mut outcomes = Vec::new();
        self.session
            .execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)
            .unwrap();
        outcomes
    }

    /// Runs one command that must succeed.
    pub fn ok(&self, command: Command<'_>) -> Outcome {
        let outcome = self.one(command.clone());
        assert_eq!(outcome.status, Status::OK, "{command:?}");
        outcome
    }

    /// Goes on with what a kill at this moment leaves.
    pub fn reopen(&mut self) {
        self.disk = self.disk.clone_contents().unwrap();
        self.engine = engine(&self.disk, &self.clock);
        self.session = self.engine.session("teller", "").unwrap();
    }

    /// Moves the clock to so many seconds after the start.
    pub fn advance(&self, seconds: i64) {
        let to = START.add_micros(seconds * 1_000_000).unwrap();
        self.clock.set(to);
        let items = [Item {
            command: qenex::engine::Command::TimeAdvance(qenex::engine::TimeAdvance { to }),
            linked: false,
            on_behalf_of: "",
        }];
        let mut outcomes = Vec::new();
        self.session
            .execute(&Items(&items), &ExecuteOptions::default(), &mut outcomes)
            .unwrap();
    }

    pub fn today(&self) -> String {
        self.session.entity(1).unwrap().business_date.format()
    }

    pub fn account(&self, id: u128) -> AccountRecord {
        self.session
            .account(&AccountRef::Id(Id::from_u128(id)))
            .unwrap()
    }

    /// Debits less credits.
    pub fn raw(&self, id: u128) -> i128 {
        let account = AccountRef::Id(Id::from_u128(id));
        self.session
            .balance(&account, USD)
            .unwrap()
            .turnovers
            .posted()
    }

    /// Of a customer's account: credits less debits.
    pub fn balance(&self, id: u128) -> i128 {
        -self.raw(id)
    }

    /// How many changes of a kind there are.
    pub fn kinds(&self, kind: ChangeKind) -> usize {
        let feed = self.session.feed(0, 10_000).unwrap();
        feed.iter().filter(|entry| entry.kind == kind).count()
    }

    /// The rows of a query of the file, columns joined by a bar.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let reader = reader(&self.disk);
        let mut select = reader.prepare(sql).unwrap();
        let columns = select.column_count();
        let rows = select
            .query_map([], |row| {
                let values = (0..columns).map(|column| {
                    Ok(match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Null => "NULL".to_owned(),
                        rusqlite::types::ValueRef::Integer(value) => value.to_string(),
                        rusqlite::types::ValueRef::Text(text) => {
                            String::from_utf8_lossy(text).into_owned()
                        }
                        other => format!("{other:?}"),
                    })
                });
                Ok(values.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
            })
            .unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// The file is whole, and its history gives the same file again.
    pub fn check(&self) {
        assert_eq!(self.engine.integrity_check().unwrap(), Vec::<String>::new());
        let clock = Arc::new(ManualClock::new(START));
        let copy = engine(&SimulatedDisk::new(), &clock);
        let mut after = 0;
        loop {
            let page = self.session.feed(after, 7).unwrap();
            let Some(last) = page.last() else { break };
            after = last.sequence;
            copy.replay(&page).unwrap();
        }
        assert_eq!(
            copy.state_hash().unwrap(),
            self.engine.state_hash().unwrap()
        );
    }
}

pub fn open(id: u128, account_flags: u32) -> Command<'static> {
    open_kind(id, AccountKind::Liability, USD, account_flags)
}

pub fn open_kind(id: u128, kind: AccountKind, asset: u32, account_flags: u32) -> Command<'static> {
    Command::AccountOpen(AccountOpen {
        id: Id::from_u128(id),
        entity: 1,
        kind,
        asset,
        parent: Id::NONE,
        flags: account_flags,
        number_type: "",
        number: "",
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: UserData::default(),
        opening: None,
    })
}

pub fn transfer(id: u128, debit: u128, credit: u128, amount: i128) -> Transfer<'static> {
    Transfer {
        id: Id::from_u128(id),
        debit: AccountRef::Id(Id::from_u128(debit)),
        credit: AccountRef::Id(Id::from_u128(credit)),
        asset: USD,
        amount: Amount::from_minor(amount),
        transaction: Id::NONE,
        code: 0,
        flags: 0,
        booking_date: None,
        value_date: None,
        user_data: UserData::default(),
        details: Details::default(),
    }
}

pub fn hold(id: u128, debit: u128, amount: i128) -> HoldPlace<'static> {
    HoldPlace {
        id: Id::from_u128(id),
        debit: AccountRef::Id(Id::from_u128(debit)),
        credit: None,
        asset: USD,
        amount: Amount::from_minor(amount),
        kind: HoldKind::Authorisation,
        priority: 0,
        force: false,
        expires_at: None,
        reason: "",
        user_data: UserData::default(),
    }
}

pub fn block(account: u128, set: bool) -> Command<'static> {
    Command::AccountBlock(AccountBlock {
        key: Id::NONE,
        account: AccountRef::Id(Id::from_u128(account)),
        side: BlockSide::Debit,
        set,
        reason: "court order",
        authority: "12 C 1/2026",
    })
}
