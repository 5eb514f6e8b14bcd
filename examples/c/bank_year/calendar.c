#include "calendar.h"

#include "fail.h"

qenex_date day_after(qenex_date day, int days)
{
    qenex_error *error = NULL;
    qenex_date later = 0;
    check(qenex_date_add_days(day, days, &later, &error), &error, "the calendar");
    return later;
}

int month_ends(qenex_date day)
{
    return day_after(day, 1) % 100 == 1;
}

qenex_date day_at(qenex_date first, qenex_date last, int percent)
{
    qenex_date day;
    int days = 0;
    for (day = first; day <= last; day = day_after(day, 1)) {
        days += 1;
    }
    return day_after(first, days * percent / 100);
}
