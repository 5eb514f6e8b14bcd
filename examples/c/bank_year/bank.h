/* The bank in a database file: opened, and sent batches. */
#ifndef BANK_YEAR_BANK_H
#define BANK_YEAR_BANK_H

#include "batch.h"
#include "figures.h"
#include "input.h"

/* What a process that dies hands on to the one that goes on: how much was done, and how fast. */
typedef struct progress {
    tally total;         /* what became of the commands of complete days */
    tally shown;         /* of the months that were printed */
    qenex_date counted;  /* the last day that is in total */
    uint64_t sent_again; /* commands that had run before a kill */
    measures batches;
    measures day_ends;
} progress;

/* In the middle of what the program kills itself. */
typedef enum death { DEATH_NONE, DEATH_IN_BATCH, DEATH_IN_DAY_END } death;

typedef struct bank {
    const input *in;
    qenex_engine *engine;
    qenex_session *session;
    batch batch; /* under construction */
    tally today; /* what became of the current day's commands */
    progress so_far;
    uint8_t *accepted; /* for each card payment: 1 if it was paid or held */
    qenex_date today_date;
    int partial; /* the database had days that so_far does not count */
    death dies;  /* on this day or a later one */
    qenex_date death_day;
    void (*before_death)(const struct bank *bank);
} bank;

/* Opens the database file, or makes it. Gives how long that took, in seconds. */
double bank_open(bank *of, const input *in, const char *path, size_t batch_limit);

/* The business date of the legal entity. */
qenex_date bank_business_date(bank *of);

/* The id of an account by its place in the input, and back: the place is the count of accounts when it is none. */
qenex_id bank_account_id(size_t account);
size_t bank_account_of(const bank *of, const qenex_id *id);

/* Sends the batch and empties it; the results are counted in today's tally. An empty batch is not sent. */
void bank_send(bank *of);

/* Makes room for one more command: sends the batch if it is full. */
void bank_make_room(bank *of);

/* Submits commands of a kind, and is dead after so many seconds, before anybody can say what became of them. */
void bank_submit_and_die(bank *of, uint32_t kind, const void *records, size_t count, size_t size, double seconds);

void bank_close(bank *of);

#endif
