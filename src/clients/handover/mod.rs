//! The ways out for new keys, by organization: sealed with age, passed on to a command, or written into a file.
//!
//! Nothing is kept here. Invariant: a way is tested with what is no key; a key is given to nobody but the receivers that
//! its way names, and to no log, error or environment.

mod command;
mod file;
mod seal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::guard::{Guard, Redacted, Secret, Untrusted};
use crate::model::OrgSlug;
use crate::ports::{HandoverAct, HandoverRead, Label, NoWay, WayOut};

pub use command::Command;
pub use file::FilePlace;
pub use seal::Recipient;

/// The most receivers of one way: what is sealed to them has to fit into a chat message.
pub const RECIPIENTS_MOST: usize = 4;
/// What the way for everybody without one of their own is called.
const DEFAULT: &str = "the default receivers";
/// What a test of a way seals or writes: as long as a key, and none.
const NO_KEY: &[u8] = b"this is a test of the way out, and no key of anybody";
/// Placeholders that a command's words and a file's name may hold.
const PLACEHOLDERS: [&str; 3] = ["{org}", "{item}", "{request}"];

/// How a key is passed on besides being sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passing {
    /// To a command, on its standard input.
    Command(Command),
    /// Into a new file.
    File(FilePlace),
}

/// One way out. At least one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// To whom it is sealed; empty: a copy is not kept.
    pub recipients: Vec<Recipient>,
    /// How it is passed on.
    pub passing: Option<Passing>,
}

/// A team that receives the keys of some organizations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// The organizations.
    pub orgs: BTreeSet<OrgSlug>,
    /// Their way.
    pub way: Way,
}

/// Every way that is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandoverConfig {
    /// For organizations that no team receives the keys of.
    pub default: Option<Way>,
    /// The teams.
    pub teams: Vec<Team>,
}

impl HandoverConfig {
    /// Every way with its name, the default first.
    pub fn ways(&self) -> impl Iterator<Item = (&str, &Way)> {
        let teams = self.teams.iter().map(|team| (team.name.as_str(), &team.way));
        self.default.iter().map(|way| (DEFAULT, way)).chain(teams)
    }

    fn of(&self, org: &OrgSlug) -> Option<(&str, &Way)> {
        let team = self.teams.iter().find(|team| team.orgs.contains(org));
        team.map(|team| (team.name.as_str(), &team.way)).or_else(|| self.default.as_ref().map(|way| (DEFAULT, way)))
    }
}

impl Way {
    /// Where it leads, in words.
    #[must_use]
    pub fn says(&self) -> String {
        let sealed = match self.recipients.as_slice() {
            [] => None,
            [one] => Some(format!("sealed with age to {}", one.short())),
            [one, rest @ ..] => Some(format!("sealed with age to {} and {} more", one.short(), rest.len())),
        };
        let passed = self.passing.as_ref().map(|passing| match passing {
            Passing::Command(command) => format!("passed on to the command {}", command.program()),
            Passing::File(place) => format!("written to a new file in {}", place.folder()),
        });
        let parts: Vec<String> = sealed.into_iter().chain(passed).collect();
        parts.join(", and ")
    }

    fn whole(&self) -> String {
        let recipients: Vec<String> = self.recipients.iter().map(ToString::to_string).collect();
        format!("{} {:?}", recipients.join(" "), self.passing)
    }

    /// Whether it is open now. The guard says whether what is sealed can be shown.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub async fn test(&self, guard: &Guard) -> Result<(), NoWay> {
        if !self.recipients.is_empty() {
            seal::test(&self.recipients, guard)?;
        }
        match &self.passing {
            None => Ok(()),
            Some(Passing::Command(command)) => command.test().await,
            Some(Passing::File(place)) => place.test().await,
        }
        .map_err(|why| sentence(guard, why))
    }
}

/// The ways, and the guard that every sentence about them passes.
pub struct Handover {
    config: HandoverConfig,
    guard: Guard,
}

impl Handover {
    /// These ways.
    #[must_use]
    pub const fn new(config: HandoverConfig, guard: Guard) -> Self {
        Self { config, guard }
    }

    fn of(&self, org: &OrgSlug) -> Result<&Way, NoWay> {
        let none = || NoWay(Redacted::from_static("No way out is configured for the keys of this organization."));
        self.config.of(org).map(|(_, way)| way).ok_or_else(none)
    }
}

#[async_trait]
impl HandoverRead for Handover {
    fn way(&self, org: &OrgSlug) -> Option<WayOut> {
        let (name, way) = self.config.of(org)?;
        Some(WayOut {
            name: name.to_owned(),
            says: way.says(),
            whole: way.whole(),
            seals: !way.recipients.is_empty(),
            passes: way.passing.is_some(),
        })
    }

    async fn test(&self, org: &OrgSlug) -> Result<(), NoWay> {
        self.of(org)?.test(&self.guard).await
    }
}

#[async_trait]
impl HandoverAct for Handover {
    fn seal(&self, org: &OrgSlug, key: &Secret) -> Result<Option<Redacted<String>>, NoWay> {
        let way = self.of(org)?;
        if way.recipients.is_empty() {
            return Ok(None);
        }
        seal::sealed(&way.recipients, key.expose().as_bytes(), &self.guard).map(Some)
    }

    async fn pass(&self, label: Label<'_>, key: &Secret) -> Result<(), NoWay> {
        if label.key.item().starts_with(['-', '.']) || label.key.item().contains('/') {
            return Err(NoWay(Redacted::from_static("Its id could be taken for an option or for another place.")));
        }
        let passed = match &self.of(label.org)?.passing {
            None => return Ok(()),
            Some(Passing::Command(command)) => command.run(label, key).await,
            Some(Passing::File(place)) => place.write(label, key).await,
        };
        passed.map_err(|why| sentence(&self.guard, why))
    }
}

fn sentence(guard: &Guard, why: String) -> NoWay {
    NoWay(guard.scrub(Untrusted::new(why)))
}

/// The text with what the placeholders stand for. Slugs and ids hold no braces.
fn filled(text: &str, label: Label<'_>) -> String {
    text.replace("{org}", label.org.as_str())
        .replace("{item}", label.key.item())
        .replace("{request}", label.request.as_str())
}

/// Whether every pair of braces in a text is a placeholder.
fn known(text: &str) -> bool {
    let rest = PLACEHOLDERS.iter().fold(text.to_owned(), |text, known| text.replace(known, ""));
    !rest.contains(['{', '}'])
}
