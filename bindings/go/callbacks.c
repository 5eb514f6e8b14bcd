/* Callbacks of the library that end in Go. */
#include "callbacks.h"
#include "_cgo_export.h"

static void log_message(void *user_data, uint32_t level, const char *target, size_t target_len, const char *text,
                        size_t text_len)
{
    qenexGoLog((uintptr_t)user_data, level, (char *)target, target_len, (char *)text, text_len);
}

static qenex_time tell_time(void *user_data)
{
    return qenexGoClock((uintptr_t)user_data);
}

static int32_t progress_made(void *user_data, uint64_t done, uint64_t total)
{
    return qenexGoProgress((uintptr_t)user_data, done, total);
}

static void completed(void *user_data, qenex_status status, const qenex_result *results, size_t count,
                      const char *message, size_t message_len)
{
    qenexGoCompleted((uintptr_t)user_data, status, (void *)results, count, (char *)message, message_len);
}

static void destroy(void *user_data)
{
    qenexGoDestroy((uintptr_t)user_data);
}

void qenex_go_callbacks(qenex_options *options, uintptr_t log, uintptr_t clock)
{
    if (log != 0) {
        options->log = log_message;
        options->log_user_data = (void *)log;
        options->log_destroy = destroy;
    }
    if (clock != 0) {
        options->clock = tell_time;
        options->clock_user_data = (void *)clock;
        options->clock_destroy = destroy;
    }
}

qenex_status qenex_go_backup(qenex_engine *engine, const char *path, size_t path_len, uintptr_t progress,
                             qenex_error **out_error)
{
    return qenex_backup(engine, path, path_len, progress != 0 ? progress_made : NULL, (void *)progress, out_error);
}

qenex_status qenex_go_submit_notify(qenex_session *session, uint32_t kind, const void *records, size_t count,
                                    size_t record_size, const uint8_t *arena, size_t arena_len,
                                    const qenex_execute_options *options, uintptr_t completion, qenex_error **out_error)
{
    return qenex_submit_notify(session, kind, records, count, record_size, arena, arena_len, options, completed,
                               (void *)completion, destroy, out_error);
}
