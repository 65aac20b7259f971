//! `case reply`: one text that the customer will read, on the case's ticket.
//!
//! Everything else that goes to a ticket is internal; this is the separate step that makes something public. Invariants:
//! what is confirmed is the text itself, where it goes and who reads it; nothing is guessed, so that a tracker that cannot
//! be asked stops it; and it is called sent only where the tracker shows it.

mod judge;
mod plan;
#[cfg(test)]
mod tests;
mod verdict;

use async_trait::async_trait;

use crate::catalog::reading::{MUST_TICKET, ORG, Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::incidents::lint::{LintRules, Override, overrides};
use crate::model::{CaseFile, DeliveryState, Fields, OrgSlug, Plan, RequestId, Risk, Role, Ticket, Tier, Verdict};
use crate::ports::{OwedReply, PortError, Readers, Reads, Replied, TicketState};

use super::definitions::{ALLOW, REASON};

/// The longest text, in characters: a preview shows it whole on every platform.
const TEXT_CHARS: u16 = 2_000;

/// The action.
pub(super) struct Reply {
    pub(super) rules: LintRules,
}

static OPTIONS: [OptionDef; 6] = [
    OptionDef {
        positional: true,
        ..option("text", Kind::Text(TEXT_CHARS), true, "What the customer will read, word for word")
    },
    OptionDef { positional: false, ..ORG },
    MUST_TICKET,
    option("case", Kind::RequestId, false, "The case whose customer and ticket are meant; else the one here"),
    ALLOW,
    REASON,
];

static DEFINITION: Definition = Definition {
    name: "case-reply",
    version: 1,
    family: Family::Case,
    summary: "Reply to the customer on the case's ticket: they read it, word for word",
    help: "The only command whose text a customer reads; whatever else I write to a ticket is internal. The preview shows \
           the text, the ticket and who reads it. It cannot be taken back. Names of other customers and of colleagues, \
           addresses, internal hosts and references hold it back; override=… with a reason lets a second person agree to \
           them. A secret is never sent. On Request Tracker it is a reply by mail, on GitHub a comment; other trackers \
           have no side that I know to be the customer's.",
    example: "case reply \"It works again. Please sign in once more.\" org=acme ticket=SUP-1234",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Second,
    risk: Risk::FinalOne,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "There is none: what the customer has read stays read. Send another reply.",
};

/// The options, read.
pub(super) struct Input {
    text: String,
    org: OrgSlug,
    ticket: Ticket,
    case: Option<RequestId>,
    allowed: Vec<Override>,
    fields: Fields,
}

/// What was looked up.
pub(super) struct Facts {
    /// `None`: none was named. The inner: there is none of that id.
    case: Option<Option<CaseFile>>,
    /// `None`: there is no tracker that can be asked, or the reply is on its way and only read back.
    tracker: Option<Seen>,
    /// The replies on that ticket so far.
    replies: Vec<OwedReply>,
    /// This request's reply as the tracker shows it, where it was taken.
    shown: Option<Result<Option<Replied>, PortError>>,
}

/// What the tracker says.
pub(super) struct Seen {
    name: &'static str,
    ticket: Result<Option<TicketState>, PortError>,
    readers: Result<Option<Readers>, PortError>,
}

#[async_trait]
impl Runbook for Reply {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, ticket) = (reading.org(), reading.parsed::<Ticket>("ticket"));
        let allowed = overrides(&reading.text("override"), &reading.text("reason")).unwrap_or_else(|says| {
            reading.wrong("override", says);
            Vec::new()
        });
        let text = reading.text("text").replace("\r\n", "\n");
        if text.is_empty() {
            reading.wrong("text", "It is missing. Write what the customer shall read.");
        }
        let case = fields.get("case").and_then(|id| id.parse().ok());
        let fields = fields.clone();
        let input = org.zip(ticket).map(|(org, ticket)| Input { text, org, ticket, case, allowed, fields });
        reading.done(input)
    }

    fn tier(&self, input: &Input) -> Tier {
        if input.allowed.is_empty() { Tier::Confirm } else { Tier::Second }
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let case = match &input.case {
            Some(id) => Some(reads.cases.case(id).await?),
            None => None,
        };
        let replies = reads.replies.replies(&input.ticket).await?;
        let asking = reads.tracker.as_ref().filter(|tracker| tracker.asks());
        let Some(tracker) = asking else { return Ok(Facts { case, tracker: None, replies, shown: None }) };
        if let Some(owed) = verdict::of(asked.request, &replies) {
            // It is being read back: the tracker is asked for the reply alone, and only where it has taken it.
            let shown = match owed.line.state {
                DeliveryState::Sent => Some(tracker.replied(&owed.reply).await),
                _ => None,
            };
            return Ok(Facts { case, tracker: None, replies, shown });
        }
        let (ticket, readers) = (tracker.ticket(&input.ticket).await, tracker.readers(&input.ticket).await);
        Ok(Facts { case, tracker: Some(Seen { name: tracker.name(), ticket, readers }), replies, shown: None })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        plan::plan(&self.rules, asked, input, facts)
    }

    fn verify(&self, asked: &Asked<'_>, input: &Input, _: &Plan, facts: &Facts) -> Verdict {
        verdict::verdict(asked.request, input, facts)
    }
}
