//! The rule table, and what people and platforms do to secrets, against the gates.
#![expect(clippy::format_collect, reason = "texts of a test, built once")]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

fn guard() -> Guard {
    Guard::new(FingerprintKey::new([7; 32]))
}

fn key() -> String {
    examples::project_key()
}

fn webhook() -> String {
    examples::webhook_key()
}

/// `sk_live_` and a body.
fn sk(body: &str) -> String {
    format!("sk_{}_{body}", "live")
}

#[test]
fn every_example_is_found_and_no_lookalike() {
    let guard = guard();
    for rule in rules() {
        let example = (rule.example)();
        let findings = guard.findings(&format!("please look: {example} thanks"));
        assert_eq!(findings.len(), 1, "{}: {findings:?}", rule.name);
        assert_eq!(findings[0].rule, rule.name);
        let redacted = guard.redact(&example);
        assert_ne!(redacted, example, "{}", rule.name);
        assert_eq!(guard.redact(&redacted), redacted, "{}", rule.name);
        let lookalike = (rule.lookalike)();
        assert_eq!(guard.findings(&lookalike), vec![], "{}: {lookalike}", rule.name);
        for words in [rule.name.kind(), rule.name.rotation(), rule.name.as_str()] {
            assert_eq!(guard.findings(words), vec![], "{words}");
        }
    }
}

#[test]
fn named_keys_follow_the_policy() {
    let guard = guard();
    let found = |text: &str| !guard.findings(text).is_empty();
    for body in [
        "",
        "abcd1234",
        "x9Kq2mZ7",
        "x9Kq2mZ7…",
        "x9Kq2mZ7p…",
        "x9Kq2mZ7pL...",
        "x9Kq2mZ7pL****",
        "x9Kq2mZ7-prod",
        "x9Kq2mZ7/abc",
        "…",
        "••••••••",
        "xxxxxxxxxxxxxxxxxxxxxxxx",
        "your_secret_key_here",
        "<secret>",
        "$KEY",
        "1234567890abcdefghijklmn",
        "example",
        "REPLACE_ME_WITH_YOUR_KEY",
        "x9Kq2mZ7\nplease look at this",
        "x9Kq2mZ7\nreq_01J9ZK4T8M2Q",
        "x9Kq2mZ7\n\nuser jo@acme.example",
        "x9Kq2mZ7 and the rest",
        "x9Kq2mZ7…[redacted]",
        "x9Kq2mZ7********************wxY9z8Q7",
        "x9Kq2mZ7**important**",
    ] {
        assert!(!found(&sk(body)), "{body}");
    }
    for body in ["x9Kq2mZ7p", "x9Kq2mZ7pL0", "x9Kq2mZ7pLw9RtYv", "qwzxkvjhgfpldmnbtrwqplmk", "4f9d2c7b1a8e6035d9c4"] {
        assert!(found(&sk(body)), "{body}");
        for (before, after) in [("(", ")"), ("`", "`"), ("key=", ","), ("<https://a.example/?k=", "|link>"), ("*", "*")]
        {
            let text = format!("{before}{}{after}", sk(body));
            let findings = guard.findings(&text);
            assert_eq!(findings.len(), 1, "{text}");
            assert_eq!(findings[0].span, before.len()..text.len() - after.len(), "{text}");
        }
    }
    assert!(!found("the task_live_reload_2024_build_17 job") && !found("disk_live_usage_percent_by_host"));
    assert!(!found("STRIPE_SK_LIVE_KEY_PRODUCTION_2024") && !found(&format!("pk_{}_{}", "live", "x9Kq2mZ7pLw9RtYv3N")));
    assert!(!found(&format!("sk_{}_{}", "test", "x9Kq2mZ7pLw9RtYv3N")));
    assert!(found(&format!("key{}", key())));
}

/// What people and platforms do to a key. Each gives a text that a reader can still put together.
fn disguises(key: &str) -> Vec<String> {
    let (head, tail) = key.split_at(key.len() / 2);
    let (first, second) = key.split_at(20);
    let wide_all: String = key.chars().map(wide).collect();
    let wide_prefix: String = key.char_indices().map(|(at, c)| if at < 4 { wide(c) } else { c }).collect();
    let percent: String = key.bytes().map(|b| format!("%{b:02x}")).collect();
    let entities: String = key.bytes().map(|b| format!("&#{b};")).collect();
    let escapes: String = key.bytes().map(|b| format!("\\u{b:04x}")).collect();
    let mut texts = vec![
        key.chars().map(|c| format!("{c}\u{200b}")).collect(),
        format!("{head}\u{2060}{tail}"),
        key.replacen("live", "l\u{456}ve", 1).replacen("whsec", "whs\u{435}c", 1),
        wide_all,
        wide_prefix,
        format!("{first}\n{second}"),
        format!("> {first}\r\n>   {second}"),
        format!("{}\n{}", &key[..5], &key[5..]),
        format!("**{head}**{tail}"),
        format!("```\n{key}\n```"),
        format!("||{key}||"),
        key.replace('_', "\\_"),
        key.replace('_', "%5F"),
        key.replace('_', "&#95;"),
        key.replace('_', "%255F"),
        percent,
        entities,
        escapes,
        format!("\"{first}\" + \"{second}\""),
        format!("<https://a.example/{key}|{key}>"),
        format!("{{\"key\":\"{key}\"}}"),
        format!("{first}\\n{second}"),
        format!("<b>{first}</b>{second}"),
        encode::hex(key.as_bytes()),
        encode::hex(key.as_bytes()).to_uppercase(),
    ];
    for before in ["", "a", "ab", "user:"] {
        texts.push(STANDARD.encode(format!("{before}{key}")));
        texts.push(URL_SAFE_NO_PAD.encode(format!("{before}{key}, and more")));
    }
    texts
}

#[test]
fn sees_through_disguises() {
    let guard = guard();
    for key in [key(), examples::restricted_key(), webhook()] {
        let plain = guard.findings(&key);
        for text in disguises(&key) {
            let message = format!("hello {text} bye");
            let findings = guard.findings(&message);
            assert!(!findings.is_empty(), "{message}");
            assert_eq!(findings[0].prefix, plain[0].prefix, "{message}");
            assert_eq!(findings[0].fingerprint, plain[0].fingerprint, "{message}");
            assert_eq!(guard.sweep(&message), findings, "{message}");
            let redacted = guard.redact(&message);
            assert!(redacted.starts_with("hello ") && redacted.contains("bye"), "{message} -> {redacted}");
            assert!(!redacted.contains(&key[key.len() - 8..]), "{message} -> {redacted}");
            assert_eq!(guard.redact(&redacted), redacted);
        }
    }
}

#[test]
fn every_kind_is_found_in_plain_wrappings() {
    let guard = guard();
    for rule in rules() {
        let example = (rule.example)();
        let plain = guard.findings(&example);
        let middle = example.len() - 12;
        let (front, back) = example.split_at(middle);
        for text in [
            format!("({example})"),
            format!("`{example}`"),
            format!("```{example}```"),
            format!("```\n{example}\n```\n"),
            format!("it is {example}."),
            format!("{example}, right?"),
            format!("{example}; {example}"),
            format!("\u{201c}{example}\u{201d}"),
            format!("> {}", example.replace('\n', "\n> ")),
            format!("*{example}*"),
            format!("||{example}||"),
            format!("<{example}>"),
            format!("<td>{example}</td>"),
            format!("export X={example} && run"),
            format!("{example}\n\nthanks, Jo"),
            format!("🔑{example}🔑"),
            serde_json::json!({ "text": example }).to_string(),
            example.replace('=', "&#61;").replace(':', "&#58;"),
            example.replace('=', " = "),
            format!("{front}\u{200b}{back}"),
            format!("{front}**{back}"),
            example.chars().map(|c| if c.is_ascii_digit() { wide(c) } else { c }).collect(),
        ] {
            let findings = guard.findings(&text);
            let seen = findings.first().map(|one| one.rule);
            assert_eq!(seen, Some(rule.name), "{text}");
            let secret = &example[plain[0].span.clone()];
            let tail = &secret[secret.len() - 12..];
            assert!(!guard.redact(&text).contains(tail), "{text} -> {}", guard.redact(&text));
        }
    }
}

#[test]
fn generated_keys_are_always_found_and_nearly_always_when_broken() {
    let guard = guard();
    let (mut broken, mut missed) = (0, 0);
    for seed in 1..500_u64 {
        let body = examples::noise(seed, 24 + usize::try_from(seed % 3).unwrap() * 30, examples::ALNUM);
        let bytes: Vec<u8> = body.bytes().map(|byte| byte.wrapping_mul(37)).collect();
        for key in [sk(&body), format!("wh{}_{}", "sec", STANDARD.encode(&bytes)), format!("wh{}_{body}", "sec")] {
            let findings = guard.findings(&format!("my key is {key}. thanks"));
            assert_eq!(findings.len(), 1, "{key}");
            assert_eq!(findings[0].span, 10..10 + key.len(), "{key}");
            let at = 1 + usize::try_from(seed).unwrap() * 7 % (key.len() - 1);
            for gap in ["\n", "**", "\u{200b}", "\\n"] {
                let text = format!("{}{gap}{}", &key[..at], &key[at..]);
                let redacted = guard.redact(&text);
                broken += 1;
                // What may be left: the prefix with its mark, the gap, and a tail too short to be told from a word.
                if redacted == text || redacted.len() > 16 + "…[redacted]".len() + gap.len() + 6 {
                    missed += 1;
                }
            }
        }
    }
    assert!(missed * 100 < broken, "{missed} of {broken}");
}

fn wide(letter: char) -> char {
    char::from_u32(u32::from(letter) - 0x21 + 0xff01).unwrap()
}

#[test]
fn redacts_exactly() {
    let guard = guard();
    let key = key();
    let text = format!("key {key}, cookie next\u{200b}");
    assert_eq!(guard.redact(&text), format!("key {}…[redacted], cookie next\u{200b}", &key[..16]));
    let url = format!("postgres://seqn:{}@db.internal/seqn", "h4rdT0gue55");
    assert_eq!(guard.redact(&url), "postgres://seqn:[redacted: password in an address]@db.internal/seqn");
    let two = format!("{key} {}", webhook());
    assert_eq!(guard.findings(&two).len(), 2);
    assert!(matches!(guard.redact("nothing to see here"), Cow::Borrowed(_)));
}

#[test]
fn ordinary_chat_is_left_alone() {
    let guard = guard();
    for line in include_str!("ordinary.txt").lines() {
        assert_eq!(guard.findings(line), vec![], "{line}");
    }
    assert_eq!(guard.findings(include_str!("ordinary.txt")), vec![]);
}

#[test]
fn own_secrets_are_found_in_every_form() {
    let own = format!("hunter-{}/+é", "of-the-lake-77");
    let guard = guard().with_own_secrets([Secret::new(own.clone()), Secret::new("short")]).with_own_secrets([]);
    let mut forms = vec![
        own.clone(),
        encode::percent(own.as_bytes(), encode::Digits::Upper),
        encode::percent(own.as_bytes(), encode::Digits::Lower),
        encode::hex(own.as_bytes()),
        encode::hex(own.as_bytes()).to_uppercase(),
        serde_json::to_string(&own).unwrap(),
    ];
    for before in ["", "b", "bo", "bot"] {
        forms.push(STANDARD.encode(format!("{before}{own}")));
        forms.push(URL_SAFE_NO_PAD.encode(format!("{before}{own}tail")));
    }
    for form in forms {
        let findings = guard.findings(&format!("sent {form} away"));
        assert_eq!(findings.len(), 1, "{form}");
        assert_eq!((findings[0].rule, findings[0].prefix.is_empty()), (OWN_SECRET, true));
        let redacted = guard.redact(&form).into_owned();
        assert!(redacted.contains("[redacted: credential of this bot]"), "{redacted}");
        assert!(guard.outgoing(vec![form.as_str()]).is_err());
    }
    assert_eq!(guard.findings("short hunter"), vec![]);
}

#[test]
fn gates_refuse_redact_and_pass() {
    let guard = guard();
    assert_eq!(guard.admit(Untrusted::from("hello")).unwrap().as_str(), "hello");
    let refused = guard.admit(Untrusted::new(key())).unwrap_err();
    assert!(!format!("{refused:?}{}", serde_json::to_string(&refused).unwrap()).contains(&key()[17..]));
    assert_eq!(refused[0].rule.kind(), "project secret key");
    assert!(guard.scrub(Untrusted::new(key())).ends_with("…[redacted]"));
    assert!(guard.reread(key()).ends_with("…[redacted]"));
    let nested = serde_json::json!({ "a": [1, { "b": key() }] });
    assert_eq!(guard.outgoing(&nested).unwrap_err().len(), 1);
    let named = std::collections::BTreeMap::from([(key(), 1)]);
    assert_eq!(guard.outgoing(named).unwrap_err().len(), 1);
    assert_eq!(*guard.outgoing(("fine", 7)).unwrap(), ("fine", 7));
    let unreadable = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert_eq!(guard.outgoing(unreadable).unwrap_err()[0].rule, UNREADABLE);
}

#[test]
fn too_large_fails_closed() {
    let guard = guard();
    let large = "a ".repeat(MAX_TEXT_BYTES);
    assert_eq!(guard.admit(Untrusted::new(large.clone())).unwrap_err()[0].rule, TOO_LARGE);
    assert_eq!(guard.redact(&large), WITHHELD_LARGE);
    assert_eq!(guard.scrub(Untrusted::new(large)).as_str(), WITHHELD_LARGE);
}

#[test]
fn redacting_twice_changes_nothing() {
    let guard = guard();
    let mut parts: Vec<String> = rules().iter().flat_map(|rule| [(rule.example)(), (rule.lookalike)()]).collect();
    parts.extend(rules().iter().flat_map(|rule| rule.anchors).map(|anchor| (*anchor).to_owned()));
    parts.extend(disguises(&key()));
    parts.extend(
        [
            "\n",
            " ",
            ".",
            "é",
            "\u{200b}",
            "%",
            "&",
            "<",
            ">",
            "|",
            "*",
            "…",
            "[redacted]",
            "-----",
            "=",
            ":",
            "@",
            "\\",
            "\"",
        ]
        .map(str::to_owned),
    );
    for seed in 1..400_u64 {
        let mut text = String::new();
        for (index, letter) in (0_u64..).zip(examples::alnum(seed, 24).bytes()) {
            let pick = usize::from(letter) * 7 + usize::try_from(seed * 31 + index * 13).unwrap();
            let part = &parts[pick % parts.len()];
            let cut = part.char_indices().map(|(at, _)| at).nth(pick % 97).unwrap_or(part.len());
            text.push_str(if pick.is_multiple_of(3) { &part[..cut] } else { part });
        }
        let once = guard.redact(&text).into_owned();
        assert_eq!(guard.findings(&once), vec![], "seed {seed}: {once}");
        assert_eq!(guard.redact(&once), once, "seed {seed}");
        assert_ne!(once, WITHHELD_UNCLEAR, "seed {seed}: {text}");
        let mut end = 0;
        for finding in guard.findings(&text) {
            assert!(finding.span.start >= end && text.get(finding.span.clone()).is_some(), "seed {seed}");
            end = finding.span.end;
        }
    }
}

#[test]
fn what_only_looks_generated_is_asked_about_and_never_refused() {
    let guard = guard();
    let run = examples::alnum(31, 40);
    let text = format!("try {run} with {}", key());
    let reviewed = guard.review(&text);
    let seen: Vec<_> = reviewed.iter().map(|one| (one.rule.as_str(), one.confidence)).collect();
    assert_eq!(seen, [("unknown", Confidence::Entropy), ("project-secret-key", Confidence::Named)]);
    assert_eq!((&text[reviewed[0].span.clone()], reviewed[0].prefix.is_empty()), (run.as_str(), true));
    assert_eq!(guard.review(&format!("({run})"))[0].fingerprint, reviewed[0].fingerprint);
    let alone = format!("use {run}");
    assert!(guard.findings(&alone).is_empty() && guard.admit(Untrusted::new(alone.clone())).is_ok());
    assert!(guard.outgoing(alone.as_str()).is_ok() && guard.redact(&alone) == alone);
    for line in include_str!("ordinary.txt").lines() {
        assert_eq!(guard.review(line), vec![], "{line}");
    }
}

#[test]
fn ten_thousand_findings_are_capped_and_the_rest_is_withheld() {
    let guard = guard();
    let text: String = (1..=10_000_u64).map(|seed| format!("{}\n", sk(&examples::alnum(seed, 16)))).collect();
    let findings = guard.findings(&text);
    assert_eq!(findings.len(), MAX_FINDINGS + 1);
    let last = findings.last().unwrap();
    assert_eq!((last.rule, last.span.end), (TOO_MANY, text.len()));
    let redacted = guard.redact(&text);
    assert!(redacted.ends_with("[redacted: text with too many secrets]"));
    assert_eq!(redacted.matches("…[redacted]").count(), MAX_FINDINGS);
    assert_eq!(guard.findings(&redacted), vec![]);
    assert_eq!(guard.redact(&redacted), redacted);
}
