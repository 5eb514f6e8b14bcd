/* The same payments as in main.go, made and sent in C: what Go's figures are compared with. */
#ifndef QENEX_GO_BENCH_LOOP_H
#define QENEX_GO_BENCH_LOOP_H

#include <qenex.h>

/* Opens path (empty: in memory) with the accounts A and B, and gives a session; NULL: the message was printed. */
qenex_session *loop_open(const char *path, size_t path_len, qenex_engine **engine);

/* Frees what loop_open opened. */
void loop_close(qenex_engine *engine, qenex_session *session);

/* Pays a minor unit count times, in batches of batch; ids count on from first. Nanoseconds, or -1. */
int64_t loop_pay(qenex_session *session, uint64_t first, size_t count, size_t batch);

/* Asks for A's balance count times. Nanoseconds, or -1. */
int64_t loop_ask(qenex_session *session, size_t count);

#endif
