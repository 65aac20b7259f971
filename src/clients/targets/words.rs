//! The words in which surfaces without a format of their own are told how an incident stands.
//!
//! Nothing is sent from here. Invariant: only what the notice holds is said.

use crate::model::{IncidentNotice, NoticeEvent, Phase};

/// Who speaks: what surfaces show as the sender.
pub(super) const SENDER: &str = "seqn-chatops";
/// What is affected, where a surface asks for a name.
pub(super) const SYSTEM: &str = "SEQN Auth";

/// One line: `INC-7 SEV1: Sign-in fails`.
pub(super) fn headline(incident: &IncidentNotice) -> String {
    let severity = incident.severity.word().to_uppercase();
    match incident.number {
        0 => format!("{severity}: {}", incident.title),
        number => format!("INC-{number} {severity}: {}", incident.title),
    }
}

/// What is new, in a word or two.
pub(super) const fn news(incident: &IncidentNotice) -> &'static str {
    if matches!(incident.phase, Phase::Cancelled) {
        return "Cancelled";
    }
    match incident.event {
        NoticeEvent::Opened => "Opened",
        NoticeEvent::Acknowledged => "Somebody works on it",
        NoticeEvent::Updated => "Update",
        NoticeEvent::Resolved => "Resolved",
        NoticeEvent::Reopened => "Reopened",
        NoticeEvent::Closed => "Closed",
    }
}

/// Whether it is over: by what happened, or by how far it is. What is over must page nobody, however late it comes.
pub(super) const fn is_over(incident: &IncidentNotice) -> bool {
    incident.event.ends() || incident.phase.over()
}

/// The facts beside the text, as names and values.
pub(super) fn facts(incident: &IncidentNotice) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("incident", incident.incident.to_string()),
        ("severity", incident.severity.word().to_owned()),
        ("phase", incident.phase.word().to_owned()),
        ("started", incident.started.to_rfc3339()),
    ];
    if !incident.routes.is_empty() {
        facts.push(("routes", incident.routes.join(", ")));
    }
    if let Some(next) = incident.next_update {
        facts.push(("next_update", next.to_rfc3339()));
    }
    facts
}

/// What is new, its text, and when the next word comes; for people.
pub(super) fn message(incident: &IncidentNotice) -> String {
    let mut parts = vec![format!("{} ({}).", news(incident), incident.phase.word())];
    parts.extend(Some(incident.text.trim().to_owned()).filter(|text| !text.is_empty()));
    if !incident.routes.is_empty() {
        parts.push(format!("Affected: {}.", incident.routes.join(", ")));
    }
    if let Some(next) = incident.next_update.filter(|_| !is_over(incident)) {
        parts.push(format!("Next update: {next}."));
    }
    parts.join("\n")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::clients::loopback::guard;
    use crate::guard::Redacted;
    use crate::model::{Audience, IncidentKind, Millis, Notice, NoticeContent, Severity};

    /// A public update of a real incident.
    pub(in super::super) fn incident() -> IncidentNotice {
        IncidentNotice {
            incident: "rq-b7c2d9f4".parse().expect("an id"),
            number: 7,
            kind: IncidentKind::Real,
            event: NoticeEvent::Opened,
            audience: Audience::Public,
            severity: Severity::Sev1,
            phase: Phase::Investigating,
            title: "Sign-in fails".into(),
            text: "Some people cannot sign in. We are looking for the cause.".into(),
            routes: vec!["/v1/me".into(), "/auth/login".into()],
            started: Millis(1_793_609_000_000),
            at: Millis(1_793_610_000_000),
            next_update: Some(Millis(1_793_611_800_000)),
            update: 1,
        }
    }

    /// A notice with that content.
    pub(in super::super) fn notice(content: NoticeContent) -> Redacted<Notice> {
        let notice = Notice {
            key: "rq-b7c2d9f4:1:made-up".into(),
            target: "made-up".into(),
            subject: "rq-b7c2d9f4".into(),
            pages: false,
            content,
        };
        guard().outgoing(notice).expect("it holds no secret")
    }

    #[test]
    fn what_is_over_is_over_by_event_or_by_phase() {
        let late = IncidentNotice { event: NoticeEvent::Updated, phase: Phase::Resolved, ..incident() };
        let gone = IncidentNotice { event: NoticeEvent::Updated, phase: Phase::Cancelled, ..incident() };
        assert!(is_over(&late) && is_over(&gone) && !is_over(&incident()));
        assert!(is_over(&IncidentNotice { event: NoticeEvent::Closed, ..incident() }));
        assert!(!message(&late).contains("Next update") && message(&gone).starts_with("Cancelled"));
    }

    #[test]
    fn a_message_says_what_the_notice_holds() {
        let text = message(&incident());
        assert_eq!(
            text,
            "Opened (investigating).\nSome people cannot sign in. We are looking for the cause.\n\
             Affected: /v1/me, /auth/login.\nNext update: 2026-11-02 09:30 UTC."
        );
        assert_eq!(headline(&incident()), "INC-7 SEV1: Sign-in fails");
        assert_eq!(headline(&IncidentNotice { number: 0, ..incident() }), "SEV1: Sign-in fails");
    }
}
