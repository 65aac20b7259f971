//! The first answer: from the door's `Ack` to what goes back on the socket, and what is done right after. Pure.
//!
//! It sends nothing. Invariant: whatever the door said, something reaches the person or a plain ack reaches Slack.

use serde_json::{Map, Value, json};

use crate::model::{Ack, AnswerMode, Block, Control, Form, Message, Press, Style, Tone, Verb};

use super::form;
use super::read::Via;
use super::render::{self, cut};

/// Longest sentence under a field; Slack shows about two lines.
const FIELD_ERROR_MOST: usize = 300;

/// What is done after the ack.
#[derive(Debug, PartialEq)]
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// A private message through the way that the envelope gave.
    Tell(AnswerMode, Box<Message>),
    /// A form.
    Open(Box<Form>),
}

/// What is given back on the socket, and what follows. `in_ack` says whether the ack can still carry a payload:
/// Slack accepts one there, and its 3 seconds are not over.
pub(super) fn first_answer(ack: Ack, via: Via, in_ack: bool) -> (Option<Value>, After) {
    match ack {
        Ack::Nothing | Ack::Working(_) | Ack::Suggest(_) => (None, After::Nothing),
        Ack::Form(form) => (None, After::Open(Box::new(form.into_inner()))),
        Ack::FieldErrors(errors) if via == Via::Submission && in_ack => (Some(field_errors(errors)), After::Nothing),
        Ack::FieldErrors(errors) => (None, After::Tell(AnswerMode::Fresh, Box::new(listed(errors)))),
        Ack::Say(mode, message) => {
            let message = message.into_inner();
            match via {
                Via::Command if in_ack => (Some(ephemeral(&message)), After::Nothing),
                Via::Submission if in_ack => {
                    (Some(json!({"response_action": "update", "view": form::shown(&message)})), After::Nothing)
                }
                _ => (None, After::Tell(mode, Box::new(message))),
            }
        }
    }
}

/// The message with a button that stands in for a form that could not be opened in time.
pub(super) fn open_later(form: &Form) -> Message {
    let message = Message::titled(Tone::Caution, "The form could not be opened in time.")
        .text(format!("Slack gives us 3 seconds, and they were over. Press the button to open “{}”.", form.title));
    match form.token.parse() {
        Ok(request) => message.reference(form.token.clone()).control(Control::Button {
            label: "Open form".into(),
            style: Style::Primary,
            press: Press { verb: Verb::OpenForm, request, revision: 0 },
        }),
        Err(_) => message.text("Ask again."),
    }
}

fn ephemeral(message: &Message) -> Value {
    let rendered = render::message(message);
    json!({"response_type": "ephemeral", "text": rendered.text, "blocks": rendered.blocks})
}

fn field_errors(errors: Vec<(String, String)>) -> Value {
    let errors: Map<String, Value> =
        errors.into_iter().map(|(field, why)| (field, json!(cut(&why, FIELD_ERROR_MOST)))).collect();
    json!({"response_action": "errors", "errors": errors})
}

fn listed(errors: Vec<(String, String)>) -> Message {
    let items = errors.into_iter().map(|(field, why)| format!("{field}: {why}")).collect();
    Message::titled(Tone::Caution, "Some of it cannot be used as it is.")
        .with(Block::Items { heading: "What to change".into(), items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{FingerprintKey, Guard};

    fn say() -> Ack {
        let guard = Guard::new(FingerprintKey::new([7; 32]));
        let message = guard.outgoing(Message::titled(Tone::Good, "Done")).expect("a clean message");
        Ack::Say(AnswerMode::Replace, Box::new(message))
    }

    #[test]
    fn a_word_goes_into_the_ack_where_slack_takes_it() {
        let (payload, after) = first_answer(say(), Via::Command, true);
        let payload = payload.expect("a payload");
        assert_eq!((payload["response_type"].as_str(), after), (Some("ephemeral"), After::Nothing));
        let (payload, _) = first_answer(say(), Via::Submission, true);
        assert_eq!(payload.expect("a payload")["response_action"], "update");
    }

    #[test]
    fn otherwise_it_follows() {
        for (via, in_ack) in [(Via::Press, true), (Via::Event, false), (Via::Command, false), (Via::Submission, false)]
        {
            let (payload, after) = first_answer(say(), via, in_ack);
            assert!(payload.is_none(), "{via:?}");
            assert!(matches!(after, After::Tell(AnswerMode::Replace, _)), "{via:?}");
        }
        assert_eq!(first_answer(Ack::Working(AnswerMode::Fresh), Via::Press, true), (None, After::Nothing));
    }

    #[test]
    fn field_errors_stay_with_their_fields() {
        let errors = vec![("org".to_owned(), "No such <org>.".to_owned())];
        let (payload, _) = first_answer(Ack::FieldErrors(errors.clone()), Via::Submission, true);
        assert_eq!(payload.expect("a payload")["errors"]["org"], "No such <org>.");
        let (payload, after) = first_answer(Ack::FieldErrors(errors), Via::Command, true);
        assert!(payload.is_none() && matches!(after, After::Tell(..)));
    }

    #[test]
    fn a_late_form_becomes_a_button() {
        let form = Form { token: "rq-1".into(), title: "Revoke".into(), fields: Vec::new() };
        let message = open_later(&form);
        assert!(matches!(&message.controls[..], [Control::Button { press, .. }] if press.to_string() == "form:rq-1:0"));
    }
}
