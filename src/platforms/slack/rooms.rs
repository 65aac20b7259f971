//! Rooms: a channel for each incident, opened once by its name, and who is brought into it.
//!
//! It decides nothing about incidents. Invariant: only a channel that our own bot has made is taken for a room, so that
//! nobody can lay one out for an incident before it is opened.

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::model::{Account, Place};
use crate::ports::{Fault, PortError, Rooms};

use super::Slack;
use super::http::{SYSTEM, Token};
use super::register::{Trouble, learn};

/// What Slack says of somebody who is there already.
const THERE: [&str; 2] = ["already_in_channel", "cant_invite_self"];

pub(super) fn garbled() -> PortError {
    PortError::new(SYSTEM, Fault::Garbled)
}

pub(super) fn is(error: &PortError, codes: &[&str]) -> bool {
    matches!(&error.fault, Fault::Refused { code, .. } if codes.contains(&code.as_str()))
}

#[async_trait]
impl Rooms for Slack {
    async fn open_room(&self, name: &str, topic: &str, private: bool) -> Result<Place, PortError> {
        let body = json!({"name": name, "is_private": private});
        let channel = match self.web.post(Token::Bot, "conversations.create", &body).await {
            Ok(answer) => answer["channel"].clone(),
            Err(taken) if is(&taken, &["name_taken"]) => {
                let made = self.made(name).await?;
                // A room that everybody sees is no private one, whoever changed it.
                made.filter(|channel| channel["is_private"] == private).ok_or(taken)?
            }
            Err(error) => return Err(error),
        };
        let id = channel["id"].as_str().ok_or_else(garbled)?;
        if channel["topic"]["value"] != topic {
            self.set_topic(id, topic).await?;
        }
        Ok(self.place_of(id))
    }

    async fn find_room(&self, name: &str) -> Result<Option<Place>, PortError> {
        Ok(self.made(name).await?.and_then(|channel| Some(self.place_of(channel["id"].as_str()?))))
    }

    async fn ask_in(&self, room: &Place, account: &Account) -> Result<(), PortError> {
        let body = json!({"channel": room.channel, "users": account.user});
        match self.web.post(Token::Bot, "conversations.invite", &body).await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, &THERE) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Slack {
    /// A room without its topic is still a room: only what may pass is tried again.
    async fn set_topic(&self, channel: &str, topic: &str) -> Result<(), PortError> {
        let body = json!({"channel": channel, "topic": topic});
        match self.web.post(Token::Bot, "conversations.setTopic", &body).await {
            Err(error) if error.passing() => Err(error),
            Err(error) => {
                tracing::warn!(error = %error, "slack.room.without_topic");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// Our bot's user id, also before a session has said it.
    async fn own_user(&self) -> Result<String, PortError> {
        if let Some(me) = self.identity() {
            return Ok(me.bot_user.clone());
        }
        match learn(self).await {
            Ok(me) => Ok(me.bot_user),
            Err(Trouble::Passing(error)) => Err(error),
            Err(Trouble::Lasting(_)) => Err(PortError::new(SYSTEM, Fault::Unauthorized)),
        }
    }

    /// The channel of that name that our bot has made; it is in those, so that only its own channels are listed.
    async fn made(&self, name: &str) -> Result<Option<Value>, PortError> {
        let me = self.own_user().await?;
        self.channel_where(|channel| channel["name"] == name && channel["creator"] == me.as_str()).await
    }
}
