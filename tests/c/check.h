/* A small test harness: named cases, checks that say what was expected, and what every case needs to make a bank
 * in memory. Nothing here is part of the library. */
#ifndef QENEX_TEST_CHECK_H
#define QENEX_TEST_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qenex.h"

extern int failures;

/* Fails the case, without ending it, unless the condition holds. */
#define CHECK(condition) check_true((condition) != 0, #condition, __FILE__, __LINE__)
/* Fails the case unless a call's status is the expected one; shows the error's message and frees it. */
#define STATUS(expected, call) check_status((expected), (call), &error, #call, __FILE__, __LINE__)
/* The call succeeds. */
#define OK(call) STATUS(QENEX_OK, call)
/* Compares integers. */
#define EQUAL(expected, actual) check_equal((long long)(expected), (long long)(actual), #actual, __FILE__, __LINE__)

void check_true(int holds, const char *text, const char *file, int line);
void check_equal(long long expected, long long actual, const char *text, const char *file, int line);
void check_status(qenex_status expected, qenex_status status, qenex_error **error, const char *text, const char *file,
                  int line);

/* A text and its length, for functions that take both. */
#define TEXT(text) (text), strlen(text)

/* The number of a test's own as an id. */
qenex_id id_of(unsigned number);
/* A small amount. */
qenex_amount amount_of(long long minor);
/* The number, which fits 64 bits. */
long long minor_of(qenex_amount amount);

/* An arena that texts are added to. */
typedef struct {
    uint8_t bytes[65536];
    size_t length;
} arena;
qenex_text put(arena *to, const char *text);

/* An engine in memory, a session of "teller", entity 1 with USD, and accounts 1 to 4: 1 and 2 are liabilities with
 * the numbers ACC001 and ACC002, 3 is a liability that may not be overdrawn, 4 is cash. */
typedef struct {
    qenex_engine *engine;
    qenex_session *session;
} bank;
bank bank_open(void);
void bank_close(bank *bank);

/* A transfer record between two of these accounts; its id is id_of(1000000 + id). */
qenex_transfer transfer_of(unsigned id, unsigned debit, unsigned credit, long long minor);
/* Creates one transfer and returns the status of its result. */
qenex_status pay(bank *bank, const qenex_transfer *transfer, qenex_result *result);

/* The cases of each file. */
typedef struct {
    const char *name;
    void (*run)(void);
} test_case;
extern const test_case text_cases[], open_cases[], command_cases[], bad_input_cases[], completion_cases[],
    callback_cases[], process_cases[], query_cases[], list_cases[], file_cases[], day_cases[], book_cases[],
    damaged_cases[];

/* A path in the folder that the tests may write to. */
const char *scratch(const char *name);

#endif
