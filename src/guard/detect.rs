//! The detector: one pass for anchors, a bounded check at each, and again on every view of the text.
//!
//! It keeps nothing between two texts. Invariant: time grows with the text, whatever the text is.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::decode::View;
use super::encode;
use super::own::OwnSecrets;
use super::rules::{OWN_SECRET, Rule, RuleName, rows};
use super::secret::Secret;
use super::settings::Settings;
use super::sight::{Sight, Work};

/// How often escapes are undone inside escapes: `%255F` needs two, more is not seen in chat.
const UNWRAP_ROUNDS: u8 = 3;
/// How deep base64 or hexadecimal text is read inside such text.
const DECODE_DEPTH: u8 = 2;

/// Bytes read per byte of text before the search gives up. Texts made to be slow stay below half of it.
const WORK_PER_BYTE: usize = 100;
/// Work that is always allowed, so that a short text with a long key is never given up.
const WORK_BYTES: usize = 64 * 1024;

/// Anchors of one rule that may begin inside each other, and one more.
const OVERLAPPING: usize = 4;

/// The text would take too long. It must be treated as if it held a secret.
#[derive(Debug)]
pub(super) struct TooSlow;

/// A secret and its place in the original text. Lives only until the finding is made.
pub(super) struct Sighting {
    pub rule: RuleName,
    /// Lower wins where two sightings meet.
    pub rank: usize,
    pub span: Range<usize>,
    pub value: Secret,
    /// The known prefix and the body, for the rules that may show a part.
    pub shown: Option<&'static str>,
}

/// Everything that is a secret in a text, in order and without overlaps.
pub(super) fn sightings(
    view: &View<'_>,
    own: Option<&OwnSecrets>,
    settings: &Settings,
) -> Result<Vec<Sighting>, TooSlow> {
    let mut search = Search::new(view.text(), own, settings);
    search.run(view)?;
    Ok(merged(search.found))
}

/// Sorts, and makes one of those that overlap: the higher rule, else the wider sighting, over the whole span.
fn merged(mut found: Vec<Sighting>) -> Vec<Sighting> {
    found.sort_by_key(|one| (one.span.start, one.rank));
    let mut kept: Vec<Sighting> = Vec::with_capacity(found.len());
    for next in found {
        match kept.last_mut() {
            Some(last) if next.span.start < last.span.end => {
                let span = last.span.start..last.span.end.max(next.span.end);
                let wider = next.rank == last.rank && next.value.expose().len() > last.value.expose().len();
                if next.rank < last.rank || wider {
                    *last = next;
                }
                last.span = span;
            }
            _ => kept.push(next),
        }
    }
    kept
}

struct Search<'o> {
    own: Option<&'o OwnSecrets>,
    settings: &'o Settings,
    found: Vec<Sighting>,
    work: Work<'o>,
    most: usize,
}

impl<'o> Search<'o> {
    fn new(text: &str, own: Option<&'o OwnSecrets>, settings: &'o Settings) -> Self {
        let most = text.len() * WORK_PER_BYTE + WORK_BYTES;
        Self { own, settings, found: Vec::new(), work: Work::new(settings), most }
    }

    fn run(&mut self, whole: &View<'_>) -> Result<(), TooSlow> {
        self.look(whole, 0)?;
        let mut view = whole.unwrapped();
        for _ in 0..UNWRAP_ROUNDS {
            let Some(unwrapped) = view else { break };
            self.look(&unwrapped, 0)?;
            view = unwrapped.unwrapped();
        }
        Ok(())
    }

    fn look(&mut self, view: &View<'_>, depth: u8) -> Result<(), TooSlow> {
        self.work.add(view.text().len());
        if let Some(own) = self.own {
            for (span, secret) in own.places(view.text()) {
                let span = view.origin(&span);
                self.found.push(Sighting { rule: OWN_SECRET, rank: 0, span, value: secret, shown: None });
            }
        }
        for (rule, place, span) in self.settings.rules.places(view.text(), &self.work) {
            let value = Secret::new(view.text().get(span.clone()).unwrap_or_default());
            let rank = rows().len() + 1 + place;
            self.found.push(Sighting { rule, rank, span: view.origin(&span), value, shown: None });
        }
        for start in view.readable_base64() {
            if depth < DECODE_DEPTH {
                let (inner, _) = view.base64_from(start);
                self.look(&inner, depth + 1)?;
            }
        }
        if self.work.done() > self.most {
            return Err(TooSlow);
        }
        let hits = anchors().hits(view.text());
        if hits.is_empty() {
            return Ok(());
        }
        let mut done = vec![0; rows().len()];
        let mut decoded = [0; 5];
        for hit in hits {
            if self.work.done() > self.most {
                return Err(TooSlow);
            }
            match hit.form {
                Form::Plain => self.check(view, &hit, &mut done),
                Form::Base64 { lead } if depth < DECODE_DEPTH => {
                    let Some(start) = hit.span.start.checked_sub(lead) else { continue };
                    let Some(until) = decoded.get_mut(start % 4).filter(|until| **until <= start) else { continue };
                    let (inner, end) = view.base64_from(start);
                    *until = end;
                    self.look(&inner, depth + 1)?;
                }
                Form::Hex if depth < DECODE_DEPTH => {
                    let Some(until) = decoded.get_mut(4).filter(|until| **until <= hit.span.start) else { continue };
                    let (inner, end) = view.hex_from(hit.span.start);
                    *until = end;
                    self.look(&inner, depth + 1)?;
                }
                Form::Base64 { .. } | Form::Hex => {}
            }
        }
        Ok(())
    }

    fn check(&mut self, view: &View<'_>, hit: &Hit, done: &mut [usize]) {
        let (Some(rule), Some(done)) = (rows().get(hit.rule), done.get_mut(hit.rule)) else { return };
        if hit.span.start < *done {
            return;
        }
        let sight = Sight::new(view, &self.work, hit.span.clone(), hit.limit, rule.named);
        let Some(span) = (rule.check)(&sight).filter(|span| !span.is_empty()) else { return };
        *done = span.end;
        let value = view.text().get(span.clone()).unwrap_or_default();
        let shown = if rule.named { rule.anchors.first().copied() } else { None };
        self.found.push(Sighting {
            rule: rule.name,
            rank: hit.rule + 1,
            span: view.origin(&span),
            value: Secret::new(value),
            shown,
        });
    }
}

/// How an anchor is written.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    /// In base64; decoding begins this many characters before the literal.
    Base64 {
        lead: usize,
    },
    Hex,
}

struct Hit {
    rule: usize,
    form: Form,
    span: Range<usize>,
    limit: usize,
}

/// All anchors of all rules in all forms.
struct Anchors {
    automaton: AhoCorasick,
    /// Per pattern of the automaton: its rule, its form, and its exact text where case matters.
    patterns: Vec<(usize, Form, Option<String>)>,
    /// Anchors of one byte, which would stop the automaton too often.
    bytes: Vec<(usize, u8)>,
}

fn anchors() -> &'static Anchors {
    static ANCHORS: OnceLock<Anchors> = OnceLock::new();
    ANCHORS.get_or_init(|| Anchors::of(rows()))
}

impl Anchors {
    fn of(rules: &[Rule]) -> Self {
        let mut literals: Vec<String> = Vec::new();
        let mut patterns = Vec::new();
        let mut bytes = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for anchor in rule.anchors {
                if let [byte] = anchor.as_bytes() {
                    bytes.push((index, *byte));
                    continue;
                }
                literals.push((*anchor).to_owned());
                patterns.push((index, Form::Plain, None));
                if !rule.encoded {
                    continue;
                }
                for (lead, literal) in encode::base64_cores(anchor.as_bytes()) {
                    literals.push(literal.clone());
                    patterns.push((index, Form::Base64 { lead }, Some(literal)));
                }
                literals.push(encode::hex(anchor.as_bytes()));
                patterns.push((index, Form::Hex, None));
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&literals)
            .expect("the table is fixed and small");
        Self { automaton, patterns, bytes }
    }

    /// Every anchor in the text, by place, each with the place that its body cannot cross.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(text) {
            let Some((rule, form, exact)) = self.patterns.get(found.pattern().as_usize()) else { continue };
            let span = found.start()..found.end();
            if exact.as_ref().is_some_and(|exact| text.get(span.clone()) != Some(exact)) {
                continue;
            }
            hits.push(Hit { rule: *rule, form: *form, span, limit: usize::MAX });
        }
        for (rule, byte) in &self.bytes {
            let peek = rows().get(*rule).and_then(|rule| rule.peek);
            let seen = |at: &usize| peek.is_none_or(|peek| peek(text.as_bytes(), *at));
            for at in memchr::memchr_iter(*byte, text.as_bytes()).filter(seen) {
                hits.push(Hit { rule: *rule, form: Form::Plain, span: at..at + 1, limit: usize::MAX });
            }
        }
        if !hits.is_empty() {
            hits.sort_by_key(|hit| hit.span.start);
            set_limits(&mut hits);
        }
        hits
    }
}

/// A body ends at the next key with a name of its own, and at the next anchor of its own rule.
fn set_limits(hits: &mut [Hit]) {
    let mut next = vec![[usize::MAX; OVERLAPPING]; rows().len()];
    let mut named = usize::MAX;
    for hit in hits.iter_mut().rev() {
        let (Some(rule), Some(next)) = (rows().get(hit.rule), next.get_mut(hit.rule)) else { continue };
        if !matches!(hit.form, Form::Plain) {
            continue;
        }
        // `session` inside `authentik_session` does not end the latter's value.
        let behind = next.iter().copied().find(|start| *start >= hit.span.end).unwrap_or(usize::MAX);
        hit.limit = if rule.nests { named } else { named.min(behind) };
        next.rotate_right(1);
        if let Some(first) = next.first_mut() {
            *first = hit.span.start;
        }
        if rule.named {
            named = hit.span.start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes read for a text made of one piece.
    fn work(piece: &str, len: usize) -> usize {
        work_behind("", piece, len)
    }

    fn work_behind(head: &str, piece: &str, len: usize) -> usize {
        let text = head.to_owned() + &piece.repeat(len / piece.len() + 1);
        let settings = Settings::default();
        let mut search = Search::new(&text, None, &settings);
        assert!(search.run(&View::whole(&text)).is_ok(), "{piece}: {}", search.work.done());
        search.work.done()
    }

    #[test]
    fn a_key_of_many_lines_costs_time_in_proportion_to_its_length() {
        let lines = ["Zq7Lx2VbN9tRk4WmYc8HsJd3FgPa6EuT\n", "Zq7Lx2VbN9tRk4Wm ** **", "0f9e8d7c6b5a4f3e2d1c\n"];
        for rule in rows() {
            for head in rule.anchors.iter().map(|anchor| (*anchor).to_owned()).chain([(rule.example)()]) {
                for line in lines {
                    let (small, large) = (work_behind(&head, line, 10_000), work_behind(&head, line, 40_000));
                    assert!(large <= small * 5 + 100_000, "{head} {line}: {small} then {large}");
                }
            }
        }
    }

    #[test]
    fn any_repeated_anchor_costs_time_in_proportion_to_the_text() {
        let mut pieces: Vec<String> = Vec::new();
        for anchor in rows().iter().flat_map(|rule| rule.anchors) {
            for tail in ["", ".", "=", "-", "A9b", ": ", "\n", "<", "%", "*", "://", "-----"] {
                pieces.push(format!("{anchor}{tail}"));
            }
            pieces.extend(encode::base64_cores(anchor.as_bytes()).into_iter().map(|core| core.1));
            pieces.push(encode::hex(anchor.as_bytes()));
        }
        pieces.extend(rows().iter().map(|rule| (rule.example)()));
        pieces.extend(
            [
                "<",
                "<a|",
                "\"+",
                "&#",
                "\\",
                "\n",
                "a\n",
                "*",
                "-----BEGIN PRIVATE KEY-----a ",
                "://*",
                "://\n",
                "sk_live_*",
                "whsec_\n",
            ]
            .map(str::to_owned),
        );
        for piece in pieces {
            let (small, large) = (work(&piece, 5_000), work(&piece, 20_000));
            assert!(large < WORK_PER_BYTE * 20_000 / 2, "{piece}: {large}");
            assert!(large <= small * 5 + 100_000, "{piece}: {small} then {large}");
        }
    }
}
