//! Commands with every field drawn at random: values of all types are drawn first, and a command of any kind is
//! made of them.

use proptest::prelude::*;

use crate::base::amount::Amount;
use crate::base::id::Id;
use crate::base::rounding::Rounding;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{AccountKind, BlockSide, LimitKind};
use crate::ledger::asset::AssetKind;
use crate::ledger::command::*;
use crate::ledger::hold::HoldKind;

/// How many kinds of commands there are.
pub const KINDS: usize = 38;

/// What the fields of a command are filled with.
#[derive(Clone, Debug)]
pub struct Material {
    pub ids: [[u8; 16]; 4],
    pub texts: Vec<String>,
    pub numbers: [u32; 4],
    pub small: [u8; 2],
    pub amounts: [i128; 3],
    pub dates: [i32; 2],
    pub micros: i64,
    pub user_data: (u128, u64, u32),
    pub switches: [bool; 8],
}

impl Material {
    fn text(&self, index: usize) -> &str {
        self.texts.get(index).map_or("", String::as_str)
    }

    fn id(&self, index: usize) -> Id {
        Id(self.ids[index])
    }

    fn amount(&self, index: usize) -> Amount {
        Amount::from_minor(self.amounts[index])
    }

    fn date(&self, index: usize) -> Date {
        Date::from_days(self.dates[index])
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_micros(self.micros)
    }

    fn account(&self, index: usize) -> AccountRef<'_> {
        if self.switches[index] {
            AccountRef::Number(self.text(index))
        } else {
            AccountRef::Id(self.id(index))
        }
    }

    fn user_data(&self) -> UserData {
        let (wide, long, short) = self.user_data;
        UserData { wide, long, short }
    }

    fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[usize::from(self.small[0]) % all.len()]
    }

    fn details(&self) -> Details<'_> {
        Details {
            end_to_end_reference: self.text(2),
            reference: self.text(3),
            narrative: self.text(4),
            metadata: self.text(5),
            source_system: self.text(6),
            rate: self.switches[2].then_some((self.amounts[1], self.small[1])),
            rate_source: self.text(7),
            functional_amount: self.switches[3].then_some(self.amount(2)),
        }
    }

    /// The command with a number below [`KINDS`], in the order of the declaration.
    pub fn command(&self, number: usize) -> Command<'_> {
        match number {
            0 => Command::EntityCreate(EntityCreate {
                id: self.id(0),
                name: self.text(0),
                functional_currency: self.numbers[0],
                time_zone: self.text(1),
                business_date: self.date(0),
                follows_clock: self.switches[0],
            }),
            1 => Command::AssetCreate(AssetCreate {
                code: self.text(0),
                scale: self.small[1],
                kind: self.pick(&AssetKind::ALL),
                wide: self.switches[0],
            }),
            2 => Command::AccountOpen(AccountOpen {
                id: self.id(0),
                entity: self.numbers[0],
                kind: self.pick(&AccountKind::ALL),
                asset: self.numbers[1],
                parent: self.id(1),
                flags: self.numbers[2],
                number_type: self.text(0),
                number: self.text(1),
                name: self.text(2),
                gl_code: self.text(3),
                branch: self.text(4),
                cost_centre: self.text(5),
                product: self.text(6),
                owner: self.text(7),
                user_data: self.user_data(),
                opening: self.switches[6].then_some(OpeningBalance {
                    contra: self.account(1),
                    asset: self.numbers[3],
                    amount: self.amount(1),
                }),
            }),
            3 => Command::AccountNumber(AccountNumber {
                key: self.id(3),
                account: self.account(0),
                number_type: self.text(2),
                number: self.text(3),
                end: self.switches[3],
                take: self.switches[4],
                expires_at: self.switches[5].then_some(self.time()),
            }),
            4 => Command::AccountBlock(AccountBlock {
                key: self.id(3),
                account: self.account(0),
                side: self.pick(&[BlockSide::Debit, BlockSide::Credit]),
                set: self.switches[3],
                reason: self.text(2),
                authority: self.text(3),
            }),
            5 => Command::AccountLimit(AccountLimit {
                key: self.id(0),
                account: self.id(1),
                asset: self.numbers[0],
                kind: self.pick(&LimitKind::ALL),
                amount: self.switches[0].then_some(self.amount(0)),
                expires_at: self.switches[1].then_some(self.time()),
            }),
            6 => Command::AccountClose(AccountClose {
                key: self.id(0),
                account: self.id(1),
            }),
            7 => Command::Transfer(Transfer {
                id: self.id(2),
                debit: self.account(0),
                credit: self.account(1),
                asset: self.numbers[0],
                amount: self.amount(0),
                transaction: self.id(3),
                code: self.numbers[1],
                flags: self.numbers[2],
                booking_date: self.switches[4].then_some(self.date(0)),
                value_date: self.switches[5].then_some(self.date(1)),
                user_data: self.user_data(),
                details: self.details(),
            }),
            8 => Command::HoldPlace(HoldPlace {
                id: self.id(2),
                debit: self.account(0),
                credit: self.switches[4].then_some(self.account(1)),
                asset: self.numbers[0],
                amount: self.amount(0),
                kind: self.pick(&HoldKind::ALL),
                priority: self.small[1],
                force: self.switches[5],
                expires_at: self.switches[6].then_some(self.time()),
                reason: self.text(2),
                user_data: self.user_data(),
            }),
            9 => Command::HoldIncrease(HoldIncrease {
                key: self.id(0),
                hold: self.id(1),
                amount: self.amount(0),
                force: self.switches[0],
            }),
            10 => Command::HoldCapture(HoldCapture {
                id: self.id(2),
                hold: self.id(3),
                credit: self.switches[4].then_some(self.account(1)),
                amount: self.switches[0].then_some(self.amount(0)),
                last: self.switches[5],
                force: self.switches[6],
                code: self.numbers[1],
                booking_date: self.switches[7].then_some(self.date(0)),
                value_date: self.switches[5].then_some(self.date(1)),
                user_data: self.user_data(),
                details: self.details(),
            }),
            11 => Command::HoldRelease(HoldRelease {
                key: self.id(0),
                hold: self.id(1),
            }),
            12 => Command::Reverse(Reverse {
                id: self.id(2),
                original: self.id(3),
                amount: self.switches[0].then_some(self.amount(0)),
                flags: self.numbers[2],
                recovery: self.switches[4].then_some(self.account(1)),
                code: self.numbers[1],
                details: self.details(),
            }),
            13 => Command::BusinessDateRoll(BusinessDateRoll {
                key: self.id(0),
                entity: self.numbers[0],
                to: self.switches[0].then_some(self.date(0)),
                any_day: self.switches[1],
            }),
            14 => Command::PeriodClose(PeriodClose {
                key: self.id(0),
                entity: self.numbers[0],
                through: self.date(0),
            }),
            15 => Command::CalendarSet(CalendarSet {
                key: self.id(0),
                code: self.text(0),
                weekend: self.small[0],
                holidays: vec![self.date(0), self.date(1)].into(),
            }),
            16 => Command::EntityRules(EntityRules {
                key: self.id(0),
                entity: self.numbers[0],
                calendar: self.text(0),
                dormant_after: self.numbers[1],
            }),
            17 => Command::TransferSchedule(TransferSchedule {
                key: self.id(0),
                transfer: match self.command(7) {
                    Command::Transfer(transfer) => transfer,
                    other => unreachable!("{other:?} is no transfer"),
                },
            }),
            18 => Command::ScheduleCancel(ScheduleCancel {
                key: self.id(0),
                schedule: self.id(1),
            }),
            19 => Command::EndOfDay(EndOfDay {
                key: self.id(0),
                entity: self.numbers[0],
                day: self.date(0),
                portion: self.numbers[1],
            }),
            20 => Command::YearEnd(YearEnd {
                key: self.id(0),
                entity: self.numbers[0],
                through: self.date(0),
                retained: self.account(0),
                code: self.numbers[1],
                portion: self.numbers[2],
            }),
            21 => Command::AccountOwner(AccountOwner {
                key: self.id(0),
                account: self.account(0),
                owner: self.text(2),
                role: self.text(3),
                ends: self.id(1),
            }),
            22 => Command::AccountReactivate(AccountReactivate {
                key: self.id(0),
                account: self.account(0),
                reason: self.text(1),
                authority: self.text(2),
            }),
            23 => Command::CalendarSet(CalendarSet {
                key: self.id(0),
                code: self.text(1),
                weekend: self.small[1],
                holidays: vec![].into(),
            }),
            _ => self.of_the_books(number),
        }
    }

    fn rounding(&self) -> Rounding {
        self.pick(&Rounding::ALL)
    }

    fn transfer(&self) -> Transfer<'_> {
        match self.command(7) {
            Command::Transfer(transfer) => transfer,
            other => panic!("{other:?} is no transfer"),
        }
    }

    fn of_the_books(&self, number: usize) -> Command<'_> {
        let booking_date = self.switches[4].then_some(self.date(0));
        let value_date = self.switches[5].then_some(self.date(1));
        match number {
            24 => Command::PositionRegister(PositionRegister {
                key: self.id(3),
                account: self.account(0),
                asset: self.numbers[0],
                rounding: self.switches[4].then_some(self.account(1)),
                carried: self.amount(0),
            }),
            25 => Command::Exchange(Exchange {
                id: self.id(2),
                debit: self.account(0),
                credit: self.account(1),
                sold: self.numbers[0],
                bought: self.numbers[3],
                sold_amount: self.switches[6].then_some(self.amount(0)),
                bought_amount: self.switches[7].then_some(self.amount(1)),
                rounding: self.switches[5].then_some(self.rounding()),
                code: self.numbers[1],
                flags: self.numbers[2],
                booking_date,
                value_date,
                user_data: self.user_data(),
                details: self.details(),
            }),
            26 => Command::Revalue(Revalue {
                key: self.id(2),
                entity: self.numbers[0],
                asset: self.numbers[1],
                date: self.date(0),
                rate: (self.amounts[0], self.small[1]),
                rate_source: self.text(3),
                rounding: self.rounding(),
                account: self.account(0),
                code: self.numbers[2],
            }),
            27 => Command::Split(Split {
                id: self.id(2),
                debit: self.account(0),
                asset: self.numbers[0],
                amount: self.amount(0),
                parts: (0..usize::from(self.small[0] % 5))
                    .map(|part| SplitPart {
                        credit: self.account(part % 2),
                        weight: u64::from(self.numbers[part % 4]) << part,
                    })
                    .collect(),
                code: self.numbers[1],
                flags: self.numbers[2],
                booking_date,
                value_date,
                user_data: self.user_data(),
                details: self.details(),
            }),
            28 => Command::Accrue(Accrue {
                key: self.id(3),
                account: self.account(0),
                name: self.text(2),
                asset: self.numbers[0],
                coefficient: self.amounts[0],
                scale: self.small[1],
            }),
            29 => Command::AccrualPost(AccrualPost {
                id: self.id(2),
                account: self.account(0),
                name: self.text(0),
                contra: self.account(1),
                residue: self.switches[6].then_some(self.account(0)),
                code: self.numbers[1],
                booking_date,
                value_date,
                user_data: self.user_data(),
                details: self.details(),
            }),
            30 => Command::StatementCut(StatementCut {
                key: self.id(3),
                account: self.account(0),
                asset: self.numbers[0],
                to: booking_date,
                by_value: self.switches[5],
                collapsed: self.switches[6],
            }),
            31 => Command::GlCode(GlCode {
                key: self.id(3),
                entity: self.numbers[0],
                code: self.text(0),
                name: self.text(1),
                kind: self.pick(&AccountKind::ALL),
                control: self.switches[0],
            }),
            32 => Command::GlAssignment(GlAssignment {
                key: self.id(3),
                account: self.account(0),
                from: self.date(0),
                code: self.text(2),
                contrary_code: self.text(3),
            }),
            33 => Command::ImportBegin(ImportBegin { key: self.id(0) }),
            34 => Command::ImportTransfer(ImportTransfer {
                transfer: self.transfer(),
                original_time: self.time(),
                opening: self.switches[7],
            }),
            35 => Command::ImportProof(ImportProof {
                key: self.id(3),
                account: self.account(0),
                asset: self.numbers[0],
                opening: self.amount(0),
                debits: self.amount(1),
                credits: self.amount(2),
                closing: self.amount(0),
            }),
            36 => Command::GoLive(GoLive { key: self.id(0) }),
            _ => Command::AccountRetention(AccountRetention {
                key: self.id(3),
                account: self.account(0),
                class: self.text(2),
                until: booking_date,
                legal_hold: self.switches[5],
                reason: self.text(3),
                authority: self.text(4),
            }),
        }
    }
}

pub fn material() -> impl Strategy<Value = Material> {
    let text = prop_oneof![
        2 => Just(String::new()),
        4 => "\\PC{0,20}",
        1 => any::<String>(),
        1 => "[a-zé]{120,140}",
    ];
    let number = prop_oneof![0u32..300, any::<u32>(), Just(u32::MAX)];
    let amount = prop_oneof![
        -200i128..200,
        any::<i64>().prop_map(i128::from),
        any::<i128>(),
        Just(i128::MIN),
        Just(i128::MAX),
    ];
    let day = Date::MIN.days()..=Date::MAX.days();
    let user_data = prop_oneof![
        Just((0, 0, 0)),
        (any::<u128>(), any::<u64>(), any::<u32>()),
        Just((u128::MAX, u64::MAX, u32::MAX)),
    ];
    (
        any::<[[u8; 16]; 4]>(),
        prop::collection::vec(text, 8),
        [number.clone(), number.clone(), number.clone(), number],
        any::<[u8; 2]>(),
        [amount.clone(), amount.clone(), amount],
        [day.clone(), day],
        Timestamp::MIN.micros()..=Timestamp::MAX.micros(),
        user_data,
        any::<[bool; 8]>(),
    )
        .prop_map(
            |(ids, texts, numbers, small, amounts, dates, micros, user_data, switches)| Material {
                ids,
                texts,
                numbers,
                small,
                amounts,
                dates,
                micros,
                user_data,
                switches,
            },
        )
}
