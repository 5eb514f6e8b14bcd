package org.qenex;

import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** What the native code calls. Nothing is thrown into it. */
final class Callbacks {
    private Callbacks() {}

    /** A progress function, and what it threw. */
    static final class Watched {
        private final Progress progress;
        private Throwable thrown;

        Watched(Progress progress) {
            this.progress = progress;
        }

        void rethrow() {
            if (thrown instanceof Error) {
                throw (Error) thrown;
            }
            if (thrown != null) {
                throw (RuntimeException) thrown;
            }
        }
    }

    static void log(Object listener, int level, byte[] target, byte[] text) {
        try {
            ((LogListener) listener)
                    .log(
                            LogLevel.of(level),
                            new String(target, StandardCharsets.UTF_8),
                            new String(text, StandardCharsets.UTF_8));
        } catch (Throwable error) {
            report(error);
        }
    }

    /** A clock that throws tells a time before all others: the library goes on with that of its last command. */
    static long clock(Object clock) {
        try {
            return Values.time(((Clock) clock).instant());
        } catch (Throwable error) {
            report(error);
            return Long.MIN_VALUE;
        }
    }

    static int progress(Object watched, long done, long total) {
        Watched progress = (Watched) watched;
        try {
            return progress.progress.done(done, total) ? 0 : 1;
        } catch (Throwable error) {
            progress.thrown = error;
            return 1;
        }
    }

    static void completed(Object submitted, int status, byte[] results, byte[] message) {
        try {
            ((Submitted) submitted).completed(status, results, message);
        } catch (Throwable error) {
            report(error);
        }
    }

    private static void report(Throwable error) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
        } catch (Throwable again) {
            // There is nobody left to tell.
        }
    }
}
