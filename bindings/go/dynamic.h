/* The library as dlopen finds it, for programs built with -tags qenex_dlopen. */
#ifndef QENEX_GO_DYNAMIC_H
#define QENEX_GO_DYNAMIC_H

#include <qenex.h>

/* A function of the library, and where its address belongs. */
typedef struct qenex_go_function {
    const char *name;
    void **place;
} qenex_go_function;

/* All functions; the last one has no name. */
extern const qenex_go_function qenex_go_functions[];

/* Why the library was not loaded, or NULL. */
const char *qenex_go_load_error(void);

#endif
