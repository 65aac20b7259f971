//! `leaks`: the cases of secrets that were seen in chat, without their values.

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Block, Fields, Leak, LeakState, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

/// The most cases that one answer lists: what fits into one message of either platform.
const SHOWN_MOST: u32 = 20;

/// The action.
pub struct Leaks;

static OPTIONS: [OptionDef; 1] = [OptionDef {
    name: "state",
    kind: Kind::Choice(&[
        ("open", "Nobody is replacing it yet"),
        ("rotating", "Somebody is replacing it"),
        ("closed", "It was replaced"),
    ]),
    required: false,
    help: "Only cases that stand there",
    source: Source::Choices,
    positional: true,
}];

static DEFINITION: Definition = Definition {
    name: "leaks",
    version: 1,
    family: Family::Seqn,
    summary: "List the cases of secrets that were seen in chat, without their values",
    help: "One case per secret, however often it was seen. The buttons to replace a secret are on the case's own \
           message in the security channel.",
    example: "leaks state=open",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::SECURITY,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Anywhere,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

fn line(leak: &Leak) -> String {
    let owner = leak.owner.as_ref().map(|owner| format!(", {}/{}", owner.org, owner.project)).unwrap_or_default();
    let outcome = if leak.outcome.is_empty() { String::new() } else { format!(" {}", leak.outcome) };
    format!(
        "{}: {}{owner}: {}, seen {}, last {}.{outcome}",
        leak.id,
        leak.named(),
        leak.state.word(),
        leak.where_seen(),
        leak.last_seen
    )
}

#[async_trait]
impl Runbook for Leaks {
    type Input = Option<LeakState>;
    type Facts = Vec<Leak>;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Option<LeakState>, Vec<FieldError>> {
        match fields.get("state") {
            None => Ok(None),
            Some(word) => LeakState::named(word).map(Some).ok_or_else(|| {
                vec![FieldError { option: "state".into(), says: "Write open, rotating or closed.".into() }]
            }),
        }
    }

    async fn look(&self, _: &Asked<'_>, state: &Option<LeakState>, reads: &Reads) -> Result<Vec<Leak>, PortError> {
        reads.leaks.leaks(*state, SHOWN_MOST + 1).await
    }

    fn plan(&self, _: &Asked<'_>, state: &Option<LeakState>, leaks: &Vec<Leak>) -> Plan {
        let shown = usize::try_from(SHOWN_MOST).unwrap_or(usize::MAX);
        let word = state.map_or(String::new(), |state| format!(" {}", state.word()));
        if leaks.is_empty() {
            return Plan::answer(Tone::Good, format!("There is no{word} leak case."), Vec::new());
        }
        let count = if leaks.len() > shown { format!("More than {shown}") } else { leaks.len().to_string() };
        let open = leaks.iter().any(|leak| leak.state == LeakState::Open);
        let tone = if open { Tone::Caution } else { Tone::Plain };
        let items = leaks.iter().take(shown).map(line).collect();
        let mut blocks = vec![Block::Items { heading: "The last seen first".into(), items }];
        if leaks.len() > shown {
            blocks
                .push(Block::Note(format!("Only the {shown} last seen are listed. Ask for one state to see others.")));
        }
        Plan::answer(tone, format!("{count}{word} leak case{}.", if leaks.len() == 1 { "" } else { "s" }), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Option<LeakState>, _: &Plan, _: &Vec<Leak>) -> Verdict {
        Verdict::default()
    }
}
