package org.qenex;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A record that the host fills in. Made with {@code new} it stands alone, and may be given to any number of calls; from
 * {@link Batch#add()} it is a place in a batch, and its methods write into the memory that the library reads.
 * Not for several threads at once.
 *
 * @param <T> the record itself
 */
public abstract class Item<T extends Item<T>> {
    private static final int[][] NO_LISTS = {};

    private final Bytes records;
    private final Bytes texts;
    private final int size;
    /** What fields point to outside of the record, by field. */
    private Map<Integer, Bytes> pointed = Map.of();
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

    /**
     * The fields that hold arrays of records in the arena, each as its offset, the size of those records, and the
     * offsets of their texts.
     */
    int[][] listFields() {
        return NO_LISTS;
    }

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
            moveText(texts, memory, place + field, arena);
        }
        for (int[] list : listFields()) {
            int first = memory.buffer().getInt(place + list[0]);
            int length = memory.buffer().getInt(place + list[0] + 4);
            for (int at = first; at < first + length; at += list[1]) {
                for (int index = 2; index < list.length; index++) {
                    moveText(texts, arena, at + list[index], arena);
                }
            }
        }
    }

    /** Copies the text that a field, itself copied already, names in its old arena to the end of the new one. */
    private static void moveText(Bytes from, Bytes memory, int field, Bytes arena) {
        int first = memory.buffer().getInt(field);
        int length = memory.buffer().getInt(field + 4);
        if (length > 0) {
            ByteBuffer text = from.content();
            text.position(first);
            text.limit(first + length);
            int moved = arena.add(text);
            // The arena may be the memory itself, and has perhaps grown: its buffer is another one now.
            memory.buffer().putInt(field, moved);
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

    /** Copies of records one after another, in the arena. */
    final void putItems(int field, int itemSize, List<? extends Item<?>> items) {
        int first = items == null || items.isEmpty() ? 0 : texts.add(Math.multiplyExact(itemSize, items.size()));
        int count = items == null ? 0 : items.size();
        for (int index = 0; index < count; index++) {
            items.get(index).copyTo(texts, first + index * itemSize, texts);
        }
        putInt(field, first);
        putInt(field + 4, count * itemSize);
    }

    /** Bytes outside of the record; they live as long as it does. */
    final void putPointer(int field, int lengthField, byte[] bytes) {
        int length = bytes == null ? 0 : bytes.length;
        Bytes copy = new Bytes(true, length);
        if (length > 0) {
            copy.add(bytes);
        }
        Map<Integer, Bytes> all = new HashMap<>(pointed);
        all.put(field, copy);
        pointed = all;
        putLong(field, copy.address());
        putLong(lengthField, length);
    }

    /** Adds what the record points to to a list, which keeps it in memory. */
    final void keepPointed(List<Object> alive) {
        alive.add(pointed);
    }
}
