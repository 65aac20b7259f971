//! `staff offboarding`: what somebody of the staff still holds, and what stays behind when the person goes.
//!
//! It takes nothing away. Invariant: 0 or several matches are no person, and what could not be looked at is never shown
//! as ended.

mod report;

use async_trait::async_trait;
use futures_util::future::{join, join3};

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Email, Fields, Glass, Plan, Risk, Role, Staff, StaffId, Tier, Tone, Verdict};
use crate::ports::{Held, Identity, PortError, Reads, SeqnUser};

use super::sign_in::PLATFORM_ADMINS;
use report::report;

/// The action.
pub struct Offboarding;

/// The most of each kind that one report names; what is more is found by asking again.
const MOST: u32 = 25;
/// The most open incidents and cases that are looked through, the newest first.
const LOOKED_THROUGH: u32 = 200;

static OPTIONS: [OptionDef; 1] = [OptionDef {
    positional: true,
    ..option("person", Kind::Person, true, "Who leaves: name, staff id or account, also of somebody who is gone")
}];

static DEFINITION: Definition = Definition {
    name: "staff-offboarding",
    version: 1,
    family: Family::Staff,
    summary: "Report what a member of staff still holds, and what is left to do when the person goes",
    help: "Ask it before somebody goes, and again afterwards, until it says that nothing is held any more. It looks at \
           roles and accounts, sign-in at Authentik, memberships at SEQN Auth, open requests, changes that end later, \
           cases, incidents and reviews, and at what nobody could do without the person. It changes nothing.",
    example: "staff offboarding @joe",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::ADMIN,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

/// Who was found.
pub struct Facts {
    /// Everybody who is or was called so.
    ids: Vec<StaffId>,
    /// What the one holds, where it is one.
    seen: Option<Box<Seen>>,
}

/// What one person holds.
struct Seen {
    id: StaffId,
    /// As the person is now; `None`: not on the staff any more.
    staff: Option<Staff>,
    held: Held,
    /// The incident, and what the person does in it.
    duties: Vec<(String, &'static str)>,
    /// The case, and its ticket.
    cases: Vec<(String, String)>,
    reviews: Vec<Glass>,
    /// Where the person's address is known.
    outside: Option<Outside>,
}

/// What the systems outside say of the person's address.
struct Outside {
    email: Email,
    identity: Result<AtAuthentik, PortError>,
    seqn: Result<Vec<SeqnUser>, PortError>,
}

/// What Authentik says.
struct AtAuthentik {
    found: Vec<Identity>,
    /// Of the only one: sessions, refresh tokens, whether it is a platform admin.
    one: Option<(usize, usize, bool)>,
}

#[async_trait]
impl Runbook for Offboarding {
    type Input = String;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<String, Vec<FieldError>> {
        let reading = Reading::of(fields);
        let name = reading.text("person");
        reading.done(Some(name))
    }

    async fn look(&self, asked: &Asked<'_>, name: &String, reads: &Reads) -> Result<Facts, PortError> {
        let name = name.trim_start_matches('@');
        let now = asked.rights.staff(name);
        let mut ids = reads.held.kept_as(name).await?;
        ids.extend(now.iter().map(|staff| staff.id.clone()));
        ids.sort();
        ids.dedup();
        let exact = ids.iter().find(|id| id.as_str() == name).or_else(|| ids.first().filter(|_| ids.len() == 1));
        let seen = match exact.cloned() {
            Some(id) => Some(Box::new(seen(asked, id, reads).await?)),
            None => None,
        };
        Ok(Facts { ids, seen })
    }

    fn plan(&self, asked: &Asked<'_>, name: &String, facts: &Facts) -> Plan {
        let Some(seen) = &facts.seen else {
            let ids: Vec<&str> = facts.ids.iter().map(StaffId::as_str).collect();
            let (what, next) = match ids.as_slice() {
                [] => ("I do not know that person.".to_owned(), "Nobody of the staff is or was called so.".to_owned()),
                several => (
                    format!("Several people are or were called {name}."),
                    format!("Ask with the staff id: {}.", several.join(", ")),
                ),
            };
            return Plan::answer(Tone::Bad, what, vec![Block::Text(next)]);
        };
        report(asked, seen)
    }

    fn verify(&self, _: &Asked<'_>, _: &String, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

async fn seen(asked: &Asked<'_>, id: StaffId, reads: &Reads) -> Result<Seen, PortError> {
    let staff = asked.rights.staff(id.as_str()).filter(|staff| staff.id == id);
    let held = reads.held.held(&id, MOST).await?;
    let incidents = reads.incidents.incidents(true, LOOKED_THROUGH).await?;
    let duties = incidents.iter().flat_map(|incident| {
        let theirs = incident.duties.iter().filter(|(_, who)| **who == id);
        theirs.map(|(duty, _)| (incident.name(), duty.word()))
    });
    let duties = duties.collect();
    let cases = reads.cases.cases(true, LOOKED_THROUGH).await?;
    let cases = cases.iter().filter(|case| case.opened_by == id);
    let cases = cases.map(|case| (case.id.to_string(), case.known("ticket").to_owned())).collect();
    let reviews = reads.glass.unreviewed(LOOKED_THROUGH).await?;
    let reviews = reviews.into_iter().filter(|glass| glass.staff == id).collect();
    let outside = match staff.as_ref().and_then(|staff| staff.email.clone()) {
        Some(email) => {
            let (identity, seqn) = join(at_authentik(&email, reads), reads.seqn.people(&email)).await;
            Some(Outside { email, identity, seqn })
        }
        None => None,
    };
    Ok(Seen { id, staff, held, duties, cases, reviews, outside })
}

async fn at_authentik(email: &Email, reads: &Reads) -> Result<AtAuthentik, PortError> {
    let found = reads.identity.find(email).await?;
    let one = match found.as_slice() {
        [one] => {
            let (sessions, tokens, admin) = join3(
                reads.identity.sessions(one),
                reads.identity.refresh_tokens(one),
                reads.identity.in_group(one, PLATFORM_ADMINS),
            )
            .await;
            Some((sessions?.len(), tokens?.len(), admin? == Some(true)))
        }
        _ => None,
    };
    Ok(AtAuthentik { found, one })
}

#[cfg(test)]
mod tests;
