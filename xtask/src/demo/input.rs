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

/// The kind of an account, which decides whether it may be overdrawn (customers' accounts may not) and its codes in the
/// general ledger.
#[derive(Clone, Copy)]
pub enum Kind {
    Customer,
    BankAsset,
    BankPosition,
    BankEquity,
    BankIncome,
}

impl Kind {
    /// Kind, overdraft, code, and code while the balance is on the other side.
    fn words(self) -> &'static str {
        match self {
            Kind::Customer => "liability,no,2100,1300",
            Kind::BankAsset => "asset,yes,1000,2000",
            Kind::BankPosition => "asset,yes,1900,2900",
            Kind::BankEquity => "equity,yes,3000,",
            Kind::BankIncome => "income,yes,4000,",
        }
    }
}

/// The chart of the general ledger: code, kind, whether it is a control account, name.
const CHART: [&str; 8] = [
    "1000,asset,no,Accounts with other banks and loans",
    "1300,asset,yes,Overdrawn current accounts",
    "1900,asset,no,Foreign exchange position: short",
    "2000,liability,no,Owed to other banks",
    "2100,liability,yes,Current accounts",
    "2900,liability,no,Foreign exchange position: long",
    "3000,equity,no,Capital",
    "4000,income,no,Income",
];

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

/// A part of a card payment that its merchant gives back.
pub struct Refund {
    pub day: Day,
    /// The merchant's number of the refund: the same number is the same refund.
    pub refund: u64,
    /// Which card payment, counted from 1 in the order of the file.
    pub payment: u64,
    pub amount: Cents,
}

/// A payment from an account in one currency to an account in another.
pub struct Exchange<'a> {
    pub day: Day,
    pub debit: &'a str,
    pub credit: &'a str,
    /// In the currency of the account that pays, with its decimals.
    pub amount: String,
    /// Units of the other currency for one of it.
    pub rate: String,
    pub purpose: &'a str,
}

/// A transfer that turns up late: it is valued on an earlier day.
pub struct Correction<'a> {
    pub day: Day,
    pub value_day: Day,
    pub debit: &'a str,
    pub credit: &'a str,
    pub amount: Cents,
    pub narrative: &'a str,
}

/// The files while they are written.
pub struct Input {
    currency: &'static str,
    accounts: Rows,
    positions: Rows,
    opening: Rows,
    orders: Rows,
    payments: Rows,
    refunds: Rows,
    exchanges: Rows,
    rates: Rows,
    corrections: Rows,
}

/// How much was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    pub accounts: u64,
    pub opening: u64,
    pub orders: u64,
    pub payments: u64,
    pub refunds: u64,
    pub exchanges: u64,
    pub corrections: u64,
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
        let mut chart = Rows::create(folder, "chart.csv", "code,kind,control,name")?;
        for code in CHART {
            chart.row(format_args!("{code}"))?;
        }
        chart.finish()?;
        Ok(Input {
            currency,
            accounts: Rows::create(
                folder,
                "accounts.csv",
                "number,currency,kind,overdraft,code,contrary_code,name",
            )?,
            positions: Rows::create(folder, "positions.csv", "currency,account,result")?,
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
            refunds: Rows::create(folder, "refunds.csv", "day,refund,payment,amount")?,
            exchanges: Rows::create(
                folder,
                "exchanges.csv",
                "day,debit,credit,amount,rate,source,purpose",
            )?,
            rates: Rows::create(folder, "rates.csv", "day,currency,rate,source")?,
            corrections: Rows::create(
                folder,
                "corrections.csv",
                "day,value_day,debit,credit,amount,narrative",
            )?,
        })
    }

    /// An account in the bank's own currency.
    pub fn account(&mut self, number: &str, kind: Kind, name: &str) -> Result<(), String> {
        self.account_in(self.currency, number, kind, name)
    }

    pub fn account_in(
        &mut self,
        currency: &str,
        number: &str,
        kind: Kind,
        name: &str,
    ) -> Result<(), String> {
        let words = kind.words();
        self.accounts
            .row(format_args!("{number},{currency},{words},{name}"))
    }

    /// The account through which everything in a currency is exchanged, and the one that takes what its revaluation
    /// gains; none for the bank's own currency.
    pub fn position(&mut self, currency: &str, account: &str, result: &str) -> Result<(), String> {
        self.positions
            .row(format_args!("{currency},{account},{result}"))
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

    pub fn refund(&mut self, of: &Refund) -> Result<(), String> {
        self.refunds.row(format_args!(
            "{},{},{},{}",
            of.day, of.refund, of.payment, of.amount
        ))
    }

    pub fn exchange(&mut self, of: &Exchange<'_>) -> Result<(), String> {
        self.exchanges.row(format_args!(
            "{},{},{},{},{},dealt,{}",
            of.day, of.debit, of.credit, of.amount, of.rate, of.purpose
        ))
    }

    /// What a currency is worth in the bank's own at the end of a day.
    pub fn rate(&mut self, day: Day, currency: &str, rate: &str) -> Result<(), String> {
        self.rates
            .row(format_args!("{day},{currency},{rate},fixing"))
    }

    pub fn correction(&mut self, of: &Correction<'_>) -> Result<(), String> {
        self.corrections.row(format_args!(
            "{},{},{},{},{},{}",
            of.day, of.value_day, of.debit, of.credit, of.amount, of.narrative
        ))
    }

    /// Completes the files.
    pub fn finish(self) -> Result<Written, String> {
        self.positions.finish()?;
        self.rates.finish()?;
        Ok(Written {
            accounts: self.accounts.finish()?,
            opening: self.opening.finish()?,
            orders: self.orders.finish()?,
            payments: self.payments.finish()?,
            refunds: self.refunds.finish()?,
            exchanges: self.exchanges.finish()?,
            corrections: self.corrections.finish()?,
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
