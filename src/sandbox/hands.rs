//! One person's hands and eyes on one platform: what stories do is done with them.
//!
//! It only passes each act on to the platform's own stage. Invariant: nobody acts who is not in the cast.

use super::cast;
use super::desk::Desk;
use super::stage::{Shown, Stage, StageError};

/// One person's hands and eyes on one platform.
#[derive(Clone, Copy)]
pub struct Hands<'a> {
    desk: &'a Desk,
    pub(super) name: &'a str,
    stage: &'a str,
    pub(super) channel: &'a str,
}

impl<'a> Hands<'a> {
    /// That person at that desk, on Slack in `support` at first.
    #[must_use]
    pub const fn of(desk: &'a Desk, name: &'a str) -> Self {
        Self { desk, name, stage: "slack", channel: "support" }
    }

    /// The same person on that platform.
    #[must_use]
    pub const fn on(mut self, stage: &'a str) -> Self {
        self.stage = stage;
        self
    }

    /// The same person in that channel.
    #[must_use]
    pub const fn within(mut self, channel: &'a str) -> Self {
        self.channel = channel;
        self
    }

    pub(super) fn stage(&self) -> Result<&'a dyn Stage, StageError> {
        if cast::by_name(self.name).is_none() {
            return Err(StageError(format!("{} is not in the cast", self.name)));
        }
        self.platform()
    }

    pub(super) fn platform(&self) -> Result<&'a dyn Stage, StageError> {
        self.desk.stage(self.stage)
    }

    /// Types.
    ///
    /// # Errors
    /// What the platform's own client would refuse.
    pub async fn types(&self, text: &str) -> Result<(), StageError> {
        self.stage()?.types(self.name, self.channel, text).await
    }

    /// Presses.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn presses(&self, label: &str) -> Result<(), StageError> {
        self.stage()?.presses(self.name, label).await
    }

    /// Presses the last button once more.
    ///
    /// # Errors
    /// When nothing was pressed.
    pub async fn presses_again(&self) -> Result<(), StageError> {
        self.stage()?.presses_again(self.name).await
    }

    /// Picks from a menu.
    ///
    /// # Errors
    /// When there is no such entry.
    pub async fn chooses(&self, option: &str) -> Result<(), StageError> {
        self.stage()?.chooses(self.name, option).await
    }

    /// Fills and sends the open form.
    ///
    /// # Errors
    /// When no form is open.
    pub async fn submits(&self, values: &[(String, String)]) -> Result<(), StageError> {
        self.stage()?.submits(self.name, values).await
    }

    /// Asks autocomplete.
    ///
    /// # Errors
    /// What the platform's own client would refuse.
    pub async fn completes(&self, text: &str) -> Result<Vec<String>, StageError> {
        self.stage()?.completes(self.name, self.channel, text).await
    }

    /// The platform delivers this person's last act again.
    ///
    /// # Errors
    /// When nothing was done.
    pub async fn redelivered(&self) -> Result<(), StageError> {
        self.stage()?.redelivers(self.name).await
    }

    /// What the person sees on this platform, without what is gone.
    #[must_use]
    pub fn sees(&self) -> Vec<Shown> {
        self.stage().map(|s| s.sees(self.name)).unwrap_or_default().into_iter().filter(|s| !s.gone).collect()
    }
}
