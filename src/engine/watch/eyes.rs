//! What the watch keeps in memory: watermarks on their way to the disk, gaps, reports, counts.
//!
//! Nothing here is lost for good with the process: history is read again from the stored watermark, and every
//! platform says at its start that there was a gap. Invariant: each list has a limit.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::guard::{Guard, Split, Tail, TailLimits};
use crate::model::{Account, Millis, Past, Platform};
use crate::store::Watermark;

/// The most channels whose watermark waits to be written; what is beyond is read again after a restart.
const MARKS_MOST: usize = 10_000;
/// The most reports of our own withheld words that wait: more would say nothing new.
const WITHHELD_MOST: usize = 16;

/// What the watch has seen so far, since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Messages that passed the guard.
    pub messages: u64,
    /// Messages that held something.
    pub found: u64,
    /// Files that were read.
    pub files: u64,
    /// Files that were not read, by the reason.
    pub skipped: BTreeMap<String, u64>,
}

/// What each author said last in each channel, by message id.
type Tails = Tail<(Account, String), String>;

/// The watch's memory.
pub(in crate::engine) struct Eyes {
    tails: Mutex<Tails>,
    messages: AtomicU64,
    found: AtomicU64,
    files: AtomicU64,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    marks: BTreeMap<(Platform, String), Watermark>,
    flushed: Millis,
    gaps: BTreeMap<Platform, Millis>,
    withheld: Vec<Vec<String>>,
    skipped: BTreeMap<String, u64>,
}

impl Default for Eyes {
    fn default() -> Self {
        Self {
            tails: Mutex::new(Tail::new(TailLimits::default())),
            messages: AtomicU64::default(),
            found: AtomicU64::default(),
            files: AtomicU64::default(),
            memory: Mutex::default(),
        }
    }
}

impl Eyes {
    /// The secrets that this message and those before it by the same author hold only together.
    pub(super) fn split(&self, guard: &Guard, past: &Past) -> Vec<Split<String>> {
        let key = (past.account.clone(), past.place.channel.clone());
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        tails.see_unseen(guard, &key, &past.said.message, past.at.0, &past.said.texts)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was seen so far.
    pub(super) fn watched(&self) -> Watched {
        Watched {
            messages: self.messages.load(Ordering::Relaxed),
            found: self.found.load(Ordering::Relaxed),
            files: self.files.load(Ordering::Relaxed),
            skipped: self.memory().skipped.clone(),
        }
    }

    /// Something of ours held a secret and was withheld; it is reported by the next tick.
    pub(in crate::engine) fn withhold(&self, kinds: &[String]) {
        let mut memory = self.memory();
        if memory.withheld.len() < WITHHELD_MOST {
            memory.withheld.push(kinds.to_vec());
        }
    }

    pub(super) fn take_withheld(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.memory().withheld)
    }

    /// Something may have been missed on that platform.
    pub(in crate::engine) fn missed(&self, platform: Platform, now: Millis) {
        self.memory().gaps.entry(platform).or_insert(now);
    }

    /// The platforms whose gaps are to be looked into now.
    pub(super) fn take_gaps(&self, now: Millis) -> Vec<Platform> {
        let mut memory = self.memory();
        let due: Vec<Platform> = memory.gaps.iter().filter(|(_, at)| **at <= now).map(|(p, _)| *p).collect();
        memory.gaps.retain(|_, at| *at > now);
        due
    }

    /// One message passed; `mark` moves its channel's watermark.
    pub(super) fn passed(&self, found: bool, mark: Option<Watermark>) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.found.fetch_add(u64::from(found), Ordering::Relaxed);
        let Some(mark) = mark else { return };
        let mut memory = self.memory();
        let key = (mark.place.platform, mark.place.channel.clone());
        let room = memory.marks.len() < MARKS_MOST;
        match memory.marks.get_mut(&key) {
            Some(known) if known.at <= mark.at => *known = mark,
            None if room => drop(memory.marks.insert(key, mark)),
            _ => {}
        }
    }

    /// The watermarks to be written now, if it is long enough since the last time.
    pub(super) fn take_marks(&self, now: Millis, every_ms: i64) -> Vec<Watermark> {
        let mut memory = self.memory();
        if memory.marks.is_empty() || now.since(memory.flushed) < every_ms {
            return Vec::new();
        }
        memory.flushed = now;
        std::mem::take(&mut memory.marks).into_values().collect()
    }

    pub(super) fn file_read(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn file_skipped(&self, why: &str) {
        *self.memory().skipped.entry(why.to_owned()).or_default() += 1;
    }
}
