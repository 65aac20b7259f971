//! The live card of an incident: how it stands, for those who are in its room. It is edited in place.
//!
//! It reads no clock, so that the same incident gives the same card. Invariant: what matters most stands first, and a
//! card of a drill or of a private incident says that it is one before anything else.

use crate::model::{Block, DeliveryLine, DeliveryState, Duty, Incident, IncidentKind, Message, Phase, Severity, Tone};

use super::board::{Count, line_of};
use super::parts::{self, watermark};
use super::people::{Names, called};

/// Deliveries that the card lists; the board has all of them.
const LINES_MAX: usize = 8;

/// The card.
#[must_use]
pub fn card(incident: &Incident, board: &[DeliveryLine], names: &Names) -> Message {
    let (phase, severity) = (incident.phase.word(), incident.severity.word());
    let title = format!("{}{}: {} ({phase}, {severity})", watermark(incident.kind), incident.name(), incident.title);
    let mut message = Message::titled(tone(incident, board), title);
    if let Some(says) = warning(incident.kind) {
        message = message.text(says);
    }
    message = message.with(Block::Fields(fields(incident, names)));
    for (heading, part) in [("Mitigation", "mitigation"), ("Root cause", "cause"), ("Prevention", "prevention")] {
        let text = incident.part(part);
        if !text.is_empty() {
            message = message.text(format!("{heading}: {text}"));
        }
    }
    let items = deliveries(board);
    if !board.is_empty() {
        message = message.with(Block::Items { heading: format!("Delivery: {}", Count::of(board).says()), items });
    }
    let opened = format!("Opened by {} at {}.", called(names, &incident.opened_by), incident.opened);
    message.with(Block::Note(opened)).reference(incident.id.as_str())
}

/// What goes before everything else.
#[must_use]
pub const fn warning(kind: IncidentKind) -> Option<&'static str> {
    match kind {
        IncidentKind::Real => None,
        IncidentKind::Private => Some("This incident is private. Say nothing of it outside this room."),
        IncidentKind::Drill => Some("This is a drill. Nothing of it is real, and nothing of it leaves this room."),
    }
}

fn tone(incident: &Incident, board: &[DeliveryLine]) -> Tone {
    let failed = board.iter().any(|line| line.state == DeliveryState::Failed);
    match (incident.phase.over(), failed) {
        (true, true) => Tone::Caution,
        (true, false) => Tone::Good,
        (false, _) if incident.severity <= Severity::Sev2 => Tone::Bad,
        (false, _) => Tone::Caution,
    }
}

fn fields(incident: &Incident, names: &Names) -> Vec<(String, String)> {
    let field = |name: &str, value: String| (name.to_owned(), value);
    let mut fields =
        vec![field("Phase", incident.phase.word().to_owned()), field("Severity", incident.severity.word().to_owned())];
    for duty in Duty::ALL {
        let nobody = format!("nobody: `/incident assign {}`", duty.word());
        let who = incident.duties.get(duty).map(|staff| called(names, staff).to_owned());
        let open = !matches!(incident.phase, Phase::Closed | Phase::Cancelled);
        if who.is_some() || open {
            fields.push(field(&capital(duty.word()), who.unwrap_or(nobody)));
        }
    }
    fields.push(field("Started", incident.started.to_string()));
    for (name, text) in [("Impact", incident.part("impact")), ("Customer impact", incident.part("customer-impact"))] {
        if !text.is_empty() {
            fields.push(field(name, text.to_owned()));
        }
    }
    let routes = parts::routes(incident);
    if !routes.is_empty() {
        fields.push(field("Routes", routes.join(", ")));
    }
    let ends = [("Mitigated", incident.mitigated), ("Resolved", incident.resolved)];
    fields.extend(ends.into_iter().filter_map(|(name, at)| at.map(|at| field(name, at.to_string()))));
    match (incident.phase, incident.closed) {
        (Phase::Cancelled, Some(at)) => fields.push(field("Cancelled", at.to_string())),
        (_, Some(at)) => fields.push(field("Closed", at.to_string())),
        _ if incident.phase.over() => {}
        _ => {
            let next = incident.next_update.map_or_else(|| "none is promised".to_owned(), |next| next.to_string());
            fields.push(field("Next update", next));
        }
    }
    fields
}

/// What failed, what waits, and what may be there twice.
fn deliveries(board: &[DeliveryLine]) -> Vec<String> {
    let of = |state: DeliveryState| board.iter().filter(move |line| line.state == state);
    let twice = of(DeliveryState::Sent).filter(|line| line.maybe_twice);
    let all: Vec<&DeliveryLine> = of(DeliveryState::Failed).chain(of(DeliveryState::Owed)).chain(twice).collect();
    let mut items: Vec<String> = all.iter().take(LINES_MAX).map(|line| line_of(line)).collect();
    if all.len() > LINES_MAX {
        items.push(format!("and {} more: the delivery board shows them", all.len() - LINES_MAX));
    }
    items
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
