//! The plan: what would end, in which order, and what is said before anybody agrees.

use std::collections::BTreeMap;

use crate::catalog::Asked;
use crate::model::{Block, Choice, Effect, Pick, Plan, Repeat, SessionId, Step, Tier, Tone};
use crate::ports::{Fault, Identity, IdentitySession, PortError, RefreshToken, SeqnSession, SessionStatus};

use super::super::words::count;
use super::look::{Facts, Who};
use super::words::{identity_session, session, session_detail, session_label, token};
use super::{AT_MOST, Input, Which, review};

/// How many more targets than were seen an agreement to `all` covers: a person signs in a few times meanwhile.
const MARGIN: u32 = 5;
/// The most sessions in the menu: one entry less than a menu holds, for `all`.
const MENU: usize = 24;

const FINAL: &str = "This cannot be undone: the person has to sign in again.";
const SILENT: &str = "This ends one SEQN session only. While Authentik still knows the person, they may be signed in \
                      again silently. To force a new sign-in, use `session=all`.";
const EVERYWHERE: &str = "Authentik's sessions and tokens are the identity's, not this organization's: the person is \
                          signed out of everything that uses this identity.";

pub(super) fn plan(asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
    let mut plan = match (&facts.by_hand, &facts.sessions) {
        (Some(_), _) => by_hand(input, facts),
        (None, Err(error)) => return no_sessions(input, error),
        (None, Ok(all)) => match &input.which {
            Which::All => everything(input, facts),
            Which::One(id) => one(input, all, id),
            Which::Latest => match facts.active().first() {
                Some(newest) => one(input, all, &newest.id),
                None => nothing_active(input, facts),
            },
            Which::Ask if facts.active().is_empty() => nothing_active(input, facts),
            Which::Ask => ask(input, facts),
        },
    };
    plan.evidence = review::evidence(asked, input, facts);
    if !plan.steps.is_empty() || plan.pick.is_some() {
        plan.blocks.extend(review::blocks(facts, &plan.evidence, input.window_hours, false));
    }
    plan
}

fn no_sessions(input: &Input, error: &PortError) -> Plan {
    let title = match error.fault {
        Fault::NotFound => format!("SEQN Auth knows no user {} in the organization {}.", input.user, input.org),
        _ => "The sessions could not be looked up. Nothing was changed.".into(),
    };
    let next = match error.fault {
        Fault::NotFound => "Check the organization slug and the e-mail address with the customer.",
        _ if error.passing() => "Ask again in a moment; `/seqn health` shows how SEQN Auth is.",
        _ => "An operator must mend this before it can be asked again.",
    };
    let blocks = vec![Block::Text(error.of_look()), Block::Text(next.into())];
    Plan { looked: false, ..Plan::answer(Tone::Bad, title, blocks) }
}

fn base(input: &Input, tier: Tier, title: String, outline: String) -> Plan {
    let mut plan = Plan::answer(Tone::Caution, title, Vec::new());
    plan.tier = tier;
    plan.outline = outline;
    plan.pinned = input.fields.clone();
    plan.subject = BTreeMap::from([
        ("org".to_owned(), input.org.to_string()),
        ("user".to_owned(), input.user.as_str().to_lowercase()),
    ]);
    plan
}

fn end_session(input: &Input, s: &SeqnSession) -> Step {
    Step {
        key: format!("seqn-session:{}", s.id),
        says: format!("End the SEQN session {}", session(s)),
        effect: Effect::EndSession { org: input.org.clone(), email: input.user.to_string(), session: s.id.clone() },
        repeat: Repeat::Same,
    }
}

/// Ends one of Authentik's sessions.
fn end_identity_session(identity: &Identity, s: &IdentitySession) -> Step {
    Step {
        key: format!("authentik-session:{}", s.uuid),
        says: format!("End the Authentik session {}", identity_session(s)),
        effect: Effect::EndIdentitySession {
            identity: identity.id,
            username: identity.username.clone(),
            uuid: s.uuid.clone(),
        },
        repeat: Repeat::Same,
    }
}

fn end_token(identity: &Identity, t: &RefreshToken) -> Step {
    Step {
        key: format!("authentik-refresh-token:{}", t.id),
        says: format!("End the refresh token {}", token(t)),
        effect: Effect::EndRefreshToken { identity: identity.id, token: t.id },
        repeat: Repeat::Same,
    }
}

/// The steps that end all of it, in the order that leaves no way back in: identity first.
pub(super) fn all_steps(input: &Input, facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Ok(Who::One { identity, sessions, tokens }) = &facts.who {
        steps.extend(sessions.iter().flatten().map(|s| end_identity_session(identity, s)));
        steps.extend(tokens.iter().flatten().map(|t| end_token(identity, t)));
    }
    if facts.by_hand.is_none() {
        steps.extend(facts.active().into_iter().map(|s| end_session(input, s)));
    }
    steps
}

fn one(input: &Input, all: &[SeqnSession], id: &SessionId) -> Plan {
    let Some(found) = all.iter().find(|s| s.id == *id) else {
        let why = "It may belong to another organization or another user, or be long gone. Without `session=` you choose from the active ones.";
        let title = format!("{} has no session {id} in {}.", input.user, input.org);
        return Plan { looked: false, ..Plan::answer(Tone::Bad, title, vec![Block::Text(why.into())]) };
    };
    let ended = match found.status {
        SessionStatus::Active => None,
        SessionStatus::Revoked => Some("was already revoked"),
        SessionStatus::Expired => Some("had already expired"),
    };
    if let Some(how) = ended {
        let title = format!("The session {id} {how}. Nothing was changed.");
        return Plan::answer(Tone::Good, title, vec![Block::Text(session(found))]);
    }
    let title = format!("End one session of {} in {}?", input.user, input.org);
    let outline = format!("end 1 session of {} in {}", input.user.masked(), input.org);
    let mut plan = base(input, Tier::Confirm, title, outline);
    plan.subject.insert("session".into(), id.to_string());
    plan.pinned.set("session", id.as_str());
    plan.steps = vec![end_session(input, found)];
    plan.blocks = vec![
        Block::Items { heading: "What will end".into(), items: vec![format!("SEQN session {}", session(found))] },
        Block::Text(SILENT.into()),
        Block::Text(FINAL.replace("has to", "may have to")),
    ];
    plan
}

fn ask(input: &Input, facts: &Facts) -> Plan {
    let active = facts.active();
    let title = format!("Which session of {} in {} shall end?", input.user, input.org);
    let mut plan = base(input, Tier::Confirm, title, String::new());
    let entry =
        |s: &&SeqnSession| Choice { value: s.id.to_string(), label: session_label(s), detail: session_detail(s) };
    let mut choices: Vec<Choice> = active.iter().take(MENU).map(entry).collect();
    choices.push(Choice {
        value: "all".into(),
        label: "Everything that keeps the person signed in".into(),
        detail: "Authentik sessions, refresh tokens and SEQN sessions; a second person must agree".into(),
    });
    let heading = format!("{} in {}", count(active.len(), "active session"), input.org);
    plan.blocks =
        vec![Block::Items { heading, items: active.iter().map(|s| session(s)).collect() }, identity_line(facts)];
    if active.len() > MENU {
        plan.blocks
            .push(Block::Note(format!("The menu holds the {MENU} used last. Others: ask again with `session=<id>`.")));
    }
    plan.pick = Some(Pick { option: "session".into(), label: "Choose a session".into(), choices });
    plan
}

fn identity_line(facts: &Facts) -> Block {
    Block::Text(match &facts.who {
        Err(error) => format!("Authentik could not be looked at. {}", error.of_look()),
        Ok(Who::Nobody) => "Authentik has no identity with this e-mail.".into(),
        Ok(Who::Several(all)) => {
            let names: Vec<&str> = all.iter().map(|i| i.username.as_str()).collect();
            format!("Authentik has {} identities with this e-mail: {}.", all.len(), names.join(", "))
        }
        Ok(Who::One { identity, sessions, tokens }) => {
            let say = |r: Result<usize, &PortError>, what: &str| {
                r.map_or_else(|e| format!("{what}s unknown ({e})"), |n| count(n, what))
            };
            let (sessions, tokens) = (sessions.as_ref().map(Vec::len), tokens.as_ref().map(Vec::len));
            let state = if identity.active { "" } else { ", deactivated" };
            format!(
                "Authentik identity {}{state}: {}, {}.",
                identity.username,
                say(sessions, "session"),
                say(tokens, "refresh token")
            )
        }
    })
}

fn nothing_active(input: &Input, facts: &Facts) -> Plan {
    let next = "If the person must be signed out of Authentik too, ask again with `session=all`.";
    let mut blocks = vec![identity_line(facts), Block::Text(next.into())];
    // A mistyped address has no sessions either.
    let none_ever = facts.sessions.iter().flatten().next().is_none();
    let (tone, title) = if none_ever {
        blocks.insert(
            0,
            Block::Text(
                "Check the spelling: SEQN Auth lists no session of this address, not even an ended one.".into(),
            ),
        );
        (Tone::Caution, format!("{} has, or had, no session in {}. Nothing was changed.", input.user, input.org))
    } else {
        (Tone::Good, format!("{} has no active session in {}. Nothing was changed.", input.user, input.org))
    };
    Plan { looked: !none_ever, ..Plan::answer(tone, title, blocks) }
}

/// Why `all` cannot be planned: who the identity is must be known.
fn no_identity(input: &Input, facts: &Facts) -> Option<Plan> {
    let (title, why) = match &facts.who {
        Err(error) => ("Authentik could not be looked at. Nothing was changed.".to_owned(), error.of_look()),
        Ok(Who::Several(_)) => (
            format!("Several Authentik identities share {}. Nothing was changed.", input.user),
            "Which one is the customer's must be settled first, in Authentik. Single SEQN sessions can be ended meanwhile.".into(),
        ),
        Ok(Who::One { sessions: Err(error), .. } | Who::One { tokens: Err(error), .. }) => {
            ("Not everything could be looked at. Nothing was changed.".to_owned(), error.of_look())
        }
        Ok(Who::Nobody | Who::One { .. }) => return None,
    };
    Some(Plan { looked: false, ..Plan::answer(Tone::Bad, title, vec![identity_line(facts), Block::Text(why)]) })
}

fn everything(input: &Input, facts: &Facts) -> Plan {
    if let Some(answer) = no_identity(input, facts) {
        return answer;
    }
    let steps = all_steps(input, facts);
    if steps.is_empty() {
        let title = format!("Nothing keeps {} signed in to {}. Nothing was changed.", input.user, input.org);
        return Plan::answer(Tone::Good, title, vec![identity_line(facts)]);
    }
    let outline = format!("end every session of {} in {}, and the identity's sign-ins", input.user.masked(), input.org);
    let title = format!("End everything that keeps {} signed in?", input.user);
    let mut plan = base(input, Tier::Second, title, outline);
    pin_all(&mut plan, input, facts, steps.len());
    plan.blocks = vec![
        Block::Items {
            heading: "What will end, in this order".into(),
            items: steps.iter().map(|s| s.says.clone()).collect(),
        },
        Block::Text(format!("{EVERYWHERE} {FINAL}")),
        Block::Note(
            "Sessions that appear before it has run are ended too, within the number above, and listed.".into(),
        ),
    ];
    if matches!(facts.who, Ok(Who::Nobody)) {
        plan.blocks.push(Block::Text(
            "Authentik has no identity with this e-mail, so whether the person must sign in again cannot be confirmed."
                .into(),
        ));
    }
    plan.steps = steps;
    plan
}

fn pin_all(plan: &mut Plan, input: &Input, facts: &Facts, targets: usize) {
    let seen = u32::try_from(targets).unwrap_or(u32::MAX);
    let most = input.at_most.filter(|most| seen <= *most).unwrap_or_else(|| seen.saturating_add(MARGIN));
    let identity = match &facts.who {
        Ok(Who::One { identity, .. }) => identity.id.to_string(),
        _ => "none".into(),
    };
    plan.subject.insert("identity".into(), identity);
    plan.subject.insert("targets".into(), "every active session and refresh token".into());
    plan.at_most = Some(most);
    plan.pinned.set(AT_MOST, most.to_string());
    plan.pinned.set("session", "all");
}

/// Console mode: a person ends the SEQN sessions in the hosted console; Authentik is still ours for `all`.
fn by_hand(input: &Input, facts: &Facts) -> Plan {
    let Some(console) = &facts.by_hand else { return Plan::answer(Tone::Bad, "Nothing to do by hand.", Vec::new()) };
    let all = input.which == Which::All;
    if all && let Some(answer) = no_identity(input, facts) {
        return answer;
    }
    let which = match &input.which {
        Which::All => "every active session".to_owned(),
        Which::Latest => "the session that was used last".to_owned(),
        Which::One(id) => format!("the session {id}"),
        Which::Ask => "the session that the customer means".to_owned(),
    };
    let todo =
        format!("Open the sessions view of the organization {}, find {}, and revoke {which}.", input.org, input.user);
    let title = format!("End {which} of {} by hand?", input.user);
    let outline = format!(
        "end {} of {} in {} by hand",
        if all { "every session" } else { "1 session" },
        input.user.masked(),
        input.org
    );
    let mut plan = base(input, if all { Tier::Second } else { Tier::Confirm }, title, outline);
    let mut steps = if all { all_steps(input, facts) } else { Vec::new() };
    steps.push(Step {
        key: "seqn-console".into(),
        says: format!("By hand in the hosted console: {todo}"),
        effect: Effect::ByHand { url: console.url.clone(), todo },
        repeat: Repeat::AskFirst,
    });
    plan.subject.insert("by-hand".into(), which);
    if all {
        pin_all(&mut plan, input, facts, steps.len());
    }
    plan.blocks = vec![
        Block::Text(format!(
            "{} So a person does that part in the hosted console, and I check and record it.",
            console.why
        )),
        Block::Items {
            heading: "What will be done, in this order".into(),
            items: steps.iter().map(|s| s.says.clone()).collect(),
        },
        Block::Text(if all { format!("{EVERYWHERE} {FINAL}") } else { SILENT.to_owned() }),
    ];
    plan.steps = steps;
    plan
}
