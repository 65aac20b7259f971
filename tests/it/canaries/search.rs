//! Canaries and the search for them: each input gets a secret of its own, so that what leaks says where it came in.
//!
//! Nothing is planted from here. Invariant: a canary is found in every encoding of `forms`, and by its end alone,
//! since a short beginning may be shown.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

/// Characters at the end of a canary that nobody may ever see again; what stands before them may be shown in part.
const TAIL: usize = 20;
/// Characters of a canary after its prefix.
const BODY: usize = 32;
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A secret that was planted in one input.
#[derive(Clone, Debug)]
pub struct Canary {
    /// Where it was planted.
    pub input: String,
    /// The whole secret.
    pub secret: String,
    /// How much of its end is searched for, in bytes.
    tail: usize,
}

impl Canary {
    /// The canary of that input: the same in every run, and unlike every other input's.
    pub fn of(input: &str) -> Self {
        let hash = digest(&SHA256, input.as_bytes());
        let body: String =
            hash.as_ref().iter().take(BODY).map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect();
        let prefix = if hash.as_ref()[0] % 2 == 0 { concat!("sk_", "live_") } else { concat!("wh", "sec_") };
        Self { input: input.to_owned(), secret: format!("{prefix}{body}"), tail: TAIL }
    }

    /// A credential of the bot's own; those of the sandbox are told apart by their beginnings.
    pub fn own(name: &str, secret: String) -> Self {
        Self { input: format!("the credential {name}"), tail: secret.len(), secret }
    }

    /// A secret that the world made, and that came in by that input.
    pub fn planted(input: &str, secret: String) -> Self {
        Self { input: input.to_owned(), secret, tail: TAIL }
    }

    fn tail(&self) -> &str {
        &self.secret[self.secret.len() - self.tail..]
    }
}

/// One place that is searched.
pub type Place = (String, Vec<u8>);

/// What a text looks like on the wire, in every encoding that is searched.
pub fn forms(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let each = |write: fn(&u8) -> String| bytes.iter().map(write).collect::<String>().into_bytes();
    let mut forms = vec![
        bytes.to_vec(),
        each(|b| format!("{b:02x}")),
        each(|b| format!("{b:02X}")),
        each(|b| format!("%{b:02x}")),
        each(|b| format!("%{b:02X}")),
        each(|b| format!("\\x{b:02x}")),
        each(|b| format!("\\u{b:04x}")),
        each(|b| format!("{b}, ")),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for shift in 0..3_usize {
            // The whole groups in the middle are the same whatever stands around them.
            let padded: Vec<u8> = std::iter::repeat_n(b'.', shift).chain(bytes.iter().copied()).collect();
            let text = engine.encode(padded);
            forms.push(text.as_bytes()[4..text.len() - 4].to_vec());
        }
    }
    forms
}

/// Every canary that is found: which input, where, and how it was encoded; never the canary.
pub fn leaks(canaries: &[Canary], places: &[Place]) -> Vec<String> {
    let mut needles = Vec::new();
    for (at, canary) in canaries.iter().enumerate() {
        needles.extend(forms(canary.tail()).into_iter().enumerate().map(|(form, needle)| (at, form, needle)));
    }
    let finder = AhoCorasick::new(needles.iter().map(|(_, _, needle)| needle)).expect("a few hundred short needles");
    let mut found = Vec::new();
    for (name, bytes) in places {
        let mut here: Vec<String> = Vec::new();
        for hit in finder.find_overlapping_iter(bytes) {
            let (at, form, _) = &needles[hit.pattern().as_usize()];
            let line = format!("{} is in {name} (encoding {form})", canaries[*at].input);
            if !here.contains(&line) && !found.contains(&line) {
                here.push(line);
            }
        }
        found.extend(here);
    }
    found
}

#[test]
fn the_search_is_not_blind() {
    let canaries: Vec<Canary> = ["one input", "another"].into_iter().map(Canary::of).collect();
    assert_ne!(canaries[0].secret, canaries[1].secret);
    let guard = seqn_chatops::guard::Guard::new(seqn_chatops::guard::FingerprintKey::new([0; 32]));
    for canary in &canaries {
        assert!(!guard.findings(&canary.secret).is_empty(), "the guard knows it for what it is");
        for form in forms(&canary.secret).into_iter().chain(forms(canary.tail())) {
            let planted = vec![("here".to_owned(), [b"before ".as_slice(), &form, b" after"].concat())];
            let found = leaks(&canaries, &planted);
            assert!(found.iter().any(|leak| leak.starts_with(&canary.input)), "{found:?}");
        }
        let shown = canary.secret.as_bytes()[..16].to_vec();
        assert_eq!(leaks(&canaries, &[("the part that may be shown".to_owned(), shown)]), Vec::<String>::new());
    }
}
