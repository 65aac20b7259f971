//! What was said before: the channels that the bot can read, and their messages page by page.
//!
//! A channel's history has its threads in it, archived ones too. It keeps nothing between two pages: the page's name says
//! where it stands. Invariant: only messages between the two ends are given, and our own are not.

use serde_json::{Value, json};

use crate::model::{Millis, Past, Place, Platform, Seen};
use crate::ports::{Fault, Page, PortError};

use super::Discord;
use super::http::{Call, Method, fault};
use super::rights;
use super::said::posted_at;
use super::wire::id_of;

/// Messages and threads of one answer; Discord gives at most 100.
const LIST_MOST: usize = 100;
/// Threads of one channel whose history is read at once; the newest come first.
const THREADS_MOST: usize = 500;
/// Pages of archived threads that are looked through for those that were used since.
const THREAD_PAGES_MOST: usize = 20;
/// Channel types with messages or threads: text, voice, announcements, stage, forum, media.
const WITH_TEXT: [u64; 6] = [0, 2, 5, 13, 15, 16];
/// The refusal that means that this kind of channel has no messages of its own ("Cannot execute action on this channel
/// type").
const NO_MESSAGES: [&str; 1] = ["50024"];
/// Refusals that mean that it has no threads.
const NO_THREADS: [&str; 2] = ["50024", "50035"];

/// Where a history stands: in this channel, after this message; these threads follow.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    channel: u64,
    after: u64,
    threads: Vec<u64>,
    /// The threads have been looked up.
    listed: bool,
}

impl Cursor {
    fn text(&self) -> String {
        let threads: Vec<String> = self.threads.iter().map(u64::to_string).collect();
        format!("{}:{}:{}:{}", self.channel, self.after, u8::from(self.listed), threads.join(","))
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ':');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (channel, after, listed) = (number()?, number()?, number()? == 1);
        let threads = parts.next()?.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().ok());
        Some(Self { channel, after, listed, threads: threads.collect::<Option<Vec<u64>>>()? })
    }
}

impl Discord {
    pub(super) fn guild_path(&self, rest: &str) -> String {
        format!("/guilds/{}{rest}", self.config.guild)
    }

    pub(super) async fn get(&self, path: String) -> Result<Value, PortError> {
        let route = format!("GET {}", path.split('?').next().unwrap_or_default());
        self.rest.call(Call::bot(Method::GET, path, route)).await
    }

    /// Our own user id, also before a session has said it.
    pub(super) async fn own_id(&self) -> Result<u64, PortError> {
        match self.reader().me {
            0 => id_of(&self.get("/users/@me".into()).await?["id"]).ok_or_else(|| fault(Fault::Garbled)),
            me => Ok(me),
        }
    }

    /// The server's channels whose history the bot may read; their threads go with them.
    pub(super) async fn readable(&self) -> Result<Vec<Place>, PortError> {
        let (guild, me) = (self.config.guild, self.own_id().await?);
        let roles = self.get(self.guild_path("/roles")).await?;
        let held = rights::roles_of(&self.get(self.guild_path(&format!("/members/{me}"))).await?);
        let channels = self.get(self.guild_path("/channels")).await?;
        let base = rights::in_guild(guild, &roles, &held);
        let with_text = |c: &&Value| c["type"].as_u64().is_some_and(|kind| WITH_TEXT.contains(&kind));
        let open = |c: &&Value| rights::can_read(rights::in_channel(base, guild, me, &held, c), c);
        let found = channels.as_array().ok_or_else(|| fault(Fault::Garbled))?.iter().filter(with_text).filter(open);
        Ok(found.filter_map(|c| id_of(&c["id"])).map(|id| self.place_of(id)).collect())
    }

    pub(super) fn place_of(&self, channel: u64) -> Place {
        Place {
            platform: Platform::Discord,
            team: self.config.guild.to_string(),
            channel: channel.to_string(),
            thread: None,
            direct: false,
        }
    }

    /// One page of a channel's history.
    pub(super) async fn past(
        &self,
        place: &Place,
        after: &str,
        until: &str,
        page: Option<&str>,
    ) -> Result<Page, PortError> {
        let number = |id: &str| id.parse::<u64>().map_err(|_| fault(Fault::NotFound));
        let first = if after.is_empty() { 0 } else { number(after)? };
        let last = if until.is_empty() { u64::MAX } else { number(until)? };
        let home = number(place.thread.as_deref().unwrap_or(&place.channel))?;
        let mut at = match page {
            None => Cursor { channel: home, after: first, threads: Vec::new(), listed: place.direct },
            Some(text) => Cursor::read(text).ok_or_else(|| fault(Fault::Garbled))?,
        };
        let events = self.listed(at.channel, at.after).await?;
        let newest = events.iter().filter_map(|m| id_of(&m["id"])).max();
        let whole = events.len() >= LIST_MOST && newest.is_some_and(|id| id < last);
        let messages = self.of_history(events, place, last);
        if let Some(newest) = newest.filter(|_| whole) {
            at.after = newest;
            return Ok(Page { messages, next: Some(at.text()) });
        }
        if !at.listed {
            (at.threads, at.listed) = (self.threads_of(home, first).await?, true);
        }
        let next = at.threads.pop().map(|thread| Cursor { channel: thread, after: first, ..at }.text());
        Ok(Page { messages, next })
    }

    // The next messages after that one. A forum has none of its own.
    async fn listed(&self, channel: u64, after: u64) -> Result<Vec<Value>, PortError> {
        let path = format!("/channels/{channel}/messages?after={after}&limit={LIST_MOST}");
        match self.get(path).await {
            Ok(Value::Array(events)) => Ok(events),
            Ok(_) => Err(fault(Fault::Garbled)),
            Err(error) if has_no_list(&error, &NO_MESSAGES) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn of_history(&self, events: Vec<Value>, place: &Place, last: u64) -> Vec<Past> {
        let guild = if place.direct { Value::Null } else { json!(place.team) };
        let within = |event: &Value| id_of(&event["id"]).is_some_and(|id| id <= last);
        let read = |mut event: Value| {
            event["guild_id"] = guild.clone();
            self.reader().said(event, Seen::Listed).map(|(past, _)| past)
        };
        events.into_iter().filter(within).filter_map(read).collect()
    }

    // The threads of a channel in which something was posted after that message.
    async fn threads_of(&self, channel: u64, after: u64) -> Result<Vec<u64>, PortError> {
        let active = self.get(self.guild_path("/threads/active")).await?;
        let here = |thread: &&Value| id_of(&thread["parent_id"]) == Some(channel);
        let mut found: Vec<u64> = list(&active).iter().filter(here).filter_map(|t| used_since(t, after)).collect();
        found.extend(
            self.archived(channel, after, "archived/public", |t| text_at(t, "/thread_metadata/archive_timestamp"))
                .await?,
        );
        let joined = "users/@me/threads/archived/private";
        found.extend(self.archived(channel, after, joined, |t| text_at(t, "/id")).await?);
        found.sort_unstable();
        found.dedup();
        if found.len() > THREADS_MOST {
            tracing::warn!(threads = found.len(), "discord.history.too_many_threads");
            found.drain(..found.len() - THREADS_MOST);
        }
        Ok(found)
    }

    // Archived threads, the latest archived first; `name` is what the next page is asked with.
    async fn archived(
        &self,
        channel: u64,
        after: u64,
        kind: &str,
        name: fn(&Value) -> Option<String>,
    ) -> Result<Vec<u64>, PortError> {
        let prefix = if kind.starts_with("users") { String::new() } else { "threads/".into() };
        let (mut found, mut before) = (Vec::new(), String::new());
        for _ in 0..THREAD_PAGES_MOST {
            let path = format!("/channels/{channel}/{prefix}{kind}?limit={LIST_MOST}{before}");
            let answer = match self.get(path).await {
                Ok(answer) => answer,
                // It may not be there for this kind of channel, or for us.
                Err(error) if has_no_list(&error, &NO_THREADS) || matches!(error.fault, Fault::Forbidden) => break,
                Err(error) => return Err(error),
            };
            let threads = list(&answer);
            found.extend(threads.iter().filter_map(|t| used_since(t, after)));
            let oldest = threads.last();
            let archived = oldest.and_then(|t| text_at(t, "/thread_metadata/archive_timestamp"));
            let past_it = archived.and_then(|at| Millis::from_rfc3339(&at)).is_none_or(|at| at < posted_at(after));
            let Some(name) = oldest.and_then(name).filter(|_| answer["has_more"] == true && !past_it) else { break };
            before = format!("&before={}", url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>());
        }
        Ok(found)
    }
}

fn has_no_list(error: &PortError, codes: &[&str]) -> bool {
    matches!(&error.fault, Fault::Refused { code, .. } if codes.contains(&code.as_str()))
}

fn list(answer: &Value) -> &[Value] {
    answer["threads"].as_array().map_or(&[], Vec::as_slice)
}

fn text_at(thread: &Value, pointer: &str) -> Option<String> {
    thread.pointer(pointer)?.as_str().map(str::to_owned)
}

// The thread, where it may have messages after that one.
fn used_since(thread: &Value, after: u64) -> Option<u64> {
    let last = id_of(&thread["last_message_id"]);
    id_of(&thread["id"]).filter(|_| last.is_none_or(|last| last > after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_it_stands() {
        let at = Cursor { channel: 5, after: 9, threads: vec![7, 8], listed: true };
        assert_eq!(at.text(), "5:9:1:7,8");
        assert_eq!(Cursor::read(&at.text()), Some(at));
        let bare = Cursor { channel: 5, after: 0, threads: vec![], listed: false };
        assert_eq!(Cursor::read(&bare.text()), Some(bare));
        for bad in ["", "5", "5:9:1", "x:9:1:", "5:9:1:x", "5:9:1:7,,x"] {
            assert_eq!(Cursor::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn threads_that_were_not_used_since_are_left_out() {
        assert_eq!(used_since(&json!({"id": "7", "last_message_id": "9"}), 8), Some(7));
        assert_eq!(used_since(&json!({"id": "7", "last_message_id": "8"}), 8), None);
        assert_eq!(used_since(&json!({"id": "7", "last_message_id": null}), 8), Some(7));
    }
}
