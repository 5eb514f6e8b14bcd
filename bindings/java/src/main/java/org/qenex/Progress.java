package org.qenex;

/** Told how far a backup is. It must not call the engine; what it throws stops the backup and comes out of the call. */
@FunctionalInterface
public interface Progress {
    /** Pages done, of how many; false stops the backup ({@link Status#BACKUP_FAILED}). */
    boolean done(long pages, long total);
}
