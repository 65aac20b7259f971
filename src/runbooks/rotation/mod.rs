//! `rotate-credential`: how a credential that only people can rotate is rotated, in which order, and what that breaks;
//! and, with work=yes, the same as a run that people work off and the bot proves.
//!
//! It sees no value. Invariant: what the bot can look at is looked at, and nobody's word stands for it; the OIDC client
//! secret is offered only when somebody of the staff has confirmed a mismatch or an exposure, with the evidence.

mod inventory;
mod run;

use async_trait::async_trait;
use futures_util::future::{OptionFuture, join_all, join3};

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{
    Block, CaseFile, Check, CheckResult, Fields, OrgSlug, Plan, Risk, Role, Staff, Tier, Tone, Verdict,
};
use crate::ports::{Finding, Light, Operation, PortError, Project, Reads};

use super::console::by_hand;
use crate::catalog::reading::{MAY_TICKET, Reading, option};
use inventory::{BEFORE, Credential, Do, INVENTORY};

/// The action.
pub struct Rotation;

static OPTIONS: [OptionDef; 6] = [
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
    option("confirmed-by", Kind::Person, false, "Who of the staff confirmed the exposure or the mismatch"),
    option("evidence", Kind::Text(300), false, "What shows it: a leak case, a log line's id, a time; never a value"),
    option("work", Kind::Choice(&[("yes", "Yes: step by step, here")]), false, "Work it off here, step by step"),
    option("canary", Kind::Text(127), false, "The canary project as org/project, for what is proved by provisioning"),
];

static DEFINITION: Definition = Definition {
    name: "rotate-credential",
    version: 2,
    family: Family::Rotate,
    summary: "Show how a credential of the installation is rotated, or work it off step by step with proof",
    help: "When: a credential of SEQN Auth itself was exposed, or no longer fits. It shows the steps in their order, what \
           stops meanwhile, how it is put back, and how the surfaces look that it touches. With work=yes, confirmed-by, \
           evidence and a ticket it is worked off here: people do the steps and press Done, I look at what can be looked at \
           before the next one, and the record is kept, in the case that lives here too. The OIDC client secret is offered \
           only with confirmed-by and evidence. A project's key is `/rotate secret`, a webhook's `/rotate webhook-secret`. \
           Never send a value.",
    example: "rotate credential authentik-api-token ticket=SUP-1234",
    options: &OPTIONS,
    ticket: TicketRule::May,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::OtherRole,
    risk: Risk::FinalMany,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "Each credential says how it is put back; after an exposure the old one never is.",
};

/// The options, read.
pub struct Input {
    of: &'static Credential,
    confirmed_by: String,
    evidence: String,
    ticket: String,
    work: bool,
    canary: Option<(OrgSlug, OrgSlug)>,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    seen: Vec<Finding>,
    canary: Option<Result<Project, PortError>>,
    writes: bool,
    case: Option<CaseFile>,
}

#[async_trait]
impl Runbook for Rotation {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let name = reading.text("credential");
        let found = INVENTORY.iter().find(|credential| credential.name == name);
        if found.is_none() {
            reading.wrong("credential", "Write one of the credentials that are proposed.");
        }
        let (confirmed_by, evidence) = (reading.text("confirmed-by"), reading.text("evidence"));
        let (ticket, work) = (reading.text("ticket"), reading.yes("work"));
        for (option, given) in [("confirmed-by", &confirmed_by), ("evidence", &evidence), ("ticket", &ticket)] {
            if work && given.is_empty() {
                reading.wrong(option, "It is worked off only with who confirmed why, the evidence, and a ticket.");
            }
        }
        let canary =
            fields.get("canary").map(|text| text.split_once('/').map(|(org, slug)| (org.parse(), slug.parse())));
        if canary.as_ref().is_some_and(|pair| !matches!(pair, Some((Ok(_), Ok(_))))) {
            reading.wrong("canary", "Write the organization's and the project's slug, such as canary/web.");
        }
        let canary = canary.flatten().and_then(|(org, slug)| Some((org.ok()?, slug.ok()?)));
        let fields = fields.clone();
        reading.done(found.map(|of| Input { of, confirmed_by, evidence, ticket, work, canary, fields }))
    }

    fn tier(&self, input: &Input) -> Tier {
        if input.work { Tier::OtherRole } else { Tier::Look }
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let seen = join_all(input.of.seen_by.iter().map(|subject| reads.probe.probe(*subject)));
        let canary: OptionFuture<_> = input.canary.as_ref().map(|(org, slug)| reads.seqn.project(org, slug)).into();
        let (seen, canary, case) = join3(seen, canary, reads.cases.case_here(asked.place)).await;
        let writes = by_hand(reads, &[Operation::UpdateProject]).is_none();
        Ok(Facts { seen, canary, writes, case: case? })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let confirmer = asked.rights.staff(&input.confirmed_by);
        if !input.confirmed_by.is_empty() && confirmer.is_none() {
            let next = "Nothing is rotated on a guess. Ask again with confirmed-by=@name and the evidence.";
            let what = "The person who confirmed it is not a member of staff.";
            return Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())]);
        }
        let confirmed = confirmer.filter(|_| !input.evidence.is_empty());
        match (confirmed, input.work) {
            (None, _) if input.of.confirmed => withheld(input.of, &facts.seen),
            (Some(confirmer), true) => run::plan(asked, input, facts, &confirmer),
            (confirmed, _) => shown(input.of, confirmed.as_ref(), &facts.seen),
        }
    }

    fn verify(&self, asked: &Asked<'_>, input: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let check = |finding: &Finding| {
            let result = match finding.light {
                Light::Green => CheckResult::Confirmed,
                Light::Skipped => CheckResult::CouldNotLook(finding.says.clone()),
                _ => CheckResult::NotConfirmed(finding.says.clone()),
            };
            Check { what: finding.subject.title().into(), result }
        };
        let mut checks: Vec<Check> = facts.seen.iter().filter(|one| one.light != Light::Skipped).map(check).collect();
        if checks.is_empty() {
            let why = "no surface shows it; people have said of each step that it is done".to_owned();
            checks.push(Check { what: "The new credential".into(), result: CheckResult::CouldNotLook(why) });
        }
        let confirmer = asked.rights.staff(&input.confirmed_by);
        let note = confirmer.map(|confirmer| run::note(asked, input, &confirmer));
        let conclusion = note.into_iter().flat_map(|note| {
            [Block::Text("The dated note, for the ticket and the operations log:".into()), Block::Code(note)]
        });
        Verdict { checks, conclusion: conclusion.collect(), ..Verdict::default() }
    }
}

fn ill(seen: &[Finding]) -> bool {
    seen.iter().any(|finding| !matches!(finding.light, Light::Green | Light::Skipped))
}

/// How what it touches looks now.
fn surfaces(seen: &[Finding]) -> Block {
    let line = |finding: &Finding| format!("{}: {}", finding.subject.title(), finding.says);
    if seen.is_empty() {
        return Block::Note("The bot can look at nothing of this: a person proves it.".into());
    }
    let heading = if ill(seen) { "What it touches is NOT well now" } else { "What it touches is well now" };
    Block::Items { heading: heading.into(), items: seen.iter().map(line).collect() }
}

/// A step in words.
fn says(step: &Do) -> String {
    match step {
        Do::Hand(todo) => (*todo).to_owned(),
        Do::Well(subjects) => {
            let titles: Vec<&str> = subjects.iter().map(|subject| subject.title()).collect();
            format!("(I look, and go on when it is well: {})", titles.join(", "))
        }
        Do::SignIn => "(I look whether a new session of yours has begun at SEQN Auth)".into(),
        Do::Canary => {
            "The canary project first: it is written again, and must stand at ready. (I look, where canary=… names it)"
                .into()
        }
    }
}

fn shown(of: &Credential, confirmed: Option<&Staff>, seen: &[Finding]) -> Plan {
    let tone = if ill(seen) { Tone::Bad } else { Tone::Caution };
    let items = BEFORE.iter().chain(of.steps).enumerate().map(|(n, step)| format!("{}. {}", n + 1, says(step)));
    let name = of.name;
    let by = confirmed.map_or_else(|| "@name".to_owned(), |staff| format!("@{}", staff.id));
    let blocks = vec![
        Block::Text(format!("What it breaks: {}", of.blast)),
        Block::Items { heading: "In this order, by a person".into(), items: items.collect() },
        Block::Text(format!("To put it back: {}", of.rollback)),
        surfaces(seen),
        Block::Text("To work it off here, with a second person's agreement, proof and record:".into()),
        Block::Code(format!("/rotate credential {name} work=yes confirmed-by={by} evidence=\"…\" ticket=…")),
    ];
    Plan::answer(tone, format!("Rotating: {}", of.title), blocks)
}

/// Without a confirmed reason it is not even shown how: rotating it on a guess locks everybody out.
fn withheld(of: &Credential, seen: &[Finding]) -> Plan {
    let blocks = vec![
        Block::Text(format!("What it breaks: {}", of.blast)),
        Block::Text(
            "It is offered when somebody of the staff has confirmed by name that Authentik and SEQN Auth hold different \
             secrets, or that it was exposed, and says what shows it. Callback errors alone do not show it: `/seqn sign-in` \
             looks for other causes first."
                .into(),
        ),
        Block::Code(format!("/rotate credential {} confirmed-by=@name evidence=\"…\"", of.name)),
        surfaces(seen),
    ];
    Plan::answer(Tone::Caution, format!("Not confirmed: {}", of.title), blocks)
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

    #[test]
    fn what_can_be_seen_at_the_end_is_seen_before_the_last_step() {
        for of in &INVENTORY {
            let looks = of.steps.iter().any(|step| !matches!(step, Do::Hand(_)));
            assert_eq!(looks, !of.seen_by.is_empty() && of.name != "publishable-key", "{}", of.name);
            assert!(!of.blast.is_empty() && !of.rollback.is_empty(), "{}", of.name);
        }
    }
}
