//! A pasted log, scrubbed: of its lines the times of day and the statuses are kept, and nothing else.
//!
//! It is done where the option is read, before anything of it is stored. Invariant: no letter, address, path or key of a
//! log comes through, and what came through is read as itself again.

/// The most requests that are kept: what shows a pace.
const REQUESTS_MOST: usize = 60;
/// How far behind its time a status is looked for, in bytes: a line of an access log with a long path.
const LINE_MOST: usize = 600;
/// The status that begins what matters.
const LIMITED: u16 = 429;

/// One request of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When, in seconds of the day.
    pub at: u32,
    /// What it was answered with, where the log says it.
    pub status: Option<u16>,
}

/// The requests of a log, from its first 429 on where it has one.
#[must_use]
pub fn requests(text: &str) -> Vec<Logged> {
    let bytes = text.as_bytes();
    let times: Vec<(usize, u32)> =
        (0..bytes.len()).filter_map(|at| time_at(bytes, at).map(|time| (at, time))).collect();
    let ends = times.iter().skip(1).map(|(at, _)| *at).chain([bytes.len()]);
    let logged = times.iter().zip(ends).map(|((at, time), end)| {
        let line = &bytes[at + 8..end.min(at + 8 + LINE_MOST)];
        Logged { at: *time, status: status_in(line) }
    });
    let all: Vec<Logged> = logged.collect();
    let first = all.iter().position(|one| one.status == Some(LIMITED)).unwrap_or(0);
    all.into_iter().skip(first).take(REQUESTS_MOST).collect()
}

/// The normal form: `12:00:01=429 12:00:05=200 12:00:40`.
pub(super) fn scrubbed(text: &str) -> Result<String, String> {
    let word = |one: &Logged| {
        let (hours, minutes, seconds) = (one.at / 3_600, one.at / 60 % 60, one.at % 60);
        let status = one.status.map(|status| format!("={status}")).unwrap_or_default();
        format!("{hours:02}:{minutes:02}:{seconds:02}{status}")
    };
    let words: Vec<String> = requests(text).iter().map(word).collect();
    if words.is_empty() {
        return Err("It holds no time of day to the second, such as 12:00:01. Paste lines of an access log.".into());
    }
    Ok(words.join(" "))
}

/// A time of day at that place, `12:00:01`, with no digit or colon that would make it part of something longer.
fn time_at(bytes: &[u8], at: usize) -> Option<u32> {
    let text = bytes.get(at..at + 8)?;
    let two = |from: usize| -> Option<u32> {
        let (tens, ones) = (text[from], text[from + 1]);
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    let alone = !at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_digit())
        && !bytes.get(at + 8).is_some_and(|after| after.is_ascii_digit() || *after == b':');
    if !alone || text[2] != b':' || text[5] != b':' {
        return None;
    }
    let (hours, minutes, seconds) = (two(0)?, two(3)?, two(6)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// A status: behind the word `status` where there is one, else the first number of three digits that stands alone.
fn status_in(line: &[u8]) -> Option<u16> {
    let lower = line.to_ascii_lowercase();
    let named = lower.windows(6).position(|word| word == b"status").map_or(0, |at| at + 6);
    let alone = |at: usize| {
        let before = at.checked_sub(1).map(|before| line[before]);
        let fits =
            matches!(before, Some(b' ' | b'\t' | b'"' | b'\'' | b'=' | b'|')) || (named > 0 && before == Some(b':'));
        fits && !line
            .get(at + 3)
            .is_some_and(|after| after.is_ascii_alphanumeric() || matches!(after, b'.' | b':' | b'/'))
    };
    let number = |at: usize| {
        let digits =
            std::str::from_utf8(line.get(at..at + 3)?).ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse::<u16>().ok().filter(|status| (100..600).contains(status) && alone(at))
    };
    (named..line.len()).find_map(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_log_gives_its_times_and_statuses() {
        for (log, kept) in [
            (
                "203.0.113.7 - jo [02/Nov/2026:12:00:01 +0000] \"GET /v1/users/123 HTTP/1.1\" 429 12 \"-\" \"curl/8\"\n\
                 203.0.113.7 - jo [02/Nov/2026:12:00:05 +0000] \"GET /v1/users/200 HTTP/1.1\" 200 512",
                "12:00:01=429 12:00:05=200",
            ),
            (
                r#"{"ts":"2026-11-02T12:00:01.123Z","port":443,"status":429} {"ts":"2026-11-02T12:00:40.5Z","status":200}"#,
                "12:00:01=429 12:00:40=200",
            ),
            ("12:00:01,250 INFO status=429 retry\n12:00:09 INFO done", "12:00:01=429 12:00:09"),
            ("11:59:58 200\n12:00:01 429\n12:00:02 429", "12:00:01=429 12:00:02=429"),
            ("12:00:01 12:00:05", "12:00:01 12:00:05"),
        ] {
            assert_eq!(scrubbed(log).as_deref(), Ok(kept), "{log}");
            assert_eq!(scrubbed(kept).as_deref(), Ok(kept), "the normal form is kept");
        }
    }

    #[test]
    fn nothing_else_of_a_log_comes_through() {
        let hostile = "jo@acme.example 198.51.100.10 fe80:12:34:56:78::1 Authorization: Basic am86cHc= 25:00:00 \
                       12:00:01:99 2026-11-02 12:00:07 /reset?token=abcdefgh 429";
        assert_eq!(scrubbed(hostile).as_deref(), Ok("12:00:07=429"));
        assert!(scrubbed("no time at all, 99:99:99").is_err());
        let long = "12:00:01 429 ".repeat(500);
        assert_eq!(requests(&long).len(), REQUESTS_MOST);
        assert!(requests("é12:00:01é").len() == 1 && requests("12:00:0").is_empty());
    }
}
