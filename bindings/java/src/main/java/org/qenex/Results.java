package org.qenex;

/** What became of the items of a batch, in the same order. Any thread may read it. */
public final class Results extends Answers<Result> {
    Results(byte[] answered, int status) {
        super(answered, Layout.Result.SIZE, Result::new, status);
    }

    /** Whether every item was applied. */
    public boolean allApplied() {
        return status() == Status.OK;
    }

    /** The status of an item, without reading all of its result. */
    public Status statusOf(int item) {
        if (item < 0 || item >= size()) {
            throw new IndexOutOfBoundsException("there are " + size() + " results, and no number " + item);
        }
        return Status.of(bytes().getInt(item * Layout.Result.SIZE + Layout.Result.STATUS));
    }

    /** This, if every item was applied; else throws with the status and the number of the first refused item. */
    public Results requireApplied() {
        if (allApplied()) {
            return this;
        }
        for (int item = 0; item < size(); item++) {
            Status status = statusOf(item);
            if (status != Status.OK && status != Status.LINKED_FAILED) {
                throw refused(status, item);
            }
        }
        throw refused(Status.SOME_REFUSED, -1);
    }

    static QenexException refused(Status status, long item) {
        String which = item < 0 ? "" : "item " + item + " was refused: ";
        return new QenexException(
                status.code(), which + status.name() + ". " + status.explanation(), item, 0);
    }
}
