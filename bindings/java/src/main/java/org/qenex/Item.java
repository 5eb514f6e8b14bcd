package org.qenex;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A record that the host fills in. Made with {@code new} it stands alone, and may be given to any number of calls; from
 * {@link Batch#add()} it is a place in a batch, and its methods write into the memory that the library reads.
 * Not for several threads at once.
 *
 * @param <T> the record itself
 */
public abstract class Item<T extends Item<T>> {
    private final Bytes records;
    private final Bytes texts;
    private final int size;
    private Bytes pointed;
    private int at;

    Item(int size) {
        this(new Bytes(false, size), new Bytes(false, 0), size);
        records.add(size);
    }

    Item(Bytes records, Bytes texts, int size) {
        this.records = records;
        this.texts = texts;
        this.size = size;
    }

    abstract int[] textFields();

    /** Moves a place in a batch to another record. */
    final void moveTo(int place) {
        at = place;
    }

    final int size() {
        return size;
    }

    final Bytes texts() {
        return texts;
    }

    /** The record's bytes. */
    final ByteBuffer content() {
        ByteBuffer bytes = records.content();
        bytes.position(at);
        bytes.limit(at + size);
        return bytes;
    }

    /** Copies this record to a place of another memory, its texts to the end of an arena. */
    final void copyTo(Bytes memory, int place, Bytes arena) {
        ByteBuffer target = memory.buffer().duplicate();
        target.position(place);
        target.put(content());
        for (int field : textFields()) {
            int length = getInt(field + 4);
            if (length > 0) {
                ByteBuffer text = texts.content();
                text.position(getInt(field));
                text.limit(getInt(field) + length);
                memory.buffer().putInt(place + field, arena.add(text));
            }
        }
    }

    final int getInt(int field) {
        return records.buffer().getInt(at + field);
    }

    final void putInt(int field, int value) {
        records.buffer().putInt(at + field, value);
    }

    final void putLong(int field, long value) {
        records.buffer().putLong(at + field, value);
    }

    final void putId(int field, UUID id) {
        if (id == null) {
            putId(field, 0, 0);
        } else {
            putId(field, id.getMostSignificantBits(), id.getLeastSignificantBits());
        }
    }

    final void putId(int field, long mostSignificant, long leastSignificant) {
        Call.putId(records.buffer(), at + field, mostSignificant, leastSignificant);
    }

    final void putAmount(int field, long minorUnits) {
        putLong(field, minorUnits);
        putLong(field + 8, minorUnits >> 63);
    }

    final void putAmount(int field, BigInteger minorUnits) {
        Amounts.check(minorUnits);
        putLong(field, minorUnits.longValue());
        putLong(field + 8, minorUnits.shiftRight(64).longValue());
    }

    final void putText(int field, byte[] text) {
        boolean empty = text == null || text.length == 0;
        putInt(field, empty ? 0 : texts.add(text));
        putInt(field + 4, empty ? 0 : text.length);
    }

    final void putBytes(int field, String name, byte[] bytes) {
        if (bytes.length != 16) {
            throw new QenexException(
                    Status.INVALID_ARGUMENT, name + " has 16 bytes, not " + bytes.length);
        }
        ByteBuffer place = records.buffer().duplicate();
        place.position(at + field);
        place.put(bytes);
    }

    final void putItem(int field, Item<?> item) {
        item.copyTo(records, at + field, texts);
    }

    /** Bytes outside of the record; they live as long as it does. */
    final void putPointer(int field, int lengthField, byte[] bytes) {
        int length = bytes == null ? 0 : bytes.length;
        pointed = new Bytes(true, length);
        if (length > 0) {
            pointed.add(bytes);
        }
        putLong(field, pointed.address());
        putLong(lengthField, length);
    }
}
