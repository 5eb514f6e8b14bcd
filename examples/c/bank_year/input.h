/* The input in memory: a bank, its accounts, and what happens on its days, in the order of the files. A line's place in
 * its file decides its ids, so the files must not change between two runs on one database. */
#ifndef BANK_YEAR_INPUT_H
#define BANK_YEAR_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include <qenex.h>

/* A currency that some account holds. The bank's own comes first. */
typedef struct currency {
    char code[8];
    uint32_t asset; /* its number */
    uint32_t scale; /* its decimals */
} currency;

/* A code of the general ledger. */
typedef struct gl_code {
    char code[16];
    char name[64];
    uint32_t kind; /* QENEX_ACCOUNT_KIND_... */
    int control;
} gl_code;

typedef struct account {
    char number[32];
    char name[64];
    char code[16];          /* of the general ledger */
    char contrary_code[16]; /* while the balance is on the other side; empty: code */
    uint32_t currency;      /* its place in input.currencies */
    uint32_t kind;          /* QENEX_ACCOUNT_KIND_... */
    int may_overdraw;
} account;

/* Accounts are named by their place in input.accounts; amounts are minor units. */
typedef struct position {
    uint32_t account;
    uint32_t result; /* takes what a revaluation gains or loses */
} position;

typedef struct opening {
    uint32_t debit;
    uint32_t credit;
    int64_t amount;
} opening;

typedef struct standing_order {
    char number[24];
    char purpose[16];
    uint32_t debit;
    uint32_t credit;
    int64_t amount;
    int day; /* of the month; the month's last day where the month is shorter */
} standing_order;

typedef enum course {
    COURSE_PAID,       /* at once */
    COURSE_AUTHORISED, /* a hold today, captured on the next day */
    COURSE_CANCELLED,  /* a hold today, released on the next day */
    COURSE_RETURNED    /* paid today, reversed on the next day */
} course;

/* What happens on a day begins with the date: input_range finds the rows of a day. */
typedef struct card_payment {
    qenex_date date;
    uint32_t account;
    uint32_t merchant;
    course course;
    int64_t amount;
} card_payment;

typedef struct refund {
    qenex_date date;
    int again;        /* an earlier row has the same number */
    uint64_t number;  /* the merchant's: the same number is the same refund */
    uint64_t payment; /* the place of the card payment in input.payments */
    int64_t amount;
} refund;

typedef struct exchange {
    qenex_date date;
    uint32_t debit;
    uint32_t credit;
    uint32_t rate_scale;
    int64_t amount; /* in the currency of the account that pays */
    int64_t rate;   /* units of the other currency for one: rate / 10^rate_scale */
    char source[16];
    char purpose[24];
} exchange;

typedef struct rate {
    qenex_date date;
    uint32_t currency; /* its place in input.currencies */
    uint32_t rate_scale;
    int64_t rate; /* units of the bank's currency for one of it */
    char source[16];
} rate;

typedef struct correction {
    qenex_date date;
    qenex_date value_date;
    uint32_t debit;
    uint32_t credit;
    int64_t amount;
    char narrative[32];
} correction;

/* Rows of a file in memory. */
#define ROWS(type)                                                                                                     \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t count;                                                                                                  \
    }

typedef struct input {
    char name[64];
    char time_zone[40];
    qenex_date first_day;
    qenex_date last_day;
    ROWS(currency) currencies;
    ROWS(gl_code) chart;
    ROWS(account) accounts;
    ROWS(position) positions;
    ROWS(opening) openings;
    ROWS(standing_order) orders;
    ROWS(card_payment) payments;
    ROWS(refund) refunds;
    ROWS(exchange) exchanges;
    ROWS(rate) rates;
    ROWS(correction) corrections;
    uint32_t *places; /* of accounts by the hash of their numbers, plus one; 0: free */
    size_t place_count;
} input;

/* Rows of one day: from first up to and without end. */
typedef struct day_range {
    size_t first;
    size_t end;
} day_range;

/* Reads all files of the folder; fails on the first that is not as examples/c/README.md says. */
void input_read(input *in, const char *folder);

void input_free(input *in);

/* The currency of an account. */
const currency *input_currency(const input *in, size_t account);

/* The rows of a day among rows in the order of days, each of which begins with its date. */
day_range input_range(const void *rows, size_t count, size_t size, qenex_date day);

#endif
