/* Ending the program with a clear message: the one way in which anything here fails. */
#ifndef BANK_YEAR_FAIL_H
#define BANK_YEAR_FAIL_H

#include <stddef.h>

#include <qenex.h>

/* Prints a message on standard error and ends the program with status 1. */
void fail(const char *format, ...);

/* Does nothing for a status that is not negative; otherwise prints what libqenex said, and fails. It takes where the
 * error is, so that the call which makes the error may be an argument beside it. */
void check(qenex_status status, qenex_error *const *error, const char *what);

/* malloc, calloc or realloc that does not return without memory. */
void *reserve(void *old, size_t count, size_t size);

#endif
