//! How long a far side asks us to wait, read from the headers of its answer.
//!
//! Nothing waits here and no clock is read: a moment is compared with the answer's own `Date`. Invariant: a wait is
//! between one second and an hour.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Wait after a 429 that does not say how long, in seconds: half of SEQN's window of 60 s.
const DEFAULT_S: i64 = 30;
/// Longest wait that we believe, in seconds: beyond an hour a person decides.
const MOST_S: i64 = 3_600;

/// What an answer's headers say about waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waits {
    asked_ms: Option<i64>,
    reset_ms: Option<i64>,
    spent: bool,
}

impl Waits {
    /// Reads `Retry-After`, and the `X-RateLimit-…` headers in GitHub's meaning: how many are left, and the second
    /// since 1970 at which there are more.
    pub(super) fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let date = header("date").and_then(moment);
        let reset = header("x-ratelimit-reset").and_then(|text| text.trim().parse::<i64>().ok());
        Self {
            asked_ms: header("retry-after").and_then(|text| asked(text, date)).map(bounded),
            reset_ms: reset.zip(date).map(|(reset, now)| bounded(reset.saturating_sub(now.unix_timestamp()))),
            spent: header("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0"),
        }
    }

    /// The wait that was asked for in so many words.
    pub(super) const fn asked_ms(&self) -> Option<i64> {
        self.asked_ms
    }

    /// The wait until there are requests left again, where none are.
    pub(super) fn spent_ms(&self) -> Option<i64> {
        if self.spent { self.reset_ms } else { None }
    }

    /// The wait after a 429.
    pub(super) fn pause_ms(&self) -> i64 {
        self.asked_ms.unwrap_or(DEFAULT_S * 1_000)
    }
}

fn asked(text: &str, date: Option<OffsetDateTime>) -> Option<i64> {
    match text.trim().parse::<i64>() {
        Ok(seconds) => Some(seconds),
        Err(_) => Some((moment(text)? - date?).whole_seconds()),
    }
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&text.trim().replace("GMT", "+0000"), &Rfc2822).ok()
}

fn bounded(seconds: i64) -> i64 {
    seconds.clamp(1, MOST_S) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &'static str)]) -> Waits {
        Waits::read(|name| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let pause = |after: &'static str| read(&[("retry-after", after)]).pause_ms();
        assert_eq!(pause("7"), 7_000);
        assert_eq!(pause("0"), 1_000);
        assert_eq!(pause("-5"), 1_000);
        assert_eq!(pause("999999"), 3_600_000);
        assert_eq!((pause("soon"), read(&[]).pause_ms()), (30_000, 30_000));
        let dated = |after, date| read(&[("retry-after", after), ("date", date)]).pause_ms();
        let (at, now) = ("Sun, 06 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(dated(at, now), 30_000);
        assert_eq!(dated("Sun, 06 Nov 1994 08:49:39 GMT", now), 2_000);
        assert_eq!(dated(now, at), 1_000);
        assert_eq!((read(&[]).asked_ms(), read(&[("retry-after", "7")]).asked_ms()), (None, Some(7_000)));
    }

    #[test]
    fn a_spent_limit_says_when_there_is_more() {
        // 1994-11-06T08:49:37Z is 784111777.
        let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let until = ("x-ratelimit-reset", "784111787");
        assert_eq!(read(&[now, until, ("x-ratelimit-remaining", "0")]).spent_ms(), Some(10_000));
        assert_eq!(read(&[now, until, ("x-ratelimit-remaining", "7")]).spent_ms(), None);
        assert_eq!(read(&[until, ("x-ratelimit-remaining", "0")]).spent_ms(), None);
    }
}
