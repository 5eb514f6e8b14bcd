/* A batch of different commands for qenex_execute: records and their texts gather in one arena, beside each item
 * what it is about. The ids come from the input's lines, so the same line always gives the same command and a batch
 * may be sent again without fear. */
#ifndef BANK_YEAR_BATCH_H
#define BANK_YEAR_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include <qenex.h>

/* What a command is for: a part of its id. From TASK_ORDER on it is business, which libqenex may refuse. */
typedef enum task {
    TASK_SETUP,       /* a code of the general ledger, an account, a position, an opening entry */
    TASK_DATE,        /* the business date rolls */
    TASK_REVALUATION, /* of a position at the end of a month */
    TASK_CLOSE,       /* of a month */
    TASK_STATEMENT,
    TASK_ORDER,
    TASK_PAYMENT,
    TASK_HOLD,
    TASK_CAPTURE,
    TASK_RELEASE,
    TASK_REVERSAL,
    TASK_REFUND,
    TASK_EXCHANGE,
    TASK_CORRECTION,
    TASK_COUNT
} task;

/* The name of a task from TASK_ORDER on. */
extern const char *const TASK_NAMES[TASK_COUNT];

/* How many of each task went well; found too little money; were refused for another reason. */
typedef struct tally {
    uint64_t done[TASK_COUNT];
    uint64_t unpayable[TASK_COUNT];
    uint64_t invalid[TASK_COUNT];
    uint64_t twice; /* refunds that the input sends twice: given once */
    uint64_t fresh; /* commands that had not run before */
} tally;

typedef struct batch_item {
    task task;
    size_t line;
} batch_item;

typedef struct batch {
    size_t limit; /* most items */
    size_t count;
    batch_item *items;
    qenex_command *commands;
    qenex_result *results;
    uint8_t *arena;
    size_t arena_length;
    size_t arena_capacity;
} batch;

void batch_reserve(batch *to, size_t limit);

void batch_free(batch *of);

/* Empties the batch. */
void batch_clear(batch *of);

/* An id that is the same for the same task, day (0: none) and line, and different for all others. */
qenex_id batch_id(task of, qenex_date day, size_t line);

/* Puts a text into the arena for a record that is added next. */
qenex_text batch_text(batch *to, const char *text);

/* Adds a record of a kind, QENEX_COMMAND_... */
void batch_add(batch *to, task about, size_t line, uint32_t kind, const void *record, size_t size);

/* An amount of minor units as libqenex takes it, and back; what leaves 64 bits fails. */
qenex_amount amount_of(int64_t minor_units);
int64_t minor_units_of(const qenex_amount *amount);

/* Counts a result under its task. */
void tally_count(tally *to, task of, qenex_status status);

void tally_add(tally *to, const tally *more);

#endif
