/* The proof at the end: repeating changes nothing, statements continue one another, the general ledger reconciles, the
 * file is sound. That the accounts equal a plain sum of the input is proved by whoever reads the results. */
#ifndef BANK_YEAR_PROOF_H
#define BANK_YEAR_PROOF_H

#include "bank.h"

/* Prints a line for every check; fails on the first that does not hold. */
void proof_run(bank *of);

#endif
