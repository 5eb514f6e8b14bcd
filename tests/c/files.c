/* Files from the outside: the one-line forms, reopening, backup, restore, upgrade, figures, integrity. */
#include "check.h"

static qenex_engine *open_file(const char *name, uint32_t flags)
{
    qenex_error *error = NULL;
    qenex_engine *engine = NULL;
    qenex_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    options.path = scratch(name);
    options.path_len = strlen(options.path);
    OK(qenex_open(&options, &engine, &error));
    return engine;
}

static void remove_file(const char *name)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    size_t i;
    for (i = 0; i < 4; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s%s", name, suffixes[i]);
        remove(scratch(path));
    }
}

/* What the README shows: ten lines to a payment. */
static void one_line_forms(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine;
    qenex_session *session = NULL;
    qenex_id id;
    qenex_result result;
    char text[64];
    size_t length;

    remove_file("simple.db");
    engine = open_file("simple.db", 0);
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("250.00"), &result, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC002"), TEXT("USD"), NULL, 0, NULL, &error));
    OK(qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("100.00"), TEXT("USD"), &result,
                             &error));
    EQUAL(10000, minor_of(result.amount));
    OK(qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, sizeof text, &length, &error));
    CHECK(strcmp(text, "150.00") == 0 && length == 6);
    OK(qenex_balance_text(session, TEXT("ACC002"), TEXT("USD"), text, sizeof text, NULL, &error));
    CHECK(strcmp(text, "100.00") == 0);

    /* The number is taken now; a payment with an id of the host's happens once. */
    STATUS(QENEX_SOME_REFUSED,
           qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), NULL, 0, &result, &error));
    EQUAL(QENEX_NUMBER_TAKEN, result.status);
    OK(qenex_id_new(&id, &error));
    OK(qenex_transfer_simple(session, &id, TEXT("ACC001"), TEXT("ACC002"), TEXT("0.5"), TEXT("USD"), NULL, &error));
    OK(qenex_transfer_simple(session, &id, TEXT("ACC001"), TEXT("ACC002"), TEXT("0.5"), TEXT("USD"), &result, &error));
    EQUAL(QENEX_RESULT_REPEATED, result.flags);
    OK(qenex_balance_text(session, TEXT("account:ACC002"), TEXT("USD"), text, sizeof text, NULL, &error));
    CHECK(strcmp(text, "100.50") == 0);

    STATUS(QENEX_UNKNOWN_CURRENCY,
           qenex_account_open_simple(session, TEXT("ACC003"), TEXT("dollars"), NULL, 0, &result, &error));
    STATUS(QENEX_INVALID_AMOUNT_TEXT,
           qenex_account_open_simple(session, TEXT("ACC003"), TEXT("USD"), TEXT("1,5"), &result, &error));
    STATUS(QENEX_INVALID_UTF8, qenex_account_open_simple(session, "\xff", 1, TEXT("USD"), NULL, 0, &result, &error));
    STATUS(QENEX_INVALID_AMOUNT_TEXT, qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("1,5"),
                                                            TEXT("USD"), &result, &error));
    STATUS(QENEX_UNKNOWN_CURRENCY, qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("1"),
                                                         TEXT("EUR"), &result, &error));
    STATUS(QENEX_SOME_REFUSED, qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("149.51"),
                                                     TEXT("USD"), &result, &error));
    EQUAL(QENEX_INSUFFICIENT_FUNDS, result.status);
    STATUS(QENEX_SOME_REFUSED, qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC009"), TEXT("1"),
                                                     TEXT("USD"), &result, &error));
    EQUAL(QENEX_CREDIT_ACCOUNT_UNKNOWN, result.status);
    STATUS(QENEX_NOT_FOUND, qenex_balance_text(session, TEXT("ACC009"), TEXT("USD"), text, sizeof text, NULL, &error));
    STATUS(QENEX_BUFFER_TOO_SMALL, qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, 3, &length, &error));
    EQUAL(6, length);
    qenex_session_free(session);
    OK(qenex_close(engine, &error));

    engine = open_file("simple.db", QENEX_OPEN_MUST_EXIST);
    OK(qenex_session_open(engine, TEXT("auditor"), NULL, 0, &session, &error));
    OK(qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, sizeof text, NULL, &error));
    CHECK(strcmp(text, "149.50") == 0);
    qenex_session_free(session);
    OK(qenex_close(engine, &error));

    /* Read-only: questions are answered, commands refused. */
    engine = open_file("simple.db", QENEX_OPEN_READ_ONLY);
    OK(qenex_session_open(engine, TEXT("auditor"), NULL, 0, &session, &error));
    OK(qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, sizeof text, NULL, &error));
    CHECK(strcmp(text, "149.50") == 0);
    STATUS(QENEX_READ_ONLY, qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("1"), TEXT("USD"),
                                                  &result, &error));
    qenex_session_free(session);
    OK(qenex_close(engine, &error));
}

static int on_progress(void *user_data, uint64_t done, uint64_t total)
{
    int *calls = user_data;
    CHECK(done <= total);
    ++*calls;
    return 0;
}

static int stop(void *user_data, uint64_t done, uint64_t total)
{
    qenex_error *error = NULL;
    qenex_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    STATUS(QENEX_REENTRANT, qenex_stats_get((qenex_engine *)user_data, &stats, &error));
    return done <= total;
}

/* Enough transfers that a backup takes more than one step. */
static void fill(qenex_session *session)
{
    qenex_error *error = NULL;
    qenex_transfer *batch = calloc(QENEX_BATCH_MAX, sizeof *batch);
    arena texts;
    unsigned round, i;

    texts.length = 0;
    for (round = 0; round < 2; round++) {
        for (i = 0; i < QENEX_BATCH_MAX; i++) {
            batch[i].id = id_of(round * QENEX_BATCH_MAX + i);
            batch[i].debit_number.length = 6;
            batch[i].credit_number.offset = 6;
            batch[i].credit_number.length = 6;
            batch[i].amount = amount_of(1);
            batch[i].asset = 840;
        }
        texts.length = 0;
        put(&texts, "ACC001ACC002");
        OK(qenex_transfers_create(session, batch, QENEX_BATCH_MAX, sizeof *batch, texts.bytes, texts.length, NULL, NULL,
                                  &error));
    }
    free(batch);
}

static void backup_and_restore(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine;
    qenex_session *session = NULL;
    uint8_t before[32], after[32];
    char path[4096], other[4096];
    int calls = 0;
    uint32_t from = 9, to = 9;

    remove_file("bank.db");
    remove_file("copy.db");
    remove_file("restored.db");
    engine = open_file("bank.db", 0);
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("1000.00"), NULL, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC002"), TEXT("USD"), NULL, 0, NULL, &error));
    fill(session);
    OK(qenex_state_hash(engine, before, &error));

    strcpy(path, scratch("copy.db"));
    STATUS(QENEX_BACKUP_FAILED, qenex_backup(engine, TEXT(path), stop, engine, &error));
    remove_file("copy.db");
    OK(qenex_backup(engine, TEXT(path), on_progress, &calls, &error));
    CHECK(calls > 0);
    STATUS(QENEX_BACKUP_FAILED, qenex_backup(engine, TEXT(path), NULL, NULL, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_backup(engine, "", 0, NULL, NULL, &error));
    qenex_session_free(session);
    OK(qenex_close(engine, &error));

    strcpy(other, scratch("restored.db"));
    OK(qenex_restore(TEXT(path), TEXT(other), &error));
    STATUS(QENEX_BACKUP_FAILED, qenex_restore(TEXT(path), TEXT(other), &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_restore(TEXT(path), "a\0b", 3, &error));
    STATUS(QENEX_NULL_POINTER, qenex_restore(NULL, 5, TEXT(other), &error));
    OK(qenex_upgrade(TEXT(other), 1, &from, &to, &error));
    CHECK(from == to && to >= 1);
    OK(qenex_upgrade(TEXT(other), 0, NULL, NULL, &error));
    OK(qenex_rebuild_caches(TEXT(other), &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_rebuild_caches("", 0, &error));
    STATUS(QENEX_NULL_POINTER, qenex_rebuild_caches(NULL, 5, &error));
    STATUS(QENEX_CANNOT_OPEN, qenex_rebuild_caches(TEXT(scratch("missing.db")), &error));
    strcpy(other, scratch("restored.db"));
    engine = open_file("restored.db", QENEX_OPEN_MUST_EXIST);
    STATUS(QENEX_ALREADY_OPEN, qenex_rebuild_caches(TEXT(other), &error));
    OK(qenex_state_hash(engine, after, &error));
    CHECK(memcmp(before, after, sizeof before) == 0);
    STATUS(QENEX_NULL_POINTER, qenex_state_hash(engine, NULL, &error));
    OK(qenex_close(engine, &error));
}

static void figures_and_integrity(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_stats stats;
    qenex_buffer *buffer = NULL;
    qenex_transfer transfer = transfer_of(1, 1, 2, 5);
    const char *text;
    size_t length = 0;

    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    memset(&stats, 0xff, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(qenex_stats_get(bank.engine, &stats, &error));
    CHECK(stats.accounts == 4 && stats.sequence > 5 && stats.disk_writes > 0 && stats.queue_depth == 0);
    EQUAL(0, stats.reserved[15]);
    stats.struct_size = 8;
    STATUS(QENEX_INVALID_STRUCT_SIZE, qenex_stats_get(bank.engine, &stats, &error));
    STATUS(QENEX_NULL_POINTER, qenex_stats_get(bank.engine, NULL, &error));

    OK(qenex_integrity_check(bank.engine, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    STATUS(QENEX_NULL_POINTER, qenex_integrity_check(bank.engine, NULL, &error));

    OK(qenex_support_bundle(bank.engine, &buffer, &error));
    text = (const char *)qenex_buffer_arena(buffer, &length);
    CHECK(text != NULL && length > 100 && strncmp(text, "libqenex", 8) == 0);
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

const test_case file_cases[] = {{"one_line_forms", one_line_forms},
                                {"backup_and_restore", backup_and_restore},
                                {"figures_and_integrity", figures_and_integrity},
                                {NULL, NULL}};
