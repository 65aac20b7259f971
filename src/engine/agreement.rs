//! What is said about agreement: who must agree, who has, what is still missing, until when. Names instead of ids.
//!
//! It decides nothing; `policy` does. Invariant: what stands in approval places holds no personal details.

use crate::model::{Block, Email, Message, Millis, Plan, StaffId, Style, Tier, Tone, Verb};
use crate::policy::Standing;
use crate::store::RequestRow;

use super::Engine;
use super::say::{about, button};

/// The most names that are said one by one.
const NAMES_MOST: usize = 10;
/// The longest reason in an approval place, in characters; the whole one is behind Review.
const REASON_SHOWN: usize = 300;

/// How far the agreement to one plan is, in words.
pub(super) struct Agreement {
    standing: Standing,
    /// Who has agreed.
    given: Vec<String>,
    /// Who could agree next.
    helps: Vec<String>,
}

impl Engine {
    /// How far the agreement to that plan is. `None` where the requester is nobody of the staff any more.
    pub(super) fn agreement(&self, row: &RequestRow, plan: &Plan, yes: &[StaffId]) -> Option<Agreement> {
        let policy = self.policy();
        let requester = policy.rules().staff(&row.requester)?;
        let standing = policy.standing(&row.action, requester, plan, yes);
        let names = |ids: &[StaffId]| ids.iter().map(|id| self.name_of(id)).collect();
        Some(Agreement { given: names(yes), helps: names(&standing.helps), standing })
    }
}

impl Agreement {
    /// Whether the staff could bring it together.
    pub(super) const fn possible(&self) -> bool {
        self.standing.possible
    }

    /// Whether nothing is missing.
    pub(super) const fn whole(&self) -> bool {
        self.standing.whole()
    }

    /// Whether less would be missing with that person's yes.
    pub(super) fn helped_by(&self, staff: &StaffId) -> bool {
        self.standing.helps.contains(staff)
    }

    /// When it lapses, asked for at that moment.
    pub(super) const fn until(&self, asked: Millis) -> Millis {
        asked.plus_ms(self.standing.need.within_ms)
    }

    /// How long it may take, in words.
    pub(super) fn span(&self) -> String {
        self.standing.need.span()
    }

    /// How many parts there are.
    fn parts(&self) -> usize {
        self.standing.given + self.standing.open.len()
    }

    fn open(&self) -> String {
        // What is alike stands together: the parts of `one of these` are last.
        let alike = self.standing.open.chunk_by(|one, next| one == next);
        let parts: Vec<String> = alike.map(|parts| parts[0].says(parts.len())).collect();
        parts.join(", and ")
    }

    /// "1 of 2".
    pub(super) fn count(&self) -> String {
        format!("{} of {}", self.standing.given, self.parts())
    }

    /// What is missing and who could give it, as a sentence.
    pub(super) fn missing(&self) -> String {
        format!("Still needed: {}. Who can: {}.", self.open(), listed(&self.helps))
    }

    /// Who must agree, before it is asked for.
    pub(super) fn before(&self) -> String {
        let who = match self.parts() {
            1 => format!("A second person must agree: {}.", listed(&self.helps)),
            _ => format!("Others must agree: {}. Who can: {}.", self.open(), listed(&self.helps)),
        };
        if self.standing.need.rule.is_none() { who } else { format!("{who} Decided by {}.", self.standing.need.says()) }
    }

    /// Why it is not asked for, and what to do: the staff could not bring it together.
    pub(super) fn impossible(&self) -> (String, String) {
        let who = match self.helps.as_slice() {
            [] => "nobody of the staff could agree to it for you".to_owned(),
            some => format!("of the staff only {} could agree to it for you", listed(some)),
        };
        let why = format!("It needs the agreement of others, and {who}. Decided by {}.", self.standing.need.says());
        (why, "Ask an admin to add an approver, or a colleague to ask for it.".into())
    }
}

/// What the requester sees while others are asked.
pub(super) fn waiting(row: &RequestRow, plan: &Plan, agreement: &Agreement, line: &str, asked: Millis) -> Message {
    let until = agreement.until(asked);
    let (title, who) = match agreement.parts() {
        1 => (
            "Waiting for a second person.".to_owned(),
            format!("One of these may agree: {}.", listed(&agreement.helps)),
        ),
        _ => (format!("Waiting for others: {} agreed.", agreement.count()), agreement.missing()),
    };
    let mut message = Message::titled(Tone::Caution, title);
    if !line.is_empty() {
        message = message.text(line);
    }
    message
        .text(plan.title.clone())
        .text(format!("{who} It lapses at {until}."))
        .control(button(row, Verb::Cancel, "Cancel", Style::Plain))
        .reference(row.id.to_string())
}

/// Everybody agreed who must; told to the requester.
pub(super) fn agreed(row: &RequestRow, plan: &Plan, line: &str) -> Message {
    Message::titled(Tone::Plain, format!("{line} It runs now.")).text(plan.title.clone()).reference(row.id.to_string())
}

/// The request in an approval place: no personal details; the plan is behind Review.
pub(super) fn asking(
    row: &RequestRow,
    requester: &str,
    plan: &Plan,
    (agreement, line): (&Agreement, &str),
    asked: Millis,
) -> Message {
    let mut fields = about(row, requester, plan);
    if let Some(reason) = row.fields.get("reason") {
        fields.push(("Reason".into(), in_public(reason)));
    }
    if !agreement.given.is_empty() {
        fields.push(("Agreed".into(), format!("{} ({})", listed(&agreement.given), agreement.count())));
    }
    fields.push(("Still needed".into(), agreement.open()));
    fields.push(("Who can".into(), listed(&agreement.helps)));
    let mut message =
        Message::titled(Tone::Caution, format!("{requester} asks for approval.")).with(Block::Fields(fields));
    if !line.is_empty() {
        message = message.text(line);
    }
    let until = agreement.until(asked);
    message
        .text(format!("Press Review to see the whole plan; then you can approve or deny. It lapses at {until}."))
        .control(button(row, Verb::Review, "Review", Style::Primary))
        .reference(row.id.to_string())
}

/// The preview's last words where others must agree: what is needed, and the control; without it where nobody could.
pub(super) fn before_asking(message: Message, row: &RequestRow, agreement: Option<&Agreement>) -> Message {
    let cancel = button(row, Verb::Cancel, "Cancel", Style::Plain);
    match agreement {
        Some(agreement) if agreement.possible() => message
            .text(agreement.before())
            .control(button(row, Verb::Confirm, "Ask for approval", Style::Danger))
            .control(cancel),
        Some(agreement) => {
            let (why, next) = agreement.impossible();
            message.text(format!("It cannot be asked for. {why} {next}")).control(cancel)
        }
        None => message.text("It cannot be asked for: you are no longer on the list of staff.").control(cancel),
    }
}

/// Whether that plan needs others.
pub(super) fn needs_others(plan: &Plan) -> bool {
    plan.tier >= Tier::Second
}

fn listed(names: &[String]) -> String {
    match names.len() {
        0 => "nobody".into(),
        many if many > NAMES_MOST => format!("{} and {} more", names[..NAMES_MOST].join(", "), many - NAMES_MOST),
        _ => names.join(", "),
    }
}

/// What a person typed, as others may read it: addresses are masked, and it ends somewhere.
fn in_public(text: &str) -> String {
    let masked = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        match bare.parse::<Email>() {
            Ok(email) => word.replace(bare, &email.masked()),
            Err(_) if bare.contains('@') => "•••".to_owned(),
            Err(_) => word.to_owned(),
        }
    };
    let words: Vec<String> = text.split_whitespace().map(masked).collect();
    let text = words.join(" ");
    match text.char_indices().nth(REASON_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_in_public_holds_no_address() {
        assert_eq!(
            in_public("lost laptop of <jo@acme.example>, says\nada"),
            "lost laptop of <j•••@acme.example>, says ada"
        );
        assert_eq!(in_public("jo@acme.example:ada@acme.example"), "•••");
        assert_eq!(in_public(&"x".repeat(400)).chars().count(), REASON_SHOWN + 1);
    }

    #[test]
    fn many_names_are_counted() {
        let names: Vec<String> = (0..12).map(|n| format!("n{n}")).collect();
        assert!(listed(&names).ends_with("n9 and 2 more"));
        assert_eq!(listed(&[]), "nobody");
    }
}
