//! The short new line of a change, for a room: what happened, and then the text that goes with it.
//!
//! Invariant: the line alone says which incident and what is new; what it says of a drill or a private incident says
//! so first.

use crate::model::{Block, IncidentNotice, Message, NoticeEvent, Phase, Severity, Tone};

use super::card::warning;
use super::parts::watermark;

/// What the promise of the next update is called, in the built-in templates too.
const NEXT: &str = "Next update";

/// The message of a notice.
#[must_use]
pub fn announcement(notice: &IncidentNotice) -> Message {
    let mark = watermark(notice.kind);
    let mut message = Message::titled(tone(notice), format!("{mark}{}", line(notice)));
    let text = notice.text.strip_prefix(mark).unwrap_or(&notice.text);
    let promise = notice.next_update.map(|at| (at, format!("{NEXT}: {at}")));
    // The promise is said once: as a moment, which a chat shows in the reader's own time too.
    let said = |line: &&str| promise.as_ref().is_none_or(|(_, promise)| line != promise);
    let text = text.lines().filter(said).collect::<Vec<_>>().join("\n");
    if !text.is_empty() {
        message = message.text(text);
    }
    if let Some((at, _)) = promise {
        message = message.with(Block::Moment { label: NEXT.to_owned(), at });
    }
    if let Some(says) = warning(notice.kind) {
        message = message.with(Block::Note(says.to_owned()));
    }
    message.reference(notice.incident.as_str())
}

/// It in one line, without a watermark.
#[must_use]
pub fn line(notice: &IncidentNotice) -> String {
    let name = match notice.number {
        0 => "A new incident".to_owned(),
        number => format!("INC-{number}"),
    };
    let (phase, severity) = (notice.phase.word(), notice.severity.word());
    let title = notice.title.strip_prefix(watermark(notice.kind)).unwrap_or(&notice.title);
    match notice.event {
        NoticeEvent::Opened => format!("{name} is {phase} ({severity}): {title}"),
        NoticeEvent::Acknowledged => format!("{name} has a commander: {title}"),
        NoticeEvent::Updated if notice.update == 0 => format!("{name} ({phase}, {severity}): {title}"),
        NoticeEvent::Updated => format!("{name} is {phase} ({severity}), update {}: {title}", notice.update),
        NoticeEvent::Reopened => format!("{name} goes on: it is {phase} again ({severity}): {title}"),
        NoticeEvent::Resolved => format!("{name} is {phase}: {title}"),
        NoticeEvent::Closed => format!("{name} is written up: {title}"),
    }
}

fn tone(notice: &IncidentNotice) -> Tone {
    match (notice.event, notice.phase) {
        (_, Phase::Resolved | Phase::Closed | Phase::Cancelled) => Tone::Good,
        (NoticeEvent::Acknowledged, _) => Tone::Plain,
        _ if notice.severity <= Severity::Sev2 => Tone::Bad,
        _ => Tone::Caution,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, NINE};
    use super::*;
    use crate::model::{Audience, IncidentKind};

    fn notice(event: NoticeEvent, phase: Phase, update: u32, kind: IncidentKind) -> IncidentNotice {
        let mark = watermark(kind);
        IncidentNotice {
            incident: samples::request("rq-7k3q"),
            number: 7,
            kind,
            event,
            audience: Audience::Internal,
            severity: Severity::Sev2,
            phase,
            title: format!("{mark}Sign-in is slow"),
            text: format!("{mark}Impact: some."),
            routes: vec![],
            started: NINE,
            at: NINE,
            next_update: None,
            update,
        }
    }

    #[test]
    fn each_event_has_its_line() {
        use NoticeEvent::{Acknowledged, Closed, Opened, Reopened, Resolved, Updated};
        for (event, phase, update, says, tone) in [
            (Opened, Phase::Open, 1, "INC-7 is open (sev2): Sign-in is slow", Tone::Bad),
            (Acknowledged, Phase::Open, 0, "INC-7 has a commander: Sign-in is slow", Tone::Plain),
            (Updated, Phase::Identified, 3, "INC-7 is identified (sev2), update 3: Sign-in is slow", Tone::Bad),
            (Updated, Phase::Identified, 0, "INC-7 (identified, sev2): Sign-in is slow", Tone::Bad),
            (
                Reopened,
                Phase::Investigating,
                5,
                "INC-7 goes on: it is investigating again (sev2): Sign-in is slow",
                Tone::Bad,
            ),
            (Resolved, Phase::Resolved, 4, "INC-7 is resolved: Sign-in is slow", Tone::Good),
            (Resolved, Phase::Cancelled, 4, "INC-7 is cancelled: Sign-in is slow", Tone::Good),
            (Closed, Phase::Closed, 5, "INC-7 is written up: Sign-in is slow", Tone::Good),
        ] {
            let real = notice(event, phase, update, IncidentKind::Real);
            let message = announcement(&real);
            assert_eq!((message.title.as_str(), message.tone), (says, tone));
            assert_eq!(
                (message.blocks, message.reference.as_str()),
                (vec![Block::Text("Impact: some.".into())], "rq-7k3q")
            );
            let drill = announcement(&notice(event, phase, update, IncidentKind::Drill));
            assert_eq!(drill.title, format!("DRILL: {says}"), "the mark stands once, and first");
            assert!(matches!(&drill.blocks[1], Block::Note(says) if says.starts_with("This is a drill.")));
        }
        let promised = IncidentNotice {
            text: format!("Impact: some.\nNext update: {NINE}"),
            next_update: Some(NINE),
            ..notice(Updated, Phase::Open, 2, IncidentKind::Real)
        };
        let moment = Block::Moment { label: "Next update".into(), at: NINE };
        assert_eq!(announcement(&promised).blocks, [Block::Text("Impact: some.".into()), moment], "it is said once");
        let new = IncidentNotice { number: 0, ..notice(Opened, Phase::Open, 1, IncidentKind::Real) };
        assert_eq!(line(&new), "A new incident is open (sev2): Sign-in is slow");
    }
}
