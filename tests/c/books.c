/* The books: positions and exchanges, splits, accruals, statements, the general ledger, the import, retention. */
#include "check.h"

enum { CZK = 203, USD = 840 };

/* Accounts of the books, besides those of bank_open. */
enum { EVA = 51, CASH, GAINS, ROUNDING, POSITION_CZK, POSITION_USD, ADAM };

static void open_account(bank *bank, unsigned id, uint32_t kind, const char *number, const char *gl_code)
{
    static arena texts;
    qenex_error *error = NULL;
    qenex_account account;
    qenex_result result;
    texts.length = 0;
    memset(&account, 0, sizeof account);
    account.id = id_of(id);
    account.kind = kind;
    account.number = put(&texts, number);
    account.name = put(&texts, number);
    account.gl_code = put(&texts, gl_code);
    OK(qenex_accounts_open(bank->session, &account, 1, sizeof account, texts.bytes, texts.length, NULL, &result,
                           &error));
}

/* USD is the functional currency; Eva has 1,000.00 USD and 50,000.00 CZK. */
static bank books_open(void)
{
    bank bank = bank_open();
    qenex_error *error = NULL;
    qenex_asset asset;
    qenex_position positions[2];
    qenex_transfer transfer;
    qenex_result results[2];
    static arena texts;
    texts.length = 0;
    memset(&asset, 0, sizeof asset);
    asset.code = put(&texts, "CZK");
    OK(qenex_assets_create(bank.session, &asset, 1, sizeof asset, texts.bytes, texts.length, NULL, results, &error));
    open_account(&bank, EVA, QENEX_ACCOUNT_KIND_LIABILITY, "EVA", "2100");
    open_account(&bank, ADAM, QENEX_ACCOUNT_KIND_LIABILITY, "ADAM", "2100");
    open_account(&bank, CASH, QENEX_ACCOUNT_KIND_ASSET, "CASH", "1000");
    open_account(&bank, GAINS, QENEX_ACCOUNT_KIND_INCOME, "GAINS", "6000");
    open_account(&bank, ROUNDING, QENEX_ACCOUNT_KIND_INCOME, "ROUNDING", "6010");
    open_account(&bank, POSITION_CZK, QENEX_ACCOUNT_KIND_ASSET, "POSITION-CZK", "1900");
    open_account(&bank, POSITION_USD, QENEX_ACCOUNT_KIND_ASSET, "POSITION-USD", "1900");
    memset(positions, 0, sizeof positions);
    positions[0].account = id_of(POSITION_CZK);
    positions[0].asset = CZK;
    positions[0].rounding = id_of(ROUNDING);
    positions[1].account = id_of(POSITION_USD);
    positions[1].asset = USD;
    OK(qenex_positions_register(bank.session, positions, 2, sizeof positions[0], NULL, 0, NULL, results, &error));
    transfer = transfer_of(500, CASH, EVA, 100000);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    transfer = transfer_of(501, CASH, EVA, 5000000);
    transfer.asset = CZK;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    return bank;
}

static qenex_account_key key_of(unsigned account, uint32_t asset)
{
    qenex_account_key key;
    memset(&key, 0, sizeof key);
    key.id = id_of(account);
    key.asset = asset;
    return key;
}

static qenex_exchange exchange_of(unsigned id, long long sold)
{
    qenex_exchange exchange;
    memset(&exchange, 0, sizeof exchange);
    exchange.id = id_of(id);
    exchange.debit = id_of(EVA);
    exchange.credit = id_of(EVA);
    exchange.sold = CZK;
    exchange.bought = USD;
    exchange.sold_amount = amount_of(sold);
    exchange.rate = amount_of(43);
    exchange.rate_scale = 3;
    exchange.rounding = QENEX_ROUNDING_HALF_EVEN;
    return exchange;
}

static void exchanges(void)
{
    qenex_error *error = NULL;
    bank bank = books_open();
    qenex_exchange exchange = exchange_of(600, 100001);
    qenex_revaluation revaluation;
    qenex_result result;
    qenex_buffer *buffer = NULL;
    const qenex_position_record *positions;
    const qenex_functional_line *lines;
    long long sum = 0;
    size_t i;

    OK(qenex_exchanges_create(bank.session, &exchange, 1, sizeof exchange, NULL, 0, NULL, &result, &error));
    EQUAL(4300, minor_of(result.amount)); /* 1000.01 * 0.043 = 43.00043 */
    exchange = exchange_of(601, 100001);
    exchange.rounding = 0;
    STATUS(QENEX_SOME_REFUSED,
           qenex_exchanges_create(bank.session, &exchange, 1, sizeof exchange, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_ROUNDING_NEEDED, result.status);
    exchange.rounding = 99;
    STATUS(QENEX_SOME_REFUSED,
           qenex_exchanges_create(bank.session, &exchange, 1, sizeof exchange, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_KIND_UNKNOWN, result.status);
    OK(qenex_exchange_simple(bank.session, NULL, TEXT("EVA"), TEXT("EVA"), TEXT("10.00"), TEXT("USD"), TEXT("CZK"),
                             TEXT("23.5"), &result, &error));
    EQUAL(23500, minor_of(result.amount));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_exchange_simple(bank.session, NULL, TEXT("EVA"), TEXT("EVA"), TEXT("10.00"),
                                                         TEXT("USD"), TEXT("CZK"), TEXT("much"), &result, &error));

    memset(&revaluation, 0, sizeof revaluation);
    revaluation.key = id_of(610);
    revaluation.asset = CZK;
    revaluation.account = id_of(GAINS);
    revaluation.date = 20240131;
    revaluation.rate = amount_of(5);
    revaluation.rate_scale = 2;
    revaluation.rounding = QENEX_ROUNDING_HALF_UP;
    OK(qenex_revaluations_post(bank.session, &revaluation, 1, sizeof revaluation, NULL, 0, NULL, &result, &error));
    /* 765.01 CZK, bought for 33.00 USD, at 0.05: 38.25. */
    EQUAL(525, minor_of(result.amount));
    OK(qenex_positions_list(bank.session, 0, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    positions = qenex_buffer_records(buffer);
    EQUAL(CZK, positions[0].asset);
    EQUAL(76501, minor_of(positions[0].amount));
    EQUAL(3825, minor_of(positions[0].carried));
    EQUAL(20240131, positions[0].revalued);
    EQUAL(-3825, minor_of(positions[1].carried));
    qenex_buffer_free(buffer);
    OK(qenex_functional_trial_balance(bank.session, 0, &buffer, &error));
    lines = qenex_buffer_records(buffer);
    for (i = 0; i < qenex_buffer_count(buffer); i++) {
        sum += minor_of(lines[i].functional);
    }
    EQUAL(2, i);
    EQUAL(0, sum);
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

static void splits_and_accruals(void)
{
    qenex_error *error = NULL;
    bank bank = books_open();
    qenex_amount total = amount_of(-100), parts[3];
    uint64_t weights[3] = {1, 1, 1};
    qenex_split split;
    qenex_split_part records[2];
    qenex_accrual accrual;
    qenex_accrual_post post;
    qenex_account_key key = key_of(EVA, USD);
    qenex_result result;
    qenex_buffer *buffer = NULL;
    static arena texts;

    OK(qenex_allocate(&total, weights, 3, parts, &error));
    EQUAL(-34, minor_of(parts[0]));
    EQUAL(-33, minor_of(parts[1]));
    EQUAL(-33, minor_of(parts[2]));
    STATUS(QENEX_NULL_POINTER, qenex_allocate(&total, weights, 3, NULL, &error));
    STATUS(QENEX_EMPTY_BATCH, qenex_allocate(&total, weights, 0, parts, &error));
    weights[0] = weights[1] = weights[2] = 0;
    STATUS(QENEX_INVALID_ARGUMENT, qenex_allocate(&total, weights, 3, parts, &error));

    texts.length = 1; /* The parts lie at an odd place. */
    memset(records, 0, sizeof records);
    records[0].credit = id_of(1);
    records[0].weight = 2;
    records[1].credit = id_of(2);
    records[1].weight = 1;
    memset(&split, 0, sizeof split);
    split.id = id_of(620);
    split.debit = id_of(EVA);
    split.asset = USD;
    split.amount = amount_of(1000);
    split.parts.offset = 1;
    split.parts.length = sizeof records;
    memcpy(texts.bytes + 1, records, sizeof records);
    OK(qenex_transfers_split(bank.session, &split, 1, sizeof split, texts.bytes, 1 + sizeof records, NULL, &result,
                             &error));
    EQUAL(1000, minor_of(result.amount));
    EQUAL(99000, minor_of(result.debit.credits_posted) - minor_of(result.debit.debits_posted));
    split.id = id_of(621);
    split.parts.length = sizeof records - 1;
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_split(bank.session, &split, 1, sizeof split, texts.bytes,
                                                     1 + sizeof records, NULL, &result, &error));
    EQUAL(QENEX_SPLIT_PARTS_INVALID, result.status);
    split.parts.offset = 60000;
    STATUS(QENEX_ARENA_RANGE, qenex_transfers_split(bank.session, &split, 1, sizeof split, texts.bytes,
                                                    1 + sizeof records, NULL, &result, &error));

    texts.length = 0;
    memset(&accrual, 0, sizeof accrual);
    accrual.account = id_of(EVA);
    accrual.name = put(&texts, "interest");
    accrual.asset = USD;
    accrual.amount = amount_of(12345);
    accrual.scale = 4;
    OK(qenex_accruals_add(bank.session, &accrual, 1, sizeof accrual, texts.bytes, texts.length, NULL, &result, &error));
    OK(qenex_accruals_add(bank.session, &accrual, 1, sizeof accrual, texts.bytes, texts.length, NULL, &result, &error));
    EQUAL(2, minor_of(result.amount));
    memset(&post, 0, sizeof post);
    post.id = id_of(622);
    post.account = id_of(EVA);
    post.contra = id_of(GAINS);
    post.name = put(&texts, "interest");
    OK(qenex_accruals_post(bank.session, &post, 1, sizeof post, texts.bytes, texts.length, NULL, &result, &error));
    EQUAL(2, minor_of(result.amount));
    OK(qenex_accruals_list(bank.session, &key, sizeof key, NULL, 0, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    /* 0.469 of a cent is left. */
    EQUAL(469000000000000000LL, minor_of(((const qenex_accrual_record *)qenex_buffer_records(buffer))->value));
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

static void daily(void)
{
    qenex_error *error = NULL;
    bank bank = books_open();
    qenex_account_key keys[2];
    qenex_transfer transfer = transfer_of(630, CASH, EVA, 500);
    qenex_buffer *first = NULL, *second = NULL;
    const qenex_day_balance *days;
    const uint8_t *cursor;
    size_t cursor_len = 0;

    transfer.value_date = 20240110;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    keys[0] = key_of(EVA, USD);
    keys[1] = key_of(CASH, USD);
    OK(qenex_balances_daily(bank.session, keys, 2, sizeof keys[0], NULL, 0, 20240109, 20240111, 0, 1, NULL, 0, &first,
                            &error));
    EQUAL(3, qenex_buffer_count(first));
    days = qenex_buffer_records(first);
    EQUAL(0, minor_of(days[0].balance));
    EQUAL(500, minor_of(days[1].balance));
    EQUAL(20240111, days[2].date);
    cursor = qenex_buffer_cursor(first, &cursor_len);
    CHECK(cursor != NULL);
    /* What comes in between two pages is in neither. */
    transfer.id = id_of(631);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    OK(qenex_balances_daily(bank.session, keys, 2, sizeof keys[0], NULL, 0, 20240109, 20240111, 0, 1, cursor,
                            cursor_len, &second, &error));
    days = qenex_buffer_records(second);
    EQUAL(500, minor_of(days[2].balance));
    CHECK(qenex_buffer_cursor(second, NULL) == NULL);
    qenex_buffer_free(second);
    STATUS(QENEX_INVALID_CURSOR, qenex_balances_daily(bank.session, keys, 2, sizeof keys[0], NULL, 0, 20240109,
                                                      20240111, 0, 1, cursor, cursor_len - 1, &second, &error));
    qenex_buffer_free(first);
    STATUS(QENEX_INVALID_ARGUMENT, qenex_balances_daily(bank.session, keys, 2, sizeof keys[0], NULL, 0, 20240111,
                                                        20240109, 0, 0, NULL, 0, &first, &error));
    bank_close(&bank);
}

static void statements(void)
{
    qenex_error *error = NULL;
    bank bank = books_open();
    qenex_statement_cut cut;
    qenex_statement_record statement;
    qenex_account_key key = key_of(EVA, USD);
    qenex_transfer transfer = transfer_of(640, EVA, CASH, 300);
    qenex_buffer *buffer = NULL;
    const qenex_issued_line *lines;
    qenex_result result;

    memset(&cut, 0, sizeof cut);
    cut.account = id_of(EVA);
    cut.asset = USD;
    cut.to = 20240130;
    OK(qenex_statements_cut(bank.session, &cut, 1, sizeof cut, NULL, 0, NULL, &result, &error));
    EQUAL(1, result.number);
    /* Back-dated into the first statement's period: it is in the second. */
    transfer.booking_date = 20240115;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    cut.to = 0;
    OK(qenex_statements_cut(bank.session, &cut, 1, sizeof cut, NULL, 0, NULL, &result, &error));
    EQUAL(2, result.number);
    OK(qenex_statement_issue(bank.session, &key, sizeof key, NULL, 0, 1, 0, 0, &statement, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    EQUAL(0, minor_of(statement.closing));
    qenex_buffer_free(buffer);
    OK(qenex_statement_issue(bank.session, &key, sizeof key, NULL, 0, 2, 0, 0, &statement, &buffer, &error));
    EQUAL(2, qenex_buffer_count(buffer));
    lines = qenex_buffer_records(buffer);
    EQUAL(20240115, lines[0].date);
    EQUAL(-300, minor_of(lines[0].change));
    EQUAL(99700, minor_of(lines[1].balance));
    EQUAL(99700, minor_of(statement.closing));
    qenex_buffer_free(buffer);
    OK(qenex_statements_list(bank.session, &key, sizeof key, NULL, 0, 1, 0, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    STATUS(QENEX_NOT_FOUND,
           qenex_statement_issue(bank.session, &key, sizeof key, NULL, 0, 3, 0, 0, &statement, &buffer, &error));
    bank_close(&bank);
}

static void general_ledger(void)
{
    qenex_error *error = NULL;
    bank bank = books_open();
    qenex_gl_code code;
    qenex_gl_assignment assignment;
    qenex_buffer *buffer = NULL;
    const qenex_gl_line *lines;
    const uint8_t *text, *cursor;
    size_t i, length = 0, cursor_len = 0, pages = 1;
    long long difference = 0;
    qenex_result result;
    static arena texts;

    texts.length = 0;
    memset(&code, 0, sizeof code);
    code.code = put(&texts, "2150");
    code.name = put(&texts, "Current accounts");
    code.kind = QENEX_ACCOUNT_KIND_LIABILITY;
    code.flags = QENEX_GL_CODE_CONTROL;
    OK(qenex_gl_codes_set(bank.session, &code, 1, sizeof code, texts.bytes, texts.length, NULL, &result, &error));
    memset(&assignment, 0, sizeof assignment);
    assignment.account = id_of(EVA);
    assignment.code = code.code;
    assignment.from = 20240101;
    OK(qenex_gl_assignments_set(bank.session, &assignment, 1, sizeof assignment, texts.bytes, texts.length, NULL,
                                &result, &error));
    OK(qenex_gl_trial_balance(bank.session, 0, 20240131, QENEX_GL_GROUP_BRANCH, &buffer, &error));
    lines = qenex_buffer_records(buffer);
    for (i = 0; i < qenex_buffer_count(buffer); i++) {
        if (lines[i].asset == USD) {
            difference += minor_of(lines[i].debit) - minor_of(lines[i].credit);
        }
        if (lines[i].flags == QENEX_GL_CODE_CONTROL) {
            EQUAL(lines[i].asset == USD ? 100000 : 5000000, minor_of(lines[i].credit));
        }
    }
    EQUAL(0, difference);
    qenex_buffer_free(buffer);
    STATUS(QENEX_INVALID_ARGUMENT, qenex_gl_trial_balance(bank.session, 0, 20240131, 1 << 9, &buffer, &error));
    OK(qenex_gl_reconcile(bank.session, 0, 20240131, &buffer, &error));
    CHECK(qenex_buffer_count(buffer) > 2);
    qenex_buffer_free(buffer);
    OK(qenex_gl_journal(bank.session, 0, 20240101, 20240131, QENEX_JOURNAL_CSV, 1, NULL, 0, &buffer, &error));
    text = qenex_buffer_arena(buffer, &length);
    CHECK(length > 8 && memcmp(text, "sequence", 8) == 0);
    while ((cursor = qenex_buffer_cursor(buffer, &cursor_len)) != NULL) {
        qenex_buffer *next = NULL;
        OK(qenex_gl_journal(bank.session, 0, 20240101, 20240131, QENEX_JOURNAL_CSV, 1, cursor, cursor_len, &next,
                            &error));
        qenex_buffer_free(buffer);
        buffer = next;
        pages++;
    }
    EQUAL(2, pages);
    qenex_buffer_free(buffer);
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_gl_journal(bank.session, 0, 20240101, 20240131, 9, 0, NULL, 0, &buffer, &error));
    bank_close(&bank);
}

static void migration(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_import_transfer import;
    qenex_import_proof proofs[2];
    qenex_import_status status;
    qenex_result results[2];

    OK(qenex_import_start(bank.session, NULL, results, &error));
    memset(&import, 0, sizeof import);
    import.transfer = transfer_of(650, 4, 1, 700);
    import.transfer.booking_date = 20010203;
    import.flags = QENEX_IMPORT_OPENING;
    STATUS(QENEX_SOME_REFUSED,
           qenex_transfers_import(bank.session, &import, 1, sizeof import, NULL, 0, NULL, results, &error));
    EQUAL(QENEX_TIME_INVALID, results[0].status);
    import.original_time = 981158400000000LL;
    OK(qenex_transfers_import(bank.session, &import, 1, sizeof import, NULL, 0, NULL, results, &error));
    STATUS(QENEX_SOME_REFUSED, qenex_import_end(bank.session, NULL, results, &error));
    EQUAL(QENEX_IMPORT_NOT_PROVED, results[0].status);
    memset(proofs, 0, sizeof proofs);
    proofs[0].account = id_of(1);
    proofs[1].account = id_of(4);
    proofs[0].asset = proofs[1].asset = USD;
    proofs[0].opening = proofs[1].opening = amount_of(700);
    proofs[0].closing = proofs[1].closing = amount_of(700);
    OK(qenex_imports_prove(bank.session, proofs, 2, sizeof proofs[0], NULL, 0, NULL, results, &error));
    OK(qenex_import_end(bank.session, NULL, results, &error));
    EQUAL(1, results[0].number);
    OK(qenex_import_status_get(bank.session, &status, &error));
    EQUAL(1, status.live);
    EQUAL(1, status.transfers);
    import.transfer.id = id_of(651);
    STATUS(QENEX_SOME_REFUSED,
           qenex_transfers_import(bank.session, &import, 1, sizeof import, NULL, 0, NULL, results, &error));
    EQUAL(QENEX_IMPORT_ENDED, results[0].status);
    bank_close(&bank);
}

static void keeping(void)
{
    qenex_error *error = NULL;
    bank bank = books_open();
    qenex_retention retention;
    qenex_account_key key = key_of(EVA, 0);
    qenex_transfer transfer = transfer_of(660, EVA, CASH, 1);
    qenex_buffer *buffer = NULL;
    qenex_result result;
    static arena texts;

    OK(qenex_retention_get(bank.session, &key, sizeof key, NULL, 0, &buffer, &error));
    EQUAL(0, ((const qenex_retention_record *)qenex_buffer_records(buffer))->sequence);
    qenex_buffer_free(buffer);
    texts.length = 0;
    memset(&retention, 0, sizeof retention);
    retention.account = id_of(EVA);
    retention.class_name = put(&texts, "customer");
    retention.until = 20340131;
    retention.flags = QENEX_RETENTION_LEGAL_HOLD;
    STATUS(QENEX_SOME_REFUSED, qenex_retentions_set(bank.session, &retention, 1, sizeof retention, texts.bytes,
                                                    texts.length, NULL, &result, &error));
    EQUAL(QENEX_AUTHORITY_NEEDED, result.status);
    retention.authority = put(&texts, "court 7");
    OK(qenex_retentions_set(bank.session, &retention, 1, sizeof retention, texts.bytes, texts.length, NULL, &result,
                            &error));
    OK(qenex_retention_get(bank.session, &key, sizeof key, NULL, 0, &buffer, &error));
    EQUAL(20340131, ((const qenex_retention_record *)qenex_buffer_records(buffer))->until);
    qenex_buffer_free(buffer);
    transfer.narrative = put(&texts, "card 4111 1111 1111 1111");
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes,
                                                      texts.length, NULL, &result, &error));
    EQUAL(QENEX_CARD_NUMBER_IN_NARRATIVE, result.status);
    OK(qenex_personal_data_list(bank.session, &key, sizeof key, NULL, 0, 0, 0, &buffer, &error));
    EQUAL(1, qenex_buffer_count(buffer));
    EQUAL(QENEX_PERSONAL_NAME, ((const qenex_personal_place *)qenex_buffer_records(buffer))->kind);
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

const test_case book_cases[] = {{"exchanges", exchanges},
                                {"splits_and_accruals", splits_and_accruals},
                                {"daily", daily},
                                {"statements", statements},
                                {"general_ledger", general_ledger},
                                {"migration", migration},
                                {"keeping", keeping},
                                {NULL, NULL}};
