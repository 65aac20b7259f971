//! Who is staff, as `check` shows it: from the file, and with `--online` from Authentik's groups too.
//!
//! Invariant: nothing of an attribute is printed but accounts that could be read.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::clients::{AuthentikReader, AuthentikRoster, Deadlines};
use crate::guard::Guard;
use crate::model::{Account, AccountLink, Role, Staff, StaffId};
use crate::policy::{Policy, Rules, everybody, said_of};
use crate::ports::RosterRead;
use crate::store::account_links_file;

use super::super::config::{Config, Identity};
use super::line;

/// The people that the file lists, and where others come from.
pub(super) fn summary(config: &Config, out: &mut String) {
    let linked = |person: &Staff| {
        config.identity.as_ref().is_some_and(|identity| identity.joined.linked.contains_key(&person.id))
    };
    let _ = writeln!(out, "\nStaff");
    for person in &config.rules.staff {
        let accounts: Vec<&str> = person.accounts.iter().map(|account| account.platform.name()).collect();
        let roles = if linked(person) { "as Authentik's groups say".to_owned() } else { roles(person) };
        let _ = writeln!(out, "  {} ({roles}): {}", person.id, accounts.join(", "));
    }
    let Some(identity) = &config.identity else {
        for person in unheard(&config.rules) {
            let _ = writeln!(out, "  note: nobody could agree to what {person} asks for at tier 2");
        }
        return;
    };
    for person in config.rules.staff.iter().filter(|person| !linked(person)) {
        let _ = writeln!(out, "  note: {} is staff by this file alone, whatever groups say", person.id);
    }
    let _ = writeln!(out, "\nRoles by groups of Authentik, read every {} s", identity.every_ms / 1_000);
    for (group, role) in &identity.joined.groups {
        let _ = writeln!(out, "  {group}: {role}");
    }
    let (slack, discord) = (&identity.slack_attribute, &identity.discord_attribute);
    let _ = writeln!(out, "  accounts are in the attributes {slack} and {discord}");
    let _ = writeln!(out, "  members of a group inside a group are not its members here");
}

/// Reads the roster once and shows everybody, and what an admin should look at.
pub(super) async fn ask(config: &Config, guard: &Guard, out: &mut String) -> bool {
    let Some(identity) = &config.identity else { return true };
    let what = "Authentik's groups";
    let reader = match AuthentikReader::new(&config.authentik.client, guard, Deadlines::default()) {
        Ok(reader) => Arc::new(reader),
        Err(bad) => return line(out, false, what, &bad.to_string()),
    };
    match AuthentikRoster::new(reader, identity.roster()).roster().await {
        Err(error) => line(out, false, what, &error.to_string()),
        Ok(roster) => {
            // Where there is no database yet, nothing was linked.
            let links = if config.store.exists() { account_links_file(&config.store).await } else { Ok(Vec::new()) };
            let fine = match &links {
                Ok(_) => true,
                Err(error) => line(out, false, "Linked accounts", &error.to_string()),
            };
            show(&config.rules, identity, &roster, &links.unwrap_or_default(), out) && fine
        }
    }
}

fn show(
    rules: &Rules,
    identity: &Identity,
    roster: &crate::ports::Roster,
    links: &[AccountLink],
    out: &mut String,
) -> bool {
    let all = everybody(rules, &identity.joined, Some(roster), links);
    let called = |id: &StaffId| {
        all.staff.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.name.clone())
    };
    let from = |account: &Account| {
        let origin = all.claims.get(account).and_then(|claims| claims.first());
        origin.map_or_else(|| account.to_string(), |(_, origin)| format!("{account} {}", said_of(origin, called)))
    };
    let people = roster.people.len();
    let mut fine = line(out, true, "Authentik's groups", &format!("They can be read and have {people} member(s)."));
    for person in &all.staff {
        let accounts: Vec<String> = person.accounts.iter().map(from).collect();
        let groups: Vec<&str> = person.groups.iter().map(String::as_str).collect();
        let from = if groups.is_empty() { "this file".to_owned() } else { groups.join(", ") };
        let (id, name, roles, accounts) = (&person.id, &person.name, roles(person), accounts.join(", "));
        let _ = writeln!(out, "         {id} ({name}): {roles} by {from}; {accounts}");
    }
    for remark in &all.remarks {
        let _ = writeln!(out, "         note: {}: {}", remark.about, remark.says);
    }
    for account in &all.contested {
        fine &= line(out, false, "Authentik's groups", &format!("{account} is claimed by several people."));
    }
    let now = Rules { staff: all.staff, ..rules.clone() };
    for person in unheard(&now) {
        let _ = writeln!(out, "         note: nobody could agree to what {person} asks for at tier 2");
    }
    fine
}

fn roles(person: &Staff) -> String {
    let roles: Vec<&str> = person.roles.iter().map(Role::as_str).collect();
    if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") }
}

/// Who may ask for what needs a second person, while nobody else could agree.
fn unheard(rules: &Rules) -> Vec<StaffId> {
    let policy = Policy::new(rules.clone(), &Catalog::default());
    policy.heard().into_iter().filter(|(_, heard)| !heard).map(|(staff, _)| staff.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{IdentityId, LinkedTo, Millis};
    use crate::policy::Joined;
    use crate::ports::{Roster, RosterPerson};

    #[test]
    fn everybody_is_shown_with_where_it_comes_from_and_what_is_wrong() {
        let kim = Staff {
            id: "kim".parse().expect("an id"),
            name: "Kim".into(),
            roles: [Role::SUPPORT].into(),
            accounts: vec![Account::slack("T0SEQN/U0KIM").expect("an account")],
            email: None,
            groups: BTreeSet::new(),
        };
        let rules = Rules { staff: vec![kim], slack_team: "T0SEQN".into(), ..Rules::default() };
        let member = |end: char, slack: &[&str]| RosterPerson {
            id: format!("00000000-0000-4000-8000-00000000000{end}").parse::<IdentityId>().expect("a uuid"),
            username: "eve".into(),
            name: "Eve".into(),
            active: true,
            human: true,
            groups: ["SEQN-A".to_owned()].into(),
            slack: slack.iter().map(|text| (*text).to_owned()).collect(),
            discord: Vec::new(),
        };
        let identity = Identity {
            every_ms: 30_000,
            slack_attribute: "seqn_slack".into(),
            discord_attribute: "seqn_discord".into(),
            joined: Joined { groups: [("SEQN-A".to_owned(), Role::ADMIN)].into(), linked: [].into() },
            login: None,
        };
        let link = AccountLink {
            request: "rq-1".parse().expect("an id"),
            account: Account::discord("910000000000000007").expect("an account"),
            to: LinkedTo::Identity("00000000-0000-4000-8000-00000000000b".parse().expect("a uuid")),
            by: "kim".parse().expect("an id"),
            agreed: vec!["ops".parse().expect("an id")],
            at: Millis(0),
        };
        let shown = |people: Vec<RosterPerson>| {
            let (mut out, roster) = (String::new(), Roster { people, missing: BTreeSet::new() });
            let fine = show(&rules, &identity, &roster, std::slice::from_ref(&link), &mut out);
            (fine, out)
        };
        let (fine, out) = shown(vec![member('b', &["T0SEQN/U0EVE"])]);
        assert!(fine, "{out}");
        for part in [
            "kim (Kim): support by this file; slack:T0SEQN:U0KIM by the configuration",
            "b (Eve): admin by SEQN-A; slack:T0SEQN:U0EVE by an attribute at Authentik, discord::910000000000000007 linked by \
             Kim, agreed by ops on 1970-01-01",
        ] {
            assert!(out.contains(part), "{part:?} is missing in {out}");
        }
        let (fine, out) = shown(vec![member('b', &["T0SEQN/U0KIM"]), member('c', &[])]);
        assert!(!fine, "{out}");
        for part in ["slack:T0SEQN:U0KIM is claimed by several people", "Has a role and no chat account"] {
            assert!(out.contains(part), "{part:?} is missing in {out}");
        }
    }
}
