//! Makes disk calls fail on purpose, so that tests can walk through every call of a workload and break exactly that
//! one. A plan is shared by handle: the test keeps a clone while the store runs with it. A plan without rules
//! costs one atomic load per call and never fails anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

/// The kinds of call that can be counted and made to fail. `Lock` is locking the database file, `Shm` mapping and
/// locking the log's shared index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoKind {
    Open,
    Read,
    Write,
    Sync,
    Truncate,
    Delete,
    Lock,
    Shm,
}

impl IoKind {
    pub const ALL: [IoKind; 8] = [
        IoKind::Open,
        IoKind::Read,
        IoKind::Write,
        IoKind::Sync,
        IoKind::Truncate,
        IoKind::Delete,
        IoKind::Lock,
        IoKind::Shm,
    ];
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call does nothing and reports the I/O error of its kind. A sync that fails this way leaves what was
    /// written since the last sync in doubt for ever: a later sync that succeeds does not bring it back.
    IoError,
    /// A write puts down the first half of its bytes, then reports an I/O error. Other kinds: as `IoError`.
    ShortWrite,
    /// The call reports that the disk is full.
    DiskFull,
    /// The machine is off, for the caller an I/O error: the call does nothing at all. A sync that fails this way
    /// leaves the fate of what was written to the power cut that follows.
    PowerLost,
}

/// Which matching calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    Once,
    FromThenOn,
}

/// A shared list of calls that are to fail, and a count of all calls made. Clones are the same plan.
#[derive(Clone, Default)]
pub struct FaultPlan {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    armed: AtomicBool,
    calls: [AtomicU64; IoKind::ALL.len()],
    struck: AtomicU64,
    rules: Mutex<Vec<Rule>>,
}

struct Rule {
    kinds: Vec<IoKind>,
    /// Matching calls still to let through before the first that fails.
    remaining: u64,
    repeat: Repeat,
    fault: Fault,
    spent: bool,
}

impl FaultPlan {
    pub fn new() -> Self {
        FaultPlan::default()
    }

    /// Fails the `nth` call (1 is the next one) of any of `kinds`, counted from now; `nth` 0 means 1.
    pub fn fail(&self, kinds: &[IoKind], nth: u64, repeat: Repeat, fault: Fault) {
        let mut rules = self.inner.rules.lock();
        rules.push(Rule {
            kinds: kinds.to_vec(),
            remaining: nth.saturating_sub(1),
            repeat,
            fault,
            spent: false,
        });
        self.inner.armed.store(true, Ordering::Release);
    }

    /// Forgets every rule: from now on all calls succeed. Counts stay.
    pub fn clear(&self) {
        let mut rules = self.inner.rules.lock();
        rules.clear();
        self.inner.armed.store(false, Ordering::Release);
    }

    /// Calls of this kind so far, failed ones included.
    pub fn calls(&self, kind: IoKind) -> u64 {
        self.inner.calls[kind as usize].load(Ordering::Relaxed)
    }

    /// Calls of these kinds so far, failed ones included.
    pub fn calls_of(&self, kinds: &[IoKind]) -> u64 {
        kinds.iter().map(|kind| self.calls(*kind)).sum()
    }

    /// How many calls were made to fail so far.
    pub fn struck(&self) -> u64 {
        self.inner.struck.load(Ordering::Relaxed)
    }

    /// Counts a call that is about to be made, and says whether and how it is to fail.
    pub(super) fn strike(&self, kind: IoKind) -> Option<Fault> {
        self.inner.calls[kind as usize].fetch_add(1, Ordering::Relaxed);
        if !self.inner.armed.load(Ordering::Acquire) {
            return None;
        }
        let mut rules = self.inner.rules.lock();
        let mut struck = None;
        for rule in rules.iter_mut().filter(|rule| rule.kinds.contains(&kind)) {
            if rule.remaining > 0 {
                rule.remaining -= 1;
            } else if !rule.spent {
                rule.spent = rule.repeat == Repeat::Once;
                struck = struck.or(Some(rule.fault));
            }
        }
        if struck.is_some() {
            self.inner.struck.fetch_add(1, Ordering::Relaxed);
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fails_exactly_the_nth_matching_call() {
        let plan = FaultPlan::new();
        assert_eq!(plan.strike(IoKind::Write), None);
        plan.fail(
            &[IoKind::Write, IoKind::Sync],
            3,
            Repeat::Once,
            Fault::DiskFull,
        );
        assert_eq!(plan.strike(IoKind::Write), None);
        assert_eq!(plan.strike(IoKind::Read), None, "another kind");
        assert_eq!(plan.strike(IoKind::Sync), None);
        assert_eq!(plan.strike(IoKind::Write), Some(Fault::DiskFull));
        assert_eq!(plan.strike(IoKind::Write), None, "once");
        assert_eq!(plan.struck(), 1);
        assert_eq!(plan.calls(IoKind::Write), 4);
        assert_eq!(plan.calls_of(&IoKind::ALL), 6);
    }

    #[test]
    fn a_rule_from_then_on_fails_until_cleared() {
        let plan = FaultPlan::new();
        plan.fail(&[IoKind::Sync], 2, Repeat::FromThenOn, Fault::IoError);
        assert_eq!(plan.strike(IoKind::Sync), None);
        assert_eq!(plan.strike(IoKind::Sync), Some(Fault::IoError));
        assert_eq!(plan.strike(IoKind::Sync), Some(Fault::IoError));
        plan.clear();
        assert_eq!(plan.strike(IoKind::Sync), None);
        assert_eq!(plan.calls(IoKind::Sync), 4);
    }
}
