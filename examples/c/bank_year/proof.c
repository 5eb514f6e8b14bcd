#include "proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "paying.h"
#include "plain_sum.h"

static int differs(const plain_account *plain, const qenex_turnovers *kept)
{
    return plain->debits != minor_units_of(&kept->debits_posted) ||
           plain->credits != minor_units_of(&kept->credits_posted) ||
           plain->debits_held != minor_units_of(&kept->debits_pending) ||
           plain->credits_held != minor_units_of(&kept->credits_pending);
}

static void check_accounts(bank *of, const qenex_balance *balances, const plain_sum *sum)
{
    char count[FIGURE_SIZE];
    size_t different = 0;
    size_t index;
    for (index = 0; index < of->in->account_count; ++index) {
        const plain_account *plain = &sum->accounts[index];
        if (differs(plain, &balances[index].turnovers) && different++ < 10) {
            fprintf(stderr, "%s: the files say %lld debited, %lld credited, %lld and %lld held\n",
                    of->in->accounts[index].number, (long long)plain->debits, (long long)plain->credits,
                    (long long)plain->debits_held, (long long)plain->credits_held);
        }
    }
    if (different > 0) {
        fail("%zu accounts differ from a plain sum of the input", different);
    }
    printf("%10s  accounts equal a plain sum of the input: debits, credits and holds\n",
           count_text(count, of->in->account_count));
}

static void check_counts(bank *of, const plain_sum *sum)
{
    char count[FIGURE_SIZE];
    uint64_t all = 0;
    int about;
    for (about = TASK_ORDER; about < TASK_COUNT; ++about) {
        if (of->total.done[about] != sum->total.done[about] ||
            of->total.unpayable[about] != sum->total.unpayable[about] ||
            of->total.invalid[about] != sum->total.invalid[about]) {
            fail("task %d: %llu done, %llu unpayable, %llu invalid; the files say %llu, %llu, %llu", about,
                 (unsigned long long)of->total.done[about], (unsigned long long)of->total.unpayable[about],
                 (unsigned long long)of->total.invalid[about], (unsigned long long)sum->total.done[about],
                 (unsigned long long)sum->total.unpayable[about], (unsigned long long)sum->total.invalid[about]);
        }
        all += sum->total.done[about] + sum->total.unpayable[about] + sum->total.invalid[about];
    }
    printf("%10s  commands were done or refused as the files say\n", count_text(count, all));
}

static uint64_t sequence(bank *of)
{
    uint64_t newest = 0;
    qenex_error *error = NULL;
    check(qenex_sequence_get(of->session, &newest, &error), &error, "asking for the sequence number");
    return newest;
}

/* Sends the last day once more. Only what was refused without being remembered may be evaluated anew. */
static void check_repetition(bank *of)
{
    char count[FIGURE_SIZE];
    uint64_t before = sequence(of);
    uint64_t sent = of->measured.commands;
    uint64_t repeated = of->measured.repeated;
    uint64_t invalid = 0;
    int about;
    paying_day(of, of->in->last_day);
    for (about = 0; about < TASK_COUNT; ++about) {
        invalid += of->today.invalid[about];
    }
    sent = of->measured.commands - sent;
    repeated = of->measured.repeated - repeated;
    if (repeated + invalid < sent || sequence(of) != before) {
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

void proof_run(bank *of, const qenex_balance *balances, const char *folder)
{
    plain_sum sum;
    printf("\nProof\n");
    plain_sum_make(&sum, of->in, folder);
    check_accounts(of, balances, &sum);
    if (!of->partial) {
        check_counts(of, &sum);
    }
    plain_sum_free(&sum);
    check_repetition(of);
    check_integrity(of);
}
