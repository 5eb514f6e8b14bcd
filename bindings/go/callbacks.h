/* Callbacks of the library that end in Go: a handle of Go's (runtime/cgo) travels as user_data. */
#ifndef QENEX_GO_CALLBACKS_H
#define QENEX_GO_CALLBACKS_H

#include <qenex.h>

/* Sets the callbacks of options; a handle of 0 leaves one out. */
void qenex_go_callbacks(qenex_options *options, uintptr_t log, uintptr_t clock);

/* qenex_backup with a handle in place of user_data; 0: no progress. */
qenex_status qenex_go_backup(qenex_engine *engine, const char *path, size_t path_len, uintptr_t progress,
                             qenex_error **out_error);

/* qenex_submit_notify with a handle in place of user_data, which is given back in any case. */
qenex_status qenex_go_submit_notify(qenex_session *session, uint32_t kind, const void *records, size_t count,
                                    size_t record_size, const uint8_t *arena, size_t arena_len,
                                    const qenex_execute_options *options, uintptr_t completion,
                                    qenex_error **out_error);

#endif
