#include "results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "general_ledger.h"
#include "positions.h"
#include "report.h"

static FILE *create(char path[1024], const char *folder, const char *name)
{
    FILE *file;
    snprintf(path, 1024, "%s/%s", folder, name);
    file = fopen(path, "w");
    if (file == NULL) {
        fail("%s: %s", path, strerror(errno));
    }
    return file;
}

static void finish(FILE *file, const char *path)
{
    int failed = ferror(file);
    if (fclose(file) != 0 || failed) {
        fail("%s: cannot be written", path);
    }
}

static void write_accounts(bank *of, const char *folder)
{
    qenex_balance *balances = report_balances(of);
    char path[1024];
    FILE *file = create(path, folder, "accounts.csv");
    size_t index;
    fputs("number,currency,debits,credits,debits_held,credits_held\n", file);
    for (index = 0; index < of->in->accounts.count; ++index) {
        const qenex_turnovers *sums = &balances[index].turnovers;
        const currency *in = input_currency(of->in, index);
        char texts[4][FIGURE_SIZE];
        fprintf(file, "%s,%s,%s,%s,%s,%s\n", of->in->accounts.at[index].number, in->code,
                plain_text(texts[0], &sums->debits_posted, in->scale),
                plain_text(texts[1], &sums->credits_posted, in->scale),
                plain_text(texts[2], &sums->debits_pending, in->scale),
                plain_text(texts[3], &sums->credits_pending, in->scale));
    }
    finish(file, path);
    free(balances);
}

/* The counts of all days; none when days of an earlier run are not counted. */
static void write_counts(bank *of, const char *folder)
{
    const tally *total = &of->so_far.total;
    char path[1024];
    FILE *file = create(path, folder, "counts.csv");
    int about;
    fputs("task,done,unpayable,refused\n", file);
    for (about = TASK_ORDER; about < TASK_COUNT && !of->partial; ++about) {
        fprintf(file, "%s,%llu,%llu,%llu\n", TASK_NAMES[about], (unsigned long long)total->done[about],
                (unsigned long long)total->unpayable[about], (unsigned long long)total->invalid[about]);
    }
    finish(file, path);
}

void results_write(bank *of, const char *folder)
{
    write_accounts(of, folder);
    write_counts(of, folder);
    positions_write(of, folder);
    general_ledger_write(of, folder);
}
