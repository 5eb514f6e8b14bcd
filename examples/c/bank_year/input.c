#include "input.h"

#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "csv.h"
#include "fail.h"

static const char *const COURSES[] = {"paid", "authorised", "cancelled", "returned"};

/* Room for one more: the arrays double. */
static void *grown(void *array, size_t count, size_t size)
{
    if (count == 0) {
        return reserve(array, 64, size);
    }
    return count >= 64 && (count & (count - 1)) == 0 ? reserve(array, count * 2, size) : array;
}

/* Adds an empty row, and gives it. */
#define ADD(rows)                                                                                                      \
    ((rows).at = grown((rows).at, (rows).count, sizeof *(rows).at),                                                    \
     memset(&(rows).at[(rows).count++], 0, sizeof *(rows).at))

const currency *input_currency(const input *in, size_t account)
{
    return &in->currencies.at[in->accounts.at[account].currency];
}

day_range input_range(const void *rows, size_t count, size_t size, qenex_date day)
{
    day_range range = {0, count};
    qenex_date date;
    while (range.first < range.end) {
        size_t middle = range.first + (range.end - range.first) / 2;
        memcpy(&date, (const char *)rows + middle * size, sizeof date);
        if (date < day) {
            range.first = middle + 1;
        } else {
            range.end = middle;
        }
    }
    for (; range.end < count; range.end += 1) {
        memcpy(&date, (const char *)rows + range.end * size, sizeof date);
        if (date != day) {
            break;
        }
    }
    return range;
}

/* The date of a row, which lies within the bank's days and not before the row above. */
static qenex_date day_of(const input *in, const csv *rows, qenex_date above)
{
    qenex_date date = csv_date(rows, 0);
    if (date < in->first_day || date > in->last_day) {
        csv_fail(rows, "not within the bank's first and last day", rows->fields[0]);
    }
    if (date < above) {
        csv_fail(rows, "a day earlier than the line before", rows->fields[0]);
    }
    return date;
}

/* The date of the row before the last one. */
#define ABOVE(rows) ((rows).count > 1 ? (rows).at[(rows).count - 2].date : 0)

static uint32_t named_currency(input *in, const csv *rows, size_t field)
{
    const char *code = rows->fields[field];
    qenex_currency known;
    qenex_error *error = NULL;
    currency *to;
    size_t index;
    for (index = 0; index < in->currencies.count; ++index) {
        if (strcmp(in->currencies.at[index].code, code) == 0) {
            return (uint32_t)index;
        }
    }
    if (qenex_currency_by_code(code, strlen(code), &known, &error) < 0) {
        csv_fail(rows, qenex_error_message(error, NULL), code);
    }
    to = ADD(in->currencies);
    memcpy(to->code, known.code, sizeof to->code);
    to->asset = known.number;
    to->scale = known.scale;
    return (uint32_t)index;
}

static int yes_or_no(const csv *rows, size_t field, const char *complaint)
{
    int yes = strcmp(rows->fields[field], "yes") == 0;
    if (!yes && strcmp(rows->fields[field], "no") != 0) {
        csv_fail(rows, complaint, rows->fields[field]);
    }
    return yes;
}

static void read_bank(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "bank.csv", "name,currency,time_zone,first_day,last_day");
    if (!csv_next(&rows)) {
        fail("%s: there must be one bank", rows.path);
    }
    csv_text(&rows, 0, in->name, sizeof in->name);
    named_currency(in, &rows, 1);
    csv_text(&rows, 2, in->time_zone, sizeof in->time_zone);
    in->first_day = csv_date(&rows, 3);
    in->last_day = csv_date(&rows, 4);
    if (in->last_day < in->first_day) {
        csv_fail(&rows, "the last day lies before the first", rows.fields[4]);
    }
    csv_close(&rows);
}

static void read_chart(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "chart.csv", "code,kind,control,name");
    while (csv_next(&rows)) {
        gl_code *to = ADD(in->chart);
        csv_text(&rows, 0, to->code, sizeof to->code);
        to->kind = accounts_kind(&rows, 1);
        to->control = yes_or_no(&rows, 2, "control is yes or no");
        csv_text(&rows, 3, to->name, sizeof to->name);
    }
    csv_close(&rows);
}

static void read_accounts(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "accounts.csv", "number,currency,kind,overdraft,code,contrary_code,name");
    while (csv_next(&rows)) {
        account *to = ADD(in->accounts);
        csv_text(&rows, 0, to->number, sizeof to->number);
        to->currency = named_currency(in, &rows, 1);
        to->kind = accounts_kind(&rows, 2);
        to->may_overdraw = yes_or_no(&rows, 3, "overdraft is yes or no");
        csv_text(&rows, 4, to->code, sizeof to->code);
        csv_text(&rows, 5, to->contrary_code, sizeof to->contrary_code);
        csv_text(&rows, 6, to->name, sizeof to->name);
    }
    csv_close(&rows);
    accounts_index(in);
}

static void read_positions(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "positions.csv", "currency,account,result");
    while (csv_next(&rows)) {
        position *to = ADD(in->positions);
        to->account = accounts_named(in, &rows, 1);
        to->result = to->account;
        if (in->accounts.at[to->account].currency != named_currency(in, &rows, 0)) {
            csv_fail(&rows, "the account is in another currency", rows.fields[1]);
        }
        if (in->accounts.at[to->account].currency != 0) {
            to->result = accounts_named(in, &rows, 2);
        }
    }
    csv_close(&rows);
}

static void read_openings(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "opening_balances.csv", "debit,credit,amount");
    while (csv_next(&rows)) {
        opening *to = ADD(in->openings);
        to->debit = accounts_named(in, &rows, 0);
        to->credit = accounts_named(in, &rows, 1);
        to->amount = csv_amount(&rows, 2, input_currency(in, to->debit)->scale);
    }
    csv_close(&rows);
}

static void read_orders(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "standing_orders.csv", "order,day,debit,credit,amount,purpose");
    while (csv_next(&rows)) {
        standing_order *to = ADD(in->orders);
        csv_text(&rows, 0, to->number, sizeof to->number);
        to->day = (int)csv_number(&rows, 1, 1, 31);
        to->debit = accounts_named(in, &rows, 2);
        to->credit = accounts_named(in, &rows, 3);
        to->amount = csv_amount(&rows, 4, input_currency(in, to->debit)->scale);
        csv_text(&rows, 5, to->purpose, sizeof to->purpose);
    }
    csv_close(&rows);
}

static course named_course(const csv *rows, size_t field)
{
    int named;
    for (named = COURSE_PAID; named <= COURSE_RETURNED; ++named) {
        if (strcmp(COURSES[named], rows->fields[field]) == 0) {
            return (course)named;
        }
    }
    csv_fail(rows, "paid, authorised, cancelled or returned", rows->fields[field]);
    return COURSE_PAID;
}

static void read_payments(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "card_payments.csv", "time,account,merchant,amount,course");
    while (csv_next(&rows)) {
        card_payment *to = ADD(in->payments);
        to->date = day_of(in, &rows, ABOVE(in->payments));
        to->account = accounts_named(in, &rows, 1);
        to->merchant = accounts_named(in, &rows, 2);
        to->amount = csv_amount(&rows, 3, input_currency(in, to->account)->scale);
        to->course = named_course(&rows, 4);
    }
    csv_close(&rows);
}

/* Marks the refunds that an earlier row sent already: those with the same number. */
static void mark_repeated(input *in)
{
    uint8_t *seen;
    uint64_t most = 0;
    size_t index;
    for (index = 0; index < in->refunds.count; ++index) {
        most = in->refunds.at[index].number > most ? in->refunds.at[index].number : most;
    }
    seen = reserve(NULL, (size_t)most + 1, 1);
    memset(seen, 0, (size_t)most + 1);
    for (index = 0; index < in->refunds.count; ++index) {
        in->refunds.at[index].again = seen[in->refunds.at[index].number]++ != 0;
    }
    free(seen);
}

static void read_refunds(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "refunds.csv", "day,refund,payment,amount");
    while (csv_next(&rows)) {
        refund *to = ADD(in->refunds);
        to->date = day_of(in, &rows, ABOVE(in->refunds));
        to->number = (uint64_t)csv_number(&rows, 1, 1, 100000000);
        to->payment = (uint64_t)csv_number(&rows, 2, 1, (long)in->payments.count) - 1;
        to->amount = csv_amount(&rows, 3, input_currency(in, in->payments.at[to->payment].account)->scale);
    }
    csv_close(&rows);
    mark_repeated(in);
}

static void read_exchanges(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "exchanges.csv", "day,debit,credit,amount,rate,source,purpose");
    while (csv_next(&rows)) {
        exchange *to = ADD(in->exchanges);
        to->date = day_of(in, &rows, ABOVE(in->exchanges));
        to->debit = accounts_named(in, &rows, 1);
        to->credit = accounts_named(in, &rows, 2);
        to->amount = csv_amount(&rows, 3, input_currency(in, to->debit)->scale);
        to->rate = csv_rate(&rows, 4, &to->rate_scale);
        csv_text(&rows, 5, to->source, sizeof to->source);
        csv_text(&rows, 6, to->purpose, sizeof to->purpose);
    }
    csv_close(&rows);
}

static void read_rates(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "rates.csv", "day,currency,rate,source");
    while (csv_next(&rows)) {
        rate *to = ADD(in->rates);
        to->date = day_of(in, &rows, ABOVE(in->rates));
        to->currency = named_currency(in, &rows, 1);
        to->rate = csv_rate(&rows, 2, &to->rate_scale);
        csv_text(&rows, 3, to->source, sizeof to->source);
    }
    csv_close(&rows);
}

static void read_corrections(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "corrections.csv", "day,value_day,debit,credit,amount,narrative");
    while (csv_next(&rows)) {
        correction *to = ADD(in->corrections);
        to->date = day_of(in, &rows, ABOVE(in->corrections));
        to->value_date = csv_date(&rows, 1);
        to->debit = accounts_named(in, &rows, 2);
        to->credit = accounts_named(in, &rows, 3);
        to->amount = csv_amount(&rows, 4, input_currency(in, to->debit)->scale);
        csv_text(&rows, 5, to->narrative, sizeof to->narrative);
    }
    csv_close(&rows);
}

void input_read(input *in, const char *folder)
{
    memset(in, 0, sizeof *in);
    read_bank(in, folder);
    read_chart(in, folder);
    read_accounts(in, folder);
    read_positions(in, folder);
    read_openings(in, folder);
    read_orders(in, folder);
    read_payments(in, folder);
    read_refunds(in, folder);
    read_exchanges(in, folder);
    read_rates(in, folder);
    read_corrections(in, folder);
}

void input_free(input *in)
{
    free(in->currencies.at);
    free(in->chart.at);
    free(in->accounts.at);
    free(in->positions.at);
    free(in->openings.at);
    free(in->orders.at);
    free(in->payments.at);
    free(in->refunds.at);
    free(in->exchanges.at);
    free(in->rates.at);
    free(in->corrections.at);
    free(in->places);
    memset(in, 0, sizeof *in);
}
