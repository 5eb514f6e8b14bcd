package org.qenex;

/**
 * Receives log messages. It may be called from any thread, never from two at once. It must not call the engine
 * ({@link Status#REENTRANT}) and must return soon: commits wait for it. What it throws goes to the thread's handler of
 * uncaught exceptions, and changes nothing else.
 */
@FunctionalInterface
public interface LogListener {
    /** A message: how grave it is, the part of the library that it comes from, and what it says. */
    void log(LogLevel level, String target, String text);
}
