//! `scan-channel`: read a channel's history for secrets, and follow up what is found.
//!
//! The dry run comes first: the preview says what would be found, and nothing is touched before a second person
//! agrees. Invariant: the plan names one channel and one span, both fixed when it was asked.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility, window_ms,
};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Millis, Place, Plan, Repeat, Risk, Role, Step, Tier, Tone, Verdict,
};
use crate::ports::{Fault, PortError, Reads, ScanProgress, Survey};

/// The longest span, in hours: 90 days.
const HOURS_MOST: u16 = 90 * 24;

/// The action.
pub struct ScanChannel;

static OPTIONS: [OptionDef; 2] = [
    OptionDef {
        name: "since",
        kind: Kind::Window(1, HOURS_MOST),
        required: true,
        help: "How far back to read: 24h, 7d",
        source: Source::None,
        positional: true,
    },
    OptionDef {
        name: "reason",
        kind: Kind::Text(300),
        required: true,
        help: "Why: the bot was added late, a leak is suspected",
        source: Source::None,
        positional: false,
    },
];

static DEFINITION: Definition = Definition {
    name: "scan-channel",
    version: 1,
    family: Family::Seqn,
    summary: "Read this channel's history for secrets, and remove and follow up what is found",
    help: "When: the bot was added to a channel late, or something was posted while it could not listen. Type it in the \
           channel that is meant. The preview is a dry run: it says how many messages hold what, and changes nothing. \
           After a second person agreed, each find is treated as if it had just been posted; progress is told in the \
           channel.",
    example: "scan-channel since=7d reason=\"the bot was added today\"",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::LEAD,
    tier: Tier::Second,
    tier_at_most: Tier::Second,
    risk: Risk::FinalMany,
    places: Places::Anywhere,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None: a message that was removed cannot be brought back.",
};

/// The options, read.
pub struct Span {
    /// How far back, in milliseconds.
    back_ms: i64,
    fields: Fields,
}

/// What was looked up.
pub enum Facts {
    /// It can be asked only in a channel.
    Nowhere,
    /// Nothing was begun yet.
    Ahead(Result<Survey, PortError>),
    /// It was begun.
    Begun(ScanProgress),
}

fn channel(asked: &Asked<'_>) -> Place {
    Place { thread: None, ..asked.place.clone() }
}

#[async_trait]
impl Runbook for ScanChannel {
    type Input = Span;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Span, Vec<FieldError>> {
        let back_ms = fields.get("since").and_then(window_ms);
        back_ms
            .map(|back_ms| Span { back_ms, fields: fields.clone() })
            .ok_or_else(|| vec![FieldError { option: "since".into(), says: "Write a span such as 24h or 7d.".into() }])
    }

    async fn look(&self, asked: &Asked<'_>, span: &Span, reads: &Reads) -> Result<Facts, PortError> {
        if asked.place.direct {
            return Ok(Facts::Nowhere);
        }
        if let Some(progress) = reads.history.progress(asked.request).await? {
            return Ok(Facts::Begun(progress));
        }
        let since = asked.asked.plus_ms(-span.back_ms);
        Ok(Facts::Ahead(reads.history.survey(&channel(asked), since, asked.asked).await))
    }

    fn plan(&self, asked: &Asked<'_>, span: &Span, facts: &Facts) -> Plan {
        let nowhere = || {
            let text = "Type it in the channel whose history is to be read.";
            Plan::answer(Tone::Bad, "There is no channel here that could be read.", vec![Block::Text(text.into())])
        };
        let blocks = match facts {
            Facts::Nowhere => return nowhere(),
            Facts::Ahead(Err(error)) if error.fault == Fault::NoRoute => return nowhere(),
            Facts::Ahead(Err(error)) => {
                let text = "Check that the bot is in this channel and may read its history, then ask again.";
                let blocks = vec![Block::Text(error.of_look()), Block::Text(text.into())];
                return Plan::answer(Tone::Bad, "This channel's history could not be read.", blocks);
            }
            Facts::Ahead(Ok(survey)) => preview(survey),
            Facts::Begun(progress) => vec![Block::Text(line(progress))],
        };
        ahead(asked, span, blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Span, _: &Plan, facts: &Facts) -> Verdict {
        let result = match facts {
            Facts::Begun(progress) if progress.open || progress.why.is_empty() => CheckResult::Confirmed,
            Facts::Begun(progress) => CheckResult::NotConfirmed(progress.why.clone()),
            Facts::Nowhere | Facts::Ahead(_) => CheckResult::NotConfirmed("it was not begun".into()),
        };
        let mut verdict = Verdict { checks: vec![Check { what: "The reading".into(), result }], ..Verdict::default() };
        if let Facts::Begun(progress) = facts {
            verdict.conclusion.push(Block::Text(line(progress)));
        }
        verdict
    }
}

fn ahead(asked: &Asked<'_>, span: &Span, blocks: Vec<Block>) -> Plan {
    let place = channel(asked);
    let since = asked.asked.plus_ms(-span.back_ms);
    let until: Millis = asked.asked;
    let mut plan = Plan::answer(Tone::Caution, format!("Scan this channel's history since {since}."), blocks);
    plan.tier = Tier::Second;
    plan.pinned = span.fields.clone();
    plan.outline = format!("read the history of {}:{} since {since} for secrets", place.platform, place.channel);
    plan.subject = BTreeMap::from([
        ("channel".to_owned(), format!("{}:{}", place.platform, place.channel)),
        ("since".to_owned(), since.to_string()),
    ]);
    plan.steps = vec![Step {
        key: format!("scan:{}:{}", place.platform, place.channel),
        says: format!("Read the history since {since}, and remove and follow up what is found"),
        effect: Effect::ScanHistory { request: asked.request.clone(), place, since, until },
        repeat: Repeat::Same,
    }];
    plan
}

fn preview(survey: &Survey) -> Vec<Block> {
    let more = if survey.whole { "" } else { "more than " };
    let holding: u32 = survey.found.values().sum();
    let counts = vec![
        ("Messages".to_owned(), format!("{more}{}", survey.messages)),
        ("Holding secrets".to_owned(), format!("{more}{holding}")),
        ("Files".to_owned(), format!("{more}{}, opened only by the scan itself", survey.files)),
    ];
    let mut blocks = vec![Block::Text("This is a dry run: nothing was changed.".into()), Block::Fields(counts)];
    if !survey.found.is_empty() {
        let items = survey.found.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        blocks.push(Block::Items { heading: "By kind".into(), items });
    }
    blocks
}

fn line(progress: &ScanProgress) -> String {
    let so_far = if progress.open { " so far; progress is told in the channel" } else { "" };
    let why = if progress.why.is_empty() { String::new() } else { format!(" {}", progress.why) };
    format!("{} messages read, {} held secrets{so_far}.{why}", progress.messages, progress.found)
}
