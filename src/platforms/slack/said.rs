//! From Slack's message events and its history to what was said. Pure.
//!
//! It judges nothing and reads no files. Invariants: every string of a message leaves as `Untrusted`, whatever member
//! it stands in; what a message said before an edit or a removal is no new leak, and our own messages never leave.

use serde::Deserialize;
use serde_json::Value;

use crate::guard::{Secret, Untrusted};
use crate::model::{Account, FileRef, Happening, Millis, Past, Place, Platform, SECOND_MS, Said, Seen};

use super::read::{Reader, first};
use super::wire::{Event, File, User, spoken};

/// The deepest nesting that is searched for texts; `serde_json` itself reads no deeper than 128.
const DEPTH_MOST: u8 = 128;
/// A member name of more bytes may be somebody's text (metadata); a key of ours has at least twice as many.
const KNOWN_KEY_MOST: usize = 12;
/// Members of a message that repeat another one: what it was before, and what its thread began with.
const OTHER_MESSAGES: [&str; 3] = ["previous_message", "root", "message"];
/// The subtypes that change what a channel is called or about.
const TOPICS: [&str; 6] =
    ["channel_topic", "channel_purpose", "channel_name", "group_topic", "group_purpose", "group_name"];
/// The modes of files of which nothing is left to read.
const NO_CONTENT: [&str; 2] = ["tombstone", "hidden_by_limit"];
/// Members that hold ids and marks of Slack's.
const IDS: [&str; 21] = [
    "type",
    "subtype",
    "ts",
    "event_ts",
    "thread_ts",
    "deleted_ts",
    "latest_reply",
    "parent_user_id",
    "user",
    "user_id",
    "user_team",
    "source_team",
    "team",
    "team_id",
    "channel",
    "channel_type",
    "bot_id",
    "app_id",
    "block_id",
    "id",
    "mode",
];
/// The longest of them, in characters: shorter than any key.
const ID_MOST: usize = 20;
/// Characters of the number that a client gives to a message.
const UUID_CHARS: usize = 36;
/// Where Slack keeps files: the addresses are Slack's own, and look generated.
const AT_SLACK: [&str; 2] = ["https://files.slack.com/", "https://slack-files.com/"];

/// What a message event tells.
pub(super) fn told(event: &Event, raw: &Value) -> Option<Happening> {
    match event.subtype.word() {
        "message_deleted" => Some(Happening::Gone { message: event.deleted_ts.word().to_owned() }),
        // Slack tells a thread's parent that it has an answer; the answer comes by itself.
        "message_replied" => None,
        "message_changed" => {
            let inner = event.message.as_deref()?;
            if inner.subtype.word() == "tombstone" {
                return Some(Happening::Gone { message: inner.ts.word().to_owned() });
            }
            Some(Happening::Said(said(inner, &raw["message"], Seen::Edited)))
        }
        topic if TOPICS.contains(&topic) => {
            Some(Happening::Said(Said { message: String::new(), ..said(event, raw, Seen::Topic) }))
        }
        _ => Some(Happening::Said(said(event, raw, Seen::New))),
    }
}

fn said(message: &Event, raw: &Value, seen: Seen) -> Said {
    Said {
        message: message.ts.word().to_owned(),
        seen,
        wrote: Untrusted::from(message.text.word()).map_lossless(|t| spoken(&t)),
        texts: all_texts(raw),
        files: message.files.iter().flatten().filter_map(file).collect(),
        by_app: message.bot_id.is_some(),
    }
}

/// A message that somebody pointed at, and when it was posted.
pub(super) fn pointed_at(message: &Event, raw: &Value) -> Option<(Said, Millis)> {
    Some((said(message, raw, Seen::Listed), posted_at(message.ts.word())?))
}

/// A file as it is looked up, or as a message names it; one without content is none.
pub(super) fn file(file: &File) -> Option<FileRef> {
    if file.id.word().is_empty() || NO_CONTENT.contains(&file.mode.word()) {
        return None;
    }
    Some(FileRef {
        id: file.id.word().to_owned(),
        name: Untrusted::from(file.name.word()),
        media: file.mimetype.word().to_owned(),
        bytes: file.size.0,
        url: Secret::new(first(&[file.url_private_download.word(), file.url_private.word()])),
    })
}

impl Reader {
    /// A message of the history; nothing for ours, and for what only marks where one was.
    pub(super) fn listed(&self, raw: &Value, place: &Place) -> Option<Past> {
        let message = Event::deserialize(raw).ok()?;
        if self.ours(&message, &self.bot_user) || message.subtype.word() == "tombstone" {
            return None;
        }
        let thread = Some(message.thread_ts.word()).filter(|ts| !ts.is_empty()).map(str::to_owned);
        Some(Past {
            account: self.author(&message, ""),
            place: Place { thread, ..place.clone() },
            at: posted_at(message.ts.word())?,
            said: said(&message, raw, Seen::Listed),
        })
    }

    /// Who wrote it, with the home team; an app by its bot id.
    pub(super) fn author(&self, message: &Event, team: &str) -> Account {
        let home = first(&[
            message.user_team.word(),
            message.source_team.word(),
            message.user_profile.as_ref().map_or("", |p: &User| p.team_id.word()),
            message.team.word(),
            team,
            &self.team,
        ]);
        let user = first(&[message.user.word(), message.bot_id.word()]);
        Account { platform: Platform::Slack, team: home.to_owned(), user: user.to_owned() }
    }
}

/// When a message was posted: its id says it, in seconds and microseconds.
pub(super) fn posted_at(ts: &str) -> Option<Millis> {
    micros(ts).map(|us| Millis(us.div_euclid(1_000)))
}

/// A message id as a number: microseconds since 1970.
pub(super) fn micros(ts: &str) -> Option<i64> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    if fraction.len() > 6 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(fraction)
}

/// The id that a message of that moment would have at least.
pub(super) fn id_at(at: Millis) -> String {
    let ms = at.0.max(0);
    format!("{}.{:06}", ms / SECOND_MS, ms % SECOND_MS * 1_000)
}

fn all_texts(message: &Value) -> Vec<Untrusted> {
    let mut texts = Vec::new();
    let Value::Object(map) = message else { return texts };
    for (key, inner) in map.iter().filter(|(key, _)| !OTHER_MESSAGES.contains(&key.as_str())) {
        gather(key, inner, DEPTH_MOST, &mut texts);
    }
    texts
}

fn gather(key: &str, value: &Value, depth: u8, texts: &mut Vec<Untrusted>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if key.len() > KNOWN_KEY_MOST {
        texts.push(Untrusted::from(key));
    }
    match value {
        Value::String(text) if !text.is_empty() && !is_slacks(key, text) => {
            texts.push(Untrusted::from(text.as_str()).map_lossless(|t| spoken(&t)));
        }
        Value::Array(list) => list.iter().for_each(|inner| gather("", inner, depth, texts)),
        Value::Object(map) => map.iter().for_each(|(key, inner)| gather(key, inner, depth, texts)),
        _ => {}
    }
}

// What Slack made itself: ids, and the addresses of files and of their thumbnails. Apps can set some of these members;
// what is longer than an id is looked at.
fn is_slacks(key: &str, text: &str) -> bool {
    if key == "client_msg_id" {
        return text.len() == UUID_CHARS && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    }
    if IDS.contains(&key) {
        return text.len() <= ID_MOST;
    }
    let about_files = key.starts_with("thumb_") || key.starts_with("url_private") || key.starts_with("permalink");
    about_files && AT_SLACK.iter().any(|host| text.starts_with(host))
}
