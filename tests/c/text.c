/* Ids, amounts, dates, currencies, statuses: everything that needs no engine. */
#include "check.h"

static void amounts(void)
{
    qenex_error *error = NULL;
    qenex_amount amount, other;
    char text[64];
    size_t length = 0;

    OK(qenex_amount_parse(TEXT("100.00"), 2, &amount, &error));
    EQUAL(10000, minor_of(amount));
    OK(qenex_amount_parse(TEXT("-0.5"), 2, &amount, &error));
    EQUAL(-50, minor_of(amount));
    OK(qenex_amount_format(&amount, 2, text, sizeof text, &length, &error));
    CHECK(strcmp(text, "-0.50") == 0 && length == 5);

    STATUS(QENEX_INVALID_AMOUNT_TEXT, qenex_amount_parse(TEXT("1,5"), 2, &amount, &error));
    EQUAL(0, minor_of(amount));
    STATUS(QENEX_INVALID_AMOUNT_TEXT, qenex_amount_parse(TEXT("1.234"), 2, &amount, &error));
    STATUS(QENEX_INVALID_AMOUNT_TEXT, qenex_amount_parse(NULL, 0, 2, &amount, &error));
    STATUS(QENEX_INVALID_UTF8, qenex_amount_parse("\xff", 1, 2, &amount, &error));
    STATUS(QENEX_OVERFLOW, qenex_amount_parse(TEXT("999999999999999999999999999999999999999999"), 2, &amount, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_amount_parse(TEXT("1"), 19, &amount, &error));
    STATUS(QENEX_NULL_POINTER, qenex_amount_parse(NULL, 3, 2, &amount, &error));
    STATUS(QENEX_NULL_POINTER, qenex_amount_parse(TEXT("1"), 2, NULL, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_amount_parse("1", SIZE_MAX, 2, &amount, &error));

    /* A buffer that is too small is not touched beyond its NUL, and the length that is needed is told. */
    amount = amount_of(1234567);
    memset(text, 'x', sizeof text);
    STATUS(QENEX_BUFFER_TOO_SMALL, qenex_amount_format(&amount, 2, text, 8, &length, &error));
    CHECK(length == 8 && text[0] == '\0' && text[1] == 'x');
    OK(qenex_amount_format(&amount, 2, text, 9, &length, &error));
    CHECK(strcmp(text, "12345.67") == 0 && text[9] == 'x');
    STATUS(QENEX_BUFFER_TOO_SMALL, qenex_amount_format(&amount, 2, NULL, 0, &length, &error));
    EQUAL(8, length);
    STATUS(QENEX_NULL_POINTER, qenex_amount_format(&amount, 2, NULL, 9, &length, &error));
    STATUS(QENEX_NULL_POINTER, qenex_amount_format(NULL, 2, text, sizeof text, &length, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_amount_format(&amount, 99, text, sizeof text, NULL, &error));
    amount.lo = 0;
    amount.hi = INT64_MIN;
    OK(qenex_amount_format(&amount, 0, text, 42, &length, &error));
    CHECK(strcmp(text, "-170141183460469231731687303715884105728") == 0);

    amount = amount_of(-5);
    other = amount_of(3);
    OK(qenex_amount_add(&amount, &other, &amount, &error));
    EQUAL(-2, minor_of(amount));
    OK(qenex_amount_subtract(&amount, &other, &amount, &error));
    EQUAL(-5, minor_of(amount));
    EQUAL(-1, qenex_amount_compare(&amount, &other));
    EQUAL(1, qenex_amount_compare(&other, &amount));
    EQUAL(0, qenex_amount_compare(&other, &other));
    EQUAL(1, qenex_amount_compare(&other, NULL));
    amount.lo = UINT64_MAX;
    amount.hi = INT64_MAX;
    STATUS(QENEX_OVERFLOW, qenex_amount_add(&amount, &other, &amount, &error));
    CHECK(amount.hi == INT64_MAX);
    STATUS(QENEX_NULL_POINTER, qenex_amount_add(NULL, &other, &amount, &error));
    STATUS(QENEX_NULL_POINTER, qenex_amount_subtract(&other, &other, NULL, &error));
}

static void dates_and_times(void)
{
    qenex_error *error = NULL;
    qenex_date date;
    qenex_time time;
    char text[64];

    OK(qenex_date_parse(TEXT("2024-02-29"), &date, &error));
    EQUAL(20240229, date);
    OK(qenex_date_add_days(date, 1, &date, &error));
    EQUAL(20240301, date);
    OK(qenex_date_add_days(date, -366, &date, &error));
    OK(qenex_date_format(date, text, sizeof text, NULL, &error));
    CHECK(strcmp(text, "2023-03-01") == 0);
    STATUS(QENEX_INVALID_DATE, qenex_date_parse(TEXT("2023-02-29"), &date, &error));
    STATUS(QENEX_INVALID_DATE, qenex_date_parse(TEXT("1.2.2023"), &date, &error));
    STATUS(QENEX_INVALID_DATE, qenex_date_format(20230229, text, sizeof text, NULL, &error));
    STATUS(QENEX_INVALID_DATE, qenex_date_format(0, text, sizeof text, NULL, &error));
    STATUS(QENEX_INVALID_DATE, qenex_date_add_days(99991231, 1, &date, &error));
    STATUS(QENEX_INVALID_DATE, qenex_date_add_days(20240101, INT32_MIN, &date, &error));
    STATUS(QENEX_BUFFER_TOO_SMALL, qenex_date_format(20240101, text, 10, NULL, &error));
    STATUS(QENEX_NULL_POINTER, qenex_date_parse(TEXT("2024-01-01"), NULL, &error));

    OK(qenex_time_parse(TEXT("1970-01-01T00:00:01Z"), &time, &error));
    EQUAL(1000000, time);
    OK(qenex_time_format(time, text, sizeof text, NULL, &error));
    CHECK(strncmp(text, "1970-01-01T00:00:01", 19) == 0);
    STATUS(QENEX_INVALID_DATE, qenex_time_parse(TEXT("noon"), &time, &error));
    STATUS(QENEX_INVALID_DATE, qenex_time_format(INT64_MAX, text, sizeof text, NULL, &error));
    CHECK(qenex_time_now() > 1700000000000000);
}

static void ids(void)
{
    qenex_error *error = NULL;
    qenex_id one, two;
    char text[40];
    size_t length;

    OK(qenex_id_new(&one, &error));
    OK(qenex_id_new(&two, &error));
    CHECK(memcmp(&one, &two, sizeof one) < 0);
    EQUAL(0x70, one.bytes[6] & 0xf0);
    OK(qenex_id_format(&one, text, sizeof text, &length, &error));
    EQUAL(36, length);
    OK(qenex_id_parse(text, length, &two, &error));
    CHECK(memcmp(&one, &two, sizeof one) == 0);
    STATUS(QENEX_INVALID_ARGUMENT, qenex_id_parse(TEXT("ACC001"), &two, &error));
    STATUS(QENEX_NULL_POINTER, qenex_id_new(NULL, &error));
    STATUS(QENEX_NULL_POINTER, qenex_id_format(NULL, text, sizeof text, NULL, &error));
}

static void currencies(void)
{
    qenex_error *error = NULL;
    qenex_currency currency;

    OK(qenex_currency_by_code(TEXT("JPY"), &currency, &error));
    CHECK(currency.number == 392 && currency.scale == 0 && currency.flags == QENEX_CURRENCY_ACTIVE);
    CHECK(strcmp(currency.code, "JPY") == 0 && strcmp(currency.name, "Yen") == 0);
    OK(qenex_currency_by_number(840, &currency, &error));
    CHECK(strcmp(currency.code, "USD") == 0 && currency.scale == 2);
    OK(qenex_currency_by_code(TEXT("DEM"), &currency, &error));
    EQUAL(0, currency.flags & QENEX_CURRENCY_ACTIVE);
    STATUS(QENEX_UNKNOWN_CURRENCY, qenex_currency_by_code(TEXT("usd"), &currency, &error));
    EQUAL(0, currency.number);
    STATUS(QENEX_UNKNOWN_CURRENCY, qenex_currency_by_number(100000, &currency, &error));
    STATUS(QENEX_NULL_POINTER, qenex_currency_by_number(840, NULL, &error));
}

static void statuses(void)
{
    CHECK(strcmp(qenex_status_name(QENEX_OK), "QENEX_OK") == 0);
    CHECK(strcmp(qenex_status_name(QENEX_INSUFFICIENT_FUNDS), "QENEX_INSUFFICIENT_FUNDS") == 0);
    CHECK(strcmp(qenex_status_name(INT32_MIN), "QENEX_UNKNOWN_STATUS") == 0);
    CHECK(strlen(qenex_status_explanation(QENEX_LOCKED)) > 20);
    CHECK(strlen(qenex_status_explanation(12345)) > 20);
    CHECK(strchr(qenex_version(), '.') != NULL);
    EQUAL(1, qenex_has_feature(TEXT("ledger")));
    EQUAL(0, qenex_has_feature(TEXT("teleportation")));
    EQUAL(0, qenex_has_feature(NULL, 5));
}

static void errors(void)
{
    qenex_error *error = NULL, *freed;
    qenex_amount amount;
    size_t length = 7;

    EQUAL(QENEX_INVALID_AMOUNT_TEXT, qenex_amount_parse(TEXT("x"), 2, &amount, &error));
    CHECK(error != NULL);
    EQUAL(QENEX_INVALID_AMOUNT_TEXT, qenex_error_status(error));
    EQUAL(-1, qenex_error_item(error));
    EQUAL(0, qenex_error_sqlite_code(error));
    CHECK(strstr(qenex_error_message(error, NULL), "'x'") != NULL);
    freed = error;
    qenex_error_free(error);
    /* Freeing again, and using what was freed, is harmless. */
    qenex_error_free(freed);
    EQUAL(QENEX_INVALID_HANDLE, qenex_error_status(freed));
    CHECK(qenex_error_message(freed, &length) == NULL && length == 0);
    EQUAL(-1, qenex_error_item(freed));
    qenex_error_free(NULL);
    EQUAL(QENEX_OK, qenex_error_status(NULL));
    CHECK(qenex_error_message(NULL, NULL) == NULL);
    /* Nobody has to want the error. */
    EQUAL(QENEX_INVALID_AMOUNT_TEXT, qenex_amount_parse(TEXT("x"), 2, &amount, NULL));
}

const test_case text_cases[] = {{"amounts", amounts},
                                {"dates_and_times", dates_and_times},
                                {"ids", ids},
                                {"currencies", currencies},
                                {"statuses", statuses},
                                {"errors", errors},
                                {NULL, NULL}};
