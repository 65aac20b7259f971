//! What is said of an alert: the proposal of an incident, the page, the form that the proposal opens, and the words for the
//! timeline of the incident that was opened from it.
//!
//! Invariant: what is proposed is what was seen; nothing of it is said in public before a person has sent it.

use crate::model::{
    Alert, AlertLine, Audience, Block, Control, Fields, Incident, IncidentKind, IncidentNotice, Message, Millis,
    Notice, NoticeContent, NoticeEvent, Phase, Press, Severity, Style, Tone, Verb,
};

use super::{Destination, Settings};

#[cfg(test)]
mod tests;

/// The action whose form a proposal opens.
pub const ACTION: &str = "incident-open";
/// Lines that are shown; the rest is counted.
pub const LINES_MAX: usize = 10;
/// What is written into the form for what is done about it: it is true once somebody has pressed.
const MITIGATION: &str = "We are looking for the cause.";

/// The proposal, which is edited as long as the alert stands. `incident`: what was opened from it.
#[must_use]
pub fn proposal(alert: &Alert, incident: Option<&Incident>) -> Message {
    let what = title(alert);
    let open = alert.ended.is_none();
    let (tone, head) = match (incident, open) {
        (Some(incident), true) => (tone(alert.severity), format!("{} was opened from this: {what}", incident.name())),
        (None, true) => (tone(alert.severity), format!("An incident is proposed: {what}")),
        (Some(incident), false) => (Tone::Good, format!("It no longer fails: {what} ({})", incident.name())),
        (None, false) => (Tone::Good, format!("It no longer fails: {what}")),
    };
    let mut message = Message::titled(tone, head).with(Block::Fields(facts(alert)));
    message = message.with(Block::Items { heading: "What was seen".into(), items: items(&alert.lines) });
    if !alert.paged.is_empty() {
        message = message.text(format!("It was told to those who are paged: {}.", alert.paged.join(", ")));
    }
    let advice = match (incident, open) {
        (None, true) => {
            "Nobody else has been told. Open an incident from it, or wait: I say here when it is well again."
        }
        (None, false) => "No incident was opened from it.",
        (Some(_), true) => "What becomes of it is noted in the incident's timeline.",
        (Some(_), false) => "The incident's timeline says so too. It is yours to resolve.",
    };
    let advice = if alert.paged.is_empty() { advice } else { advice.trim_start_matches("Nobody else has been told. ") };
    message = message.with(Block::Note(advice.into()));
    if open && incident.is_none() {
        let press = Press { verb: Verb::IncidentOpen, request: alert.id.clone(), revision: 0 };
        message = message.control(Control::Button { label: "Open incident".into(), style: Style::Primary, press });
    }
    message.reference(alert.id.as_str())
}

/// A new line when it has become worse: an edit of the proposal wakes nobody.
#[must_use]
pub fn worse(alert: &Alert, before: Severity) -> Message {
    let (before, now) = (before.word(), alert.severity.word());
    Message::titled(tone(alert.severity), format!("It has become worse ({before} → {now}): {}", title(alert)))
        .with(Block::Items { heading: "What was seen".into(), items: items(&alert.lines) })
        .reference(alert.id.as_str())
}

/// What the form of the incident is filled with.
#[must_use]
pub fn form(alert: &Alert) -> Fields {
    let mut fields = Fields::default();
    let Some(worst) = alert.worst() else { return fields };
    fields.set("title", worst.title.as_str());
    fields.set("severity", alert.severity.word());
    fields.set("started", alert.since().to_rfc3339());
    fields.set("mitigation", MITIGATION);
    for (name, text) in [("impact", &worst.impact), ("routes", &worst.routes)] {
        if !text.is_empty() {
            fields.set(name, text.as_str());
        }
    }
    if private(alert) {
        fields.set("kind", IncidentKind::Private.word());
    }
    fields
}

/// The page for it: one notice for each surface that pages for its severity.
#[must_use]
pub fn pages(settings: &Settings, alert: &Alert, at: Millis) -> Vec<Notice> {
    let kind = kind(alert);
    let hears = |one: &&Destination| {
        let meant = one.pages && one.reader() != Audience::Public && one.barred(kind).is_none();
        meant && one.takes(alert.severity)
    };
    let told = settings.destinations.iter().filter(hears);
    let text = items(&alert.lines).join("\n");
    let content = |event| Box::new(page(alert, event, Phase::Open, text.clone(), at));
    told.map(|one| notice(alert, "page", &one.name, NoticeContent::Incident(content(NoticeEvent::Opened)))).collect()
}

/// The end of the page, for those who got it; `why` says what became of it.
#[must_use]
pub fn pages_end(alert: &Alert, why: &str, at: Millis) -> Vec<Notice> {
    let content = || Box::new(page(alert, NoticeEvent::Resolved, Phase::Resolved, why.to_owned(), at));
    alert.paged.iter().map(|name| notice(alert, "end", name, NoticeContent::Incident(content()))).collect()
}

/// What an incident's timeline says of the alert that it was opened from.
#[must_use]
pub fn opened_from(alert: &Alert) -> String {
    format!(
        "Opened from an alert of {} ({}), which has been there since {}: {}",
        alert.source.title(),
        alert.id,
        alert.since(),
        items(&alert.lines).join("; ")
    )
}

/// What an incident's timeline says of what has come or gone.
#[must_use]
pub fn moved(fired: &[AlertLine], ended: &[AlertLine], over: bool) -> Vec<String> {
    let list = |lines: &[AlertLine]| items(lines).join("; ");
    let mut says = Vec::new();
    if !fired.is_empty() {
        says.push(format!("This fails as well: {}", list(fired)));
    }
    if !ended.is_empty() {
        says.push(format!("This no longer fails: {}", list(ended)));
    }
    if over {
        says.push("Nothing of the alert that this was opened from fails any more.".to_owned());
    }
    says
}

fn title(alert: &Alert) -> String {
    let Some(worst) = alert.worst() else { return "nothing is known of it".to_owned() };
    let more = match alert.standing().len() {
        0 | 1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    format!("{}{more} ({})", worst.title, alert.severity.word())
}

fn facts(alert: &Alert) -> Vec<(String, String)> {
    let mut facts = vec![
        ("Severity".to_owned(), alert.severity.word().to_owned()),
        ("Since".to_owned(), alert.since().to_string()),
        ("Seen by".to_owned(), alert.source.title().to_owned()),
    ];
    if let Some(ended) = alert.ended {
        facts.push(("Well since".to_owned(), ended.to_string()));
    }
    let worst = alert.worst();
    for (name, text) in [("Impact", worst.map(|line| &line.impact)), ("Routes", worst.map(|line| &line.routes))] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            facts.push((name.to_owned(), text.clone()));
        }
    }
    facts
}

/// The lines for people: those that stand first, and at most `LINES_MAX`.
fn items(lines: &[AlertLine]) -> Vec<String> {
    let of = |open: bool| lines.iter().filter(move |line| line.ended.is_none() == open);
    let shown = of(true).chain(of(false)).take(LINES_MAX).map(|line| match line.ended {
        None => format!("{} Since {}.", line.says, line.began),
        Some(ended) => format!("Well since {ended}: {}", line.says),
    });
    let mut items: Vec<String> = shown.collect();
    if lines.len() > LINES_MAX {
        items.push(format!("and {} more", lines.len() - LINES_MAX));
    }
    items
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Sev1 | Severity::Sev2 => Tone::Bad,
        Severity::Sev3 | Severity::Sev4 => Tone::Caution,
    }
}

fn private(alert: &Alert) -> bool {
    alert.lines.iter().any(|line| line.private)
}

fn kind(alert: &Alert) -> IncidentKind {
    if private(alert) { IncidentKind::Private } else { IncidentKind::Real }
}

fn notice(alert: &Alert, what: &str, target: &str, content: NoticeContent) -> Notice {
    Notice {
        key: format!("{}:{what}:{target}", alert.id),
        target: target.to_owned(),
        subject: alert.id.to_string(),
        pages: true,
        content,
    }
}

/// A page reads like an incident's; its number is 0, since it is none yet.
fn page(alert: &Alert, event: NoticeEvent, phase: Phase, text: String, at: Millis) -> IncidentNotice {
    let worst = alert.worst();
    let routes = worst.map_or("", |line| line.routes.as_str());
    IncidentNotice {
        incident: alert.id.clone(),
        number: 0,
        kind: kind(alert),
        event,
        audience: Audience::Internal,
        severity: alert.severity,
        phase,
        title: worst.map_or_else(String::new, |line| line.title.clone()),
        text,
        routes: routes.split(", ").filter(|route| route.starts_with('/')).map(str::to_owned).collect(),
        started: alert.since(),
        at,
        next_update: None,
        update: 0,
    }
}
