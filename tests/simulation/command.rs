//! Commands with texts of their own, as the generator makes them, the model reads them and the engine gets them lent.
//! They say exactly what the engine's commands say and nothing else.

use qenex::base::{Amount, Date, Id, Status, Timestamp};
use qenex::engine::{self, CommandList, HostRecordPut, Item, TimeAdvance};
use qenex::ledger::account::{AccountKind, BlockSide, LimitKind};
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command as ledger;
use qenex::ledger::hold::HoldKind;

use crate::books::Book;
use crate::registers::Register;

/// How an account is named.
#[derive(Clone, Debug, PartialEq)]
pub enum Named {
    Id(u128),
    Number(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    pub id: u128,
    pub debit: Named,
    pub credit: Named,
    pub asset: u32,
    pub amount: i128,
    pub transaction: u128,
    pub code: u32,
    pub flags: u32,
    pub booking: Option<i32>,
    pub value: Option<i32>,
    pub user: (u128, u64, u32),
    pub reference: String,
    pub narrative: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub id: u128,
    pub debit: Named,
    pub credit: Option<Named>,
    pub asset: u32,
    pub amount: i128,
    pub force: bool,
    pub priority: u8,
    pub expires: Option<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    pub id: u128,
    pub hold: u128,
    pub credit: Option<Named>,
    pub amount: Option<i128>,
    pub last: bool,
    pub force: bool,
    pub value: Option<i32>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reverse {
    pub id: u128,
    pub original: u128,
    pub amount: Option<i128>,
    pub flags: u32,
    pub recovery: Option<Named>,
    pub narrative: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub id: u128,
    pub entity: u32,
    pub kind: AccountKind,
    pub asset: u32,
    pub parent: u128,
    pub flags: u32,
    pub number_type: String,
    pub number: String,
    pub name: String,
    /// Contra account, asset and amount of an opening balance.
    pub opening: Option<(Named, u32, i128)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    pub key: u128,
    pub account: u128,
    pub asset: u32,
    pub kind: LimitKind,
    pub amount: Option<i128>,
    pub expires: Option<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub key: u128,
    pub namespace: String,
    pub record: Vec<u8>,
    pub expected: Option<u64>,
    pub value: Option<Vec<u8>>,
}

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    Asset {
        code: String,
        scale: u8,
        wide: bool,
    },
    Entity {
        id: u128,
        currency: u32,
        business_date: i32,
        follows_clock: bool,
    },
    Open(Open),
    Number {
        key: u128,
        account: Named,
        number_type: String,
        number: String,
        end: bool,
        take: bool,
        expires: Option<i64>,
    },
    Block {
        key: u128,
        account: Named,
        side: BlockSide,
        set: bool,
    },
    Limit(Limit),
    Close {
        key: u128,
        account: u128,
    },
    Transfer(Transfer),
    Place(Place),
    Increase {
        key: u128,
        hold: u128,
        amount: i128,
        force: bool,
    },
    Capture(Capture),
    Release {
        key: u128,
        hold: u128,
    },
    Reverse(Reverse),
    Roll {
        key: u128,
        entity: u32,
        to: Option<i32>,
        any_day: bool,
    },
    Calendar {
        key: u128,
        code: String,
        weekend: u8,
        holidays: Vec<i32>,
    },
    Rules {
        key: u128,
        entity: u32,
        calendar: String,
        dormant_after: u32,
    },
    Schedule {
        key: u128,
        transfer: Transfer,
    },
    Cancel {
        key: u128,
        schedule: u128,
    },
    EndOfDay {
        key: u128,
        entity: u32,
        day: i32,
        portion: u32,
    },
    YearEnd {
        key: u128,
        entity: u32,
        through: i32,
        retained: Named,
        portion: u32,
    },
    Owner {
        key: u128,
        account: Named,
        owner: String,
        role: String,
        ends: u128,
    },
    Reactivate {
        key: u128,
        account: Named,
    },
    ClosePeriod {
        key: u128,
        entity: u32,
        through: i32,
    },
    Record(Record),
    Advance {
        to: i64,
    },
    Book(Book),
    Register(Register),
}

/// One item of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub op: Op,
    pub linked: bool,
    pub behalf: String,
}

impl From<Op> for Entry {
    fn from(op: Op) -> Entry {
        Entry {
            op,
            linked: false,
            behalf: String::new(),
        }
    }
}

/// A batch as the engine takes it.
#[derive(Clone, Debug)]
pub struct Batch(pub Vec<Entry>);

impl CommandList for Batch {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn item(&self, index: usize) -> Result<Item<'_>, Status> {
        let entry = &self.0[index];
        Ok(Item {
            command: entry.op.command(),
            linked: entry.linked,
            on_behalf_of: &entry.behalf,
        })
    }

    fn key(&self, index: usize) -> Id {
        Id::from_u128(self.0[index].op.key())
    }
}

impl Named {
    pub fn lend(&self) -> ledger::AccountRef<'_> {
        match self {
            Named::Id(id) => ledger::AccountRef::Id(Id::from_u128(*id)),
            Named::Number(text) => ledger::AccountRef::Number(text),
        }
    }
}

fn user_data((wide, long, short): (u128, u64, u32)) -> ledger::UserData {
    ledger::UserData { wide, long, short }
}

impl Op {
    /// The key under which the command is remembered; 0: none.
    pub fn key(&self) -> u128 {
        match self {
            Op::Asset { .. } | Op::Advance { .. } => 0,
            Op::Entity { id, .. } => *id,
            Op::Open(open) => open.id,
            Op::Limit(limit) => limit.key,
            Op::Transfer(transfer) => transfer.id,
            Op::Place(place) => place.id,
            Op::Capture(capture) => capture.id,
            Op::Reverse(reverse) => reverse.id,
            Op::Record(record) => record.key,
            Op::Book(book) => book.key(),
            Op::Register(register) => register.key(),
            Op::Number { key, .. }
            | Op::Block { key, .. }
            | Op::Close { key, .. }
            | Op::Increase { key, .. }
            | Op::Release { key, .. }
            | Op::Roll { key, .. }
            | Op::ClosePeriod { key, .. }
            | Op::Calendar { key, .. }
            | Op::Rules { key, .. }
            | Op::Schedule { key, .. }
            | Op::Cancel { key, .. }
            | Op::EndOfDay { key, .. }
            | Op::YearEnd { key, .. }
            | Op::Owner { key, .. }
            | Op::Reactivate { key, .. } => *key,
        }
    }

    /// The engine's command.
    pub fn command(&self) -> engine::Command<'_> {
        match self {
            Op::Record(record) => engine::Command::HostRecord(HostRecordPut {
                key: Id::from_u128(record.key),
                namespace: &record.namespace,
                record: &record.record,
                expected_version: record.expected,
                value: record.value.as_deref(),
            }),
            Op::Advance { to } => engine::Command::TimeAdvance(TimeAdvance {
                to: Timestamp::from_micros(*to),
            }),
            _ => engine::Command::Ledger(self.ledger_command()),
        }
    }

    fn ledger_command(&self) -> ledger::Command<'_> {
        use ledger::Command;
        match self {
            Op::Asset { code, scale, wide } => Command::AssetCreate(ledger::AssetCreate {
                code,
                scale: *scale,
                kind: AssetKind::Token,
                wide: *wide,
            }),
            Op::Entity {
                id,
                currency,
                business_date,
                follows_clock,
            } => Command::EntityCreate(ledger::EntityCreate {
                id: Id::from_u128(*id),
                name: "Bank",
                functional_currency: *currency,
                time_zone: "",
                business_date: Date::from_days(*business_date),
                follows_clock: *follows_clock,
            }),
            Op::Open(open) => Command::AccountOpen(lend_open(open)),
            Op::Number {
                key,
                account,
                number_type,
                number,
                end,
                take,
                expires,
            } => Command::AccountNumber(ledger::AccountNumber {
                key: Id::from_u128(*key),
                account: account.lend(),
                number_type,
                number,
                end: *end,
                take: *take,
                expires_at: expires.map(Timestamp::from_micros),
            }),
            Op::Block {
                key,
                account,
                side,
                set,
            } => Command::AccountBlock(ledger::AccountBlock {
                key: Id::from_u128(*key),
                account: account.lend(),
                side: *side,
                set: *set,
                reason: "court order",
                authority: "",
            }),
            Op::Limit(limit) => Command::AccountLimit(ledger::AccountLimit {
                key: Id::from_u128(limit.key),
                account: Id::from_u128(limit.account),
                asset: limit.asset,
                kind: limit.kind,
                amount: limit.amount.map(Amount::from_minor),
                expires_at: limit.expires.map(Timestamp::from_micros),
            }),
            Op::Close { key, account } => Command::AccountClose(ledger::AccountClose {
                key: Id::from_u128(*key),
                account: Id::from_u128(*account),
            }),
            Op::Roll {
                key,
                entity,
                to,
                any_day,
            } => Command::BusinessDateRoll(ledger::BusinessDateRoll {
                key: Id::from_u128(*key),
                entity: *entity,
                to: to.map(Date::from_days),
                any_day: *any_day,
            }),
            Op::ClosePeriod {
                key,
                entity,
                through,
            } => Command::PeriodClose(ledger::PeriodClose {
                key: Id::from_u128(*key),
                entity: *entity,
                through: Date::from_days(*through),
            }),
            Op::Calendar { .. }
            | Op::Rules { .. }
            | Op::Schedule { .. }
            | Op::Cancel { .. }
            | Op::EndOfDay { .. }
            | Op::YearEnd { .. }
            | Op::Owner { .. }
            | Op::Reactivate { .. } => self.day_command(),
            _ => self.movement(),
        }
    }

    fn day_command(&self) -> ledger::Command<'_> {
        use ledger::Command;
        match self {
            Op::Calendar {
                key,
                code,
                weekend,
                holidays,
            } => Command::CalendarSet(ledger::CalendarSet {
                key: Id::from_u128(*key),
                code,
                weekend: *weekend,
                holidays: holidays.iter().copied().map(Date::from_days).collect(),
            }),
            Op::Rules {
                key,
                entity,
                calendar,
                dormant_after,
            } => Command::EntityRules(ledger::EntityRules {
                key: Id::from_u128(*key),
                entity: *entity,
                calendar,
                dormant_after: *dormant_after,
            }),
            Op::Schedule { key, transfer } => Command::TransferSchedule(ledger::TransferSchedule {
                key: Id::from_u128(*key),
                transfer: transfer.lend(),
            }),
            Op::Cancel { key, schedule } => Command::ScheduleCancel(ledger::ScheduleCancel {
                key: Id::from_u128(*key),
                schedule: Id::from_u128(*schedule),
            }),
            Op::EndOfDay {
                key,
                entity,
                day,
                portion,
            } => Command::EndOfDay(ledger::EndOfDay {
                key: Id::from_u128(*key),
                entity: *entity,
                day: Date::from_days(*day),
                portion: *portion,
            }),
            Op::YearEnd {
                key,
                entity,
                through,
                retained,
                portion,
            } => Command::YearEnd(ledger::YearEnd {
                key: Id::from_u128(*key),
                entity: *entity,
                through: Date::from_days(*through),
                retained: retained.lend(),
                code: 77,
                portion: *portion,
            }),
            Op::Owner {
                key,
                account,
                owner,
                role,
                ends,
            } => Command::AccountOwner(ledger::AccountOwner {
                key: Id::from_u128(*key),
                account: account.lend(),
                owner,
                role,
                ends: Id::from_u128(*ends),
            }),
            Op::Reactivate { key, account } => {
                Command::AccountReactivate(ledger::AccountReactivate {
                    key: Id::from_u128(*key),
                    account: account.lend(),
                    reason: "the customer came",
                    authority: "branch",
                })
            }
            other => unreachable!("{other:?} is about no day"),
        }
    }

    fn movement(&self) -> ledger::Command<'_> {
        use ledger::Command;
        match self {
            Op::Transfer(transfer) => Command::Transfer(transfer.lend()),
            Op::Place(place) => Command::HoldPlace(ledger::HoldPlace {
                id: Id::from_u128(place.id),
                debit: place.debit.lend(),
                credit: place.credit.as_ref().map(Named::lend),
                asset: place.asset,
                amount: Amount::from_minor(place.amount),
                kind: HoldKind::Authorisation,
                priority: place.priority,
                force: place.force,
                expires_at: place.expires.map(Timestamp::from_micros),
                reason: "",
                user_data: ledger::UserData::default(),
            }),
            Op::Increase {
                key,
                hold,
                amount,
                force,
            } => Command::HoldIncrease(ledger::HoldIncrease {
                key: Id::from_u128(*key),
                hold: Id::from_u128(*hold),
                amount: Amount::from_minor(*amount),
                force: *force,
            }),
            Op::Capture(capture) => Command::HoldCapture(ledger::HoldCapture {
                id: Id::from_u128(capture.id),
                hold: Id::from_u128(capture.hold),
                credit: capture.credit.as_ref().map(Named::lend),
                amount: capture.amount.map(Amount::from_minor),
                last: capture.last,
                force: capture.force,
                code: 0,
                booking_date: None,
                value_date: capture.value.map(Date::from_days),
                user_data: ledger::UserData::default(),
                details: ledger::Details::default(),
            }),
            Op::Release { key, hold } => Command::HoldRelease(ledger::HoldRelease {
                key: Id::from_u128(*key),
                hold: Id::from_u128(*hold),
            }),
            Op::Reverse(reverse) => Command::Reverse(ledger::Reverse {
                id: Id::from_u128(reverse.id),
                original: Id::from_u128(reverse.original),
                amount: reverse.amount.map(Amount::from_minor),
                flags: reverse.flags,
                recovery: reverse.recovery.as_ref().map(Named::lend),
                code: 0,
                details: ledger::Details {
                    narrative: &reverse.narrative,
                    ..ledger::Details::default()
                },
            }),
            Op::Book(book) => book.command(),
            Op::Register(register) => register.command(),
            other => unreachable!("{other:?} is no movement"),
        }
    }
}

impl Transfer {
    pub fn lend(&self) -> ledger::Transfer<'_> {
        ledger::Transfer {
            id: Id::from_u128(self.id),
            debit: self.debit.lend(),
            credit: self.credit.lend(),
            asset: self.asset,
            amount: Amount::from_minor(self.amount),
            transaction: Id::from_u128(self.transaction),
            code: self.code,
            flags: self.flags,
            booking_date: self.booking.map(Date::from_days),
            value_date: self.value.map(Date::from_days),
            user_data: user_data(self.user),
            details: ledger::Details {
                reference: &self.reference,
                narrative: &self.narrative,
                ..ledger::Details::default()
            },
        }
    }
}

fn lend_open(open: &Open) -> ledger::AccountOpen<'_> {
    ledger::AccountOpen {
        id: Id::from_u128(open.id),
        entity: open.entity,
        kind: open.kind,
        asset: open.asset,
        parent: Id::from_u128(open.parent),
        flags: open.flags,
        number_type: &open.number_type,
        number: &open.number,
        name: &open.name,
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: ledger::UserData::default(),
        opening: open
            .opening
            .as_ref()
            .map(|(contra, asset, amount)| ledger::OpeningBalance {
                contra: contra.lend(),
                asset: *asset,
                amount: Amount::from_minor(*amount),
            }),
    }
}
