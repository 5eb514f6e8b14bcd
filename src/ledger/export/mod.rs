//! The journal of the general ledger as text: CSV for a general ledger elsewhere, and plain-text accounting that other
//! people's programs (`hledger`, `beancount`) read and check. What a line says is decided by the caller; here is only
//! how each format writes it.

mod beancount;
mod csv;
mod hledger;

use crate::base::amount::Amount;
use crate::base::id::Id;
use crate::base::time::Date;
use crate::ledger::account::AccountKind;

/// A format of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFormat {
    Csv,
    Hledger,
    Beancount,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The balances before the period.
    Opening,
    /// A transfer.
    Transfer,
    /// A balance that moved from one code to another, by its side or by an assignment.
    Reclassification,
}

/// An account in one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub code: String,
    pub kind: AccountKind,
    /// The engine's own number; 0: the counterpart of opening balances.
    pub account: u64,
    pub number: String,
    pub branch: String,
    pub cost_centre: String,
    pub product: String,
}

/// The asset of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub code: String,
    pub scale: u8,
}

/// A debit and a credit of one amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    pub kind: EntryKind,
    pub sequence: i64,
    pub transaction: Id,
    pub booking_date: Date,
    pub value_date: Date,
    pub debit: &'a Place,
    pub credit: &'a Place,
    pub unit: &'a Unit,
    pub amount: u128,
    pub reference: &'a str,
    pub narrative: &'a str,
}

impl JournalFormat {
    /// What stands before everything.
    pub fn begin(self, title: &str, text: &mut String) {
        match self {
            JournalFormat::Csv => csv::begin(text),
            JournalFormat::Hledger => hledger::begin(title, text),
            JournalFormat::Beancount => beancount::begin(title, text),
        }
    }

    /// Declares an account that entries will use, from a day on.
    pub fn declare(self, place: &Place, day: Date, text: &mut String) {
        match self {
            JournalFormat::Csv => {}
            JournalFormat::Hledger => hledger::declare(place, text),
            JournalFormat::Beancount => beancount::declare(place, day, text),
        }
    }

    /// An entry.
    pub fn entry(self, entry: &Entry<'_>, text: &mut String) {
        match self {
            JournalFormat::Csv => csv::entry(entry, text),
            JournalFormat::Hledger => hledger::entry(entry, text),
            JournalFormat::Beancount => beancount::entry(entry, text),
        }
    }

    /// The balance, debits less credits, that a program must find at the end of a day.
    pub fn assertion(
        self,
        place: &Place,
        unit: &Unit,
        balance: i128,
        day: Date,
        text: &mut String,
    ) {
        match self {
            JournalFormat::Csv => {}
            JournalFormat::Hledger => hledger::assertion(place, unit, balance, day, text),
            JournalFormat::Beancount => beancount::assertion(place, unit, balance, day, text),
        }
    }
}

/// The account's name in plain-text accounting: a root that both programs know, the code, the account. Whatever is not
/// a letter or digit of ASCII is a hyphen; the account's number keeps names apart.
fn account_name(place: &Place) -> String {
    let root = match place.kind {
        AccountKind::Asset => "Assets",
        AccountKind::Liability => "Liabilities",
        AccountKind::Equity => "Equity",
        AccountKind::Income => "Income",
        AccountKind::Expense => "Expenses",
        AccountKind::Memorandum => "Equity:Memorandum",
    };
    let code: String = place
        .code
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    // A part of a name begins with a capital letter or a digit.
    let code = match code.chars().next() {
        None => "None".to_owned(),
        Some(first) if first.is_ascii_uppercase() || first.is_ascii_digit() => code,
        Some(_) => format!("C{code}"),
    };
    match place.account {
        0 => format!("{root}:{code}"),
        account => format!("{root}:{code}:A{account}"),
    }
}

/// One line of text without what either format gives a meaning to.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            ';' | '|' | '"' | '\\' => ',',
            letter if letter.is_control() => ' ',
            letter => letter,
        })
        .collect()
}

/// What a person reads of an entry.
fn description(entry: &Entry<'_>) -> String {
    let text = match entry.kind {
        EntryKind::Opening => "Opening balance".to_owned(),
        EntryKind::Reclassification => "Reclassification".to_owned(),
        EntryKind::Transfer => match (entry.narrative, entry.reference) {
            ("", "") => format!("Transfer {}", entry.sequence),
            ("", reference) => plain(reference),
            (narrative, _) => plain(narrative),
        },
    };
    text.trim().to_owned()
}

/// An unsigned amount in the unit's decimals.
fn amount(minor: u128, unit: &Unit) -> String {
    // Postings are at most 127 bits.
    Amount::from_minor(i128::try_from(minor).unwrap_or(i128::MAX)).format(unit.scale)
}

#[cfg(test)]
mod tests;
