//! `revoke-session`: end one SEQN session of a person, or everything that keeps the person signed in.
//!
//! What keeps a person signed in, and what each revocation ends: `seqn-facts.md` section 6. It never
//! claims that tokens already issued are dead. Invariant: a plan names every target, or a predicate and
//! the most targets it may have.

mod look;
mod plan;
mod review;
mod verify;
mod words;

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Email, Fields, OrgSlug, Plan, Risk, Role, SessionId, Tier, Verdict};
use crate::ports::{PortError, Reads};

use look::Facts;

/// How far back the audit log is reviewed when nobody says otherwise, in hours.
const WINDOW_HOURS: u16 = 24;
/// The longest review, in hours: a week, past which the log's page limit would cut it anyway.
const WINDOW_HOURS_MOST: u16 = 168;
/// Pinned by a plan for `all`: the most targets that the agreement covers.
const AT_MOST: &str = "at-most";

/// The action.
pub struct RevokeSession;

/// Which sessions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    /// Not said yet: chosen in the preview.
    Ask,
    /// The one that was used last.
    Latest,
    /// Everything that keeps the person signed in.
    All,
    /// This one.
    One(SessionId),
}

/// The options, read.
#[derive(Clone, Debug)]
pub struct Input {
    org: OrgSlug,
    user: Email,
    which: Which,
    window_hours: u16,
    at_most: Option<u32>,
    fields: Fields,
}

const fn option(name: &'static str, kind: Kind, required: bool, help: &'static str) -> OptionDef {
    OptionDef { name, kind, required, help, source: Source::None, positional: false }
}

static OPTIONS: [OptionDef; 6] = [
    OptionDef {
        positional: true,
        source: Source::RecentOrgs,
        ..option("org", Kind::Org, true, "The customer's organization slug")
    },
    OptionDef { positional: true, ..option("user", Kind::Email, true, "The user's e-mail address") },
    OptionDef {
        source: Source::RecentTickets,
        ..option("ticket", Kind::Ticket, true, "The support ticket, such as SUP-1234")
    },
    option("reason", Kind::Text(300), true, "Why: lost device, suspected token exposure, access change"),
    option("session", Kind::Session, false, "A session id, latest, or all; without it you choose in the preview"),
    option("window", Kind::Window(1, WINDOW_HOURS_MOST), false, "How far back to review the audit log: 24h, 7d"),
];

static DEFINITION: Definition = Definition {
    name: "revoke-session",
    version: 1,
    family: Family::Seqn,
    summary: "End a user's session, or everything that keeps the user signed in",
    help: "When: lost device, suspected token exposure, employment or access change. One session ends that SEQN session \
           only; the person may be signed in again silently. `session=all` ends Authentik's sessions, refresh tokens and \
           SEQN sessions, in that order, and needs a second person. Afterwards everything is read back, and the audit log \
           is reviewed for what happened before and after.",
    example: "revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason=\"lost laptop\"",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Second,
    risk: Risk::FinalMany,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None: an ended session cannot be brought back; the person signs in again.",
};

#[async_trait]
impl Runbook for RevokeSession {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut wrong = |option: &str, says: String| errors.push(FieldError { option: option.into(), says });
        let org = fields.get("org").unwrap_or_default().parse::<OrgSlug>().map_err(|e| wrong("org", e.0)).ok();
        let user = fields.get("user").unwrap_or_default().parse::<Email>().map_err(|e| wrong("user", e.0)).ok();
        let which = match fields.get("session") {
            None => Some(Which::Ask),
            Some("latest") => Some(Which::Latest),
            Some("all") => Some(Which::All),
            Some(id) => id.parse().map(Which::One).map_err(|e: crate::model::BadId| wrong("session", e.0)).ok(),
        };
        let window_hours = hours(fields.get("window")).unwrap_or(WINDOW_HOURS).clamp(1, WINDOW_HOURS_MOST);
        let at_most = fields.get(AT_MOST).and_then(|n| n.parse().ok());
        match (org, user, which) {
            (Some(org), Some(user), Some(which)) => {
                Ok(Input { org, user, which, window_hours, at_most, fields: fields.clone() })
            }
            _ => Err(errors),
        }
    }

    fn tier(&self, input: &Input) -> Tier {
        if input.which == Which::All { Tier::Second } else { Tier::Confirm }
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        Ok(look::look(asked, input, reads).await)
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        plan::plan(asked, input, facts)
    }

    fn verify(&self, asked: &Asked<'_>, input: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        verify::verify(asked, input, plan, facts)
    }
}

/// `24h`, `7d`, `90m` in whole hours, rounded up.
fn hours(window: Option<&str>) -> Option<u16> {
    let window = window?;
    let (number, unit) = window.split_at_checked(window.len().checked_sub(1)?)?;
    let number: u16 = number.parse().ok()?;
    match unit {
        "h" => Some(number),
        "d" => number.checked_mul(24),
        "m" => Some(number.div_ceil(60)),
        _ => None,
    }
}
