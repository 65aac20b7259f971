//! `rotate-secret`: a project's `sk_live_` key.

use async_trait::async_trait;
use futures_util::future::{OptionFuture, join3};

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Fields, Handed, KeyOf, OrgSlug, Plan, Risk, Role, Tier, Verdict};
use crate::ports::{Operation, PortError, Project, Reads};

use super::super::card::not_read;
use super::canary::{Canary, not_there};
use super::plan::{Target, plan};
use super::proof::{Begins, Proof, verdict};
use super::{CAUSE, CONFIRMED_BY, CONSUMERS, EVIDENCE, How, Why, how};
use crate::catalog::reading::{MUST_TICKET, ORG, PROJECT, Reading, option};

/// The action.
pub struct RotateSecret;

static OPTIONS: [OptionDef; 8] = [
    ORG,
    PROJECT,
    MUST_TICKET,
    CONFIRMED_BY,
    EVIDENCE,
    CAUSE,
    CONSUMERS,
    option("canary", Kind::Project, false, "A project of the same organization that is rotated first, if there is one"),
];

static DEFINITION: Definition = Definition {
    name: "rotate-secret",
    version: 2,
    family: Family::Rotate,
    summary: "Have a project's secret key rotated, handed over sealed, and proved by the new prefix",
    help: "When: a secret key was exposed (see `leaks`), or is confirmed to be stale (see `project-config`). Somebody of \
           the staff confirmed it by name, with evidence. Where the API does it here, I have it rotated and hand the new key \
           over sealed to those who receive it, or put it where the configuration says; else a person rotates in the hosted \
           console, straight into the customer's secret store. It is never in chat. With canary=… that project goes first. \
           Afterwards the new prefix proves it.",
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
    canary: Option<OrgSlug>,
    why: Why,
}

/// What was looked up.
pub struct Facts {
    project: Result<Project, PortError>,
    canary: Option<Result<Project, PortError>>,
    how: How,
    handed: Vec<Handed>,
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
        let canary = fields.get("canary").and_then(|slug| slug.parse().ok());
        if fields.get("canary").is_some() && canary.is_none() {
            reading.wrong("canary", "Write the slug of a project of the same organization.");
        }
        let why = Why::read(&reading, fields);
        reading.done(org.zip(project).map(|(org, project)| Input { org, project, canary, why }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let handed = reads.handed.handed(asked.request).await?;
        let canary: OptionFuture<_> = input.canary.as_ref().map(|canary| reads.seqn.project(&input.org, canary)).into();
        let how = how(reads, &input.org, Operation::RotateProjectSecret, !handed.is_empty());
        let (project, canary, how) = join3(reads.seqn.project(&input.org, &input.project), canary, how).await;
        Ok(Facts { project, canary, how, handed, console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let project = match &facts.project {
            Ok(project) => project,
            Err(error) => {
                let what = format!("the project {} of {}", input.project, input.org);
                return not_read(&what, error, &facts.console);
            }
        };
        let canary = match (&input.canary, &facts.canary) {
            (Some(slug), Some(Ok(found))) if *slug != input.project => {
                Some(Canary { key: KeyOf::Project(slug.clone()), prefix: &found.secret_prefix })
            }
            (Some(slug), _) => return not_there(slug.as_str()),
            (None, _) => None,
        };
        let target = Target {
            key: KeyOf::Project(input.project.clone()),
            org: &input.org,
            prefix: &project.secret_prefix,
            impact: "What it breaks: the project's backends fail with 401 from that moment until they have the new key.",
            kind: "the project",
            console: &facts.console,
            how: &facts.how,
            canary,
        };
        plan(asked, &input.why, &target)
    }

    fn verify(&self, asked: &Asked<'_>, input: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let canary = input.canary.clone().zip(facts.canary.as_ref());
        let proof = Proof {
            command: "secret",
            org: &input.org,
            key: KeyOf::Project(input.project.clone()),
            now: begins(&facts.project),
            canary: canary.map(|(slug, found)| (KeyOf::Project(slug), begins(found))),
            handed: &facts.handed,
        };
        verdict(asked, &input.why, plan, &proof)
    }
}

fn begins(project: &Result<Project, PortError>) -> Begins {
    project.as_ref().map(|project| project.secret_prefix.clone()).map_err(PortError::of_look)
}
