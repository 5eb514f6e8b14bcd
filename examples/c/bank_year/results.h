/* What the bank came to, as files that can be compared with anything: the accounts, the counts, the positions and the
 * journal of the general ledger. examples/c/README.md describes them. */
#ifndef BANK_YEAR_RESULTS_H
#define BANK_YEAR_RESULTS_H

#include "bank.h"

void results_write(bank *of, const char *folder);

#endif
