//! `rotate-secret`: a project's `sk_live_` key.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Check, CheckResult, Fields, OrgSlug, Plan, Risk, Role, Tier, Verdict};
use crate::ports::{PortError, Project, Reads};

use super::super::card::not_read;
use super::plan::{Target, plan, rotated};
use super::{CAUSE, CONFIRMED_BY, CONSUMERS, EVIDENCE, Why};
use crate::catalog::reading::{MUST_TICKET, ORG, PROJECT, Reading};

/// The action.
pub struct RotateSecret;

static OPTIONS: [OptionDef; 7] = [ORG, PROJECT, MUST_TICKET, CONFIRMED_BY, EVIDENCE, CAUSE, CONSUMERS];

static DEFINITION: Definition = Definition {
    name: "rotate-secret",
    version: 1,
    family: Family::Rotate,
    summary: "Have a project's secret key rotated, and prove it by the new prefix",
    help: "When: a secret key was exposed (see `leaks`), or is confirmed to be stale (see `project-config`). Somebody of \
           the staff confirmed it by name, with evidence. The new value goes from the hosted console straight into the \
           customer's secret store; it is never in chat. Afterwards the new prefix proves it.",
    example: "rotate secret acme portal cause=exposed confirmed-by=@sam evidence=\"leak case of 09:12\" ticket=SUP-1234",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::OtherRole,
    tier_at_most: Tier::OtherRole,
    risk: Risk::FinalOne,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None: the old key stays dead; a new rotation makes another one.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    project: OrgSlug,
    why: Why,
}

/// What was looked up.
pub struct Facts {
    project: Result<Project, PortError>,
    console: String,
}

#[async_trait]
impl Runbook for RotateSecret {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, project) = (reading.org(), reading.project());
        let why = Why::read(&reading, fields);
        reading.done(org.zip(project).map(|(org, project)| Input { org, project, why }))
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let project = reads.seqn.project(&input.org, &input.project).await;
        Ok(Facts { project, console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let project = match &facts.project {
            Ok(project) => project,
            Err(error) => {
                let what = format!("the project {} of {}", input.project, input.org);
                return not_read(&what, error, &facts.console);
            }
        };
        let target = Target {
            what: format!("the secret key of {} in {}", input.project, input.org),
            org: input.org.as_str(),
            item: input.project.as_str(),
            prefix: &project.secret_prefix,
            impact: "What it breaks: the project's backends fail with 401 from that moment until they have the new key.",
            page: format!("Open the project {} of {}", input.project, input.org),
            console: &facts.console,
        };
        plan(asked, &input.why, &target)
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let check = match &facts.project {
            Ok(project) => rotated(plan, &project.secret_prefix),
            Err(error) => Check { what: "The key".into(), result: CheckResult::CouldNotLook(error.of_look()) },
        };
        let mut verdict = Verdict { checks: vec![check], ..Verdict::default() };
        if let Ok(project) = &facts.project {
            verdict.conclusion.push(Block::Text(format!("The key begins with {} now.", project.secret_prefix)));
        }
        verdict
    }
}
