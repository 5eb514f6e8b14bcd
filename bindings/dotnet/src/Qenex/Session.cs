// Sessions: who acts, and the one-line calls. What is done in bulk is in SessionCommands.cs, what is asked in
// SessionQueries.cs.
using System;
using System.Collections.Generic;
using System.Globalization;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>Who is acting. Any thread may use it, many at once. It keeps its engine alive, not open.</summary>
    public sealed unsafe partial class Session : IDisposable
    {
        private readonly Engine engine;
        private readonly SessionHandle handle;

        internal Session(Engine engine, string principal, string onBehalfOf)
        {
            byte[] who = Wire.Bytes(principal, "principal");
            byte[] whom = Wire.Bytes(onBehalfOf, "onBehalfOf");
            IntPtr opened;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(engine.Handle, slots))
            fixed (byte* first = who, second = whom)
            {
                call.Check(Native.qenex_session_open(call.Handle, first, (UIntPtr)who.Length, second, (UIntPtr)whom.Length,
                    &opened, call.Error));
            }
            this.engine = engine;
            handle = new SessionHandle(opened, engine.Handle);
        }

        /// <summary>The engine that the session belongs to.</summary>
        public Engine Engine { get { return engine; } }

        /// <summary>Ends the session; calls under way finish, what is called afterwards fails with
        /// <see cref="Status.InvalidHandle"/>. Again does nothing.</summary>
        public void Dispose()
        {
            // The handle calls qenex_session_free when the last call under way is over.
            handle.Dispose();
        }

        /// <summary>Opens a customer's account (a liability of the bank that cannot be overdrawn) known by number, such as
        /// "ACC001", in a currency, such as "USD", with an opening balance, such as "250.00". What it needs and the file lacks
        /// is created with it. Throws <see cref="RefusedException"/> with <see cref="Status.NumberTaken"/> when there is such
        /// an account.</summary>
        public Result OpenAccount(string number, string currency, string openingBalance = "")
        {
            byte[] name = Wire.Bytes(number, "number");
            byte[] code = Wire.Bytes(currency, "currency");
            byte[] opening = Wire.Bytes(openingBalance, "openingBalance");
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* first = name, second = code, third = opening)
            {
                call.Check(Native.qenex_account_open_simple(call.Handle, first, (UIntPtr)name.Length, second,
                    (UIntPtr)code.Length, third, (UIntPtr)opening.Length, &result, call.Error));
            }
            return Accepted(new Result(result), "the account " + number + " was not opened");
        }

        /// <summary>As the other one, with the opening balance as a decimal; it may not have more decimals than the
        /// currency.</summary>
        public Result OpenAccount(string number, string currency, decimal openingBalance)
        {
            return OpenAccount(number, currency, Amount.Digits(openingBalance));
        }

        /// <summary>Pays an amount, such as "100.00", in a currency, such as "USD", from one account to another, both named by
        /// number. With the same id a payment happens once however often the call is repeated; with an empty one an id is
        /// made, and repeating the call pays again. Durable when it returns. Throws <see cref="RefusedException"/>.</summary>
        public Result Transfer(string from, string to, string amount, string currency, Guid id = default(Guid))
        {
            byte[] source = Wire.Bytes(from, "from");
            byte[] target = Wire.Bytes(to, "to");
            byte[] digits = Wire.Bytes(amount, "amount");
            byte[] code = Wire.Bytes(currency, "currency");
            RawId key = Wire.FromGuid(id);
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* first = source, second = target, third = digits, fourth = code)
            {
                call.Check(Native.qenex_transfer_simple(call.Handle, id == Guid.Empty ? null : &key, first,
                    (UIntPtr)source.Length, second, (UIntPtr)target.Length, third, (UIntPtr)digits.Length, fourth,
                    (UIntPtr)code.Length, &result, call.Error));
            }
            return Accepted(new Result(result), from + " did not pay " + amount + " " + currency + " to " + to);
        }

        /// <summary>As the other one, with the amount as a decimal; it may not have more decimals than the currency.</summary>
        public Result Transfer(string from, string to, decimal amount, string currency, Guid id = default(Guid))
        {
            return Transfer(from, to, Amount.Digits(amount), currency, id);
        }

        /// <summary>The balance of an account, named by number, on its normal side: what the bank owes a customer is positive.
        /// A balance that exceeds the 96 bits of a decimal is refused (<see cref="Status.Overflow"/>): then ask
        /// <see cref="BalanceText"/>.</summary>
        public decimal Balance(string number, string currency)
        {
            string text = BalanceText(number, currency);
            int point = text.IndexOf('.');
            int scale = point < 0 ? 0 : text.Length - point - 1;
            return Amount.Parse(text, scale).ToDecimal(scale);
        }

        /// <summary>The balance as text, such as "100.00" or "-0.05".</summary>
        public string BalanceText(string number, string currency)
        {
            const int Room = 64;
            byte[] name = Wire.Bytes(number, "number");
            byte[] code = Wire.Bytes(currency, "currency");
            byte* text = stackalloc byte[Room];
            UIntPtr length;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* first = name, second = code)
            {
                call.Check(Native.qenex_balance_text(call.Handle, first, (UIntPtr)name.Length, second, (UIntPtr)code.Length,
                    text, (UIntPtr)Room, &length, call.Error));
            }
            return Wire.ToText(text, (long)length);
        }

        /// <summary>The number of an asset of the file by its code: USD is 840.</summary>
        public uint AssetNumber(string code)
        {
            byte[] bytes = Wire.Bytes(code, "code");
            uint number;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* from = bytes)
            {
                call.Check(Native.qenex_asset_number(call.Handle, from, (UIntPtr)bytes.Length, &number, call.Error));
            }
            return number;
        }

        internal static IList<T> Listed<T>(IEnumerable<T> items, string what)
        {
            if (items == null)
            {
                throw new ArgumentNullException(what);
            }
            return items as IList<T> ?? new List<T>(items);
        }

        private static Result Accepted(Result result, string what)
        {
            if (result.Status != Status.Ok)
            {
                throw new RefusedException(result.Status, what + ": " + result.Status.Explanation(), null, result);
            }
            return result;
        }
    }
}
