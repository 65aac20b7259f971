//! How fast we post: one message a second in each channel with a small burst, and pauses that Slack asks for.
//!
//! It knows no network and reads no clock. Invariant: a turn that is granted is counted, one that is refused is not.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// One message a second in each channel (Slack's rate limits, "posting messages").
const INTERVAL: Duration = Duration::from_secs(1);
/// Three at once: an answer, its public line and an edit often come together, and Slack tolerates short bursts.
const BURST: u32 = 3;
/// The most channels that are remembered; idle ones are forgotten first.
const CHANNELS_MOST: usize = 1_024;

/// Whether a message may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// After that wait; the turn is taken.
    After(Duration),
    /// Not within the caller's patience; it would be that long.
    Later(Duration),
}

/// The paces of all channels.
#[derive(Default)]
pub(super) struct Pacer {
    // The moment at which a channel's allowance is whole again.
    whole_at: HashMap<String, Instant>,
}

impl Pacer {
    /// Asks for a turn in `channel`, to be had within `patience`.
    pub(super) fn turn(&mut self, channel: &str, now: Instant, patience: Duration) -> Turn {
        let slack = INTERVAL * (BURST - 1);
        let whole = self.whole_at.get(channel).copied().unwrap_or(now).max(now);
        let wait = (whole - now).saturating_sub(slack);
        if wait > patience {
            return Turn::Later(wait);
        }
        self.remember(channel, whole + INTERVAL, now);
        Turn::After(wait)
    }

    /// Slack asked for a pause in `channel`.
    pub(super) fn pause(&mut self, channel: &str, now: Instant, pause: Duration) {
        let until = now + pause + INTERVAL * (BURST - 1);
        let whole = self.whole_at.get(channel).copied().unwrap_or(now).max(until);
        self.remember(channel, whole, now);
    }

    fn remember(&mut self, channel: &str, whole: Instant, now: Instant) {
        if self.whole_at.len() >= CHANNELS_MOST && !self.whole_at.contains_key(channel) {
            self.whole_at.retain(|_, at| *at > now);
            if self.whole_at.len() >= CHANNELS_MOST {
                self.whole_at.clear();
            }
        }
        self.whole_at.insert(channel.to_owned(), whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    #[test]
    fn a_burst_goes_at_once_then_one_a_second() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        let waits: Vec<Turn> = (0..7).map(|_| pacer.turn("C1", now, PATIENCE)).collect();
        let secs = |n| Turn::After(Duration::from_secs(n));
        let late = Turn::Later(Duration::from_secs(4));
        assert_eq!(waits, [secs(0), secs(0), secs(0), secs(1), secs(2), secs(3), late]);
        assert_eq!(pacer.turn("C2", now, PATIENCE), secs(0), "channels do not wait for each other");
        assert_eq!(pacer.turn("C1", now + Duration::from_secs(60), PATIENCE), secs(0));
    }

    #[test]
    fn a_pause_is_kept_and_memory_is_bounded() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        pacer.pause("C1", now, Duration::from_secs(30));
        assert_eq!(pacer.turn("C1", now, PATIENCE), Turn::Later(Duration::from_secs(30)));
        assert_eq!(pacer.turn("C1", now + Duration::from_secs(30), PATIENCE), Turn::After(Duration::ZERO));
        for n in 0..3_000 {
            pacer.turn(&format!("C{n}"), now, PATIENCE);
        }
        assert!(pacer.whole_at.len() <= CHANNELS_MOST);
    }
}
