//! From the door's first answer to the response that Discord takes for that kind of interaction. Pure.
//!
//! It sends nothing. Invariant: whatever the door said, there is a response that Discord accepts, and nobody but the
//! person who asked can see it.

use serde_json::{Value, json};

use crate::guard::Guard;
use crate::model::{Ack, AnswerMode, Block, Control, Message, Press, RequestId, Style, Suggestion, Tone, Verb};

use super::form;
use super::read::{Asked, COMMAND, COMPONENT, SUBMISSION, TYPING};
use super::render::{self, cut};

/// Only the person who asked sees it.
const EPHEMERAL: u64 = 64;
/// Proposals of autocomplete.
const CHOICES_MOST: usize = 25;
/// Characters of a proposal.
const CHOICE_MOST: usize = 100;

const SAY: u8 = 4;
const WORKING: u8 = 5;
const SEEN: u8 = 6;
const REPLACE: u8 = 7;
const CHOICES: u8 = 8;
const MODAL: u8 = 9;

/// The response to an interaction.
pub(super) fn response(ack: &Ack, asked: &Asked, guard: &Guard) -> Value {
    if asked.handle.kind == TYPING {
        return choices(ack);
    }
    let replaceable = asked.on_message && matches!(asked.handle.kind, COMPONENT | SUBMISSION);
    match ack {
        Ack::Working(AnswerMode::Replace) | Ack::Nothing | Ack::Suggest(_) if replaceable => json!({"type": SEEN}),
        Ack::Working(_) => working(),
        Ack::Say(AnswerMode::Replace, message) if replaceable => {
            json!({"type": REPLACE, "data": render::body(message, None)})
        }
        Ack::Say(_, message) => say(message),
        Ack::Form(form) if matches!(asked.handle.kind, COMMAND | COMPONENT) && !form.fields.is_empty() => {
            json!({"type": MODAL, "data": form::modal(form)})
        }
        Ack::Form(_) | Ack::FieldErrors(_) | Ack::Nothing | Ack::Suggest(_) => {
            say(&told(ack, asked.form.as_ref(), guard).unwrap_or_else(|| Message::titled(Tone::Plain, "Seen.")))
        }
    }
}

/// The response that keeps the interaction open while the door is slow.
pub(super) fn working() -> Value {
    json!({"type": WORKING, "data": {"flags": EPHEMERAL}})
}

/// No proposals.
pub(super) fn no_choices() -> Value {
    json!({"type": CHOICES, "data": {"choices": []}})
}

/// The response to something that we do not know.
pub(super) fn strange(asked: &Asked) -> Value {
    if asked.handle.kind == TYPING {
        return no_choices();
    }
    let message = Message::titled(Tone::Caution, "The bot does not know this command.")
        .text("It may be new or gone. Restart Discord so that it learns the commands again, or see /seqn help.");
    say(&message)
}

/// What an answer says where it can be neither a form nor choices: as a message. `None` where it says nothing.
pub(super) fn told(ack: &Ack, form: Option<&RequestId>, guard: &Guard) -> Option<Message> {
    let message = match ack {
        Ack::Say(_, message) => return Some((***message).clone()),
        Ack::Form(form) => {
            let message = Message::titled(Tone::Plain, form.title.clone()).text("Press the button to open the form.");
            with_form(message, form.token.parse().ok().as_ref())
        }
        Ack::FieldErrors(errors) => {
            let items = errors.iter().map(|(field, why)| format!("{field}: {why}")).collect();
            let message = Message::titled(Tone::Caution, "Some of it cannot be used as it is.")
                .with(Block::Items { heading: "What to change".into(), items });
            with_form(message, form)
        }
        Ack::Nothing | Ack::Working(_) | Ack::Suggest(_) => return None,
    };
    // These words were put together here, after the guard had seen their parts.
    Some(guard.outgoing(message).map_or_else(|_| withheld(), crate::guard::Redacted::into_inner))
}

/// The response where the door failed.
pub(super) fn failed(asked: &Asked) -> Value {
    if asked.handle.kind == TYPING { no_choices() } else { say(&broken()) }
}

/// The message for an answer that never came.
pub(super) fn broken() -> Message {
    Message::titled(Tone::Bad, "Something went wrong here.")
        .text("It is not certain that anything was done. See /seqn whoami, then ask again.")
}

fn withheld() -> Message {
    Message::titled(Tone::Bad, "The answer held something that looks like a secret.")
        .text("It was not shown. Ask again without it.")
}

fn with_form(message: Message, request: Option<&RequestId>) -> Message {
    let Some(request) = request else { return message.text("Ask again.") };
    message.reference(request.to_string()).control(Control::Button {
        label: "Open form".into(),
        style: Style::Primary,
        press: Press { verb: Verb::OpenForm, request: request.clone(), revision: 0 },
    })
}

fn say(message: &Message) -> Value {
    let mut body = render::body(message, None);
    body["flags"] = json!(EPHEMERAL);
    json!({"type": SAY, "data": body})
}

fn choices(ack: &Ack) -> Value {
    let Ack::Suggest(suggestions) = ack else { return no_choices() };
    let fits = |s: &&Suggestion| !s.value.is_empty() && s.value.chars().count() <= CHOICE_MOST;
    let choice = |s: &Suggestion| {
        let label = if s.label.trim().is_empty() { &s.value } else { &s.label };
        json!({"name": cut(label, CHOICE_MOST), "value": s.value})
    };
    let choices: Vec<Value> = suggestions.iter().filter(fits).take(CHOICES_MOST).map(choice).collect();
    json!({"type": CHOICES, "data": {"choices": choices}})
}
