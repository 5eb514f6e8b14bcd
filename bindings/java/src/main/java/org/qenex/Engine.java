package org.qenex;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open database. Any thread may use it, many at once. Close it; one that was forgotten is closed when it is no
 * longer reachable. A call on a closed engine throws with {@link Status#INVALID_HANDLE}, a call on one of its sessions
 * with {@link Status#CLOSED}.
 */
public final class Engine extends EngineCalls implements AutoCloseable {
    static final Cleaner CLEANER = Cleaner.create();

    private final State state;

    private Engine(long handle) {
        state = new State(handle);
        CLEANER.register(this, state);
    }

    /** What outlives the engine until it is closed. */
    private static final class State implements Runnable {
        private final long handle;
        private final AtomicBoolean closed = new AtomicBoolean();
        private ThreadPoolExecutor waiter;

        State(long handle) {
            this.handle = handle;
        }

        /** The one thread in which the futures of this engine are completed; it ends when it has nothing to do. */
        synchronized ExecutorService waiter() {
            if (waiter == null) {
                waiter =
                        new ThreadPoolExecutor(
                                1,
                                1,
                                10,
                                TimeUnit.SECONDS,
                                new LinkedBlockingQueue<>(),
                                task -> {
                                    Thread thread = new Thread(task, "qenex-futures");
                                    thread.setDaemon(true);
                                    return thread;
                                });
                waiter.allowCoreThreadTimeOut(true);
            }
            return waiter;
        }

        void close() {
            if (!closed.compareAndSet(false, true)) {
                return;
            }
            try {
                Native.close(handle);
            } catch (QenexException error) {
                if (error.statusCode() == Status.REENTRANT.code() || error.statusCode() == Status.FORKED.code()) {
                    closed.set(false);
                }
                throw error;
            }
        }

        @Override
        public void run() {
            try {
                close();
            } catch (QenexException error) {
                // The engine is gone, and nobody is there to be told.
            }
        }
    }

    /** Opens the database at a path, and creates it when it is missing. */
    @Abi("qenex_open")
    public static Engine open(Path path) {
        return open(OpenOptions.file(path));
    }

    /** Opens a database in memory that ends with the engine. */
    @Abi("qenex_open")
    public static Engine openInMemory() {
        return open(OpenOptions.memory());
    }

    /**
     * Opens a database. One engine per file: another one, in this or another process, gets
     * {@link Status#ALREADY_OPEN} or {@link Status#LOCKED}, unless it opens read-only. After a crash, opening recovers
     * everything acknowledged.
     */
    @Abi("qenex_open")
    public static Engine open(OpenOptions options) {
        Library.ready();
        try (Call call = Call.begin()) {
            int engineAt = call.reserve(8);
            Native.open(options.write(call), call.address(engineAt));
            return new Engine(call.getLong(engineAt));
        }
    }

    @Override
    long handle() {
        return state.handle;
    }

    ExecutorService waiter() {
        return state.waiter();
    }

    /**
     * Closes the engine: what is queued is finished or refused and its futures are completed, the file and its lock are
     * released. Closing again does nothing. From a callback it throws with {@link Status#REENTRANT}.
     */
    @Override
    @Abi("qenex_close")
    public void close() {
        try {
            state.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Opens a session for who acts in every command of it: a user, a service; 1 to 128 bytes. */
    public Session openSession(String principal) {
        return openSession(principal, null);
    }

    /** Opens a session for who acts, and for whom (null: nobody). Both are in the audit record of each change. */
    @Abi("qenex_session_open")
    public Session openSession(String principal, String onBehalfOf) {
        try (Call call = Call.begin()) {
            byte[] who = Values.utf8("principal", principal);
            byte[] whom = Values.utf8("on_behalf_of", onBehalfOf);
            int sessionAt = call.reserve(8);
            Native.sessionOpen(
                    handle(),
                    call.bytes(who),
                    Values.length(who),
                    call.bytes(whom),
                    Values.length(whom),
                    call.address(sessionAt));
            return new Session(this, call.getLong(sessionAt));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Copies the file to a path, which must not exist, while writing goes on. The copy is verified and durable. */
    public void backup(Path path) {
        backup(path, null);
    }

    /** As {@link #backup(Path)}, and tells how far it is; progress may be null. */
    @Abi("qenex_backup")
    public void backup(Path path, Progress progress) {
        Callbacks.Watched watched = new Callbacks.Watched(progress);
        long kept = progress == null ? 0 : Glue.keep(watched);
        try (Call call = Call.begin()) {
            byte[] pathBytes = Values.utf8("path", path.toString());
            Native.backup(
                    handle(),
                    call.bytes(pathBytes),
                    Values.length(pathBytes),
                    progress == null ? 0 : Glue.progressFunction(),
                    kept);
            watched.rethrow();
        } catch (QenexException error) {
            watched.rethrow();
            throw error;
        } finally {
            if (kept != 0) {
                Glue.let(kept);
            }
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Collects what became of batches of {@link Session#submit(Batch, ExecuteOptions, long)}: waits until at least one
     * is done, and answers at most {@code max}, 1 to {@link Limits#COLLECT_MAX}. {@link Status#TIMED_OUT}: none was done
     * in time. Futures are not collected: they complete by themselves.
     */
    @Abi("qenex_collect")
    public List<Completion> collect(int timeoutMs, int max) {
        try (Call call = Call.begin()) {
            int bufferAt = call.reserve(8);
            Native.collect(handle(), timeoutMs, max, call.address(bufferAt));
            return completions(call, call.getLong(bufferAt));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static List<Completion> completions(Call call, long buffer) {
        try {
            int lengthAt = call.reserve(8);
            long resultsAt = Native.bufferResults(buffer, call.address(lengthAt));
            long size = call.getLong(lengthAt) * Layout.Result.SIZE;
            ByteBuffer results = Values.view(resultsAt, resultsAt == 0 ? 0 : size);
            ByteBuffer arena = Page.arena(call, lengthAt, buffer);
            int count = (int) Native.bufferCount(buffer);
            int stride = (int) Native.bufferRecordSize(buffer);
            ByteBuffer records = Values.view(Native.bufferRecords(buffer), (long) count * stride);
            List<Completion> completions = new ArrayList<>(count);
            for (int at = 0; at < count * stride; at += stride) {
                int items = records.getInt(at + Layout.Completion.RESULTS);
                long first = records.getLong(at + Layout.Completion.FIRST_RESULT) * Layout.Result.SIZE;
                int status = records.getInt(at + Layout.Completion.STATUS);
                byte[] bytes = Answer.plain(results, items == 0 ? 0 : (int) first, items * Layout.Result.SIZE);
                completions.add(
                        new Completion(
                                records.getLong(at + Layout.Completion.TAG),
                                status,
                                Answer.text(records, at + Layout.Completion.MESSAGE, arena),
                                new Results(bytes, status)));
            }
            return completions;
        } finally {
            Native.bufferFree(buffer);
        }
    }

    /** Applies changes of another engine's feed to this copy, as {@code qenex_feed_apply} of qenex.h says. */
    @Abi("qenex_feed_apply")
    public void applyFeed(List<FeedEntry> entries) {
        Bytes records = new Bytes(true, Math.max(1, entries.size()) * Layout.FeedEntry.SIZE);
        Bytes arena = new Bytes(true, 1024);
        for (FeedEntry entry : entries) {
            writeEntry(entry, records, arena);
        }
        try {
            Native.feedApply(
                    handle(),
                    records.address(),
                    records.length() / Layout.FeedEntry.SIZE,
                    Layout.FeedEntry.SIZE,
                    arena.address(),
                    arena.length());
        } finally {
            Reference.reachabilityFence(records);
            Reference.reachabilityFence(arena);
            Reference.reachabilityFence(this);
        }
    }

    private static void writeEntry(FeedEntry entry, Bytes records, Bytes arena) {
        int at = records.add(Layout.FeedEntry.SIZE);
        ByteBuffer record = records.buffer();
        if (entry.key() != null) {
            Call.putId(
                    record,
                    at + Layout.FeedEntry.KEY,
                    entry.key().getMostSignificantBits(),
                    entry.key().getLeastSignificantBits());
        }
        ByteBuffer salt = record.duplicate();
        salt.position(at + Layout.FeedEntry.SALT);
        salt.put(entry.salt());
        record.putLong(at + Layout.FeedEntry.SEQUENCE, entry.sequence());
        record.putLong(at + Layout.FeedEntry.TIME, Values.time(entry.time()));
        putText(record, at + Layout.FeedEntry.ACTOR, entry.actor().getBytes(StandardCharsets.UTF_8), arena);
        putText(
                record,
                at + Layout.FeedEntry.ON_BEHALF_OF,
                entry.onBehalfOf().getBytes(StandardCharsets.UTF_8),
                arena);
        putText(record, at + Layout.FeedEntry.CONTENT, entry.content(), arena);
        List<String> texts = entry.texts();
        ByteBuffer places = ByteBuffer.allocate(texts.size() * Layout.Text.SIZE).order(record.order());
        for (int index = 0; index < texts.size(); index++) {
            putText(places, index * Layout.Text.SIZE, texts.get(index).getBytes(StandardCharsets.UTF_8), arena);
        }
        putText(record, at + Layout.FeedEntry.TEXTS, places.array(), arena);
        record.putInt(at + Layout.FeedEntry.KIND, entry.kindCode());
        record.putInt(at + Layout.FeedEntry.TEXT_COUNT, entry.textCount());
    }

    private static void putText(ByteBuffer record, int at, byte[] text, Bytes arena) {
        if (text.length > 0) {
            record.putInt(at, arena.add(text));
            record.putInt(at + 4, text.length);
        }
    }

    /**
     * Brings a closed file to the format of this version; opening never does. With {@code dryRun} it only answers. Take
     * a backup first.
     */
    @Abi("qenex_upgrade")
    public static Upgrade upgrade(Path path, boolean dryRun) {
        Library.ready();
        try (Call call = Call.begin()) {
            byte[] pathBytes = Values.utf8("path", path.toString());
            int fromAt = call.reserve(4);
            int toAt = call.reserve(4);
            Native.upgrade(
                    call.bytes(pathBytes),
                    Values.length(pathBytes),
                    dryRun ? 1 : 0,
                    call.address(fromAt),
                    call.address(toAt));
            return new Upgrade(call.getInt(fromAt), call.getInt(toAt));
        }
    }
}
