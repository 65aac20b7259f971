//! Who is staff: what the configuration says, what Authentik's groups say and what admins linked become one list. Pure.
//!
//! It reads nothing. Invariants: a person of Authentik is known by the uuid alone, never by a name or an e-mail; whoever
//! the groups do not name has no right from them; and an account that two people claim is nobody's, however they claim it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Account, AccountLink, IdentityId, LinkedTo, Origin, Role, Staff, StaffId};
use crate::ports::{Roster, RosterPerson};

use super::Rules;

/// How the staff ids of people begin who are known from Authentik alone. The uuid follows, so that none is ever reused.
pub const FROM_AUTHENTIK: &str = "ak-";
/// The most accounts that one attribute may hold: nobody has more, and a longer list is a mistake.
const ACCOUNTS_MOST: usize = 8;
/// As much of a staff id as tells two people of one name apart.
const SHORT_ID: usize = FROM_AUTHENTIK.len() + 8;

/// What the configuration says about people of Authentik.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The role that each group gives.
    pub groups: BTreeMap<String, Role>,
    /// The configured people whose roles come from their groups, and who they are at Authentik.
    pub linked: BTreeMap<StaffId, IdentityId>,
}

/// Something that an admin should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Whom or what it is about.
    pub about: String,
    /// What is the matter, as a sentence.
    pub says: String,
}

/// Who claims which account, and by what.
pub type Claims = BTreeMap<Account, Vec<(StaffId, Origin)>>;

/// Everybody, and what came of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everybody {
    /// The staff.
    pub staff: Vec<Staff>,
    /// Accounts that several people claim, and that nobody has.
    pub contested: BTreeSet<Account>,
    /// Everybody who claims an account, and by what; the contested ones too.
    pub claims: Claims,
    /// What an admin should look at.
    pub remarks: Vec<Remark>,
}

impl Everybody {
    /// Gives an account to somebody, unless that person has it already.
    fn give(&mut self, staff: &mut Staff, account: Account, origin: Origin) {
        if staff.accounts.contains(&account) {
            return;
        }
        self.claims.entry(account.clone()).or_default().push((staff.id.clone(), origin));
        staff.accounts.push(account);
    }

    fn remark(&mut self, about: impl ToString, says: impl Into<String>) {
        self.remarks.push(Remark { about: about.to_string(), says: says.into() });
    }
}

/// The staff as configuration, roster and links make it. Without a roster nobody has a right from a group.
#[must_use]
pub fn everybody(rules: &Rules, joined: &Joined, roster: Option<&Roster>, links: &[AccountLink]) -> Everybody {
    let mut all = Everybody { claims: configured(&rules.staff), ..Everybody::default() };
    let mut members = roster.map(|roster| members(roster, joined, &mut all)).unwrap_or_default();
    for configured in &rules.staff {
        let mut staff = configured.clone();
        if let Some(id) = joined.linked.get(&staff.id) {
            staff.roles.clear();
            match members.remove(id) {
                Some(member) => take(&mut staff, &member, rules, joined, &mut all),
                None if roster.is_some() => all.remark(&staff.id, "Is in none of the mapped groups: no role."),
                None => {}
            }
        }
        all.staff.push(staff);
    }
    for (id, member) in members {
        let Ok(staff_id) = format!("{FROM_AUTHENTIK}{id}").parse::<StaffId>() else { continue };
        if rules.staff(&staff_id).is_some() {
            all.staff.retain(|staff| staff.id != staff_id);
            all.remark(&staff_id, "The configuration gives this id to somebody else: neither has a right.");
            continue;
        }
        let name = if member.name.is_empty() { member.username.clone() } else { member.name.clone() };
        let mut staff = Staff {
            id: staff_id,
            name,
            roles: BTreeSet::new(),
            accounts: Vec::new(),
            email: None,
            groups: BTreeSet::new(),
        };
        take(&mut staff, &member, rules, joined, &mut all);
        all.staff.push(staff);
    }
    let missing = roster.into_iter().flat_map(|roster| &roster.missing);
    missing.for_each(|group| all.remark(group, "Authentik has no such group: nobody has a right by it."));
    link(&mut all, rules, joined, links);
    contest(&mut all);
    tell_apart(&mut all);
    all
}

/// What the configuration says of accounts.
pub(super) fn configured(staff: &[Staff]) -> Claims {
    let mut claims = Claims::new();
    for one in staff {
        for account in &one.accounts {
            claims.entry(account.clone()).or_default().push((one.id.clone(), Origin::Configuration));
        }
    }
    claims
}

/// The staff id of the person of that uuid.
pub(super) fn staff_of(joined: &Joined, id: &IdentityId) -> Option<StaffId> {
    let known = joined.linked.iter().find(|(_, linked)| *linked == id).map(|(staff, _)| staff.clone());
    known.or_else(|| format!("{FROM_AUTHENTIK}{id}").parse().ok())
}

/// Gives people the accounts that admins have linked to them, and says who has a role and no account.
fn link(all: &mut Everybody, rules: &Rules, joined: &Joined, links: &[AccountLink]) {
    let mut staff = std::mem::take(&mut all.staff);
    for link in links {
        let account = &link.account;
        let id = match &link.to {
            LinkedTo::Identity(id) => staff_of(joined, id),
            LinkedTo::Staff(id) => Some(id.clone()),
        };
        if !account.team.is_empty() && account.team != rules.slack_team {
            all.remark(account, "Is linked, and is of another workspace. It is not taken.");
        } else if let Some(one) = staff.iter_mut().find(|one| Some(&one.id) == id.as_ref()) {
            all.give(one, account.clone(), Origin::from(link));
        } else {
            let says =
                format!("Is linked to {}, who is nobody of the staff now: end that with `/staff unlink`.", link.to);
            all.remark(account, says);
        }
    }
    for one in staff.iter().filter(|one| !one.groups.is_empty() && one.accounts.is_empty()) {
        let says =
            "Has a role and no chat account: write one into an attribute at Authentik, or ask for `/staff link`.";
        all.remark(&one.id, says);
    }
    all.staff = staff;
}

/// Those who may have a right by a group, each once.
fn members(roster: &Roster, joined: &Joined, all: &mut Everybody) -> BTreeMap<IdentityId, RosterPerson> {
    let mut found: BTreeMap<IdentityId, RosterPerson> = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for person in &roster.people {
        if !person.groups.iter().any(|group| joined.groups.contains_key(group)) {
            continue;
        }
        if found.insert(person.id.clone(), person.clone()).is_some() {
            twice.insert(person.id.clone());
        }
    }
    for id in twice {
        found.remove(&id);
        all.remark(&id, "Two people of Authentik have this uuid: neither has a right.");
    }
    found.retain(|id, person| {
        let why = match (person.human, person.active) {
            (false, _) => "Is in a mapped group and is no person's account: no right.",
            (_, false) => "Is in a mapped group and is inactive: no right.",
            _ => return true,
        };
        all.remark(id, why);
        false
    });
    found
}

/// Gives a person what the groups and the attributes say.
fn take(staff: &mut Staff, member: &RosterPerson, rules: &Rules, joined: &Joined, all: &mut Everybody) {
    let known = member.groups.iter().filter_map(|group| Some((group, joined.groups.get(group)?)));
    for (group, role) in known {
        staff.groups.insert(group.clone());
        staff.roles.insert(role.clone());
    }
    for (values, read) in [(&member.slack, Account::slack as fn(&str) -> _), (&member.discord, Account::discord)] {
        if values.len() > ACCOUNTS_MOST {
            all.remark(&staff.id, format!("An attribute holds more than {ACCOUNTS_MOST} accounts: none is taken."));
            continue;
        }
        for value in values {
            match read(value.trim()) {
                None => all.remark(&staff.id, "An attribute holds what is no account. It is not taken."),
                Some(account) if !account.team.is_empty() && account.team != rules.slack_team => {
                    all.remark(&staff.id, format!("{account} is of another workspace. It is not taken."));
                }
                Some(account) => all.give(staff, account, Origin::Attribute),
            }
        }
    }
}

/// Takes an account from everybody where more than one person claims it.
fn contest(all: &mut Everybody) {
    let mut claims: BTreeMap<Account, Vec<StaffId>> = BTreeMap::new();
    for staff in &all.staff {
        staff.accounts.iter().for_each(|one| claims.entry(one.clone()).or_default().push(staff.id.clone()));
    }
    claims.retain(|_, claimed| claimed.len() > 1);
    for (account, claimed) in claims {
        all.staff.iter_mut().for_each(|staff| staff.accounts.retain(|one| *one != account));
        let names: Vec<&str> = claimed.iter().map(StaffId::as_str).collect();
        all.remark(&account, format!("Is claimed by {}: nobody has it.", names.join(" and ")));
        all.contested.insert(account);
    }
}

/// Nobody of Authentik is called like somebody else: the person may have chosen that name.
fn tell_apart(all: &mut Everybody) {
    let taken = |staff: &Staff, others: &[Staff]| {
        let same = |other: &Staff| {
            let like = |text: &str| text.eq_ignore_ascii_case(&staff.name);
            other.id != staff.id && (like(&other.name) || like(other.id.as_str()))
        };
        others.iter().any(same)
    };
    let from_there = |staff: &Staff| staff.id.as_str().starts_with(FROM_AUTHENTIK);
    let alike: BTreeSet<StaffId> =
        all.staff.iter().filter(|one| from_there(one) && taken(one, &all.staff)).map(|one| one.id.clone()).collect();
    for id in &alike {
        let says = "Is called like somebody else. If it is the same person, write authentik = \"…\" for that one: two who are \
                    one could agree with each other.";
        all.remark(id, says);
    }
    for staff in all.staff.iter_mut().filter(|one| alike.contains(&one.id)) {
        let short: String = staff.id.as_str().chars().take(SHORT_ID).collect();
        staff.name = format!("{} ({short})", staff.name);
    }
}

/// What became of one person's rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsChange {
    /// The person as it is now; without roles and accounts when it is gone.
    pub now: Staff,
    /// Roles that are new.
    pub gained: Vec<Role>,
    /// Roles that are gone.
    pub lost: Vec<Role>,
    /// Accounts that are new.
    pub linked: Vec<Account>,
    /// Accounts that are gone.
    pub unlinked: Vec<Account>,
}

/// What became of everybody's rights between then and now.
#[must_use]
pub fn changes(before: &[Staff], now: &[Staff]) -> Vec<RightsChange> {
    let gone = before.iter().filter(|old| now.iter().all(|one| one.id != old.id));
    let gone = gone.map(|old| Staff { roles: BTreeSet::new(), accounts: Vec::new(), ..old.clone() });
    let everybody: Vec<Staff> = now.iter().cloned().chain(gone).collect();
    let change = |now: Staff| {
        let old = before.iter().find(|old| old.id == now.id);
        let (roles, accounts) = old.map(|old| (old.roles.clone(), old.accounts.clone())).unwrap_or_default();
        let change = RightsChange {
            gained: now.roles.difference(&roles).cloned().collect(),
            lost: roles.difference(&now.roles).cloned().collect(),
            linked: now.accounts.iter().filter(|one| !accounts.contains(one)).cloned().collect(),
            unlinked: accounts.iter().filter(|one| !now.accounts.contains(one)).cloned().collect(),
            now,
        };
        let same = change.gained.is_empty()
            && change.lost.is_empty()
            && change.linked.is_empty()
            && change.unlinked.is_empty();
        (!same).then_some(change)
    };
    everybody.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests;
