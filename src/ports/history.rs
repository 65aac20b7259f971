//! The history of a chat channel: what a scan of it would find, and having it scanned.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::model::{Millis, Place, RequestId};

use super::error::PortError;

/// What a dry run found. Nothing was recorded and nothing removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Messages that were read.
    pub messages: u32,
    /// Files that they have; a dry run does not open them.
    pub files: u32,
    /// Messages that hold secrets, by the kind of the first one.
    pub found: BTreeMap<String, u32>,
    /// Whether all of the span was read; a dry run ends after some pages.
    pub whole: bool,
}

/// How far a scan has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanProgress {
    /// Messages that were read.
    pub messages: u32,
    /// How many of them hold something.
    pub found: u32,
    /// Whether there is more to read.
    pub open: bool,
    /// Why it waits or ended early; may be empty.
    pub why: String,
}

/// Reading it.
#[async_trait]
pub trait HistoryRead: Send + Sync {
    /// What a scan of that span would find, as far as a few pages tell. `NoRoute`: there is no history to read here.
    async fn survey(&self, place: &Place, since: Millis, until: Millis) -> Result<Survey, PortError>;
    /// The scan that was begun for that request.
    async fn progress(&self, request: &RequestId) -> Result<Option<ScanProgress>, PortError>;
}

/// Having it scanned.
#[async_trait]
pub trait HistoryAct: Send + Sync {
    /// Has that span read and everything in it followed up. The same request begins one scan only.
    async fn scan(&self, request: &RequestId, place: &Place, since: Millis, until: Millis) -> Result<(), PortError>;
}
