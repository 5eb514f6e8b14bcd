#define _POSIX_C_SOURCE 200809L

#include "rows.h"

#include <stdio.h>
#include <unistd.h>

#include "calendar.h"

/* Whether the input has anything that a task would do. */
static int is_there(const input *in, int about)
{
    switch (about) {
    case TASK_ORDER:
        return in->orders.count > 0;
    case TASK_REFUND:
        return in->refunds.count > 0;
    case TASK_EXCHANGE:
        return in->exchanges.count > 0;
    case TASK_CORRECTION:
        return in->corrections.count > 0;
    default:
        return in->payments.count > 0;
    }
}

void rows_head(const bank *of)
{
    int about;
    printf("%-11s", "paid up to");
    for (about = TASK_ORDER; about < TASK_COUNT; ++about) {
        if (is_there(of->in, about)) {
            printf("%10s", TASK_NAMES[about]);
        }
    }
    printf("%10s%10s\n", "unpayable", "refused");
}

void rows_print(const bank *of, const char *name, const tally *row)
{
    uint64_t unpayable = 0;
    uint64_t invalid = 0;
    char figure[FIGURE_SIZE];
    int about;
    printf("%-11s", name);
    for (about = TASK_ORDER; about < TASK_COUNT; ++about) {
        unpayable += row->unpayable[about];
        invalid += row->invalid[about];
        if (is_there(of->in, about)) {
            printf("%10s", count_text(figure, row->done[about]));
        }
    }
    printf("%10s", count_text(figure, unpayable));
    printf("%10s\n", count_text(figure, invalid));
}

/* What was done since the last row. */
static tally since_shown(const progress *of)
{
    tally month = of->total;
    int about;
    for (about = 0; about < TASK_COUNT; ++about) {
        month.done[about] -= of->shown.done[about];
        month.unpayable[about] -= of->shown.unpayable[about];
        month.invalid[about] -= of->shown.invalid[about];
    }
    return month;
}

void rows_day(bank *of, qenex_date day)
{
    char date[FIGURE_SIZE];
    char count[FIGURE_SIZE];
    date_text(date, day);
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%s  %s commands", date, count_text(count, of->so_far.batches.commands));
        fflush(stderr);
    }
    if (day == of->in->last_day || month_ends(day)) {
        tally month = since_shown(&of->so_far);
        rows_clear();
        rows_print(of, date, &month);
        fflush(stdout);
        of->so_far.shown = of->so_far.total;
    }
}

void rows_clear(void)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%60s\r", "");
        fflush(stderr);
    }
}
