//! The sandbox's time: one dial that every emulator and the bot's `Clock` read.
//!
//! It does not sleep and has no timers. Invariant: time never goes backwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a story's clock starts: 2026-11-02T09:00:00Z, in UTC milliseconds.
pub const STORY_EPOCH_MS: i64 = 1_793_610_000_000;

/// A clock hand that many parts share. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Dial {
    live: bool,
    moved_ms: Arc<AtomicI64>,
}

impl Dial {
    /// A dial that only moves when it is told to: for stories, which must repeat exactly.
    #[must_use]
    pub fn still() -> Self {
        Self { live: false, moved_ms: Arc::new(AtomicI64::new(STORY_EPOCH_MS)) }
    }

    /// A dial that runs with the machine's clock: for a person at the terminal.
    #[must_use]
    pub fn live() -> Self {
        Self { live: true, moved_ms: Arc::new(AtomicI64::new(0)) }
    }

    /// Now, in UTC milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let moved = self.moved_ms.load(Ordering::SeqCst);
        if !self.live {
            return moved;
        }
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        i64::try_from(wall).unwrap_or(i64::MAX).saturating_add(moved)
    }

    /// Moves the dial forward by that many milliseconds; negative amounts are ignored.
    pub fn advance_ms(&self, ms: i64) {
        self.moved_ms.fetch_add(ms.max(0), Ordering::SeqCst);
    }
}
