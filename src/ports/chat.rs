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

/// One platform. Every call has a deadline of its own.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Which one.
    fn platform(&self) -> Platform;
    /// How its connection is.
    fn liveness(&self) -> Liveness;
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
