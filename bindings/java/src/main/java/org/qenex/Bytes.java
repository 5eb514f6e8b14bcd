package org.qenex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory that grows: direct, so that the library can read it, or of the heap. New bytes are zero. */
final class Bytes {
    private static final byte[] ZEROS = new byte[1024];

    private final boolean direct;
    private ByteBuffer buffer;
    private long address;
    private int length;

    Bytes(boolean direct, int capacity) {
        this.direct = direct;
        this.buffer = allocate(capacity);
    }

    private ByteBuffer allocate(int capacity) {
        ByteBuffer made = direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
        made.order(ByteOrder.nativeOrder());
        address = direct && capacity > 0 ? Glue.address(made) : 0;
        return made;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    /** The address of the first byte; it changes when the memory grows. */
    long address() {
        return length == 0 ? 0 : address;
    }

    int length() {
        return length;
    }

    /** Adds zeros, and answers where they begin. */
    int add(int size) {
        int at = length;
        long end = (long) at + size;
        if (end > buffer.capacity()) {
            grow(end);
        }
        for (int zero = at; zero < end; zero += ZEROS.length) {
            ByteBuffer place = buffer.duplicate();
            place.position(zero);
            place.put(ZEROS, 0, (int) Math.min(ZEROS.length, end - zero));
        }
        length = (int) end;
        return at;
    }

    /** Adds bytes, and answers where they begin. */
    int add(byte[] bytes) {
        return add(ByteBuffer.wrap(bytes));
    }

    /** Adds what remains of a buffer. */
    int add(ByteBuffer bytes) {
        int at = length;
        long end = (long) at + bytes.remaining();
        if (end > buffer.capacity()) {
            grow(end);
        }
        ByteBuffer place = buffer.duplicate();
        place.position(at);
        place.put(bytes);
        length = (int) end;
        return at;
    }

    /** What was added, to be read once. */
    ByteBuffer content() {
        ByteBuffer copy = buffer.duplicate().order(ByteOrder.nativeOrder());
        copy.position(0);
        copy.limit(length);
        return copy;
    }

    private void grow(long least) {
        if (least > Limits.ARENA_MAX) {
            throw new QenexException(
                    Status.BATCH_TOO_LARGE,
                    least + " bytes are more than the " + Limits.ARENA_MAX + " of one call: split the batch");
        }
        ByteBuffer old = content();
        buffer = allocate((int) Math.min(Limits.ARENA_MAX, Math.max(least, 2L * buffer.capacity())));
        buffer.duplicate().put(old);
    }

    /** Counts bytes of a new memory as added: they are zero already. */
    void assume(int size) {
        length = size;
    }

    void clear() {
        length = 0;
    }
}
