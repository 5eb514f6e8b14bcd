/* Opening, sessions, closing; options of every shape; handles of the wrong kind. */
#include "check.h"

static qenex_options memory_options(void)
{
    qenex_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_OPEN_MEMORY;
    return options;
}

static qenex_options file_options(const char *path)
{
    qenex_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.path = path;
    options.path_len = strlen(path);
    return options;
}

/* Opens, expecting a refusal. */
static void refused(qenex_status expected, const qenex_options *options)
{
    qenex_error *error = NULL;
    qenex_engine *engine = (qenex_engine *)8;
    STATUS(expected, qenex_open(options, &engine, &error));
    CHECK(engine == NULL);
}

static void option_structs(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine = NULL;
    qenex_options options = memory_options();
    struct {
        qenex_options known;
        uint8_t tail[56];
    } longer;

    refused(QENEX_NULL_POINTER, NULL);
    STATUS(QENEX_NULL_POINTER, qenex_open(&options, NULL, &error));
    options.struct_size = 0;
    refused(QENEX_INVALID_STRUCT_SIZE, &options);
    options.struct_size = sizeof options - 1;
    refused(QENEX_INVALID_STRUCT_SIZE, &options);
    options.struct_size = UINT32_MAX;
    refused(QENEX_INVALID_STRUCT_SIZE, &options);

    /* A longer struct, of a newer header, is fine as long as nothing new is set. */
    memset(&longer, 0, sizeof longer);
    longer.known = memory_options();
    longer.known.struct_size = sizeof longer;
    OK(qenex_open(&longer.known, &engine, &error));
    OK(qenex_close(engine, &error));
    longer.tail[55] = 1;
    refused(QENEX_INVALID_STRUCT_SIZE, &longer.known);

    options = memory_options();
    options.reserved[7] = 1;
    refused(QENEX_RESERVED_NOT_ZERO, &options);
    options = memory_options();
    options.flags |= 0x40000000;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options = memory_options();
    options.durability = 9;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options = memory_options();
    options.log_level = 9;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options = memory_options();
    options.cache_bytes = UINT64_MAX;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options = memory_options();
    options.max_readers = UINT32_MAX;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options = memory_options();
    options.path = "x";
    options.path_len = 1;
    refused(QENEX_INVALID_ARGUMENT, &options);
}

static void paths(void)
{
    qenex_options options = file_options("");
    FILE *file;

    refused(QENEX_INVALID_ARGUMENT, &options);
    options = file_options("a");
    options.path = NULL;
    refused(QENEX_NULL_POINTER, &options);
    options = file_options("a");
    options.path = "a\0b";
    options.path_len = 3;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options.path = "\xc3\x28";
    options.path_len = 2;
    refused(QENEX_INVALID_UTF8, &options);
    options.path_len = SIZE_MAX;
    refused(QENEX_INVALID_ARGUMENT, &options);
    options = file_options(scratch("no/such/folder/bank.db"));
    refused(QENEX_CANNOT_OPEN, &options);
    options = file_options(scratch("missing.db"));
    options.flags = QENEX_OPEN_MUST_EXIST;
    refused(QENEX_CANNOT_OPEN, &options);
    options.flags = QENEX_OPEN_READ_ONLY;
    refused(QENEX_CANNOT_OPEN, &options);

    file = fopen(scratch("letter.txt"), "w");
    CHECK(file != NULL);
    if (file != NULL) {
        int i;
        for (i = 0; i < 500; i++) {
            fputs("Dear Sir or Madam, this is not a database. ", file);
        }
        fclose(file);
    }
    options = file_options(scratch("letter.txt"));
    refused(QENEX_NOT_A_DATABASE, &options);
}

static void files(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine = NULL, *second = NULL;
    qenex_session *session = NULL;
    qenex_options options;

    remove(scratch("bank.db"));
    options = file_options(scratch("bank.db"));
    options.durability = QENEX_DURABILITY_PROCESS;
    OK(qenex_open(&options, &engine, &error));
    refused(QENEX_ALREADY_OPEN, &options);

    OK(qenex_session_open(engine, TEXT("teller"), TEXT("customer 7"), &session, &error));
    STATUS(QENEX_NULL_POINTER, qenex_session_open(engine, TEXT("teller"), NULL, 0, NULL, &error));
    STATUS(QENEX_NULL_POINTER, qenex_session_open(NULL, TEXT("teller"), NULL, 0, &session, &error));
    CHECK(session == NULL);
    STATUS(QENEX_INVALID_ARGUMENT, qenex_session_open(engine, NULL, 0, NULL, 0, &session, &error));
    STATUS(QENEX_INVALID_ARGUMENT, qenex_session_open(engine, TEXT("a\nb"), NULL, 0, &session, &error));
    STATUS(QENEX_INVALID_UTF8, qenex_session_open(engine, "\xff\xfe", 2, NULL, 0, &session, &error));
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));

    /* Read-only beside the writer, in the same process. */
    options.flags = QENEX_OPEN_READ_ONLY;
    OK(qenex_open(&options, &second, &error));
    OK(qenex_close(second, &error));

    OK(qenex_close(engine, &error));
    qenex_session_free(session);
    options.flags = QENEX_OPEN_MUST_EXIST;
    OK(qenex_open(&options, &engine, &error));
    OK(qenex_close(engine, &error));
}

static void handles(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_engine *engine = bank.engine;
    qenex_session *session = bank.session, *other = NULL;
    qenex_result result;
    qenex_transfer transfer = transfer_of(1, 1, 2, 100);

    /* Of another kind, or nothing of ours at all. */
    STATUS(QENEX_INVALID_HANDLE, qenex_session_open((qenex_engine *)session, TEXT("x"), NULL, 0, &other, &error));
    STATUS(QENEX_INVALID_HANDLE, qenex_session_open((qenex_engine *)&transfer, TEXT("x"), NULL, 0, &other, &error));
    STATUS(QENEX_INVALID_HANDLE, qenex_close((qenex_engine *)session, &error));
    STATUS(QENEX_INVALID_HANDLE, qenex_transfers_create((qenex_session *)engine, &transfer, 1, sizeof transfer, NULL, 0,
                                                        NULL, &result, &error));
    STATUS(QENEX_NULL_POINTER,
           qenex_transfers_create(NULL, &transfer, 1, sizeof transfer, NULL, 0, NULL, &result, &error));
    EQUAL(0, qenex_buffer_count((qenex_buffer *)session));
    qenex_session_free((qenex_session *)engine);
    qenex_buffer_free((qenex_buffer *)engine);
    qenex_error_free((qenex_error *)engine);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));

    /* Any order of freeing, twice, and use after closing. */
    OK(qenex_session_open(engine, TEXT("x"), NULL, 0, &other, &error));
    qenex_session_free(other);
    qenex_session_free(other);
    STATUS(QENEX_INVALID_HANDLE,
           qenex_transfers_create(other, &transfer, 1, sizeof transfer, NULL, 0, NULL, &result, &error));
    OK(qenex_close(engine, &error));
    STATUS(QENEX_INVALID_HANDLE, qenex_close(engine, &error));
    STATUS(QENEX_INVALID_HANDLE, qenex_session_open(engine, TEXT("x"), NULL, 0, &other, &error));
    memset(&result, 0xff, sizeof result);
    STATUS(QENEX_CLOSED,
           qenex_transfers_create(session, &transfer, 1, sizeof transfer, NULL, 0, NULL, &result, &error));
    EQUAL(0, result.status);
    EQUAL(0, result.sequence);
    qenex_session_free(session);
    OK(qenex_close(NULL, &error));
    qenex_session_free(NULL);
    qenex_buffer_free(NULL);
}

const test_case open_cases[] = {
    {"option_structs", option_structs}, {"paths", paths}, {"files", files}, {"handles", handles}, {NULL, NULL}};
