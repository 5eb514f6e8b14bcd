/* The shortest program that moves money: ACC001 is opened with 250.00 USD and pays 100.00 to ACC002.
 * Run again on the same file, it pays again, until the money is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qenex.h>

#define TEXT(text) (text), strlen(text)

static qenex_error *error;  /* of the last call, when its status was negative */
static qenex_result result; /* of the last command: when the status was positive, it says why */

/* Ends the program unless all went well, or the account was there already. */
static void expect(qenex_status status)
{
    if (status == QENEX_OK || (status > 0 && result.status == QENEX_NUMBER_TAKEN)) {
        return;
    }
    fprintf(stderr, "%s\n", status < 0 ? qenex_error_message(error, NULL) : qenex_status_explanation(result.status));
    exit(EXIT_FAILURE);
}

int main(int count, char **arguments)
{
    const char *path = count > 1 ? arguments[1] : "first_transfer.db";
    qenex_options options = {.struct_size = sizeof options, .path = path, .path_len = strlen(path)};
    qenex_engine *engine;
    qenex_session *session;
    char first[48], second[48];

    expect(qenex_open(&options, &engine, &error));
    expect(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));

    expect(qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("250.00"), &result, &error));
    expect(qenex_account_open_simple(session, TEXT("ACC002"), TEXT("USD"), TEXT(""), &result, &error));
    expect(qenex_transfer_simple(session, NULL, TEXT("ACC001"), TEXT("ACC002"), TEXT("100.00"), TEXT("USD"), &result,
                                 &error));

    expect(qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), first, sizeof first, NULL, &error));
    expect(qenex_balance_text(session, TEXT("ACC002"), TEXT("USD"), second, sizeof second, NULL, &error));
    printf("ACC001: %s USD\nACC002: %s USD\n", first, second);

    qenex_session_free(session);
    expect(qenex_close(engine, &error));
    return EXIT_SUCCESS;
}
