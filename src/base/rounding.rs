//! Rounding by name, exact division, and the split of a total. Nobody rounds without saying how, and what rounding
//! takes away is returned: quotient times denominator plus remainder is the numerator, always.

use super::amount::Amount;
use super::error::{Error, Result};
use super::status::Status;
use super::wide::U256;

/// What happens to the digits that are cut. The numbers are those of the C interface.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rounding {
    /// To the nearest; half to the even neighbour (banker's rounding): 2.5 gives 2, 3.5 gives 4.
    HalfEven,
    /// To the nearest; half away from zero (commercial rounding): 2.5 gives 3, -2.5 gives -3.
    HalfUp,
    /// To the nearest; half toward zero: 2.5 gives 2, -2.5 gives -2.
    HalfDown,
    /// Away from zero: 2.1 gives 3, -2.1 gives -3.
    Up,
    /// Toward zero: 2.9 gives 2, -2.9 gives -2.
    Down,
    /// Toward negative infinity: 2.9 gives 2, -2.1 gives -3.
    Floor,
    /// Toward positive infinity: 2.1 gives 3, -2.9 gives -2.
    Ceiling,
}

impl Rounding {
    pub const ALL: [Rounding; 7] = [
        Rounding::HalfEven,
        Rounding::HalfUp,
        Rounding::HalfDown,
        Rounding::Up,
        Rounding::Down,
        Rounding::Floor,
        Rounding::Ceiling,
    ];

    /// The stored number, 1 to 7 in the order of [`Rounding::ALL`].
    pub fn number(self) -> u8 {
        match self {
            Rounding::HalfEven => 1,
            Rounding::HalfUp => 2,
            Rounding::HalfDown => 3,
            Rounding::Up => 4,
            Rounding::Down => 5,
            Rounding::Floor => 6,
            Rounding::Ceiling => 7,
        }
    }

    /// The rounding with a stored number.
    pub fn from_number(number: u8) -> Option<Rounding> {
        Self::ALL.into_iter().find(|mode| mode.number() == number)
    }

    /// Whether a magnitude that was cut grows by one: `negative` is the sign of the value, `odd` whether the cut
    /// magnitude is odd, `half` how what was cut off compares with one half. Only for inexact values.
    pub(super) fn grows(self, negative: bool, odd: bool, half: std::cmp::Ordering) -> bool {
        match self {
            Rounding::HalfEven => half.is_gt() || (half.is_eq() && odd),
            Rounding::HalfUp => half.is_ge(),
            Rounding::HalfDown => half.is_gt(),
            Rounding::Up => true,
            Rounding::Down => false,
            Rounding::Floor => negative,
            Rounding::Ceiling => !negative,
        }
    }
}

/// Divides exactly: `numerator == quotient * denominator + remainder`, with the quotient rounded as `mode` says.
/// The remainder is what rounding took (or, when it rounded away from zero, what it gave, with the other sign).
/// Errors: `INVALID_ARGUMENT` for a zero denominator, `OVERFLOW` for the one quotient that does not fit.
pub fn divide(numerator: i128, denominator: i128, mode: Rounding) -> Result<(i128, i128)> {
    if denominator == 0 {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            "division by zero: the denominator must not be 0",
        ));
    }
    let (Some(quotient), Some(remainder)) = (
        numerator.checked_div(denominator),
        numerator.checked_rem(denominator),
    ) else {
        return Err(overflow("the quotient"));
    };
    if remainder == 0 {
        return Ok((quotient, 0));
    }
    let negative = (numerator < 0) != (denominator < 0);
    // |remainder| < |denominator| <= 2^127, so the double fits 128 bits without sign.
    let half = (remainder.unsigned_abs() * 2).cmp(&denominator.unsigned_abs());
    if !mode.grows(negative, quotient & 1 != 0, half) {
        return Ok((quotient, remainder));
    }
    // An inexact quotient has at most half the range, so a step of one fits; the remainder moves by one denominator
    // toward and past zero, so it fits too. Checked all the same.
    let moved = if negative {
        quotient
            .checked_sub(1)
            .zip(remainder.checked_add(denominator))
    } else {
        quotient
            .checked_add(1)
            .zip(remainder.checked_sub(denominator))
    };
    moved.ok_or_else(|| overflow("the rounded quotient"))
}

/// Splits `total` in proportion to `weights` by the largest remainder: every share is its exact part cut toward
/// zero or one minor unit more, the shares sum to `total`, equal remainders go by lower index, a zero weight gets
/// nothing. A negative total splits as the positive one, with the signs changed.
/// Errors: `INVALID_ARGUMENT` when there is no weight above zero, `OUT_OF_MEMORY` when there is no room for the shares.
pub fn allocate(total: Amount, weights: &[u64]) -> Result<Vec<Amount>> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            "nothing to allocate to: at least one weight must be above 0",
        ));
    }
    let magnitude = total.minor().unsigned_abs();
    let mut shares: Vec<u128> = reserved(weights.len())?;
    let mut remainders: Vec<(u128, usize)> = reserved(weights.len())?;
    let mut left = magnitude;
    for (index, weight) in weights.iter().enumerate() {
        let exact = U256::product(magnitude, u128::from(*weight)).divide(U256::from(sum));
        let (share, remainder) = exact
            .and_then(|(share, remainder)| share.to_u128().zip(remainder.to_u128()))
            .ok_or_else(|| overflow("a share"))?;
        left = left
            .checked_sub(share)
            .ok_or_else(|| overflow("the sum of the shares"))?;
        shares.push(share);
        remainders.push((remainder, index));
    }
    // The remainders sum to `left` times `sum` and each is below `sum`: more than `left` of them are not zero.
    remainders.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in remainders {
        if left == 0 {
            break;
        }
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
            left -= 1;
        }
    }
    let negative = total.minor() < 0;
    shares
        .into_iter()
        .map(|share| Amount::from_magnitude(negative, share))
        .collect()
}

fn reserved<T>(count: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| {
        Error::new(
            Status::OUT_OF_MEMORY,
            format!("no memory for {count} shares; allocate to fewer"),
        )
    })?;
    Ok(values)
}

#[cold]
fn overflow(what: &str) -> Error {
    Error::new(Status::OVERFLOW, format!("{what} does not fit 128 bits"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amounts(values: &[i128]) -> Vec<Amount> {
        values
            .iter()
            .map(|value| Amount::from_minor(*value))
            .collect()
    }

    #[test]
    fn dividing_by_zero_and_past_the_range_is_refused() {
        let by_zero = divide(1, 0, Rounding::HalfEven).expect_err("zero");
        assert_eq!(by_zero.status(), Status::INVALID_ARGUMENT);
        let too_large = divide(i128::MIN, -1, Rounding::Down).expect_err("2^127 does not fit");
        assert_eq!(too_large.status(), Status::OVERFLOW);
    }

    #[test]
    fn every_mode_on_the_same_tenths() {
        use Rounding::*;
        // Tenths:           -25 -21 -15  -5   5  15  21  25  29
        let tenths: [i128; 9] = [-25, -21, -15, -5, 5, 15, 21, 25, 29];
        let expected: [(Rounding, [i128; 9]); 7] = [
            (HalfEven, [-2, -2, -2, 0, 0, 2, 2, 2, 3]),
            (HalfUp, [-3, -2, -2, -1, 1, 2, 2, 3, 3]),
            (HalfDown, [-2, -2, -1, 0, 0, 1, 2, 2, 3]),
            (Up, [-3, -3, -2, -1, 1, 2, 3, 3, 3]),
            (Down, [-2, -2, -1, 0, 0, 1, 2, 2, 2]),
            (Floor, [-3, -3, -2, -1, 0, 1, 2, 2, 2]),
            (Ceiling, [-2, -2, -1, 0, 1, 2, 3, 3, 3]),
        ];
        for (mode, results) in expected {
            for (tenth, result) in tenths.iter().zip(results) {
                assert_eq!(
                    divide(*tenth, 10, mode),
                    Ok((result, tenth - result * 10)),
                    "{tenth} by {mode:?}"
                );
                assert_eq!(
                    divide(-*tenth, -10, mode),
                    Ok((result, result * 10 - tenth)),
                    "{mode:?}, both signs"
                );
            }
        }
    }

    #[test]
    fn the_edges_of_the_range_divide() {
        assert_eq!(divide(i128::MIN, 1, Rounding::Up), Ok((i128::MIN, 0)));
        assert_eq!(divide(i128::MAX, i128::MIN, Rounding::Up), Ok((-1, -1)));
        assert_eq!(
            divide(i128::MAX, i128::MIN, Rounding::HalfEven),
            Ok((-1, -1))
        );
        assert_eq!(
            divide(1, i128::MIN, Rounding::Floor),
            Ok((-1, 1 + i128::MIN))
        );
        assert_eq!(divide(-1, i128::MIN, Rounding::Ceiling), Ok((1, i128::MAX)));
        assert_eq!(
            divide(i128::MIN + 1, 2, Rounding::HalfEven),
            Ok((-(1 << 126), 1))
        );
    }

    #[test]
    fn nothing_to_allocate_to_is_refused() {
        for weights in [&[][..], &[0, 0]] {
            let error = allocate(Amount::from_minor(100), weights).expect_err("no weight");
            assert_eq!(error.status(), Status::INVALID_ARGUMENT);
        }
    }

    #[test]
    fn equal_remainders_go_by_index() {
        assert_eq!(
            allocate(Amount::from_minor(100), &[1, 1, 1]),
            Ok(amounts(&[34, 33, 33]))
        );
        assert_eq!(
            allocate(Amount::from_minor(-100), &[1, 1, 1]),
            Ok(amounts(&[-34, -33, -33]))
        );
        assert_eq!(
            allocate(Amount::from_minor(5), &[0, 3, 7]),
            Ok(amounts(&[0, 2, 3]))
        );
        assert_eq!(
            allocate(Amount::from_minor(1), &[0, 1, 99]),
            Ok(amounts(&[0, 0, 1]))
        );
        assert_eq!(allocate(Amount::ZERO, &[4, 5]), Ok(amounts(&[0, 0])));
        assert_eq!(
            allocate(Amount::MIN, &[u64::MAX]),
            Ok(amounts(&[i128::MIN]))
        );
        assert_eq!(
            allocate(Amount::MIN, &[u64::MAX, u64::MAX]),
            Ok(amounts(&[i128::MIN / 2, i128::MIN / 2]))
        );
    }

    proptest! {
        #[test]
        fn the_remainder_completes_the_quotient(n: i128, d: i128, shift in 0u32..127, mode in 0usize..7) {
            let d = d >> shift;
            prop_assume!(d != 0 && !(n == i128::MIN && d == -1));
            let mode = Rounding::ALL[mode];
            let (quotient, remainder) = divide(n, d, mode).unwrap();
            prop_assert!(remainder.unsigned_abs() < d.unsigned_abs());
            let product = quotient.checked_mul(d);
            match product {
                Some(product) => prop_assert_eq!(product.checked_add(remainder), Some(n)),
                // Rounded away from zero past the range: the truncated product still fits.
                None => prop_assert_eq!(n.wrapping_sub(quotient.wrapping_mul(d)), remainder),
            }
            let up = remainder != 0 && (remainder < 0) != (n < 0);
            let twice = U256::product(remainder.unsigned_abs(), 2);
            let half = twice.cmp(&U256::from(d.unsigned_abs()));
            match mode {
                Rounding::HalfEven => prop_assert!(half.is_lt() || (half.is_eq() && quotient & 1 == 0)),
                Rounding::HalfUp => prop_assert!(half.is_lt() || (half.is_eq() && up)),
                Rounding::HalfDown => prop_assert!(half.is_lt() || (half.is_eq() && !up)),
                Rounding::Up => prop_assert!(remainder == 0 || up),
                Rounding::Down => prop_assert!(!up),
                Rounding::Floor => prop_assert!(remainder == 0 || (remainder < 0) == (d < 0)),
                Rounding::Ceiling => prop_assert!(remainder == 0 || (remainder < 0) != (d < 0)),
            }
        }

        #[test]
        fn shares_sum_to_the_total_and_stay_within_one_unit(
            total: i128, weights in prop::collection::vec(prop_oneof![Just(0u64), 1u64..100, any::<u64>()], 1..40),
        ) {
            let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            prop_assume!(sum > 0);
            let shares = allocate(Amount::from_minor(total), &weights).unwrap();
            prop_assert_eq!(shares.len(), weights.len());
            prop_assert_eq!(shares.iter().map(|s| s.minor()).sum::<i128>(), total);
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!(share.minor() == 0 || (share.minor() < 0) == (total < 0));
                let exact = U256::product(total.unsigned_abs(), u128::from(*weight));
                let floor = exact.divide(U256::from(sum)).unwrap().0.to_u128().unwrap();
                let magnitude = share.minor().unsigned_abs();
                prop_assert!(magnitude == floor || (magnitude == floor + 1 && *weight > 0));
            }
        }

        #[test]
        fn more_weight_never_gets_less(total in 0i128..1_000_000, weights in prop::collection::vec(0u64..1000, 2..12)) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let shares = allocate(Amount::from_minor(total), &weights).unwrap();
            for (i, a) in weights.iter().enumerate() {
                for (j, b) in weights.iter().enumerate() {
                    if a > b {
                        prop_assert!(shares[i] >= shares[j]);
                    }
                }
            }
        }
    }
}
