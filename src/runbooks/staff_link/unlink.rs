//! `staff unlink`: a linked account is nobody's again. Taking away is quick: one admin is enough.
//!
//! It looks at no platform: the account may be gone there. Invariant: it ends links alone; what the configuration or an
//! attribute says is changed where it is written.

use async_trait::async_trait;

use crate::catalog::reading::Reading;
use crate::catalog::{Asked, Definition, Family, FieldError, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Account, AccountLink, Block, Check, CheckResult, Effect, Fields, Origin, Plan, Platform, Repeat, Risk, Role,
    StaffId, Step, Tier, Tone, Verdict,
};
use crate::ports::{Claimant, PortError, Reads};

use super::account::Meant;
use super::{ACCOUNT, REASON};

/// The action.
pub struct StaffUnlink;

static OPTIONS: [OptionDef; 2] = [ACCOUNT, REASON];

static DEFINITION: Definition = Definition {
    name: "staff-unlink",
    version: 1,
    family: Family::Staff,
    summary: "End a link, so that the chat account is nobody's at once",
    help: "When: an account was linked to the wrong person, was lost, or was taken over. From that moment it can do nothing. \
           What the configuration or an attribute at Authentik says of an account is not ended here: the answer says where \
           that is written.",
    example: "staff unlink U0123ABC reason=\"she has a new account\"",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::ADMIN,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "`/staff link` links it again, with another admin's agreement.",
};

/// The options, read.
pub struct Input {
    account: Meant,
    reason: String,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    /// The links that are meant: the account may be known without its team.
    links: Vec<AccountLink>,
    /// Who claims the account now.
    claims: Vec<Claimant>,
}

#[async_trait]
impl Runbook for StaffUnlink {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let account = Meant::read(&reading.text("account")).map_err(|says| reading.wrong("account", says)).ok();
        let (reason, fields) = (reading.text("reason"), fields.clone());
        reading.done(account.map(|account| Input { account, reason, fields }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let meant = &input.account;
        let links: Vec<AccountLink> =
            reads.links.links().await?.into_iter().filter(|link| meant.is(&link.account)).collect();
        let team = meant.team.clone().or_else(|| home_team(asked, meant.platform)).unwrap_or_default();
        let account = Account { platform: meant.platform, team, user: meant.user.clone() };
        Ok(Facts { links, claims: reads.staff.claims(&account) })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let link = match facts.links.as_slice() {
            [one] => one,
            [] => return not_linked(facts),
            _ => {
                let why = "Write the workspace too: `T0123ABC/U0123ABC`.";
                return Plan::answer(Tone::Bad, "Several accounts are meant.", vec![Block::Text(why.into())]);
            }
        };
        let account = &link.account;
        let whose = asked.rights.staff(&account.user).map_or_else(|| link.to.to_string(), |staff| staff.name);
        let agreed: Vec<&str> = link.agreed.iter().map(StaffId::as_str).collect();
        let blocks = vec![
            Block::Fields(vec![
                ("Account".into(), account.to_string()),
                ("Linked to".into(), format!("{whose} ({})", link.to)),
                ("Asked by".into(), link.by.to_string()),
                ("Agreed by".into(), agreed.join(", ")),
                ("Since".into(), link.at.to_string()),
            ]),
            Block::Text(format!("Why: {}", input.reason)),
            Block::Text("From then on the account can do nothing here. What was asked with it before is the person's: whatever of it still \
                 waits is cancelled there.".into()),
        ];
        let mut plan = Plan::answer(Tone::Caution, format!("End the link of `{account}` to {whose}?"), blocks);
        plan.tier = Tier::Confirm;
        plan.outline = format!("end the link of {account}");
        plan.pinned = input.fields.clone();
        plan.pinned.set("account", account.to_string());
        plan.subject = [("account", account.to_string()), ("link", link.request.to_string())]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        let (link, request) = (link.request.clone(), asked.request.clone());
        let effect = Effect::UnlinkAccount { link, request, account: account.clone() };
        let says = plan.outline.clone();
        plan.steps.push(Step { key: format!("unlink-account:{account}"), says, effect, repeat: Repeat::Same });
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let result = match facts.links.as_slice() {
            [] => CheckResult::Confirmed,
            _ => CheckResult::NotConfirmed("it is still linked".into()),
        };
        let mut conclusion: Vec<Block> = Vec::new();
        // Whoever else claims it has it from now on.
        conclusion.extend(facts.claims.first().map(|one| Block::Text(format!("It is {}'s {}.", one.name, place(one)))));
        Verdict { checks: vec![Check { what: "The link has ended".into(), result }], conclusion, ..Verdict::default() }
    }
}

/// The team of an account that is written without one: that of whoever asks, if it is asked on that platform.
fn home_team(asked: &Asked<'_>, platform: Platform) -> Option<String> {
    let own = asked.asker.accounts.iter().find(|own| own.platform == platform)?;
    Some(own.team.clone())
}

const fn place(claim: &Claimant) -> &'static str {
    match claim.origin {
        Origin::Configuration => "by the configuration",
        Origin::Attribute => "by an attribute at Authentik",
        Origin::Link { .. } => "by a link",
    }
}

fn not_linked(facts: &Facts) -> Plan {
    let Some(claim) = facts.claims.first() else {
        let why = "Nobody has it: there is nothing to end.";
        return Plan::answer(Tone::Good, "That account is not linked.", vec![Block::Text(why.into())]);
    };
    let next = match claim.origin {
        Origin::Configuration => {
            "An operator takes it out of the configuration, under [[staff]], and starts the bot anew."
        }
        Origin::Attribute => {
            "An admin takes it out of the person's attributes at Authentik; it counts within a minute, and at the next change."
        }
        Origin::Link { .. } => "Ask again in a moment.",
    };
    let why = format!("{} ({}) has it {}.", claim.name, claim.staff, place(claim));
    let blocks = vec![Block::Text(why), Block::Text(next.into())];
    Plan::answer(Tone::Bad, "That account was not linked here.", blocks)
}
