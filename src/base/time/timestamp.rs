//! Points in time as microseconds since 1970-01-01T00:00:00Z, without leap seconds. Text is ISO 8601 in UTC;
//! an offset is read and converted, a time without one is refused, because it names no instant.

use std::fmt;
use std::str::FromStr;

use super::Date;
use super::date::{number, read};
use crate::base::error::{Error, Result, quoted};
use crate::base::status::Status;

/// A point in time. Valid in the years 1 to 9999: numbers from outside go through [`Timestamp::checked`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const MICROS_PER_SECOND: i64 = 1_000_000;
    pub const MICROS_PER_DAY: i64 = 86_400 * Timestamp::MICROS_PER_SECOND;

    /// 0001-01-01T00:00:00.000000Z.
    pub const MIN: Timestamp = Timestamp(Date::MIN.days() as i64 * Timestamp::MICROS_PER_DAY);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Timestamp =
        Timestamp((Date::MAX.days() as i64 + 1) * Timestamp::MICROS_PER_DAY - 1);

    /// Microseconds since 1970, for numbers that are known to be in range.
    #[inline]
    pub const fn from_micros(micros: i64) -> Timestamp {
        Timestamp(micros)
    }

    #[inline]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Microseconds since 1970, from outside. Error: `INVALID_DATE` outside years 1 to 9999.
    pub fn checked(micros: i64) -> Result<Timestamp> {
        Timestamp(micros).check()
    }

    /// Itself, or `INVALID_DATE` outside years 1 to 9999.
    #[inline]
    pub fn check(self) -> Result<Timestamp> {
        if Timestamp::MIN.0 <= self.0 && self.0 <= Timestamp::MAX.0 {
            Ok(self)
        } else {
            Err(out_of_range(self.0))
        }
    }

    /// The date in UTC.
    #[inline]
    pub const fn date(self) -> Date {
        // At most 2^63 / 8.64 * 10^10 = 1.07 * 10^8 days: fits.
        Date::from_days(self.0.div_euclid(Timestamp::MICROS_PER_DAY) as i32)
    }

    /// The time `micros` later (earlier when negative). Error: `INVALID_DATE` outside years 1 to 9999.
    pub fn add_micros(self, micros: i64) -> Result<Timestamp> {
        match self.0.checked_add(micros) {
            Some(sum) => Timestamp(sum).check(),
            None => Err(out_of_range(self.0)),
        }
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS`, optionally a point and one to six decimals, then `Z` or an offset `+HH:MM` or
    /// `-HH:MM`. Error: `INVALID_DATE`.
    pub fn parse(text: &str) -> Result<Timestamp> {
        let refuse =
            |reason: &str| Error::new(Status::INVALID_DATE, format!("{} {reason}", quoted(text)));
        let shape = "is not a time: write it as in '2026-11-22T10:00:00Z' or '2026-11-22T10:00:00.000001+01:00'";
        let Some(([date @ .., b'T'], rest)) = text.as_bytes().split_at_checked(11) else {
            return Err(refuse(shape));
        };
        let Some((clock, rest)) = rest.split_at_checked(8) else {
            return Err(refuse(shape));
        };
        let Some((year, month, day)) = read(date) else {
            return Err(refuse(shape));
        };
        let Some((hours, minutes, seconds)) = read_clock(clock) else {
            return Err(refuse(shape));
        };
        if hours > 23 || minutes > 59 || seconds > 59 {
            return Err(refuse(
                "is not a time of day: hours are 0 to 23, minutes and seconds 0 to 59",
            ));
        }
        let (fraction, zone) = match rest.strip_prefix(b".") {
            None => (Some(0), rest),
            Some(rest) => {
                let decimals = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let (decimals, zone) = rest.split_at(decimals);
                (read_fraction(decimals), zone)
            }
        };
        let Some(fraction) = fraction else {
            return Err(refuse(
                "has no decimals, or more than six, after the point: microseconds are the finest",
            ));
        };
        let Some(offset) = read_offset(zone) else {
            return Err(refuse(
                "does not end with 'Z' or an offset such as '+01:00', so it names no instant",
            ));
        };
        let date = Date::from_ymd(year, month, day).map_err(|error| error.within(&quoted(text)))?;
        let seconds = i64::from(hours * 3600 + minutes * 60 + seconds) - offset;
        let within_day = seconds * Timestamp::MICROS_PER_SECOND + i64::from(fraction);
        date.start()
            .add_micros(within_day)
            .map_err(|error| error.within(&quoted(text)))
    }

    /// `YYYY-MM-DDTHH:MM:SS.ffffffZ`, always with six decimals.
    pub fn format(self) -> String {
        self.to_string()
    }
}

fn read_clock(text: &[u8]) -> Option<(u32, u32, u32)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = text else {
        return None;
    };
    Some((
        number(&[*h1, *h2])?,
        number(&[*m1, *m2])?,
        number(&[*s1, *s2])?,
    ))
}

/// Microseconds of one to six decimals.
fn read_fraction(decimals: &[u8]) -> Option<u32> {
    let missing = 6usize
        .checked_sub(decimals.len())
        .filter(|missing| *missing < 6)?;
    number(decimals)?.checked_mul(10u32.pow(u32::try_from(missing).ok()?))
}

/// Seconds east of UTC.
fn read_offset(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'Z'] => return Some(0),
        [b'+', h1, h2, b':', m1, m2] => (1, [*h1, *h2, *m1, *m2]),
        [b'-', h1, h2, b':', m1, m2] => (-1, [*h1, *h2, *m1, *m2]),
        _ => return None,
    };
    let value = number(&digits)?;
    let (hours, minutes) = (value / 100, value % 100);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(sign * i64::from(hours * 3600 + minutes * 60))
}

#[cold]
fn out_of_range(micros: i64) -> Error {
    let message =
        format!("{micros} microseconds since 1970 are, or would be, outside the years 1 to 9999");
    Error::new(Status::INVALID_DATE, message)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within_day = self.0.rem_euclid(Timestamp::MICROS_PER_DAY);
        let (seconds, micros) = (
            within_day / Timestamp::MICROS_PER_SECOND,
            within_day % Timestamp::MICROS_PER_SECOND,
        );
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            formatter,
            "{}T{hours:02}:{minutes:02}:{seconds:02}.{micros:06}Z",
            self.date()
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Timestamp> {
        Timestamp::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T10:00:00",
            "2026-11-22T10:00Z",
            "2026-11-22 10:00:00Z",
            "2026-11-22t10:00:00Z",
            "2026-11-22T10:00:00z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:60:00Z",
            "2026-11-22T23:59:60Z",
            "2026-11-22T10:00:00.Z",
            "2026-11-22T10:00:00.1234567Z",
            "2026-11-22T10:00:00,5Z",
            "2026-11-22T10:00:00+0100",
            "2026-11-22T10:00:00+24:00",
            "2026-11-22T10:00:00+01:60",
            "2026-11-22T10:00:00ZZ",
            "2026-11-22T10:00:00Z ",
            "2026-02-29T10:00:00Z",
            "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-11-22T1é:00:00Z",
            "2026-11-2éT10:00:00Z",
        ] {
            let error = Timestamp::parse(text).expect_err(text);
            assert_eq!(error.status(), Status::INVALID_DATE, "{text}");
            assert!(error.message().contains('\''), "{error}");
        }
        let reason = Timestamp::parse("2026-11-22T10:00:00")
            .expect_err("no zone")
            .to_string();
        assert!(reason.contains("names no instant"), "{reason}");
    }

    #[test]
    fn known_instants() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2026-11-22T10:00:00.000001Z", 1_795_341_600_000_001),
            ("2026-11-22T11:00:00.5+01:00", 1_795_341_600_500_000),
            ("2026-11-21T20:30:00-13:30", 1_795_341_600_000_000),
            ("2026-11-22T10:00:00.12Z", 1_795_341_600_120_000),
        ] {
            assert_eq!(Timestamp::parse(text), Ok(Timestamp(micros)), "{text}");
        }
        assert_eq!(Timestamp::MIN.format(), "0001-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::MAX.format(), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn the_range_is_kept() {
        assert!(
            Timestamp::checked(Timestamp::MAX.0 + 1).is_err()
                && Timestamp::checked(i64::MIN).is_err()
        );
        assert!(Timestamp::MAX.add_micros(1).is_err() && Timestamp::MIN.add_micros(-1).is_err());
        assert!(Timestamp(i64::MAX).add_micros(1).is_err());
        assert_eq!(Timestamp::checked(Timestamp::MIN.0), Ok(Timestamp::MIN));
        // Out of range still answers without a panic.
        let _ = (
            Timestamp(i64::MIN).format(),
            Timestamp(i64::MAX).format(),
            Timestamp(i64::MIN).date(),
        );
    }

    #[test]
    fn dates_round_down_before_1970() {
        assert_eq!(Timestamp(-1).date(), Date::from_days(-1));
        assert_eq!(
            Timestamp(Timestamp::MICROS_PER_DAY - 1).date(),
            Date::from_days(0)
        );
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(micros in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let time = Timestamp(micros);
            prop_assert_eq!(Timestamp::parse(&time.format()), Ok(time));
            prop_assert!(time.date().start() <= time);
        }

        #[test]
        fn offsets_move_the_instant(
            micros in 0..Timestamp::MICROS_PER_DAY * 365, hours in 0i64..24, minutes in 0i64..60, east: bool,
        ) {
            let time = Timestamp(micros);
            let local = time.format().replace('Z', &format!("{}{hours:02}:{minutes:02}", if east { '+' } else { '-' }));
            let shift = (hours * 3600 + minutes * 60) * Timestamp::MICROS_PER_SECOND;
            let expected = if east { micros - shift } else { micros + shift };
            prop_assert_eq!(Timestamp::parse(&local), Ok(Timestamp(expected)));
        }

        #[test]
        fn arbitrary_texts_never_panic(text in "\\PC{0,30}|[0-9-]{10}T[0-9:]{8}[.0-9Z+:-]{0,12}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
