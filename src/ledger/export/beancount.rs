//! The journal for `beancount`: a transaction an entry, every account opened before it is used, and a `balance` directive
//! for each balance the day after the period, so that `bean-check` finds what does not add up. Format:
//! https://beancount.github.io/docs/beancount_language_syntax.html

use std::fmt::Write;

use super::{Entry, Place, Unit, account_name, amount, description, plain};
use crate::base::amount::Amount;
use crate::base::time::Date;

// Writing to a String cannot fail.

pub(super) fn begin(title: &str, text: &mut String) {
    let _ = writeln!(text, "option \"title\" \"{}\"\n", plain(title));
}

pub(super) fn declare(place: &Place, day: Date, text: &mut String) {
    let _ = writeln!(text, "{} open {}", day.format(), account_name(place));
}

pub(super) fn entry(entry: &Entry<'_>, text: &mut String) {
    let moved = amount(entry.amount, entry.unit);
    let unit = currency(entry.unit);
    let _ = writeln!(
        text,
        "\n{} * \"{}\"\n  sequence: {}\n  {}  {moved} {unit}\n  {}  -{moved} {unit}",
        entry.booking_date.format(),
        description(entry),
        entry.sequence,
        account_name(entry.debit),
        account_name(entry.credit),
    );
}

pub(super) fn assertion(place: &Place, unit: &Unit, balance: i128, day: Date, text: &mut String) {
    // A balance holds at the beginning of its day. Nothing can be booked after the last day that there is.
    let next = day.add_days(1).unwrap_or(day);
    let _ = writeln!(
        text,
        "{} balance {}  {} ~ 0 {}",
        next.format(),
        account_name(place),
        Amount::from_minor(balance).format(unit.scale),
        currency(unit),
    );
}

/// A currency begins with a capital letter, ends with one or a digit, and has at least two characters.
fn currency(unit: &Unit) -> String {
    let code = &unit.code;
    let begins = code
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_uppercase());
    let ends = code
        .bytes()
        .last()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    match (begins, ends && code.len() > 1) {
        (true, true) => code.clone(),
        (true, false) => format!("{code}X"),
        (false, true) => format!("X{code}"),
        (false, false) => format!("X{code}X"),
    }
}
