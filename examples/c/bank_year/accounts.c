#include "accounts.h"

#include <string.h>

#include "fail.h"

static const char *const KINDS[] = {"asset", "liability", "equity", "income", "expense", "memorandum"};

uint32_t accounts_kind(const csv *rows, size_t field)
{
    uint32_t kind;
    for (kind = 0; kind < sizeof KINDS / sizeof *KINDS; ++kind) {
        if (strcmp(KINDS[kind], rows->fields[field]) == 0) {
            return kind + 1;
        }
    }
    csv_fail(rows, "no such kind of account", rows->fields[field]);
    return 0;
}

/* FNV-1a. */
static size_t hash(const char *text)
{
    uint64_t value = 14695981039346656037u;
    for (; *text != '\0'; ++text) {
        value = (value ^ (unsigned char)*text) * 1099511628211u;
    }
    return (size_t)(value ^ (value >> 32));
}

/* Where the account with that number is kept, or the free place where it would be. */
static uint32_t *place(const input *in, const char *number)
{
    size_t at = hash(number) & (in->place_count - 1);
    while (in->places[at] != 0 && strcmp(in->accounts.at[in->places[at] - 1].number, number) != 0) {
        at = (at + 1) & (in->place_count - 1);
    }
    return &in->places[at];
}

void accounts_index(input *in)
{
    size_t index;
    in->place_count = 128;
    while (in->place_count < in->accounts.count * 2) {
        in->place_count *= 2;
    }
    in->places = reserve(in->places, in->place_count, sizeof *in->places);
    memset(in->places, 0, in->place_count * sizeof *in->places);
    for (index = 0; index < in->accounts.count; ++index) {
        uint32_t *found = place(in, in->accounts.at[index].number);
        if (*found != 0) {
            fail("accounts.csv: the number '%s' is there twice", in->accounts.at[index].number);
        }
        *found = (uint32_t)index + 1;
    }
}

uint32_t accounts_named(const input *in, const csv *rows, size_t field)
{
    uint32_t found = *place(in, rows->fields[field]);
    if (found == 0) {
        csv_fail(rows, "no such account in accounts.csv", rows->fields[field]);
    }
    return found - 1;
}
