//! `can`: may I (or, for admins, may somebody else) ask for this here, and which rule decides?

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Block, Fields, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

use super::break_glass::ruling;

/// The action.
pub struct Can;

/// The options, read.
pub struct Question {
    action: String,
    other: Option<String>,
}

static OPTIONS: [OptionDef; 2] = [
    OptionDef {
        name: "action",
        kind: Kind::Action,
        required: true,
        help: "The action in question",
        source: Source::Actions,
        positional: true,
    },
    OptionDef {
        name: "as",
        kind: Kind::Person,
        required: false,
        help: "Another member of staff, by name or staff id; admins only",
        source: Source::None,
        positional: false,
    },
];

static DEFINITION: Definition = Definition {
    name: "can",
    version: 1,
    family: Family::Seqn,
    summary: "Say whether you may ask for an action here, and which rule decides",
    help: "Admins can ask for another person with `as @name`. It changes nothing and asks nobody.",
    example: "can revoke-session",
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
impl Runbook for Can {
    type Input = Question;
    type Facts = ();

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Question, Vec<FieldError>> {
        match fields.get("action") {
            Some(action) => Ok(Question { action: action.into(), other: fields.get("as").map(str::to_owned) }),
            None => {
                Err(vec![FieldError { option: "action".into(), says: "Name the action: `can revoke-session`.".into() }])
            }
        }
    }

    async fn look(&self, _: &Asked<'_>, _: &Question, _: &Reads) -> Result<(), PortError> {
        Ok(())
    }

    fn plan(&self, asked: &Asked<'_>, question: &Question, (): &()) -> Plan {
        let other = match &question.other {
            Some(_) if !asked.asker.roles.contains(&Role::ADMIN) => {
                let why = "Only admins may ask what another person may do. Ask for yourself, without `as`.";
                return Plan::answer(Tone::Bad, "You may not ask that.", vec![Block::Text(why.into())]);
            }
            Some(name) => match asked.rights.staff(name) {
                Some(staff) => Some(staff),
                None => {
                    let why = "Nobody of the staff has that name or id. Names are as in the configuration.";
                    return Plan::answer(Tone::Bad, "I do not know that person.", vec![Block::Text(why.into())]);
                }
            },
            None => None,
        };
        let staff = other.as_ref().unwrap_or(asked.asker);
        let ruling = ruling(asked, staff, &question.action);
        let who = if other.is_some() { staff.name.as_str() } else { "You" };
        let (tone, word) = if ruling.may { (Tone::Good, "may") } else { (Tone::Caution, "may not") };
        let mut blocks = vec![Block::Text(ruling.because)];
        if !ruling.agreement.is_empty() {
            blocks.push(Block::Text(ruling.agreement));
        }
        Plan::answer(tone, format!("{who} {word} ask for `{}` here.", question.action), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Question, _: &Plan, (): &()) -> Verdict {
        Verdict::default()
    }
}
