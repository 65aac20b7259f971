//! Agreement: when a plan may run. The only maker of `ApprovedPlan`.

use crate::catalog::Definition;
use crate::model::{Digest, Millis, Plan, Refusal, RefusalCode, StaffId, Tier};

use super::Policy;
use super::ask::At;
use super::rules::AGREE_WITHIN_MS;

/// One yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Whose.
    pub staff: StaffId,
    /// To which digest.
    pub digest: Digest,
    /// When.
    pub at: Millis,
    /// Why, in the approver's words; may be empty below tier 3.
    pub reason: String,
}

/// What is about to run: the plan as it is now, and what was agreed to.
pub struct Proposal<'a> {
    /// The action.
    pub definition: &'a Definition,
    /// The plan as it is now.
    pub plan: &'a Plan,
    /// Its digest now.
    pub digest: &'a Digest,
    /// Who asked.
    pub requester: &'a StaffId,
    /// Where.
    pub at: At<'a>,
    /// Every yes, the requester's own confirmation among them.
    pub agreed: &'a [Agreed],
    /// Set once the first step has begun: from then on a yes no longer ages.
    pub begun: bool,
}

/// A plan that may run: rights of everybody were checked at the moment of making it.
#[derive(Clone, Debug)]
pub struct ApprovedPlan {
    plan: Plan,
    requester: StaffId,
    approvers: Vec<StaffId>,
}

impl ApprovedPlan {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Who asked.
    #[must_use]
    pub const fn requester(&self) -> &StaffId {
        &self.requester
    }

    /// Who agreed; empty below tier 2.
    #[must_use]
    pub fn approvers(&self) -> &[StaffId] {
        &self.approvers
    }
}

/// Why a plan may not run now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The requester has not confirmed this digest.
    Confirmation,
    /// A second person has not agreed to this digest, or too long ago.
    Agreement,
    /// Somebody's rights do not reach (any more).
    Refused(Refusal),
}

impl Policy {
    /// Turns a proposal into an approved plan, if everything holds now.
    ///
    /// # Errors
    /// `Hold` says what is missing.
    pub fn approve(&self, proposal: &Proposal<'_>, now: Millis) -> Result<ApprovedPlan, Hold> {
        let plan = proposal.plan;
        let requester = self.rules.staff(proposal.requester).ok_or_else(|| Hold::Refused(gone()))?;
        let tier = plan.tier.max(proposal.definition.tier);
        self.may_ask(requester, proposal.definition, tier, proposal.at).map_err(Hold::Refused)?;
        let fresh = |a: &&Agreed| a.digest == *proposal.digest && (proposal.begun || now.since(a.at) < AGREE_WITHIN_MS);
        let current: Vec<&Agreed> = proposal.agreed.iter().filter(fresh).collect();
        if !current.iter().any(|a| a.staff == requester.id) {
            // The requester's confirmation ages too, but not before others had their whole time to agree.
            let confirmed = proposal.agreed.iter().any(|a| a.staff == requester.id && a.digest == *proposal.digest);
            if tier < Tier::Second || !confirmed {
                return Err(Hold::Confirmation);
            }
        }
        if tier < Tier::Second {
            return Ok(self.approved(proposal, Vec::new()));
        }
        let mut refused = None;
        let mut approvers = Vec::new();
        for yes in current.iter().filter(|a| a.staff != requester.id) {
            let may = match self.rules.staff(&yes.staff) {
                Some(approver) if tier < Tier::OtherRole || !yes.reason.trim().is_empty() => self
                    .may_agree(requester, approver, tier)
                    .and_then(|()| self.may_agree_to(requester, approver, plan)),
                Some(_) => Err(Refusal::new(
                    RefusalCode::BadInput,
                    "A reason is missing.",
                    "Tier 3 needs one.",
                    "Give a reason.",
                )),
                None => Err(gone()),
            };
            match may {
                Ok(()) => approvers.push(yes.staff.clone()),
                Err(no) => refused = Some(no),
            }
        }
        match (approvers.is_empty(), refused) {
            (false, _) => Ok(self.approved(proposal, approvers)),
            (true, Some(no)) => Err(Hold::Refused(no)),
            (true, None) => Err(Hold::Agreement),
        }
    }

    /// What takes an approved change back at its end: it was part of what was agreed to, so nobody's rights are asked
    /// again. `None` where the plan has no end.
    #[must_use]
    pub fn approve_end(&self, plan: &Plan, requester: &StaffId, now: Millis) -> Option<ApprovedPlan> {
        let end = plan.take_back.as_ref().filter(|end| end.at <= now)?;
        let plan = Plan { steps: vec![end.step.clone()], take_back: None, ..plan.clone() };
        Some(ApprovedPlan { plan, requester: requester.clone(), approvers: Vec::new() })
    }

    fn approved(&self, proposal: &Proposal<'_>, approvers: Vec<StaffId>) -> ApprovedPlan {
        ApprovedPlan { plan: proposal.plan.clone(), requester: proposal.requester.clone(), approvers }
    }
}

fn gone() -> Refusal {
    Refusal::new(
        RefusalCode::UnknownPerson,
        "This cannot run.",
        "Somebody who asked or agreed is no longer a member of staff.",
        "Ask again.",
    )
}
