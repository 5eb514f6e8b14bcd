package org.qenex;

import java.nio.file.Path;
import java.time.Clock;

/** How to open an engine. Only the path has no default. */
public final class OpenOptions {
    private final byte[] path;
    private int flags;
    private int durability;
    private int maxReaders;
    private long cacheBytes;
    private long filterBytes;
    private int pageCacheKib;
    private int queueCapacity;
    private long checkpointBytes;
    private long walLimitBytes;
    private int busyTimeoutMs;
    private int replayLimit;
    private int logLevel;
    private int readerAgeLimitMs;
    private LogListener log;
    private Clock clock;

    private OpenOptions(byte[] path, int flags) {
        this.path = path;
        this.flags = flags;
    }

    /** For the database at a path, which is created when it is missing. */
    public static OpenOptions file(Path path) {
        return new OpenOptions(Values.utf8("path", path.toString()), 0);
    }

    /** For a database in memory that ends with the engine. */
    public static OpenOptions memory() {
        return new OpenOptions(new byte[0], OpenFlags.MEMORY);
    }

    /** {@link OpenFlags}, beside those that are set already. */
    public OpenOptions flags(int value) {
        flags |= value;
        return this;
    }

    /** Open without the right to write; any number of processes may, beside one writer. */
    public OpenOptions readOnly() {
        return flags(OpenFlags.READ_ONLY);
    }

    /** Do not create the file when it is missing. */
    public OpenOptions mustExist() {
        return flags(OpenFlags.MUST_EXIST);
    }

    /** What a success survives; null or left out: {@link Durability#FULL}. */
    public OpenOptions durability(Durability value) {
        durability = value == null ? 0 : value.code();
        return this;
    }

    /** Readers at the same time; 0: 16. */
    public OpenOptions maxReaders(int value) {
        maxReaders = value;
        return this;
    }

    /** Memory for cached accounts and balances, in bytes; 0: the library's default. */
    public OpenOptions cacheBytes(long value) {
        cacheBytes = value;
        return this;
    }

    /** Memory for the filters of the index of keys, in bytes; 0: the library's default. */
    public OpenOptions filterBytes(long value) {
        filterBytes = value;
        return this;
    }

    /** SQLite's page cache of the writer in KiB; 0: 16384. */
    public OpenOptions pageCacheKib(int value) {
        pageCacheKib = value;
        return this;
    }

    /** Batches that may be submitted and not be done yet; 0: 64. */
    public OpenOptions queueCapacity(int value) {
        queueCapacity = value;
        return this;
    }

    /** Bytes of the write-ahead log after which it is moved into the file; 0: 16 MiB. */
    public OpenOptions checkpointBytes(long value) {
        checkpointBytes = value;
        return this;
    }

    /** Bytes of the write-ahead log after which commits are refused ({@link Status#WAL_LIMIT}); 0: 1 GiB. */
    public OpenOptions walLimitBytes(long value) {
        walLimitBytes = value;
        return this;
    }

    /** How long to wait for a lock or a free reader, in milliseconds; 0: 5000. */
    public OpenOptions busyTimeoutMs(int value) {
        busyTimeoutMs = value;
        return this;
    }

    /** Changes that opening after a kill replays at most, roughly; 0: 262144. */
    public OpenOptions replayLimit(int value) {
        replayLimit = value;
        return this;
    }

    /** Log messages up to this level; null or left out: {@link LogLevel#INFO}. */
    public OpenOptions logLevel(LogLevel value) {
        logLevel = value == null ? 0 : value.code();
        return this;
    }

    /**
     * How long one query, backup or check may read, in milliseconds; the next commit then ends it
     * ({@link Status#SNAPSHOT_TOO_OLD}). 0: an hour.
     */
    public OpenOptions readerAgeLimitMs(int value) {
        readerAgeLimitMs = value;
        return this;
    }

    /** Receives log messages until the engine is closed. */
    public OpenOptions log(LogListener value) {
        log = value;
        return this;
    }

    /**
     * Tells the time in place of the system's clock. It may be called from any thread, by several at once, and must
     * not call the engine. When it throws, the thread's handler of uncaught exceptions is told, and the time of the last
     * command goes on.
     */
    public OpenOptions clock(Clock value) {
        clock = value;
        return this;
    }

    /** Writes the options, which keep what they name until the library lets go of it. */
    long write(Call call) {
        long pathAt = call.bytes(path);
        int at = call.reserve(Layout.Options.SIZE);
        call.putInt(at + Layout.Options.STRUCT_SIZE, Layout.Options.SIZE);
        call.putInt(at + Layout.Options.FLAGS, flags);
        call.putLong(at + Layout.Options.PATH, pathAt);
        call.putLong(at + Layout.Options.PATH_LEN, path.length);
        call.putInt(at + Layout.Options.DURABILITY, durability);
        call.putInt(at + Layout.Options.MAX_READERS, maxReaders);
        call.putLong(at + Layout.Options.CACHE_BYTES, cacheBytes);
        call.putLong(at + Layout.Options.FILTER_BYTES, filterBytes);
        call.putInt(at + Layout.Options.PAGE_CACHE_KIB, pageCacheKib);
        call.putInt(at + Layout.Options.QUEUE_CAPACITY, queueCapacity);
        call.putLong(at + Layout.Options.CHECKPOINT_BYTES, checkpointBytes);
        call.putLong(at + Layout.Options.WAL_LIMIT_BYTES, walLimitBytes);
        call.putInt(at + Layout.Options.BUSY_TIMEOUT_MS, busyTimeoutMs);
        call.putInt(at + Layout.Options.REPLAY_LIMIT, replayLimit);
        call.putInt(at + Layout.Options.LOG_LEVEL, logLevel);
        call.putInt(at + Layout.Options.READER_AGE_LIMIT_MS, readerAgeLimitMs);
        if (log != null) {
            call.putLong(at + Layout.Options.LOG, Glue.logFunction());
            call.putLong(at + Layout.Options.LOG_USER_DATA, Glue.keep(log));
            call.putLong(at + Layout.Options.LOG_DESTROY, Glue.destroyFunction());
        }
        if (clock != null) {
            call.putLong(at + Layout.Options.CLOCK, Glue.clockFunction());
            call.putLong(at + Layout.Options.CLOCK_USER_DATA, Glue.keep(clock));
            call.putLong(at + Layout.Options.CLOCK_DESTROY, Glue.destroyFunction());
        }
        return call.address(at);
    }
}
