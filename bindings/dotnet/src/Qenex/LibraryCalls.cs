// The calls that need no handle and may therefore be a program's first one. They have a class of their own because mono looks
// a function of the library up while it compiles the method that calls it: the public method loads the library, and only then
// is the method here compiled. For that reason none of them may be inlined.
using System;
using System.Runtime.CompilerServices;
using Qenex.Raw;

namespace Qenex
{
    internal static unsafe class LibraryCalls
    {
        private const int Room = 64;

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string Version()
        {
            return Wire.ToText(Native.qenex_version());
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static uint AbiVersion()
        {
            return Native.qenex_abi_version();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static bool HasFeature(byte[] name)
        {
            fixed (byte* from = name)
            {
                return Native.qenex_has_feature(from, (UIntPtr)name.Length) != 0;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string StatusName(int status)
        {
            return Wire.ToText(Native.qenex_status_name(status));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string StatusExplanation(int status)
        {
            return Wire.ToText(Native.qenex_status_explanation(status));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static RawId NewId()
        {
            RawId id;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_id_new(&id, call.Error));
            }
            return id;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static RawId ParseId(byte[] text)
        {
            RawId id;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = text)
            {
                call.Check(Native.qenex_id_parse(from, (UIntPtr)text.Length, &id, call.Error));
            }
            return id;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string FormatId(RawId id)
        {
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_id_format(&id, text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static long Now()
        {
            return Native.qenex_time_now();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static long ParseTime(byte[] text)
        {
            long time;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = text)
            {
                call.Check(Native.qenex_time_parse(from, (UIntPtr)text.Length, &time, call.Error));
            }
            return time;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string FormatTime(long time)
        {
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_time_format(time, text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static int ParseDate(byte[] text)
        {
            int number;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = text)
            {
                call.Check(Native.qenex_date_parse(from, (UIntPtr)text.Length, &number, call.Error));
            }
            return number;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static int AddDays(int date, int days)
        {
            int number;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_date_add_days(date, days, &number, call.Error));
            }
            return number;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string FormatDate(int date)
        {
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_date_format(date, text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static Currency CurrencyOf(byte[] code)
        {
            RawCurrency raw;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = code)
            {
                call.Check(Native.qenex_currency_by_code(from, (UIntPtr)code.Length, &raw, call.Error));
            }
            return Currency.Unpack((byte*)&raw, default(ArenaView));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static Currency CurrencyOf(uint number)
        {
            RawCurrency raw;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_currency_by_number(number, &raw, call.Error));
            }
            return Currency.Unpack((byte*)&raw, default(ArenaView));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static RawAmount ParseAmount(byte[] text, uint scale)
        {
            RawAmount amount;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = text)
            {
                call.Check(Native.qenex_amount_parse(from, (UIntPtr)text.Length, scale, &amount, call.Error));
            }
            return amount;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static string FormatAmount(RawAmount amount, uint scale)
        {
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_amount_format(&amount, scale, text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static RawAmount Add(RawAmount left, RawAmount right)
        {
            RawAmount sum;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_amount_add(&left, &right, &sum, call.Error));
            }
            return sum;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static RawAmount Subtract(RawAmount left, RawAmount right)
        {
            RawAmount difference;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_amount_subtract(&left, &right, &difference, call.Error));
            }
            return difference;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static int Compare(RawAmount left, RawAmount right)
        {
            return Native.qenex_amount_compare(&left, &right);
        }

        /// <summary>An Amount is nothing but the C record: the library fills the array itself.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static void Allocate(RawAmount total, ulong[] weights, Amount[] parts)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (ulong* from = weights)
            fixed (Amount* to = parts)
            {
                call.Check(Native.qenex_allocate(&total, from, (UIntPtr)weights.Length, (RawAmount*)to, call.Error));
            }
        }

        /// <summary>Opens an engine. The callbacks in the options are kept by the library from here on, also when this
        /// fails.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static IntPtr Open(byte[] path, RawOptions options)
        {
            IntPtr opened = IntPtr.Zero;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = path)
            {
                options.path = from;
                options.path_len = (UIntPtr)path.Length;
                call.Check(Native.qenex_open(&options, &opened, call.Error));
            }
            return opened;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static void Restore(byte[] backup, byte[] target)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = backup, to = target)
            {
                call.Check(Native.qenex_restore(from, (UIntPtr)backup.Length, to, (UIntPtr)target.Length, call.Error));
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static FormatUpgrade Upgrade(byte[] path, bool dryRun)
        {
            uint before, after;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = path)
            {
                call.Check(Native.qenex_upgrade(from, (UIntPtr)path.Length, dryRun ? 1 : 0, &before, &after, call.Error));
            }
            return new FormatUpgrade(before, after);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static void RebuildCaches(byte[] path)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = path)
            {
                call.Check(Native.qenex_rebuild_caches(from, (UIntPtr)path.Length, call.Error));
            }
        }
    }
}
