#define _POSIX_C_SOURCE 200809L

#include "bank.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"
#include "set_up.h"

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
    of->accepted = reserve(NULL, in->payments.count, 1);
    memset(of->accepted, 0, in->payments.count);
    batch_reserve(&of->batch, batch_limit);
    return start;
}

qenex_id bank_account_id(size_t account)
{
    return batch_id(TASK_SETUP, SET_UP_ACCOUNT, account);
}

size_t bank_account_of(const bank *of, const qenex_id *id)
{
    size_t place = 0;
    int byte;
    for (byte = 8; byte < 16; ++byte) {
        place = place << 8 | id->bytes[byte];
    }
    place -= 1;
    if (place < of->in->accounts.count) {
        qenex_id same = bank_account_id(place);
        return memcmp(&same, id, sizeof same) == 0 ? place : of->in->accounts.count;
    }
    return of->in->accounts.count;
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

/* Counts a result; what is not business must not be refused at all. Gives whether it had run before a kill. */
static size_t take_result(bank *of, const batch_item *item, const qenex_result *result)
{
    int again = (result->flags & QENEX_RESULT_REPEATED) != 0;
    if (result->status != QENEX_OK && item->task < TASK_ORDER) {
        fail("task %d, item %zu: %s: %s", (int)item->task, item->line + 1, qenex_status_name(result->status),
             qenex_status_explanation(result->status));
    }
    if (item->task == TASK_PAYMENT || item->task == TASK_HOLD) {
        of->accepted[item->line] = result->status == QENEX_OK;
    }
    tally_count(&of->today, item->task, result->status);
    /* A refusal that is not remembered is no work done. */
    of->today.fresh += (uint64_t)(!again && (result->status == QENEX_OK || (result->flags & QENEX_RESULT_FINAL) != 0));
    if (item->task == TASK_REFUND && of->in->refunds.at[item->line].again) {
        /* The input itself sends it twice. */
        of->today.twice += (uint64_t)again;
        return 0;
    }
    return (size_t)again;
}

void bank_submit_and_die(bank *of, uint32_t kind, const void *records, size_t count, size_t size, double seconds)
{
    qenex_error *error = NULL;
    struct timespec pause;
    pause.tv_sec = (time_t)seconds;
    pause.tv_nsec = (long)((seconds - (double)pause.tv_sec) * 1e9);
    of->before_death(of);
    check(
        qenex_submit(of->session, kind, records, count, size, of->batch.arena, of->batch.arena_length, NULL, 1, &error),
        &error, "submitting commands");
    nanosleep(&pause, NULL);
    raise(SIGKILL);
}

static void send_and_die(bank *of)
{
    char count[FIGURE_SIZE];
    char date[FIGURE_SIZE];
    printf("\n%s: the program submits a batch of %s commands and kills itself half-way (SIGKILL).\n",
           date_text(date, of->today_date), count_text(count, of->batch.count));
    fflush(stdout);
    bank_submit_and_die(of, QENEX_COMMAND_MIXED, of->batch.commands, of->batch.count, sizeof *of->batch.commands,
                        measures_quantile(&of->so_far.batches, 0.5) / 2e3);
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
    if (of->dies == DEATH_IN_BATCH && of->today_date >= of->death_day && sent->count > 1) {
        send_and_die(of);
    }
    start = seconds_now();
    check(qenex_execute(of->session, sent->commands, sent->count, sizeof *sent->commands, sent->arena,
                        sent->arena_length, NULL, sent->results, &error),
          &error, "executing a batch");
    start = seconds_now() - start;
    for (index = 0; index < sent->count; ++index) {
        repeated += take_result(of, &sent->items[index], &sent->results[index]);
    }
    measures_add(&of->so_far.batches, start, sent->count, repeated);
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
    measures_free(&of->so_far.batches);
    measures_free(&of->so_far.day_ends);
    free(of->accepted);
    memset(of, 0, sizeof *of);
}
