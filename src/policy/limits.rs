//! Limits: how much one person may ask for, may happen to one organization, and one action may do, within an hour.
//!
//! Pure: requests are counted by the store. Invariants: only what changes something outside is limited, never an incident
//! or a case file of our own; and a clock that jumps back opens nothing, since what lies ahead of it counts too.

use std::collections::BTreeMap;

use crate::catalog::{Definition, Family};
use crate::model::{MINUTE_MS, Millis, Refusal, RefusalCode, State};

use super::Policy;

/// How far back is counted.
pub const LIMIT_WINDOW_MS: i64 = 60 * MINUTE_MS;
/// The highest limit: more within an hour is no work of people.
pub const LIMIT_MOST: u32 = 1_000;
/// How many changes one person may ask for within an hour, where nothing is configured: one every two minutes.
const PERSON: u32 = 30;
/// How many changes one organization may see within an hour, where nothing is configured.
const ORG: u32 = 60;

/// The configured limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Changes that one person may ask for within an hour.
    pub person: u32,
    /// Changes that one organization may see within an hour.
    pub org: u32,
    /// How often these actions may be asked for within an hour, by everybody together.
    pub actions: BTreeMap<String, u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { person: PERSON, org: ORG, actions: BTreeMap::new() }
    }
}

/// Whose changes a limit counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Those of the person who asks.
    Person,
    /// Those to the organization.
    Org(String),
    /// Those by that action.
    Action(&'static str),
}

/// One limit as it holds for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whose changes are counted.
    pub counted: Counted,
    /// The most within the window.
    pub most: u32,
    /// Which actions count.
    pub actions: Vec<&'static str>,
}

/// Where a request stands that counts: it has run, or may yet. What was refused or withdrawn does not.
pub const COUNTED_STATES: [State; 10] = [
    State::Received,
    State::Previewed,
    State::Asking,
    State::Approved,
    State::Running,
    State::ByHand,
    State::Verifying,
    State::Done,
    State::Unconfirmed,
    State::Failed,
];

/// Whether an action is limited at all.
#[must_use]
pub fn limited(definition: &Definition) -> bool {
    definition.changes() && !matches!(definition.family, Family::Case | Family::Incident)
}

impl Policy {
    /// The limits that hold for one request of that action.
    #[must_use]
    pub fn limits(&self, definition: &'static Definition, org: Option<&str>) -> Vec<Limit> {
        if !limited(definition) {
            return Vec::new();
        }
        let limits = &self.rules.limits;
        let all: Vec<&'static str> = self.definitions.iter().filter(|d| limited(d)).map(|d| d.name).collect();
        let person = Limit { counted: Counted::Person, most: limits.person, actions: all.clone() };
        let org = org.map(|org| Limit { counted: Counted::Org(org.to_owned()), most: limits.org, actions: all });
        let own = limits.actions.get(definition.name).map(|most| Limit {
            counted: Counted::Action(definition.name),
            most: *most,
            actions: vec![definition.name],
        });
        [Some(person), org, own].into_iter().flatten().collect()
    }
}

impl Limit {
    /// From when on is counted.
    #[must_use]
    pub const fn since(now: Millis) -> Millis {
        now.plus_ms(-LIMIT_WINDOW_MS)
    }

    /// Whether it is reached. `newest`: when the counted requests were asked, the newest first.
    ///
    /// # Errors
    /// A refusal that names the limit, how much of it is used, and when it is free again.
    pub fn check(&self, newest: &[Millis]) -> Result<(), Refusal> {
        let Some(last) = newest.get((self.most as usize).saturating_sub(1)) else { return Ok(()) };
        let (whose, setting) = match &self.counted {
            Counted::Person => ("You have asked for".to_owned(), "limits.per_person".to_owned()),
            Counted::Org(org) => (format!("In {org} there were"), "limits.per_org".to_owned()),
            Counted::Action(action) => {
                (format!("`{action}`, by everybody together, has made"), format!("limits.actions.{action}"))
            }
        };
        Err(Refusal::new(
            RefusalCode::Limit,
            "A limit is reached, and nothing was done.",
            format!("{whose} {} of at most {} changes within an hour ({setting}).", newest.len(), self.most),
            format!(
                "It is free again at {}. If it cannot wait, an operator can raise it in the configuration.",
                last.plus_ms(LIMIT_WINDOW_MS)
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_reached_at_its_number_and_names_when_it_is_free() {
        let limit = Limit { counted: Counted::Org("acme".into()), most: 2, actions: Vec::new() };
        let at = |minute: i64| Millis(minute * MINUTE_MS);
        assert_eq!(limit.check(&[]), Ok(()));
        assert_eq!(limit.check(&[at(9)]), Ok(()));
        let no = limit.check(&[at(9), at(5)]).expect_err("it is reached");
        assert_eq!(no.code, RefusalCode::Limit);
        assert_eq!(no.why, "In acme there were 2 of at most 2 changes within an hour (limits.per_org).");
        assert!(no.next.starts_with("It is free again at 1970-01-01 01:05 UTC."), "{}", no.next);
        let more = limit.check(&[at(10), at(9), at(5)]).expect_err("it is reached");
        assert!(more.next.starts_with("It is free again at 1970-01-01 01:09 UTC."), "{}", more.next);
    }
}
