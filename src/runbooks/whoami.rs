//! `whoami`: who the bot takes you for, and what you may ask here.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Places, Runbook, TicketRule, Visibility};
use crate::model::{Account, Block, Fields, Plan, Risk, Role, Staff, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

use super::break_glass::ruling;

/// The action.
pub struct WhoAmI;

static DEFINITION: Definition = Definition {
    name: "whoami",
    version: 1,
    family: Family::Seqn,
    summary: "Show who the bot takes you for, your roles, and what you may ask here",
    help: "Use it when something was refused and you wonder why, or after your accounts were linked.",
    example: "whoami",
    options: &[],
    ticket: TicketRule::None,
    role: Role::OBSERVER,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Anywhere,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

/// A person's roles as words.
pub(super) fn roles(staff: &Staff) -> String {
    if staff.roles.is_empty() {
        return "none".into();
    }
    let roles = staff.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(", ");
    if staff.groups.is_empty() {
        return roles;
    }
    let groups = staff.groups.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{roles} ({} {groups})", if staff.groups.len() == 1 { "group" } else { "groups" })
}

#[async_trait]
impl Runbook for WhoAmI {
    type Input = ();
    type Facts = ();

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, _: &Fields) -> Result<(), Vec<FieldError>> {
        Ok(())
    }

    async fn look(&self, _: &Asked<'_>, (): &(), _: &Reads) -> Result<(), PortError> {
        Ok(())
    }

    fn plan(&self, asked: &Asked<'_>, (): &(), (): &()) -> Plan {
        let me = asked.asker;
        let from = |account: &Account| match asked.rights.origin(account) {
            origin if origin.is_empty() => account.to_string(),
            origin => format!("{account}, {origin}"),
        };
        let accounts = me.accounts.iter().map(from).collect();
        // What is ruled alike stands on one line: the catalog is longer than a message.
        let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
        for definition in asked.catalog.definitions() {
            let ruling = ruling(asked, me, definition.name);
            let says = format!("{}: {}", if ruling.may { "yes" } else { "no" }, ruling.because);
            match lines.iter_mut().find(|(known, _)| *known == says) {
                Some((_, names)) => names.push(definition.name),
                None => lines.push((says, vec![definition.name])),
            }
        }
        Plan::answer(
            Tone::Plain,
            format!("You are {}.", me.name),
            vec![
                Block::Fields(vec![("Staff id".into(), me.id.to_string()), ("Roles".into(), roles(me))]),
                Block::Items { heading: "Accounts that are you".into(), items: accounts },
                Block::Items {
                    heading: "What you may ask here".into(),
                    items: lines.into_iter().map(|(says, names)| format!("{}: {says}", names.join(", "))).collect(),
                },
            ],
        )
    }

    fn verify(&self, _: &Asked<'_>, (): &(), _: &Plan, (): &()) -> Verdict {
        Verdict::default()
    }
}
