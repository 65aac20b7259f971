//! The support tracker as runbooks may read it. Notes go to it as notices, through `Target`.

use async_trait::async_trait;

use crate::model::Ticket;

use super::error::PortError;

/// How a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketState {
    /// Whether it is open.
    pub open: bool,
    /// Its title, redacted and cut; may be empty.
    pub title: String,
    /// Where a person sees it.
    pub url: Option<String>,
}

/// What happens to an action for a ticket when the tracker cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenDown {
    /// It goes on, and the note stays owed.
    #[default]
    GoOn,
    /// It stops before anything is changed.
    Stop,
}

/// Reading it.
#[async_trait]
pub trait TrackerRead: Send + Sync {
    /// Whether a tracker is configured that can be asked at all.
    fn asks(&self) -> bool;
    /// That ticket. `Ok(None)`: there is none of that key. `NoRoute`: this tracker cannot be asked.
    async fn ticket(&self, ticket: &Ticket) -> Result<Option<TicketState>, PortError>;
}
