package org.qenex;

import java.nio.ByteBuffer;

/** What the native code does beside the functions of the library. */
final class Glue {
    private Glue() {}

    /** QENEX_ABI_VERSION of the header that the native code was compiled with. */
    static native int headerVersion();

    /** The binary interface of the library that is loaded. */
    static native int libraryVersion();

    /** The version of the library that is loaded, as UTF-8. */
    static native byte[] libraryName();

    /** A record as the C compiler laid it out, in the form of {@link Layout#ALL}, as UTF-8; null: there is none. */
    static native byte[] layout(int index);

    /** Binds the methods of {@link Native}. */
    static native void register();

    /** How many objects are kept. */
    static native int kept();

    /** Memory at an address. */
    static native ByteBuffer view(long address, long length);

    /** The address of a direct buffer. */
    static native long address(ByteBuffer buffer);

    /** Bytes before the NUL. */
    static native long length(long address);

    /** Keeps an object until the library calls the function of {@link #destroyFunction} with it, or {@link #let}. */
    static native long keep(Object object);

    /** Ends what {@link #keep} began. */
    static native void let(long kept);

    static native long destroyFunction();

    static native long logFunction();

    static native long clockFunction();

    static native long progressFunction();

    static native long completionFunction();
}
