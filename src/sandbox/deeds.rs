//! What people do to messages besides writing them: edit, delete, share files, set topics; and what apps post.
//!
//! It only passes each deed on to the platform's own stage.

use super::hands::Hands;
use super::stage::StageError;

impl Hands<'_> {
    /// Edits the newest message that contains `part`.
    ///
    /// # Errors
    /// When there is no such message.
    pub async fn edits(&self, part: &str, text: &str) -> Result<(), StageError> {
        self.stage()?.edits(self.name, part, text).await
    }

    /// Reacts to the newest message that contains `part`.
    ///
    /// # Errors
    /// When there is no such message.
    pub async fn reacts(&self, emoji: &str, part: &str) -> Result<(), StageError> {
        self.stage()?.reacts(self.name, emoji, part).await
    }

    /// Puts the newest message that contains `part` on the incident's timeline with the shortcut.
    ///
    /// # Errors
    /// When there is no such message.
    pub async fn notes(&self, part: &str) -> Result<(), StageError> {
        self.stage()?.notes(self.name, part).await
    }

    /// Deletes the newest message that contains `part`.
    ///
    /// # Errors
    /// When there is no such message.
    pub async fn deletes(&self, part: &str) -> Result<(), StageError> {
        self.stage()?.deletes(self.name, part).await
    }

    /// Posts a file.
    ///
    /// # Errors
    /// What the platform's own client would refuse.
    pub async fn shares(&self, name: &str, content: &str) -> Result<(), StageError> {
        self.stage()?.shares(self.name, self.channel, name, content.as_bytes()).await
    }

    /// Sets the channel's topic.
    ///
    /// # Errors
    /// What the platform's own client would refuse.
    pub async fn sets_topic(&self, text: &str) -> Result<(), StageError> {
        self.stage()?.sets_topic(self.name, self.channel, text).await
    }

    /// An app posts into the channel that this person is in.
    ///
    /// # Errors
    /// When no app can.
    pub async fn says_app(&self, text: &str) -> Result<(), StageError> {
        self.platform()?.says_app(self.channel, text).await
    }
}
