//! `provisioning`: why a project is not set up at the identity provider (`seqn-facts.md` 3.5, 4.2).
//!
//! It changes nothing by itself. Invariant: SEQN Auth's own Authentik token is judged by SEQN's provisioning status only,
//! since the bot's token proves nothing about it, and its value is never asked for.

use async_trait::async_trait;
use futures_util::future::{join, join4};

use crate::catalog::{Asked, Definition, Family, FieldError, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Fields, Next, OrgSlug, Plan, Risk, Role, Tier, Verdict};
use crate::ports::{Finding, Light, PortError, Project, Provider, Provisioning, PublicConfig, Reads, Subject};

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
    /// The project's own application, with its slug, where that is another one.
    own: Option<(String, Result<Provider, PortError>)>,
    /// The canary project, where one is configured and could be found.
    canary: Option<PublicConfig>,
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
        let ((project, own), (provider, canary), live, ready) = join4(
            project_and_its_own(reads, org, project),
            join(reads.identity.provider(SLUG), canary(reads)),
            reads.probe.probe(Subject::IdentityLive),
            reads.probe.probe(Subject::IdentityReady),
        )
        .await;
        Ok(Facts { project, provider, own, canary, live, ready, console: reads.seqn.console() })
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
        if project.provisioning.as_ref().is_none_or(|state| state.status != "ready") {
            of_repair(&mut card, org, slug, facts);
        }
        card.answer(
            format!("The provisioning of {slug} in {org} is in trouble."),
            format!("{slug} of {org} is provisioned."),
        )
    }

    fn verify(&self, _: &Asked<'_>, _: &Self::Input, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

type Own = (Result<Project, PortError>, Option<(String, Result<Provider, PortError>)>);

/// The project; and what stands at Authentik under its own application, where that is not everybody's.
async fn project_and_its_own(reads: &Reads, org: &OrgSlug, project: &OrgSlug) -> Own {
    let project = reads.seqn.project(org, project).await;
    let state = project.as_ref().ok().and_then(|project| project.provisioning.as_ref());
    let own = state.map(|state| state.application.clone()).filter(|slug| !slug.is_empty() && slug != SLUG);
    match own {
        Some(slug) => {
            let found = reads.identity.provider(&slug).await;
            (project, Some((slug, found)))
        }
        None => (project, None),
    }
}

/// The canary project by its publishable key; a canary that cannot be found is only not offered.
async fn canary(reads: &Reads) -> Option<PublicConfig> {
    reads.seqn.public_config(&reads.seqn.canary()?).await.ok().filter(|found| !found.org.is_empty())
}

/// What a person does about it: the token is there or not; the canary is written anew, then the project.
fn of_repair(card: &mut Card, org: &OrgSlug, slug: &OrgSlug, facts: &Facts) {
    card.todo(
        "Is the token there at all? Run the line below in the container of the Silver Auth API: it prints one word.",
    );
    card.copy(PRESENT);
    if let Some(canary) = &facts.canary {
        card.todo(format!(
            "Write the canary anew first: `/seqn project-config {} {} again=yes`. It says what changed.",
            canary.org, canary.slug
        ));
        let known = [("org", canary.org.as_str()), ("project", canary.slug.as_str()), ("again", "yes")];
        card.next(Next::of("Write the canary anew", "project-config", &known).needing(Tier::Confirm));
    }
    card.todo(format!("Then the project: `/seqn project-config {org} {slug} again=yes`. That provisions it anew."));
    let known = [("org", org.as_str()), ("project", slug.as_str()), ("again", "yes")];
    card.next(Next::of("Write the project anew", "project-config", &known).needing(Tier::Confirm));
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
        (_, Some(401 | 403)) => {
            card.wrong(
                format!("{what} The token that SEQN Auth holds for Authentik is not valid."),
                "`/rotate credential authentik-api-token`; then write the project once more.",
            );
            let known = [("credential", "authentik-api-token")];
            card.next(Next::of("Show how the token is rotated", "rotate-credential", &known));
        }
        (_, Some(400..=499)) => {
            card.wrong(
                format!("{what} Authentik rejected what SEQN Auth sent."),
                "give the report below to whoever maintains SEQN Auth.",
            );
            card.copy(report(org, project, state));
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
            _ => {
                card.wrong(what, "nothing can be provisioned until Authentik is well; see `/seqn health`.");
                card.next(Next::of("Look at all surfaces", "health", &[]));
            }
        }
    }
    of_provider(card, SLUG, &facts.provider);
    if let Some((slug, found)) = &facts.own {
        of_provider(card, slug, found);
    }
}

fn of_provider(card: &mut Card, slug: &str, found: &Result<Provider, PortError>) {
    match found {
        Err(error) => {
            card.unknown(
                &format!("Authentik's application and provider `{slug}`"),
                error,
                "Authentik's own admin page",
            );
        }
        Ok(found) if found.application && found.joined => {
            card.well(format!("Authentik has the application `{slug}` and its provider."));
        }
        Ok(found) => {
            let lacks = match (found.application, found.provider.is_some()) {
                (false, false) => "neither the application nor the provider",
                (false, true) => "the provider, but no application",
                (true, false) => "the application, but no provider",
                (true, true) => "an application and a provider that do not belong together",
            };
            card.wrong(
                format!("Authentik has {lacks} `{slug}` that the bot may see."),
                "an Authentik admin looks there; where both exist, give the bot's reading token the right to view them.",
            );
        }
    }
}
