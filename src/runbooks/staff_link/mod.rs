//! `staff link` and `staff unlink`: which chat account acts for which person, where no attribute at Authentik says it.
//!
//! Invariant: an account is given by two admins who both see it and the person as they are now, neither of them on the
//! word of whoever gets it; it is taken away by one. Names are shown and never compared.

mod account;
mod plan;
mod unlink;

pub use unlink::StaffUnlink;

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    AccountLink, Block, Check, CheckResult, Fields, Plan, Risk, Role, SIGN_IN_GOOD_MS, SignedIn, Tier, Verdict,
};
use crate::ports::{Candidate, ChatAccount, Claimant, Fault, PortError, Reads};

use account::Meant;

/// The action.
pub struct StaffLink;

/// The longest account or person that is typed: a mention with a name, or a uuid.
const NAMED_MOST: u16 = 120;
/// The longest reason.
const REASON_MOST: u16 = 400;

const ACCOUNT: OptionDef = OptionDef {
    positional: true,
    ..option(
        "account",
        Kind::Text(NAMED_MOST),
        true,
        "The chat account, by its id or a mention: U0123ABC, or Discord's number",
    )
};

const REASON: OptionDef = option("reason", Kind::Text(REASON_MOST), true, "Why, and how you know whose it is");

static OPTIONS: [OptionDef; 3] = [
    ACCOUNT,
    OptionDef {
        positional: true,
        ..option(
            "person",
            Kind::Text(NAMED_MOST),
            true,
            "The person: user name or uuid at Authentik, or staff id; no e-mail",
        )
    },
    REASON,
];

static DEFINITION: Definition = Definition {
    name: "staff-link",
    version: 1,
    family: Family::Staff,
    summary: "Link a chat account to a person of the staff, which another admin has to agree to",
    help: "When: somebody of the staff writes from an account that the bot does not know. An attribute at Authentik is the \
           other way. You and the admin who agrees both see the account as its platform describes it and the person as \
           Authentik does. Ask the person in another way than by that account: by voice, or at the desk. Guests, bots, and \
           accounts of other workspaces are refused, and so are accounts that somebody has. E-mails are never compared.",
    example: "staff link U0123ABC person=eve reason=\"asked her at her desk\"",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::ADMIN,
    tier: Tier::Second,
    tier_at_most: Tier::Second,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "`/staff unlink` ends it at once.",
};

/// The options, read.
pub struct Input {
    account: Meant,
    person: String,
    reason: String,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    /// The account as its platform describes it now; `None`: it knows none.
    seen: Result<Option<ChatAccount>, PortError>,
    /// Everybody who is meant.
    people: Result<Vec<Candidate>, PortError>,
    /// Who claims that account now.
    claims: Vec<Claimant>,
    /// The link of that account that holds.
    link: Option<AccountLink>,
    /// Who signed in a while ago with a link that the account had asked for; `None`: nobody has to.
    signed_in: Option<Option<SignedIn>>,
}

#[async_trait]
impl Runbook for StaffLink {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let account = Meant::read(&reading.text("account")).map_err(|says| reading.wrong("account", says)).ok();
        let (person, reason) = (reading.text("person"), reading.text("reason"));
        let fields = fields.clone();
        reading.done(account.map(|account| Input { account, person, reason, fields }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let meant = &input.account;
        let seen = match reads.members.0.get(&meant.platform) {
            Some(members) => members.account(&meant.user).await,
            None => Err(PortError::new(meant.platform.name(), Fault::NoRoute)),
        };
        let found = seen.as_ref().ok().and_then(Option::as_ref).map(|found| &found.account);
        let claims = found.map(|account| reads.staff.claims(account)).unwrap_or_default();
        let link = reads.links.links().await?.into_iter().find(|link| Some(&link.account) == found);
        let since = asked.now.plus_ms(-SIGN_IN_GOOD_MS);
        let signed_in = match found.filter(|_| reads.staff.signs_in()) {
            Some(account) => Some(reads.links.signed_in(account, since).await?),
            None => None,
        };
        Ok(Facts { people: reads.staff.candidates(&input.person), seen, claims, link, signed_in })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        plan::plan(asked, input, facts)
    }

    fn verify(&self, asked: &Asked<'_>, _: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let result = match &facts.link {
            Some(link) if link.request == *asked.request => CheckResult::Confirmed,
            _ => CheckResult::NotConfirmed("the link is not in the record".into()),
        };
        let what = plan.subject.get("account").map(String::as_str).unwrap_or_default();
        let next = format!("It counts at once. `/staff unlink {what}` ends it.");
        Verdict {
            checks: vec![Check { what: "The account is linked to the person".into(), result }],
            conclusion: vec![Block::Text(next)],
            ..Verdict::default()
        }
    }
}
