package org.qenex;

import java.nio.ByteBuffer;
import java.util.AbstractList;

/**
 * One answer for each item of a call, in the same order; each is read when it is asked for.
 *
 * @param <T> the answers
 */
public class Answers<T> extends AbstractList<T> {
    private final Bytes bytes;
    private final int count;
    private final int recordSize;
    private final Reader<T> reader;
    private int status;

    /** How a record is read. */
    interface Reader<T> {
        T read(ByteBuffer bytes, int at, ByteBuffer arena);
    }

    Answers(int count, int recordSize, Reader<T> reader) {
        this.count = count;
        this.recordSize = recordSize;
        this.reader = reader;
        this.bytes = new Bytes(true, count * recordSize);
        bytes.assume(count * recordSize);
    }

    final Bytes memory() {
        return bytes;
    }

    final long address() {
        return bytes.address();
    }

    Answers<T> done(int status) {
        this.status = status;
        return this;
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
        return reader.read(bytes.buffer(), index * recordSize, null);
    }

    @Override
    public final int size() {
        return count;
    }
}
