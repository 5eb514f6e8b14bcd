/* Between two days: the business date rolls, the day that is over is sealed, and when a month is over its positions are
 * revalued, its books are closed and its statements are cut. All of it may be repeated: what has run does not run
 * again, and an end of day that was killed goes on where it stood. */
#ifndef BANK_YEAR_DAY_END_H
#define BANK_YEAR_DAY_END_H

#include "bank.h"

/* Opens the day and ends the one before it. */
void day_end_run(bank *of, qenex_date day);

/* The account with which an end of day that was killed goes on, by the engine's own number; 0 when none was. */
uint64_t day_end_standing(bank *of, qenex_date day);

#endif
