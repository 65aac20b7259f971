//! Cases as runbooks may read them, and what may be done to one. What is in a case may be shown.

use async_trait::async_trait;

use crate::model::{CaseDeed, CaseFile, Millis, Place, RequestId, StaffId};

use super::error::PortError;

/// Reading them.
#[async_trait]
pub trait CaseRead: Send + Sync {
    /// The case of that id.
    async fn case(&self, id: &RequestId) -> Result<Option<CaseFile>, PortError>;
    /// The open case that lives in that channel or thread.
    async fn case_here(&self, place: &Place) -> Result<Option<CaseFile>, PortError>;
    /// At most `most` cases, open ones or closed ones, the newest first; without their steps and notes.
    async fn cases(&self, open: bool, most: u32) -> Result<Vec<CaseFile>, PortError>;
    /// Whether that request's deed is done.
    async fn case_deed_done(&self, request: &RequestId, deed: &CaseDeed) -> Result<bool, PortError>;
}

/// Acting on them.
#[async_trait]
pub trait CaseAct: Send + Sync {
    /// Does that deed for that request, once however often it is called. `Refused`: another case is open there, or the
    /// case is closed, or not every step has ended.
    async fn case_deed(&self, request: &RequestId, deed: &CaseDeed, by: &StaffId, at: Millis) -> Result<(), PortError>;
}
