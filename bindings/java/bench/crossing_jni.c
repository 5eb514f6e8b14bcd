// Lets the Java half of the bench (Crossing.java) call the C half, benches/crossing/crossing.c.
#include <jni.h>
#include <stddef.h>
#include <stdint.h>

int32_t crossing_open(void);
int64_t crossing_transfers(size_t batch, size_t calls);
int64_t crossing_balances(size_t calls);
void crossing_close(void);

JNIEXPORT jint JNICALL Java_Crossing_openC(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    return crossing_open();
}

JNIEXPORT jlong JNICALL Java_Crossing_transfersC(JNIEnv *env, jclass type, jint batch, jint calls)
{
    (void)env;
    (void)type;
    return crossing_transfers((size_t)batch, (size_t)calls);
}

JNIEXPORT jlong JNICALL Java_Crossing_balancesC(JNIEnv *env, jclass type, jint calls)
{
    (void)env;
    (void)type;
    return crossing_balances((size_t)calls);
}

JNIEXPORT void JNICALL Java_Crossing_closeC(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    crossing_close();
}
