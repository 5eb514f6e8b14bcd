package org.qenex;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/**
 * The records that a query answered.
 *
 * @param <T> the records
 */
public final class Page<T> extends AbstractList<T> {
    private final List<T> records;
    private final byte[] cursor;
    private final int status;

    private Page(List<T> records, byte[] cursor, int status) {
        this.records = records;
        this.cursor = cursor;
        this.status = status;
    }

    /** Reads all records of a buffer of the library, and frees it. */
    static <T> Page<T> read(long buffer, int status, int recordSize, Answers.Reader<T> reader) {
        try (Call call = Call.begin()) {
            int length = call.reserve(8);
            int count = (int) Native.bufferCount(buffer);
            int stride = (int) Native.bufferRecordSize(buffer);
            if (count > 0 && stride < recordSize) {
                throw new QenexException(
                        Status.INVALID_STRUCT_SIZE,
                        "the library's records have " + stride + " bytes, and this package reads " + recordSize);
            }
            ByteBuffer records = Values.view(Native.bufferRecords(buffer), (long) count * stride);
            ByteBuffer arena = arena(call, length, buffer);
            List<T> read = new ArrayList<>(count);
            for (int index = 0; index < count; index++) {
                read.add(reader.read(records, index * stride, arena));
            }
            return new Page<>(read, cursor(call, length, buffer), status);
        } finally {
            Native.bufferFree(buffer);
        }
    }

    static Page<String> texts(long buffer, int status) {
        return read(buffer, status, Layout.Text.SIZE, Answer::text);
    }

    /** The text of a buffer, which it frees. */
    static String text(long buffer) {
        try (Call call = Call.begin()) {
            return StandardCharsets.UTF_8.decode(arena(call, call.reserve(8), buffer)).toString();
        } finally {
            Native.bufferFree(buffer);
        }
    }

    /** The text of a buffer, which it frees, and where the next one begins. */
    static JournalPage journal(long buffer) {
        try (Call call = Call.begin()) {
            int length = call.reserve(8);
            String text = StandardCharsets.UTF_8.decode(arena(call, length, buffer)).toString();
            return new JournalPage(text, cursor(call, length, buffer));
        } finally {
            Native.bufferFree(buffer);
        }
    }

    private static byte[] cursor(Call call, int length, long buffer) {
        long address = Native.bufferCursor(buffer, call.address(length));
        if (address == 0) {
            return null;
        }
        int bytes = (int) call.getLong(length);
        return Answer.plain(Values.view(address, bytes), 0, bytes);
    }

    static ByteBuffer arena(Call call, int length, long buffer) {
        long address = Native.bufferArena(buffer, call.address(length));
        return Values.view(address, address == 0 ? 0 : call.getLong(length));
    }

    /** Where the next page begins: {@link StatementOptions#cursor}; null: there is nothing more. */
    public byte[] cursor() {
        return cursor == null ? null : cursor.clone();
    }

    /** {@link Status#OK}; {@link Status#SOME_REFUSED}: some of what was asked for is unknown, see the records. */
    public Status status() {
        return Status.of(status);
    }

    @Override
    public T get(int index) {
        return records.get(index);
    }

    @Override
    public int size() {
        return records.size();
    }
}
