//! The admin's user token: Slack lets an app remove other people's messages only by it.
//!
//! The token lives here alone, and this module can only delete, and ask whose token it is. Invariant: it goes to Slack's
//! own host (or the configured loopback) and follows no redirect.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::guard::Secret;
use crate::ports::{Fault, PortError};

use super::http::{Base, CALL_DEADLINE, SYSTEM, code_fault, rate_limited, status_fault};

/// The most of an answer that is read, in bytes; Slack's are a few hundred.
const ANSWER_MOST: usize = 16 * 1024;

/// Why Slack did not do it.
#[derive(Debug)]
pub(super) struct Refused {
    /// Slack's own word; empty where it was not Slack that refused.
    pub(super) code: String,
    /// The same as an error.
    pub(super) error: PortError,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { code: String::new(), error: PortError::new(SYSTEM, fault) }
    }
}

/// Whose token it is, and what it may do.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) team: String,
    pub(super) user: String,
    pub(super) is_bot: bool,
    /// `None` where Slack does not say.
    pub(super) scopes: Option<Vec<String>>,
}

/// What is done with the admin's token.
pub(super) struct Admin {
    client: reqwest::Client,
    base: Base,
    token: Secret,
}

impl Admin {
    /// With that token, at that base.
    pub(super) fn new(base: Base, token: Secret) -> Result<Self, String> {
        let client =
            reqwest::Client::builder().redirect(Policy::none()).timeout(CALL_DEADLINE).build().map_err(|_| {
                "The HTTP client cannot be set up. Check the system's certificate authorities.".to_owned()
            })?;
        Ok(Self { client, base, token })
    }

    /// Deletes anybody's message in a channel.
    pub(super) async fn delete_message(&self, channel: &str, ts: &str) -> Result<(), Refused> {
        self.call("chat.delete", &json!({"channel": channel, "ts": ts})).await.map(drop)
    }

    /// Deletes anybody's file.
    pub(super) async fn delete_file(&self, file: &str) -> Result<(), Refused> {
        self.call("files.delete", &json!({"file": file})).await.map(drop)
    }

    /// Whose token it is.
    pub(super) async fn owner(&self) -> Result<Owner, Refused> {
        let (answer, scopes) = self.call("auth.test", &json!({})).await?;
        let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        Ok(Owner { team: word("team_id"), user: word("user_id"), is_bot: answer["bot_id"].is_string(), scopes })
    }

    async fn call(&self, method: &str, body: &Value) -> Result<(Value, Option<Vec<String>>), Refused> {
        let url = format!("{}/{method}", self.base.api());
        let sent = self.client.post(url).bearer_auth(self.token.expose()).json(body).send().await;
        let mut answer = sent.map_err(|e| if e.is_connect() { Fault::Unreachable } else { Fault::NoAnswer })?;
        let status = answer.status().as_u16();
        if status == 429 {
            let after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
            return Err(rate_limited(after.map(Duration::from_secs)).into());
        }
        let scopes = answer.headers().get("x-oauth-scopes").and_then(|v| v.to_str().ok());
        let scopes = scopes.map(|all| all.split(',').map(|scope| scope.trim().to_owned()).collect());
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| Fault::NoAnswer)? {
            if text.len() + chunk.len() > ANSWER_MOST {
                return Err(Fault::Garbled.into());
            }
            text.extend_from_slice(&chunk);
        }
        match serde_json::from_slice::<Value>(&text) {
            Ok(said) if said["ok"] == true && status == 200 => Ok((said, scopes)),
            Ok(said) if said["error"].is_string() => {
                let code = said["error"].as_str().unwrap_or_default();
                let fault = if code == "ratelimited" { rate_limited(None) } else { code_fault(code) };
                Err(Refused { code: super::http::safe_code(code), error: PortError::new(SYSTEM, fault) })
            }
            _ if status != 200 => Err(status_fault(status).into()),
            _ => Err(Fault::Garbled.into()),
        }
    }
}
