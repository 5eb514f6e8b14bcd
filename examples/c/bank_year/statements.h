/* Statements with numbers: one of them shown, and that all of them continue one another. */
#ifndef BANK_YEAR_STATEMENTS_H
#define BANK_YEAR_STATEMENTS_H

#include "bank.h"

/* Prints the newest statement of the account that paid last. */
void statements_report(bank *of);

/* Checks that the statements of every account are numbered without gaps, each from where the one before it ended. */
void statements_check(bank *of);

#endif
