//! Messages that people point at, so that they are put on an incident's timeline: with the message command, which brings
//! the message along, or with a reaction, after which it is read.
//!
//! It judges nothing. Invariant: what the message says leaves as `Untrusted`, and only the configured emoji has a
//! message read at all.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::guard::Untrusted;
use crate::model::{Account, Envelope, Happening, Millis, Noted, NotedBy, Place, Platform, Posted};
use crate::ports::{Door, Fault};

use super::http::{Call, Method};
use super::read::{Reader, account};
use super::said::{posted_at, texts_of};
use super::tally::one_more;
use super::wire::{Spoken, id_of};
use super::{DOOR_MOST, Discord};

/// What may follow an emoji to say that it is drawn as a picture.
const AS_PICTURE: char = '\u{fe0f}';

/// A reaction that puts a message on a timeline, before the message is read.
pub(super) struct Pointed {
    /// Who reacted.
    pub(super) account: Account,
    /// Whether that was a bot.
    pub(super) by_app: bool,
    /// Where.
    pub(super) place: Place,
    /// To which message.
    pub(super) message: u64,
    /// With what.
    pub(super) emoji: String,
    /// When.
    pub(super) arrived: Millis,
}

impl Reader {
    /// Reads a reaction; nothing for our own, and outside servers.
    pub(super) fn reaction(&self, event: Value, arrived: Millis) -> Option<Pointed> {
        let user = id_of(&event["user_id"]).filter(|user| *user != self.me)?;
        let (channel, message) = (id_of(&event["channel_id"])?, id_of(&event["message_id"])?);
        Some(Pointed {
            account: account(user),
            by_app: event["member"]["user"]["bot"] == true,
            place: self.room(channel, Some(id_of(&event["guild_id"])?)),
            message,
            emoji: bare(event["emoji"]["name"].as_str().unwrap_or_default()),
            arrived,
        })
    }
}

fn bare(emoji: &str) -> String {
    emoji.chars().filter(|c| *c != AS_PICTURE).collect()
}

/// A message as a timeline takes it; our own ones too.
pub(super) fn noted(event: &Value, channel: u64, by: NotedBy) -> Option<Noted> {
    let wire = Spoken::deserialize(event).ok()?;
    let id = wire.id?;
    let wrote = Untrusted::from(wire.content.as_deref().unwrap_or_default());
    let text = if wrote.is_empty() { Untrusted::joined(&texts_of(event), "\n") } else { wrote };
    let author = account(wire.author.and_then(|author| author.id).unwrap_or_default());
    let (platform, channel) = (Platform::Discord, wire.channel_id.unwrap_or(channel).to_string());
    let posted = Posted { platform, channel, message: id.to_string() };
    Some(Noted { posted, author, at: posted_at(id), text, by })
}

impl Discord {
    // The door is asked first whether an incident is worked on there, so that nothing is read for nothing.
    pub(super) async fn note(self: &Arc<Self>, door: &Arc<dyn Door>, pointed: Pointed) {
        if pointed.emoji != bare(&self.config.note_emoji) || !door.keeps_notes(&pointed.place).await {
            return;
        }
        one_more(&self.tally.received);
        let Ok(channel) = pointed.place.channel.parse::<u64>() else { return };
        let message = pointed.message;
        let path = format!("/channels/{channel}/messages/{message}");
        let call = Call::bot(Method::GET, path, format!("GET /channels/{channel}/messages"));
        let read = match self.rest.call(call).await {
            Ok(event) => noted(&event, channel, NotedBy::Reaction),
            Err(error) if error.fault == Fault::NotFound => return,
            Err(error) => {
                one_more(&self.tally.unanswered);
                return tracing::warn!(error = %error, "discord.reaction.not_read");
            }
        };
        let user = &pointed.account.user;
        let key = format!("discord:note:{message}:{user}:{}", pointed.arrived.0).parse();
        let (Some(noted), Ok(key)) = (read, key) else { return };
        let elsewhere = pointed.place.team != self.config.guild.to_string();
        let envelope = Envelope {
            key,
            account: pointed.account,
            outsider: pointed.by_app || elsewhere,
            place: pointed.place,
            arrived: pointed.arrived,
            reply: None,
            what: Happening::Noted(noted),
        };
        // A reaction is not answered.
        if timeout(DOOR_MOST, door.receive(envelope)).await.is_err() {
            one_more(&self.tally.unanswered);
            tracing::error!("discord.reaction.not_taken");
        }
    }
}
