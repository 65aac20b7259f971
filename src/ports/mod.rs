//! What we need from outside, as traits (F2). Reading and acting halves are apart: the reading half is
//! given to runbooks, the acting half to `engine::execute` alone.
//!
//! No implementation is here. Invariant: every call ends, with an answer or a `PortError`.

mod cases;
mod chat;
mod clock;
mod door;
mod error;
mod glass;
mod handover;
mod held;
mod history;
mod identity;
mod incidents;
mod leaks;
mod login;
mod members;
mod moderate;
mod probe;
mod reach;
mod records;
mod reply;
mod rights;
mod rooms;
mod roster;
mod seqn;
mod staff;
mod target;
mod tracker;
mod trail;

pub use cases::{CaseAct, CaseRead};
pub use chat::{Chat, Chats, CheckUp, Counts, Liveness};
pub use clock::{Clock, Ids};
pub use door::Door;
pub use error::{Fault, PortError};
pub use glass::{Breaking, GlassAct, GlassRead};
pub use handover::{HandedRead, HandoverAct, HandoverRead, Label, NoWay, WayOut};
pub use held::{Held, HeldRead, Kept};
pub use history::{HistoryAct, HistoryRead, ScanProgress, Survey};
pub use identity::{Identity, IdentityAct, IdentityEvent, IdentityRead, IdentitySession, Provider, RefreshToken};
pub use incidents::{IncidentAct, IncidentRead};
pub use leaks::LeakRead;
pub use login::{Login, LoginAsk, NoLogin};
pub use members::{ChatAccount, Members, Membership, Seat};
pub use moderate::{FileText, Moderate, Moderators, Page, Removal, TOPIC};
pub use probe::{Finding, Light, ProbeRead, Subject};
pub use reach::{Outside, Reach, ReachRead, Reached, Unfit};
pub use records::{
    Amounts, AuditEntry, AuditQuery, Delivery, Member, Project, Provisioning, PublicConfig, SeqnSession, SeqnUser,
    SessionStatus, Subscription, Webhook,
};
pub use reply::{OwedReply, ReplyAct, ReplyRead};
pub use rights::{Rights, Ruling};
pub use rooms::Rooms;
pub use roster::{Roster, RosterPerson, RosterRead};
pub use seqn::{Behalf, Mode, NewKey, Operation, SeqnAct, SeqnRead};
pub use staff::{Candidate, Claimant, LinkAct, LinkRead, NewLink, StaffRead};
pub use target::{Target, Targets, room_target};
pub use tracker::{Readers, Replied, TicketState, TrackerRead, WhenDown};
pub use trail::{Linking, TrailAct, TrailRead};

use std::sync::Arc;

/// The reading halves, for runbooks.
#[derive(Clone)]
pub struct Reads {
    /// SEQN Auth.
    pub seqn: Arc<dyn SeqnRead>,
    /// Authentik.
    pub identity: Arc<dyn IdentityRead>,
    /// Health probes.
    pub probe: Arc<dyn ProbeRead>,
    /// Addresses that others named.
    pub reach: Arc<dyn ReachRead>,
    /// Leak cases.
    pub leaks: Arc<dyn LeakRead>,
    /// The channels' history.
    pub history: Arc<dyn HistoryRead>,
    /// Our own cases.
    pub cases: Arc<dyn CaseRead>,
    /// Incidents.
    pub incidents: Arc<dyn IncidentRead>,
    /// The audit trail.
    pub trail: Arc<dyn TrailRead>,
    /// Broken glass.
    pub glass: Arc<dyn GlassRead>,
    /// What members of staff hold.
    pub held: Arc<dyn HeldRead>,
    /// The chat platforms' accounts.
    pub members: Membership,
    /// The people, and whose which account is.
    pub staff: Arc<dyn StaffRead>,
    /// The accounts that were linked.
    pub links: Arc<dyn LinkRead>,
    /// The support tracker, where there is one.
    pub tracker: Option<Arc<dyn TrackerRead>>,
    /// Replies to customers.
    pub replies: Arc<dyn ReplyRead>,
    /// The ways out for new keys.
    pub handover: Arc<dyn HandoverRead>,
    /// What became of new keys.
    pub handed: Arc<dyn HandedRead>,
}

/// The acting halves. They are reached only through `policy::Locked`.
#[derive(Clone)]
pub struct Acts {
    /// SEQN Auth.
    pub seqn: Arc<dyn SeqnAct>,
    /// Authentik.
    pub identity: Arc<dyn IdentityAct>,
    /// The channels' history.
    pub history: Arc<dyn HistoryAct>,
    /// Our own cases.
    pub cases: Arc<dyn CaseAct>,
    /// Incidents.
    pub incidents: Arc<dyn IncidentAct>,
    /// The audit trail.
    pub trail: Arc<dyn TrailAct>,
    /// Broken glass.
    pub glass: Arc<dyn GlassAct>,
    /// Replies to customers.
    pub replies: Arc<dyn ReplyAct>,
    /// The accounts that were linked.
    pub links: Arc<dyn LinkAct>,
    /// The ways out for new keys.
    pub handover: Arc<dyn HandoverAct>,
}
