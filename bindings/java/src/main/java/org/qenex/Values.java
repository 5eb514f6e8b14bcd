package org.qenex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Translates texts, dates and times; what cannot be translated is refused, never replaced. */
final class Values {
    private Values() {}

    /** UTF-8; a lone surrogate is no text. null stays null. */
    static byte[] utf8(String name, String text) {
        if (text == null) {
            return null;
        }
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (CharacterCodingException error) {
            throw new QenexException(
                    Status.INVALID_UTF8, name + " has half of a surrogate pair: it is no text in Unicode");
        }
    }

    private static boolean isAscii(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    static int date(LocalDate date) {
        if (date == null) {
            return 0;
        }
        if (date.getYear() < 1 || date.getYear() > 9999) {
            throw new QenexException(Status.INVALID_DATE, date + " is outside the years 1 to 9999");
        }
        return date.getYear() * 10000 + date.getMonthValue() * 100 + date.getDayOfMonth();
    }

    /** Their numbers, four bytes each; null: none. */
    static byte[] dates(List<LocalDate> dates) {
        if (dates == null) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(4, dates.size())).order(ByteOrder.nativeOrder());
        for (LocalDate date : dates) {
            bytes.putInt(date(date));
        }
        return bytes.array();
    }

    static LocalDate date(int number) {
        return number == 0 ? null : LocalDate.of(number / 10000, number / 100 % 100, number % 100);
    }

    /** Microseconds since 1970; null: 0. */
    static long time(Instant time) {
        if (time == null) {
            return 0;
        }
        long micros;
        try {
            micros = Math.addExact(
                    Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1000);
        } catch (ArithmeticException error) {
            throw new QenexException(Status.INVALID_DATE, time + " is outside the years 1 to 9999");
        }
        return micros;
    }

    /** The time of a field, where the number 0 means none: the very start of 1970 cannot be given. */
    static long givenTime(Instant time) {
        long micros = time(time);
        if (time != null && micros == 0) {
            throw new QenexException(
                    Status.INVALID_DATE, "the first microsecond of 1970 means none: give a later time, or null");
        }
        return micros;
    }

    /** The time of a field; null: none. */
    static Instant time(long micros) {
        return micros == 0 ? null : instant(micros);
    }

    static Instant instant(long micros) {
        try {
            return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        } catch (DateTimeException error) {
            throw new QenexException(Status.INVALID_DATE, micros + " microseconds are no time");
        }
    }

    /** A text of the library that ends with NUL and lives as long as the library. */
    static String terminated(long address) {
        return StandardCharsets.UTF_8.decode(view(address, Glue.length(address))).toString();
    }

    /** Memory of the library; the caller knows how long it lives. */
    static ByteBuffer view(long address, long length) {
        if (address == 0 || length == 0) {
            return ByteBuffer.allocate(0);
        }
        return Glue.view(address, length).order(ByteOrder.nativeOrder());
    }
}
