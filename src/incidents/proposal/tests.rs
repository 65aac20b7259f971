//! What is said of an alert, from its first line to its end, with and without an incident.

use super::super::samples::{NINE, incident};
use super::super::{Destination, DestinationKind, Settings};
use super::*;
use crate::guard::{FingerprintKey, Guard};
use crate::model::{AlertSource, MINUTE_MS};

fn line(title: &str, severity: Severity, minutes: i64) -> AlertLine {
    AlertLine {
        fingerprint: title.into(),
        began: NINE.plus_ms(minutes * MINUTE_MS),
        severity,
        title: title.into(),
        impact: "Nobody gets in.".into(),
        routes: "/auth/login, /v1/me".into(),
        says: format!("{title}. It answered 503."),
        private: false,
        ended: None,
    }
}

fn alert(lines: Vec<AlertLine>) -> Alert {
    Alert {
        id: "rq-alert".parse().expect("an id"),
        source: AlertSource::Checks,
        severity: Severity::Sev1,
        raised: NINE,
        paged: Vec::new(),
        incident: None,
        ended: None,
        lines,
    }
}

fn two() -> Alert {
    alert(vec![line("Config fails", Severity::Sev2, 0), line("Sign-in fails", Severity::Sev1, 3)])
}

/// Everything of a message as text.
fn all(message: &Message) -> String {
    format!("{message:?}")
}

#[test]
fn a_proposal_says_what_fails_since_when_and_what_to_do() {
    let shown = proposal(&two(), None);
    assert_eq!(shown.title, "An incident is proposed: Sign-in fails, and 1 more (sev1)");
    assert_eq!(shown.tone, Tone::Bad);
    let text = all(&shown);
    for part in
        ["2026-11-02 09:00 UTC", "Config fails. It answered 503.", "Nobody gets in.", "Nobody else has been told"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let [Control::Button { press, .. }] = shown.controls.as_slice() else { panic!("{:?}", shown.controls) };
    assert_eq!((press.verb, press.request.as_str()), (Verb::IncidentOpen, "rq-alert"));
    let paged = proposal(&Alert { paged: vec!["pagerduty".into()], ..two() }, None);
    assert!(all(&paged).contains("told to those who are paged: pagerduty") && !all(&paged).contains("Nobody else"));
}

#[test]
fn what_was_opened_or_is_over_has_no_button() {
    let opened = incident();
    let over = Alert { ended: Some(NINE), ..two() };
    for (one, of, head) in [
        (two(), Some(&opened), "was opened from this: Sign-in fails"),
        (over.clone(), Some(&opened), "It no longer fails: Sign-in fails"),
        (over, None, "It no longer fails: Sign-in fails"),
    ] {
        let shown = proposal(&one, of);
        assert!(shown.title.contains(head), "{}", shown.title);
        assert_eq!(shown.controls, []);
        assert_eq!(shown.tone == Tone::Good, one.ended.is_some());
    }
}

#[test]
fn what_is_well_again_comes_last_and_what_is_too_much_is_counted() {
    let mut lines: Vec<AlertLine> = (0..14).map(|at| line(&format!("Check {at}"), Severity::Sev3, at)).collect();
    lines[0].ended = Some(NINE);
    let shown = items(&lines);
    assert_eq!(shown.len(), LINES_MAX + 1);
    assert!(shown[0].starts_with("Check 1.") && shown[LINES_MAX] == "and 4 more", "{shown:?}");
    assert!(items(&lines[..2])[1].starts_with("Well since "), "{:?}", items(&lines[..2]));
}

#[test]
fn the_form_is_filled_with_what_is_known_and_an_alarm_is_private() {
    let fields = form(&two());
    for (name, want) in [
        ("title", "Sign-in fails"),
        ("severity", "sev1"),
        ("impact", "Nobody gets in."),
        ("routes", "/auth/login, /v1/me"),
        ("started", NINE.to_rfc3339().as_str()),
        ("mitigation", MITIGATION),
    ] {
        assert_eq!(fields.get(name), Some(want), "{name}");
    }
    assert_eq!(fields.get("kind"), None);
    let mut bare = line("Disk is full", Severity::Sev3, 0);
    (bare.impact, bare.routes, bare.private) = (String::new(), String::new(), true);
    let fields = form(&alert(vec![bare]));
    assert_eq!((fields.get("impact"), fields.get("routes"), fields.get("kind")), (None, None, Some("private")));
}

#[test]
fn whoever_pages_for_its_severity_is_paged_and_nobody_else() {
    let mut settings = Settings::of(Guard::new(FingerprintKey::new([1; 32])));
    settings.destinations = DestinationKind::ALL.map(|(kind, _)| Destination::of(kind)).into();
    let targets = |alert: &Alert| -> Vec<String> {
        pages(&settings, alert, NINE).into_iter().map(|notice| notice.target).collect()
    };
    assert_eq!(targets(&two()), ["pagerduty", "opsgenie", "ntfy"]);
    assert_eq!(targets(&Alert { severity: Severity::Sev3, ..two() }), Vec::<String>::new());
    let mut secret = two();
    secret.lines[1].private = true;
    assert_eq!(targets(&secret), ["pagerduty", "opsgenie", "ntfy"], "what is private pages too");
    let [first, ..] = pages(&settings, &secret, NINE).try_into().map(|all: [Notice; 3]| all).expect("three");
    let NoticeContent::Incident(told) = first.content else { panic!("an incident's notice") };
    assert_eq!((told.kind, told.number, told.audience), (IncidentKind::Private, 0, Audience::Internal));
    let paged = Alert { paged: vec!["pagerduty".into()], ..two() };
    let ends = pages_end(&paged, "It no longer fails.", NINE);
    assert_eq!(ends.len(), 1);
    assert_ne!(ends[0].key, pages(&settings, &paged, NINE)[0].key);
    assert_eq!(ends[0].subject, "rq-alert");
}

#[test]
fn a_timeline_is_told_what_came_and_what_went() {
    let (one, mut other) = (line("Sign-in fails", Severity::Sev1, 0), line("Config fails", Severity::Sev2, 1));
    other.ended = Some(NINE);
    let says = moved(&[one], &[other], true);
    assert!(says[0].starts_with("This fails as well: Sign-in fails.") && says[1].starts_with("This no longer fails: "));
    assert_eq!(says.len(), 3);
    assert!(moved(&[], &[], false).is_empty());
    assert!(opened_from(&two()).contains("the scheduled checks (rq-alert), which has been there since"));
}
