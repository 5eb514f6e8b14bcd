/* What the bank holds in other currencies, and what that is worth in its own. */
#ifndef BANK_YEAR_POSITIONS_H
#define BANK_YEAR_POSITIONS_H

#include "bank.h"

/* Prints the positions; fails when their book values do not sum to zero. Prints nothing when there are none. */
void positions_report(bank *of);

/* Writes positions.csv into the folder. */
void positions_write(bank *of, const char *folder);

#endif
