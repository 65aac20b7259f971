//! A small catalog for the tests beside this code: one action of each shape. It can do nothing.

use std::sync::Arc;

use async_trait::async_trait;

use crate::model::{Fields, Plan, Risk, Role, Tier, Verdict};
use crate::ports::Reads;

use super::{
    Action, Asked, Catalog, Definition, Family, FieldError, Kind, OptionDef, Places, Source, Stop, TicketRule,
    Visibility,
};

const fn option(name: &'static str, kind: Kind, required: bool, help: &'static str, source: Source) -> OptionDef {
    OptionDef { name, kind, required, help, source, positional: false }
}

const fn positional(of: OptionDef) -> OptionDef {
    OptionDef { positional: true, ..of }
}

const BASE: Definition = Definition {
    name: "whoami",
    version: 1,
    family: Family::Seqn,
    summary: "Who the bot thinks you are",
    help: "Shows your staff id, your roles and your accounts.",
    example: "whoami",
    options: &[],
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Anywhere,
    visibility: Visibility::Private,
    undo: "",
};

/// Asks little.
pub(super) static WHOAMI: Definition = BASE;

/// Changes something.
pub(super) static REVOKE: Definition = Definition {
    name: "revoke-session",
    summary: "End a user's session",
    help: "Ends one session or all of them. For lost laptops and strange sign-ins.",
    example: "revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason=\"lost laptop\"",
    options: &[
        positional(option("org", Kind::Org, true, "Organization slug", Source::RecentOrgs)),
        positional(option("user", Kind::Email, true, "The user's e-mail", Source::None)),
        option("ticket", Kind::Ticket, true, "The ticket it belongs to", Source::RecentTickets),
        option("session", Kind::Session, false, "Which session: an id, latest or all", Source::None),
        option("reason", Kind::Text(300), false, "Why", Source::None),
    ],
    ticket: TicketRule::Must,
    tier: Tier::Confirm,
    tier_at_most: Tier::Second,
    risk: Risk::FinalMany,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None; the user signs in again.",
    ..BASE
};

/// Has sugar for a person.
pub(super) static CAN: Definition = Definition {
    name: "can",
    summary: "Whether somebody may ask for an action",
    help: "Explains the rule that decides.",
    example: "can revoke-session as @kim",
    options: &[
        positional(option("action", Kind::Action, true, "The action", Source::Actions)),
        option("as", Kind::Person, false, "The person; else you", Source::None),
    ],
    ..BASE
};

/// Has one optional positional option.
pub(super) static HELP: Definition = Definition {
    name: "help",
    summary: "What can be asked",
    help: "Lists the actions, or explains one.",
    example: "help revoke-session",
    options: &[positional(option("action", Kind::Action, false, "The action", Source::Actions))],
    ..BASE
};

/// Is of a family.
pub(super) static CASE_OPEN: Definition = Definition {
    name: "case-open",
    family: Family::Case,
    summary: "Open a case | for a customer",
    help: "Opens a case and links it to its ticket.",
    example: "case open acme issue=sign-in since=24h route=/v1/me",
    options: &[
        positional(option("org", Kind::Org, true, "Organization slug", Source::RecentOrgs)),
        option(
            "issue",
            Kind::Choice(&[("sign-in", "Cannot sign in"), ("billing", "Billing")]),
            true,
            "What it is about",
            Source::Choices,
        ),
        option("since", Kind::Window(1, 168), false, "How far back to look", Source::None),
        option("route", Kind::Route, false, "The affected route", Source::None),
        option("at", Kind::Time, false, "When it happened", Source::None),
        option("key", Kind::KeyPrefix, false, "The key's prefix", Source::None),
    ],
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    undo: "Close the case.",
    ..BASE
};

/// An action that has a definition and nothing else.
pub(super) struct Sample(pub(super) &'static Definition);

#[async_trait]
impl Action for Sample {
    fn definition(&self) -> &'static Definition {
        self.0
    }
    fn check(&self, _: &Fields) -> Result<Tier, Vec<FieldError>> {
        Ok(self.0.tier)
    }
    async fn prepare(&self, _: &Asked<'_>, _: &Fields, _: &Reads) -> Result<Plan, Stop> {
        Err(Stop::Fields(Vec::new()))
    }
    async fn verify(&self, _: &Asked<'_>, _: &Fields, _: &Plan, _: &Reads) -> Result<Verdict, Stop> {
        Ok(Verdict::default())
    }
}

/// A catalog of these definitions.
pub(super) fn catalog_of(definitions: &[&'static Definition]) -> Catalog {
    Catalog::new(definitions.iter().map(|d| Arc::new(Sample(d)) as Arc<dyn Action>).collect())
}

/// All of the samples.
pub(super) fn catalog() -> Catalog {
    catalog_of(&[&REVOKE, &WHOAMI, &CAN, &HELP, &CASE_OPEN])
}
