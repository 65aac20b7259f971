//! `admin-access`: why a person has no admin actions (`seqn-facts.md` 3.4, 3.6).
//!
//! It changes nothing; `set-role` does. Invariant: whether the person is signed in is never guessed, since `/v1/me` is
//! the customer's own.

use async_trait::async_trait;
use futures_util::future::join;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Email, Fields, Next, OrgSlug, Plan, Risk, Role, Tier, Verdict};
use crate::ports::{Fault, Member, PortError, Reads};

use super::card::{Card, not_read};
use super::sign_in::PLATFORM_ADMINS;
use crate::catalog::reading::{MAY_TICKET, ORG, Reading, USER, option};

/// The action.
pub struct AdminAccess;

/// The role of an organization's admins (facts 3.4); the other one is assumed.
pub(super) const ADMIN: &str = "admin";

static OPTIONS: [OptionDef; 4] = [
    ORG,
    USER,
    MAY_TICKET,
    option(
        "surface",
        Kind::Choice(&[("console", "The console or the admin API"), ("proxy", "A platform route to Authentik")]),
        false,
        "Where admin actions are missing; without it the console",
    ),
];

static DEFINITION: Definition = Definition {
    name: "admin-access",
    version: 1,
    family: Family::Seqn,
    summary: "Find out why a person has no admin actions",
    help: "Symptoms: the console opens without admin actions, the admin API answers 403. It looks at the person's role in \
           the organization and, with surface=proxy, at the platform admins (SEQN-A). Nothing is changed; set-role \
           changes the role.",
    example: "admin-access acme jo@acme.example",
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

/// The options, read.
pub struct Input {
    org: OrgSlug,
    user: Email,
    proxy: bool,
}

/// What was looked up; each may fail by itself.
pub struct Facts {
    member: Result<Option<Member>, PortError>,
    platform: Result<Option<bool>, PortError>,
    console: String,
}

#[async_trait]
impl Runbook for AdminAccess {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, user) = (reading.org(), reading.user());
        let proxy = reading.text("surface") == "proxy";
        reading.done(org.zip(user).map(|(org, user)| Input { org, user, proxy }))
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let (member, platform) =
            join(reads.seqn.member(&input.org, &input.user), is_platform_admin(reads, &input.user)).await;
        Ok(Facts { member, platform, console: reads.seqn.console() })
    }

    fn plan(&self, _: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        if let Err(error @ PortError { fault: Fault::NotFound, .. }) = &facts.member {
            return not_read(&format!("the organization {}", input.org), error, &facts.console);
        }
        let mut card = Card::default();
        of_role(&mut card, input, facts);
        of_platform(&mut card, input, facts);
        card.todo(
            "Ask the customer to open /v1/me while signed in: it must name this e-mail. Without it, `/seqn sign-in`.",
        );
        card.todo("After a change of role the person signs out and in again, or reloads the console.");
        card.answer(
            format!("{} lacks what admin actions in {} need.", input.user, input.org),
            format!("{} has what admin actions in {} need.", input.user, input.org),
        )
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

/// Whether that e-mail is a platform admin's. `None`: nobody has it, several have, or there is no such group.
pub(super) async fn is_platform_admin(reads: &Reads, user: &Email) -> Result<Option<bool>, PortError> {
    match reads.identity.find(user).await?.as_slice() {
        [one] => reads.identity.in_group(one, PLATFORM_ADMINS).await,
        _ => Ok(None),
    }
}

fn of_role(card: &mut Card, input: &Input, facts: &Facts) {
    let set = format!(
        "an existing admin agrees to `/seqn set-role {} {} role=admin`, with the ticket and the reason.",
        input.org, input.user
    );
    let known = [("org", input.org.as_str()), ("user", input.user.as_str())];
    match &facts.member {
        Err(error) => card.unknown("The person's role", error, &facts.console),
        Ok(None) => {
            card.wrong(
                format!("{} is not a member of {}.", input.user, input.org),
                "`/seqn sign-in` shows the person's workspaces; an admin of the organization invites the person.",
            );
            card.next(Next::of("Show the person's workspaces", "sign-in", &known));
        }
        Ok(Some(member)) if member.role == ADMIN => card.well(format!("The person is {} of {}.", ADMIN, input.org)),
        Ok(Some(member)) => {
            card.wrong(format!("The person is {} of {}, not {ADMIN}.", member.role, input.org), set);
            let known = [("org", input.org.as_str()), ("user", input.user.as_str()), ("role", ADMIN)];
            card.next(Next::of("Make the person admin", "set-role", &known));
        }
    }
}

fn of_platform(card: &mut Card, input: &Input, facts: &Facts) {
    let missing = "a platform admin adds the person in Authentik, if the person is SEQN staff; a customer never is.";
    match (&facts.platform, input.proxy) {
        (Err(error), true) => card.unknown("The platform admins", error, "Authentik's own admin page"),
        (Ok(Some(true)), _) => card.well(format!("The person is a platform admin ({PLATFORM_ADMINS}).")),
        (Ok(_), true) => {
            card.wrong(format!("Routes to Authentik need {PLATFORM_ADMINS}, and the person is not in it."), missing);
        }
        (_, false) => {
            card.well(format!("The console needs no {PLATFORM_ADMINS}; only platform routes to Authentik do."))
        }
    }
}
