#define _POSIX_C_SOURCE 200809L

#include "lives.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calendar.h"
#include "day_end.h"
#include "fail.h"
#include "paying.h"
#include "rows.h"
#include "set_up.h"

/* Where the dying process writes its last words: before_death has no room for it. */
static int last_words_to = -1;

static void write_all(int to, const void *bytes, size_t length)
{
    const char *from = bytes;
    while (length > 0) {
        ssize_t written = write(to, from, length);
        if (written < 0 && errno != EINTR) {
            fail("the pipe: %s", strerror(errno));
        }
        if (written > 0) {
            from += written;
            length -= (size_t)written;
        }
    }
}

static void read_all(int from, void *bytes, size_t length)
{
    char *to = bytes;
    while (length > 0) {
        ssize_t found = read(from, to, length);
        if (found == 0 || (found < 0 && errno != EINTR)) {
            fail("the program that was to kill itself ended before that");
        }
        if (found > 0) {
            to += found;
            length -= (size_t)found;
        }
    }
}

static void write_latencies(const measures *of)
{
    write_all(last_words_to, of->latencies, of->batches * sizeof *of->latencies);
}

static void read_latencies(measures *of, int from)
{
    of->latencies = reserve(NULL, measures_room(of->batches), sizeof *of->latencies);
    read_all(from, of->latencies, of->batches * sizeof *of->latencies);
}

static void say_last_words(const bank *of)
{
    rows_clear();
    write_all(last_words_to, &of->so_far, sizeof of->so_far);
    write_latencies(&of->so_far.batches);
    write_latencies(&of->so_far.day_ends);
}

/* The first life sets the bank up. */
static void begin(bank *of, double opening)
{
    char known[FIGURE_SIZE];
    char accounts[FIGURE_SIZE];
    char openings[FIGURE_SIZE];
    uint64_t there = set_up(of);
    printf("File opened in %.1f ms: %s accounts, %s opening balances; %s commands for that had run before.\n\n",
           opening * 1e3, count_text(accounts, of->in->accounts.count), count_text(openings, of->in->openings.count),
           count_text(known, there));
    rows_head(of);
    fflush(stdout);
}

/* A later one finds out where the dead one stopped. */
static void go_on(bank *of, double opening)
{
    char date[FIGURE_SIZE];
    char known[FIGURE_SIZE];
    uint64_t there = set_up(of);
    qenex_date today = bank_business_date(of);
    uint64_t standing = today > of->in->first_day ? day_end_standing(of, day_after(today, -1)) : 0;
    printf("\nReopened in %.1f ms; %s commands of the set-up, sent again, were there. The business date is %s.\n",
           opening * 1e3, count_text(known, there), date_text(date, today));
    if (standing != 0) {
        printf("The end of the day before goes on with account %s. ", count_text(known, standing));
    }
    printf("The day is sent again from its first command.\n\n");
    fflush(stdout);
}

/* One life, from what the ones before it did. */
static void live(bank *of, const input *in, const char *database, size_t batch_limit, const progress *before)
{
    double opening = bank_open(of, in, database, batch_limit);
    if (before == NULL) {
        begin(of, opening);
    } else {
        go_on(of, opening);
        of->so_far = *before;
    }
}

/* Lives in a process of its own until that kills itself, and takes down its last words. */
static progress watch_a_death(const input *in, const char *database, size_t batch_limit, const progress *before,
                              death dies)
{
    progress words;
    int ends[2];
    int status = 0;
    pid_t child;
    fflush(stdout);
    if (pipe(ends) != 0) {
        fail("pipe: %s", strerror(errno));
    }
    child = fork();
    if (child < 0) {
        fail("fork: %s", strerror(errno));
    }
    if (child == 0) {
        bank of;
        close(ends[0]);
        last_words_to = ends[1];
        live(&of, in, database, batch_limit, before);
        of.dies = dies;
        of.death_day = day_at(in->first_day, in->last_day, dies == DEATH_IN_BATCH ? 55 : 70);
        of.before_death = say_last_words;
        paying_run(&of);
        fail("the program lived: there was nothing to die in");
    }
    close(ends[1]);
    read_all(ends[0], &words, sizeof words);
    read_latencies(&words.batches, ends[0]);
    read_latencies(&words.day_ends, ends[0]);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
        fail("the program that was to kill itself did not");
    }
    return words;
}

void lives_run(bank *of, const input *in, const char *database, size_t batch_limit, int kill)
{
    progress first;
    progress second;
    char known[FIGURE_SIZE];
    memset(&second, 0, sizeof second);
    if (kill) {
        first = watch_a_death(in, database, batch_limit, NULL, DEATH_IN_BATCH);
        second = watch_a_death(in, database, batch_limit, &first, DEATH_IN_DAY_END);
        measures_free(&first.batches);
        measures_free(&first.day_ends);
    }
    live(of, in, database, batch_limit, kill ? &second : NULL);
    paying_run(of);
    rows_print(of, "in all", &of->so_far.total);
    if (kill) {
        printf("\nOf the commands sent again, %s had run before the kills: they did not run a second time.\n",
               count_text(known, of->so_far.sent_again));
    }
    if (of->so_far.total.twice > 0) {
        printf("%s refunds were sent twice by the input, and given once.\n", count_text(known, of->so_far.total.twice));
    }
}
