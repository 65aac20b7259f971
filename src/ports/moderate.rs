//! A chat platform as the guard's follow-up needs it: read what stands there, and remove what must not.
//!
//! It is apart from `Chat`, since removing other people's messages takes a credential of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::{Redacted, Untrusted};
use crate::model::{Account, FileRef, Message, Millis, Past, Place, Platform, Posted, Said};

use super::error::PortError;

/// The message id that stands for a channel's name, topic and purpose.
pub const TOPIC: &str = "topic";

/// What came of removing a message or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The platform says that it removed it.
    Removed,
    /// It was not there any more.
    Gone,
    /// The platform or our configuration does not let us: why, as a sentence for people.
    Refused(String),
}

/// One page of a channel's history.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its messages, in no promised order.
    pub messages: Vec<Past>,
    /// What the next page is asked with; `None` at the end.
    pub next: Option<String>,
}

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileText {
    /// The text; bytes that are no UTF-8 are replaced.
    Text(Untrusted),
    /// It was not read: why, in a word that is counted (`image`, `archive`, `too large`, `login page` …).
    Skipped(&'static str),
}

/// One platform's history and its deletions. Every call has a deadline of its own and paces itself.
#[async_trait]
pub trait Moderate: Send + Sync {
    /// Which one.
    fn platform(&self) -> Platform;
    /// Where that message can be seen, for people.
    fn link(&self, place: &Place, message: &str) -> String;
    /// The id that a message of that moment would have at least: messages posted later have a greater one.
    fn id_at(&self, at: Millis) -> String;
    /// The channels that the bot can read now, direct messages left out.
    async fn channels(&self) -> Result<Vec<Place>, PortError>;
    /// The messages of a channel (and of its threads) that were posted after the message `after` (a message id;
    /// empty: from the beginning) and not after `until` (empty: till now), page by page.
    async fn history(&self, channel: &Place, after: &str, until: &str, page: Option<&str>) -> Result<Page, PortError>;
    /// A message as it stands now; `None` when it is gone. [`TOPIC`]: what the channel is called and about.
    async fn read(&self, place: &Place, message: &str) -> Result<Option<Said>, PortError>;
    /// A file's content, bounded; never from a host that is not the platform's.
    async fn file(&self, file: &FileRef) -> Result<FileText, PortError>;
    /// Removes somebody's message.
    async fn remove(&self, at: &Posted) -> Result<Removal, PortError>;
    /// Removes somebody's file. On Discord it goes with its message.
    async fn remove_file(&self, file: &str) -> Result<Removal, PortError>;
    /// Says something to one person in that channel, where the platform can; `false`: it cannot, write directly.
    async fn whisper(&self, place: &Place, to: &Account, message: &Redacted<Message>) -> Result<bool, PortError>;
}

/// The platforms whose messages are watched.
#[derive(Clone, Default)]
pub struct Moderators(pub BTreeMap<Platform, Arc<dyn Moderate>>);
