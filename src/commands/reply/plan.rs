//! The preview of a reply, or why there is none. Pure.
//!
//! Invariant: the digest covers the text, the ticket with its title, and who reads it.

use std::collections::BTreeMap;

use crate::catalog::{Asked, of_text};
use crate::incidents::deed::No;
use crate::incidents::lint::{LintFinding, LintRules};
use crate::model::{Block, CustomerReply, DeliveryState, Effect, Plan, Repeat, Step, Tier, Tone};
use crate::ports::{PortError, Readers, TicketState};

use super::super::preview::refused;
use super::judge::judged;
use super::{Facts, Input};

/// What is on the button.
pub(super) const SEND: &str = "Send to the customer";
/// How many of a digest's characters mark a reply: enough to tell apart those on one ticket.
const MARK_CHARS: usize = 8;
/// The most names of readers that are shown.
const NAMES_SHOWN: usize = 20;

pub(super) fn plan(rules: &LintRules, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
    if let Some(no) = of_another_case(input, facts) {
        return no;
    }
    let seen = facts.tracker.as_ref();
    let readers = seen.and_then(|seen| seen.readers.as_ref().ok()).and_then(Option::as_ref);
    let (held, waived) = judged(rules, asked, input, readers);
    if !held.is_empty() {
        return refused(No::Held(held));
    }
    let Some(seen) = seen else { return by_hand(input) };
    let ticket = match &seen.ticket {
        Ok(Some(ticket)) if ticket.open => ticket,
        Ok(Some(_)) => {
            let what = format!("The ticket {} is closed. Nothing was sent.", input.ticket);
            return no(what, "Reopen it in the tracker, or name the ticket that this is for.");
        }
        Ok(None) => {
            let what = format!("The tracker has no ticket {}. Nothing was sent.", input.ticket);
            return no(what, "Check its key.");
        }
        Err(error) => return not_asked(seen.name, input, error),
    };
    match (&seen.readers, readers) {
        (Err(error), _) => not_asked(seen.name, input, error),
        (_, Some(readers)) if !readers.is_nobody() => {
            Sending { asked, input, facts, name: seen.name, ticket, readers }.plan(&waived)
        }
        _ => {
            let what = format!("Nobody would get it: {} has neither a requestor nor a copy.", input.ticket);
            no(what, "Add the customer to the ticket as its requestor, and ask again. Nothing was sent.")
        }
    }
}

fn no(what: String, next: &str) -> Plan {
    Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())])
}

fn not_asked(name: &str, input: &Input, error: &PortError) -> Plan {
    let what = format!("I could not ask {name} who reads {}, so that nothing was sent.", input.ticket);
    let says = format!("{} What a customer reads is not guessed at. Ask again later.", error.of_look());
    Plan { looked: false, ..no(what, &says) }
}

/// A case that was named, and is not this customer's.
fn of_another_case(input: &Input, facts: &Facts) -> Option<Plan> {
    let id = input.case.as_ref()?;
    match facts.case.as_ref()? {
        None => Some(no(format!("There is no case {id}. Nothing was sent."), "`/case list` shows those there are.")),
        Some(case) if case.known("org") != input.org.as_str() => {
            let what =
                format!("The case {id} is one of {}, not of {}. Nothing was sent.", case.known("org"), input.org);
            Some(no(what, "Name the case and the organization that belong together."))
        }
        Some(_) => None,
    }
}

/// Without a side that is known to be the customer's, a person sends it.
fn by_hand(input: &Input) -> Plan {
    let what = "There is no tracker whose customers I can write to. Nothing was sent.";
    let todo = format!(
        "Open {} where your tickets are kept, and send this text to the customer there. Then note it: `/case note \"replied \
         to the customer\"`. With Request Tracker or GitHub as the tracker I can send it.",
        input.ticket
    );
    Plan::answer(Tone::Caution, what, vec![Block::Text(todo), Block::Code(input.text.clone())])
}

/// A reply that can be sent.
struct Sending<'a> {
    asked: &'a Asked<'a>,
    input: &'a Input,
    facts: &'a Facts,
    name: &'a str,
    ticket: &'a TicketState,
    readers: &'a Readers,
}

impl Sending<'_> {
    fn plan(&self, waived: &[LintFinding]) -> Plan {
        let Input { text, org, ticket, fields, .. } = self.input;
        let mark: String = of_text(&format!("reply {}", self.asked.request)).chars().take(MARK_CHARS).collect();
        let title = self.ticket.title.clone();
        let reply = CustomerReply { ticket: ticket.clone(), title, text: text.clone(), mark };
        let mut plan = Plan::answer(Tone::Caution, format!("Send this to the customer on {ticket}?"), Vec::new());
        plan.tier = if waived.is_empty() { Tier::Confirm } else { Tier::Second };
        plan.outline = format!("reply to the customer on {ticket}");
        plan.pinned = fields.clone();
        plan.yes = Some(SEND.into());
        plan.subject = BTreeMap::from([
            ("org".to_owned(), org.to_string()),
            ("ticket".to_owned(), ticket.to_string()),
            ("tracker".to_owned(), self.name.to_owned()),
            ("heading".to_owned(), reply.heading()),
            ("readers".to_owned(), readers(self.readers)),
            ("text".to_owned(), text.clone()),
        ]);
        plan.blocks = self.blocks(&reply, waived);
        plan.steps = vec![Step {
            key: format!("reply:{ticket}:{}", of_text(text)),
            says: format!("put the reply on {ticket} on its way"),
            effect: Effect::Reply { request: self.asked.request.clone(), reply },
            repeat: Repeat::Same,
        }];
        plan
    }

    fn blocks(&self, reply: &CustomerReply, waived: &[LintFinding]) -> Vec<Block> {
        let Input { text, org, ticket, .. } = self.input;
        let mut fields = vec![
            ("Customer".to_owned(), org.to_string()),
            ("Where".to_owned(), format!("{}, {ticket}: {}", self.name, self.ticket.title)),
            ("Who reads it".to_owned(), readers(self.readers)),
        ];
        if matches!(self.readers, Readers::Correspondents { .. }) {
            fields.push(("Subject of the mail".to_owned(), reply.heading()));
        }
        let mut blocks = vec![
            Block::Fields(fields),
            Block::Text("They read this, word for word:".into()),
            Block::Code(text.clone()),
            Block::Text("It cannot be taken back.".into()),
        ];
        blocks.extend(self.same_before());
        let said = waived.iter().map(|one| format!("{}: {}", one.kind.word(), one.shown)).collect::<Vec<_>>();
        if !said.is_empty() {
            blocks.push(Block::Items { heading: "Said all the same".into(), items: said });
        }
        let nothing = "Nothing else is sent: no name of the staff, no reference of ours, no link to chat. It comes from the \
                       bot's own user there.";
        blocks.push(Block::Note(nothing.into()));
        blocks.extend(self.ticket.url.clone().map(|url| Block::Link { label: format!("Open {ticket}"), url }));
        blocks
    }

    /// The same text was sent before: that may be meant, and is said.
    fn same_before(&self) -> Option<Block> {
        let others = self.facts.replies.iter().rev().filter(|one| one.request.as_ref() != Some(self.asked.request));
        let same = others.into_iter().find(|one| {
            one.reply.text == self.input.text && matches!(one.line.state, DeliveryState::Sent | DeliveryState::Owed)
        })?;
        Some(Block::Text(match same.line.ended {
            Some(at) => format!("WARNING: the same text was sent there at {at} already."),
            None => "WARNING: the same text is owed to that ticket already, and will be sent.".to_owned(),
        }))
    }
}

/// Who reads it, in a sentence.
fn readers(readers: &Readers) -> String {
    let some = |names: &[String]| {
        let mut shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
        let more = format!("and {} more", names.len().saturating_sub(NAMES_SHOWN));
        if names.len() > NAMES_SHOWN {
            shown.push(&more);
        }
        shown.join(", ")
    };
    match readers {
        Readers::Correspondents { requestors, copies } => {
            let to = if requestors.is_empty() { "nobody as requestor".to_owned() } else { some(requestors) };
            let copy = if copies.is_empty() { String::new() } else { format!(", with copies to {}", some(copies)) };
            format!("{to}{copy}, and whoever watches the queue; as a mail, and in the ticket")
        }
        Readers::Repository { name, private: Some(true) } => {
            format!("everybody who was let into the private repository {name}")
        }
        Readers::Repository { name, private: Some(false) } => format!("EVERYBODY: the repository {name} is public"),
        Readers::Repository { name, private: None } => {
            format!("everybody who sees the repository {name}; GitHub does not say whether it is private")
        }
    }
}
