//! `health`: one look at every public surface of SEQN Auth and Authentik (thresholds: `seqn-facts.md` 3.7).

use async_trait::async_trait;
use futures_util::future::join_all;

use crate::catalog::{Asked, Definition, Family, FieldError, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Fields, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{Finding, Light, PortError, Reads, Subject};

/// The action.
pub struct Health;

static DEFINITION: Definition = Definition {
    name: "health",
    version: 1,
    family: Family::Seqn,
    summary: "Check SEQN Auth and Authentik: health, config, boundaries, OIDC, certificates",
    help: "Symptoms: sign-in fails for everybody, redirect loops, 5xx, certificate warnings. All checks run at once; \
           each has its own deadline. Nothing is changed.",
    example: "health",
    options: &[],
    ticket: TicketRule::None,
    role: Role::OBSERVER,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

/// From when on a check's own time is worth a word, in milliseconds.
const SLOW_MS: u64 = 2_000;

const fn mark(light: Light) -> &'static str {
    match light {
        Light::Green => "ok",
        Light::Amber => "look",
        Light::Red => "FAILING",
        Light::Alarm => "SECURITY ALARM",
        Light::Skipped => "skipped",
    }
}

#[async_trait]
impl Runbook for Health {
    type Input = ();
    type Facts = Vec<Finding>;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, _: &Fields) -> Result<(), Vec<FieldError>> {
        Ok(())
    }

    async fn look(&self, _: &Asked<'_>, (): &(), reads: &Reads) -> Result<Vec<Finding>, PortError> {
        Ok(join_all(Subject::ALL.map(|subject| reads.probe.probe(subject))).await)
    }

    fn plan(&self, _: &Asked<'_>, (): &(), findings: &Vec<Finding>) -> Plan {
        let count = |light: Light| findings.iter().filter(|f| f.light == light).count();
        let (alarm, red, amber) = (count(Light::Alarm), count(Light::Red), count(Light::Amber));
        let (tone, title) = if alarm > 0 {
            (Tone::Bad, "Security alarm: something private answers strangers.".to_owned())
        } else if red > 0 {
            (Tone::Bad, format!("{red} of {} checks fail.", findings.len()))
        } else if amber > 0 {
            (Tone::Caution, format!("Nothing fails; {amber} to look at."))
        } else {
            (
                Tone::Good,
                format!("All well: {} checks are green, {} skipped.", count(Light::Green), count(Light::Skipped)),
            )
        };
        let line = |f: &Finding| {
            let took = if f.took_ms >= SLOW_MS { format!(" (slow: {} ms)", f.took_ms) } else { String::new() };
            format!("{}: {}. {}{took}", mark(f.light), f.subject.title(), f.says)
        };
        let mut blocks = vec![Block::Items { heading: String::new(), items: findings.iter().map(line).collect() }];
        if alarm > 0 {
            blocks.push(Block::Text("Tell the security role now, and treat what was readable as disclosed.".into()));
        } else if red > 0 {
            blocks.push(Block::Text("Check again in a minute: two failures in a row are an incident.".into()));
        }
        Plan::answer(tone, title, blocks)
    }

    fn verify(&self, _: &Asked<'_>, (): &(), _: &Plan, _: &Vec<Finding>) -> Verdict {
        Verdict::default()
    }
}
