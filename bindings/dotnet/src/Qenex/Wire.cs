// How values cross the boundary: ids in network byte order, days, times, and texts in an arena. Nothing here rounds
// an amount; a text that is no text (a lone surrogate) is refused with the name of its field and the item.
using System;
using System.Text;
using Qenex.Raw;

namespace Qenex
{
    internal static unsafe class Wire
    {
        private const long TicksAtEpoch = 621355968000000000;
        private const long TicksPerMicrosecond = 10;

        internal static readonly Encoding Utf8 = new UTF8Encoding(false, true);

        /// <summary>A Guid keeps its first three groups in the machine's order; the library wants the order of the text.</summary>
        internal static RawId FromGuid(Guid value)
        {
            RawId id = default(RawId);
            PutGuid(id.bytes, value);
            return id;
        }

        internal static Guid ToGuid(RawId id)
        {
            return GetGuid(id.bytes);
        }

        internal static void PutGuid(byte* to, Guid value)
        {
            Turn((byte*)&value, to);
        }

        internal static Guid GetGuid(byte* from)
        {
            Guid value;
            Turn(from, (byte*)&value);
            return value;
        }

        /// <summary>Copies 16 bytes and turns the first three groups round where the machine's order is the other one.</summary>
        private static void Turn(byte* from, byte* to)
        {
            if (BitConverter.IsLittleEndian)
            {
                uint first = *(uint*)from;
                *(uint*)to = (first >> 24) | ((first >> 8) & 0xff00) | ((first << 8) & 0xff0000) | (first << 24);
                uint others = *(uint*)(from + 4);
                *(uint*)(to + 4) = ((others >> 8) & 0x00ff00ff) | ((others << 8) & 0xff00ff00);
            }
            else
            {
                *(ulong*)to = *(ulong*)from;
            }
            *(ulong*)(to + 8) = *(ulong*)(from + 8);
        }

        internal static int FromDate(Date? value)
        {
            return value.HasValue ? value.Value.Number : 0;
        }

        internal static Date? ToDate(int number)
        {
            return number == 0 ? (Date?)null : Date.FromNumber(number);
        }

        /// <summary>Microseconds since 1970; what is finer is cut off, never rounded up into the future.</summary>
        internal static long FromTime(DateTimeOffset? value)
        {
            if (!value.HasValue)
            {
                return 0;
            }
            long ticks = value.Value.UtcTicks - TicksAtEpoch;
            long whole = ticks / TicksPerMicrosecond;
            return ticks % TicksPerMicrosecond < 0 ? whole - 1 : whole;
        }

        internal static DateTimeOffset? ToTime(long microseconds)
        {
            return microseconds == 0 ? (DateTimeOffset?)null : ToTimeOrEpoch(microseconds);
        }

        internal static DateTimeOffset ToTimeOrEpoch(long microseconds)
        {
            return new DateTimeOffset(checked(microseconds * TicksPerMicrosecond + TicksAtEpoch), TimeSpan.Zero);
        }

        internal static string ToText(byte* bytes, long length)
        {
            if (bytes == null || length == 0)
            {
                return "";
            }
            return Encoding.UTF8.GetString(bytes, checked((int)length));
        }

        /// <summary>A text in a field of fixed size, which zeros fill up.</summary>
        internal static string ToText(byte* bytes, int size)
        {
            int length = 0;
            while (length < size && bytes[length] != 0)
            {
                length++;
            }
            return ToText(bytes, (long)length);
        }

        /// <summary>A text that ends with a zero and lives as long as the library.</summary>
        internal static string ToText(byte* bytes)
        {
            return bytes == null ? "" : ToText(bytes, int.MaxValue);
        }

        internal static byte[] ToBytes(byte* bytes, long length)
        {
            byte[] copy = new byte[length];
            for (long i = 0; i < length; i++)
            {
                copy[i] = bytes[i];
            }
            return copy;
        }

        internal static ulong[] ToNumbers(ulong* numbers, int count)
        {
            ulong[] copy = new ulong[count];
            for (int i = 0; i < count; i++)
            {
                copy[i] = numbers[i];
            }
            return copy;
        }

        /// <summary>An argument as UTF-8. null is empty.</summary>
        internal static byte[] Bytes(string value, string what)
        {
            try
            {
                return Utf8.GetBytes(value ?? "");
            }
            catch (EncoderFallbackException error)
            {
                throw NotText(what, error, null);
            }
        }

        internal static QenexException NotText(string what, EncoderFallbackException error, int? item)
        {
            string message = what + ": the character at index " + error.Index
                + " is half of a surrogate pair: give text that can be written as UTF-8";
            return new QenexException(Status.InvalidUtf8, message, item, 0, error);
        }
    }
}
