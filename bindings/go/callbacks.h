/* Callbacks of the library that end in Go: a handle of Go's (runtime/cgo) travels as user_data. */
#ifndef QENEX_GO_CALLBACKS_H
#define QENEX_GO_CALLBACKS_H

#include <qenex.h>

/* Sets the callbacks of options; a handle of 0 leaves one out. */
void qenex_go_callbacks(qenex_options *options, uintptr_t log, uintptr_t clock);

/* qenex_backup with a handle in place of user_data; 0: no progress. */
qenex_status qenex_go_backup(qenex_engine *engine, const char *path, size_t path_len, uintptr_t progress,
                             qenex_error **out_error);

#endif
