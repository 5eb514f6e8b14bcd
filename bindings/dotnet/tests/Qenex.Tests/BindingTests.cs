// What is the package's own: values that do not fit, text that is no text, batches; in HandleTests.cs closed and forgotten
// handles, callbacks that throw, tasks. Plain methods, so that they run under `dotnet test` and under a runtime that has none.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Reflection;
using System.Threading.Tasks;

namespace Qenex.Tests
{
    /// <summary>Every public static method without parameters is a test.</summary>
    public static partial class BindingTests
    {
        private const uint Usd = 840;
        private const int PatienceMs = 60000;

        /// <summary>The names of the tests.</summary>
        public static IEnumerable<string> Names
        {
            get { return typeof(BindingTests).GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(method => !method.IsSpecialName && method.GetParameters().Length == 0 && method.ReturnType == typeof(void))
                .Select(method => method.Name); }
        }

        /// <summary>Runs one of them.</summary>
        public static void Run(string name)
        {
            try
            {
                typeof(BindingTests).GetMethod(name).Invoke(null, null);
            }
            catch (TargetInvocationException error)
            {
                throw new FailureException(error.InnerException.ToString());
            }
        }

        public static void A_payment_in_one_line()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                session.OpenAccount("ACC001", "USD", 250.0m);
                session.OpenAccount("ACC002", "USD");
                Guid id = QenexLibrary.NewId();
                Result first = session.Transfer("ACC001", "ACC002", "100.00", "USD", id);
                Result again = session.Transfer("ACC001", "ACC002", 100.000m, "USD", id);
                Equal(id, first.Id);
                Equal(ResultFlags.Repeated, again.Flags);
                Equal(150.00m, session.Balance("ACC001", "USD"));
                Equal("150.00", session.BalanceText("ACC001", "USD"));
                RefusedException refused = Throws<RefusedException>(Status.InsufficientFunds,
                    () => session.Transfer("ACC001", "ACC002", "150.01", "USD"));
                True(refused.Message.Contains("ACC001 did not pay 150.01 USD to ACC002"), refused.Message);
                Throws<RefusedException>(Status.NumberTaken, () => session.OpenAccount("ACC001", "USD"));
                Throws<QenexException>(Status.InvalidAmountText, () => session.Transfer("ACC001", "ACC002", 1.005m, "USD"));
            }
        }

        public static void Amounts_have_128_bits_and_decimals_96()
        {
            Amount most = Amount.FromMinorUnits(BigInteger.Pow(2, 127) - 1);
            Amount least = Amount.FromMinorUnits(-BigInteger.Pow(2, 127));
            Equal("170141183460469231731687303715884105727", most.ToString());
            Equal("-1701411834604692317316873037158841057.28", least.ToString(2));
            Equal(least, Amount.Parse("-1701411834604692317316873037158841057.28", 2));
            Throws<QenexException>(Status.Overflow, () => Amount.FromMinorUnits(BigInteger.Pow(2, 127)));
            Throws<QenexException>(Status.Overflow, () => Amount.FromMinorUnits(-BigInteger.Pow(2, 127) - 1));
            Throws<QenexException>(Status.Overflow, () => most.ToDecimal(2));
            Throws<QenexException>(Status.Overflow, () => least.ToDecimal(2));
            Throws<QenexException>(Status.Overflow, () => -least);
            Throws<QenexException>(Status.Overflow, () => most + 1);

            // The greatest decimal, and one more.
            BigInteger top = BigInteger.Pow(2, 96) - 1;
            Equal(decimal.MaxValue, Amount.FromMinorUnits(top).ToDecimal(0));
            Equal(decimal.MinValue, Amount.FromMinorUnits(-top).ToDecimal(0));
            Throws<QenexException>(Status.Overflow, () => Amount.FromMinorUnits(top + 1).ToDecimal(0));
            Throws<QenexException>(Status.Overflow, () => Amount.FromMinorUnits(-top - 1).ToDecimal(0));
            foreach (string digits in new[] { "0", "1", "-1", "18446744073709551615", "18446744073709551616",
                "-18446744073709551616", "-18446744073709551615", "79228162514264337593543950335" })
            {
                BigInteger number = BigInteger.Parse(digits);
                Equal(number, Amount.FromMinorUnits(number).ToMinorUnits());
                Equal(decimal.Parse(digits), Amount.FromMinorUnits(number).ToDecimal(0));
            }
            Equal("100.00", new Amount(10000).ToDecimal(2).ToString(System.Globalization.CultureInfo.InvariantCulture));
            Equal(0.000000000000000001m, new Amount(1).ToDecimal(18));
            Throws<QenexException>(Status.InvalidArgument, () => new Amount(1).ToDecimal(19));
            Throws<QenexException>(Status.InvalidArgument, () => new Amount(1).ToDecimal(-1));

            Equal(new Amount(150), Amount.FromDecimal(1.500m, 2));
            Equal(new Amount(-5), Amount.FromDecimal(-0.05m, 2));
            Equal(new Amount(1000), Amount.FromDecimal(1000m, 0));
            Equal(Amount.Zero, Amount.FromDecimal(0.000m, 0));
            Throws<QenexException>(Status.InvalidAmountText, () => Amount.FromDecimal(1.005m, 2));
            True(new Amount(-1) < Amount.Zero && most > least && new Amount(7) >= 7 && least.Sign == -1 && most.Sign == 1,
                "amounts are in order");
        }

        public static void No_way_leads_through_floating_point()
        {
            Type[] floats = { typeof(double), typeof(float), typeof(double?), typeof(float?) };
            foreach (Type type in typeof(Amount).Assembly.GetExportedTypes())
            {
                foreach (MethodInfo method in type.GetMethods())
                {
                    True(!floats.Contains(method.ReturnType) && !method.GetParameters().Any(p => floats.Contains(p.ParameterType)),
                        type + "." + method.Name);
                }
            }
        }

        public static void A_balance_that_no_decimal_holds_is_refused()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                session.CreateAssets(new[]
                {
                    new Asset { Code = "WEI", Scale = 18, Kind = AssetKind.Token, Flags = AssetFlags.Wide },
                }).ThrowIfRefused();
                session.OpenAccount("ACC001", "WEI", "999999999999999.000000000000000001");
                Equal("999999999999999.000000000000000001", session.BalanceText("ACC001", "WEI"));
                QenexException error = Throws<QenexException>(Status.Overflow, () => session.Balance("ACC001", "WEI"));
                True(error.Explanation.Contains("96 bits"), error.Message);
            }
        }

        public static void Parts_of_a_split_are_there()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                Split split = new Split { Id = QenexLibrary.NewId(), DebitNumber = "ACC001", Asset = Usd, Amount = 100 };
                split.Parts = new[] { new SplitPart { CreditNumber = "ACC002", Weight = 1 }, null };
                QenexException error = Throws<QenexException>(Status.NullPointer, () => session.SplitTransfers(new[] { split }));
                Equal(0, error.Item);
                split.Parts[1] = new SplitPart { CreditNumber = "ACC002", Weight = 2 };
                session.SplitTransfers(new[] { split }).ThrowIfRefused();
                Equal("33, 67", string.Join(", ", session.GetTransaction(split.Id).Select(leg => leg.Amount)));
                split.Id = QenexLibrary.NewId();
                split.Parts = null;
                Throws<RefusedException>(Status.SplitPartsInvalid,
                    () => session.SplitTransfers(new[] { split }).ThrowIfRefused());
            }
        }

        public static void Ids_cross_in_the_order_of_their_text()
        {
            Guid id = new Guid("018d4f6e-0a1b-7c2d-8e3f-405162738495");
            Equal("018d4f6e-0a1b-7c2d-8e3f-405162738495", QenexLibrary.FormatId(id));
            Equal(id, QenexLibrary.ParseId("018D4F6E0A1B7C2D8E3F405162738495"));
            List<string> made = Enumerable.Range(0, 100).Select(i => QenexLibrary.NewId().ToString()).ToList();
            Equal(string.Join(",", made.OrderBy(text => text, StringComparer.Ordinal)), string.Join(",", made));
        }

        public static void Days_and_times()
        {
            Equal(new Date(1, 1, 1), default(Date));
            Equal("2024-03-01", new Date(2024, 2, 28).AddDays(2).ToString());
            Equal(20240229, new Date(2024, 2, 29).Number);
            Throws<QenexException>(Status.InvalidDate, () => Date.Parse("2023-02-29"));
            Throws<QenexException>(Status.InvalidDate, () => new Date(9999, 12, 31).AddDays(1));
            Fails<ArgumentOutOfRangeException>(() => new Date(2023, 2, 29));
            True(new Date(2024, 1, 31) < new Date(2024, 2, 1), "days are in order");
            // Another zone is the same moment; a part of a microsecond is cut off, before 1970 too.
            DateTimeOffset prague = new DateTimeOffset(2024, 1, 31, 13, 0, 0, TimeSpan.FromHours(1)).AddTicks(19);
            Equal("2024-01-31T12:00:00.000001Z", QenexLibrary.FormatTime(prague));
            DateTimeOffset before = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(-1);
            Equal("1969-12-31T23:59:59.999999Z", QenexLibrary.FormatTime(before));
            Equal(new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero), QenexLibrary.ParseTime("9999-12-31T23:59:59Z"));
        }

        public static void Text_that_is_no_text_is_refused()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                QenexException error = Throws<QenexException>(Status.InvalidUtf8,
                    () => session.OpenAccount("A\ud800B", "USD"));
                True(error.Explanation.StartsWith("number: ", StringComparison.Ordinal), error.Message);
                Transfer good = Payment("1");
                Transfer bad = Payment("2");
                bad.Narrative = "\udc00";
                error = Throws<QenexException>(Status.InvalidUtf8, () => session.CreateTransfers(new[] { good, bad }));
                Equal(1, error.Item);
                True(error.Explanation.StartsWith("narrative: ", StringComparison.Ordinal), error.Message);
                // NUL is a character as any other: the library says what it thinks of it.
                QenexException nul = Fails<QenexException>(() => session.OpenAccount("A\0B", "USD"));
                Equal(Status.TextInvalid, nul.Status);
                bad.Narrative = "Z\u00fcrich \U0001F3E6 \u20ac";
                session.CreateTransfers(new[] { bad }).ThrowIfRefused();
                Equal(bad.Narrative, session.GetTransfers(new[] { bad.Id })[0].Narrative);
            }
        }

        public static void Batches_that_are_none()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                Throws<QenexException>(Status.EmptyBatch, () => session.CreateTransfers(new Transfer[0]));
                Throws<QenexException>(Status.EmptyBatch, () => session.Execute(new Command[0]));
                Fails<ArgumentNullException>(() => session.CreateTransfers(null));
                QenexException error = Throws<QenexException>(Status.NullPointer,
                    () => session.CreateTransfers(new[] { Payment("1"), null }));
                Equal(1, error.Item);
                Throws<QenexException>(Status.BatchTooLarge,
                    () => session.CreateTransfers(new Transfer[Limits.BatchMax + 1]));
                Transfer large = Payment("2");
                large.Metadata = new string('x', 5000);
                Equal(Status.TextTooLong, session.CreateTransfers(new[] { large })[0].Status);
                // A full batch, and its results in order.
                Transfer[] full = Enumerable.Range(0, (int)Limits.BatchMax).Select(i => Payment(null)).ToArray();
                Result[] results = session.CreateTransfers(full);
                Equal(full.Length, results.Length);
                for (int i = 0; i < full.Length; i++)
                {
                    Equal(full[i].Id, results[i].Id);
                }
                RefusedException refused = Throws<RefusedException>(Status.DebitAccountUnknown,
                    () => session.CreateTransfers(new[] { Payment(null), Unknown() }).ThrowIfRefused());
                Equal(1, refused.Item);
            }
        }

        public static void Linked_items_fail_together()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                Transfer first = Payment("1");
                first.Linked = true;
                Result[] results = session.Execute(new Command[] { first, Unknown() });
                Equal(Status.LinkedFailed, results[0].Status);
                Equal(Status.DebitAccountUnknown, results[1].Status);
            }
        }

        public static void Statuses_say_what_they_mean()
        {
            Equal("QENEX_INSUFFICIENT_FUNDS", Status.InsufficientFunds.Name());
            True(Status.InsufficientFunds.IsFinal() && !Status.AccountUnknown.IsFinal(), "final statuses");
            foreach (Status status in Enum.GetValues(typeof(Status)))
            {
                True(status.Explanation().Length > 8, status + " has an explanation");
                Equal(status.ToString(), Values.Camel(status.Name().Substring("QENEX_".Length).ToLowerInvariant()));
            }
        }

        private static void Funded(Session session)
        {
            session.OpenAccount("ACC001", "USD", "1000000.00");
            session.OpenAccount("ACC002", "USD");
        }

        private static Transfer Payment(string reference)
        {
            return new Transfer
            {
                Id = QenexLibrary.NewId(),
                DebitNumber = "ACC001",
                CreditNumber = "ACC002",
                Amount = 1,
                Asset = Usd,
                Reference = reference,
            };
        }

        private static Transfer Unknown()
        {
            Transfer transfer = Payment(null);
            transfer.DebitNumber = "NOBODY";
            return transfer;
        }

        private static void Wait(params Task[] tasks)
        {
            True(Task.WaitAll(tasks, PatienceMs), "all are done in time");
        }

        private static T Throws<T>(Status status, Action call) where T : QenexException
        {
            T error = Fails<T>(call);
            Equal(status, error.Status);
            True(error.Explanation.Length >= 8, "the message of " + status);
            return error;
        }

        private static T Throws<T>(Status status, Func<object> call) where T : QenexException
        {
            return Throws<T>(status, () => { call(); });
        }

        private static T Fails<T>(Func<object> call) where T : Exception
        {
            return Fails<T>(() => { call(); });
        }

        private static T Fails<T>(Action call) where T : Exception
        {
            try
            {
                call();
            }
            catch (T expected)
            {
                return expected;
            }
            throw new FailureException("no " + typeof(T).Name + " was thrown");
        }

        private static void Equal<T>(T expected, T actual)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, actual))
            {
                throw new FailureException("'" + actual + "' is not '" + expected + "'");
            }
        }

        private static void True(bool holds, string what)
        {
            if (!holds)
            {
                throw new FailureException(what);
            }
        }
    }
}
