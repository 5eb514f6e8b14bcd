#include "fail.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void fail(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fputs("bank_year: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

void check(qenex_status status, qenex_error *const *error, const char *what)
{
    const char *message;
    if (status >= 0) {
        return;
    }
    message = qenex_error_message(*error, NULL);
    fail("%s: %s: %s", what, qenex_status_name(status), message != NULL ? message : qenex_status_explanation(status));
}

void *reserve(void *old, size_t count, size_t size)
{
    void *memory = count > SIZE_MAX / size ? NULL : realloc(old, count > 0 ? count * size : 1);
    if (memory == NULL) {
        fail("no memory for %zu items of %zu bytes", count, size);
    }
    return memory;
}
