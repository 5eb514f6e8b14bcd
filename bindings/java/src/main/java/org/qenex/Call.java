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
    /** The records of the call, and their arena. */
    private long records;
    private int count;
    private long arena;
    private long arenaLength;
    /** Memory for answers that are too many for the memory of every call; it is kept for the next call. */
    private ByteBuffer many;
    private ByteBuffer answers;
    private int answersAt;
    private int answersSize;

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

    /**
     * Takes a batch as it is now. Its memory stays where it is until the call ends, whatever another thread does to the
     * batch meanwhile: that may garble what the call reads, but never what else is in memory.
     */
    void pin(Bytes records, int recordSize, int count, Bytes arena) {
        ByteBuffer bytes = records.buffer();
        ByteBuffer texts = arena.buffer();
        alive.add(bytes);
        alive.add(texts);
        this.count = Math.min(count, bytes.capacity() / recordSize);
        this.records = count == 0 ? 0 : Glue.address(bytes);
        this.arenaLength = Math.min(arena.length(), texts.capacity());
        this.arena = arenaLength == 0 ? 0 : Glue.address(texts);
    }

    long records() {
        return records;
    }

    int count() {
        return count;
    }

    long arena() {
        return arena;
    }

    long arenaLength() {
        return arenaLength;
    }

    /** The address of room for answers; the library fills all of it, or the call fails. */
    long answers(int count, int size) {
        answersSize = Math.multiplyExact(count, size);
        if (answersSize <= SIZE / 2 - used) {
            answers = memory;
            answersAt = reserve(answersSize);
            return address + answersAt;
        }
        if (many == null || many.capacity() < answersSize) {
            many = ByteBuffer.allocateDirect(answersSize).order(ByteOrder.nativeOrder());
        }
        answers = many;
        answersAt = 0;
        return Glue.address(many);
    }

    /** A copy of what the library wrote into that room. */
    byte[] answered() {
        return Answer.plain(answers, answersAt, answersSize);
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

    /** Takes an array of ids, of which null is none, as the records of the call. */
    void pin(List<UUID> ids) {
        Bytes array = new Bytes(true, Math.multiplyExact(16, ids.size()));
        for (UUID id : ids) {
            int at = array.add(16);
            if (id != null) {
                putId(array.buffer(), at, id.getMostSignificantBits(), id.getLeastSignificantBits());
            }
        }
        alive.add(array);
        count = array.length() / 16;
        records = array.address();
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
        // Twice, so that what is pointed to stays even while another thread changes it.
        item.keepPointed(alive);
        place.put(item.content());
        item.keepPointed(alive);
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
