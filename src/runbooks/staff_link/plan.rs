//! Whether that account may become that person's, and what both admins see of the two. Pure.

use std::collections::BTreeSet;

use crate::catalog::Asked;
use crate::model::{Account, Block, Effect, LinkedTo, Plan, Repeat, Role, SignedIn, Staff, StaffId, Step, Tier, Tone};
use crate::ports::{Candidate, ChatAccount, Claimant, Fault, PortError};

use super::account::{Meant, named, seat, unfit};
use super::{Facts, Input};

/// The most accounts that one person has; more would be a mistake.
const ACCOUNTS_MOST: usize = 8;
/// The most people that are named where several are meant.
const NAMED: usize = 5;

/// A refusal: what, why, and what to do.
fn no(title: impl Into<String>, why: impl Into<String>, next: impl Into<String>) -> Plan {
    Plan::answer(Tone::Bad, title, vec![Block::Text(why.into()), Block::Text(next.into())])
}

pub(super) fn plan(asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
    let seen = match account(&input.account, &facts.seen) {
        Ok(seen) => seen,
        Err(no) => return *no,
    };
    let person = match person(input, &facts.people) {
        Ok(person) => person,
        Err(no) => return *no,
    };
    if let Some(answer) = taken(asked, seen, person, facts) {
        return answer;
    }
    if let Some(no) = not_signed_in(seen, person, facts) {
        return no;
    }
    let admins: Vec<Staff> = asked.rights.admins();
    // Whoever has no account cannot agree.
    let able = |one: &&Staff| one.id != asked.asker.id && one.id != person.staff && !one.accounts.is_empty();
    let others = admins.iter().filter(able);
    let approvers: Vec<StaffId> = others.map(|one| one.id.clone()).collect();
    if approvers.is_empty() {
        return no(
            "Nobody could agree to that.",
            "It takes a second admin, who is neither you nor the person who gets the account.",
            "Write the account into the person's attribute at Authentik instead, or make somebody else an admin first.",
        );
    }
    links(asked, input, (seen, person), (approvers, facts.signed_in.as_ref().and_then(Option::as_ref)))
}

/// The answer where somebody has to sign in first: for people of Authentik, where that is asked for.
fn not_signed_in(seen: &ChatAccount, person: &Candidate, facts: &Facts) -> Option<Plan> {
    let (signed_in, LinkedTo::Identity(id)) = (facts.signed_in.as_ref()?, &person.to) else { return None };
    let account = &seen.account;
    match signed_in {
        Some(signed) if signed.to == *id => None,
        Some(signed) => Some(no(
            "Somebody else signed in with that account's link.",
            format!("At {} it was {}, and not {} ({id}).", signed.at, signed.to, person.name),
            "Link it to nobody until you know why: the account may be in the wrong hands, or a link was passed on.",
        )),
        None => Some(no(
            format!("Nobody has signed in for `{account}` within the last hour."),
            "The person shows by signing in at Authentik that it is theirs.",
            "Ask the person to write `/staff login` from that account, and ask again when it is said that they signed in.",
        )),
    }
}

/// The account, where it may be somebody's of the staff.
fn account<'a>(meant: &Meant, seen: &'a Result<Option<ChatAccount>, PortError>) -> Result<&'a ChatAccount, Box<Plan>> {
    let on = meant.on();
    let refuse = |title: String, why: &str, next: &str| Err(Box::new(no(title, why, next)));
    let found = match seen {
        Ok(Some(found)) => found,
        Ok(None) => {
            let why = format!("{on} knows no such account among those of our own.");
            let next = "Check the id. In the profile of the person it is under \"Copy member ID\" or \"Copy User ID\".";
            return refuse(format!("I do not find that account on {on}."), &why, next);
        }
        Err(error) => {
            let next = if error.fault == Fault::NoRoute {
                "Switch that platform on in the configuration first."
            } else {
                "Nothing was changed. Ask again in a moment."
            };
            let answer = no(format!("I could not look at that account on {on}."), error.of_look(), next);
            return Err(Box::new(Plan { looked: false, ..answer }));
        }
    };
    if let Some((why, next)) = unfit(found.seat) {
        return refuse(format!("`{}` cannot be linked.", found.account), why, next);
    }
    if !meant.is(&found.account) {
        let why = format!("{on} says that it is `{}`.", found.account);
        return refuse("That is another account.".into(), &why, "Check the id, and write the one that is meant.");
    }
    Ok(found)
}

/// The one person who is meant, where that one may have an account.
fn person<'a>(input: &Input, people: &'a Result<Vec<Candidate>, PortError>) -> Result<&'a Candidate, Box<Plan>> {
    let refuse = |title: String, why: String, next: &str| Err(Box::new(no(title, why, next)));
    let found = match people {
        Ok(found) => found,
        Err(error) => {
            let next = "Nothing was changed. Ask again when Authentik answers.";
            let answer = no("I could not look up who that person is.", error.of_look(), next);
            return Err(Box::new(Plan { looked: false, ..answer }));
        }
    };
    let person = match found.as_slice() {
        [one] => one,
        [] => {
            let why = "Nobody in the mapped groups of Authentik has that user name or uuid, and nobody of the configuration \
                       that staff id. E-mails and display names are not looked at.";
            let next =
                "Check it, or have the person put into one of the groups first: `seqn-chatops check` names them.";
            return refuse("I know nobody who is called that.".into(), why.into(), next);
        }
        several => {
            let line = |one: &Candidate| format!("{} ({})", one.name, one.to);
            let names: Vec<String> = several.iter().take(NAMED).map(line).collect();
            let title = format!("{} people are meant by that.", several.len());
            return refuse(title, format!("They are {}.", names.join(", ")), "Write the uuid of the one who is meant.");
        }
    };
    let title = format!("{} cannot get an account.", person.name);
    if !person.human {
        return refuse(title, "It is a service account at Authentik.".into(), "Name a person.");
    }
    if !person.active {
        let why = "The person is inactive at Authentik and may not sign in.";
        return refuse(title, why.into(), "Have the person activated there first, if that is right.");
    }
    if person.username.is_some() && person.groups.is_empty() || person.roles.is_empty() {
        let why = "The person is in none of the mapped groups, and so has no role.";
        return refuse(title, why.into(), "Have the person put into a group first: an account alone gives no right.");
    }
    if person.accounts.len() >= ACCOUNTS_MOST {
        let why = format!("The person has {} accounts already, which is the most.", person.accounts.len());
        return refuse(title, why, "End one of them first with `/staff unlink`.");
    }
    debug_assert!(!input.person.is_empty(), "it was asked for");
    Ok(person)
}

/// The answer where somebody has that account.
fn taken(asked: &Asked<'_>, seen: &ChatAccount, person: &Candidate, facts: &Facts) -> Option<Plan> {
    let account = &seen.account;
    let line = |one: &Claimant| format!("{} ({}) has it {}.", one.name, one.staff, said(asked, one, account));
    if let [only] = facts.claims.as_slice()
        && only.staff == person.staff
    {
        let title = format!("`{account}` is {}'s already.", person.name);
        let blocks = vec![Block::Text(line(only)), Block::Text("Nothing was changed.".into())];
        return Some(Plan::answer(Tone::Good, title, blocks));
    }
    if !facts.claims.is_empty() {
        let items = facts.claims.iter().map(line).collect();
        let next =
            "Take it away there first: `/staff unlink` where it was linked, the attribute at Authentik, or the file.";
        let blocks = vec![Block::Items { heading: "Who claims it".into(), items }, Block::Text(next.into())];
        return Some(Plan::answer(Tone::Bad, format!("`{account}` is somebody's already."), blocks));
    }
    let link = facts.link.as_ref().filter(|link| link.request != *asked.request)?;
    let why = format!("It was linked to {} at {}, who is nobody of the staff now.", link.to, link.at);
    let next = format!("End that first: `/staff unlink {account}`.");
    Some(no(format!("`{account}` is linked already."), why, next))
}

/// Where a claim comes from, in words.
fn said(asked: &Asked<'_>, claim: &Claimant, account: &Account) -> String {
    let words = asked.rights.origin(account);
    match (&claim.origin, words.is_empty()) {
        (crate::model::Origin::Configuration, _) => "by the configuration".into(),
        (crate::model::Origin::Attribute, _) => "by an attribute at Authentik".into(),
        (crate::model::Origin::Link { at, .. }, true) => format!("by a link of {at}"),
        (crate::model::Origin::Link { .. }, false) => words,
    }
}

fn listed<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    if all.is_empty() { "none".into() } else { all.join(", ") }
}

fn of_account(seen: &ChatAccount) -> Block {
    let items = vec![
        format!("Account: {}", seen.account),
        format!("User name: {}", seen.handle),
        format!("Shown name: {}", seen.name),
        format!("It is: {}", seat(seen)),
        "Linked to now: nobody".into(),
    ];
    Block::Items { heading: format!("The account, as {} describes it now", named(seen.account.platform)), items }
}

fn of_person(person: &Candidate) -> Block {
    let mut items = vec![format!("Name: {}", person.name)];
    let heading = match (&person.to, &person.username) {
        (LinkedTo::Identity(id), Some(username)) => {
            items.push(format!("User name: {username}"));
            items.push(format!("uuid: {id}"));
            items.push("Active, and a person's account".into());
            items.push(format!("Mapped groups: {}", listed(&person.groups)));
            "The person, as Authentik describes them now"
        }
        _ => "The person, as the configuration lists them",
    };
    items.push(format!("Staff id: {}", person.staff));
    items.push(format!("Roles, which the account gets: {}", listed(&person.roles)));
    items.push(format!("Accounts now: {}", listed(&person.accounts)));
    Block::Items { heading: heading.into(), items }
}

fn links(
    asked: &Asked<'_>,
    input: &Input,
    (seen, person): (&ChatAccount, &Candidate),
    (approvers, signed_in): (Vec<StaffId>, Option<&SignedIn>),
) -> Plan {
    let account = &seen.account;
    let own = asked.asker.id == person.staff;
    let warning = if own {
        "You would get the account yourself. Another admin agrees, who knows that it is yours."
    } else {
        "Whoever has that account can do what the person can. Be sure in another way than by the account itself: a name and \
         a picture can be copied."
    };
    let signed = signed_in
        .map(|signed| format!("Signed in as this person with a link that the account had asked for: at {}", signed.at));
    let blocks = vec![
        of_account(seen),
        of_person(person),
        Block::Text(signed.clone().unwrap_or_else(|| "Nobody has to sign in for it here.".into())),
        Block::Text(format!("Why: {}", input.reason)),
        Block::Note(warning.into()),
        Block::Text("Another admin must agree, who is not the person.".into()),
    ];
    let title = format!("Link `{account}` to {}?", person.name);
    let mut plan = Plan::answer(Tone::Caution, title, blocks);
    plan.tier = Tier::Second;
    plan.approvers = approvers;
    plan.outline = format!("link {account} to {}", person.name);
    plan.pinned = input.fields.clone();
    plan.pinned.set("account", account.to_string());
    plan.pinned.set("person", person.to.to_string());
    let roles: BTreeSet<&str> = person.roles.iter().map(Role::as_str).collect();
    plan.subject = [
        ("account", account.to_string()),
        ("person", person.to.to_string()),
        ("staff", person.staff.to_string()),
        ("roles", listed(roles)),
        ("reason", input.reason.clone()),
        ("signed in", signed.unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let effect =
        Effect::LinkAccount { request: asked.request.clone(), account: account.clone(), to: person.to.clone() };
    let says = format!("link {account} to {} ({})", person.name, person.to);
    plan.steps.push(Step { key: format!("link-account:{account}"), says, effect, repeat: Repeat::Same });
    plan
}
