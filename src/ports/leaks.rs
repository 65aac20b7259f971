//! Leak cases as runbooks may read them. What is in a case may be shown.

use async_trait::async_trait;

use crate::model::{Leak, LeakState};

use super::error::PortError;

/// The cases.
#[async_trait]
pub trait LeakRead: Send + Sync {
    /// At most `most` cases in that state (or in any), the last seen first.
    async fn leaks(&self, state: Option<LeakState>, most: u32) -> Result<Vec<Leak>, PortError>;
}
