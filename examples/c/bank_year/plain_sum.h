/* The same year once more without libqenex: the files are read again, line by line, and added up in plain arrays,
 * with a calendar of its own. What the database says must equal this. */
#ifndef BANK_YEAR_PLAIN_SUM_H
#define BANK_YEAR_PLAIN_SUM_H

#include "batch.h"
#include "input.h"

/* What an account comes to, in minor units. */
typedef struct plain_account {
    int64_t debits;
    int64_t credits;
    int64_t debits_held;
    int64_t credits_held;
} plain_account;

typedef struct plain_sum {
    plain_account *accounts; /* in the order of input.accounts */
    tally total;
} plain_sum;

/* Adds the files of the folder up. The input gives the accounts and the days, and nothing else. */
void plain_sum_make(plain_sum *sum, const input *in, const char *folder);

void plain_sum_free(plain_sum *sum);

#endif
