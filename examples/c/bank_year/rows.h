/* What is told while the days go by: a row of a table for every month, and a line on a terminal that moves. Columns of
 * which the input has nothing are left out. */
#ifndef BANK_YEAR_ROWS_H
#define BANK_YEAR_ROWS_H

#include "bank.h"

void rows_head(const bank *of);

/* Tells of a day that is over; a row when it ended a month. */
void rows_day(bank *of, qenex_date day);

/* Prints a row of the table. */
void rows_print(const bank *of, const char *name, const tally *row);

/* Takes the line on the terminal away, before something else is printed. */
void rows_clear(void);

#endif
