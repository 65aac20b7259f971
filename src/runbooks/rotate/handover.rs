//! `rotate-handover`: shows again what was sealed of a key that was rotated by the API, and what became of it.
//!
//! A private message of a platform may be gone when it is needed. Invariant: what is shown is what only the receivers can
//! open.

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Fields, Handed, Plan, RequestId, Risk, Role, Tier, Tone, Verdict, WayState};
use crate::ports::{PortError, Reads};

/// The action.
pub struct RotateHandover;

static OPTIONS: [OptionDef; 1] = [OptionDef {
    positional: true,
    ..option("request", Kind::RequestId, true, "The reference of the rotation, such as rq-2b3c4d5f")
}];

static DEFINITION: Definition = Definition {
    name: "rotate-handover",
    version: 1,
    family: Family::Rotate,
    summary: "Show again the sealed key of a rotation, and whether it reached those who receive it",
    help: "When: the message with the sealed key is gone, or somebody asks where the new key went. What is shown can be \
           opened by its receivers only; it may be forwarded to them by any way.",
    example: "rotate handover rq-2b3c4d5f",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

#[async_trait]
impl Runbook for RotateHandover {
    type Input = RequestId;
    type Facts = Vec<Handed>;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<RequestId, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let id = reading.text("request").parse::<RequestId>();
        if id.is_err() {
            reading.wrong("request", "Write the reference that stands under the rotation's messages.");
        }
        reading.done(id.ok())
    }

    async fn look(&self, _: &Asked<'_>, id: &RequestId, reads: &Reads) -> Result<Vec<Handed>, PortError> {
        reads.handed.handed(id).await
    }

    fn plan(&self, _: &Asked<'_>, id: &RequestId, handed: &Vec<Handed>) -> Plan {
        if handed.is_empty() {
            let says = "Either it was done by hand, or it has not come that far, or there is no such request.";
            return Plan::answer(
                Tone::Plain,
                format!("{id} has made no key that I know of."),
                vec![Block::Text(says.into())],
            );
        }
        let items = handed.iter().map(line).collect();
        let mut blocks = vec![Block::Items { heading: "What was made".into(), items }];
        blocks.extend(handed.iter().flat_map(Handed::blocks));
        let lost = handed.iter().any(|one| !one.reachable());
        let (tone, title) = if lost {
            (Tone::Bad, format!("{id} has made a key that is lost."))
        } else {
            (Tone::Good, format!("What became of the keys that {id} has made."))
        };
        Plan::answer(tone, title, blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &RequestId, _: &Plan, _: &Vec<Handed>) -> Verdict {
        Verdict::default()
    }
}

fn line(one: &Handed) -> String {
    let what = format!("{} in {}, {}", one.key.named(), one.org, one.at);
    match one.state {
        WayState::Sealed => format!("{what}: {}", one.way),
        WayState::Arrived => format!("{what}: it arrived. {}", one.way),
        WayState::Begun => format!("{what}: it is being passed on. {}", one.way),
        WayState::Failed if one.reachable() => format!("{what}: NOT passed on, the sealed copy is below. {}", one.why),
        WayState::Failed | WayState::Lost => format!("{what}: rotated, value lost, rotate again. {}", one.why),
    }
}
