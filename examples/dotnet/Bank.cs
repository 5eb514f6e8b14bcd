// A bank's day: accounts, a batch, a hold and its capture, a reversal, a statement, and an error handled.
//
// Usage: Bank [FILE]; the file must not exist. Without one the bank lives in memory.
using System;
using System.Globalization;
using System.Threading.Tasks;
using Qenex;

internal static class Bank
{
    private const uint Usd = 840; // the number of the asset is that of ISO 4217
    private const int Cents = 2;

    private static int Main(string[] arguments)
    {
        EngineOptions options = arguments.Length > 0
            ? new EngineOptions { Path = arguments[0] }
            : new EngineOptions { Flags = OpenFlags.Memory };
        using (Engine engine = new Engine(options))
        using (Session bank = engine.OpenSession("teller"))
        {
            // Accounts, one line each.
            bank.OpenAccount("ACC001", "USD", "250.00");
            bank.OpenAccount("ACC002", "USD");
            bank.OpenAccount("HOTEL", "USD");

            // A batch: each payment has an id, so that repeating the batch repeats no payment.
            Guid rent = QenexLibrary.NewId();
            bank.CreateTransfers(new[]
            {
                Payment(rent, "100.00", "rent"),
                Payment(QenexLibrary.NewId(), "0.50", "fee"),
            }).ThrowIfRefused();

            // A hold, and a part of it captured; the rest is given back.
            Guid hotel = QenexLibrary.NewId();
            bank.PlaceHolds(new[]
            {
                new Hold
                {
                    Id = hotel,
                    DebitNumber = "ACC001",
                    CreditNumber = "HOTEL",
                    Amount = Amount.Parse("80.00", Cents),
                    Asset = Usd,
                },
            }).ThrowIfRefused();
            bank.CaptureHolds(new[]
            {
                new HoldCapture
                {
                    Id = QenexLibrary.NewId(),
                    Hold = hotel,
                    Amount = Amount.Parse("72.50", Cents),
                    Flags = HoldFlags.Last,
                    Narrative = "one night",
                },
            }).ThrowIfRefused();

            // A part of the rent is given back. The task ends when the batch is durable; `await` it in a program of yours.
            Task<Result[]> reversal = bank.SubmitAsync(new[]
            {
                new Reversal { Id = QenexLibrary.NewId(), Original = rent, Amount = Amount.Parse("20.00", Cents) },
            });
            reversal.GetAwaiter().GetResult().ThrowIfRefused();

            // An error handled.
            try
            {
                bank.Transfer("ACC001", "ACC002", "1000.00", "USD");
            }
            catch (RefusedException refused)
            {
                Console.WriteLine("refused: " + refused.Status);
            }
            try
            {
                bank.Transfer("ACC001", "ACC002", "1.005", "USD");
            }
            catch (QenexException error)
            {
                Console.WriteLine("refused: " + error.Explanation);
            }

            // The statement, the newest line first.
            foreach (StatementLine line in bank.GetStatement(new AccountKey("ACC001", Usd)))
            {
                Console.WriteLine("{0}  {1,10}  {2,10}  {3}", line.Transfer.BookingDate, line.Change.ToString(Cents),
                    line.Balance.ToString(Cents), line.Transfer.Narrative);
            }
            decimal balance = bank.Balance("ACC001", "USD");
            Console.WriteLine("ACC001: " + balance.ToString(CultureInfo.InvariantCulture) + " USD");
        }
        return 0;
    }

    private static Transfer Payment(Guid id, string amount, string narrative)
    {
        return new Transfer
        {
            Id = id,
            DebitNumber = "ACC001",
            CreditNumber = "ACC002",
            Amount = Amount.Parse(amount, Cents),
            Asset = Usd,
            Narrative = narrative,
        };
    }
}
