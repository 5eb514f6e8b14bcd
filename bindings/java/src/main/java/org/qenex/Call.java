package org.qenex;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Memory for the arguments and answers of one call. Its places do not move while the call lasts. It is taken from a
 * pool rather than kept by thread, because a callback may call the library while a call of its thread goes on.
 */
final class Call implements AutoCloseable {
    private static final int SIZE = 16 * 1024;
    private static final ConcurrentLinkedQueue<Call> POOL = new ConcurrentLinkedQueue<>();

    private final ByteBuffer memory;
    private final long address;
    private final List<Object> alive = new ArrayList<>();
    private Bytes texts;
    private int used;

    private Call() {
        memory = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.nativeOrder());
        address = Glue.address(memory);
    }

    static Call begin() {
        Call call = POOL.poll();
        return call == null ? new Call() : call;
    }

    @Override
    public void close() {
        used = 0;
        texts = null;
        alive.clear();
        POOL.offer(this);
    }

    ByteBuffer memory() {
        return memory;
    }

    long address(int at) {
        return address + at;
    }

    /** A place of zeros. */
    int reserve(int size) {
        int at = (used + 15) & ~15;
        if (at + size > SIZE) {
            throw new QenexException(Status.INTERNAL, "a call needs more than " + SIZE + " bytes of memory");
        }
        used = at + size;
        for (int zero = at; zero < used; zero++) {
            memory.put(zero, (byte) 0);
        }
        return at;
    }

    /** The address of a copy; 0: null or empty. */
    long bytes(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            return 0;
        }
        if (used + 16 + bytes.length > SIZE / 2) {
            Bytes outside = new Bytes(true, bytes.length);
            outside.add(bytes);
            alive.add(outside);
            return outside.address();
        }
        int at = (used + 15) & ~15;
        used = at + bytes.length;
        ByteBuffer place = memory.duplicate();
        place.position(at);
        place.put(bytes);
        return address + at;
    }

    /** The address of an id; 0: null. */
    long id(UUID id) {
        if (id == null) {
            return 0;
        }
        int at = reserve(16);
        putId(memory, at, id.getMostSignificantBits(), id.getLeastSignificantBits());
        return address + at;
    }

    /** The address of an array of ids, of which null is none. */
    long ids(List<UUID> ids) {
        if (ids.isEmpty()) {
            return 0;
        }
        Bytes array = new Bytes(true, 16 * ids.size());
        for (UUID id : ids) {
            int at = array.add(16);
            if (id != null) {
                putId(array.buffer(), at, id.getMostSignificantBits(), id.getLeastSignificantBits());
            }
        }
        alive.add(array);
        return array.address();
    }

    long amount(BigInteger minorUnits) {
        Amounts.check(minorUnits);
        int at = reserve(16);
        memory.putLong(at, minorUnits.longValue());
        memory.putLong(at + 8, minorUnits.shiftRight(64).longValue());
        return address + at;
    }

    /** The address of a copy of a record; 0: null. */
    long item(Item<?> item) {
        if (item == null) {
            return 0;
        }
        int at = reserve(item.size());
        ByteBuffer place = memory.duplicate();
        place.position(at);
        place.put(item.content());
        alive.add(item);
        return address + at;
    }

    /** The address of the texts of a record that stands alone. */
    long texts(Item<?> item) {
        if (item == null || item.texts().length() == 0) {
            return 0;
        }
        texts = new Bytes(true, item.texts().length());
        texts.add(item.texts().content());
        return texts.address();
    }

    long textsLength(Item<?> item) {
        return item == null ? 0 : item.texts().length();
    }

    UUID id(int at) {
        return Answer.id(memory, at);
    }

    BigInteger amount(int at) {
        return Answer.amount(memory, at);
    }

    int getInt(int at) {
        return memory.getInt(at);
    }

    void putInt(int at, int value) {
        memory.putInt(at, value);
    }

    void putLong(int at, long value) {
        memory.putLong(at, value);
    }

    long getLong(int at) {
        return memory.getLong(at);
    }

    byte[] plain(int at, int length) {
        return Answer.plain(memory, at, length);
    }

    String text(int at, int lengthAt) {
        return new String(plain(at, (int) getLong(lengthAt)), StandardCharsets.UTF_8);
    }

    /** Ids are in network order, records in the machine's. */
    static void putId(ByteBuffer buffer, int at, long mostSignificant, long leastSignificant) {
        boolean little = buffer.order() == ByteOrder.LITTLE_ENDIAN;
        buffer.putLong(at, little ? Long.reverseBytes(mostSignificant) : mostSignificant);
        buffer.putLong(at + 8, little ? Long.reverseBytes(leastSignificant) : leastSignificant);
    }
}
