/* Callbacks: the log and the clock, their data destroyed exactly once, and no way back into the engine. */
#include "check.h"

typedef struct {
    int messages, traced, destroyed, clock_destroyed, refused;
    qenex_session *session;
    qenex_engine *engine;
    qenex_time now;
} watcher;

static void on_log(void *user_data, uint32_t level, const char *target, size_t target_len, const char *text,
                   size_t text_len)
{
    watcher *watching = user_data;
    CHECK(level >= QENEX_LOG_ERROR && level <= QENEX_LOG_INFO && target != NULL && target_len > 0);
    CHECK(text != NULL && text_len > 0);
    watching->messages++;
    watching->traced += target_len == 5 && memcmp(target, "batch", 5) == 0 && text_len > 38 &&
                        memcmp(text, "trace 0102030405060708090a0b0c0d0e0f10", 38) == 0;
}

/* The clock is asked while the engine is busy with a command: the worst moment to call it again. */
static qenex_time on_clock(void *user_data)
{
    watcher *watching = user_data;
    qenex_error *error = NULL;
    if (watching->session != NULL) {
        qenex_transfer transfer = transfer_of(1, 1, 2, 5);
        qenex_result result;
        qenex_buffer *buffer = NULL;
        qenex_id id;
        STATUS(QENEX_REENTRANT, qenex_transfers_create(watching->session, &transfer, 1, sizeof transfer, NULL, 0, NULL,
                                                       &result, &error));
        STATUS(QENEX_REENTRANT, qenex_trial_balance(watching->session, 0, &buffer, &error));
        STATUS(QENEX_REENTRANT, qenex_close(watching->engine, &error));
        /* What needs no engine is allowed. */
        OK(qenex_id_new(&id, &error));
        watching->refused++;
    }
    return watching->now;
}

static void on_destroy(void *user_data)
{
    ((watcher *)user_data)->destroyed++;
}
static void on_clock_destroy(void *user_data)
{
    ((watcher *)user_data)->clock_destroyed++;
}

static qenex_options watched(watcher *watching)
{
    qenex_options options;
    memset(watching, 0, sizeof *watching);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_OPEN_MEMORY;
    options.log = on_log;
    options.log_level = QENEX_LOG_INFO;
    options.log_user_data = watching;
    options.log_destroy = on_destroy;
    options.clock = on_clock;
    options.clock_user_data = watching;
    options.clock_destroy = on_clock_destroy;
    watching->now = 1700000000000000;
    return options;
}

static void log_and_clock(void)
{
    qenex_error *error = NULL;
    watcher watching;
    qenex_options options = watched(&watching);
    qenex_execute_options traced;
    qenex_result result;
    unsigned i;

    OK(qenex_open(&options, &watching.engine, &error));
    OK(qenex_session_open(watching.engine, TEXT("teller"), NULL, 0, &watching.session, &error));
    CHECK(watching.messages > 0);
    watching.now += 5;
    OK(qenex_time_advance_to(watching.session, watching.now + 100, NULL, &result, &error));
    EQUAL(0, watching.traced);
    memset(&traced, 0, sizeof traced);
    traced.struct_size = sizeof traced;
    for (i = 0; i < 16; i++) {
        traced.trace[i] = (uint8_t)(i + 1);
    }
    OK(qenex_time_advance_to(watching.session, watching.now + 200, &traced, &result, &error));
    EQUAL(1, watching.traced);
    traced.time = 1;
    STATUS(QENEX_CLOCK_WENT_BACK,
           qenex_time_advance_to(watching.session, watching.now + 300, &traced, &result, &error));
    EQUAL(2, watching.traced);
    CHECK(watching.refused > 0);
    OK(qenex_close(watching.engine, &error));
    /* The session that is left keeps them. */
    EQUAL(0, watching.destroyed);
    EQUAL(0, watching.clock_destroyed);
    qenex_session_free(watching.session);
    EQUAL(1, watching.destroyed);
    EQUAL(1, watching.clock_destroyed);
}

static void destroyed_after_failure(void)
{
    qenex_error *error = NULL;
    watcher watching;
    qenex_options options = watched(&watching);

    options.durability = 99;
    STATUS(QENEX_INVALID_ARGUMENT, qenex_open(&options, &watching.engine, &error));
    CHECK(watching.destroyed == 1 && watching.clock_destroyed == 1);
    options = watched(&watching);
    STATUS(QENEX_NULL_POINTER, qenex_open(&options, NULL, &error));
    CHECK(watching.destroyed == 1 && watching.clock_destroyed == 1);
    options = watched(&watching);
    options.flags = 0;
    options.path = scratch("no/such/folder/bank.db");
    options.path_len = strlen(options.path);
    STATUS(QENEX_CANNOT_OPEN, qenex_open(&options, &watching.engine, &error));
    CHECK(watching.destroyed == 1 && watching.clock_destroyed == 1);
}

const test_case callback_cases[] = {
    {"log_and_clock", log_and_clock}, {"destroyed_after_failure", destroyed_after_failure}, {NULL, NULL}};
