//! What goes out: posts, edits, answers, direct messages, and the look-up of a post whose record was lost.
//!
//! A post carries a nonce, so that repeating it within minutes makes no second message; later it is found by its mark
//! in the footer, since Discord forgets nonces. Invariant: nothing is posted that has not passed the guard.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use reqwest::Method;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::guard::{Redacted, Secret};
use crate::model::{Account, Address, AnswerMode, Form, Message, Platform, Posted, Tone, hex};
use crate::ports::{Chat, CheckUp, Counts, Fault, Liveness, PortError};

use super::Discord;
use super::http::{Call, fault};
use super::read::Handle;
use super::render::{self, FOOTER_GAP};
use super::wire::id_of;

/// Hexadecimal digits of a nonce; Discord takes 25 characters.
const NONCE_DIGITS: usize = 24;
/// Hexadecimal digits of the mark in the footer: short to look at, and enough within a channel's newest messages.
const MARK_DIGITS: usize = 8;
/// Messages of one page of a look-up; Discord gives at most 100.
const PAGE: usize = 100;
/// Pages of one look-up.
const PAGES_MOST: usize = 3;
/// Direct-message channels that are remembered.
const DIRECTS_MOST: usize = 1_000;

/// The direct-message channels that are known, by user.
#[derive(Default)]
pub(super) struct Directs(Mutex<HashMap<u64, u64>>);

impl Directs {
    fn known(&self, user: u64) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&user).copied()
    }

    fn note(&self, user: u64, channel: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= DIRECTS_MOST {
            known.clear();
        }
        known.insert(user, channel);
    }
}

/// What a key becomes on the wire.
struct Mark {
    nonce: String,
    short: String,
}

impl Mark {
    fn of(key: &str) -> Self {
        let hex = hex(digest(&SHA256, key.as_bytes()).as_ref());
        Self { nonce: hex.chars().take(NONCE_DIGITS).collect(), short: hex.chars().take(MARK_DIGITS).collect() }
    }

    fn is_on(&self, message: &Value) -> bool {
        let footer = message["embeds"][0]["footer"]["text"].as_str().unwrap_or_default();
        message["nonce"] == self.nonce.as_str() || footer.split(FOOTER_GAP).last() == Some(self.short.as_str())
    }
}

fn number(id: &str) -> Result<u64, PortError> {
    id.parse().map_err(|_| fault(Fault::NotFound))
}

impl Discord {
    async fn channel_of(&self, to: &Address) -> Result<u64, PortError> {
        match to {
            Address::Channel { place } => number(place.thread.as_deref().unwrap_or(&place.channel)),
            Address::Direct { account } => self.direct(account).await,
        }
    }

    async fn direct(&self, account: &Account) -> Result<u64, PortError> {
        let user = number(&account.user)?;
        if let Some(channel) = self.directs.known(user) {
            return Ok(channel);
        }
        let call = Call::bot(Method::POST, "/users/@me/channels", "POST users/@me/channels");
        let opened = self.rest.call(call.body(json!({"recipient_id": user.to_string()}))).await?;
        let channel = id_of(&opened["id"]).ok_or_else(|| fault(Fault::Garbled))?;
        self.directs.note(user, channel);
        Ok(channel)
    }

    /// Posts a prepared body into a channel.
    async fn put(&self, channel: u64, body: Value) -> Result<Posted, PortError> {
        let path = format!("/channels/{channel}/messages");
        let route = format!("POST {path}");
        let made = self.rest.call(Call::bot(Method::POST, path, route).body(body)).await?;
        posted(channel, &made).ok_or_else(|| fault(Fault::Garbled))
    }

    /// Tells a person something that no interaction can carry: directly, else with a line where they spoke that says
    /// how to be reached.
    pub(super) async fn tell(&self, account: &Account, channel: &str, message: &Message) -> Result<(), PortError> {
        let failed = match self.direct(account).await {
            Ok(to) => match self.put(to, created(message, None)).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if failed.passing() || self.directs.known(number(&account.user)?) == Some(number(channel)?) {
            return Err(failed);
        }
        let hint = Message::titled(Tone::Caution, "The answer is private, and you take no direct messages.")
            .text("Allow direct messages from this server, or ask with /seqn instead.");
        self.put(number(channel)?, created(&hint, None)).await.map(|_| ())
    }

    /// Answers an interaction through its handle; the first answer fills the response that was deferred.
    pub(super) async fn fill(&self, handle: &Handle, message: &Message) -> Result<(), PortError> {
        let path = format!("/webhooks/{}/{}/messages/@original", handle.app, handle.token);
        let route = format!("PATCH webhooks/{}", handle.id);
        let call = Call::interaction(Method::PATCH, path, route).body(render::body(message, None));
        self.rest.call(call).await.map(|_| ())
    }
}

// A new message's body names no empty parts.
fn created(message: &Message, mark: Option<&Mark>) -> Value {
    let mut body = render::body(message, mark.map(|m| m.short.as_str()));
    if let Some(parts) = body.as_object_mut() {
        parts.retain(|_, part| !part.as_array().is_some_and(Vec::is_empty) && *part != "");
        if let Some(mark) = mark {
            parts.insert("nonce".into(), json!(mark.nonce));
            parts.insert("enforce_nonce".into(), json!(true));
        }
    }
    body
}

fn posted(channel: u64, message: &Value) -> Option<Posted> {
    let id = id_of(&message["id"])?;
    Some(Posted { platform: Platform::Discord, channel: channel.to_string(), message: id.to_string() })
}

#[async_trait]
impl Chat for Discord {
    fn platform(&self) -> Platform {
        Platform::Discord
    }

    fn liveness(&self) -> Liveness {
        self.live.borrow().clone()
    }

    fn counts(&self) -> Counts {
        self.tally.counts()
    }

    async fn check_up(&self, channels: &[String]) -> Vec<CheckUp> {
        self.checked(channels).await
    }

    async fn post(&self, to: &Address, message: &Redacted<Message>, key: &str) -> Result<Posted, PortError> {
        let channel = self.channel_of(to).await?;
        self.put(channel, created(message, Some(&Mark::of(key)))).await
    }

    async fn find(&self, to: &Address, key: &str) -> Result<Option<Posted>, PortError> {
        let (channel, mark) = (self.channel_of(to).await?, Mark::of(key));
        let mut before = None::<u64>;
        for _ in 0..PAGES_MOST {
            let older = before.map(|id| format!("&before={id}")).unwrap_or_default();
            let path = format!("/channels/{channel}/messages?limit={PAGE}{older}");
            let call = Call::bot(Method::GET, path, format!("GET /channels/{channel}/messages"));
            let page = self.rest.call(call).await?;
            let messages = page.as_array().ok_or_else(|| fault(Fault::Garbled))?;
            let ours = |m: &&Value| self.reader().me == 0 || id_of(&m["author"]["id"]) == Some(self.reader().me);
            if let Some(found) = messages.iter().filter(ours).find(|m| mark.is_on(m)) {
                return Ok(posted(channel, found));
            }
            before = messages.iter().filter_map(|m| id_of(&m["id"])).min();
            if messages.len() < PAGE || before.is_none() {
                break;
            }
        }
        Ok(None)
    }

    async fn edit(&self, at: &Posted, message: &Redacted<Message>) -> Result<(), PortError> {
        let (channel, id) = (number(&at.channel)?, number(&at.message)?);
        let route = format!("PATCH /channels/{channel}/messages");
        let call = Call::bot(Method::PATCH, format!("/channels/{channel}/messages/{id}"), route);
        self.rest.call(call.body(render::body(message, None))).await.map(|_| ())
    }

    // `@original` is what the first answer made or replaced, so both modes mean the same message by now.
    async fn answer(&self, handle: &Secret, _mode: AnswerMode, message: &Redacted<Message>) -> Result<(), PortError> {
        let handle = Handle::opened(handle).ok_or_else(|| fault(Fault::NotFound))?;
        self.fill(&handle, message).await
    }

    async fn open_form(&self, _handle: &Secret, _form: &Redacted<Form>) -> Result<(), PortError> {
        Err(fault(Fault::NoRoute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_nonce_or_by_mark() {
        let mark = Mark::of("outbox:17");
        assert_eq!((mark.nonce.len(), mark.short.len()), (NONCE_DIGITS, MARK_DIGITS));
        let body = created(&Message::titled(Tone::Plain, "Hi").reference("rq-1"), Some(&mark));
        assert!(mark.is_on(&json!({"embeds": body["embeds"]})));
        assert!(mark.is_on(&json!({"nonce": mark.nonce})));
        assert!(!Mark::of("outbox:18").is_on(&body) && !mark.is_on(&Value::Null));
        assert_eq!(body["enforce_nonce"], true);
        assert!(body.get("components").is_none());
    }
}
