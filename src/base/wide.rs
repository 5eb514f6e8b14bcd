//! Unsigned 256-bit integers, as far as exact rates and allocations need them: product, quotient, power of ten.
//! Everything is checked; nothing wraps and nothing is cut.

use std::fmt;

/// An unsigned 256-bit integer. Ordered by value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct U256 {
    // The order of the fields makes the derived order the order of the values.
    high: u128,
    low: u128,
}

impl U256 {
    pub const ZERO: U256 = U256 { high: 0, low: 0 };
    pub const MAX: U256 = U256 {
        high: u128::MAX,
        low: u128::MAX,
    };

    pub const fn new(high: u128, low: u128) -> U256 {
        U256 { high, low }
    }

    /// The product of two 128-bit integers: always fits.
    pub fn product(a: u128, b: u128) -> U256 {
        const LOW: u128 = u64::MAX as u128;
        let (a1, a0) = (a >> 64, a & LOW);
        let (b1, b0) = (b >> 64, b & LOW);
        let low = a0 * b0;
        // None of the sums can exceed 128 bits: (2^64 - 1)^2 + 2 * (2^64 - 1) = 2^128 - 1.
        let middle = a1 * b0 + (low >> 64);
        let cross = a0 * b1 + (middle & LOW);
        U256 {
            high: a1 * b1 + (middle >> 64) + (cross >> 64),
            low: (cross << 64) | (low & LOW),
        }
    }

    /// 10 to the power of `exponent`; none above 77.
    pub fn power_of_ten(exponent: u32) -> Option<U256> {
        let first = exponent.min(38);
        let second = exponent - first;
        if second > 39 {
            return None;
        }
        let low = 10u128.checked_pow(first)?;
        U256::from(low)
            .checked_mul(10u128.checked_pow(second.min(38))?)?
            .checked_mul(if second == 39 { 10 } else { 1 })
    }

    pub const fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// The value when it fits 128 bits.
    pub const fn to_u128(self) -> Option<u128> {
        if self.high == 0 { Some(self.low) } else { None }
    }

    pub fn checked_mul(self, factor: u128) -> Option<U256> {
        let low = U256::product(self.low, factor);
        let high = self.high.checked_mul(factor)?.checked_add(low.high)?;
        Some(U256 { high, low: low.low })
    }

    pub fn checked_add(self, other: U256) -> Option<U256> {
        let (low, carry) = self.low.overflowing_add(other.low);
        let high = self
            .high
            .checked_add(other.high)?
            .checked_add(u128::from(carry))?;
        Some(U256 { high, low })
    }

    pub fn checked_sub(self, other: U256) -> Option<U256> {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        let high = self
            .high
            .checked_sub(other.high)?
            .checked_sub(u128::from(borrow))?;
        Some(U256 { high, low })
    }

    /// Quotient and remainder; none when the divisor is zero.
    pub fn divide(self, divisor: U256) -> Option<(U256, U256)> {
        if divisor.is_zero() {
            return None;
        }
        if self < divisor {
            return Some((U256::ZERO, self));
        }
        if self.high == 0 {
            // The divisor is not larger, so it fits as well.
            return Some((
                U256::from(self.low / divisor.low),
                U256::from(self.low % divisor.low),
            ));
        }
        Some(self.divide_bitwise(divisor))
    }

    /// Schoolbook division, one bit of the quotient at a time. The divisor is not zero.
    fn divide_bitwise(self, divisor: U256) -> (U256, U256) {
        let mut quotient = U256::ZERO;
        let mut remainder = U256::ZERO;
        for bit in (0..256 - self.leading_zeros()).rev() {
            // The remainder is below the divisor; what the shift pushes out counts as 2^256.
            let carried = remainder.high >> 127 == 1;
            remainder = remainder.shifted_left_by_one(self.bit(bit));
            quotient = quotient.shifted_left_by_one(false);
            if carried || remainder >= divisor {
                remainder = remainder.wrapping_sub(divisor);
                quotient.low |= 1;
            }
        }
        (quotient, remainder)
    }

    fn leading_zeros(self) -> u32 {
        if self.high != 0 {
            self.high.leading_zeros()
        } else {
            128 + self.low.leading_zeros()
        }
    }

    fn bit(self, index: u32) -> bool {
        let word = if index >= 128 {
            self.high >> (index - 128)
        } else {
            self.low >> index
        };
        word & 1 == 1
    }

    fn shifted_left_by_one(self, lowest: bool) -> U256 {
        U256 {
            high: (self.high << 1) | (self.low >> 127),
            low: (self.low << 1) | u128::from(lowest),
        }
    }

    fn wrapping_sub(self, other: U256) -> U256 {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        U256 {
            high: self
                .high
                .wrapping_sub(other.high)
                .wrapping_sub(u128::from(borrow)),
            low,
        }
    }
}

impl From<u128> for U256 {
    fn from(low: u128) -> U256 {
        U256 { high: 0, low }
    }
}

impl fmt::Display for U256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHUNK: u128 = 10u128.pow(38);
        let mut rest = *self;
        let mut chunks = Vec::with_capacity(3);
        while let (Some((quotient, chunk)), false) =
            (rest.divide(U256::from(CHUNK)), rest.is_zero())
        {
            chunks.push(chunk.low);
            rest = quotient;
        }
        let mut text = chunks.pop().unwrap_or(0).to_string();
        while let Some(chunk) = chunks.pop() {
            text.push_str(&format!("{chunk:038}"));
        }
        formatter.pad_integral(true, "", &text)
    }
}

impl fmt::Debug for U256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn division_by_zero_has_no_result() {
        assert_eq!(U256::MAX.divide(U256::ZERO), None);
        assert_eq!(U256::ZERO.divide(U256::ZERO), None);
    }

    #[test]
    fn what_does_not_fit_has_no_result() {
        assert_eq!(U256::MAX.checked_mul(2), None);
        assert_eq!(U256::MAX.checked_add(U256::from(1)), None);
        assert_eq!(U256::ZERO.checked_sub(U256::from(1)), None);
        assert_eq!(U256::power_of_ten(78), None);
        assert_eq!(U256::power_of_ten(u32::MAX), None);
    }

    #[test]
    fn known_values() {
        let largest =
            "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(U256::MAX.to_string(), largest);
        assert_eq!(
            U256::product(u128::MAX, u128::MAX),
            U256::new(u128::MAX - 1, 1)
        );
        assert_eq!(U256::ZERO.to_string(), "0");
        for exponent in 0..=77 {
            let expected = format!("1{}", "0".repeat(exponent as usize));
            assert_eq!(
                U256::power_of_ten(exponent).map(|power| power.to_string()),
                Some(expected)
            );
        }
    }

    proptest! {
        #[test]
        fn dividing_undoes_multiplying(a: u128, b in 1u128.., r: u128) {
            let r = r % b;
            let value = U256::product(a, b).checked_add(U256::from(r)).unwrap();
            prop_assert_eq!(value.divide(U256::from(b)), Some((U256::from(a), U256::from(r))));
        }

        #[test]
        fn quotient_times_divisor_plus_remainder_is_the_value(
            value: (u128, u128), divisor: (u128, u128), shift in 0u32..128,
        ) {
            let value = U256::new(value.0, value.1);
            let divisor = U256::new(divisor.0 >> shift, divisor.1);
            prop_assume!(!divisor.is_zero());
            let (quotient, remainder) = value.divide(divisor).unwrap();
            prop_assert!(remainder < divisor);
            // quotient * divisor in two parts, since one of the factors fits 128 bits whenever both are above 1.
            let product = match (quotient.to_u128(), divisor.to_u128()) {
                (Some(small), _) => divisor.checked_mul(small),
                (None, Some(small)) => quotient.checked_mul(small),
                (None, None) => None,
            };
            prop_assert_eq!(product.and_then(|p| p.checked_add(remainder)), Some(value));
        }

        #[test]
        fn sums_and_differences_undo_each_other(a: (u128, u128), b: (u128, u128)) {
            let (a, b) = (U256::new(a.0, a.1), U256::new(b.0, b.1));
            if let Some(sum) = a.checked_add(b) {
                prop_assert_eq!(sum.checked_sub(b), Some(a));
            } else {
                prop_assert!(a > U256::MAX.checked_sub(b).unwrap());
            }
        }
    }
}
