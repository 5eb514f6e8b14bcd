/* Loads the library before Go starts: all of its functions, or none. */
#ifdef QENEX_GO_DLOPEN

#include "dynamic.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static char reason[1024];

const char *qenex_go_load_error(void)
{
    return reason[0] == 0 ? NULL : reason;
}

__attribute__((constructor)) static void load(void)
{
    const char *path = getenv("QENEX_LIBRARY");
    if (path == NULL || path[0] == 0) {
#ifdef __APPLE__
        path = "libqenex.dylib";
#else
        path = "libqenex.so.0";
#endif
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(reason, sizeof reason, "%s", dlerror());
        return;
    }
    for (const qenex_go_function *function = qenex_go_functions; function->name != NULL; function++) {
        *function->place = dlsym(library, function->name);
        if (*function->place == NULL) {
            snprintf(reason, sizeof reason, "%s has no function %s", path, function->name);
            break;
        }
    }
    for (const qenex_go_function *function = qenex_go_functions; reason[0] != 0 && function->name != NULL; function++) {
        *function->place = NULL;
    }
}

#endif
