//! The host's callbacks as the engine sees them: a log, a clock, each with its destroy function that is called
//! exactly once, and never from within a lock that the callback could need.

use std::ffi::{c_char, c_void};
use std::ptr::null;

use parking_lot::Mutex;

use super::guard;
use super::record::{
    qenex_clock_function, qenex_completion_function, qenex_destroy_function, qenex_log_function,
    qenex_result,
};
use crate::base::status::Status;
use crate::base::time::{Clock, SystemClock, Timestamp};

/// The host's pointer, handed back untouched.
#[derive(Clone, Copy)]
pub(super) struct UserData(pub(super) *mut c_void);

// SAFETY: never dereferenced here; the header requires callbacks, and so their data, to be usable from any thread.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

/// Calls the destroy function when dropped.
pub(super) struct Destroy {
    pub(super) user_data: UserData,
    pub(super) destroy: qenex_destroy_function,
}

impl Drop for Destroy {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            let user_data = self.user_data.0;
            // SAFETY: the host gave the function for this pointer; dropping happens once.
            guard::callback(|| unsafe { destroy(user_data) });
        }
    }
}

/// The host's log.
pub(super) struct HostLog {
    pub(super) log: qenex_log_function,
    pub(super) level: u32,
    pub(super) data: Destroy,
    pub(super) one_at_a_time: Mutex<()>,
}

impl HostLog {
    /// Hands a message over, if its level is wanted.
    pub(super) fn write(&self, level: u32, target: &str, text: &str) {
        let Some(log) = self.log.filter(|_| level <= self.level) else {
            return;
        };
        let _turn = self.one_at_a_time.lock();
        let (target, target_len) = (target.as_ptr().cast::<c_char>(), target.len());
        let (text, text_len) = (text.as_ptr().cast::<c_char>(), text.len());
        // SAFETY: the host's function with the host's pointer; the texts outlive the call.
        guard::callback(|| unsafe {
            log(
                self.data.user_data.0,
                level,
                target,
                target_len,
                text,
                text_len,
            )
        });
    }
}

/// The host's function that is told of a completion.
pub(super) struct HostCompletion {
    pub(super) completion: qenex_completion_function,
    pub(super) data: Destroy,
}

impl HostCompletion {
    /// Tells it.
    pub(super) fn tell(&self, status: Status, results: &[qenex_result], message: &str) {
        let Some(completion) = self.completion else {
            return;
        };
        let (text, length) = (message.as_ptr().cast::<c_char>(), message.len());
        let first = match results {
            [] => null(),
            results => results.as_ptr(),
        };
        // SAFETY: the host's function with the host's pointer; results and message outlive the call.
        guard::callback(|| unsafe {
            completion(
                self.data.user_data.0,
                status.code(),
                first,
                results.len(),
                text,
                length,
            )
        });
    }
}

/// The host's clock; the system's when the host has none.
pub(super) struct HostClock {
    pub(super) clock: qenex_clock_function,
    pub(super) data: Destroy,
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        let Some(clock) = self.clock else {
            return SystemClock.now();
        };
        // SAFETY: the host's function with the host's pointer.
        let micros = guard::callback(|| unsafe { clock(self.data.user_data.0) });
        Timestamp::from_micros(micros.clamp(Timestamp::MIN.micros(), Timestamp::MAX.micros()))
    }
}
