/* Days of the calendar, counted by libqenex. */
#ifndef BANK_YEAR_CALENDAR_H
#define BANK_YEAR_CALENDAR_H

#include <qenex.h>

qenex_date day_after(qenex_date day, int days);

/* Whether a day is the last of its month. */
int month_ends(qenex_date day);

/* The day that lies at a share of the days from first to last. */
qenex_date day_at(qenex_date first, qenex_date last, int percent);

#endif
