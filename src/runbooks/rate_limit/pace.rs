//! Whether a caller waited: the times that a person read in a log, against the pause that was asked for.

use crate::catalog::{Logged, requests};

/// The pause where the answer named none, in seconds: the limiter's window (`seqn-facts.md` 3.8).
const WINDOW_S: u32 = 60;
/// The most times that are read: what fits into the option.
const TIMES_MOST: usize = 60;
/// Seconds of a day: times that go past midnight count on.
const DAY_S: u32 = 24 * 60 * 60;

/// The caller's requests after the first 429.
pub(super) struct Pace {
    /// What Retry-After said, in seconds.
    pub(super) pause: Option<u32>,
    /// When it asked, in seconds of the day, and whether that was answered with 429: the wait after it counts.
    pub(super) asked: Vec<(u32, bool)>,
}

/// What that says.
pub(super) struct PaceVerdict {
    pub(super) respected: bool,
    pub(super) lines: Vec<String>,
}

impl Pace {
    /// Each wait against the pause.
    pub(super) fn verdict(&self) -> PaceVerdict {
        let pause = self.pause.unwrap_or(WINDOW_S);
        let pairs = self.asked.iter().zip(self.asked.iter().skip(1)).filter(|((_, limited), _)| *limited);
        let waits: Vec<u32> = pairs.map(|((one, _), (next, _))| (next + DAY_S - one) % DAY_S).collect();
        let early = waits.iter().filter(|wait| **wait < pause).count();
        let said = if self.pause.is_some() { "Retry-After" } else { "the limiter's window; no Retry-After was given" };
        let mut lines = vec![format!("{early} of {} came before {pause} s had passed ({said})", waits.len())];
        if let Some(shortest) = waits.iter().min() {
            lines.push(format!("the shortest wait was {shortest} s"));
        }
        PaceVerdict { respected: early == 0, lines }
    }
}

/// Reads times of a day, in order.
pub(super) fn times(text: &str) -> Result<Vec<(u32, bool)>, &'static str> {
    let words = text.split([' ', ',', ';', '\n']).filter(|word| !word.is_empty());
    let read: Option<Vec<u32>> = words.map(seconds).collect();
    let Some(times) = read else { return Err("Write times of the day, to the second: 12:00:01 12:00:05.") };
    match times.len() {
        0 | 1 => Err("Write at least two times: that of the 429, and those of the requests after it."),
        n if n > TIMES_MOST => Err("Sixty times are the most; the first ones after the 429 say enough."),
        // Whoever names times names those of the 429s.
        _ => Ok(times.into_iter().map(|at| (at, true)).collect()),
    }
}

/// Reads a log as it was kept: where it names statuses, only the waits after a 429 count.
pub(super) fn logged(text: &str) -> Result<Vec<(u32, bool)>, &'static str> {
    let all = requests(text);
    let (named, limited) = (all.iter().any(|one| one.status.is_some()), |one: &Logged| one.status == Some(429));
    match all.len() {
        0 | 1 => Err("Paste at least two lines with their times: the 429, and the requests after it."),
        _ if named && !all.iter().any(limited) => Err("None of its lines has a 429. Paste those from the 429 on."),
        _ => Ok(all.iter().map(|one| (one.at, !named || limited(one))).collect()),
    }
}

// `12:00:01`, also with a fraction, or the end of `2026-11-02T12:00:01Z`.
fn seconds(word: &str) -> Option<u32> {
    let clock = word.rsplit(['T', 't']).next()?.trim_end_matches(['Z', 'z']);
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let fine = hours < 24 && minutes < 60 && seconds < 60 && parts.next().is_none();
    fine.then_some(hours * 3_600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_or_refused() {
        assert_eq!(times("12:00:01, 12:00:05"), Ok(vec![(43_201, true), (43_205, true)]));
        assert_eq!(times("2026-11-02T00:00:01Z 00:00:02.75"), Ok(vec![(1, true), (2, true)]));
        for bad in ["", "12:00:01", "noon later", "25:00:00 12:00:00", "12:00 12:01", "1:2:3:4 1:2:3"] {
            assert!(times(bad).is_err(), "{bad}");
        }
        assert!(times(&"12:00:01 ".repeat(61)).is_err());
    }

    #[test]
    fn of_a_log_only_the_waits_after_a_429_count() {
        let read = logged("00:00:00=429 00:00:31=200 00:00:32=200 00:00:33=429 00:00:34=200").expect("a log");
        let verdict = Pace { pause: Some(30), asked: read }.verdict();
        assert!(!verdict.respected && verdict.lines[0].starts_with("1 of 2"), "{:?}", verdict.lines);
        let patient = logged("00:00:00=429 00:00:31=200 00:00:32=200").expect("a log");
        assert!(Pace { pause: Some(30), asked: patient }.verdict().respected);
        for bad in ["12:00:01=429", "12:00:00=200 12:00:01=429", "12:00:01=200 12:00:02=200"] {
            assert!(logged(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wait_that_is_too_short_is_seen_also_over_midnight() {
        let verdict =
            |pause, times: &[u32]| Pace { pause, asked: times.iter().map(|at| (*at, true)).collect() }.verdict();
        assert!(verdict(Some(30), &[0, 30, 61]).respected);
        let early = verdict(Some(30), &[0, 4, 40]);
        assert!(!early.respected && early.lines[0].starts_with("1 of 2"), "{:?}", early.lines);
        assert!(verdict(Some(10), &[DAY_S - 5, 5]).respected);
        assert!(!verdict(None, &[0, 59]).respected);
    }
}
