//! Tests of the report: a whole life, told twice the same, as Markdown and as JSON.

use super::super::samples::{NINE, delivery, incident, request, staff};
use super::markdown::escaped;
use super::*;
use crate::model::{MINUTE_MS, Proof};

fn at(minutes: i64) -> Millis {
    NINE.plus_ms(minutes * MINUTE_MS)
}

fn entry(seq: u32, minutes: i64, kind: EntryKind, says: &str) -> Entry {
    Entry {
        seq,
        at: at(minutes),
        staff: Some(staff("kim")),
        kind,
        says: says.into(),
        request: Some(request(&format!("rq-{seq}"))),
        posted: None,
        corrects: None,
    }
}

fn timeline() -> Vec<Entry> {
    vec![
        entry(
            1,
            0,
            EntryKind::Opened,
            "Opened: Sign-in is slow (sev2, real).\nImpact: some <b>sign-ins</b> fail\n# Not a heading",
        ),
        Entry { staff: None, request: None, ..entry(2, 1, EntryKind::Delivery, "statuspage: sent.") },
        entry(3, 10, EntryKind::Updated, "Update 2: monitoring, sev2."),
        entry(4, 10, EntryKind::Promise, "Promise kept: the update promised for 2026-11-02 09:30 UTC came in time."),
        entry(5, 12, EntryKind::Action, "revoke-session: done and confirmed"),
        entry(6, 13, EntryKind::Noted, "The vendor called."),
        Entry { corrects: Some(6), ..entry(7, 14, EntryKind::Corrected, "Entry 6 is corrected: we called.") },
        entry(8, 40, EntryKind::Updated, "Update 3: resolved, sev2."),
        entry(
            9,
            40,
            EntryKind::Promise,
            "Promise missed: the update promised for 2026-11-02 09:20 UTC came 20 min late.",
        ),
        entry(10, 90, EntryKind::Closed, "Closed.\nRoot cause: a release"),
    ]
}

fn deliveries() -> Vec<DeliveryLine> {
    use Audience::{Internal, Public};
    let proof =
        Proof { object: Some("i7".into()), receipt: "201 id=i7".into(), url: Some("https://status.example/i7".into()) };
    vec![
        DeliveryLine { ended: Some(at(1)), ..delivery("pagerduty", 1, Internal, DeliveryState::Sent) },
        DeliveryLine {
            ended: Some(at(4)),
            proof: Some(proof),
            attempts: 2,
            why: "503".into(),
            ..delivery("statuspage", 1, Public, DeliveryState::Sent)
        },
        DeliveryLine { ended: Some(at(3)), ..delivery("status-page", 1, Public, DeliveryState::Failed) },
        DeliveryLine {
            ended: Some(at(11)),
            maybe_twice: true,
            ..delivery("statuspage", 2, Public, DeliveryState::Sent)
        },
        DeliveryLine { why: "401".into(), attempts: 9, ..delivery("status-page", 3, Public, DeliveryState::Failed) },
        DeliveryLine { ended: Some(at(2)), ..delivery("slack-room", 0, Internal, DeliveryState::Sent) },
    ]
}

fn report(kind: IncidentKind) -> Report {
    let mut one = incident();
    (one.kind, one.phase, one.updates) = (kind, Phase::Closed, 4);
    (one.mitigated, one.resolved, one.closed, one.next_update) = (Some(at(10)), Some(at(40)), Some(at(90)), None);
    one.parts.insert("cause".into(), "A release held | connections.".into());
    one.parts.insert("prevention".into(), "Bound the pool\nAlert".into());
    one.duties.insert(Duty::Commander, staff("lee"));
    let names = Names::from([(staff("kim"), "Kim *K*".to_owned())]);
    Report::of(&one, &timeline(), &deliveries(), &names)
}

#[test]
fn lengths_are_counted_from_the_start_for_customers() {
    let report = report(IncidentKind::Real);
    let minutes = |ms: Option<i64>| ms.map(|ms| ms / MINUTE_MS);
    let lengths = report.durations;
    assert_eq!(lengths.to_declare / MINUTE_MS, 20);
    assert_eq!(
        minutes(lengths.to_first_public_update),
        Some(24),
        "the first that arrived, not the first that was tried"
    );
    assert_eq!((minutes(lengths.to_mitigate), minutes(lengths.to_resolve)), (Some(30), Some(60)));
    assert_eq!(report.promises, Kept { kept: 1, missed: 1, moved: 0 });
    let none = Report::of(&incident(), &[], &[], &Names::new());
    assert_eq!((none.durations.to_first_public_update, none.durations.to_resolve), (None, None));
}

#[test]
fn each_update_has_its_proof_and_nothing_is_left_out() {
    let report = report(IncidentKind::Real);
    let of: Vec<(usize, usize)> = report.updates.iter().map(|one| (one.number, one.deliveries.len())).collect();
    assert_eq!(of, [(1, 3), (2, 1), (3, 1), (4, 0)]);
    let told: usize = of.iter().map(|(_, n)| n).sum::<usize>() + report.other_deliveries.len();
    assert_eq!((told, report.timeline.len()), (deliveries().len(), timeline().len()));
    assert_eq!(report.updates[0].deliveries[1].receipt.as_deref(), Some("201 id=i7"));
    assert_eq!(report.timeline[5].corrected_by, [7]);
    assert_eq!(report.actions.iter().map(|one| one.reference.as_deref()).collect::<Vec<_>>(), [Some("rq-5")]);
}

#[test]
fn the_json_follows_its_schema_and_the_schema_has_eyes() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("schema.json")).expect("it is JSON");
    let judge = jsonschema::validator_for(&schema).expect("it is a schema");
    for kind in IncidentKind::ALL {
        let good: serde_json::Value = serde_json::from_str(&report(*kind).json()).expect("it is JSON");
        let wrong: Vec<String> = judge.iter_errors(&good).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        for (place, value) in [
            ("/shape", serde_json::json!("another/1")),
            ("/kind", serde_json::json!("exercise")),
            ("/times/started", serde_json::json!("yesterday")),
            ("/durations/to_declare", serde_json::json!("20m")),
            ("/updates/0/deliveries/0/state", serde_json::json!("lost")),
            ("/timeline/0/kind", serde_json::json!("talk")),
            ("/promises", serde_json::json!({})),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).expect(place) = value;
            assert!(!judge.is_valid(&bad), "blind at {place}");
        }
    }
    for kind in crate::model::EntryKind::ALL {
        assert!(
            schema
                .pointer("/$defs/line/properties/kind/enum")
                .is_some_and(|all| all.to_string().contains(&format!("\"{}\"", kind.word())))
        );
    }
}

#[test]
fn the_markdown_is_stable_and_reads_as_a_report() {
    let text = report(IncidentKind::Real).markdown();
    assert_eq!(text, report(IncidentKind::Real).markdown());
    for part in [
        "# INC-7: Sign-in is slow\n\n- Phase: closed\n- Severity: sev2\n- Commander: lee\n- Reference: rq-7k3q\n",
        "\n## Summary\n\n- Impact: Some sign-ins fail with 503.\n- Routes: /v1/me, POST /v1/sessions\n- Started: 2026-11-02 08:40 UTC\n",
        "- Cause: A release held \\| connections.\n- Prevention: Bound the pool  \n  Alert\n",
        "\n## How long it took\n\n- Began for customers: 2026-11-02 08:40 UTC\n- Declared: 2026-11-02 09:00 UTC, after 20 min\n- Told in public: 2026-11-02 09:04 UTC, after 24 min\n",
        "- Promised updates: 1 in time, 1 late, 0 moved\n",
        "### 1. 2026-11-02 09:00 UTC by Kim \\*K\\*\n\n> Opened: Sign-in is slow (sev2, real).  \n> Impact: some &lt;b&gt;sign-ins&lt;/b&gt; fail  \n> \\# Not a heading\n",
        "- statuspage (public): sent 2026-11-02 09:04 UTC, after 2 tries; proof: 201 id=i7; https://status.example/i7\n",
        "- statuspage (public): sent 2026-11-02 09:11 UTC; it may be there twice\n",
        "- status-page (public): FAILED, after 9 tries; 401\n",
        "### 4. 2026-11-02 10:30 UTC by Kim \\*K\\*\n\n> Closed.  \n> Root cause: a release\n\n- It went to no surface.\n",
        "\n## Other deliveries\n\n- slack-room (internal): sent 2026-11-02 09:02 UTC\n",
        "\n## Actions\n\n- 5 · 2026-11-02 09:12 UTC · Kim \\*K\\*: revoke-session: done and confirmed (audit rq-5)\n",
        "- 2 · 2026-11-02 09:01 UTC · the bot: statuspage: sent.\n",
        "- 6 · 2026-11-02 09:13 UTC · Kim \\*K\\*: The vendor called. (audit rq-6) (corrected by 7)\n",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn a_drill_and_a_private_incident_say_so_first() {
    let drill = report(IncidentKind::Drill).markdown();
    assert!(drill.starts_with("# DRILL: INC-7: Sign-in is slow\n\n**This was a drill."), "{drill}");
    assert!(report(IncidentKind::Private).markdown().starts_with("# PRIVATE: INC-7"));
    assert!(report(IncidentKind::Drill).json().contains("\"kind\": \"drill\""));
}

#[test]
fn nothing_that_people_write_is_markup() {
    for (line, written) in [
        ("plain, as it is: 1.2.3 (x) a-b 50%", "plain, as it is: 1.2.3 (x) a-b 50%"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("+ item", "\\+ item"),
        ("1. item", "1\\. item"),
        ("12) item", "12\\) item"),
        ("> quote", "&gt; quote"),
        ("=====", "\\====="),
        ("*a* _b_ `c` ~~d~~", "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~"),
        ("[x](https://evil.example) ![y](z)", "\\[x\\](https://evil.example) \\!\\[y\\](z)"),
        ("<script>&amp;</script>", "&lt;script&gt;&amp;amp;&lt;/script&gt;"),
        ("a | b \\ c", "a \\| b \\\\ c"),
        ("  tab\tand\u{7}bell  ", "tab and bell"),
    ] {
        assert_eq!(escaped(line), written);
    }
}

#[test]
fn no_text_breaks_out_of_its_place() {
    let bits = ["\n", "# ", "- ", "> ", "```", "|", "<", "1. ", "a", " ", "===", "\t", "\\", "&", "*"];
    for seed in 0..500 {
        let mut dice = super::super::samples::Dice::of(seed);
        let text: String = (0..dice.below(30)).map(|_| *dice.one(&bits)).collect();
        let mut timeline = timeline();
        timeline[0].says = format!("x{text}");
        timeline[5].says.clone_from(&text);
        let written = Report::of(&incident(), &timeline, &deliveries(), &Names::new()).markdown();
        let plain = Report::of(&incident(), &super::tests::timeline(), &deliveries(), &Names::new()).markdown();
        let starts = |text: &str, with: &str| text.lines().filter(|line| line.starts_with(with)).count();
        for mark in ["# ", "## ", "### ", "- "] {
            assert_eq!(starts(&written, mark), starts(&plain, mark), "seed {seed} {mark}: {text:?}\n{written}");
        }
        let allowed =
            |line: &str| line.is_empty() || ["#", "- ", "> ", "  "].iter().any(|start| line.starts_with(start));
        assert!(written.lines().all(allowed), "seed {seed}: {text:?}\n{written}");
    }
}
