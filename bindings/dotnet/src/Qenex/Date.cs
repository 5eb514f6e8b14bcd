// A day of the calendar, without time or zone. netstandard2.0 has no such type; where the framework has DateOnly, both
// convert into each other.
using System;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>A day of the proleptic Gregorian calendar, years 1 to 9999. The default is 0001-01-01.</summary>
    public readonly struct Date : IEquatable<Date>, IComparable<Date>, IComparable
    {
        private const int First = 10101;

        // Counted from the first day, so that the default is a day as well.
        private readonly int offset;

        private Date(int number)
        {
            offset = number - First;
        }

        /// <summary>A day; throws when there is none such.</summary>
        public Date(int year, int month, int day)
        {
            DateTime checkedDay = new DateTime(year, month, day);
            offset = checkedDay.Year * 10000 + checkedDay.Month * 100 + checkedDay.Day - First;
        }

        /// <summary>The day as a number of eight digits: YYYYMMDD.</summary>
        public int Number { get { return offset + First; } }

        /// <summary>1 to 9999.</summary>
        public int Year { get { return Number / 10000; } }

        /// <summary>1 to 12.</summary>
        public int Month { get { return Number / 100 % 100; } }

        /// <summary>1 to 31.</summary>
        public int Day { get { return Number % 100; } }

        internal static Date FromNumber(int number)
        {
            return new Date(number);
        }

        /// <summary>The day of a time as its own calendar says, whatever its zone.</summary>
        public static Date From(DateTime time)
        {
            return new Date(time.Year, time.Month, time.Day);
        }

        /// <summary>Reads a day written YYYY-MM-DD.</summary>
        public static Date Parse(string text)
        {
            byte[] bytes = Wire.Bytes(text, "text");
            Library.Load();
            return new Date(LibraryCalls.ParseDate(bytes));
        }

        /// <summary>The day so many days later, or earlier. Refused (<see cref="Status.InvalidDate"/>) outside years 1 to
        /// 9999.</summary>
        public Date AddDays(int days)
        {
            Library.Load();
            return new Date(LibraryCalls.AddDays(Number, days));
        }

        /// <summary>Midnight of the day, of no zone.</summary>
        public DateTime ToDateTime()
        {
            return new DateTime(Year, Month, Day);
        }

        /// <summary>The day as YYYY-MM-DD.</summary>
        public override string ToString()
        {
            Library.Load();
            return LibraryCalls.FormatDate(Number);
        }

#if NET6_0_OR_GREATER
        /// <summary>The same day.</summary>
        public static implicit operator Date(DateOnly day)
        {
            return new Date(day.Year, day.Month, day.Day);
        }

        /// <summary>The same day.</summary>
        public static implicit operator DateOnly(Date day)
        {
            return new DateOnly(day.Year, day.Month, day.Day);
        }
#endif

        /// <inheritdoc/>
        public int CompareTo(Date other) { return offset.CompareTo(other.offset); }

        /// <inheritdoc/>
        public int CompareTo(object other)
        {
            if (other == null)
            {
                return 1;
            }
            if (!(other is Date))
            {
                throw new ArgumentException("a Date is compared with a Date", "other");
            }
            return CompareTo((Date)other);
        }

        /// <inheritdoc/>
        public bool Equals(Date other) { return offset == other.offset; }

        /// <inheritdoc/>
        public override bool Equals(object other) { return other is Date && Equals((Date)other); }

        /// <inheritdoc/>
        public override int GetHashCode() { return offset; }

        /// <summary>Whether both are the same day.</summary>
        public static bool operator ==(Date left, Date right) { return left.offset == right.offset; }

        /// <summary>Whether they differ.</summary>
        public static bool operator !=(Date left, Date right) { return left.offset != right.offset; }

        /// <summary>Whether the left one is earlier.</summary>
        public static bool operator <(Date left, Date right) { return left.offset < right.offset; }

        /// <summary>Whether the left one is later.</summary>
        public static bool operator >(Date left, Date right) { return left.offset > right.offset; }

        /// <summary>Whether the left one is not later.</summary>
        public static bool operator <=(Date left, Date right) { return left.offset <= right.offset; }

        /// <summary>Whether the left one is not earlier.</summary>
        public static bool operator >=(Date left, Date right) { return left.offset >= right.offset; }
    }
}
