//! What of a project's configuration does not fit, and the lists that would.
//!
//! Pure. Invariant: the proposal holds every address that was there, but those which are a slip of a given one.

use crate::model::{Block, Next, ProjectChange, Tier};
use crate::ports::{Fault, PortError, Project, Provisioning};

use super::super::card::Card;
use super::compare::{Match, find, side_by_side};
use super::{Facts, Input};

/// What the customer runs in their own backend; it answers with a prefix, never with the key.
const KEY_HEALTH: &str = "curl -sS -H \"Authorization: Bearer $SEQN_AUTH_SECRET_KEY\" \
                          https://accounts.seqn.in/v1/backend/application";

/// Fills the card, and says what would mend the lists; empty where nothing must change.
pub(super) fn judge(card: &mut Card, input: &Input, project: &Project, facts: &Facts) -> ProjectChange {
    of_status(card, input, project, facts);
    let redirects = of_list(card, "redirect URL", &input.redirects, &project.redirects);
    let origins = of_list(card, "origin", &input.origins, &project.origins);
    if (redirects.is_some() || origins.is_some()) && !input.apply {
        card.todo("To write the proposed lists, ask again with apply=yes and the ticket; a second person agrees.");
        let mut next = Next::of("Write the proposed lists", "project-config", &[]).needing(Tier::Second);
        next.fields = input.fields.clone();
        next.fields.set("apply", "yes");
        card.next(next);
    }
    of_key(card, input, project);
    ProjectChange { name: None, redirects, origins }
}

fn of_status(card: &mut Card, input: &Input, project: &Project, facts: &Facts) {
    match project.status.as_str() {
        "active" => card.well("The project is active."),
        other => card.wrong(
            format!("The project is {other}: browsers and backends get 409 application_disabled."),
            "find out who disabled it and why; an admin of SEQN Auth enables it in the hosted console.",
        ),
    }
    match &facts.public {
        None => card.wrong("The project has no publishable key in sight.", "look in the hosted console."),
        Some(Ok(config)) if config.slug == project.slug && config.status == "active" => {
            card.well("Its publishable key loads the public configuration.");
        }
        Some(Ok(config)) => card.wrong(
            format!("Its publishable key loads the project {} of {}, {}.", config.slug, config.org, config.status),
            "the app's publishable key must be this project's.",
        ),
        Some(Err(PortError { fault: Fault::Refused { status: 409, .. }, .. })) if project.status != "active" => {}
        Some(Err(error @ PortError { fault: Fault::NotFound, .. })) => {
            card.wrong(
                format!("No project has its publishable key. {}", error.of_look()),
                "an admin of SEQN Auth looks at it.",
            );
        }
        Some(Err(error)) => card.unknown("The public configuration", error, &facts.console),
    }
    let state = project.provisioning.as_ref().filter(|state| state.status != "ready");
    if let Some(state) = state {
        card.wrong(
            format!("Its provisioning is {}.", state.status),
            format!("`/seqn provisioning {} {}`.", input.org, input.project),
        );
        let known = [("org", input.org.as_str()), ("project", input.project.as_str())];
        card.next(Next::of("Look at the provisioning", "provisioning", &known));
    }
}

/// How a provisioning stands, in one line.
pub(super) fn stands(state: &Provisioning) -> String {
    let since = state.updated.map(|at| format!(" since {at}")).unwrap_or_default();
    let why = match (state.error_status, state.error.as_str()) {
        (None, "") => String::new(),
        (None, error) => format!(": {error}"),
        (Some(status), error) => format!(": Authentik answered {status} {error}").trim_end().to_owned(),
    };
    format!("{}{since}{why}", state.status)
}

/// The mended list; `None` where it needs no mending.
fn of_list(card: &mut Card, what: &str, given: &[String], listed: &[String]) -> Option<Vec<String>> {
    if given.is_empty() {
        card.detail(Block::Items { heading: format!("Each {what} of the project"), items: listed.to_vec() });
        return None;
    }
    let mut mended = listed.to_vec();
    for address in given {
        match find(address, listed) {
            Match::Exact => card.well(format!("The {what} {address} is listed, character by character.")),
            Match::Near { listed: near, differs } => {
                card.wrong(
                    format!("The {what} {address} differs from the listed {near}: {}.", differs.join(", ")),
                    "mend the one that is wrong: the app's environment, or the project's list.",
                );
                card.copy(side_by_side(&near, address));
                match mended.iter_mut().find(|kept| **kept == near && !given.contains(&near)) {
                    Some(slip) => slip.clone_from(address),
                    None => mended.push(address.clone()),
                }
            }
            Match::OtherHost { listed: near } => {
                card.wrong(
                    format!("The {what} {address} is not listed; the likest differs in its host: {near}."),
                    "mend the slip in the app's environment, or add the address to the project's list.",
                );
                card.copy(side_by_side(&near, address));
                mended.push(address.clone());
            }
            Match::Missing => {
                card.wrong(format!("The {what} {address} is not listed."), "add it to the project's list.");
                mended.push(address.clone());
            }
        }
    }
    mended.dedup();
    (mended != listed).then_some(mended)
}

fn of_key(card: &mut Card, input: &Input, project: &Project) {
    if input.key_prefix.is_empty() {
        card.todo(
            "Ask the customer to run the line below in their own backend, and to send `ok` and the prefix alone.",
        );
        card.copy(KEY_HEALTH);
        return;
    }
    let current = project.secret_prefix.as_str();
    let body = current.rsplit('_').next().unwrap_or(current);
    if current.is_empty() {
        card.wrong("SEQN Auth does not say how the project's secret key begins.", "compare it in the hosted console.");
    } else if current.starts_with(&input.key_prefix) || body.starts_with(&input.key_prefix) {
        card.well(format!("The backend's key begins as the project's does ({current})."));
    } else {
        card.wrong(
            format!(
                "The backend's key begins with {}, the project's with {current}: the backend's is an old one.",
                input.key_prefix
            ),
            "the customer deploys the current key. Rotate only if nobody has it any more, or if one was exposed: \
             `/rotate secret`.",
        );
        let known = [("org", input.org.as_str()), ("project", input.project.as_str()), ("cause", "stale")];
        card.next(Next::of("Nobody has the current key: rotate", "rotate-secret", &known));
    }
}
