#include "input.h"

#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "fail.h"

const char INPUT_OPENING_HEADER[] = "debit,credit,amount";
const char INPUT_ORDER_HEADER[] = "order,day,debit,credit,amount,purpose";
const char INPUT_PAYMENT_HEADER[] = "time,account,merchant,amount,course";

static const char *const KINDS[] = {"asset", "liability", "equity", "income", "expense", "memorandum"};
static const char *const COURSES[] = {"paid", "authorised", "cancelled", "returned"};

/* FNV-1a. */
static size_t hash(const char *text)
{
    uint64_t value = 14695981039346656037u;
    for (; *text != '\0'; ++text) {
        value = (value ^ (unsigned char)*text) * 1099511628211u;
    }
    return (size_t)(value ^ (value >> 32));
}

/* Where the account with that number is kept, or the free place where it would be. */
static uint32_t *place(const input *in, const char *number)
{
    size_t at = hash(number) & (in->place_count - 1);
    while (in->places[at] != 0 && strcmp(in->accounts[in->places[at] - 1].number, number) != 0) {
        at = (at + 1) & (in->place_count - 1);
    }
    return &in->places[at];
}

long input_account(const input *in, const char *number)
{
    return (long)*place(in, number) - 1;
}

int input_course(const char *name)
{
    size_t index;
    for (index = 0; index < sizeof COURSES / sizeof *COURSES; ++index) {
        if (strcmp(COURSES[index], name) == 0) {
            return (int)index;
        }
    }
    return -1;
}

/* Room for one more: the arrays double. */
static void *grown(void *array, size_t count, size_t size)
{
    if (count == 0) {
        return reserve(array, 64, size);
    }
    return count >= 64 && (count & (count - 1)) == 0 ? reserve(array, count * 2, size) : array;
}

static void index_accounts(input *in)
{
    size_t index;
    in->place_count = 128;
    while (in->place_count < in->account_count * 2) {
        in->place_count *= 2;
    }
    in->places = reserve(in->places, in->place_count, sizeof *in->places);
    memset(in->places, 0, in->place_count * sizeof *in->places);
    for (index = 0; index < in->account_count; ++index) {
        uint32_t *found = place(in, in->accounts[index].number);
        if (*found != 0) {
            fail("accounts.csv: the number '%s' is there twice", in->accounts[index].number);
        }
        *found = (uint32_t)index + 1;
    }
}

static uint32_t named_account(const input *in, const csv *rows, size_t field)
{
    long found = input_account(in, rows->fields[field]);
    if (found < 0) {
        csv_fail(rows, "no such account in accounts.csv", rows->fields[field]);
    }
    return (uint32_t)found;
}

static void read_bank(input *in, const char *folder)
{
    csv rows;
    qenex_currency currency;
    qenex_error *error = NULL;
    csv_open(&rows, folder, "bank.csv", "name,currency,time_zone,first_day,last_day");
    if (!csv_next(&rows)) {
        fail("%s: there must be one bank", rows.path);
    }
    csv_text(&rows, 0, in->name, sizeof in->name);
    csv_text(&rows, 1, in->currency, sizeof in->currency);
    csv_text(&rows, 2, in->time_zone, sizeof in->time_zone);
    in->first_day = csv_date(&rows, 3);
    in->last_day = csv_date(&rows, 4);
    if (in->last_day < in->first_day) {
        csv_fail(&rows, "the last day lies before the first", rows.fields[4]);
    }
    check(qenex_currency_by_code(in->currency, strlen(in->currency), &currency, &error), &error, rows.path);
    in->asset = currency.number;
    in->scale = currency.scale;
    csv_close(&rows);
}

static void read_accounts(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "accounts.csv", "number,kind,overdraft,name");
    while (csv_next(&rows)) {
        account *to;
        in->accounts = grown(in->accounts, in->account_count, sizeof *in->accounts);
        to = &in->accounts[in->account_count++];
        memset(to, 0, sizeof *to);
        csv_text(&rows, 0, to->number, sizeof to->number);
        csv_text(&rows, 3, to->name, sizeof to->name);
        while (to->kind < sizeof KINDS / sizeof *KINDS && strcmp(KINDS[to->kind], rows.fields[1]) != 0) {
            to->kind += 1;
        }
        if (to->kind == sizeof KINDS / sizeof *KINDS) {
            csv_fail(&rows, "no such kind of account", rows.fields[1]);
        }
        to->kind += 1;
        to->may_overdraw = strcmp(rows.fields[2], "yes") == 0;
        if (!to->may_overdraw && strcmp(rows.fields[2], "no") != 0) {
            csv_fail(&rows, "overdraft is yes or no", rows.fields[2]);
        }
    }
    csv_close(&rows);
    index_accounts(in);
}

static void read_openings(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "opening_balances.csv", INPUT_OPENING_HEADER);
    while (csv_next(&rows)) {
        opening *to;
        in->openings = grown(in->openings, in->opening_count, sizeof *in->openings);
        to = &in->openings[in->opening_count++];
        to->debit = named_account(in, &rows, 0);
        to->credit = named_account(in, &rows, 1);
        to->amount = csv_amount(&rows, 2, in->scale);
    }
    csv_close(&rows);
}

static void read_orders(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "standing_orders.csv", INPUT_ORDER_HEADER);
    while (csv_next(&rows)) {
        standing_order *to;
        in->orders = grown(in->orders, in->order_count, sizeof *in->orders);
        to = &in->orders[in->order_count++];
        csv_text(&rows, 0, to->number, sizeof to->number);
        to->day = (int)csv_number(&rows, 1, 1, 31);
        to->debit = named_account(in, &rows, 2);
        to->credit = named_account(in, &rows, 3);
        to->amount = csv_amount(&rows, 4, in->scale);
        csv_text(&rows, 5, to->purpose, sizeof to->purpose);
    }
    csv_close(&rows);
}

static void read_payments(input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "card_payments.csv", INPUT_PAYMENT_HEADER);
    while (csv_next(&rows)) {
        card_payment *to;
        int named = input_course(rows.fields[4]);
        in->payments = grown(in->payments, in->payment_count, sizeof *in->payments);
        to = &in->payments[in->payment_count++];
        to->date = csv_date(&rows, 0);
        to->account = named_account(in, &rows, 1);
        to->merchant = named_account(in, &rows, 2);
        to->amount = csv_amount(&rows, 3, in->scale);
        if (named < 0) {
            csv_fail(&rows, "paid, authorised, cancelled or returned", rows.fields[4]);
        }
        to->course = (course)named;
        if (to->date < in->first_day || to->date > in->last_day) {
            csv_fail(&rows, "not within the bank's first and last day", rows.fields[0]);
        }
        if (in->payment_count > 1 && to[-1].date > to->date) {
            csv_fail(&rows, "a day earlier than the line before", rows.fields[0]);
        }
    }
    csv_close(&rows);
}

void input_read(input *in, const char *folder)
{
    memset(in, 0, sizeof *in);
    read_bank(in, folder);
    read_accounts(in, folder);
    read_openings(in, folder);
    read_orders(in, folder);
    read_payments(in, folder);
}

void input_free(input *in)
{
    free(in->accounts);
    free(in->openings);
    free(in->orders);
    free(in->payments);
    free(in->places);
    memset(in, 0, sizeof *in);
}
