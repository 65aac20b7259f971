//! What was said before: the channels that the bot is in, and their messages page by page.
//!
//! A channel's history has its threads in it. It keeps nothing between two pages: the page's name says where it
//! stands. Invariant: only messages between the two ends are given, and our own are not.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{MINUTE_MS, Place, Platform};
use crate::ports::{Fault, Page, PortError};

use super::Slack;
use super::http::SYSTEM;
use super::moderate::messages;
use super::said::{id_at, micros, posted_at};

/// Messages of one page: Slack's advice.
const PAGE: usize = 200;
/// Channels of one page.
const CHANNELS_PAGE: usize = 200;
/// Pages of channels that are read: ten thousand channels.
const CHANNELS_PAGES_MOST: usize = 50;
/// Threads of one channel that are read again: the newest ones, since history begins with them.
const THREADS_MOST: usize = 500;
/// How much older than the gap a thread's beginning may be for its answers to be read: Slack has no list of threads.
const THREADS_BACK_MS: i64 = 14 * 24 * 60 * MINUTE_MS;

/// Where a history stands.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// Slack's cursor in the channel; none at its beginning.
    channel: Option<String>,
    /// The channel itself was read.
    read: bool,
    /// The threads that are to be read; the last one is being read.
    threads: Vec<String>,
    /// Slack's cursor in that thread.
    thread: Option<String>,
}

/// The part of a history that was asked for, both ends in microseconds.
#[derive(Clone, Copy)]
struct Span {
    after: i64,
    until: i64,
}

impl Span {
    fn holds(&self, ts: &str) -> bool {
        micros(ts).is_some_and(|at| at > self.after && at <= self.until)
    }
}

fn garbled() -> PortError {
    PortError::new(SYSTEM, Fault::Garbled)
}

fn next_cursor(answer: &Value) -> Option<String> {
    answer["response_metadata"]["next_cursor"].as_str().filter(|cursor| !cursor.is_empty()).map(str::to_owned)
}

impl Slack {
    /// The channels that the bot is in.
    pub(super) async fn joined(&self) -> Result<Vec<Place>, PortError> {
        let mut found = Vec::new();
        let each = |channel: &Value| {
            found.extend(channel["id"].as_str().map(|id| self.place_of(id)));
            false
        };
        self.channel_where(each).await?;
        Ok(found)
    }

    /// The first of the channels that the bot is in of which that is true.
    pub(super) async fn channel_where(
        &self,
        mut meant: impl FnMut(&Value) -> bool + Send,
    ) -> Result<Option<Value>, PortError> {
        let mut cursor = None;
        for _ in 0..CHANNELS_PAGES_MOST {
            let mut query = vec![
                ("types", "public_channel,private_channel".to_owned()),
                ("exclude_archived", "true".to_owned()),
                ("limit", CHANNELS_PAGE.to_string()),
            ];
            query.extend(cursor.map(|cursor| ("cursor", cursor)));
            let answer = self.web.get("users.conversations", &query).await?;
            let channels = answer["channels"].as_array().ok_or_else(garbled)?;
            if let Some(found) = channels.iter().find(|channel| meant(channel)) {
                return Ok(Some(found.clone()));
            }
            cursor = next_cursor(&answer);
            if cursor.is_none() {
                return Ok(None);
            }
        }
        tracing::warn!(channels = CHANNELS_PAGE * CHANNELS_PAGES_MOST, "slack.too_many_channels");
        Ok(None)
    }

    pub(super) fn place_of(&self, channel: &str) -> Place {
        Place {
            platform: Platform::Slack,
            team: self.team.clone(),
            channel: channel.to_owned(),
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
        let end = |ts: &str, open: i64| if ts.is_empty() { Ok(open) } else { micros(ts).ok_or_else(garbled) };
        let span = Span { after: end(after, -1)?, until: end(until, i64::MAX)? };
        let mut at = match page {
            None => Cursor::default(),
            Some(text) => serde_json::from_str(text).map_err(|_| garbled())?,
        };
        let raw = if at.read {
            self.thread_page(place, after, &mut at).await?
        } else {
            self.channel_page(place, after, until, span, &mut at).await?
        };
        let reader = self.reader();
        let within = raw.iter().filter(|one| one["ts"].as_str().is_some_and(|ts| span.holds(ts)));
        let messages = within.filter_map(|one| reader.listed(one, place)).collect();
        let more = !at.read || !at.threads.is_empty();
        let next = if more { Some(serde_json::to_string(&at).map_err(|_| garbled())?) } else { None };
        Ok(Page { messages, next })
    }

    async fn channel_page(
        &self,
        place: &Place,
        after: &str,
        until: &str,
        span: Span,
        at: &mut Cursor,
    ) -> Result<Vec<Value>, PortError> {
        let mut query = vec![
            ("channel", place.channel.clone()),
            ("limit", PAGE.to_string()),
            ("inclusive", "true".to_owned()),
            ("include_all_metadata", "true".to_owned()),
        ];
        if let Some(moment) = posted_at(after) {
            query.push(("oldest", id_at(moment.plus_ms(-THREADS_BACK_MS))));
        }
        if !until.is_empty() {
            query.push(("latest", until.to_owned()));
        }
        query.extend(at.channel.take().map(|cursor| ("cursor", cursor)));
        let answer = self.web.get("conversations.history", &query).await?;
        let raw = messages(&answer)?;
        for one in raw {
            let answered = one["latest_reply"].as_str().and_then(micros).is_some_and(|last| last > span.after);
            if answered && at.threads.len() < THREADS_MOST {
                at.threads.extend(one["ts"].as_str().map(str::to_owned));
            }
        }
        at.channel = next_cursor(&answer);
        at.read = at.channel.is_none();
        Ok(raw.clone())
    }

    async fn thread_page(&self, place: &Place, after: &str, at: &mut Cursor) -> Result<Vec<Value>, PortError> {
        let Some(thread) = at.threads.last() else { return Ok(Vec::new()) };
        let mut query = vec![
            ("channel", place.channel.clone()),
            ("ts", thread.clone()),
            ("limit", PAGE.to_string()),
            ("include_all_metadata", "true".to_owned()),
        ];
        if !after.is_empty() {
            query.push(("oldest", after.to_owned()));
        }
        query.extend(at.thread.take().map(|cursor| ("cursor", cursor)));
        let raw = match self.web.get("conversations.replies", &query).await {
            Ok(answer) => {
                at.thread = next_cursor(&answer);
                messages(&answer)?.clone()
            }
            // It was deleted meanwhile.
            Err(PortError { fault: Fault::Refused { code, .. }, .. }) if code == "thread_not_found" => Vec::new(),
            Err(error) => return Err(error),
        };
        if at.thread.is_none() {
            at.threads.pop();
        }
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_where_it_stands() {
        let at = Cursor { channel: None, read: true, threads: vec!["1.000001".into()], thread: Some("next".into()) };
        let text = serde_json::to_string(&at).expect("it is JSON");
        assert_eq!(serde_json::from_str::<Cursor>(&text).expect("it is ours"), at);
        let span = Span { after: 1_000_001, until: 3_000_000 };
        for (ts, within) in
            [("1.000001", false), ("1.000002", true), ("3.000000", true), ("3.000001", false), ("x", false)]
        {
            assert_eq!(span.holds(ts), within, "{ts}");
        }
    }
}
