//! The tables against two independently maintained crates, with every known difference named, and by counting.

use std::collections::BTreeSet;

use super::*;

/// Every string of three capital letters.
fn possible_codes() -> impl Iterator<Item = String> {
    let letters = || 'A'..='Z';
    letters().flat_map(move |a| {
        letters().flat_map(move |b| letters().map(move |c| [a, b, c].iter().collect()))
    })
}

fn codes<'a>(currencies: impl IntoIterator<Item = &'a Currency>) -> BTreeSet<&'static str> {
    currencies
        .into_iter()
        .map(|currency| currency.code)
        .collect()
}

#[test]
fn unknown_codes_and_numbers_are_not_found() {
    for code in ["", "EU", "EURO", "eur", "Eur", "ZZZ", "EUR ", "€UR"] {
        assert_eq!(find(code), None, "{code:?}");
    }
    for number in [0, 1, 998 + 2, 1000, u16::MAX] {
        assert_eq!(find_number(number), None, "{number}");
    }
}

#[test]
fn the_tables_are_complete_and_well_formed() {
    assert_eq!((active().len(), historic().len()), (178, 129));
    for table in [active(), historic()] {
        assert!(table.is_sorted_by(|a, b| a.code < b.code));
        for currency in table {
            assert!(
                currency.code.len() == 3 && currency.code.bytes().all(|b| b.is_ascii_uppercase())
            );
            assert!(currency.number < 1000 && currency.scale <= 4 && !currency.name.is_empty());
            assert_eq!(currency.name, currency.name.trim());
            assert_eq!(find(currency.code), Some(currency));
        }
    }
    assert_eq!(codes(active()).intersection(&codes(historic())).count(), 0);
    let numbers: BTreeSet<u16> = active().iter().map(|currency| currency.number).collect();
    assert_eq!(numbers.len(), active().len(), "active numbers are unique");
    assert!(!numbers.contains(&0));
    let unnumbered = historic().iter().filter(|currency| currency.number == 0);
    assert_eq!(codes(unnumbered), BTreeSet::from(["XFO", "XFU", "XRE"]));
}

#[test]
fn active_and_historic_are_told_apart() {
    assert!(
        active()
            .iter()
            .all(|c| c.is_active() && c.minor_units != MinorUnits::NotListed)
    );
    assert!(
        historic()
            .iter()
            .all(|c| !c.is_active() && c.minor_units == MinorUnits::NotListed)
    );
    for currency in historic() {
        let end = last_withdrawal(currency.withdrawn.unwrap_or_default());
        let year: u16 = end.get(..4).and_then(|year| year.parse().ok()).unwrap_or(0);
        assert!(
            (1978..=2026).contains(&year),
            "{}: {:?}",
            currency.code,
            currency.withdrawn
        );
    }
}

#[test]
fn minor_units_that_do_not_apply_are_flagged() {
    let unscaled = active()
        .iter()
        .filter(|c| c.minor_units == MinorUnits::NotApplicable);
    let expected = [
        "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
    ];
    assert_eq!(codes(unscaled.clone()), BTreeSet::from(expected));
    assert!(unscaled.clone().all(|c| c.scale == 0));
    let funds = active().iter().filter(|c| c.fund);
    let expected = [
        "BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XAD",
    ];
    assert_eq!(codes(funds), BTreeSet::from(expected));
}

#[test]
fn scales_other_than_two() {
    let with = |scale| {
        codes(
            active()
                .iter()
                .filter(move |c| c.scale == scale && c.minor_units == MinorUnits::Published),
        )
    };
    let none = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
        "VUV", "XAF", "XOF", "XPF",
    ];
    assert_eq!(with(0), BTreeSet::from(none));
    assert_eq!(
        with(3),
        BTreeSet::from(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
    );
    assert_eq!(with(4), BTreeSet::from(["CLF", "UYW"]));
    assert_eq!(with(1).len(), 0);
}

#[test]
fn recent_amendments_are_in() {
    let active_numbers = [
        ("VES", 928),
        ("VED", 926),
        ("SLE", 925),
        ("ZWG", 924),
        ("XCG", 532),
        ("XAD", 396),
    ];
    for (code, number) in active_numbers {
        let found = find(code).filter(|c| c.is_active());
        assert_eq!(found.map(|c| c.number), Some(number), "{code}");
        assert_eq!(find_number(number).map(|c| c.code), Some(code));
    }
    let withdrawn = [
        ("BGN", "2026-01"),
        ("ANG", "2025-03"),
        ("ZWL", "2024-09"),
        ("SLL", "2023-12"),
        ("HRK", "2023-01"),
        ("CUC", "2021-06"),
        ("VEF", "2018-08"),
        ("DDM", "1990-07 to 1990-09"),
    ];
    for (code, when) in withdrawn {
        assert_eq!(find(code).and_then(|c| c.withdrawn), Some(when), "{code}");
    }
}

#[test]
fn a_number_that_passed_on_finds_its_present_or_last_holder() {
    let holders = [
        (532, "XCG"),
        (948, "CHW"),
        (100, "BGL"),
        (716, "ZWD"),
        (810, "RUR"),
        (191, "HRK"),
        (8, "ALL"),
    ];
    for (number, code) in holders {
        assert_eq!(find_number(number).map(|c| c.code), Some(code), "{number}");
    }
}

/// `rust_iso4217` has all of List One, Two and Three: no differences.
#[test]
fn the_first_oracle_agrees_on_everything() {
    let mut seen = 0;
    for code in possible_codes() {
        let (ours, theirs) = (find(&code), rust_iso4217::from_code(&code));
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            assert_eq!((ours.is_some(), theirs.is_some()), (false, false), "{code}");
            continue;
        };
        seen += 1;
        let number = i32::from(ours.number);
        assert_eq!(
            if number == 0 { -1 } else { number },
            theirs.numeric,
            "{code}"
        );
        let unit = if ours.minor_units == MinorUnits::Published {
            i32::from(ours.scale)
        } else {
            -1
        };
        assert_eq!(unit, theirs.unit, "{code}");
        let kind = match (ours.is_active(), ours.fund) {
            (false, _) => "historic",
            (true, true) => "funds",
            (true, false) => "currency",
        };
        assert_eq!(kind, theirs.code_type, "{code}");
    }
    assert_eq!(seen, 307);
}

/// `iso_currency` has List One and a few withdrawn codes.
#[test]
fn the_second_oracle_agrees_but_for_named_differences() {
    use iso_currency::Currency as Theirs;
    // Withdrawn, and kept there as superseded.
    let kept = BTreeSet::from(["BGN", "CUC", "HRK", "SLL", "ZWL"]);
    // Registered in List Two by amendment 179, marked only as special there.
    let not_marked_as_fund = BTreeSet::from(["XAD"]);

    let mut extra = BTreeSet::new();
    for code in possible_codes() {
        let Some(theirs) = Theirs::from_code(&code) else {
            assert!(
                find(&code).is_none_or(|ours| !ours.is_active()),
                "{code} is missing there"
            );
            continue;
        };
        let Some(ours) = find(&code) else {
            panic!("{code} is missing here")
        };
        assert_eq!(ours.number, theirs.numeric(), "{code}");
        if !ours.is_active() {
            extra.insert(ours.code);
            continue;
        }
        let exponent = (ours.minor_units == MinorUnits::Published).then_some(u16::from(ours.scale));
        assert_eq!(exponent, theirs.exponent(), "{code}");
        assert_eq!(
            ours.fund && !not_marked_as_fund.contains(ours.code),
            theirs.is_fund(),
            "{code}"
        );
    }
    assert_eq!(extra, kept);
}
