//! Cases: one customer's problem, its ticket, its checklist, and what was noted.
//!
//! Invariant: a step is either still to be done, or it says who did or skipped it, and why that is believed.

use serde::{Deserialize, Serialize};

use super::ids::{RequestId, StaffId};
use super::place::Place;
use super::request::Fields;
use super::time::Millis;

/// What a case is about (the intake classes of `seqn-facts.md` 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseClass {
    /// Cannot sign in.
    Authentication,
    /// Signed in, but may not.
    Authorization,
    /// The project's configuration.
    ProjectConfig,
    /// The plan, its state or its limits.
    Subscription,
    /// Events that do not arrive.
    Webhook,
    /// The platform itself.
    Availability,
}

impl CaseClass {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Authentication, "authentication"),
        (Self::Authorization, "authorization"),
        (Self::ProjectConfig, "project-config"),
        (Self::Subscription, "subscription"),
        (Self::Webhook, "webhook"),
        (Self::Availability, "availability"),
    ];

    /// The word that rows, options and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(class, _)| *class == self).map_or("", |(_, word)| word)
    }

    /// The class of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(class, _)| *class)
    }
}

/// How a step of a checklist stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStepState {
    /// Still to be done.
    Todo,
    /// Done, with the evidence.
    Done,
    /// Left out, with the reason.
    Skipped,
}

impl CaseStepState {
    /// The word that rows use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Todo, Self::Done, Self::Skipped].into_iter().find(|state| state.word() == word)
    }
}

/// One step of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStep {
    /// What is to be done.
    pub says: String,
    /// The action whose answer is its evidence; `None`: a person does it.
    pub action: Option<String>,
    /// How it stands.
    pub state: CaseStepState,
    /// Who did or skipped it.
    pub staff: Option<StaffId>,
    /// The evidence, or the reason; empty while it is to be done.
    pub evidence: String,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNote {
    /// The request that noted it.
    pub request: RequestId,
    /// Who noted it.
    pub staff: StaffId,
    /// What.
    pub says: String,
    /// When.
    pub at: Millis,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFile {
    /// Its id: that of the request which opened it.
    pub id: RequestId,
    /// Whether it is open.
    pub open: bool,
    /// What it is about.
    pub class: CaseClass,
    /// What is known of the customer, by option: org, ticket, project, user, request-id, time, route.
    pub intake: Fields,
    /// Where it lives.
    pub place: Place,
    /// Who opened it.
    pub opened_by: StaffId,
    /// When.
    pub opened: Millis,
    /// How it ended; empty while it is open.
    pub outcome: String,
    /// Its checklist, in order.
    pub steps: Vec<CaseStep>,
    /// What was noted, oldest first.
    pub notes: Vec<CaseNote>,
}

impl CaseFile {
    /// What is known of the customer under that option; empty where nothing is.
    #[must_use]
    pub fn known(&self, option: &str) -> &str {
        self.intake.get(option).unwrap_or_default()
    }
}

/// What happens to a case. Each is done once for its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "deed")]
pub enum CaseDeed {
    /// It is opened.
    Open {
        /// As it is then.
        case: Box<CaseFile>,
    },
    /// Something is noted; and a step may end with it.
    Note {
        /// In which case.
        case: RequestId,
        /// What.
        says: String,
        /// The step that ends (from 1), and how.
        step: Option<(u32, CaseStepState)>,
    },
    /// It is closed.
    Close {
        /// Which.
        case: RequestId,
        /// How it ended.
        outcome: String,
    },
}
