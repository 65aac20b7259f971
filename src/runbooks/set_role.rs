//! `set-role`: give a person another role in an organization, for a while or for good (`seqn-facts.md` 3.4).
//!
//! The bot's credential carries no person's right. Invariants: an existing admin (of that organization, or of the platform)
//! asks or agrees, else a person does it in the hosted console; the last admin is never taken away; a right that is given
//! ends by itself, unless somebody has asked for it for good. One that is taken away stays away.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::future::{join, join_all};

use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility, window_ms,
};
use crate::model::{
    Block, Check, CheckResult, Effect, Email, Fields, MINUTE_MS, OrgSlug, Plan, Repeat, Risk, Role, Staff, StaffId,
    Step, TakeBack, Tier, Tone, Verdict,
};
use crate::ports::{Fault, Member, Operation, PortError, Reads};

use super::admin_access::{ADMIN, is_platform_admin};
use super::card::not_read;
use super::console::{ByHand, by_hand, one_step};
use crate::catalog::reading::{MUST_TICKET, ORG, Reading, USER, option};

/// The action.
pub struct SetRole;

/// The longest that a role may be for a while, in hours: 30 days.
const WHILE_MOST: u16 = 720;
/// How long somebody is made admin where nothing else is said: a day.
const WHILE_MS: i64 = 24 * 60 * MINUTE_MS;
/// How many people's own rights are looked up at most.
const PEOPLE_MOST: usize = 10;

static OPTIONS: [OptionDef; 7] = [
    ORG,
    USER,
    option(
        "role",
        Kind::Choice(&[("admin", "admin: may change the organization"), ("member", "member: may use it")]),
        true,
        "The role that is to be",
    ),
    MUST_TICKET,
    option("reason", Kind::Text(300), true, "Why, and which of their admins asked for it"),
    option("for", Kind::Window(1, WHILE_MOST), false, "For how long: 4h, 7d; then as before"),
    option("permanent", Kind::Choice(&[("yes", "For good")]), false, "Admin for good, and not for a day"),
];

static DEFINITION: Definition = Definition {
    name: "set-role",
    version: 1,
    family: Family::Seqn,
    summary: "Give a person another role in an organization, for a while or for good",
    help: "When: `admin-access` has shown that the role is missing, and an admin of the customer asked for it. An existing \
           admin of that organization, or a platform admin, asks or agrees; where nobody of the staff is one, a person does \
           it in the hosted console. Who is made admin is so for a day, or as long as for=4h says, and then as before by \
           itself; permanent=yes makes it stay. The last admin cannot be taken away.",
    example: "set-role acme jo@acme.example role=admin for=4h ticket=SUP-1234 reason=\"Ada Stone asked for it\"",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::OtherRole,
    tier_at_most: Tier::OtherRole,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "Ask again with the role as it was; what is for a while is taken back by itself.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    user: Email,
    role: String,
    reason: String,
    for_ms: Option<i64>,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    member: Result<Option<Member>, PortError>,
    /// Asked only where the person is an admin now.
    another: Option<Result<Option<Member>, PortError>>,
    /// Who of those who ask or may agree is an admin there.
    admins: Vec<StaffId>,
    /// Whose rights could not be looked up, and why.
    unsure: Vec<(String, PortError)>,
    by_hand: Option<ByHand>,
    console: String,
}

#[async_trait]
impl Runbook for SetRole {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, user) = (reading.org(), reading.user());
        let (role, reason) = (reading.text("role"), reading.text("reason"));
        let for_ms = fields.get("for").and_then(window_ms);
        let permanent = fields.get("permanent").is_some();
        if permanent && for_ms.is_some() {
            reading.wrong("permanent", "It is for a while or for good: leave one of the two out.");
        }
        let for_ms = for_ms.or((role == ADMIN && !permanent).then_some(WHILE_MS));
        let fields = fields.clone();
        reading.done(org.zip(user).map(|(org, user)| Input { org, user, role, reason, for_ms, fields }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let people = asked.rights.agrees(asked.asker, Tier::OtherRole).into_iter().take(PEOPLE_MOST);
        let people: Vec<Staff> = [asked.asker.clone()].into_iter().chain(people).collect();
        let rights = join_all(people.iter().map(|staff| is_admin(staff, &input.org, reads)));
        let (member, rights) = join(reads.seqn.member(&input.org, &input.user), rights).await;
        let another = match &member {
            Ok(Some(one)) if one.role == ADMIN => Some(reads.seqn.another_admin(&input.org, &one.id).await),
            _ => None,
        };
        let (mut admins, mut unsure) = (Vec::new(), Vec::new());
        for (staff, right) in people.iter().zip(rights) {
            match right {
                Ok(true) => admins.push(staff.id.clone()),
                Ok(false) => {}
                Err(error) => unsure.push((staff.name.clone(), error)),
            }
        }
        let by_hand = by_hand(reads, &[Operation::UpdateMemberRole]);
        Ok(Facts { member, another, admins, unsure, by_hand, console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let member = match &facts.member {
            Ok(Some(member)) => member,
            Ok(None) => {
                let what = format!("{} is not a member of {}.", input.user, input.org);
                let next = "Nothing was changed. An admin of the organization invites the person with an invite link.";
                return Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())]);
            }
            Err(error) => return not_read(&format!("the organization {}", input.org), error, &facts.console),
        };
        if member.role == input.role {
            let what = format!("{} is {} of {} already.", input.user, input.role, input.org);
            return Plan::answer(Tone::Good, what, vec![Block::Text("Nothing was changed.".into())]);
        }
        match &facts.another {
            Some(Ok(None)) => last_admin(input),
            Some(Err(error)) => {
                let what = "Whether somebody else is an admin could not be looked up, so nobody is taken away.";
                Plan::answer(Tone::Bad, what, vec![Block::Text(error.of_look())])
            }
            Some(Ok(Some(_))) | None => writes(asked, input, member, facts),
        }
    }

    fn verify(&self, _: &Asked<'_>, input: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let result = match &facts.member {
            Err(error) => CheckResult::CouldNotLook(error.of_look()),
            Ok(Some(member)) if member.role == input.role => CheckResult::Confirmed,
            Ok(Some(member)) => CheckResult::NotConfirmed(format!("the person is {}", member.role)),
            Ok(None) => CheckResult::NotConfirmed("the person is no longer a member".into()),
        };
        let checks = vec![Check { what: format!("The role of {} in {}", input.user.masked(), input.org), result }];
        let next = "The person signs out and in again, or reloads the console.";
        Verdict { checks, conclusion: vec![Block::Text(next.into())], ..Verdict::default() }
    }
}

/// Whether a member of staff is an admin of that organization, or of the platform.
async fn is_admin(staff: &Staff, org: &OrgSlug, reads: &Reads) -> Result<bool, PortError> {
    let Some(email) = &staff.email else { return Ok(false) };
    let (member, platform) = join(reads.seqn.member(org, email), is_platform_admin(reads, email)).await;
    match (member, platform) {
        (Ok(Some(member)), _) if member.role == ADMIN => Ok(true),
        (_, Ok(Some(true))) => Ok(true),
        (Err(error), _) if error.fault != Fault::NotFound => Err(error),
        (_, Err(error)) => Err(error),
        _ => Ok(false),
    }
}

fn last_admin(input: &Input) -> Plan {
    let what = format!("{} is the last admin of {}, and stays one.", input.user, input.org);
    let next =
        "Nothing was changed. Make somebody else an admin first: an organization without one cannot help itself.";
    Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())])
}

fn writes(asked: &Asked<'_>, input: &Input, member: &Member, facts: &Facts) -> Plan {
    let title = format!("Make {} {} of {}?", input.user, input.role, input.org);
    let mut plan = Plan::answer(Tone::Caution, title, Vec::new());
    plan.tier = Tier::OtherRole;
    plan.outline = format!("make {} {} of {}", input.user.masked(), input.role, input.org);
    plan.pinned = input.fields.clone();
    plan.subject = BTreeMap::from([
        ("org".to_owned(), input.org.to_string()),
        ("user".to_owned(), input.user.as_str().to_lowercase()),
        ("before".to_owned(), member.role.clone()),
        ("after".to_owned(), input.role.clone()),
    ]);
    plan.blocks = vec![
        Block::Fields(vec![("Before".into(), member.role.clone()), ("After".into(), input.role.clone())]),
        Block::Text(format!("Why: {}", input.reason)),
    ];
    let effect = |role: &str| Effect::SetRole {
        org: input.org.clone(),
        email: input.user.to_string(),
        member: member.id.clone(),
        role: role.to_owned(),
    };
    let nobody = existing_admin(asked, &mut plan, facts);
    let by_hand = nobody.as_ref().or(facts.by_hand.as_ref());
    if let (Some(ms), None) = (input.for_ms, by_hand) {
        plan.subject.insert("for".into(), format!("{ms} ms"));
        let at = asked.asked.plus_ms(ms);
        plan.blocks.push(Block::Text(format!("It is taken back at {at}.")));
        let step = Step {
            key: format!("seqn-role:{}:{}:back", input.org, member.id),
            says: format!("make {} {} of {} again", input.user.masked(), member.role, input.org),
            effect: effect(&member.role),
            repeat: Repeat::Same,
        };
        plan.take_back = Some(TakeBack { at, step });
    } else if input.for_ms.is_some() {
        plan.blocks.push(Block::Text("By hand it does not end by itself: a person takes it back.".into()));
    } else {
        plan.blocks.push(Block::Text("It stays so: it does not end by itself.".into()));
    }
    let todo = format!(
        "An existing admin opens the members of {}, finds {} and makes the person {}.",
        input.org, input.user, input.role
    );
    one_step(&mut plan, format!("seqn-role:{}:{}", input.org, member.id), effect(&input.role), by_hand, todo);
    plan
}

/// Who alone may agree, so that an existing admin asks or agrees. Some: nobody could, so it is done by hand.
fn existing_admin(asked: &Asked<'_>, plan: &mut Plan, facts: &Facts) -> Option<ByHand> {
    if facts.admins.contains(&asked.asker.id) {
        plan.blocks.push(Block::Text(format!("{} is an existing admin.", asked.asker.name)));
        return None;
    }
    if facts.admins.is_empty() {
        let unsure = facts.unsure.first().map_or_else(String::new, |(_, error)| {
            let names: Vec<&str> = facts.unsure.iter().map(|(name, _)| name.as_str()).collect();
            format!(" The rights of {} could not be looked up: {}", names.join(", "), error.of_look())
        });
        let why = format!("Nobody who asks or may agree is known as an existing admin there.{unsure}");
        return Some(ByHand { why, url: facts.console.clone() });
    }
    plan.approvers.clone_from(&facts.admins);
    plan.blocks.push(Block::Text("An existing admin must agree.".into()));
    None
}
