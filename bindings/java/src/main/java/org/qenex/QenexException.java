package org.qenex;

import java.nio.charset.StandardCharsets;

/**
 * A call failed, or an item was refused where only success will do. It says what happened, to which item, and what to
 * do about it. With a negative status nothing of the call was applied, {@link Status#OUTCOME_UNKNOWN} alone excepted.
 */
public class QenexException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final long item;
    private final int sqliteCode;

    QenexException(int status, String message, long item, int sqliteCode) {
        super(message);
        this.status = status;
        this.item = item;
        this.sqliteCode = sqliteCode;
    }

    QenexException(Status status, String message) {
        this(status.code(), message, -1, 0);
    }

    /** Called by the native code. */
    static QenexException of(int status, byte[] message, long item, int sqliteCode) {
        return new QenexException(status, new String(message, StandardCharsets.UTF_8), item, sqliteCode);
    }

    /** What happened; throws for a number that this version of the package does not know: {@link #statusCode}. */
    public Status status() {
        return Status.of(status);
    }

    /** What happened, as the number that crosses the C boundary. */
    public int statusCode() {
        return status;
    }

    /** Index of the item that the error belongs to, counted from 0; -1: to none. */
    public long item() {
        return item;
    }

    /** SQLite's extended result code; 0: SQLite had no part in the error. */
    public int sqliteCode() {
        return sqliteCode;
    }
}
