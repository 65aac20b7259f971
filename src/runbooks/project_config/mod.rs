//! `project-config`: a project's status, its redirect URLs and origins against the app's environment, and its keys.
//!
//! Nothing is sent to the customer's key: its health is a command for their own backend. Invariant: a change keeps every
//! address that nobody asked about, and replaces one only by what it was mistaken for.

mod compare;
mod judge;

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, OrgSlug, Plan, ProjectChange, Risk, Role, Tier, Tone, Verdict,
};
use crate::ports::{Operation, PortError, Project, Provisioning, PublicConfig, Reads};

use super::card::{Card, not_read};
use super::console::{ByHand, by_hand, one_step};
use crate::catalog::reading::{MAY_TICKET, ORG, PROJECT, Reading, option};
use judge::stands;

/// The action.
pub struct ProjectConfig;

/// The most addresses of one kind that are compared.
const ADDRESSES_MOST: usize = 20;
/// The parts of a plan's subject from which is read back what was to be written.
const REDIRECTS_AFTER: &str = "redirects after";
const ORIGINS_AFTER: &str = "origins after";
const YES: Kind = Kind::Choice(&[("yes", "Yes")]);

static OPTIONS: [OptionDef; 8] = [
    ORG,
    PROJECT,
    MAY_TICKET,
    option("redirects", Kind::Text(1_500), false, "The app's redirect URLs, as its environment has them"),
    option("origins", Kind::Text(1_000), false, "The app's origins, as its environment has them"),
    option("key-prefix", Kind::KeyPrefix, false, "How the backend's secret key begins: 8 characters after its prefix"),
    option("apply", YES, false, "Write the proposed redirect URLs and origins"),
    option("again", YES, false, "Write the project under its own name, which provisions it anew"),
];

static DEFINITION: Definition = Definition {
    name: "project-config",
    version: 1,
    family: Family::Seqn,
    summary: "Compare a project's redirect URLs, origins and keys with the app's environment, and mend them",
    help: "Symptoms: redirect_uri mismatch, callback error, CORS error, 409 application_disabled, 401 invalid_secret_key. \
           Give the app's redirect URLs and origins: each difference is shown at its character. With apply=yes and a \
           ticket the proposed lists are written, which a second person agrees to; again=yes only provisions anew.",
    example: "project-config acme portal redirects=\"https://portal.acme.example/auth/callback/\"",
    options: &OPTIONS,
    ticket: TicketRule::May,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Second,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Ask again with the addresses as they were; the record holds them.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    project: OrgSlug,
    redirects: Vec<String>,
    origins: Vec<String>,
    key_prefix: String,
    apply: bool,
    again: bool,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    project: Result<Project, PortError>,
    public: Option<Result<PublicConfig, PortError>>,
    by_hand: Option<ByHand>,
    console: String,
}

#[async_trait]
impl Runbook for ProjectConfig {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, project) = (reading.org(), reading.project());
        let (apply, again) = (reading.yes("apply"), reading.yes("again"));
        let redirects = addresses(&mut reading, "redirects");
        let origins = addresses(&mut reading, "origins");
        if apply && redirects.is_empty() && origins.is_empty() {
            reading.wrong("apply", "Give the app's redirects or origins too: they are what is written.");
        }
        if apply && again {
            reading.wrong("again", "Leave it out: apply=yes provisions anew as well.");
        }
        if (apply || again) && reading.text("ticket").is_empty() {
            reading.wrong("ticket", "Writing a project needs the ticket it is for.");
        }
        let key_prefix = reading.text("key-prefix");
        let fields = fields.clone();
        let input = org.zip(project).map(|(org, project)| Input {
            org,
            project,
            redirects,
            origins,
            key_prefix,
            apply,
            again,
            fields,
        });
        reading.done(input)
    }

    fn tier(&self, input: &Input) -> Tier {
        match (input.apply, input.again) {
            (true, _) => Tier::Second,
            (false, true) => Tier::Confirm,
            (false, false) => Tier::Look,
        }
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let project = reads.seqn.project(&input.org, &input.project).await;
        let key = project.as_ref().map(|project| project.publishable_key.as_str()).unwrap_or_default();
        let public = if key.is_empty() { None } else { Some(reads.seqn.public_config(key).await) };
        let by_hand = by_hand(reads, &[Operation::UpdateProject]);
        Ok(Facts { project, public, by_hand, console: reads.seqn.console() })
    }

    fn plan(&self, _: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let project = match &facts.project {
            Ok(project) => project,
            Err(error) => {
                let what = format!("the project {} of {}", input.project, input.org);
                return not_read(&what, error, &facts.console);
            }
        };
        let mut card = Card::default();
        let proposed = judge::judge(&mut card, input, project, facts);
        let change = match (input.apply, input.again) {
            (true, _) if proposed == ProjectChange::default() => None,
            (true, _) => Some(proposed),
            (false, true) => Some(ProjectChange { name: Some(project.name.clone()), ..ProjectChange::default() }),
            (false, false) => None,
        };
        match change {
            Some(change) => writes(input, project, facts, card, change),
            None => card.answer(
                format!("The configuration of {} in {} does not fit.", input.project, input.org),
                format!("Nothing is wrong with the configuration of {} in {}.", input.project, input.org),
            ),
        }
    }

    fn verify(&self, asked: &Asked<'_>, _: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let meant = |name: &str, now: &[String]| plan.subject.get(name).is_none_or(|after| *after == now.join(" "));
        let written = match &facts.project {
            Err(error) => CheckResult::CouldNotLook(error.of_look()),
            Ok(now) if meant(REDIRECTS_AFTER, &now.redirects) && meant(ORIGINS_AFTER, &now.origins) => {
                CheckResult::Confirmed
            }
            Ok(_) => CheckResult::NotConfirmed("the project does not have what was to be written".into()),
        };
        let state = facts.project.as_ref().ok().and_then(|project| project.provisioning.as_ref());
        let provisioned = match state {
            _ if facts.project.is_err() => CheckResult::CouldNotLook("the project could not be read".into()),
            Some(state) if state.status == "ready" => CheckResult::Confirmed,
            Some(state) => CheckResult::NotConfirmed(format!("it is {} {}", state.status, state.error)),
            None => CheckResult::CouldNotLook("SEQN Auth says nothing about it".into()),
        };
        let checks = vec![
            Check { what: "The project as it is now".into(), result: written },
            Check { what: format!("Its provisioning, looked at {}", asked.now), result: provisioned },
        ];
        let conclusion = vec![changed(plan, state)];
        Verdict { checks, conclusion, ..Verdict::default() }
    }
}

/// How the provisioning stood when it was agreed to, and how it stands now.
fn changed(plan: &Plan, now: Option<&Provisioning>) -> Block {
    let before = plan.steps.iter().find_map(|step| match &step.effect {
        Effect::WriteProject { was, .. } => Some(was.clone()),
        _ => None,
    });
    let now = now.map_or_else(|| "unknown".to_owned(), stands);
    Block::Fields(vec![
        ("Provisioning before".into(), before.filter(|was| !was.is_empty()).unwrap_or_else(|| "unknown".into())),
        ("Provisioning now".into(), now),
    ])
}

fn writes(input: &Input, project: &Project, facts: &Facts, card: Card, change: ProjectChange) -> Plan {
    let what = if input.apply { "Write the redirect URLs and origins" } else { "Provision anew" };
    let mut plan = Plan::answer(Tone::Caution, format!("{what} of {} in {}?", input.project, input.org), Vec::new());
    plan.tier = if input.apply { Tier::Second } else { Tier::Confirm };
    plan.outline = format!(
        "{} the project {} of {}",
        if input.apply { "mend" } else { "provision anew" },
        input.project,
        input.org
    );
    plan.pinned = input.fields.clone();
    let lists = [
        ("Redirect URLs", REDIRECTS_AFTER, &project.redirects, &change.redirects),
        ("Origins", ORIGINS_AFTER, &project.origins, &change.origins),
    ];
    plan.subject =
        BTreeMap::from([("org".into(), input.org.to_string()), ("project".into(), input.project.to_string())]);
    for (name, key, before, after) in lists {
        if let Some(after) = after {
            plan.subject.insert(key.to_owned(), after.join(" "));
            plan.blocks.push(Block::Items { heading: format!("{name} before"), items: before.clone() });
            plan.blocks.push(Block::Items { heading: format!("{name} after"), items: after.clone() });
        }
    }
    plan.blocks.extend(card.blocks());
    let todo = by_hand_words(input, &change);
    let since = project.provisioning.as_ref().and_then(|state| state.updated);
    let (org, slug) = (input.org.clone(), input.project.clone());
    let key = format!("seqn-project:{org}/{slug}");
    let was = project.provisioning.as_ref().map(stands).unwrap_or_default();
    let effect = Effect::WriteProject { org, project: slug, since, was, change };
    one_step(&mut plan, key, effect, facts.by_hand.as_ref(), todo);
    plan
}

fn by_hand_words(input: &Input, change: &ProjectChange) -> String {
    let list = |name: &str, list: &Option<Vec<String>>| list.as_ref().map(|l| format!(" {name}: {}.", l.join(" ")));
    let lists = [list("Redirect URLs", &change.redirects), list("Origins", &change.origins)];
    let lists: String = lists.into_iter().flatten().collect();
    let what = if lists.is_empty() { " Save it without a change.".to_owned() } else { lists };
    format!("Open the project {} of {}.{what}", input.project, input.org)
}

fn addresses(reading: &mut Reading<'_>, name: &str) -> Vec<String> {
    let text = reading.text(name);
    let found: Vec<String> =
        text.split(|c: char| c.is_whitespace() || c == ',').filter(|a| !a.is_empty()).map(String::from).collect();
    if found.len() > ADDRESSES_MOST {
        reading.wrong(name, format!("These are {} addresses; {ADDRESSES_MOST} is the most.", found.len()));
    }
    if let Some(odd) = found.iter().position(|address| !is_address(address)) {
        reading.wrong(name, format!("Address {} is no web address: it begins with https:// or http://.", odd + 1));
    }
    found
}

fn is_address(address: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}
