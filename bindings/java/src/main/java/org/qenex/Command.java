package org.qenex;

/**
 * A record of something to be done: what {@link Session#execute} and {@link Session#submit} take.
 *
 * @param <T> the record itself
 */
public abstract class Command<T extends Command<T>> extends Item<T> {
    Command(int size) {
        super(size);
    }

    Command(Bytes records, Bytes texts, int size) {
        super(records, texts, size);
    }

    /** Which command this is. */
    public abstract CommandKind kindOfCommand();
}
