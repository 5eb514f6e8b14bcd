#include "statements.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"

enum { SHOWN = 12, PAGE = 10000 };

static qenex_account_key key_of(const bank *of, size_t account)
{
    qenex_account_key key;
    memset(&key, 0, sizeof key);
    key.id = bank_account_id(account);
    key.asset = input_currency(of->in, account)->asset;
    return key;
}

/* Checks an account's statements; gives how many there are. */
static uint32_t check_account(bank *of, size_t account)
{
    qenex_account_key key = key_of(of, account);
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    const qenex_statement_record *lines;
    size_t count;
    size_t index;
    check(qenex_statements_list(of->session, &key, sizeof key, NULL, 0, 0, PAGE, &buffer, &error), &error,
          "listing statements");
    lines = qenex_buffer_records(buffer);
    count = qenex_buffer_count(buffer);
    for (index = 0; index < count; ++index) {
        if (lines[index].number != index + 1 ||
            (index > 0 && qenex_amount_compare(&lines[index].opening, &lines[index - 1].closing) != 0)) {
            fail("statement %u of %s does not continue the one before it", lines[index].number,
                 of->in->accounts.at[account].number);
        }
    }
    qenex_buffer_free(buffer);
    return (uint32_t)count;
}

void statements_check(bank *of)
{
    char figure[FIGURE_SIZE];
    uint64_t count = 0;
    size_t account;
    for (account = 0; account < of->in->accounts.count; ++account) {
        if (of->in->accounts.at[account].kind == QENEX_ACCOUNT_KIND_LIABILITY) {
            count += check_account(of, account);
        }
    }
    printf("%10s  statements are numbered without gaps, each from the balance that the one before ended with\n",
           count_text(figure, count));
}

static void print_line(const qenex_issued_line *line, const char *texts, uint32_t scale)
{
    const qenex_text *narrative = &line->transfer.narrative;
    const qenex_text *reference = &line->transfer.reference;
    char date[FIGURE_SIZE];
    char change[FIGURE_SIZE];
    char balance[FIGURE_SIZE];
    printf("%-12s%-20.*s%-16.*s%16s%20s\n", date_text(date, line->date), (int)narrative->length,
           narrative->length > 0 ? texts + narrative->offset : "", (int)reference->length,
           reference->length > 0 ? texts + reference->offset : "", money_text(change, &line->change, scale),
           money_text(balance, &line->balance, scale));
}

/* Prints a statement: its head, its last lines, and that they lead from its opening to its closing balance. */
static void print_statement(bank *of, size_t account, uint32_t number)
{
    qenex_account_key key = key_of(of, account);
    const currency *in = input_currency(of->in, account);
    qenex_statement_record head;
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    const qenex_issued_line *lines;
    qenex_amount running;
    char texts[3][FIGURE_SIZE];
    size_t count;
    size_t index;
    check(qenex_statement_issue(of->session, &key, sizeof key, NULL, 0, number, 0, PAGE, &head, &buffer, &error),
          &error, "issuing a statement");
    lines = qenex_buffer_records(buffer);
    count = qenex_buffer_count(buffer);
    printf("\nStatement %u of %s (%s) to %s, %s: %zu lines, of which the last\n%-12s%-36s%16s%20s\n", number,
           of->in->accounts.at[account].number, of->in->accounts.at[account].name, date_text(texts[0], head.to),
           in->code, count, "booked", "opening balance", "", money_text(texts[1], &head.opening, in->scale));
    running = head.opening;
    for (index = 0; index < count; ++index) {
        add_amount(&running, &lines[index].change);
        if (qenex_amount_compare(&running, &lines[index].balance) != 0) {
            fail("a line of the statement does not follow from the one before");
        }
        if (count - index <= SHOWN) {
            print_line(&lines[index], (const char *)qenex_buffer_arena(buffer, NULL), in->scale);
        }
    }
    qenex_buffer_free(buffer);
    printf("%-48s%16s%20s\n", "            closing balance", "", money_text(texts[2], &head.closing, in->scale));
    if (count < PAGE && qenex_amount_compare(&running, &head.closing) != 0) {
        fail("the statement does not end with its closing balance");
    }
}

void statements_report(bank *of)
{
    const input *in = of->in;
    size_t account = in->payments.count > 0 ? in->payments.at[in->payments.count - 1].account
                     : in->orders.count > 0 ? in->orders.at[in->orders.count - 1].debit
                                            : 0;
    uint32_t newest = check_account(of, account);
    if (newest > 0) {
        print_statement(of, account, newest);
    }
}
