#include "proof.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "general_ledger.h"
#include "paying.h"
#include "statements.h"

static uint64_t sequence(bank *of)
{
    uint64_t newest = 0;
    qenex_error *error = NULL;
    check(qenex_sequence_get(of->session, &newest, &error), &error, "asking for the sequence number");
    return newest;
}

/* Sends the last day once more: nothing that ran may run again. */
static void check_repetition(bank *of)
{
    char count[FIGURE_SIZE];
    uint64_t before = sequence(of);
    uint64_t sent = of->so_far.batches.commands;
    paying_day(of, of->in->last_day);
    sent = of->so_far.batches.commands - sent;
    if (of->today.fresh > 0 || sequence(of) != before) {
        fail("the last day was sent again and did something");
    }
    printf("%10s  commands of the last day, sent again, changed nothing\n", count_text(count, sent));
}

static void check_integrity(bank *of)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    char count[FIGURE_SIZE];
    size_t problems;
    check(qenex_integrity_check(of->engine, &buffer, &error), &error, "checking the integrity");
    problems = qenex_buffer_count(buffer);
    if (problems > 0) {
        qenex_text first;
        memcpy(&first, qenex_buffer_records(buffer), sizeof first);
        fail("the integrity check found %zu problems: %.*s", problems, (int)first.length,
             (const char *)qenex_buffer_arena(buffer, NULL) + first.offset);
    }
    qenex_buffer_free(buffer);
    printf("%10s  changes passed the integrity check of the file\n", count_text(count, sequence(of)));
}

void proof_run(bank *of)
{
    check_repetition(of);
    statements_check(of);
    general_ledger_reconcile(of);
    check_integrity(of);
}
