// Runs the package's own tests and the conformance cases where there is no `dotnet test`, such as under mono:
//
//     Qenex.Tests.exe [FOLDER tests/conformance]
//     Qenex.Tests.exe --library      only loads the library, and prints what is wrong with it
//     Qenex.Tests.exe --first N      makes the Nth of the calls that may be a program's first one, and says whether there is one
using System;
using System.Globalization;
using System.Linq;

namespace Qenex.Tests
{
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            if (arguments.Length == 1 && arguments[0] == "--library")
            {
                return Load();
            }
            if (arguments.Length == 2 && arguments[0] == "--first")
            {
                return First(int.Parse(arguments[1], CultureInfo.InvariantCulture));
            }
            int failed = 0;
            foreach (string name in BindingTests.Names)
            {
                failed += Run("test", name, () => BindingTests.Run(name));
            }
            string folder = arguments.Length > 0 ? arguments[0] : Conformance.Find(AppDomain.CurrentDomain.BaseDirectory);
            Conformance conformance = new Conformance(folder);
            int passed = 0;
            foreach (string name in conformance.Cases)
            {
                int wrong = Run("case", name, () => conformance.Run(name));
                failed += wrong;
                passed += 1 - wrong;
            }
            foreach (string name in conformance.Unknown)
            {
                Console.WriteLine("FAIL the runner does not know " + name);
                failed++;
            }
            foreach (string name in conformance.LeftOut)
            {
                Console.WriteLine("skip case " + name);
            }
            Console.WriteLine(BindingTests.Names.Count() + " tests");
            Console.WriteLine(passed + " passed, " + failed + " failed, " + conformance.LeftOut.Count() + " skipped");
            return failed == 0 && passed > 0 ? 0 : 1;
        }

        private static int Load()
        {
            for (int attempt = 0; attempt < 2; attempt++)
            {
                try
                {
                    Console.WriteLine("libqenex " + QenexLibrary.Version);
                }
                catch (LibraryException error)
                {
                    // A second attempt fails in the same way.
                    Console.WriteLine("LibraryException: " + error.Message);
                }
            }
            return 0;
        }

        /// <summary>mono looks functions of the library up early, so that each of these has to have loaded it in time.</summary>
        private static readonly Action[] FirstCalls =
        {
            () => GC.KeepAlive(QenexLibrary.Version),
            () => GC.KeepAlive(QenexLibrary.AbiVersion),
            () => QenexLibrary.HasFeature("ledger"),
            () => QenexLibrary.NewId(),
            () => QenexLibrary.ParseId("018d4f6e0a1b7c2d8e3f405162738495"),
            () => QenexLibrary.FormatId(Guid.Empty),
            () => QenexLibrary.Now(),
            () => QenexLibrary.ParseTime("2024-01-31T12:00:00Z"),
            () => QenexLibrary.FormatTime(DateTimeOffset.UtcNow),
            () => Status.Busy.Name(),
            () => Status.Busy.Explanation(),
            () => Date.Parse("2024-01-31"),
            () => new Date(2024, 1, 31).AddDays(1),
            () => new Date(2024, 1, 31).ToString(),
            () => Currency.Of("USD"),
            () => Currency.Of(840),
            () => Amount.Parse("1.00", 2),
            () => Amount.FromDecimal(1.00m, 2),
            () => new Amount(100).ToString(2),
            () => new Amount(100).Allocate(1, 2),
            () => GC.KeepAlive(new Amount(1) + new Amount(2)),
            () => GC.KeepAlive(new Amount(1) - new Amount(2)),
            () => GC.KeepAlive(-new Amount(1)),
            () => new Amount(1).CompareTo(new Amount(2)),
            () => Engine.InMemory().Dispose(),
            () => Expect(Status.CannotOpen, () => new Engine("/nowhere/at/all/bank.db")),
            () => Expect(Status.CannotOpen, () => Engine.Restore("/nowhere/at/all/copy.db", "/nowhere/at/all/bank.db")),
            () => Expect(Status.CannotOpen, () => Engine.Upgrade("/nowhere/at/all/bank.db")),
            () => Expect(Status.CannotOpen, () => Engine.RebuildCaches("/nowhere/at/all/bank.db")),
        };

        private static int First(int number)
        {
            if (number >= FirstCalls.Length)
            {
                Console.WriteLine("no more");
                return 0;
            }
            FirstCalls[number]();
            Console.WriteLine("done");
            return 0;
        }

        private static void Expect(Status status, Action call)
        {
            try
            {
                call();
            }
            catch (QenexException error) when (error.Status == status)
            {
                return;
            }
            throw new FailureException("no " + status);
        }

        private static int Run(string kind, string name, Action test)
        {
            try
            {
                test();
                Console.WriteLine("ok   " + kind + " " + name);
                return 0;
            }
            catch (Exception error)
            {
                Console.WriteLine("FAIL " + kind + " " + name + ": " + (error is FailureException ? error.Message : error.ToString()));
                return 1;
            }
        }
    }
}
