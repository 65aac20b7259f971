//! `rotate-credential`: how a credential that only people can rotate is rotated, in which order, and what that breaks.
//!
//! It changes nothing, and sees no value. Invariant: what the bot can look at is looked at, and the rest is said to be a
//! person's.

mod inventory;

use async_trait::async_trait;
use futures_util::future::join_all;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Block, Fields, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{Finding, Light, PortError, Reads};

use crate::catalog::reading::{MAY_TICKET, Reading, option};
use inventory::{BEFORE, Credential, INVENTORY};

/// The action.
pub struct Rotation;

static OPTIONS: [OptionDef; 2] = [
    OptionDef {
        positional: true,
        source: Source::Choices,
        ..option(
            "credential",
            Kind::Choice(&[
                ("oidc-client-secret", "OIDC client secret"),
                ("authentik-api-token", "Authentik API token"),
                ("session-secret", "Session secret"),
                ("database-passwords", "Database passwords"),
                ("backup-key", "Backup encryption key"),
                ("publishable-key", "Publishable project key"),
            ]),
            true,
            "Which credential; keys of projects and webhooks have commands of their own",
        )
    },
    MAY_TICKET,
];

static DEFINITION: Definition = Definition {
    name: "rotate-credential",
    version: 1,
    family: Family::Rotate,
    summary: "Show how a credential of the installation is rotated: order, blast radius, proof",
    help: "When: a credential of SEQN Auth itself was exposed, or no longer fits. It shows the steps in their order, what \
           stops meanwhile, how it is put back, and how the surfaces look that it touches: ask before and after. A \
           project's key is `/rotate secret`, a webhook's `/rotate webhook-secret`. Never send a value.",
    example: "rotate credential authentik-api-token ticket=SUP-1234",
    options: &OPTIONS,
    ticket: TicketRule::May,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

#[async_trait]
impl Runbook for Rotation {
    type Input = &'static Credential;
    type Facts = Vec<Finding>;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let name = reading.text("credential");
        let found = INVENTORY.iter().find(|credential| credential.name == name);
        if found.is_none() {
            reading.wrong("credential", "Write one of the credentials that are proposed.");
        }
        reading.done(found)
    }

    async fn look(&self, _: &Asked<'_>, of: &Self::Input, reads: &Reads) -> Result<Vec<Finding>, PortError> {
        Ok(join_all(of.seen_by.iter().map(|subject| reads.probe.probe(*subject))).await)
    }

    fn plan(&self, _: &Asked<'_>, of: &Self::Input, seen: &Vec<Finding>) -> Plan {
        let failing = seen.iter().any(|finding| !matches!(finding.light, Light::Green | Light::Skipped));
        let tone = if failing { Tone::Bad } else { Tone::Caution };
        let steps = BEFORE.iter().chain(of.steps).enumerate();
        let mut blocks = vec![
            Block::Text(format!("What it breaks: {}", of.blast)),
            Block::Items {
                heading: "In this order, by a person".into(),
                items: steps.map(|(n, step)| format!("{}. {step}", n + 1)).collect(),
            },
            Block::Text(format!("To put it back: {}", of.rollback)),
        ];
        let line = |finding: &Finding| format!("{}: {}", finding.subject.title(), finding.says);
        blocks.push(if seen.is_empty() {
            Block::Note("The bot can look at nothing of this: a person proves it.".into())
        } else {
            let heading = if failing { "What it touches is NOT well now" } else { "What it touches is well now" };
            Block::Items { heading: heading.into(), items: seen.iter().map(line).collect() }
        });
        Plan::answer(tone, format!("Rotating: {}", of.title), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Self::Input, _: &Plan, _: &Vec<Finding>) -> Verdict {
        Verdict::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_credential_of_the_inventory_can_be_chosen_and_no_other() {
        let Kind::Choice(choices) = OPTIONS[0].kind else { panic!("it is a choice") };
        let chosen: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let known: Vec<&str> = INVENTORY.iter().map(|credential| credential.name).collect();
        assert_eq!(chosen, known);
    }
}
