//! Messages that people point at, so that they are put on an incident's timeline: with the shortcut, which brings the
//! message along, or with a reaction, after which it is read.
//!
//! It judges nothing. Invariant: what the message says leaves as `Untrusted`, and only the configured emoji has a
//! message read at all.

use serde::Deserialize;
use serde_json::Value;

use crate::model::{Account, DeliveryKey, Envelope, Happening, Millis, Noted, NotedBy, Platform, Posted};
use crate::ports::{Fault, PortError};

use super::Slack;
use super::moderate::messages;
use super::read::{Pointed, Reader, Reading, Via, reply};
use super::said::pointed_at;
use super::wire::{Event, Interaction};

/// What Slack says where the message is gone.
const GONE: [&str; 2] = ["thread_not_found", "message_not_found"];
/// A thread's beginning comes before the message that is asked for.
const MESSAGES: &str = "2";

impl Reader {
    /// The shortcut "Add to incident timeline".
    pub(super) fn note_shortcut(&self, wire: &Interaction, payload: &Value, key: &str, arrived: Millis) -> Reading {
        let (place, handle) = self.around(wire);
        let Some(noted) = self.noted(&payload["message"], &place.channel, NotedBy::Shortcut) else {
            return Reading::Unknown;
        };
        let what = Happening::Noted(noted);
        self.by_user(wire, key, place, arrived, reply(&handle, arrived), what, Via::Shortcut)
    }

    /// A reaction: the configured emoji on a message, and not our own.
    pub(super) fn reaction(&self, event: &Event, key: &str, account: Account, arrived: Millis) -> Reading {
        // A hand has a skin tone: `+1::skin-tone-2`.
        let emoji = event.reaction.word().split("::").next().unwrap_or_default();
        let Some(item) = event.item.as_ref().filter(|item| item.kind.word() == "message") else {
            return Reading::Nothing;
        };
        if emoji != self.note_emoji || emoji.is_empty() {
            return Reading::Nothing;
        }
        let Ok(key) = key.parse::<DeliveryKey>() else { return Reading::Unknown };
        let channel = item.channel.word();
        let place = self.place(&account.team, channel, "", channel.starts_with('D'));
        let message = item.ts.word().to_owned();
        Reading::Pointed(Box::new(Pointed { key, account, place, message, arrived }))
    }

    fn noted(&self, raw: &Value, channel: &str, by: NotedBy) -> Option<Noted> {
        let message = Event::deserialize(raw).ok()?;
        let (said, at) = pointed_at(&message, raw)?;
        let (platform, channel) = (Platform::Slack, channel.to_owned());
        let posted = Posted { platform, channel, message: said.message.clone() };
        Some(Noted { posted, author: self.author(&message, ""), at, text: said.words(), by })
    }
}

impl Slack {
    /// Reads the message that somebody reacted to; `None` when it is gone.
    pub(super) async fn read_pointed(&self, pointed: &Pointed) -> Result<Option<Envelope>, PortError> {
        let ts = pointed.message.as_str();
        // A message outside threads is a thread of its own.
        let query = [
            ("channel", pointed.place.channel.clone()),
            ("ts", ts.to_owned()),
            ("oldest", ts.to_owned()),
            ("latest", ts.to_owned()),
            ("inclusive", "true".to_owned()),
            ("limit", MESSAGES.to_owned()),
        ];
        let answer = match self.web.get("conversations.replies", &query).await {
            Ok(answer) => answer,
            Err(PortError { fault: Fault::NotFound, .. }) => return Ok(None),
            Err(PortError { fault: Fault::Refused { code, .. }, .. }) if GONE.contains(&code.as_str()) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let raw = messages(&answer)?.iter().find(|message| message["ts"] == ts);
        let noted = raw.and_then(|raw| self.reader().noted(raw, &pointed.place.channel, NotedBy::Reaction));
        Ok(noted.map(|noted| Envelope {
            key: pointed.key.clone(),
            account: pointed.account.clone(),
            outsider: pointed.account.user.is_empty(),
            place: pointed.place.clone(),
            arrived: pointed.arrived,
            reply: None,
            what: Happening::Noted(noted),
        }))
    }
}
