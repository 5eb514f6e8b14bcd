//! Amounts of money: signed 128-bit integers of an asset's minor units. The asset's scale lives with the asset, so
//! text needs it as a parameter. Every operation is checked; nothing wraps, rounds or passes through a float.

use super::decimal_text;
use super::error::{Error, Result, quoted};
use super::status::Status;

/// Minor units of some asset: 12.50 with scale 2 is 1250. Its sign says which side, not the type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Amount(i128);

impl Amount {
    pub const ZERO: Amount = Amount(0);
    pub const MIN: Amount = Amount(i128::MIN);
    pub const MAX: Amount = Amount(i128::MAX);

    #[inline]
    pub const fn from_minor(minor: i128) -> Amount {
        Amount(minor)
    }

    #[inline]
    pub const fn minor(self) -> i128 {
        self.0
    }

    /// The value in 64 bits, as assets of the narrow kind store it; none when it does not fit.
    #[inline]
    pub const fn to_narrow(self) -> Option<i64> {
        let narrow = self.0 as i64;
        if narrow as i128 == self.0 {
            Some(narrow)
        } else {
            None
        }
    }

    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[inline]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Error: `OVERFLOW`.
    #[inline]
    pub fn checked_add(self, other: Amount) -> Result<Amount> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Amount(sum)),
            None => Err(overflow("sum", self, other)),
        }
    }

    /// Error: `OVERFLOW`.
    #[inline]
    pub fn checked_sub(self, other: Amount) -> Result<Amount> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Ok(Amount(difference)),
            None => Err(overflow("difference", self, other)),
        }
    }

    /// Error: `OVERFLOW`, for the smallest amount alone.
    #[inline]
    pub fn checked_neg(self) -> Result<Amount> {
        match self.0.checked_neg() {
            Some(negated) => Ok(Amount(negated)),
            None => Err(overflow("difference", Amount::ZERO, self)),
        }
    }

    /// Error: `OVERFLOW`, for the smallest amount alone.
    #[inline]
    pub fn checked_abs(self) -> Result<Amount> {
        if self.0 < 0 {
            self.checked_neg()
        } else {
            Ok(self)
        }
    }

    /// The amount with this sign and magnitude. Error: `OVERFLOW`.
    pub fn from_magnitude(negative: bool, magnitude: u128) -> Result<Amount> {
        let value = if negative {
            0i128.checked_sub_unsigned(magnitude)
        } else {
            0i128.checked_add_unsigned(magnitude)
        };
        value.map(Amount).ok_or_else(|| {
            let sign = if negative { "-" } else { "" };
            Error::new(
                Status::OVERFLOW,
                format!("{sign}{magnitude} minor units do not fit an amount's 128 bits"),
            )
        })
    }

    /// Reads an amount of an asset with `scale` decimals: an optional leading '-', digits, and optionally a point
    /// with one to `scale` digits after it. Fewer decimals than the scale are fine, more are refused, never rounded.
    /// Errors: `INVALID_AMOUNT_TEXT`, `OVERFLOW`.
    pub fn parse(text: &str, scale: u8) -> Result<Amount> {
        let written = decimal_text::read(text, "amount", Status::INVALID_AMOUNT_TEXT, scale)?;
        let mut minor = Some(written.digits);
        // Zero stays zero at any scale, so powers of ten that do not fit do not matter to it.
        for _ in written.decimals..if written.digits == 0 { 0 } else { scale } {
            minor = minor.and_then(|value| value.checked_mul(10));
        }
        minor.map(Amount).ok_or_else(|| {
            let shown = quoted(text);
            Error::new(
                Status::OVERFLOW,
                format!("the amount {shown} does not fit 128 bits at scale {scale}"),
            )
        })
    }

    /// The amount with exactly `scale` decimals: `parse` of the result gives the amount back.
    pub fn format(self, scale: u8) -> String {
        decimal_text::write(self.0, scale)
    }
}

impl From<i64> for Amount {
    #[inline]
    fn from(minor: i64) -> Amount {
        Amount(i128::from(minor))
    }
}

#[cold]
fn overflow(what: &str, a: Amount, b: Amount) -> Error {
    Error::new(
        Status::OVERFLOW,
        format!(
            "the {what} of {} and {} minor units does not fit 128 bits",
            a.0, b.0
        ),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(text: &str, scale: u8) -> Error {
        match Amount::parse(text, scale) {
            Err(error) => error,
            Ok(amount) => panic!("{text:?} was read as {amount:?}"),
        }
    }

    #[test]
    fn malformed_texts_are_refused() {
        let malformed = [
            "",
            "-",
            ".",
            "-.",
            "1.",
            ".5",
            "-.5",
            "1..2",
            "1.2.3",
            "+1",
            "--1",
            "1-",
            "-+1",
            " 1",
            "1 ",
            "1 000",
            "1_000",
            "1'000",
            "1e3",
            "1E3",
            "0x10",
            "1\n",
            "\u{0}",
            "１",
            "٣",
            "−1",
            "NaN",
            "inf",
            "1.-5",
            "1.+5",
            "$1",
            "1\u{a0}000",
            "1,5",
            "1,000.00",
            "١٢",
        ];
        for text in malformed {
            assert_eq!(
                refusal(text, 2).status(),
                Status::INVALID_AMOUNT_TEXT,
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_reason_says_what_to_write() {
        assert!(
            refusal("1,5", 2).message().contains("comma")
                && refusal("1,5", 2).message().contains("'1234.50'")
        );
        assert!(
            refusal("1.234", 2)
                .message()
                .contains("3 decimals, at most 2")
        );
        assert!(
            refusal("1.0", 0)
                .message()
                .contains("1 decimals, at most 0")
        );
        assert!(refusal("1e3", 2).message().contains("exponent"));
        assert!(
            refusal(".5", 2)
                .message()
                .contains("before and after the point")
        );
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let largest = i128::MAX.to_string();
        assert_eq!(Amount::parse(&largest, 0), Ok(Amount::MAX));
        assert_eq!(Amount::parse(&i128::MIN.to_string(), 0), Ok(Amount::MIN));
        for (text, scale) in [
            ("170141183460469231731687303715884105728", 0),
            ("-170141183460469231731687303715884105729", 0),
            (largest.as_str(), 1),
            ("1", 39),
            ("-1", 255),
            (&"9".repeat(500), 2),
        ] {
            assert_eq!(
                refusal(text, scale).status(),
                Status::OVERFLOW,
                "{text} at scale {scale}"
            );
        }
        assert_eq!(Amount::parse("0", 255), Ok(Amount::ZERO));
        assert_eq!(Amount::parse("-0.0", 255), Ok(Amount::ZERO));
    }

    #[test]
    fn well_formed_texts_are_read() {
        for (text, scale, minor) in [
            ("0", 0, 0),
            ("-0", 2, 0),
            ("12", 2, 1200),
            ("12.5", 2, 1250),
            ("-12.50", 2, -1250),
            ("007.01", 2, 701),
            ("0.000000000000000001", 18, 1),
        ] {
            assert_eq!(Amount::parse(text, scale), Ok(Amount(minor)), "{text}");
        }
    }

    #[test]
    fn arithmetic_at_the_edges_is_checked() {
        let one = Amount::from_minor(1);
        for result in [
            Amount::MAX.checked_add(one),
            Amount::MIN.checked_sub(one),
            Amount::MIN.checked_neg(),
            Amount::MIN.checked_abs(),
            Amount::from_magnitude(false, 1 << 127),
            Amount::from_magnitude(true, (1 << 127) + 1),
        ] {
            assert!(result.is_err_and(|error| error.status() == Status::OVERFLOW));
        }
        assert_eq!(Amount::from_magnitude(true, 1 << 127), Ok(Amount::MIN));
        assert_eq!(Amount::from_minor(-3).checked_abs(), Ok(Amount(3)));
        assert_eq!(
            Amount::from_minor(i128::from(i64::MIN)).to_narrow(),
            Some(i64::MIN)
        );
        assert_eq!(
            Amount::from_minor(i128::from(i64::MAX) + 1).to_narrow(),
            None
        );
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(minor: i128, shift in 0u32..128, scale: u8) {
            let amount = Amount(minor >> shift);
            let text = amount.format(scale);
            prop_assert_eq!(Amount::parse(&text, scale), Ok(amount));
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            prop_assert_eq!(decimals, usize::from(scale));
        }

        #[test]
        fn any_text_gives_an_answer_and_what_is_read_means_the_same(text in "[-+0-9., e]{0,12}", scale in 0u8..6) {
            if let Ok(amount) = Amount::parse(&text, scale) {
                let expected: f64 = text.parse().unwrap();
                prop_assert!((amount.0 as f64 / 10f64.powi(i32::from(scale)) - expected).abs() <= expected.abs() * 1e-9);
            }
        }

        #[test]
        fn arbitrary_texts_never_panic(text: String, scale: u8) {
            let _ = Amount::parse(&text, scale);
        }

        #[test]
        fn sums_follow_the_wider_model(a: i64, b: i64) {
            let (x, y) = (Amount::from(a), Amount::from(b));
            prop_assert_eq!(x.checked_add(y).unwrap().minor(), i128::from(a) + i128::from(b));
            prop_assert_eq!(x.checked_sub(y).unwrap().minor(), i128::from(a) - i128::from(b));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }
}
