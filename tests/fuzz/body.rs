//! What is checked of any bytes, by the fuzzer and by a test with bytes from seeds.
//!
//! It knows the guard's front doors only. Invariant: it fails on bytes, never on time.

use seqn_chatops::guard::{FingerprintKey, Guard, Secret, Tail, TailLimits};

/// The guard that is asked. It is made once: its credentials are compiled.
#[must_use]
pub fn guard() -> Guard {
    Guard::new(FingerprintKey::new([9; 32])).with_own_secrets([Secret::new("correct-horse")])
}

/// Checks any bytes: places, redaction, bytes that are no text, and messages that follow each other.
pub fn check(guard: &Guard, bytes: &[u8]) {
    let mut end = 0;
    for finding in guard.findings_in_bytes(bytes) {
        assert!(finding.span.start >= end && finding.span.end <= bytes.len());
        end = finding.span.end;
    }
    let text = String::from_utf8_lossy(bytes);
    for finding in guard.review(&text) {
        assert!(text.get(finding.span.clone()).is_some_and(|secret| !secret.is_empty()));
    }
    let once = guard.redact(&text).into_owned();
    assert!(guard.findings(&once).is_empty(), "something is left after redaction");
    assert_eq!(guard.redact(&once), once);
    let mut tail = Tail::new(TailLimits { authors: 4, keep_ms: 60_000, bytes: 256 });
    for (message, part) in text.split('\n').enumerate().take(32) {
        for split in tail.see(guard, &"author", &message, 0, &[part]) {
            assert!(split.messages.len() > 1 && part.get(split.finding.span.clone()).is_some());
            assert!(split.messages.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
