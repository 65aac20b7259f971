//! Every sentence that the engine itself says. What an action says is in its plan.

use crate::catalog::FieldError;
use crate::model::{
    Block, Check, CheckResult, Choice, Control, Effect, Handed, Message, Next, Plan, Press, Refusal, RequestId, State,
    Style, Tone, Verb, Verdict,
};
use crate::store::{JournalRow, RequestRow, StepState};

use super::agreement::{self, Agreement};
use super::confirm::bulk;

fn press(row: &RequestRow, verb: Verb) -> Press {
    Press { verb, request: row.id.clone(), revision: row.revision }
}

pub(super) fn button(row: &RequestRow, verb: Verb, label: &str, style: Style) -> Control {
    Control::Button { label: label.into(), style, press: press(row, verb) }
}

/// Something of ours broke.
pub(super) fn bug(reference: &RequestId) -> Message {
    Message::titled(Tone::Bad, "Something went wrong on my side.")
        .text("Look at what was done before you repeat anything. If it happens again, give an operator the reference.")
        .reference(reference.to_string())
}

/// It was kept, and we are being shut down.
pub(super) fn taken(reference: &RequestId) -> Message {
    Message::titled(Tone::Plain, "I have taken this down, and I am being restarted.")
        .text("It goes on when I am back. There is no need to ask again.")
        .reference(reference.to_string())
}

/// It was not kept, since we are being shut down.
pub(super) fn not_taken() -> Message {
    Message::titled(Tone::Caution, "I am being restarted, and I have not taken this.")
        .text("Nothing was done and nothing was kept. Ask again in a minute.")
}

/// A refusal.
pub(super) fn refusal(no: &Refusal, reference: &RequestId) -> Message {
    Message::titled(Tone::Bad, no.what.clone())
        .text(no.why.clone())
        .text(no.next.clone())
        .reference(reference.to_string())
}

/// Words that could not be read.
pub(super) fn unreadable(action: Option<&str>, errors: &[FieldError], reference: &RequestId) -> Message {
    let line = |e: &FieldError| if e.option.is_empty() { e.says.clone() } else { format!("{}: {}", e.option, e.says) };
    let help = action.map_or_else(|| "/seqn help".to_owned(), |name| format!("/seqn help {name}"));
    Message::titled(Tone::Bad, "I could not read that. Nothing was done.")
        .with(Block::Items { heading: String::new(), items: errors.iter().map(line).collect() })
        .with(Block::Code(help))
        .reference(reference.to_string())
}

/// The same thing is already open.
pub(super) fn already_open(row: &RequestRow) -> Message {
    Message::titled(Tone::Plain, "You have asked for this already; it is still open.")
        .text(format!("It stands at: {}. I will tell you when it goes on.", standing(row.state)))
        .reference(row.id.to_string())
}

/// A state in words.
pub(super) fn standing(state: State) -> &'static str {
    match state {
        State::Form => "a form is open",
        State::Received => "being looked at",
        State::Previewed => "waiting for your confirmation",
        State::Asking => "waiting for a second person",
        State::Approved => "approved, about to run",
        State::Running => "running",
        State::ByHand => "waiting for a step by hand",
        State::Verifying => "being read back",
        State::Answered => "answered",
        State::Done => "done and confirmed",
        State::Unconfirmed => "done, not confirmed",
        State::Failed => "failed",
        State::Denied => "denied",
        State::Cancelled => "cancelled",
        State::Lapsed => "lapsed",
        State::Refused => "refused",
    }
}

/// The preview, with the controls that fit: a menu, a confirmation, or a request for agreement.
pub(super) fn preview(row: &RequestRow, plan: &Plan, agreement: Option<&Agreement>) -> Message {
    let mut message =
        Message { tone: plan.tone, title: plan.title.clone(), blocks: plan.blocks.clone(), ..Message::default() }
            .reference(row.id.to_string());
    if let Some(ticket) = &row.ticket {
        message = message.with(Block::Note(format!("Ticket {ticket}. Tier {}.", plan.tier)));
    }
    if row.dry_run {
        return message.text("Dry run: this is what would be done. Nothing was changed, and nothing will be.");
    }
    if let (Some(most), Some(now)) = (plan.at_most, bulk(plan)) {
        message = message.text(format!("These are {now} changes at once, and no more than {most} when it runs."));
    }
    if let Some(pick) = &plan.pick {
        let choices: Vec<Choice> = pick.choices.clone();
        return message
            .control(Control::Menu { label: pick.label.clone(), press: press(row, Verb::Choose), choices })
            .control(button(row, Verb::Cancel, "Cancel", Style::Plain));
    }
    if agreement::needs_others(plan) {
        return agreement::before_asking(message, row, agreement);
    }
    message
        .control(button(row, Verb::Confirm, plan.yes.as_deref().unwrap_or("Confirm"), Style::Danger))
        .control(button(row, Verb::Cancel, "Cancel", Style::Plain))
}

/// An answer, with the next steps that its reader may ask for, each with its place in the plan's list.
pub(super) fn answer(row: &RequestRow, plan: &Plan, offered: &[(u32, &Next)]) -> Message {
    let mut message =
        Message { tone: plan.tone, title: plan.title.clone(), blocks: plan.blocks.clone(), ..Message::default() };
    for (at, (place, next)) in offered.iter().enumerate() {
        let style = if at == 0 { Style::Primary } else { Style::Plain };
        let press = Press { verb: Verb::Next, request: row.id.clone(), revision: *place };
        message = message.control(Control::Button { label: next.label.clone(), style, press });
    }
    if !plan.details.is_empty() {
        message = message.control(button(row, Verb::Details, "Details", Style::Plain));
    }
    message.reference(row.id.to_string())
}

/// What an answer kept for whoever asks.
pub(super) fn details(row: &RequestRow, plan: &Plan) -> Message {
    Message { tone: Tone::Plain, title: plan.title.clone(), blocks: plan.details.clone(), ..Message::default() }
        .reference(row.id.to_string())
}

/// What is asked, for those who may agree.
pub(super) fn about(row: &RequestRow, requester: &str, plan: &Plan) -> Vec<(String, String)> {
    let mut fields = vec![
        ("Who asks".to_owned(), requester.to_owned()),
        ("What".to_owned(), format!("{} ({})", plan.outline, row.action)),
        ("Tier".to_owned(), plan.tier.to_string()),
    ];
    if let Some(ticket) = &row.ticket {
        fields.push(("Ticket".into(), ticket.clone()));
    }
    fields
}

/// The request in an approval place later, without controls.
pub(super) fn asked(row: &RequestRow, requester: &str, plan: &Plan, line: &str) -> Message {
    Message::titled(Tone::Plain, format!("{requester} asked for approval."))
        .with(Block::Fields(about(row, requester, plan)))
        .text(line)
        .reference(row.id.to_string())
}

/// The whole plan for an approver.
pub(super) fn for_review(row: &RequestRow, requester: &str, plan: &Plan, open: bool) -> Message {
    let reason = row.fields.get("reason").unwrap_or("none given").to_owned();
    let mut fields = about(row, requester, plan);
    fields.push(("Reason".into(), reason));
    let mut message = Message::titled(Tone::Caution, plan.title.clone()).with(Block::Fields(fields));
    message.blocks.extend(plan.blocks.clone());
    if open {
        message = message.control(button(row, Verb::Approve, "Approve", Style::Danger)).control(button(
            row,
            Verb::Deny,
            "Deny",
            Style::Plain,
        ));
    }
    message.reference(row.id.to_string())
}

/// A request ended before it ran.
pub(super) fn ended(row: &RequestRow, why: &str) -> Message {
    Message::titled(Tone::Caution, format!("`{}` has ended.", row.action)).text(why).reference(row.id.to_string())
}

/// A private answer that could not be brought.
pub(super) fn offer(row: &RequestRow, requester: &str) -> Message {
    Message::titled(Tone::Plain, format!("I have a private answer for {requester}, and could not reach them directly."))
        .control(button(row, Verb::Show, "Show", Style::Plain))
        .reference(row.id.to_string())
}

/// A step by hand, and the keys that were sealed before it: they are handed over with it.
pub(super) fn by_hand(row: &RequestRow, next: &JournalRow, handed: &[Handed]) -> Message {
    let step = &next.step;
    let (url, todo) = match &step.effect {
        Effect::ByHand { url, todo } => (url.as_str(), todo.as_str()),
        _ => ("", step.says.as_str()),
    };
    let place = if url.is_empty() { "by hand" } else { "in the hosted console" };
    let message = Message::titled(Tone::Caution, format!("Your turn: one step {place}."));
    let mut message = message.reference(row.id.to_string()).text(todo);
    if !url.is_empty() {
        message = message.with(Block::Link { label: "Open the hosted console".into(), url: url.to_owned() });
    }
    message.blocks.extend(handed.iter().flat_map(Handed::blocks));
    message.text("Press Done when it is done. I then check it and record it.").control(done(row, next.seq))
}

/// The button that says that a step is done: it carries the step's number.
fn done(row: &RequestRow, seq: u32) -> Control {
    let press = Press { verb: Verb::Done, request: row.id.clone(), revision: seq };
    Control::Button { label: "Done".into(), style: Style::Primary, press }
}

/// What was done by hand does not hold, as far as can be seen.
pub(super) fn not_so_yet(row: &RequestRow, next: &JournalRow, why: &str) -> Message {
    let otherwise = match &next.step.effect {
        Effect::Prove { otherwise, .. } => otherwise.as_str(),
        _ => "",
    };
    Message::titled(Tone::Bad, "It is not so yet.")
        .text(why)
        .text(format!("Put it right, then press Done: I look again. {otherwise}"))
        .control(done(row, next.seq))
        .reference(row.id.to_string())
}

fn check_line(check: &Check) -> String {
    match &check.result {
        CheckResult::Confirmed => format!("confirmed: {}", check.what),
        CheckResult::NotConfirmed(why) => format!("NOT CONFIRMED: {}. {why}", check.what),
        CheckResult::CouldNotLook(why) => format!("COULD NOT LOOK: {}. {why}", check.what),
    }
}

fn step_line(row: &JournalRow) -> String {
    let mark = match row.state {
        StepState::Done => "done",
        StepState::Failed => "FAILED",
        StepState::Skipped => "not done",
        StepState::Todo | StepState::Doing => "open",
    };
    let later = if row.pass > 1 { " (appeared meanwhile)" } else { "" };
    let outcome = if row.outcome == mark { String::new() } else { format!(". {}", row.outcome) };
    format!("{mark}: {}{later}{outcome}", row.step.says.trim_end_matches('.'))
}

/// The result for the requester.
pub(super) fn result(row: &RequestRow, plan: &Plan, journal: &[JournalRow], verdict: &Verdict, to: State) -> Message {
    let tone = match to {
        State::Done => Tone::Good,
        State::Unconfirmed => Tone::Caution,
        _ => Tone::Bad,
    };
    let mut message = Message::titled(tone, outcome_line(to, &plan.outline))
        .with(Block::Items { heading: "Steps".into(), items: journal.iter().map(step_line).collect() })
        .with(Block::Items { heading: "Read back".into(), items: verdict.checks.iter().map(check_line).collect() });
    message.blocks.extend(verdict.conclusion.clone());
    message.reference(row.id.to_string())
}

/// One public line about how it ended.
pub(super) fn outcome_line(to: State, outline: &str) -> String {
    match to {
        State::Done => format!("Done and confirmed: {outline}."),
        State::Unconfirmed => format!("Done, but not confirmed: {outline}."),
        _ => format!("Failed: {outline}."),
    }
}

/// What became of something after its request had ended: a change for a while, a reply that was owed.
pub(super) fn later(row: &RequestRow, line: &str, well: bool) -> Message {
    let message = Message::titled(if well { Tone::Good } else { Tone::Bad }, line).reference(row.id.to_string());
    match &row.ticket {
        Some(ticket) => message.with(Block::Note(format!("Ticket {ticket}."))),
        None => message,
    }
}

/// The line in the channel.
pub(super) fn public_line(row: &RequestRow, requester: &str, line: &str, approvers: &[String]) -> Message {
    let mut who = format!("Asked by {requester}");
    if !approvers.is_empty() {
        who.push_str(&format!(", approved by {}", approvers.join(", ")));
    }
    if let Some(ticket) = &row.ticket {
        who.push_str(&format!(", ticket {ticket}"));
    }
    Message::titled(Tone::Plain, line).with(Block::Note(format!("{who}."))).reference(row.id.to_string())
}
