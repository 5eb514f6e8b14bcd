/* Tells how far paying is: a row for every month on standard output, and, when standard error is a terminal, a line
 * there that counts the days. */
#ifndef BANK_YEAR_PROGRESS_H
#define BANK_YEAR_PROGRESS_H

#include "bank.h"

/* Prints the head of the table of months. */
void progress_head(void);

/* A day is done. */
void progress_day(bank *of, qenex_date day);

/* Prints a row of the table. */
void progress_row(const char *name, const tally *of);

/* Takes the line on the terminal away, before something else is printed. */
void progress_clear(void);

#endif
