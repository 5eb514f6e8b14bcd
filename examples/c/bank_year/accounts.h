/* Accounts by their numbers, and their kinds by their names. */
#ifndef BANK_YEAR_ACCOUNTS_H
#define BANK_YEAR_ACCOUNTS_H

#include "csv.h"
#include "input.h"

/* QENEX_ACCOUNT_KIND_... by the name in a field. */
uint32_t accounts_kind(const csv *rows, size_t field);

/* Makes accounts findable; fails when a number is there twice. */
void accounts_index(input *in);

/* The place of the account that a field names. */
uint32_t accounts_named(const input *in, const csv *rows, size_t field);

#endif
