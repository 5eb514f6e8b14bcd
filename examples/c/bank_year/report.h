/* What the bank looks like when its days are over, asked from the database. */
#ifndef BANK_YEAR_REPORT_H
#define BANK_YEAR_REPORT_H

#include "bank.h"

/* The balances of all accounts in the order of the input, asked in bulk; the caller frees them. */
qenex_balance *report_balances(bank *of);

/* Prints the general ledger, positions, a correction, the busiest accounts, a statement, and how fast it went. */
void report_run(bank *of);

#endif
