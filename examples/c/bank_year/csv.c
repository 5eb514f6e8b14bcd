#include "csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

static int read_line(csv *rows)
{
    size_t length;
    if (fgets(rows->text, sizeof rows->text, rows->file) == NULL) {
        if (ferror(rows->file)) {
            fail("%s: cannot be read", rows->path);
        }
        return 0;
    }
    rows->line += 1;
    length = strlen(rows->text);
    if (length + 1 == sizeof rows->text && rows->text[length - 1] != '\n') {
        fail("%s, line %zu: longer than %d bytes", rows->path, rows->line, CSV_LINE_MAX - 2);
    }
    rows->text[strcspn(rows->text, "\r\n")] = '\0';
    return 1;
}

void csv_open(csv *rows, const char *folder, const char *name, const char *header)
{
    const char *comma;
    memset(rows, 0, sizeof *rows);
    if (snprintf(rows->path, sizeof rows->path, "%s/%s", folder, name) >= (int)sizeof rows->path) {
        fail("%s/%s: the path is too long", folder, name);
    }
    rows->file = fopen(rows->path, "r");
    if (rows->file == NULL) {
        fail("%s: %s", rows->path, strerror(errno));
    }
    rows->columns = 1;
    for (comma = strchr(header, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        rows->columns += 1;
    }
    if (!read_line(rows) || strcmp(rows->text, header) != 0) {
        fail("%s: the first line must be %s", rows->path, header);
    }
}

int csv_next(csv *rows)
{
    size_t count = 0;
    char *rest = rows->text;
    if (!read_line(rows)) {
        return 0;
    }
    while (rest != NULL && count < CSV_FIELDS_MAX) {
        char *comma = strchr(rest, ',');
        rows->fields[count++] = rest;
        if (comma != NULL) {
            *comma++ = '\0';
        }
        rest = comma;
    }
    if (count != rows->columns || rest != NULL) {
        fail("%s, line %zu: there must be %zu fields", rows->path, rows->line, rows->columns);
    }
    return 1;
}

void csv_close(csv *rows)
{
    fclose(rows->file);
    rows->file = NULL;
}

void csv_fail(const csv *rows, const char *what, const char *field)
{
    fail("%s, line %zu: %s: '%s'", rows->path, rows->line, what, field);
}

void csv_text(const csv *rows, size_t field, char *out, size_t size)
{
    const char *text = rows->fields[field];
    if (strlen(text) >= size) {
        csv_fail(rows, "the text is too long", text);
    }
    strcpy(out, text);
}

long csv_number(const csv *rows, size_t field, long least, long most)
{
    const char *text = rows->fields[field];
    char *end;
    long number;
    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < least || number > most) {
        csv_fail(rows, "not a number in the range of this field", text);
    }
    return number;
}

int64_t csv_amount(const csv *rows, size_t field, uint32_t scale)
{
    const char *text = rows->fields[field];
    qenex_amount amount;
    qenex_error *error = NULL;
    if (qenex_amount_parse(text, strlen(text), scale, &amount, &error) < 0) {
        csv_fail(rows, qenex_error_message(error, NULL), text);
    }
    if (amount.hi != 0 || amount.lo > INT64_MAX) {
        csv_fail(rows, "the amount is negative or does not fit 64 bits", text);
    }
    return (int64_t)amount.lo;
}

int64_t csv_rate(const csv *rows, size_t field, uint32_t *out_scale)
{
    const char *point = strchr(rows->fields[field], '.');
    *out_scale = point != NULL ? (uint32_t)strlen(point + 1) : 0;
    return csv_amount(rows, field, *out_scale);
}

qenex_date csv_date(const csv *rows, size_t field)
{
    const char *text = rows->fields[field];
    qenex_date date;
    qenex_error *error = NULL;
    size_t length = strlen(text);
    if (qenex_date_parse(text, length < 10 ? length : 10, &date, &error) < 0) {
        csv_fail(rows, qenex_error_message(error, NULL), text);
    }
    return date;
}
