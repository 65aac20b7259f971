//! The audit trail as runbooks may read it, and the one thing that may be done to it. What is in it may hold a
//! customer's details; whoever shows it masks them.

use async_trait::async_trait;

use crate::model::{Erasing, Evidence, Linked, Millis, RequestId, StaffId, TrailFilter, TrailRow};

use super::error::PortError;

/// Reading it.
#[async_trait]
pub trait TrailRead: Send + Sync {
    /// At most `most` rows that are asked for, the newest first, from before the row of that number on.
    async fn trail(&self, filter: &TrailFilter, before: Option<i64>, most: u32) -> Result<Vec<TrailRow>, PortError>;
    /// How many rows have details that would be erased.
    async fn to_erase(&self, what: &Erasing) -> Result<u64, PortError>;
    /// At most `most` links between entries of outside logs and requests that are asked for, the newest entries first.
    /// With `entry`: only of the entry of that id. Of the filter, moments are those of the entries.
    async fn linked(&self, filter: &TrailFilter, entry: Option<&str>, most: u32) -> Result<Vec<Linked>, PortError>;
    /// The entries that are linked to that request, the oldest first.
    async fn linked_to(&self, request: &RequestId) -> Result<Vec<Evidence>, PortError>;
}

/// What is linked.
#[derive(Clone, Copy, Debug)]
pub struct Linking<'a> {
    /// The entries.
    pub entries: &'a [Evidence],
    /// The incident whose timeline says so, and what it says.
    pub incident: Option<(&'a RequestId, &'a str)>,
}

/// Acting on it.
#[async_trait]
pub trait TrailAct: Send + Sync {
    /// Erases those details, for good and also from the files. Twice is once.
    async fn erase(&self, what: &Erasing, by: &StaffId, at: Millis) -> Result<(), PortError>;
    /// Links those entries to that request, and says so in the incident's timeline. Twice is once.
    async fn link(&self, request: &RequestId, what: &Linking<'_>, by: &StaffId, at: Millis) -> Result<(), PortError>;
}
