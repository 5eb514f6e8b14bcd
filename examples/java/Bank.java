import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.qenex.AccountKey;
import org.qenex.Batch;
import org.qenex.Engine;
import org.qenex.Hold;
import org.qenex.HoldCapture;
import org.qenex.HoldFlags;
import org.qenex.Page;
import org.qenex.Qenex;
import org.qenex.QenexException;
import org.qenex.Results;
import org.qenex.Reversal;
import org.qenex.Session;
import org.qenex.StatementLine;
import org.qenex.StatementOptions;
import org.qenex.Status;
import org.qenex.Transfer;

/** A day at a bank: accounts, a payment, a batch, a hold, a reversal, a statement, and an error that is handled. */
public final class Bank {
    private static final int USD = 840;

    private Bank() {}

    public static void main(String[] arguments) throws Exception {
        try (Engine engine = Engine.openInMemory();
                Session teller = engine.openSession("teller")) {
            // Accounts and a payment, in one line each.
            teller.openAccount("ACC001", "USD", "250.00");
            teller.openAccount("ACC002", "USD");
            teller.transfer("ACC001", "ACC002", "100.00", "USD");
            System.out.println("ACC002 has " + teller.balance("ACC002", "USD") + " USD");

            // A batch: written into the memory that the engine reads, executed with one call.
            Batch<Transfer> batch = Transfer.batch();
            UUID rent = Qenex.newId();
            batch.add().id(rent).debitNumber("ACC001").creditNumber("ACC002").asset(USD).amount(5000).narrative("rent");
            batch.add()
                    .id(Qenex.newId())
                    .debitNumber("ACC001")
                    .creditNumber("ACC002")
                    .asset(USD)
                    .amount(new BigDecimal("1000000.00"), 2);
            Results results = teller.createTransfers(batch);
            for (int item = 0; item < results.size(); item++) {
                System.out.println("transfer " + item + ": " + results.statusOf(item));
            }

            // A hold sets an amount aside; a capture turns a part of it into a transfer and gives the rest back.
            UUID hold = Qenex.newId();
            teller.placeHolds(
                            List.of(
                                    new Hold()
                                            .id(hold)
                                            .debitNumber("ACC001")
                                            .creditNumber("ACC002")
                                            .asset(USD)
                                            .amount(4000)
                                            .expiresAt(Instant.now().plus(Duration.ofDays(7)))
                                            .reason("hotel")))
                    .requireApplied();
            teller.captureHolds(
                            List.of(new HoldCapture().id(Qenex.newId()).hold(hold).amount(3000).flags(HoldFlags.LAST)))
                    .requireApplied();

            // A reversal, queued: the future completes when it is durable.
            teller.submit(Reversal.batch().add(new Reversal().id(Qenex.newId()).original(rent)))
                    .thenAccept(reversed -> System.out.println("rent given back: " + reversed.requireApplied().get(0).amount(2)))
                    .get(60, TimeUnit.SECONDS);

            // A statement, page by page.
            AccountKey key = new AccountKey().number("ACC001").asset(USD);
            byte[] cursor = null;
            do {
                Page<StatementLine> page = teller.getStatement(key, new StatementOptions().limit(3).cursor(cursor));
                for (StatementLine line : page) {
                    System.out.println(line.transfer().bookingDate() == null ? "" : "  " + line.change(2) + " -> " + line.balance(2));
                }
                cursor = page.cursor();
            } while (cursor != null);

            // What goes wrong is an exception with a status.
            try {
                teller.transfer("ACC001", "ACC002", "9999.00", "USD");
            } catch (QenexException refused) {
                if (refused.status() != Status.INSUFFICIENT_FUNDS) {
                    throw refused;
                }
                System.out.println("refused: " + refused.getMessage());
            }
            System.out.println("ACC001: " + teller.balance("ACC001", "USD") + " USD");
        }
    }
}
