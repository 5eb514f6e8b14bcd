#include "paying.h"

#include <string.h>

#include "calendar.h"
#include "cards.h"
#include "day_end.h"
#include "rows.h"

/* A transfer between two accounts in one currency. */
static qenex_transfer between(const bank *of, uint32_t debit, uint32_t credit, int64_t amount)
{
    qenex_transfer transfer;
    memset(&transfer, 0, sizeof transfer);
    transfer.debit_id = bank_account_id(debit);
    transfer.credit_id = bank_account_id(credit);
    transfer.amount = amount_of(amount);
    transfer.asset = input_currency(of->in, debit)->asset;
    return transfer;
}

static void pay_orders(bank *of, qenex_date day)
{
    int day_of_month = day % 100;
    int ends_month = month_ends(day);
    size_t line;
    for (line = 0; line < of->in->orders.count; ++line) {
        const standing_order *order = &of->in->orders.at[line];
        qenex_transfer transfer;
        if (order->day != day_of_month && !(ends_month && order->day > day_of_month)) {
            continue;
        }
        bank_make_room(of);
        transfer = between(of, order->debit, order->credit, order->amount);
        transfer.id = batch_id(TASK_ORDER, day, line);
        transfer.reference = batch_text(&of->batch, order->number);
        transfer.narrative = batch_text(&of->batch, order->purpose);
        batch_add(&of->batch, TASK_ORDER, line, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
    }
}

/* What turns up late is booked today, and valued when it should have happened. */
static void correct(bank *of, qenex_date day)
{
    const input *in = of->in;
    day_range range = input_range(in->corrections.at, in->corrections.count, sizeof *in->corrections.at, day);
    size_t line;
    for (line = range.first; line < range.end; ++line) {
        const correction *from = &in->corrections.at[line];
        qenex_transfer transfer;
        bank_make_room(of);
        transfer = between(of, from->debit, from->credit, from->amount);
        transfer.id = batch_id(TASK_CORRECTION, day, line);
        transfer.value_date = from->value_date;
        transfer.narrative = batch_text(&of->batch, from->narrative);
        batch_add(&of->batch, TASK_CORRECTION, line, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
    }
}

/* One command: the legs go through the position accounts, with the rate, its source and the equivalent. */
static void pay_abroad(bank *of, qenex_date day)
{
    const input *in = of->in;
    day_range range = input_range(in->exchanges.at, in->exchanges.count, sizeof *in->exchanges.at, day);
    size_t line;
    for (line = range.first; line < range.end; ++line) {
        const exchange *from = &in->exchanges.at[line];
        qenex_exchange sale;
        bank_make_room(of);
        memset(&sale, 0, sizeof sale);
        sale.id = batch_id(TASK_EXCHANGE, day, line);
        sale.debit = bank_account_id(from->debit);
        sale.credit = bank_account_id(from->credit);
        sale.sold = input_currency(in, from->debit)->asset;
        sale.bought = input_currency(in, from->credit)->asset;
        sale.sold_amount = amount_of(from->amount);
        sale.rate = amount_of(from->rate);
        sale.rate_scale = from->rate_scale;
        sale.rate_source = batch_text(&of->batch, from->source);
        sale.rounding = QENEX_ROUNDING_HALF_EVEN;
        sale.narrative = batch_text(&of->batch, from->purpose);
        batch_add(&of->batch, TASK_EXCHANGE, line, QENEX_COMMAND_EXCHANGE, &sale, sizeof sale);
    }
}

void paying_day(bank *of, qenex_date day)
{
    of->today_date = day;
    memset(&of->today, 0, sizeof of->today);
    day_end_run(of, day);
    cards_follow_up(of, day);
    pay_orders(of, day);
    correct(of, day);
    pay_abroad(of, day);
    cards_refund(of, day);
    cards_pay(of, day);
    bank_send(of);
}

void paying_run(bank *of)
{
    qenex_date day = bank_business_date(of);
    uint64_t before = of->so_far.batches.repeated;
    uint64_t repeated = 0;
    double spent = of->so_far.batches.seconds;
    double start = seconds_now();
    of->partial = day > of->in->first_day && of->so_far.counted == 0;
    of->today_date = day;
    if (day > of->in->first_day) {
        cards_recall(of, day_after(day, -1));
        repeated = of->so_far.batches.repeated - before;
    }
    for (; day <= of->in->last_day; day = day_after(day, 1)) {
        paying_day(of, day);
        of->so_far.batches.seconds = spent + seconds_now() - start;
        /* The day before a kill may have been complete, and is not counted twice. */
        if (day > of->so_far.counted) {
            tally_add(&of->so_far.total, &of->today);
            of->so_far.counted = day;
            rows_day(of, day);
        }
    }
    of->today_date = day;
    day_end_run(of, day);
    of->so_far.batches.seconds = spent + seconds_now() - start;
    /* Learning again what became of yesterday's payments is no repetition of the work. */
    of->so_far.sent_again += of->so_far.batches.repeated - before - repeated;
}
