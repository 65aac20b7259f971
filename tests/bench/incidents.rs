//! What incidents cost: from "send" to the last surface, with many incidents open, and with a surface that is down.
//!
//! Invariant: what did not reach a surface, or reached it twice or out of order, is a broken measurement.

mod fill;
mod hour;
mod many;
mod send;

use std::collections::BTreeMap;

use anyhow::anyhow;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::stage::Stage;
use seqn_chatops::sandbox::targets::{STATUS_REPO, SUPPORT_REPO};

use super::Length;

/// Opens the first incident; the rest is what a form would ask.
const OPEN: &str = "/incident open \"Sign-in is slow\" severity=sev2 impact=\"sign-in takes 30 seconds\" \
                    routes=/auth/login mitigation=\"we look\"";
/// The first number of tickets that the bot has made.
const MADE_FROM: u64 = 9_100;

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    send::measure(length).await?;
    many::measure(length).await?;
    hour::measure().await
}

/// What is typed for an update of the first incident.
fn update(number: usize) -> String {
    format!("/incident update \"update number {number}.\" incident=INC-1")
}

/// How many updates each surface has, in the words of its own emulator.
fn had(desk: &Desk) -> anyhow::Result<BTreeMap<&'static str, usize>> {
    let said = |stage: &dyn Stage| stage.all().iter().filter(|shown| shown.text.contains("(sev2), update ")).count();
    let number = |query: &str| -> anyhow::Result<usize> {
        let text = desk.targets.look(query).ok_or_else(|| anyhow!("nothing is known of {query}"))?;
        Ok(text.parse()?)
    };
    let targets = &desk.targets;
    let comments = |repo: &str, from: u64| -> usize {
        let issues = targets.github.service.issues(repo);
        issues.iter().filter(|issue| issue.number > from).map(|issue| issue.comments.len()).sum()
    };
    let alerts = targets.pagerduty.service.alerts();
    Ok(BTreeMap::from([
        ("Slack room", said(desk.slack.as_ref())),
        ("Discord room", said(desk.discord.as_ref())),
        ("status page", number("status-page updates")?),
        ("Statuspage", number("statuspage updates")?),
        ("PagerDuty", alerts.iter().map(|alert| usize::try_from(alert.triggers).unwrap_or(0)).sum()),
        ("Opsgenie", number("opsgenie notes")?),
        ("ntfy", targets.ntfy.service.messages().len()),
        ("GitHub (Upptime)", comments(STATUS_REPO, 0)),
        ("webhook", targets.webhook.service.received().len()),
        ("tracker", comments(SUPPORT_REPO, MADE_FROM)),
    ]))
}
