//! How long each look takes while every call outside takes 100 ms, and in an organization of any size.
//!
//! The time is taken from the command to the answer on the screen. Invariant: a look that asks more often in a large
//! organization than in a small one is a broken measurement.

use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, ensure};
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::hands::Hands;
use seqn_chatops::sandbox::world::Crowd;

use super::Length;
use super::rig::Rig;
use super::table::{Sorted, Table, ms};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks at the screen: the resolution of the figures.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A look: its name, what is typed, and words of its answer.
type Look = (&'static str, &'static str, &'static str);

const LOOKS: [Look; 9] = [
    ("sign-in", "/seqn sign-in acme jo@acme.example", "from signing in to acme"),
    ("admin-access", "/seqn admin-access acme jo@acme.example", "what admin actions in acme need"),
    ("project-config", "/seqn project-config acme portal", "the configuration of portal in acme"),
    ("provisioning", "/seqn provisioning acme portal", "portal of acme is provisioned"),
    ("subscription", "/seqn subscription acme", "Plan: Pro"),
    ("webhook", "/seqn webhook acme", "with the webhooks of acme"),
    (
        "rate-limit",
        "/seqn rate-limit /v1/config retry-after=30 times=\"12:00:01 12:00:05\"",
        "The caller does not respect Retry-After",
    ),
    ("health", "/seqn health", "Client config (canary)"),
    (
        "revoke-session",
        "/seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1 reason=lost",
        "End one session of jo@acme.example",
    ),
];

/// Members, sessions and log entries of the small and of the large organization.
const SMALL: Crowd = Crowd { members: 10, sessions: 10, entries: 10 };

const fn large(length: Length) -> Crowd {
    match length {
        Length::Short => Crowd { members: 1_000, sessions: 500, entries: 10_000 },
        Length::Full => Crowd { members: 10_000, sessions: 5_000, entries: 100_000 },
    }
}

/// What one look took.
struct Took {
    calls: usize,
    time: Duration,
}

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let (latency, runs) = (Duration::from_millis(length.of(20, 100)), length.of(1, 5));
    let small = looks(SMALL, latency, runs).await?;
    let crowd = large(length);
    let big = looks(crowd, latency, runs).await?;
    let title = format!(
        "looks, each call outside takes {}, {runs} runs each, median; {} and {} members, {} and {} sessions, {} and {} \
         log entries",
        ms(latency),
        SMALL.members,
        crowd.members,
        SMALL.sessions,
        crowd.sessions,
        SMALL.entries,
        crowd.entries
    );
    let columns = ["", "calls", "until the answer", "one after another", "large: calls", "until the answer", "ratio"];
    let mut table = Table::new(&title, &columns);
    for ((name, ..), (few, many)) in LOOKS.iter().zip(small.iter().zip(&big)) {
        ensure!(few.calls == many.calls, "{name} asks {} times, and {} times when it is large", few.calls, many.calls);
        let serial = latency * u32::try_from(few.calls)?;
        let ratio = many.time.as_secs_f64() / few.time.as_secs_f64();
        table.row(vec![
            (*name).into(),
            few.calls.to_string(),
            ms(few.time),
            ms(serial),
            many.calls.to_string(),
            ms(many.time),
            format!("{ratio:.2}"),
        ]);
    }
    table.print();
    Ok(())
}

/// Every look in an organization of that size.
async fn looks(crowd: Crowd, latency: Duration, runs: usize) -> anyhow::Result<Vec<Took>> {
    let rig = Rig::open().await?;
    rig.desk.world.crowd("acme", crowd);
    let (bot, _) = rig.start().await?;
    bot.calm().await?;
    for service in ["seqn", "authentik"] {
        rig.desk.faults.slow(service, latency);
    }
    let mut took = Vec::new();
    for look in LOOKS {
        let mut times = Vec::new();
        let mut calls = Vec::new();
        for _ in 0..runs {
            let before = asked(&rig.desk);
            times.push(once(&rig.desk, look).await?);
            calls.push(asked(&rig.desk) - before);
            bot.calm().await?;
        }
        ensure!(calls.iter().all(|one| *one == calls[0]), "{} asks {calls:?} times", look.0);
        took.push(Took { calls: calls[0], time: Sorted::new(times)?.percentile(50) });
    }
    bot.stop().await?;
    Ok(took)
}

/// How often SEQN Auth and Authentik were asked so far.
fn asked(desk: &Desk) -> usize {
    desk.seqn.requests().len() + desk.authentik.requests().len()
}

/// How many answers with those words Kim sees.
fn seen(kim: &Hands<'_>, words: &str) -> usize {
    kim.sees().iter().filter(|shown| shown.author == "bot" && shown.text.contains(words)).count()
}

/// From the command to its answer. A preview is withdrawn, so that the next one is asked anew.
async fn once(desk: &Desk, (name, typed, words): Look) -> anyhow::Result<Duration> {
    let kim = desk.person("kim").on("slack").within("support");
    let before = seen(&kim, words);
    let began = Instant::now();
    kim.types(typed).await.map_err(|error| anyhow!("{name}: {error}"))?;
    while seen(&kim, words) == before {
        if began.elapsed() > ANSWER_WITHIN {
            bail!("{name} was not answered; on the screen: {:?}", kim.sees().last());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let took = began.elapsed();
    if kim.sees().last().is_some_and(|shown| shown.buttons.iter().any(|label| label == "Cancel")) {
        kim.presses("Cancel").await.map_err(|error| anyhow!("{name}: {error}"))?;
    }
    Ok(took)
}
