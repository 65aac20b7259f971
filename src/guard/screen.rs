//! The screen: the places of a large text that are worth the detector's time.
//!
//! It finds no secret; it looks for anchors of rules, as they are written, in disguise, and inside encoded text.
//! Invariant: a text in which it names no place holds nothing that the detector would find, but for an encoding
//! that is itself disguised (tests walk the rules, the disguises and the cuts).

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::decode::{View, is_base64};
use super::encode::coded_forms;
use super::rules::rules;
use super::unwrap::{self, Step};

/// How many bytes of an anchor the skipping search compares; shorter anchors are looked for by other means.
const SKIP_BYTES: usize = 5;
/// What may stand between a name and the sign behind it: quotes, markup, escapes.
const SIGN_BYTES: usize = 8;
/// The shortest value that follows a word without a sign (`Bearer …`).
const VALUE_BYTES: usize = 6;
/// The shortest value that a sentence names, and how far from the word it may stand.
const TOKEN_BYTES: usize = 16;
const SENTENCE_BYTES: usize = 160;
/// Pairs of characters without their case, each in six bits.
const PAIRS: usize = 1 << 12;
/// Three such characters.
const TRIPLES: usize = 1 << 18;
/// The shortest encoded text that a secret fits into.
const ENCODED_BYTES: usize = 20;
/// Bytes on each side of a disguise that are undone to see whether it hides an anchor.
const DISGUISE_BYTES: usize = 96;
/// Disguises in a row that are followed before the place is looked at closely.
const DISGUISE_STEPS: usize = 6;
/// How often escapes are undone inside escapes.
const DISGUISE_ROUNDS: u8 = 3;

/// A literal of a rule.
#[derive(Clone, Copy)]
struct Anchor {
    letters: &'static [u8],
    /// Whether it is a word that people write, which counts only where a value follows.
    word: bool,
}

/// A first look at an anchor of one byte.
type Peek = fn(&[u8], usize) -> bool;

/// The tables of the search, made once from the rules.
pub(super) struct Screen {
    /// By a triple at the end of the compared bytes: how far to go on; 0 where an anchor may stand.
    skips: Vec<u8>,
    /// By the first pair of an anchor: the anchors.
    heads: Vec<Vec<Anchor>>,
    /// Anchors that are too short to skip to, but stand out.
    short: Vec<memchr::memmem::Finder<'static>>,
    /// Short words: they count before a sign.
    words: Vec<&'static [u8]>,
    /// Anchors of one byte.
    bytes: Vec<(u8, Option<Peek>)>,
    /// Pairs and triples that stand in an anchor.
    pairs: Vec<bool>,
    triples: Vec<bool>,
    /// Anchors as they read in clear, and as base64 and hexadecimal text.
    clear: AhoCorasick,
    coded: AhoCorasick,
}

/// The screen of the rules.
pub(super) fn screen() -> &'static Screen {
    static SCREEN: OnceLock<Screen> = OnceLock::new();
    SCREEN.get_or_init(Screen::new)
}

/// Six bits of a character; letters lose their case.
fn bits(byte: u8) -> usize {
    usize::from((byte & 0x1f) | ((byte & 0x40) >> 1))
}

fn pair(one: u8, two: u8) -> usize {
    bits(one) << 6 | bits(two)
}

fn triple(one: u8, two: u8, three: u8) -> usize {
    bits(one) << 12 | pair(two, three)
}

impl Screen {
    fn new() -> Self {
        let anchors = || rules().iter().flat_map(|rule| rule.anchors.iter().map(move |anchor| (rule, *anchor)));
        let mut skips = vec![u8::try_from(SKIP_BYTES - 2).unwrap_or(u8::MAX); TRIPLES];
        let mut heads = vec![Vec::new(); PAIRS];
        let (mut short, mut words, mut bytes, mut coded) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut pairs, mut triples) = (vec![false; PAIRS], vec![false; TRIPLES]);
        for (rule, anchor) in anchors() {
            let letters = anchor.as_bytes();
            let word = !rule.named && letters.last().is_some_and(u8::is_ascii_lowercase);
            match letters {
                [byte] => bytes.push((*byte, rule.peek)),
                [first, second, ..] if letters.len() >= SKIP_BYTES => {
                    add_skips(&mut skips, letters);
                    heads[pair(*first, *second)].push(Anchor { letters, word });
                }
                _ if word => words.push(letters),
                _ => short.push(memchr::memmem::Finder::new(letters)),
            }
            letters.windows(2).for_each(|two| pairs[pair(two[0], two[1])] = true);
            letters.windows(3).for_each(|three| triples[triple(three[0], three[1], three[2])] = true);
            if rule.encoded {
                coded.extend(coded_forms(letters));
            }
        }
        let clear: Vec<&str> = anchors().map(|(_, anchor)| anchor).filter(|anchor| anchor.len() > 1).collect();
        let automaton = |insensitive: bool| {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(insensitive).kind(Some(AhoCorasickKind::DFA)).clone()
        };
        Self {
            skips,
            heads,
            short,
            words,
            bytes,
            pairs,
            triples,
            clear: automaton(true).build(clear).expect("the table is fixed and small"),
            coded: automaton(false).build(coded).expect("the table is fixed and small"),
        }
    }

    /// The places worth a look, in order.
    pub(super) fn places(&self, text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        self.written(text.as_bytes(), &mut places);
        self.encoded(text.as_bytes(), &mut places);
        self.disguised(text, &mut places);
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Anchors as they are written.
    fn written(&self, text: &[u8], places: &mut Vec<usize>) {
        let mut at = 0;
        while let Some([three, four, five]) = text.get(at + SKIP_BYTES - 3..at + SKIP_BYTES) {
            let skip = self.skips[triple(*three, *four, *five)];
            if skip == 0 && self.begins(&text[at..]) {
                places.push(at);
            }
            at += usize::from(skip.max(1));
        }
        for anchor in &self.short {
            places.extend(anchor.find_iter(text).filter(|at| anchor.needle() != b"://" || names_a_user(text, *at)));
        }
        if !self.words.is_empty() {
            places.extend(memchr::memchr2_iter(b'=', b':', text).filter(|at| self.follows_a_word(&text[..*at])));
        }
        for (byte, peek) in &self.bytes {
            let seen = |at: &usize| peek.is_none_or(|peek| peek(text, *at));
            places.extend(memchr::memchr_iter(*byte, text).filter(seen));
        }
    }

    /// Whether a text begins with an anchor.
    fn begins(&self, text: &[u8]) -> bool {
        let [first, second, ..] = text else { return false };
        self.heads[pair(*first, *second)].iter().any(|anchor| {
            let (head, rest) = text.split_at_checked(anchor.letters.len()).unwrap_or_default();
            head.eq_ignore_ascii_case(anchor.letters) && (!anchor.word || introduces(rest))
        })
    }

    /// Whether a text ends in a short word and perhaps quotes.
    fn follows_a_word(&self, text: &[u8]) -> bool {
        let frame = text.iter().rev().take(SIGN_BYTES).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        let name = &text[..text.len() - frame];
        self.words
            .iter()
            .any(|word| name.len().checked_sub(word.len()).is_some_and(|from| name[from..].eq_ignore_ascii_case(word)))
    }

    /// Anchors inside base64 and hexadecimal text. A run that is long enough cannot pass between two samples.
    fn encoded(&self, text: &[u8], places: &mut Vec<usize>) {
        let mut at = ENCODED_BYTES - 1;
        let mut done = 0;
        while let Some(byte) = text.get(at) {
            if !is_base64(*byte) {
                at += ENCODED_BYTES;
                continue;
            }
            let before = text[done..at].iter().rev().take_while(|byte| is_base64(**byte)).count();
            let after = text[at..].iter().take_while(|byte| is_base64(**byte)).count();
            let run = at - before..at + after;
            let letters = &text[run.clone()];
            if letters.len() >= ENCODED_BYTES && is_mixed(letters) {
                places.extend(self.coded.find_iter(letters).map(|found| run.start + found.start()));
            }
            done = run.end;
            at = run.end + ENCODED_BYTES;
        }
    }

    /// Anchors that read so only after escapes, markup, look-alikes and line breaks are undone.
    fn disguised(&self, text: &str, places: &mut Vec<usize>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(sign) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| unwrap::is_sign(*byte))) {
            at += sign;
            let (suspect, len) = self.suspect(text, at);
            if suspect && self.hides(text, at) {
                places.push(at);
            }
            at += len;
        }
    }

    /// Whether an anchor may run through the sign at that place, and how long the sign is.
    fn suspect(&self, text: &str, at: usize) -> (bool, usize) {
        let bytes = text.as_bytes();
        let (step, len) = unwrap::step(text, at);
        let folded = match step {
            Step::Keep(_) => return (false, len),
            Step::Fold(letter) => Some(letter),
            Step::Drop | Step::Join { .. } => None,
        };
        if folded.is_some_and(|letter| nests(letter, bytes.get(at + len..).unwrap_or_default())) {
            return (true, len);
        }
        let before = bytes[..at].trim_ascii_end();
        let before = if matches!(step, Step::Join { line: true }) { before } else { &bytes[..at] };
        let mut rest = at + len;
        let mut letters = [folded, None];
        for _ in 0..DISGUISE_STEPS {
            let Some(empty) = letters.iter_mut().find(|letter| letter.is_none()) else { break };
            if rest >= bytes.len() {
                break;
            }
            let (step, len) = unwrap::step(text, rest);
            rest += len;
            if let Step::Keep(letter) | Step::Fold(letter) = step {
                *empty = Some(letter);
            }
        }
        (self.may_join(before, letters, folded.is_some()), len)
    }

    /// Whether what stands before a sign and the letters after it may be neighbours in an anchor.
    fn may_join(&self, before: &[u8], [one, two]: [Option<char>; 2], folded: bool) -> bool {
        let Some(one) = one.and_then(ascii) else { return false };
        let two = two.and_then(ascii);
        let known = |byte: &u8| !unwrap::is_sign(*byte);
        let last = before.last().copied();
        let plain = last.filter(known);
        let follows = two.is_some_and(|two| self.pairs[pair(one, two)]);
        let joins = match (last, plain) {
            (_, Some(last)) if self.pairs[pair(last, one)] => {
                let earlier = before.len().checked_sub(2).and_then(|place| before.get(place)).filter(|one| known(one));
                let with_two = two.is_some_and(|two| self.triples[triple(last, one, two)]);
                with_two
                    || earlier.is_some_and(|earlier| self.triples[triple(*earlier, last, one)])
                    || (earlier.is_none() && two.is_none())
            }
            (Some(_), None) => follows,
            _ => false,
        };
        joins || (folded && follows)
    }

    /// Whether there is an anchor near that place once disguises are undone.
    fn hides(&self, text: &str, at: usize) -> bool {
        let start = text.floor_char_boundary(at.saturating_sub(DISGUISE_BYTES));
        let end = text.ceil_char_boundary((at + DISGUISE_BYTES).min(text.len()));
        let mut view = View::whole(text.get(start..end).unwrap_or_default()).unwrapped();
        for _ in 0..DISGUISE_ROUNDS {
            let Some(undone) = view else { return false };
            // An anchor that takes as many bytes as in clear is none that was hidden.
            let mut anchors = self.clear.find_overlapping_iter(undone.text());
            if anchors.any(|anchor| undone.origin(&anchor.range()).len() != anchor.len()) {
                return true;
            }
            view = undone.unwrapped();
        }
        false
    }
}

fn add_skips(skips: &mut [u8], anchor: &[u8]) {
    for (place, three) in anchor[..SKIP_BYTES].windows(3).enumerate() {
        let left = u8::try_from(SKIP_BYTES - 3 - place).unwrap_or(0);
        let skip = &mut skips[triple(three[0], three[1], three[2])];
        *skip = left.min(*skip);
    }
}

/// Whether what follows a word may be a value: a sign comes next, or a token stands near.
fn introduces(rest: &[u8]) -> bool {
    let gap = rest.iter().take(SIGN_BYTES).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let (frame, value) = rest.split_at(gap);
    let is_sign = |byte: &u8| matches!(byte, b'=' | b':' | b'>' | b'%' | b'&' | b'\\') || !byte.is_ascii();
    if frame.iter().any(is_sign) {
        return true;
    }
    let is_token = |byte: &u8| is_base64(*byte) || *byte == b'=';
    let next = value.iter().take(TOKEN_BYTES).take_while(|byte| is_token(byte)).count();
    let next = &value[..next];
    let rises = next.windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    if gap > 0 && next.len() >= VALUE_BYTES && (rises || next.iter().any(u8::is_ascii_digit)) {
        return true;
    }
    let near = &rest[..rest.len().min(SENTENCE_BYTES)];
    near.split(|byte| !is_token(byte)).any(|run| run.len() >= TOKEN_BYTES && is_mixed(run))
}

fn ascii(letter: char) -> Option<u8> {
    u8::try_from(letter).ok().filter(u8::is_ascii)
}

/// Whether an undone character begins another escape.
fn nests(letter: char, rest: &[u8]) -> bool {
    match letter {
        '%' => rest.iter().take(2).filter(|byte| byte.is_ascii_hexdigit()).count() == 2,
        '&' => rest.iter().take(12).any(|byte| *byte == b';'),
        '\\' => matches!(rest.first(), Some(b'u' | b'x' | b'_' | b'-' | b'n')),
        _ => false,
    }
}

/// Whether an address goes on with something before an `@`.
fn names_a_user(text: &[u8], at: usize) -> bool {
    const ADDRESS_BYTES: usize = 512;
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .take(ADDRESS_BYTES)
        .take_while(|byte| **byte > b' ')
        .any(|byte| matches!(byte, b'@' | b'%' | b'&' | b'\\'))
}

/// Generated text changes its case, or has digits among its letters.
fn is_mixed(run: &[u8]) -> bool {
    let lower = run.iter().any(u8::is_ascii_lowercase);
    let upper = run.iter().any(u8::is_ascii_uppercase);
    (lower && upper) || run.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;

    #[test]
    fn names_the_places_of_anchors_and_no_others() {
        let screen = screen();
        assert_eq!(screen.places("An ordinary line; nothing to see, https://example.org/a.b\n"), [0; 0]);
        assert_eq!(screen.places("x SK_Live_abc and whsec_"), [2, 18]);
        assert_eq!(screen.places("postgres://me:pass@db"), [8]);
        for hidden in
            ["sk%5Flive%5Fx", "sk\\_live_x", "s\u{200b}k_live_x", "sk_li\n  ve_x", "&#115;k_live_x", "ｓk_live_"]
        {
            assert!(!screen.places(&format!("say {hidden} now")).is_empty(), "{hidden}");
        }
        for before in ["", "x", "xy"] {
            let coded = STANDARD_NO_PAD.encode(format!("{before}postgres://me:passw0rd@db.example"));
            assert!(!screen.places(&coded).is_empty(), "{coded}");
        }
    }
}
