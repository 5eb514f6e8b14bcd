//! Calendar dates as days since 1970-01-01 in the proleptic Gregorian calendar. The number is the value: dates
//! compare, subtract and store as integers; year, month and day are computed when somebody looks.

use std::fmt;
use std::str::FromStr;

use super::Timestamp;
use crate::base::error::{Error, Result, quoted};
use crate::base::status::Status;

/// A date. Valid from 0001-01-01 to 9999-12-31: numbers from outside go through [`Date::checked`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Date(i32);

/// Days of the week, numbered as in ISO 8601: Monday is 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weekday {
    Monday = 1,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Date {
    /// 0001-01-01.
    pub const MIN: Date = Date(-719_162);
    /// 9999-12-31.
    pub const MAX: Date = Date(2_932_896);

    /// Days since 1970-01-01, for numbers that are known to be in range.
    #[inline]
    pub const fn from_days(days: i32) -> Date {
        Date(days)
    }

    #[inline]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Days since 1970-01-01, from outside. Error: `INVALID_DATE` outside years 1 to 9999.
    pub fn checked(days: i64) -> Result<Date> {
        match i32::try_from(days).map(Date) {
            Ok(date) if date.is_valid() => Ok(date),
            _ => Err(Error::new(
                Status::INVALID_DATE,
                format!("day {days} since 1970-01-01 is outside the years 1 to 9999"),
            )),
        }
    }

    #[inline]
    pub const fn is_valid(self) -> bool {
        Date::MIN.0 <= self.0 && self.0 <= Date::MAX.0
    }

    /// The date of year 1 to 9999, month 1 to 12 and day of the month from 1. Error: `INVALID_DATE`.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Result<Date> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) {
            return Err(no_such_date(
                year,
                month,
                day,
                "years are 1 to 9999, months 1 to 12",
            ));
        }
        let last = days_in_month(year, month);
        if !(1..=last).contains(&day) {
            return Err(no_such_date(
                year,
                month,
                day,
                &format!("the month has days 1 to {last}"),
            ));
        }
        let months = i64::from(year) * 12 + i64::from(month) - 1;
        // In range by the checks above, and so fits.
        Date::checked(first_of_month(months) + i64::from(day) - 1)
    }

    /// Year, month 1 to 12, day of the month from 1.
    pub fn ymd(self) -> (i32, u8, u8) {
        // Days since 0000-03-01: the leap day is then the last of its year, and years repeat every 400.
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // March is month 0; 153 days in every five months from March.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, next_year) = if month < 10 {
            (month + 3, 0)
        } else {
            (month - 9, 1)
        };
        (
            (era * 400 + year_of_era + next_year) as i32,
            month as u8,
            day as u8,
        )
    }

    pub fn year(self) -> i32 {
        self.ymd().0
    }

    pub fn month(self) -> u8 {
        self.ymd().1
    }

    pub fn day(self) -> u8 {
        self.ymd().2
    }

    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        match (i64::from(self.0) + 3).rem_euclid(7) {
            0 => Weekday::Monday,
            1 => Weekday::Tuesday,
            2 => Weekday::Wednesday,
            3 => Weekday::Thursday,
            4 => Weekday::Friday,
            5 => Weekday::Saturday,
            _ => Weekday::Sunday,
        }
    }

    /// The date `days` later (earlier when negative). Error: `INVALID_DATE` outside years 1 to 9999.
    pub fn add_days(self, days: i64) -> Result<Date> {
        Date::checked(i64::from(self.0).saturating_add(days))
    }

    /// The same day of the month `months` later (earlier when negative), or the last day of a shorter month:
    /// 31 January plus one month is 28 or 29 February. Error: `INVALID_DATE` outside years 1 to 9999.
    pub fn add_months(self, months: i32) -> Result<Date> {
        let (year, month, day) = self.ymd();
        let total = i64::from(year) * 12 + i64::from(month) - 1 + i64::from(months);
        let year = i32::try_from(total.div_euclid(12)).unwrap_or(i32::MAX);
        let month = total.rem_euclid(12) as u8 + 1;
        Date::from_ymd(year, month, day.min(days_in_month(year, month)))
    }

    /// The last day of this date's month.
    pub fn end_of_month(self) -> Date {
        let (year, month, day) = self.ymd();
        Date(
            self.0
                .saturating_add(i32::from(days_in_month(year, month)) - i32::from(day)),
        )
    }

    /// Days from this date to `later`; negative when it lies before.
    #[inline]
    pub fn days_until(self, later: Date) -> i64 {
        i64::from(later.0) - i64::from(self.0)
    }

    /// Midnight UTC at which the date begins.
    #[inline]
    pub fn start(self) -> Timestamp {
        // A valid date fits; the product of any other number of days stops at the end of 64 bits.
        Timestamp::from_micros(i64::from(self.0).saturating_mul(Timestamp::MICROS_PER_DAY))
    }

    /// Reads `YYYY-MM-DD`, nothing else. Error: `INVALID_DATE`.
    pub fn parse(text: &str) -> Result<Date> {
        match read(text.as_bytes()) {
            Some((year, month, day)) => {
                Date::from_ymd(year, month, day).map_err(|error| error.within(&quoted(text)))
            }
            None => Err(Error::new(
                Status::INVALID_DATE,
                format!(
                    "{} is not a date: write YYYY-MM-DD, as in '2026-11-22'",
                    quoted(text)
                ),
            )),
        }
    }

    /// `YYYY-MM-DD`.
    pub fn format(self) -> String {
        self.to_string()
    }
}

/// Year, month and day of exactly `YYYY-MM-DD`, not yet checked against the calendar.
pub(super) fn read(text: &[u8]) -> Option<(i32, u8, u8)> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = number(&[*y1, *y2, *y3, *y4])?;
    let (month, day) = (number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    Some((
        i32::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    ))
}

/// The number that consists of these digits, at most nine of them.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    let mut value = 0u32;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value
            .checked_mul(10)?
            .checked_add(u32::from(digit - b'0'))?;
    }
    Some(value)
}

pub const fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of month 1 to 12 (30 for any other number).
pub const fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 => 28 + is_leap_year(year) as u8,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 30,
    }
}

/// Days since 1970-01-01 of the first day of a month, counted in months from January of year 0.
fn first_of_month(months: i64) -> i64 {
    // Years that begin in March, so that the leap day is the last: see `ymd`.
    let from_march = months - 2;
    let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}

fn no_such_date(year: i32, month: u8, day: u8, reason: &str) -> Error {
    Error::new(
        Status::INVALID_DATE,
        format!("there is no date {year:04}-{month:02}-{day:02}: {reason}"),
    )
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Date> {
        Date::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Date {
        match Date::parse(text) {
            Ok(date) => date,
            Err(error) => panic!("{error}"),
        }
    }

    fn dates() -> impl Strategy<Value = Date> {
        (Date::MIN.0..=Date::MAX.0).prop_map(Date)
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-11-2",
            "2026-1-22",
            "26-11-22",
            "20261122",
            "2026/11/22",
            "22.11.2026",
            "2026-11-22 ",
            " 2026-11-22",
            "+2026-11-22",
            "-026-11-22",
            "2026-11-2２",
            "2026-11-22T00:00:00Z",
            "0000-01-01",
            "2026-00-01",
            "2026-13-01",
            "2026-01-00",
            "2026-01-32",
            "2026-04-31",
            "2026-02-29",
            "1900-02-29",
            "2100-02-29",
        ] {
            let error = Date::parse(text).expect_err(text);
            assert_eq!(error.status(), Status::INVALID_DATE, "{text}");
        }
        let reason = Date::parse("2026-02-29")
            .expect_err("no leap year")
            .to_string();
        assert!(reason.contains("days 1 to 28"), "{reason}");
        assert!(Date::checked(i64::MIN).is_err() && Date::checked(2_932_897).is_err());
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(
            (Date::MIN.format(), Date::MAX.format()),
            ("0001-01-01".into(), "9999-12-31".into())
        );
        assert!(Date::MAX.add_days(1).is_err() && Date::MIN.add_days(-1).is_err());
        assert!(Date::MAX.add_months(1).is_err() && Date::MIN.add_months(-1).is_err());
        assert!(
            date("2026-01-01").add_months(i32::MAX).is_err()
                && date("2026-01-01").add_days(i64::MIN).is_err()
        );
        // Out of range still answers without a panic.
        for days in [i32::MIN, i32::MAX] {
            let strange = Date::from_days(days);
            let _ = (
                strange.format(),
                strange.weekday(),
                strange.start(),
                strange.end_of_month(),
            );
            assert!(!strange.is_valid() && strange.add_months(i32::MIN).is_err());
        }
    }

    #[test]
    fn known_days() {
        for (text, days, weekday) in [
            ("1970-01-01", 0, Weekday::Thursday),
            ("1969-12-31", -1, Weekday::Wednesday),
            ("2000-02-29", 11_016, Weekday::Tuesday),
            ("2026-11-22", 20_779, Weekday::Sunday),
            ("1582-10-15", -141_427, Weekday::Friday),
        ] {
            assert_eq!(
                (date(text).days(), date(text).weekday()),
                (days, weekday),
                "{text}"
            );
        }
        assert_eq!(Weekday::Sunday as u8, 7);
    }

    #[test]
    fn months_end_where_they_end() {
        for (from, months, to) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", -48, "2020-02-29"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-12-15", 1, "2027-01-15"),
            ("2026-01-15", -1, "2025-12-15"),
            ("2026-05-31", 0, "2026-05-31"),
        ] {
            assert_eq!(
                date(from).add_months(months),
                Ok(date(to)),
                "{from} + {months}"
            );
        }
        assert_eq!(date("2024-02-03").end_of_month(), date("2024-02-29"));
        assert!(
            is_leap_year(2000) && is_leap_year(2024) && !is_leap_year(1900) && !is_leap_year(2026)
        );
    }

    #[test]
    fn every_day_of_ten_millennia_follows_the_one_before() {
        let (mut year, mut month, mut day) = (1, 1u8, 1u8);
        for days in Date::MIN.0..=Date::MAX.0 {
            assert_eq!(Date(days).ymd(), (year, month, day));
            day += 1;
            if day > days_in_month(year, month) {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
        assert_eq!((year, month, day), (10_000, 1, 1));
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(date in dates()) {
            prop_assert_eq!(Date::parse(&date.format()), Ok(date));
            let (year, month, day) = date.ymd();
            prop_assert_eq!(Date::from_ymd(year, month, day), Ok(date));
            prop_assert_eq!(date.start().date(), date);
        }

        #[test]
        fn days_add_up(date in dates(), days in -800_000i64..800_000) {
            if let Ok(later) = date.add_days(days) {
                prop_assert_eq!(date.days_until(later), days);
                prop_assert_eq!(later.add_days(-days), Ok(date));
                prop_assert_eq!(later.cmp(&date), days.cmp(&0));
            }
        }

        #[test]
        fn arbitrary_texts_never_panic(text in "\\PC{0,12}|[0-9-]{0,12}") {
            let _ = Date::parse(&text);
        }
    }
}
