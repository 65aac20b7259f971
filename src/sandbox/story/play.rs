//! Plays a story against a desk and writes the transcript: each act, then what is new or changed on
//! anybody's screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, anyhow};

use crate::engine::Stop;
use crate::sandbox::browser;
use crate::sandbox::desk::Desk;
use crate::sandbox::hands::Hands;
use crate::sandbox::keys::KEYS;
use crate::sandbox::receivers::Manner;
use crate::sandbox::sealed::without_sealed;
use crate::sandbox::settings::{self, secret};
use crate::sandbox::stage::{Audience, Shown, ShownKind};

use super::fill::fill;
use super::parse::{Act, Line, Who};

/// How long the bot may take to connect again after its connection was cut: its first pauses are a few seconds.
const AGAIN_WITHIN: Duration = Duration::from_secs(20);
/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What is played, and what was seen of it.
pub struct Player {
    /// The desk.
    pub desk: Desk,
    /// Everything so far.
    pub transcript: String,
    stop: Stop,
    last: BTreeMap<String, (String, String)>,
    seen: BTreeMap<(&'static str, u64), (u32, bool, String)>,
}

/// Plays the whole story. The transcript is whole also when it fails.
///
/// # Errors
/// The first line that could not be done, or whose expectation does not hold.
pub async fn play(player: &mut Player, lines: &[Line]) -> anyhow::Result<()> {
    for line in lines {
        let _ = writeln!(player.transcript, "> {}", line.text);
        player.act(line).await.with_context(|| format!("line {}: {}", line.number, line.text))?;
    }
    Ok(())
}

impl Player {
    /// Starts the bot at that desk.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn new(mut desk: Desk) -> anyhow::Result<Self> {
        let stop = Stop::never();
        desk.start(stop.clone()).await?;
        Ok(Self { desk, transcript: String::new(), stop, last: BTreeMap::new(), seen: BTreeMap::new() })
    }

    async fn act(&mut self, line: &Line) -> anyhow::Result<()> {
        self.perform(&line.act).await?;
        if !line.quietly && !matches!(line.act, Act::Expect(_)) && self.desk.bot().is_ok() {
            self.settle().await?;
        }
        self.write_down();
        Ok(())
    }

    /// Does all that is due; a bot that was told to die in the middle is started again and goes on.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let settled = self.desk.settle().await;
        if self.stop.stopped() {
            self.restart(Stop::never()).await?;
            return self.desk.settle().await;
        }
        settled
    }

    async fn restart(&mut self, stop: Stop) -> anyhow::Result<()> {
        self.desk.crash().await;
        self.stop = stop.clone();
        self.desk.start(stop).await
    }

    fn hands<'a>(desk: &'a Desk, last: &'a mut BTreeMap<String, (String, String)>, who: &'a Who) -> Hands<'a> {
        let entry = last.entry(who.name.clone()).or_insert_with(|| ("slack".into(), "support".into()));
        if let Some(stage) = &who.stage {
            entry.0.clone_from(stage);
        }
        if let Some(channel) = &who.channel {
            entry.1.clone_from(channel);
        }
        desk.person(&who.name).on(&entry.0).within(&entry.1)
    }

    async fn perform(&mut self, act: &Act) -> anyhow::Result<()> {
        let (desk, last) = (&self.desk, &mut self.last);
        match act {
            Act::Types(who, text) => Self::hands(desk, last, who).types(&fill(text)).await?,
            Act::Presses(who, label) => Self::hands(desk, last, who).presses(label).await?,
            Act::PressesAgain(who) => Self::hands(desk, last, who).presses_again().await?,
            Act::Chooses(who, option) => Self::hands(desk, last, who).chooses(&fill(option)).await?,
            Act::Submits(who, values) => {
                let filled: Vec<_> = values.iter().map(|(key, value)| (key.clone(), fill(value))).collect();
                Self::hands(desk, last, who).submits(&filled).await?;
            }
            Act::Edits(who, part, text) => Self::hands(desk, last, who).edits(&fill(part), &fill(text)).await?,
            Act::Deletes(who, part) => Self::hands(desk, last, who).deletes(&fill(part)).await?,
            Act::Reacts(who, emoji, part) => Self::hands(desk, last, who).reacts(emoji, &fill(part)).await?,
            Act::Notes(who, part) => Self::hands(desk, last, who).notes(&fill(part)).await?,
            Act::Shares(who, name, content) => Self::hands(desk, last, who).shares(name, &fill(content)).await?,
            Act::SetsTopic(who, text) => Self::hands(desk, last, who).sets_topic(&fill(text)).await?,
            Act::AppSays(who, text) => Self::hands(desk, last, who).says_app(&fill(text)).await?,
            Act::Redeliver(who) => Self::hands(desk, last, who).redelivered().await?,
            Act::Completes(who, text, want) => {
                let got = Self::hands(desk, last, who).completes(&fill(text)).await?;
                let fine = if want == "nothing" { got.is_empty() } else { got.iter().any(|g| g == want) };
                if !fine {
                    return Err(anyhow!("autocomplete offers {got:?}"));
                }
            }
            Act::SignsIn(who, name, want) => {
                let hands = Self::hands(desk, last, who);
                let seen = hands.sees().into_iter().rev().find_map(|shown| browser::state_in(&shown.text));
                let state = seen.ok_or_else(|| anyhow!("{} sees no link to sign in with", who.name))?;
                let got = browser::signs_in(desk.listens()?, &state, name).await?;
                anyhow::ensure!(got == *want, "the page has the status {got}");
            }
            Act::Advance(ms) => desk.dial.advance_ms(*ms),
            Act::Fault(service, route, kind, times) => desk.faults.arm(service, route, kind.clone(), *times),
            Act::World(words) => world(desk, words)?,
            Act::Alertmanager(words) => report(desk, words).await?,
            Act::Platform(words) => platform(desk, words).await?,
            Act::Crash => self.restart(Stop::never()).await?,
            Act::Away => self.desk.crash().await,
            Act::Back => {
                self.stop = Stop::never();
                self.desk.start(self.stop.clone()).await?;
            }
            Act::CrashAfter(checks) => self.stop.in_checks(*checks),
            Act::SecondProcess => self.desk.second_process_is_refused().await?,
            Act::Expect(words) => {
                let words: Vec<String> = words.iter().map(|w| fill(w)).collect();
                self.expect(&words).await?;
            }
        }
        Ok(())
    }

    /// Adds what is new or changed on any screen to the transcript, in an order that does not depend on timing.
    fn write_down(&mut self) {
        let mut new: Vec<(String, String)> = Vec::new();
        for stage in self.desk.stages() {
            for shown in stage.all() {
                let state = (shown.edits, shown.gone, shown.text.clone());
                let before = self.seen.insert((stage.name(), shown.id), state.clone());
                if before.as_ref() != Some(&state) && matches!(shown.author.as_str(), "bot" | "platform") {
                    new.push((heading(stage.name(), &shown, before.is_some()), body(&shown)));
                }
            }
        }
        new.sort();
        for (heading, body) in new {
            let _ = writeln!(self.transcript, "{heading}\n{body}");
        }
    }
}

fn heading(stage: &str, shown: &Shown, known: bool) -> String {
    let to = match &shown.audience {
        Audience::Only(who) => format!("only {who}"),
        Audience::Direct(who) => format!("direct to {who}"),
        Audience::Channel(name) => format!("#{name}"),
    };
    let how = match (shown.gone, known, shown.kind) {
        (true, _, _) => " (gone)",
        (_, true, _) => " (edited)",
        (_, _, ShownKind::Form) => " (form)",
        (_, _, ShownKind::Notice) => " (notice)",
        _ => "",
    };
    format!("  [{stage} {to}] {}{how}:", shown.author)
}

fn body(shown: &Shown) -> String {
    let mut lines: Vec<String> = without_sealed(&shown.text).lines().map(|l| format!("    {}", settled(l))).collect();
    for (what, names) in [("buttons", &shown.buttons), ("menu", &shown.options), ("fields", &shown.fields)] {
        if !names.is_empty() && !shown.gone {
            lines.push(format!("    ({what}: {})", names.join(" | ")));
        }
    }
    lines.join("\n")
}

/// A line without what differs from play to play: the system's choice of ports, the emulators' count of requests that
/// came at the same time, and the number of a desk's folder for keys.
fn settled(line: &str) -> String {
    let mut out = line.to_owned();
    for (mark, name) in [("127.0.0.1:", "PORT"), ("req_sim_", "N"), (KEYS, "N")] {
        let parts: Vec<&str> = out.split(mark).collect();
        let rest =
            parts[1..].iter().map(|p| format!("{mark}{name}{}", p.trim_start_matches(|c: char| c.is_ascii_digit())));
        out = parts[0].to_owned() + &rest.collect::<String>();
    }
    out
}

fn word(words: &[String], at: usize) -> anyhow::Result<&str> {
    words.get(at).map(String::as_str).ok_or_else(|| anyhow!("a word is missing"))
}

fn world(desk: &Desk, words: &[String]) -> anyhow::Result<()> {
    let on = |at: usize| word(words, at).map(|w| w != "off");
    match word(words, 0)? {
        "add-session" => drop(desk.world.add_session(word(words, 1)?, word(words, 2)?)),
        "add-identity-session" => drop(desk.world.add_identity_session(word(words, 1)?)),
        "rotate" => drop(desk.world.rotate_key(word(words, 1)?, word(words, 2)?)),
        "rotate-webhook" => drop(desk.world.rotate_webhook(word(words, 1)?, word(words, 2)?)),
        "plan" => desk.world.set_plan(word(words, 1)?, word(words, 2)?),
        "remove-user" => desk.world.remove_user(word(words, 1)?),
        "seqn-missing" => desk.seqn.missing(word(words, 1)?, on(2).unwrap_or(true)),
        "seqn-envelope" => desk.seqn.envelope(match word(words, 1)? {
            "flat" => crate::sandbox::seqn::Envelope::Flat,
            "top-level" => crate::sandbox::seqn::Envelope::TopLevel,
            "bare" => crate::sandbox::seqn::Envelope::Bare,
            _ => crate::sandbox::seqn::Envelope::Nested,
        }),
        "rotation" => desk.knobs(|knobs| knobs.rotation = word(words, 1).is_ok_and(|w| w != "off")),
        "handover" => {
            let way = settings::Way::named(word(words, 1)?).ok_or_else(|| anyhow!("no way out is called so"))?;
            desk.knobs(|knobs| knobs.way = way);
        }
        "tracker" => {
            let kind =
                settings::TrackerKind::named(word(words, 1)?).ok_or_else(|| anyhow!("no tracker is called so"))?;
            desk.knobs(|knobs| knobs.tracker = kind);
        }
        "checks" => desk.knobs(|knobs| knobs.checks = word(words, 1).is_ok_and(|w| w != "off")),
        "settings" => {
            let lines: String = words.iter().skip(1).flat_map(|line| [line.as_str(), "\n"]).collect();
            desk.knobs(|knobs| knobs.more = format!("\n{lines}"));
        }
        "identity" => desk.knobs(|knobs| {
            knobs.identity = word(words, 1).is_ok_and(|w| w != "off");
            knobs.login = word(words, 1).is_ok_and(|w| w == "login");
        }),
        "joins" | "leaves" => {
            let there = desk.world.set_member(word(words, 2)?, word(words, 1)?, word(words, 0)? == "joins");
            anyhow::ensure!(there, "Authentik has no such user or group");
        }
        "attribute" => {
            let there = desk.world.set_attribute(word(words, 1)?, word(words, 2)?, &fill(word(words, 3)?));
            anyhow::ensure!(there, "Authentik has no such user");
        }
        "active" => anyhow::ensure!(desk.world.set_active(word(words, 1)?, on(2)?), "Authentik has no such user"),
        "authentik-version" => desk.authentik.version(word(words, 1)?),
        "authentik-blind" => desk.authentik.blind(on(1)?),
        "authentik-not-ready" => desk.authentik.not_ready(on(1)?),
        "ticket" => {
            let number = word(words, 1)?.trim_start_matches(|c: char| !c.is_ascii_digit()).parse()?;
            let open = word(words, 2)? == "open";
            let mut kind = settings::TrackerKind::default();
            desk.knobs(|knobs| kind = knobs.tracker);
            let (github, rt) = (&desk.targets.github.service, &desk.targets.request_tracker.service);
            let there = match kind {
                settings::TrackerKind::Github => github.set_open(crate::sandbox::targets::SUPPORT_REPO, number, open),
                settings::TrackerKind::RequestTracker => rt.set_status(number, if open { "open" } else { "resolved" }),
            };
            anyhow::ensure!(there, "the tracker has no such ticket");
        }
        "receiver" => {
            let manner = Manner::named(word(words, 2)?).ok_or_else(|| anyhow!("no receiver is so"))?;
            desk.receivers.be(word(words, 1)?, manner)?;
        }
        "issuer-wrong" => desk.authentik.issuer_wrong(on(1)?),
        other => return Err(anyhow!("the world knows no `{other}`")),
    }
    Ok(())
}

/// What an Alertmanager reports has to be taken, and what a stranger reports must not be.
async fn report(desk: &Desk, words: &[String]) -> anyhow::Result<()> {
    let pair = |text: &String| text.split_once('=').map(|(label, value)| (label.to_owned(), fill(value)));
    let labels: Vec<(String, String)> = words.iter().skip(2).filter_map(pair).collect();
    let token = secret("ALERTMANAGER_TOKEN").ok_or_else(|| anyhow!("the sandbox has no token"))?;
    let (body, token, want) = match word(words, 0)? {
        "fires" => (desk.alertmanager.fires(word(words, 1)?, &labels), token, 200),
        "resolves" => {
            let body = desk.alertmanager.resolves(word(words, 1)?).ok_or_else(|| anyhow!("it never fired"))?;
            (body, token, 200)
        }
        "repeats" => (desk.alertmanager.repeats(), token, 200),
        "stranger" => (desk.alertmanager.repeats(), format!("{token}x"), 401),
        other => return Err(anyhow!("an Alertmanager cannot `{other}`")),
    };
    let status = desk.notifies(&body, &token).await?;
    anyhow::ensure!(status == want, "the bot answered {status}");
    Ok(())
}

async fn platform(desk: &Desk, words: &[String]) -> anyhow::Result<()> {
    let before = meetings(desk);
    match (word(words, 0)?, word(words, 1)?) {
        ("slack", "disconnect") => desk.slack.send_disconnect(word(words, 2)?),
        ("slack", "drop") => desk.slack.drop_sockets(),
        ("slack", "forgets") => {
            desk.slack.forgets();
            return Ok(());
        }
        ("slack", "garbage") => {
            desk.slack.raw_envelope(&serde_json::json!({ "type": "nonsense", "payload": [1, 2, 3] }));
            return Ok(());
        }
        ("slack", "no-rooms") => {
            desk.slack.restrict_channels(true);
            return Ok(());
        }
        ("discord", "no-channels") => {
            desk.discord.bot_may_open(true, false);
            return Ok(());
        }
        ("discord", "no-rooms") => {
            desk.discord.bot_may_open(false, false);
            return Ok(());
        }
        ("discord", "close") => desk.discord.close(words.get(2).and_then(|c| c.parse().ok())),
        ("discord", "drop") => desk.discord.drop_sockets(),
        // A gateway frame that cannot be read ends the connection; it is resumed.
        ("discord", "garbage") => desk.discord.raw_frame("{\"op\": 99, not json".into()),
        (name, what) => return Err(anyhow!("{name} knows no `{what}`")),
    }
    met_again(desk, before).await
}

/// How often the bot has come to a platform so far.
fn meetings(desk: &Desk) -> usize {
    let opened = desk.slack.requests().iter().filter(|(line, _)| line.contains("apps.connections.open")).count();
    opened + desk.discord.identifies() + desk.discord.resumes()
}

async fn met_again(desk: &Desk, before: usize) -> anyhow::Result<()> {
    let meeting = async {
        while meetings(desk) <= before || desk.slack.connections() == 0 || desk.discord.live_sessions() == 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(AGAIN_WITHIN, meeting).await.context("the bot did not connect again")
}
