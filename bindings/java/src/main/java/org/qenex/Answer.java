package org.qenex;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A record that the library answered; it does not change, and any thread may read it. */
public abstract class Answer {
    Answer() {}

    /** null: all zero, which means none. */
    static UUID id(ByteBuffer bytes, int at) {
        boolean little = bytes.order() == ByteOrder.LITTLE_ENDIAN;
        long most = bytes.getLong(at);
        long least = bytes.getLong(at + 8);
        if (most == 0 && least == 0) {
            return null;
        }
        return little ? new UUID(Long.reverseBytes(most), Long.reverseBytes(least)) : new UUID(most, least);
    }

    static BigInteger amount(ByteBuffer bytes, int at) {
        return Amounts.of(bytes.getLong(at), bytes.getLong(at + 8));
    }

    static byte[] plain(ByteBuffer bytes, int at, int length) {
        byte[] copy = new byte[length];
        ByteBuffer place = bytes.duplicate();
        place.position(at);
        place.get(copy);
        return copy;
    }

    static byte[] bytes(ByteBuffer bytes, int at, ByteBuffer arena) {
        int length = bytes.getInt(at + 4);
        return length == 0 ? new byte[0] : plain(arena, bytes.getInt(at), length);
    }

    static String text(ByteBuffer bytes, int at, ByteBuffer arena) {
        int length = bytes.getInt(at + 4);
        return length == 0 ? "" : new String(plain(arena, bytes.getInt(at), length), StandardCharsets.UTF_8);
    }

    /** Texts whose places lie in the arena themselves. */
    static List<String> texts(ByteBuffer bytes, int at, ByteBuffer arena) {
        List<String> texts = new ArrayList<>();
        int first = bytes.getInt(at);
        int length = bytes.getInt(at + 4);
        for (int place = 0; place < length; place += Layout.Text.SIZE) {
            texts.add(text(arena, first + place, arena));
        }
        return List.copyOf(texts);
    }

    static List<LocalDate> dates(ByteBuffer bytes, int at, ByteBuffer arena) {
        List<LocalDate> dates = new ArrayList<>();
        int first = bytes.getInt(at);
        int length = bytes.getInt(at + 4);
        for (int place = 0; place < length; place += 4) {
            dates.add(Values.date(arena.getInt(first + place)));
        }
        return List.copyOf(dates);
    }

    static String characters(ByteBuffer bytes, int at, int length) {
        byte[] copy = plain(bytes, at, length);
        int end = 0;
        while (end < length && copy[end] != 0) {
            end++;
        }
        return new String(copy, 0, end, StandardCharsets.UTF_8);
    }

    static long[] longs(ByteBuffer bytes, int at, int count) {
        long[] copy = new long[count];
        for (int index = 0; index < count; index++) {
            copy[index] = bytes.getLong(at + 8 * index);
        }
        return copy;
    }
}
