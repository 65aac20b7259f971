//! What an Alertmanager sends to a webhook (version 4 of its JSON), read into a report.
//!
//! It takes nothing in and answers nobody. Invariants: labels and annotations are whatever people wrote into them, so that
//! each has been through the guard, has no invisible character and a limited length; and an error repeats none of them.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde::Deserialize;

use crate::catalog::typed;
use crate::guard::{Guard, Untrusted};
use crate::model::{AlertLine, AlertReport, AlertSource, Millis, Severity, Signal, cut, hex};

#[cfg(test)]
mod tests;

/// The version of the JSON that is read.
const VERSION: &str = "4";
/// The most alerts of one notification. More are refused: `max_alerts` of the receiver limits them.
pub const ALERTS_MOST: usize = 1_000;
/// Longest fingerprint: Alertmanager's have 16 digits.
const FINGERPRINT_MOST: usize = 64;
/// What goes before it, since other sources have fingerprints too.
const OURS: &str = "am:";
/// Longest title, in characters: that of an incident.
const TITLE_MOST: usize = 120;
/// Longest other text, in characters: a line of the proposal.
const TEXT_MOST: usize = 300;
/// How bad an alert is whose labels do not say it.
const USUAL: Severity = Severity::Sev3;
/// What people write into the label `severity`.
const SEVERITIES: [(Severity, &[&str]); 4] = [
    (Severity::Sev1, &["sev1", "critical", "emergency", "page", "p1"]),
    (Severity::Sev2, &["sev2", "error", "high", "major", "p2"]),
    (Severity::Sev3, &["sev3", "warning", "warn", "minor", "p3"]),
    (Severity::Sev4, &["sev4", "info", "low", "none", "notice", "p4"]),
];

/// Why a body is no notification; a sentence that repeats nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoNotification(String);

#[derive(Deserialize)]
struct WireNotification {
    version: Untrusted,
    #[serde(rename = "groupKey")]
    group: String,
    alerts: Vec<WireAlert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAlert {
    status: WireStatus,
    #[serde(default)]
    labels: BTreeMap<String, Untrusted>,
    #[serde(default)]
    annotations: BTreeMap<String, Untrusted>,
    starts_at: String,
    #[serde(default)]
    ends_at: String,
    fingerprint: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireStatus {
    Firing,
    Resolved,
}

/// Reads a notification that came at `now`.
///
/// # Errors
/// What is wrong with it, without its words.
pub fn notification(guard: &Guard, body: &[u8], now: Millis) -> Result<AlertReport, NoNotification> {
    let no = |says: String| NoNotification(says);
    let wire: WireNotification = serde_json::from_slice(body).map_err(|error| {
        // The text of the error may repeat what stands there.
        no(format!("The body is no notification of Alertmanager (line {}, column {}).", error.line(), error.column()))
    })?;
    if guard.scrub(wire.version).as_str() != VERSION {
        return Err(no(format!("The notification is not of version {VERSION}.")));
    }
    if wire.alerts.len() > ALERTS_MOST {
        let most = format!("at most {ALERTS_MOST} are taken; set max_alerts");
        return Err(no(format!("The notification holds {} alerts; {most}.", wire.alerts.len())));
    }
    let group = hex(digest(&SHA256, wire.group.as_bytes()).as_ref());
    let signals = wire.alerts.into_iter().enumerate().map(|(at, alert)| {
        signal(guard, alert, now).map_err(|what| no(format!("The {what} of alert {} cannot be read.", at + 1)))
    });
    let signals = signals.collect::<Result<_, _>>()?;
    Ok(AlertReport { source: AlertSource::Alertmanager, group, signals })
}

fn signal(guard: &Guard, alert: WireAlert, now: Millis) -> Result<Signal, &'static str> {
    let hex = alert.fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex || alert.fingerprint.is_empty() || alert.fingerprint.len() > FINGERPRINT_MOST {
        return Err("fingerprint");
    }
    let fingerprint = format!("{OURS}{}", alert.fingerprint.to_ascii_lowercase());
    // Their clock may be ahead of ours; what has begun has begun.
    let began = Millis::from_rfc3339(&alert.starts_at).ok_or("startsAt")?.min(now);
    if let WireStatus::Resolved = alert.status {
        let ended = Millis::from_rfc3339(&alert.ends_at).unwrap_or(now).clamp(began, now);
        return Ok(Signal::Over { fingerprint, began, ended });
    }
    let text = |from: &BTreeMap<String, Untrusted>, name: &str, most: usize| {
        from.get(name).map_or_else(String::new, |text| line(guard, text, most))
    };
    let label = |name: &str, most: usize| text(&alert.labels, name, most);
    let note = |name: &str, most: usize| text(&alert.annotations, name, most);
    let name = match label("alertname", TITLE_MOST) {
        name if name.is_empty() => "An alert without a name".to_owned(),
        name => name,
    };
    let summary = note("summary", TITLE_MOST);
    Ok(Signal::Firing(AlertLine {
        fingerprint,
        began,
        severity: severity(&label("severity", TITLE_MOST)),
        title: if summary.is_empty() { name.clone() } else { summary.clone() },
        impact: note("impact", TEXT_MOST),
        routes: routes(&label("route", TEXT_MOST), &note("routes", TEXT_MOST)),
        says: says(&name, &label("instance", TITLE_MOST), &summary, &note("description", TEXT_MOST)),
        private: label("private", TITLE_MOST) == "true",
        ended: None,
    }))
}

/// One line of outside text, cut.
fn line(guard: &Guard, text: &Untrusted, most: usize) -> String {
    let plain = text.clone().map_lossless(|text| typed::undo(&text).text);
    cut(&guard.scrub(plain).into_inner().split_whitespace().collect::<Vec<_>>().join(" "), most)
}

fn severity(label: &str) -> Severity {
    let label = label.to_lowercase();
    SEVERITIES.iter().find(|(_, words)| words.contains(&label.as_str())).map_or(USUAL, |(severity, _)| *severity)
}

/// What begins like a path; the rest is somebody's own word for something else.
fn routes(label: &str, annotation: &str) -> String {
    let words = [label, annotation].join(" ");
    let paths = words.split([' ', ',']).filter(|word| word.starts_with('/')).map(str::to_owned);
    paths.collect::<Vec<_>>().join(", ")
}

fn says(name: &str, instance: &str, summary: &str, description: &str) -> String {
    let at = if instance.is_empty() { String::new() } else { format!(" ({instance})") };
    let mut says = format!("{name}{at}.");
    for text in [summary, description].into_iter().filter(|text| !text.is_empty()) {
        says = format!("{says} {}.", text.trim_end_matches('.'));
    }
    says
}
