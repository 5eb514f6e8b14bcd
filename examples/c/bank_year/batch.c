#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"

const char *const TASK_NAMES[TASK_COUNT] = {
    "",     "",         "",         "",         "",         "orders",    "card",
    "held", "captured", "released", "reversed", "refunded", "exchanged", "corrected",
};

void batch_reserve(batch *to, size_t limit)
{
    memset(to, 0, sizeof *to);
    to->limit = limit;
    to->items = reserve(NULL, limit, sizeof *to->items);
    to->commands = reserve(NULL, limit, sizeof *to->commands);
    to->results = reserve(NULL, limit, sizeof *to->results);
    to->arena_capacity = 4096;
    to->arena = reserve(NULL, to->arena_capacity, 1);
}

void batch_free(batch *of)
{
    free(of->items);
    free(of->commands);
    free(of->results);
    free(of->arena);
    memset(of, 0, sizeof *of);
}

void batch_clear(batch *of)
{
    of->count = 0;
    of->arena_length = 0;
}

qenex_id batch_id(task of, qenex_date day, size_t line)
{
    qenex_id id;
    uint64_t low = (uint64_t)line + 1;
    uint32_t high = (uint32_t)day;
    int byte;
    memset(&id, 0, sizeof id);
    for (byte = 3; byte >= 0; --byte) {
        id.bytes[byte] = (uint8_t)high;
        high >>= 8;
    }
    id.bytes[4] = (uint8_t)of;
    for (byte = 15; byte >= 8; --byte) {
        id.bytes[byte] = (uint8_t)low;
        low >>= 8;
    }
    return id;
}

/* Copies bytes to the end of the arena and gives where they begin. */
static uint32_t append(batch *to, const void *bytes, size_t length)
{
    size_t offset = to->arena_length;
    while (to->arena_capacity < offset + length) {
        to->arena_capacity *= 2;
        to->arena = reserve(to->arena, to->arena_capacity, 1);
    }
    memcpy(to->arena + offset, bytes, length);
    to->arena_length += length;
    return (uint32_t)offset;
}

qenex_text batch_text(batch *to, const char *text)
{
    qenex_text place = {0, 0};
    place.length = (uint32_t)strlen(text);
    if (place.length > 0) {
        place.offset = append(to, text, place.length);
    }
    return place;
}

void batch_add(batch *to, task about, size_t line, uint32_t kind, const void *record, size_t size)
{
    qenex_command *command = &to->commands[to->count];
    memset(command, 0, sizeof *command);
    command->kind = kind;
    command->offset = append(to, record, size);
    command->size = (uint32_t)size;
    to->items[to->count].task = about;
    to->items[to->count].line = line;
    to->count += 1;
}

qenex_amount amount_of(int64_t minor_units)
{
    qenex_amount amount;
    amount.lo = (uint64_t)minor_units;
    amount.hi = minor_units < 0 ? -1 : 0;
    return amount;
}

int64_t minor_units_of(const qenex_amount *amount)
{
    int64_t low = amount->lo <= INT64_MAX ? (int64_t)amount->lo : -(int64_t)(UINT64_MAX - amount->lo) - 1;
    if (amount->hi != (low < 0 ? -1 : 0)) {
        fail("an amount does not fit 64 bits");
    }
    return low;
}

void tally_count(tally *to, task of, qenex_status status)
{
    switch (status) {
    case QENEX_OK:
        to->done[of] += 1;
        break;
    case QENEX_INSUFFICIENT_FUNDS:
    case QENEX_REVERSAL_FUNDS_GONE:
        to->unpayable[of] += 1;
        break;
    default:
        to->invalid[of] += 1;
    }
}

void tally_add(tally *to, const tally *more)
{
    int of;
    for (of = 0; of < TASK_COUNT; ++of) {
        to->done[of] += more->done[of];
        to->unpayable[of] += more->unpayable[of];
        to->invalid[of] += more->invalid[of];
    }
    to->twice += more->twice;
    to->fresh += more->fresh;
}
