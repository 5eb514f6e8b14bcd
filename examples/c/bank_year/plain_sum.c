#include "plain_sum.h"

#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "fail.h"

/* A card payment that was accepted and is not over. */
typedef struct open_payment {
    course course;
    size_t account;
    size_t merchant;
    int64_t amount;
} open_payment;

typedef struct open_list {
    open_payment *payments;
    size_t count;
} open_list;

typedef struct plain_order {
    int day;
    size_t debit;
    size_t credit;
    int64_t amount;
} plain_order;

/* Digits, and a point with at most scale digits behind it. */
static int64_t minor_units(const csv *rows, size_t field, uint32_t scale)
{
    const char *text = rows->fields[field];
    int64_t units = 0;
    uint32_t decimals = 0;
    int behind_point = 0;
    for (; *text != '\0'; ++text) {
        int digit = *text >= '0' && *text <= '9';
        if (*text == '.' && !behind_point) {
            behind_point = 1;
        } else if (digit && (!behind_point || decimals < scale) && units < INT64_MAX / 100) {
            units = units * 10 + (*text - '0');
            decimals += (uint32_t)behind_point;
        } else {
            csv_fail(rows, "not a plain amount", rows->fields[field]);
        }
    }
    for (; decimals < scale; ++decimals) {
        units *= 10;
    }
    return units;
}

static size_t named(const input *in, const csv *rows, size_t field)
{
    long account = input_account(in, rows->fields[field]);
    if (account < 0) {
        csv_fail(rows, "no such account", rows->fields[field]);
    }
    return (size_t)account;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static int next_day(int date)
{
    int year = date / 10000;
    int month = date / 100 % 100;
    if (date % 100 < days_in_month(year, month)) {
        return date + 1;
    }
    return month < 12 ? year * 10000 + (month + 1) * 100 + 1 : (year + 1) * 10000 + 101;
}

/* Whether an account can give (or, when it grows by debits, be credited) the amount. */
static int can_move(const plain_sum *sum, const input *in, size_t account, int debit_side, int64_t amount)
{
    const plain_account *of = &sum->accounts[account];
    uint32_t kind = in->accounts[account].kind;
    int grows_by_debits =
        kind == QENEX_ACCOUNT_KIND_ASSET || kind == QENEX_ACCOUNT_KIND_EXPENSE || kind == QENEX_ACCOUNT_KIND_MEMORANDUM;
    if (in->accounts[account].may_overdraw || debit_side == grows_by_debits) {
        return 1;
    }
    return amount <=
           (grows_by_debits ? of->debits - of->credits - of->credits_held : of->credits - of->debits - of->debits_held);
}

/* Whether an amount may move, and if not, why. */
static qenex_status judge(const plain_sum *sum, const input *in, size_t debit, size_t credit, int64_t amount)
{
    if (amount == 0) {
        return QENEX_AMOUNT_ZERO;
    }
    if (debit == credit) {
        return QENEX_ACCOUNTS_EQUAL;
    }
    if (!can_move(sum, in, debit, 1, amount) || !can_move(sum, in, credit, 0, amount)) {
        return QENEX_INSUFFICIENT_FUNDS;
    }
    return QENEX_OK;
}

static qenex_status move(plain_sum *sum, const input *in, size_t debit, size_t credit, int64_t amount)
{
    qenex_status status = judge(sum, in, debit, credit, amount);
    if (status == QENEX_OK) {
        sum->accounts[debit].debits += amount;
        sum->accounts[credit].credits += amount;
    }
    return status;
}

static qenex_status hold(plain_sum *sum, const input *in, const open_payment *of)
{
    qenex_status status = judge(sum, in, of->account, of->merchant, of->amount);
    if (status == QENEX_OK) {
        sum->accounts[of->account].debits_held += of->amount;
        sum->accounts[of->merchant].credits_held += of->amount;
    }
    return status;
}

static void finish_hold(plain_sum *sum, const open_payment *of, int captured)
{
    sum->accounts[of->account].debits_held -= of->amount;
    sum->accounts[of->merchant].credits_held -= of->amount;
    if (captured) {
        sum->accounts[of->account].debits += of->amount;
        sum->accounts[of->merchant].credits += of->amount;
    }
}

static void follow_up(plain_sum *sum, const input *in, open_list *yesterday)
{
    size_t index;
    for (index = 0; index < yesterday->count; ++index) {
        const open_payment *of = &yesterday->payments[index];
        switch (of->course) {
        case COURSE_AUTHORISED:
            finish_hold(sum, of, 1);
            tally_count(&sum->total, TASK_CAPTURE, QENEX_OK);
            break;
        case COURSE_CANCELLED:
            finish_hold(sum, of, 0);
            tally_count(&sum->total, TASK_RELEASE, QENEX_OK);
            break;
        default:
            tally_count(&sum->total, TASK_REVERSAL, move(sum, in, of->merchant, of->account, of->amount));
        }
    }
    yesterday->count = 0;
}

static void pay_by_card(plain_sum *sum, const input *in, const csv *rows, open_list *today)
{
    open_payment of;
    task about;
    qenex_status status;
    of.course = (course)input_course(rows->fields[4]);
    of.account = named(in, rows, 1);
    of.merchant = named(in, rows, 2);
    of.amount = minor_units(rows, 3, in->scale);
    if (of.course == COURSE_AUTHORISED || of.course == COURSE_CANCELLED) {
        about = TASK_HOLD;
        status = hold(sum, in, &of);
    } else {
        about = TASK_PAYMENT;
        status = move(sum, in, of.account, of.merchant, of.amount);
    }
    tally_count(&sum->total, about, status);
    if (status == QENEX_OK && of.course != COURSE_PAID) {
        today->payments = reserve(today->payments, today->count + 1, sizeof *today->payments);
        today->payments[today->count++] = of;
    }
}

static void open_balances(plain_sum *sum, const input *in, const char *folder)
{
    csv rows;
    csv_open(&rows, folder, "opening_balances.csv", INPUT_OPENING_HEADER);
    while (csv_next(&rows)) {
        int64_t amount = minor_units(&rows, 2, in->scale);
        sum->accounts[named(in, &rows, 0)].debits += amount;
        sum->accounts[named(in, &rows, 1)].credits += amount;
    }
    csv_close(&rows);
}

static plain_order *read_orders(const input *in, const char *folder, size_t *out_count)
{
    csv rows;
    plain_order *orders = NULL;
    size_t count = 0;
    csv_open(&rows, folder, "standing_orders.csv", INPUT_ORDER_HEADER);
    while (csv_next(&rows)) {
        orders = reserve(orders, count + 1, sizeof *orders);
        orders[count].day = atoi(rows.fields[1]);
        orders[count].debit = named(in, &rows, 2);
        orders[count].credit = named(in, &rows, 3);
        orders[count++].amount = minor_units(&rows, 4, in->scale);
    }
    csv_close(&rows);
    *out_count = count;
    return orders;
}

/* The date of a row of card payments, as YYYYMMDD. */
static int date_of(const csv *rows)
{
    const char *text = rows->fields[0];
    return atoi(text) * 10000 + atoi(text + 5) * 100 + atoi(text + 8);
}

void plain_sum_make(plain_sum *sum, const input *in, const char *folder)
{
    csv rows;
    open_list yesterday = {NULL, 0};
    open_list today = {NULL, 0};
    size_t order_count = 0;
    plain_order *orders = read_orders(in, folder, &order_count);
    int date;
    int more;
    memset(sum, 0, sizeof *sum);
    sum->accounts = reserve(NULL, in->account_count, sizeof *sum->accounts);
    memset(sum->accounts, 0, in->account_count * sizeof *sum->accounts);
    open_balances(sum, in, folder);
    csv_open(&rows, folder, "card_payments.csv", INPUT_PAYMENT_HEADER);
    more = csv_next(&rows);
    for (date = in->first_day; date <= in->last_day; date = next_day(date)) {
        int month_end = days_in_month(date / 10000, date / 100 % 100);
        open_list swap;
        size_t index;
        follow_up(sum, in, &yesterday);
        for (index = 0; index < order_count; ++index) {
            const plain_order *of = &orders[index];
            if ((of->day < month_end ? of->day : month_end) == date % 100) {
                tally_count(&sum->total, TASK_ORDER, move(sum, in, of->debit, of->credit, of->amount));
            }
        }
        for (; more && date_of(&rows) == date; more = csv_next(&rows)) {
            pay_by_card(sum, in, &rows, &today);
        }
        swap = yesterday;
        yesterday = today;
        today = swap;
    }
    csv_close(&rows);
    free(yesterday.payments);
    free(today.payments);
    free(orders);
}

void plain_sum_free(plain_sum *sum)
{
    free(sum->accounts);
    memset(sum, 0, sizeof *sum);
}
