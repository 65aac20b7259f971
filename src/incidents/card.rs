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
    if let Some(at) = incident.next_update.filter(|_| !incident.phase.over()) {
        message = message.with(Block::Moment { label: "Next update".to_owned(), at });
    }
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
        _ if incident.next_update.is_none() => fields.push(field("Next update", "none is promised".to_owned())),
        _ => {}
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

#[cfg(test)]
mod tests {
    use super::super::samples::{NINE, delivery, incident, staff};
    use super::*;
    use crate::model::Audience;

    fn names() -> Names {
        Names::from([(staff("kim"), "Kim".to_owned()), (staff("lee"), "Lee".to_owned())])
    }

    fn texts(message: &Message) -> String {
        let block = |block: &Block| match block {
            Block::Text(text) | Block::Code(text) | Block::Note(text) => text.clone(),
            Block::Fields(fields) => {
                fields.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
            }
            Block::Items { heading, items } => format!("{heading}\n{}", items.join("\n")),
            Block::Link { label, .. } => label.clone(),
            Block::Moment { label, at } => format!("{label}: {at}"),
        };
        message.blocks.iter().map(block).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_card_says_how_it_stands() {
        let mut one = incident();
        one.duties.insert(Duty::Commander, staff("lee"));
        let message = card(&one, &[], &names());
        assert_eq!(message.title, "INC-7: Sign-in is slow (open, sev2)");
        assert_eq!((message.tone, message.reference.as_str()), (Tone::Bad, "rq-7k3q"));
        assert_eq!(
            texts(&message),
            "Phase: open\nSeverity: sev2\nCommander: Lee\nComms: nobody: `/incident assign comms`\n\
             Scribe: nobody: `/incident assign scribe`\nStarted: 2026-11-02 08:40 UTC\nImpact: Some sign-ins fail with \
             503.\nRoutes: /v1/me, POST /v1/sessions\nNext update: 2026-11-02 09:30 UTC\nMitigation: We roll back the last \
             release.\nOpened by Kim at 2026-11-02 09:00 UTC."
        );
        assert_eq!(card(&one, &[], &names()), message, "the same again");
    }

    #[test]
    fn a_card_lists_what_did_not_arrive_and_counts_the_rest() {
        let public = |state| delivery("status-page", 1, Audience::Public, state);
        let twice =
            DeliveryLine { maybe_twice: true, ..delivery("webhook", 1, Audience::Internal, DeliveryState::Sent) };
        let lines = [public(DeliveryState::Sent), twice, public(DeliveryState::Owed), public(DeliveryState::Failed)];
        let said = texts(&card(&incident(), &lines, &names()));
        let board = said.split("Delivery: ").nth(1).expect("there is a board");
        assert!(
            board.starts_with(
                "1 failed, 1 waiting, 2 sent, 1 possibly there twice.\nstatus-page (public), update 1: given"
            ),
            "{board}"
        );
        assert!(board.contains("It may be there twice") && board.matches("status-page").count() == 2, "{board}");
        let many = vec![public(DeliveryState::Failed); 20];
        assert!(texts(&card(&incident(), &many, &names())).contains("and 12 more"));
    }

    #[test]
    fn a_card_that_is_over_says_when_and_promises_nothing() {
        let resolved = Incident { phase: Phase::Resolved, resolved: Some(NINE), next_update: None, ..incident() };
        let failed = [delivery("ntfy", 1, Audience::Internal, DeliveryState::Failed)];
        assert_eq!(card(&resolved, &[], &names()).tone, Tone::Good);
        assert_eq!(card(&resolved, &failed, &names()).tone, Tone::Caution);
        let said = texts(&card(&resolved, &[], &names()));
        assert!(said.contains("Resolved: 2026-11-02 09:00 UTC") && !said.contains("Next update"), "{said}");
        let closed = Incident { phase: Phase::Closed, closed: Some(NINE), ..resolved };
        let said = texts(&card(&closed, &[], &names()));
        assert!(said.contains("Closed: 2026-11-02 09:00 UTC") && !said.contains("nobody"), "{said}");
    }

    #[test]
    fn a_drill_and_a_private_incident_say_so_before_anything_else() {
        for (kind, mark, first) in [
            (IncidentKind::Drill, "DRILL: INC-7", "This is a drill."),
            (IncidentKind::Private, "PRIVATE: INC-7", "This incident is private."),
        ] {
            let message = card(&Incident { kind, ..incident() }, &[], &names());
            assert!(message.title.starts_with(mark), "{}", message.title);
            assert!(texts(&message).starts_with(first), "{}", texts(&message));
        }
    }
}
