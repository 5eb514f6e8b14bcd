/* A bank lives through a year: bank_year --input DIR --database FILE
 *
 * Opens a database file with libqenex, pays the standing orders and card payments of the input day by day, is killed
 * in the middle by its own doing, reopens, goes on, and proves that every account equals a plain sum of the input.
 * examples/c/README.md describes the input. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bank.h"
#include "fail.h"
#include "paying.h"
#include "progress.h"
#include "proof.h"
#include "report.h"

static const char USAGE[] = "bank_year --input DIR --database FILE [--batch N] [--no-kill]\n"
                            "\n"
                            "  --input DIR       the files that examples/c/README.md describes\n"
                            "  --database FILE   the database: made where it is missing, gone on with where it exists\n"
                            "  --batch N         most commands in a batch, 1 to 8190 (8190)\n"
                            "  --no-kill         live through to the end\n";

typedef struct options {
    const char *input;
    const char *database;
    size_t batch;
    int kill;
    int dying; /* this process is the one that dies; its figures go to report_to */
    int report_to;
} options;

/* What the process that dies leaves behind, beside the latencies of its batches. */
typedef struct last_words {
    tally total;
    tally shown;
    qenex_date counted;
    measures measured;
} last_words;

/* Where the dying process writes its last words: before_death has no room for it. */
static int last_words_to = -1;

static void read_options(options *out, int count, char **arguments)
{
    int at;
    memset(out, 0, sizeof *out);
    out->batch = 8190;
    out->kill = 1;
    for (at = 1; at < count; ++at) {
        const char *name = arguments[at];
        const char *value = at + 1 < count ? arguments[at + 1] : NULL;
        if (strcmp(name, "--help") == 0) {
            fputs(USAGE, stdout);
            exit(EXIT_SUCCESS);
        }
        if (strcmp(name, "--no-kill") == 0) {
            out->kill = 0;
            continue;
        }
        if (value == NULL) {
            fail("%s is unknown or needs a value\n%s", name, USAGE);
        }
        at += 1;
        if (strcmp(name, "--input") == 0) {
            out->input = value;
        } else if (strcmp(name, "--database") == 0) {
            out->database = value;
        } else if (strcmp(name, "--batch") == 0) {
            out->batch = strtoul(value, NULL, 10);
        } else if (strcmp(name, "--dying") == 0) {
            out->dying = 1;
            out->report_to = atoi(value);
        } else {
            fail("%s is unknown\n%s", name, USAGE);
        }
    }
    if (out->input == NULL || out->database == NULL || out->batch < 1 || out->batch > 8190) {
        fail("--input and --database must be given, and --batch lies between 1 and 8190\n%s", USAGE);
    }
}

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

static void say_last_words(bank *of)
{
    last_words words;
    memset(&words, 0, sizeof words);
    words.total = of->total;
    words.shown = of->shown;
    words.counted = of->counted;
    words.measured = of->measured;
    progress_clear();
    write_all(last_words_to, &words, sizeof words);
    write_all(last_words_to, of->measured.latencies, of->measured.batches * sizeof *of->measured.latencies);
}

/* The day on which the program kills itself: a little after the middle. */
static qenex_date death_day(const input *in)
{
    qenex_date day = in->first_day;
    int days = 0;
    while (day <= in->last_day) {
        day = day_after(day, 1);
        days += 1;
    }
    return day_after(in->first_day, days * 11 / 20);
}

/* Sets the bank up, and says so. */
static void set_up(bank *of, double opening)
{
    char accounts[FIGURE_SIZE];
    char openings[FIGURE_SIZE];
    char known[FIGURE_SIZE];
    uint64_t there = bank_set_up(of);
    printf("File opened in %.1f ms: %s accounts and %s opening balances, %s of them there already.\n\n", opening * 1e3,
           count_text(accounts, of->in->account_count), count_text(openings, of->in->opening_count),
           count_text(known, there));
    progress_head();
    fflush(stdout);
}

/* The process that dies. */
static void live_and_die(const input *in, const options *how)
{
    bank of;
    set_up(&of, bank_open(&of, in, how->database, how->batch));
    last_words_to = how->report_to;
    of.death = death_day(in);
    of.before_death = say_last_words;
    paying_run(&of);
    fail("the program lived: there was no batch to die in");
}

/* Starts this program again as one that dies, and takes down its last words. */
static void watch_a_death(last_words *words, char **arguments, int count)
{
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
        char number[16];
        char **again = reserve(NULL, (size_t)count + 3, sizeof *again);
        snprintf(number, sizeof number, "%d", ends[1]);
        memcpy(again, arguments, (size_t)count * sizeof *again);
        again[count] = (char *)"--dying";
        again[count + 1] = number;
        again[count + 2] = NULL;
        close(ends[0]);
        execvp(again[0], again);
        fail("%s: %s", again[0], strerror(errno));
    }
    close(ends[1]);
    read_all(ends[0], words, sizeof *words);
    words->measured.latencies = reserve(NULL, words->measured.batches, sizeof *words->measured.latencies);
    read_all(ends[0], words->measured.latencies, words->measured.batches * sizeof *words->measured.latencies);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
        fail("the program that was to kill itself did not");
    }
}

/* Goes on where the dead one stopped: first it finds out where that was. */
static void go_on(bank *of, double opening, const last_words *words)
{
    char date[FIGURE_SIZE];
    char known[FIGURE_SIZE];
    uint64_t there = bank_set_up(of);
    uint64_t repeated;
    date_text(date, bank_business_date(of));
    printf("\nReopened in %.1f ms. Sent again, %s accounts and opening balances were there already; the business\n"
           "date is %s. That day is sent again from its first command.\n\n",
           opening * 1e3, count_text(known, there), date);
    of->total = words->total;
    of->shown = words->shown;
    of->counted = words->counted;
    repeated = paying_run(of);
    progress_row("in all", &of->total);
    printf("\nOf the commands sent again, %s had run before the kill: they did not run a second time.\n",
           count_text(known, repeated));
}

static void report(bank *of, last_words *words, const options *how)
{
    qenex_balance *balances = report_balances(of);
    report_trial_balance(of, balances);
    report_busiest(of, balances);
    report_statement(of, balances);
    report_speed_head();
    if (how->kill) {
        report_speed("before the kill", &words->measured);
        report_speed("after reopening", &of->measured);
    } else {
        report_speed("paying", &of->measured);
    }
    proof_run(of, balances, how->input);
    free(balances);
}

static void print_size(const char *database)
{
    struct stat file;
    if (stat(database, &file) == 0) {
        printf("\nThe database file has %.1f MB.\n", (double)file.st_size / 1e6);
    }
}

int main(int count, char **arguments)
{
    options how;
    input in;
    bank of;
    last_words words;
    char first[FIGURE_SIZE];
    char last[FIGURE_SIZE];
    double opening;
    memset(&words, 0, sizeof words);
    read_options(&how, count, arguments);
    if (qenex_abi_version() != QENEX_ABI_VERSION) {
        fail("compiled for version %d of the interface, running with %u", QENEX_ABI_VERSION, qenex_abi_version());
    }
    input_read(&in, how.input);
    if (how.dying) {
        live_and_die(&in, &how);
    }
    printf("%s, %s to %s, %s, libqenex %s\n", in.name, date_text(first, in.first_day), date_text(last, in.last_day),
           in.currency, qenex_version());
    if (how.kill) {
        watch_a_death(&words, arguments, count);
    }
    opening = bank_open(&of, &in, how.database, how.batch);
    if (how.kill) {
        go_on(&of, opening, &words);
    } else {
        set_up(&of, opening);
        paying_run(&of);
        progress_row("in all", &of.total);
    }
    report(&of, &words, &how);
    bank_close(&of);
    measures_free(&words.measured);
    print_size(how.database);
    input_free(&in);
    return EXIT_SUCCESS;
}
