#include "positions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"

static qenex_buffer *list(bank *of)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    check(qenex_positions_list(of->session, 0, &buffer, &error), &error, "listing the positions");
    return buffer;
}

static const currency *currency_of(const bank *of, uint32_t asset)
{
    size_t index = 0;
    while (of->in->currencies.at[index].asset != asset) {
        index += 1;
        if (index == of->in->currencies.count) {
            fail("the database has a position in asset %u, which the input does not have", asset);
        }
    }
    return &of->in->currencies.at[index];
}

static void print_position(const bank *of, const qenex_position_record *line, const char *texts)
{
    const currency *in = currency_of(of, line->asset);
    const currency *own = &of->in->currencies.at[0];
    char amount[FIGURE_SIZE];
    char carried[FIGURE_SIZE];
    char rate[FIGURE_SIZE] = "-";
    char date[FIGURE_SIZE] = "-";
    if (line->revalued != 0) {
        money_text(rate, &line->rate, line->rate_scale);
        date_text(date, line->revalued);
    }
    printf("%-10s%22s%22s%14s%12s%12.*s\n", in->code, money_text(amount, &line->amount, in->scale),
           money_text(carried, &line->carried, own->scale), rate, date,
           (int)(line->revalued != 0 ? line->rate_source.length : 1),
           line->revalued != 0 ? texts + line->rate_source.offset : "-");
}

void positions_report(bank *of)
{
    qenex_buffer *buffer = list(of);
    const qenex_position_record *lines = qenex_buffer_records(buffer);
    size_t count = qenex_buffer_count(buffer);
    qenex_amount sum = {0, 0};
    size_t index;
    if (count > 0) {
        printf("\nForeign exchange positions\n%-10s%22s%18s %s%14s%12s%12s\n", "currency", "long (short: -)",
               "book value,", of->in->currencies.at[0].code, "last rate", "revalued", "source");
    }
    for (index = 0; index < count; ++index) {
        print_position(of, &lines[index], (const char *)qenex_buffer_arena(buffer, NULL));
        add_amount(&sum, &lines[index].carried);
    }
    qenex_buffer_free(buffer);
    if (sum.lo != 0 || sum.hi != 0) {
        fail("the book values of the positions do not sum to zero");
    }
}

void positions_write(bank *of, const char *folder)
{
    qenex_buffer *buffer = list(of);
    const qenex_position_record *lines = qenex_buffer_records(buffer);
    char path[1024];
    FILE *file;
    size_t index;
    snprintf(path, sizeof path, "%s/positions.csv", folder);
    file = fopen(path, "w");
    if (file == NULL) {
        fail("%s: %s", path, strerror(errno));
    }
    fputs("currency,amount,book_value\n", file);
    for (index = 0; index < qenex_buffer_count(buffer); ++index) {
        const currency *in = currency_of(of, lines[index].asset);
        char amount[FIGURE_SIZE];
        char carried[FIGURE_SIZE];
        fprintf(file, "%s,%s,%s\n", in->code, plain_text(amount, &lines[index].amount, in->scale),
                plain_text(carried, &lines[index].carried, of->in->currencies.at[0].scale));
    }
    qenex_buffer_free(buffer);
    if (fclose(file) != 0) {
        fail("%s: %s", path, strerror(errno));
    }
}
