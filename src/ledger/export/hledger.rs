//! The journal for `hledger` (and `ledger`): a transaction an entry, and assertions of every balance at the end, so that
//! `hledger check` finds what does not add up. Format: https://hledger.org/hledger.html#journal

use std::fmt::Write;

use super::{Entry, Place, Unit, account_name, amount, description, plain};
use crate::base::amount::Amount;
use crate::base::time::Date;

// Writing to a String cannot fail.

pub(super) fn begin(title: &str, text: &mut String) {
    let _ = writeln!(text, "; {}\n", plain(title));
}

pub(super) fn declare(place: &Place, text: &mut String) {
    let _ = writeln!(text, "account {}", account_name(place));
}

pub(super) fn entry(entry: &Entry<'_>, text: &mut String) {
    let moved = amount(entry.amount, entry.unit);
    let unit = commodity(entry.unit);
    let sequence = match entry.sequence {
        0 => String::new(),
        sequence => format!(" ({sequence})"),
    };
    let _ = writeln!(
        text,
        "\n{} *{sequence} {}\n    {}  {moved} {unit}\n    {}  -{moved} {unit}",
        entry.booking_date.format(),
        description(entry),
        account_name(entry.debit),
        account_name(entry.credit),
    );
}

pub(super) fn assertion(place: &Place, unit: &Unit, balance: i128, day: Date, text: &mut String) {
    let name = commodity(unit);
    let _ = writeln!(
        text,
        "\n{} * Closing balance\n    {}  0 {name} = {} {name}",
        day.format(),
        account_name(place),
        Amount::from_minor(balance).format(unit.scale),
    );
}

/// A commodity with anything but letters in its name stands in quotation marks.
fn commodity(unit: &Unit) -> String {
    if unit.code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        unit.code.clone()
    } else {
        format!("\"{}\"", unit.code)
    }
}
