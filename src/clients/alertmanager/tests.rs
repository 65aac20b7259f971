//! Notifications as Alertmanager writes them, broken ones, and hostile labels.

use serde_json::{Value, json};

use super::*;
use crate::clients::loopback::guard;

const NOW: &str = "2026-11-02T09:00:00Z";

fn now() -> Millis {
    Millis::from_rfc3339(NOW).expect("a time")
}

/// As version 0.25 sends it.
fn sent(alerts: &Value) -> Value {
    json!({
        "receiver": "chatops", "status": "firing", "alerts": alerts,
        "groupLabels": {"alertname": "SignInSlow"}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093", "version": "4", "groupKey": "{}:{alertname=\"SignInSlow\"}",
        "truncatedAlerts": 0
    })
}

fn firing() -> Value {
    json!({
        "status": "firing",
        "labels": {"alertname": "SignInSlow", "severity": "critical", "instance": "api:4080", "route": "/auth/login"},
        "annotations": {"summary": "Sign-in is slow", "description": "p99 is 30 s."},
        "startsAt": "2026-11-02T08:58:00.123Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph", "fingerprint": "0123456789abcdef"
    })
}

fn read(body: &Value) -> Result<AlertReport, NoNotification> {
    notification(&guard(), body.to_string().as_bytes(), now())
}

fn only(report: &AlertReport) -> &AlertLine {
    let [Signal::Firing(line)] = report.signals.as_slice() else { panic!("{report:?}") };
    line
}

#[test]
fn what_fires_and_what_is_resolved_are_read() {
    let report = read(&sent(&json!([firing()]))).expect("a report");
    let line = only(&report);
    assert_eq!(line.fingerprint, "am:0123456789abcdef");
    assert_eq!(line.began.to_rfc3339(), "2026-11-02T08:58:00.123Z");
    assert_eq!(
        (line.severity, line.title.as_str(), line.routes.as_str()),
        (Severity::Sev1, "Sign-in is slow", "/auth/login")
    );
    assert_eq!(line.says, "SignInSlow (api:4080). Sign-in is slow. p99 is 30 s.");
    assert_eq!(report.group.len(), 64);
    let mut over = firing();
    over["status"] = json!("resolved");
    over["endsAt"] = json!("2026-11-02T08:59:00Z");
    let report = read(&sent(&json!([over]))).expect("a report");
    let ended = Millis::from_rfc3339("2026-11-02T08:59:00Z").expect("a time");
    let Signal::Over { fingerprint, ended: at, .. } = &report.signals[0] else { panic!("{report:?}") };
    assert_eq!((fingerprint.as_str(), *at), ("am:0123456789abcdef", ended));
}

#[test]
fn every_word_for_a_severity_is_known_and_others_are_usual() {
    for (want, word) in [
        (Severity::Sev1, "critical"),
        (Severity::Sev2, "Major"),
        (Severity::Sev3, "warning"),
        (Severity::Sev4, "info"),
        (Severity::Sev3, "purple"),
        (Severity::Sev3, ""),
    ] {
        let mut one = firing();
        one["labels"]["severity"] = json!(word);
        assert_eq!(only(&read(&sent(&json!([one]))).expect("a report")).severity, want, "{word}");
    }
}

#[test]
fn what_is_no_notification_is_refused_and_not_repeated() {
    let with = |name: &str, value: Value| {
        let mut one = firing();
        one[name] = value;
        sent(&json!([one]))
    };
    let without = |name: &str| {
        let mut whole = sent(&json!([firing()]));
        whole.as_object_mut().expect("an object").remove(name);
        whole
    };
    let mut other = sent(&json!([firing()]));
    other["version"] = json!("horse");
    let many: Vec<Value> = (0..=ALERTS_MOST).map(|_| firing()).collect();
    for bad in [
        json!(null),
        json!("horse"),
        json!([]),
        other,
        without("version"),
        without("groupKey"),
        without("alerts"),
        with("status", json!("horse")),
        with("fingerprint", json!("horse")),
        with("fingerprint", json!("")),
        with("fingerprint", json!("a".repeat(65))),
        with("startsAt", json!("horse")),
        with("labels", json!({"alertname": ["horse"]})),
        sent(&json!(many)),
    ] {
        let says = read(&bad).expect_err("refused").to_string();
        assert!(!says.contains("horse") && says.ends_with('.'), "{says}");
    }
    assert!(notification(&guard(), b"{\"version\": \"4\"", now()).is_err(), "it is cut off");
    assert_eq!(read(&sent(&json!([]))).expect("a report").signals, []);
}

#[test]
fn hostile_labels_become_one_short_line_without_secrets() {
    let key = format!("{}{}", concat!("sk", "_live_"), "a1B2c3D4e5F6g7H8i9J0k1L2");
    let mut one = firing();
    one["labels"] = json!({"severity": "critical", "instance": format!("x\u{202e}\u{7}y {key}")});
    one["annotations"] = json!({"summary": "<!channel> @everyone *x*\n\nnew line", "description": "x".repeat(5_000)});
    let report = read(&sent(&json!([one]))).expect("a report");
    let line = only(&report);
    let shown = format!("{report:?}");
    assert!(!shown.contains(&key) && !shown.contains('\u{202e}'), "{shown}");
    assert_eq!(line.title, "<!channel> @everyone *x* new line", "it is plain text: the renderers escape it");
    assert!(line.says.starts_with("An alert without a name (xy ") && line.says.chars().count() < 800, "{}", line.says);
    assert!(!line.says.contains('\n'), "{}", line.says);
}

#[test]
fn a_clock_that_is_ahead_and_an_end_without_a_time_are_put_right() {
    let mut one = firing();
    one["startsAt"] = json!("2031-01-01T00:00:00Z");
    assert_eq!(only(&read(&sent(&json!([one.clone()]))).expect("a report")).began, now());
    one["status"] = json!("resolved");
    let report = read(&sent(&json!([one]))).expect("a report");
    assert!(matches!(&report.signals[0], Signal::Over { ended, .. } if *ended == now()), "{report:?}");
}
