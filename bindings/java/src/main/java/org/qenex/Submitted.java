package org.qenex;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A batch that was submitted: its future is completed in the engine's waiter thread, never in one of the library's. */
final class Submitted {
    private final CompletableFuture<Results> future = new CompletableFuture<>();
    private final Executor waiter;

    Submitted(Executor waiter) {
        this.waiter = waiter;
    }

    CompletableFuture<Results> future() {
        return future;
    }

    void completed(int status, byte[] results, byte[] message) {
        waiter.execute(
                () -> {
                    if (status < 0) {
                        String text = new String(message, StandardCharsets.UTF_8);
                        future.completeExceptionally(new QenexException(status, text, -1, 0));
                    } else {
                        future.complete(new Results(results, status));
                    }
                });
    }
}
