/* What belongs to an account, searching with a cursor, and a feed applied to another file. */
#include "check.h"

static int says(const qenex_buffer *buffer, qenex_text at, const char *expected)
{
    size_t length = 0;
    const uint8_t *bytes = qenex_buffer_arena(buffer, &length);
    return at.length == strlen(expected) && (size_t)at.offset + at.length <= length &&
           (at.length == 0 || memcmp(bytes + at.offset, expected, at.length) == 0);
}

static qenex_account_key key_of(unsigned account)
{
    qenex_account_key key;
    memset(&key, 0, sizeof key);
    key.id = id_of(account);
    return key;
}

static void numbers_limits_and_blocks(void)
{
    qenex_id account;
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_account_key key = key_of(1);
    qenex_account_number number;
    qenex_account_limit limit;
    qenex_account_block block;
    qenex_buffer *buffer = NULL;
    qenex_result given, ended, set;
    static arena texts;

    texts.length = 0;
    memset(&number, 0, sizeof number);
    number.key = id_of(500);
    number.account = id_of(1);
    number.number_type = put(&texts, "iban");
    number.number = put(&texts, "CZ6508000000192000145399");
    OK(qenex_account_numbers_set(bank.session, &number, 1, sizeof number, texts.bytes, texts.length, NULL, &given,
                                 &error));
    number.key = id_of(501);
    number.flags = QENEX_ACCOUNT_NUMBER_END;
    OK(qenex_account_numbers_set(bank.session, &number, 1, sizeof number, texts.bytes, texts.length, NULL, &ended,
                                 &error));
    OK(qenex_account_numbers_list(bank.session, &key, sizeof key, NULL, 0, 0, 0, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    EQUAL(sizeof(qenex_account_number_record), qenex_buffer_record_size(buffer));
    {
        const qenex_account_number_record *record = qenex_buffer_records(buffer);
        CHECK(says(buffer, record[0].number, "ACC001") && says(buffer, record[0].number_type, "account"));
        CHECK(record[0].valid_to == 0 && record[0].account == 1);
        CHECK(says(buffer, record[1].number, "CZ6508000000192000145399") &&
              says(buffer, record[1].number_type, "iban"));
        CHECK(record[1].sequence == given.sequence && record[1].valid_from == given.time &&
              record[1].valid_to == ended.time);
    }
    qenex_buffer_free(buffer);
    OK(qenex_account_numbers_list(bank.session, &key, sizeof key, NULL, 0, given.sequence, 0, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);

    memset(&limit, 0, sizeof limit);
    limit.key = id_of(502);
    limit.account = id_of(1);
    limit.asset = 840;
    limit.kind = QENEX_LIMIT_KIND_OVERDRAFT;
    limit.amount = amount_of(5000);
    limit.expires_at = 4000000000000000;
    OK(qenex_account_limits_set(bank.session, &limit, 1, sizeof limit, NULL, 0, NULL, &set, &error));
    OK(qenex_account_limits_list(bank.session, &key, sizeof key, NULL, 0, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    {
        const qenex_account_limit_record *record = qenex_buffer_records(buffer);
        EQUAL(sizeof *record, qenex_buffer_record_size(buffer));
        EQUAL(5000, minor_of(record->amount));
        CHECK(record->expires_at == 4000000000000000 && record->asset == 840 && record->account == 1);
        EQUAL(QENEX_LIMIT_KIND_OVERDRAFT, record->kind);
    }
    qenex_buffer_free(buffer);

    memset(&block, 0, sizeof block);
    block.key = id_of(503);
    block.account = id_of(1);
    block.side = QENEX_BLOCK_SIDE_CREDIT;
    block.reason = put(&texts, "dispute");
    block.authority = put(&texts, "court 7");
    OK(qenex_account_blocks_set(bank.session, &block, 1, sizeof block, texts.bytes, texts.length, NULL, &set, &error));
    account = id_of(1);
    OK(qenex_account_blocks_list(bank.session, &account, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    {
        const qenex_block_record *record = qenex_buffer_records(buffer);
        EQUAL(sizeof *record, qenex_buffer_record_size(buffer));
        CHECK(says(buffer, record->reason, "dispute") && says(buffer, record->authority, "court 7"));
        CHECK(record->side == QENEX_BLOCK_SIDE_CREDIT && record->sequence == set.sequence && record->time == set.time);
    }
    qenex_buffer_free(buffer);
    block.key = id_of(504);
    block.flags = QENEX_BLOCK_LIFT;
    OK(qenex_account_blocks_set(bank.session, &block, 1, sizeof block, texts.bytes, texts.length, NULL, &set, &error));
    OK(qenex_account_blocks_list(bank.session, &account, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);

    key = key_of(99);
    STATUS(QENEX_NOT_FOUND, qenex_account_numbers_list(bank.session, &key, sizeof key, NULL, 0, 0, 0, &buffer, &error));
    STATUS(QENEX_NOT_FOUND, qenex_account_limits_list(bank.session, &key, sizeof key, NULL, 0, &buffer, &error));
    account = id_of(99);
    STATUS(QENEX_NOT_FOUND, qenex_account_blocks_list(bank.session, &account, &buffer, &error));
    STATUS(QENEX_NULL_POINTER, qenex_account_blocks_list(bank.session, NULL, &buffer, &error));
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_account_numbers_list(bank.session, &key, sizeof key, NULL, 0, 0, 10001, &buffer, &error));
    bank_close(&bank);
}

/* Asks for page after page and counts the transfers; every one has a higher sequence than the one before. */
static unsigned found(bank *bank, qenex_transfer_filter *filter)
{
    qenex_error *error = NULL;
    qenex_buffer *buffer = NULL, *before = NULL;
    uint64_t sequence = 0;
    unsigned count = 0;
    size_t i;

    do {
        OK(qenex_transfers_find(bank->session, filter, &buffer, &error));
        for (i = 0; i < qenex_buffer_count(buffer); i++, count++) {
            const qenex_transfer_record *record = (const qenex_transfer_record *)qenex_buffer_records(buffer) + i;
            CHECK(record->sequence > sequence);
            sequence = record->sequence;
        }
        qenex_buffer_free(before);
        before = buffer;
        filter->cursor = qenex_buffer_cursor(buffer, &filter->cursor_len);
    } while (filter->cursor != NULL);
    qenex_buffer_free(before);
    filter->cursor_len = 0;
    return count;
}

static void search_with_a_cursor(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer_filter filter;
    qenex_transfer batch[30];
    qenex_result results[30];
    qenex_buffer *buffer = NULL;
    uint8_t forged[64] = {0};
    unsigned i;
    static arena texts;

    texts.length = 0;
    for (i = 0; i < 30; i++) {
        batch[i] = transfer_of(700 + i, 4, i % 3 == 0 ? 2 : 1, 100 + i);
        batch[i].code = i % 2;
        batch[i].reference = put(&texts, i % 5 == 0 ? "INV-5" : "INV-0");
    }
    OK(qenex_transfers_create(bank.session, batch, 30, sizeof batch[0], texts.bytes, texts.length, NULL, results,
                              &error));
    memset(&filter, 0, sizeof filter);
    filter.struct_size = sizeof filter;
    filter.limit = 4;
    EQUAL(30, found(&bank, &filter));
    filter.account = id_of(2);
    EQUAL(10, found(&bank, &filter));
    filter.code = 1;
    EQUAL(5, found(&bank, &filter));
    filter.reference = "INV-5";
    filter.reference_len = 5;
    EQUAL(1, found(&bank, &filter));
    filter.account = id_of(4);
    EQUAL(3, found(&bank, &filter));
    memset(&filter.account, 0, sizeof filter.account);
    filter.code = 0;
    filter.limit = 1;
    EQUAL(6, found(&bank, &filter));
    filter.reference = NULL;
    filter.reference_len = 0;
    filter.amount_from = 125;
    EQUAL(5, found(&bank, &filter));
    filter.cursor = forged;
    filter.cursor_len = 25;
    STATUS(QENEX_INVALID_CURSOR, qenex_transfers_find(bank.session, &filter, &buffer, &error));
    bank_close(&bank);
}

/* Every page of a feed applied to an empty file, twice: the same state comes out. */
static void feed_applied_to_another_file(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_options options;
    qenex_engine *copy = NULL;
    qenex_session *session = NULL;
    qenex_buffer *buffer = NULL;
    qenex_transfer transfer = transfer_of(60, 4, 1, 500);
    qenex_hold hold;
    qenex_result result;
    qenex_feed_entry entry;
    uint64_t seen = 0;
    uint8_t there[32], here[32];
    size_t count, length;
    static arena texts;

    texts.length = 0;
    transfer.narrative = put(&texts, "rent");
    OK(qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes, texts.length, NULL, &result,
                              &error));
    memset(&hold, 0, sizeof hold);
    hold.id = id_of(61);
    hold.debit_id = id_of(1);
    hold.asset = 840;
    hold.amount = amount_of(20);
    OK(qenex_holds_place(bank.session, &hold, 1, sizeof hold, NULL, 0, NULL, &result, &error));
    transfer = transfer_of(62, 3, 1, 5);
    EQUAL(QENEX_INSUFFICIENT_FUNDS, pay(&bank, &transfer, NULL));

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_OPEN_MEMORY;
    OK(qenex_open(&options, &copy, &error));
    for (;;) {
        const uint8_t *bytes;
        OK(qenex_feed_read(bank.session, seen, 3, &buffer, &error));
        count = qenex_buffer_count(buffer);
        if (count == 0) {
            break;
        }
        bytes = qenex_buffer_arena(buffer, &length);
        OK(qenex_feed_apply(copy, qenex_buffer_records(buffer), count, qenex_buffer_record_size(buffer), bytes, length,
                            &error));
        /* A page that was applied may come again. */
        OK(qenex_feed_apply(copy, qenex_buffer_records(buffer), count, qenex_buffer_record_size(buffer), bytes, length,
                            &error));
        seen += count;
        qenex_buffer_free(buffer);
    }
    qenex_buffer_free(buffer);
    OK(qenex_state_hash(bank.engine, there, &error));
    OK(qenex_state_hash(copy, here, &error));
    CHECK(memcmp(here, there, sizeof here) == 0);
    OK(qenex_session_open(copy, TEXT("auditor"), NULL, 0, &session, &error));
    OK(qenex_sequence_get(session, &seen, &error));
    OK(qenex_sequence_get(bank.session, &result.sequence, &error));
    EQUAL(result.sequence, seen);

    /* What is none, or does not follow. */
    transfer = transfer_of(63, 4, 1, 5);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    transfer = transfer_of(64, 4, 1, 6);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    OK(qenex_feed_read(bank.session, seen + 1, 3, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    memcpy(&entry, qenex_buffer_records(buffer), sizeof entry);
    {
        const uint8_t *bytes = qenex_buffer_arena(buffer, &length);
        STATUS(QENEX_INVALID_ARGUMENT, qenex_feed_apply(copy, &entry, 1, sizeof entry, bytes, length, &error));
        entry.sequence = seen + 1;
        entry.content.length--;
        STATUS(QENEX_INVALID_ENCODING, qenex_feed_apply(copy, &entry, 1, sizeof entry, bytes, length, &error));
        entry.content.length = 0xffffffff;
        STATUS(QENEX_ARENA_RANGE, qenex_feed_apply(copy, &entry, 1, sizeof entry, bytes, length, &error));
        entry.content.length = 1;
        entry.text_count = 9;
        STATUS(QENEX_INVALID_ARGUMENT, qenex_feed_apply(copy, &entry, 1, sizeof entry, bytes, length, &error));
        entry.text_count = 0;
        entry.kind = 0xffffffff;
        STATUS(QENEX_INVALID_ARGUMENT, qenex_feed_apply(copy, &entry, 1, sizeof entry, bytes, length, &error));
        entry.reserved[1] = 1;
        STATUS(QENEX_RESERVED_NOT_ZERO, qenex_feed_apply(copy, &entry, 1, sizeof entry, bytes, length, &error));
        STATUS(QENEX_EMPTY_BATCH, qenex_feed_apply(copy, &entry, 0, sizeof entry, bytes, length, &error));
        STATUS(QENEX_BATCH_TOO_LARGE, qenex_feed_apply(copy, &entry, 10001, sizeof entry, bytes, length, &error));
        STATUS(QENEX_INVALID_STRUCT_SIZE, qenex_feed_apply(copy, &entry, 1, 8, bytes, length, &error));
        STATUS(QENEX_NULL_POINTER, qenex_feed_apply(copy, NULL, 1, sizeof entry, bytes, length, &error));
    }
    qenex_buffer_free(buffer);
    OK(qenex_state_hash(copy, here, &error));
    CHECK(memcmp(here, there, sizeof here) == 0);
    qenex_session_free(session);
    OK(qenex_close(copy, &error));
    bank_close(&bank);
}

/* A host record's key gives the version that its write made again, whatever came later. */
static void host_record_repeated(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_host_record record;
    qenex_result result;
    unsigned i;
    static arena texts;

    texts.length = 0;
    memset(&record, 0, sizeof record);
    record.name_space = put(&texts, "orders");
    record.record = put(&texts, "1");
    record.value = put(&texts, "paid");
    record.flags = QENEX_HOST_RECORD_ANY_VERSION;
    for (i = 0; i < 6; i++) {
        record.key = id_of(800 + i % 3);
        OK(qenex_host_records_put(bank.session, &record, 1, sizeof record, texts.bytes, texts.length, NULL, &result,
                                  &error));
        EQUAL(1 + i % 3, result.number);
        EQUAL(i < 3 ? 0 : QENEX_RESULT_REPEATED, result.flags);
    }
    bank_close(&bank);
}

const test_case list_cases[] = {{"numbers_limits_and_blocks", numbers_limits_and_blocks},
                                {"search_with_a_cursor", search_with_a_cursor},
                                {"feed_applied_to_another_file", feed_applied_to_another_file},
                                {"host_record_repeated", host_record_repeated},
                                {NULL, NULL}};
