/* The days of the bank, one after the other: the business date, what yesterday's card payments left to do, the
 * standing orders of the day, the card payments of the day. */
#ifndef BANK_YEAR_PAYING_H
#define BANK_YEAR_PAYING_H

#include "bank.h"

/* The card payments of a day in the input: from first up to and without end. */
typedef struct day_range {
    size_t first;
    size_t end;
} day_range;

day_range paying_range(const input *in, qenex_date day);

/* Goes on from the business date of the database to the last day. Gives how many commands had run before. */
uint64_t paying_run(bank *of);

/* Sends a day's commands: all of them, in the order that they always have. */
void paying_day(bank *of, qenex_date day);

/* Learns again which card payments of a day were accepted, by sending them once more: what has run is not run again,
 * and gives its first result. */
void paying_recall(bank *of, qenex_date day);

qenex_date day_after(qenex_date day, int days);

#endif
