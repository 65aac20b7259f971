//! A chat platform as the engine needs it: post, edit, find, answer, open a form.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::{Redacted, Secret};
use crate::model::{Address, AnswerMode, Form, Message, Platform, Posted};

use super::error::PortError;

/// How the connection of a platform is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// Switched off in the configuration.
    Off,
    /// Connecting, for the first time or again.
    Connecting,
    /// Receiving.
    Live,
    /// It will not come back by itself; says what an operator must do.
    Down(String),
}

/// What a platform has counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Envelopes handed to the door.
    pub received: u64,
    /// Frames and payloads that we do not know.
    pub unknown: u64,
    /// Envelopes that were not taken because too many were being answered.
    pub overloaded: u64,
    /// Envelopes that the door did not answer: it took too long, or it panicked.
    pub unanswered: u64,
    /// First answers that came too late to be more than "working".
    pub late: u64,
    /// First answers that never reached the platform.
    pub lost: u64,
    /// Sockets that were opened.
    pub opened: u64,
}

/// One thing that was checked at a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckUp {
    /// Whether it is as it should be.
    pub fine: bool,
    /// One or two sentences: what it is, and what to do where it is not fine.
    pub says: String,
}

impl CheckUp {
    /// It is as it should be.
    #[must_use]
    pub fn fine(says: impl Into<String>) -> Self {
        Self { fine: true, says: says.into() }
    }

    /// It is not, and the words say what to do.
    #[must_use]
    pub fn wrong(says: impl Into<String>) -> Self {
        Self { fine: false, says: says.into() }
    }
}

/// One platform. Every call has a deadline of its own.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Which one.
    fn platform(&self) -> Platform;
    /// How its connection is.
    fn liveness(&self) -> Liveness;
    /// What it has counted; nothing where a platform does not count.
    fn counts(&self) -> Counts {
        Counts::default()
    }
    /// Asks the platform whether it accepts the bot and whether the bot may do in these channels what it must. It
    /// changes and posts nothing.
    async fn check_up(&self, channels: &[String]) -> Vec<CheckUp> {
        let _ = channels;
        Vec::new()
    }
    /// Posts a message. `key` is ours and the same at each repeat: the platform stores it, or uses it as a nonce.
    async fn post(&self, to: &Address, message: &Redacted<Message>, key: &str) -> Result<Posted, PortError>;
    /// Looks for a message of ours that was posted with that key and whose record was lost.
    async fn find(&self, to: &Address, key: &str) -> Result<Option<Posted>, PortError>;
    /// Edits a message of ours. `NotFound`: somebody deleted it.
    async fn edit(&self, at: &Posted, message: &Redacted<Message>) -> Result<(), PortError>;
    /// Answers an interaction privately through its handle.
    async fn answer(&self, handle: &Secret, mode: AnswerMode, message: &Redacted<Message>) -> Result<(), PortError>;
    /// Opens a form with an interaction's handle (Slack; on Discord the form is the response itself).
    async fn open_form(&self, handle: &Secret, form: &Redacted<Form>) -> Result<(), PortError>;
}

/// The platforms that are switched on.
#[derive(Clone, Default)]
pub struct Chats(pub BTreeMap<Platform, Arc<dyn Chat>>);
