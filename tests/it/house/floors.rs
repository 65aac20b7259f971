//! The floors: which module may import which.
//!
//! Invariant: a module that is in no list may be imported by nobody and import nothing, so a new folder has to
//! be given its floor here.

use super::Rule;
use super::source::Source;

/// What each module may import beside itself.
const FLOORS: &[(&str, &[&str])] = &[
    ("guard", &[]),
    ("model", &["guard"]),
    ("ports", &["guard", "model"]),
    ("catalog", &["guard", "model", "ports"]),
    ("policy", &["guard", "model", "ports", "catalog"]),
    ("runbooks", &["guard", "model", "ports", "catalog"]),
    ("incidents", &["guard", "model", "ports", "catalog"]),
    ("commands", &["guard", "model", "ports", "catalog", "incidents"]),
    ("clients", &["guard", "model", "ports", "catalog", "policy", "runbooks", "incidents"]),
    ("store", &["guard", "model", "ports", "catalog", "policy", "runbooks", "incidents"]),
    ("platforms", &["guard", "model", "ports", "catalog", "policy", "runbooks", "incidents"]),
    ("engine", &["guard", "model", "ports", "catalog", "policy", "incidents", "store"]),
    ("app", BELOW_APP),
    ("sandbox", BELOW_SANDBOX),
    ("main", &["app", "sandbox", "guard", "model", "ports", "catalog", "policy", "runbooks", "store", "engine"]),
];

const BELOW_APP: &[&str] = &[
    "guard",
    "model",
    "ports",
    "catalog",
    "policy",
    "runbooks",
    "incidents",
    "commands",
    "clients",
    "store",
    "platforms",
    "engine",
];

/// The desk and its stories run the whole bot; the terminal is a platform that they put together themselves.
const BELOW_SANDBOX: &[&str] =
    &["app", "guard", "model", "ports", "catalog", "policy", "runbooks", "incidents", "store", "engine", "platforms"];

/// The emulators of the sandbox, and what of the sandbox each may import beside itself.
const EMULATORS: &[(&str, &[&str])] = &[
    ("slack", SHARED),
    ("discord", SHARED),
    ("seqn", WITH_WORLD),
    ("authentik", WITH_WORLD),
    ("targets", WITH_WORLD),
    ("world", WITH_WORLD),
    ("receivers", SHARED),
    ("alertmanager", SHARED),
    ("cast", SHARED),
    ("dial", SHARED),
    ("fault", SHARED),
    ("stage", SHARED),
    ("stopwatch", SHARED),
];
const SHARED: &[&str] = &["cast", "dial", "fault", "stage", "stopwatch"];
const WITH_WORLD: &[&str] = &["cast", "dial", "fault", "stage", "stopwatch", "world"];

/// The acting half of the ports: what the catalog may not name.
const ACTING: &[&str] = &["Acts", "SeqnAct", "IdentityAct", "Chat", "Chats", "*"];

/// The platforms, of which none may import another.
const PLATFORMS: &[&str] = &["slack", "discord", "console"];

/// The rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "each module imports only modules below it",
        offences: upwards,
        caught: &[
            ("src/guard/rules.rs", "use crate::model::Platform;"),
            ("src/model/ids.rs", "fn f() { crate::ports::Clock::now() }"),
            ("src/policy/ask.rs", "fn f() { use super::super::runbooks::catalog; }"),
            ("src/catalog/mod.rs", "mod inner { use super::super::policy::Ask; }"),
            ("src/store/open.rs", "fn f() { assert!(crate::clients::http::get(\"x\")); }"),
            ("src/engine/say.rs", "use crate::{model::{Platform}, platforms::slack};"),
            ("src/engine/say.rs", "macro_rules! m { () => { use crate::{clients::http}; } }"),
            ("src/platforms/slack/send.rs", "use crate::store::Store;"),
            ("src/app/mod.rs", "pub use crate::sandbox::cast;"),
            ("src/runbooks/can.rs", "use crate::policy;"),
            ("src/main.rs", "use seqn_chatops::platforms::slack;"),
            ("src/novelty/mod.rs", "use crate::model::Platform;"),
            ("src/model/ids.rs", "use crate::novelty::Thing;"),
            ("src/model/ids.rs", "use crate as everything;"),
            ("src/model/ids.rs", "use super::super::*;"),
        ],
        passed: &[
            ("src/model/ids.rs", "use crate::guard::Redacted; use super::Platform; use crate::model::time;"),
            ("src/engine/say.rs", "use crate::{store::Store, policy}; use super::Engine;"),
            ("src/app/mod.rs", "use crate::platforms::slack; fn f() { super::engine::tick() }"),
            ("src/main.rs", "use seqn_chatops::app; use seqn_chatops::sandbox;"),
        ],
    },
    Rule {
        name: "an emulator imports only model and the sandbox's shared parts",
        offences: emulators,
        caught: &[
            ("src/sandbox/slack/web.rs", "use crate::app::Config;"),
            ("src/sandbox/slack/web.rs", "use crate::guard::Guard;"),
            ("src/sandbox/discord/mod.rs", "use super::slack::SlackSim;"),
            ("src/sandbox/slack/web.rs", "use crate::sandbox::world::World;"),
            ("src/sandbox/world/seed.rs", "use super::super::seqn::SeqnSim;"),
            ("src/sandbox/seqn/read.rs", "fn f() { crate::sandbox::desk::Desk::new() }"),
            ("src/sandbox/dial.rs", "use super::slack::SlackSim;"),
            ("src/sandbox/slack/web.rs", "use crate::sandbox::*;"),
        ],
        passed: &[
            (
                "src/sandbox/slack/web.rs",
                "use crate::model::Platform; use super::state::State; use crate::sandbox::cast;",
            ),
            ("src/sandbox/seqn/read.rs", "use super::super::world::World; use crate::sandbox::dial::Dial;"),
            ("src/sandbox/desk.rs", "use crate::app::Config; use super::slack::SlackSim;"),
        ],
    },
    Rule {
        name: "the catalog names only the reading half of the ports",
        offences: acting_in_catalog,
        caught: &[
            ("src/catalog/runbook.rs", "use crate::ports::{Reads, Acts};"),
            ("src/catalog/runbook.rs", "fn f(p: &dyn crate::ports::SeqnAct) {}"),
            ("src/catalog/runbook.rs", "use crate::ports::*;"),
        ],
        passed: &[
            ("src/catalog/runbook.rs", "use crate::ports::{PortError, Reads};"),
            ("src/engine/execute.rs", "use crate::ports::Acts;"),
        ],
    },
    Rule {
        name: "a platform knows no other platform",
        offences: platforms,
        caught: &[
            ("src/platforms/slack/send.rs", "use crate::platforms::discord::limit::Pacer;"),
            ("src/platforms/discord/send.rs", "use super::super::slack::render;"),
        ],
        passed: &[
            ("src/platforms/slack/send.rs", "use super::render; use crate::platforms::slack::form;"),
            ("src/platforms/mod.rs", "pub use crate::platforms::slack::Slack;"),
        ],
    },
];

/// The paths of this crate that a file names, from below `crate`, with their lines.
fn ours(source: &Source) -> impl Iterator<Item = (usize, &[String])> {
    let paths = source.facts.paths.iter();
    paths.filter(|spot| spot.what[0] == "crate").map(|spot| (spot.line, &spot.what[1..]))
}

fn may<'a>(table: &'a [(&str, &'static [&'static str])], who: &str) -> Option<&'a [&'static str]> {
    table.iter().find(|(name, _)| *name == who).map(|(_, list)| *list)
}

fn upwards(source: &Source) -> Vec<(usize, String)> {
    let from = source.top();
    if from.is_empty() {
        return Vec::new();
    }
    let Some(below) = may(FLOORS, from) else { return vec![(1, format!("`{from}` is on no floor"))] };
    let mut found = Vec::new();
    for (line, path) in ours(source) {
        let to = path.first().map_or("*", String::as_str);
        let known = may(FLOORS, to).is_some();
        if (to == "*" && from != "main") || (to != from && !below.contains(&to) && (known || is_module_name(to))) {
            found.push((line, format!("`{from}` names `crate::{to}`")));
        }
    }
    found
}

/// Types and macros stand at the root only by mistake of ours; modules are lower case.
fn is_module_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
}

fn emulators(source: &Source) -> Vec<(usize, String)> {
    let [first, part, ..] = source.module.as_slice() else { return Vec::new() };
    let Some(shared) = may(EMULATORS, part).filter(|_| first == "sandbox" && !source.top().is_empty()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (line, path) in ours(source) {
        let allowed = match path {
            [top] => top == "model",
            [top, inner, ..] => {
                top == "model" || (top == "sandbox" && (inner == part || shared.contains(&inner.as_str())))
            }
            [] => false,
        };
        if !allowed {
            found.push((line, format!("the emulator `{part}` names `{}`", path.join("::"))));
        }
    }
    found
}

fn acting_in_catalog(source: &Source) -> Vec<(usize, String)> {
    if source.top() != "catalog" {
        return Vec::new();
    }
    let names = ours(source).filter(|(_, path)| path[0] == "ports");
    let acting = names.filter(|(_, path)| path[1..].iter().any(|name| ACTING.contains(&name.as_str())));
    acting.map(|(line, path)| (line, path.join("::"))).collect()
}

fn platforms(source: &Source) -> Vec<(usize, String)> {
    let [first, part, ..] = source.module.as_slice() else { return Vec::new() };
    if first != "platforms" || !PLATFORMS.contains(&part.as_str()) {
        return Vec::new();
    }
    let names = ours(source).filter(|(_, path)| path.len() > 1 && path[0] == "platforms");
    let others = names.filter(|(_, path)| path[1] != *part && PLATFORMS.contains(&path[1].as_str()));
    others.map(|(line, path)| (line, path.join("::"))).collect()
}
