//! Incidents as their commands may read them, and the one way to change one.

use async_trait::async_trait;

use crate::model::{DeliveryLine, Entry, Incident, IncidentDeed, Millis, Place, RequestId, StaffId};

use super::error::PortError;

/// Reading them.
#[async_trait]
pub trait IncidentRead: Send + Sync {
    /// The incident of that id.
    async fn incident(&self, id: &RequestId) -> Result<Option<Incident>, PortError>;
    /// The incident of that number.
    async fn incident_numbered(&self, number: u32) -> Result<Option<Incident>, PortError>;
    /// The incident that is worked on in that channel or thread: the newest that is not closed, else the newest.
    async fn incident_here(&self, place: &Place) -> Result<Option<Incident>, PortError>;
    /// At most `most` incidents, the newest first: those that are not closed, or the closed ones.
    async fn incidents(&self, open: bool, most: u32) -> Result<Vec<Incident>, PortError>;
    /// At most `most` entries of its timeline after the entry of that number, in their order.
    async fn timeline(&self, id: &RequestId, after: u32, most: u32) -> Result<Vec<Entry>, PortError>;
    /// The delivery board: for each surface its newest notice and all that are not sent, in the order of owing.
    async fn board(&self, id: &RequestId) -> Result<Vec<DeliveryLine>, PortError>;
    /// Every delivery of that incident, in the order of owing.
    async fn deliveries(&self, id: &RequestId) -> Result<Vec<DeliveryLine>, PortError>;
    /// Whether that request's deed is done.
    async fn incident_deed_done(&self, request: &RequestId) -> Result<bool, PortError>;
}

/// Acting on them.
#[async_trait]
pub trait IncidentAct: Send + Sync {
    /// Does that deed for that request, once however often it is called. `Refused` with 409: somebody else was first,
    /// `code` says who and when.
    async fn incident_deed(
        &self,
        request: &RequestId,
        deed: &IncidentDeed,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), PortError>;
    /// Has failed deliveries of that incident tried again: that one by its key, or all.
    async fn retry_deliveries(&self, id: &RequestId, key: Option<&str>, at: Millis) -> Result<(), PortError>;
}
