//! From Discord's messages, deletions, topics and `AutoMod` reports to envelopes. Pure.
//!
//! It judges nothing and reads no files. Invariant: every text that a person or an app can put into a message leaves as
//! `Untrusted`, also when it is meant for the bot; our own messages never leave.

use serde_json::Value;

use crate::guard::{Secret, Untrusted};
use crate::model::{Account, CommandInput, Envelope, FileRef, Happening, Millis, Past, Place, Platform, Said, Seen};

use super::note::Pointed;
use super::read::{Reader, account};
use super::wire::{Acted, Attachment, Deleted, Room, Server, Spoken, id_of};

/// Texts of one message that are looked at; Discord's largest message has about 600 (embeds and components).
const TEXTS_MOST: usize = 2_000;
/// Discord's epoch (2015-01-01) in UTC milliseconds: what a snowflake's time counts from.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// The low bits of a snowflake that are not time.
const SNOWFLAKE_SHIFT: u32 = 22;
/// Who did it where Discord does not say.
const NOBODY: u64 = 0;
/// `AutoMod`'s action that keeps a message from being posted.
const BLOCKED: u64 = 1;

/// What of a message Discord made itself, or what belongs to other messages and people. A secret in the message that
/// is answered is found in that message.
const MADE_BY_DISCORD: [&str; 34] = [
    "id",
    "type",
    "channel_id",
    "guild_id",
    "webhook_id",
    "application_id",
    "message_id",
    "user_id",
    "timestamp",
    "edited_timestamp",
    "joined_at",
    "premium_since",
    "communication_disabled_until",
    "avatar",
    "banner",
    "avatar_decoration_data",
    "collectibles",
    "primary_guild",
    "clan",
    "discriminator",
    "roles",
    "mention_roles",
    "mention_channels",
    "mentions",
    "referenced_message",
    "application",
    "resolved",
    "permissions",
    "proxy_url",
    "proxy_icon_url",
    "content_type",
    "placeholder_version",
    "content_scan_version",
    "expiry",
];
/// Where Discord keeps files: such an address is signed, and its signature looks like a secret.
const SIGNED_BY_DISCORD: [&str; 2] = ["https://cdn.discordapp.com/", "https://media.discordapp.net/"];
/// What people write about a file; the rest of an attachment is Discord's.
const ABOUT_A_FILE: [&str; 3] = ["filename", "title", "description"];

/// What an event about messages is to us.
pub(super) enum Heard {
    /// These, in order.
    Whole(Vec<Envelope>),
    /// An edit that does not say everything: the message must be read anew.
    Partial {
        /// The channel.
        channel: u64,
        /// The message.
        message: u64,
        /// What it did say.
        event: Value,
    },
    /// Somebody reacted so that the message is put on an incident's timeline: it must be read.
    Pointed(Box<Pointed>),
}

impl Reader {
    /// Reads an event by its name; nothing for those that say nothing to us.
    pub(super) fn heard(&self, name: &str, event: Value, arrived: Millis) -> Heard {
        Heard::Whole(match name {
            "MESSAGE_CREATE" => self.message(event, arrived),
            "MESSAGE_UPDATE" => return self.edit(event, arrived),
            "MESSAGE_REACTION_ADD" => {
                return self
                    .reaction(event, arrived)
                    .map_or(Heard::Whole(Vec::new()), |at| Heard::Pointed(Box::new(at)));
            }
            "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK" => gone(event, arrived),
            "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE" => {
                serde_json::from_value(event).ok().and_then(|room| self.topic(&room, arrived)).into_iter().collect()
            }
            "GUILD_CREATE" => self.topics(event, arrived),
            "AUTO_MODERATION_ACTION_EXECUTION" => self.blocked(event, arrived).into_iter().collect(),
            _ => Vec::new(),
        })
    }

    /// Reads a new message: what it says, and then the command in it, where it is meant for the bot.
    pub(super) fn message(&self, event: Value, arrived: Millis) -> Vec<Envelope> {
        let Some((said, wire)) = self.said(event, Seen::New) else { return Vec::new() };
        // Joins, pins and the like are messages too; only an ordinary one or a reply is somebody speaking.
        let speech = matches!(wire.kind.unwrap_or(0), 0 | 19) && !said.said.by_app;
        let line =
            if speech { self.line(wire.content.as_deref().unwrap_or_default(), said.place.direct) } else { None };
        let command = line.map(|line| Happening::Command(CommandInput::Line(Untrusted::new(line))));
        let id = said.said.message.clone();
        let command = command.and_then(|what| self.envelope_of(&format!("msg:{id}"), &said, arrived, what));
        let words = said.said.clone();
        let said = self.envelope_of(&format!("said:{id}"), &said, arrived, Happening::Said(words));
        said.into_iter().chain(command).collect()
    }

    // A preview that Discord added and a person's edit are one kind of event; both are looked at.
    fn edit(&self, event: Value, arrived: Millis) -> Heard {
        let ids = (id_of(&event["channel_id"]), id_of(&event["id"]));
        let whole = event["content"].is_string() && id_of(&event["author"]["id"]).is_some();
        match ids {
            (Some(channel), Some(message)) if !whole => Heard::Partial { channel, message, event },
            _ => Heard::Whole(self.edited(event, arrived).into_iter().collect()),
        }
    }

    /// Reads an edited message as it stands now.
    pub(super) fn edited(&self, event: Value, arrived: Millis) -> Option<Envelope> {
        let previews = event["embeds"].as_array().map_or(0, Vec::len);
        let (said, wire) = self.said(event, Seen::Edited)?;
        let at = wire.edited_timestamp.unwrap_or_default().replace(|c: char| !c.is_ascii_graphic(), "");
        let key = format!("edit:{}:{at}:{previews}", said.said.message);
        let words = said.said.clone();
        self.envelope_of(&key, &said, arrived, Happening::Said(words))
    }

    /// Reads a message of the history, or one that was asked for; `None` for our own and for what is not one.
    pub(super) fn said(&self, event: Value, seen: Seen) -> Option<(Past, Spoken)> {
        let texts = texts_of(&event);
        let wire: Spoken = serde_json::from_value(event).ok()?;
        let (id, channel) = (wire.id?, wire.channel_id?);
        let author = wire.author.as_ref();
        let user = author.and_then(|a| a.id);
        if user.is_some_and(|user| user == self.me) {
            return None;
        }
        let hook = wire.webhook_id.as_ref().is_some_and(|hook| !hook.is_null());
        let by_app = hook || user.is_none() || author.is_some_and(|a| a.bot == Some(true));
        let wrote = Untrusted::from(wire.content.as_deref().unwrap_or_default());
        let said = Said { message: id.to_string(), seen, wrote, texts, files: files_of(&wire), by_app };
        let place = self.room(channel, wire.guild_id);
        Some((Past { account: account(user.unwrap_or(NOBODY)), place, at: posted_at(id), said }, wire))
    }

    pub(super) fn room(&self, channel: u64, guild: Option<u64>) -> Place {
        Place {
            platform: Platform::Discord,
            team: guild.map(|guild| guild.to_string()).unwrap_or_default(),
            channel: channel.to_string(),
            thread: None,
            direct: guild.is_none(),
        }
    }

    fn envelope_of(&self, key: &str, past: &Past, arrived: Millis, what: Happening) -> Option<Envelope> {
        let elsewhere = !past.place.direct && past.place.team != self.guild.to_string();
        Some(Envelope {
            key: format!("discord:{key}").parse().ok()?,
            account: past.account.clone(),
            outsider: past.said.by_app || elsewhere,
            place: past.place.clone(),
            arrived,
            reply: None,
            what,
        })
    }

    // The line that is meant for the bot: after a mention, or anything in a direct message.
    fn line(&self, content: &str, direct: bool) -> Option<String> {
        let mentions = [format!("<@{}>", self.me), format!("<@!{}>", self.me)];
        let mentioned = self.me != 0 && mentions.iter().any(|mention| content.contains(mention));
        let mut line = content.to_owned();
        for mention in mentions.iter().filter(|_| mentioned) {
            line = line.replace(mention, " ");
        }
        let line = line.trim();
        (mentioned || (direct && !line.is_empty())).then(|| line.to_owned())
    }

    // Discord does not say who changed a channel; a thread has an owner.
    /// A channel's name and topic as they stand.
    pub(super) fn about(&self, room: Value) -> Option<Said> {
        serde_json::from_value(room).ok().map(|room| self.about_room(&room))
    }

    fn about_room(&self, room: &Room) -> Said {
        let texts: Vec<Untrusted> =
            [&room.name, &room.topic].into_iter().flatten().map(|t| t.as_str().into()).collect();
        let by_app = room.owner_id.is_none_or(|owner| owner == self.me);
        Said {
            message: String::new(),
            seen: Seen::Topic,
            wrote: Untrusted::default(),
            texts,
            files: Vec::new(),
            by_app,
        }
    }

    fn topic(&self, room: &Room, arrived: Millis) -> Option<Envelope> {
        let (id, guild) = (room.id?, room.guild_id.unwrap_or(self.guild));
        let said = self.about_room(room);
        let account = account(room.owner_id.filter(|_| !said.by_app).unwrap_or(NOBODY));
        let past = Past { account, place: self.room(id, Some(guild)), at: arrived, said: said.clone() };
        self.envelope_of(&format!("topic:{id}:{}", arrived.0), &past, arrived, Happening::Said(said))
    }

    // When a session begins: what was written while nobody looked.
    fn topics(&self, event: Value, arrived: Millis) -> Vec<Envelope> {
        let Ok(server) = serde_json::from_value::<Server>(event) else { return Vec::new() };
        if server.id != Some(self.guild) {
            return Vec::new();
        }
        let threads = server.threads.into_iter().flatten();
        let rooms = server.channels.into_iter().flatten().filter(|room| room.topic.is_some()).chain(threads);
        rooms.filter_map(|room| self.topic(&room, arrived)).collect()
    }

    // The text comes only with the message content intent; without it there is nothing to look at.
    fn blocked(&self, event: Value, arrived: Millis) -> Option<Envelope> {
        let acted: Acted = serde_json::from_value(event).ok()?;
        let user = acted.user_id?;
        // What matched is a part of the content, and of a long secret only its beginning.
        let mut texts = [acted.content, acted.matched_content].into_iter().flatten().filter(|text| !text.is_empty());
        let texts: Vec<Untrusted> = texts.next().into_iter().map(Untrusted::new).collect();
        if acted.action.and_then(|action| action.kind) != Some(BLOCKED) || texts.is_empty() {
            return None;
        }
        let channel = acted.channel_id.unwrap_or(NOBODY);
        let wrote = texts.first().cloned().unwrap_or_default();
        let said = Said { message: String::new(), seen: Seen::Blocked, wrote, texts, files: Vec::new(), by_app: false };
        let place = self.room(channel, Some(acted.guild_id.unwrap_or(self.guild)));
        let past = Past { account: account(user), place, at: arrived, said: said.clone() };
        let rule = acted.rule_id.unwrap_or(0);
        self.envelope_of(
            &format!("blocked:{rule}:{user}:{channel}:{}", arrived.0),
            &past,
            arrived,
            Happening::Said(said),
        )
    }
}

// Who removed it is not said.
fn gone(event: Value, arrived: Millis) -> Vec<Envelope> {
    let Ok(deleted) = serde_json::from_value::<Deleted>(event) else { return Vec::new() };
    let Some(channel) = deleted.channel_id else { return Vec::new() };
    let ids = deleted.id.into_iter().chain(deleted.ids.iter().flatten().filter_map(id_of));
    let envelope = |id: u64| {
        Some(Envelope {
            key: format!("discord:gone:{id}").parse().ok()?,
            account: Account { platform: Platform::Discord, team: String::new(), user: NOBODY.to_string() },
            outsider: true,
            place: Place {
                platform: Platform::Discord,
                team: deleted.guild_id.map(|guild| guild.to_string()).unwrap_or_default(),
                channel: channel.to_string(),
                thread: None,
                direct: deleted.guild_id.is_none(),
            },
            arrived,
            reply: None,
            what: Happening::Gone { message: id.to_string() },
        })
    };
    ids.filter_map(envelope).collect()
}

/// When a message was posted: its id says it.
pub(super) const fn posted_at(id: u64) -> Millis {
    Millis((id >> SNOWFLAKE_SHIFT).cast_signed() + EPOCH_MS)
}

/// The id that a message of that moment would have at least.
pub(super) const fn id_at(at: Millis) -> u64 {
    let since = at.0.saturating_sub(EPOCH_MS);
    if since < 0 { 0 } else { since.cast_unsigned() << SNOWFLAKE_SHIFT }
}

fn files_of(wire: &Spoken) -> Vec<FileRef> {
    let forwarded = wire.message_snapshots.iter().flatten().filter_map(|s| s.message.as_ref());
    let all = wire.attachments.iter().chain(forwarded.filter_map(|m| m.attachments.as_ref())).flatten();
    all.filter_map(file_of).collect()
}

fn file_of(file: &Attachment) -> Option<FileRef> {
    Some(FileRef {
        id: file.id?.to_string(),
        name: file.filename.as_deref().unwrap_or_default().into(),
        media: file.content_type.clone().unwrap_or_default(),
        bytes: file.size,
        url: Secret::new(file.url.clone().unwrap_or_default()),
    })
}

/// Every text of a message that somebody can have put there, in reading order: content, embeds, components, forwarded
/// messages, polls, names of files, stickers and senders.
pub(super) fn texts_of(event: &Value) -> Vec<Untrusted> {
    let mut texts: Vec<Untrusted> =
        event["content"].as_str().filter(|t| !t.is_empty()).map(Untrusted::from).into_iter().collect();
    let mut open: Vec<&Value> = parts(event).filter(|(name, _)| *name != "content").map(|(_, part)| part).collect();
    open.reverse();
    while let Some(node) = open.pop() {
        match node {
            Value::String(text) if text.bytes().any(|b| !b.is_ascii_digit()) => texts.push(text.as_str().into()),
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(_) => {
                let inner: Vec<&Value> = parts(node).map(|(_, part)| part).collect();
                open.extend(inner.into_iter().rev());
            }
            _ => {}
        }
        if texts.len() >= TEXTS_MOST {
            break;
        }
    }
    texts
}

// The named parts of an object that can hold somebody's words.
fn parts(node: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let is_file = node["filename"].is_string() && node["size"].is_number();
    let named = node.as_object().into_iter().flatten().map(|(name, part)| (name.as_str(), part));
    let signed = |name: &str, part: &Value| {
        name == "url" && part.as_str().is_some_and(|url| SIGNED_BY_DISCORD.iter().any(|cdn| url.starts_with(cdn)))
    };
    named.filter(move |(name, part)| {
        if is_file { ABOUT_A_FILE.contains(name) } else { !MADE_BY_DISCORD.contains(name) && !signed(name, part) }
    })
}
