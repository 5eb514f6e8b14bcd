/* The completion queue. */
#include "check.h"

static void submit_and_collect(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_buffer *buffer = (qenex_buffer *)8;
    unsigned submitted, collected = 0;
    const qenex_completion *completion;
    const qenex_result *results;
    size_t i, count, result_count;

    STATUS(QENEX_TIMED_OUT, qenex_collect(bank.engine, 0, 10, &buffer, &error));
    CHECK(buffer == NULL);
    STATUS(QENEX_TIMED_OUT, qenex_collect(bank.engine, 20, 10, &buffer, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_collect(bank.engine, 0, 0, &buffer, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_collect(bank.engine, 0, SIZE_MAX, &buffer, &error));
    STATUS(QENEX_NULL_POINTER, qenex_collect(bank.engine, 0, 1, NULL, &error));

    for (submitted = 0; submitted < 10; submitted++) {
        qenex_transfer batch[2];
        arena texts;
        texts.length = 0;
        batch[0] = transfer_of(10 * submitted + 1, 1, 2, 7);
        batch[1] = transfer_of(10 * submitted + 2, submitted == 3 ? 3 : 1, 2, 7);
        batch[0].narrative = put(&texts, "queued");
        OK(qenex_submit(bank.session, QENEX_COMMAND_TRANSFER, batch, 2, sizeof batch[0], texts.bytes, texts.length,
                        NULL, submitted, &error));
        /* The records were copied. */
        memset(batch, 0xff, sizeof batch);
        memset(&texts, 0xff, sizeof texts);
    }
    while (collected < 10) {
        OK(qenex_collect(bank.engine, 60000, 4, &buffer, &error));
        count = qenex_buffer_count(buffer);
        EQUAL(sizeof *completion, qenex_buffer_record_size(buffer));
        completion = (const qenex_completion *)qenex_buffer_records(buffer);
        results = qenex_buffer_results(buffer, &result_count);
        CHECK(count >= 1 && count <= 4 && completion != NULL && results != NULL);
        for (i = 0; i < count; i++, completion++, collected++) {
            EQUAL(2, completion->results);
            CHECK(completion->tag < 10 && completion->first_result + 2 <= result_count);
            EQUAL(completion->tag == 3 ? QENEX_SOME_REFUSED : QENEX_OK, completion->status);
            EQUAL(QENEX_OK, results[completion->first_result].status);
            EQUAL(completion->tag == 3 ? QENEX_INSUFFICIENT_FUNDS : QENEX_OK,
                  results[completion->first_result + 1].status);
        }
        qenex_buffer_free(buffer);
    }
    EQUAL(10, collected);
    /* What the buffer gave is gone with it; asking again is harmless. */
    EQUAL(0, qenex_buffer_count(buffer));
    CHECK(qenex_buffer_records(buffer) == NULL && qenex_buffer_results(buffer, &count) == NULL && count == 0);
    CHECK(qenex_buffer_arena(buffer, NULL) == NULL && qenex_buffer_cursor(buffer, NULL) == NULL);
    bank_close(&bank);
}

static void bad_submissions(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 7);
    qenex_execute_options options;
    qenex_buffer *buffer = NULL;
    const qenex_completion *completion;
    size_t length;

    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_submit(bank.session, 0, &transfer, 1, sizeof transfer, NULL, 0, NULL, 1, &error));
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_submit(bank.session, 999, &transfer, 1, sizeof transfer, NULL, 0, NULL, 1, &error));
    STATUS(QENEX_EMPTY_BATCH,
           qenex_submit(bank.session, QENEX_COMMAND_TRANSFER, &transfer, 0, sizeof transfer, NULL, 0, NULL, 1, &error));
    transfer.reserved[0] = 1;
    STATUS(QENEX_RESERVED_NOT_ZERO,
           qenex_submit(bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, NULL, 1, &error));
    transfer.reserved[0] = 0;

    /* A batch that fails as a whole is a completion with a negative status and a message. */
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.time = 1;
    OK(qenex_submit(bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, &options, 42,
                    &error));
    OK(qenex_collect(bank.engine, 60000, 1, &buffer, &error));
    completion = (const qenex_completion *)qenex_buffer_records(buffer);
    EQUAL(42, completion->tag);
    EQUAL(QENEX_CLOCK_WENT_BACK, completion->status);
    EQUAL(0, completion->results);
    CHECK(qenex_buffer_arena(buffer, &length) != NULL && length == completion->message.length && length > 10);
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

/* The queue is bounded, and closing finishes what is queued. */
static void full_queue(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer transfer;
    qenex_status status = QENEX_OK;
    unsigned submitted = 0;

    while (status == QENEX_OK && submitted < 100000) {
        transfer = transfer_of(1 + submitted, 1, 2, 1);
        status = qenex_submit(bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, NULL,
                              submitted, &error);
        submitted += status == QENEX_OK;
    }
    STATUS(QENEX_BUSY, status);
    EQUAL(64, submitted);
    bank_close(&bank);
}

/* Told rather than collected: each once, then destroyed, also when nothing was queued. */
typedef struct {
    bank bank;
    volatile int told, destroyed, applied, refused, failed;
} told_of;

static void on_completion(void *user_data, qenex_status status, const qenex_result *results, size_t count,
                          const char *message, size_t message_len)
{
    told_of *of = user_data;
    qenex_error *error = NULL;
    qenex_transfer transfer = transfer_of(999, 1, 2, 7);
    uint64_t sequence;

    of->told++;
    if (status < 0) {
        CHECK(count == 0 && results == NULL && message != NULL && message_len > 10);
        of->failed++;
        return;
    }
    EQUAL(1, count);
    EQUAL(0, message_len);
    of->applied += results[0].status == QENEX_OK;
    of->refused += results[0].status == QENEX_INSUFFICIENT_FUNDS;
    /* No way back in. */
    STATUS(QENEX_REENTRANT, qenex_sequence_get(of->bank.session, &sequence, &error));
    STATUS(QENEX_REENTRANT, qenex_submit(of->bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL,
                                         0, NULL, 1, &error));
    STATUS(QENEX_REENTRANT, qenex_close(of->bank.engine, &error));
}

static void on_completion_destroy(void *user_data)
{
    ((told_of *)user_data)->destroyed++;
}

static void submit_and_be_told(void)
{
    qenex_error *error = NULL;
    qenex_transfer transfer;
    qenex_execute_options options;
    qenex_buffer *buffer = NULL;
    told_of of;
    unsigned i;

    memset(&of, 0, sizeof of);
    of.bank = bank_open();
    for (i = 0; i < 20; i++) {
        transfer = transfer_of(1 + i, i == 3 ? 3 : 1, 2, 7);
        OK(qenex_submit_notify(of.bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, NULL,
                               on_completion, &of, on_completion_destroy, &error));
    }
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.time = 1;
    OK(qenex_submit_notify(of.bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, &options,
                           on_completion, &of, NULL, &error));
    STATUS(QENEX_TIMED_OUT, qenex_collect(of.bank.engine, 0, 1, &buffer, &error));
    bank_close(&of.bank);
    EQUAL(21, of.told);
    EQUAL(19, of.applied);
    EQUAL(1, of.refused);
    EQUAL(1, of.failed);
    EQUAL(20, of.destroyed);

    of.told = of.destroyed = 0;
    of.bank = bank_open();
    STATUS(QENEX_NULL_POINTER,
           qenex_submit_notify(of.bank.session, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0, NULL,
                               NULL, &of, on_completion_destroy, &error));
    STATUS(QENEX_EMPTY_BATCH,
           qenex_submit_notify(of.bank.session, QENEX_COMMAND_TRANSFER, &transfer, 0, sizeof transfer, NULL, 0, NULL,
                               on_completion, &of, on_completion_destroy, &error));
    STATUS(QENEX_NULL_POINTER, qenex_submit_notify(NULL, QENEX_COMMAND_TRANSFER, &transfer, 1, sizeof transfer, NULL, 0,
                                                   NULL, on_completion, &of, on_completion_destroy, &error));
    EQUAL(3, of.destroyed);
    bank_close(&of.bank);
    EQUAL(0, of.told);
}

const test_case completion_cases[] = {{"submit_and_collect", submit_and_collect},
                                      {"bad_submissions", bad_submissions},
                                      {"full_queue", full_queue},
                                      {"submit_and_be_told", submit_and_be_told},
                                      {NULL, NULL}};
