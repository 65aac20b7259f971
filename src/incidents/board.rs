//! The delivery board: for each surface what is sent, what waits, what failed and why.
//!
//! It tries nothing again. Invariant: what failed stands before what waits, and both before what is done; nothing that
//! failed is left out without being counted.

use crate::model::{Audience, DeliveryLine, DeliveryState, Incident, Message, Tone, cut};

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
        message = message
            .text("What failed is tried again by `/incident deliveries retry=all`, or by the name of the surface.");
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
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), WHY_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{NINE, delivery, incident};
    use super::*;
    use crate::model::{Block, Proof};

    fn lines() -> Vec<DeliveryLine> {
        use Audience::{Internal, Public};
        let proof =
            Proof { object: None, receipt: "202 accepted".into(), url: Some("https://status.example/7".into()) };
        let waits = DeliveryLine {
            attempts: 3,
            next_try: Some(NINE),
            why: "503\nbusy".into(),
            ..delivery("ntfy", 2, Internal, DeliveryState::Owed)
        };
        vec![
            DeliveryLine {
                proof: Some(proof),
                ended: Some(NINE),
                ..delivery("statuspage", 1, Public, DeliveryState::Sent)
            },
            DeliveryLine {
                maybe_twice: true,
                ended: Some(NINE),
                ..delivery("webhook", 0, Internal, DeliveryState::Sent)
            },
            DeliveryLine { attempts: 0, ..delivery("opsgenie", 2, Internal, DeliveryState::Owed) },
            waits,
            delivery("pagerduty", 1, Internal, DeliveryState::Superseded),
            DeliveryLine {
                attempts: 9,
                why: "401: the key is wrong.".into(),
                ..delivery("status-page", 2, Public, DeliveryState::Failed)
            },
        ]
    }

    #[test]
    fn each_delivery_is_one_line_that_says_how_it_stands() {
        let says: Vec<String> = lines().iter().map(line_of).collect();
        assert_eq!(
            says,
            [
                "statuspage (public), update 1: sent 2026-11-02 09:00 UTC (202 accepted), https://status.example/7.",
                "webhook (internal): sent 2026-11-02 09:00 UTC. It may be there twice: look, and delete one.",
                "opsgenie (internal), update 2: waits for its turn.",
                "ntfy (internal), update 2: waits after 3 tries, next try 2026-11-02 09:00 UTC: 503 busy.",
                "pagerduty (internal), update 1: not sent: a later one made it pointless.",
                "status-page (public), update 2: given up after 9 tries: 401: the key is wrong.",
            ]
        );
    }

    #[test]
    fn what_failed_stands_first() {
        let message = board(&incident(), &lines());
        assert_eq!(message.tone, Tone::Bad);
        let title = "INC-7: delivery. 1 failed, 2 waiting, 2 sent, 1 not needed any more, 1 possibly there twice.";
        assert_eq!(message.title, title);
        let headings: Vec<&str> = message
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Items { heading, .. } => Some(heading.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(headings, ["Failed", "Waiting", "Done"]);
        assert_eq!(board(&incident(), &[]).title, "INC-7: delivery. Nothing is owed to any surface.");
        assert_eq!(board(&incident(), &[]).tone, Tone::Good);
        assert_eq!(board(&incident(), &lines()[2..4]).tone, Tone::Caution);
    }

    #[test]
    fn a_long_board_counts_what_it_leaves_out() {
        let failed = delivery("webhook", 1, Audience::Internal, DeliveryState::Failed);
        let sent = delivery("ntfy", 1, Audience::Internal, DeliveryState::Sent);
        let many: Vec<DeliveryLine> = [vec![sent; 30], vec![failed; 30]].concat();
        let shown = format!("{:?}", board(&incident(), &many));
        assert!(shown.contains("and 5 more") && shown.contains("and 30 more"), "{shown}");
        assert_eq!(short(&"x ".repeat(500)).chars().count(), WHY_CHARS_MAX);
    }

    #[test]
    fn a_close_hears_of_public_updates_that_did_not_arrive() {
        let missing = undelivered_in_public(&lines());
        assert_eq!(
            missing,
            ["NOT DELIVERED IN PUBLIC: status-page (public), update 2: given up after 9 tries: 401: the key is wrong."]
        );
        let waits = delivery("statuspage", 3, Audience::Public, DeliveryState::Owed);
        assert_eq!(undelivered_in_public(&[waits]).len(), 1);
        let done = delivery("statuspage", 3, Audience::Public, DeliveryState::Sent);
        assert!(
            undelivered_in_public(&[done, delivery("x", 3, Audience::Public, DeliveryState::Superseded)]).is_empty()
        );
    }
}
