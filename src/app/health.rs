//! Health and metrics over HTTP, for the machine's own monitoring: `/healthz`, `/readyz`, `/metrics`.
//!
//! Beside it, where they are configured, are the webhook of `alertmanager` and the pages of `login`.
//!
//! It changes nothing and knows nobody: counts and states only. Invariant: no name, id or text of a person or
//! customer is in an answer, and each answer comes within `ANSWER_WITHIN`.

pub mod alertmanager;
mod login;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::model::{LeakState, Platform, Severity, State};
use crate::ports::{Counts, Liveness};
use crate::store::StoreError;

use super::wiring::Bot;

/// How long the database may take before it counts as not answering.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// The most requests that are counted per state; more are shown as that many.
const COUNTED_MOST: u32 = 1_000;
/// The states that are open, by the label that they have in the metrics.
const OPEN: [(&str, State); 6] = [
    ("received", State::Received),
    ("asking", State::Asking),
    ("approved", State::Approved),
    ("running", State::Running),
    ("by_hand", State::ByHand),
    ("verifying", State::Verifying),
];

/// Takes the address, so that one that is in use is an error at the start.
///
/// # Errors
/// When it cannot be listened at.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("health.listen: {address} cannot be listened at."))
}

/// Answers until `stop` is true.
pub async fn serve(listener: TcpListener, bot: Arc<Bot>, mut stop: watch::Receiver<bool>) {
    let mut router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics));
    if bot.alertmanager.is_some() {
        router = router.route(alertmanager::PATH, alertmanager::route());
    }
    if bot.signs_in {
        router = login::routes(router);
    }
    let router = router.with_state(bot);
    let stopped = async move {
        // The sender is gone only when the bot is.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
        tracing::error!(error = %error, "health and metrics are no longer served");
    }
}

/// 200 when the database answers and at least one platform is live; says of each platform how it is.
async fn ready(Shared(bot): Shared<Arc<Bot>>) -> impl IntoResponse {
    let store = matches!(tokio::time::timeout(ANSWER_WITHIN, bot.engine.store().outbox_counts()).await, Ok(Ok(_)));
    let mut platforms = Map::new();
    let mut one_live = false;
    for (platform, liveness) in bot.liveness() {
        one_live |= liveness == Liveness::Live;
        let mut shown = match liveness {
            Liveness::Down(why) => json!({ "state": "down", "why": bot.guard.redact(&why) }),
            other => json!({ "state": word(&other) }),
        };
        if let Some(discord) = bot.discord.as_ref().filter(|_| platform == Platform::Discord) {
            let lacks = discord.lacks().iter().map(|why| bot.guard.redact(why).into_owned()).collect::<Vec<_>>();
            if !lacks.is_empty() {
                shown["lacks"] = json!(lacks);
            }
        }
        platforms.insert(platform.name().to_owned(), shown);
    }
    let is_ready = store && one_live;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "store": store, "platforms": Value::Object(platforms) })))
}

const fn word(liveness: &Liveness) -> &'static str {
    match liveness {
        Liveness::Off => "off",
        Liveness::Connecting => "connecting",
        Liveness::Live => "live",
        Liveness::Down(_) => "down",
    }
}

/// Prometheus' text format. Where the database does not answer, its metrics are missing and `store_up` is 0.
async fn metrics(Shared(bot): Shared<Arc<Bot>>) -> impl IntoResponse {
    let mut text = Exposition::default();
    text.family("build_info", "gauge", "The running version.");
    text.sample("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let platforms = bot.liveness();
    text.family("platform_live", "gauge", "1 when the platform is receiving.");
    for (platform, liveness) in &platforms {
        text.sample("platform_live", &[("platform", platform.name())], u64::from(*liveness == Liveness::Live));
    }
    text.family("platform_down", "gauge", "1 when the platform will not come back without an operator.");
    for (platform, liveness) in &platforms {
        let is_down = matches!(liveness, Liveness::Down(_));
        text.sample("platform_down", &[("platform", platform.name())], u64::from(is_down));
    }
    platform_counts(&bot, &mut text);
    watch_counts(&bot, &mut text);
    if let Some(receiver) = &bot.alertmanager {
        let (taken, refused) = receiver.counts();
        text.family("alertmanager_reports_total", "counter", "Reports of Alertmanager, by what became of them.");
        text.sample("alertmanager_reports_total", &[("outcome", "taken")], taken);
        text.sample("alertmanager_reports_total", &[("outcome", "refused")], refused);
    }
    let counted = tokio::time::timeout(ANSWER_WITHIN, store_counts(&bot)).await;
    text.family("store_up", "gauge", "1 when the database answers.");
    text.sample("store_up", &[], u64::from(matches!(counted, Ok(Ok(_)))));
    let counted = match counted {
        Ok(Ok(counted)) => counted.0,
        _ => String::new(),
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text.0 + &counted)
}

/// One of a platform's counters.
type Counter = fn(&Counts) -> u64;

/// What every platform counts.
const COUNTERS: [(&str, &str, Counter); 7] = [
    ("inbox_received_total", "Envelopes handed to the door.", |counts| counts.received),
    ("inbox_unknown_total", "Payloads that are not known.", |counts| counts.unknown),
    ("inbox_overloaded_total", "Envelopes not taken because too many were being answered.", |counts| counts.overloaded),
    ("inbox_unanswered_total", "Envelopes that the door did not answer.", |counts| counts.unanswered),
    ("inbox_late_total", "First answers that came too late.", |counts| counts.late),
    ("inbox_lost_total", "First answers that never reached the platform.", |counts| counts.lost),
    ("sockets_opened_total", "Sockets that were opened.", |counts| counts.opened),
];

fn platform_counts(bot: &Bot, text: &mut Exposition) {
    let remote = bot.chats.0.iter().filter(|(platform, _)| **platform != Platform::Console);
    let counted: Vec<(Platform, Counts)> = remote.map(|(platform, chat)| (*platform, chat.counts())).collect();
    for (name, help, counter) in COUNTERS {
        text.family(name, "counter", help);
        for (platform, counts) in &counted {
            text.sample(name, &[("platform", platform.name())], counter(counts));
        }
    }
}

fn watch_counts(bot: &Bot, text: &mut Exposition) {
    let seen = bot.engine.watched();
    for (name, help, value) in [
        ("watched_messages_total", "Messages that the guard has looked at.", seen.messages),
        ("watched_found_total", "Messages that held something.", seen.found),
        ("watched_files_total", "Files whose content the guard has looked at.", seen.files),
    ] {
        text.family(name, "counter", help);
        text.sample(name, &[], value);
    }
    text.family("watched_files_skipped_total", "counter", "Files that were not read, by the reason.");
    for (why, count) in &seen.skipped {
        text.sample("watched_files_skipped_total", &[("why", &why.replace(' ', "_"))], *count);
    }
}

async fn store_counts(bot: &Bot) -> Result<Exposition, StoreError> {
    let store = bot.engine.store();
    let mut text = Exposition::default();
    let outbox = store.outbox_counts().await?;
    let oldest = u64::try_from(outbox.age_ms(bot.clock.now()) / 1_000).unwrap_or(0);
    for (name, help, value) in [
        ("outbox_owed", "Messages that are still to be sent.", u64::from(outbox.owed)),
        ("outbox_failed", "Messages that were given up.", u64::from(outbox.failed)),
        ("outbox_oldest_seconds", "How long the oldest message has been owed.", oldest),
    ] {
        text.family(name, "gauge", help);
        text.sample(name, &[], value);
    }
    text.family("requests_open", "gauge", "Requests by state, at most 1000 of each.");
    for (word, state) in OPEN {
        let count = store.requests_in(&[state], COUNTED_MOST).await?.len();
        text.sample("requests_open", &[("state", word)], u64::try_from(count).unwrap_or(u64::MAX));
    }
    text.family("leak_cases", "gauge", "Cases of leaked secrets, by state.");
    let cases = store.leak_counts(bot.clock.now()).await?;
    for state in LeakState::ALL {
        let count: u32 = cases.iter().filter(|case| case.state == state).map(|case| case.cases).sum();
        text.sample("leak_cases", &[("state", state.word())], u64::from(count));
    }
    text.family("incidents_open", "gauge", "Incidents that are not closed, by severity. Drills are not counted.");
    let open = store.open_incidents().await?;
    for severity in Severity::ALL {
        let count: u32 = open.iter().filter(|(one, _)| one == severity).map(|(_, count)| count).sum();
        text.sample("incidents_open", &[("severity", severity.word())], u64::from(count));
    }
    text.family("alerts_open", "gauge", "Alerts of which something still fails.");
    text.sample("alerts_open", &[], u64::from(store.open_alerts().await?));
    let (rows, _) = store.audit_head().await?;
    text.family("audit_rows", "gauge", "Rows of the audit trail.");
    text.sample("audit_rows", &[], u64::try_from(rows).unwrap_or(0));
    Ok(text)
}

/// Lines of Prometheus' text format; labels are words of ours and need no escaping.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP seqn_chatops_{name} {help}\n# TYPE seqn_chatops_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let labels: Vec<String> = labels.iter().map(|(label, word)| format!("{label}=\"{word}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "seqn_chatops_{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests;
