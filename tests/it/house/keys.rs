//! No file of the repository holds anything that looks like a live key.
//!
//! Its patterns are its own: the guard's are not asked, so that a hole in the guard is not a hole here.

use std::process::Command;

use regex::Regex;

use super::source::root;

/// What a live key looks like.
const PATTERNS: &[(&str, &str)] = &[
    ("payment or SEQN secret key", r"\b[sr]k_live_[A-Za-z0-9]{16,}"),
    ("webhook secret", r"\bwhsec_[A-Za-z0-9+/=_-]{24,}"),
    ("Slack token", r"\bxox[abeoprs]-[0-9]{8,}-[A-Za-z0-9-]{8,}"),
    ("Slack app token", r"\bxapp-[0-9]-[A-Z0-9]{8,}-[0-9]{8,}-[a-f0-9]{16,}"),
    ("Slack hook", r"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}"),
    ("Discord token", r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    ("Discord webhook", r"discord\.com/api/webhooks/[0-9]{17,}/[A-Za-z0-9_-]{60,}"),
    ("GitHub token", r"\bgh[oprsu]_[A-Za-z0-9]{36,}"),
    ("AWS key id", r"\bAKIA[A-Z0-9]{16}\b"),
    ("ntfy token", r"\btk_[a-z0-9]{29}\b"),
    ("age key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    ("private key", r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{64,}"),
];

/// The patterns, ready to use.
struct Judge(Vec<(&'static str, Regex)>);

impl Judge {
    fn new() -> Self {
        Self(PATTERNS.iter().map(|(kind, pattern)| (*kind, Regex::new(pattern).unwrap())).collect())
    }

    /// The kinds of keys that a text seems to hold.
    fn seen(&self, text: &str) -> Vec<&'static str> {
        let hits =
            self.0.iter().filter(|(_, pattern)| pattern.find_iter(text).any(|hit| !is_placeholder(hit.as_str())));
        hits.map(|(kind, _)| *kind).collect()
    }
}

/// Vendors' documentation writes `XXXXXXXX` where a secret stands.
fn is_placeholder(key: &str) -> bool {
    key.ends_with("XXXXXXXXXXXX")
}

/// Every file that git tracks, and those that it would add.
fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is there, since the repository came with it");
    assert!(listed.status.success(), "git: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    names.split('\0').filter(|name| !name.is_empty()).map(String::from).collect()
}

#[test]
fn no_file_holds_what_looks_like_a_live_key() {
    let files = tracked();
    assert!(files.len() > 50, "only {} files were found", files.len());
    let (judge, mut found) = (Judge::new(), Vec::new());
    for file in files {
        let Ok(bytes) = std::fs::read(root().join(&file)) else { continue };
        found.extend(judge.seen(&String::from_utf8_lossy(&bytes)).into_iter().map(|kind| format!("{file}: {kind}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_pattern_sees_its_key_and_not_its_prefix() {
    let body = "0123456789abcdefABCDEF0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
    let digits = "123456789012";
    let upper = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    let made = [
        format!("sk_{}_{body}", "live"),
        format!("{}_{body}", "whsec"),
        format!("xox{}-{digits}-{digits}-{body}", "b"),
        format!("xapp-1-{}-{digits}-{}", "A0123456789", "0123456789abcdef0123"),
        format!("https://hooks.slack.com/{}/T01234567/B01234567/{body}", "services"),
        format!("{}{}.{}.{body}", "M", &body[..24], &body[..6]),
        format!("https://discord.com/api/{}/{}/{body}", "webhooks", "123456789012345678"),
        format!("{}_{body}", "ghp"),
        format!("{}{}", "AKIA", "ABCDEFGH12345678"),
        format!("{}_{}", "tk", &body.to_lowercase()[..29]),
        format!("{}-SECRET-KEY-1{upper}", "AGE"),
        format!("-----BEGIN {} KEY-----\n{body}\n", "PRIVATE"),
    ];
    let judge = Judge::new();
    assert_eq!(made.len(), PATTERNS.len());
    for (text, (kind, _)) in made.iter().zip(PATTERNS) {
        assert!(judge.seen(text).contains(kind), "blind to {kind}");
    }
    for prefix in ["sk_live_ab12cd34", "whsec_ab12cd34…", "xoxb-", "AKIA", "tk_…", "sk_live_<your key>"] {
        assert!(judge.seen(prefix).is_empty(), "{prefix} is no key");
    }
}
