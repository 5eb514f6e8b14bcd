/* The lives of the program: it dies in the middle of a batch and in the middle of an end of day, and each time the
 * next one goes on with the file. */
#ifndef BANK_YEAR_LIVES_H
#define BANK_YEAR_LIVES_H

#include "bank.h"

/* Lives through all days, with deaths by its own doing or without; the bank is open when it is over. */
void lives_run(bank *of, const input *in, const char *database, size_t batch_limit, int kill);

#endif
