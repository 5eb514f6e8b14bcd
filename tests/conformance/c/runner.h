/* What the C program that `cargo xtask conformance` writes relies on: checks that name the case, the step and the
 * value, an arena for texts, handles and callbacks. Nothing here is part of the library. */
#ifndef QENEX_CONFORMANCE_RUNNER_H
#define QENEX_CONFORMANCE_RUNNER_H

#include <string.h>

#include "layout.h"

typedef struct {
    const char *name;
    void (*run)(void);
} conformance_case;
extern const conformance_case conformance_cases[];

/* A cursor that a later step goes on with. */
typedef struct {
    uint8_t bytes[256];
    size_t length;
} cursor_value;

void begin_step(int step, const char *call);

/* The arena of the step. */
void texts_clear(void);
qenex_text texts_put(const void *bytes, size_t length);
const uint8_t *texts_bytes(void);
size_t texts_length(void);

/* Values as cases write them. */
qenex_id id_of(const char bytes[16]);
qenex_amount amount_of(const char *digits);
qenex_date date_of(const char *text);
qenex_time time_of(const char *text);
const char *in_folder(const char *name);

/* A pointer that a call must overwrite. */
qenex_error *stale_error(void);

/* item -2, message NULL and sqlite_code -1: not compared. Frees the error. */
void is_status(qenex_status expected, qenex_status status, qenex_error **error, long long item, const char *message,
               long long sqlite_code);
void is_signed(const char *what, int64_t actual, int64_t expected);
void is_unsigned(const char *what, uint64_t actual, uint64_t expected);
void is_above(const char *what, int64_t actual, int64_t limit);
void is_id(const char *what, qenex_id actual, qenex_id expected);
void is_some_id(const char *what, qenex_id actual);
void is_amount(const char *what, qenex_amount actual, qenex_amount expected);
void is_bytes(const char *what, const uint8_t *actual, size_t length, const char *expected, size_t expected_length);
/* part: the expected text is only a part of it. */
void is_string(const char *what, const char *actual, const char *expected, int part);
void is_text(const char *what, const qenex_buffer *buffer, qenex_text at, const char *expected, size_t length,
             int part);
/* The text with a number in an array of texts that lies in the arena. */
void is_text_of(const char *what, const qenex_buffer *buffer, qenex_text array, unsigned number, const char *expected,
                size_t length);
void is_arena(const qenex_buffer *buffer, const char *expected, size_t length, int part);
int has_records(const qenex_buffer *buffer, size_t count, size_t size);
void has_cursor(const qenex_buffer *buffer, int expected);
void save_cursor(const qenex_buffer *buffer, cursor_value *cursor);

/* Callbacks. */
void set_clock(qenex_options *options, qenex_time time);
void set_log(qenex_options *options);
int32_t progress_continue(void *user_data, uint64_t done, uint64_t total);
int32_t progress_stop(void *user_data, uint64_t done, uint64_t total);

/* At the end of a case: what was opened is freed, whether or not a step did so. */
void end_session(qenex_session *session);
void end_engine(qenex_engine *engine);

#endif
