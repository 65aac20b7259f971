//! `audit review`: what somebody else says of a broken glass; without one named, those that are still open.
//!
//! Invariant: whoever broke it never reviews it, and the first review stays.

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Glass, Plan, Repeat, RequestId, Risk, Role, Step, Tier, Tone, Verdict,
};
use crate::ports::{PortError, Reads};

/// The action.
pub struct GlassReviewed;

/// The most open reviews that one answer shows.
const SHOWN: u32 = 20;
const SAYS_MOST: u16 = 600;

static OPTIONS: [OptionDef; 3] = [
    OptionDef {
        positional: true,
        ..option("glass", Kind::RequestId, false, "The reference of the break-glass; without it the open ones")
    },
    option(
        "verdict",
        Kind::Choice(&[("justified", "It was right"), ("not-justified", "It was not right")]),
        false,
        "Whether it was right to break it",
    ),
    option("says", Kind::Text(SAYS_MOST), false, "What you looked at, and what follows from it"),
];

static DEFINITION: Definition = Definition {
    name: "audit-review",
    version: 1,
    family: Family::Audit,
    summary: "Review a broken glass, or show which reviews are open",
    help: "Each time that something ran without the agreement that it needed, a review is open, and is asked for again and \
           again, until somebody else than the person who broke the glass says whether it was right, and why.",
    example: "audit review rq-abcd2345 verdict=justified says=\"the takeover was real, see SUP-1234\"",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::LEAD,
    tier: Tier::Look,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None: the first review stays.",
};

/// The options, read.
pub struct Input {
    glass: Option<RequestId>,
    justified: Option<bool>,
    says: String,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    glass: Option<Glass>,
    open: Vec<Glass>,
}

#[async_trait]
impl Runbook for GlassReviewed {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let glass = if reading.text("glass").is_empty() { None } else { reading.parsed("glass") };
        let (verdict, says) = (reading.text("verdict"), reading.text("says"));
        if verdict.is_empty() != says.is_empty() {
            reading.wrong("says", "A review needs both: verdict= and says=.");
        }
        let justified = (!verdict.is_empty()).then_some(verdict == "justified");
        reading.done(Some(Input { glass, justified, says, fields: fields.clone() }))
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let glass = match &input.glass {
            Some(id) => reads.glass.glass(id).await?,
            None => None,
        };
        let open = reads.glass.unreviewed(SHOWN).await?;
        // With a verdict, the only one that is open is meant.
        let only = open.first().filter(|_| open.len() == 1 && input.glass.is_none() && input.justified.is_some());
        Ok(Facts { glass: glass.or_else(|| only.cloned()), open })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let Some(glass) = &facts.glass else {
            let Some(id) = &input.glass else { return open(facts) };
            let next = "`/audit review` shows those that are open.";
            return Plan::answer(Tone::Bad, format!("No glass was broken with {id}."), vec![Block::Text(next.into())]);
        };
        let id = &glass.request;
        let told = Block::Items { heading: "What happened".into(), items: vec![line(glass)] };
        if let Some(review) = &glass.review {
            let word = word(review.justified);
            let title = format!("{} has reviewed it at {}: {word}.", review.by, review.at);
            return Plan::answer(Tone::Plain, title, vec![told, Block::Text(review.says.clone())]);
        }
        let Some(justified) = input.justified else {
            let next = Block::Text("Say it with verdict=justified or verdict=not-justified, and says=\"…\".".into());
            return Plan::answer(Tone::Caution, format!("The review of {id} is open."), vec![told, next]);
        };
        if glass.staff == asked.asker.id {
            let next = "Somebody else reviews it.";
            return Plan::answer(Tone::Bad, "You broke it yourself.", vec![Block::Text(next.into())]);
        }
        let word = word(justified);
        let blocks = vec![told, Block::Text(input.says.clone())];
        let mut plan = Plan::answer(Tone::Caution, format!("Close the review of {id}: {word}?"), blocks);
        plan.tier = Tier::Confirm;
        plan.outline = format!("close the review of {id}: {word}");
        plan.pinned = input.fields.clone();
        plan.pinned.set("glass", id.as_str());
        plan.subject = [("glass", id.to_string()), ("verdict", word.to_owned()), ("says", input.says.clone())]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        let effect = Effect::ReviewGlass { request: id.clone(), justified, says: input.says.clone() };
        plan.steps.push(Step { key: format!("review:{id}"), says: plan.outline.clone(), effect, repeat: Repeat::Same });
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let result = match facts.glass.as_ref().and_then(|glass| glass.review.as_ref()) {
            Some(_) => CheckResult::Confirmed,
            None => CheckResult::NotConfirmed("it is still open".into()),
        };
        Verdict { checks: vec![Check { what: "The review is in the record".into(), result }], ..Verdict::default() }
    }
}

const fn word(justified: bool) -> &'static str {
    if justified { "justified" } else { "not justified" }
}

fn line(glass: &Glass) -> String {
    format!("{} {} ran {} without agreement ({}): {}", glass.at, glass.staff, glass.of, glass.request, glass.reason)
}

fn open(facts: &Facts) -> Plan {
    if facts.open.is_empty() {
        return Plan::answer(Tone::Good, "No review is open.", Vec::new());
    }
    let heading = "Still to be reviewed, the oldest first".into();
    let items = facts.open.iter().map(line).collect();
    let next = "`/audit review rq-… verdict=justified says=\"…\"` closes one.";
    let blocks = vec![Block::Items { heading, items }, Block::Note(next.into())];
    Plan::answer(Tone::Caution, "Reviews are open.", blocks)
}
