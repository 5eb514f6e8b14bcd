// The C half of the benches of what a call costs from another language: the same work on an engine of its own, timed
// inside C. The other half loads this and takes turns with it, so that both figures are of one run.
#define _POSIX_C_SOURCE 199309L

#include <qenex.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT(text) (text), sizeof(text) - 1
#define USD 840

static qenex_engine *engine;
static qenex_session *session;
static qenex_transfer *transfers;
static qenex_result *results;
static qenex_id debit, credit;
static uint64_t used;

int32_t crossing_open(void);
int64_t crossing_transfers(size_t batch, size_t calls);
int64_t crossing_balances(size_t calls);
void crossing_close(void);

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Opens an engine in memory with two accounts; 0, or the status of what failed.
int32_t crossing_open(void)
{
    qenex_options options = {.struct_size = sizeof options, .flags = QENEX_OPEN_MEMORY};
    qenex_result opened;
    qenex_status status = qenex_open(&options, &engine, NULL);
    if (status == QENEX_OK) {
        status = qenex_session_open(engine, TEXT("bench"), NULL, 0, &session, NULL);
    }
    if (status == QENEX_OK) {
        status = qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("9000000000.00"), &opened, NULL);
        debit = opened.id;
    }
    if (status == QENEX_OK) {
        status = qenex_account_open_simple(session, TEXT("ACC002"), TEXT("USD"), NULL, 0, &opened, NULL);
        credit = opened.id;
    }
    transfers = calloc(QENEX_BATCH_MAX, sizeof *transfers);
    results = calloc(QENEX_BATCH_MAX, sizeof *results);
    return status;
}

// Nanoseconds for so many calls of so many transfers each, their records filled anew for each call; or a negative
// status.
int64_t crossing_transfers(size_t batch, size_t calls)
{
    int64_t start = now();
    for (size_t call = 0; call < calls; call++) {
        memset(transfers, 0, batch * sizeof *transfers);
        for (size_t i = 0; i < batch; i++) {
            used++;
            memcpy(transfers[i].id.bytes, &used, sizeof used);
            transfers[i].id.bytes[15] = 1;
            transfers[i].debit_id = debit;
            transfers[i].credit_id = credit;
            transfers[i].asset = USD;
            transfers[i].amount.lo = 1;
        }
        qenex_status status =
            qenex_transfers_create(session, transfers, batch, sizeof *transfers, NULL, 0, NULL, results, NULL);
        if (status != QENEX_OK) {
            return status < 0 ? status : -status;
        }
    }
    return now() - start;
}

// Nanoseconds for so many lookups of one balance; or a negative status.
int64_t crossing_balances(size_t calls)
{
    int64_t start = now();
    for (size_t call = 0; call < calls; call++) {
        qenex_account_key key;
        qenex_balance balance;
        memset(&key, 0, sizeof key);
        key.id = debit;
        key.asset = USD;
        qenex_status status = qenex_balances_get(session, &key, 1, sizeof key, NULL, 0, NULL, &balance, NULL);
        if (status != QENEX_OK) {
            return status < 0 ? status : -status;
        }
    }
    return now() - start;
}

void crossing_close(void)
{
    qenex_session_free(session);
    qenex_close(engine, NULL);
    free(transfers);
    free(results);
}
