//! `help`: what can be asked. Everything it says comes from the catalog.

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility, help,
};
use crate::model::{Fields, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

/// The action.
pub struct Help;

static OPTIONS: [OptionDef; 1] = [OptionDef {
    name: "action",
    kind: Kind::Action,
    required: false,
    help: "The action to explain; without it, all are listed",
    source: Source::Actions,
    positional: true,
}];

static DEFINITION: Definition = Definition {
    name: "help",
    version: 1,
    family: Family::Seqn,
    summary: "List what can be asked, or explain one action",
    help: "Without an action it lists everything. With one it shows the options, an example, who may ask and what undo there is.",
    example: "help revoke-session",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::OBSERVER,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Anywhere,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

#[async_trait]
impl Runbook for Help {
    type Input = Option<String>;
    type Facts = ();

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>> {
        Ok(fields.get("action").map(str::to_owned))
    }

    async fn look(&self, _: &Asked<'_>, _: &Self::Input, _: &Reads) -> Result<(), PortError> {
        Ok(())
    }

    fn plan(&self, asked: &Asked<'_>, action: &Self::Input, (): &()) -> Plan {
        let found = action.as_deref().and_then(|name| asked.catalog.find(name));
        let message = match (found, action) {
            (Some(action), _) => help::of(action.definition(), "/seqn"),
            (None, Some(family)) => help::of_family(asked.catalog, family),
            (None, None) => help::overview(asked.catalog),
        };
        Plan::answer(Tone::Plain, message.title, message.blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Self::Input, _: &Plan, (): &()) -> Verdict {
        Verdict::default()
    }
}
