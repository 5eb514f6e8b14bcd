// What needs no file: the library's version, ids, times and currencies as libqenex reads and writes them.
using System;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>The library itself, ids and times. Any thread may call these.</summary>
    public static unsafe class QenexLibrary
    {
        private const int Room = 64;

        /// <summary>Version of the library, such as "0.1.0".</summary>
        public static string Version
        {
            get
            {
                Library.Load();
                return Wire.ToText(Native.qenex_version());
            }
        }

        /// <summary>Version of the library's binary interface; it equals <see cref="Limits.AbiVersion"/>.</summary>
        public static uint AbiVersion
        {
            get
            {
                Library.Load();
                return Native.qenex_abi_version();
            }
        }

        /// <summary>Whether the library has a feature: "ledger", "host_records", "completion_queue".</summary>
        public static bool HasFeature(string name)
        {
            Library.Load();
            byte[] bytes = Wire.Bytes(name, "name");
            fixed (byte* from = bytes)
            {
                return Native.qenex_has_feature(from, (UIntPtr)bytes.Length) != 0;
            }
        }

        /// <summary>A new id: a UUID of version 7, greater than every one made before in this process.</summary>
        public static Guid NewId()
        {
            RawId id;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_id_new(&id, call.Error));
            }
            return Wire.ToGuid(id);
        }

        /// <summary>Reads 32 hexadecimal digits, plain or as 8-4-4-4-12.</summary>
        public static Guid ParseId(string text)
        {
            byte[] bytes = Wire.Bytes(text, "text");
            RawId id;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = bytes)
            {
                call.Check(Native.qenex_id_parse(from, (UIntPtr)bytes.Length, &id, call.Error));
            }
            return Wire.ToGuid(id);
        }

        /// <summary>The id as a UUID in lower case.</summary>
        public static string FormatId(Guid id)
        {
            RawId raw = Wire.FromGuid(id);
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_id_format(&raw, text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }

        /// <summary>The time of the system's clock, in microseconds.</summary>
        public static DateTimeOffset Now()
        {
            Library.Load();
            return Wire.ToTimeOrEpoch(Native.qenex_time_now());
        }

        /// <summary>Reads a time written as 2024-01-31T12:00:00Z.</summary>
        public static DateTimeOffset ParseTime(string text)
        {
            byte[] bytes = Wire.Bytes(text, "text");
            long time;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = bytes)
            {
                call.Check(Native.qenex_time_parse(from, (UIntPtr)bytes.Length, &time, call.Error));
            }
            return Wire.ToTimeOrEpoch(time);
        }

        /// <summary>The time as 2024-01-31T12:00:00.000000Z.</summary>
        public static string FormatTime(DateTimeOffset time)
        {
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_time_format(Wire.FromTime(time), text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }
    }

    public sealed unsafe partial class Currency
    {
        /// <summary>The currency of ISO 4217 with a code of three capital letters, active or withdrawn.</summary>
        public static Currency Of(string code)
        {
            byte[] bytes = Wire.Bytes(code, "code");
            RawCurrency raw;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            fixed (byte* from = bytes)
            {
                call.Check(Native.qenex_currency_by_code(from, (UIntPtr)bytes.Length, &raw, call.Error));
            }
            return Unpack((byte*)&raw, default(ArenaView));
        }

        /// <summary>The currency of ISO 4217 with a number.</summary>
        public static Currency Of(uint number)
        {
            RawCurrency raw;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                call.Check(Native.qenex_currency_by_number(number, &raw, call.Error));
            }
            return Unpack((byte*)&raw, default(ArenaView));
        }
    }

    public sealed unsafe partial class AccountKey
    {
        /// <summary>Nothing yet.</summary>
        public AccountKey()
        {
        }

        /// <summary>An account by its number ("ACC001", "iban:CZ65..."), and the asset where a balance is meant.</summary>
        public AccountKey(string number, uint asset = 0)
        {
            Number = number;
            Asset = asset;
        }

        /// <summary>An account by its id, and the asset where a balance is meant.</summary>
        public AccountKey(Guid id, uint asset = 0)
        {
            Id = id;
            Asset = asset;
        }

        /// <summary>An account by its number.</summary>
        public static implicit operator AccountKey(string number)
        {
            return new AccountKey(number);
        }

        /// <summary>An account by its id.</summary>
        public static implicit operator AccountKey(Guid id)
        {
            return new AccountKey(id);
        }
    }
}
