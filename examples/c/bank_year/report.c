#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corrections.h"
#include "fail.h"
#include "general_ledger.h"
#include "positions.h"
#include "statements.h"

enum { BUSIEST = 10 };

qenex_balance *report_balances(bank *of)
{
    size_t count = of->in->accounts.count;
    qenex_balance *balances = reserve(NULL, count, sizeof *balances);
    qenex_account_key *keys = reserve(NULL, QENEX_BATCH_MAX, sizeof *keys);
    qenex_error *error = NULL;
    size_t first;
    for (first = 0; first < count; first += QENEX_BATCH_MAX) {
        size_t asked = count - first < QENEX_BATCH_MAX ? count - first : QENEX_BATCH_MAX;
        size_t index;
        qenex_status status;
        memset(keys, 0, asked * sizeof *keys);
        for (index = 0; index < asked; ++index) {
            keys[index].id = bank_account_id(first + index);
            keys[index].asset = input_currency(of->in, first + index)->asset;
        }
        status = qenex_balances_get(of->session, keys, asked, sizeof *keys, NULL, 0, NULL, &balances[first], &error);
        check(status, &error, "asking for balances");
        if (status != QENEX_OK) {
            fail("the database does not know all accounts of the input");
        }
    }
    free(keys);
    return balances;
}

/* An account by its turnover, for sorting. */
typedef struct busy {
    qenex_amount turnover;
    size_t account;
} busy;

static int busier(const void *a, const void *b)
{
    const busy *left = a;
    const busy *right = b;
    int order = qenex_amount_compare(&right->turnover, &left->turnover);
    return order != 0 ? order : (left->account > right->account) - (left->account < right->account);
}

/* The busiest accounts in the bank's own currency. */
static void report_busiest(bank *of)
{
    const currency *own = &of->in->currencies.at[0];
    qenex_balance *balances = report_balances(of);
    busy *all = reserve(NULL, of->in->accounts.count, sizeof *all);
    char turnover[FIGURE_SIZE];
    char balance[FIGURE_SIZE];
    size_t count = 0;
    size_t index;
    for (index = 0; index < of->in->accounts.count; ++index) {
        if (of->in->accounts.at[index].currency == 0) {
            all[count].account = index;
            all[count].turnover = balances[index].turnovers.debits_posted;
            add_amount(&all[count++].turnover, &balances[index].turnovers.credits_posted);
        }
    }
    qsort(all, count, sizeof *all, busier);
    printf("\nThe %d busiest accounts by turnover, %s\n%-14s%-32s%22s%22s\n", BUSIEST, own->code, "number", "name",
           "turnover", "balance");
    for (index = 0; index < count && index < BUSIEST; ++index) {
        const account *found = &of->in->accounts.at[all[index].account];
        printf("%-14s%-32s%22s%22s\n", found->number, found->name,
               money_text(turnover, &all[index].turnover, own->scale),
               money_text(balance, &balances[all[index].account].balance, own->scale));
    }
    free(all);
    free(balances);
}

static void report_speed(const char *name, measures *of)
{
    char commands[FIGURE_SIZE];
    char rate[FIGURE_SIZE];
    char batches[FIGURE_SIZE];
    double seconds = of->seconds > 0 ? of->seconds : 1e-9;
    printf("%-18s%12s%10.2f%14s%10s%10.2f%10.2f%10.2f\n", name, count_text(commands, of->commands), of->seconds,
           count_text(rate, (uint64_t)((double)of->commands / seconds)), count_text(batches, of->batches),
           measures_quantile(of, 0.5), measures_quantile(of, 0.99), measures_quantile(of, 1));
}

void report_run(bank *of)
{
    general_ledger_report(of);
    positions_report(of);
    corrections_report(of);
    report_busiest(of);
    statements_report(of);
    printf("\n%-18s%12s%10s%14s%10s%10s%10s%10s\n", "Speed", "commands", "seconds", "commands/s", "batches", "p50 ms",
           "p99 ms", "max ms");
    report_speed("all days", &of->so_far.batches);
    printf("%-18s%12s%10s%14s%10zu%10.2f%10.2f%10.2f\n", "ends of days", "", "", "", of->so_far.day_ends.batches,
           measures_quantile(&of->so_far.day_ends, 0.5), measures_quantile(&of->so_far.day_ends, 0.99),
           measures_quantile(&of->so_far.day_ends, 1));
}
