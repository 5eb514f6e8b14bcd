/* Runs the cases: all of them, or those whose names are given. */
#include "check.h"

static const test_case *const files[] = {text_cases,  open_cases, command_cases, bad_input_cases, completion_cases,
                                         query_cases, list_cases, file_cases,    callback_cases,  process_cases,
                                         day_cases,   book_cases, damaged_cases};

static int wanted(const char *name, int count, char **names)
{
    int i;
    for (i = 1; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return 1;
        }
    }
    return count < 2;
}

int main(int count, char **names)
{
    size_t file;
    int ran = 0;
    if (qenex_abi_version() != QENEX_ABI_VERSION) {
        fprintf(stderr, "header of version %d, library of version %u\n", QENEX_ABI_VERSION, qenex_abi_version());
        return 2;
    }
    for (file = 0; file < sizeof files / sizeof files[0]; file++) {
        const test_case *next;
        for (next = files[file]; next->name != NULL; next++) {
            if (wanted(next->name, count, names)) {
                int before = failures;
                next->run();
                ran++;
                printf("%s %s\n", failures == before ? "ok  " : "FAIL", next->name);
            }
        }
    }
    printf("%d cases, %d failures\n", ran, failures);
    return ran == 0 || failures != 0;
}
