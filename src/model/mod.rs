//! The words of the design as types (F1): people, places, requests, plans, messages, forms.
//!
//! No I/O, no async, no platform's wire format. Invariant: a value of a type here is well formed;
//! what can be wrong is refused by its `FromStr`.

#[macro_use]
mod words;

mod account_link;
mod alert;
mod case;
mod change;
mod claim;
mod envelope;
mod evidence;
mod form;
mod glass;
mod ids;
mod incident;
mod leak;
mod login;
mod message;
mod notice;
mod person;
mod place;
mod plan;
mod press;
mod refusal;
mod request;
mod rotation;
mod said;
mod text;
mod time;
mod trail;

pub use account_link::{AccountLink, LinkedTo, Origin};
pub use alert::{Alert, AlertLine, AlertReport, AlertSource, Signal};
pub use case::{CaseClass, CaseDeed, CaseFile, CaseNote, CaseStep, CaseStepState};
pub use change::{ProjectChange, SubscriptionChange};
pub use claim::Claim;
pub use envelope::{Ack, AnswerMode, CommandInput, Envelope, Happening, Reply, Suggestion};
pub use evidence::{Check, CheckResult, Evidence, Linked, Verdict};
pub use form::{Field, FieldKind, Form};
pub use glass::{Glass, GlassReview, Waiting};
pub use ids::{BadId, DeliveryKey, Email, IdentityId, OrgSlug, RequestId, SessionId, StaffId, Ticket};
pub use incident::{
    Audience, Duty, Entry, EntryKind, Incident, IncidentDeed, IncidentKind, NUMBER_PREFIX, Parts, Phase, Severity,
};
pub use leak::{KeyOwner, Leak, LeakCount, LeakState};
pub use login::{SIGN_IN_GOOD_MS, SignedIn};
pub use message::{Block, Choice, Control, Message, Style, Tone};
pub use notice::{
    CustomerReply, Dedup, DeliveryLine, DeliveryState, IncidentNotice, Notice, NoticeContent, NoticeEvent, Proof,
    TRACKER,
};
pub use person::{Account, Platform, Role, Staff};
pub use place::{Address, Place, Posted};
pub use plan::{Digest, Effect, Next, Pick, Plan, Repeat, Step, TakeBack};
pub use press::{Press, Verb};
pub use refusal::{Refusal, RefusalCode};
pub use request::{Fields, Invocation, Risk, State, Tier};
pub use rotation::{Handed, KeyOf, WayState};
pub use said::{FileRef, Noted, NotedBy, Past, Said, Seen};
pub use text::{calm, cut, escaped, hex};
pub use time::{MINUTE_MS, Millis, SECOND_MS};
pub use trail::{Erasing, TrailFilter, TrailHead, TrailRow};
