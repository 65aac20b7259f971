//! What may not be said, and to whom: looked for in what a person wrote, before anything is sent.
//!
//! It mends nothing and stores nothing. Invariant: a raw secret is refused for every audience, whatever is overridden;
//! and no finding holds the whole of what was found.

use std::collections::BTreeSet;

use crate::guard::Guard;
use crate::model::Audience;

mod sight;
#[cfg(test)]
mod tests;

/// Findings that are told apart in one text; a person mends some and asks again.
const FINDINGS_MAX: usize = 50;
/// The shortest reason of an override, in characters: a word at least.
const REASON_CHARS_LEAST: usize = 5;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintKind {
    /// A raw secret, as the guard sees them.
    Secret,
    /// A bearer token, a session or the like.
    Token,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A customer's name.
    Customer,
    /// A host that only we can reach.
    Hostname,
    /// An organization's slug or an account's id.
    Account,
    /// A card or account number, a date of birth: what identifies a person beyond the account.
    Personal,
    /// A member of staff, as chat writes people.
    Mention,
    /// A reference or an address of our own: a request, an entry of an audit log, a message in chat.
    Reference,
}

impl LintKind {
    /// All of them, in their order.
    pub const ALL: [Self; 11] = [
        Self::Secret,
        Self::Token,
        Self::Email,
        Self::Phone,
        Self::Ip,
        Self::Customer,
        Self::Hostname,
        Self::Account,
        Self::Personal,
        Self::Mention,
        Self::Reference,
    ];

    /// The word that overrides and rows use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Token => "token",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Ip => "ip",
            Self::Customer => "customer",
            Self::Hostname => "hostname",
            Self::Account => "account",
            Self::Personal => "personal",
            Self::Mention => "mention",
            Self::Reference => "reference",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a person may say it all the same, with a reason.
    #[must_use]
    pub const fn can_be_overridden(self) -> bool {
        !matches!(self, Self::Secret)
    }

    const fn named_in_words(self) -> &'static str {
        match self {
            Self::Secret => "a raw secret",
            Self::Token => "a token",
            Self::Email => "an e-mail address",
            Self::Phone => "a phone number",
            Self::Ip => "an IP address",
            Self::Customer => "a customer's name",
            Self::Hostname => "an internal hostname",
            Self::Account => "an account's identifier",
            Self::Personal => "a person's number or date",
            Self::Mention => "a person's name in chat",
            Self::Reference => "a reference of our own",
        }
    }

    const fn instead(self) -> &'static str {
        match self {
            Self::Secret => "Leave it out, and have it rotated if it was sent anywhere.",
            Self::Token => "Leave it out.",
            Self::Email | Self::Phone | Self::Personal => "Say how many people it is about, or name a request id.",
            Self::Ip => "Say which part of the service it is about.",
            Self::Customer => "Say `some customers`.",
            Self::Hostname => "Say which part of the service it is.",
            Self::Account => "Say how many organizations it is about.",
            Self::Mention => "Say `we`.",
            Self::Reference => "Leave it out: nobody outside can look it up.",
        }
    }
}

/// What the operator has set about what may be said.
#[derive(Clone, Debug)]
pub struct LintRules {
    /// It sees raw secrets.
    pub guard: Guard,
    /// Customers' names, as people write them.
    pub customers: Vec<String>,
    /// Organizations' slugs.
    pub orgs: Vec<String>,
    /// Internal hosts by name, or with a leading dot all names that end so.
    pub hosts: Vec<String>,
    /// In whose texts organizations' slugs and accounts' ids may be said.
    pub accounts_for: BTreeSet<Audience>,
}

impl LintRules {
    /// The rules without lists: slugs and ids may be said to the team and to support.
    #[must_use]
    pub fn of(guard: Guard) -> Self {
        let accounts_for = BTreeSet::from([Audience::Internal, Audience::Support]);
        Self { guard, customers: Vec::new(), orgs: Vec::new(), hosts: Vec::new(), accounts_for }
    }

    fn refuses(&self, kind: LintKind, audience: Audience) -> bool {
        match kind {
            LintKind::Secret | LintKind::Token => true,
            LintKind::Account => !self.accounts_for.contains(&audience),
            LintKind::Customer | LintKind::Mention | LintKind::Reference => audience == Audience::Public,
            _ => audience != Audience::Internal,
        }
    }

    /// What of that text may not be said to that audience. `part` is what the text is called.
    #[must_use]
    pub fn findings(&self, audience: Audience, part: &str, text: &str) -> Vec<LintFinding> {
        let mut findings: Vec<LintFinding> = Vec::new();
        for (kind, shown) in sight::sightings(self, text) {
            let finding = LintFinding { audience, part: part.to_owned(), kind, shown };
            if self.refuses(kind, audience) && findings.len() < FINDINGS_MAX && !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        findings
    }
}

/// Something that may not be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFinding {
    /// To whom.
    pub audience: Audience,
    /// In which part it stands.
    pub part: String,
    /// What it is.
    pub kind: LintKind,
    /// Enough of it to find it; empty for a secret.
    pub shown: String,
}

impl LintFinding {
    /// What is wrong and how it is mended.
    #[must_use]
    pub fn says(&self) -> String {
        let shown = if self.shown.is_empty() { String::new() } else { format!(" ({})", self.shown) };
        let (what, audience) = (self.kind.named_in_words(), self.audience.word());
        let mend = self.kind.instead();
        let word = self.kind.word();
        let anyway = match self.kind.can_be_overridden() {
            true => format!(" If it must be said: override={word} and a reason."),
            false => " This cannot be overridden.".to_owned(),
        };
        format!("`{}` holds {what}{shown}, which the {audience} text may not say. {mend}{anyway}", self.part)
    }
}

/// A person's word that something may be said all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// What.
    pub kind: LintKind,
    /// Why.
    pub reason: String,
}

/// Reads overrides as they are typed: the words of their kinds, separated by commas, and one reason for all.
///
/// # Errors
/// A sentence: what is wrong, and what to write instead.
pub fn overrides(kinds: &str, reason: &str) -> Result<Vec<Override>, String> {
    let words: BTreeSet<&str> = kinds.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty()).collect();
    let mut read = Vec::new();
    for word in words {
        match LintKind::named(word) {
            Some(LintKind::Secret) => return Err("A raw secret is never sent. Leave it out.".into()),
            Some(kind) => read.push(Override { kind, reason: reason.trim().to_owned() }),
            None => {
                let known = LintKind::ALL.into_iter().filter(|kind| kind.can_be_overridden());
                let known: Vec<String> = known.map(|kind| format!("`{}`", kind.word())).collect();
                return Err(format!("Write what is meant to be said all the same: {}.", known.join(", ")));
            }
        }
    }
    if !read.is_empty() && reason.trim().chars().count() < REASON_CHARS_LEAST {
        return Err("An override needs a reason: why must it be said?".into());
    }
    Ok(read)
}

/// What still holds the text back, and what was overridden.
#[must_use]
pub fn weigh(findings: Vec<LintFinding>, overrides: &[Override]) -> (Vec<LintFinding>, Vec<LintFinding>) {
    let waived = |finding: &LintFinding| {
        finding.kind.can_be_overridden() && overrides.iter().any(|one| one.kind == finding.kind)
    };
    findings.into_iter().partition(|finding| !waived(finding))
}
