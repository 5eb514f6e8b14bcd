//! Days of the calendar for the sample input: as many as a demo needs, counted from 1970-01-01 in the Gregorian
//! calendar, years 1970 and later.

use std::fmt;

/// A day, as the number of days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day(pub i64);

impl Day {
    /// The first day of a month; `months` may exceed 12 and counts on from January of the year.
    pub fn first_of_month(year: i64, months: i64) -> Day {
        let (year, month) = (
            year + (months - 1).div_euclid(12),
            (months - 1).rem_euclid(12) + 1,
        );
        // A year that begins in March ends with the leap day, so the months before it have fixed lengths.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// The day that lies `days` later.
    pub fn plus(self, days: i64) -> Day {
        Day(self.0 + days)
    }

    /// Year, month 1 to 12, day of the month 1 to 31.
    pub fn parts(self) -> (i64, i64, i64) {
        let mut year = 1970 + self.0.div_euclid(366);
        while Day::first_of_month(year + 1, 1) <= self {
            year += 1;
        }
        let mut month = 1;
        while Day::first_of_month(year, month + 1) <= self {
            month += 1;
        }
        (year, month, self.0 - Day::first_of_month(year, month).0 + 1)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_are_those_of_the_calendar() {
        let day = |days: i64| Day(days).to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(11_016), "2000-02-29");
        assert_eq!(day(17_622), "2018-04-01");
        assert_eq!(day(20_453), "2025-12-31");
        assert_eq!(Day::first_of_month(2025, 13).to_string(), "2026-01-01");
        assert_eq!(
            Day::first_of_month(2025, 12).plus(31),
            Day::first_of_month(2026, 1)
        );
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = Day(0).parts();
        for days in 1..60_000 {
            let (year, month, day) = Day(days).parts();
            let follows = match day {
                1 if month == 1 => before == (year - 1, 12, 31),
                1 => before.0 == year && before.1 == month - 1 && before.2 >= 28,
                _ => before == (year, month, day - 1),
            };
            assert!(follows, "{before:?} then {:?}", (year, month, day));
            before = (year, month, day);
        }
    }
}
