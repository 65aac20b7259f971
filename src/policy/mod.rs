//! Policy (F3): who may, where, and who must agree. Pure: no I/O, no clock of its own.
//!
//! Invariants: unknown means no; the requester never approves; only this module makes an `ApprovedPlan`,
//! and only an `ApprovedPlan` opens `Locked` acting ports.

mod agree;
mod approvals;
mod ask;
mod glass;
mod leaving;
mod limits;
mod links;
mod locked;
mod picture;
mod roster;
mod rules;

pub use agree::{Agreed, ApprovedPlan, Hold, Proposal};
pub use approvals::{Approval, COUNT_MOST, Need, Part, Standing, WITHIN_LEAST_MS, WITHIN_MOST_MS};
pub use ask::{At, RightsHere};
pub use glass::{GLASS_MOST_MS, GlassRules};
pub use limits::{COUNTED_STATES, Counted, LIMIT_MOST, LIMIT_WINDOW_MS, Limit, Limits, limited};
pub use links::{candidates, said_of};
pub use locked::Locked;
pub use roster::{Claims, Everybody, FROM_AUTHENTIK, Joined, Remark, RightsChange, changes, everybody};
pub use rules::{AGREE_WITHIN_MS, PENDING_MOST, PREVIEW_WITHIN_MS, Rules};

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Definition};
use crate::model::Account;

/// The rules, applied to the catalog's definitions.
#[derive(Clone)]
pub struct Policy {
    rules: Rules,
    definitions: Vec<&'static Definition>,
    /// Accounts that several people claim.
    contested: BTreeSet<Account>,
    /// Who claims which account, and by what.
    claims: Claims,
}

impl Policy {
    /// A policy of these rules over that catalog.
    #[must_use]
    pub fn new(rules: Rules, catalog: &Catalog) -> Self {
        let claims = roster::configured(&rules.staff);
        Self { rules, definitions: catalog.definitions().collect(), contested: BTreeSet::new(), claims }
    }

    /// The same policy over other people.
    #[must_use]
    pub fn over(&self, all: Everybody) -> Self {
        let Everybody { staff, contested, claims, .. } = all;
        Self { rules: Rules { staff, ..self.rules.clone() }, contested, claims, ..self.clone() }
    }

    /// Accounts that several people claim, so that they are nobody's.
    #[must_use]
    pub const fn contested(&self) -> &BTreeSet<Account> {
        &self.contested
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    fn definition(&self, action: &str) -> Option<&'static Definition> {
        self.definitions.iter().copied().find(|d| d.name == action)
    }
}
