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

/* A file whose engine is carried into a fork, threads of the completion queue and all: every use there is refused, the
 * child's end takes nothing away, and the parent goes on. */
static void forked_with_a_file(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine = NULL, *own = NULL;
    qenex_session *session = NULL, *other = NULL;
    qenex_buffer *buffer = NULL;
    qenex_options options;
    qenex_stats stats;
    qenex_result result;
    uint8_t before[32], after[32];
    char text[32];
    int status = -1;
    pid_t child;

    remove(scratch("fork.db"));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.path = scratch("fork.db");
    options.path_len = strlen(options.path);
    OK(qenex_open(&options, &engine, &error));
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("250.00"), &result, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC002"), TEXT("USD"), NULL, 0, &result, &error));
    OK(qenex_state_hash(engine, before, &error));
    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child == 0) {
        int failed = failures;
        memset(&stats, 0, sizeof stats);
        stats.struct_size = sizeof stats;
        STATUS(QENEX_FORKED, qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("1.00"),
                                                   TEXT("USD"), &result, &error));
        STATUS(QENEX_FORKED, qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, sizeof text, NULL, &error));
        STATUS(QENEX_FORKED, qenex_session_open(engine, TEXT("teller"), NULL, 0, &other, &error));
        STATUS(QENEX_FORKED, qenex_stats_get(engine, &stats, &error));
        STATUS(QENEX_FORKED, qenex_collect(engine, 0, 1, &buffer, &error));
        STATUS(QENEX_FORKED, qenex_integrity_check(engine, &buffer, &error));
        STATUS(QENEX_FORKED, qenex_close(engine, &error));
        qenex_session_free(session);
        /* The parent still has the file. */
        CHECK(qenex_open(&options, &own, NULL) < 0 && own == NULL);
        fflush(stderr);
        _exit(failures != failed);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    OK(qenex_state_hash(engine, after, &error));
    CHECK(memcmp(before, after, sizeof before) == 0);
    OK(qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("1.00"), TEXT("USD"), &result,
                             &error));
    OK(qenex_integrity_check(engine, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    qenex_session_free(session);
    OK(qenex_close(engine, &error));
    OK(qenex_open(&options, &engine, &error));
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));
    OK(qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, sizeof text, NULL, &error));
    CHECK(strcmp(text, "249.00") == 0);
    qenex_session_free(session);
    OK(qenex_close(engine, &error));
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

const test_case process_cases[] = {{"forked", forked},
                                   {"forked_with_a_file", forked_with_a_file},
                                   {"threads", threads},
                                   {"signals", signals},
                                   {NULL, NULL}};
#else
const test_case process_cases[] = {{NULL, NULL}};
#endif
