/* The bank in a database file: opened, set up from the input, and sent batches. Setting up may be repeated: what is
 * there already is left as it is. */
#ifndef BANK_YEAR_BANK_H
#define BANK_YEAR_BANK_H

#include "batch.h"
#include "figures.h"
#include "input.h"

typedef struct bank {
    const input *in;
    qenex_engine *engine;
    qenex_session *session;
    batch batch; /* under construction */
    tally today; /* what became of the current day's commands */
    tally total; /* of the days before it */
    tally shown; /* of the months that progress has told of */
    measures measured;
    uint8_t *accepted; /* for each card payment: 1 if it was paid or held */
    qenex_date today_date;
    int partial;        /* the database had days that total does not count */
    qenex_date counted; /* the last day that is in total */
    qenex_date death;   /* the program kills itself in a batch of this day or a later one; 0: never */
    void (*before_death)(struct bank *bank);
} bank;

/* Opens the database file, or makes it. Gives how long that took, in seconds. */
double bank_open(bank *of, const input *in, const char *path, size_t batch_limit);

/* Creates the currency, the legal entity, the accounts and their opening balances. Gives how many of the accounts
 * and openings were there already. */
uint64_t bank_set_up(bank *of);

/* The business date of the legal entity. */
qenex_date bank_business_date(bank *of);

/* The id of an account by its place in the input. */
qenex_id bank_account_id(size_t account);

/* Sends the batch and empties it; the results are counted in today's tally. An empty batch is not sent. */
void bank_send(bank *of);

/* Makes room for one more command: sends the batch if it is full. */
void bank_make_room(bank *of);

void bank_close(bank *of);

#endif
