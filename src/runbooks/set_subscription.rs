//! `set-subscription`: another plan, another state, or limits for a while (`seqn-facts.md` 3.9).
//!
//! Nothing is bought here. Invariant: limits that differ from the plan's have an owner, a reason and an end, at which they
//! are taken back; an internal plan is never offered.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Millis, OrgSlug, Plan, Repeat, Risk, Role, Step, SubscriptionChange,
    TakeBack, Tier, Tone, Verdict,
};
use crate::ports::{Operation, PortError, Reads, Subscription};

use super::card::not_read;
use super::console::{ByHand, by_hand, one_step};
use super::subscription::plan_name;
use crate::catalog::reading::{MUST_TICKET, ORG, Reading, option};

/// The action.
pub struct SetSubscription;

/// The most of anything that a limit may be set to: Scale's users.
const LIMIT_MOST: u64 = 1_000_000;
/// The limits that can be set for a while.
const LIMITS: [&str; 3] = ["projects", "users", "webhooks"];

static OPTIONS: [OptionDef; 10] = [
    ORG,
    MUST_TICKET,
    option("reason", Kind::Text(300), true, "Why"),
    option(
        "plan",
        Kind::Choice(&[("free", "Free"), ("pro", "Pro"), ("scale", "Scale")]),
        false,
        "The plan that is to be",
    ),
    option(
        "status",
        Kind::Choice(&[
            ("active", "active: everything works"),
            ("trialing", "trialing: everything works"),
            ("past_due", "past_due: under review"),
            ("cancelled", "cancelled: nothing can be created"),
            ("expired", "expired: nothing can be created"),
        ]),
        false,
        "The state that is to be",
    ),
    option("projects", Kind::Text(7), false, "The most projects, for a while"),
    option("users", Kind::Text(7), false, "The most users, for a while"),
    option("webhooks", Kind::Text(7), false, "The most webhook endpoints, for a while"),
    option("until", Kind::Time, false, "When the limits are taken back"),
    option("owner", Kind::Person, false, "Who answers for the limits"),
];

static DEFINITION: Definition = Definition {
    name: "set-subscription",
    version: 1,
    family: Family::Seqn,
    summary: "Change an organization's plan or state, or raise its limits for a while",
    help: "When: 402 subscription_inactive or subscription_limit_exceeded, after `subscription` has shown what blocks. \
           Limits of their own need until, owner and reason, and are taken back at that time. There is no checkout, \
           invoice or payment here, and no way around one: this only writes what has been decided.",
    example: "set-subscription acme plan=scale ticket=SUP-1234 reason=\"contract signed\"",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::Second,
    tier_at_most: Tier::Second,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "Ask again with the plan, the state or the limits as they were; the record holds them.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    change: SubscriptionChange,
    owner: String,
    reason: String,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    subscription: Result<Subscription, PortError>,
    by_hand: Option<ByHand>,
    console: String,
}

#[async_trait]
impl Runbook for SetSubscription {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let org = reading.org();
        let [projects, users, webhooks] = LIMITS.map(|name| limit(&mut reading, name));
        let limited = projects.or(users).or(webhooks).is_some();
        let word = |name: &str| fields.get(name).map(str::to_owned);
        let limits_end = fields.get("until").and_then(Millis::from_rfc3339);
        let change =
            SubscriptionChange { plan: word("plan"), status: word("status"), projects, users, webhooks, limits_end };
        let owner = reading.text("owner");
        if change == SubscriptionChange::default() {
            reading.wrong("plan", "Say what is to change: plan, status, or limits with until and owner.");
        }
        if limited && limits_end.is_none() {
            reading.wrong("until", "Limits of their own need an end: until=2026-06-01.");
        }
        if limited && owner.is_empty() {
            reading.wrong("owner", "Limits of their own need somebody who answers for them: owner=@kim.");
        }
        if !limited && limits_end.is_some() {
            reading.wrong("until", "Only limits end by themselves: give projects, users or webhooks, or leave it out.");
        }
        let reason = reading.text("reason");
        reading.done(org.map(|org| Input { org, change, owner, reason, fields: fields.clone() }))
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let subscription = reads.seqn.subscription(&input.org).await;
        let by_hand = by_hand(reads, &[Operation::UpdateSubscription]);
        Ok(Facts { subscription, by_hand, console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let now = match &facts.subscription {
            Ok(now) => now,
            Err(error) => return not_read(&format!("the subscription of {}", input.org), error, &facts.console),
        };
        if let Some(end) = input.change.limits_end.filter(|end| *end <= asked.now) {
            return refused(format!("The limits would have ended at {end}, which is past."));
        }
        if !input.owner.is_empty() && asked.rights.staff(&input.owner).is_none() {
            return refused("The owner of the limits is not a member of staff.".into());
        }
        if now.has(&input.change) && now.limits_end == input.change.limits_end.or(now.limits_end) {
            let what = format!("The subscription of {} is so already.", input.org);
            return Plan::answer(Tone::Good, what, vec![Block::Text("Nothing was changed.".into())]);
        }
        if let Some(limit) = without_before(input, now).filter(|_| facts.by_hand.is_none()) {
            return refused(format!("SEQN Auth does not say the limit of {limit} now, so it could not be taken back."));
        }
        writes(asked, input, now, facts)
    }

    fn verify(&self, _: &Asked<'_>, input: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let result = match &facts.subscription {
            Err(error) => CheckResult::CouldNotLook(error.of_look()),
            Ok(now) if now.has(&input.change) => CheckResult::Confirmed,
            Ok(now) => CheckResult::NotConfirmed(format!("it is {}", lines(now).join("; "))),
        };
        let checks = vec![Check { what: format!("The subscription of {}", input.org), result }];
        Verdict { checks, ..Verdict::default() }
    }
}

/// A limit that would change and of which nobody knows what it is now.
fn without_before(input: &Input, now: &Subscription) -> Option<&'static str> {
    let lacks = |set: Option<u64>, was: Option<u64>| set.is_some() && was.is_none();
    let changes = [
        lacks(input.change.projects, now.limits.projects),
        lacks(input.change.users, now.limits.users),
        lacks(input.change.webhooks, now.limits.webhooks),
    ];
    LIMITS.into_iter().zip(changes).find(|(_, lacks)| *lacks).map(|(limit, _)| limit)
}

fn limit(reading: &mut Reading<'_>, name: &str) -> Option<u64> {
    let text = reading.text(name);
    if text.is_empty() {
        return None;
    }
    let number = text.parse::<u64>().ok().filter(|number| (1..=LIMIT_MOST).contains(number));
    if number.is_none() {
        reading.wrong(name, format!("Write a whole number from 1 to {LIMIT_MOST}."));
    }
    number
}

fn refused(why: String) -> Plan {
    Plan::answer(Tone::Bad, why, vec![Block::Text("Nothing was changed. Ask again with what is right.".into())])
}

/// A subscription in words, one line a thing.
fn lines(of: &Subscription) -> Vec<String> {
    let number = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    vec![
        format!("plan {}", plan_name(&of.plan)),
        format!("status {}", of.status),
        format!(
            "at most {} projects, {} users, {} webhook endpoints",
            number(of.limits.projects),
            number(of.limits.users),
            number(of.limits.webhooks)
        ),
    ]
}

/// The subscription as it will be.
fn after(now: &Subscription, change: &SubscriptionChange) -> Subscription {
    let mut after = now.clone();
    after.plan = change.plan.clone().unwrap_or(after.plan);
    after.status = change.status.clone().unwrap_or(after.status);
    after.limits.projects = change.projects.or(after.limits.projects);
    after.limits.users = change.users.or(after.limits.users);
    after.limits.webhooks = change.webhooks.or(after.limits.webhooks);
    after
}

fn writes(asked: &Asked<'_>, input: &Input, now: &Subscription, facts: &Facts) -> Plan {
    let title = format!("Change the subscription of {}?", input.org);
    let mut plan = Plan::answer(Tone::Caution, title, Vec::new());
    plan.tier = Tier::Second;
    plan.outline = format!("change the subscription of {}", input.org);
    plan.pinned = input.fields.clone();
    let (before, then) = (lines(now), lines(&after(now, &input.change)));
    plan.subject = BTreeMap::from([
        ("org".to_owned(), input.org.to_string()),
        ("before".to_owned(), before.join("; ")),
        ("after".to_owned(), then.join("; ")),
    ]);
    plan.blocks = vec![
        Block::Items { heading: "Before".into(), items: before },
        Block::Items { heading: "After".into(), items: then },
        Block::Text(format!("Why: {}", input.reason)),
    ];
    if input.change.plan.is_some() {
        plan.blocks.push(Block::Note("A change of plan neither charges nor refunds anything.".into()));
    }
    if let Some(end) = input.change.limits_end {
        let owner = asked.rights.staff(&input.owner).map_or_else(|| input.owner.clone(), |staff| staff.name);
        plan.subject.insert("until".into(), end.to_rfc3339());
        plan.subject.insert("owner".into(), owner.clone());
        let ends = match &facts.by_hand {
            None => format!("They are taken back at {end}."),
            Some(_) => format!("By hand they do not end by themselves: a person takes them back at {end}."),
        };
        plan.blocks.push(Block::Text(format!("{owner} answers for the limits. {ends}")));
        plan.take_back = facts.by_hand.is_none().then(|| TakeBack { at: end, step: limits_back(input, now) });
    }
    let key = format!("seqn-subscription:{}", input.org);
    let todo = format!(
        "Open the subscription of {} and make it: {}.",
        input.org,
        lines(&after(now, &input.change)).join("; ")
    );
    let effect = Effect::WriteSubscription { org: input.org.clone(), change: input.change.clone() };
    one_step(&mut plan, key, effect, facts.by_hand.as_ref(), todo);
    plan
}

/// The limits as they were, for those that change.
fn limits_back(input: &Input, now: &Subscription) -> Step {
    let back = |changed: Option<u64>, was: Option<u64>| changed.and(was);
    let change = SubscriptionChange {
        projects: back(input.change.projects, now.limits.projects),
        users: back(input.change.users, now.limits.users),
        webhooks: back(input.change.webhooks, now.limits.webhooks),
        ..SubscriptionChange::default()
    };
    Step {
        key: format!("seqn-subscription:{}:back", input.org),
        says: format!("give {} back its limits", input.org),
        effect: Effect::WriteSubscription { org: input.org.clone(), change },
        repeat: Repeat::Same,
    }
}

#[cfg(test)]
mod tests {
    use crate::ports::Amounts;

    use super::super::samples;
    use super::*;

    /// The plan for twelve users until then, where so many may be now.
    fn planned(users: Option<u64>, by_hand: Option<ByHand>) -> Plan {
        let fields = samples::fields(&[
            ("org", "acme"),
            ("ticket", "SUP-1"),
            ("reason", "a week"),
            ("users", "12"),
            ("owner", "kim"),
            ("until", "2026-11-09T00:00:00Z"),
        ]);
        let limits = Amounts { users, ..Amounts::default() };
        let (plan, status) = ("starter".to_owned(), "active".to_owned());
        let now = Subscription { plan, status, seats: None, start: None, end: None, limits, limits_end: None };
        let facts = Facts { subscription: Ok(now), by_hand, console: "https://console.example".into() };
        samples::planned(&SetSubscription, &fields, &facts)
    }

    #[test]
    fn a_limit_for_a_while_is_taken_back_or_not_written() {
        let plan = planned(Some(3), None);
        let back = plan.take_back.expect("an end").step.effect;
        assert!(matches!(back, Effect::WriteSubscription { change, .. } if change.users == Some(3)));
        let unknown = planned(None, None);
        assert!(unknown.steps.is_empty() && unknown.title.contains("could not be taken back"), "{}", unknown.title);
    }

    #[test]
    fn by_hand_nothing_is_said_to_end_by_itself() {
        let by_hand = ByHand { why: "It is switched off here.".into(), url: "https://console.example".into() };
        let plan = planned(None, Some(by_hand));
        let said = format!("{:?}", plan.blocks);
        assert!(plan.take_back.is_none() && plan.steps.len() == 1);
        assert!(said.contains("a person takes them back at") && !said.contains("They are taken back"), "{said}");
        assert!(!said.contains("starter") && said.contains("plan an internal plan"), "{said}");
    }
}
