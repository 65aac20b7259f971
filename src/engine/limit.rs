//! Limits: asked before a request is stored, and again before it runs.
//!
//! Invariant: a refused request, a dry run and one that only reads count for nothing.

use crate::catalog::Definition;
use crate::model::{Refusal, RequestId, StaffId};
use crate::policy::{COUNTED_STATES, Counted, Limit};
use crate::store::{Tx, Used};

use super::{Engine, Trouble};

impl Engine {
    /// The first limit that is reached for what that person asks for. `but`: the request itself, when it is stored already.
    pub(super) async fn limit_reached(
        &self,
        tx: &mut Tx<'_>,
        staff: &StaffId,
        (definition, org): (&'static Definition, Option<&str>),
        but: Option<&RequestId>,
    ) -> Result<Option<Refusal>, Trouble> {
        let since = Limit::since(self.parts.clock.now());
        for limit in self.policy().limits(definition, org) {
            let used = Used {
                since,
                actions: &limit.actions,
                states: &COUNTED_STATES,
                staff: (limit.counted == Counted::Person).then_some(staff),
                org: if let Counted::Org(org) = &limit.counted { Some(org) } else { None },
                but,
                most: limit.most,
            };
            if let Err(no) = limit.check(&tx.used(&used).await?) {
                return Ok(Some(no));
            }
        }
        Ok(None)
    }
}
