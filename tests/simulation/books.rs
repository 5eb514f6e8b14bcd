//! The commands of the books as the generator makes them and the engine gets them lent.

use qenex::base::{Amount, Date, Id, Rounding};
use qenex::ledger::command as ledger;

use crate::command::Named;

#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub id: u128,
    pub debit: Named,
    pub credit: Named,
    pub sold: u32,
    pub bought: u32,
    pub sold_amount: Option<i128>,
    pub bought_amount: Option<i128>,
    /// As stored, 1 to 7.
    pub rounding: Option<u8>,
    pub flags: u32,
    pub booking: Option<i32>,
    pub value: Option<i32>,
    pub rate: Option<(i128, u8)>,
    pub equivalent: Option<i128>,
}

/// A command of the books.
#[derive(Clone, Debug, PartialEq)]
pub enum Book {
    Position {
        key: u128,
        account: Named,
        asset: u32,
        rounding: Option<Named>,
        carried: i128,
    },
    Exchange(Exchange),
    Revalue {
        key: u128,
        entity: u32,
        asset: u32,
        date: i32,
        rate: (i128, u8),
        rounding: u8,
        account: Named,
    },
    Split {
        id: u128,
        debit: Named,
        asset: u32,
        amount: i128,
        parts: Vec<(Named, u64)>,
        flags: u32,
        value: Option<i32>,
    },
    Accrue {
        key: u128,
        account: Named,
        name: String,
        asset: u32,
        coefficient: i128,
        scale: u8,
    },
    Post {
        id: u128,
        account: Named,
        name: String,
        contra: Named,
        residue: Option<Named>,
    },
    Cut {
        key: u128,
        account: Named,
        asset: u32,
        to: Option<i32>,
        by_value: bool,
    },
}

fn rounding(number: u8) -> Rounding {
    Rounding::from_number(number).unwrap()
}

impl Book {
    pub fn key(&self) -> u128 {
        match self {
            Book::Exchange(exchange) => exchange.id,
            Book::Position { key, .. }
            | Book::Revalue { key, .. }
            | Book::Accrue { key, .. }
            | Book::Cut { key, .. }
            | Book::Split { id: key, .. }
            | Book::Post { id: key, .. } => *key,
        }
    }

    /// Whether its legs are named after its key.
    pub fn needs_key(&self) -> bool {
        matches!(
            self,
            Book::Exchange(_) | Book::Revalue { .. } | Book::Split { .. } | Book::Post { .. }
        )
    }

    /// The days that it names.
    pub fn days(&self) -> [Option<i32>; 2] {
        match self {
            Book::Exchange(exchange) => [exchange.booking, exchange.value],
            Book::Revalue { date, .. } => [Some(*date), None],
            Book::Split { value, .. } => [*value, None],
            Book::Cut { to, .. } => [*to, None],
            _ => [None, None],
        }
    }

    pub fn command(&self) -> ledger::Command<'_> {
        use ledger::Command;
        let user_data = ledger::UserData::default();
        match self {
            Book::Position {
                key,
                account,
                asset,
                rounding,
                carried,
            } => Command::PositionRegister(ledger::PositionRegister {
                key: Id::from_u128(*key),
                account: account.lend(),
                asset: *asset,
                rounding: rounding.as_ref().map(Named::lend),
                carried: Amount::from_minor(*carried),
            }),
            Book::Exchange(exchange) => Command::Exchange(ledger::Exchange {
                id: Id::from_u128(exchange.id),
                debit: exchange.debit.lend(),
                credit: exchange.credit.lend(),
                sold: exchange.sold,
                bought: exchange.bought,
                sold_amount: exchange.sold_amount.map(Amount::from_minor),
                bought_amount: exchange.bought_amount.map(Amount::from_minor),
                rounding: exchange.rounding.map(rounding),
                code: 0,
                flags: exchange.flags,
                booking_date: exchange.booking.map(Date::from_days),
                value_date: exchange.value.map(Date::from_days),
                user_data,
                details: ledger::Details {
                    rate: exchange.rate,
                    functional_amount: exchange.equivalent.map(Amount::from_minor),
                    ..ledger::Details::default()
                },
            }),
            Book::Revalue {
                key,
                entity,
                asset,
                date,
                rate,
                rounding: mode,
                account,
            } => Command::Revalue(ledger::Revalue {
                key: Id::from_u128(*key),
                entity: *entity,
                asset: *asset,
                date: Date::from_days(*date),
                rate: *rate,
                rate_source: "",
                rounding: rounding(*mode),
                account: account.lend(),
                code: 0,
            }),
            Book::Split {
                id,
                debit,
                asset,
                amount,
                parts,
                flags,
                value,
            } => Command::Split(ledger::Split {
                id: Id::from_u128(*id),
                debit: debit.lend(),
                asset: *asset,
                amount: Amount::from_minor(*amount),
                parts: parts
                    .iter()
                    .map(|(credit, weight)| ledger::SplitPart {
                        credit: credit.lend(),
                        weight: *weight,
                    })
                    .collect(),
                code: 0,
                flags: *flags,
                booking_date: None,
                value_date: value.map(Date::from_days),
                user_data,
                details: ledger::Details::default(),
            }),
            Book::Accrue {
                key,
                account,
                name,
                asset,
                coefficient,
                scale,
            } => Command::Accrue(ledger::Accrue {
                key: Id::from_u128(*key),
                account: account.lend(),
                name,
                asset: *asset,
                coefficient: *coefficient,
                scale: *scale,
            }),
            Book::Post {
                id,
                account,
                name,
                contra,
                residue,
            } => Command::AccrualPost(ledger::AccrualPost {
                id: Id::from_u128(*id),
                account: account.lend(),
                name,
                contra: contra.lend(),
                residue: residue.as_ref().map(Named::lend),
                code: 0,
                booking_date: None,
                value_date: None,
                user_data,
                details: ledger::Details::default(),
            }),
            Book::Cut {
                key,
                account,
                asset,
                to,
                by_value,
            } => Command::StatementCut(ledger::StatementCut {
                key: Id::from_u128(*key),
                account: account.lend(),
                asset: *asset,
                to: to.map(Date::from_days),
                by_value: *by_value,
                collapsed: false,
            }),
        }
    }
}
