// An amount as the ledger counts it: a whole number of an asset's minor units in 128 bits. It never rounds: what does
// not fit, or has more decimals than the asset, is refused.
using System;
using System.Globalization;
using System.Numerics;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>A signed number of minor units (cents) in 128 bits. There is no conversion from or to a floating-point
    /// number.</summary>
    public readonly struct Amount : IEquatable<Amount>, IComparable<Amount>, IComparable
    {
        private const int MostScale = 18;
        private static readonly BigInteger TwoTo64 = BigInteger.Pow(2, 64);

        private readonly ulong low;
        private readonly long high;

        internal Amount(RawAmount raw)
        {
            low = raw.lo;
            high = raw.hi;
        }

        /// <summary>An amount of so many minor units.</summary>
        public Amount(long minorUnits)
        {
            low = unchecked((ulong)minorUnits);
            high = minorUnits < 0 ? -1 : 0;
        }

        internal RawAmount Raw { get { return new RawAmount { lo = low, hi = high }; } }

        /// <summary>Nothing.</summary>
        public static Amount Zero { get { return default(Amount); } }

        /// <summary>-1, 0 or 1.</summary>
        public int Sign { get { return high < 0 ? -1 : (high == 0 && low == 0 ? 0 : 1); } }

        /// <summary>Reads digits such as "-100.05" of an asset with so many decimals (0 to 18). More decimals than the scale
        /// are refused (<see cref="Status.InvalidAmountText"/>), never rounded.</summary>
        public static Amount Parse(string text, int scale)
        {
            byte[] bytes = Wire.Bytes(text, "text");
            Library.Load();
            return new Amount(LibraryCalls.ParseAmount(bytes, Scale(scale)));
        }

        /// <summary>A decimal as minor units of an asset with so many decimals. Zeros at its end say nothing, other digits
        /// beyond the scale are refused.</summary>
        public static Amount FromDecimal(decimal value, int scale)
        {
            return Parse(Digits(value), scale);
        }

        /// <summary>A whole number of minor units; refused (<see cref="Status.Overflow"/>) when it exceeds 128 bits.</summary>
        public static Amount FromMinorUnits(BigInteger minorUnits)
        {
            // The bytes of the two's complement, the lowest first. Not by shifting: some runtimes shift negative numbers wrong.
            byte[] bytes = minorUnits.ToByteArray();
            if (bytes.Length > sizeof(ulong) + sizeof(long))
            {
                throw new QenexException(Status.Overflow, minorUnits + " does not fit the 128 bits of an amount", null);
            }
            ulong sign = minorUnits.Sign < 0 ? ulong.MaxValue : 0;
            ulong lower = sign, upper = sign;
            for (int i = bytes.Length - 1; i >= 0; i--)
            {
                upper = unchecked((upper << 8) | (lower >> 56));
                lower = unchecked((lower << 8) | bytes[i]);
            }
            return new Amount(new RawAmount { lo = lower, hi = unchecked((long)upper) });
        }

        /// <summary>The minor units.</summary>
        public BigInteger ToMinorUnits()
        {
            return high * TwoTo64 + low;
        }

        /// <summary>The amount as a decimal with exactly so many decimals (0 to 18): 10000 with scale 2 is 100.00. A decimal
        /// has 96 bits: what does not fit is refused (<see cref="Status.Overflow"/>), not rounded.</summary>
        public decimal ToDecimal(int scale)
        {
            uint decimals = Scale(scale);
            if (decimals > MostScale)
            {
                throw new QenexException(Status.InvalidArgument, "scale " + scale + " is not 0 to 18", null);
            }
            bool negative = high < 0;
            ulong lower = negative ? unchecked(0UL - low) : low;
            ulong upper = negative ? unchecked(~(ulong)high + (low == 0 ? 1UL : 0UL)) : (ulong)high;
            if (upper > uint.MaxValue)
            {
                throw new QenexException(Status.Overflow, ToMinorUnits() + " minor units do not fit the 96 bits of a decimal: "
                    + "use ToMinorUnits() or ToString(scale)", null);
            }
            return new decimal(unchecked((int)lower), unchecked((int)(lower >> 32)), unchecked((int)upper), negative,
                (byte)decimals);
        }

        /// <summary>The amount with exactly so many decimals (0 to 18), such as "100.00".</summary>
        public string ToString(int scale)
        {
            Library.Load();
            return LibraryCalls.FormatAmount(Raw, Scale(scale));
        }

        /// <summary>The minor units as digits.</summary>
        public override string ToString()
        {
            return ToMinorUnits().ToString(CultureInfo.InvariantCulture);
        }

        /// <summary>The sum; refused (<see cref="Status.Overflow"/>) when it exceeds 128 bits.</summary>
        public static Amount operator +(Amount left, Amount right)
        {
            Library.Load();
            return new Amount(LibraryCalls.Add(left.Raw, right.Raw));
        }

        /// <summary>The difference; refused (<see cref="Status.Overflow"/>) when it exceeds 128 bits.</summary>
        public static Amount operator -(Amount left, Amount right)
        {
            Library.Load();
            return new Amount(LibraryCalls.Subtract(left.Raw, right.Raw));
        }

        /// <summary>Splits the amount in proportion to weights (1 to 8192 of them) by the largest remainder: the parts sum to
        /// it, equal remainders go to the part that stands first, and a weight of zero gets nothing.</summary>
        public Amount[] Allocate(params ulong[] weights)
        {
            if (weights == null)
            {
                throw new ArgumentNullException("weights");
            }
            Library.Load();
            Amount[] parts = new Amount[weights.Length];
            LibraryCalls.Allocate(Raw, weights, parts);
            return parts;
        }

        /// <summary>The same amount on the other side of zero.</summary>
        public static Amount operator -(Amount value)
        {
            return Zero - value;
        }

        /// <summary>So many minor units.</summary>
        public static implicit operator Amount(long minorUnits)
        {
            return new Amount(minorUnits);
        }

        /// <inheritdoc/>
        public int CompareTo(Amount other)
        {
            Library.Load();
            return LibraryCalls.Compare(Raw, other.Raw);
        }

        /// <inheritdoc/>
        public int CompareTo(object other)
        {
            if (other == null)
            {
                return 1;
            }
            if (!(other is Amount))
            {
                throw new ArgumentException("an Amount is compared with an Amount", "other");
            }
            return CompareTo((Amount)other);
        }

        /// <inheritdoc/>
        public bool Equals(Amount other)
        {
            return low == other.low && high == other.high;
        }

        /// <inheritdoc/>
        public override bool Equals(object other)
        {
            return other is Amount && Equals((Amount)other);
        }

        /// <inheritdoc/>
        public override int GetHashCode()
        {
            return unchecked((low.GetHashCode() * 397) ^ high.GetHashCode());
        }

        /// <summary>Whether both are equal.</summary>
        public static bool operator ==(Amount left, Amount right) { return left.Equals(right); }

        /// <summary>Whether they differ.</summary>
        public static bool operator !=(Amount left, Amount right) { return !left.Equals(right); }

        /// <summary>Whether the left one is less.</summary>
        public static bool operator <(Amount left, Amount right) { return left.CompareTo(right) < 0; }

        /// <summary>Whether the left one is greater.</summary>
        public static bool operator >(Amount left, Amount right) { return left.CompareTo(right) > 0; }

        /// <summary>Whether the left one is not greater.</summary>
        public static bool operator <=(Amount left, Amount right) { return left.CompareTo(right) <= 0; }

        /// <summary>Whether the left one is not less.</summary>
        public static bool operator >=(Amount left, Amount right) { return left.CompareTo(right) >= 0; }

        /// <summary>The digits of a decimal without the zeros at its end.</summary>
        internal static string Digits(decimal value)
        {
            string digits = value.ToString(CultureInfo.InvariantCulture);
            return digits.IndexOf('.') < 0 ? digits : digits.TrimEnd('0').TrimEnd('.');
        }

        // A scale that is no scale reaches the library as one that it refuses.
        private static uint Scale(int scale)
        {
            return unchecked((uint)scale);
        }
    }
}
