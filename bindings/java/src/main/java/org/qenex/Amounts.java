package org.qenex;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Amounts between units ({@code 100.00}) and minor units ({@code 10000}), without rounding. */
public final class Amounts {
    private Amounts() {}

    /**
     * Units as minor units of an asset with {@code scale} decimals. More decimals than that are refused with
     * {@link Status#INVALID_AMOUNT_TEXT}, never rounded; trailing zeros are no decimals.
     */
    public static BigInteger toMinor(BigDecimal value, int scale) {
        try {
            BigInteger minor = value.setScale(scale, java.math.RoundingMode.UNNECESSARY).unscaledValue();
            return check(minor);
        } catch (ArithmeticException error) {
            throw new QenexException(
                    Status.INVALID_AMOUNT_TEXT,
                    value.toPlainString() + " has more than " + scale + " decimals: round it the way you want first");
        }
    }

    /** Minor units of an asset with {@code scale} decimals as units. */
    public static BigDecimal toUnits(BigInteger minorUnits, int scale) {
        return new BigDecimal(minorUnits, scale);
    }

    /** The number itself if it fits 128 bits, else {@link Status#OVERFLOW}. */
    static BigInteger check(BigInteger minorUnits) {
        if (minorUnits.bitLength() > 127) {
            throw new QenexException(
                    Status.OVERFLOW, minorUnits + " does not fit the 128 bits of an amount");
        }
        return minorUnits;
    }

    static BigInteger of(long low, long high) {
        if (high == low >> 63) {
            return BigInteger.valueOf(low);
        }
        return BigInteger.valueOf(high).shiftLeft(64).or(unsigned(low));
    }

    private static BigInteger unsigned(long value) {
        BigInteger low = BigInteger.valueOf(value & Long.MAX_VALUE);
        return value < 0 ? low.setBit(63) : low;
    }
}
