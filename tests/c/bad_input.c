/* What a careless or hostile host passes: each gets a clear error, and nothing is lost. */
#include "check.h"

/* Creates transfers, expecting a refusal of the whole call; item is the one that the error names, or -1. */
static void refused(bank *bank, qenex_status expected, const void *records, size_t count, size_t size,
                    const uint8_t *arena, size_t arena_len, long item)
{
    qenex_error *error = NULL;
    qenex_result result;
    qenex_status status;

    memset(&result, 0xff, sizeof result);
    status = qenex_transfers_create(bank->session, (const qenex_transfer *)records, count, size, arena, arena_len, NULL,
                                    count == 1 ? &result : NULL, &error);
    EQUAL(item, qenex_error_item(error));
    STATUS(expected, status);
    if (count == 1) {
        EQUAL(0, result.status);
        EQUAL(0, result.padding);
    }
}

static void counts_and_sizes(void)
{
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 100);
    struct {
        qenex_transfer known;
        uint64_t tail[2];
    } longer[2];
    uint8_t *shifted = malloc(sizeof transfer + 1);
    qenex_error *error = NULL;
    qenex_result results[2];

    refused(&bank, QENEX_EMPTY_BATCH, &transfer, 0, sizeof transfer, NULL, 0, -1);
    refused(&bank, QENEX_EMPTY_BATCH, NULL, 0, 0, NULL, 0, -1);
    refused(&bank, QENEX_BATCH_TOO_LARGE, &transfer, QENEX_BATCH_MAX + 1, sizeof transfer, NULL, 0, -1);
    refused(&bank, QENEX_BATCH_TOO_LARGE, &transfer, SIZE_MAX, sizeof transfer, NULL, 0, -1);
    refused(&bank, QENEX_NULL_POINTER, NULL, 1, sizeof transfer, NULL, 0, -1);
    refused(&bank, QENEX_INVALID_STRUCT_SIZE, &transfer, 1, 0, NULL, 0, -1);
    refused(&bank, QENEX_INVALID_STRUCT_SIZE, &transfer, 1, sizeof transfer - 8, NULL, 0, -1);
    refused(&bank, QENEX_INVALID_STRUCT_SIZE, &transfer, 1, QENEX_RECORD_SIZE_MAX + 1, NULL, 0, -1);
    refused(&bank, QENEX_INVALID_STRUCT_SIZE, &transfer, 1, SIZE_MAX, NULL, 0, -1);
    refused(&bank, QENEX_NULL_POINTER, &transfer, 1, sizeof transfer, NULL, 1, -1);
    refused(&bank, QENEX_BATCH_TOO_LARGE, &transfer, 1, sizeof transfer, (const uint8_t *)"", SIZE_MAX, -1);

    /* A longer record, of a newer header, is fine as long as nothing new is set. */
    memset(longer, 0, sizeof longer);
    longer[0].known = transfer_of(2, 1, 2, 100);
    longer[1].known = transfer_of(3, 1, 2, 100);
    OK(qenex_transfers_create(bank.session, &longer[0].known, 2, sizeof longer[0], NULL, 0, NULL, results, &error));
    longer[1].tail[1] = 1;
    refused(&bank, QENEX_INVALID_STRUCT_SIZE, longer, 2, sizeof longer[0], NULL, 0, 1);

    /* Any alignment. */
    memcpy(shifted + 1, &transfer, sizeof transfer);
    OK(qenex_transfers_create(bank.session, (const qenex_transfer *)(const void *)(shifted + 1), 1, sizeof transfer,
                              NULL, 0, NULL, results, &error));
    free(shifted);
    bank_close(&bank);
}

static void reserved_bytes(void)
{
    bank bank = bank_open();
    qenex_transfer batch[3];

    batch[0] = transfer_of(1, 1, 2, 100);
    batch[1] = transfer_of(2, 1, 2, 100);
    batch[2] = transfer_of(3, 1, 2, 100);
    batch[1].reserved[3] = (uint64_t)1 << 63;
    refused(&bank, QENEX_RESERVED_NOT_ZERO, batch, 3, sizeof batch[0], NULL, 0, 1);
    batch[1].reserved[3] = 0;
    batch[2].padding = 1;
    refused(&bank, QENEX_RESERVED_NOT_ZERO, batch, 3, sizeof batch[0], NULL, 0, 2);
    batch[2].padding = 0;
    /* Nothing of the refused batches was applied. */
    EQUAL(QENEX_OK, pay(&bank, &batch[0], NULL));
    bank_close(&bank);
}

static void arenas(void)
{
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 100);
    static const char text[] = "abc \xc3\xa9 \xff";
    const uint8_t *arena = (const uint8_t *)text;
    size_t length = sizeof text - 1;
    qenex_result result;
    qenex_error *error = NULL;

    transfer.narrative.offset = (uint32_t)length;
    transfer.narrative.length = 1;
    refused(&bank, QENEX_ARENA_RANGE, &transfer, 1, sizeof transfer, arena, length, 0);
    transfer.narrative.offset = UINT32_MAX;
    transfer.narrative.length = UINT32_MAX;
    refused(&bank, QENEX_ARENA_RANGE, &transfer, 1, sizeof transfer, arena, length, 0);
    transfer.narrative.offset = 1;
    transfer.narrative.length = UINT32_MAX;
    refused(&bank, QENEX_ARENA_RANGE, &transfer, 1, sizeof transfer, arena, length, 0);
    transfer.narrative.offset = 5;
    refused(&bank, QENEX_ARENA_RANGE, &transfer, 1, sizeof transfer, NULL, 0, 0);
    /* An empty text outside of everything is still a mistake. */
    transfer.narrative.offset = 1000;
    transfer.narrative.length = 0;
    refused(&bank, QENEX_ARENA_RANGE, &transfer, 1, sizeof transfer, arena, length, 0);
    /* Half a character, and a byte that is never UTF-8. */
    transfer.narrative.offset = 0;
    transfer.narrative.length = 5;
    refused(&bank, QENEX_INVALID_UTF8, &transfer, 1, sizeof transfer, arena, length, 0);
    refused(&bank, QENEX_INVALID_UTF8, &transfer, 1, sizeof transfer, arena, 6, 0);
    transfer.narrative.length = (uint32_t)length;
    refused(&bank, QENEX_INVALID_UTF8, &transfer, 1, sizeof transfer, arena, length, 0);
    /* Whole text beside bytes that are none. */
    transfer.narrative.length = 6;
    OK(qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, arena, length, NULL, &result, &error));
    bank_close(&bank);
}

/* Faults of single items: the others go on. */
static void items(void)
{
    bank bank = bank_open();
    qenex_transfer transfer;
    static const struct {
        long long minor;
        unsigned debit, credit;
        uint32_t asset, flags;
        qenex_status expected;
    } cases[] = {
        {0, 1, 2, 840, 0, QENEX_AMOUNT_ZERO},
        {-5, 1, 2, 840, 0, QENEX_AMOUNT_NEGATIVE},
        {5, 1, 1, 840, 0, QENEX_ACCOUNTS_EQUAL},
        {5, 77, 1, 840, 0, QENEX_DEBIT_ACCOUNT_UNKNOWN},
        {5, 1, 77, 840, 0, QENEX_CREDIT_ACCOUNT_UNKNOWN},
        {5, 1, 2, 978, 0, QENEX_ASSET_UNKNOWN},
        {5, 1, 2, 0, 0, QENEX_ASSET_UNKNOWN},
        {5, 1, 2, 840, 0x00100000, QENEX_INVALID_FLAGS},
        {5, 1, 2, 840, QENEX_TRANSFER_CAPTURE, QENEX_INVALID_FLAGS},
        {5, 3, 2, 840, 0, QENEX_INSUFFICIENT_FUNDS},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        qenex_status status;
        transfer = transfer_of((unsigned)(200 + i), cases[i].debit, cases[i].credit, cases[i].minor);
        transfer.asset = cases[i].asset;
        transfer.flags = cases[i].flags;
        status = pay(&bank, &transfer, NULL);
        if (status != cases[i].expected) {
            fprintf(stderr, "case %u: %s\n", (unsigned)i, qenex_status_name(status));
        }
        EQUAL(cases[i].expected, status);
    }
    transfer = transfer_of(300, 1, 2, 5);
    transfer.amount.hi = 1;
    EQUAL(QENEX_AMOUNT_OVERFLOW, pay(&bank, &transfer, NULL));
    transfer = transfer_of(0, 1, 2, 5);
    memset(&transfer.id, 0, sizeof transfer.id);
    EQUAL(QENEX_ID_NONE, pay(&bank, &transfer, NULL));
    memset(&transfer.id, 0xff, sizeof transfer.id);
    EQUAL(QENEX_ID_RESERVED, pay(&bank, &transfer, NULL));
    transfer = transfer_of(301, 1, 2, 5);
    transfer.booking_date = 20241332;
    EQUAL(QENEX_DATE_INVALID, pay(&bank, &transfer, NULL));
    transfer.booking_date = 0;
    transfer.rate_scale = 2;
    EQUAL(QENEX_RATE_INVALID, pay(&bank, &transfer, NULL));
    transfer.rate = amount_of(-3);
    EQUAL(QENEX_RATE_INVALID, pay(&bank, &transfer, NULL));
    transfer.rate = amount_of(3);
    transfer.rate_scale = 39;
    EQUAL(QENEX_RATE_INVALID, pay(&bank, &transfer, NULL));
    transfer.rate_scale = 38;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    bank_close(&bank);
}

static void names(void)
{
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 5);
    qenex_error *error = NULL;
    qenex_result result;
    static arena texts;
    char *long_text = malloc(5000);

    texts.length = 0;
    transfer.debit_number = put(&texts, "ACC001");
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes,
                                                      texts.length, NULL, &result, &error));
    EQUAL(QENEX_NAMED_TWICE, result.status);
    transfer = transfer_of(2, 1, 2, 5);
    memset(long_text, 'x', 4999);
    long_text[4999] = '\0';
    transfer.narrative = put(&texts, long_text);
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes,
                                                      texts.length, NULL, &result, &error));
    EQUAL(QENEX_TEXT_TOO_LONG, result.status);
    free(long_text);
    bank_close(&bank);
}

/* The largest batch is taken. */
static void full_batch(void)
{
    bank bank = bank_open();
    qenex_transfer *batch = calloc(QENEX_BATCH_MAX, sizeof *batch);
    qenex_result *results = calloc(QENEX_BATCH_MAX, sizeof *results);
    qenex_error *error = NULL;
    unsigned i;

    for (i = 0; i < QENEX_BATCH_MAX; i++) {
        batch[i] = transfer_of(1000 + i, 1, 2, 1);
    }
    OK(qenex_transfers_create(bank.session, batch, QENEX_BATCH_MAX, sizeof *batch, NULL, 0, NULL, results, &error));
    EQUAL(QENEX_BATCH_MAX, minor_of(results[QENEX_BATCH_MAX - 1].debit.debits_posted));
    free(batch);
    free(results);
    bank_close(&bank);
}

const test_case bad_input_cases[] = {{"counts_and_sizes", counts_and_sizes},
                                     {"reserved_bytes", reserved_bytes},
                                     {"arenas", arenas},
                                     {"items", items},
                                     {"names", names},
                                     {"full_batch", full_batch},
                                     {NULL, NULL}};
