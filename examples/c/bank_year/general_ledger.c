#include "general_ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calendar.h"
#include "fail.h"

/* Transfers of a page of the journal. */
enum { PAGE = 100000 };

/* Prints the lines of a currency and their sums. */
static void report_currency(const bank *of, const qenex_buffer *buffer, const currency *in)
{
    const qenex_gl_line *lines = qenex_buffer_records(buffer);
    const char *texts = (const char *)qenex_buffer_arena(buffer, NULL);
    qenex_amount debits = {0, 0};
    qenex_amount credits = {0, 0};
    char accounts[FIGURE_SIZE];
    char debit[FIGURE_SIZE];
    char credit[FIGURE_SIZE];
    size_t index;
    printf("\nGeneral ledger on %s, %s\n%-6s%-40s%10s%22s%22s\n", date_text(debit, of->in->last_day), in->code, "code",
           "", "accounts", "debit", "credit");
    for (index = 0; index < qenex_buffer_count(buffer); ++index) {
        const qenex_gl_line *line = &lines[index];
        if (line->asset != in->asset) {
            continue;
        }
        printf("%-6.*s%-40.*s%10s%22s%22s\n", (int)line->code.length, texts + line->code.offset, (int)line->name.length,
               texts + line->name.offset, count_text(accounts, line->accounts),
               side_text(debit, &line->debit, in->scale), side_text(credit, &line->credit, in->scale));
        add_amount(&debits, &line->debit);
        add_amount(&credits, &line->credit);
    }
    printf("%-56s%22s%22s\n", "balance", money_text(debit, &debits, in->scale),
           money_text(credit, &credits, in->scale));
    if (qenex_amount_compare(&debits, &credits) != 0) {
        fail("the general ledger does not balance");
    }
}

void general_ledger_report(bank *of)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    size_t index;
    check(qenex_gl_trial_balance(of->session, 0, of->in->last_day, 0, &buffer, &error), &error,
          "asking for the trial balance of the general ledger");
    for (index = 0; index < of->in->currencies.count; ++index) {
        report_currency(of, buffer, &of->in->currencies.at[index]);
    }
    qenex_buffer_free(buffer);
}

void general_ledger_reconcile(bank *of)
{
    qenex_buffer *buffer = NULL;
    qenex_error *error = NULL;
    char count[FIGURE_SIZE];
    qenex_status status = qenex_gl_reconcile(of->session, 0, of->in->last_day, &buffer, &error);
    check(status, &error, "reconciling the general ledger");
    if (status != QENEX_OK) {
        fail("a code of the general ledger does not equal its accounts");
    }
    printf("%10s  balances of the general ledger equal their accounts and their transfers, to the cent\n",
           count_text(count, qenex_buffer_count(buffer)));
    qenex_buffer_free(buffer);
}

static void write_journal(bank *of, const char *folder, const char *name, qenex_date from, uint32_t format)
{
    char path[1024];
    FILE *file;
    qenex_buffer *page = NULL;
    const uint8_t *cursor = NULL;
    size_t cursor_length = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (file == NULL) {
        fail("%s: %s", path, strerror(errno));
    }
    do {
        qenex_buffer *before = page;
        qenex_error *error = NULL;
        const uint8_t *text;
        size_t length = 0;
        check(qenex_gl_journal(of->session, 0, from, of->in->last_day, format, PAGE, cursor, cursor_length, &page,
                               &error),
              &error, "asking for the journal");
        qenex_buffer_free(before);
        text = qenex_buffer_arena(page, &length);
        if (fwrite(text, 1, length, file) != length) {
            fail("%s: %s", path, strerror(errno));
        }
        cursor = qenex_buffer_cursor(page, &cursor_length);
    } while (cursor_length > 0);
    qenex_buffer_free(page);
    if (fclose(file) != 0) {
        fail("%s: %s", path, strerror(errno));
    }
}

void general_ledger_write(bank *of, const char *folder)
{
    qenex_date month = of->in->last_day - of->in->last_day % 100 + 1;
    qenex_date from = month > of->in->first_day ? month : of->in->first_day;
    write_journal(of, folder, "journal.csv", from, QENEX_JOURNAL_CSV);
    write_journal(of, folder, "journal.hledger", from, QENEX_JOURNAL_HLEDGER);
}
