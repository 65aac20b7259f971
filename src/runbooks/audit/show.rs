//! `audit ticket|case|user|org|action`: what was done, by whom and with what outcome, page by page.

use async_trait::async_trait;

use crate::catalog::reading::{ORG, Reading, USER, option};
use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Block, Fields, Linked, Millis, Next, Plan, Risk, Role, Tier, Tone, TrailFilter, TrailRow, Verdict};
use crate::ports::{PortError, Reads};

use super::line::{line, linked};

/// How many rows one answer shows: with their details they fit a message of either platform.
const PAGE: u32 = 10;
/// How many rows the question itself may have by the time that it is answered; they are not told.
const OWN_MOST: u32 = 4;
/// How many linked entries the first page shows.
const LINKED: u32 = 8;

const SINCE: OptionDef = option("since", Kind::Time, false, "From then on");
const UNTIL: OptionDef = option("until", Kind::Time, false, "Until before then");
const BEFORE: OptionDef = option("before", Kind::Text(12), false, "Show what is older than the row of that number");

static BY_TICKET: [OptionDef; 4] = [
    OptionDef {
        positional: true,
        source: Source::RecentTickets,
        ..option("ticket", Kind::Ticket, true, "The support ticket, such as SUP-1234")
    },
    SINCE,
    UNTIL,
    BEFORE,
];
static BY_CASE: [OptionDef; 4] = [
    OptionDef {
        positional: true,
        ..option("case", Kind::RequestId, false, "The case; without it the one that is here")
    },
    SINCE,
    UNTIL,
    BEFORE,
];
static BY_USER: [OptionDef; 4] = [USER, SINCE, UNTIL, BEFORE];
static BY_ORG: [OptionDef; 4] = [ORG, SINCE, UNTIL, BEFORE];
static BY_ACTION: [OptionDef; 4] = [
    OptionDef {
        positional: true,
        source: Source::Actions,
        ..option("action", Kind::Action, true, "The action, also where it was refused")
    },
    SINCE,
    UNTIL,
    BEFORE,
];

pub(super) const READS: Definition = Definition {
    name: "",
    version: 1,
    family: Family::Audit,
    summary: "",
    help: "",
    example: "",
    options: &[],
    ticket: TicketRule::None,
    role: Role::SECURITY,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

static TICKET: Definition = Definition {
    name: "audit-ticket",
    summary: "Show what was done for a ticket: by whom, agreed by whom, with what outcome",
    help: "Every row of the audit trail that belongs to the ticket, the newest first; also what was refused, denied, or a \
           dry run. Addresses are masked. The answer ends with the command that exports the rows with their proof.",
    example: "audit ticket SUP-1234",
    options: &BY_TICKET,
    ticket: TicketRule::Must,
    ..READS
};
static CASE: Definition = Definition {
    name: "audit-case",
    summary: "Show what was done in a case",
    help: "The rows of the requests that opened it and noted in it, and of those for its customer and ticket.",
    example: "audit case",
    options: &BY_CASE,
    ..READS
};
static OF_USER: Definition = Definition {
    name: "audit-user",
    summary: "Show what was done about a user of a customer",
    help: "The rows of every request that named the user's e-mail address.",
    example: "audit user jo@acme.example",
    options: &BY_USER,
    ..READS
};
static OF_ORG: Definition = Definition {
    name: "audit-org",
    summary: "Show what was done about an organization",
    help: "The rows of every request that named the organization.",
    example: "audit org acme since=2026-11-01",
    options: &BY_ORG,
    ..READS
};
static ACTION: Definition = Definition {
    name: "audit-action",
    summary: "Show how often an action was asked for, by whom, and what came of it",
    help: "The rows of one action, also where it was refused before anything was looked up.",
    example: "audit action revoke-session",
    options: &BY_ACTION,
    ..READS
};

/// By a ticket.
pub struct AuditTicket;
/// By a case.
pub struct AuditCase;
/// By a user.
pub struct AuditUser;
/// By an organization.
pub struct AuditOrg;
/// By an action.
pub struct AuditAction;

/// Which rows, and which page of them.
pub struct Input {
    filter: TrailFilter,
    before: Option<i64>,
    fields: Fields,
}

/// What was found.
pub struct Facts {
    /// What was asked, as it was understood; `None`: no case is here.
    filter: Option<TrailFilter>,
    rows: Vec<TrailRow>,
    /// Entries of outside logs that are linked; on the first page.
    linked: Vec<Linked>,
}

macro_rules! shows {
    ($name:ident, $definition:ident, $read:expr) => {
        #[async_trait]
        impl Runbook for $name {
            type Input = Input;
            type Facts = Facts;

            fn definition(&self) -> &'static Definition {
                &$definition
            }

            fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
                read(fields, $read)
            }

            async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
                let case = matches!(self.definition().name, "audit-case");
                look(asked, input, case, reads).await
            }

            fn plan(&self, _: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
                plan(self.definition().name, input, facts)
            }

            fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, _: &Facts) -> Verdict {
                Verdict::default()
            }
        }
    };
}

shows!(AuditTicket, TICKET, |it, filter| filter.ticket = it.parsed("ticket"));
shows!(AuditCase, CASE, |it, filter| {
    if !it.text("case").is_empty() {
        filter.case = it.parsed("case");
    }
});
shows!(AuditUser, OF_USER, |it, filter| filter.user = it.user());
shows!(AuditOrg, OF_ORG, |it, filter| filter.org = it.org());
shows!(AuditAction, ACTION, |it, filter| filter.action = Some(it.text("action")));

fn read(fields: &Fields, by: impl FnOnce(&mut Reading<'_>, &mut TrailFilter)) -> Result<Input, Vec<FieldError>> {
    let mut reading = Reading::of(fields);
    let mut filter = TrailFilter::default();
    by(&mut reading, &mut filter);
    filter.since = fields.get("since").and_then(Millis::from_rfc3339);
    filter.until = fields.get("until").and_then(Millis::from_rfc3339);
    let before = reading.text("before");
    let row = before.parse::<i64>().ok();
    if !before.is_empty() && row.is_none() {
        reading.wrong("before", "Write the number of a row.");
    }
    reading.done(Some(Input { filter, before: row, fields: fields.clone() }))
}

async fn look(asked: &Asked<'_>, input: &Input, case: bool, reads: &Reads) -> Result<Facts, PortError> {
    let mut filter = input.filter.clone();
    if case && filter.case.is_none() {
        let Some(here) = reads.cases.case_here(asked.place).await? else {
            return Ok(Facts { filter: None, rows: Vec::new(), linked: Vec::new() });
        };
        filter.case = Some(here.id);
    }
    let linked = match input.before {
        None => reads.trail.linked(&filter, None, LINKED).await?,
        // They were on the first page.
        Some(_) => Vec::new(),
    };
    let mut rows = reads.trail.trail(&filter, input.before, PAGE + 1 + OWN_MOST).await?;
    rows.retain(|row| row.request.as_deref() != Some(asked.request.as_str()));
    Ok(Facts { filter: Some(filter), rows, linked })
}

fn plan(action: &str, input: &Input, facts: &Facts) -> Plan {
    let Some(filter) = &facts.filter else {
        let next = "Ask where a case lives, or name one: `audit case case=…`. `/case list` shows those there are.";
        return Plan::answer(Tone::Bad, "No case lives here.", vec![Block::Text(next.into())]);
    };
    let of = named(filter);
    let Some(newest) = facts.rows.first() else {
        let older = if input.before.is_some() { " older" } else { "" };
        return Plan::answer(Tone::Plain, format!("The audit trail has no{older} row of {of}."), Vec::new());
    };
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let shown = &facts.rows[..facts.rows.len().min(page)];
    let oldest = shown.last().map_or(newest.seq, |row| row.seq);
    let mut blocks = vec![Block::Items { heading: "The newest first".into(), items: shown.iter().map(line).collect() }];
    if !facts.linked.is_empty() {
        let heading = "Entries of SEQN Auth's and Authentik's logs that are linked, the newest first".into();
        blocks.push(Block::Items { heading, items: facts.linked.iter().map(linked).collect() });
    }
    blocks.extend([
        Block::Note("All of it with its proof, on the machine of the bot:".into()),
        Block::Code(format!("seqn-chatops audit export --database FILE{}", options(filter))),
    ]);
    let title = format!("The audit trail of {of}: rows {} to {oldest}.", newest.seq);
    let mut plan = Plan::answer(Tone::Plain, title, blocks);
    if facts.rows.len() > page {
        let mut next = Next::of("Older", action, &[]);
        next.fields = input.fields.clone();
        if let Some(case) = &filter.case {
            next.fields.set("case", case.as_str());
        }
        next.fields.set("before", oldest.to_string());
        plan.next.push(next);
    }
    plan
}

/// What is asked for, in words; a user only as far as the operator may recognise them.
fn named(filter: &TrailFilter) -> String {
    let ticket = filter.ticket.iter().map(|it| format!("ticket {it}"));
    let case = filter.case.iter().map(|it| format!("case {it}"));
    let user = filter.user.iter().map(|it| format!("user {}", it.masked()));
    let org = filter.org.iter().map(|it| format!("organization {it}"));
    let action = filter.action.iter().map(|it| format!("action {it}"));
    ticket.chain(case).chain(user).chain(org).chain(action).collect::<Vec<_>>().join(", ")
}

/// The same as options of the command line.
fn options(filter: &TrailFilter) -> String {
    let given = [
        ("since", filter.since.map(Millis::to_rfc3339)),
        ("until", filter.until.map(Millis::to_rfc3339)),
        ("ticket", filter.ticket.as_ref().map(ToString::to_string)),
        ("case", filter.case.as_ref().map(ToString::to_string)),
        ("user", filter.user.as_ref().map(ToString::to_string)),
        ("org", filter.org.as_ref().map(ToString::to_string)),
        ("action", filter.action.clone()),
    ];
    let one = |(name, value): (&str, Option<String>)| value.map(|value| format!(" --{name} {}", quoted(&value)));
    given.into_iter().filter_map(one).collect()
}

/// A word as a shell takes it for itself.
fn quoted(word: &str) -> String {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "@.-_:/#".contains(c)) && !word.starts_with('#');
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::fields;
    use super::*;

    fn row(seq: i64) -> TrailRow {
        TrailRow {
            seq,
            at: Millis(0),
            staff: Some("kim".into()),
            action: "revoke-session".into(),
            request: None,
            outcome: "done".into(),
            details: None,
            erased: None,
            ticket: None,
            org: None,
            dry_run: false,
        }
    }

    #[test]
    fn a_page_offers_the_next_one_and_the_export() {
        let given = fields(&[("user", "o'jo@acme.example"), ("since", "1970-01-01T00:00:00Z")]);
        let input = AuditUser.read(&given).expect("options");
        let rows = (5..16).rev().map(row).collect();
        let facts = Facts { filter: Some(input.filter.clone()), rows, linked: Vec::new() };
        let plan = plan("audit-user", &input, &facts);
        assert_eq!(plan.title, "The audit trail of user o•••@acme.example: rows 15 to 6.");
        assert_eq!(plan.next[0].fields.get("before"), Some("6"));
        assert_eq!(plan.next[0].fields.get("since"), Some("1970-01-01T00:00:00Z"));
        let Some(Block::Code(export)) = plan.blocks.last() else { unreachable!("no export: {:?}", plan.blocks) };
        assert_eq!(
            export,
            "seqn-chatops audit export --database FILE --since 1970-01-01T00:00:00Z --user 'o'\\''jo@acme.example'"
        );
        let last = Facts { filter: facts.filter, rows: vec![row(5)], linked: Vec::new() };
        assert!(super::plan("audit-user", &input, &last).next.is_empty());
    }

    #[test]
    fn an_odd_row_number_and_no_case_are_said() {
        let errors = AuditOrg.read(&fields(&[("org", "acme"), ("before", "two")])).err().expect("refused");
        assert_eq!(errors[0].option, "before");
        let input = AuditCase.read(&fields(&[])).expect("options");
        let plan = plan("audit-case", &input, &Facts { filter: None, rows: Vec::new(), linked: Vec::new() });
        assert_eq!(plan.title, "No case lives here.");
    }
}
