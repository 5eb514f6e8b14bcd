/* Card payments: paid or held on their day, captured, released or reversed on the next, given back in parts later. */
#ifndef BANK_YEAR_CARDS_H
#define BANK_YEAR_CARDS_H

#include "bank.h"

/* What yesterday's card payments leave to do, if they were accepted. */
void cards_follow_up(bank *of, qenex_date day);

/* Parts of earlier payments that merchants give back. */
void cards_refund(bank *of, qenex_date day);

/* The card payments of the day. */
void cards_pay(bank *of, qenex_date day);

/* Learns again which card payments of a day were accepted, by sending them once more: what has run is not run again,
 * and gives its first result. */
void cards_recall(bank *of, qenex_date day);

#endif
