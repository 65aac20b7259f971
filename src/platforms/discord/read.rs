//! From Discord's interactions to envelopes. Pure.
//!
//! It reads no messages (`said` does) and decides nothing about rights but names outsiders. Invariant: what people wrote leaves only as `Untrusted`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::discord::NOTE;
use crate::guard::{Secret, Untrusted};
use crate::model::{
    Account, CommandInput, DeliveryKey, Envelope, Happening, MINUTE_MS, Millis, NotedBy, Place, Platform, Reply,
    RequestId,
};

use super::form;
use super::note::noted;
use super::wire::{Content, Interaction, Opt};

/// How long an interaction can be answered, in milliseconds: Discord's 15 minutes.
const REPLY_LIFE_MS: i64 = 15 * MINUTE_MS;
/// How long a form can still be the first answer, in milliseconds: Discord's 3 seconds less the way there.
const FORM_LIFE_MS: i64 = 2_500;
/// How often one interaction may be answered. Discord names no limit; this one ends what would be a loop.
const REPLY_USES: u8 = 50;

/// The family whose name is not part of a command's path.
const ROOT_FAMILY: &str = "seqn";

/// Interaction kinds.
pub(super) const COMMAND: u64 = 2;
pub(super) const COMPONENT: u64 = 3;
pub(super) const TYPING: u64 = 4;
pub(super) const SUBMISSION: u64 = 5;

const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;
const MESSAGE_COMMAND: u64 = 3;
/// The context of an interaction in a direct message with the bot.
const BOT_DM: u64 = 1;
/// The context of an interaction in a conversation that the bot is no part of.
const PRIVATE: u64 = 2;

/// What an interaction's answers need; as JSON it is the reply handle, and is a secret.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Handle {
    pub(super) id: String,
    pub(super) token: String,
    pub(super) app: String,
    pub(super) kind: u64,
}

impl Handle {
    /// The handle as it is kept.
    pub(super) fn sealed(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads a kept handle.
    pub(super) fn opened(sealed: &Secret) -> Option<Self> {
        let handle: Self = serde_json::from_str(sealed.expose()).ok()?;
        let sound =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
        (sound(&handle.id) && sound(&handle.token) && sound(&handle.app)).then_some(handle)
    }
}

/// An interaction that waits for its first answer.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) handle: Handle,
    /// Whether it came from a message of ours, which can then be replaced.
    pub(super) on_message: bool,
    /// The request of the form that was submitted, if it is one of ours.
    pub(super) form: Option<RequestId>,
}

/// What an interaction is to us: an envelope and how it is answered.
pub(super) enum Reading {
    /// Something that we know.
    Known(Box<Envelope>, Asked),
    /// It can be answered, but we do not know what it is.
    Strange(Asked),
    /// It cannot even be answered.
    Nothing,
}

/// Reads events for one server and one bot.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) guild: u64,
    /// The bot's own user id; 0 until it is known.
    pub(super) me: u64,
}

impl Reader {
    /// Reads an interaction.
    pub(super) fn interaction(&self, event: Value, arrived: Millis) -> Reading {
        let Ok(wire) = serde_json::from_value::<Interaction>(event) else { return Reading::Nothing };
        let Some(asked) = asked(&wire) else { return Reading::Nothing };
        match self.envelope(&wire, &asked, arrived) {
            Some(envelope) => Reading::Known(Box::new(envelope), asked),
            None => Reading::Strange(asked),
        }
    }

    fn envelope(&self, wire: &Interaction, asked: &Asked, arrived: Millis) -> Option<Envelope> {
        let user = wire.member.as_ref().and_then(|m| m.user.as_ref()).or(wire.user.as_ref())?;
        let content = wire.content.as_ref()?;
        let what = happening(wire, asked.handle.kind, content)?;
        let form_until = matches!(asked.handle.kind, COMMAND | COMPONENT).then(|| arrived.plus_ms(FORM_LIFE_MS));
        let elsewhere = wire.guild_id.is_some_and(|guild| guild != self.guild) || wire.context == Some(PRIVATE);
        Some(Envelope {
            key: format!("discord:{}", asked.handle.id).parse::<DeliveryKey>().ok()?,
            account: account(user.id?),
            outsider: elsewhere || user.bot == Some(true),
            place: place(wire)?,
            arrived,
            reply: Some(Reply {
                handle: asked.handle.sealed(),
                expires: arrived.plus_ms(REPLY_LIFE_MS),
                form_until,
                uses: REPLY_USES,
            }),
            what,
        })
    }
}

pub(super) fn account(user: u64) -> Account {
    Account { platform: Platform::Discord, team: String::new(), user: user.to_string() }
}

fn asked(wire: &Interaction) -> Option<Asked> {
    let form = wire.content.as_ref().and_then(|c| c.custom_id.as_deref()).map(form::token_of);
    let handle = Handle {
        id: wire.id?.to_string(),
        token: wire.token.clone()?,
        app: wire.application_id?.to_string(),
        kind: wire.kind?,
    };
    let form = form.filter(|_| handle.kind == SUBMISSION).and_then(|token| token.parse().ok());
    Some(Asked { handle, on_message: wire.message.is_some(), form })
}

// A thread's own channel is the thread; what is asked there counts as asked in its parent.
fn place(wire: &Interaction) -> Option<Place> {
    let channel = wire.channel_id?;
    let parent = wire.channel.as_ref().filter(|c| matches!(c.kind, Some(10..=12))).and_then(|c| c.parent_id);
    Some(Place {
        platform: Platform::Discord,
        team: wire.guild_id.map(|guild| guild.to_string()).unwrap_or_default(),
        channel: parent.unwrap_or(channel).to_string(),
        thread: parent.map(|_| channel.to_string()),
        direct: wire.guild_id.is_none() && matches!(wire.context, None | Some(BOT_DM)),
    })
}

fn happening(wire: &Interaction, kind: u64, content: &Content) -> Option<Happening> {
    match kind {
        COMMAND if content.kind == Some(MESSAGE_COMMAND) => shortcut(content, wire.channel_id?),
        COMMAND if matches!(content.kind, None | Some(1)) => Some(Happening::Command(tree(content)?.input)),
        TYPING => {
            let Tree { input, focused } = tree(content)?;
            let (focus, partial) = focused?;
            Some(Happening::Typing { input, focus, partial })
        }
        COMPONENT => {
            let value = content.values.as_ref().and_then(|values| values.first()).and_then(text_of);
            Some(Happening::Pressed { control: content.custom_id.as_deref()?.into(), value })
        }
        SUBMISSION => {
            let components = content.components.as_deref().unwrap_or_default();
            let values = form::values(components).into_iter().map(|(k, v)| (k, Untrusted::new(v))).collect();
            Some(Happening::Submitted { token: form::token_of(content.custom_id.as_deref()?).into(), values })
        }
        _ => None,
    }
}

fn shortcut(content: &Content, channel: u64) -> Option<Happening> {
    let target = content.target_id.as_deref()?;
    let message = &content.resolved.as_ref()?["messages"][target];
    if content.name.as_deref() == Some(NOTE) {
        return noted(message, channel, NotedBy::Shortcut).map(Happening::Noted);
    }
    let text = message["content"].as_str()?;
    Some(Happening::Shortcut { name: content.name.clone()?, text: text.into() })
}

struct Tree {
    input: CommandInput,
    focused: Option<(String, Untrusted)>,
}

// Follows the sub-commands down; what is being typed is kept apart from what is there already.
fn tree(content: &Content) -> Option<Tree> {
    let name = content.name.as_deref()?;
    let mut path: Vec<Untrusted> = if name == ROOT_FAMILY { Vec::new() } else { vec![name.into()] };
    let mut level: &[Opt] = content.options.as_deref().unwrap_or_default();
    while let [deeper] = level
        && matches!(deeper.kind, Some(SUBCOMMAND | GROUP))
    {
        path.push(deeper.name.as_deref()?.into());
        level = deeper.options.as_deref().unwrap_or_default();
    }
    let (mut options, mut focused) = (Vec::new(), None);
    for option in level {
        let Some(name) = option.name.clone() else { continue };
        let value = option.value.as_ref().and_then(text_of);
        if option.focused == Some(true) {
            focused = Some((name, value.unwrap_or_default()));
        } else if let Some(value) = value {
            options.push((name, value));
        }
    }
    Some(Tree { input: CommandInput::Tree { path, options }, focused })
}

fn text_of(value: &Value) -> Option<Untrusted> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string().into()),
        _ => None,
    }
}
