//! Histories of agreement: random staff, roles, rules, votes, losses, clocks and replays, judged beside by a model.
//!
//! The front door is `Policy`; the model below knows its rules from the documentation alone: tables instead of functions,
//! and trying every seating of people instead of a matching. `SEQN_HISTORIES=n` plays n of them; `.ci/run` 100,000.
//!
//! What is held after each event: what may run has enough different people for the rule as it is now, never the
//! requester, each with the rights of this moment, a yes to this very digest that is fresh (or was, when it began), and a
//! reason where one is asked for; and whenever the model is content, it may run.

pub mod model;

use std::collections::BTreeSet;

use seqn_chatops::catalog::{Catalog, Definition, Family, Places, TicketRule, Visibility};
use seqn_chatops::model::{Account, Digest, Millis, Place, Plan, Platform, Risk, Role, Staff, StaffId, Tier, Tone};
use seqn_chatops::policy::{Agreed, Approval, ApprovedPlan, At, Need, Policy, Proposal, Rules};

use crate::guard_sets::Dice;

/// How many are played where nothing else is said.
const HISTORIES: u64 = 10_000;
/// The most events of one history.
const EVENTS_MOST: usize = 12;
pub const MINUTE: i64 = 60_000;
pub const ROLES: [&str; 7] = ["observer", "support", "lead", "admin", "security", "duty", "ghost"];

/// A change that starts at the requester's own confirmation, and one that always needs others.
static ACTIONS: [Definition; 2] =
    [action("mend", Tier::Confirm, Role::SUPPORT), action("end", Tier::Second, Role::LEAD)];

const fn action(name: &'static str, tier: Tier, role: Role) -> Definition {
    Definition {
        name,
        version: 1,
        family: Family::Seqn,
        summary: "",
        help: "",
        example: "",
        options: &[],
        ticket: TicketRule::None,
        role,
        tier,
        tier_at_most: Tier::OtherRole,
        risk: Risk::FinalMany,
        places: Places::Actions,
        visibility: Visibility::Private,
        undo: "",
    }
}

/// Everything about one request at one moment.
pub struct History {
    pub rules: Rules,
    pub definition: &'static Definition,
    pub plan: Plan,
    pub digest: u64,
    pub requester: StaffId,
    pub place: Place,
    pub agreed: Vec<Agreed>,
    pub begun: bool,
    pub now: i64,
    pub told: Vec<String>,
}

fn id(number: usize) -> StaffId {
    format!("p{number}").parse().unwrap()
}

fn digest(number: u64) -> Digest {
    Digest(format!("d{number}"))
}

fn some_roles(dice: &mut Dice, most: usize) -> Vec<Role> {
    let wanted = dice.range(0, most + 1);
    let picked: BTreeSet<&str> = (0..wanted).map(|_| dice.one(&ROLES[1..6])).collect();
    picked.into_iter().map(Role::named).collect()
}

fn person(dice: &mut Dice, number: usize) -> Staff {
    let roles = (0..dice.range(1, 3)).map(|_| Role::named(dice.one(&ROLES))).collect();
    // Accounts are not who somebody is: several people have none, or the same.
    let user = format!("u{}", dice.range(0, 3));
    let account = Account { platform: Platform::Slack, team: "T1".into(), user };
    let accounts = (0..dice.range(0, 2)).map(|_| account.clone()).collect();
    Staff { id: id(number), name: format!("P{number}"), roles, accounts, email: None, groups: [].into() }
}

pub fn rule(dice: &mut Dice, number: usize) -> Approval {
    let action = [None, Some("mend"), Some("end")][dice.range(0, 3)].map(str::to_owned);
    let tier = [None, Some(Tier::Second), Some(Tier::OtherRole)][dice.range(0, 3)];
    let all_of = some_roles(dice, 2);
    let count = dice.range(1, 4).max(all_of.len());
    let within_ms = [MINUTE, 15 * MINUTE, 240 * MINUTE][dice.range(0, 3)];
    let reason = dice.range(0, 3) == 0;
    let need = Need { rule: Some(number), count, any_of: some_roles(dice, 2), all_of, within_ms, reason };
    Approval { action, tier, need }
}

impl History {
    fn begin(seed: u64) -> (Self, Dice) {
        let mut dice = Dice::new(seed + 1);
        let staff = (0..dice.range(2, 7)).map(|number| person(&mut dice, number)).collect();
        let mut rules = Rules { staff, ..Rules::default() };
        rules.like.insert(Role::named("duty"), Role::LEAD);
        rules.action_channels.insert((Platform::Slack, "actions".into()));
        for number in 1..=dice.range(0, 4) {
            let rule = rule(&mut dice, number);
            // The configuration has one rule for each case.
            if !rules.approvals.iter().any(|known| (&known.action, known.tier) == (&rule.action, rule.tier)) {
                rules.approvals.push(rule);
            }
        }
        let mut plan = Plan::answer(Tone::Plain, "a plan", Vec::new());
        plan.tier = [Tier::Confirm, Tier::Second, Tier::Second, Tier::OtherRole][dice.range(0, 4)];
        if dice.range(0, 5) == 0 {
            plan.approvers = vec![id(dice.range(0, 6)), id(dice.range(0, 6))];
        }
        let channel = if dice.range(0, 12) == 0 { "elsewhere" } else { "actions" }.to_owned();
        let place = Place { platform: Platform::Slack, team: "T1".into(), channel, thread: None, direct: false };
        let definition = &ACTIONS[dice.range(0, 2)];
        let may: &[&str] = if plan.tier == Tier::OtherRole { &["admin"] } else { &["lead", "admin", "duty"] };
        let able = |staff: &&Staff| staff.roles.iter().any(|role| may.contains(&role.as_str()));
        let requester = match rules.staff.iter().find(able) {
            Some(staff) if dice.range(0, 8) > 0 => staff.id.clone(),
            _ => id(dice.range(0, 7)),
        };
        let agreed = vec![yes(&requester, 0, 0, "")];
        let (digest, begun, now, told) = (0, false, 0, Vec::new());
        (Self { rules, definition, plan, digest, requester, place, agreed, begun, now, told }, dice)
    }

    /// One more thing happens.
    fn happens(&mut self, dice: &mut Dice) {
        match dice.range(0, 20) {
            0..=9 => {
                let who = id(dice.range(0, self.rules.staff.len() + 1));
                let to = if dice.range(0, 8) == 0 { self.digest + 1 } else { self.digest };
                let reason = *[&"I looked", &"I looked", &"", &"  "][dice.range(0, 4)];
                self.says(format!("{who} says yes to {to} because {reason:?}"));
                self.agreed.push(yes(&who, to, self.now, reason));
            }
            10 if !self.agreed.is_empty() => {
                let again = self.agreed[dice.range(0, self.agreed.len())].clone();
                self.says(format!("{} is said again", again.staff));
                self.agreed.push(again);
            }
            11 => {
                self.says("the plan changes".into());
                self.digest += 1;
            }
            12 => {
                self.says("the requester confirms".into());
                self.agreed.push(yes(&self.requester, self.digest, self.now, ""));
            }
            13 => {
                let at = dice.range(0, self.rules.staff.len());
                let anew = person(dice, at);
                self.says(format!("{} is {:?} now", anew.id, anew.roles));
                self.rules.staff[at].roles = anew.roles;
            }
            14 if self.rules.staff.len() > 2 => {
                let gone = self.rules.staff.remove(dice.range(0, self.rules.staff.len()));
                self.says(format!("{} leaves", gone.id));
            }
            15 if !self.rules.approvals.is_empty() => {
                let at = dice.range(0, self.rules.approvals.len());
                self.rules.approvals[at].need.count += dice.range(0, 2);
                self.says("a rule asks for more".into());
            }
            _ => {
                let jump =
                    [MINUTE / 2, MINUTE, 5 * MINUTE, 16 * MINUTE, 300 * MINUTE, -MINUTE / 2, -MINUTE, -90 * MINUTE];
                let jump = jump[dice.range(0, jump.len())];
                self.says(format!("the clock jumps {jump} ms"));
                self.now += jump;
            }
        }
    }

    fn says(&mut self, what: String) {
        self.told.push(what);
    }

    fn judged(&self) -> Result<ApprovedPlan, String> {
        let policy = Policy::new(self.rules.clone(), &Catalog::default());
        let digest = digest(self.digest);
        let at = At::from(&self.place);
        let proposal = Proposal {
            glass: None,
            definition: self.definition,
            plan: &self.plan,
            digest: &digest,
            requester: &self.requester,
            at,
            agreed: &self.agreed,
            begun: self.begun,
        };
        policy.approve(&proposal, Millis(self.now)).map_err(|hold| format!("{hold:?}"))
    }
}

pub fn yes(staff: &StaffId, to: u64, at: i64, reason: &str) -> Agreed {
    Agreed { staff: staff.clone(), digest: digest(to), at: Millis(at), reason: reason.into() }
}

/// What holds of everything that may run.
fn holds(history: &History, approved: &ApprovedPlan) -> Result<(), String> {
    let people: BTreeSet<&StaffId> = approved.approvers().iter().collect();
    let counting: BTreeSet<&StaffId> = model::counting(history).iter().map(|staff| &staff.id).collect();
    let is = |what: bool, says: &str| if what { Ok(()) } else { Err(says.to_owned()) };
    is(people.len() == approved.approvers().len(), "somebody counts twice")?;
    is(!people.contains(&history.requester), "the requester counts")?;
    is(approved.requester() == &history.requester, "another requester")?;
    is(approved.plan() == &history.plan, "another plan")?;
    if model::tier(history) < 2 {
        return is(people.is_empty(), "nobody is needed");
    }
    is(people.iter().all(|one| model::named(history, one)), "somebody counts whom the rule does not name")?;
    is(people.is_subset(&counting), "somebody's yes does not count")
}

/// What is said to be missing agrees with what the model misses.
fn missing(history: &History) -> Result<(), String> {
    let requester = history.rules.staff.iter().find(|staff| staff.id == history.requester);
    let Some(requester) = requester.filter(|_| history.plan.tier >= Tier::Second.max(history.definition.tier)) else {
        return Ok(());
    };
    let policy = Policy::new(history.rules.clone(), &Catalog::default());
    let counting: Vec<StaffId> = model::counting(history).iter().map(|staff| staff.id.clone()).collect();
    let standing = policy.standing(history.definition.name, requester, &history.plan, &counting);
    let is = |what: bool, says: &str| if what { Ok(()) } else { Err(format!("{says}: {standing:?}")) };
    is(standing.whole() == model::enough(history, &model::counting(history)), "what is missing")?;
    is(standing.possible == model::enough(history, &model::everybody(history)), "what is possible")?;
    let useful = standing.helps.iter().all(|one| !counting.contains(one) && *one != history.requester);
    is(useful, "who could agree next")?;
    is(standing.whole() || !standing.possible || !standing.helps.is_empty(), "nobody could go on")
}

/// How often what must not be rare has happened.
#[derive(Default)]
struct Seen {
    ran: u64,
    by_several: u64,
    with_a_reason: u64,
    held: u64,
}

fn play(seed: u64, seen: &mut Seen) -> Result<(), String> {
    let (mut history, mut dice) = History::begin(seed);
    for _ in 0..dice.range(3, EVENTS_MOST) {
        history.happens(&mut dice);
        let judged = history.judged();
        let told = |says: &str| format!("history {seed}: {says}\n{}", history.told.join("\n"));
        match &judged {
            Ok(approved) => {
                holds(&history, approved).map_err(|says| told(&says))?;
                seen.ran += 1;
                seen.by_several += u64::from(approved.approvers().len() > 1);
                seen.with_a_reason += u64::from(model::tier(&history) == 3);
            }
            Err(_) => seen.held += 1,
        }
        if judged.is_ok() != model::content(&history) {
            return Err(told(&format!("the model says {}, and it is {judged:?}", model::content(&history))));
        }
        missing(&history).map_err(|says| told(&says))?;
        if judged.is_ok() && dice.range(0, 3) == 0 {
            history.begun = true;
        }
    }
    Ok(())
}

#[test]
fn what_runs_was_agreed_to_in_every_history() {
    let histories = std::env::var("SEQN_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(HISTORIES);
    let mut seen = Seen::default();
    let failed: Vec<String> = (0..histories).filter_map(|seed| play(seed, &mut seen).err()).take(3).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    for (what, times) in [
        ("run", seen.ran),
        ("run by several", seen.by_several),
        ("run with a reason", seen.with_a_reason),
        ("are held", seen.held),
    ] {
        assert!(times >= histories / 50, "of {histories} histories only {times} {what}: they say little");
    }
}
