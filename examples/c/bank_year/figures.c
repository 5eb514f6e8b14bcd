#define _POSIX_C_SOURCE 200809L

#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"

/* Puts commas between every three of the first digits of a number in text. */
static const char *separate(char out[FIGURE_SIZE], const char *number)
{
    size_t sign = number[0] == '-';
    size_t digits = strspn(number + sign, "0123456789");
    size_t at = 0;
    size_t from;
    for (from = 0; number[from] != '\0' && at + 2 < FIGURE_SIZE; ++from) {
        if (from > sign && from < sign + digits && (sign + digits - from) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = number[from];
    }
    out[at] = '\0';
    return out;
}

const char *count_text(char out[FIGURE_SIZE], uint64_t count)
{
    char plain[24];
    snprintf(plain, sizeof plain, "%llu", (unsigned long long)count);
    return separate(out, plain);
}

const char *plain_text(char out[FIGURE_SIZE], const qenex_amount *amount, uint32_t scale)
{
    qenex_error *error = NULL;
    check(qenex_amount_format(amount, scale, out, FIGURE_SIZE, NULL, &error), &error, "amount");
    return out;
}

const char *money_text(char out[FIGURE_SIZE], const qenex_amount *amount, uint32_t scale)
{
    char plain[FIGURE_SIZE];
    return separate(out, plain_text(plain, amount, scale));
}

const char *side_text(char out[FIGURE_SIZE], const qenex_amount *amount, uint32_t scale)
{
    if (amount->lo == 0 && amount->hi == 0) {
        strcpy(out, "-");
        return out;
    }
    return money_text(out, amount, scale);
}

void add_amount(qenex_amount *to, const qenex_amount *more)
{
    qenex_error *error = NULL;
    check(qenex_amount_add(to, more, to, &error), &error, "adding up");
}

const char *date_text(char out[FIGURE_SIZE], qenex_date date)
{
    qenex_error *error = NULL;
    check(qenex_date_format(date, out, FIGURE_SIZE, NULL, &error), &error, "date");
    return out;
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

size_t measures_room(size_t batches)
{
    size_t room = 1;
    while (room < batches) {
        room *= 2;
    }
    return room;
}

void measures_add(measures *to, double seconds, size_t commands, size_t repeated)
{
    if (to->batches == 0 || measures_room(to->batches) == to->batches) {
        to->latencies = reserve(to->latencies, measures_room(to->batches + 1), sizeof *to->latencies);
    }
    to->latencies[to->batches++] = (uint32_t)(seconds * 1e6);
    to->commands += commands;
    to->repeated += repeated;
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

double measures_quantile(measures *of, double share)
{
    size_t at = (size_t)(share * (double)of->batches);
    if (of->batches == 0) {
        return 0;
    }
    qsort(of->latencies, of->batches, sizeof *of->latencies, compare);
    return of->latencies[at < of->batches ? at : of->batches - 1] / 1e3;
}

void measures_free(measures *of)
{
    free(of->latencies);
    memset(of, 0, sizeof *of);
}
