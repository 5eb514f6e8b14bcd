package org.qenex;

/** What became of a batch of {@link Session#submit(Batch, ExecuteOptions, long)}. */
public final class Completion {
    private final long tag;
    private final int status;
    private final String message;
    private final Results results;

    Completion(long tag, int status, String message, Results results) {
        this.tag = tag;
        this.status = status;
        this.message = message;
        this.results = results;
    }

    /** As given when submitting. */
    public long tag() {
        return tag;
    }

    /** As a blocking call would have answered or thrown. */
    public Status status() {
        return Status.of(status);
    }

    /** When the status is negative: what happened. */
    public String message() {
        return message;
    }

    /** One result for each item; none when nothing was applied. */
    public Results results() {
        return results;
    }
}
