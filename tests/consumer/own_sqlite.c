/* A host with an SQLite of its own, linked to libqenex as well: each must keep its own. Prints the version of the
 * host's SQLite, which the caller compares with what the system's library says. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include <qenex.h>

#define TEXT(text) (text), strlen(text)

int main(void)
{
    qenex_options options;
    qenex_engine *engine = NULL;
    qenex_session *session = NULL;
    sqlite3 *own = NULL;
    char balance[48] = "";
    int good;

    good = sqlite3_open(":memory:", &own) == SQLITE_OK &&
           sqlite3_exec(own, "CREATE TABLE t(a); INSERT INTO t VALUES (1)", NULL, NULL, NULL) == SQLITE_OK;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_OPEN_MEMORY;
    good = good && qenex_open(&options, &engine, NULL) == QENEX_OK &&
           qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, NULL) == QENEX_OK &&
           qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("250.00"), NULL, NULL) == QENEX_OK &&
           qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), balance, sizeof balance, NULL, NULL) == QENEX_OK &&
           strcmp(balance, "250.00") == 0;
    good = good && sqlite3_exec(own, "INSERT INTO t VALUES (2)", NULL, NULL, NULL) == SQLITE_OK;
    qenex_session_free(session);
    good = qenex_close(engine, NULL) == QENEX_OK && good;
    sqlite3_close(own);
    printf("%s\n", good ? sqlite3_sourceid() : "failed");
    return !good;
}
