//! The short new line of a change, for a room: what happened, and then the text that goes with it.
//!
//! Invariant: the line alone says which incident and what is new; what it says of a drill or a private incident says
//! so first.

use crate::model::{Block, IncidentNotice, Message, NoticeEvent, Phase, Severity, Tone};

use super::card::warning;
use super::parts::watermark;

/// The message of a notice.
#[must_use]
pub fn announcement(notice: &IncidentNotice) -> Message {
    let mark = watermark(notice.kind);
    let mut message = Message::titled(tone(notice), format!("{mark}{}", line(notice)));
    let text = notice.text.strip_prefix(mark).unwrap_or(&notice.text);
    if !text.is_empty() {
        message = message.text(text);
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
