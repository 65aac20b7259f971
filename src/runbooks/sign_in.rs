//! `sign-in`: why a person cannot sign in, or lands in the wrong workspace (`seqn-facts.md` 3.4).
//!
//! It changes nothing. Invariant: a rotation of the OIDC client secret is spoken of only after a named member of staff
//! confirmed the mismatch, with the evidence.

use async_trait::async_trait;
use futures_util::future::{join_all, join3, join4};

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Email, Fields, MINUTE_MS, Next, OrgSlug, Plan, Risk, Role, Tier, Verdict};
use crate::ports::{Fault, Finding, Identity, IdentityEvent, Light, Member, PortError, Reads, SeqnUser, Subject};

use super::card::Card;
use super::words::{count, masked};
use crate::catalog::reading::{MAY_TICKET, ORG, Reading, USER, option};

/// The action.
pub struct SignIn;

/// The group of platform admins (facts 3.4).
pub(super) const PLATFORM_ADMINS: &str = "SEQN-A";
/// The public surfaces that sign-in needs.
const SURFACES: [Subject; 3] = [Subject::PublicHealth, Subject::OidcDiscovery, Subject::IdentityReady];
/// The event of a sign-in that failed, and the one of a setting that keeps everybody out (facts section 7).
const FAILED: &str = "login_failed";
const BROKEN: &str = "configuration_error";
/// How far back a failed sign-in matters: a day.
const RECENT_MS: i64 = 24 * 60 * MINUTE_MS;
/// The most lines of events that are shown.
const SHOWN: usize = 5;

const RETRY: &str = "Please sign in once more in a private window, or in another browser without extensions, beginning at \
                     your application's sign-in link. If it fails again, send us the time to the minute, the address \
                     that the browser shows, and the request id if the page names one. Please send no password, cookie \
                     or key.";

static OPTIONS: [OptionDef; 5] = [
    ORG,
    USER,
    MAY_TICKET,
    option(
        "mismatch-by",
        Kind::Person,
        false,
        "Who confirmed that Authentik and SEQN Auth hold different client secrets",
    ),
    option("evidence", Kind::Text(300), false, "What shows the mismatch: a log line's id, a time; never a secret"),
];

static DEFINITION: Definition = Definition {
    name: "sign-in",
    version: 1,
    family: Family::Seqn,
    summary: "Find out why a person cannot sign in, or lands in the wrong workspace",
    help: "Symptoms: redirect loop, callback error, wrong workspace, \"account not found\". It looks at public health, OIDC \
           discovery, the identity, the platform admins, the person's workspaces and the failed sign-ins of a day. A \
           rotation of the OIDC client secret is offered only with mismatch-by and evidence. Nothing is changed.",
    example: "sign-in acme jo@acme.example ticket=SUP-1234",
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
    mismatch_by: String,
    evidence: String,
}

/// What was looked up; each may fail by itself.
pub struct Facts {
    surfaces: Vec<Finding>,
    who: Result<Vec<Identity>, PortError>,
    admin: Option<Result<Option<bool>, PortError>>,
    events: Option<Result<Vec<IdentityEvent>, PortError>>,
    member: Result<Option<Member>, PortError>,
    people: Result<Vec<SeqnUser>, PortError>,
    console: String,
}

#[async_trait]
impl Runbook for SignIn {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, user) = (reading.org(), reading.user());
        let (mismatch_by, evidence) = (reading.text("mismatch-by"), reading.text("evidence"));
        if mismatch_by.is_empty() != evidence.is_empty() {
            let lacks = if evidence.is_empty() { "evidence" } else { "mismatch-by" };
            reading.wrong(lacks, "A confirmed mismatch needs both: who confirmed it, and the evidence.");
        }
        reading.done(org.zip(user).map(|(org, user)| Input { org, user, mismatch_by, evidence }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let surfaces = join_all(SURFACES.map(|subject| reads.probe.probe(subject)));
        let member = reads.seqn.member(&input.org, &input.user);
        let (surfaces, (who, admin, events), member, people) =
            join4(surfaces, identity(asked, input, reads), member, reads.seqn.people(&input.user)).await;
        Ok(Facts { surfaces, who, admin, events, member, people, console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let mut card = Card::default();
        of_surfaces(&mut card, &facts.surfaces);
        of_identity(&mut card, asked, input, facts);
        of_workspace(&mut card, input, facts);
        of_events(&mut card, input, facts);
        of_mismatch(&mut card, asked, input);
        card.todo("Ask the customer to try again in a clean browser session; the words to send are below.");
        card.copy(RETRY);
        card.answer(
            format!("Something keeps {} from signing in to {}.", input.user, input.org),
            format!("Nothing in sight keeps {} from signing in to {}.", input.user, input.org),
        )
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

type Who = (
    Result<Vec<Identity>, PortError>,
    Option<Result<Option<bool>, PortError>>,
    Option<Result<Vec<IdentityEvent>, PortError>>,
);

/// The identity; and where it is one, its group and its log of a day.
async fn identity(asked: &Asked<'_>, input: &Input, reads: &Reads) -> Who {
    let who = reads.identity.find(&input.user).await;
    let Ok([one]) = who.as_deref() else { return (who, None, None) };
    let since = asked.now.plus_ms(-RECENT_MS);
    let (admin, failed, broken) = join3(
        reads.identity.in_group(one, PLATFORM_ADMINS),
        reads.identity.events(one, &[FAILED], since),
        reads.identity.events_of_nobody(&[BROKEN], since),
    )
    .await;
    let events = failed.and_then(|failed| Ok(failed.into_iter().chain(broken?).collect()));
    (who, Some(admin), Some(events))
}

fn of_surfaces(card: &mut Card, surfaces: &[Finding]) {
    for finding in surfaces {
        let what = format!("{}: {}", finding.subject.title(), finding.says);
        match finding.light {
            Light::Green | Light::Skipped => card.well(what),
            _ => {
                card.wrong(what, "everybody is affected; see `/seqn health`, and think of an incident.");
                card.next(Next::of("Look at all surfaces", "health", &[]));
            }
        }
    }
}

fn of_identity(card: &mut Card, asked: &Asked<'_>, input: &Input, facts: &Facts) {
    let who = match &facts.who {
        Ok(who) => who,
        Err(error) => return card.unknown("The identity at Authentik", error, "Authentik's own admin page"),
    };
    match who.as_slice() {
        [] => card.wrong(
            format!("Authentik has no identity with the e-mail {}.", input.user),
            "check the spelling with the customer; a new customer signs up at the hosted sign-up page.",
        ),
        [one] => {
            of_one(card, input, one);
            if let Some(admin) = &facts.admin {
                of_group(card, asked, input, admin);
            }
        }
        several => card.wrong(
            format!(
                "{} identities have this e-mail: {}.",
                several.len(),
                several.iter().map(|one| one.username.as_str()).collect::<Vec<_>>().join(", ")
            ),
            "an Authentik admin decides which one is the person's, and takes the e-mail from the others.",
        ),
    }
}

fn of_group(card: &mut Card, asked: &Asked<'_>, input: &Input, admin: &Result<Option<bool>, PortError>) {
    let staff = asked.rights.staff(input.user.as_str());
    let ours = staff.filter(|staff| staff.roles.contains(&Role::ADMIN));
    match (admin, ours) {
        (Ok(Some(true)), Some(staff)) => {
            card.well(format!("{} is a platform admin, and in {PLATFORM_ADMINS}.", staff.name));
        }
        (Ok(Some(true)), None) => card.well(format!("The person is a platform admin ({PLATFORM_ADMINS}).")),
        (Ok(Some(false)), Some(staff)) => card.wrong(
            format!("{} is an admin of ours, and not in {PLATFORM_ADMINS}.", staff.name),
            "another platform admin adds the person in Authentik.",
        ),
        (Ok(Some(false)), None) => {
            card.well(format!("The person is not in {PLATFORM_ADMINS}, as is right for a customer."));
        }
        (Ok(None), _) => card.wrong(
            format!("No group {PLATFORM_ADMINS} is in sight."),
            "give the bot's reading token the right to view groups.",
        ),
        (Err(error), _) => card.unknown("The platform admins", error, "Authentik's own admin page"),
    }
}

fn of_one(card: &mut Card, input: &Input, one: &Identity) {
    if one.active {
        card.well(format!("Authentik knows the person as `{}`, active.", one.username));
    } else {
        card.wrong(
            format!("The identity `{}` is not active.", one.username),
            "find out who deactivated it and why, before an Authentik admin activates it.",
        );
    }
    if one.email != input.user.as_str() && !one.email.is_empty() {
        card.well(format!("Authentik writes the e-mail in another case: {}. It is the same mailbox.", one.email));
    }
}

fn of_workspace(card: &mut Card, input: &Input, facts: &Facts) {
    let here = match &facts.member {
        Ok(member) => member.as_ref(),
        Err(PortError { fault: Fault::NotFound, .. }) => {
            return card
                .wrong(format!("SEQN Auth knows no organization {}.", input.org), "check the slug with the customer.");
        }
        Err(error) => {
            card.unknown("The members of the organization", error, &facts.console);
            None
        }
    };
    if let Some(member) = here {
        card.well(format!("The person is in {} as {}.", input.org, member.role));
    }
    let others = match &facts.people {
        Ok(people) => people.iter().flat_map(|p| &p.memberships).filter(|(org, _)| org != input.org.as_str()),
        Err(error) => return card.unknown("The person's other workspaces", error, &facts.console),
    };
    let others: Vec<String> = others.map(|(org, role)| format!("{org} ({role})")).collect();
    let nobody = facts.people.as_ref().is_ok_and(Vec::is_empty);
    match (here.is_some(), others.is_empty(), nobody) {
        (true, true, _) => {}
        (true, false, _) => card.well(format!(
            "The person is also in {}: who lands in the wrong workspace has chosen that one, and switches in the console.",
            others.join(", ")
        )),
        (false, ..) if facts.member.is_err() => {}
        (false, false, _) => card.wrong(
            format!("The person is not in {}, but in {}.", input.org, others.join(", ")),
            format!("ask which workspace is meant; an admin of {} invites the person with an invite link.", input.org),
        ),
        (false, true, true) => card.wrong(
            "SEQN Auth has no user with this e-mail: public sign-up has made no tenant workspace.",
            "the customer finishes sign-up at the hosted sign-up page with exactly this address.",
        ),
        (false, true, false) => card.wrong(
            "SEQN Auth knows the person, but in no workspace at all.",
            format!("an admin of {} invites the person with an invite link.", input.org),
        ),
    }
}

fn of_events(card: &mut Card, input: &Input, facts: &Facts) {
    let events = match &facts.events {
        None => return,
        Some(Err(error)) => return card.unknown("Authentik's log", error, "Authentik's own admin page"),
        Some(Ok(events)) => events,
    };
    let recent = |action: &str| events.iter().filter(|event| event.action == action).collect::<Vec<_>>();
    let broken = recent(BROKEN);
    if let Some(newest) = broken.first() {
        card.wrong(
            format!("Authentik logged {} in a day, the newest at {}: {}.", count(broken.len(), "configuration error"), newest.at, newest.says),
            "an Authentik admin looks at the event; a callback error that persists can be a client secret that differs.",
        );
    }
    let failed = recent(FAILED);
    if failed.is_empty() {
        return card.well("Authentik logged no failed sign-in of this person in a day.");
    }
    let line = |event: &&IdentityEvent| format!("{} from {}", event.at, masked(&event.address));
    card.wrong(
        format!(
            "{} of this person in a day: the password or the second factor was wrong.",
            count(failed.len(), "failed sign-in")
        ),
        "ask whether that was the person; if not, see `/seqn revoke-session`.",
    );
    let known = [("org", input.org.as_str()), ("user", input.user.as_str())];
    card.next(Next::of("It was not the person: end sessions", "revoke-session", &known));
    let items = failed.iter().take(SHOWN).map(line).collect();
    card.detail(Block::Items { heading: "Failed sign-ins, the newest first".into(), items });
}

fn of_mismatch(card: &mut Card, asked: &Asked<'_>, input: &Input) {
    if input.mismatch_by.is_empty() {
        return;
    }
    match asked.rights.staff(&input.mismatch_by) {
        Some(staff) => {
            card.wrong(
                format!(
                    "{} confirmed that Authentik and SEQN Auth hold different client secrets: {}.",
                    staff.name, input.evidence
                ),
                "rotate the OIDC client secret on both sides: `/rotate credential oidc-client-secret`.",
            );
            let known = [
                ("credential", "oidc-client-secret"),
                ("confirmed-by", staff.id.as_str()),
                ("evidence", input.evidence.as_str()),
            ];
            card.next(Next::of("Show how the client secret is rotated", "rotate-credential", &known));
        }
        None => card.wrong(
            "A mismatch was named, but not by a member of staff.",
            "somebody of the staff confirms it by name, with the evidence, before the client secret is rotated.",
        ),
    }
}
