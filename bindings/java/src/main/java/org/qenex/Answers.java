package org.qenex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.AbstractList;

/**
 * One answer for each item of a call, in the same order; each is read when it is asked for. They do not change, and any
 * thread may read them.
 *
 * @param <T> the answers
 */
public class Answers<T> extends AbstractList<T> {
    private final ByteBuffer bytes;
    private final int count;
    private final int recordSize;
    private final Reader<T> reader;
    private final int status;

    /** How a record is read. */
    interface Reader<T> {
        T read(ByteBuffer bytes, int at, ByteBuffer arena);
    }

    /** The records that a call with this status answered, one behind the other. */
    Answers(byte[] answered, int recordSize, Reader<T> reader, int status) {
        this.bytes = ByteBuffer.wrap(answered).order(ByteOrder.nativeOrder());
        this.count = answered.length / recordSize;
        this.recordSize = recordSize;
        this.reader = reader;
        this.status = status;
    }

    final ByteBuffer bytes() {
        return bytes;
    }

    /** The call's status: {@link Status#OK}, or {@link Status#SOME_REFUSED}. */
    public final Status status() {
        return Status.of(status);
    }

    @Override
    public final T get(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("there are " + count + " answers, and no number " + index);
        }
        return reader.read(bytes, index * recordSize, null);
    }

    @Override
    public final int size() {
        return count;
    }
}
