/* The helpers of runner.h and the program's main. */
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>

static const char *case_name = "";
static const char *call_name = "";
static int step_number;
static int failures;
static int destroyed, destroy_wanted;

static void failed(const char *what)
{
    failures++;
    fprintf(stderr, "%s, step %d, %s: %s ", case_name, step_number, call_name, what);
}

void begin_step(int step, const char *call)
{
    step_number = step;
    call_name = call;
}

static uint8_t texts[1 << 21];
static size_t texts_used;

void texts_clear(void)
{
    texts_used = 0;
}

qenex_text texts_put(const void *bytes, size_t length)
{
    qenex_text at;
    if (length > sizeof texts - texts_used) {
        fprintf(stderr, "the texts of a step take more than %lu bytes\n", (unsigned long)sizeof texts);
        exit(2);
    }
    at.offset = (uint32_t)texts_used;
    at.length = (uint32_t)length;
    memcpy(texts + texts_used, bytes, length);
    texts_used += length;
    return at;
}

const uint8_t *texts_bytes(void)
{
    return texts_used == 0 ? NULL : texts;
}

size_t texts_length(void)
{
    return texts_used;
}

qenex_id id_of(const char bytes[16])
{
    qenex_id id;
    memcpy(id.bytes, bytes, sizeof id.bytes);
    return id;
}

static void must_be_readable(qenex_status status, const char *text)
{
    if (status != QENEX_OK) {
        fprintf(stderr, "%s, step %d: the case has the value '%s'\n", case_name, step_number, text);
        exit(2);
    }
}

qenex_amount amount_of(const char *digits)
{
    qenex_amount amount;
    must_be_readable(qenex_amount_parse(digits, strlen(digits), 0, &amount, NULL), digits);
    return amount;
}

qenex_date date_of(const char *text)
{
    qenex_date date = 0;
    must_be_readable(qenex_date_parse(text, strlen(text), &date, NULL), text);
    return date;
}

qenex_time time_of(const char *text)
{
    qenex_time time = 0;
    must_be_readable(qenex_time_parse(text, strlen(text), &time, NULL), text);
    return time;
}

/* Each case has a folder of its own, made by the test that runs the program. */
static char folder[2048];

const char *in_folder(const char *name)
{
    static char paths[4][4096];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s%s", folder, name);
    return path;
}

qenex_error *stale_error(void)
{
    return (qenex_error *)8;
}

void is_status(qenex_status expected, qenex_status status, qenex_error **error, long long item, const char *message,
               long long sqlite_code)
{
    const char *text = qenex_error_message(*error, NULL);
    if (status != expected) {
        failed("status");
        fprintf(stderr, "is %s, not %s: %s\n", qenex_status_name(status), qenex_status_name(expected),
                text != NULL ? text : "");
    }
    if ((*error != NULL) != (status < 0)) {
        failed("error");
        fprintf(stderr, "does not go with the status %s\n", qenex_status_name(status));
    }
    if (status < 0 && *error != NULL) {
        if (qenex_error_status(*error) != status || text == NULL || strlen(text) < 8) {
            failed("error");
            fprintf(stderr, "is not whole\n");
        }
        if (item != -2) {
            is_signed("error.item", qenex_error_item(*error), item);
        }
        if (message != NULL && text != NULL && strstr(text, message) == NULL) {
            failed("error.message");
            fprintf(stderr, "is '%s', without '%s'\n", text, message);
        }
        if (sqlite_code != -1) {
            is_signed("error.sqlite", qenex_error_sqlite_code(*error), sqlite_code);
        }
    }
    qenex_error_free(*error);
    *error = NULL;
}

void is_signed(const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected) {
        failed(what);
        fprintf(stderr, "is %lld, not %lld\n", (long long)actual, (long long)expected);
    }
}

void is_unsigned(const char *what, uint64_t actual, uint64_t expected)
{
    if (actual != expected) {
        failed(what);
        fprintf(stderr, "is %llu, not %llu\n", (unsigned long long)actual, (unsigned long long)expected);
    }
}

void is_above(const char *what, int64_t actual, int64_t limit)
{
    if (actual <= limit) {
        failed(what);
        fprintf(stderr, "is %lld, not above %lld\n", (long long)actual, (long long)limit);
    }
}

void is_id(const char *what, qenex_id actual, qenex_id expected)
{
    if (memcmp(&actual, &expected, sizeof actual) != 0) {
        char text[2][40];
        qenex_id_format(&actual, text[0], sizeof text[0], NULL, NULL);
        qenex_id_format(&expected, text[1], sizeof text[1], NULL, NULL);
        failed(what);
        fprintf(stderr, "is %s, not %s\n", text[0], text[1]);
    }
}

void is_some_id(const char *what, qenex_id actual)
{
    qenex_id none;
    memset(&none, 0, sizeof none);
    if (memcmp(&actual, &none, sizeof none) == 0) {
        failed(what);
        fprintf(stderr, "is none\n");
    }
}

void is_amount(const char *what, qenex_amount actual, qenex_amount expected)
{
    if (qenex_amount_compare(&actual, &expected) != 0) {
        char text[2][48];
        qenex_amount_format(&actual, 0, text[0], sizeof text[0], NULL, NULL);
        qenex_amount_format(&expected, 0, text[1], sizeof text[1], NULL, NULL);
        failed(what);
        fprintf(stderr, "is %s, not %s\n", text[0], text[1]);
    }
}

void is_bytes(const char *what, const uint8_t *actual, size_t length, const char *expected, size_t expected_length)
{
    if (length != expected_length || memcmp(actual, expected, length) != 0) {
        failed(what);
        fprintf(stderr, "are other bytes\n");
    }
}

/* Whether the expected bytes are all of the actual ones, or a part of them. */
static int says(const char *actual, size_t actual_length, const char *expected, size_t length, int part)
{
    size_t at;
    if (!part) {
        return actual_length == length && (length == 0 || memcmp(actual, expected, length) == 0);
    }
    for (at = 0; at + length <= actual_length; at++) {
        if (memcmp(actual + at, expected, length) == 0) {
            return 1;
        }
    }
    return 0;
}

static void compare_text(const char *what, const char *actual, size_t actual_length, const char *expected,
                         size_t length, int part)
{
    if (!says(actual, actual_length, expected, length, part)) {
        failed(what);
        fprintf(stderr, "is '%.*s', %s '%.*s'\n", (int)actual_length, actual_length == 0 ? "" : actual,
                part ? "without" : "not", (int)length, expected);
    }
}

void is_string(const char *what, const char *actual, const char *expected, int part)
{
    compare_text(what, actual, strlen(actual), expected, strlen(expected), part);
}

void is_text(const char *what, const qenex_buffer *buffer, qenex_text at, const char *expected, size_t length, int part)
{
    size_t arena_length = 0;
    const uint8_t *arena = qenex_buffer_arena(buffer, &arena_length);
    if ((size_t)at.offset + at.length > arena_length) {
        failed(what);
        fprintf(stderr, "lies outside the arena\n");
        return;
    }
    compare_text(what, at.length == 0 ? "" : (const char *)arena + at.offset, at.length, expected, length, part);
}

void is_text_of(const char *what, const qenex_buffer *buffer, qenex_text array, unsigned number, const char *expected,
                size_t length)
{
    qenex_text at;
    const uint8_t *arena = qenex_buffer_arena(buffer, NULL);
    if ((number + 1) * sizeof at > array.length) {
        failed(what);
        fprintf(stderr, "is not there\n");
        return;
    }
    memcpy(&at, arena + array.offset + number * sizeof at, sizeof at);
    is_text(what, buffer, at, expected, length, 0);
}

void is_arena(const qenex_buffer *buffer, const char *expected, size_t length, int part)
{
    size_t arena_length = 0;
    const uint8_t *arena = qenex_buffer_arena(buffer, &arena_length);
    compare_text("text", (const char *)arena, arena_length, expected, length, part);
}

int has_records(const qenex_buffer *buffer, size_t count, size_t size)
{
    is_unsigned("records", qenex_buffer_count(buffer), count);
    if (count != 0) {
        is_unsigned("record size", qenex_buffer_record_size(buffer), size);
    }
    return qenex_buffer_count(buffer) == count;
}

void has_cursor(const qenex_buffer *buffer, int expected)
{
    is_signed("cursor", qenex_buffer_cursor(buffer, NULL) != NULL, expected);
}

void save_cursor(const qenex_buffer *buffer, cursor_value *cursor)
{
    size_t length = 0;
    const uint8_t *bytes = qenex_buffer_cursor(buffer, &length);
    if (bytes == NULL || length > sizeof cursor->bytes) {
        failed("cursor");
        fprintf(stderr, "is not there, or of %lu bytes\n", (unsigned long)length);
        return;
    }
    memcpy(cursor->bytes, bytes, length);
    cursor->length = length;
}

static void destroy(void *user_data)
{
    (void)user_data;
    destroyed++;
}

static qenex_time tell(void *user_data)
{
    return *(const qenex_time *)user_data;
}

void set_clock(qenex_options *options, qenex_time time)
{
    static qenex_time times[4];
    static unsigned next;
    times[next % 4] = time;
    options->clock = tell;
    options->clock_user_data = &times[next++ % 4];
    options->clock_destroy = destroy;
    destroy_wanted++;
}

static void take_log(void *user_data, uint32_t level, const char *target, size_t target_len, const char *text,
                     size_t text_len)
{
    (void)user_data;
    if (level == 0 || level > QENEX_LOG_INFO || target == NULL || target_len == 0 || text == NULL || text_len == 0) {
        failed("log message");
        fprintf(stderr, "is not whole\n");
    }
}

void set_log(qenex_options *options)
{
    options->log = take_log;
    options->log_destroy = destroy;
    destroy_wanted++;
}

int32_t progress_continue(void *user_data, uint64_t done, uint64_t total)
{
    (void)user_data;
    if (done > total || total == 0) {
        failed("progress");
        fprintf(stderr, "is %llu of %llu\n", (unsigned long long)done, (unsigned long long)total);
    }
    return 0;
}

int32_t progress_stop(void *user_data, uint64_t done, uint64_t total)
{
    (void)user_data;
    (void)done;
    (void)total;
    return 1;
}

void end_session(qenex_session *session)
{
    qenex_session_free(session);
}

void end_engine(qenex_engine *engine)
{
    (void)qenex_close(engine, NULL);
}

int main(int count, char **arguments)
{
    const conformance_case *next;
    int ran = 0, failed_cases = 0;
    if (count != 2 || qenex_abi_version() != QENEX_ABI_VERSION) {
        fprintf(stderr, "usage: %s FOLDER; header of version %d, library of version %u\n", arguments[0],
                QENEX_ABI_VERSION, qenex_abi_version());
        return 2;
    }
    for (next = conformance_cases; next->name != NULL; next++, ran++) {
        int before = failures;
        case_name = next->name;
        destroyed = destroy_wanted = 0;
        /* Files of different cases are told apart by their names. */
        snprintf(folder, sizeof folder, "%s/%d-", arguments[1], ran);
        next->run();
        step_number = -1;
        call_name = "end";
        is_signed("calls of destroy functions", destroyed, destroy_wanted);
        failed_cases += failures != before;
        printf("%s %s\n", failures == before ? "ok  " : "FAIL", next->name);
    }
    printf("%d passed, %d failed\n", ran - failed_cases, failed_cases);
    return ran == 0 || failed_cases != 0;
}
