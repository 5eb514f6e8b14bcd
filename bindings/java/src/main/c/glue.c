// The native code of the Java package beside the generated functions: loading, exceptions, memory, and callbacks from
// any thread. It holds no state but the classes and methods that it found when it was loaded, and the number of objects
// that are kept for callbacks.
#include "glue.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#ifndef _WIN32
#include <pthread.h>
#endif

static JavaVM *machine;
static jclass exception_class, callbacks_class, native_class;
static jmethodID make_exception, on_log, on_clock, on_progress, on_completed;
static atomic_int kept_objects;

static jbyteArray bytes_of(JNIEnv *env, const void *bytes, size_t length)
{
    jbyteArray array = (*env)->NewByteArray(env, (jsize)length);
    if (array != NULL && length > 0) {
        (*env)->SetByteArrayRegion(env, array, 0, (jsize)length, bytes);
    }
    return array;
}

void throw_error(JNIEnv *env, qenex_status status, qenex_error *error)
{
    size_t length = 0;
    const char *message = qenex_error_message(error, &length);
    jlong item = -1;
    jint sqlite = 0;
    if (message == NULL) {
        message = qenex_status_explanation(status);
        length = strlen(message);
    } else {
        status = qenex_error_status(error);
        item = qenex_error_item(error);
        sqlite = qenex_error_sqlite_code(error);
    }
    jbyteArray text = bytes_of(env, message, length);
    qenex_error_free(error);
    if (text == NULL) {
        return;
    }
    jobject exception =
        (*env)->CallStaticObjectMethod(env, exception_class, make_exception, (jint)status, text, item, sqlite);
    if (!(*env)->ExceptionCheck(env)) {
        (*env)->Throw(env, (jthrowable)exception);
    }
}

// Callbacks

#ifndef _WIN32
static pthread_key_t attached;

static void detach(void *ignored)
{
    (void)ignored;
    (*machine)->DetachCurrentThread(machine);
}
#endif

// The environment of this thread, which is attached to the machine until it ends where it was not; NULL: it cannot be.
static JNIEnv *enter(void)
{
    void *env = NULL;
    if ((*machine)->GetEnv(machine, &env, JNI_VERSION_1_8) == JNI_OK) {
        return env;
    }
    JavaVMAttachArgs arguments = {JNI_VERSION_1_8, (char *)"qenex", NULL};
    if ((*machine)->AttachCurrentThreadAsDaemon(machine, &env, &arguments) != JNI_OK) {
        return NULL;
    }
#ifndef _WIN32
    pthread_setspecific(attached, env);
#endif
    return env;
}

// Callbacks throw nothing, but the machine may run out of memory.
static void leave(JNIEnv *env)
{
    if ((*env)->ExceptionCheck(env)) {
        (*env)->ExceptionClear(env);
    }
}

static void destroy(void *user_data)
{
    JNIEnv *env = enter();
    if (env != NULL && user_data != NULL) {
        (*env)->DeleteGlobalRef(env, user_data);
        atomic_fetch_sub(&kept_objects, 1);
    }
}

static void log_message(void *user_data, uint32_t level, const char *target, size_t target_len, const char *text,
                        size_t text_len)
{
    JNIEnv *env = enter();
    if (env == NULL || (*env)->PushLocalFrame(env, 4) != 0) {
        return;
    }
    jbyteArray from = bytes_of(env, target, target_len);
    jbyteArray message = from == NULL ? NULL : bytes_of(env, text, text_len);
    if (message != NULL) {
        (*env)->CallStaticVoidMethod(env, callbacks_class, on_log, (jobject)user_data, (jint)level, from, message);
    }
    leave(env);
    (*env)->PopLocalFrame(env, NULL);
}

static qenex_time tell_time(void *user_data)
{
    JNIEnv *env = enter();
    if (env == NULL) {
        return INT64_MIN;
    }
    jlong time = (*env)->CallStaticLongMethod(env, callbacks_class, on_clock, (jobject)user_data);
    leave(env);
    return time;
}

static int32_t tell_progress(void *user_data, uint64_t done, uint64_t total)
{
    JNIEnv *env = enter();
    if (env == NULL) {
        return 1;
    }
    jint stop =
        (*env)->CallStaticIntMethod(env, callbacks_class, on_progress, (jobject)user_data, (jlong)done, (jlong)total);
    leave(env);
    return stop;
}

static void complete(void *user_data, qenex_status status, const qenex_result *results, size_t count,
                     const char *message, size_t message_len)
{
    JNIEnv *env = enter();
    if (env == NULL || (*env)->PushLocalFrame(env, 4) != 0) {
        return;
    }
    jbyteArray answered = bytes_of(env, results, count * sizeof(qenex_result));
    jbyteArray text = answered == NULL ? NULL : bytes_of(env, message, message_len);
    if (text != NULL) {
        (*env)->CallStaticVoidMethod(env, callbacks_class, on_completed, (jobject)user_data, (jint)status, answered,
                                     text);
    }
    leave(env);
    (*env)->PopLocalFrame(env, NULL);
}

// The class Glue

static jint header_version(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    return QENEX_ABI_VERSION;
}

static jint library_version(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    return (jint)qenex_abi_version();
}

static jbyteArray library_name(JNIEnv *env, jclass type)
{
    (void)type;
    const char *version = qenex_version();
    return bytes_of(env, version, strlen(version));
}

// A record of native_layouts as text: "qenex_id 16 0"; NULL: there is no record of that index.
static jbyteArray layout(JNIEnv *env, jclass type, jint index)
{
    (void)type;
    if (index < 0 || index >= native_layouts_count) {
        return NULL;
    }
    const native_layout *record = &native_layouts[index];
    char text[1024];
    int length = snprintf(text, sizeof text, "%s", record->name);
    for (int number = 0; number < record->count && length < (int)sizeof text - 24; number++) {
        length += snprintf(text + length, sizeof text - (size_t)length, " %zu", record->numbers[number]);
    }
    return bytes_of(env, text, (size_t)length);
}

static void register_functions(JNIEnv *env, jclass type)
{
    (void)type;
    (*env)->RegisterNatives(env, native_class, native_functions, native_functions_count);
}

static jint kept(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    return atomic_load(&kept_objects);
}

static jobject view(JNIEnv *env, jclass type, jlong address, jlong length)
{
    (void)type;
    return (*env)->NewDirectByteBuffer(env, (void *)(intptr_t)address, length);
}

static jlong address(JNIEnv *env, jclass type, jobject buffer)
{
    (void)type;
    return (jlong)(intptr_t)(*env)->GetDirectBufferAddress(env, buffer);
}

static jlong length(JNIEnv *env, jclass type, jlong text)
{
    (void)env;
    (void)type;
    return (jlong)strlen((const char *)(intptr_t)text);
}

static jlong keep(JNIEnv *env, jclass type, jobject object)
{
    (void)type;
    jobject reference = (*env)->NewGlobalRef(env, object);
    if (reference != NULL) {
        atomic_fetch_add(&kept_objects, 1);
    }
    return (jlong)(intptr_t)reference;
}

static void let(JNIEnv *env, jclass type, jlong reference)
{
    (void)env;
    (void)type;
    destroy((void *)(intptr_t)reference);
}

#define FUNCTION(name, function)                                                                                       \
    static jlong name(JNIEnv *env, jclass type)                                                                        \
    {                                                                                                                  \
        (void)env;                                                                                                     \
        (void)type;                                                                                                    \
        return (jlong)(intptr_t)(function);                                                                            \
    }
FUNCTION(destroy_function, destroy)
FUNCTION(log_function, log_message)
FUNCTION(clock_function, tell_time)
FUNCTION(progress_function, tell_progress)
FUNCTION(completion_function, complete)

#define METHOD(name, signature, function)                                                                              \
    {                                                                                                                  \
        (char *)(name), (char *)(signature), (void *)(intptr_t)(function)                                              \
    }
static const JNINativeMethod glue_functions[] = {
    METHOD("headerVersion", "()I", header_version),
    METHOD("libraryVersion", "()I", library_version),
    METHOD("libraryName", "()[B", library_name),
    METHOD("layout", "(I)[B", layout),
    METHOD("register", "()V", register_functions),
    METHOD("kept", "()I", kept),
    METHOD("view", "(JJ)Ljava/nio/ByteBuffer;", view),
    METHOD("address", "(Ljava/nio/ByteBuffer;)J", address),
    METHOD("length", "(J)J", length),
    METHOD("keep", "(Ljava/lang/Object;)J", keep),
    METHOD("let", "(J)V", let),
    METHOD("destroyFunction", "()J", destroy_function),
    METHOD("logFunction", "()J", log_function),
    METHOD("clockFunction", "()J", clock_function),
    METHOD("progressFunction", "()J", progress_function),
    METHOD("completionFunction", "()J", completion_function),
};

static jclass find_class(JNIEnv *env, const char *name)
{
    jclass found = (*env)->FindClass(env, name);
    return found == NULL ? NULL : (jclass)(*env)->NewGlobalRef(env, found);
}

static jmethodID find_method(JNIEnv *env, jclass type, const char *name, const char *signature)
{
    return type == NULL || (*env)->ExceptionCheck(env) ? NULL : (*env)->GetStaticMethodID(env, type, name, signature);
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *loaded_by, void *reserved)
{
    (void)reserved;
    void *place = NULL;
    machine = loaded_by;
    if ((*machine)->GetEnv(machine, &place, JNI_VERSION_1_8) != JNI_OK) {
        return JNI_ERR;
    }
    JNIEnv *env = place;
#ifndef _WIN32
    if (pthread_key_create(&attached, detach) != 0) {
        return JNI_ERR;
    }
#endif
    exception_class = find_class(env, "org/qenex/QenexException");
    make_exception = find_method(env, exception_class, "of", "(I[BJI)Lorg/qenex/QenexException;");
    callbacks_class = make_exception == NULL ? NULL : find_class(env, "org/qenex/Callbacks");
    on_log = find_method(env, callbacks_class, "log", "(Ljava/lang/Object;I[B[B)V");
    on_clock = find_method(env, callbacks_class, "clock", "(Ljava/lang/Object;)J");
    on_progress = find_method(env, callbacks_class, "progress", "(Ljava/lang/Object;JJ)I");
    on_completed = find_method(env, callbacks_class, "completed", "(Ljava/lang/Object;I[B[B)V");
    native_class = on_completed == NULL ? NULL : find_class(env, "org/qenex/Native");
    jclass glue = native_class == NULL ? NULL : (*env)->FindClass(env, "org/qenex/Glue");
    if (glue == NULL || (*env)->RegisterNatives(env, glue, glue_functions,
                                                sizeof glue_functions / sizeof glue_functions[0]) != JNI_OK) {
        return JNI_ERR;
    }
    return JNI_VERSION_1_8;
}
