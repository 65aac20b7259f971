//! `audit erase`: a customer's user asks to be forgotten; the trail's details about them go, and the chain stays whole.
//!
//! Invariant: what is agreed to is a count of rows that were there when it was asked; rows that come later stay.

use async_trait::async_trait;

use crate::catalog::reading::{MUST_TICKET, ORG, Reading, USER, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Email, Erasing, Fields, OrgSlug, Plan, Repeat, Risk, Role, Step, Tier, Tone,
    Verdict,
};
use crate::ports::{PortError, Reads};

use super::super::words::count;

/// The action.
pub struct AuditErase;

static OPTIONS: [OptionDef; 4] = [
    ORG,
    USER,
    MUST_TICKET,
    option("reason", Kind::Text(300), true, "Why, and who asked for it; without the user's name"),
];

static DEFINITION: Definition = Definition {
    name: "audit-erase",
    version: 1,
    family: Family::Audit,
    summary: "Erase what the audit trail's details say about a user; the chain stays provable",
    help: "For a user who asks to be forgotten. Of each row that belongs to a request about the user in that organization, \
           or that names the address, the details and their salt are erased. Who did what, when, with what outcome \
           stays, and verification says by whom and when the details were erased. Requests, cases and messages are not \
           touched.",
    example: "audit erase acme jo@acme.example ticket=SUP-1234 reason=\"erasure request of the customer\"",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::ADMIN,
    tier: Tier::OtherRole,
    tier_at_most: Tier::OtherRole,
    risk: Risk::FinalMany,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None: what was erased cannot be brought back.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    user: Email,
    fields: Fields,
}

impl Input {
    fn erasing(&self, asked: &Asked<'_>) -> Erasing {
        Erasing { org: self.org.clone(), user: self.user.clone(), until: asked.asked, but: asked.request.clone() }
    }
}

#[async_trait]
impl Runbook for AuditErase {
    type Input = Input;
    type Facts = u64;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, user) = (reading.org(), reading.user());
        if user
            .as_ref()
            .is_some_and(|user| reading.text("reason").to_lowercase().contains(&user.as_str().to_lowercase()))
        {
            reading.wrong("reason", "It names the user, and it is kept. Write it without the address.");
        }
        let fields = fields.clone();
        reading.done(org.zip(user).map(|(org, user)| Input { org, user, fields }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<u64, PortError> {
        reads.trail.to_erase(&input.erasing(asked)).await
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, rows: &u64) -> Plan {
        let (org, user) = (&input.org, input.user.masked());
        if *rows == 0 {
            let title =
                format!("The audit trail's details say nothing about {user} in {org}. There is nothing to erase.");
            return Plan::answer(Tone::Good, title, Vec::new());
        }
        let rows_in_words = count(usize::try_from(*rows).unwrap_or(usize::MAX), "row");
        let mut plan = Plan::answer(
            Tone::Caution,
            format!("Erase the details of {rows_in_words} about {} in {org}?", input.user),
            vec![
                Block::Text(format!("The details of {rows_in_words} that were there at {} go for good.", asked.asked)),
                Block::Text(
                    "Who did what, when and with what outcome stays, the chain stays whole, and each verification says \
                     who erased this and when. Requests, cases, and messages in chat are not touched by it."
                        .into(),
                ),
            ],
        );
        plan.tier = Tier::OtherRole;
        plan.outline = format!("erase the details of {rows_in_words} about {user} in {org}");
        plan.pinned = input.fields.clone();
        plan.subject = [
            ("org", org.to_string()),
            ("user", input.user.to_string()),
            ("rows", rows.to_string()),
            ("until", asked.asked.0.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        plan.steps.push(Step {
            // It is kept where nothing can be erased: no address in it.
            key: format!("erase-details:{}", asked.request),
            says: format!("erase the details of {rows_in_words} about {user}"),
            effect: Effect::EraseDetails(input.erasing(asked)),
            repeat: Repeat::Same,
        });
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, rows: &u64) -> Verdict {
        let result = match rows {
            0 => CheckResult::Confirmed,
            left => CheckResult::NotConfirmed(format!("{left} of them still have details")),
        };
        Verdict { checks: vec![Check { what: "The details are gone".into(), result }], ..Verdict::default() }
    }
}
