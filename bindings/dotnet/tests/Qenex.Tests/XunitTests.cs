// The same tests and cases for `dotnet test`. Runtimes without it start Program.cs.
using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

// One test at a time: each looks that all callbacks were given back.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Qenex.Tests
{
    public sealed class XunitTests
    {
        private static readonly Conformance Suite = new Conformance(Conformance.Find(AppContext.BaseDirectory));

        public static IEnumerable<object[]> Tests
        {
            get { return BindingTests.Names.Select(name => new object[] { name }); }
        }

        public static IEnumerable<object[]> Cases
        {
            get { return Suite.Cases.Select(name => new object[] { name }); }
        }

        [Theory]
        [MemberData(nameof(Tests))]
        public void Test(string name)
        {
            BindingTests.Run(name);
        }

        [Theory]
        [MemberData(nameof(Cases))]
        public void Case(string name)
        {
            Suite.Run(name);
        }

        [Fact]
        public void The_runner_knows_every_function()
        {
            Assert.Empty(Suite.Unknown);
        }
    }
}
