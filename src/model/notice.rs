//! Notices: what is owed to surfaces other than a member of staff: rooms, pagers, push, status pages, trackers, webhooks.
//!
//! A notice is whole: whoever delivers it needs nothing else. Invariant: its key is the same at each try, and notices to
//! one surface about one subject are delivered in the order in which they were owed.

use serde::{Deserialize, Serialize};

use super::ids::{RequestId, Ticket};
use super::incident::{Audience, IncidentKind, Phase, Severity};
use super::time::Millis;
use super::trail::TrailHead;

/// The surface that notes on tickets and replies go to.
pub const TRACKER: &str = "tracker";

/// Something that is owed to one surface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same at each try, and of no other notice: `rq-1:2:pagerduty`.
    pub key: String,
    /// The surface, by the name that the configuration gives it: `pagerduty`, `status-page`, `tracker`.
    pub target: String,
    /// What it is about; order is kept for each (target, subject): an incident's id, a ticket.
    pub subject: String,
    /// Whether the surface pages people: there a notice that a later one makes pointless is not sent any more.
    pub pages: bool,
    /// What is told.
    pub content: NoticeContent,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "tell")]
pub enum NoticeContent {
    /// How an incident stands.
    Incident(Box<IncidentNotice>),
    /// A room is needed for it. Its far object is the room's channel.
    Room {
        /// The channel's name: lower case, digits and dashes, at most 80 characters.
        name: String,
        /// The channel's topic.
        topic: String,
        /// Whether only those who are asked in may read it: of a private incident.
        #[serde(default)]
        private: bool,
    },
    /// An internal note on a ticket; never seen by the customer.
    Note {
        /// The ticket.
        ticket: Ticket,
        /// The text.
        text: String,
    },
    /// A new ticket. Its far object is the ticket.
    NewTicket {
        /// One line.
        title: String,
        /// The text.
        text: String,
    },
    /// A text for the customer. Once it is taken it cannot be taken back.
    Reply(CustomerReply),
    /// Where the audit trail ends.
    Head(TrailHead),
}

/// A text for the customer of a ticket, and nothing besides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerReply {
    /// The ticket.
    pub ticket: Ticket,
    /// The ticket's title, as the customer knows it.
    pub title: String,
    /// The text, as it becomes public.
    pub text: String,
    /// By what it is found again: it tells nobody anything.
    pub mark: String,
}

impl CustomerReply {
    /// What it is headed with, where a reply has a heading of its own: a mail's subject.
    #[must_use]
    pub fn heading(&self) -> String {
        format!("{} (ref {})", self.title.split_whitespace().collect::<Vec<_>>().join(" "), self.mark).trim().to_owned()
    }
}

/// What of an incident is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeEvent {
    /// It was opened.
    Opened,
    /// Somebody works on it (it has a commander).
    Acknowledged,
    /// There is an update, or its phase or severity changed.
    Updated,
    /// It is over: resolved or cancelled.
    Resolved,
    /// It was reopened.
    Reopened,
    /// It was written up; it had been resolved before.
    Closed,
}

impl NoticeEvent {
    /// Whether it is over with this.
    #[must_use]
    pub const fn ends(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }
}

/// How an incident stands, for one surface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentNotice {
    /// Its id, or that of an alert that is no incident yet: what a surface's deduplication is keyed by.
    pub incident: RequestId,
    /// Its number; 0 where it is being opened, and the store fills it in; of an alert it stays 0.
    pub number: u32,
    /// Its kind.
    pub kind: IncidentKind,
    /// What is new.
    pub event: NoticeEvent,
    /// For whom `text` is.
    pub audience: Audience,
    /// How bad it is.
    pub severity: Severity,
    /// How far it is.
    pub phase: Phase,
    /// One line.
    pub title: String,
    /// The text for that audience, plain.
    pub text: String,
    /// The routes that are affected.
    pub routes: Vec<String>,
    /// When it began for customers.
    pub started: Millis,
    /// When this was said.
    pub at: Millis,
    /// When the next update is promised.
    pub next_update: Option<Millis>,
    /// Which update it is, from 1. 0: none, but a change of its severity, its duties or its promise.
    pub update: u32,
}

/// What a surface does with the same notice twice (`targets.md` 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dedup {
    /// The same key twice is one effect: an unclear try is simply repeated.
    ServerKey,
    /// Our key can be found in the far object: an unclear try is looked up first.
    LookUp,
    /// Both are kept, and shown as one: an unclear try is simply repeated.
    Collapse,
    /// Both are kept and shown: an unclear try is repeated once, and said to be a possible duplicate.
    Nothing,
}

/// That a surface took a notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The far object that later notices of the same subject belong to: an incident, an issue, a channel.
    pub object: Option<String>,
    /// What the surface answered, for the record: a status, an id, a request id.
    pub receipt: String,
    /// Where it can be seen.
    pub url: Option<String>,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits, for its turn or for its next try.
    Owed,
    /// The surface took it.
    Sent,
    /// It was given up.
    Failed,
    /// A later notice made it pointless before it was sent.
    Superseded,
}

/// One line of the delivery board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryLine {
    /// The notice's key.
    pub key: String,
    /// The surface.
    pub target: String,
    /// Which update it belongs to; 0 where it belongs to none.
    pub update: u32,
    /// For whom it was.
    pub audience: Option<Audience>,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_try: Option<Millis>,
    /// Why it failed last; empty where it did not.
    pub why: String,
    /// The proof, where it was taken.
    pub proof: Option<Proof>,
    /// When it ended.
    pub ended: Option<Millis>,
    /// Whether it may be there twice.
    pub maybe_twice: bool,
}
