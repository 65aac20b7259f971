//! Other people's messages and files: reading one as it stands, and removing it with the admin's token.
//!
//! It does not decide what is removed. Invariant: `Removed` and `Gone` are said only on Slack's own word; what Slack does
//! not let us do is a sentence that says who can change that.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;

use crate::guard::{Redacted, Untrusted};
use crate::model::{Account, FileRef, Message, Millis, Place, Platform, Posted, Said, Seen};
use crate::ports::{CheckUp, Fault, FileText, Moderate, Page, PortError, Removal, TOPIC};

use super::Slack;
use super::admin::Refused;
use super::http::SYSTEM;
use super::said::{self, id_at};
use super::wire::File;

/// What a person reads where no token was given.
const NO_TOKEN: &str = "I have no admin's token for Slack. An operator can configure one (`admin_token`).";
const DIRECT: &str = "Slack lets nobody remove what others write in direct messages.";

/// Why a message or file stays, by Slack's word; `None` where that may change by itself.
fn sentence(refusal: &Refused) -> Option<&'static str> {
    Some(match refusal.code.as_str() {
        "cant_delete_message" | "cant_delete_file" => {
            "Slack does not let the admin remove it: the workspace's settings for deletion forbid it."
        }
        "channel_not_found" | "not_in_channel" => "The admin whose token I have is not in this channel.",
        "is_archived" | "channel_is_archived" => "The channel is archived. Bring it back, then remove the message.",
        "compliance_exports_prevent_deletion" => "The workspace's compliance exports forbid any deletion.",
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => {
            "Slack no longer accepts the admin's token. An operator must configure a new one (`admin_token`)."
        }
        "missing_scope" | "no_permission" | "not_allowed_token_type" => {
            "The admin's token may not delete. It needs the user scopes chat:write and files:write."
        }
        _ => return None,
    })
}

fn settle(outcome: Result<(), Refused>, gone: &str) -> Result<Removal, PortError> {
    match outcome {
        Ok(()) => Ok(Removal::Removed),
        Err(refusal) if refusal.code == gone => Ok(Removal::Gone),
        Err(refusal) => sentence(&refusal).map(|why| Removal::Refused(why.into())).ok_or(refusal.error),
    }
}

fn garbled() -> PortError {
    PortError::new(SYSTEM, Fault::Garbled)
}

#[async_trait]
impl Moderate for Slack {
    fn platform(&self) -> Platform {
        Platform::Slack
    }

    fn link(&self, place: &Place, message: &str) -> String {
        let channel = &place.channel;
        let home = self.identity().map(|me| me.url.trim_end_matches('/')).filter(|url| url.starts_with("https://"));
        let Some(home) = home else {
            return format!("https://slack.com/app_redirect?team={}&channel={channel}", place.team);
        };
        if said::micros(message).is_none() {
            return format!("{home}/archives/{channel}");
        }
        let thread = place.thread.as_deref().filter(|thread| *thread != message);
        let thread = thread.map(|ts| format!("?thread_ts={ts}&cid={channel}")).unwrap_or_default();
        format!("{home}/archives/{channel}/p{}{thread}", message.replace('.', ""))
    }

    fn id_at(&self, at: Millis) -> String {
        id_at(at)
    }

    async fn channels(&self) -> Result<Vec<Place>, PortError> {
        self.joined().await
    }

    async fn history(&self, channel: &Place, after: &str, until: &str, page: Option<&str>) -> Result<Page, PortError> {
        self.past(channel, after, until, page).await
    }

    async fn read(&self, place: &Place, message: &str) -> Result<Option<Said>, PortError> {
        if message == TOPIC {
            return self.topic_of(&place.channel).await;
        }
        let thread = place.thread.as_deref().filter(|thread| *thread != message);
        let span = [("latest", message), ("oldest", message), ("inclusive", "true")];
        let mut query: Vec<(&str, String)> = span.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        query.push(("channel", place.channel.clone()));
        query.push(("include_all_metadata", "true".into()));
        // A thread's answer begins with its parent.
        query.push(("limit", if thread.is_some() { "2" } else { "1" }.into()));
        if let Some(thread) = thread {
            query.push(("ts", thread.to_owned()));
        }
        let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let answer = match self.web.get(method, &query).await {
            Ok(answer) => answer,
            Err(PortError { fault: Fault::Refused { code, .. }, .. }) if code == "thread_not_found" => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = messages(&answer)?.iter().find(|one| one["ts"] == message);
        Ok(found.and_then(|raw| self.reader().listed(raw, place)).map(|past| past.said))
    }

    async fn file(&self, file: &FileRef) -> Result<FileText, PortError> {
        if !file.url.expose().is_empty() {
            return self.downloads.text(file, |url| self.base.file(url), Some(&self.bot_token)).await;
        }
        // In shared channels, and after a restart, only the id is known.
        let answer = match self.web.get("files.info", &[("file", file.id.clone())]).await {
            Ok(answer) => answer,
            Err(PortError { fault: Fault::Refused { code, .. }, .. }) if code.starts_with("file_") => {
                return Err(PortError::new(SYSTEM, Fault::NotFound));
            }
            Err(error) => return Err(error),
        };
        let found = File::deserialize(&answer["file"]).ok().as_ref().and_then(said::file);
        let found = found.ok_or_else(|| PortError::new(SYSTEM, Fault::NotFound))?;
        self.downloads.text(&found, |url| self.base.file(url), Some(&self.bot_token)).await
    }

    async fn remove(&self, at: &Posted) -> Result<Removal, PortError> {
        if at.channel.starts_with('D') {
            return Ok(Removal::Refused(DIRECT.into()));
        }
        let Some(admin) = &self.admin else { return Ok(Removal::Refused(NO_TOKEN.into())) };
        settle(admin.delete_message(&at.channel, &at.message).await, "message_not_found")
    }

    async fn remove_file(&self, file: &str) -> Result<Removal, PortError> {
        let Some(admin) = &self.admin else { return Ok(Removal::Refused(NO_TOKEN.into())) };
        settle(admin.delete_file(file).await, "file_not_found")
    }

    async fn whisper(&self, place: &Place, to: &Account, message: &Redacted<Message>) -> Result<bool, PortError> {
        self.whisper_in(place, &to.user, message).await.map(|()| true)
    }
}

impl Slack {
    async fn topic_of(&self, channel: &str) -> Result<Option<Said>, PortError> {
        let answer = self.web.get("conversations.info", &[("channel", channel.to_owned())]).await?;
        let about = &answer["channel"];
        let texts = [&about["name"], &about["topic"]["value"], &about["purpose"]["value"]];
        let texts = texts.iter().filter_map(|text| text.as_str()).map(Untrusted::from).collect();
        Ok(Some(Said {
            message: TOPIC.into(),
            seen: Seen::Topic,
            wrote: Untrusted::default(),
            texts,
            files: Vec::new(),
            by_app: false,
        }))
    }

    /// Checks the admin's token, where there is one.
    pub(super) async fn check_admin(&self) -> CheckUp {
        let Some(admin) = &self.admin else {
            return CheckUp::fine("There is no admin's token: who posts a secret is told to remove it.");
        };
        let owner = match admin.owner().await {
            Ok(owner) => owner,
            Err(refusal) if refusal.error.passing() => {
                return CheckUp::wrong(format!("The admin's token was not checked. {}", refusal.error));
            }
            Err(_) => {
                return CheckUp::wrong("Slack does not accept the admin's token. Make a new one (`admin_token`).");
            }
        };
        if owner.is_bot || owner.team != self.team {
            return CheckUp::wrong(
                "The admin's token is not that of a person of this workspace. Use an admin's (xoxp).",
            );
        }
        let lacks = |scope: &str| owner.scopes.as_ref().is_some_and(|all| !all.iter().any(|have| have == scope));
        let missing: Vec<&str> = ADMIN_SCOPES.into_iter().filter(|scope| lacks(scope)).collect();
        if missing.is_empty() {
            return CheckUp::fine(format!(
                "The admin's token is accepted: user {}; it is used to delete only.",
                owner.user
            ));
        }
        CheckUp::wrong(format!("The admin's token lacks the user scopes {}.", missing.join(", ")))
    }
}

/// What the admin's token must be allowed to do.
const ADMIN_SCOPES: [&str; 2] = ["chat:write", "files:write"];

/// The messages of an answer.
pub(super) fn messages(answer: &Value) -> Result<&Vec<Value>, PortError> {
    answer["messages"].as_array().ok_or_else(garbled)
}
