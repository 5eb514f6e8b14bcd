package org.qenex;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Who is acting: every operation takes one. Any thread may use it, many at once; calls of many threads share commits.
 * It keeps its engine alive, not open. After {@link #close} its calls throw with {@link Status#INVALID_HANDLE}.
 */
public final class Session extends SessionCalls implements AutoCloseable {
    private final Engine engine;
    private final long handle;
    private final Cleaner.Cleanable cleanable;

    Session(Engine engine, long handle) {
        this.engine = engine;
        this.handle = handle;
        this.cleanable = Engine.CLEANER.register(this, () -> Native.sessionFree(handle));
    }

    @Override
    long handle() {
        return handle;
    }

    /** The engine that this session belongs to. */
    public Engine engine() {
        return engine;
    }

    /** Ends the session; calls under way finish. Closing again does nothing. */
    @Override
    @Abi("qenex_session_free")
    public void close() {
        cleanable.clean();
    }

    /**
     * Opens a customer's account, known by a number such as "ACC001", in a currency such as "USD". What it needs and
     * the file lacks is created with it. A refusal, such as {@link Status#NUMBER_TAKEN}, throws.
     */
    public Result openAccount(String number, String currency) {
        return openAccount(number, currency, (String) null);
    }

    /** As {@link #openAccount(String, String)}, with an opening balance such as "250.00". */
    public Result openAccount(String number, String currency, String openingBalance) {
        return applied(openAccountSimple(number, currency, openingBalance));
    }

    /** As {@link #openAccount(String, String)}, with an opening balance. */
    public Result openAccount(String number, String currency, BigDecimal openingBalance) {
        return openAccount(number, currency, plain(openingBalance));
    }

    /**
     * Pays an amount such as "100.00" from one account to another. Calling it again pays again; to be safe, give an id.
     * A refusal, such as {@link Status#INSUFFICIENT_FUNDS}, throws.
     */
    public Result transfer(String from, String to, String amount, String currency) {
        return transfer(null, from, to, amount, currency);
    }

    /** As {@link #transfer(String, String, String, String)}. */
    public Result transfer(String from, String to, BigDecimal amount, String currency) {
        return transfer(null, from, to, plain(amount), currency);
    }

    /** With an id a payment happens once, however often the call is repeated: {@link Qenex#newId} makes one. */
    public Result transfer(UUID id, String from, String to, String amount, String currency) {
        return applied(transferSimple(id, from, to, amount, currency));
    }

    /** As {@link #transfer(UUID, String, String, String, String)}. */
    public Result transfer(UUID id, String from, String to, BigDecimal amount, String currency) {
        return transfer(id, from, to, plain(amount), currency);
    }

    /**
     * Exchanges an amount, such as "100.00" of {@code fromCurrency}, at a rate such as "24.512" (units of
     * {@code toCurrency} for one), rounded half to even, and credits the second account. With an id it happens once; null:
     * calling it again exchanges again. A refusal throws.
     */
    public Result exchange(
            UUID id,
            String from,
            String to,
            String amount,
            String fromCurrency,
            String toCurrency,
            String rate) {
        return applied(exchangeSimple(id, from, to, amount, fromCurrency, toCurrency, rate));
    }

    /** The balance of an account, named by its number, on its normal side: what a bank owes its customer is positive. */
    public BigDecimal balance(String number, String currency) {
        return new BigDecimal(balanceText(number, currency));
    }

    private static String plain(BigDecimal amount) {
        return amount.stripTrailingZeros().toPlainString();
    }

    private static Result applied(Result result) {
        if (result.status() != Status.OK) {
            throw Results.refused(result.status(), 0);
        }
        return result;
    }

    /**
     * A statement that was cut ({@link #cutStatements(List)}) with a page of its lines, the oldest date first.
     *
     * @param skip how many lines the pages before had
     * @param limit lines of this page, 1 to 10000; 0: 100. A page with fewer is the last
     */
    @Abi("qenex_statement_issue")
    public IssuedStatement issueStatement(AccountKey key, int number, long skip, int limit) {
        try (Call call = Call.begin()) {
            int statementAt = call.reserve(Layout.StatementRecord.SIZE);
            int bufferAt = call.reserve(8);
            int status =
                    Native.statementIssue(
                            handle(),
                            call.item(key),
                            Layout.AccountKey.SIZE,
                            call.texts(key),
                            call.textsLength(key),
                            number,
                            skip,
                            limit,
                            call.address(statementAt),
                            call.address(bufferAt));
            Page<IssuedLine> lines =
                    Page.read(call.getLong(bufferAt), status, Layout.IssuedLine.SIZE, IssuedLine::new);
            return new IssuedStatement(new StatementRecord(call.memory(), statementAt, null), lines);
        } finally {
            Reference.reachabilityFence(key);
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The journal of an entity (0: entity 1) for booking dates, as text: what the balances were before, every transfer,
     * what changed its code, and in plain-text accounting the balances that must come out.
     *
     * @param format the code of a {@link Journal}
     * @param limit transfers of a page; 0: 10000
     * @param cursor of the page before; null: from the beginning
     */
    @Abi("qenex_gl_journal")
    public JournalPage glJournal(int entity, LocalDate from, LocalDate to, int format, int limit, byte[] cursor) {
        try (Call call = Call.begin()) {
            int bufferAt = call.reserve(8);
            Native.glJournal(
                    handle(),
                    entity,
                    Values.date(from),
                    Values.date(to),
                    format,
                    limit,
                    call.bytes(cursor),
                    Values.length(cursor),
                    call.address(bufferAt));
            return Page.journal(call.getLong(bufferAt));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** As {@link #glJournal(int, LocalDate, LocalDate, int, int, byte[])}. */
    public JournalPage glJournal(
            int entity, LocalDate from, LocalDate to, Journal format, int limit, byte[] cursor) {
        return glJournal(entity, from, to, format.code(), limit, cursor);
    }

    /** Executes commands of different kinds in order. Otherwise as {@link #createTransfers(Batch, ExecuteOptions)}. */
    @Abi("qenex_execute")
    public Results execute(MixedBatch commands, ExecuteOptions options) {
        try (Call call = Call.begin()) {
            commands.pin(call);
            long answersAt = call.answers(call.count(), Layout.Result.SIZE);
            int status =
                    Native.execute(
                            handle,
                            call.records(),
                            call.count(),
                            Layout.Command.SIZE,
                            call.arena(),
                            call.arenaLength(),
                            call.item(options),
                            answersAt);
            return new Results(call.answered(), status);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** As {@link #execute(MixedBatch, ExecuteOptions)}, with a list and all options at their defaults. */
    public Results execute(List<? extends Command<?>> commands) {
        MixedBatch batch = new MixedBatch();
        commands.forEach(batch::add);
        return execute(batch, null);
    }

    /**
     * Queues a batch and returns at once; the records are copied, so that the batch may be used again. The future
     * completes after the batch is durable, in a thread of the binding's that may call the engine; refused items are in
     * the results, and what fails as a whole completes it exceptionally with a {@link QenexException}.
     * {@link Status#BUSY}: the queue is full; wait for a future, then submit again. Closing the engine finishes what is
     * queued.
     */
    @Abi("qenex_submit_notify")
    public <T extends Command<T>> CompletableFuture<Results> submit(Batch<T> batch, ExecuteOptions options) {
        try (Call call = Call.begin()) {
            batch.pin(call);
            return submit(call, batch.kind(), batch.recordSize(), options);
        }
    }

    /** As {@link #submit(Batch, ExecuteOptions)}, with all options at their defaults. */
    public <T extends Command<T>> CompletableFuture<Results> submit(Batch<T> batch) {
        return submit(batch, null);
    }

    /** As {@link #submit(Batch, ExecuteOptions)}, for commands of different kinds. */
    @Abi("qenex_submit_notify")
    public CompletableFuture<Results> submit(MixedBatch batch, ExecuteOptions options) {
        try (Call call = Call.begin()) {
            batch.pin(call);
            return submit(call, CommandKind.MIXED, Layout.Command.SIZE, options);
        }
    }

    private CompletableFuture<Results> submit(Call call, CommandKind kind, int recordSize, ExecuteOptions options) {
        Submitted submitted = new Submitted(engine.waiter());
        try {
            Native.submitNotify(
                    handle,
                    kind.code(),
                    call.records(),
                    call.count(),
                    recordSize,
                    call.arena(),
                    call.arenaLength(),
                    call.item(options),
                    Glue.completionFunction(),
                    Glue.keep(submitted),
                    Glue.destroyFunction());
            return submitted.future();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Queues a batch for hosts that collect by themselves: what became of it comes from {@link Engine#collect} under the
     * same tag. {@link Status#BUSY}: the queue is full; collect, then submit again.
     */
    @Abi("qenex_submit")
    public <T extends Command<T>> void submit(Batch<T> batch, ExecuteOptions options, long tag) {
        try (Call call = Call.begin()) {
            batch.pin(call);
            submit(call, batch.kind(), batch.recordSize(), options, tag);
        }
    }

    /** As {@link #submit(Batch, ExecuteOptions, long)}, for commands of different kinds. */
    @Abi("qenex_submit")
    public void submit(MixedBatch batch, ExecuteOptions options, long tag) {
        try (Call call = Call.begin()) {
            batch.pin(call);
            submit(call, CommandKind.MIXED, Layout.Command.SIZE, options, tag);
        }
    }

    private void submit(Call call, CommandKind kind, int recordSize, ExecuteOptions options, long tag) {
        try {
            Native.submit(
                    handle,
                    kind.code(),
                    call.records(),
                    call.count(),
                    recordSize,
                    call.arena(),
                    call.arenaLength(),
                    call.item(options),
                    tag);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
