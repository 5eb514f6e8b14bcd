#include "day_end.h"

#include <stdio.h>
#include <string.h>

#include "calendar.h"
#include "fail.h"

enum { PORTION = 1000 };

static void roll(bank *of, qenex_date day)
{
    qenex_business_date rolled;
    memset(&rolled, 0, sizeof rolled);
    rolled.key = batch_id(TASK_DATE, day, 0);
    rolled.date = day;
    batch_add(&of->batch, TASK_DATE, 0, QENEX_COMMAND_BUSINESS_DATE, &rolled, sizeof rolled);
    bank_send(of);
}

/* The account that takes what the position in a currency gains. */
static uint32_t result_account(const input *in, uint32_t currency)
{
    size_t index;
    for (index = 0; index < in->positions.count; ++index) {
        if (in->accounts.at[in->positions.at[index].account].currency == currency) {
            return in->positions.at[index].result;
        }
    }
    fail("rates.csv: there is no position in %s", in->currencies.at[currency].code);
    return 0;
}

/* Values the positions at the end of a day for which the input has rates. */
static void revalue(bank *of, qenex_date day)
{
    const input *in = of->in;
    day_range range = input_range(in->rates.at, in->rates.count, sizeof *in->rates.at, day);
    size_t line;
    for (line = range.first; line < range.end; ++line) {
        const rate *from = &in->rates.at[line];
        qenex_revaluation revaluation;
        bank_make_room(of);
        memset(&revaluation, 0, sizeof revaluation);
        revaluation.key = batch_id(TASK_REVALUATION, day, line);
        revaluation.account = bank_account_id(result_account(in, from->currency));
        revaluation.rate = amount_of(from->rate);
        revaluation.rate_scale = from->rate_scale;
        revaluation.rate_source = batch_text(&of->batch, from->source);
        revaluation.asset = in->currencies.at[from->currency].asset;
        revaluation.date = day;
        revaluation.rounding = QENEX_ROUNDING_HALF_EVEN;
        batch_add(&of->batch, TASK_REVALUATION, line, QENEX_COMMAND_REVALUATION, &revaluation, sizeof revaluation);
    }
    bank_send(of);
}

/* Seals one portion of the accounts; gives the account to go on with, 0 when the day is sealed. */
static uint64_t seal_portion(bank *of, qenex_date day, uint32_t accounts, qenex_status *out_status)
{
    qenex_day_end portion;
    qenex_result result;
    qenex_error *error = NULL;
    memset(&portion, 0, sizeof portion);
    portion.day = day;
    portion.portion = accounts;
    check(qenex_day_end_portions(of->session, &portion, 1, sizeof portion, NULL, 0, NULL, &result, &error), &error,
          "sealing a portion of a day");
    *out_status = result.status;
    return result.number;
}

uint64_t day_end_standing(bank *of, qenex_date day)
{
    qenex_status status;
    uint64_t next = seal_portion(of, day, 1, &status);
    return status == QENEX_OK ? next : 0;
}

/* Seals half of the accounts, submits the next portion, and is dead in the middle of it. */
static void seal_and_die(bank *of, qenex_date day)
{
    char date[FIGURE_SIZE];
    char sealed[FIGURE_SIZE];
    char accounts[FIGURE_SIZE];
    size_t count = of->in->accounts.count;
    qenex_day_end portion;
    qenex_status status;
    uint64_t next = seal_portion(of, day, (uint32_t)(count / 2), &status);
    if (status != QENEX_OK || next == 0) {
        fail("the end of the day was over before there was anything to die in");
    }
    printf("\n%s: the program has sealed %s of %s accounts at the end of the day, and kills itself in the next\n"
           "portion (SIGKILL).\n",
           date_text(date, day), count_text(sealed, next - 1), count_text(accounts, count));
    fflush(stdout);
    memset(&portion, 0, sizeof portion);
    portion.day = day;
    portion.portion = (uint32_t)(count / 4 > 0 ? count / 4 : 1);
    bank_submit_and_die(of, QENEX_COMMAND_DAY_END, &portion, 1, sizeof portion,
                        measures_quantile(&of->so_far.day_ends, 0.5) / 8e3);
}

static void seal(bank *of, qenex_date day)
{
    qenex_result result;
    qenex_error *error = NULL;
    double start = seconds_now();
    qenex_status status;
    if (of->dies == DEATH_IN_DAY_END && day >= of->death_day) {
        seal_and_die(of, day);
    }
    status = qenex_day_end_run(of->session, 0, day, PORTION, &result, &error);
    check(status, &error, "sealing a day");
    if (status != QENEX_OK) {
        fail("sealing a day: %s", qenex_status_explanation(result.status));
    }
    if ((result.flags & QENEX_RESULT_REPEATED) == 0) {
        measures_add(&of->so_far.day_ends, seconds_now() - start, 1, 0);
    }
}

static void close_period(bank *of, qenex_date day)
{
    qenex_period_close period;
    memset(&period, 0, sizeof period);
    period.key = batch_id(TASK_CLOSE, day, 0);
    period.through = day;
    batch_add(&of->batch, TASK_CLOSE, 0, QENEX_COMMAND_PERIOD_CLOSE, &period, sizeof period);
    bank_send(of);
}

/* Each customer's statement of the month. */
static void cut_statements(bank *of, qenex_date day)
{
    size_t index;
    for (index = 0; index < of->in->accounts.count; ++index) {
        qenex_statement_cut cut;
        if (of->in->accounts.at[index].kind != QENEX_ACCOUNT_KIND_LIABILITY) {
            continue;
        }
        bank_make_room(of);
        memset(&cut, 0, sizeof cut);
        cut.key = batch_id(TASK_STATEMENT, day, index);
        cut.account = bank_account_id(index);
        cut.asset = input_currency(of->in, index)->asset;
        cut.to = day;
        batch_add(&of->batch, TASK_STATEMENT, index, QENEX_COMMAND_STATEMENT_CUT, &cut, sizeof cut);
    }
    bank_send(of);
}

void day_end_run(bank *of, qenex_date day)
{
    qenex_date over = day_after(day, -1);
    if (day == of->in->first_day) {
        return;
    }
    roll(of, day);
    revalue(of, over);
    seal(of, over);
    if (month_ends(over)) {
        close_period(of, over);
        cut_statements(of, over);
    }
}
