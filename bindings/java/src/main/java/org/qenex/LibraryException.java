package org.qenex;

/** The native library was not found, or is not the one that this package was made for. The message says what to do. */
public final class LibraryException extends QenexException {
    private static final long serialVersionUID = 1L;

    LibraryException(String message) {
        super(Status.UNSUPPORTED, message);
    }
}
