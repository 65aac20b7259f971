//! `subscription`: an organization's plan, what it uses, and what of that answers 402.
//!
//! Facts: `seqn-facts.md` 3.9 (plans, statuses, what is enforced). It changes nothing. Invariant: a number that SEQN
//! Auth did not give is called unknown, and nothing is said to be blocked without the number or the status for it.

use async_trait::async_trait;
use futures_util::future::join;

use crate::catalog::reading::{ORG, Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Fields, Millis, Next, OrgSlug, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{Amounts, Fault, Mode, Operation, PortError, Reads, Subscription};

/// The action.
pub struct SubscriptionLook;

/// A public plan: key, name, and what it allows (the session guide of Scale is negotiated).
const PLANS: [(&str, &str, Amounts); 3] = [
    ("free", "Free", amounts(2, 3, 1, Some(1_000))),
    ("pro", "Pro", amounts(25, 10_000, 25, Some(100_000))),
    ("scale", "Scale", amounts(250, 1_000_000, 250, None)),
];
/// Statuses under which things can be created.
const OPEN: [&str; 2] = ["active", "trialing"];

/// The answer to whoever asks for a checkout, an invoice or a payment, and what to do instead.
const NO_MONEY: [&str; 2] = [
    "There is no checkout, invoice or payment here.",
    "SEQN Auth collects no payments, so there is nothing to send, to mark as paid or to work around. Tell the customer \
     that; what has been agreed elsewhere, an admin of SEQN Auth writes as a plan or a state, with the ticket.",
];

const fn amounts(projects: u64, users: u64, webhooks: u64, sessions: Option<u64>) -> Amounts {
    Amounts { projects: Some(projects), users: Some(users), webhooks: Some(webhooks), sessions }
}

static OPTIONS: [OptionDef; 2] = [
    ORG,
    option(
        "want",
        Kind::Choice(&[
            ("checkout", "A checkout or a payment link"),
            ("invoice", "An invoice or a receipt"),
            ("payment", "A payment, a refund or a credit"),
        ]),
        false,
        "What the customer asks for, where that is about money",
    ),
];

static DEFINITION: Definition = Definition {
    name: "subscription",
    version: 1,
    family: Family::Seqn,
    summary: "Show an organization's plan and use, and what of it answers 402",
    help: "Symptoms: 402 subscription_inactive, 402 subscription_limit_exceeded, a project, user or webhook cannot be \
           created; the customer asks for a checkout, an invoice or a payment. There is none of these here, and no way \
           around them: an admin of SEQN Auth changes plans. Nothing is changed.",
    example: "subscription acme",
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

/// The options, read.
pub struct Input {
    org: OrgSlug,
    /// Whether a checkout, an invoice or a payment is asked for.
    money: bool,
}

/// What was looked up; each may fail by itself.
pub struct Facts {
    subscription: Result<Subscription, PortError>,
    usage: Result<Amounts, PortError>,
    by_hand: Option<String>,
}

#[async_trait]
impl Runbook for SubscriptionLook {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, want) = (reading.org(), !reading.text("want").is_empty());
        reading.done(org.map(|org| Input { org, money: want }))
    }

    async fn look(&self, _: &Asked<'_>, Input { org, .. }: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let (subscription, usage) = join(reads.seqn.subscription(org), reads.seqn.usage(org)).await;
        let by_hand = match reads.seqn.mode(Operation::GetSubscription) {
            Mode::Console { url, .. } => Some(url),
            Mode::Api => None,
        };
        Ok(Facts { subscription, usage, by_hand })
    }

    fn plan(&self, asked: &Asked<'_>, Input { org, money }: &Input, facts: &Facts) -> Plan {
        let mut plan = match &facts.subscription {
            Ok(subscription) => shown(org, subscription, facts.usage.as_ref(), asked.now),
            Err(error) => not_read(org, error, facts.by_hand.as_deref()),
        };
        if *money {
            plan.blocks.insert(0, Block::Text(format!("{} {}", plan.title, NO_MONEY[1])));
            (plan.tone, plan.title) = (Tone::Caution, NO_MONEY[0].into());
        }
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

fn not_read(org: &OrgSlug, error: &PortError, by_hand: Option<&str>) -> Plan {
    let title = match error.fault {
        Fault::NotFound => format!("SEQN Auth knows no organization {org}."),
        _ => format!("The subscription of {org} could not be read."),
    };
    let mut blocks = vec![Block::Text(error.of_look())];
    match (&error.fault, by_hand) {
        (Fault::NotFound, _) => blocks.push(Block::Text("Check the slug with the customer.".into())),
        (_, Some(url)) => {
            blocks.push(Block::Text("Look at the organization's subscription in the hosted console.".into()));
            blocks.push(Block::Link { label: "Open the hosted console".into(), url: url.to_owned() });
        }
        _ => blocks.push(Block::Text("Ask again in a moment; `/seqn health` shows how SEQN Auth is.".into())),
    }
    Plan { looked: false, ..Plan::answer(Tone::Bad, title, blocks) }
}

fn shown(org: &OrgSlug, subscription: &Subscription, usage: Result<&Amounts, &PortError>, now: Millis) -> Plan {
    let public = PLANS.iter().find(|(key, ..)| *key == subscription.plan);
    let blocked = blocked(subscription, usage.ok(), now);
    let (tone, title) = if blocked.is_empty() {
        (Tone::Good, format!("Nothing in the subscription of {org} blocks anything."))
    } else {
        (Tone::Bad, format!("The subscription of {org} answers 402."))
    };
    let mut blocks = Vec::new();
    if !blocked.is_empty() {
        blocks.push(Block::Items { heading: "What blocks".into(), items: blocked });
        let next = "Waiting does not help. An admin of SEQN Auth changes the plan or its state; a temporary limit needs \
                    an owner, an end and a reason. There is no checkout, invoice or payment to work around.";
        blocks.push(Block::Text(next.into()));
    }
    let moment = |at: Option<Millis>| at.map_or_else(|| "not known".to_owned(), |at| at.to_string());
    let mut fields = vec![
        ("Plan".to_owned(), plan_name(&subscription.plan)),
        ("Status".to_owned(), subscription.status.clone()),
        ("Period".to_owned(), format!("{} to {}", moment(subscription.start), moment(subscription.end))),
    ];
    fields.extend(subscription.seats.map(|seats| ("Seats".to_owned(), seats.to_string())));
    fields.extend(subscription.limits_end.map(|end| ("Limits of its own until".to_owned(), end.to_string())));
    blocks.push(Block::Fields(fields));
    match usage {
        Ok(usage) => {
            blocks.push(used(usage, subscription, public.map(|(_, name, plan)| (*name, plan))));
            blocks
                .extend(fitting(usage).map(|name| Block::Note(format!("The smallest public plan with room: {name}."))));
        }
        Err(error) => blocks.push(Block::Text(format!("What it uses could not be read. {}", error.of_look()))),
    }
    let change = Next::of("Change the plan, the state or the limits", "set-subscription", &[("org", org.as_str())]);
    let next = if tone == Tone::Good { Vec::new() } else { vec![change] };
    Plan { next, ..Plan::answer(tone, title, blocks) }
}

/// What a plan is called: the public ones by their name and key; any other is internal, and its key stays so.
pub(super) fn plan_name(key: &str) -> String {
    let public = PLANS.iter().find(|(known, ..)| *known == key);
    public.map_or_else(|| "an internal plan".to_owned(), |(key, name, _)| format!("{name} (key {key})"))
}

/// The smallest public plan under which one more of each could be made; none where something is not known.
fn fitting(usage: &Amounts) -> Option<&'static str> {
    let room = |(have, may): (Option<u64>, Option<u64>)| have.zip(may).is_some_and(|(have, may)| have < may);
    let fits = |limits: &Amounts| enforced(usage, limits).into_iter().all(|(_, have, may)| room((have, may)));
    PLANS.iter().find(|(.., limits)| fits(limits)).map(|(_, name, _)| *name)
}

/// What is enforced: name, how many there are, how many there may be.
fn enforced(usage: &Amounts, limits: &Amounts) -> [(&'static str, Option<u64>, Option<u64>); 3] {
    [
        ("projects", usage.projects, limits.projects),
        ("users", usage.users, limits.users),
        ("webhook endpoints", usage.webhooks, limits.webhooks),
    ]
}

fn blocked(subscription: &Subscription, usage: Option<&Amounts>, now: Millis) -> Vec<String> {
    let mut found = Vec::new();
    let status = subscription.status.as_str();
    if status == "past_due" {
        found.push("the status is past_due: support reviews it; changes may be refused until then".to_owned());
    } else if !OPEN.contains(&status) {
        found.push(format!(
            "the status is {status}: creating projects, users and webhooks answers 402 subscription_inactive"
        ));
    }
    if OPEN.contains(&status) && subscription.end.is_some_and(|end| end <= now) {
        found.push(
            "the period has ended, but the status does not say so: compare it with the hosted console".to_owned(),
        );
    }
    for (name, have, may) in usage.into_iter().flat_map(|usage| enforced(usage, &subscription.limits)) {
        if let (Some(have), Some(may)) = (have, may)
            && have >= may
        {
            found.push(format!("{have} of {may} {name} are used: one more answers 402 subscription_limit_exceeded"));
        }
    }
    found
}

fn used(usage: &Amounts, subscription: &Subscription, public: Option<(&str, &Amounts)>) -> Block {
    let number = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    let plans = public.map(|(_, plan)| enforced(usage, plan).map(|(.., may)| may));
    let lines = enforced(usage, &subscription.limits).into_iter().enumerate().map(|(n, (name, have, may))| {
        let plan = plans.as_ref().and_then(|plans| plans.get(n).copied().flatten());
        let own = match (plan, may, public) {
            (Some(plan), Some(may), Some((label, _))) if plan != may => format!(" ({label} has {plan})"),
            _ => String::new(),
        };
        format!("{name}: {} of {}{own}", number(have), number(may))
    });
    let guide =
        public.and_then(|(_, plan)| plan.sessions).map(|guide| format!(", a guide is {guide}")).unwrap_or_default();
    let sessions = format!("sessions this month: {}{guide}; never blocked", number(usage.sessions));
    Block::Items { heading: "Used".into(), items: lines.chain([sessions]).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(status: &str, limits: Amounts) -> Subscription {
        Subscription {
            plan: "free".into(),
            status: status.into(),
            seats: None,
            start: None,
            end: Some(Millis(1_000)),
            limits,
            limits_end: None,
        }
    }

    #[test]
    fn what_blocks_is_said_with_its_number_or_its_status() {
        let free = PLANS[0].2;
        let use_of = |users| Amounts { projects: Some(1), users, webhooks: Some(0), sessions: None };
        for (status, users, now, blocks) in [
            ("active", Some(2), 0, 0),
            ("trialing", None, 0, 0),
            ("active", Some(3), 0, 1),
            ("active", Some(9), 0, 1),
            ("active", Some(2), 1_000, 1),
            ("past_due", Some(2), 0, 1),
            ("cancelled", Some(3), 0, 2),
            ("brand_new", Some(2), 0, 1),
        ] {
            let found = blocked(&subscription(status, free), Some(&use_of(users)), Millis(now));
            assert_eq!(found.len(), blocks, "{status} {users:?} {now}: {found:?}");
        }
        assert!(
            blocked(&subscription("active", Amounts::default()), None, Millis(0)).is_empty(),
            "unknown blocks nothing"
        );
    }

    #[test]
    fn only_public_plans_have_names_and_the_smallest_with_room_is_named() {
        assert_eq!(plan_name("pro"), "Pro (key pro)");
        for key in ["starter", "Starter", "", "gold"] {
            assert_eq!(plan_name(key), "an internal plan", "{key}");
        }
        let of = |projects, users| Amounts {
            projects: Some(projects),
            users: Some(users),
            webhooks: Some(0),
            sessions: None,
        };
        assert_eq!(
            [fitting(&of(1, 2)), fitting(&of(1, 3)), fitting(&of(249, 3)), fitting(&of(250, 3))],
            [Some("Free"), Some("Pro"), Some("Scale"), None]
        );
        assert_eq!(fitting(&Amounts::default()), None);
    }
}
