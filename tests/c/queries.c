/* Questions: balances, accounts, transfers, statements, holds, trial balance, host records, the feed. */
#include "check.h"

static qenex_account_key key_of(unsigned account)
{
    qenex_account_key key;
    memset(&key, 0, sizeof key);
    key.id = id_of(account);
    key.asset = 840;
    return key;
}

/* The text of a record, compared. */
static int says(const qenex_buffer *buffer, qenex_text at, const char *expected)
{
    size_t length = 0;
    const uint8_t *arena = qenex_buffer_arena(buffer, &length);
    return at.length == strlen(expected) && (size_t)at.offset + at.length <= length &&
           (at.length == 0 || memcmp(arena + at.offset, expected, at.length) == 0);
}

static void balances(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_account_key keys[4];
    qenex_balance balances[4];
    qenex_as_of_options as_of;
    qenex_transfer transfer;
    qenex_hold hold;
    qenex_result first, result;
    uint64_t sequence = 7;
    static arena texts;

    texts.length = 0;
    transfer = transfer_of(10, 4, 1, 1000);
    transfer.value_date = 20240201;
    EQUAL(QENEX_OK, pay(&bank, &transfer, &first));
    transfer = transfer_of(11, 1, 2, 300);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    memset(&hold, 0, sizeof hold);
    hold.id = id_of(12);
    hold.debit_id = id_of(1);
    hold.asset = 840;
    hold.amount = amount_of(50);
    OK(qenex_holds_place(bank.session, &hold, 1, sizeof hold, NULL, 0, NULL, &result, &error));

    keys[0] = key_of(0);
    memset(&keys[0].id, 0, sizeof keys[0].id);
    keys[0].number = put(&texts, "ACC001");
    keys[1] = key_of(4);
    keys[2] = key_of(77);
    keys[3] = key_of(1);
    keys[3].asset = 978;
    STATUS(QENEX_SOME_REFUSED, qenex_balances_get(bank.session, keys, 4, sizeof keys[0], texts.bytes, texts.length,
                                                  NULL, balances, &error));
    EQUAL(QENEX_OK, balances[0].status);
    EQUAL(700, minor_of(balances[0].balance));
    EQUAL(650, minor_of(balances[0].available));
    EQUAL(0, balances[0].flags);
    EQUAL(1000, minor_of(balances[0].turnovers.credits_posted));
    EQUAL(result.sequence, balances[0].sequence);
    EQUAL(1000, minor_of(balances[1].balance));
    EQUAL(QENEX_ACCOUNT_NORMAL_DEBIT, balances[1].flags);
    EQUAL(QENEX_ACCOUNT_UNKNOWN, balances[2].status);
    EQUAL(QENEX_ASSET_UNKNOWN, balances[3].status);

    /* By the engine's own number, and as of another moment. */
    keys[0] = key_of(1);
    memset(&keys[0].id, 0, sizeof keys[0].id);
    keys[0].account = balances[0].account;
    memset(&as_of, 0, sizeof as_of);
    as_of.struct_size = sizeof as_of;
    as_of.sequence = first.sequence;
    OK(qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    EQUAL(1000, minor_of(balances[0].balance));
    as_of.sequence = 0;
    as_of.booking_date = 20240131;
    OK(qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    EQUAL(700, minor_of(balances[0].balance));
    as_of.booking_date = 0;
    as_of.value_date = 20240131;
    OK(qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    EQUAL(-300, minor_of(balances[0].balance));
    as_of.booking_date = 20240131;
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    EQUAL(0, minor_of(balances[0].balance));
    as_of.booking_date = 0;
    as_of.value_date = 20240230;
    STATUS(QENEX_INVALID_DATE,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    as_of.value_date = 0;
    as_of.sequence = UINT64_MAX;
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));

    /* As known at an earlier time: before the payment, and together with a date. */
    as_of.sequence = 0;
    as_of.known_at = first.time;
    OK(qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    CHECK(minor_of(balances[0].balance) == 1000 || first.time == result.time);
    as_of.value_date = 20240131;
    OK(qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    CHECK(minor_of(balances[0].balance) == 0 || first.time == result.time);
    as_of.known_at = 1;
    OK(qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    EQUAL(0, minor_of(balances[0].balance));
    EQUAL(0, balances[0].sequence);
    as_of.sequence = 1;
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    as_of.sequence = 0;
    as_of.known_at = INT64_MIN;
    STATUS(QENEX_INVALID_DATE,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, &as_of, balances, &error));
    OK(qenex_sequence_at(bank.session, result.time, &sequence, &error));
    EQUAL(result.sequence, sequence);
    OK(qenex_sequence_at(bank.session, 1, &sequence, &error));
    EQUAL(0, sequence);
    STATUS(QENEX_NULL_POINTER, qenex_sequence_at(bank.session, 1, NULL, &error));

    keys[0].id = id_of(1);
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, NULL, balances, &error));
    STATUS(QENEX_NULL_POINTER,
           qenex_balances_get(bank.session, NULL, 1, sizeof keys[0], NULL, 0, NULL, balances, &error));
    STATUS(QENEX_NULL_POINTER, qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, NULL, NULL, &error));
    STATUS(QENEX_EMPTY_BATCH,
           qenex_balances_get(bank.session, keys, 0, sizeof keys[0], NULL, 0, NULL, balances, &error));
    keys[0] = key_of(1);
    keys[0].padding = 1;
    STATUS(QENEX_RESERVED_NOT_ZERO,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, NULL, balances, &error));
    keys[0] = key_of(1);
    keys[0].number.offset = 1;
    STATUS(QENEX_ARENA_RANGE,
           qenex_balances_get(bank.session, keys, 1, sizeof keys[0], NULL, 0, NULL, balances, &error));
    bank_close(&bank);
}

static void accounts_and_hierarchy(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_account child;
    qenex_account_key keys[2];
    qenex_balance balance;
    qenex_result result;
    qenex_buffer *buffer = NULL;
    const qenex_account_record *account;
    qenex_transfer transfer = transfer_of(20, 1, 2, 300);
    qenex_id parent = id_of(2);
    uint32_t number = 0;
    static arena texts;

    texts.length = 0;
    memset(&child, 0, sizeof child);
    child.id = id_of(5);
    child.parent = parent;
    child.kind = QENEX_ACCOUNT_KIND_LIABILITY;
    child.asset = 840;
    child.name = put(&texts, "Joan Doe, savings");
    child.branch = put(&texts, "7");
    child.user_data_32 = 33;
    OK(qenex_accounts_open(bank.session, &child, 1, sizeof child, texts.bytes, texts.length, NULL, &result, &error));
    EQUAL(5, result.number);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    transfer = transfer_of(21, 1, 5, 40);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    keys[0] = key_of(2);
    OK(qenex_balance_hierarchy(bank.session, keys, sizeof keys[0], NULL, 0, &balance, &error));
    EQUAL(340, minor_of(balance.balance));
    keys[0] = key_of(99);
    STATUS(QENEX_NOT_FOUND, qenex_balance_hierarchy(bank.session, keys, sizeof keys[0], NULL, 0, &balance, &error));
    EQUAL(0, minor_of(balance.balance));

    keys[0] = key_of(5);
    keys[1] = key_of(99);
    STATUS(QENEX_SOME_REFUSED, qenex_accounts_get(bank.session, keys, 2, sizeof keys[0], NULL, 0, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    EQUAL(sizeof *account, qenex_buffer_record_size(buffer));
    account = (const qenex_account_record *)qenex_buffer_records(buffer);
    CHECK(says(buffer, account[0].name, "Joan Doe, savings") && says(buffer, account[0].branch, "7"));
    CHECK(says(buffer, account[0].owner, "") && account[0].account == 5 && account[0].parent_account == 2);
    CHECK(memcmp(&account[0].parent, &parent, sizeof parent) == 0 && account[0].user_data_32 == 33);
    CHECK(account[0].kind == QENEX_ACCOUNT_KIND_LIABILITY && account[0].entity == 1 && account[0].asset == 840);
    EQUAL(QENEX_ACCOUNT_UNKNOWN, account[1].status);
    qenex_buffer_free(buffer);

    OK(qenex_accounts_list(bank.session, NULL, 2, 2, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    account = (const qenex_account_record *)qenex_buffer_records(buffer);
    CHECK(account[0].account == 3 && account[1].account == 4);
    CHECK(qenex_buffer_arena(buffer, NULL) == NULL);
    qenex_buffer_free(buffer);
    OK(qenex_accounts_list(bank.session, &parent, 0, 0, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    STATUS(QENEX_INVALID_ARGUMENT, qenex_accounts_list(bank.session, NULL, 0, 10001, &buffer, &error));
    CHECK(buffer == NULL);
    parent = id_of(99);
    STATUS(QENEX_NOT_FOUND, qenex_accounts_list(bank.session, &parent, 0, 0, &buffer, &error));

    OK(qenex_asset_number(bank.session, TEXT("USD"), &number, &error));
    EQUAL(840, number);
    STATUS(QENEX_UNKNOWN_CURRENCY, qenex_asset_number(bank.session, TEXT("EUR"), &number, &error));
    OK(qenex_assets_list(bank.session, &buffer, &error));
    CHECK(qenex_buffer_count(buffer) == 1 &&
          says(buffer, ((const qenex_asset_record *)qenex_buffer_records(buffer))->code, "USD"));
    qenex_buffer_free(buffer);
    OK(qenex_entities_list(bank.session, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    EQUAL(20240131, ((const qenex_entity_record *)qenex_buffer_records(buffer))->business_date);
    CHECK(says(buffer, ((const qenex_entity_record *)qenex_buffer_records(buffer))->name, "Test Bank"));
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

static void transfers(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer batch[3];
    qenex_id ids[2];
    qenex_buffer *buffer = NULL;
    qenex_transfer_filter filter;
    const qenex_transfer_record *record;
    qenex_result results[3];
    static arena texts;
    unsigned i;

    texts.length = 0;
    for (i = 0; i < 3; i++) {
        batch[i] = transfer_of(30 + i, 1, 2, 100 * (i + 1));
        batch[i].transaction = id_of(i < 2 ? 300 : 301);
        batch[i].code = i;
        batch[i].value_date = (qenex_date)(20240101 + i);
        batch[i].reference = put(&texts, i < 2 ? "INV-1" : "INV-2");
        batch[i].narrative = put(&texts, "caf\xc3\xa9");
        batch[i].rate = amount_of(25);
        batch[i].rate_scale = 1;
        memset(batch[i].user_data_128, (int)i, sizeof batch[i].user_data_128);
    }
    OK(qenex_transfers_create(bank.session, batch, 3, sizeof batch[0], texts.bytes, texts.length, NULL, results,
                              &error));

    ids[0] = id_of(1000031);
    ids[1] = id_of(99);
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_get(bank.session, ids, 2, &buffer, &error));
    record = (const qenex_transfer_record *)qenex_buffer_records(buffer);
    EQUAL(sizeof *record, qenex_buffer_record_size(buffer));
    CHECK(memcmp(&record[0].id, &ids[0], sizeof ids[0]) == 0 && record[0].sequence == results[1].sequence);
    EQUAL(200, minor_of(record[0].amount));
    EQUAL(25, minor_of(record[0].rate));
    CHECK(record[0].rate_scale == 1 && record[0].debit_account == 1 && record[0].credit_account == 2);
    CHECK(record[0].booking_date == 20240131 && record[0].value_date == 20240102 && record[0].code == 1);
    CHECK(record[0].user_data_128[15] == 1 && record[0].flags == QENEX_TRANSFER_VALUE_DATE_GIVEN);
    CHECK(says(buffer, record[0].narrative, "caf\xc3\xa9") && says(buffer, record[0].reference, "INV-1"));
    EQUAL(QENEX_ITEM_NOT_FOUND, record[1].status);
    qenex_buffer_free(buffer);
    STATUS(QENEX_NULL_POINTER, qenex_transfers_get(bank.session, NULL, 2, &buffer, &error));
    STATUS(QENEX_EMPTY_BATCH, qenex_transfers_get(bank.session, ids, 0, &buffer, &error));
    STATUS(QENEX_BATCH_TOO_LARGE, qenex_transfers_get(bank.session, ids, SIZE_MAX, &buffer, &error));

    ids[0] = id_of(300);
    OK(qenex_transaction_get(bank.session, ids, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    STATUS(QENEX_NOT_FOUND, qenex_transaction_get(bank.session, ids + 1, &buffer, &error));
    STATUS(QENEX_NULL_POINTER, qenex_transaction_get(bank.session, NULL, &buffer, &error));

    OK(qenex_transfers_by_reference(bank.session, TEXT("INV-1"), &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    OK(qenex_transfers_by_reference(bank.session, TEXT("INV-9"), &buffer, &error));
    CHECK(buffer != NULL && qenex_buffer_count(buffer) == 0 && qenex_buffer_records(buffer) == NULL);
    qenex_buffer_free(buffer);

    memset(&filter, 0, sizeof filter);
    filter.struct_size = sizeof filter;
    filter.account = id_of(2);
    filter.value_from = 20240102;
    filter.amount_to = 250;
    OK(qenex_transfers_find(bank.session, &filter, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    filter.amount_to = 0;
    filter.limit = 1;
    OK(qenex_transfers_find(bank.session, &filter, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    filter.after = ((const qenex_transfer_record *)qenex_buffer_records(buffer))->sequence;
    qenex_buffer_free(buffer);
    OK(qenex_transfers_find(bank.session, &filter, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    EQUAL(300, minor_of(((const qenex_transfer_record *)qenex_buffer_records(buffer))->amount));
    qenex_buffer_free(buffer);
    filter.account = id_of(99);
    STATUS(QENEX_NOT_FOUND, qenex_transfers_find(bank.session, &filter, &buffer, &error));
    filter.account = id_of(2);
    filter.value_from = 7;
    STATUS(QENEX_INVALID_DATE, qenex_transfers_find(bank.session, &filter, &buffer, &error));
    filter.struct_size = 3;
    STATUS(QENEX_INVALID_STRUCT_SIZE, qenex_transfers_find(bank.session, &filter, &buffer, &error));
    STATUS(QENEX_NULL_POINTER, qenex_transfers_find(bank.session, NULL, &buffer, &error));
    bank_close(&bank);
}

/* The eleven postings of account 1 in pages of four, the oldest first, and those of some days. */
static void statement_from_the_oldest(bank *bank)
{
    qenex_error *error = NULL;
    qenex_account_key key = key_of(1);
    qenex_statement_options options;
    qenex_buffer *buffer = NULL, *before = NULL;
    const qenex_statement_line *line;
    qenex_transfer transfer;
    long long balance = 0;
    size_t i, lines = 0;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_STATEMENT_OLDEST_FIRST;
    options.limit = 4;
    do {
        OK(qenex_statement_get(bank->session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
        line = (const qenex_statement_line *)qenex_buffer_records(buffer);
        for (i = 0; i < qenex_buffer_count(buffer); i++, lines++) {
            balance += minor_of(line[i].change);
            EQUAL(balance, minor_of(line[i].balance));
        }
        qenex_buffer_free(before);
        before = buffer;
        options.cursor = qenex_buffer_cursor(buffer, &options.cursor_len);
        if (lines == 4) {
            transfer = transfer_of(210, 4, 1, 9);
            transfer.value_date = 20250101;
            EQUAL(QENEX_OK, pay(bank, &transfer, NULL));
            options.booked_to = 20240131;
            STATUS(QENEX_INVALID_CURSOR,
                   qenex_statement_get(bank->session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
            options.booked_to = 0;
        }
    } while (options.cursor != NULL);
    EQUAL(11, lines);
    qenex_buffer_free(before);
    options.value_from = 20240201;
    OK(qenex_statement_get(bank->session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    EQUAL(balance + 9, minor_of(((const qenex_statement_line *)qenex_buffer_records(buffer))->balance));
    qenex_buffer_free(buffer);
    options.flags = 0;
    options.value_to = 20241231;
    OK(qenex_statement_get(bank->session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
    CHECK(qenex_buffer_count(buffer) == 0 && qenex_buffer_cursor(buffer, NULL) == NULL);
    qenex_buffer_free(buffer);
    options.value_to = 20241301;
    STATUS(QENEX_INVALID_DATE,
           qenex_statement_get(bank->session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
    options.flags = 2;
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_statement_get(bank->session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
}

static void statement(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_account_key key = key_of(1);
    qenex_statement_options options;
    qenex_buffer *buffer = NULL, *second = NULL;
    const qenex_statement_line *line;
    qenex_transfer transfer;
    long long balance = 0;
    unsigned i;
    size_t length = 0;
    uint8_t forged[256];

    for (i = 0; i < 10; i++) {
        transfer = i % 3 == 0 ? transfer_of(100 + i, 4, 1, 1000) : transfer_of(100 + i, 1, 2, 10 + i);
        balance += i % 3 == 0 ? 1000 : -(long long)(10 + i);
        EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    }
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.limit = 6;
    OK(qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, &options, &buffer, &error));
    EQUAL(6, qenex_buffer_count(buffer));
    line = (const qenex_statement_line *)qenex_buffer_records(buffer);
    EQUAL(sizeof *line, qenex_buffer_record_size(buffer));
    for (i = 0; i < 6; i++) {
        EQUAL(balance, minor_of(line[i].balance));
        balance -= minor_of(line[i].change);
        EQUAL(minor_of(line[i].change) < 0, line[i].debit_side);
    }
    /* The next page goes on where this one ended, whatever happened since. */
    transfer = transfer_of(200, 1, 2, 5);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    options.cursor = qenex_buffer_cursor(buffer, &options.cursor_len);
    CHECK(options.cursor != NULL && options.cursor_len < sizeof forged);
    OK(qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, &options, &second, &error));
    EQUAL(4, qenex_buffer_count(second));
    line = (const qenex_statement_line *)qenex_buffer_records(second);
    for (i = 0; i < 4; i++) {
        EQUAL(balance, minor_of(line[i].balance));
        balance -= minor_of(line[i].change);
    }
    EQUAL(0, balance);
    CHECK(qenex_buffer_cursor(second, &length) == NULL && length == 0);
    qenex_buffer_free(second);

    memcpy(forged, options.cursor, options.cursor_len);
    forged[5] ^= 1;
    options.cursor = forged;
    STATUS(QENEX_INVALID_CURSOR,
           qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, &options, &second, &error));
    forged[5] ^= 1;
    options.cursor_len--;
    STATUS(QENEX_INVALID_CURSOR,
           qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, &options, &second, &error));
    options.cursor_len++;
    key = key_of(2);
    STATUS(QENEX_INVALID_CURSOR,
           qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, &options, &second, &error));
    options.cursor_len = SIZE_MAX;
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, &options, &second, &error));
    qenex_buffer_free(buffer);
    OK(qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, NULL, &buffer, &error));
    EQUAL(7, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    statement_from_the_oldest(&bank);
    key = key_of(99);
    STATUS(QENEX_NOT_FOUND, qenex_statement_get(bank.session, &key, sizeof key, NULL, 0, NULL, &buffer, &error));
    bank_close(&bank);
}

static void holds_trial_and_host_records(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_hold hold;
    qenex_host_record put_record;
    qenex_id ids[2];
    qenex_result result;
    qenex_buffer *buffer = NULL;
    const qenex_hold_record *record;
    const qenex_trial_line *trial;
    const qenex_host_value *value;
    qenex_as_of_options as_of;
    qenex_transfer transfer = transfer_of(40, 4, 1, 500);
    static arena texts;

    texts.length = 0;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    memset(&hold, 0, sizeof hold);
    hold.id = id_of(41);
    hold.debit_id = id_of(1);
    hold.asset = 840;
    hold.amount = amount_of(120);
    hold.kind = QENEX_HOLD_KIND_LIEN;
    hold.priority = 9;
    hold.expires_at = 4000000000000000;
    hold.reason = put(&texts, "garnishment");
    OK(qenex_holds_place(bank.session, &hold, 1, sizeof hold, texts.bytes, texts.length, NULL, &result, &error));
    ids[0] = id_of(41);
    ids[1] = id_of(99);
    STATUS(QENEX_SOME_REFUSED, qenex_holds_get(bank.session, ids, 2, &buffer, &error));
    record = (const qenex_hold_record *)qenex_buffer_records(buffer);
    EQUAL(sizeof *record, qenex_buffer_record_size(buffer));
    EQUAL(120, minor_of(record[0].remaining));
    CHECK(record[0].kind == QENEX_HOLD_KIND_LIEN && record[0].state == QENEX_HOLD_STATE_ACTIVE &&
          record[0].priority == 9);
    CHECK(record[0].expires_at == 4000000000000000 && says(buffer, record[0].reason, "garnishment"));
    EQUAL(QENEX_HOLD_UNKNOWN, record[1].status);
    qenex_buffer_free(buffer);
    ids[0] = id_of(1);
    OK(qenex_holds_list(bank.session, ids, 0, 0, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    STATUS(QENEX_NOT_FOUND, qenex_holds_list(bank.session, ids + 1, 0, 0, &buffer, &error));

    OK(qenex_trial_balance(bank.session, 1, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    trial = (const qenex_trial_line *)qenex_buffer_records(buffer);
    EQUAL(500, minor_of(trial->debits));
    EQUAL(500, minor_of(trial->credits));
    CHECK(trial->entity == 1 && trial->asset == 840);
    qenex_buffer_free(buffer);
    OK(qenex_trial_balance(bank.session, 7, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    memset(&as_of, 0, sizeof as_of);
    as_of.struct_size = sizeof as_of;
    as_of.booking_date = 20240131;
    OK(qenex_trial_balance_as_of(bank.session, 1, &as_of, &buffer, &error));
    trial = (const qenex_trial_line *)qenex_buffer_records(buffer);
    CHECK(qenex_buffer_count(buffer) == 1 && minor_of(trial->debits) == 500 && minor_of(trial->credits) == 500);
    EQUAL(2, trial->accounts);
    qenex_buffer_free(buffer);
    as_of.known_at = 1;
    OK(qenex_trial_balance_as_of(bank.session, 0, &as_of, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    OK(qenex_trial_balance_as_of(bank.session, 0, NULL, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);

    memset(&put_record, 0, sizeof put_record);
    put_record.name_space = put(&texts, "orders");
    put_record.record = put(&texts, "1");
    put_record.value = put(&texts, "paid");
    OK(qenex_host_records_put(bank.session, &put_record, 1, sizeof put_record, texts.bytes, texts.length, NULL, &result,
                              &error));
    OK(qenex_host_record_get(bank.session, TEXT("orders"), "1", 1, &buffer, &error));
    value = (const qenex_host_value *)qenex_buffer_records(buffer);
    CHECK(value->version == 1 && value->sequence == result.sequence && says(buffer, value->value, "paid"));
    qenex_buffer_free(buffer);
    STATUS(QENEX_NOT_FOUND, qenex_host_record_get(bank.session, TEXT("orders"), "2", 1, &buffer, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_host_record_get(bank.session, TEXT("orders"), "2", SIZE_MAX, &buffer, &error));
    bank_close(&bank);
}

static void feed(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_buffer *buffer = NULL;
    const qenex_feed_entry *entry;
    qenex_transfer transfer = transfer_of(50, 1, 2, 500);
    qenex_text texts_of[4];
    qenex_result result;
    uint64_t newest = 0, seen = 0;
    size_t i, count;
    static arena texts;

    texts.length = 0;
    transfer.narrative = put(&texts, "gas bill");
    OK(qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes, texts.length, NULL, &result,
                              &error));
    OK(qenex_sequence_get(bank.session, &newest, &error));
    EQUAL(result.sequence, newest);
    while (seen < newest) {
        OK(qenex_feed_read(bank.session, seen, 3, &buffer, &error));
        count = qenex_buffer_count(buffer);
        CHECK(count >= 1 && count <= 3);
        EQUAL(sizeof *entry, qenex_buffer_record_size(buffer));
        entry = (const qenex_feed_entry *)qenex_buffer_records(buffer);
        for (i = 0; i < count; i++, entry++) {
            EQUAL(++seen, entry->sequence);
            CHECK(entry->content.length > 0);
            if (entry->kind == QENEX_CHANGE_TRANSFER) {
                const uint8_t *arena = qenex_buffer_arena(buffer, NULL);
                CHECK(memcmp(&entry->key, &transfer.id, sizeof entry->key) == 0 &&
                      says(buffer, entry->actor, "teller"));
                EQUAL(4, entry->text_count);
                EQUAL(sizeof texts_of, entry->texts.length);
                memcpy(texts_of, arena + entry->texts.offset, sizeof texts_of);
                CHECK(says(buffer, texts_of[0], "") && says(buffer, texts_of[2], "gas bill"));
            }
        }
        qenex_buffer_free(buffer);
        if (count == 0) {
            break;
        }
    }
    OK(qenex_feed_read(bank.session, newest, 0, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    STATUS(QENEX_INVALID_ARGUMENT, qenex_feed_read(bank.session, UINT64_MAX, 0, &buffer, &error));
    STATUS(QENEX_NULL_POINTER, qenex_sequence_get(bank.session, NULL, &error));
    bank_close(&bank);
}

const test_case query_cases[] = {{"balances", balances},
                                 {"accounts_and_hierarchy", accounts_and_hierarchy},
                                 {"find_transfers", transfers},
                                 {"statement", statement},
                                 {"holds_trial_and_host_records", holds_trial_and_host_records},
                                 {"feed", feed},
                                 {NULL, NULL}};
