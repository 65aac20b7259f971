//! A chat platform as the people in it see and use it: the hands and eyes of stories.
//!
//! Each chat emulator implements `Stage`. Nothing here knows a wire format.

use async_trait::async_trait;

/// Who can see a shown thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// One person only (ephemeral); holds the cast name.
    Only(String),
    /// A direct message between the bot and one person; holds the cast name.
    Direct(String),
    /// Everybody in a channel; holds the channel's name without `#`.
    Channel(String),
}

/// What kind of thing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownKind {
    /// A message.
    Message,
    /// A form (modal) that is open for that person.
    Form,
    /// What the platform itself tells a person ("the application did not respond").
    Notice,
}

/// One thing on somebody's screen, in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Grows by one for each new thing on this platform; edits keep it.
    pub id: u64,
    /// Who sees it.
    pub audience: Audience,
    /// What it is.
    pub kind: ShownKind,
    /// Cast name of the author, or `bot`, or `platform`.
    pub author: String,
    /// Everything that can be read in it, top to bottom, a line a block, without markup.
    pub text: String,
    /// Labels of the buttons that can be pressed now, in order. Link buttons are not here.
    pub buttons: Vec<String>,
    /// Labels of the options of select menus, in order.
    pub options: Vec<String>,
    /// For a form: the names (keys) of its fields in order.
    pub fields: Vec<String>,
    /// How often it was edited.
    pub edits: u32,
    /// True when it was deleted or closed.
    pub gone: bool,
}

/// Why a person could not do that: what the platform's own client would have refused.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct StageError(pub String);

fn not_here() -> StageError {
    StageError("that cannot be done on this platform".into())
}

/// A platform's hands and eyes. People are named by their cast name (`kim`), channels by name without `#`.
/// Every act returns when the platform has handed the event to the bot and has the bot's first
/// response to it (ack), or has given up waiting; it never waits for later messages.
#[async_trait]
pub trait Stage: Send + Sync {
    /// `slack` or `discord`.
    fn name(&self) -> &'static str;
    /// Types into a channel (or `dm` for the bot's direct messages): a slash command if it starts with `/`, else a message.
    async fn types(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError>;
    /// Presses the newest button with this label that this person can see.
    async fn presses(&self, who: &str, label: &str) -> Result<(), StageError>;
    /// Presses that button again as it was in an older state: a replay of the last press of this person, byte for byte but for the platform's own ids.
    async fn presses_again(&self, who: &str) -> Result<(), StageError>;
    /// Picks the option with this label (or containing it) in the newest select menu that this person can see.
    async fn chooses(&self, who: &str, option: &str) -> Result<(), StageError>;
    /// Fills the open form (field key, value) and submits it.
    async fn submits(&self, who: &str, values: &[(String, String)]) -> Result<(), StageError>;
    /// What autocomplete offers for `text` (an unfinished command) to this person; empty where the platform has none.
    async fn completes(&self, who: &str, channel: &str, text: &str) -> Result<Vec<String>, StageError>;
    /// Delivers the newest event or command of this person once more, as the platform does when it saw no ack.
    async fn redelivers(&self, who: &str) -> Result<(), StageError>;
    /// Another app or a webhook posts into a channel.
    async fn says_app(&self, channel: &str, text: &str) -> Result<(), StageError> {
        let _ = (channel, text);
        Err(not_here())
    }
    /// Reacts to the newest message that contains `part`, with the emoji of that English name (`pushpin`).
    async fn reacts(&self, who: &str, emoji: &str, part: &str) -> Result<(), StageError> {
        let _ = (who, emoji, part);
        Err(not_here())
    }
    /// Uses the shortcut for incidents' timelines on the newest message that contains `part`.
    async fn notes(&self, who: &str, part: &str) -> Result<(), StageError> {
        let _ = (who, part);
        Err(not_here())
    }
    /// Edits this person's newest message that contains `part`: it then says `text`.
    async fn edits(&self, who: &str, part: &str, text: &str) -> Result<(), StageError> {
        let _ = (who, part, text);
        Err(not_here())
    }
    /// Deletes this person's newest message that contains `part`.
    async fn deletes(&self, who: &str, part: &str) -> Result<(), StageError> {
        let _ = (who, part);
        Err(not_here())
    }
    /// Shares a file in a channel.
    async fn shares(&self, who: &str, channel: &str, name: &str, content: &[u8]) -> Result<(), StageError> {
        let _ = (who, channel, name, content);
        Err(not_here())
    }
    /// Sets a channel's topic.
    async fn sets_topic(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError> {
        let _ = (who, channel, text);
        Err(not_here())
    }
    /// All that this person sees or saw, oldest first (gone things too, marked).
    fn sees(&self, who: &str) -> Vec<Shown>;
    /// All that is shown on this platform, oldest first, for the transcript.
    fn all(&self) -> Vec<Shown>;
}
