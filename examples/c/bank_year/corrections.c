#include "corrections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "fail.h"

enum { PAGE = 10000 };

/* Finds the correction of a transfer among all of them, and counts them. Gives whether it is there. */
static int find(bank *of, const qenex_id *transfer, qenex_correction *out, uint64_t *out_count)
{
    uint64_t after = 0;
    size_t count = PAGE;
    int found = 0;
    *out_count = 0;
    while (count == PAGE) {
        qenex_buffer *buffer = NULL;
        qenex_error *error = NULL;
        const qenex_correction *lines;
        size_t index;
        check(qenex_corrections_list(of->session, 0, after, PAGE, &buffer, &error), &error, "listing the corrections");
        lines = qenex_buffer_records(buffer);
        count = qenex_buffer_count(buffer);
        for (index = 0; index < count; ++index) {
            if (memcmp(&lines[index].transfer, transfer, sizeof *transfer) == 0) {
                *out = lines[index];
                found = 1;
            }
            after = lines[index].sequence;
        }
        *out_count += count;
        qenex_buffer_free(buffer);
    }
    return found;
}

/* The sequence number at which the month that ends on a day was closed; 0: it was not. */
static uint64_t closed_at(bank *of, qenex_date through)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    const qenex_period_record *lines;
    uint64_t sequence = 0;
    size_t index;
    check(qenex_periods_list(of->session, 0, &buffer, &error), &error, "listing the periods");
    lines = qenex_buffer_records(buffer);
    for (index = 0; index < qenex_buffer_count(buffer); ++index) {
        if (lines[index].through == through) {
            sequence = lines[index].sequence;
        }
    }
    qenex_buffer_free(buffer);
    return sequence;
}

/* Adds the trial balance by value as of a day up by code, debits less credits in the bank's own currency, as known at a
 * sequence number (0: now). */
static void add_up(bank *of, qenex_date date, uint64_t sequence, qenex_amount *out_by_code)
{
    qenex_trial_options options;
    size_t count = PAGE;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_TRIAL_BY_VALUE;
    options.sequence = sequence;
    options.date = date;
    options.limit = PAGE;
    while (count == PAGE) {
        qenex_buffer *buffer = NULL;
        qenex_error *error = NULL;
        const qenex_trial_account *lines;
        size_t index;
        check(qenex_trial_accounts_list(of->session, &options, &buffer, &error), &error,
              "asking for a trial balance by account");
        lines = qenex_buffer_records(buffer);
        count = qenex_buffer_count(buffer);
        for (index = 0; index < count; ++index) {
            size_t place = bank_account_of(of, &lines[index].id);
            size_t code = 0;
            qenex_amount net;
            options.after = lines[index].account;
            options.sequence = lines[index].sequence;
            if (place == of->in->accounts.count || of->in->accounts.at[place].currency != 0) {
                continue;
            }
            while (strcmp(of->in->chart.at[code].code, of->in->accounts.at[place].code) != 0) {
                code += 1;
            }
            check(qenex_amount_subtract(&lines[index].debits, &lines[index].credits, &net, &error), &error, "net");
            add_amount(&out_by_code[code], &net);
        }
        qenex_buffer_free(buffer);
    }
}

static int zero(const qenex_amount *amount)
{
    return amount->lo == 0 && amount->hi == 0;
}

static void print_both(bank *of, qenex_date month_end, uint64_t closed)
{
    size_t codes = of->in->chart.count;
    uint32_t scale = of->in->currencies.at[0].scale;
    qenex_amount *then = reserve(NULL, codes * 2, sizeof *then);
    qenex_amount *now = then + codes;
    char date[FIGURE_SIZE];
    size_t code;
    memset(then, 0, codes * 2 * sizeof *then);
    add_up(of, month_end, closed, then);
    add_up(of, month_end, 0, now);
    printf("Trial balance by value date as of %s, %s, debits less credits\n%-46s%22s%22s%16s\n",
           date_text(date, month_end), of->in->currencies.at[0].code, "code", "as known at the close", "as known now",
           "difference");
    for (code = 0; code < codes; ++code) {
        const gl_code *of_chart = &of->in->chart.at[code];
        qenex_error *error = NULL;
        qenex_amount difference;
        char texts[3][FIGURE_SIZE];
        if (zero(&then[code]) && zero(&now[code])) {
            continue;
        }
        check(qenex_amount_subtract(&now[code], &then[code], &difference, &error), &error, "difference");
        printf("%-6s%-40s%22s%22s%16s\n", of_chart->code, of_chart->name, side_text(texts[0], &then[code], scale),
               side_text(texts[1], &now[code], scale), side_text(texts[2], &difference, scale));
    }
    free(then);
}

void corrections_report(bank *of)
{
    const input *in = of->in;
    size_t line;
    for (line = 0; line < in->corrections.count; ++line) {
        const correction *from = &in->corrections.at[line];
        qenex_id transfer = batch_id(TASK_CORRECTION, from->date, line);
        qenex_date month_end = day_after(from->value_date - from->value_date % 100 + 1, 31);
        qenex_correction event;
        uint64_t closed;
        uint64_t count;
        char texts[7][FIGURE_SIZE];
        qenex_amount amount = amount_of(from->amount);
        month_end = day_after(month_end - month_end % 100 + 1, -1);
        closed = closed_at(of, month_end);
        if (closed == 0 || !find(of, &transfer, &event, &count)) {
            continue;
        }
        printf("\nA correction after the close: %s from %s to %s, %s, %s,\n"
               "booked on %s and valued on %s. Its event, change %s, names accounts %llu and %llu and the days\n"
               "%s to %s to compute again. There are %s such events in all.\n\n",
               money_text(texts[0], &amount, input_currency(in, from->debit)->scale),
               in->accounts.at[from->debit].number, in->accounts.at[from->credit].number,
               in->accounts.at[from->credit].name, from->narrative, date_text(texts[1], event.booking_date),
               date_text(texts[2], event.value_date), count_text(texts[3], event.sequence),
               (unsigned long long)event.debit_account, (unsigned long long)event.credit_account,
               date_text(texts[4], event.first_day), date_text(texts[5], event.last_day), count_text(texts[6], count));
        print_both(of, month_end, closed);
        return;
    }
}
