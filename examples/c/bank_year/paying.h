/* The days of the bank, one after the other: what the day before left to do, the standing orders, what turned up late,
 * payments in other currencies, refunds, card payments. */
#ifndef BANK_YEAR_PAYING_H
#define BANK_YEAR_PAYING_H

#include "bank.h"

/* Goes on from the business date of the database to the last day, and ends that one, too. */
void paying_run(bank *of);

/* Sends a day's commands: all of them, in the order that they always have. */
void paying_day(bank *of, qenex_date day);

#endif
