/* The proof at the end: the database says what the files say, its books balance, and repeating changes nothing. */
#ifndef BANK_YEAR_PROOF_H
#define BANK_YEAR_PROOF_H

#include "bank.h"

/* Prints a line for every check; fails on the first that does not hold. */
void proof_run(bank *of, const qenex_balance *balances, const char *folder);

#endif
