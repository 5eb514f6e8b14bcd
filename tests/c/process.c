/* Forks, threads, and what the library leaves alone. */
#if !defined(_WIN32)
#define _XOPEN_SOURCE 700
#endif
#include "check.h"

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a fork the parent's handles are refused, freeing them is harmless, and new ones work. */
static void forked(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open(), own;
    qenex_transfer transfer = transfer_of(1, 1, 2, 5);
    qenex_result result;
    int status = -1;
    pid_t child;

    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child == 0) {
        int before = failures;
        STATUS(QENEX_FORKED,
               qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, NULL, 0, NULL, &result, &error));
        STATUS(QENEX_FORKED, qenex_close(bank.engine, &error));
        qenex_session_free(bank.session);
        own = bank_open();
        EQUAL(QENEX_OK, pay(&own, &transfer, NULL));
        bank_close(&own);
        fflush(stderr);
        _exit(failures != before);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    bank_close(&bank);
}

typedef struct {
    bank *bank;
    unsigned first;
    int refused;
} worker;

static void *work(void *data)
{
    worker *worker = data;
    unsigned i;
    for (i = 0; i < 50; i++) {
        qenex_transfer transfer = transfer_of(worker->first + i, 1, 2, 1);
        qenex_result result;
        if (qenex_transfers_create(worker->bank->session, &transfer, 1, sizeof transfer, NULL, 0, NULL, &result,
                                   NULL) != QENEX_OK) {
            worker->refused++;
        }
    }
    return NULL;
}

static void threads(void)
{
    bank bank = bank_open();
    pthread_t threads[8];
    worker workers[8];
    qenex_transfer last = transfer_of(999999, 1, 2, 1);
    qenex_result result;
    unsigned i;

    for (i = 0; i < 8; i++) {
        workers[i].bank = &bank;
        workers[i].first = 1000 * (i + 1);
        workers[i].refused = 0;
        CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    }
    for (i = 0; i < 8; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        EQUAL(0, workers[i].refused);
    }
    EQUAL(QENEX_OK, pay(&bank, &last, &result));
    EQUAL(401, minor_of(result.debit.debits_posted));
    bank_close(&bank);
}

/* Threads of the library block all signals; handlers stay the host's. */
static volatile sig_atomic_t caught;
static void on_signal(int number)
{
    caught += number == SIGUSR1;
}

static void signals(void)
{
    qenex_error *error = NULL;
    struct sigaction action, now;
    bank bank;
    qenex_transfer transfer = transfer_of(1, 1, 2, 1);
    qenex_buffer *buffer = NULL;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    bank = bank_open();
    OK(qenex_submit(bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, NULL, 1, &error));
    CHECK(kill(getpid(), SIGUSR1) == 0);
    OK(qenex_collect(bank.engine, 60000, 1, &buffer, &error));
    qenex_buffer_free(buffer);
    CHECK(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_handler == on_signal);
    EQUAL(1, caught);
    CHECK(sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    bank_close(&bank);
}

const test_case process_cases[] = {{"forked", forked}, {"threads", threads}, {"signals", signals}, {NULL, NULL}};
#else
const test_case process_cases[] = {{NULL, NULL}};
#endif
