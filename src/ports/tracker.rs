//! The support tracker as runbooks may read it. Notes go to it as notices, through `Target`.

use async_trait::async_trait;

use crate::model::{CustomerReply, Ticket};

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

/// Who reads what is said to the customer on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Those who are in the correspondence of the ticket; they get it by mail.
    Correspondents {
        /// Who asked.
        requestors: Vec<String>,
        /// Who gets copies.
        copies: Vec<String>,
    },
    /// Everybody who sees the repository.
    Repository {
        /// Its name.
        name: String,
        /// Whether only those see it who were let in; `None`: it does not say so.
        private: Option<bool>,
    },
}

impl Readers {
    /// Whether there is anybody at all.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        matches!(self, Self::Correspondents { requestors, copies } if requestors.is_empty() && copies.is_empty())
    }

    /// Whether only people read it whom the ticket's side knows.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Correspondents { .. } | Self::Repository { private: Some(true), .. })
    }
}

/// A reply as the tracker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replied {
    /// Whether its text is, word for word, the one that was sent.
    pub as_sent: bool,
    /// What it is called there.
    pub id: String,
    /// Where it is seen.
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
    /// Who would read a reply on that ticket. `Ok(None)`: there is no such ticket.
    async fn readers(&self, ticket: &Ticket) -> Result<Option<Readers>, PortError>;
    /// That reply, where the tracker shows it to the customer.
    async fn replied(&self, reply: &CustomerReply) -> Result<Option<Replied>, PortError>;
    /// Its name, as people know it.
    fn name(&self) -> &'static str;
}
