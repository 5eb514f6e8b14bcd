//! Clocks: the only place where the time of the machine enters. The engine asks its clock once per command and
//! passes the answer on; tests, replays and hosts with a time of their own set a [`ManualClock`].

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Timestamp;

/// What tells the time.
pub trait Clock: Send + Sync {
    /// The time now. It may stand still or go back; who needs it to increase must see to that.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros)
            }
        };
        Timestamp::from_micros(micros.clamp(Timestamp::MIN.micros(), Timestamp::MAX.micros()))
    }
}

/// A clock that stands until it is set.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn new(now: Timestamp) -> ManualClock {
        ManualClock(AtomicI64::new(now.micros()))
    }

    /// Sets the time, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }

    /// Moves the time on by `micros` (back when negative), at most to the ends of the range.
    pub fn advance(&self, micros: i64) {
        let moved = |now: i64| {
            let later = now.saturating_add(micros);
            Some(later.clamp(Timestamp::MIN.micros(), Timestamp::MAX.micros()))
        };
        // The closure always returns a value, so the update cannot be refused.
        let _ = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_until_it_is_set() {
        let clock = ManualClock::new(Timestamp::from_micros(5));
        assert_eq!(
            (clock.now(), clock.now()),
            (Timestamp::from_micros(5), Timestamp::from_micros(5))
        );
        clock.advance(10);
        assert_eq!(clock.now(), Timestamp::from_micros(15));
        clock.advance(i64::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
        clock.advance(i64::MIN);
        assert!(clock.now() >= Timestamp::MIN);
        clock.set(Timestamp::from_micros(-1));
        assert_eq!(clock.now(), Timestamp::from_micros(-1));
    }

    #[test]
    fn the_system_clock_is_of_this_age() {
        let now = SystemClock.now();
        assert!(now.check().is_ok() && now.date().year() >= 2025, "{now}");
    }
}
