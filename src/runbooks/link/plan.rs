//! The entries that were found, the choice among them, and the one step that links the chosen ones. Pure.

use crate::catalog::Asked;
use crate::model::{Block, Choice, Effect, Evidence, Incident, Pick, Plan, Repeat, RequestId, Step, Tier, Tone, cut};
use crate::ports::PortError;

use super::super::words::entries;
use super::{Facts, Input};

/// How many entries one message shows.
const SHOWN: usize = 15;
/// How many entries the menu offers one by one: both platforms' menus hold 25.
const MENU: usize = 20;
/// The longest label of a menu's entry, in characters.
const LABEL_CHARS: usize = 70;
/// How many ids the incident's timeline names.
const NAMED: usize = 10;

pub(super) fn plan(asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
    let incident = match &facts.incident {
        Some(None) => {
            let next = "`/incident list` shows those there are.";
            return Plan::answer(Tone::Bad, "There is no such incident.", vec![Block::Text(next.into())]);
        }
        Some(Some(incident)) => Some(incident),
        None => None,
    };
    let mut found: Vec<Evidence> = facts.seqn.iter().flatten().cloned().collect();
    found.extend(facts.authentik.iter().flatten().flatten().cloned());
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    let unread = unread(facts);
    if found.is_empty() {
        return nothing(facts, unread);
    }
    let chosen = match &input.chosen {
        None if found.len() > 1 => return choose(input, &found, unread),
        Some(ids) if !ids.is_empty() => {
            let missing: Vec<&str> =
                ids.iter().filter(|id| !found.iter().any(|one| one.id == **id)).map(String::as_str).collect();
            if !missing.is_empty() {
                let title = format!("I did not find {} there.", missing.join(", "));
                let next = "Check the ids, or widen the time with since and until. Nothing was linked.";
                return Plan { looked: false, ..Plan::answer(Tone::Bad, title, vec![Block::Text(next.into())]) };
            }
            found.into_iter().filter(|one| ids.contains(&one.id)).collect()
        }
        _ => found,
    };
    links(asked, input, chosen, incident, unread)
}

/// Which logs could not be read, as notes.
fn unread(facts: &Facts) -> Vec<Block> {
    let note = |name: &str, error: &PortError| Block::Note(format!("{name} was not read. {}", error.of_look()));
    let seqn = facts.seqn.as_ref().err().map(|error| note("SEQN Auth's audit log", error));
    let authentik = facts.authentik.as_ref().and_then(|read| read.as_ref().err());
    seqn.into_iter().chain(authentik.map(|error| note("Authentik's log", error))).collect()
}

fn nothing(facts: &Facts, unread: Vec<Block>) -> Plan {
    if facts.seqn.is_err() {
        return Plan { looked: false, ..Plan::answer(Tone::Bad, "I could not look. Nothing was linked.", unread) };
    }
    let next = "Widen the time with since and until, or leave out the user. Nothing was linked.";
    let blocks = [Block::Text(next.into())].into_iter().chain(unread).collect();
    Plan::answer(Tone::Plain, format!("The logs have no such entry since {}.", facts.since), blocks)
}

fn line(one: &Evidence) -> String {
    format!("{} {} {} ({})", one.at, one.source, one.action, one.id)
}

fn lines(all: &[Evidence], heading: String) -> Block {
    let mut items: Vec<String> = all.iter().take(SHOWN).map(line).collect();
    if all.len() > SHOWN {
        items.push(format!("and {} more", all.len() - SHOWN));
    }
    Block::Items { heading, items }
}

fn choose(input: &Input, found: &[Evidence], unread: Vec<Block>) -> Plan {
    let all = Choice { value: "all".into(), label: format!("All {}", found.len()), detail: String::new() };
    let one = |one: &Evidence| Choice {
        value: one.id.clone(),
        label: cut(&format!("{} {}", one.source, one.action), LABEL_CHARS),
        detail: one.at.to_string(),
    };
    let choices = [all].into_iter().chain(found.iter().take(MENU).map(one)).collect();
    let several = "Several of them: ask again with `entries=` and their ids, with commas between them.";
    let blocks = [lines(found, "Found, the newest first".into()), Block::Note(several.into())];
    let title = format!("Which of {} belong to {}?", entries(found.len()), input.ticket);
    let mut plan = Plan::answer(Tone::Caution, title, blocks.into_iter().chain(unread).collect());
    plan.tier = Tier::Confirm;
    plan.pinned = input.fields.clone();
    plan.pick = Some(Pick { option: "entries".into(), label: "Choose".into(), choices });
    plan
}

fn links(
    asked: &Asked<'_>,
    input: &Input,
    chosen: Vec<Evidence>,
    incident: Option<&Incident>,
    unread: Vec<Block>,
) -> Plan {
    let number = entries(chosen.len());
    let ids: Vec<&str> = chosen.iter().map(|one| one.id.as_str()).collect();
    let mut title = format!("Link {number} to {}?", input.ticket);
    if let Some(incident) = incident {
        title = format!("Link {number} to {} and {}?", input.ticket, incident.name());
    }
    let blocks = [lines(&chosen, "What will be linked".into())].into_iter().chain(unread).collect();
    let mut plan = Plan::answer(Tone::Caution, title, blocks);
    plan.tier = Tier::Confirm;
    plan.outline = format!("link {number} of the audit logs to {}", input.ticket);
    plan.pinned = input.fields.clone();
    plan.pinned.set("entries", ids.join(","));
    plan.subject = [("org", input.org.to_string()), ("ticket", input.ticket.clone()), ("entries", ids.join(","))]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    let named: Vec<&str> = ids.iter().copied().take(NAMED).collect();
    let more = if ids.len() > NAMED { ", …" } else { "" };
    let says = format!("link: {number} linked to {}: {}{more}", input.ticket, named.join(", "));
    let incident: Option<RequestId> = incident.map(|incident| incident.id.clone());
    plan.subject.extend(incident.iter().map(|id| ("incident".to_owned(), id.to_string())));
    plan.steps.push(Step {
        key: format!("link:{}", input.ticket),
        says: plan.outline.clone(),
        effect: Effect::LinkEntries { request: asked.request.clone(), incident, says, entries: chosen },
        repeat: Repeat::Same,
    });
    plan
}
