//! Which outside crate may stand where, and where nothing waits.
//!
//! Invariant: a crate of the list is named only below its places; pure modules do no I/O and await nothing.

use super::Rule;
use super::source::Source;

/// Outside crates and the beginnings of the paths of the files that may name them.
const PLACES: &[(&str, &[&str])] = &[
    ("sqlx", &["src/store/"]),
    (
        "reqwest",
        &[
            "src/clients/",
            "src/platforms/slack/http.rs",
            "src/platforms/slack/send",
            "src/platforms/download.rs",
            "src/platforms/slack/admin.rs",
            "src/platforms/discord/http.rs",
            "src/platforms/discord/send",
        ],
    ),
    ("serenity", &["src/platforms/discord/"]),
    ("slack_morphism", &["src/platforms/slack/"]),
    ("axum", &["src/sandbox/", "src/app/health"]),
    ("anyhow", &["src/app/", "src/main.rs", "src/sandbox/"]),
    (
        "tokio_tungstenite",
        &[
            "src/platforms/slack/stream",
            "src/platforms/slack/link",
            "src/platforms/discord/stream",
            "src/platforms/discord/link",
            "src/sandbox/",
        ],
    ),
    ("clap", &["src/main.rs", "src/app/"]),
    ("tracing_subscriber", &["src/app/"]),
    ("toml", &["src/app/"]),
    ("minijinja", &["src/incidents/templates"]),
];

/// Where tests beside the code may name a crate that the code may not: their small servers answer with it.
const TEST_PLACES: &[(&str, &[&str])] =
    &[("axum", &["src/clients/", "src/platforms/"]), ("tokio_tungstenite", &["src/platforms/"])];

/// The modules that do no I/O and await nothing.
const PURE: &[&str] = &["guard", "model", "catalog", "policy", "incidents"];
/// The one file of them that may: the trait of runbooks, whose `look` is async.
const PLUMBING: &str = "src/catalog/runbook.rs";
/// What does I/O or waits.
const OUTSIDE: &[&[&str]] = &[
    &["tokio"],
    &["futures_util"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "env"],
    &["std", "time", "SystemTime"],
    &["std", "time", "Instant"],
];
/// Where the clock of the machine may be asked: everybody else is given a `Clock`.
const CLOCKS: &[&str] = &["src/app/", "src/main.rs", "src/sandbox/"];

/// The rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "each outside crate has its place",
        offences: misplaced,
        caught: &[
            ("src/engine/mod.rs", "use sqlx::Row;"),
            ("src/platforms/slack/read.rs", "fn f() { reqwest::Client::new() }"),
            ("src/platforms/slack/read.rs", "use serenity::all as s;"),
            ("src/clients/http.rs", "fn f() { anyhow::bail!(\"x\") }"),
            ("src/app/wiring.rs", "use axum::Router;"),
            ("src/platforms/discord/http.rs", "use ::tokio_tungstenite::connect_async;"),
            ("src/clients/http.rs", "use axum::Router;"),
            ("src/store/open.rs", "fn f() { let _ = vec![slack_morphism::api::f()]; }"),
            ("src/incidents/fanout.rs", "use minijinja::Environment;"),
        ],
        passed: &[
            ("src/store/open.rs", "use sqlx::Row;"),
            ("src/app/health.rs", "use axum::Router;"),
            ("src/platforms/discord/stream.rs", "use tokio_tungstenite::connect_async;"),
            ("src/clients/http.rs", "#[cfg(test)] mod tests { use axum::Router; }"),
            ("src/engine/mod.rs", "fn f(toml: u8) -> u8 { toml }"),
        ],
    },
    Rule {
        name: "pure modules do no I/O and await nothing",
        offences: impure,
        caught: &[
            ("src/guard/mod.rs", "async fn f() {}"),
            ("src/model/ids.rs", "fn f() { let _ = async { 1 }; }"),
            ("src/policy/ask.rs", "fn f() { g().await }"),
            ("src/catalog/parse.rs", "use std::fs;"),
            ("src/guard/detect.rs", "fn f() { std::env::var(\"X\") }"),
            ("src/incidents/mod.rs", "use tokio::sync::Notify;"),
            ("src/policy/ask.rs", "fn f() { assert!(g().await) }"),
            ("src/catalog/runbook.rs", "use std::net::TcpStream;"),
        ],
        passed: &[
            ("src/catalog/runbook.rs", "trait T { async fn look(&self); }"),
            ("src/guard/mod.rs", "use std::fmt; use std::collections::BTreeMap;"),
            ("src/engine/mod.rs", "use tokio::sync::Notify; async fn f() { g().await }"),
        ],
    },
    Rule {
        name: "the time comes from the clock that one was given",
        offences: clocks,
        caught: &[
            ("src/engine/remind.rs", "fn f() { std::time::SystemTime::now() }"),
            ("src/store/timer.rs", "use std::time::SystemTime; fn f() { SystemTime::now() }"),
            ("src/runbooks/can.rs", "use time::OffsetDateTime; fn f() { OffsetDateTime::now_utc() }"),
        ],
        passed: &[
            ("src/app/wiring.rs", "fn f() { std::time::SystemTime::now() }"),
            ("src/engine/remind.rs", "fn f(clock: &dyn Clock) { clock.now() }"),
        ],
    },
];

fn misplaced(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let among = |table: &'static [(&str, &[&str])], name: &str| {
        let row = table.iter().find(|(listed, _)| *listed == name);
        row.map(|(_, places)| places.iter().any(|place| source.path.starts_with(place)))
    };
    for spot in source.facts.paths.iter().filter(|spot| source.path.starts_with("src/") && spot.what.len() > 1) {
        let name = spot.what[0].as_str();
        let for_tests = spot.test && among(TEST_PLACES, name) == Some(true);
        if among(PLACES, name) == Some(false) && !for_tests {
            found.push((spot.line, format!("`{name}` has no place here")));
        }
    }
    found
}

fn impure(source: &Source) -> Vec<(usize, String)> {
    if !PURE.contains(&source.top()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if source.path != PLUMBING {
        found.extend(source.facts.waits.iter().filter(|spot| !spot.test).map(|spot| (spot.line, "it waits".into())));
    }
    for spot in source.facts.paths.iter().filter(|spot| !spot.test && spot.what.len() > 1) {
        let begins = |outside: &&&[&str]| {
            spot.what.len() >= outside.len() && outside.iter().zip(&spot.what).all(|(a, b)| a == b)
        };
        if OUTSIDE.iter().any(|outside| begins(&outside)) {
            found.push((spot.line, format!("`{}`", spot.what.join("::"))));
        }
    }
    found
}

fn clocks(source: &Source) -> Vec<(usize, String)> {
    if source.top().is_empty() || CLOCKS.iter().any(|place| source.path.starts_with(place)) {
        return Vec::new();
    }
    let running = source.facts.paths.iter().filter(|spot| !spot.test);
    let asked = running.filter(|spot| match spot.what.as_slice() {
        [.., owner, call] => {
            (owner == "SystemTime" && call == "now") || (owner == "OffsetDateTime" && call.starts_with("now"))
        }
        _ => false,
    });
    asked.map(|spot| (spot.line, spot.what.join("::"))).collect()
}
