/* The input in memory: a bank, its accounts, opening entries, standing orders and card payments, in the order of the
 * files. A line's place in its file decides its ids, so the files must not change between two runs on one database. */
#ifndef BANK_YEAR_INPUT_H
#define BANK_YEAR_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include <qenex.h>

typedef struct account {
    char number[32];
    char name[64];
    uint32_t kind; /* QENEX_ACCOUNT_KIND_... */
    int may_overdraw;
} account;

/* Accounts are named by their place in input.accounts; amounts are minor units. */
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

typedef struct card_payment {
    uint32_t account;
    uint32_t merchant;
    int64_t amount;
    qenex_date date;
    course course;
} card_payment;

typedef struct input {
    char name[64];
    char time_zone[40];
    char currency[8];
    uint32_t asset; /* number of the currency */
    uint32_t scale; /* its decimals */
    qenex_date first_day;
    qenex_date last_day;
    account *accounts;
    size_t account_count;
    opening *openings;
    size_t opening_count;
    standing_order *orders;
    size_t order_count;
    card_payment *payments;
    size_t payment_count;
    uint32_t *places; /* of accounts by the hash of their numbers, plus one; 0: free */
    size_t place_count;
} input;

extern const char INPUT_OPENING_HEADER[];
extern const char INPUT_ORDER_HEADER[];
extern const char INPUT_PAYMENT_HEADER[];

/* Reads all files of the folder; fails on the first that is not as examples/c/README.md says. */
void input_read(input *in, const char *folder);

void input_free(input *in);

/* The place of the account with that number, or -1. */
long input_account(const input *in, const char *number);

/* The course with that name, or -1. */
int input_course(const char *name);

#endif
