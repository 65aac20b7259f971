//! What is counted at Discord since the start. It decides nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ports::Counts;

/// The counters.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) received: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) overloaded: AtomicU64,
    pub(super) unanswered: AtomicU64,
    pub(super) late: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) opened: AtomicU64,
}

impl Tally {
    /// What they stand at.
    pub(super) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            received: read(&self.received),
            unknown: read(&self.unknown),
            overloaded: read(&self.overloaded),
            unanswered: read(&self.unanswered),
            late: read(&self.late),
            lost: read(&self.lost),
            opened: read(&self.opened),
        }
    }
}

/// Counts one.
pub(super) fn one_more(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
