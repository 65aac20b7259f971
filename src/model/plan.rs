//! Plans: the exact steps that an invocation would do now. Pure values; `catalog::digest` binds one.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::account_link::LinkedTo;
use super::case::CaseDeed;
use super::change::{ProjectChange, SubscriptionChange};
use super::claim::Claim;
use super::evidence::Evidence;
use super::ids::{OrgSlug, RequestId, SessionId, StaffId};
use super::incident::IncidentDeed;
use super::message::{Block, Choice, Tone};
use super::notice::CustomerReply;
use super::person::Account;
use super::place::Place;
use super::request::{Fields, Tier};
use super::rotation::KeyOf;
use super::time::Millis;
use super::trail::Erasing;

/// What an approval is bound to: a hash in hex over action, version, subject and (for exact plans) targets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub String);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a step may be repeated when nobody knows whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// It sets a value: twice is once.
    Same,
    /// The far side honours our idempotency key.
    Keyed,
    /// Read back first, always.
    AskFirst,
}

/// One effect on one outside system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Ends one SEQN session.
    EndSession {
        /// Of this organization.
        org: OrgSlug,
        /// The user's e-mail, to read it back.
        email: String,
        /// The session.
        session: SessionId,
    },
    /// Ends one of Authentik's sessions (facts A10).
    EndIdentitySession {
        /// The identity's numeric id and user name, to read it back.
        identity: i64,
        /// The identity's user name.
        username: String,
        /// The session's uuid.
        uuid: String,
    },
    /// Ends one OAuth2 refresh token (facts A21).
    EndRefreshToken {
        /// The identity's numeric id.
        identity: i64,
        /// The token's id.
        token: i64,
    },
    /// Has a channel's history read for secrets.
    ScanHistory {
        /// For this request: one scan each.
        request: RequestId,
        /// The channel.
        place: Place,
        /// From then on.
        since: Millis,
        /// Until then.
        until: Millis,
    },
    /// Gives a member another role.
    SetRole {
        /// In this organization.
        org: OrgSlug,
        /// The user's e-mail, to read it back.
        email: String,
        /// The membership's id.
        member: String,
        /// The role that is to be.
        role: String,
    },
    /// Writes a project, which provisions it anew.
    WriteProject {
        /// Of this organization.
        org: OrgSlug,
        /// The project.
        project: OrgSlug,
        /// What is written.
        change: ProjectChange,
        /// Since when its provisioning stood as it did, to tell a new one.
        since: Option<Millis>,
        /// How it stood then, in words, to say what changed.
        #[serde(default)]
        was: String,
    },
    /// Writes a subscription.
    WriteSubscription {
        /// Of this organization.
        org: OrgSlug,
        /// What is written.
        change: SubscriptionChange,
    },
    /// Has a test event sent to a webhook endpoint.
    SendTestEvent {
        /// Of this organization.
        org: OrgSlug,
        /// The endpoint.
        webhook: String,
        /// The deliveries that were there before, to tell the new one.
        before: Vec<String>,
    },
    /// Has a key replaced, and the new one handed over.
    RotateKey {
        /// Of this organization.
        org: OrgSlug,
        /// Whose key.
        key: KeyOf,
        /// How the key begins before, to tell a new one.
        before: String,
    },
    /// Does something to one of our own cases.
    Case {
        /// For this request: each deed once.
        request: RequestId,
        /// When it was asked.
        at: Millis,
        /// What.
        deed: CaseDeed,
    },
    /// Does something to an incident.
    Incident {
        /// For this request: each deed once.
        request: RequestId,
        /// When it was asked.
        at: Millis,
        /// What.
        deed: Box<IncidentDeed>,
    },
    /// Erases what the audit trail's details say about a user.
    EraseDetails(Erasing),
    /// Lets a request run without the agreement that it waits for.
    BreakGlass {
        /// The request that asks for it: the reference of its review.
        request: RequestId,
        /// The request that waits.
        of: RequestId,
        /// The plan that waits.
        digest: Digest,
        /// Why.
        reason: String,
        /// Until when its run must have begun.
        until: Millis,
    },
    /// Closes the review of a broken glass.
    ReviewGlass {
        /// Its reference.
        request: RequestId,
        /// Whether it was right.
        justified: bool,
        /// In words.
        says: String,
    },
    /// Links entries of outside audit logs to a request, and so to its ticket.
    LinkEntries {
        /// The request.
        request: RequestId,
        /// The incident whose timeline says so.
        incident: Option<RequestId>,
        /// What its timeline says.
        says: String,
        /// The entries.
        entries: Vec<Evidence>,
    },
    /// Sends a text to the customer of a ticket.
    Reply {
        /// For this request: one reply each.
        request: RequestId,
        /// What is sent, and where.
        reply: CustomerReply,
    },
    /// Gives a chat account to a person.
    LinkAccount {
        /// For this request.
        request: RequestId,
        /// The account.
        account: Account,
        /// The person.
        to: LinkedTo,
    },
    /// Takes a chat account that was linked away again.
    UnlinkAccount {
        /// The request that had linked it.
        link: RequestId,
        /// The request that ends it.
        request: RequestId,
        /// The account.
        account: Account,
    },
    /// Has failed deliveries of an incident tried again.
    RetryDeliveries {
        /// Of this incident.
        incident: RequestId,
        /// That one; `None`: all.
        key: Option<String>,
        /// When it was asked.
        at: Millis,
    },
    /// What people did before is looked at, and given back to them until it is so.
    Prove {
        /// What.
        claim: Claim,
        /// What to do where it does not become so.
        otherwise: String,
    },
    /// A person does it, in the hosted console or elsewhere.
    ByHand {
        /// The page; empty where it is not one of the hosted console.
        url: String,
        /// What exactly to do there.
        todo: String,
    },
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in its plan and the same whenever the same thing is planned: `seqn-session:ses_1`.
    pub key: String,
    /// What it does, in words for the operator.
    pub says: String,
    /// What it does.
    pub effect: Effect,
    /// How it may be repeated.
    pub repeat: Repeat,
}

/// What takes a change back at its end. It is part of what is agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBack {
    /// When.
    pub at: Millis,
    /// What is done then.
    pub step: Step,
}

/// A question that must be answered in the preview before anything can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// The option that the answer fills.
    pub option: String,
    /// The question.
    pub label: String,
    /// The answers.
    pub choices: Vec<Choice>,
}

/// A next step that an answer offers: a command of ours with what is known already. It gives nobody a right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// What is on its button.
    pub label: String,
    /// The action.
    pub action: String,
    /// Its options, as far as they are known.
    pub fields: Fields,
    /// The tier that it will need, where what is known does not say it; it is only offered to whoever may ask for that.
    pub tier: Tier,
}

impl Next {
    /// That action with these options; those without a value are left out.
    #[must_use]
    pub fn of(label: &str, action: &str, known: &[(&str, &str)]) -> Self {
        let mut fields = Fields::default();
        for (option, value) in known.iter().filter(|(_, value)| !value.is_empty()) {
            fields.set(option, *value);
        }
        Self { label: label.to_owned(), action: action.to_owned(), fields, tier: Tier::Look }
    }

    /// This one, which will need that tier.
    #[must_use]
    pub fn needing(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }
}

/// What an invocation would do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// How the preview, or the answer where there are no steps, feels.
    pub tone: Tone,
    /// One line for the operator.
    pub title: String,
    /// One line without personal details, for public places: `end 1 session of j•••@acme.example in acme`.
    pub outline: String,
    /// How much agreement it needs.
    pub tier: Tier,
    /// What the digest covers besides the step keys: org, user, target ids, before and after.
    pub subject: BTreeMap<String, String>,
    /// For a predicate ("all of this user's"): the most targets that an agreement covers. `None`: exactly these steps.
    pub at_most: Option<u32>,
    /// What the preview shows.
    pub blocks: Vec<Block>,
    /// What would be done, in order. Empty: the blocks are the answer.
    pub steps: Vec<Step>,
    /// What must be chosen first.
    pub pick: Option<Pick>,
    /// The options as they are now pinned (`latest` became an id).
    pub pinned: Fields,
    /// What was kept of outside logs.
    pub evidence: Vec<Evidence>,
    /// What takes it back, and when.
    #[serde(default)]
    pub take_back: Option<TakeBack>,
    /// False where the answer is only that nothing could be looked at.
    #[serde(default)]
    pub looked: bool,
    /// Who alone may agree; empty: whoever the policy names.
    #[serde(default)]
    pub approvers: Vec<StaffId>,
    /// What an answer offers to do next, the likeliest first.
    #[serde(default)]
    pub next: Vec<Next>,
    /// What of an answer is shown when it is asked for.
    #[serde(default)]
    pub details: Vec<Block>,
    /// What is on the button that says yes, where it has to name what comes of it; else `Confirm`.
    #[serde(default)]
    pub yes: Option<String>,
}

impl Plan {
    /// An answer: nothing to do.
    #[must_use]
    pub fn answer(tone: Tone, title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self {
            tone,
            title: title.into(),
            outline: String::new(),
            tier: Tier::Look,
            subject: BTreeMap::new(),
            at_most: None,
            blocks,
            steps: Vec::new(),
            pick: None,
            pinned: Fields::default(),
            evidence: Vec::new(),
            take_back: None,
            looked: true,
            approvers: Vec::new(),
            next: Vec::new(),
            details: Vec::new(),
            yes: None,
        }
    }
}
