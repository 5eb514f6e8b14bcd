//! ISO 4217: every active and every withdrawn code, in tables of this library's own, because published crates
//! disagree on recent amendments. Codes are found by their letters or number; nothing here ever changes at run time.

mod active;
mod historic;

use std::collections::BTreeMap;

use once_cell::sync::Lazy;

/// One code of the standard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Currency {
    /// Three capital letters, as in `EUR`.
    pub code: &'static str,
    /// The numeric code, 1 to 999; 0 for three withdrawn codes that never had one.
    pub number: u16,
    /// Decimals of the minor unit. Read [`Currency::minor_units`] for what it rests on.
    pub scale: u8,
    /// The English name in the list.
    pub name: &'static str,
    pub minor_units: MinorUnits,
    /// Registered as a fund (List Two), as in `CLF`: not legal tender.
    pub fund: bool,
    /// When the last user gave the code up, as the list writes it: `2026-01`, `1989 to 1990`. None while active.
    pub withdrawn: Option<&'static str>,
}

/// What a currency's scale rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MinorUnits {
    /// The list publishes it.
    Published,
    /// The list says "N.A." (gold, SDR, testing, no currency); the scale is 0, and another may be chosen.
    NotApplicable,
    /// The list of withdrawn codes has none; the scale is the last known one.
    NotListed,
}

impl Currency {
    pub fn is_active(&self) -> bool {
        self.withdrawn.is_none()
    }
}

/// The currency with these three capital letters, active or withdrawn.
pub fn find(code: &str) -> Option<&'static Currency> {
    INDEX.codes.get(code).copied()
}

/// The currency with this numeric code: the active one, else the one that was withdrawn last (numbers pass on when
/// a currency is renamed or redenominated: 532 was ANG and is XCG).
pub fn find_number(number: u16) -> Option<&'static Currency> {
    INDEX.numbers.get(&number).copied()
}

/// All currencies, funds and metals in use (List One), in the order of their codes.
pub fn active() -> &'static [Currency] {
    active::ACTIVE
}

/// All codes that nobody uses any more (List Three), in the order of their codes.
pub fn historic() -> &'static [Currency] {
    historic::HISTORIC
}

struct Index {
    codes: BTreeMap<&'static str, &'static Currency>,
    numbers: BTreeMap<u16, &'static Currency>,
}

static INDEX: Lazy<Index> = Lazy::new(|| {
    let mut index = Index {
        codes: BTreeMap::new(),
        numbers: BTreeMap::new(),
    };
    for currency in historic().iter().chain(active()) {
        index.codes.insert(currency.code, currency);
        let known = index.numbers.get(&currency.number).copied();
        if currency.number != 0 && known.is_none_or(|known| precedes(known, currency)) {
            index.numbers.insert(currency.number, currency);
        }
    }
    index
});

/// Whether `later` is the better answer for a number that both had.
fn precedes(earlier: &Currency, later: &Currency) -> bool {
    match (earlier.withdrawn, later.withdrawn) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(earlier), Some(later)) => last_withdrawal(earlier) < last_withdrawal(later),
    }
}

/// The end of a withdrawal: `1990` of `1989 to 1990`. Years and year-months compare as text.
fn last_withdrawal(withdrawn: &str) -> &str {
    withdrawn.rsplit(' ').next().unwrap_or(withdrawn)
}

#[cfg(test)]
mod tests;
