/* What a correction after the close of a month does: the event that names accounts and days, and the month's trial
 * balance as it was known then and as it is known now. */
#ifndef BANK_YEAR_CORRECTIONS_H
#define BANK_YEAR_CORRECTIONS_H

#include "bank.h"

/* Shows the first correction of the input that was booked after its month was closed; prints nothing without one. */
void corrections_report(bank *of);

#endif
