//! What an author said last in a channel, for secrets that are split over messages.
//!
//! It has no clock and keeps nothing beyond its limits. Invariants: what it keeps is overwritten when it is let
//! go, and it names a message only where the message holds a part of a secret.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

use super::secret::Wiped;
use super::{Finding, Guard, Untrusted};

/// Messages that are read together: a key in more pieces is not seen in chat.
const PARTS: usize = 4;
/// Texts of one message that are followed: its content, and what is attached.
const TEXTS: usize = 4;
/// How much of a new text is read together with what was said before: twice the longest message.
const HEAD_BYTES: usize = 8 * 1024;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct TailLimits {
    /// Authors in channels. Beyond it the one that spoke longest ago is let go.
    pub authors: usize,
    /// Milliseconds after which a message is no longer read together with the next.
    pub keep_ms: i64,
    /// Bytes kept of each text of a message: its end.
    pub bytes: usize,
}

impl Default for TailLimits {
    /// Slack sends an app at most 30,000 events an hour, so that 1,024 authors outlast a minute.
    /// A message of either platform holds at most 4,000 characters of a key.
    fn default() -> Self {
        Self { authors: 1024, keep_ms: 60_000, bytes: 4096 }
    }
}

/// The last messages of each author in each channel. `K` names author and channel, `M` a message.
pub struct Tail<K, M> {
    limits: TailLimits,
    authors: HashMap<K, Author<M>>,
}

/// A secret that no single message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split<M> {
    /// What was found. Its span is that of its part in the text that was just given.
    pub finding: Finding,
    /// Every message that holds a part, in the order of speaking.
    pub messages: Vec<M>,
}

struct Author<M> {
    last_ms: i64,
    threads: Vec<Thread<M>>,
}

/// What was said in one text, message after message.
#[derive(Clone)]
struct Thread<M>(Vec<Part<M>>);

#[derive(Clone)]
struct Part<M> {
    message: M,
    said_ms: i64,
    text: Arc<Wiped>,
}

impl<K: Eq + Hash + Clone, M: PartialEq + Clone> Tail<K, M> {
    /// A tail without any message.
    #[must_use]
    pub fn new(limits: TailLimits) -> Self {
        Self { limits, authors: HashMap::new() }
    }

    /// Reads a new or edited message together with what its author said just before, and keeps its end.
    /// A secret that is whole in this message is not repeated here: [`Guard::review`] gives those.
    pub fn see(&mut self, guard: &Guard, key: &K, message: &M, now_ms: i64, texts: &[&str]) -> Vec<Split<M>> {
        self.expire(now_ms);
        let known = self.authors.remove(key).map_or_else(Vec::new, |author| author.threads);
        let texts = pieces(texts);
        let mut splits = Vec::new();
        let mut threads = Vec::new();
        for (index, piece) in texts.iter().enumerate() {
            for thread in &known {
                thread.splits(guard, message, piece).into_iter().for_each(|split| keep_fuller(&mut splits, split));
            }
            let before = known.get(index).or(known.first());
            threads.push(before.cloned().unwrap_or(Thread(Vec::new())).with(message, now_ms, self.end_of(piece.text)));
        }
        if threads.is_empty() {
            // A message without text (a picture) does not come between two others.
            threads = known;
        }
        self.make_room();
        self.authors.insert(key.clone(), Author { last_ms: now_ms, threads });
        splits
    }

    /// The same with texts that stay untrusted.
    pub fn see_unseen(
        &mut self,
        guard: &Guard,
        key: &K,
        message: &M,
        now_ms: i64,
        texts: &[Untrusted],
    ) -> Vec<Split<M>> {
        let texts: Vec<&str> = texts.iter().map(Untrusted::as_text).collect();
        self.see(guard, key, message, now_ms, &texts)
    }

    /// Lets go of what is too old.
    pub fn expire(&mut self, now_ms: i64) {
        let keep_ms = self.limits.keep_ms;
        self.authors.retain(|_, author| {
            for thread in &mut author.threads {
                thread.0.retain(|part| now_ms.saturating_sub(part.said_ms) < keep_ms);
            }
            now_ms.saturating_sub(author.last_ms) < keep_ms
        });
    }

    /// How many authors in channels are kept.
    #[must_use]
    pub fn authors(&self) -> usize {
        self.authors.len()
    }

    fn end_of<'t>(&self, text: &'t str) -> &'t str {
        text.get(text.ceil_char_boundary(text.len().saturating_sub(self.limits.bytes))..).unwrap_or_default()
    }

    fn make_room(&mut self) {
        while self.authors.len() >= self.limits.authors.max(1) {
            let Some(oldest) = self.authors.iter().min_by_key(|(_, author)| author.last_ms) else { return };
            let oldest = oldest.0.clone();
            self.authors.remove(&oldest);
        }
    }
}

impl<M: PartialEq + Clone> Thread<M> {
    /// The same thread with a message at its end, or in its place where it was said before.
    fn with(mut self, message: &M, said_ms: i64, text: &str) -> Self {
        let text = Arc::new(Wiped::joined([text].into_iter()));
        match self.0.iter_mut().find(|part| part.message == *message) {
            Some(part) => part.text = text,
            None => self.0.push(Part { message: message.clone(), said_ms, text }),
        }
        let surplus = self.0.len().saturating_sub(PARTS);
        self.0.drain(..surplus);
        self
    }

    /// The secrets of which this message holds a part, but not the whole.
    fn splits(&self, guard: &Guard, message: &M, piece: &Piece<'_>) -> Vec<Split<M>> {
        let place = self.0.iter().position(|part| part.message == *message).unwrap_or(self.0.len());
        let before = self.0.get(..place).unwrap_or_default();
        let after = self.0.get(place + 1..).unwrap_or_default();
        if before.is_empty() && after.is_empty() {
            return Vec::new();
        }
        let head = if after.is_empty() { piece.head() } else { piece.text };
        let said = before.iter().map(|part| (&part.message, part.text.as_str()));
        let said = said.chain([(message, head)]).chain(after.iter().map(|part| (&part.message, part.text.as_str())));
        let said: Vec<(&M, &str)> = said.collect();
        let whole = Wiped::joined(said.iter().map(|(_, text)| *text));
        let mut ends = 0..0;
        let ranges: Vec<Range<usize>> = said
            .iter()
            .map(|(_, text)| {
                ends = ends.end..ends.end + text.len();
                ends.clone()
            })
            .collect();
        let joins: Vec<usize> = ranges.iter().skip(1).map(|range| range.start).collect();
        let own = ranges.get(place).cloned().unwrap_or_default();
        let meets = |one: &Range<usize>, other: &Range<usize>| one.start < other.end && other.start < one.end;
        let mut splits = Vec::new();
        for mut finding in guard.findings_across(whole.as_str(), &joins) {
            let span = finding.span.clone();
            let held = said.iter().zip(&ranges).filter(|(_, range)| meets(&span, range));
            let messages: Vec<M> = held.map(|((message, _), _)| (*message).clone()).collect();
            if messages.len() > 1 && meets(&span, &own) {
                let from = piece.offset + span.start.max(own.start) - own.start;
                finding.span = from..piece.offset + span.end.min(own.end) - own.start;
                splits.push(Split { finding, messages });
            }
        }
        splits
    }
}

/// A text of a message, without the white space around it.
struct Piece<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Piece<'t> {
    fn head(&self) -> &'t str {
        self.text.get(..self.text.floor_char_boundary(HEAD_BYTES)).unwrap_or_default()
    }
}

/// The different texts of a message. Platforms repeat the same words in several places.
fn pieces<'t>(texts: &[&'t str]) -> Vec<Piece<'t>> {
    let mut pieces: Vec<Piece<'t>> = Vec::new();
    for text in texts {
        let start = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '>');
        let piece = Piece { text: start.trim_end(), offset: text.len() - start.len() };
        let known = pieces.iter().any(|known| known.text == piece.text);
        if !piece.text.is_empty() && !known && pieces.len() < TEXTS {
            pieces.push(piece);
        }
    }
    pieces
}

/// The same secret may be seen through several texts: the sighting that names most messages stays.
fn keep_fuller<M>(splits: &mut Vec<Split<M>>, split: Split<M>) {
    match splits.iter_mut().find(|known| known.finding.fingerprint == split.finding.fingerprint) {
        Some(known) if known.messages.len() < split.messages.len() => *known = split,
        Some(_) => {}
        None => splits.push(split),
    }
}

#[cfg(test)]
mod tests {
    use super::super::FingerprintKey;
    use super::super::examples;
    use super::*;

    fn guard() -> Guard {
        Guard::new(FingerprintKey::new([7; 32]))
    }

    fn small() -> Tail<&'static str, u32> {
        Tail::new(TailLimits { authors: 2, keep_ms: 60_000, bytes: 4096 })
    }

    /// Says one text after the other, and gives what was found at the last.
    fn said(texts: &[&str]) -> Vec<Split<u32>> {
        let (guard, mut tail, mut last) = (guard(), small(), Vec::new());
        for (message, text) in (1..).zip(texts) {
            last = tail.see(&guard, &"c/jo", &message, i64::from(message) * 1000, &[text]);
        }
        last
    }

    fn sk(body: &str) -> String {
        format!("sk_{}_{body}", "live")
    }

    #[test]
    fn finds_keys_in_two_and_three_messages_and_names_each() {
        let guard = guard();
        for key in [examples::project_key(), examples::restricted_key(), examples::webhook_key()] {
            let whole = guard.findings(&key)[0].fingerprint;
            for cut in [3, 5, 8, 12, key.len() / 2, key.len() - 20] {
                let (one, two) = key.split_at(cut);
                let splits = said(&[&format!("here: {one}"), &format!("{two} ok?")]);
                assert_eq!(splits.len(), 1, "{one} {two}");
                assert_eq!(
                    (&splits[0].messages[..], splits[0].finding.fingerprint),
                    (&[1, 2][..], whole),
                    "{one} {two}"
                );
                assert_eq!(splits[0].finding.span, 0..two.len(), "{one} {two}");
            }
            let (one, rest) = key.split_at(17);
            let (two, three) = rest.split_at(9);
            let splits = said(&["so", &format!("`{one}`"), &format!("> {two}"), three]);
            assert_eq!((&splits[0].messages[..], splits[0].finding.fingerprint), (&[2, 3, 4][..], whole), "{key}");
        }
    }

    #[test]
    fn joins_nothing_that_is_harmless() {
        let after_prefix = [
            "abcd1234",
            "thanks",
            "please look",
            "SUP-1234",
            "U0123ABCD",
            "10am works",
            "iPhone15Pro",
            "production2024",
            "req_01J9ZK4T8M2QW5X7",
            "3f2b8c1e-5d4a-4c7e-9b1f-0a2d6e8c7b5f",
            "4f9d2c7b1a8e6035d9c4b7a28f1e0d3c5b6a7988",
            "https://acme.example/Docs/Rotation1",
            "2026-11-24T09:12:33Z",
            "<@U0123ABCD> see",
            "jo@acme.example",
            "v2.13.4",
            "rotateProjectSecret is the method",
            "…",
            "********",
            "eu-west-1",
            "JIRA4711",
            "OK",
            "Kim, have a look",
        ];
        for before in [
            sk(""),
            sk("abcd1234"),
            sk("x9Kq2mZ7"),
            format!("wh{}_", "sec"),
            "the header is Authorization: Bearer".into(),
            "see http://localhost:8080".into(),
            "-----BEGIN PRIVATE KEY-----".into(),
            "password".into(),
        ] {
            for next in after_prefix {
                assert_eq!(said(&[&before, next]), vec![], "{before} then {next}");
            }
        }
        // A whole key is found by itself; what is said next is left alone.
        for next in after_prefix {
            assert_eq!(said(&[&examples::project_key(), next]), vec![], "{next}");
        }
    }

    #[test]
    fn forgets_by_time_and_by_number_and_follows_edits() {
        let (guard, mut tail) = (guard(), small());
        let key = examples::project_key();
        let (one, two) = key.split_at(20);
        tail.see(&guard, &"a", &1, 0, &[one]);
        assert_eq!(tail.see(&guard, &"b", &2, 10, &[two]), vec![]);
        assert_eq!(tail.see(&guard, &"a", &3, 59_999, &[two]).len(), 1);
        tail.see(&guard, &"a", &4, 60_000, &["well"]);
        tail.see(&guard, &"a", &5, 60_001, &[one]);
        assert_eq!(tail.see(&guard, &"a", &6, 120_001, &[two]), vec![]);
        tail.see(&guard, &"a", &7, 130_000, &[one]);
        tail.see(&guard, &"b", &8, 130_001, &["hi"]);
        tail.see(&guard, &"c", &9, 130_002, &["hi"]);
        assert_eq!(tail.authors(), 2);
        assert_eq!(tail.see(&guard, &"a", &10, 130_003, &[two]), vec![]);
        tail.see(&guard, &"a", &11, 130_004, &["nothing yet"]);
        tail.see(&guard, &"a", &12, 130_005, &[two]);
        let splits = tail.see(&guard, &"a", &11, 130_006, &[one]);
        assert_eq!((splits.len(), &splits[0].messages[..]), (1, &[11, 12][..]));
        tail.expire(400_000);
        assert_eq!(tail.authors(), 0);
    }

    #[test]
    fn reads_every_text_of_a_message() {
        let (guard, mut tail) = (guard(), small());
        let key = examples::webhook_key();
        let (one, two) = key.split_at(20);
        tail.see(&guard, &"a", &1, 0, &["look", "look", one, ""]);
        tail.see(&guard, &"a", &2, 1, &[]);
        let splits = tail.see(&guard, &"a", &3, 2, &["and this", &format!("  {two}")]);
        assert_eq!((splits.len(), &splits[0].messages[..]), (1, &[1, 3][..]));
        assert_eq!(splits[0].finding.span, 2..2 + two.len());
    }

    #[test]
    fn a_long_talk_stays_within_its_limits() {
        let (guard, mut tail) = (guard(), small());
        let long = "é".repeat(30_000);
        for message in 0..200 {
            assert_eq!(tail.see(&guard, &"a", &message, 0, &[&long, "x", "y", "z", "w"]), vec![]);
        }
        let author = &tail.authors[&"a"];
        assert_eq!(author.threads.len(), TEXTS);
        for thread in &author.threads {
            assert!(thread.0.len() <= PARTS && thread.0.iter().all(|part| part.text.as_str().len() <= 4096));
        }
    }
}
