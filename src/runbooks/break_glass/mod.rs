//! Break-glass: one's own request that waits for agreement runs without it, and is reviewed afterwards.
//!
//! Invariant: only people whom the operator has named, only what they asked for themselves, only the plan that is asked
//! for now, and never where the runbook names who alone may agree.

mod review;

pub use review::GlassReviewed;

use async_trait::async_trait;

use crate::catalog::reading::{MUST_TICKET, Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Glass, Plan, Repeat, RequestId, Risk, Role, Staff, Step, Tier, Tone,
    Verdict, Waiting,
};
use crate::ports::{PortError, Reads, Ruling};

/// The action.
pub struct BreakGlass;

/// The shortest reason, in characters: whoever reviews it must be able to judge it.
const REASON_LEAST: usize = 40;
const REASON_MOST: u16 = 600;

/// Why others may not.
const NAMED: &str = "The configuration names who may, in [break_glass].";

static OPTIONS: [OptionDef; 3] = [
    MUST_TICKET,
    option("reason", Kind::Text(REASON_MOST), true, "Why nobody can be waited for, in at least 40 characters"),
    option("request", Kind::RequestId, false, "Your request that waits: rq-…; without it the only one"),
];

static DEFINITION: Definition = Definition {
    name: "break-glass",
    version: 1,
    family: Family::Seqn,
    summary: "Run your own waiting request without the agreement that it needs",
    help: "When: harm is being done, and nobody who may agree answers. Only people whom the configuration names may, only \
           for what they asked for themselves, and only for the plan that waits now. Everybody who was skipped is told on \
           every channel with your reason, and a review stays open until somebody else closes it with `/audit review`.",
    example: "break-glass ticket=SUP-1234 reason=\"account takeover going on, both approvers are on a plane\"",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::LEAD,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None for what ran; cancel the request before it begins.",
};

/// The ruling on an action for a person, with what the rules of roles cannot know: only the named few break the glass.
pub(super) fn ruling(asked: &Asked<'_>, staff: &Staff, action: &str) -> Ruling {
    let ruling = asked.rights.ruling(staff, action, asked.place);
    if action != DEFINITION.name || !ruling.may || asked.rights.breaks_glass(staff).is_some() {
        return ruling;
    }
    Ruling { may: false, because: NAMED.to_owned(), agreement: String::new() }
}

/// The options, read.
pub struct Input {
    of: Option<RequestId>,
    reason: String,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    /// Which is meant; `None`: none was named, and not exactly one waits.
    of: Option<RequestId>,
    waiting: Option<Waiting>,
    glass: Option<Glass>,
}

#[async_trait]
impl Runbook for BreakGlass {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let of = if reading.text("request").is_empty() { None } else { reading.parsed("request") };
        let reason = reading.text("reason");
        if reason.chars().count() < REASON_LEAST {
            reading.wrong("reason", format!("Say it in at least {REASON_LEAST} characters: somebody will review it."));
        }
        let fields = fields.clone();
        reading.done(Some(Input { of, reason, fields }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let of = match &input.of {
            Some(of) => Some(of.clone()),
            None => match reads.glass.asking_of(&asked.asker.id).await?.as_slice() {
                [one] => Some(one.clone()),
                _ => None,
            },
        };
        let waiting = match &of {
            Some(of) => reads.glass.waiting(of).await?,
            None => None,
        };
        Ok(Facts { of, waiting, glass: reads.glass.glass(asked.request).await? })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let no = |title: String, next: &str| Plan::answer(Tone::Bad, title, vec![Block::Text(next.to_owned())]);
        let Some(within) = asked.rights.breaks_glass(asked.asker) else {
            let next = format!("{NAMED} Ask one of them, or wait for agreement.");
            return no("You may not break the glass.".into(), &next);
        };
        let Some(of) = &facts.of else {
            let next = "Ask for agreement first. Where several wait, name one with request=rq-…; its reference stands \
                        under its preview.";
            return no("It is not clear which request is meant.".into(), next);
        };
        let Some(waiting) = facts.waiting.as_ref().filter(|waiting| waiting.requester == asked.asker.id) else {
            let next = "Name a request of your own that waits for agreement; its reference stands under its preview.";
            return no(format!("You have no request {of}."), next);
        };
        if waiting.named {
            let next = "The runbook names who alone may agree to it, and that cannot be skipped.";
            return no(format!("{of} needs an existing admin's agreement."), next);
        }
        if !waiting.asking && facts.glass.is_none() {
            return no(format!("{of} does not wait for agreement."), "Ask for agreement first; then name it here.");
        }
        let until = asked.asked.plus_ms(within);
        let mut plan = Plan::answer(
            Tone::Caution,
            format!("Break the glass: run {of} without agreement?"),
            vec![
                Block::Fields(vec![
                    ("What runs".into(), waiting.outline.clone()),
                    ("Why nobody is waited for".into(), input.reason.clone()),
                    ("It must have begun by".into(), until.to_string()),
                ]),
                Block::Text(
                    "Everybody who was skipped is told on every channel, with your name and this reason. A review stays \
                     open until somebody else closes it."
                        .into(),
                ),
            ],
        );
        plan.tier = Tier::Confirm;
        plan.outline = format!("break the glass for {of}: {}", waiting.outline);
        plan.pinned = input.fields.clone();
        plan.pinned.set("request", of.as_str());
        plan.subject = [("of", of.to_string()), ("digest", waiting.digest.to_string()), ("until", until.0.to_string())]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        let effect = Effect::BreakGlass {
            request: asked.request.clone(),
            of: of.clone(),
            digest: waiting.digest.clone(),
            reason: input.reason.clone(),
            until,
        };
        let says = format!("run {of} without agreement");
        plan.steps.push(Step { key: format!("break-glass:{of}"), says, effect, repeat: Repeat::Same });
        plan
    }

    fn verify(&self, asked: &Asked<'_>, input: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let result = match &facts.glass {
            Some(glass) if Some(&glass.of) == input.of.as_ref() => CheckResult::Confirmed,
            _ => CheckResult::NotConfirmed("the request still waits".into()),
        };
        let next = format!("Its review is open: somebody else closes it with `/audit review {}`.", asked.request);
        Verdict {
            checks: vec![Check { what: "The request waits for nobody any more".into(), result }],
            conclusion: vec![Block::Text(next)],
            ..Verdict::default()
        }
    }
}
