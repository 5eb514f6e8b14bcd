//! The files that `examples/c/bank_year.c` reads, as examples/c/README.md describes them: this is the one place that
//! writes them. Rows keep the order in which they are written, and money is in minor units until it is printed, so
//! nothing is ever rounded.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::calendar::Day;

/// Minor units of a currency with two decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cents(pub u64);

impl fmt::Display for Cents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// What the bank is called and which days it lives through.
pub struct Bank {
    pub name: &'static str,
    pub currency: &'static str,
    pub time_zone: &'static str,
    pub first_day: Day,
    pub last_day: Day,
}

/// The kind of an account and, by the kind, whether it may be overdrawn: customers' accounts may not.
#[derive(Clone, Copy)]
pub enum Kind {
    Customer,
    BankAsset,
    BankEquity,
    BankIncome,
}

/// What becomes of a card payment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Paid at once.
    Paid,
    /// Authorised, and captured on the next day.
    Authorised,
    /// Authorised, and released on the next day.
    Cancelled,
    /// Paid, and reversed on the next day.
    Returned,
}

impl Course {
    fn word(self) -> &'static str {
        match self {
            Course::Paid => "paid",
            Course::Authorised => "authorised",
            Course::Cancelled => "cancelled",
            Course::Returned => "returned",
        }
    }
}

/// A standing order: an amount on the same day of every month.
pub struct StandingOrder<'a> {
    pub order: &'a str,
    pub day: u64,
    pub debit: &'a str,
    pub credit: &'a str,
    pub amount: Cents,
    pub purpose: &'a str,
}

/// A card payment at a second of a day.
pub struct CardPayment<'a> {
    pub day: Day,
    pub second: u64,
    pub account: &'a str,
    pub merchant: &'a str,
    pub amount: Cents,
    pub course: Course,
}

/// The five files while they are written.
pub struct Input {
    accounts: Rows,
    opening: Rows,
    orders: Rows,
    payments: Rows,
}

/// How much was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    pub accounts: u64,
    pub opening: u64,
    pub orders: u64,
    pub payments: u64,
}

impl Input {
    /// Makes the folder where it is missing, and the files anew.
    pub fn create(folder: &Path, bank: &Bank) -> Result<Input, String> {
        fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let mut head = Rows::create(
            folder,
            "bank.csv",
            "name,currency,time_zone,first_day,last_day",
        )?;
        let Bank {
            name,
            currency,
            time_zone,
            first_day,
            last_day,
        } = bank;
        head.row(format_args!(
            "{name},{currency},{time_zone},{first_day},{last_day}"
        ))?;
        head.finish()?;
        Ok(Input {
            accounts: Rows::create(folder, "accounts.csv", "number,kind,overdraft,name")?,
            opening: Rows::create(folder, "opening_balances.csv", "debit,credit,amount")?,
            orders: Rows::create(
                folder,
                "standing_orders.csv",
                "order,day,debit,credit,amount,purpose",
            )?,
            payments: Rows::create(
                folder,
                "card_payments.csv",
                "time,account,merchant,amount,course",
            )?,
        })
    }

    pub fn account(&mut self, number: &str, kind: Kind, name: &str) -> Result<(), String> {
        let words = match kind {
            Kind::Customer => "liability,no",
            Kind::BankAsset => "asset,yes",
            Kind::BankEquity => "equity,yes",
            Kind::BankIncome => "income,yes",
        };
        self.accounts.row(format_args!("{number},{words},{name}"))
    }

    /// An opening entry; one of nothing is left out.
    pub fn opening(&mut self, debit: &str, credit: &str, amount: Cents) -> Result<(), String> {
        if amount == Cents(0) {
            return Ok(());
        }
        self.opening.row(format_args!("{debit},{credit},{amount}"))
    }

    pub fn order(&mut self, order: &StandingOrder<'_>) -> Result<(), String> {
        let StandingOrder {
            order,
            day,
            debit,
            credit,
            amount,
            purpose,
        } = order;
        self.orders.row(format_args!(
            "{order},{day},{debit},{credit},{amount},{purpose}"
        ))
    }

    pub fn payment(&mut self, payment: &CardPayment<'_>) -> Result<(), String> {
        let (hour, minute, second) = (
            payment.second / 3600,
            payment.second / 60 % 60,
            payment.second % 60,
        );
        self.payments.row(format_args!(
            "{}T{hour:02}:{minute:02}:{second:02},{},{},{},{}",
            payment.day,
            payment.account,
            payment.merchant,
            payment.amount,
            payment.course.word()
        ))
    }

    /// Completes the files.
    pub fn finish(self) -> Result<Written, String> {
        Ok(Written {
            accounts: self.accounts.finish()?,
            opening: self.opening.finish()?,
            orders: self.orders.finish()?,
            payments: self.payments.finish()?,
        })
    }
}

/// A file of comma-separated rows under a header line.
struct Rows {
    path: PathBuf,
    file: BufWriter<File>,
    count: u64,
}

impl Rows {
    fn create(folder: &Path, name: &str, header: &str) -> Result<Rows, String> {
        let path = folder.join(name);
        let file = File::create(&path)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        let mut rows = Rows {
            path,
            file: BufWriter::new(file),
            count: 0,
        };
        rows.row(format_args!("{header}"))?;
        rows.count = 0;
        Ok(rows)
    }

    fn row(&mut self, row: fmt::Arguments<'_>) -> Result<(), String> {
        self.count += 1;
        writeln!(self.file, "{row}").map_err(|error| self.failed(&error))
    }

    fn finish(mut self) -> Result<u64, String> {
        self.file.flush().map_err(|error| self.failed(&error))?;
        Ok(self.count)
    }

    fn failed(&self, error: &std::io::Error) -> String {
        format!("cannot write {}: {error}", self.path.display())
    }
}
