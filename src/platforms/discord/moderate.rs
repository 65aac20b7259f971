//! Other people's messages: reading one as it stands, and removing it.
//!
//! It does not decide what is removed. Invariant: `Removed` and `Gone` are said only on Discord's own word; what Discord
//! does not let us do is a sentence that names the permission.

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::guard::Redacted;
use crate::model::{Account, FileRef, Message, Millis, Place, Platform, Posted, Said, Seen};
use crate::ports::{Fault, FileText, Moderate, Page, PortError, Removal, TOPIC};

use super::Discord;
use super::http::{Call, Method, Refused, fault};
use super::said::id_at;

/// The reason in the server's audit log; it names nobody and quotes nothing.
const REASON: &str = "It held a secret (seqn-chatops)";
/// Discord's code for "Missing Access": the channel is hidden from the bot.
const HIDDEN: i64 = 50_001;
/// "Cannot execute action on a DM channel".
const DIRECT: i64 = 50_003;
/// "Missing Permissions".
const NO_RIGHT: i64 = 50_013;
/// "Cannot execute action on a system message".
const SYSTEM_MESSAGE: i64 = 50_021;
/// "Thread is archived".
const ARCHIVED: i64 = 50_083;

fn refused(why: &str) -> Removal {
    Removal::Refused(why.to_owned())
}

/// Why a message stays, where Discord has said it; `None` where that may change by itself.
fn sentence(refusal: &Refused) -> Option<&'static str> {
    Some(match (refusal.code, &refusal.error.fault) {
        (DIRECT, _) => "Discord lets nobody remove what others write in direct messages.",
        (NO_RIGHT, _) => {
            "The bot lacks the permission Manage Messages in this channel. Grant it to the bot's role; in an archived \
             thread it needs Manage Threads too."
        }
        (HIDDEN, _) => "The bot cannot see this channel. Grant it View Channel and Manage Messages there.",
        (SYSTEM_MESSAGE, _) => "Discord lets nobody remove this kind of message.",
        (ARCHIVED, _) => "The thread is archived, and the bot may not open it. Grant it Manage Threads.",
        (_, Fault::Forbidden) => "Discord does not let the bot remove this message. Grant it Manage Messages.",
        _ => return None,
    })
}

fn digits(id: &str) -> Result<u64, PortError> {
    id.parse().map_err(|_| fault(Fault::NotFound))
}

impl Discord {
    async fn delete(&self, channel: u64, message: u64) -> Result<(), Refused> {
        let route = format!("DELETE /channels/{channel}/messages");
        let call = Call::bot(Method::DELETE, format!("/channels/{channel}/messages/{message}"), route);
        self.rest.attempt(call.because(REASON)).await.map(|_| ())
    }

    async fn archive(&self, thread: u64, yes: bool) -> Result<(), Refused> {
        let path = format!("/channels/{thread}");
        let call = Call::bot(Method::PATCH, path.as_str(), format!("PATCH {path}"));
        self.rest.attempt(call.body(json!({"archived": yes})).because(REASON)).await.map(|_| ())
    }

    // Nothing can be removed from an archived thread: it is opened, and closed again.
    async fn delete_archived(&self, thread: u64, message: u64) -> Result<(), Refused> {
        self.archive(thread, false).await?;
        let deleted = self.delete(thread, message).await;
        if let Err(refusal) = self.archive(thread, true).await {
            tracing::warn!(error = %refusal.error, "discord.thread.left_open");
        }
        deleted
    }
}

#[async_trait]
impl Moderate for Discord {
    fn platform(&self) -> Platform {
        Platform::Discord
    }

    fn link(&self, place: &Place, message: &str) -> String {
        let server = if place.direct { "@me" } else { &place.team };
        let channel = place.thread.as_deref().unwrap_or(&place.channel);
        let tail = if message.is_empty() { String::new() } else { format!("/{message}") };
        format!("https://discord.com/channels/{server}/{channel}{tail}")
    }

    fn id_at(&self, at: Millis) -> String {
        id_at(at).to_string()
    }

    async fn channels(&self) -> Result<Vec<Place>, PortError> {
        self.readable().await
    }

    async fn history(&self, channel: &Place, after: &str, until: &str, page: Option<&str>) -> Result<Page, PortError> {
        self.past(channel, after, until, page).await
    }

    async fn read(&self, place: &Place, message: &str) -> Result<Option<Said>, PortError> {
        let channel = digits(place.thread.as_deref().unwrap_or(&place.channel))?;
        if message == TOPIC {
            return self.topic_of(channel).await;
        }
        let id = digits(message)?;
        let path = format!("/channels/{channel}/messages/{id}");
        let call = Call::bot(Method::GET, path, format!("GET /channels/{channel}/messages"));
        match self.rest.call(call).await {
            Ok(event) => Ok(Some(self.as_it_stands(event, place).ok_or_else(|| fault(Fault::Garbled))?)),
            Err(error) if error.fault == Fault::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn file(&self, file: &FileRef) -> Result<FileText, PortError> {
        self.files.text(file).await
    }

    async fn remove(&self, at: &Posted) -> Result<Removal, PortError> {
        let (channel, message) = (digits(&at.channel)?, digits(&at.message)?);
        let mut outcome = self.delete(channel, message).await;
        if matches!(&outcome, Err(refusal) if refusal.code == ARCHIVED) {
            outcome = self.delete_archived(channel, message).await;
        }
        let Err(refusal) = outcome else { return Ok(Removal::Removed) };
        // Its channel may be gone too (10003).
        if refusal.error.fault == Fault::NotFound {
            return Ok(Removal::Gone);
        }
        sentence(&refusal).map(refused).ok_or(refusal.error)
    }

    async fn remove_file(&self, _file: &str) -> Result<Removal, PortError> {
        Ok(refused("On Discord a file goes with its message: remove the message."))
    }

    // Only an interaction can be answered for one person alone.
    async fn whisper(&self, _: &Place, _: &Account, _: &Redacted<Message>) -> Result<bool, PortError> {
        Ok(false)
    }
}

impl Discord {
    async fn topic_of(&self, channel: u64) -> Result<Option<Said>, PortError> {
        match self.get(format!("/channels/{channel}")).await {
            Ok(room) => Ok(Some(self.reader().about(room).ok_or_else(|| fault(Fault::Garbled))?)),
            Err(error) if error.fault == Fault::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    // A message that was asked for names no server.
    fn as_it_stands(&self, mut event: Value, place: &Place) -> Option<Said> {
        if !place.direct {
            event["guild_id"] = json!(place.team);
        }
        self.reader().said(event, Seen::Listed).map(|(past, _)| past.said)
    }
}
