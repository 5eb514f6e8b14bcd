//! Tests of rates: refusals first, known conversions, and the two ways of computing against each other.

use proptest::prelude::*;

use super::*;

fn rate(text: &str) -> Rate {
    match Rate::parse(text) {
        Ok(rate) => rate,
        Err(error) => panic!("{text}: {error}"),
    }
}

fn modes() -> impl Strategy<Value = Rounding> {
    prop::sample::select(&Rounding::ALL[..])
}

/// Integers of every size, small ones as often as large ones.
fn integers() -> impl Strategy<Value = i128> {
    (any::<i128>(), 0u32..127).prop_map(|(value, shift)| value >> shift)
}

fn rates() -> impl Strategy<Value = Rate> {
    (integers(), 0..=Rate::MAX_SCALE).prop_map(|(coefficient, scale)| Rate { coefficient, scale })
}

/// Asserts amount + remainder == exact product, in integers of 10^-(from + rate scale) target units.
fn assert_exact(converted: Converted, amount: Amount, rate: Rate, from: u8, to: u8) {
    let below = from + rate.scale;
    let (numerator, scale) = converted.remainder.magnitude();
    assert!(
        numerator < U256::power_of_ten(u32::from(scale)).unwrap(),
        "below one unit"
    );
    let exact = U256::product(
        amount.minor().unsigned_abs(),
        rate.coefficient.unsigned_abs(),
    );
    let exact_negative = (amount.minor() < 0) != (rate.coefficient < 0);
    // Bring all three to the larger of the two scales; skip the few that then need more than 256 bits.
    let common = below.max(to + scale);
    let lift = |value: U256, by: u8| value.checked_mul(10u128.checked_pow(u32::from(by))?);
    let (Some(exact), Some(whole), Some(rest)) = (
        lift(exact, common - below),
        lift(
            U256::from(converted.amount.minor().unsigned_abs()),
            common - to,
        ),
        lift(numerator, common - to - scale),
    ) else {
        return;
    };
    let whole_negative = converted.amount.minor() < 0;
    let rest_negative = converted.remainder.is_negative();
    let sum = if whole.is_zero() {
        (rest_negative, rest)
    } else if whole_negative == rest_negative || rest.is_zero() {
        (whole_negative, whole.checked_add(rest).unwrap())
    } else {
        (whole_negative, whole.checked_sub(rest).unwrap())
    };
    assert_eq!(sum.1, exact);
    assert!(exact.is_zero() || sum.0 == exact_negative);
}

#[test]
fn malformed_rates_are_refused() {
    for text in ["", "1,5", "+1", " 1", "1e-3", ".5", "5.", "1.2.3", "one"] {
        let error = Rate::parse(text).expect_err(text);
        assert_eq!(error.status(), Status::INVALID_ARGUMENT);
        assert!(error.message().starts_with("the rate '"), "{error}");
    }
    let too_fine = format!("0.{}", "1".repeat(39));
    assert_eq!(
        Rate::parse(&too_fine).map_err(|e| e.status()),
        Err(Status::INVALID_ARGUMENT)
    );
    assert_eq!(
        Rate::parse(&"9".repeat(40)).map_err(|e| e.status()),
        Err(Status::OVERFLOW)
    );
    assert_eq!(
        Rate::new(1, 39).map_err(|e| e.status()),
        Err(Status::INVALID_ARGUMENT)
    );
}

#[test]
fn scales_out_of_range_are_refused() {
    let status = |result: Result<Converted>| result.map_err(|error| error.status());
    let amount = Amount::from_minor(1);
    assert_eq!(
        status(Rate::ONE.convert(amount, 39, 2, Rounding::Down)),
        Err(Status::INVALID_ARGUMENT)
    );
    assert_eq!(
        status(Rate::ONE.convert(amount, 2, 255, Rounding::Down)),
        Err(Status::INVALID_ARGUMENT)
    );
    assert_eq!(
        Rate::ONE
            .inverse(39, Rounding::Down)
            .map_err(|e| e.status()),
        Err(Status::INVALID_ARGUMENT)
    );
}

#[test]
fn what_does_not_fit_is_an_error() {
    let status = |result: Result<Converted>| result.map_err(|error| error.status());
    assert_eq!(
        status(rate("2").convert(Amount::MAX, 2, 2, Rounding::Down)),
        Err(Status::OVERFLOW)
    );
    assert_eq!(
        status(rate("-1").convert(Amount::MIN, 2, 2, Rounding::Down)),
        Err(Status::OVERFLOW)
    );
    assert_eq!(
        status(Rate::ONE.convert(Amount::MAX, 0, 1, Rounding::Down)),
        Err(Status::OVERFLOW)
    );
    assert_eq!(
        rate("0.1")
            .inverse(38, Rounding::Down)
            .map_err(|e| e.status()),
        Err(Status::OVERFLOW)
    );
    assert_eq!(
        rate("0.00")
            .inverse(2, Rounding::Down)
            .map_err(|e| e.status()),
        Err(Status::INVALID_ARGUMENT)
    );
}

#[test]
fn known_conversions() {
    let convert = |minor, at: &str, from, to, mode| {
        let converted = rate(at)
            .convert(Amount::from_minor(minor), from, to, mode)
            .unwrap();
        (converted.amount.minor(), converted.remainder.to_string())
    };
    // 100.00 EUR at 1.0855 USD; 123.45 USD at 157.123 JPY; 1 wei-scale token to cents.
    assert_eq!(
        convert(10_000, "1.0855", 2, 2, Rounding::HalfEven),
        (10_855, "0".into())
    );
    assert_eq!(
        convert(12_345, "157.123", 2, 0, Rounding::HalfEven),
        (19_397, "-0.16565".into())
    );
    assert_eq!(
        convert(12_345, "157.123", 2, 0, Rounding::Down),
        (19_396, "0.83435".into())
    );
    assert_eq!(
        convert(-12_345, "157.123", 2, 0, Rounding::Floor),
        (-19_397, "0.16565".into())
    );
    assert_eq!(
        convert(1, "0.5", 2, 2, Rounding::HalfEven),
        (0, "0.5".into())
    );
    assert_eq!(
        convert(3, "0.5", 2, 2, Rounding::HalfEven),
        (2, "-0.5".into())
    );
    assert_eq!(
        convert(5, "100", 0, 18, Rounding::Down),
        (500 * 10i128.pow(18), "0".into())
    );
    let token = 1_234_567_890_123_456_789_012_345;
    assert_eq!(
        convert(token, "2345.67", 18, 2, Rounding::Down),
        (289_588_886_282, "0.588888628258729615".into())
    );
    // 28 decimals and 18 decimals: past rust_decimal, remainder of 44 decimals.
    let (amount, remainder) = convert(1, "0.0000000000000000000000000001", 18, 2, Rounding::Up);
    assert_eq!(
        (amount, remainder.as_str()),
        (1, "-0.99999999999999999999999999999999999999999999")
    );
}

#[test]
fn inverses_and_cross_rates() {
    assert_eq!(
        rate("3").inverse(6, Rounding::HalfEven),
        Ok(rate("0.333333"))
    );
    assert_eq!(rate("3").inverse(6, Rounding::Up), Ok(rate("0.333334")));
    assert_eq!(
        rate("-1.50").inverse(4, Rounding::HalfUp),
        Ok(rate("-0.6667"))
    );
    assert_eq!(rate("0.008").inverse(2, Rounding::Down), Ok(rate("125.00")));
    assert_eq!(
        rate("1.0855").multiply(rate("157.12"), 4, Rounding::HalfEven),
        Ok(rate("170.5538"))
    );
}

#[test]
fn values_compare_across_scales() {
    assert_ne!(rate("1.50"), rate("1.5"));
    assert_eq!(rate("1.50").compare(rate("1.5")), Ordering::Equal);
    assert_eq!(rate("1.50").normalise(), rate("1.5"));
    assert_eq!(rate("100").normalise(), rate("100"));
    assert_eq!(rate("0.000").normalise(), rate("0"));
    let ascending = ["-2", "-1.5", "-0.1", "0.0", "0.09", "0.1", "1.4999", "1.5"];
    for pair in ascending.windows(2) {
        assert_eq!(
            rate(pair[0]).compare(rate(pair[1])),
            Ordering::Less,
            "{pair:?}"
        );
        assert_eq!(
            rate(pair[1]).compare(rate(pair[0])),
            Ordering::Greater,
            "{pair:?}"
        );
    }
    let finest = Rate {
        coefficient: i128::MAX,
        scale: 38,
    };
    assert_eq!(finest.compare(rate("1.7")), Ordering::Greater);
}

proptest! {
    #[test]
    fn reading_undoes_writing(rate in rates()) {
        prop_assert_eq!(Rate::parse(&rate.format()), Ok(rate));
        prop_assert_eq!(rate.normalise().compare(rate), Ordering::Equal);
    }

    #[test]
    fn decimals_and_rates_agree(mantissa in -(1i128 << 96) + 1..(1i128 << 96), scale in 0u32..=28) {
        let decimal = Decimal::from_i128_with_scale(mantissa, scale);
        let rate = Rate::from_decimal(decimal);
        prop_assert_eq!(rate.to_decimal(), Some(decimal));
        prop_assert_eq!(&rate.format(), &decimal.to_string());
    }

    #[test]
    fn both_ways_of_computing_agree(
        coefficient in -1_000_000_000_000i128..1_000_000_000_000, scale in 0u8..12,
        minor in -1_000_000_000_000i128..1_000_000_000_000, from in 0u8..10, to in 0u8..10, mode in modes(),
    ) {
        let (rate, amount) = (Rate { coefficient, scale }, Amount::from_minor(minor));
        let wide = rate.convert_wide(amount, from, to, mode);
        match rate.convert_decimal(amount, from, to, mode) {
            Some(converted) => prop_assert_eq!(Ok(converted), wide),
            None => prop_assert!(from + scale < to),
        }
    }

    #[test]
    fn both_ways_agree_at_the_limit_of_the_decimal(
        shift in 0u32..96, noise in 0i128..1000, factor in 1i128..100, scale in 0u8..=28, to in 0u8..=28, mode in modes(),
    ) {
        let rate = Rate { coefficient: (1i128 << 96) / factor - (noise << (shift / 8)), scale };
        let amount = Amount::from_minor(factor);
        if let Some(converted) = rate.convert_decimal(amount, 0, to, mode) {
            prop_assert_eq!(Ok(converted), rate.convert_wide(amount, 0, to, mode));
        }
    }

    #[test]
    fn nothing_is_lost(
        rate in rates(), minor in integers(), from in 0..=Rate::MAX_SCALE, to in 0..=Rate::MAX_SCALE, mode in modes(),
    ) {
        let amount = Amount::from_minor(minor);
        match rate.convert(amount, from, to, mode) {
            Ok(converted) => {
                assert_exact(converted, amount, rate, from, to);
                let zero = converted.remainder.is_zero();
                if mode == Rounding::Floor {
                    prop_assert!(zero || !converted.remainder.is_negative());
                }
                if mode == Rounding::Ceiling {
                    prop_assert!(zero || converted.remainder.is_negative());
                }
            }
            Err(error) => {
                prop_assert_eq!(error.status(), Status::OVERFLOW);
                // Only when the result really is about 2^127 or more.
                let bits = |value: i128| f64::log2(value.unsigned_abs() as f64);
                let tens = f64::from(i32::from(to) - i32::from(from) - i32::from(rate.scale));
                prop_assert!(bits(rate.coefficient) + bits(minor) + tens * f64::log2(10.0) > 126.9);
            }
        }
    }

    #[test]
    fn an_inverse_times_the_rate_is_about_one(coefficient in 1i128..1_000_000_000, scale in 0u8..9, mode in modes()) {
        let rate = Rate { coefficient, scale };
        let inverse = rate.inverse(20, mode).unwrap();
        let product = rate.multiply(inverse, 10, Rounding::HalfEven).unwrap();
        let one = 10i128.pow(10);
        prop_assert!((product.coefficient() - one).abs() <= 1, "{}", product);
    }
}
