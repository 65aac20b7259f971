//! How long the bot took for its first answers, in real time, as a platform sees it.
//!
//! It judges nothing and knows no wire format. Invariants: a lap begins when an envelope is about to be written to
//! the bot's socket and ends when the bytes of its first answer have been read; what is kept is limited.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Laps and open envelopes that are kept: more than one measurement has, and a bound on memory.
const KEPT: usize = 50_000;

/// The laps of one platform.
#[derive(Debug, Default)]
pub struct Stopwatch(Mutex<Laps>);

#[derive(Debug, Default)]
struct Laps {
    open: HashMap<String, Instant>,
    done: VecDeque<Duration>,
}

impl Stopwatch {
    /// The envelope of that id is about to be written.
    pub fn left(&self, id: &str) {
        let mut laps = self.laps();
        if laps.open.len() >= KEPT {
            laps.open.clear();
        }
        laps.open.insert(id.to_owned(), Instant::now());
    }

    /// The answer to the envelope of that id had been read at `at`. Only the first one ends its lap.
    pub fn came(&self, id: &str, at: Instant) {
        let mut laps = self.laps();
        let Some(left) = laps.open.remove(id) else { return };
        if laps.done.len() >= KEPT {
            laps.done.pop_front();
        }
        laps.done.push_back(at.saturating_duration_since(left));
    }

    /// Takes the laps that have ended, in the order of their ends, and forgets the open ones.
    pub fn take(&self) -> Vec<Duration> {
        let mut laps = self.laps();
        laps.open.clear();
        laps.done.drain(..).collect()
    }

    /// Takes the laps that have ended; those that are open go on.
    pub fn take_done(&self) -> Vec<Duration> {
        self.laps().done.drain(..).collect()
    }

    fn laps(&self) -> MutexGuard<'_, Laps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lap_ends_once_and_is_taken_once() {
        let watch = Stopwatch::default();
        watch.left("a");
        watch.left("b");
        let later = Instant::now() + Duration::from_secs(5);
        watch.came("a", later);
        watch.came("a", later);
        watch.came("nobody", later);
        let laps = watch.take();
        assert_eq!(laps.len(), 1);
        assert!(laps[0] >= Duration::from_secs(5), "{laps:?}");
        watch.came("b", later);
        assert!(watch.take().is_empty(), "what was open is forgotten");
    }
}
