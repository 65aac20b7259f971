//! What goes out to Slack: messages, edits, private answers, forms; and looking for what was posted.
//!
//! It keeps no queue and retries nothing: the outbox does. Invariant: every call ends, and everything that it sends
//! is a `Redacted` message or form.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::guard::{Redacted, Secret};
use crate::model::{Account, Address, AnswerMode, Envelope, Form, Message, Place, Platform, Posted};
use crate::ports::{Chat, CheckUp, Counts, Fault, Liveness, PortError};

use super::Slack;
use super::form;
use super::http::{Base, CALL_DEADLINE, SYSTEM, Token, code_fault, rate_limited, status_fault};
use super::limit::Turn;
use super::render;
use super::wire::Handle;

/// How long a message waits for its channel's turn before the outbox is told to come back.
const TURN_PATIENCE: Duration = Duration::from_secs(3);
/// Messages in one page of a search, Slack's advice.
const PAGE: usize = 100;
/// Pages of a search: a message whose record was lost is among the newest ones.
const PAGES_MOST: usize = 5;
/// Direct conversations whose ids are remembered.
const DIRECTS_MOST: usize = 1_024;
/// The most of a `response_url`'s answer that is read, in bytes; it is `ok` or a short JSON object.
const HOOK_ANSWER_MOST: usize = 4_096;
/// Marks messages of ours in their metadata.
const EVENT_TYPE: &str = "seqn_chatops";

/// The ids of direct conversations, by user.
#[derive(Default)]
pub(super) struct Directs(Mutex<HashMap<String, String>>);

impl Directs {
    fn get(&self, user: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(user).cloned()
    }

    fn keep(&self, user: &str, channel: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= DIRECTS_MOST {
            known.clear();
        }
        known.insert(user.to_owned(), channel.to_owned());
    }
}

/// Plain HTTP for what is not a Web API method: `response_url`s, and the header with the granted scopes.
pub(super) struct Hooks {
    client: reqwest::Client,
    base: Base,
    bot: Secret,
}

impl Hooks {
    /// A client that follows no redirect: the target was checked, the next one would not be.
    pub(super) fn new(base: Base, bot: Secret) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(CALL_DEADLINE)
            .build()
            .map_err(|_| "The HTTP client cannot be set up. Check the system's certificate authorities.".to_owned())?;
        Ok(Self { client, base, bot })
    }

    async fn post(&self, url: &str, body: &Value) -> Result<(), PortError> {
        let url = self.base.hook(url).ok_or_else(|| refused("response_url_not_at_slack"))?;
        // reqwest's errors name the URL, which is a secret: only their kind is kept.
        let mut answer =
            self.client.post(url).json(body).send().await.map_err(|e| {
                PortError::new(SYSTEM, if e.is_connect() { Fault::Unreachable } else { Fault::NoAnswer })
            })?;
        match answer.status().as_u16() {
            200..=299 => {}
            404 | 410 => return Err(PortError::new(SYSTEM, Fault::NotFound)),
            429 => {
                let after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
                return Err(PortError::new(SYSTEM, rate_limited(after.map(Duration::from_secs))));
            }
            status => return Err(PortError::new(SYSTEM, status_fault(status))),
        }
        let mut text = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            text.extend_from_slice(&chunk[..chunk.len().min(HOOK_ANSWER_MOST - text.len())]);
            if text.len() >= HOOK_ANSWER_MOST {
                break;
            }
        }
        match serde_json::from_slice::<Value>(&text) {
            Ok(said) if said["ok"] == false => match said["error"].as_str().unwrap_or_default() {
                "used_url" | "expired_url" | "no_hook" => Err(PortError::new(SYSTEM, Fault::NotFound)),
                code => Err(PortError::new(SYSTEM, code_fault(code))),
            },
            // A page is no answer of Slack's: something between us and it has answered instead.
            Err(_) if text.trim_ascii_start().starts_with(b"<") => Err(garbled()),
            _ => Ok(()),
        }
    }

    /// The scopes that Slack says the bot token has; `None` where it does not say.
    pub(super) async fn granted_scopes(&self) -> Option<Vec<String>> {
        let url = format!("{}/auth.test", self.base.api());
        let answer = self.client.post(url).bearer_auth(self.bot.expose()).send().await.ok()?;
        let scopes = answer.headers().get("x-oauth-scopes")?.to_str().ok()?;
        Some(scopes.split(',').map(|scope| scope.trim().to_owned()).collect())
    }
}

fn refused(code: &str) -> PortError {
    PortError::new(SYSTEM, Fault::Refused { status: 0, code: code.to_owned() })
}

fn garbled() -> PortError {
    PortError::new(SYSTEM, Fault::Garbled)
}

fn read_handle(handle: &Secret) -> Result<Handle, PortError> {
    serde_json::from_str(handle.expose()).map_err(|_| garbled())
}

impl Slack {
    /// Answers right after the ack: by the reply handle, else in the channel for one person, else directly.
    pub(super) async fn tell(&self, to: &Envelope, mode: AnswerMode, message: &Message) -> Result<(), PortError> {
        if let Some(reply) = &to.reply {
            let handle = read_handle(&reply.handle)?;
            if !handle.url.is_empty() {
                return self.hooks.post(&handle.url, &hook_body(&handle, mode, message)).await;
            }
        }
        if !to.place.direct && !to.place.channel.is_empty() {
            let sent = self.whisper_in(&to.place, &to.account.user, message).await;
            // Where it may have been shown, a second copy would only confuse.
            if sent.is_ok() || sent.as_ref().is_err_and(PortError::ambiguous) {
                return sent;
            }
        }
        let channel = self.direct(&to.account).await?;
        let body = post_body(&channel, None, message, None);
        self.paced(&channel, "chat.postMessage", &body).await.map(drop)
    }

    /// Says something in a channel that one person alone sees.
    pub(super) async fn whisper_in(&self, place: &Place, user: &str, message: &Message) -> Result<(), PortError> {
        let mut body = post_body(&place.channel, place.thread.as_deref(), message, None);
        body["user"] = json!(user);
        // What is whispered is never unfurled, and Slack knows no such arguments here.
        for name in ["mrkdwn", "unfurl_links", "unfurl_media"] {
            body.as_object_mut().and_then(|fields| fields.remove(name));
        }
        self.paced(&place.channel, "chat.postEphemeral", &body).await.map(drop)
    }

    /// Opens a form by a handle's trigger, within that time.
    pub(super) async fn open(&self, handle: &Handle, form: &Form, within: Duration) -> Result<(), PortError> {
        if handle.trigger.is_empty() {
            return Err(refused("no_trigger_id"));
        }
        let view = form::modal(form, &handle.channel, &handle.thread);
        let body = json!({"trigger_id": handle.trigger, "view": view});
        let call = self.web.post(Token::Bot, "views.open", &body);
        match tokio::time::timeout(within, call).await {
            Ok(answer) => answer.map(drop),
            Err(_) => Err(PortError::new(SYSTEM, Fault::NoAnswer)),
        }
    }

    /// A call that takes a turn in its channel and honours a pause that Slack asks for.
    async fn paced(&self, channel: &str, method: &str, body: &Value) -> Result<Value, PortError> {
        let turn = self.pacer().turn(channel, Instant::now(), TURN_PATIENCE);
        match turn {
            Turn::After(wait) => tokio::time::sleep(wait).await,
            Turn::Later(wait) => return Err(PortError::new(SYSTEM, rate_limited(Some(wait)))),
        }
        let answer = self.web.post(Token::Bot, method, body).await;
        if let Err(PortError { fault: Fault::RateLimited { after_ms }, .. }) = &answer {
            let pause = Duration::from_millis(u64::try_from(*after_ms).unwrap_or_default());
            self.pacer().pause(channel, Instant::now(), pause);
        }
        answer
    }

    async fn direct(&self, account: &Account) -> Result<String, PortError> {
        if let Some(channel) = self.directs.get(&account.user) {
            return Ok(channel);
        }
        let answer = self.web.post(Token::Bot, "conversations.open", &json!({"users": account.user})).await?;
        let channel = answer["channel"]["id"].as_str().ok_or_else(garbled)?;
        self.directs.keep(&account.user, channel);
        Ok(channel.to_owned())
    }

    /// Channel and thread of an address.
    async fn whereabouts<'a>(&self, to: &'a Address) -> Result<(String, Option<&'a str>), PortError> {
        match to {
            _ if to.platform() != Platform::Slack => Err(refused("not_a_slack_address")),
            Address::Channel { place } => Ok((place.channel.clone(), place.thread.as_deref())),
            Address::Direct { account } => Ok((self.direct(account).await?, None)),
        }
    }

    // Others may write the same metadata: only our own message counts.
    fn is_mine(&self, message: &Value, key: &str) -> bool {
        let metadata = &message["metadata"];
        let me = self.identity();
        metadata["event_type"] == EVENT_TYPE
            && metadata["event_payload"]["key"] == key
            && me.is_none_or(|me| message["bot_id"] == me.bot_id.as_str() || message["user"] == me.bot_user.as_str())
    }
}

fn post_body(channel: &str, thread: Option<&str>, message: &Message, key: Option<&str>) -> Value {
    let rendered = render::message(message);
    let mut body = json!({
        "channel": channel, "text": rendered.text, "blocks": rendered.blocks, "mrkdwn": false, "parse": "none",
        "link_names": false, "unfurl_links": false, "unfurl_media": false,
    });
    if let Some(thread) = thread {
        body["thread_ts"] = json!(thread);
    }
    if let Some(key) = key {
        body["metadata"] = json!({"event_type": EVENT_TYPE, "event_payload": {"key": key}});
    }
    body
}

fn hook_body(handle: &Handle, mode: AnswerMode, message: &Message) -> Value {
    let rendered = render::message(message);
    // A public message is never replaced by a private answer.
    let replace = mode == AnswerMode::Replace && handle.replaceable;
    json!({
        "response_type": "ephemeral", "replace_original": replace, "text": rendered.text, "blocks": rendered.blocks,
        "unfurl_links": false, "unfurl_media": false,
    })
}

#[async_trait]
impl Chat for Slack {
    fn platform(&self) -> Platform {
        Platform::Slack
    }

    fn liveness(&self) -> Liveness {
        self.lanes.liveness()
    }

    fn counts(&self) -> Counts {
        self.tally.counts()
    }

    async fn check_up(&self, channels: &[String]) -> Vec<CheckUp> {
        self.checked(channels).await
    }

    async fn post(&self, to: &Address, message: &Redacted<Message>, key: &str) -> Result<Posted, PortError> {
        let (channel, thread) = self.whereabouts(to).await?;
        let body = post_body(&channel, thread, message, Some(key));
        let answer = self.paced(&channel, "chat.postMessage", &body).await?;
        let ts = answer["ts"].as_str().ok_or_else(garbled)?.to_owned();
        let channel = answer["channel"].as_str().map_or(channel, str::to_owned);
        Ok(Posted { platform: Platform::Slack, channel, message: ts })
    }

    async fn find(&self, to: &Address, key: &str) -> Result<Option<Posted>, PortError> {
        let (channel, thread) = self.whereabouts(to).await?;
        let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let mut cursor = String::new();
        for _ in 0..PAGES_MOST {
            let mut query = vec![
                ("channel", channel.clone()),
                ("include_all_metadata", "true".to_owned()),
                ("limit", PAGE.to_string()),
            ];
            if let Some(thread) = thread {
                query.push(("ts", thread.to_owned()));
            }
            if !cursor.is_empty() {
                query.push(("cursor", cursor.clone()));
            }
            let answer = self.web.get(method, &query).await?;
            let messages = answer["messages"].as_array().ok_or_else(garbled)?;
            if let Some(found) = messages.iter().find(|m| self.is_mine(m, key)) {
                let message = found["ts"].as_str().ok_or_else(garbled)?.to_owned();
                return Ok(Some(Posted { platform: Platform::Slack, channel, message }));
            }
            answer["response_metadata"]["next_cursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
            if cursor.is_empty() {
                break;
            }
        }
        Ok(None)
    }

    async fn edit(&self, at: &Posted, message: &Redacted<Message>) -> Result<(), PortError> {
        let rendered = render::message(message);
        let body = json!({
            "channel": at.channel, "ts": at.message, "text": rendered.text, "blocks": rendered.blocks,
            "parse": "none", "link_names": false,
        });
        self.paced(&at.channel, "chat.update", &body).await.map(drop)
    }

    async fn answer(&self, handle: &Secret, mode: AnswerMode, message: &Redacted<Message>) -> Result<(), PortError> {
        let handle = read_handle(handle)?;
        if handle.url.is_empty() {
            return Err(refused("no_response_url"));
        }
        self.hooks.post(&handle.url, &hook_body(&handle, mode, message)).await
    }

    async fn open_form(&self, handle: &Secret, form: &Redacted<Form>) -> Result<(), PortError> {
        self.open(&read_handle(handle)?, form, CALL_DEADLINE).await
    }
}
