//! `rate-limit`: a caller gets 429. Which limit it is, whether the caller respects it, and what may be done.
//!
//! Facts: `seqn-facts.md` 3.8 (the limiter, the edge policies) and 3.9 (plans). SEQN Auth has no route for its limiter;
//! only whose key it is can be looked up. Invariant: nothing here proposes to switch a limit off for everybody.

mod edge;
mod pace;

use std::net::IpAddr;

use async_trait::async_trait;

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{Block, Fields, KeyOwner, Next, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

use edge::Surface;
use pace::Pace;

/// The longest pause that is believed, in seconds: an hour; the limiter's window is one minute.
const PAUSE_MOST_S: u32 = 3_600;

/// The longest log that may be pasted, in characters: what Slack's forms take.
const LOG_MOST: u16 = 3_000;
/// The beginning of a project's secret key, and how much of its body may be said.
const SECRET_KEY: (&str, usize) = ("sk_live_", 8);

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
    org: String,
    off: bool,
}

/// Who has the key with that prefix, where one is given that can be looked up.
pub type Facts = Option<Result<Vec<KeyOwner>, PortError>>;

const fn option(name: &'static str, kind: Kind, required: bool, help: &'static str) -> OptionDef {
    OptionDef { name, kind, required, help, source: Source::None, positional: false }
}

static OPTIONS: [OptionDef; 9] = [
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
    OptionDef {
        source: Source::RecentOrgs,
        ..option("org", Kind::Org, false, "The customer's organization slug, for the look at its plan")
    },
    option("retry-after", Kind::Text(8), false, "The seconds that the answer's Retry-After says"),
    option("times", Kind::Text(600), false, "When the caller asked after that answer: 12:00:01 12:00:04 12:01:10"),
    option("log", Kind::Log(LOG_MOST), false, "Lines of a log from the 429 on; only times and statuses are kept"),
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
           the times of the caller's requests, or lines of a log, it says whether Retry-After was respected. A 402 is the plan's limit and \
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
    type Facts = Facts;

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
        let log = fields.get("log").map(pace::logged);
        for (option, read) in [("times", &times), ("log", &log)] {
            if let Some(Err(says)) = read {
                errors.push(wrong(option, says));
            }
        }
        if times.is_some() && log.is_some() {
            errors.push(wrong("log", "Give the times or the log, not both."));
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
            pace: times.or(log).and_then(Result::ok).map(|asked| Pace { pause, asked }),
            source: source.and_then(Result::ok),
            prefix: fields.get("prefix").map(str::to_owned),
            org: fields.get("org").unwrap_or_default().to_owned(),
            off: fields.get("change") == Some("app-limiter-off"),
        })
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        match input.prefix.as_deref().and_then(whole_prefix) {
            Some(prefix) if !input.off => Ok(Some(reads.seqn.projects_by_key_prefix(&prefix).await)),
            _ => Ok(None),
        }
    }

    fn plan(&self, _: &Asked<'_>, input: &Input, owners: &Facts) -> Plan {
        if input.off {
            return never_off(input);
        }
        let mut plan = match input.answer {
            Answer::Subscription => not_the_pace(input),
            Answer::RateLimited => limited(input, owners),
        };
        if !input.org.is_empty() {
            plan.next.push(Next::of("Look at the plan and its limits", "subscription", &[("org", &input.org)]));
        }
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

/// The prefix as SEQN Auth writes it, where it says enough to find one project.
fn whole_prefix(given: &str) -> Option<String> {
    let (kind, length) = SECRET_KEY;
    let body = given.strip_prefix(kind).or((!given.contains('_')).then_some(given))?;
    (body.len() == length).then(|| format!("{kind}{body}"))
}

fn never_off(input: &Input) -> Plan {
    let why = "SEQN Auth's own limiter stays on. It is the floor under every other protection: without it one client can \
               take sign-in away from everybody, and there is no setting for it anyway.";
    let instead = "What helps one customer is a rule for its source at the edge: ask again with change=edge-rule.";
    let rule =
        Next::of("Propose a rule for the edge", "rate-limit", &[("route", &input.route), ("change", "edge-rule")]);
    let blocks = vec![Block::Text(why.into()), Block::Text(instead.into())];
    Plan { next: vec![rule], ..Plan::answer(Tone::Bad, "The limiter is not switched off.", blocks) }
}

fn not_the_pace(input: &Input) -> Plan {
    let what = "402 subscription_limit_exceeded means that the plan's number of projects, users or webhook endpoints is \
                used up. Waiting does not help, and neither does a slower client.";
    let org = if input.org.is_empty() { "<org>" } else { &input.org };
    let next =
        format!("`/seqn subscription {org}` shows the plan and what it uses; an admin of SEQN Auth changes the plan.");
    Plan::answer(
        Tone::Caution,
        "This is the plan's limit, not the pace.",
        vec![Block::Text(what.into()), Block::Text(next)],
    )
}

fn limited(input: &Input, owners: &Facts) -> Plan {
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
    let mut next = Vec::new();
    if let Some(prefix) = &input.prefix {
        let text = format!(
            "All of it comes with the key {prefix}…: if the caller is not known, the key has leaked. Rotate it first; a \
             rule does not give it back."
        );
        blocks.push(Block::Text(text));
        let (whose, rotate) = owned(owners);
        blocks.push(Block::Text(whose));
        next.extend(rotate);
    }
    blocks.push(Block::Items { heading: "To tell the customer".into(), items: ADVICE.map(str::to_owned).to_vec() });
    blocks.push(Block::Code(edge::rule(&input.route, surface, input.source)));
    blocks.push(Block::Note(
        "For Caddy with the module github.com/mholt/caddy-ratelimit, since Caddy itself has no rate_limit. Try it on one \
         source before all; never limit a whole organization for one noisy client."
            .into(),
    ));
    Plan { next, ..Plan::answer(tone, title, blocks) }
}

/// Whose key it is, and its rotation.
fn owned(owners: &Facts) -> (String, Option<Next>) {
    match owners {
        None => ("Only a secret key's prefix with its 8 characters says whose it is.".to_owned(), None),
        Some(Err(error)) => (format!("Whose key it is could not be looked up. {}", error.of_look()), None),
        Some(Ok(owners)) => match owners.as_slice() {
            [] => {
                ("No project has a key that begins so now: it is an old one, which is answered with 401.".into(), None)
            }
            [one] => {
                let known = [("org", one.org.as_str()), ("project", one.project.as_str()), ("cause", "exposed")];
                let rotate = Next::of("The key has leaked: rotate it", "rotate-secret", &known);
                (format!("It is the key of the project {} of {}.", one.project, one.org), Some(rotate))
            }
            several => {
                let names: Vec<String> = several.iter().map(|one| format!("{}/{}", one.org, one.project)).collect();
                (format!("Several projects have a key that begins so: {}.", names.join(", ")), None)
            }
        },
    }
}

/// What a caller can do about it.
const ADVICE: [&str; 3] = [
    "Wait as long as Retry-After says, then ask once; with several workers add a random part to the wait.",
    "Ask for configuration once per start and keep it; do not ask before every request.",
    "Check a backend key's health at the start, not in a loop.",
];
