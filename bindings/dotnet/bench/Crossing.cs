// What a call costs from .NET beside the same call from C: a single transfer, a batch of 8,190, and one balance, in turns
// with crossing.c on engines in memory, after a warm-up. The median of the rounds is what is compared.
//
// Usage: Crossing [ROUNDS [PART]]. PART: one in so many calls alone, to see that it works. run.sh builds both halves and starts them.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using Qenex;

internal static class Crossing
{
    private const uint Usd = 840;
    private const int Batch = 8190;
    private const int BatchCalls = 2;
    private const int SingleCalls = 2000;
    private const int BalanceCalls = 50000;

    private static Session session;
    private static Guid debit;
    private static Guid credit;
    private static ulong used;
    private static int part;

    private static int Main(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 15;
        part = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1;
        int status = crossing_open();
        if (status != 0)
        {
            Console.Error.WriteLine("the C half cannot open an engine: " + (Status)status);
            return 1;
        }
        using (Engine engine = Engine.InMemory())
        using (session = engine.OpenSession("bench"))
        {
            debit = session.OpenAccount("ACC001", "USD", "9000000000.00").Id;
            credit = session.OpenAccount("ACC002", "USD").Id;
            Console.WriteLine("{0} rounds in turns; microseconds, the median of the rounds (least, most)", rounds);
            Console.WriteLine("{0,-22}{1,30}{2,30}{3,12}{4,9}", "a call of", "C", ".NET", "more", "more %");
            Compare("one transfer", rounds, SingleCalls, calls => crossing_transfers((UIntPtr)1, (UIntPtr)calls),
                calls => Transfers(1, calls));
            Compare(Batch + " transfers", rounds, BatchCalls,
                calls => crossing_transfers((UIntPtr)Batch, (UIntPtr)calls), calls => Transfers(Batch, calls));
            Compare("one balance", rounds, BalanceCalls, calls => crossing_balances((UIntPtr)calls), Balances);
        }
        crossing_close();
        return 0;
    }

    private static void Compare(string what, int rounds, int fullCalls, Func<int, long> inC, Func<int, long> here)
    {
        int calls = Math.Max(1, fullCalls / part);
        List<double> first = new List<double>();
        List<double> second = new List<double>();
        // The first quarter warms up: the runtime compiles its code again when it has been called often.
        for (int round = -(rounds + 3) / 4; round < rounds; round++)
        {
            double c = inC(calls) / 1000.0 / calls;
            double net = here(calls) / 1000.0 / calls;
            if (c < 0)
            {
                throw new InvalidOperationException("the C half failed");
            }
            if (round >= 0)
            {
                first.Add(c);
                second.Add(net);
            }
        }
        double more = Median(second) - Median(first);
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "{0,-22}{1,30}{2,30}{3,12:F2}{4,9:F1}", what, Spread(first),
            Spread(second), more, more * 100 / Median(first)));
    }

    private static long Transfers(int batch, int calls)
    {
        Stopwatch watch = Stopwatch.StartNew();
        for (int call = 0; call < calls; call++)
        {
            Transfer[] transfers = new Transfer[batch];
            for (int i = 0; i < batch; i++)
            {
                used++;
                transfers[i] = new Transfer
                {
                    Id = new Guid((uint)used, (ushort)(used >> 32), 0, 0, 0, 0, 0, 0, 0, 0, 1),
                    DebitId = debit,
                    CreditId = credit,
                    Asset = Usd,
                    Amount = 1,
                };
            }
            session.CreateTransfers(transfers).ThrowIfRefused();
        }
        return Nanoseconds(watch);
    }

    private static long Balances(int calls)
    {
        Stopwatch watch = Stopwatch.StartNew();
        for (int call = 0; call < calls; call++)
        {
            session.GetBalances(new[] { new AccountKey(debit, Usd) });
        }
        return Nanoseconds(watch);
    }

    private static long Nanoseconds(Stopwatch watch)
    {
        return (long)(watch.ElapsedTicks * (1e9 / Stopwatch.Frequency));
    }

    private static double Median(List<double> values)
    {
        List<double> sorted = values.OrderBy(value => value).ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Spread(List<double> values)
    {
        return string.Format(CultureInfo.InvariantCulture, "{0:F2} ({1:F2}, {2:F2})", Median(values), values.Min(), values.Max());
    }

    // crossing.c, as libcrossing.so beside this program.
    [DllImport("crossing", CallingConvention = CallingConvention.Cdecl)]
    private static extern int crossing_open();

    [DllImport("crossing", CallingConvention = CallingConvention.Cdecl)]
    private static extern long crossing_transfers(UIntPtr batch, UIntPtr calls);

    [DllImport("crossing", CallingConvention = CallingConvention.Cdecl)]
    private static extern long crossing_balances(UIntPtr calls);

    [DllImport("crossing", CallingConvention = CallingConvention.Cdecl)]
    private static extern void crossing_close();
}
