// Runs the package's own tests and the conformance cases where there is no `dotnet test`, such as under mono:
//
//     Qenex.Tests.exe [FOLDER tests/conformance]
//     Qenex.Tests.exe --library      only loads the library, and prints what is wrong with it
using System;
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
