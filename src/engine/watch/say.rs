//! What the watch says to people: in the channel, to the author, to the security channels.
//!
//! Invariant: kinds and safe prefixes only, never a text that was said; and removed only where it is.

use crate::guard::RuleName;
use crate::model::{Block, Control, Leak, LeakState, Message, Platform, Press, RequestId, Seen, Style, Tone, Verb};
use crate::store::{Backlog, BacklogState, Exposure, ExposureState, Sighted};

use super::see::names_a_project;

fn kinds(leaks: &[Leak]) -> String {
    let mut names: Vec<String> = leaks.iter().map(Leak::named).collect();
    names.dedup();
    if names.is_empty() { "a raw secret".into() } else { names.join(", ") }
}

fn references(leaks: &[Leak]) -> String {
    leaks.iter().map(|leak| leak.id.to_string()).collect::<Vec<_>>().join(" ")
}

fn what(row: &Exposure) -> &'static str {
    if row.seen == Seen::Topic { "The name, topic or purpose of this channel" } else { "A message here" }
}

/// The line in the channel where it was said.
pub(super) fn warning(row: &Exposure, leaks: &[Leak]) -> Message {
    let (tone, title) = match row.state {
        ExposureState::Removed => (Tone::Good, "I removed a message here: it held a raw secret.".to_owned()),
        ExposureState::Gone => (Tone::Good, "A message that held a raw secret is gone.".to_owned()),
        ExposureState::Clean => (Tone::Good, format!("{} no longer holds a raw secret.", what(row))),
        ExposureState::Unheeded => (Tone::Bad, format!("{} still holds a raw secret.", what(row))),
        _ => (Tone::Bad, format!("{} holds a raw secret, and I could not remove it.", what(row))),
    };
    let message = Message::titled(tone, title).with(Block::Fields(vec![("Kind".into(), kinds(leaks))]));
    let message = if row.state.open() && !row.by_app {
        message.text("I have told its author to remove it. Do not copy it, do not use it.")
    } else {
        message.text("Whoever has seen it: do not use it. The security channel has a case for it.")
    };
    message.reference(references(leaks))
}

/// What the author is told. The same message follows the matter to its end.
pub(super) fn to_author(row: &Exposure, leaks: &[Leak], link: &str) -> Message {
    let (tone, title) = match row.state {
        ExposureState::Removed => (Tone::Caution, "I removed your message: it held a raw secret."),
        ExposureState::Blocked => (Tone::Caution, "Your message was blocked: it held a raw secret."),
        ExposureState::Gone => (Tone::Caution, "Your message that held a raw secret is gone. Thank you."),
        ExposureState::Clean => (Tone::Caution, "Your message no longer holds a raw secret. Thank you."),
        _ if row.seen == Seen::Topic => {
            (Tone::Bad, "Change the channel's name, topic or purpose now: it holds a raw secret.")
        }
        _ => (Tone::Bad, "Delete your message now: it holds a raw secret."),
    };
    let mut message = Message::titled(tone, title).with(Block::Fields(vec![("Kind".into(), kinds(leaks))]));
    if row.state.open() || row.state == ExposureState::Unheeded {
        message = linked(message, link);
        if !row.why.is_empty() {
            message = message.text(format!("I could not remove it myself. {}", row.why));
        }
    } else if !row.why.is_empty() {
        message = message.text(row.why.clone());
    }
    let seen = "It counts as disclosed, since others and the platform may have seen it: it must be replaced.";
    let mut message = message.text(seen);
    for step in rotations(leaks) {
        message = message.text(step);
    }
    message.reference(references(leaks))
}

/// A reminder that it is still there.
pub(super) fn reminder(row: &Exposure, leaks: &[Leak], link: &str) -> Message {
    let title = if row.seen == Seen::Topic {
        "The channel's name, topic or purpose still holds a raw secret. Change it now."
    } else {
        "Your message is still there, and still holds a raw secret. Delete it now."
    };
    linked(Message::titled(Tone::Bad, title).with(Block::Fields(vec![("Kind".into(), kinds(leaks))])), link)
        .with(Block::Note(format!("Reminder {}.", row.reminders)))
        .reference(references(leaks))
}

fn linked(message: Message, link: &str) -> Message {
    if link.is_empty() {
        return message;
    }
    message.with(Block::Link { label: "Open the message".into(), url: link.to_owned() })
}

fn rotations(leaks: &[Leak]) -> Vec<&'static str> {
    let mut steps: Vec<&str> = leaks.iter().filter_map(|l| RuleName::known(&l.rule)).map(RuleName::rotation).collect();
    steps.dedup();
    steps
}

/// What looks generated and may be a secret: a question to the author alone.
pub(super) fn is_it_secret(sighted: &[Sighted], link: &str, reference: &RequestId) -> Message {
    let mut kinds: Vec<&str> = sighted.iter().map(|one| one.kind.as_str()).collect();
    kinds.dedup();
    let press = Press { verb: Verb::Harmless, request: reference.clone(), revision: 0 };
    let message = Message::titled(Tone::Caution, "Did you post a secret?")
        .text(format!("A part of your message looks generated ({}). I left it where it is.", kinds.join(", ")))
        .text("If it is a secret, delete the message now and replace the secret. If it is none, say so.");
    linked(message, link)
        .control(Control::Button { label: "Not a secret".into(), style: Style::Plain, press })
        .reference(reference.to_string())
}

/// How far the scan of a channel has come.
pub(super) fn scan(row: &Backlog, request: &RequestId) -> Message {
    let (tone, title) = match row.state {
        BacklogState::Open => (Tone::Plain, "I am reading this channel's history for secrets."),
        BacklogState::Done => (Tone::Good, "I have read this channel's history for secrets."),
        BacklogState::Failed => (Tone::Bad, "This channel's history could not be read to its end."),
    };
    let counts = [("Messages", row.messages), ("Holding something", row.found), ("Files", row.files)];
    let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), count.to_string())).collect();
    let message = Message::titled(tone, title).with(Block::Fields(counts));
    let message = if row.state == BacklogState::Failed { message.text(row.why.clone()) } else { message };
    message.reference(request.to_string())
}

/// Where a case was seen, in one line.
pub(super) fn place_line(row: &Exposure, author: &str, link: &str) -> String {
    let platform = match row.place.platform {
        Platform::Slack => "Slack",
        Platform::Discord => "Discord",
        Platform::Console => "the terminal",
    };
    let place = if row.place.direct { "a direct message".to_owned() } else { format!("channel {}", row.place.channel) };
    let standing = match row.state {
        ExposureState::Unread => "being read",
        ExposureState::Todo if row.told && !row.by_app => "not removed yet, its author was told",
        ExposureState::Todo if row.told => "not removed yet",
        ExposureState::Todo => "being removed",
        ExposureState::Told if row.by_app => "NOT REMOVED",
        ExposureState::Told => "NOT REMOVED, its author was told",
        ExposureState::Asked => "its author was asked",
        ExposureState::Removed => "removed",
        ExposureState::Gone => "gone",
        ExposureState::Clean => "edited, clean now",
        ExposureState::Blocked => "blocked before it was posted",
        ExposureState::Harmless => "no secret",
        ExposureState::Unheeded => "STILL THERE, its author did not act on any reminder",
        ExposureState::Read => "nothing in its files",
    };
    let why = if row.why.is_empty() { String::new() } else { format!(" {}", row.why) };
    let link = if row.state.open() && !link.is_empty() { format!(" {link}") } else { String::new() };
    format!("{platform}, {place}, by {author}: {standing}.{why}{link}")
}

/// The case in a security channel.
pub(super) fn case(leak: &Leak, places: &[String]) -> Message {
    let (tone, state) = match leak.state {
        LeakState::Open => (Tone::Bad, "open: nobody is replacing it yet"),
        LeakState::Rotating => (Tone::Caution, "being replaced"),
        LeakState::Closed => (Tone::Good, "closed"),
    };
    let owner = leak.owner.as_ref().map(|owner| format!("{}/{}", owner.org, owner.project));
    let mut fields = vec![
        ("State".to_owned(), state.to_owned()),
        ("Seen".to_owned(), format!("{}, first {}, last {}", leak.where_seen(), leak.first_seen, leak.last_seen)),
    ];
    if names_a_project(&leak.rule, &leak.prefix) {
        fields.push(("Belongs to".into(), owner.unwrap_or_else(|| "not known".into())));
    }
    let mut message = Message::titled(tone, format!("Leaked: {}", leak.named())).with(Block::Fields(fields));
    if !leak.outcome.is_empty() {
        message = message.text(leak.outcome.clone());
    }
    message = message.with(Block::Items { heading: "Where, newest first".into(), items: places.to_vec() });
    let button = |label: &str, style, verb| Control::Button {
        label: label.to_owned(),
        style,
        press: Press { verb, request: leak.id.clone(), revision: 0 },
    };
    message = match leak.state {
        LeakState::Open => message.control(button("Rotate", Style::Primary, Verb::Rotate)),
        LeakState::Rotating if leak.owner.is_some() => message
            .control(button("Rotated: verify", Style::Primary, Verb::Verify))
            .control(button("Replaced otherwise", Style::Plain, Verb::Replaced)),
        LeakState::Rotating => message.control(button("It was replaced", Style::Primary, Verb::Replaced)),
        LeakState::Closed => message,
    };
    message.reference(leak.id.to_string())
}
