#define _POSIX_C_SOURCE 200809L

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "paying.h"

static const char *const COLUMNS[] = {"orders",   "card",     "held",      "captured",
                                      "released", "reversed", "unpayable", "invalid"};

void progress_head(void)
{
    size_t column;
    printf("%-12s", "paid up to");
    for (column = 0; column < sizeof COLUMNS / sizeof *COLUMNS; ++column) {
        printf("%11s", COLUMNS[column]);
    }
    putchar('\n');
}

void progress_row(const char *name, const tally *of)
{
    uint64_t unpayable = 0;
    uint64_t invalid = 0;
    char figure[FIGURE_SIZE];
    int shown;
    for (shown = 0; shown < TASK_COUNT; ++shown) {
        unpayable += of->unpayable[shown];
        invalid += of->invalid[shown];
    }
    printf("%-12s", name);
    for (shown = TASK_ORDER; shown < TASK_COUNT; ++shown) {
        printf("%11s", count_text(figure, of->done[shown]));
    }
    printf("%11s", count_text(figure, unpayable));
    printf("%11s\n", count_text(figure, invalid));
}

/* What was done since the last row. */
static tally since_shown(const bank *of)
{
    tally month = of->total;
    int shown;
    for (shown = 0; shown < TASK_COUNT; ++shown) {
        month.done[shown] -= of->shown.done[shown];
        month.unpayable[shown] -= of->shown.unpayable[shown];
        month.invalid[shown] -= of->shown.invalid[shown];
    }
    return month;
}

void progress_day(bank *of, qenex_date day)
{
    char date[FIGURE_SIZE];
    char count[FIGURE_SIZE];
    date_text(date, day);
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%s  %s commands", date, count_text(count, of->measured.commands));
        fflush(stderr);
    }
    if (day == of->in->last_day || day_after(day, 1) % 100 == 1) {
        tally month = since_shown(of);
        progress_clear();
        progress_row(date, &month);
        fflush(stdout);
        of->shown = of->total;
    }
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%60s\r", "");
        fflush(stderr);
    }
}
