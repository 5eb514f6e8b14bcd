/* The general ledger: its trial balance, that the sub-ledger reconciles to it, and its journal as files. */
#ifndef BANK_YEAR_GENERAL_LEDGER_H
#define BANK_YEAR_GENERAL_LEDGER_H

#include "bank.h"

/* Prints the balances by code; fails when debits and credits of a currency differ. */
void general_ledger_report(bank *of);

/* Compares what the accounts of each code come to with what the transfers come to. */
void general_ledger_reconcile(bank *of);

/* Writes the journal of the last month, which begins with what the balances were before it, into the folder:
 * journal.csv and journal.hledger. */
void general_ledger_write(bank *of, const char *folder);

#endif
