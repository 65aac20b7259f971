//! Reads what Slack delivers: wire JSON to `Envelope`. Pure.
//!
//! It neither answers nor judges. Invariant: every text that a person or an app can set leaves here `Untrusted`,
//! and whatever cannot be read is named `Unknown`, never dropped in silence.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::catalog::slack::NOTE;
use crate::guard::{Secret, Untrusted};
use crate::model::{
    Account, CommandInput, DeliveryKey, Envelope, Happening, Millis, Place, Platform, Reply, SECOND_MS,
};

use super::form;
use super::said::told;
use super::wire::{Action, Callback, Command, Event, Frame, Handle, Interaction, User, spoken, typed};

/// A `response_url` lives for 30 minutes (Slack: "Responding to users").
const REPLY_MS: i64 = 30 * 60 * SECOND_MS;
/// A `response_url` may be used 5 times (same page).
const REPLY_USES: u8 = 5;
/// A trigger lives for 3 s; one second is kept for the call itself.
pub(super) const FORM_MS: i64 = 2 * SECOND_MS;

/// By which way something came in, which decides how it can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    /// A slash command.
    Command,
    /// A button or a menu.
    Press,
    /// A form's submission.
    Submission,
    /// A shortcut.
    Shortcut,
    /// An event: a mention, or something said.
    Event,
}

/// What a frame is.
#[derive(Debug)]
pub(super) enum Reading {
    /// Something for the door.
    Envelope(Box<Envelope>, Via),
    /// Something that was said to us: it is told as said first, then as asked.
    Both(Box<Envelope>, Box<Envelope>),
    /// Somebody pointed at a message that has to be read first.
    Pointed(Box<Pointed>),
    /// Known, and nothing to do: our own message, a closed form.
    Nothing,
    /// Not known, or not readable.
    Unknown,
}

/// A reaction that puts a message on an incident's timeline, before the message is read.
#[derive(Debug)]
pub(super) struct Pointed {
    pub(super) key: DeliveryKey,
    /// Who reacted.
    pub(super) account: Account,
    /// Where.
    pub(super) place: Place,
    /// To which message.
    pub(super) message: String,
    pub(super) arrived: Millis,
}

/// Who we are on Slack; what reading needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    /// The configured team.
    pub(super) team: String,
    /// Our bot's user id; empty until it is learned.
    pub(super) bot_user: String,
    /// Our bot's id; empty until it is learned.
    pub(super) bot_id: String,
    /// The emoji that puts a message on a timeline.
    pub(super) note_emoji: String,
}

impl Reader {
    /// Reads one frame that arrived at that moment.
    pub(super) fn read(&self, frame: &Frame, arrived: Millis) -> Reading {
        let key = format!("slack:env:{}", frame.envelope_id.word());
        match frame.kind.word() {
            "slash_commands" => self.command(&frame.payload, &key, arrived),
            "interactive" => self.interaction(&frame.payload, &key, arrived),
            "events_api" => self.event(&frame.payload, &key, arrived),
            _ => Reading::Unknown,
        }
    }

    fn command(&self, payload: &Value, key: &str, arrived: Millis) -> Reading {
        let Ok(wire) = Command::deserialize(payload) else { return Reading::Unknown };
        let command = wire.command.word().trim_start_matches('/').to_owned();
        let line = Untrusted::from(wire.text.word()).map_lossless(|text| {
            let text = typed(&text);
            if command == "seqn" { text } else { format!("{command} {text}").trim_end().to_owned() }
        });
        let home = first(&[wire.user_team.word(), wire.team_id.word()]);
        let channel = wire.channel_id.word();
        let direct = is_direct(channel) || wire.channel_name.word() == "directmessage";
        let place = self.place(wire.team_id.word(), channel, "", direct);
        let handle = Handle {
            url: wire.response_url.word().to_owned(),
            trigger: wire.trigger_id.word().to_owned(),
            channel: channel.to_owned(),
            ..Handle::default()
        };
        let what = Happening::Command(CommandInput::Line(line));
        let reply = reply(&handle, arrived);
        self.envelope(key, (wire.user_id.word(), home, false), place, arrived, reply, what, Via::Command)
    }

    fn interaction(&self, payload: &Value, key: &str, arrived: Millis) -> Reading {
        let Ok(wire) = Interaction::deserialize(payload) else { return Reading::Unknown };
        match wire.kind.word() {
            "block_actions" => self.pressed(&wire, key, arrived),
            "view_submission" => self.submitted(&wire, key, arrived),
            "message_action" | "shortcut" => self.shortcut(&wire, payload, key, arrived),
            "view_closed" => Reading::Nothing,
            _ => Reading::Unknown,
        }
    }

    fn pressed(&self, wire: &Interaction, key: &str, arrived: Millis) -> Reading {
        let Some(action) = wire.actions.as_deref().and_then(<[Action]>::first) else { return Reading::Unknown };
        let picked = action.selected_option.as_ref().map(|o| Untrusted::from(o.value.word()));
        let control = match (action.value.word(), &picked) {
            (value, None) if !value.is_empty() => value,
            // `index|press`: the index makes the id unique in its message.
            _ => action.action_id.word().split_once('|').map_or(action.action_id.word(), |(_, press)| press),
        };
        let what = Happening::Pressed { control: Untrusted::from(control), value: picked };
        let (place, handle) = self.around(wire);
        self.by_user(wire, key, place, arrived, reply(&handle, arrived), what, Via::Press)
    }

    fn submitted(&self, wire: &Interaction, key: &str, arrived: Millis) -> Reading {
        let Some(view) = wire.view.as_ref() else { return Reading::Unknown };
        let no_values = BTreeMap::new();
        let values = view.state.as_ref().map_or(&no_values, |state| &state.values);
        let what = Happening::Submitted {
            token: Untrusted::from(view.private_metadata.word()),
            values: form::values(values).into_iter().map(|(key, value)| (key, Untrusted::from(value))).collect(),
        };
        let (channel, thread) = form::came_from(view.callback_id.word());
        let place = self.place(wire.team.as_ref().map_or("", |t| t.id.word()), channel, thread, is_direct(channel));
        self.by_user(wire, key, place, arrived, None, what, Via::Submission)
    }

    fn shortcut(&self, wire: &Interaction, payload: &Value, key: &str, arrived: Millis) -> Reading {
        if wire.callback_id.word() == NOTE {
            return self.note_shortcut(wire, payload, key, arrived);
        }
        let text = wire.message.as_ref().map_or("", |m| m.text.word());
        let what = Happening::Shortcut {
            name: wire.callback_id.word().to_owned(),
            text: Untrusted::from(text).map_lossless(|t| spoken(&t)),
        };
        let (place, handle) = self.around(wire);
        self.by_user(wire, key, place, arrived, reply(&handle, arrived), what, Via::Shortcut)
    }

    // Where an interaction happened, and how to answer it.
    pub(super) fn around(&self, wire: &Interaction) -> (Place, Handle) {
        let container = wire.container.as_ref();
        let channel = first(&[
            wire.channel.as_ref().map_or("", |c| c.id.word()),
            container.map_or("", |c| c.channel_id.word()),
            wire.view.as_ref().map_or("", |v| form::came_from(v.callback_id.word()).0),
        ]);
        let thread = first(&[
            container.map_or("", |c| c.thread_ts.word()),
            wire.message.as_ref().map_or("", |m| m.thread_ts.word()),
        ]);
        let direct = is_direct(channel) || wire.channel.as_ref().is_some_and(|c| c.name.word() == "directmessage");
        let private = container.is_some_and(|c| c.is_ephemeral.yes());
        let handle = Handle {
            url: wire.response_url.word().to_owned(),
            trigger: wire.trigger_id.word().to_owned(),
            channel: channel.to_owned(),
            thread: thread.to_owned(),
            replaceable: private || direct,
        };
        (self.place(wire.team.as_ref().map_or("", |t| t.id.word()), channel, thread, direct), handle)
    }

    #[expect(clippy::too_many_arguments, reason = "these are the parts of one envelope")]
    pub(super) fn by_user(
        &self,
        wire: &Interaction,
        key: &str,
        place: Place,
        arrived: Millis,
        reply: Option<Reply>,
        what: Happening,
        via: Via,
    ) -> Reading {
        let Some(user) = wire.user.as_ref() else { return Reading::Unknown };
        let home = first(&[user.team_id.word(), wire.team.as_ref().map_or("", |t| t.id.word())]);
        self.envelope(key, (user.id.word(), home, user.odd()), place, arrived, reply, what, via)
    }

    fn event(&self, payload: &Value, envelope_key: &str, arrived: Millis) -> Reading {
        let (Ok(wire), Ok(event)) = (Callback::deserialize(payload), Event::deserialize(&payload["event"])) else {
            return Reading::Unknown;
        };
        let bot_user = self.bot_user(&wire);
        // An edit carries the message inside; its author is in there.
        let inner = event.message.as_deref().filter(|_| event.subtype.word() == "message_changed").unwrap_or(&event);
        if self.ours(inner, bot_user) {
            return Reading::Nothing;
        }
        let key = match wire.event_id.word() {
            "" => envelope_key.to_owned(),
            id => format!("slack:ev:{id}"),
        };
        let direct = is_direct(event.channel.word()) || event.channel_type.word() == "im";
        let typed_here = matches!(event.subtype.word(), "" | "file_share" | "thread_broadcast");
        let account = self.author(inner, wire.team_id.word());
        let odd = inner.bot_id.is_some() || inner.user_profile.as_ref().is_some_and(User::odd);
        let by = (account.user.as_str(), account.team.as_str(), odd);
        let place = self.place(wire.team_id.word(), event.channel.word(), inner.thread_ts.word(), direct);
        let envelope = |key: &str, what| self.envelope(key, by, place.clone(), arrived, None, what, Via::Event);
        let asked = || envelope(&key, mention(event.text.word(), bot_user));
        match event.kind.word() {
            "reaction_added" => self.reaction(&event, &key, account, arrived),
            "app_mention" => asked(),
            "message" => {
                let Some(told) = told(&event, &wire.event) else { return Reading::Nothing };
                let told = envelope(&format!("{key}:said"), told);
                if !(direct && typed_here && event.bot_id.is_none() && !event.text.word().is_empty()) {
                    return told;
                }
                match (told, asked()) {
                    (Reading::Envelope(told, _), Reading::Envelope(asked, _)) => Reading::Both(told, asked),
                    (_, asked) => asked,
                }
            }
            // Messages name their files themselves.
            "file_shared" => Reading::Nothing,
            _ => Reading::Unknown,
        }
    }

    fn bot_user<'a>(&'a self, wire: &'a Callback) -> &'a str {
        if !self.bot_user.is_empty() {
            return &self.bot_user;
        }
        let all = wire.authorizations.as_deref().unwrap_or_default();
        all.iter().find(|a| a.is_bot.yes()).map_or("", |a| a.user_id.word())
    }

    pub(super) fn ours(&self, message: &Event, bot_user: &str) -> bool {
        (!bot_user.is_empty() && message.user.word() == bot_user)
            || (!self.bot_id.is_empty() && message.bot_id.word() == self.bot_id)
    }

    pub(super) fn place(&self, team: &str, channel: &str, thread: &str, direct: bool) -> Place {
        Place {
            platform: Platform::Slack,
            // `team` is null in installations for a whole organisation.
            team: first(&[team, &self.team]).to_owned(),
            channel: channel.to_owned(),
            thread: (!thread.is_empty()).then(|| thread.to_owned()),
            direct,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "these are the parts of one envelope")]
    pub(super) fn envelope(
        &self,
        key: &str,
        (user, home, odd): (&str, &str, bool),
        place: Place,
        arrived: Millis,
        reply: Option<Reply>,
        what: Happening,
        via: Via,
    ) -> Reading {
        let Ok(key) = key.parse::<DeliveryKey>() else { return Reading::Unknown };
        let account = Account { platform: Platform::Slack, team: home.to_owned(), user: user.to_owned() };
        let outsider = odd || user.is_empty() || home != self.team;
        Reading::Envelope(Box::new(Envelope { key, account, outsider, place, arrived, reply, what }), via)
    }
}

/// The first that is not empty.
pub(super) fn first<'a>(of: &[&'a str]) -> &'a str {
    of.iter().copied().find(|word| !word.is_empty()).unwrap_or_default()
}

/// Ids of direct conversations begin with a D.
fn is_direct(channel: &str) -> bool {
    channel.starts_with('D')
}

pub(super) fn reply(handle: &Handle, arrived: Millis) -> Option<Reply> {
    if handle.url.is_empty() && handle.trigger.is_empty() {
        return None;
    }
    let text = serde_json::to_string(handle).ok()?;
    Some(Reply {
        handle: Secret::new(text),
        expires: arrived.plus_ms(REPLY_MS),
        form_until: (!handle.trigger.is_empty()).then(|| arrived.plus_ms(FORM_MS)),
        uses: if handle.url.is_empty() { 0 } else { REPLY_USES },
    })
}

// What follows our mention is the command; where nothing follows, what stands before it.
fn mention(text: &str, bot_user: &str) -> Happening {
    let line = Untrusted::from(text).map_lossless(|text| {
        let open = format!("<@{bot_user}");
        let split = text.match_indices(&open).find_map(|(start, _)| {
            let tail = &text[start + open.len()..];
            let end = if tail.starts_with('>') || tail.starts_with('|') { tail.find('>')? } else { return None };
            Some((&text[..start], &tail[end + 1..]))
        });
        let line = match split {
            Some((before, after)) if after.trim().is_empty() => before,
            Some((_, after)) => after,
            None => &text,
        };
        typed(line).trim().to_owned()
    });
    Happening::Command(CommandInput::Line(line))
}
