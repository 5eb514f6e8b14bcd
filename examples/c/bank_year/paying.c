#include "paying.h"

#include <string.h>

#include "fail.h"
#include "progress.h"

qenex_date day_after(qenex_date day, int days)
{
    qenex_error *error = NULL;
    qenex_date later = 0;
    check(qenex_date_add_days(day, days, &later, &error), &error, "the calendar");
    return later;
}

day_range paying_range(const input *in, qenex_date day)
{
    day_range range = {0, in->payment_count};
    while (range.first < range.end) {
        size_t middle = range.first + (range.end - range.first) / 2;
        if (in->payments[middle].date < day) {
            range.first = middle + 1;
        } else {
            range.end = middle;
        }
    }
    while (range.end < in->payment_count && in->payments[range.end].date == day) {
        range.end += 1;
    }
    return range;
}

static void add_business_date(bank *of, qenex_date day)
{
    qenex_business_date rolled;
    memset(&rolled, 0, sizeof rolled);
    rolled.key = batch_id(TASK_DATE, day, 0);
    rolled.date = day;
    bank_make_room(of);
    batch_add(&of->batch, TASK_DATE, 0, QENEX_COMMAND_BUSINESS_DATE, &rolled, sizeof rolled);
}

static void add_order(bank *of, qenex_date day, size_t line)
{
    const standing_order *order = &of->in->orders[line];
    qenex_transfer transfer;
    bank_make_room(of);
    memset(&transfer, 0, sizeof transfer);
    transfer.id = batch_id(TASK_ORDER, day, line);
    transfer.debit_id = bank_account_id(order->debit);
    transfer.credit_id = bank_account_id(order->credit);
    transfer.amount = amount_of(order->amount);
    transfer.asset = of->in->asset;
    transfer.reference = batch_text(&of->batch, order->number);
    transfer.narrative = batch_text(&of->batch, order->purpose);
    batch_add(&of->batch, TASK_ORDER, line, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
}

static void add_payment(bank *of, size_t line)
{
    const card_payment *payment = &of->in->payments[line];
    qenex_transfer transfer;
    memset(&transfer, 0, sizeof transfer);
    transfer.id = batch_id(TASK_PAYMENT, payment->date, line);
    transfer.debit_id = bank_account_id(payment->account);
    transfer.credit_id = bank_account_id(payment->merchant);
    transfer.amount = amount_of(payment->amount);
    transfer.asset = of->in->asset;
    transfer.narrative = batch_text(&of->batch, of->in->accounts[payment->merchant].name);
    batch_add(&of->batch, TASK_PAYMENT, line, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
}

static void add_hold(bank *of, size_t line)
{
    const card_payment *payment = &of->in->payments[line];
    qenex_hold hold;
    memset(&hold, 0, sizeof hold);
    hold.id = batch_id(TASK_HOLD, payment->date, line);
    hold.debit_id = bank_account_id(payment->account);
    hold.credit_id = bank_account_id(payment->merchant);
    hold.amount = amount_of(payment->amount);
    hold.asset = of->in->asset;
    hold.kind = QENEX_HOLD_KIND_AUTHORISATION;
    hold.reason = batch_text(&of->batch, of->in->accounts[payment->merchant].name);
    batch_add(&of->batch, TASK_HOLD, line, QENEX_COMMAND_HOLD, &hold, sizeof hold);
}

static void add_card_payment(bank *of, size_t line)
{
    course goes = of->in->payments[line].course;
    bank_make_room(of);
    if (goes == COURSE_AUTHORISED || goes == COURSE_CANCELLED) {
        add_hold(of, line);
    } else {
        add_payment(of, line);
    }
}

static void add_capture(bank *of, qenex_date day, size_t line)
{
    const card_payment *payment = &of->in->payments[line];
    qenex_hold_capture capture;
    memset(&capture, 0, sizeof capture);
    capture.id = batch_id(TASK_CAPTURE, day, line);
    capture.hold = batch_id(TASK_HOLD, payment->date, line);
    capture.narrative = batch_text(&of->batch, of->in->accounts[payment->merchant].name);
    batch_add(&of->batch, TASK_CAPTURE, line, QENEX_COMMAND_HOLD_CAPTURE, &capture, sizeof capture);
}

static void add_release(bank *of, qenex_date day, size_t line)
{
    qenex_hold_release release;
    memset(&release, 0, sizeof release);
    release.key = batch_id(TASK_RELEASE, day, line);
    release.hold = batch_id(TASK_HOLD, of->in->payments[line].date, line);
    batch_add(&of->batch, TASK_RELEASE, line, QENEX_COMMAND_HOLD_RELEASE, &release, sizeof release);
}

static void add_reversal(bank *of, qenex_date day, size_t line)
{
    qenex_reversal reversal;
    memset(&reversal, 0, sizeof reversal);
    reversal.id = batch_id(TASK_REVERSAL, day, line);
    reversal.original = batch_id(TASK_PAYMENT, of->in->payments[line].date, line);
    reversal.narrative = batch_text(&of->batch, "returned");
    batch_add(&of->batch, TASK_REVERSAL, line, QENEX_COMMAND_REVERSAL, &reversal, sizeof reversal);
}

/* What a card payment of yesterday, if it was accepted, leaves to do today. */
static void add_follow_up(bank *of, qenex_date day, size_t line)
{
    course goes = of->in->payments[line].course;
    if (goes == COURSE_PAID || !of->accepted[line]) {
        return;
    }
    bank_make_room(of);
    switch (goes) {
    case COURSE_AUTHORISED:
        add_capture(of, day, line);
        break;
    case COURSE_CANCELLED:
        add_release(of, day, line);
        break;
    default:
        add_reversal(of, day, line);
    }
}

void paying_day(bank *of, qenex_date day)
{
    day_range yesterdays = paying_range(of->in, day_after(day, -1));
    day_range todays = paying_range(of->in, day);
    int day_of_month = day % 100;
    int ends_month = day_after(day, 1) % 100 == 1;
    size_t line;
    of->today_date = day;
    memset(&of->today, 0, sizeof of->today);
    if (day > of->in->first_day) {
        add_business_date(of, day);
    }
    for (line = yesterdays.first; line < yesterdays.end; ++line) {
        add_follow_up(of, day, line);
    }
    for (line = 0; line < of->in->order_count; ++line) {
        int due = of->in->orders[line].day;
        if (due == day_of_month || (ends_month && due > day_of_month)) {
            add_order(of, day, line);
        }
    }
    for (line = todays.first; line < todays.end; ++line) {
        add_card_payment(of, line);
    }
    bank_send(of);
}

void paying_recall(bank *of, qenex_date day)
{
    day_range range = paying_range(of->in, day);
    uint64_t before = of->measured.repeated;
    tally unwanted;
    uint64_t accepted;
    size_t line;
    memset(&of->today, 0, sizeof of->today);
    of->today_date = day;
    for (line = range.first; line < range.end; ++line) {
        if (of->in->payments[line].course != COURSE_PAID) {
            add_card_payment(of, line);
        }
    }
    bank_send(of);
    unwanted = of->today;
    accepted = unwanted.done[TASK_PAYMENT] + unwanted.done[TASK_HOLD];
    if (of->measured.repeated - before < accepted) {
        fail("a card payment of the day before the business date had not run");
    }
}

uint64_t paying_run(bank *of)
{
    qenex_date day = bank_business_date(of);
    uint64_t before;
    double start = seconds_now();
    of->partial = day > of->in->first_day && of->counted == 0;
    if (day > of->in->first_day) {
        paying_recall(of, day_after(day, -1));
    }
    before = of->measured.repeated;
    for (; day <= of->in->last_day; day = day_after(day, 1)) {
        paying_day(of, day);
        of->measured.seconds = seconds_now() - start;
        /* The day before a kill may have been complete, and is not counted twice. */
        if (day > of->counted) {
            tally_add(&of->total, &of->today);
            of->counted = day;
            progress_day(of, day);
        }
    }
    return of->measured.repeated - before;
}
