package org.qenex;

/**
 * Told how far a backup is. It must not call the engine. What it throws comes out of the call and stops the backup,
 * unless that was the last step: then the copy is there.
 */
@FunctionalInterface
public interface Progress {
    /** Pages done, of how many; false stops the backup ({@link Status#BACKUP_FAILED}), unless that was the last step. */
    boolean done(long pages, long total);
}
