//! What was found of somebody who leaves, as one report: what is still held, what is left open, what ends by itself.

use crate::catalog::Asked;
use crate::model::{Block, Plan, Platform, Role, Tone};

use super::super::whoami::roles;
use super::{Outside, Seen};

/// The lists of the report.
#[derive(Default)]
struct Lists {
    /// Rights, accounts and sign-ins.
    held: Vec<String>,
    /// What somebody else must go on with.
    left: Vec<String>,
    unknown: Vec<String>,
    by_itself: Vec<String>,
}

/// The report.
pub(super) fn report(asked: &Asked<'_>, seen: &Seen) -> Plan {
    let mut lists = Lists::default();
    of_rights(&mut lists, asked, seen);
    of_outside(&mut lists, seen);
    of_work(&mut lists, seen);
    let Lists { held, left, unknown, by_itself } = lists;
    let name = seen.staff.as_ref().map(|staff| staff.name.clone());
    let name = name.or_else(|| seen.held.kept.first().map(|kept| kept.name.clone()));
    let name = name.unwrap_or_else(|| seen.id.to_string());
    let (tone, title) = match (held.len() + left.len(), unknown.is_empty()) {
        (0, true) => (Tone::Good, format!("{name} holds nothing any more.")),
        (0, false) => (Tone::Caution, format!("{name} holds nothing in sight, but not everything could be looked at.")),
        (1, _) => (Tone::Caution, format!("{name}: 1 thing is left to do.")),
        (many, _) => (Tone::Caution, format!("{name}: {many} things are left to do.")),
    };
    let mut blocks = vec![Block::Fields(facts(seen))];
    let items = [
        ("Still held, and how it ends", held),
        ("For somebody else to go on with", left),
        ("Could not be looked at", unknown),
        ("Ends by itself", by_itself),
    ];
    let filled = items.into_iter().filter(|(_, items)| !items.is_empty());
    blocks.extend(filled.map(|(heading, items)| Block::Items { heading: heading.into(), items }));
    let also = "This bot cannot see keys that the person was given elsewhere, servers, and other programs' accounts.";
    blocks.push(Block::Note(also.into()));
    Plan::answer(tone, title, blocks)
}

/// Who it is, and what the person was.
fn facts(seen: &Seen) -> Vec<(String, String)> {
    let mut facts = vec![("Staff id".to_owned(), seen.id.to_string())];
    let held = &seen.held;
    if seen.staff.as_ref().is_none_or(|staff| staff.roles.is_empty()) {
        // How the person was kept last with a role ended when the next was kept.
        let at = held.kept.iter().position(|kept| !kept.roles.is_empty());
        if let Some((was, until)) = at.and_then(|at| Some((held.kept.get(at)?, held.kept.get(at.checked_sub(1)?)?))) {
            let names: Vec<&str> = was.roles.iter().map(Role::as_str).collect();
            facts.push(("Was".into(), format!("{}, until {}", names.join(", "), until.since)));
        }
    }
    let last = held.last.map_or_else(String::new, |at| format!("; last there at {at}"));
    facts.push((
        "In the record".into(),
        format!("{} asked for, {} agreed to{last}", count(held.asked, "request"), held.agreed),
    ));
    facts
}

fn count(number: usize, of: &str) -> String {
    if number == 1 { format!("1 {of}") } else { format!("{number} {of}s") }
}

fn of_rights(lists: &mut Lists, asked: &Asked<'_>, seen: &Seen) {
    let Some(staff) = &seen.staff else { return };
    if !staff.roles.is_empty() {
        let how = if staff.groups.is_empty() {
            "take the person out of the configuration; it counts from the next start"
        } else {
            "take the person out of the groups at Authentik; it counts within a minute, and for an act at once"
        };
        lists.held.push(format!("Roles: {}. Next: {how}.", roles(staff)));
    }
    if asked.rights.breaks_glass(staff).is_some() {
        lists.held.push("May break the glass. Next: take the person out of [break_glass].".into());
    }
    // A terminal needs the machine, and is nobody's to keep.
    for account in staff.accounts.iter().filter(|one| one.platform != Platform::Console) {
        let next = "deactivate it there, and end a link of it with `/staff unlink`";
        lists.held.push(format!("The account {account} {}. Next: {next}.", asked.rights.origin(account)));
    }
    let lost = asked.rights.lost_with(staff);
    lists
        .left
        .extend(lost.into_iter().map(|what| format!("{what} Next: give somebody the right before the person goes.")));
}

fn of_outside(lists: &mut Lists, seen: &Seen) {
    let Some(Outside { email, identity, seqn }) = &seen.outside else {
        lists.unknown.push("Sign-in at Authentik and memberships at SEQN Auth: I know no e-mail of the person.".into());
        return;
    };
    match identity {
        Err(error) => lists.unknown.push(format!("The account at Authentik: {}", error.of_look())),
        Ok(at) => {
            for one in at.found.iter().filter(|one| one.active) {
                let what = format!("May sign in at Authentik as {}.", one.username);
                lists.held.push(format!("{what} Next: an Authentik admin deactivates that user."));
            }
            if at.found.len() > 1 {
                lists.unknown.push("Sessions at Authentik: several users have the person's e-mail.".into());
            }
            let (sessions, tokens, admin) = at.one.unwrap_or_default();
            if sessions + tokens > 0 {
                let (sessions, tokens) = (count(sessions, "session"), count(tokens, "refresh token"));
                let what = format!("At Authentik {sessions} and {tokens} live.");
                lists.held.push(format!("{what} Next: an Authentik admin ends them on the user's page."));
            }
            if admin {
                lists.held.push("Is a platform admin. Next: take the person out of SEQN-A at Authentik.".into());
            }
        }
    }
    match seqn {
        Err(error) => lists.unknown.push(format!("Memberships at SEQN Auth: {}", error.of_look())),
        Ok(people) => {
            for (org, role) in people.iter().flat_map(|person| &person.memberships) {
                let next = format!("an admin of {org} removes {}", email.masked());
                lists.held.push(format!("Is {role} of {org} at SEQN Auth. Next: {next}."));
            }
        }
    }
}

fn of_work(lists: &mut Lists, seen: &Seen) {
    for (id, action, state, since) in &seen.held.open {
        let what = format!("The request {id} for `{action}` is {}, since {since}.", state.word());
        lists.left.push(format!("{what} Next: where it is still needed, somebody else asks for it."));
    }
    for (incident, duty) in &seen.duties {
        lists.left.push(format!("Is {duty} of {incident}. Next: `/incident assign` gives it to somebody else."));
    }
    for (case, ticket) in &seen.cases {
        lists.left.push(format!("Has opened the case {case} for {ticket}. Next: somebody else goes on with it."));
    }
    for glass in &seen.reviews {
        let what = format!("Has broken the glass with {}, which nobody has reviewed.", glass.request);
        lists.left.push(format!("{what} Next: `/audit review {}`.", glass.request));
    }
    for (id, action, due) in &seen.held.ending {
        lists.by_itself.push(format!("What `{action}` changed with {id} is taken back at {due}."));
    }
}
