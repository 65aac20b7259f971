//! Agreement: when a plan may run. The only maker of `ApprovedPlan`.

use crate::catalog::Definition;
use crate::model::{Digest, Glass, Millis, Plan, Refusal, RefusalCode, Staff, StaffId, Tier};

use super::Policy;
use super::approvals::Need;
use super::ask::At;

/// One yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Whose.
    pub staff: StaffId,
    /// To which digest.
    pub digest: Digest,
    /// When.
    pub at: Millis,
    /// Why, in the approver's words; may be empty where no reason is asked for.
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
    /// The glass that was broken for it, where one was.
    pub glass: Option<&'a Glass>,
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
    /// Those who must have not all agreed to this digest, or too long ago.
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
        let need = self.rules.need(proposal.definition.name, tier);
        let fresh = |a: &&Agreed| a.digest == *proposal.digest && (proposal.begun || need.fresh(a.at, now));
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
        let (this, when) = ((plan, proposal.digest), (proposal.begun, now));
        if proposal.glass.is_some_and(|glass| self.glass_counts(glass, requester, this, when)) {
            return Ok(self.approved(proposal, Vec::new()));
        }
        let mut refused = None;
        let mut people: Vec<&Staff> = Vec::new();
        for yes in current.iter().filter(|a| a.staff != requester.id) {
            match self.counts(requester, yes, plan, (tier, &need)) {
                Ok(approver) if people.iter().any(|known| known.id == approver.id) => {}
                Ok(approver) => people.push(approver),
                Err(no) => refused = Some(no),
            }
        }
        let whole = self.rules.filled(&need.parts(), &people).iter().all(Option::is_some);
        match (whole, refused) {
            (true, _) => Ok(self.approved(proposal, people.iter().map(|staff| staff.id.clone()).collect())),
            (false, Some(no)) => Err(Hold::Refused(no)),
            (false, None) => Err(Hold::Agreement),
        }
    }

    /// Whose yes that is, if it counts now.
    fn counts(
        &self,
        requester: &Staff,
        yes: &Agreed,
        plan: &Plan,
        (tier, need): (Tier, &Need),
    ) -> Result<&Staff, Refusal> {
        let approver = self.rules.staff(&yes.staff).ok_or_else(gone)?;
        if need.reason && yes.reason.trim().is_empty() {
            return Err(no_reason(need));
        }
        self.may_agree(requester, approver, tier)?;
        self.named_by(approver, plan)?;
        self.has_part(approver, need)?;
        Ok(approver)
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

fn no_reason(need: &Need) -> Refusal {
    let why = match need.rule {
        None => "Tier 3 needs one.".into(),
        Some(_) => format!("It is decided by {}.", need.says()),
    };
    Refusal::new(RefusalCode::BadInput, "A reason is missing.", why, "Give a reason.")
}
