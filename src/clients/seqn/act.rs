//! Changing SEQN Auth: one request a change, on behalf of a member of staff, with an idempotency key.
//!
//! Nothing is repeated here. Invariant: what is off, or has no credential, sends nothing.

use async_trait::async_trait;

use crate::model::{OrgSlug, SessionId, StaffId};
use crate::ports::{Operation, PortError, SeqnAct};

use super::super::http::Ask;
use super::SeqnActor;

#[async_trait]
impl SeqnAct for SeqnActor {
    async fn end_session(&self, org: &OrgSlug, session: &SessionId, by: &StaffId, key: &str) -> Result<(), PortError> {
        let operation = Operation::RevokeSession;
        self.link.open(operation)?;
        let url = self.link.url(operation, &[("org", org.as_str()), ("sessionId", session.as_str())])?;
        let ask = Ask::delete(url).header("idempotency-key", key).header("x-seqn-on-behalf-of", by.as_str());
        self.link.call(operation, ask).await?.done()
    }
}
