//! What people and apps do in channels besides posting text: edits, deletions, files, forwards, topics, threads, and
//! what an administrator does to `AutoMod`'s rules.
//!
//! It checks what the client and `AutoMod` check. Invariant: a person changes only what is theirs.

use std::time::Duration;

use serde_json::{Value, json};

use super::hands::{channel_of, newest, remember_post, user_of};
use super::messages::{self, Draft};
use super::rooms::{self, Thread};
use super::sessions::Out;
use super::state::{Post, Shared};
use super::{DiscordSim, automod, checks, show, typing, wire};
use crate::sandbox::stage::StageError;

/// How long an act waits until the bot has read what came of it.
const HEARD_WITHIN: Duration = Duration::from_secs(3);
/// The media types that Discord gives to files, by the ending of their names.
const MEDIA: [(&str, &str); 9] = [
    (".txt", "text/plain; charset=utf-8"),
    (".log", "text/plain; charset=utf-8"),
    (".html", "text/html; charset=utf-8"),
    (".json", "application/json; charset=utf-8"),
    (".yml", "application/x-yaml; charset=utf-8"),
    (".png", "image/png"),
    (".zip", "application/zip"),
    (".gz", "application/gzip"),
    (".pdf", "application/pdf"),
];

fn none(what: &str) -> StageError {
    StageError(format!("there is no {what}"))
}

impl DiscordSim {
    /// Ends when every connected session has read all that it was sent, as its heartbeat says; at once where nobody is
    /// told to wait for it.
    pub async fn heard(&self) {
        if *self.core.frozen.borrow() {
            return;
        }
        let (sent, mut joined) = {
            let mut state = self.core.lock();
            if !state.knobs.waits {
                return;
            }
            let joined = state.gate.joined.subscribe();
            state.gate.tell_all(&Out::Text(r#"{"op":1,"d":null,"s":null,"t":null}"#.into()));
            (state.gate.sent(), joined)
        };
        let all = async {
            while !sent.iter().all(|(conn, seq)| self.core.lock().gate.has_heard(*conn, *seq)) {
                if joined.changed().await.is_err() {
                    return;
                }
            }
        };
        // A bot that does not answer is given up.
        let _ = tokio::time::timeout(HEARD_WITHIN, all).await;
    }

    fn own(&self, who: &str, part: &str) -> Result<(u64, Post), StageError> {
        let user = user_of(who)?;
        let state = self.core.lock();
        let mine = |p: &Post| (p.author == user && show::text(&p.body).contains(part)).then_some(());
        let (post, ()) = newest(&state, user, mine).ok_or_else(|| none("such message"))?;
        Ok((user, post))
    }

    pub(super) fn edits_own(&self, who: &str, part: &str, text: &str) -> Result<(), StageError> {
        let (user, post) = self.own(who, part)?;
        let text = typing::link_names(text);
        let mut state = self.core.lock();
        if automod::blocks(&mut state, user, post.channel, &text) {
            return Ok(());
        }
        let done = messages::edit(&mut state, self.core.dial.now_ms(), post.id, &json!({"content": text}));
        done.map_err(|_| StageError("the message is empty or too long".into()))?;
        remember_post(&mut state, user, "MESSAGE_UPDATE", post.id);
        Ok(())
    }

    pub(super) fn deletes_own(&self, who: &str, part: &str) -> Result<(), StageError> {
        let (_, post) = self.own(who, part)?;
        messages::delete(&mut self.core.lock(), post.id);
        Ok(())
    }

    pub(super) fn shares_file(&self, who: &str, channel: &str, name: &str, content: &[u8]) -> Result<(), StageError> {
        let user = user_of(who)?;
        let channel = channel_of(&self.core, user, channel)?;
        let now = self.core.dial.now_ms();
        let mut state = self.core.lock();
        let id = state.next_id(now);
        let media = MEDIA.iter().find(|(ending, _)| name.ends_with(ending)).map_or("", |(_, media)| media);
        state.files.insert(id, Shared { media, content: content.to_vec() });
        let signed = format!("ex=6560f1c0&is=654e7cc0&hm={:064x}", id);
        let url = format!("{}/attachments/{channel}/{id}/{name}?{signed}", self.core.cdn_url);
        let mut file =
            json!({"id": id.to_string(), "filename": name, "size": content.len(), "url": url, "proxy_url": url});
        if !media.is_empty() {
            file["content_type"] = json!(media);
        }
        let body = json!({"content": ""});
        let extra = json!({"attachments": [file]});
        let draft = Draft { channel, author: user, body: &body, only: None, thinking: false, extra };
        let id = messages::create(&mut state, now, &draft);
        remember_post(&mut state, user, "MESSAGE_CREATE", id);
        Ok(())
    }

    pub(super) fn changes_topic(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError> {
        let id = channel_of(&self.core, user_of(who)?, channel)?;
        let mut state = self.core.lock();
        state.topics.insert(id, text.to_owned());
        rooms::changed(&mut state, "CHANNEL_UPDATE", id);
        Ok(())
    }

    /// A webhook posts a body as its owner wrote it: text, embeds, components.
    ///
    /// # Errors
    /// When there is no such channel, or Discord would refuse the body.
    pub async fn app_posts(&self, channel: &str, body: &Value) -> Result<(), StageError> {
        let channel = channel_of(&self.core, wire::HOOK, channel)?;
        checks::message(body).map_err(|refused| StageError(format!("Discord refuses it: {:?}", refused.body)))?;
        {
            let mut state = self.core.lock();
            let extra = json!({"webhook_id": wire::HOOK.to_string()});
            let draft = Draft { channel, author: wire::HOOK, body, only: None, thinking: false, extra };
            let id = messages::create(&mut state, self.core.dial.now_ms(), &draft);
            self.core.removals.left(&id.to_string());
        }
        self.heard().await;
        Ok(())
    }

    /// This person forwards the newest message that contains `part` into a channel.
    ///
    /// # Errors
    /// When there is no such message or channel.
    pub async fn forwards(&self, who: &str, part: &str, channel: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let channel = channel_of(&self.core, user, channel)?;
        {
            let mut state = self.core.lock();
            let found = newest(&state, user, |p| show::text(&p.body).contains(part).then_some(()));
            let (post, ()) = found.ok_or_else(|| none("such message"))?;
            let mut copy = json!({"type": 0, "mention_roles": [], "mentions": []});
            for key in ["content", "embeds", "attachments", "components", "timestamp", "edited_timestamp", "flags"] {
                copy[key] = post.body[key].clone();
            }
            let from = json!({"type": 1, "message_id": post.id.to_string(), "channel_id": post.channel.to_string()});
            let extra = json!({"message_reference": from, "message_snapshots": [{"message": copy}], "flags": 1 << 14});
            let body = json!({"content": ""});
            let draft = Draft { channel, author: user, body: &body, only: None, thinking: false, extra };
            messages::create(&mut state, self.core.dial.now_ms(), &draft);
        }
        self.heard().await;
        Ok(())
    }

    /// This person opens a thread; from then on it can be written in by its name.
    ///
    /// # Errors
    /// When there is no such person or channel.
    pub async fn opens_thread(&self, who: &str, channel: &str, name: &str) -> Result<(), StageError> {
        let owner = user_of(who)?;
        let parent = channel_of(&self.core, owner, channel)?;
        let now = self.core.dial.now_ms();
        {
            let mut state = self.core.lock();
            let id = state.next_id(now);
            state.threads.insert(id, Thread::new(parent, name, owner, now));
            rooms::changed(&mut state, "THREAD_CREATE", id);
        }
        self.heard().await;
        Ok(())
    }

    /// A thread is archived.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn archives_thread(&self, name: &str) -> Result<(), StageError> {
        let mut state = self.core.lock();
        let id = rooms::named(&state, name).ok_or_else(|| none("such thread"))?;
        rooms::archive(&mut state, id, true, self.core.dial.now_ms());
        Ok(())
    }

    /// An administrator changes the first rule whose name contains `part`; `Null` deletes it.
    ///
    /// # Errors
    /// When there is none.
    pub fn admin_changes_rule(&self, part: &str, change: &Value) -> Result<(), StageError> {
        let mut state = self.core.lock();
        let named = |rule: &Value| rule["name"].as_str().is_some_and(|name| name.contains(part));
        let at = state.rules.iter().position(named).ok_or_else(|| none("such rule"))?;
        if change.is_null() {
            automod::removed(&mut state, at);
        } else {
            wire::merge(&mut state.rules[at], change);
            automod::changed(&mut state, at);
        }
        Ok(())
    }

    /// An administrator makes a keyword rule of their own.
    pub fn admin_makes_rule(&self, name: &str, word: &str) {
        automod::foreign(&mut self.core.lock(), self.core.dial.now_ms(), name, word);
    }

    /// Whether the gateway is away: every session is lost, and none can begin.
    pub fn outage(&self, yes: bool) {
        let mut state = self.core.lock();
        state.knobs.hang_handshake = yes;
        if yes {
            state.gate.close_all(Some(4009));
        } else {
            state.gate.cut_all();
        }
    }

    /// Where requests for files are redirected to; `None`: they are answered.
    pub fn files_move_to(&self, address: Option<String>) {
        self.core.lock().knobs.files_at = address;
    }

    /// Requests for files so far: the path, and whether a credential came with it.
    #[must_use]
    pub fn fetched(&self) -> Vec<(String, bool)> {
        self.core.lock().fetched.clone()
    }
}
