//! Points in time, calendar dates and clocks. Time is UTC microseconds, dates are proleptic Gregorian days, both
//! from year 1 to 9999; only a [`Clock`] at the edge reads the system's time, everything else is told what time it is.

mod clock;
mod date;
mod timestamp;

pub use clock::{Clock, ManualClock, SystemClock};
pub use date::{Date, Weekday, days_in_month, is_leap_year};
pub use timestamp::Timestamp;
