/* Files that are not as they should be: of a newer version, cut short, locked, on a full disk, not to be written. */
#if !defined(_WIN32)
#define _XOPEN_SOURCE 700
#endif
#include "check.h"

static qenex_options file_options(const char *path, uint32_t flags)
{
    qenex_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    options.path = path;
    options.path_len = strlen(path);
    options.busy_timeout_ms = 50;
    return options;
}

/* Opens, expecting a refusal whose message says something. */
static void refused(qenex_status expected, const char *path, uint32_t flags)
{
    qenex_error *error = NULL;
    qenex_engine *engine = (qenex_engine *)8;
    qenex_options options = file_options(path, flags);
    qenex_status status = qenex_open(&options, &engine, &error);
    size_t length = 0;
    CHECK(error != NULL && qenex_error_message(error, &length) != NULL && length > 20);
    CHECK(engine == NULL);
    STATUS(expected, status);
}

static qenex_engine *opened(const char *path, uint32_t flags)
{
    qenex_error *error = NULL;
    qenex_engine *engine = NULL;
    qenex_options options = file_options(path, flags);
    OK(qenex_open(&options, &engine, &error));
    return engine;
}

static void remove_all(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    size_t i;
    for (i = 0; i < 4; i++) {
        char name[4200];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        remove(name);
    }
}

/* A closed file with two accounts; the path is kept until the next one is made. */
static const char *bank_file(const char *name)
{
    static char path[4096];
    qenex_error *error = NULL;
    qenex_engine *engine;
    qenex_session *session = NULL;

    strcpy(path, scratch(name));
    remove_all(path);
    engine = opened(path, 0);
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC001"), TEXT("USD"), TEXT("250.00"), NULL, &error));
    OK(qenex_account_open_simple(session, TEXT("ACC002"), TEXT("USD"), NULL, 0, NULL, &error));
    qenex_session_free(session);
    OK(qenex_close(engine, &error));
    return path;
}

/* The balance of ACC001 as text. */
static void has_balance(qenex_engine *engine, const char *expected)
{
    qenex_error *error = NULL;
    qenex_session *session = NULL;
    char text[64] = "";
    OK(qenex_session_open(engine, TEXT("auditor"), NULL, 0, &session, &error));
    OK(qenex_balance_text(session, TEXT("ACC001"), TEXT("USD"), text, sizeof text, NULL, &error));
    CHECK(strcmp(text, expected) == 0);
    qenex_session_free(session);
}

/* What a file holds, to be freed. */
static unsigned char *contents(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(8 << 20);
    *length = 0;
    CHECK(file != NULL && bytes != NULL);
    if (file != NULL && bytes != NULL) {
        *length = fread(bytes, 1, 8 << 20, file);
    }
    if (file != NULL) {
        fclose(file);
    }
    return bytes;
}

static void write_file(const char *path, const unsigned char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    if (file != NULL) {
        CHECK(fwrite(bytes, 1, length, file) == length);
        fclose(file);
    }
}

/* The version is a number of four bytes in the head of the file. */
static void newer_version(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine;
    const char *path = bank_file("newer.db");
    size_t length, after_length;
    unsigned char *bytes = contents(path, &length), *after;
    uint32_t from, to;

    CHECK(length > 100 && bytes[60] == 0 && bytes[63] > 0);
    bytes[63]++;
    write_file(path, bytes, length);
    refused(QENEX_NEWER_VERSION, path, 0);
    refused(QENEX_NEWER_VERSION, path, QENEX_OPEN_MUST_EXIST);
    refused(QENEX_NEWER_VERSION, path, QENEX_OPEN_READ_ONLY);
    STATUS(QENEX_NEWER_VERSION, qenex_upgrade(TEXT(path), 0, &from, &to, &error));
    STATUS(QENEX_NEWER_VERSION, qenex_rebuild_caches(TEXT(path), &error));
    /* Nothing was changed, so that the newer version finds what it wrote. */
    after = contents(path, &after_length);
    CHECK(after_length == length && memcmp(after, bytes, length) == 0);
    bytes[63]--;
    write_file(path, bytes, length);
    engine = opened(path, QENEX_OPEN_MUST_EXIST);
    has_balance(engine, "250.00");
    OK(qenex_close(engine, &error));
    free(bytes);
    free(after);
}

/* Cut anywhere, a file is refused, or what is missing is found; it is never taken for a whole one, nor for an empty
 * one. */
static void truncated(void)
{
    qenex_error *error = NULL;
    const char *path = bank_file("truncated.db");
    size_t length, cut;
    unsigned char *bytes = contents(path, &length);

    CHECK(length > 20 * 4096);
    for (cut = 1; cut < length; cut = cut < 4096 ? cut * 2 : cut + 4096 * 5 + 7) {
        qenex_engine *engine = NULL;
        qenex_options options = file_options(path, QENEX_OPEN_MUST_EXIST);
        qenex_buffer *buffer = NULL;
        qenex_status status;

        remove_all(path);
        write_file(path, bytes, cut);
        status = qenex_open(&options, &engine, &error);
        if (status < 0) {
            CHECK(status == QENEX_CORRUPT || status == QENEX_NOT_A_DATABASE);
            CHECK(engine == NULL && error != NULL);
            qenex_error_free(error);
            error = NULL;
            continue;
        }
        status = qenex_integrity_check(engine, &buffer, &error);
        CHECK(status == QENEX_CORRUPT || (status == QENEX_OK && qenex_buffer_count(buffer) > 0));
        qenex_error_free(error);
        error = NULL;
        qenex_buffer_free(buffer);
        /* Closing writes the caches, which may fail as well. */
        status = qenex_close(engine, &error);
        CHECK(status == QENEX_OK || error != NULL);
        qenex_error_free(error);
        error = NULL;
    }
    /* Nothing is left of it. */
    remove_all(path);
    write_file(path, bytes, 0);
    refused(QENEX_NOT_A_DATABASE, path, QENEX_OPEN_READ_ONLY);
    refused(QENEX_NOT_A_DATABASE, path, QENEX_OPEN_MUST_EXIST);
    free(bytes);
}

#if !defined(_WIN32)
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs a case in a process of its own, so that its limits and rights are its own. */
static void in_child(void (*run)(const char *path), const char *path)
{
    int status = -1;
    pid_t child;
    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child == 0) {
        int before = failures;
        run(path);
        fflush(stderr);
        _exit(failures != before);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void locked_by_another_process(void)
{
    qenex_error *error = NULL;
    qenex_engine *engine;
    const char *path = bank_file("locked.db");
    int ready[2], leave[2], status = -1;
    char byte = 0;
    pid_t child;

    CHECK(pipe(ready) == 0 && pipe(leave) == 0);
    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child == 0) {
        int before = failures;
        engine = opened(path, 0);
        CHECK(write(ready[1], "x", 1) == 1);
        CHECK(read(leave[0], &byte, 1) == 1);
        has_balance(engine, "250.00");
        OK(qenex_close(engine, &error));
        fflush(stderr);
        _exit(failures != before);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    refused(QENEX_LOCKED, path, 0);
    refused(QENEX_LOCKED, path, QENEX_OPEN_MUST_EXIST);
    STATUS(QENEX_LOCKED, qenex_rebuild_caches(TEXT(path), &error));
    /* Who only reads is let in. */
    engine = opened(path, QENEX_OPEN_READ_ONLY);
    has_balance(engine, "250.00");
    OK(qenex_close(engine, &error));
    CHECK(write(leave[1], "x", 1) == 1);
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    engine = opened(path, 0);
    has_balance(engine, "250.00");
    OK(qenex_close(engine, &error));
    close(ready[0]);
    close(ready[1]);
    close(leave[0]);
    close(leave[1]);
}

static qenex_status pay_one(qenex_session *session, unsigned number)
{
    qenex_error *error = NULL;
    qenex_id id = id_of(number);
    qenex_status status =
        qenex_transfer_simple(session, &id, TEXT("ACC001"), TEXT("ACC002"), TEXT("0.01"), TEXT("USD"), NULL, &error);
    CHECK((status < 0) == (error != NULL));
    qenex_error_free(error);
    return status;
}

/* No file may grow beyond a limit, as on a disk without space: the payment that finds none is refused whole, everything
 * before it is there, and with space again the engine goes on. */
static void on_a_full_disk(const char *path)
{
    qenex_error *error = NULL;
    qenex_engine *engine = opened(path, 0);
    qenex_session *session = NULL;
    struct rlimit limit;
    struct stat log;
    char text[64], name[4200];
    qenex_status status = QENEX_OK;
    unsigned paid = 0;

    signal(SIGXFSZ, SIG_IGN);
    OK(qenex_session_open(engine, TEXT("teller"), NULL, 0, &session, &error));
    EQUAL(QENEX_OK, pay_one(session, paid++));
    snprintf(name, sizeof name, "%s-wal", path);
    CHECK(stat(name, &log) == 0);
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = (rlim_t)log.st_size + 300000;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    while (paid < 2000 && (status = pay_one(session, paid)) == QENEX_OK) {
        paid++;
    }
    /* A limit stands for the disk: the system says that the file is too large, not that space is short. */
    EQUAL(QENEX_IO, status);
    CHECK(paid > 1 && paid < 2000);
    CHECK(pay_one(session, paid) < 0);
    snprintf(text, sizeof text, "%u.%02u", (25000 - paid) / 100, (25000 - paid) % 100);
    has_balance(engine, text);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    EQUAL(QENEX_OK, pay_one(session, paid++));
    snprintf(text, sizeof text, "%u.%02u", (25000 - paid) / 100, (25000 - paid) % 100);
    has_balance(engine, text);
    qenex_session_free(session);
    OK(qenex_close(engine, &error));
    engine = opened(path, QENEX_OPEN_MUST_EXIST);
    has_balance(engine, text);
    OK(qenex_close(engine, &error));
}

static void full_disk(void)
{
    in_child(on_a_full_disk, bank_file("full.db"));
}

/* As somebody who may not write the file, nor into its folder; the superuser may everything, and gives that up. */
static void without_rights(const char *path)
{
    qenex_error *error = NULL;
    if (geteuid() == 0) {
        CHECK(setgid(65534) == 0 && setuid(65534) == 0);
    }
    refused(QENEX_READ_ONLY, path, 0);
    refused(QENEX_READ_ONLY, path, QENEX_OPEN_MUST_EXIST);
    STATUS(QENEX_READ_ONLY, qenex_rebuild_caches(TEXT(path), &error));
}

static void with_rights(const char *path)
{
    qenex_error *error = NULL;
    qenex_engine *engine = opened(path, 0);
    has_balance(engine, "250.00");
    OK(qenex_close(engine, &error));
}

static void read_only_file(void)
{
    const char *source = bank_file("read-only.db");
    char folder[] = "/tmp/qenex-read-only-XXXXXX", path[64];
    size_t length;
    unsigned char *bytes = contents(source, &length);

    /* In a folder that everybody reaches. */
    CHECK(mkdtemp(folder) != NULL);
    CHECK(chmod(folder, 0755) == 0);
    snprintf(path, sizeof path, "%s/bank.db", folder);
    write_file(path, bytes, length);
    CHECK(chmod(path, 0444) == 0);
    in_child(without_rights, path);
    CHECK(chmod(path, 0644) == 0);
    in_child(with_rights, path);
    remove_all(path);
    CHECK(rmdir(folder) == 0);
    free(bytes);
}

const test_case damaged_cases[] = {{"newer_version", newer_version},
                                   {"truncated", truncated},
                                   {"locked_by_another_process", locked_by_another_process},
                                   {"full_disk", full_disk},
                                   {"read_only_file", read_only_file},
                                   {NULL, NULL}};
#else
const test_case damaged_cases[] = {{"newer_version", newer_version}, {"truncated", truncated}, {NULL, NULL}};
#endif
