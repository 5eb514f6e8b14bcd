/* The smallest use of an installed libqenex from C. */
#include <stdio.h>
#include <string.h>

#include <qenex.h>

#define TEXT(text) (text), strlen(text)

int main(void)
{
    qenex_options options;
    qenex_engine *engine = NULL;
    qenex_session *session = NULL;
    char balance[48];
    int good;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_OPEN_MEMORY;
    good = qenex_abi_version() == QENEX_ABI_VERSION && qenex_open(&options, &engine, NULL) == QENEX_OK &&
           qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, NULL) == QENEX_OK &&
           qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("250.00"), NULL, NULL) == QENEX_OK &&
           qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), balance, sizeof balance, NULL, NULL) == QENEX_OK;
    qenex_session_free(session);
    good = qenex_close(engine, NULL) == QENEX_OK && good;
    printf("%s\n", good ? balance : "failed");
    return !good;
}
