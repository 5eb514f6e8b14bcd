#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

enum { BUSIEST = 10, STATEMENT_LINES = 12 };

qenex_balance *report_balances(bank *of)
{
    size_t count = of->in->account_count;
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
            keys[index].asset = of->in->asset;
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

static void add(qenex_amount *to, const qenex_amount *more)
{
    qenex_error *error = NULL;
    check(qenex_amount_add(to, more, to, &error), &error, "adding up");
}

/* A row with a sum of balances in the column of its side. */
static void print_sum(const char *name, size_t accounts, int debit_side, const qenex_amount *sum, uint32_t scale)
{
    char count[FIGURE_SIZE];
    char money[FIGURE_SIZE];
    int width = debit_side ? 26 : 52;
    printf("%-12s%10s%*s\n", name, count_text(count, accounts), width, money_text(money, sum, scale));
}

static void check_turnovers(bank *of)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    qenex_trial_line line;
    char debits[FIGURE_SIZE];
    char credits[FIGURE_SIZE];
    check(qenex_trial_balance(of->session, 0, &buffer, &error), &error, "asking for the trial balance");
    if (qenex_buffer_count(buffer) != 1) {
        fail("the trial balance has %zu lines, not 1", qenex_buffer_count(buffer));
    }
    memcpy(&line, qenex_buffer_records(buffer), sizeof line);
    qenex_buffer_free(buffer);
    money_text(debits, &line.debits, of->in->scale);
    money_text(credits, &line.credits, of->in->scale);
    printf("%-22s%26s%26s\n", "turnover", debits, credits);
    if (qenex_amount_compare(&line.debits, &line.credits) != 0) {
        fail("the trial balance is not zero: %s debited, %s credited", debits, credits);
    }
}

void report_trial_balance(bank *of, const qenex_balance *balances)
{
    static const char *const names[] = {"", "asset", "liability", "equity", "income", "expense", "memorandum"};
    qenex_amount sides[2] = {{0, 0}, {0, 0}};
    char first[FIGURE_SIZE];
    char second[FIGURE_SIZE];
    uint32_t kind;
    printf("\nTrial balance on %s, %s\n%-12s%10s%26s%26s\n", date_text(first, of->in->last_day), of->in->currency, "",
           "accounts", "debit", "credit");
    for (kind = QENEX_ACCOUNT_KIND_ASSET; kind <= QENEX_ACCOUNT_KIND_MEMORANDUM; ++kind) {
        qenex_amount sum = {0, 0};
        size_t accounts = 0;
        int debit_side = 0;
        size_t index;
        for (index = 0; index < of->in->account_count; ++index) {
            if (of->in->accounts[index].kind == kind) {
                debit_side = (balances[index].flags & QENEX_ACCOUNT_NORMAL_DEBIT) != 0;
                accounts += 1;
                add(&sum, &balances[index].balance);
            }
        }
        if (accounts > 0) {
            print_sum(names[kind], accounts, debit_side, &sum, of->in->scale);
            add(&sides[debit_side], &sum);
        }
    }
    money_text(first, &sides[1], of->in->scale);
    money_text(second, &sides[0], of->in->scale);
    printf("%-22s%26s%26s\n", "balance", first, second);
    if (qenex_amount_compare(&sides[0], &sides[1]) != 0) {
        fail("the balances do not sum to zero");
    }
    check_turnovers(of);
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

void report_busiest(bank *of, const qenex_balance *balances)
{
    size_t count = of->in->account_count;
    busy *all = reserve(NULL, count, sizeof *all);
    char turnover[FIGURE_SIZE];
    char balance[FIGURE_SIZE];
    size_t index;
    for (index = 0; index < count; ++index) {
        all[index].account = index;
        all[index].turnover = balances[index].turnovers.debits_posted;
        add(&all[index].turnover, &balances[index].turnovers.credits_posted);
    }
    qsort(all, count, sizeof *all, busier);
    printf("\nThe %d busiest accounts by turnover, %s\n%-12s%-32s%20s%20s\n", BUSIEST, of->in->currency, "number",
           "name", "turnover", "balance");
    for (index = 0; index < count && index < BUSIEST; ++index) {
        const account *found = &of->in->accounts[all[index].account];
        printf("%-12s%-32s%20s%20s\n", found->number, found->name,
               money_text(turnover, &all[index].turnover, of->in->scale),
               money_text(balance, &balances[all[index].account].balance, of->in->scale));
    }
    free(all);
}

/* A line of the statement; its balance must follow from the one before. */
static void print_line(const bank *of, const qenex_statement_line *line, const uint8_t *arena, qenex_amount *running)
{
    const qenex_text *narrative = &line->transfer.narrative;
    const qenex_text *reference = &line->transfer.reference;
    char date[FIGURE_SIZE];
    char change[FIGURE_SIZE];
    char balance[FIGURE_SIZE];
    add(running, &line->change);
    if (qenex_amount_compare(running, &line->balance) != 0) {
        fail("the statement's balance does not follow from its lines");
    }
    printf("%-12s%-20.*s%-16.*s%16s%20s\n", date_text(date, line->transfer.booking_date), (int)narrative->length,
           narrative->length > 0 ? (const char *)arena + narrative->offset : "", (int)reference->length,
           reference->length > 0 ? (const char *)arena + reference->offset : "",
           money_text(change, &line->change, of->in->scale), money_text(balance, &line->balance, of->in->scale));
}

void report_statement(bank *of, const qenex_balance *balances)
{
    size_t account = of->in->payment_count > 0 ? of->in->payments[of->in->payment_count - 1].account
                     : of->in->order_count > 0 ? of->in->orders[of->in->order_count - 1].debit
                                               : 0;
    qenex_account_key key;
    qenex_statement_options options;
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    qenex_amount running;
    const uint8_t *arena;
    const uint8_t *lines;
    size_t count;
    memset(&key, 0, sizeof key);
    key.id = bank_account_id(account);
    key.asset = of->in->asset;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.limit = STATEMENT_LINES;
    check(qenex_statement_get(of->session, &key, sizeof key, NULL, 0, &options, &buffer, &error), &error,
          "asking for a statement");
    arena = qenex_buffer_arena(buffer, NULL);
    lines = qenex_buffer_records(buffer);
    count = qenex_buffer_count(buffer);
    printf("\nStatement of %s (%s), the last %zu postings, %s\n%-12s%-36s%16s%20s\n", of->in->accounts[account].number,
           of->in->accounts[account].name, count, of->in->currency, "booked", "", "amount", "balance");
    /* The newest line comes first: a reader wants the oldest first. */
    for (; count > 0; --count) {
        qenex_statement_line line;
        memcpy(&line, lines + (count - 1) * qenex_buffer_record_size(buffer), sizeof line);
        if (count == qenex_buffer_count(buffer)) {
            check(qenex_amount_subtract(&line.balance, &line.change, &running, &error), &error, "statement");
        }
        print_line(of, &line, arena, &running);
    }
    if (qenex_buffer_count(buffer) > 0 && qenex_amount_compare(&running, &balances[account].balance) != 0) {
        fail("the statement does not end with the account's balance");
    }
    qenex_buffer_free(buffer);
}

void report_speed_head(void)
{
    printf("\n%-18s%12s%10s%14s%10s%10s%10s%10s\n", "Speed", "commands", "seconds", "commands/s", "batches", "p50 ms",
           "p99 ms", "max ms");
}

void report_speed(const char *name, measures *of)
{
    char commands[FIGURE_SIZE];
    char rate[FIGURE_SIZE];
    char batches[FIGURE_SIZE];
    double seconds = of->seconds > 0 ? of->seconds : 1e-9;
    printf("%-18s%12s%10.2f%14s%10s%10.2f%10.2f%10.2f\n", name, count_text(commands, of->commands), of->seconds,
           count_text(rate, (uint64_t)((double)of->commands / seconds)), count_text(batches, of->batches),
           measures_quantile(of, 0.5), measures_quantile(of, 0.99), measures_quantile(of, 1));
}
