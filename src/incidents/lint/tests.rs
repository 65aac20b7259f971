//! Tests of the lint: what each kind looks like, and what only looks so.

use super::super::samples;
use super::*;

fn rules() -> LintRules {
    LintRules {
        customers: vec!["Acme".into(), "Globex Corporation".into(), "Öko Strom".into(), "ab".into()],
        orgs: vec!["acme".into(), "globex-eu".into()],
        hosts: vec!["db-1".into(), ".seqn.example".into(), "*.ops.example".into()],
        ..LintRules::of(samples::guard())
    }
}

fn kinds(audience: Audience, text: &str) -> Vec<LintKind> {
    let mut kinds: Vec<LintKind> = rules().findings(audience, "impact", text).iter().map(|one| one.kind).collect();
    kinds.dedup();
    kinds
}

/// Each kind, with texts that hold it.
const HOLDS: &[(LintKind, &[&str])] = &[
    (
        LintKind::Token,
        &[
            "Authorization: Bearer ab12cd34",
            "basic dXNlcjpwYXNz1234",
            "with access_token=12345678x",
            "sid: s3ss10n-1",
            "session=abcdef12",
        ],
    ),
    (
        LintKind::Email,
        &[
            "jo@acme-mail.example cannot sign in",
            "write to <Jo.Doe+x@mail.example>.",
            "jo (at) mail.example",
            "jo[at]mail.example",
            "jürgen@müller.example",
        ],
    ),
    (
        LintKind::Phone,
        &[
            "call +49 30 1234567",
            "+1 (555) 010-1234",
            "+442079460958.",
            "(030) 1234567",
            "555-010-1234",
            "555.010.1234",
            "020 7946 0958",
            "tel 030/1234567 89",
        ],
    ),
    (
        LintKind::Ip,
        &[
            "from 203.0.113.7",
            "203.0.113.7:443",
            "10.0.0.0/8 is blocked",
            "(198.51.100.10)",
            "2001:db8::7",
            "[2001:db8:1:2::7]:443",
            "fe80::1.",
        ],
    ),
    (
        LintKind::Customer,
        &["Globex Corporation is down", "for globex  corporation.", "Acme's users", "ACME", "Öko Strom", "öko strom"],
    ),
    (
        LintKind::Hostname,
        &[
            "db-1 is full",
            "on DB-1.",
            "pg.prod.seqn.example",
            "x.ops.example:5432",
            "cache-3.internal",
            "svc.ns.svc.cluster.local",
            "nas.local",
        ],
    ),
    (
        LintKind::Account,
        &["acme is affected", "org=initech", "organization: initech", "org_8f2", "ses_9a_x", "globex-eu cannot"],
    ),
    (
        LintKind::Personal,
        &[
            "card 4111 1111 1111 1111",
            "5500-0000-0000-0004",
            "GB82 WEST 1234 5698 7654 32",
            "DE89370400440532013000",
            "born 1980-02-03",
            "DOB: 03/02/1980",
        ],
    ),
    (LintKind::Mention, &["@kim looks", "ask <@U0KIM>", "<@!4200>", "(@mira.m)"]),
    (
        LintKind::Reference,
        &[
            "reference rq-7k3q",
            "logged as aud_0012",
            "see https://seqn.slack.com/archives/C0SUP/p1793610000",
            "https://discord.com/channels/1/2/3",
        ],
    ),
];

/// Texts that look like it and hold nothing, for every audience.
const HOLDS_NOTHING: &[&str] = &[
    "Since version 1.2.3, and v10.20.30.40, version 1.2.3.4, build 2026.11.2.1",
    "From 2026-11-02 09:30:15 to 2026-11-02T10:00:00Z (+02:00), 09:30-10:15, 12:30:45.123",
    "It lasted 1 h 05 min, 90 s, 1,200 of 10,000 requests, 1 200 000 events, +1500 ms, 0.05 %, 3.5.1",
    "/v1/me, POST /v1/sessions, /v1/orgs/{org}/members, GET /v2/10.1/x",
    "req_0401220055501234, req-555-010-1234, rq-, aud_it, https://slack.com/pricing, trace 4bf92f3577b34da6a3ce929d0e0e4736",
    "id 123e4567-e89b-12d3-a456-426614174000, commit 20b225a, sha256:ab:cd",
    "HTTP 503, 401 and 403; sev1; INC-7; SUP-1234; #4711; $100.200.300",
    "std::fmt and crate::guard, a::b, C++ ::new, ::1 and 127.0.0.1 and 0.0.0.0",
    "https://docs.seqn.example.com/status?x=1, status.example.com, example.com",
    "bearer authentication, the session token, token=<yours>, Basic sign-in, cookie=…",
    "acmes, pacme, acme-labs, xacme_1, db-10, my-db-1x, .env.local, local, internal",
    "user_agent, org_admin, session_id, sub_total, key_rotation, organization chart",
    "npm @scope/pkg@1.2.3, a@b, @ noon, foo@1.2.3",
    "1234567890123456, 3000000000000000 rows, 1700000000.123456, 4000 of 5000",
    "1.2.3.4.5, 1.2.3, 999.1.2.3, 10.0.0, x1.2.3.4",
    "ab is short, a globe, corporation",
];

#[test]
fn sees_each_kind() {
    let all: std::collections::BTreeSet<LintKind> = HOLDS.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(all.len(), LintKind::ALL.len() - 1, "every kind but the secret, which is made at run time");
    for (kind, texts) in HOLDS {
        for text in *texts {
            assert_eq!(kinds(Audience::Public, text), [*kind], "{text}");
        }
    }
}

#[test]
fn look_alikes_pass() {
    for text in HOLDS_NOTHING {
        for audience in Audience::ALL {
            let found = rules().findings(*audience, "impact", text);
            assert!(found.is_empty(), "{audience:?} {text}: {found:?}");
        }
    }
}

#[test]
fn a_raw_secret_is_refused_for_everybody_and_whatever_is_overridden() {
    let secret = format!("sk_{}_{}", "live", "9fQ2xLw8Rt5Yb3Nc7Vd1Kz");
    let overrides: Vec<Override> =
        LintKind::ALL.iter().map(|kind| Override { kind: *kind, reason: "it must be said".into() }).collect();
    for audience in Audience::ALL {
        let findings = rules().findings(*audience, "mitigation", &format!("we rotated {secret} today"));
        assert_eq!(findings.iter().map(|one| one.kind).collect::<Vec<_>>(), [LintKind::Secret]);
        assert!(!findings[0].says().contains("9fQ2") && findings[0].says().contains("cannot be overridden"));
        assert_eq!(weigh(findings.clone(), &overrides), (findings, vec![]));
    }
    assert!(
        rules().findings(Audience::Public, "x", concat!("sk_live", "_abcd1234…")).is_empty(),
        "a prefix may be said"
    );
}

#[test]
fn each_audience_may_read_something_else() {
    use Audience::{Internal, Public, Support};
    for (kind, texts) in HOLDS {
        let by_table: &[Audience] = match kind {
            LintKind::Secret | LintKind::Token => &[Internal, Support, Public],
            LintKind::Customer | LintKind::Account | LintKind::Mention | LintKind::Reference => &[Public],
            _ => &[Support, Public],
        };
        for audience in Audience::ALL {
            let refused = !rules().findings(*audience, "x", texts[0]).is_empty();
            assert_eq!(refused, by_table.contains(audience), "{kind:?} {audience:?}");
        }
    }
    let mut open = rules();
    open.accounts_for.insert(Public);
    assert!(open.findings(Public, "x", "org=initech and org_8f2 and acme").is_empty(), "where the settings say so");
    open.accounts_for.clear();
    assert_eq!(open.findings(Internal, "x", "org_8f2").len(), 1);
}

#[test]
fn a_finding_says_where_what_and_how_to_mend_it() {
    let findings = rules().findings(Audience::Public, "impact", "jo.doe@mail.example cannot sign in from 203.0.113.7");
    let says: Vec<String> = findings.iter().map(LintFinding::says).collect();
    assert_eq!(
        says,
        [
            "`impact` holds an e-mail address (j…@mail.example), which the public text may not say. Say how many people it \
             is about, or name a request id. If it must be said: override=email and a reason.",
            "`impact` holds an IP address (203…), which the public text may not say. Say which part of the service it is \
             about. If it must be said: override=ip and a reason.",
        ]
    );
    for (kind, texts) in HOLDS.iter().filter(|(kind, _)| !matches!(kind, LintKind::Customer | LintKind::Hostname)) {
        for text in *texts {
            let found = rules().findings(Audience::Public, "x", text);
            let whole = found.iter().filter(|one| {
                !rules().orgs.contains(&one.shown)
                    && one.shown.len() > 6
                    && one.kind != LintKind::Email
                    && text.contains(&one.shown)
            });
            assert_eq!(whole.count(), 0, "{kind:?} {text}: {found:?}");
        }
    }
}

#[test]
fn the_same_is_said_once_and_a_flood_is_bounded() {
    assert_eq!(rules().findings(Audience::Public, "x", "203.0.113.7 and 203.0.113.7").len(), 1);
    let many: String = (0..500).map(|n| format!("host-{n}.internal ")).collect();
    assert_eq!(rules().findings(Audience::Public, "x", &many).len(), FINDINGS_MAX);
}

#[test]
fn overrides_are_named_and_have_a_reason() {
    let read = overrides("email, ip", " a customer asked for it ").expect("both are known");
    assert_eq!(
        read.iter().map(|one| (one.kind, one.reason.as_str())).collect::<Vec<_>>(),
        [(LintKind::Email, "a customer asked for it"), (LintKind::Ip, "a customer asked for it")]
    );
    assert_eq!(overrides("", ""), Ok(vec![]));
    for (kinds, reason, says) in [
        ("email", "", "needs a reason"),
        ("email", "ok", "needs a reason"),
        ("secret", "it must be said", "never sent"),
        ("everything", "it must be said", "Write what is meant"),
    ] {
        assert!(overrides(kinds, reason).expect_err(kinds).contains(says), "{kinds}");
    }
    let findings = rules().findings(Audience::Public, "x", "jo@mail.example from 203.0.113.7");
    let only = overrides("email", "a customer asked for it").expect("it is known");
    let (held, waived) = weigh(findings, &only);
    assert_eq!((held.len(), held[0].kind, waived.len(), waived[0].kind), (1, LintKind::Ip, 1, LintKind::Email));
}

#[test]
fn no_text_is_too_strange_to_be_looked_at() {
    let bits = [
        "@", "+1", "203.", "0", ":", "::", "é", "\u{202e}", "Acme", "org_", "1", " ", "-", "(", "<@", ">", "bearer ",
        "İ", "ß",
    ];
    let rules = rules();
    for seed in 0..500 {
        let mut dice = samples::Dice::of(seed);
        let text: String = (0..dice.below(60)).map(|_| *dice.one(&bits)).collect();
        for audience in Audience::ALL {
            let found = rules.findings(*audience, "x", &text);
            assert_eq!(found, rules.findings(*audience, "x", &text));
        }
    }
}
