/* What the bank looks like when its days are over, asked from the database: the trial balance, the busiest accounts,
 * a statement, how fast it went. */
#ifndef BANK_YEAR_REPORT_H
#define BANK_YEAR_REPORT_H

#include "bank.h"

/* The balances of all accounts in the order of the input, asked in bulk; the caller frees them. */
qenex_balance *report_balances(bank *of);

void report_trial_balance(bank *of, const qenex_balance *balances);

void report_busiest(bank *of, const qenex_balance *balances);

/* The newest postings of the account that paid last. */
void report_statement(bank *of, const qenex_balance *balances);

void report_speed_head(void);
void report_speed(const char *name, measures *of);

#endif
