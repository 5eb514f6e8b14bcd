#include "cards.h"

#include <string.h>

#include "calendar.h"
#include "fail.h"

static day_range payments_of(const bank *of, qenex_date day)
{
    return input_range(of->in->payments.at, of->in->payments.count, sizeof *of->in->payments.at, day);
}

static void add_payment(bank *of, size_t line)
{
    const card_payment *payment = &of->in->payments.at[line];
    qenex_transfer transfer;
    memset(&transfer, 0, sizeof transfer);
    transfer.id = batch_id(TASK_PAYMENT, payment->date, line);
    transfer.debit_id = bank_account_id(payment->account);
    transfer.credit_id = bank_account_id(payment->merchant);
    transfer.amount = amount_of(payment->amount);
    transfer.asset = input_currency(of->in, payment->account)->asset;
    transfer.narrative = batch_text(&of->batch, of->in->accounts.at[payment->merchant].name);
    batch_add(&of->batch, TASK_PAYMENT, line, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
}

static void add_hold(bank *of, size_t line)
{
    const card_payment *payment = &of->in->payments.at[line];
    qenex_hold hold;
    memset(&hold, 0, sizeof hold);
    hold.id = batch_id(TASK_HOLD, payment->date, line);
    hold.debit_id = bank_account_id(payment->account);
    hold.credit_id = bank_account_id(payment->merchant);
    hold.amount = amount_of(payment->amount);
    hold.asset = input_currency(of->in, payment->account)->asset;
    hold.kind = QENEX_HOLD_KIND_AUTHORISATION;
    hold.reason = batch_text(&of->batch, of->in->accounts.at[payment->merchant].name);
    batch_add(&of->batch, TASK_HOLD, line, QENEX_COMMAND_HOLD, &hold, sizeof hold);
}

static void add_card_payment(bank *of, size_t line)
{
    course goes = of->in->payments.at[line].course;
    bank_make_room(of);
    if (goes == COURSE_AUTHORISED || goes == COURSE_CANCELLED) {
        add_hold(of, line);
    } else {
        add_payment(of, line);
    }
}

static void add_capture(bank *of, qenex_date day, size_t line)
{
    const card_payment *payment = &of->in->payments.at[line];
    qenex_hold_capture capture;
    memset(&capture, 0, sizeof capture);
    capture.id = batch_id(TASK_CAPTURE, day, line);
    capture.hold = batch_id(TASK_HOLD, payment->date, line);
    capture.narrative = batch_text(&of->batch, of->in->accounts.at[payment->merchant].name);
    batch_add(&of->batch, TASK_CAPTURE, line, QENEX_COMMAND_HOLD_CAPTURE, &capture, sizeof capture);
}

static void add_release(bank *of, qenex_date day, size_t line)
{
    qenex_hold_release release;
    memset(&release, 0, sizeof release);
    release.key = batch_id(TASK_RELEASE, day, line);
    release.hold = batch_id(TASK_HOLD, of->in->payments.at[line].date, line);
    batch_add(&of->batch, TASK_RELEASE, line, QENEX_COMMAND_HOLD_RELEASE, &release, sizeof release);
}

static void add_reversal(bank *of, qenex_date day, size_t line)
{
    qenex_reversal reversal;
    memset(&reversal, 0, sizeof reversal);
    reversal.id = batch_id(TASK_REVERSAL, day, line);
    reversal.original = batch_id(TASK_PAYMENT, of->in->payments.at[line].date, line);
    reversal.narrative = batch_text(&of->batch, "returned");
    batch_add(&of->batch, TASK_REVERSAL, line, QENEX_COMMAND_REVERSAL, &reversal, sizeof reversal);
}

void cards_follow_up(bank *of, qenex_date day)
{
    day_range yesterdays = payments_of(of, day_after(day, -1));
    size_t line;
    for (line = yesterdays.first; line < yesterdays.end; ++line) {
        course goes = of->in->payments.at[line].course;
        if (goes == COURSE_PAID || !of->accepted[line]) {
            continue;
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
}

void cards_refund(bank *of, qenex_date day)
{
    const input *in = of->in;
    day_range range = input_range(in->refunds.at, in->refunds.count, sizeof *in->refunds.at, day);
    size_t line;
    for (line = range.first; line < range.end; ++line) {
        const refund *from = &in->refunds.at[line];
        qenex_reversal part;
        bank_make_room(of);
        memset(&part, 0, sizeof part);
        /* From the merchant's number and not from the line: sent twice, it is given once. */
        part.id = batch_id(TASK_REFUND, 0, (size_t)from->number);
        part.original = batch_id(TASK_PAYMENT, in->payments.at[from->payment].date, (size_t)from->payment);
        part.amount = amount_of(from->amount);
        part.narrative = batch_text(&of->batch, "refund");
        batch_add(&of->batch, TASK_REFUND, line, QENEX_COMMAND_REVERSAL, &part, sizeof part);
    }
}

void cards_pay(bank *of, qenex_date day)
{
    day_range todays = payments_of(of, day);
    size_t line;
    for (line = todays.first; line < todays.end; ++line) {
        add_card_payment(of, line);
    }
}

void cards_recall(bank *of, qenex_date day)
{
    day_range range = payments_of(of, day);
    uint64_t before = of->so_far.batches.repeated;
    uint64_t accepted;
    size_t line;
    memset(&of->today, 0, sizeof of->today);
    for (line = range.first; line < range.end; ++line) {
        if (of->in->payments.at[line].course != COURSE_PAID) {
            add_card_payment(of, line);
        }
    }
    bank_send(of);
    accepted = of->today.done[TASK_PAYMENT] + of->today.done[TASK_HOLD];
    if (of->so_far.batches.repeated - before < accepted) {
        fail("a card payment of the day before the business date had not run");
    }
}
