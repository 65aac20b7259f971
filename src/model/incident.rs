//! Incidents: what is wrong for customers, how it stands, who does what, and what was said of it when.
//!
//! What may follow what is `incidents`' to say. Invariant: an incident's kind never changes, and its version grows with
//! every deed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{RequestId, StaffId};
use super::notice::Notice;
use super::place::{Place, Posted};
use super::time::Millis;

words!(
    /// What kind of incident it is; fixed when it is opened.
    IncidentKind {
        /// It is told on every surface that is configured for its severity.
        Real = "real",
        /// It is told in its rooms and to those who are paged; never in public.
        Private = "private",
        /// An exercise: nothing leaves the bot but what is said in its rooms, with a watermark.
        Drill = "drill",
    }
);

words!(
    /// How far it is.
    Phase {
        /// Opened; nobody has begun to look.
        Open = "open",
        /// Somebody looks for the cause.
        Investigating = "investigating",
        /// The cause is known.
        Identified = "identified",
        /// It is mitigated and watched.
        Monitoring = "monitoring",
        /// It is over.
        Resolved = "resolved",
        /// It is written up.
        Closed = "closed",
        /// It was none.
        Cancelled = "cancelled",
    }
);

impl Phase {
    /// Whether nothing is promised any more.
    #[must_use]
    pub const fn over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed | Self::Cancelled)
    }
}

words!(
    /// How bad it is.
    Severity {
        /// Everybody is affected, or something is lost.
        Sev1 = "sev1",
        /// Many are affected.
        Sev2 = "sev2",
        /// Some are affected, or there is a way round.
        Sev3 = "sev3",
        /// Hardly anybody is affected.
        Sev4 = "sev4",
    }
);

words!(
    /// What a person does in it.
    Duty {
        /// Decides.
        Commander = "commander",
        /// Tells the others.
        Comms = "comms",
        /// Writes down.
        Scribe = "scribe",
    }
);

words!(
    /// For whom a text is.
    Audience {
        /// The team.
        Internal = "internal",
        /// Support staff who answer customers.
        Support = "support",
        /// Everybody.
        Public = "public",
    }
);

words!(
    /// What an entry of the timeline is about.
    EntryKind {
        /// It was opened.
        Opened = "opened",
        /// An update was sent.
        Updated = "updated",
        /// Its phase changed.
        Phase = "phase",
        /// Its severity changed.
        Severity = "severity",
        /// Somebody got a duty, or gave it up.
        Duty = "duty",
        /// Something was noted by a person, by command, shortcut or reaction.
        Noted = "noted",
        /// A noted message was edited in chat.
        Edited = "edited",
        /// A noted message was deleted in chat.
        Deleted = "deleted",
        /// Something was delivered, or could not be.
        Delivery = "delivery",
        /// A promise was kept, was due, or was missed.
        Promise = "promise",
        /// An earlier entry is corrected by this one.
        Corrected = "corrected",
        /// It was reopened.
        Reopened = "reopened",
        /// It was closed or cancelled.
        Closed = "closed",
        /// An action of the bot was run for it.
        Action = "action",
    }
);

/// The parts of the open, update and close templates, by name; empty parts are left out.
/// Open and update: `impact`, `routes`, `started`, `next`, `mitigation`. Close: `cause`, `customer-impact`,
/// `prevention`, `owner`.
pub type Parts = BTreeMap<String, String>;

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id: that of the request which opened it.
    pub id: RequestId,
    /// Its number for people: `INC-7`. 0 before it is kept.
    pub number: u32,
    /// Its kind.
    pub kind: IncidentKind,
    /// One line, fit for the public.
    pub title: String,
    /// How far it is.
    pub phase: Phase,
    /// How bad it is.
    pub severity: Severity,
    /// Grows with each deed; a deed names the version that it was planned for.
    pub version: u32,
    /// How many updates were sent, the opening and the close among them.
    pub updates: u32,
    /// What the templates were filled with last.
    pub parts: Parts,
    /// When it began for customers.
    pub started: Millis,
    /// When the next update is promised; `None`: nothing is.
    pub next_update: Option<Millis>,
    /// Who does what.
    pub duties: BTreeMap<Duty, StaffId>,
    /// Where it is worked on: at most one room on each platform. The first card is there.
    pub rooms: Vec<Place>,
    /// Who opened it.
    pub opened_by: StaffId,
    /// When.
    pub opened: Millis,
    /// Who did the last deed.
    pub changed_by: StaffId,
    /// When.
    pub changed: Millis,
    /// When it was first said to be monitored or resolved.
    pub mitigated: Option<Millis>,
    /// When it was resolved.
    pub resolved: Option<Millis>,
    /// When it was closed or cancelled.
    pub closed: Option<Millis>,
}

/// What an incident's number is written behind.
pub const NUMBER_PREFIX: &str = "INC-";

impl Incident {
    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{NUMBER_PREFIX}{}", self.number)
    }

    /// The number of an incident as people write it: `INC-7`, `inc-7`, `7`.
    #[must_use]
    pub fn number_of(text: &str) -> Option<u32> {
        let text = text.trim().to_uppercase();
        text.strip_prefix(NUMBER_PREFIX).unwrap_or(&text).parse().ok().filter(|number| *number > 0)
    }

    /// What a template part was filled with; empty where nothing was.
    #[must_use]
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }
}

/// One entry of the timeline; it is never changed, only corrected by a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the incident, from 1. 0 before it is kept.
    pub seq: u32,
    /// When it was.
    pub at: Millis,
    /// Who did it; `None`: the bot by itself.
    pub staff: Option<StaffId>,
    /// What it is about.
    pub kind: EntryKind,
    /// In words.
    pub says: String,
    /// The request behind it, where there is one: its audit reference.
    pub request: Option<RequestId>,
    /// The chat message that it was taken from.
    pub posted: Option<Posted>,
    /// The entry that it corrects.
    pub corrects: Option<u32>,
}

impl Entry {
    /// What the bot has to say of an incident by itself, not kept yet.
    #[must_use]
    pub const fn new(at: Millis, kind: EntryKind, says: String) -> Self {
        Self { seq: 0, at, staff: None, kind, says, request: None, posted: None, corrects: None }
    }
}

/// What happens to an incident. Each is done once for its request, and only to the version that it was planned for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentDeed {
    /// Which: of an opening, the one that is opened.
    pub incident: RequestId,
    /// The version that it was planned for; 0: it is opened.
    pub version: u32,
    /// As it is to be afterwards. The store gives number, version and times of change.
    pub after: Box<Incident>,
    /// What is written into the timeline.
    pub entries: Vec<Entry>,
    /// What is owed to outside surfaces and rooms, in this order.
    pub notices: Vec<Notice>,
}
