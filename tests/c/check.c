#include "check.h"

int failures;

void check_true(int holds, const char *text, const char *file, int line)
{
    if (!holds) {
        failures++;
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
    }
}

void check_equal(long long expected, long long actual, const char *text, const char *file, int line)
{
    if (expected != actual) {
        failures++;
        fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", file, line, text, actual, expected);
    }
}

void check_status(qenex_status expected, qenex_status status, qenex_error **error, const char *text, const char *file,
                  int line)
{
    if (status != expected) {
        failures++;
        fprintf(stderr, "%s:%d: %s, not %s: %s\n", file, line, qenex_status_name(status), qenex_status_name(expected),
                text);
    }
    if (error != NULL) {
        /* An error object, if and only if nothing was applied. */
        if ((*error != NULL) != (status < 0)) {
            failures++;
            fprintf(stderr, "%s:%d: the error object does not fit the status: %s\n", file, line, text);
        }
        if (*error != NULL) {
            size_t length = 0;
            const char *message = qenex_error_message(*error, &length);
            if (qenex_error_status(*error) != status || message == NULL || strlen(message) != length || length < 8) {
                failures++;
                fprintf(stderr, "%s:%d: the error object is not whole: %s\n", file, line, text);
            }
            if (status != expected) {
                fprintf(stderr, "    %s\n", message);
            }
            qenex_error_free(*error);
            *error = NULL;
        }
    }
}

qenex_id id_of(unsigned number)
{
    qenex_id id;
    memset(&id, 0, sizeof id);
    id.bytes[0] = 1;
    id.bytes[12] = (uint8_t)(number >> 24);
    id.bytes[13] = (uint8_t)(number >> 16);
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

qenex_amount amount_of(long long minor)
{
    qenex_amount amount;
    amount.lo = (uint64_t)minor;
    amount.hi = minor < 0 ? -1 : 0;
    return amount;
}

long long minor_of(qenex_amount amount)
{
    CHECK(amount.hi == ((int64_t)amount.lo < 0 ? -1 : 0));
    return (long long)amount.lo;
}

qenex_text put(arena *to, const char *text)
{
    qenex_text at;
    size_t length = strlen(text);
    at.offset = (uint32_t)to->length;
    at.length = (uint32_t)length;
    if (to->length + length > sizeof to->bytes) {
        fprintf(stderr, "the test's arena is full\n");
        exit(2);
    }
    memcpy(to->bytes + to->length, text, length);
    to->length += length;
    return at;
}

bank bank_open(void)
{
    bank made = {NULL, NULL};
    qenex_error *error = NULL;
    qenex_options options;
    qenex_asset asset;
    qenex_entity entity;
    qenex_account accounts[4];
    qenex_result results[4];
    static arena texts;
    unsigned i;

    texts.length = 0;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_OPEN_MEMORY;
    OK(qenex_open(&options, &made.engine, &error));
    OK(qenex_session_open(made.engine, TEXT("teller"), NULL, 0, &made.session, &error));

    memset(&asset, 0, sizeof asset);
    asset.code = put(&texts, "USD");
    OK(qenex_assets_create(made.session, &asset, 1, sizeof asset, texts.bytes, texts.length, NULL, results, &error));
    EQUAL(840, results[0].number);

    memset(&entity, 0, sizeof entity);
    entity.id = id_of(9001);
    entity.name = put(&texts, "Test Bank");
    entity.functional_currency = 840;
    entity.business_date = 20240131;
    OK(qenex_entities_create(made.session, &entity, 1, sizeof entity, texts.bytes, texts.length, NULL, results,
                             &error));
    EQUAL(1, results[0].number);

    memset(accounts, 0, sizeof accounts);
    for (i = 0; i < 4; i++) {
        accounts[i].id = id_of(i + 1);
        accounts[i].asset = 840;
        accounts[i].kind = QENEX_ACCOUNT_KIND_LIABILITY;
    }
    accounts[0].number = put(&texts, "ACC001");
    accounts[1].number = put(&texts, "ACC002");
    accounts[2].flags = QENEX_ACCOUNT_NO_OVERDRAFT;
    accounts[3].kind = QENEX_ACCOUNT_KIND_ASSET;
    OK(qenex_accounts_open(made.session, accounts, 4, sizeof accounts[0], texts.bytes, texts.length, NULL, results,
                           &error));
    return made;
}

void bank_close(bank *bank)
{
    qenex_error *error = NULL;
    qenex_session_free(bank->session);
    OK(qenex_close(bank->engine, &error));
}

qenex_transfer transfer_of(unsigned id, unsigned debit, unsigned credit, long long minor)
{
    qenex_transfer transfer;
    memset(&transfer, 0, sizeof transfer);
    transfer.id = id_of(1000000 + id);
    transfer.debit_id = id_of(debit);
    transfer.credit_id = id_of(credit);
    transfer.amount = amount_of(minor);
    transfer.asset = 840;
    return transfer;
}

qenex_status pay(bank *bank, const qenex_transfer *transfer, qenex_result *result)
{
    qenex_error *error = NULL;
    qenex_result own;
    qenex_status status;
    if (result == NULL) {
        result = &own;
    }
    status = qenex_transfers_create(bank->session, transfer, 1, sizeof *transfer, NULL, 0, NULL, result, &error);
    CHECK(status == QENEX_OK || status == QENEX_SOME_REFUSED);
    if (error != NULL) {
        fprintf(stderr, "    %s\n", qenex_error_message(error, NULL));
        qenex_error_free(error);
        return status;
    }
    CHECK((status == QENEX_OK) == (result->status == QENEX_OK));
    return result->status;
}

const char *scratch(const char *name)
{
    static char path[4096];
    const char *folder = getenv("QENEX_TEST_FOLDER");
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : ".", name);
    return path;
}
