/* Rows of comma-separated fields under a header line, without quotes: what the input files consist of. Every error
 * names the file and the line. */
#ifndef BANK_YEAR_CSV_H
#define BANK_YEAR_CSV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <qenex.h>

enum { CSV_FIELDS_MAX = 8, CSV_LINE_MAX = 512, CSV_PATH_MAX = 1024 };

typedef struct csv {
    FILE *file;
    size_t line; /* number of the current line; the header is line 1 */
    size_t columns;
    char *fields[CSV_FIELDS_MAX]; /* of the current row, terminated; valid until the next row */
    char text[CSV_LINE_MAX];
    char path[CSV_PATH_MAX];
} csv;

/* Opens folder/name, whose first line must be the header. */
void csv_open(csv *rows, const char *folder, const char *name, const char *header);

/* Goes to the next row: 1, or 0 after the last one. */
int csv_next(csv *rows);

void csv_close(csv *rows);

/* Fails with the current line named. */
void csv_fail(const csv *rows, const char *what, const char *field);

/* A field as text of at most size - 1 bytes. */
void csv_text(const csv *rows, size_t field, char *out, size_t size);

/* A field as a number from least to most. */
long csv_number(const csv *rows, size_t field, long least, long most);

/* A field as minor units of a currency with that many decimals, read by libqenex: nothing is rounded. */
int64_t csv_amount(const csv *rows, size_t field, uint32_t scale);

/* A field as a rate: the number without its point, and how many decimals it has. */
int64_t csv_rate(const csv *rows, size_t field, uint32_t *out_scale);

/* A field that begins with a date, YYYY-MM-DD. */
qenex_date csv_date(const csv *rows, size_t field);

#endif
