/* Numbers as people read them, with separators; and how long batches took. */
#ifndef BANK_YEAR_FIGURES_H
#define BANK_YEAR_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include <qenex.h>

enum { FIGURE_SIZE = 64 };

/* "1,234,567". Gives out. */
const char *count_text(char out[FIGURE_SIZE], uint64_t count);

/* "-1,234.56", with as many decimals as the asset has. Gives out. */
const char *money_text(char out[FIGURE_SIZE], const qenex_amount *amount, uint32_t scale);

/* The same without separators, as files have it. Gives out. */
const char *plain_text(char out[FIGURE_SIZE], const qenex_amount *amount, uint32_t scale);

/* The same with separators, and a dash for zero. Gives out. */
const char *side_text(char out[FIGURE_SIZE], const qenex_amount *amount, uint32_t scale);

/* Adds an amount to another. */
void add_amount(qenex_amount *to, const qenex_amount *more);

/* "2025-01-31". Gives out. */
const char *date_text(char out[FIGURE_SIZE], qenex_date date);

/* Seconds of a clock that never goes back. */
double seconds_now(void);

/* What was sent and how long it took. */
typedef struct measures {
    uint64_t commands;
    uint64_t repeated; /* of the commands: had run before */
    double seconds;    /* of paying, preparation of the batches included */
    size_t batches;
    uint32_t *latencies; /* of the batches, in microseconds */
} measures;

void measures_add(measures *to, double seconds, size_t commands, size_t repeated);

/* How many latencies measures_add keeps room for, when there are so many. */
size_t measures_room(size_t batches);

/* The latency in milliseconds that a share of the batches did not exceed; 0 when there were none. Sorts. */
double measures_quantile(measures *of, double share);

void measures_free(measures *of);

#endif
