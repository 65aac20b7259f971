//! What was said where the bot reads: one message as it stands, its texts and files still untrusted.
//!
//! It judges nothing. Invariant: whatever a person or an app can put into a message is in `texts` or in `files`.

use crate::guard::{Secret, Untrusted};

use super::person::Account;
use super::place::{Place, Posted};
use super::time::Millis;

/// How a message came before us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seen {
    /// It was just posted.
    New,
    /// It was just edited, or the platform added a preview to it.
    Edited,
    /// It was read in the history.
    Listed,
    /// The platform itself blocked it before it was posted (Discord's `AutoMod`); there is no message to remove.
    Blocked,
    /// A channel's name, topic or purpose: it can be changed, but not deleted.
    Topic,
}

/// A file of a message, whose content has not been read yet.
#[derive(Clone)]
pub struct FileRef {
    /// The file's id on its platform.
    pub id: String,
    /// Its name; it is among the message's texts too.
    pub name: Untrusted,
    /// The media type that the platform names; empty where it names none.
    pub media: String,
    /// Its size in bytes, where it is known.
    pub bytes: Option<u64>,
    /// Where its content is read; a secret, since some platforms sign it. Empty: it must be looked up by its id.
    pub url: Secret,
}

/// The same file by its id; where it is read may be signed anew each time.
impl PartialEq for FileRef {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.name == other.name && self.bytes == other.bytes
    }
}

impl Eq for FileRef {}

impl std::fmt::Debug for FileRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileRef").field("id", &self.id).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// One message as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its id on its platform: Slack `ts`, Discord message id.
    pub message: String,
    /// How it came before us.
    pub seen: Seen,
    /// What its author wrote into it; empty where there is nothing but what an app laid out, a file or a topic.
    pub wrote: Untrusted,
    /// Every text of it, hidden ones too, each apart.
    pub texts: Vec<Untrusted>,
    /// Its files.
    pub files: Vec<FileRef>,
    /// Whether a bot, an app or a webhook wrote it: nobody there can be asked to remove it.
    pub by_app: bool,
}

impl Said {
    /// What it says to a reader: what its author wrote, else everything that it shows.
    #[must_use]
    pub fn words(&self) -> Untrusted {
        if self.wrote.is_empty() { Untrusted::joined(&self.texts, "\n") } else { self.wrote.clone() }
    }
}

/// A message that somebody asks to put on an incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The message.
    pub posted: Posted,
    /// Who wrote it.
    pub author: Account,
    /// When it was posted.
    pub at: Millis,
    /// What it says.
    pub text: Untrusted,
    /// How it was pointed at.
    pub by: NotedBy,
}

/// How somebody points at a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotedBy {
    /// With a message shortcut, which is answered privately.
    Shortcut,
    /// With a reaction, which is not answered.
    Reaction,
}

/// A message of the history.
#[derive(Clone, Debug)]
pub struct Past {
    /// Who wrote it.
    pub account: Account,
    /// Where; with its thread.
    pub place: Place,
    /// When it was posted.
    pub at: Millis,
    /// The message; `seen` is `Listed`.
    pub said: Said,
}

impl Past {
    /// The message as its platform knows it.
    #[must_use]
    pub fn posted(&self) -> Posted {
        Posted {
            platform: self.place.platform,
            channel: self.place.channel.clone(),
            message: self.said.message.clone(),
        }
    }
}
