//! The members of the mapped groups, with what their attributes say of their chat accounts (facts A5, A7, A19).
//!
//! A filter that a release does not know is ignored by it, and the answer is then everybody. Invariants: only who says to
//! be in the group counts as its member; an empty list is believed only where users and groups are seen at all; and the
//! roster is whole or an error. Groups inside a group are not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::Value;

use crate::model::{IdentityId, calm};
use crate::ports::{Fault, PortError, Roster, RosterPerson, RosterRead};

use super::super::authentik_pages::{Page, whole};
use super::{AuthentikReader, SYSTEM, USERS, in_time, said};

const GROUPS: &str = "/api/v3/core/groups/";
/// The most people of all mapped groups together: a support and admin team is far smaller, a whole directory larger.
const PEOPLE_MOST: usize = 500;
/// Longest name that is kept, in characters: it stands in the middle of a sentence.
const NAME_CHARS: usize = 60;
/// Longest value of an attribute that is kept, in characters: an account is far shorter.
const VALUE_CHARS: usize = 80;
/// The most values of one attribute that are kept. Whoever reads them says that there are too many.
const VALUES_MOST: usize = 16;

/// What is read.
#[derive(Clone, Debug)]
pub struct RosterConfig {
    /// The names of the groups.
    pub groups: BTreeSet<String>,
    /// The attribute that holds Slack accounts.
    pub slack_attribute: String,
    /// The attribute that holds Discord accounts.
    pub discord_attribute: String,
}

/// The roster, read with the reading credential.
pub struct AuthentikRoster {
    reader: Arc<AuthentikReader>,
    config: RosterConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGroup {
    pk: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireMember {
    pk: Option<Value>,
    uuid: Option<String>,
    username: Option<String>,
    name: Option<String>,
    is_active: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    groups: Option<Vec<String>>,
    attributes: Value,
}

impl WireMember {
    fn read(&self, config: &RosterConfig) -> Option<(i64, RosterPerson)> {
        let values = |name: &str| values(self.attributes.get(name));
        let person = RosterPerson {
            id: self.uuid.as_deref()?.parse::<IdentityId>().ok()?,
            username: calm(self.username.as_deref()?, NAME_CHARS),
            name: calm(self.name.as_deref().unwrap_or_default(), NAME_CHARS),
            // Unknown means no.
            active: self.is_active == Some(true),
            human: matches!(self.kind.as_deref(), Some("internal" | "external")),
            groups: BTreeSet::new(),
            slack: values(&config.slack_attribute),
            discord: values(&config.discord_attribute),
        };
        Some((whole(self.pk.as_ref()?)?, person))
    }
}

/// The values of an attribute: a text, a whole number, or a list of them. What is neither stays in the list as what
/// cannot be read, so that it is said.
fn values(attribute: Option<&Value>) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => text.chars().take(VALUE_CHARS).collect(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match attribute {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(all)) => all.iter().take(VALUES_MOST).map(one).collect(),
        Some(value) => vec![one(value)],
    }
}

impl AuthentikRoster {
    /// The roster of these groups.
    #[must_use]
    pub const fn new(reader: Arc<AuthentikReader>, config: RosterConfig) -> Self {
        Self { reader, config }
    }

    async fn now(&self) -> Result<Roster, PortError> {
        let asked = self.config.groups.iter().map(|group| self.members(group));
        let mut roster = Roster::default();
        let mut people: BTreeMap<i64, RosterPerson> = BTreeMap::new();
        for (group, found) in self.config.groups.iter().zip(join_all(asked).await) {
            let Some(members) = found? else {
                roster.missing.insert(group.clone());
                continue;
            };
            for (pk, person) in members {
                people.entry(pk).or_insert(person).groups.insert(group.clone());
            }
            if people.len() > PEOPLE_MOST {
                let fault = Fault::Refused { status: 200, code: "too_many_people".into() };
                return Err(said(fault, "The mapped groups have more members than the bot reads."));
            }
        }
        if people.is_empty() {
            self.reader.check_sight().await?;
        }
        if roster.missing.len() == self.config.groups.len() {
            self.check_sight_of_groups().await?;
        }
        roster.people = people.into_values().collect();
        Ok(roster)
    }

    /// The members of the group of that name; `None` when there is no such group.
    async fn members(&self, group: &str) -> Result<Option<Vec<(i64, RosterPerson)>>, PortError> {
        let link = &self.reader.link;
        let groups: Vec<WireGroup> = link.list(GROUPS, &[("name", group), ("include_users", "false")]).await?;
        let mut named = groups.into_iter().filter(|found| found.name.as_deref() == Some(group));
        let (Some(found), other) = (named.next(), named.next()) else { return Ok(None) };
        let pk =
            found.pk.filter(|_| other.is_none()).ok_or_else(|| said(Fault::Garbled, "A group could not be read."))?;
        let users: Vec<WireMember> = link.list(USERS, &[("groups_by_name", group)]).await?;
        let mut members = Vec::new();
        for user in users {
            if !user.groups.as_ref().is_some_and(|groups| groups.contains(&pk)) {
                return Err(said(Fault::Garbled, "It lists people who are not in the group that was asked for."));
            }
            let read = user.read(&self.config);
            members.push(read.ok_or_else(|| said(Fault::Garbled, "A member of a group could not be read."))?);
        }
        Ok(Some(members))
    }

    /// Whether the credential sees any group at all: without the right, the list is empty.
    async fn check_sight_of_groups(&self) -> Result<(), PortError> {
        let link = &self.reader.link;
        let ask = super::Ask::get(link.base.at(GROUPS)).query("page_size", "1").query("include_users", "false");
        let page: Page<WireGroup> = link.call(ask).await?.json()?;
        match page.results {
            Some(groups) if !groups.is_empty() => Ok(()),
            Some(_) => {
                Err(said(Fault::Forbidden, "Its list of groups is empty for us: the right to view groups is missing."))
            }
            None => Err(PortError::new(SYSTEM, Fault::Garbled)),
        }
    }
}

#[async_trait]
impl RosterRead for AuthentikRoster {
    async fn roster(&self) -> Result<Roster, PortError> {
        in_time(self.now()).await
    }
}

#[cfg(test)]
mod tests;
