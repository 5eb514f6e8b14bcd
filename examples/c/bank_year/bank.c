#define _POSIX_C_SOURCE 200809L

#include "bank.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"

/* What the ids of setting up have in the place of a day. */
enum { SETUP_ENTITY = 1, SETUP_ACCOUNT, SETUP_OPENING };

double bank_open(bank *of, const input *in, const char *path, size_t batch_limit)
{
    static const char principal[] = "bank_year";
    qenex_error *error = NULL;
    qenex_options options;
    double start = seconds_now();
    memset(of, 0, sizeof *of);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.path = path;
    options.path_len = strlen(path);
    check(qenex_open(&options, &of->engine, &error), &error, "opening the database");
    check(qenex_session_open(of->engine, principal, strlen(principal), NULL, 0, &of->session, &error), &error,
          "opening a session");
    start = seconds_now() - start;
    of->in = in;
    of->accepted = reserve(NULL, in->payment_count, 1);
    memset(of->accepted, 0, in->payment_count);
    batch_reserve(&of->batch, batch_limit);
    return start;
}

qenex_id bank_account_id(size_t account)
{
    return batch_id(TASK_OPENING, SETUP_ACCOUNT, account);
}

static void create_currency(bank *of)
{
    qenex_asset asset;
    qenex_result result;
    qenex_error *error = NULL;
    memset(&asset, 0, sizeof asset);
    asset.code.length = (uint32_t)strlen(of->in->currency);
    check(qenex_assets_create(of->session, &asset, 1, sizeof asset, (const uint8_t *)of->in->currency,
                              strlen(of->in->currency), NULL, &result, &error),
          &error, "creating the currency");
    if (result.status != QENEX_OK) {
        fail("creating the currency: %s", qenex_status_explanation(result.status));
    }
}

static void add_entity(bank *of)
{
    qenex_entity entity;
    memset(&entity, 0, sizeof entity);
    entity.id = batch_id(TASK_OPENING, SETUP_ENTITY, 0);
    entity.name = batch_text(&of->batch, of->in->name);
    entity.time_zone = batch_text(&of->batch, of->in->time_zone);
    entity.functional_currency = of->in->asset;
    entity.business_date = of->in->first_day;
    batch_add(&of->batch, TASK_OPENING, 0, QENEX_COMMAND_ENTITY, &entity, sizeof entity);
}

static void add_account(bank *of, size_t index)
{
    const account *from = &of->in->accounts[index];
    qenex_account opened;
    memset(&opened, 0, sizeof opened);
    opened.id = bank_account_id(index);
    opened.number = batch_text(&of->batch, from->number);
    opened.name = batch_text(&of->batch, from->name);
    opened.asset = of->in->asset;
    opened.kind = from->kind;
    opened.flags = from->may_overdraw ? 0 : QENEX_ACCOUNT_NO_OVERDRAFT;
    batch_add(&of->batch, TASK_OPENING, index, QENEX_COMMAND_ACCOUNT, &opened, sizeof opened);
}

static void add_opening(bank *of, size_t index)
{
    const opening *from = &of->in->openings[index];
    qenex_transfer transfer;
    memset(&transfer, 0, sizeof transfer);
    transfer.id = batch_id(TASK_OPENING, SETUP_OPENING, index);
    transfer.debit_id = bank_account_id(from->debit);
    transfer.credit_id = bank_account_id(from->credit);
    transfer.amount = amount_of(from->amount);
    transfer.asset = of->in->asset;
    transfer.narrative = batch_text(&of->batch, "opening balance");
    batch_add(&of->batch, TASK_OPENING, index, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
}

uint64_t bank_set_up(bank *of)
{
    uint64_t repeated;
    size_t index;
    create_currency(of);
    add_entity(of);
    for (index = 0; index < of->in->account_count; ++index) {
        bank_make_room(of);
        add_account(of, index);
    }
    for (index = 0; index < of->in->opening_count; ++index) {
        bank_make_room(of);
        add_opening(of, index);
    }
    bank_send(of);
    repeated = of->measured.repeated;
    /* Paying is measured apart. */
    measures_free(&of->measured);
    memset(&of->today, 0, sizeof of->today);
    return repeated > 0 ? repeated - 1 : 0;
}

qenex_date bank_business_date(bank *of)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    qenex_entity_record entity;
    check(qenex_entities_list(of->session, &buffer, &error), &error, "listing the entities");
    if (qenex_buffer_count(buffer) != 1) {
        fail("the database has %zu legal entities, not 1", qenex_buffer_count(buffer));
    }
    memcpy(&entity, qenex_buffer_records(buffer), sizeof entity);
    qenex_buffer_free(buffer);
    return entity.business_date;
}

/* Counts a result; what is not a payment must not be refused at all. */
static void take_result(bank *of, const batch_item *item, const qenex_result *result)
{
    int may_be_refused = item->task != TASK_OPENING && item->task != TASK_DATE;
    if (result->status != QENEX_OK && !may_be_refused) {
        fail("setting up, item %zu: %s: %s", item->line + 1, qenex_status_name(result->status),
             qenex_status_explanation(result->status));
    }
    if (item->task == TASK_PAYMENT || item->task == TASK_HOLD) {
        of->accepted[item->line] = result->status == QENEX_OK;
    }
    tally_count(&of->today, item->task, result->status);
}

/* Submits the batch, and is dead before anybody can say what became of it. */
static void send_and_die(bank *of)
{
    char count[FIGURE_SIZE];
    char date[FIGURE_SIZE];
    qenex_error *error = NULL;
    double half = measures_quantile(&of->measured, 0.5) / 2 * 1e6;
    struct timespec pause;
    pause.tv_sec = (time_t)(half / 1e9);
    pause.tv_nsec = (long)(half - (double)pause.tv_sec * 1e9);
    printf("\n%s: the program submits a batch of %s commands and kills itself half-way (SIGKILL).\n",
           date_text(date, of->today_date), count_text(count, of->batch.count));
    fflush(stdout);
    of->before_death(of);
    check(qenex_submit(of->session, QENEX_COMMAND_MIXED, of->batch.commands, of->batch.count,
                       sizeof *of->batch.commands, of->batch.arena, of->batch.arena_length, NULL, 1, &error),
          &error, "submitting a batch");
    nanosleep(&pause, NULL);
    raise(SIGKILL);
}

void bank_send(bank *of)
{
    batch *sent = &of->batch;
    qenex_error *error = NULL;
    size_t repeated = 0;
    size_t index;
    double start;
    if (sent->count == 0) {
        return;
    }
    if (of->death != 0 && of->today_date >= of->death && sent->count > 1) {
        send_and_die(of);
    }
    start = seconds_now();
    check(qenex_execute(of->session, sent->commands, sent->count, sizeof *sent->commands, sent->arena,
                        sent->arena_length, NULL, sent->results, &error),
          &error, "executing a batch");
    start = seconds_now() - start;
    for (index = 0; index < sent->count; ++index) {
        take_result(of, &sent->items[index], &sent->results[index]);
        repeated += (sent->results[index].flags & QENEX_RESULT_REPEATED) != 0;
    }
    measures_add(&of->measured, start, sent->count, repeated);
    batch_clear(sent);
}

void bank_make_room(bank *of)
{
    if (of->batch.count == of->batch.limit) {
        bank_send(of);
    }
}

void bank_close(bank *of)
{
    qenex_error *error = NULL;
    qenex_session_free(of->session);
    check(qenex_close(of->engine, &error), &error, "closing the database");
    batch_free(&of->batch);
    measures_free(&of->measured);
    free(of->accepted);
    memset(of, 0, sizeof *of);
}
