/* Setting the bank up from the input: it may be repeated, and what is there already is left as it is. */
#ifndef BANK_YEAR_SET_UP_H
#define BANK_YEAR_SET_UP_H

#include "bank.h"

/* What the ids of setting up have in the place of a day. */
enum { SET_UP_ENTITY = 1, SET_UP_CODE, SET_UP_ACCOUNT, SET_UP_ASSIGNMENT, SET_UP_POSITION, SET_UP_OPENING };

/* Creates the currencies, the legal entity, its chart of the general ledger, the accounts with their codes, the
 * positions and the opening balances. Gives how many commands for that were there already. */
uint64_t set_up(bank *of);

#endif
