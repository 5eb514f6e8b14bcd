import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.function.IntToLongFunction;
import org.qenex.AccountKey;
import org.qenex.Batch;
import org.qenex.Engine;
import org.qenex.Session;
import org.qenex.Transfer;

/**
 * What a call costs from Java beside the same call from C: a single transfer, a batch of 8,190, and one balance, in turns
 * with benches/crossing/crossing.c on engines in memory, after a warm-up. The median of the rounds is what is compared.
 *
 * <p>Usage: Crossing LIBRARY_OF_THE_C_HALF [ROUNDS]. bench/run.sh builds both halves and starts them.
 */
public final class Crossing {
    private static final int USD = 840;
    private static final int BATCH = 8190;
    private static final int BATCH_CALLS = 2;
    private static final int SINGLE_CALLS = 2000;
    private static final int BALANCE_CALLS = 50_000;

    private final Session session;
    private final UUID debit;
    private final UUID credit;
    private final Batch<Transfer> transfers = Transfer.batch();
    private final Batch<AccountKey> keys = AccountKey.batch();
    private long used;

    private Crossing(Session session) {
        this.session = session;
        this.debit = session.openAccount("ACC001", "USD", "9000000000.00").id();
        this.credit = session.openAccount("ACC002", "USD").id();
    }

    public static void main(String[] arguments) {
        System.load(Path.of(arguments[0]).toAbsolutePath().toString());
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
        int status = openC();
        if (status != 0) {
            throw new IllegalStateException("the C half cannot open an engine: status " + status);
        }
        try (Engine engine = Engine.openInMemory();
                Session session = engine.openSession("bench")) {
            Crossing java = new Crossing(session);
            System.out.println(rounds + " rounds in turns; microseconds, the median of the rounds (least, most)");
            System.out.printf("%-22s%30s%30s%12s%9s%n", "a call of", "C", "Java", "more", "more %");
            compare("one transfer", rounds, SINGLE_CALLS, calls -> transfersC(1, calls), calls -> java.transfers(1, calls));
            compare(
                    BATCH + " transfers",
                    rounds,
                    BATCH_CALLS,
                    calls -> transfersC(BATCH, calls),
                    calls -> java.transfers(BATCH, calls));
            compare("one balance", rounds, BALANCE_CALLS, Crossing::balancesC, java::balances);
        }
        closeC();
    }

    private static void compare(String what, int rounds, int calls, IntToLongFunction inC, IntToLongFunction here) {
        double[] first = new double[rounds];
        double[] second = new double[rounds];
        // The first third warms up: the machine compiles its code again when it has been called often.
        for (int round = -(rounds + 2) / 3; round < rounds; round++) {
            long c = inC.applyAsLong(calls);
            if (c < 0) {
                throw new IllegalStateException("the C half failed: status " + c);
            }
            long java = here.applyAsLong(calls);
            if (round >= 0) {
                first[round] = c / 1000.0 / calls;
                second[round] = java / 1000.0 / calls;
            }
        }
        Arrays.sort(first);
        Arrays.sort(second);
        double more = median(second) - median(first);
        System.out.printf(
                Locale.ROOT,
                "%-22s%30s%30s%12.2f%9.1f%n",
                what,
                spread(first),
                spread(second),
                more,
                more * 100 / median(first));
    }

    /** Nanoseconds for so many calls of so many transfers each, the batch filled anew for each call. */
    private long transfers(int batch, int calls) {
        long start = System.nanoTime();
        for (int call = 0; call < calls; call++) {
            transfers.clear();
            for (int item = 0; item < batch; item++) {
                used++;
                transfers.add().id(Long.reverseBytes(used), 1).debitId(debit).creditId(credit).asset(USD).amount(1);
            }
            session.createTransfers(transfers).requireApplied();
        }
        return System.nanoTime() - start;
    }

    /** Nanoseconds for so many lookups of one balance. */
    private long balances(int calls) {
        long start = System.nanoTime();
        for (int call = 0; call < calls; call++) {
            keys.clear();
            keys.add().id(debit).asset(USD);
            session.getBalances(keys, null);
        }
        return System.nanoTime() - start;
    }

    private static double median(double[] sorted) {
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static String spread(double[] sorted) {
        return String.format(Locale.ROOT, "%.2f (%.2f, %.2f)", median(sorted), sorted[0], sorted[sorted.length - 1]);
    }

    private static native int openC();

    private static native long transfersC(int batch, int calls);

    private static native long balancesC(int calls);

    private static native void closeC();
}
