//! Rates (exchange, interest, price): a decimal coefficient and a scale. Values of up to 96 bits and 28 decimals
//! go through `rust_decimal`; where its range would make it round (it rounds a product silently), the same
//! computation runs in exact 256-bit integers, so a result never depends on which of the two was taken.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::amount::Amount;
use super::decimal_text;
use super::error::{Error, Result};
use super::rounding::Rounding;
use super::status::Status;
use super::wide::U256;

/// `coefficient` divided by 10 to the power of `scale`. A rate keeps the decimals that it was quoted with, and
/// equality is of the representation: 1.50 is not 1.5 (compare values with [`Rate::compare`]).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    coefficient: i128,
    scale: u8,
}

/// What [`Rate::convert`] gives: the rounded amount and exactly what rounding took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Converted {
    pub amount: Amount,
    /// Exact result less `amount`, in minor units of the target asset: below one in magnitude.
    pub remainder: Remainder,
}

/// A part of a minor unit: `numerator` divided by 10 to the power of `scale`, exact, without trailing zeros.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Remainder {
    negative: bool,
    numerator: U256,
    scale: u8,
}

impl Rate {
    /// The most decimals of a rate, and of the assets that it converts between.
    pub const MAX_SCALE: u8 = 38;

    pub const ONE: Rate = Rate {
        coefficient: 1,
        scale: 0,
    };

    /// Error: `INVALID_ARGUMENT` when the scale is above [`Rate::MAX_SCALE`].
    pub fn new(coefficient: i128, scale: u8) -> Result<Rate> {
        check_scale("the rate's scale", scale)?;
        Ok(Rate { coefficient, scale })
    }

    #[inline]
    pub const fn coefficient(self) -> i128 {
        self.coefficient
    }

    #[inline]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Reads a rate: an optional '-', digits, and optionally a point with up to [`Rate::MAX_SCALE`] decimals, all
    /// of which are kept. Errors: `INVALID_ARGUMENT`, `OVERFLOW`.
    pub fn parse(text: &str) -> Result<Rate> {
        let written = decimal_text::read(text, "rate", Status::INVALID_ARGUMENT, Rate::MAX_SCALE)?;
        Ok(Rate {
            coefficient: written.digits,
            scale: written.decimals,
        })
    }

    /// The rate with all its decimals: [`Rate::parse`] of the result gives the same rate.
    pub fn format(self) -> String {
        decimal_text::write(self.coefficient, self.scale)
    }

    /// The same value without trailing zeros after the point.
    pub fn normalise(self) -> Rate {
        let Rate {
            mut coefficient,
            mut scale,
        } = self;
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        Rate { coefficient, scale }
    }

    /// Compares values: 1.50 equals 1.5.
    pub fn compare(self, other: Rate) -> Ordering {
        let sign = self.coefficient.signum().cmp(&other.coefficient.signum());
        // Both scales are at most 38, so each product is below 2^127 * 10^38 and fits.
        let left = scaled(self.coefficient.unsigned_abs(), other.scale);
        let right = scaled(other.coefficient.unsigned_abs(), self.scale);
        let magnitudes = if self.coefficient < 0 {
            right.cmp(&left)
        } else {
            left.cmp(&right)
        };
        sign.then(magnitudes)
    }

    /// The value as a `rust_decimal`; none above 96 bits or 28 decimals, after removing trailing zeros.
    pub fn to_decimal(self) -> Option<Decimal> {
        let Rate { coefficient, scale } = self.normalise();
        Decimal::try_from_i128_with_scale(coefficient, u32::from(scale)).ok()
    }

    pub fn from_decimal(decimal: Decimal) -> Rate {
        // A decimal's scale is at most 28.
        let scale = u8::try_from(decimal.scale()).unwrap_or(Rate::MAX_SCALE);
        Rate {
            coefficient: decimal.mantissa(),
            scale,
        }
    }

    /// Converts `amount` of an asset with `from_scale` decimals at this rate (units of the target for one unit of
    /// the source) into an asset with `to_scale` decimals. The amount plus the remainder is the exact product.
    /// Errors: `INVALID_ARGUMENT` for a scale above [`Rate::MAX_SCALE`], `OVERFLOW`.
    pub fn convert(
        self,
        amount: Amount,
        from_scale: u8,
        to_scale: u8,
        rounding: Rounding,
    ) -> Result<Converted> {
        check_scale("the source asset's scale", from_scale)?;
        check_scale("the target asset's scale", to_scale)?;
        let rate = self.normalise();
        match rate.convert_decimal(amount, from_scale, to_scale, rounding) {
            Some(converted) => Ok(converted),
            None => rate.convert_wide(amount, from_scale, to_scale, rounding),
        }
    }

    /// The amount of the source asset that gives `amount` of the target at this rate: [`Rate::convert`] the other way
    /// round, divided exactly and rounded once. Also whether nothing was rounded. Errors: `INVALID_ARGUMENT` for a rate
    /// of zero or a scale above [`Rate::MAX_SCALE`], `OVERFLOW`.
    pub fn convert_back(
        self,
        amount: Amount,
        from_scale: u8,
        to_scale: u8,
        rounding: Rounding,
    ) -> Result<(Amount, bool)> {
        check_scale("the source asset's scale", from_scale)?;
        check_scale("the target asset's scale", to_scale)?;
        if self.coefficient == 0 {
            return Err(Error::new(
                Status::INVALID_ARGUMENT,
                "nothing converts to anything at a rate of zero",
            ));
        }
        // amount / 10^to * 10^scale / coefficient * 10^from, the powers of ten on the side where they are whole.
        let rate = self.normalise();
        let above = u32::from(from_scale) + u32::from(rate.scale);
        let below = u32::from(to_scale);
        let value = U256::from(amount.minor().unsigned_abs());
        let divisor = U256::from(rate.coefficient.unsigned_abs());
        let negative = (amount.minor() < 0) != (rate.coefficient < 0);
        let scaled = |value: U256, power: u32| {
            let first = power.min(38);
            value
                .checked_mul(10u128.pow(first))?
                .checked_mul(10u128.checked_pow(power - first)?)
        };
        let (value, divisor) = if above >= below {
            (scaled(value, above - below), Some(divisor))
        } else {
            (Some(value), scaled(divisor, below - above))
        };
        let (minor, rest) = value
            .zip(divisor)
            .and_then(|(value, divisor)| divide_rounded(value, divisor, negative, rounding))
            .ok_or_else(|| overflow("the amount converted back at rate", self))?;
        Ok((
            Amount::from_magnitude(negative, minor)?,
            rest.numerator.is_zero(),
        ))
    }

    /// One divided by this rate, with `scale` decimals. Errors: `INVALID_ARGUMENT` for a rate of zero or a scale
    /// above [`Rate::MAX_SCALE`], `OVERFLOW`.
    pub fn inverse(self, scale: u8, rounding: Rounding) -> Result<Rate> {
        check_scale("the inverse's scale", scale)?;
        if self.coefficient == 0 {
            return Err(Error::new(
                Status::INVALID_ARGUMENT,
                "a rate of zero has no inverse",
            ));
        }
        // 10^scale / (coefficient / 10^own scale); the two scales sum to at most 76.
        let one = scaled(1, scale).checked_mul(10u128.pow(u32::from(self.scale)));
        let divisor = U256::from(self.coefficient.unsigned_abs());
        let negative = self.coefficient < 0;
        let (quotient, _) = one
            .and_then(|one| divide_rounded(one, divisor, negative, rounding))
            .ok_or_else(|| overflow("the inverse of the rate", self))?;
        Rate::signed(negative, quotient, scale)
            .ok_or_else(|| overflow("the inverse of the rate", self))
    }

    /// The product of two rates (a cross rate) with `scale` decimals. Errors: `INVALID_ARGUMENT` for a scale above
    /// [`Rate::MAX_SCALE`], `OVERFLOW`.
    pub fn multiply(self, other: Rate, scale: u8, rounding: Rounding) -> Result<Rate> {
        check_scale("the product's scale", scale)?;
        // A rate is an amount of the other rate's unit in its own smallest decimals.
        let own = Amount::from_minor(self.coefficient);
        let product = other.convert(own, self.scale, scale, rounding)?;
        Ok(Rate {
            coefficient: product.amount.minor(),
            scale,
        })
    }

    /// The ordinary case: the exact product fits a `rust_decimal`, which then rounds it. None when it does not fit.
    fn convert_decimal(
        self,
        amount: Amount,
        from: u8,
        to: u8,
        rounding: Rounding,
    ) -> Option<Converted> {
        let product = self.coefficient.checked_mul(amount.minor())?;
        let below = from + self.scale;
        let scale = below.checked_sub(to)?;
        let exact = Decimal::try_from_i128_with_scale(product, u32::from(below)).ok()?;
        let rounded = exact.round_dp_with_strategy(u32::from(to), strategy(rounding));
        let pad = u32::from(to).checked_sub(rounded.scale())?;
        let minor = rounded.mantissa().checked_mul(10i128.checked_pow(pad)?)?;
        let rest =
            product.checked_sub(minor.checked_mul(10i128.checked_pow(u32::from(scale))?)?)?;
        let remainder = Remainder::new(rest < 0, U256::from(rest.unsigned_abs()), scale);
        Some(Converted {
            amount: Amount::from_minor(minor),
            remainder,
        })
    }

    /// The general case, in 256-bit integers.
    fn convert_wide(
        self,
        amount: Amount,
        from: u8,
        to: u8,
        rounding: Rounding,
    ) -> Result<Converted> {
        let too_large = || overflow("the converted amount at rate", self);
        let negative = (self.coefficient < 0) != (amount.minor() < 0);
        let product = U256::product(
            self.coefficient.unsigned_abs(),
            amount.minor().unsigned_abs(),
        );
        let below = from + self.scale;
        if below <= to {
            let minor = product
                .checked_mul(10u128.pow(u32::from(to - below)))
                .and_then(U256::to_u128);
            let amount = Amount::from_magnitude(negative, minor.ok_or_else(too_large)?)?;
            return Ok(Converted {
                amount,
                remainder: Remainder::default(),
            });
        }
        let scale = below - to;
        let divided = U256::power_of_ten(u32::from(scale))
            .and_then(|divisor| divide_rounded(product, divisor, negative, rounding));
        let (minor, rest) = divided.ok_or_else(too_large)?;
        Ok(Converted {
            amount: Amount::from_magnitude(negative, minor)?,
            remainder: Remainder::new(rest.negative, rest.numerator, scale),
        })
    }

    fn signed(negative: bool, magnitude: u128, scale: u8) -> Option<Rate> {
        let amount = Amount::from_magnitude(negative, magnitude).ok()?;
        Some(Rate {
            coefficient: amount.minor(),
            scale,
        })
    }
}

impl Remainder {
    fn new(negative: bool, mut numerator: U256, mut scale: u8) -> Remainder {
        while scale > 0 {
            match numerator.divide(U256::from(10)) {
                Some((quotient, rest)) if rest.is_zero() => numerator = quotient,
                _ => break,
            }
            scale -= 1;
        }
        Remainder {
            negative: negative && !numerator.is_zero(),
            numerator,
            scale,
        }
    }

    pub fn is_zero(self) -> bool {
        self.numerator.is_zero()
    }

    /// Whether rounding went away from zero and past the exact value of a positive result.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// Magnitude of the numerator and scale: the part of a minor unit is numerator / 10^scale.
    pub fn magnitude(self) -> (U256, u8) {
        (self.numerator, self.scale)
    }

    /// The remainder as a rate; none when it needs more than 38 decimals.
    pub fn to_rate(self) -> Option<Rate> {
        if self.scale > Rate::MAX_SCALE {
            return None;
        }
        Rate::signed(self.negative, self.numerator.to_u128()?, self.scale)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.format())
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.format())
    }
}

impl fmt::Display for Remainder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        if self.scale == 0 {
            // Below one and without decimals: zero.
            return write!(formatter, "{sign}{}", self.numerator);
        }
        write!(
            formatter,
            "{sign}0.{:0>width$}",
            self.numerator.to_string(),
            width = usize::from(self.scale)
        )
    }
}

impl fmt::Debug for Remainder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// What a rounded division left: numerator over the divisor, with its sign.
struct Rest {
    negative: bool,
    numerator: U256,
}

/// Divides magnitudes and rounds; `negative` is the sign of the quotient. None when the quotient exceeds 128 bits.
fn divide_rounded(
    value: U256,
    divisor: U256,
    negative: bool,
    rounding: Rounding,
) -> Option<(u128, Rest)> {
    let (quotient, rest) = value.divide(divisor)?;
    let quotient = quotient.to_u128()?;
    if rest.is_zero() {
        return Some((
            quotient,
            Rest {
                negative: false,
                numerator: rest,
            },
        ));
    }
    let complement = divisor.checked_sub(rest)?;
    // Twice the rest against the divisor, without doubling: the rest against what is missing.
    if rounding.grows(negative, quotient & 1 == 1, rest.cmp(&complement)) {
        return Some((
            quotient.checked_add(1)?,
            Rest {
                negative: !negative,
                numerator: complement,
            },
        ));
    }
    Some((
        quotient,
        Rest {
            negative,
            numerator: rest,
        },
    ))
}

/// `value` times 10 to the power of `scale`, which is at most 38: always fits.
fn scaled(value: u128, scale: u8) -> U256 {
    let power = 10u128.pow(u32::from(scale.min(Rate::MAX_SCALE)));
    U256::product(value, power)
}

fn strategy(rounding: Rounding) -> RoundingStrategy {
    match rounding {
        Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::HalfDown => RoundingStrategy::MidpointTowardZero,
        Rounding::Up => RoundingStrategy::AwayFromZero,
        Rounding::Down => RoundingStrategy::ToZero,
        Rounding::Floor => RoundingStrategy::ToNegativeInfinity,
        Rounding::Ceiling => RoundingStrategy::ToPositiveInfinity,
    }
}

fn check_scale(what: &str, scale: u8) -> Result<()> {
    if scale <= Rate::MAX_SCALE {
        return Ok(());
    }
    let message = format!("{what} is {scale}: it must be 0 to {}", Rate::MAX_SCALE);
    Err(Error::new(Status::INVALID_ARGUMENT, message))
}

#[cold]
fn overflow(what: &str, rate: Rate) -> Error {
    Error::new(
        Status::OVERFLOW,
        format!("{what} {rate} does not fit 128 bits"),
    )
}

#[cfg(test)]
mod tests;
