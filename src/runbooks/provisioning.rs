//! `provisioning`: why a project is not set up at the identity provider (`seqn-facts.md` 3.5, 4.2).
//!
//! It changes nothing by itself. Invariant: SEQN Auth's own Authentik token is judged by SEQN's provisioning status only,
//! since the bot's token proves nothing about it, and its value is never asked for.

use async_trait::async_trait;
use futures_util::future::join4;

use crate::catalog::{Asked, Definition, Family, FieldError, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Fields, OrgSlug, Plan, Risk, Role, Tier, Verdict};
use crate::ports::{Finding, Light, PortError, Project, Provider, Provisioning, Reads, Subject};

use super::card::{Card, not_read};
use crate::catalog::reading::{MAY_TICKET, ORG, PROJECT, Reading};

/// The action.
pub struct ProvisioningLook;

/// The OIDC slug of SEQN Auth at Authentik (facts section 6).
const SLUG: &str = "silver-auth";
/// What a person runs inside the container of the Silver Auth API: it prints one word and never the value.
const PRESENT: &str = "sh -c 'if [ -n \"$AUTHENTIK_API_TOKEN\" ]; then echo present; else echo absent; fi'";

static OPTIONS: [OptionDef; 3] = [ORG, PROJECT, MAY_TICKET];

static DEFINITION: Definition = Definition {
    name: "provisioning",
    version: 1,
    family: Family::Seqn,
    summary: "Find out why a project is not set up at the identity provider",
    help: "Symptoms: provisioning blocked, pending or failed, a new project whose sign-in does not work. It looks at the \
           project's provisioning, at Authentik's application and provider, and at Authentik's health, and says what to \
           check on the server. Nothing is changed.",
    example: "provisioning acme mobile",
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

/// What was looked up; each may fail by itself.
pub struct Facts {
    project: Result<Project, PortError>,
    provider: Result<Provider, PortError>,
    live: Finding,
    ready: Finding,
    console: String,
}

#[async_trait]
impl Runbook for ProvisioningLook {
    type Input = (OrgSlug, OrgSlug);
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, project) = (reading.org(), reading.project());
        reading.done(org.zip(project))
    }

    async fn look(&self, _: &Asked<'_>, (org, project): &Self::Input, reads: &Reads) -> Result<Facts, PortError> {
        let (project, provider, live, ready) = join4(
            reads.seqn.project(org, project),
            reads.identity.provider(SLUG),
            reads.probe.probe(Subject::IdentityLive),
            reads.probe.probe(Subject::IdentityReady),
        )
        .await;
        Ok(Facts { project, provider, live, ready, console: reads.seqn.console() })
    }

    fn plan(&self, _: &Asked<'_>, (org, slug): &Self::Input, facts: &Facts) -> Plan {
        let project = match &facts.project {
            Ok(project) => project,
            Err(error) => return not_read(&format!("the project {slug} of {org}"), error, &facts.console),
        };
        let mut card = Card::default();
        match &project.provisioning {
            Some(state) => of_state(&mut card, org, project, state),
            None => {
                card.wrong("SEQN Auth says nothing about this project's provisioning.", "look in the hosted console.")
            }
        }
        of_authentik(&mut card, facts);
        card.todo("Is the token there at all? Run the first line below in the container of the Silver Auth API.");
        card.todo(format!(
            "Write the project once more under its own name, the canary's first: `/seqn project-config {org} {slug} \
             again=yes`. That provisions it anew."
        ));
        card.detail(Block::Code(PRESENT.into()));
        card.answer(
            format!("The provisioning of {slug} in {org} is in trouble."),
            format!("{slug} of {org} is provisioned."),
        )
    }

    fn verify(&self, _: &Asked<'_>, _: &Self::Input, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

fn of_state(card: &mut Card, org: &OrgSlug, project: &Project, state: &Provisioning) {
    let since = state.updated.map(|at| format!(" since {at}")).unwrap_or_default();
    let why = match (state.error_status, state.error.as_str()) {
        (None, "") => String::new(),
        (Some(status), "") => format!(" Authentik answered {status}."),
        (Some(status), error) => format!(" Authentik answered {status}: {error}."),
        (None, error) => format!(" {error}."),
    };
    let what = format!("The project's provisioning is {}{since}.{why}", state.status);
    match (state.status.as_str(), state.error_status) {
        ("ready", _) => card.well(what),
        ("pending", _) => card.wrong(what, "wait two minutes and ask again; while Authentik is down it stays so."),
        (_, Some(401 | 403)) => card.wrong(
            format!("{what} The token that SEQN Auth holds for Authentik is not valid."),
            "`/rotate credential authentik-api-token`; then write the project once more.",
        ),
        (_, Some(400..=499)) => {
            card.wrong(
                format!("{what} Authentik rejected what SEQN Auth sent."),
                "give the report below to whoever maintains SEQN Auth.",
            );
            card.detail(Block::Code(report(org, project, state)));
        }
        _ => card.wrong(what, "see whether Authentik is well, below; then write the project once more."),
    }
}

/// What may leave the house: status, ids, times; no address, name or text of the far side.
fn report(org: &OrgSlug, project: &Project, state: &Provisioning) -> String {
    let or = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    format!(
        "provisioning report\norganization: {org}\nproject: {}\nstatus: {}\nanswer of Authentik: {}\napplication: {}\n\
         provider: {}\nat: {}",
        project.slug,
        state.status,
        state.error_status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
        or(&state.application),
        state.provider.map_or_else(|| "none".to_owned(), |id| id.to_string()),
        state.updated.map_or_else(|| "unknown".to_owned(), |at| at.to_rfc3339()),
    )
}

fn of_authentik(card: &mut Card, facts: &Facts) {
    for finding in [&facts.live, &facts.ready] {
        let what = format!("{}: {}", finding.subject.title(), finding.says);
        match finding.light {
            Light::Green | Light::Skipped => card.well(what),
            _ => card.wrong(what, "nothing can be provisioned until Authentik is well; see `/seqn health`."),
        }
    }
    match &facts.provider {
        Err(error) => card.unknown("Authentik's application and provider", error, "Authentik's own admin page"),
        Ok(found) if found.application && found.joined => {
            card.well(format!("Authentik has the application `{SLUG}` and its provider."));
        }
        Ok(found) => {
            let lacks = match (found.application, found.provider.is_some()) {
                (false, false) => "neither the application nor the provider",
                (false, true) => "the provider, but no application",
                (true, false) => "the application, but no provider",
                (true, true) => "an application and a provider that do not belong together",
            };
            card.wrong(
                format!("Authentik has {lacks} `{SLUG}` that the bot may see."),
                "an Authentik admin looks there; where both exist, give the bot's reading token the right to view them.",
            );
        }
    }
}
