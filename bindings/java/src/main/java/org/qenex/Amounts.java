package org.qenex;

import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

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

    /**
     * Splits an amount in proportion to weights, 1 to 8192 of them, by the largest remainder: the parts sum to the
     * amount, equal remainders go to the part that stands first, a weight of zero gets nothing. Weights are unsigned;
     * {@link Status#INVALID_ARGUMENT}: none is above zero.
     */
    @Abi("qenex_allocate")
    public static List<BigInteger> allocate(BigInteger total, long... weights) {
        Library.ready();
        Bytes given = new Bytes(true, Math.multiplyExact(8, weights.length));
        for (long weight : weights) {
            int at = given.add(8);
            given.buffer().putLong(at, weight);
        }
        Bytes parts = new Bytes(true, Math.multiplyExact(16, weights.length));
        parts.assume(16 * weights.length);
        try (Call call = Call.begin()) {
            Native.allocate(call.amount(total), given.address(), weights.length, parts.address());
            List<BigInteger> amounts = new ArrayList<>(weights.length);
            for (int part = 0; part < weights.length; part++) {
                amounts.add(Answer.amount(parts.buffer(), 16 * part));
            }
            return List.copyOf(amounts);
        } finally {
            Reference.reachabilityFence(given);
            Reference.reachabilityFence(parts);
        }
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
