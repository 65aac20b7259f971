//! Two actions of a history: both end every session of an organization; one starts at the requester's own confirmation.
//!
//! What agreement the plan needs, and who alone may give it, is the organization's.

use std::sync::Arc;

use async_trait::async_trait;

use seqn_chatops::catalog::reading::{ORG, Reading};
use seqn_chatops::catalog::{
    Action, Asked, Catalog, Definition, Family, FieldError, OptionDef, Places, Runbook, TicketRule, Visibility,
};
use seqn_chatops::model::{
    Check, CheckResult, Effect, Email, Fields, OrgSlug, Plan, Repeat, Risk, Role, Step, Tier, Tone, Verdict,
};
use seqn_chatops::ports::{PortError, Reads, SeqnSession};

use super::world::World;

static OPTIONS: [OptionDef; 1] = [ORG];

/// Tier 1 at least.
pub static MEND: Definition = definition("mend", Tier::Confirm, Role::SUPPORT);
/// Tier 2 at least.
pub static END: Definition = definition("end", Tier::Second, Role::LEAD);

const fn definition(name: &'static str, tier: Tier, role: Role) -> Definition {
    Definition {
        name,
        version: 1,
        family: Family::Seqn,
        summary: "",
        help: "",
        example: "",
        options: &OPTIONS,
        ticket: TicketRule::None,
        role,
        tier,
        tier_at_most: Tier::OtherRole,
        risk: Risk::FinalMany,
        places: Places::Actions,
        visibility: Visibility::PrivateWithOutcome,
        undo: "",
    }
}

/// The catalog: both, and the real break-glass.
pub fn catalog(world: &World) -> Catalog {
    let ours = [&MEND, &END].map(|definition| Arc::new(Ends(definition, world.clone())) as Arc<dyn Action>);
    let real = seqn_chatops::runbooks::actions();
    let glass = real.into_iter().filter(|action| action.definition().name == "break-glass");
    Catalog::new(ours.into_iter().chain(glass).collect())
}

struct Ends(&'static Definition, World);

fn email() -> Email {
    "jo@acme.example".parse().unwrap()
}

#[async_trait]
impl Runbook for Ends {
    type Input = (OrgSlug, Fields);
    type Facts = Vec<SeqnSession>;

    fn definition(&self) -> &'static Definition {
        self.0
    }

    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let org = reading.org();
        reading.done(org.map(|org| (org, fields.clone())))
    }

    async fn look(&self, _: &Asked<'_>, (org, _): &Self::Input, reads: &Reads) -> Result<Self::Facts, PortError> {
        reads.seqn.sessions(org, &email()).await
    }

    fn plan(&self, _: &Asked<'_>, (org, fields): &Self::Input, facts: &Self::Facts) -> Plan {
        let mut plan = Plan::answer(Tone::Caution, format!("End every session in {org}?"), Vec::new());
        plan.pinned = fields.clone();
        let world = self.1.get();
        let Some(customer) = world.orgs.get(org.as_str()) else { return plan };
        plan.outline = format!("end {} sessions in {org}", facts.len());
        plan.tier = customer.tier.max(self.0.tier);
        plan.approvers = customer.named.clone();
        plan.subject.insert("org".into(), org.to_string());
        for session in facts {
            let (org, session) = (org.clone(), session.id.clone());
            let key = format!("session:{session}");
            let effect = Effect::EndSession { org, email: email().to_string(), session };
            plan.steps.push(Step { key, says: "end a session".into(), effect, repeat: Repeat::AskFirst });
        }
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Self::Input, plan: &Plan, facts: &Self::Facts) -> Verdict {
        let lives = plan.steps.iter().any(|step| facts.iter().any(|one| step.key == format!("session:{}", one.id)));
        let result = if lives { CheckResult::NotConfirmed("one still lives".into()) } else { CheckResult::Confirmed };
        Verdict { checks: vec![Check { what: "They have ended".into(), result }], ..Verdict::default() }
    }
}
