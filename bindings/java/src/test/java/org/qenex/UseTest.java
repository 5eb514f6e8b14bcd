package org.qenex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What hosts do with the package, and what they do wrong: always an answer or a typed error, never a crash. */
class UseTest {
    @TempDir Path folder;

    private static QenexException fails(Status status, Executable call) {
        QenexException error = assertThrows(QenexException.class, call);
        assertEquals(status, error.status(), error.getMessage());
        return error;
    }

    private static Session bank(Engine engine) {
        Session session = engine.openSession("teller");
        session.openAccount("ACC001", "USD", "1000.00");
        session.openAccount("ACC002", "USD");
        return session;
    }

    private static Batch<Transfer> payments(int count, long amount) {
        Batch<Transfer> batch = Transfer.batch();
        for (int item = 0; item < count; item++) {
            batch.add().id(Qenex.newId()).debitNumber("ACC001").creditNumber("ACC002").asset(840).amount(amount);
        }
        return batch;
    }

    @Test
    void oneLineCallsTakeAndGiveDecimals() {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            UUID id = Qenex.newId();
            session.transfer(id, "ACC001", "ACC002", new BigDecimal("1E+2"), "USD");
            session.transfer(id, "ACC001", "ACC002", new BigDecimal("100.000"), "USD");
            assertEquals(new BigDecimal("100.00"), session.balance("ACC002", "USD"));
            QenexException refused =
                    fails(Status.INSUFFICIENT_FUNDS, () -> session.transfer("ACC001", "ACC002", "5000.00", "USD"));
            assertEquals(0, refused.item());
            fails(Status.INVALID_AMOUNT_TEXT, () -> session.transfer("ACC001", "ACC002", "1.005", "USD"));
            fails(Status.NUMBER_TAKEN, () -> session.openAccount("ACC001", "USD"));
        }
    }

    @Test
    void amountsAreNeverRoundedOrCut() {
        BigInteger most = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
        assertEquals(BigInteger.valueOf(10050), Amounts.toMinor(new BigDecimal("100.500"), 2));
        fails(Status.INVALID_AMOUNT_TEXT, () -> Amounts.toMinor(new BigDecimal("0.001"), 2));
        fails(Status.OVERFLOW, () -> new Transfer().amount(most.add(BigInteger.ONE)));
        fails(Status.OVERFLOW, () -> new Transfer().amount(new BigDecimal("1E+60"), 2));
        fails(Status.OVERFLOW, () -> Qenex.addAmount(most, BigInteger.ONE));
        assertEquals(most.negate(), Qenex.subtractAmount(BigInteger.ZERO, most));
        assertEquals(most.negate().subtract(BigInteger.ONE), Amounts.of(0, Long.MIN_VALUE));
        assertEquals(new BigInteger("18446744073709551615"), Amounts.of(-1, 0));
    }

    @Test
    void textsThatAreNoTextsAreRefused() {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            fails(Status.INVALID_UTF8, () -> session.balance("ACC\ud800", "USD"));
            fails(Status.INVALID_UTF8, () -> new Transfer().narrative("\udc00"));
            fails(Status.INVALID_ARGUMENT, () -> new Transfer().userData128(new byte[15]));
            fails(Status.NOT_FOUND, () -> session.balance("ACC001\0", "USD"));
            UUID id = Qenex.newId();
            session.createTransfers(
                            List.of(
                                    new Transfer()
                                            .id(id)
                                            .debitNumber("ACC001")
                                            .creditNumber("ACC002")
                                            .asset(840)
                                            .amount(new BigDecimal("12.34"), 2)
                                            .narrative("žluťoučký kůň 🐎")))
                    .requireApplied();
            TransferRecord kept = session.getTransfers(List.of(id)).get(0);
            assertEquals("žluťoučký kůň 🐎", kept.narrative());
            assertEquals(new BigDecimal("12.34"), kept.amount(2));
            QenexException error =
                    fails(
                            Status.INVALID_UTF8,
                            () ->
                                    session.createTransfers(
                                            List.of(
                                                    new Transfer().id(Qenex.newId()),
                                                    new Transfer().narrative(new byte[] {(byte) 0xc3, 0x28}))));
            assertEquals(1, error.item());
        }
    }

    @Test
    void datesAndTimesStayInTheirRange() {
        fails(Status.INVALID_DATE, () -> new Transfer().bookingDate(LocalDate.of(10000, 1, 1)));
        fails(Status.INVALID_DATE, () -> new Hold().expiresAt(Instant.MAX));
        fails(Status.INVALID_DATE, () -> new Hold().expiresAt(Instant.EPOCH));
        assertEquals(Instant.EPOCH, Qenex.parseTime("1970-01-01T00:00:00Z"));
        assertEquals("1970-01-01T00:00:00.000000Z", Qenex.formatTime(Instant.EPOCH));
        fails(Status.INVALID_DATE, () -> Qenex.addDays(LocalDate.of(9999, 12, 31), 1));
    }

    @Test
    void closedHandlesAnswerWithAStatus() {
        Engine engine = Engine.openInMemory();
        Session session = bank(engine);
        Session other = engine.openSession("other");
        other.close();
        other.close();
        fails(Status.INVALID_HANDLE, () -> other.balance("ACC001", "USD"));
        engine.close();
        engine.close();
        fails(Status.CLOSED, () -> session.balance("ACC001", "USD"));
        fails(Status.CLOSED, () -> session.submit(payments(1, 1)));
        fails(Status.INVALID_HANDLE, () -> engine.openSession("late"));
        session.close();
        assertEquals(0, Glue.kept());
    }

    @Test
    void closingWhileOthersCall() throws Exception {
        for (int round = 0; round < 10; round++) {
            Engine engine = Engine.openInMemory();
            Session session = bank(engine);
            AtomicInteger calls = new AtomicInteger();
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (int index = 0; index < 3; index++) {
                Thread thread =
                        new Thread(
                                () -> {
                                    try {
                                        while (true) {
                                            session.createTransfers(payments(3, 1));
                                            calls.incrementAndGet();
                                        }
                                    } catch (QenexException error) {
                                        if (error.status() != Status.CLOSED) {
                                            wrong.set(error);
                                        }
                                    } catch (Throwable error) {
                                        wrong.set(error);
                                    }
                                });
                thread.start();
                threads.add(thread);
            }
            while (calls.get() < 5) {
                Thread.onSpinWait();
            }
            engine.close();
            for (Thread thread : threads) {
                thread.join(60_000);
            }
            assertNull(wrong.get());
            session.close();
        }
    }

    @Test
    void collectionDuringCallsEndsNothingThatIsUsed() throws Exception {
        Thread collector =
                new Thread(
                        () -> {
                            while (!Thread.interrupted()) {
                                System.gc();
                            }
                        });
        collector.setDaemon(true);
        collector.start();
        for (int round = 0; round < 50; round++) {
            // Nothing but the call itself refers to engine, session and batch.
            Results results = bank(Engine.openInMemory()).createTransfers(payments(100, 2));
            assertTrue(results.allApplied());
            assertEquals(BigInteger.TWO, results.get(99).amount());
        }
        collector.interrupt();
        collector.join(60_000);
    }

    @Test
    void aForgottenEngineIsClosed() throws Exception {
        Path path = folder.resolve("forgotten.db");
        Engine.open(path).openSession("teller").openAccount("ACC001", "USD", "1.00");
        QenexException locked = null;
        for (int attempt = 0; attempt < 600; attempt++) {
            System.gc();
            try (Engine again = Engine.open(path);
                    Session session = again.openSession("teller")) {
                assertEquals(new BigDecimal("1.00"), session.balance("ACC001", "USD"));
                return;
            } catch (QenexException error) {
                assertEquals(Status.ALREADY_OPEN, error.status());
                locked = error;
                Thread.sleep(100);
            }
        }
        throw locked;
    }

    @Test
    void futuresCompleteAndMayCallTheEngine() throws Exception {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            Batch<Transfer> batch = payments(10, 1);
            List<CompletableFuture<Results>> futures = new ArrayList<>();
            for (int round = 0; round < 20; round++) {
                batch.clear();
                for (int item = 0; item < 10; item++) {
                    batch.add().id(Qenex.newId()).debitNumber("ACC001").creditNumber("ACC002").asset(840).amount(1);
                }
                futures.add(session.submit(batch));
            }
            for (CompletableFuture<Results> future : futures) {
                assertEquals(10, future.get(60, TimeUnit.SECONDS).requireApplied().size());
            }
            assertEquals(new BigDecimal("2.00"), session.balance("ACC002", "USD"));
            CompletableFuture<BigDecimal> then =
                    session.submit(payments(1, 50)).thenApply(results -> session.balance("ACC002", "USD"));
            assertEquals(new BigDecimal("2.50"), then.get(60, TimeUnit.SECONDS));
            MixedBatch mixed = new MixedBatch().add(new HoldRelease().key(Qenex.newId()).hold(Qenex.newId()));
            Results refused = session.submit(mixed, null).get(60, TimeUnit.SECONDS);
            assertEquals(Status.HOLD_UNKNOWN, refused.statusOf(0));
            CompletableFuture<Results> failed =
                    session.submit(payments(1, 1), new ExecuteOptions().time(Instant.parse("1999-01-01T00:00:00Z")));
            ExecutionException error = assertThrows(ExecutionException.class, () -> failed.get(60, TimeUnit.SECONDS));
            assertEquals(Status.CLOCK_WENT_BACK, ((QenexException) error.getCause()).status());
            fails(Status.EMPTY_BATCH, () -> session.submit(Transfer.batch()));
        }
        assertEquals(0, Glue.kept());
    }

    @Test
    void closingCompletesWhatIsQueued() throws Exception {
        List<CompletableFuture<Results>> futures = new ArrayList<>();
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            for (int round = 0; round < 30; round++) {
                futures.add(session.submit(payments(5, 1)));
            }
        }
        for (CompletableFuture<Results> future : futures) {
            assertTrue(future.get(60, TimeUnit.SECONDS).allApplied());
        }
    }

    @Test
    void callbacksThatThrowOrCallTheEngine() {
        AtomicReference<Session> inner = new AtomicReference<>();
        AtomicReference<Status> status = new AtomicReference<>();
        Clock clock =
                new Clock() {
                    @Override
                    public ZoneId getZone() {
                        return ZoneId.of("UTC");
                    }

                    @Override
                    public Clock withZone(ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        Session session = inner.get();
                        if (session != null) {
                            try {
                                session.balance("ACC001", "USD");
                            } catch (QenexException error) {
                                status.set(error.status());
                            }
                        }
                        // Calls without an engine are allowed, and do not disturb the call that goes on.
                        Qenex.formatId(Qenex.newId());
                        return Instant.parse("2024-01-31T12:00:00Z");
                    }
                };
        LogListener log =
                (level, target, text) -> {
                    throw new IllegalStateException("thrown by a test: " + text);
                };
        Queue<Throwable> told = new ConcurrentLinkedQueue<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> told.add(error));
        try (Engine engine = Engine.open(OpenOptions.memory().clock(clock).log(log));
                Session session = bank(engine)) {
            inner.set(session);
            Results results = session.createTransfers(payments(1, 1)).requireApplied();
            assertEquals(Instant.parse("2024-01-31T12:00:00Z"), results.get(0).time());
            assertEquals(Status.REENTRANT, status.get());
            inner.set(null);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(null);
        }
        assertTrue(told.remove().getMessage().startsWith("thrown by a test: "));
        assertEquals(0, Glue.kept());
    }

    @Test
    void timeStandsStillWhenTheClockThrows() {
        AtomicReference<RuntimeException> thrown = new AtomicReference<>();
        Clock clock =
                new Clock() {
                    @Override
                    public ZoneId getZone() {
                        return ZoneId.of("UTC");
                    }

                    @Override
                    public Clock withZone(ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        if (thrown.get() != null) {
                            throw thrown.get();
                        }
                        return Instant.parse("2024-01-31T12:00:00Z");
                    }
                };
        Queue<Throwable> told = new ConcurrentLinkedQueue<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> told.add(error));
        try (Engine engine = Engine.open(OpenOptions.memory().clock(clock));
                Session session = bank(engine)) {
            RuntimeException error = new IllegalStateException("thrown by a test");
            thrown.set(error);
            Results results = session.createTransfers(payments(1, 1)).requireApplied();
            assertEquals(Instant.parse("2024-01-31T12:00:00Z"), results.get(0).time());
            thrown.set(null);
            assertTrue(session.createTransfers(payments(1, 1)).allApplied());
            assertSame(error, told.remove());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(null);
        }
    }

    @Test
    void aProgressFunctionThatThrowsStopsTheBackup() {
        try (Engine engine = Engine.open(folder.resolve("bank.db"));
                Session session = bank(engine)) {
            for (int round = 0; round < 2; round++) {
                session.createTransfers(payments(Limits.BATCH_MAX, 1)).requireApplied();
            }
            IllegalStateException thrown = new IllegalStateException("thrown by a test");
            Throwable caught =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    engine.backup(
                                            folder.resolve("copy.db"),
                                            (pages, total) -> {
                                                throw thrown;
                                            }));
            assertSame(thrown, caught);
            fails(
                    Status.BACKUP_FAILED,
                    () -> engine.backup(folder.resolve("copy2.db"), (pages, total) -> false));
            engine.backup(folder.resolve("copy3.db"));
            assertEquals(new BigDecimal("836.16"), session.balance("ACC001", "USD"));
        }
        assertEquals(0, Glue.kept());
    }

    /** A mistake that the documentation forbids: it may garble the call, but must not end the machine. */
    @Test
    void aBatchThatGrowsWhileItIsUsed() throws Exception {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            for (int round = 0; round < 20; round++) {
                Batch<Transfer> batch = payments(20, 1);
                Thread writer =
                        new Thread(
                                () -> {
                                    for (int item = 0; item < 2000; item++) {
                                        batch.add().id(item, 2).narrative("grows and grows");
                                    }
                                });
                writer.start();
                for (int call = 0; call < 5; call++) {
                    try {
                        assertTrue(session.createTransfers(batch).size() >= 20);
                    } catch (QenexException error) {
                        assertTrue(error.statusCode() < 0, error.getMessage());
                    }
                    System.gc();
                }
                writer.join(60_000);
            }
            assertEquals(new BigDecimal("1000.00"), session.balance("ACC001", "USD").add(session.balance("ACC002", "USD")));
        }
    }

    /** Both lie outside of the record, and nothing but the record refers to them. */
    @Test
    void twoFieldsThatPointElsewhere() {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            Batch<Transfer> batch = payments(0, 1);
            for (int item = 0; item < 3; item++) {
                batch.add()
                        .id(Qenex.newId())
                        .debitNumber("ACC001")
                        .creditNumber("ACC002")
                        .asset(840)
                        .amount(1 + item)
                        .reference("invoice 7");
            }
            session.createTransfers(batch).requireApplied();
            TransferFilter filter = new TransferFilter().reference("invoice 7").limit(1);
            List<BigInteger> amounts = new ArrayList<>();
            byte[] cursor = null;
            do {
                Page<TransferRecord> page = session.findTransfers(filter.cursor(cursor));
                page.forEach(found -> amounts.add(found.amount()));
                cursor = page.cursor();
                System.gc();
            } while (cursor != null);
            assertEquals(3, amounts.size());
        }
    }

    @Test
    void aFullBatchAndOneTooMany() {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            Batch<Transfer> batch = payments(Limits.BATCH_MAX, 1);
            assertEquals(Limits.BATCH_MAX, session.createTransfers(batch).requireApplied().size());
            batch.add();
            fails(Status.BATCH_TOO_LARGE, () -> session.createTransfers(batch));
            assertThrows(
                    IndexOutOfBoundsException.class, () -> session.createTransfers(payments(1, 1)).get(1));
        }
    }

    @Test
    void theFeedOfAnEngineIsReadWhole() {
        try (Engine engine = Engine.openInMemory();
                Session session = bank(engine)) {
            Page<FeedEntry> feed = session.readFeed(0, 1000);
            assertEquals(session.getSequence(), feed.get(feed.size() - 1).sequence());
            assertTrue(feed.get(0).toString().startsWith("FeedEntry["));
        }
    }

    @Test
    void layoutsAreCompared() {
        assertEquals(Layout.ALL[0], new String(Glue.layout(0)));
        assertNull(Glue.layout(Layout.ALL.length));
        assertNull(Library.compareLayout("qenex_id 16 0", "qenex_id 16 0".getBytes()));
        String refused = Library.compareLayout("qenex_id 16 0", "qenex_id 24 8".getBytes());
        assertTrue(refused.contains("qenex_id 24 8 instead of qenex_id 16 0"), refused);
    }

    @Test
    void versionsAreCompared() {
        assertNull(Library.compare(Limits.ABI_VERSION, Limits.ABI_VERSION, "0.1.0".getBytes()));
        String refused = Library.compare(Limits.ABI_VERSION, 99, "9.9.9".getBytes());
        assertTrue(refused.contains("9.9.9") && refused.contains("99") && refused.contains("reads 1"), refused);
    }
}
