package org.qenex;

/** A part of a journal as text, which is to be written right behind the part before. */
public final class JournalPage {
    private final String text;
    private final byte[] cursor;

    JournalPage(String text, byte[] cursor) {
        this.text = text;
        this.cursor = cursor;
    }

    /** The text of this page. */
    public String text() {
        return text;
    }

    /** Where the next page begins; null: there is nothing more. */
    public byte[] cursor() {
        return cursor == null ? null : cursor.clone();
    }
}
