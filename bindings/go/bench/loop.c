#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Whether a call went well; else its error is printed. */
static int done(qenex_status status, qenex_error *error)
{
    if (status == QENEX_OK) {
        return 1;
    }
    size_t length = 0;
    const char *message = error != NULL ? qenex_error_message(error, &length) : "";
    fprintf(stderr, "%s %.*s\n", qenex_status_name(status), (int)length, message);
    qenex_error_free(error);
    return 0;
}

qenex_session *loop_open(const char *path, size_t path_len, qenex_engine **engine)
{
    qenex_error *error = NULL;
    qenex_session *session = NULL;
    qenex_options options = {.struct_size = sizeof options, .path = path, .path_len = path_len};
    options.flags = path_len == 0 ? QENEX_OPEN_MEMORY : 0;
    qenex_status status = qenex_open(&options, engine, &error);
    if (status == QENEX_OK) {
        status = qenex_session_open(*engine, "bench", 5, NULL, 0, &session, &error);
    }
    for (int account = 0; account < 2 && status == QENEX_OK; account++) {
        status = qenex_account_open_simple(session, account == 0 ? "A" : "B", 1, "USD", 3, "1000000000.00", 13, NULL,
                                           &error);
    }
    if (!done(status, error)) {
        loop_close(*engine, session);
        return NULL;
    }
    return session;
}

void loop_close(qenex_engine *engine, qenex_session *session)
{
    qenex_session_free(session);
    qenex_close(engine, NULL);
}

int64_t loop_pay(qenex_session *session, uint64_t first, size_t count, size_t batch)
{
    static const uint8_t texts[] = "AB";
    qenex_transfer *transfers = calloc(batch, sizeof *transfers);
    qenex_result *results = calloc(batch, sizeof *results);
    qenex_error *error = NULL;
    qenex_status status = QENEX_OK;
    int64_t start = now();
    for (size_t at = 0; at < count && status == QENEX_OK; at += batch) {
        memset(transfers, 0, batch * sizeof *transfers);
        for (size_t item = 0; item < batch; item++) {
            uint64_t id = first + at + item;
            memcpy(transfers[item].id.bytes, &id, sizeof id);
            transfers[item].debit_number = (qenex_text){0, 1};
            transfers[item].credit_number = (qenex_text){1, 1};
            transfers[item].asset = 840;
            transfers[item].amount = (qenex_amount){1, 0};
        }
        status = qenex_transfers_create(session, transfers, batch, sizeof *transfers, texts, 2, NULL, results, &error);
    }
    int64_t elapsed = now() - start;
    free(transfers);
    free(results);
    return done(status, error) ? elapsed : -1;
}

int64_t loop_ask(qenex_session *session, size_t count)
{
    qenex_account_key key = {.number = {0, 1}, .asset = 840};
    qenex_balance balance;
    qenex_error *error = NULL;
    qenex_status status = QENEX_OK;
    int64_t start = now();
    for (size_t at = 0; at < count && status == QENEX_OK; at++) {
        status = qenex_balances_get(session, &key, 1, sizeof key, (const uint8_t *)"A", 1, NULL, &balance, &error);
    }
    int64_t elapsed = now() - start;
    return done(status, error) ? elapsed : -1;
}
