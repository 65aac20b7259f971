//! A surface outside chat that is told something: a pager, push, a status page, a tracker, a webhook. Rooms in chat are
//! told in the same way.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::Redacted;
use crate::model::{Dedup, Notice, Platform, Proof};

use super::error::PortError;

/// One surface. Its name in the configuration is the `target` of the notices that it gets.
#[async_trait]
pub trait Target: Send + Sync {
    /// What it does with the same notice twice.
    fn dedup(&self) -> Dedup;
    /// Tells it, once. `object`: the far object of that subject, where an earlier notice has made one.
    /// A `PortError` that is `ambiguous` says that it may have been taken; one that is not `passing` will not be taken
    /// later either.
    async fn tell(&self, notice: &Redacted<Notice>, object: Option<&str>) -> Result<Proof, PortError>;
    /// Looks whether it was told that notice already. Only asked of surfaces that can be looked up.
    async fn told(&self, notice: &Redacted<Notice>, object: Option<&str>) -> Result<Option<Proof>, PortError>;
}

/// The name of the surface that an incident's room on that platform is.
#[must_use]
pub const fn room_target(platform: Platform) -> &'static str {
    match platform {
        Platform::Slack => "slack-room",
        Platform::Discord => "discord-room",
        Platform::Console => "console-room",
    }
}

/// The surfaces, by name.
#[derive(Clone, Default)]
pub struct Targets(pub BTreeMap<String, Arc<dyn Target>>);
