//! `rate-limit`: a caller gets 429. Which limit it is, whether the caller respects it, and what may be done.
//!
//! Facts: `seqn-facts.md` 3.8 (the limiter, the edge policies) and 3.9 (plans). It looks nothing up, since SEQN Auth
//! has no route for its limiter. Invariant: nothing here proposes to switch a limit off for everybody.

mod edge;
mod pace;

use std::net::IpAddr;

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Block, Fields, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

use edge::Surface;
use pace::Pace;

/// The longest pause that is believed, in seconds: an hour; the limiter's window is one minute.
const PAUSE_MOST_S: u32 = 3_600;

/// The action.
pub struct RateLimit;

/// Which answer the caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// `429 rate_limited`.
    RateLimited,
    /// `402 subscription_limit_exceeded`.
    Subscription,
}

/// The options, read.
pub struct Input {
    route: String,
    answer: Answer,
    pace: Option<Pace>,
    source: Option<IpAddr>,
    prefix: Option<String>,
    off: bool,
}

const fn option(name: &'static str, kind: Kind, required: bool, help: &'static str) -> OptionDef {
    OptionDef { name, kind, required, help, source: Source::None, positional: false }
}

static OPTIONS: [OptionDef; 7] = [
    OptionDef {
        positional: true,
        ..option("route", Kind::Route, true, "The route that answers so, without its query")
    },
    option(
        "answer",
        Kind::Choice(&[
            ("rate_limited", "429 rate_limited"),
            ("subscription_limit_exceeded", "402: the plan's limit, not the pace"),
        ]),
        false,
        "What the caller gets; without it 429 rate_limited",
    ),
    option("retry-after", Kind::Text(8), false, "The seconds that the answer's Retry-After says"),
    option("times", Kind::Text(600), false, "When the caller asked after that answer: 12:00:01 12:00:04 12:01:10"),
    option("source", Kind::Text(64), false, "The caller's IP address, for a rule about it alone"),
    option("prefix", Kind::KeyPrefix, false, "The key's prefix, where one key makes all the requests"),
    option(
        "change",
        Kind::Choice(&[
            ("edge-rule", "Propose a rule for the edge"),
            ("app-limiter-off", "Switch SEQN Auth's own limiter off"),
        ]),
        false,
        "What somebody wants changed",
    ),
];

static DEFINITION: Definition = Definition {
    name: "rate-limit",
    version: 1,
    family: Family::Seqn,
    summary: "Say which limit answers 429, whether the caller respects Retry-After, and propose an edge rule",
    help: "Symptoms: 429 rate_limited, sign-in or SDK start that fails in bursts, one noisy client. Give the route; with \
           the times of the caller's requests it says whether Retry-After was respected. A 402 is the plan's limit and \
           has nothing to do with pace. It changes nothing: a rule is text to copy.",
    example: "rate-limit /v1/config retry-after=30 times=\"12:00:01 12:00:05\" source=203.0.113.7",
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

fn wrong(option: &str, says: &str) -> FieldError {
    FieldError { option: option.into(), says: says.into() }
}

#[async_trait]
impl Runbook for RateLimit {
    type Input = Input;
    type Facts = ();

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut errors = Vec::new();
        let pause = fields.get("retry-after").map(|text| text.trim_end_matches('s').parse::<u32>());
        let pause = match pause {
            Some(Ok(seconds)) if seconds <= PAUSE_MOST_S => Some(seconds),
            Some(_) => {
                errors.push(wrong("retry-after", "Write whole seconds, 3600 at most: 30."));
                None
            }
            None => None,
        };
        let times = fields.get("times").map(pace::times);
        if let Some(Err(says)) = &times {
            errors.push(wrong("times", says));
        }
        let source = fields.get("source").map(str::parse::<IpAddr>);
        if let Some(Err(_)) = &source {
            errors.push(wrong("source", "Write one IP address, such as 203.0.113.7."));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let subscription = fields.get("answer") == Some("subscription_limit_exceeded");
        Ok(Input {
            route: fields.get("route").unwrap_or_default().to_owned(),
            answer: if subscription { Answer::Subscription } else { Answer::RateLimited },
            pace: times.and_then(Result::ok).map(|times| Pace { pause, times }),
            source: source.and_then(Result::ok),
            prefix: fields.get("prefix").map(str::to_owned),
            off: fields.get("change") == Some("app-limiter-off"),
        })
    }

    async fn look(&self, _: &Asked<'_>, _: &Input, _: &Reads) -> Result<(), PortError> {
        Ok(())
    }

    fn plan(&self, _: &Asked<'_>, input: &Input, (): &()) -> Plan {
        if input.off {
            return never_off();
        }
        if input.answer == Answer::Subscription {
            return not_the_pace();
        }
        limited(input)
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, (): &()) -> Verdict {
        Verdict::default()
    }
}

fn never_off() -> Plan {
    let why = "SEQN Auth's own limiter stays on. It is the floor under every other protection: without it one client can \
               take sign-in away from everybody, and there is no setting for it anyway.";
    let instead = "What helps one customer is a rule for its source at the edge: ask again with change=edge-rule.";
    Plan::answer(
        Tone::Bad,
        "The limiter is not switched off.",
        vec![Block::Text(why.into()), Block::Text(instead.into())],
    )
}

fn not_the_pace() -> Plan {
    let what = "402 subscription_limit_exceeded means that the plan's number of projects, users or webhook endpoints is \
                used up. Waiting does not help, and neither does a slower client.";
    let next = "Look at the organization's plan and what it uses in the hosted console; an admin of SEQN Auth changes the \
                plan.";
    Plan::answer(
        Tone::Caution,
        "This is the plan's limit, not the pace.",
        vec![Block::Text(what.into()), Block::Text(next.into())],
    )
}

fn limited(input: &Input) -> Plan {
    let surface = Surface::of(&input.route);
    let verdict = input.pace.as_ref().map(Pace::verdict);
    let tone = if verdict.as_ref().is_some_and(|verdict| !verdict.respected) { Tone::Bad } else { Tone::Caution };
    let title = match &verdict {
        Some(verdict) if !verdict.respected => "The caller does not respect Retry-After.".to_owned(),
        Some(_) => "The caller respects Retry-After; it simply asks for more than the limit.".to_owned(),
        None => format!("{} is limited by pace.", input.route),
    };
    let mut blocks = Vec::new();
    if let Some(verdict) = verdict {
        blocks.push(Block::Items { heading: "The caller's requests".into(), items: verdict.lines });
    }
    blocks.push(Block::Fields(vec![
        ("SEQN Auth itself".into(), "240 requests in 60 s for each of its processes, then 429 with Retry-After".into()),
        (
            "At the edge, suggested".into(),
            surface.map_or("no policy is suggested for this route".into(), Surface::words),
        ),
    ]));
    if let Some(prefix) = &input.prefix {
        let text = format!(
            "All of it comes with the key {prefix}…: if the caller is not known, the key has leaked. Rotate it first; a \
             rule does not give it back."
        );
        blocks.push(Block::Text(text));
    }
    blocks.push(Block::Items { heading: "To tell the customer".into(), items: ADVICE.map(str::to_owned).to_vec() });
    blocks.push(Block::Code(edge::rule(&input.route, surface, input.source)));
    blocks.push(Block::Note(
        "For Caddy with the module github.com/mholt/caddy-ratelimit, since Caddy itself has no rate_limit. Try it on one \
         source before all; never limit a whole organization for one noisy client."
            .into(),
    ));
    Plan::answer(tone, title, blocks)
}

/// What a caller can do about it.
const ADVICE: [&str; 3] = [
    "Wait as long as Retry-After says, then ask once; with several workers add a random part to the wait.",
    "Ask for configuration once per start and keep it; do not ask before every request.",
    "Check a backend key's health at the start, not in a loop.",
];
