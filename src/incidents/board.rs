//! The delivery board: for each surface what is sent, what waits, what failed and why.
//!
//! It tries nothing again. Invariant: what failed stands before what waits, and both before what is done; nothing that
//! failed is left out without being counted.

use crate::model::{Audience, DeliveryLine, DeliveryState, Incident, Message, Tone};

use super::parts::watermark;

/// Lines that a board shows; with more, the last say how many there are.
const LINES_MAX: usize = 25;
/// Longest reason or receipt on a line, in characters.
const WHY_CHARS_MAX: usize = 150;

/// How many deliveries stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The surface took it.
    pub sent: usize,
    /// It waits.
    pub owed: usize,
    /// It was given up.
    pub failed: usize,
    /// A later one made it pointless.
    pub superseded: usize,
    /// It may be there twice.
    pub maybe_twice: usize,
}

impl Count {
    /// Counts them.
    #[must_use]
    pub fn of(lines: &[DeliveryLine]) -> Self {
        let mut count = Self::default();
        for line in lines {
            match line.state {
                DeliveryState::Sent => count.sent += 1,
                DeliveryState::Owed => count.owed += 1,
                DeliveryState::Failed => count.failed += 1,
                DeliveryState::Superseded => count.superseded += 1,
            }
            count.maybe_twice += usize::from(line.maybe_twice);
        }
        count
    }

    /// It in one sentence.
    #[must_use]
    pub fn says(self) -> String {
        let some = [
            (self.failed, "failed"),
            (self.owed, "waiting"),
            (self.sent, "sent"),
            (self.superseded, "not needed any more"),
            (self.maybe_twice, "possibly there twice"),
        ];
        let some: Vec<String> =
            some.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if some.is_empty() { "Nothing is owed to any surface.".to_owned() } else { format!("{}.", some.join(", ")) }
    }
}

/// The board as a message.
#[must_use]
pub fn board(incident: &Incident, lines: &[DeliveryLine]) -> Message {
    let count = Count::of(lines);
    let tone = match count {
        Count { failed: 1.., .. } => Tone::Bad,
        Count { owed: 1.., .. } | Count { maybe_twice: 1.., .. } => Tone::Caution,
        _ => Tone::Good,
    };
    let title = format!("{}{}: delivery. {}", watermark(incident.kind), incident.name(), count.says());
    let mut message = Message::titled(tone, title);
    let mut room = LINES_MAX;
    for (heading, states) in [
        ("Failed", &[DeliveryState::Failed][..]),
        ("Waiting", &[DeliveryState::Owed]),
        ("Done", &[DeliveryState::Sent, DeliveryState::Superseded]),
    ] {
        let all: Vec<&DeliveryLine> = lines.iter().filter(|line| states.contains(&line.state)).collect();
        if !all.is_empty() {
            let shown = all.len().min(room);
            let mut items: Vec<String> = all.iter().take(shown).map(|line| line_of(line)).collect();
            if all.len() > shown {
                items.push(format!("and {} more", all.len() - shown));
            }
            room -= shown;
            message = message.with(crate::model::Block::Items { heading: heading.into(), items });
        }
    }
    if count.failed > 0 {
        message = message.text("What failed can be tried again, one by one or all.");
    }
    message
}

/// A delivery in one line.
#[must_use]
pub fn line_of(line: &DeliveryLine) -> String {
    let update = if line.update == 0 { String::new() } else { format!(", update {}", line.update) };
    let audience = line.audience.map(|audience| format!(" ({})", audience.word())).unwrap_or_default();
    let twice = if line.maybe_twice { " It may be there twice: look, and delete one." } else { "" };
    let why = short(&line.why);
    let stands = match line.state {
        DeliveryState::Sent => format!("sent{}{}", at(" ", line.ended), proof(line)),
        DeliveryState::Superseded => "not sent: a later one made it pointless".to_owned(),
        DeliveryState::Failed => format!("given up after {}: {why}", tries(line.attempts)),
        DeliveryState::Owed if line.attempts == 0 => "waits for its turn".to_owned(),
        DeliveryState::Owed => {
            format!("waits after {}{}: {why}", tries(line.attempts), at(", next try ", line.next_try))
        }
    };
    format!("{}{audience}{update}: {}.{twice}", line.target, stands.trim_end_matches('.'))
}

/// What a person who closes the incident must hear first: public updates that did not arrive.
#[must_use]
pub fn undelivered_in_public(lines: &[DeliveryLine]) -> Vec<String> {
    let public = lines.iter().filter(|line| line.audience == Some(Audience::Public));
    let missing = public.filter(|line| matches!(line.state, DeliveryState::Owed | DeliveryState::Failed));
    missing.map(|line| format!("NOT DELIVERED IN PUBLIC: {}", line_of(line))).collect()
}

fn at(before: &str, at: Option<crate::model::Millis>) -> String {
    at.map(|at| format!("{before}{at}")).unwrap_or_default()
}

fn proof(line: &DeliveryLine) -> String {
    let Some(proof) = &line.proof else { return String::new() };
    let url = proof.url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
    match short(&proof.receipt).as_str() {
        "" => url,
        receipt => format!(" ({receipt}){url}"),
    }
}

fn tries(attempts: u32) -> String {
    if attempts == 1 { "1 try".to_owned() } else { format!("{attempts} tries") }
}

/// On one line, and cut.
pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WHY_CHARS_MAX {
        return line;
    }
    let kept: String = line.chars().take(WHY_CHARS_MAX - 1).collect();
    format!("{kept}…")
}
