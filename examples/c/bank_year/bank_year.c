/* A bank lives through a year: bank_year --input DIR --database FILE --results DIR
 *
 * Opens a database file with libqenex, pays what the input says day by day, ends every day, closes every month, is
 * killed in the middle of a batch and of an end of day by its own doing, reopens, goes on, and shows and writes what
 * the bank came to. examples/c/README.md describes the input and the results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank.h"
#include "fail.h"
#include "lives.h"
#include "proof.h"
#include "report.h"
#include "results.h"

static const char USAGE[] = "bank_year --input DIR --database FILE --results DIR [--batch N] [--no-kill]\n"
                            "\n"
                            "  --input DIR       the files that examples/c/README.md describes\n"
                            "  --database FILE   the database: made where it is missing, gone on with where it exists\n"
                            "  --results DIR     where the accounts, counts and journals are written: it must exist\n"
                            "  --batch N         most commands in a batch, 1 to 8190 (8190)\n"
                            "  --no-kill         live through to the end\n";

typedef struct options {
    const char *input;
    const char *database;
    const char *results;
    size_t batch;
    int kill;
} options;

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
        } else if (strcmp(name, "--results") == 0) {
            out->results = value;
        } else if (strcmp(name, "--batch") == 0) {
            out->batch = strtoul(value, NULL, 10);
        } else {
            fail("%s is unknown\n%s", name, USAGE);
        }
    }
    if (out->input == NULL || out->database == NULL || out->results == NULL || out->batch < 1 || out->batch > 8190) {
        fail("--input, --database and --results must be given, and --batch lies between 1 and 8190\n%s", USAGE);
    }
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
    char first[FIGURE_SIZE];
    char last[FIGURE_SIZE];
    read_options(&how, count, arguments);
    if (qenex_abi_version() != QENEX_ABI_VERSION) {
        fail("compiled for version %d of the interface, running with %u", QENEX_ABI_VERSION, qenex_abi_version());
    }
    input_read(&in, how.input);
    printf("%s, %s to %s, %s, libqenex %s\n", in.name, date_text(first, in.first_day), date_text(last, in.last_day),
           in.currencies.at[0].code, qenex_version());
    lives_run(&of, &in, how.database, how.batch, how.kill);
    report_run(&of);
    printf("\nProof\n");
    results_write(&of, how.results);
    proof_run(&of);
    bank_close(&of);
    print_size(how.database);
    input_free(&in);
    return EXIT_SUCCESS;
}
