//! What `AutoMod` is told to block: our rules as Discord takes them.
//!
//! It sends nothing. `AutoMod` is the first line only: its patterns cannot judge, so they are narrower than the guard,
//! which sees every message that is posted. Invariant: what a pattern blocks the guard finds too, what the guard allows
//! is not blocked, and Discord's limits hold.

use serde_json::{Value, json};

use super::wire::id_of;

/// What our rules are called; also how they are found again.
pub(super) const NAMES: [&str; 2] = ["Secrets: keys (seqn-chatops)", "Secrets: credentials (seqn-chatops)"];
/// What a person reads whose message was blocked. Discord takes 150 characters.
const SAID_TO_THE_AUTHOR: &str = "Not posted: it holds a secret. Send its first 8 characters only. If others have \
    seen it, rotate it now: /seqn help.";
/// Keys that are known by their shape. A body needs a digit early on, which words and placeholders have not.
const KEYS: [&str; 8] = [
    r"(?:sk|rk)_live_(?:[a-z_-]{0,24}[0-9][a-z0-9_-]{12,}|[a-z]{16,}[0-9])",
    r"whsec_(?:[a-z]{0,24}[0-9+/][a-z0-9+/=_-]{16,}|[a-z]{24,}[0-9+/])",
    r"\bxox[a-z]-[0-9]{6,}-[a-z0-9-]{16,}",
    r"\bxapp-[0-9]-[a-z0-9]{6,}-[0-9]{6,}-[a-z0-9]{16,}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[a-z0-9]{6,}/[a-z0-9]{6,}/[a-z0-9]{0,20}[0-9][a-z0-9]{16,}",
    r"discord(?:app)?\.com/api/webhooks/[0-9]{15,}/[a-z0-9_-]{60,}",
    r"\b[mno][a-z0-9_-]{22,27}\.[a-z0-9_-]{6,7}\.[a-z0-9_-]{27,}",
    r"AGE-SECRET-KEY-1[0-9a-z]{58}",
];
/// Credentials that are known by what stands before them.
const CREDENTIALS: [&str; 6] = [
    r"-----BEGIN [A-Z ]{0,24}PRIVATE KEY[A-Z ]{0,8}-----\s+[a-z0-9+/=]{40,}",
    r"\beyJ[a-z0-9_-]{12,}\.eyJ[a-z0-9_-]{12,}\.[a-z0-9_-]{20,}",
    r"\b(?:postgres(?:ql)?|mysql|mariadb|rediss?|amqps?|mongodb(?:\+srv)?)://[a-z0-9_.-]+:[a-z]{0,16}[0-9][a-z0-9_-]{8,}@",
    r#"\b[a-z0-9_]*(?:client_secret|authentik_(?:api_)?token|session_secret)["']?\s*[:=]\s*["']?[a-z]{0,24}[0-9][a-z0-9_-]{16,}"#,
    r"\bauthorization\s*:\s*bearer\s+[a-z]{0,24}[0-9][a-z0-9._~+/-]{16,}",
    r"\bauthentik_session=[a-z]{0,24}[0-9][a-z0-9._-]{16,}",
];
/// What was typed to fill a place; a hit that holds one of these is let through, and the guard judges it.
const ALLOWED: [&str; 18] = [
    "*xxxx*",
    "*0000*",
    "*1111*",
    "*12345*",
    "*98765*",
    "*abcdef*",
    "*abc123*",
    "*deadbeef*",
    "*your*",
    "*example*",
    "*sample*",
    "*placeholder*",
    "*redacted*",
    "*changeme*",
    "*replace*",
    "*dummy*",
    "*password*",
    "*goes_here*",
];

/// Our rules, whole, as they are made.
pub(super) fn wanted() -> [Value; 2] {
    [rule(NAMES[0], &KEYS), rule(NAMES[1], &CREDENTIALS)]
}

// No alert: it would repeat the secret in another channel.
fn rule(name: &str, patterns: &[&str]) -> Value {
    json!({
        "name": name, "event_type": 1, "trigger_type": 1, "enabled": true,
        "trigger_metadata": {"keyword_filter": [], "regex_patterns": patterns, "allow_list": ALLOWED},
        "actions": [{"type": 1, "metadata": {"custom_message": SAID_TO_THE_AUTHOR}}],
        "exempt_roles": [], "exempt_channels": [],
    })
}

/// Whether a rule of the server says what ours must say; what Discord adds is no difference.
pub(super) fn says(theirs: &Value, ours: &Value) -> bool {
    let sorted = |rule: &Value, key: &str| {
        let words = rule["trigger_metadata"][key].as_array();
        let mut words: Vec<String> = words.into_iter().flatten().map(Value::to_string).collect();
        words.sort_unstable();
        words
    };
    let actions = |rule: &Value| -> Vec<(Value, Value)> {
        let all = rule["actions"].as_array().into_iter().flatten();
        all.map(|a| (a["type"].clone(), a["metadata"]["custom_message"].clone())).collect()
    };
    let nobody = |key: &str| theirs[key].as_array().is_none_or(Vec::is_empty);
    ["name", "event_type", "trigger_type", "enabled"].iter().all(|key| theirs[*key] == ours[*key])
        && ["keyword_filter", "regex_patterns", "allow_list"].iter().all(|key| sorted(theirs, key) == sorted(ours, key))
        && actions(theirs) == actions(ours)
        && nobody("exempt_roles")
        && nobody("exempt_channels")
}

/// What of a rule can be changed; its trigger's type cannot.
pub(super) fn change(ours: &Value) -> Value {
    let mut change = ours.clone();
    if let Some(fields) = change.as_object_mut() {
        fields.remove("trigger_type");
    }
    change
}

/// Whether that rule was made by this user.
pub(super) fn is_of(rule: &Value, user: u64) -> bool {
    id_of(&rule["creator_id"]) == Some(user)
}

#[cfg(test)]
mod tests {
    use regex::{Regex, RegexBuilder};

    use super::*;
    use crate::guard::{FingerprintKey, Guard, rules};

    /// Discord's limits on a rule: patterns, characters of one, allowed words, characters of one.
    const PATTERNS_MAX: usize = 10;
    const PATTERN_MAX: usize = 260;
    const WORDS_MAX: usize = 100;
    const WORD_MAX: usize = 60;
    const CUSTOM_MESSAGE_MAX: usize = 150;

    /// Rules of the guard of which `AutoMod` blocks the usual form.
    const BLOCKED: [&str; 15] = [
        "project-secret-key",
        "restricted-key",
        "webhook-secret",
        "private-key",
        "age-key",
        "jwt",
        "session-cookie",
        "slack-token",
        "discord-token",
        "webhook-url",
        "oidc-client-secret",
        "authentik-token",
        "session-secret",
        "database-url",
        "authorization",
    ];

    fn compiled(pattern: &str) -> Regex {
        RegexBuilder::new(pattern).case_insensitive(true).build().expect("Discord takes Rust's patterns")
    }

    fn hit(text: &str) -> Option<&'static str> {
        KEYS.iter().chain(&CREDENTIALS).copied().find(|pattern| {
            let found: Vec<String> = compiled(pattern).find_iter(text).map(|m| m.as_str().to_lowercase()).collect();
            found.iter().any(|hit| !ALLOWED.iter().any(|word| hit.contains(word.trim_matches('*'))))
        })
    }

    #[test]
    fn discords_limits_hold() {
        for patterns in [&KEYS[..], &CREDENTIALS[..]] {
            assert!(patterns.len() <= PATTERNS_MAX);
            for pattern in patterns {
                assert!(pattern.chars().count() <= PATTERN_MAX, "{pattern}");
                assert!(Regex::new(pattern).is_ok(), "{pattern}");
            }
        }
        assert!(ALLOWED.len() <= WORDS_MAX && ALLOWED.iter().all(|word| word.len() <= WORD_MAX));
        assert!(SAID_TO_THE_AUTHOR.chars().count() <= CUSTOM_MESSAGE_MAX);
        assert!(NAMES.iter().all(|name| name.len() <= 100));
    }

    #[test]
    fn the_guards_examples_are_blocked_and_its_lookalikes_are_not() {
        let guard = Guard::new(FingerprintKey::new([1; 32]));
        for rule in rules() {
            let (example, lookalike) = ((rule.example)(), (rule.lookalike)());
            assert!(!guard.findings(&example).is_empty(), "{}", rule.name);
            if BLOCKED.contains(&rule.name.as_str()) {
                assert!(hit(&example).is_some(), "{}", rule.name);
            }
            assert_eq!(hit(&lookalike), None, "{}", rule.name);
        }
        let known = |name: &&str| rules().iter().any(|rule| rule.name.as_str() == *name);
        assert!(BLOCKED.iter().all(known), "a rule was given another name");
    }

    #[test]
    fn prefixes_placeholders_and_words_are_not_blocked() {
        let live = format!("sk_{}_", "live");
        let hook = format!("wh{}_", "sec");
        for body in [
            "abcd1234",
            "abcd1234…",
            "xxxxxxxxxxxxxxxxxxxxxxxx",
            "000000000000000000000000",
            "1234567890123456789012345",
            "abcdefghijklmnopqrstuvwx",
            "abc123abc123abc123abc123",
            "your_secret_key_2_goes_here",
            "example_key_1_of_the_docs",
            "placeholdersecretkey",
            "deadbeefdeadbeefdeadbeef",
            "replace_me_please_1_day",
        ] {
            for prefix in [&live, &hook] {
                assert_eq!(hit(&format!("use {prefix}{body} here")), None, "{body}");
            }
        }
        assert_eq!(hit("The bearer of authorization: bearer tokens"), None);
        assert_eq!(hit("postgres://user:password@host:5432/name"), None);
    }

    #[test]
    fn keys_of_every_usual_length_are_blocked() {
        let guard = Guard::new(FingerprintKey::new([1; 32]));
        for (prefix, body) in [
            (format!("sk_{}_", "live"), "51HqX8fKq2mZ7pLw9RtYv3Nb"),
            (format!("rk_{}_", "live"), "qwzxkvjhgfpldmnbtrwqplm4"),
            (format!("wh{}_", "sec"), "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ] {
            let text = format!("here: {prefix}{body}, thanks");
            assert!(hit(&text).is_some(), "{prefix}");
            assert!(!guard.findings(&text).is_empty(), "{prefix}");
        }
    }

    #[test]
    fn what_discord_adds_is_no_difference_and_a_change_is() {
        let [ours, _] = wanted();
        let mut theirs = ours.clone();
        theirs["id"] = json!("9");
        theirs["trigger_metadata"]["mention_total_limit"] = Value::Null;
        theirs["actions"][0]["metadata"]["channel_id"] = Value::Null;
        assert!(says(&theirs, &ours));
        for (place, value) in [
            ("/enabled", json!(false)),
            ("/name", json!("mine")),
            ("/exempt_roles", json!(["1"])),
            ("/exempt_channels", json!(["1"])),
            ("/trigger_metadata/regex_patterns", json!([])),
            ("/trigger_metadata/allow_list", json!(["*"])),
            ("/actions/0/type", json!(2)),
            ("/actions/0/metadata/custom_message", json!("hi")),
        ] {
            let mut changed = theirs.clone();
            *changed.pointer_mut(place).expect("it is there") = value;
            assert!(!says(&changed, &ours), "{place}");
        }
        assert!(change(&ours).get("trigger_type").is_none());
    }
}
