//! The support tracker: which there is, its reading half for runbooks, its writing half for notices.
//!
//! Invariant: a tracker that cannot be asked says `NoRoute`, never that a ticket does not exist.

use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::Guard;
use crate::model::{CustomerReply, Ticket};
use crate::ports::{Clock, Fault, PortError, Readers, Replied, TicketState, TrackerRead};

use super::super::base::BadConfig;
use super::super::http::Deadlines;
use super::drill::Recorder;
use super::github::{TicketsConfig, open_tickets};
use super::outlet::Outlet;
use super::request_tracker::{RequestTrackerConfig, open_request_tracker};
use super::webhook::{Webhook, WebhookConfig};

/// Which tracker there is.
#[derive(Clone)]
pub enum TrackerConfig {
    /// The issues of a private repository on GitHub.
    Github(TicketsConfig),
    /// The tickets of Request Tracker.
    RequestTracker(RequestTrackerConfig),
    /// A webhook that is told of notes and new tickets. It cannot be asked.
    Webhook(WebhookConfig),
}

/// No tracker, or one that cannot be asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTracker;

#[async_trait]
impl TrackerRead for NoTracker {
    fn asks(&self) -> bool {
        false
    }

    async fn ticket(&self, _ticket: &Ticket) -> Result<Option<TicketState>, PortError> {
        Err(PortError::new("tracker", Fault::NoRoute))
    }

    async fn readers(&self, _ticket: &Ticket) -> Result<Option<Readers>, PortError> {
        Err(PortError::new("tracker", Fault::NoRoute))
    }

    async fn replied(&self, _reply: &CustomerReply) -> Result<Option<Replied>, PortError> {
        Err(PortError::new("tracker", Fault::NoRoute))
    }

    fn name(&self) -> &'static str {
        "The tracker"
    }
}

/// The reading and the writing half of that tracker.
///
/// # Errors
/// When an address or a credential cannot be used.
pub fn open_tracker(
    config: &TrackerConfig,
    guard: &Guard,
    clock: &Arc<dyn Clock>,
    deadlines: Deadlines,
    recorder: Arc<Recorder>,
) -> Result<(Arc<dyn TrackerRead>, Outlet), BadConfig> {
    Ok(match config {
        TrackerConfig::Github(config) => {
            let (tickets, tracker) = open_tickets(config, guard, deadlines)?;
            (Arc::new(tickets), Outlet::new(tracker, recorder))
        }
        TrackerConfig::RequestTracker(config) => {
            let (tickets, tracker) = open_request_tracker(config, guard, deadlines)?;
            (Arc::new(tickets), Outlet::new(tracker, recorder))
        }
        TrackerConfig::Webhook(config) => {
            (Arc::new(NoTracker), Outlet::new(Webhook::open(config, guard, Arc::clone(clock))?, recorder))
        }
    })
}
