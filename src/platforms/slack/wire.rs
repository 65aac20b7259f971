//! Slack's wire as far as we act on it: small lenient structs, the handle of a private answer, and Slack's
//! way of writing text.
//!
//! Nothing here decides. Invariant: no member of a payload, however odd, makes another member unreadable.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A member that may be absent, null or of another type than we know; then it is `None`, and the rest is read.
#[derive(Clone, Debug)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Maybe<T> {
    type Target = Option<T>;
    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(serde_json::from_value(value).ok()))
    }
}

impl Maybe<String> {
    /// The text, or nothing.
    pub(super) fn word(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Maybe<bool> {
    /// Said, and true.
    pub(super) fn yes(&self) -> bool {
        self.0 == Some(true)
    }
}

/// One frame of Socket Mode.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    #[serde(rename = "type")]
    pub(super) kind: Maybe<String>,
    pub(super) envelope_id: Maybe<String>,
    pub(super) payload: Value,
    pub(super) accepts_response_payload: Maybe<bool>,
    pub(super) reason: Maybe<String>,
}

/// The payload of a slash command.
#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "these are the names on the wire")]
pub(super) struct Command {
    pub(super) command: Maybe<String>,
    pub(super) text: Maybe<String>,
    pub(super) user_id: Maybe<String>,
    pub(super) user_team: Maybe<String>,
    pub(super) team_id: Maybe<String>,
    pub(super) channel_id: Maybe<String>,
    pub(super) channel_name: Maybe<String>,
    pub(super) response_url: Maybe<String>,
    pub(super) trigger_id: Maybe<String>,
}

/// The payload of a press, a submission or a shortcut.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Interaction {
    #[serde(rename = "type")]
    pub(super) kind: Maybe<String>,
    pub(super) user: Maybe<User>,
    pub(super) team: Maybe<Named>,
    pub(super) channel: Maybe<Named>,
    pub(super) container: Maybe<Container>,
    pub(super) actions: Maybe<Vec<Action>>,
    pub(super) view: Maybe<View>,
    pub(super) message: Maybe<Event>,
    pub(super) callback_id: Maybe<String>,
    pub(super) trigger_id: Maybe<String>,
    pub(super) response_url: Maybe<String>,
}

/// Somebody, as interactions name them; `team_id` is the home team.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) id: Maybe<String>,
    pub(super) team_id: Maybe<String>,
    pub(super) is_bot: Maybe<bool>,
    pub(super) is_stranger: Maybe<bool>,
    pub(super) is_restricted: Maybe<bool>,
    pub(super) is_ultra_restricted: Maybe<bool>,
}

impl User {
    /// A bot, a guest or a stranger, where the payload says so.
    pub(super) fn odd(&self) -> bool {
        [&self.is_bot, &self.is_stranger, &self.is_restricted, &self.is_ultra_restricted].iter().any(|flag| flag.yes())
    }
}

/// A team or a channel.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    pub(super) id: Maybe<String>,
    pub(super) name: Maybe<String>,
}

/// What held the pressed control.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Container {
    pub(super) channel_id: Maybe<String>,
    pub(super) thread_ts: Maybe<String>,
    pub(super) is_ephemeral: Maybe<bool>,
}

/// A pressed control.
#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "these are the names on the wire")]
pub(super) struct Action {
    pub(super) action_id: Maybe<String>,
    pub(super) value: Maybe<String>,
    pub(super) selected_option: Maybe<Picked>,
}

/// A picked option.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Picked {
    pub(super) value: Maybe<String>,
}

/// A modal.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct View {
    pub(super) private_metadata: Maybe<String>,
    pub(super) callback_id: Maybe<String>,
    pub(super) state: Maybe<ViewState>,
}

/// What is filled in: block, then action.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ViewState {
    pub(super) values: BTreeMap<String, BTreeMap<String, Action>>,
}

/// The payload of the Events API.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Callback {
    pub(super) team_id: Maybe<String>,
    pub(super) event_id: Maybe<String>,
    pub(super) event: Value,
    pub(super) authorizations: Maybe<Vec<Authorization>>,
}

/// For whom an event came.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Authorization {
    pub(super) user_id: Maybe<String>,
    pub(super) is_bot: Maybe<bool>,
}

/// An event, or the message within one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub(super) kind: Maybe<String>,
    pub(super) subtype: Maybe<String>,
    pub(super) user: Maybe<String>,
    pub(super) bot_id: Maybe<String>,
    pub(super) team: Maybe<String>,
    pub(super) user_team: Maybe<String>,
    pub(super) source_team: Maybe<String>,
    pub(super) user_profile: Maybe<User>,
    pub(super) channel: Maybe<String>,
    pub(super) channel_type: Maybe<String>,
    pub(super) text: Maybe<String>,
    pub(super) ts: Maybe<String>,
    pub(super) thread_ts: Maybe<String>,
    pub(super) deleted_ts: Maybe<String>,
    pub(super) reply_count: Maybe<u64>,
    pub(super) latest_reply: Maybe<String>,
    pub(super) files: Maybe<Vec<File>>,
    pub(super) message: Maybe<Box<Event>>,
    pub(super) reaction: Maybe<String>,
    pub(super) item: Maybe<Item>,
}

/// What somebody reacted to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    #[serde(rename = "type")]
    pub(super) kind: Maybe<String>,
    pub(super) channel: Maybe<String>,
    pub(super) ts: Maybe<String>,
}

/// A file, in a message or by itself.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub(super) id: Maybe<String>,
    pub(super) name: Maybe<String>,
    pub(super) mimetype: Maybe<String>,
    pub(super) mode: Maybe<String>,
    pub(super) size: Maybe<u64>,
    pub(super) url_private: Maybe<String>,
    pub(super) url_private_download: Maybe<String>,
}

/// What a private answer needs; kept only as a `Secret`, so it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Handle {
    /// The `response_url`; empty where there is none.
    pub(super) url: String,
    /// The `trigger_id`; empty where there is none.
    pub(super) trigger: String,
    /// The channel, for the form's way back.
    pub(super) channel: String,
    /// The thread, for the form's way back.
    pub(super) thread: String,
    /// Whether the message with the control is private, so that an answer may take its place.
    pub(super) replaceable: bool,
}

/// Text as Slack wants it: the three characters that it gives a meaning to are named.
pub(super) fn escape(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        other => out.push(other),
    }
}

/// What a person typed: links that Slack made of plain words are those words again, entities are characters.
pub(super) fn typed(text: &str) -> String {
    unwrap_links(text, false)
}

/// All that can be read in a text: of a link both the address and the label.
pub(super) fn spoken(text: &str) -> String {
    unwrap_links(text, true)
}

fn unwrap_links(text: &str, both: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start + 1..].find(['>', '<']) else { break };
        let end = start + 1 + length;
        out.push_str(&entities(&rest[..start]));
        let inner = &rest[start + 1..end];
        if rest.as_bytes()[end] == b'<' {
            out.push('<');
            out.push_str(&entities(inner));
            rest = &rest[end..];
            continue;
        }
        unwrap_one(inner, both, &mut out);
        rest = &rest[end + 1..];
    }
    out.push_str(&entities(rest));
    out
}

fn unwrap_one(inner: &str, both: bool, out: &mut String) {
    let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
    if inner.starts_with(['@', '#', '!']) {
        // A mention stays one: the engine reads ids, and the label is only how Slack would show it.
        out.push('<');
        out.push_str(&entities(target));
        if both && !label.is_empty() {
            out.push('|');
            out.push_str(&entities(label));
        }
        out.push('>');
        return;
    }
    let (target, label) = (entities(target), entities(label));
    let bare = target.strip_prefix("mailto:").or_else(|| target.strip_prefix("tel:")).unwrap_or(&target);
    if label.is_empty() || label == bare {
        out.push_str(bare);
    } else if both {
        out.push_str(bare);
        out.push(' ');
        out.push_str(&label);
    } else if bare.ends_with(label.as_str()) {
        // `<http://acme.example|acme.example>`: only the label was typed.
        out.push_str(&label);
    } else {
        out.push_str(bare);
    }
}

fn entities(text: &str) -> String {
    // `&amp;` last, so that a typed "&lt;" comes back as it was typed.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_was_typed() {
        let cases = [
            ("plain", "plain"),
            ("user=<mailto:jo@acme.example|jo@acme.example>", "user=jo@acme.example"),
            ("<http://acme.example|acme.example>", "acme.example"),
            ("<https://acme.example/a?b=1&amp;c=2>", "https://acme.example/a?b=1&c=2"),
            ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
            ("can x as <@U1|kim>", "can x as <@U1>"),
            ("<!channel> <#C1|ops>", "<!channel> <#C1>"),
            ("a < b and c", "a < b and c"),
            ("a << b> c", "a < b c"),
            ("open <", "open <"),
        ];
        for (wire, said) in cases {
            assert_eq!(typed(wire), said, "{wire}");
        }
    }

    #[test]
    fn scanning_sees_address_and_label() {
        assert_eq!(spoken("<https://a.example/?k=1|the label>"), "https://a.example/?k=1 the label");
        assert_eq!(spoken("<#C1|name &amp; more>"), "<#C1|name & more>");
    }

    #[test]
    fn an_odd_member_costs_only_itself() {
        let event: Event =
            serde_json::from_value(serde_json::json!({"user": 7, "text": "hi", "message": "no"})).expect("an event");
        assert_eq!((event.user.word(), event.text.word()), ("", "hi"));
        assert!(event.message.is_none());
    }
}
