//! One definition of an action, as data: everything that every rendering is made from.
//!
//! It decides nothing. What a definition must satisfy is in `catalog::rules`.

use crate::model::{Risk, Role, Tier};

/// The command family that an action belongs to: one Discord command each; on Slack `/seqn` reads them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// `/seqn`
    Seqn,
    /// `/rotate`: apart from `/seqn`, whose room on Discord it would fill.
    Rotate,
    /// `/case`
    Case,
    /// `/incident`
    Incident,
    /// `/audit`
    Audit,
    /// `/staff`
    Staff,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 6] = [Self::Seqn, Self::Rotate, Self::Case, Self::Incident, Self::Audit, Self::Staff];

    /// The command's name without the slash.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seqn => "seqn",
            Self::Rotate => "rotate",
            Self::Case => "case",
            Self::Incident => "incident",
            Self::Audit => "audit",
            Self::Staff => "staff",
        }
    }
}

/// What an option's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An organization slug.
    Org,
    /// A project slug.
    Project,
    /// An e-mail address.
    Email,
    /// A SEQN session: an id, `latest` or `all`.
    Session,
    /// A request id of SEQN Auth.
    RequestId,
    /// A moment.
    Time,
    /// A route such as `/v1/me`.
    Route,
    /// A key's prefix, at most 8 characters of its body.
    KeyPrefix,
    /// One of these (value, help).
    Choice(&'static [(&'static str, &'static str)]),
    /// A ticket.
    Ticket,
    /// A span such as `24h`, `90m`, `7d`; the two numbers are the least and the most in hours.
    Window(u16, u16),
    /// A member of staff.
    Person,
    /// An action's name.
    Action,
    /// Free text of at most that many characters.
    Text(u16),
    /// A pasted log of at most that many characters, of which only times and statuses are kept.
    Log(u16),
}

/// Where autocomplete's proposals come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere.
    None,
    /// The catalog's actions.
    Actions,
    /// The choices of the kind.
    Choices,
    /// Organizations that were named in earlier requests of anybody.
    RecentOrgs,
    /// Tickets that were named in this person's earlier requests.
    RecentTickets,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct OptionDef {
    /// Its name: lower case, dashes.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether it must be given before anything is looked up.
    pub required: bool,
    /// One line of help, at most 100 characters.
    pub help: &'static str,
    /// Where proposals come from.
    pub source: Source,
    /// Whether it is read from its position when no name is given.
    pub positional: bool,
}

/// Whether a ticket is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketRule {
    /// It has no ticket.
    None,
    /// It may have one.
    May,
    /// Without one it is refused.
    Must,
}

/// Where an action may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// Anywhere that the bot is, direct messages included.
    Anywhere,
    /// In the configured action channels and in direct messages.
    Actions,
    /// In the configured action channels only.
    ActionChannels,
}

/// Who sees its answer; both platforms fix it before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// The requester only.
    Private,
    /// The requester; and a line without personal details in the channel at the end.
    PrivateWithOutcome,
}

/// One action.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name: lower case, dashes.
    pub name: &'static str,
    /// Grows when what a plan means changes; part of the digest.
    pub version: u16,
    /// Its family.
    pub family: Family,
    /// One line, at most 100 characters.
    pub summary: &'static str,
    /// The longer help, with the symptoms that lead to it.
    pub help: &'static str,
    /// A real invocation without the leading `/seqn `.
    pub example: &'static str,
    /// The options in order; required ones first.
    pub options: &'static [OptionDef],
    /// The ticket rule.
    pub ticket: TicketRule,
    /// The least role that may ask.
    pub role: Role,
    /// The least tier; a plan may need more, never less.
    pub tier: Tier,
    /// The highest tier that a plan of it can need.
    pub tier_at_most: Tier,
    /// The worst that it can do; with several final targets `tier_at_most` is at least 2.
    pub risk: Risk,
    /// Where it may be asked.
    pub places: Places,
    /// Who sees the answer.
    pub visibility: Visibility,
    /// What undo there is, as a sentence.
    pub undo: &'static str,
}

impl Definition {
    /// The option of that name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'static OptionDef> {
        self.options.iter().find(|o| o.name == name)
    }

    /// Whether it can change anything, and so takes `--dry-run`.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.tier_at_most > Tier::Look
    }
}
