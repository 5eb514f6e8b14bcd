// What needs no file: the library's version, ids, times and currencies as libqenex reads and writes them.
using System;

namespace Qenex
{
    /// <summary>The library itself, ids and times. Any thread may call these.</summary>
    public static class QenexLibrary
    {
        /// <summary>Version of the library, such as "0.1.0".</summary>
        public static string Version
        {
            get
            {
                Library.Load();
                return LibraryCalls.Version();
            }
        }

        /// <summary>Version of the library's binary interface; it equals <see cref="Limits.AbiVersion"/>.</summary>
        public static uint AbiVersion
        {
            get
            {
                Library.Load();
                return LibraryCalls.AbiVersion();
            }
        }

        /// <summary>Whether the library has a feature: "ledger", "host_records", "completion_queue".</summary>
        public static bool HasFeature(string name)
        {
            byte[] bytes = Wire.Bytes(name, "name");
            Library.Load();
            return LibraryCalls.HasFeature(bytes);
        }

        /// <summary>A new id: a UUID of version 7, greater than every one made before in this process.</summary>
        public static Guid NewId()
        {
            Library.Load();
            return Wire.ToGuid(LibraryCalls.NewId());
        }

        /// <summary>Reads 32 hexadecimal digits, plain or as 8-4-4-4-12.</summary>
        public static Guid ParseId(string text)
        {
            byte[] bytes = Wire.Bytes(text, "text");
            Library.Load();
            return Wire.ToGuid(LibraryCalls.ParseId(bytes));
        }

        /// <summary>The id as a UUID in lower case.</summary>
        public static string FormatId(Guid id)
        {
            Library.Load();
            return LibraryCalls.FormatId(Wire.FromGuid(id));
        }

        /// <summary>The time of the system's clock, in microseconds.</summary>
        public static DateTimeOffset Now()
        {
            Library.Load();
            return Wire.ToTimeOrEpoch(LibraryCalls.Now());
        }

        /// <summary>Reads a time written as 2024-01-31T12:00:00Z.</summary>
        public static DateTimeOffset ParseTime(string text)
        {
            byte[] bytes = Wire.Bytes(text, "text");
            Library.Load();
            return Wire.ToTimeOrEpoch(LibraryCalls.ParseTime(bytes));
        }

        /// <summary>The time as 2024-01-31T12:00:00.000000Z.</summary>
        public static string FormatTime(DateTimeOffset time)
        {
            Library.Load();
            return LibraryCalls.FormatTime(Wire.FromTime(time));
        }
    }

    public sealed partial class Currency
    {
        /// <summary>The currency of ISO 4217 with a code of three capital letters, active or withdrawn.</summary>
        public static Currency Of(string code)
        {
            byte[] bytes = Wire.Bytes(code, "code");
            Library.Load();
            return LibraryCalls.CurrencyOf(bytes);
        }

        /// <summary>The currency of ISO 4217 with a number.</summary>
        public static Currency Of(uint number)
        {
            Library.Load();
            return LibraryCalls.CurrencyOf(number);
        }
    }

    public sealed partial class AccountKey
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
