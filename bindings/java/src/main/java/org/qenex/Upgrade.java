package org.qenex;

/** The formats of a file before and after an upgrade. */
public final class Upgrade {
    private final int from;
    private final int to;

    Upgrade(int from, int to) {
        this.from = from;
        this.to = to;
    }

    /** The format before. */
    public int from() {
        return from;
    }

    /** The format after. */
    public int to() {
        return to;
    }
}
