//! `link`: which entries of SEQN Auth's and Authentik's own logs belong to a ticket. They are shown, and the chosen ones
//! are linked.
//!
//! Actions link theirs by themselves; this is for what happened without us. Invariant: what is linked is what was shown,
//! by its id; nothing outside is changed.

mod look;
mod plan;

use async_trait::async_trait;

use crate::catalog::reading::{MUST_TICKET, ORG, Reading, USER, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Email, Evidence, Fields, Incident, Millis, OrgSlug, Plan, Risk, Role, Tier,
    Verdict,
};
use crate::ports::{PortError, Reads};

/// The action.
pub struct Link;

/// The longest list of ids that can be typed, in characters.
const IDS_CHARS: u16 = 1_000;

static OPTIONS: [OptionDef; 8] = [
    ORG,
    MUST_TICKET,
    OptionDef { required: false, positional: false, ..USER },
    option("request-id", Kind::RequestId, false, "A request id of SEQN Auth that the customer named"),
    option("since", Kind::Time, false, "From then on; without it the last 24 hours, or those around the case's time"),
    option("until", Kind::Time, false, "Until before then"),
    option("incident", Kind::Text(16), false, "An incident whose timeline says so too, such as INC-7"),
    option("entries", Kind::Text(IDS_CHARS), false, "The ids of the entries, with commas between them, or all"),
];

static DEFINITION: Definition = Definition {
    name: "link",
    version: 1,
    family: Family::Seqn,
    summary: "Link entries of SEQN Auth's and Authentik's audit logs to a ticket",
    help: "When: something happened that no action of mine did, and the ticket shall say what the logs know of it. Finds \
           the entries of the organization, of the user, and of the request id, in that time; you choose which belong to \
           the ticket. The ticket gets an internal note with their ids; `/audit ticket` shows them from the ticket's side, \
           `/audit entry` from theirs. Where a case lives, what is known of it is filled in.",
    example: "link acme ticket=SUP-1234 user=jo@acme.example since=2026-11-29T08:00Z",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Links stay, as the record does; a note in the ticket can say that one was wrong.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    ticket: String,
    user: Option<Email>,
    request_id: Option<String>,
    since: Option<Millis>,
    until: Option<Millis>,
    incident: Option<u32>,
    /// The ids that were chosen; `None`: not chosen yet, empty: all.
    chosen: Option<Vec<String>>,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    since: Millis,
    seqn: Result<Vec<Evidence>, PortError>,
    /// Asked only where a user is named.
    authentik: Option<Result<Vec<Evidence>, PortError>>,
    /// `None`: none was named. The inner: there is none of that number.
    incident: Option<Option<Incident>>,
    /// What is linked to this request already.
    there: Vec<Evidence>,
}

#[async_trait]
impl Runbook for Link {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let org = reading.org();
        let user = if reading.text("user").is_empty() { None } else { reading.user() };
        let named = reading.text("incident");
        let incident = Incident::number_of(&named);
        if incident.is_none() && !named.is_empty() {
            reading.wrong("incident", "Write its number, such as INC-7; `/incident list` shows them.");
        }
        let moment = |name: &str| fields.get(name).and_then(Millis::from_rfc3339);
        let (since, until) = (moment("since"), moment("until"));
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            reading.wrong("until", "It must be later than since.");
        }
        let request_id = Some(reading.text("request-id")).filter(|id| !id.is_empty());
        let (ticket, chosen) = (reading.text("ticket"), chosen(&reading.text("entries")));
        let fields = fields.clone();
        let input = org.map(|org| Input { org, ticket, user, request_id, since, until, incident, chosen, fields });
        reading.done(input)
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        look::look(asked, input, reads).await
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        plan::plan(asked, input, facts)
    }

    fn verify(&self, _: &Asked<'_>, input: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let wanted: Vec<&Evidence> = plan.steps.iter().flat_map(|step| linked(&step.effect)).collect();
        let lacking = wanted.iter().filter(|one| !facts.there.contains(one)).count();
        let result = match lacking {
            0 => CheckResult::Confirmed,
            n => CheckResult::NotConfirmed(format!("{n} of them are not in the record")),
        };
        let conclusion =
            vec![Block::Text(format!("`/audit ticket {}` shows them from the ticket's side.", input.ticket))];
        Verdict {
            checks: vec![Check { what: "The links are in the record".into(), result }],
            conclusion,
            evidence: facts.there.clone(),
            ..Verdict::default()
        }
    }
}

fn linked(effect: &Effect) -> &[Evidence] {
    match effect {
        Effect::LinkEntries { entries, .. } => entries,
        _ => &[],
    }
}

fn chosen(typed: &str) -> Option<Vec<String>> {
    match typed.trim() {
        "" => None,
        all if all.eq_ignore_ascii_case("all") => Some(Vec::new()),
        ids => {
            let words = ids.split(|c: char| c == ',' || c.is_whitespace()).filter(|id| !id.is_empty());
            Some(words.map(str::to_owned).collect())
        }
    }
}

#[cfg(test)]
mod tests;
