//! The audit trail as runbooks may read it, and the one thing that may be done to it. What is in it may hold a
//! customer's details; whoever shows it masks them.

use async_trait::async_trait;

use crate::model::{Erasing, Millis, StaffId, TrailFilter, TrailRow};

use super::error::PortError;

/// Reading it.
#[async_trait]
pub trait TrailRead: Send + Sync {
    /// At most `most` rows that are asked for, the newest first, from before the row of that number on.
    async fn trail(&self, filter: &TrailFilter, before: Option<i64>, most: u32) -> Result<Vec<TrailRow>, PortError>;
    /// How many rows have details that would be erased.
    async fn to_erase(&self, what: &Erasing) -> Result<u64, PortError>;
}

/// Acting on it.
#[async_trait]
pub trait TrailAct: Send + Sync {
    /// Erases those details, for good and also from the files. Twice is once.
    async fn erase(&self, what: &Erasing, by: &StaffId, at: Millis) -> Result<(), PortError>;
}
