//! Whose an account is and by what, and who is meant by a name that an admin typed. Pure.
//!
//! Invariant: a person is found by staff id, uuid or user name, each as it is written; an e-mail is looked at nowhere.

use crate::model::{Account, LinkedTo, Origin, Staff, StaffId};
use crate::ports::{Candidate, Claimant, Roster, RosterPerson};

use super::Policy;
use super::roster::{FROM_AUTHENTIK, Joined, staff_of};

impl Policy {
    /// Who claims that account, and by what; more than one: nobody has it.
    #[must_use]
    pub fn claims(&self, account: &Account) -> Vec<Claimant> {
        let of = |(staff, origin): &(StaffId, Origin)| Claimant {
            staff: staff.clone(),
            name: self.called(staff),
            origin: origin.clone(),
        };
        self.claims.get(account).into_iter().flatten().map(of).collect()
    }

    /// How that person is called; the staff id where nobody knows the person any more.
    pub(super) fn called(&self, staff: &StaffId) -> String {
        self.rules.staff(staff).map_or_else(|| staff.to_string(), |found| found.name.clone())
    }
}

/// Where an account comes from, in words; `called` is how a person is called.
#[must_use]
pub fn said_of(origin: &Origin, called: impl Fn(&StaffId) -> String) -> String {
    match origin {
        Origin::Configuration => "by the configuration".into(),
        Origin::Attribute => "by an attribute at Authentik".into(),
        Origin::Link { by, agreed, at } => {
            let agreed: Vec<String> = agreed.iter().map(&called).collect();
            format!("linked by {}, agreed by {} on {at}", called(by), agreed.join(" and "))
        }
    }
}

/// Everybody who is meant by that name, among the staff as it is now and the members of the mapped groups.
#[must_use]
pub fn candidates(name: &str, staff: &[Staff], joined: &Joined, roster: Option<&Roster>) -> Vec<Candidate> {
    let name = name.trim().trim_start_matches('@');
    let people = roster.map(|roster| roster.people.as_slice()).unwrap_or_default();
    let mut found: Vec<Candidate> = people.iter().filter_map(|person| of_roster(name, person, staff, joined)).collect();
    for one in staff.iter().filter(|one| !one.id.as_str().starts_with(FROM_AUTHENTIK)) {
        let identity = joined.linked.get(&one.id);
        let named = one.id.as_str() == name || identity.is_some_and(|id| id.as_str().eq_ignore_ascii_case(name));
        let in_roster = identity.is_some_and(|id| people.iter().any(|person| person.id == *id));
        if named && !in_roster {
            found.push(of_configuration(one, identity.map(|id| LinkedTo::Identity(id.clone()))));
        }
    }
    found
}

fn of_roster(name: &str, person: &RosterPerson, staff: &[Staff], joined: &Joined) -> Option<Candidate> {
    let id = staff_of(joined, &person.id)?;
    let named = person.id.as_str().eq_ignore_ascii_case(name) || person.username == name || id.as_str() == name;
    let known = staff.iter().find(|one| one.id == id);
    let groups = person.groups.iter().filter(|group| joined.groups.contains_key(*group));
    named.then(|| Candidate {
        to: LinkedTo::Identity(person.id.clone()),
        staff: id,
        name: if person.name.is_empty() { person.username.clone() } else { person.name.clone() },
        username: Some(person.username.clone()),
        active: person.active,
        human: person.human,
        groups: groups.cloned().collect(),
        roles: known.map(|one| one.roles.clone()).unwrap_or_default(),
        accounts: known.map(|one| one.accounts.clone()).unwrap_or_default(),
    })
}

/// Somebody of the configuration; of `identity` where the file says who that is at Authentik, who is in no group then.
fn of_configuration(one: &Staff, identity: Option<LinkedTo>) -> Candidate {
    Candidate {
        username: identity.as_ref().map(|_| String::new()),
        to: identity.unwrap_or_else(|| LinkedTo::Staff(one.id.clone())),
        staff: one.id.clone(),
        name: one.name.clone(),
        active: true,
        human: true,
        groups: one.groups.clone(),
        roles: one.roles.clone(),
        accounts: one.accounts.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::model::{IdentityId, Millis, Role};

    fn id(end: char) -> IdentityId {
        format!("00000000-0000-4000-8000-00000000000{end}").parse().expect("a uuid")
    }

    fn person(end: char, username: &str) -> RosterPerson {
        RosterPerson {
            id: id(end),
            username: username.into(),
            name: "Eve Marsh".into(),
            active: true,
            human: true,
            groups: BTreeSet::from(["SEQN-A".to_owned()]),
            slack: Vec::new(),
            discord: Vec::new(),
        }
    }

    fn staff(id: &str, email: &str) -> Staff {
        Staff {
            id: id.parse().expect("an id"),
            name: id.to_uppercase(),
            roles: BTreeSet::from([Role::SUPPORT]),
            accounts: Vec::new(),
            email: email.parse().ok(),
            groups: BTreeSet::new(),
        }
    }

    #[test]
    fn a_person_is_found_by_what_is_written_and_by_no_email_or_display_name() {
        let groups = BTreeMap::from([("SEQN-A".to_owned(), Role::ADMIN)]);
        let linked = BTreeMap::from([("mira".parse().expect("an id"), id('a'))]);
        let joined = Joined { groups, linked };
        let people = vec![person('a', "mcrest"), person('b', "eve"), person('c', "kim")];
        let roster = Roster { people, missing: BTreeSet::new() };
        let local = [staff("kim", "kim@seqn.example"), staff("mira", "mira@seqn.example"), staff("joe", "")];
        // What is typed, and who is found.
        let uuid = id('b').to_string();
        for (name, want) in [
            ("eve", vec![id('b').to_string()]),
            (uuid.as_str(), vec![id('b').to_string()]),
            ("@mira", vec![id('a').to_string()]),
            ("mcrest", vec![id('a').to_string()]),
            ("joe", vec!["joe".to_owned()]),
            ("kim", vec![id('c').to_string(), "kim".to_owned()]),
            ("Eve Marsh", vec![]),
            ("KIM", vec![]),
            ("kim@seqn.example", vec![]),
            ("", vec![]),
        ] {
            let found: Vec<String> =
                candidates(name, &local, &joined, Some(&roster)).iter().map(|one| one.to.to_string()).collect();
            assert_eq!(found, want, "{name}");
        }
        let alone = candidates("mira", &local, &joined, None);
        assert_eq!((alone[0].to.clone(), alone[0].username.as_deref()), (LinkedTo::Identity(id('a')), Some("")));
    }

    #[test]
    fn where_an_account_comes_from_is_a_few_words() {
        let (by, agreed) = ("mira".parse().expect("an id"), vec!["ops".parse().expect("an id")]);
        let link = Origin::Link { by, agreed, at: Millis(0) };
        let says = said_of(&link, |id| id.as_str().to_uppercase());
        assert_eq!(says, format!("linked by MIRA, agreed by OPS on {}", Millis(0)));
        assert_eq!(said_of(&Origin::Configuration, ToString::to_string), "by the configuration");
    }
}
