// What the native code of the Java package shares: the table of generated functions, and how an error of the library
// becomes an exception.
#ifndef QENEX_JAVA_GLUE_H
#define QENEX_JAVA_GLUE_H

#include <jni.h>

#include "layout.h"

extern const JNINativeMethod native_functions[];
extern const jint native_functions_count;

// A record as the C compiler lays it out: its name, its size, and the offsets of its fields.
typedef struct {
    const char *name;
    int count;
    const size_t *numbers;
} native_layout;

extern const native_layout native_layouts[];
extern const jint native_layouts_count;

// Throws a QenexException with what the error says, and frees the error. error may be NULL: then with what the status
// means.
void throw_error(JNIEnv *env, qenex_status status, qenex_error *error);

#endif
