package org.qenex;

import java.util.List;
import java.util.function.BiFunction;

/**
 * Records for one call, in direct memory that the library reads as it is. A batch is filled, given to a call, cleared
 * and filled again; its memory stays. Not for several threads at once, and not to be changed during a call.
 *
 * @param <T> the records
 */
public final class Batch<T extends Item<T>> {
    private final int recordSize;
    private final Bytes records;
    private final Bytes arena = new Bytes(true, 1024);
    private final T place;
    private int count;

    Batch(BiFunction<Bytes, Bytes, T> make, int recordSize) {
        Library.ready();
        this.recordSize = recordSize;
        this.records = new Bytes(true, 16 * recordSize);
        this.place = make.apply(records, arena);
    }

    /** Adds a record with all fields at their defaults; its methods fill it in, until the next is added. */
    public T add() {
        place.moveTo(records.add(recordSize));
        count++;
        return place;
    }

    /** Adds a copy of a record. */
    public Batch<T> add(T item) {
        item.copyTo(records, records.add(recordSize), arena);
        count++;
        return this;
    }

    /** Adds copies of records. */
    public Batch<T> addAll(List<T> items) {
        for (T item : items) {
            add(item);
        }
        return this;
    }

    /** How many records there are. */
    public int size() {
        return count;
    }

    /** Takes all records away, and keeps the memory. */
    public Batch<T> clear() {
        records.clear();
        arena.clear();
        count = 0;
        return this;
    }

    int recordSize() {
        return recordSize;
    }

    /** Of a batch of commands. */
    CommandKind kind() {
        return ((Command<?>) (Item<?>) place).kindOfCommand();
    }

    void pin(Call call) {
        call.pin(records, recordSize, count, arena);
    }
}
