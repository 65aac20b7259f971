//! The real Discord client against the emulator: what a person does comes in, what the door says comes out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use seqn_chatops::guard::{FingerprintKey, Guard, Redacted, Secret};
use seqn_chatops::model::{
    Account, Ack, Address, AnswerMode, Control, Envelope, Field, FieldKind, Form, Happening, Message, Millis, Place,
    Platform, Press, Style, Suggestion, Tone, Verb,
};
use seqn_chatops::platforms::discord::{Discord, DiscordConfig};
use seqn_chatops::ports::{Chat, Clock, Door, Fault, Liveness};
use seqn_chatops::sandbox::cast::{DISCORD_GUILD, by_name, channel};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::discord::DiscordSim;
use seqn_chatops::sandbox::fault::{FaultKind, Faults};
use seqn_chatops::sandbox::stage::{Audience, Shown, ShownKind, Stage};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

/// Far more than loopback needs.
const PATIENCE: Duration = Duration::from_secs(30);
const TOKEN: &str = "bot-token";

struct DialClock(Dial);

impl Clock for DialClock {
    fn now(&self) -> Millis {
        Millis(self.0.now_ms())
    }
}

/// A door that gives prepared answers and shows what came.
pub struct Script {
    acks: Mutex<VecDeque<Ack>>,
    came: mpsc::Sender<Envelope>,
    /// How often it was told that something was missed.
    pub gaps: AtomicUsize,
    /// While it is true nothing is taken in.
    pub shut: watch::Sender<bool>,
}

#[async_trait]
impl Door for Script {
    async fn receive(&self, envelope: Envelope) -> Ack {
        let _ = self.shut.subscribe().wait_for(|shut| !*shut).await;
        self.came.send(envelope).await.expect("the test listens");
        self.acks.lock().expect("whole").pop_front().unwrap_or(Ack::Nothing)
    }

    async fn keeps_notes(&self, place: &Place) -> bool {
        channel("random").is_none_or(|random| random.discord.to_string() != place.channel)
    }

    async fn gap(&self, platform: Platform) {
        assert_eq!(platform, Platform::Discord);
        self.gaps.fetch_add(1, Ordering::SeqCst);
    }
}

/// The client, the emulator, and a door of our own.
pub struct World {
    pub sim: Arc<DiscordSim>,
    pub faults: Faults,
    dial: Dial,
    pub discord: Arc<Discord>,
    pub script: Arc<Script>,
    came: mpsc::Receiver<Envelope>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

fn commands() -> Value {
    json!([{"type": 3, "name": "Add to the incident's timeline"}, {"name": "seqn", "description": "Ask SEQN", "options": [
        {"type": 1, "name": "find", "description": "Find somebody", "options": [
            {"type": 3, "name": "org", "description": "Which", "autocomplete": true},
        ]},
    ]}])
}

fn guard() -> Guard {
    Guard::new(FingerprintKey::new([3; 32]))
}

pub async fn world() -> World {
    let (dial, faults) = (Dial::still(), Faults::default());
    let sim = emulator(&dial, &faults).await;
    world_of(sim, dial, faults, false).await
}

/// The emulator alone.
pub async fn emulator(dial: &Dial, faults: &Faults) -> Arc<DiscordSim> {
    DiscordSim::start(dial.clone(), faults.clone(), TOKEN.into()).await.expect("loopback is there")
}

/// The client at that emulator, live.
pub async fn world_of(sim: Arc<DiscordSim>, dial: Dial, faults: Faults, automod: bool) -> World {
    let config = DiscordConfig {
        api_base: sim.base_url(),
        gateway: None,
        guild: DISCORD_GUILD,
        token: Secret::new(TOKEN),
        content: true,
        automod,
        incidents: channel("incidents").map(|c| c.discord),
        note_emoji: "📌".into(),
    };
    let discord = Discord::new(config, guard(), Arc::new(DialClock(dial.clone()))).expect("a good configuration");
    let (sender, came) = mpsc::channel(3_000);
    let (gaps, shut) = (AtomicUsize::new(0), watch::Sender::new(false));
    let script = Arc::new(Script { acks: Mutex::default(), came: sender, gaps, shut });
    let (stop, stopping) = watch::channel(false);
    let (client, door) = (Arc::clone(&discord), Arc::clone(&script) as Arc<dyn Door>);
    let task = tokio::spawn(async move { client.run(door, commands(), stopping).await });
    let world = World { sim, faults, dial, discord, script, came, stop, task };
    world.until(|w| w.discord.liveness() == Liveness::Live).await;
    world
}

impl World {
    pub async fn until(&self, reached: impl Fn(&Self) -> bool) {
        let polled = async {
            while !reached(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, polled).await.expect("in time");
    }

    fn answers(&self, ack: Ack) {
        self.script.acks.lock().expect("whole").push_back(ack);
    }

    pub async fn next(&mut self) -> Envelope {
        tokio::time::timeout(PATIENCE, self.came.recv()).await.expect("in time").expect("the client runs")
    }

    pub fn last(&self, who: &str) -> Shown {
        self.sim.sees(who).last().cloned().expect("something is shown")
    }
}

fn sealed(message: Message) -> Redacted<Message> {
    guard().outgoing(message).expect("a clean message")
}

fn press(verb: Verb) -> Press {
    Press { verb, request: "rq-1".parse().expect("an id"), revision: 1 }
}

fn asking() -> Message {
    let button = Control::Button { label: "Approve".into(), style: Style::Primary, press: press(Verb::Approve) };
    Message::titled(Tone::Caution, "Please_agree").text("One *session*.").control(button).reference("rq-1")
}

fn support() -> Address {
    let id = channel("support").expect("in the cast").discord.to_string();
    let place = Place {
        platform: Platform::Discord,
        team: DISCORD_GUILD.to_string(),
        channel: id,
        thread: None,
        direct: false,
    };
    Address::Channel { place }
}

fn direct(who: &str) -> Address {
    let user = by_name(who).expect("in the cast").discord_user.to_string();
    Address::Direct { account: Account { platform: Platform::Discord, team: String::new(), user } }
}

#[tokio::test]
async fn a_command_is_deferred_and_then_answered() {
    let mut w = world().await;
    w.answers(Ack::Working(AnswerMode::Fresh));
    w.sim.types("kim", "support", "/seqn find org=acme").await.expect("the client sends it");
    let envelope = w.next().await;
    assert_eq!(envelope.account.user, by_name("kim").expect("in the cast").discord_user.to_string());
    let reply = envelope.reply.expect("it can be answered");
    w.discord.answer(&reply.handle, AnswerMode::Fresh, &sealed(asking())).await.expect("it is answered");
    let shown = w.last("kim");
    assert_eq!(shown.audience, Audience::Only("kim".into()));
    assert!(shown.text.contains("Please_agree") && shown.text.contains("One *session*."), "{}", shown.text);
    assert_eq!(shown.buttons, ["Approve"]);
    w.answers(Ack::Working(AnswerMode::Replace));
    w.sim.presses("kim", "Approve").await.expect("she sees it");
    let pressed = w.next().await;
    assert_eq!(pressed.what, Happening::Pressed { control: "approve:rq-1:1".into(), value: None });
    let done = sealed(Message::titled(Tone::Good, "Done"));
    let handle = pressed.reply.expect("it can be answered").handle;
    w.discord.answer(&handle, AnswerMode::Replace, &done).await.expect("it is replaced");
    let shown = w.last("kim");
    assert_eq!((shown.text.as_str(), shown.buttons.len(), shown.edits), ("Done", 0, 1));
    w.dial.advance_ms(16 * 60 * 1_000);
    let late = w.discord.answer(&handle, AnswerMode::Replace, &done).await.expect_err("the token is over");
    assert_eq!(late.fault, Fault::NotFound);
}

#[tokio::test]
async fn a_form_opens_and_its_errors_offer_it_again() {
    let mut w = world().await;
    let field = |key: &str, kind| Field {
        key: key.into(),
        label: key.into(),
        help: "Help".into(),
        required: true,
        initial: None,
        kind,
    };
    let choices = vec![("a".into(), "A".into()), ("b".into(), "B".into())];
    let fields = vec![field("org", FieldKind::Line { max: 63 }), field("session", FieldKind::Choice { choices })];
    let form = Form { token: "rq-1".into(), title: "Find".into(), fields };
    w.answers(Ack::Form(Box::new(guard().outgoing(form).expect("clean"))));
    w.sim.types("kim", "dm", "/seqn find").await.expect("it works in direct messages");
    let asked = w.next().await;
    assert!(asked.place.direct && !asked.outsider);
    assert_eq!(
        (w.last("kim").kind, w.last("kim").fields.clone()),
        (ShownKind::Form, vec!["org".into(), "session".into()])
    );
    w.answers(Ack::FieldErrors(vec![("org".into(), "No such org.".into())]));
    let values = [("org".to_owned(), "acme".to_owned()), ("session".to_owned(), "b".to_owned())];
    w.sim.submits("kim", &values).await.expect("the form is complete");
    let values = vec![("org".to_owned(), "acme".into()), ("session".to_owned(), "b".into())];
    assert_eq!(w.next().await.what, Happening::Submitted { token: "rq-1".into(), values });
    assert!(w.last("kim").text.contains("No such org."));
    assert_eq!(w.last("kim").buttons, ["Open form"]);
}

#[tokio::test]
async fn autocomplete_and_mentions() {
    let mut w = world().await;
    w.answers(Ack::Suggest(vec![Suggestion { label: "Acme".into(), value: "acme".into() }]));
    assert_eq!(w.sim.completes("kim", "support", "/seqn find org=ac").await.expect("it is a command"), ["Acme"]);
    assert!(matches!(w.next().await.what, Happening::Typing { focus, .. } if focus == "org"));
    w.answers(Ack::Nothing);
    w.answers(Ack::Say(AnswerMode::Fresh, Box::new(sealed(Message::titled(Tone::Good, "Only for you")))));
    w.sim.types("kim", "support", "@seqn find org=acme").await.expect("she may write");
    assert!(matches!(w.next().await.what, Happening::Said(_)), "what is meant for the bot is watched too");
    assert!(matches!(w.next().await.what, Happening::Command(_)));
    w.until(|w| w.sim.sees("kim").iter().any(|s| s.text == "Only for you")).await;
    assert_eq!(w.last("kim").audience, Audience::Direct("kim".into()));
    assert!(!w.sim.sees("joe").iter().any(|s| s.text == "Only for you"));
}

#[tokio::test]
async fn posts_are_made_once_found_again_and_edited() {
    let w = world().await;
    w.faults.arm("discord", "POST /api/v10/channels/", FaultKind::DropAfter, 1);
    let lost = w.discord.post(&support(), &sealed(asking()), "outbox:1").await.expect_err("the line broke");
    assert!(lost.ambiguous(), "{lost:?}");
    let found = w.discord.find(&support(), "outbox:1").await.expect("it can be read").expect("it is there");
    let again = w.discord.post(&support(), &sealed(asking()), "outbox:1").await.expect("it is the same one");
    assert_eq!(found, again);
    assert_eq!(w.discord.find(&support(), "outbox:2").await.expect("it can be read"), None);
    w.discord.edit(&found, &sealed(Message::titled(Tone::Good, "Agreed"))).await.expect("it is ours");
    assert_eq!((w.last("joe").text.as_str(), w.last("joe").buttons.len()), ("Agreed", 0));
    w.discord.post(&direct("lee"), &sealed(asking()), "outbox:3").await.expect("lee takes messages");
    assert_eq!(w.last("lee").audience, Audience::Direct("lee".into()));
    w.sim.takes_dms("lee", false);
    let refused = w.discord.post(&direct("lee"), &sealed(asking()), "outbox:4").await.expect_err("not any more");
    assert_eq!(refused.fault, Fault::Refused { status: 403, code: "50007".into() });
}

#[tokio::test]
async fn limits_are_waited_out_or_said() {
    let w = world().await;
    w.faults.arm("discord", "POST /api/v10/channels/", FaultKind::RetryAfter(1), 1);
    w.discord.post(&support(), &sealed(asking()), "outbox:1").await.expect("a short pause is waited out");
    w.faults.arm("discord", "POST /api/v10/channels/", FaultKind::RetryAfter(60), 9);
    let limited = w.discord.post(&support(), &sealed(asking()), "outbox:2").await.expect_err("a long one is not");
    assert_eq!(limited.fault, Fault::RateLimited { after_ms: 60_000 });
    let before = w.sim.requests().len();
    let limited = w.discord.post(&support(), &sealed(asking()), "outbox:2").await.expect_err("it is remembered");
    assert!(matches!(limited.fault, Fault::RateLimited { after_ms } if after_ms > 50_000));
    assert_eq!(w.sim.requests().len(), before);
    w.faults.clear();
    w.faults.arm("discord", "PATCH /api/v10/channels/", FaultKind::Status(502), 9);
    let at = w.discord.find(&support(), "outbox:1").await.expect("it can be read").expect("it is there");
    let failing = w.discord.edit(&at, &sealed(asking())).await.expect_err("it is failing");
    assert_eq!(failing.fault, Fault::Failing { status: 502 });
}

#[tokio::test]
async fn the_session_outlives_its_connections() {
    let mut w = world().await;
    for (round, fault) in [1, 2, 3].into_iter().enumerate() {
        match fault {
            1 => w.sim.close(None),
            2 => w.sim.drop_sockets(),
            _ => w.sim.send_op7(),
        }
        w.until(|w| w.sim.resumes() == round + 1).await;
    }
    assert_eq!((w.sim.identifies(), w.sim.resumes_astray()), (1, 0));
    w.until(|w| w.sim.live_sessions() == 1).await;
    w.sim.types("kim", "random", "still there?").await.expect("she may write");
    assert!(matches!(w.next().await.what, Happening::Said(_)));
    w.stop.send_replace(true);
    w.until(|w| w.task.is_finished() && w.sim.live_sessions() == 0).await;
}

#[tokio::test]
async fn commands_are_written_only_when_they_changed() {
    let w = world().await;
    assert_eq!((w.sim.puts_of_commands(), w.sim.commands()[0]["contexts"].clone()), (1, json!([0, 1])));
    w.stop.send_replace(true);
    w.until(|w| w.task.is_finished()).await;
    let (stop, stopping) = watch::channel(false);
    let door: Arc<dyn Door> = Arc::clone(&w.script) as Arc<dyn Door>;
    let again = tokio::spawn({
        let discord = Arc::clone(&w.discord);
        async move { discord.run(door, commands(), stopping).await }
    });
    w.until(|w| w.sim.identifies() == 2).await;
    assert_eq!(w.sim.puts_of_commands(), 1);
    stop.send_replace(true);
    again.await.expect("it ends");
}

#[tokio::test]
async fn a_forbidden_intent_says_what_to_do_and_the_rest_goes_on() {
    let w = world().await;
    w.sim.allow_message_content(false);
    w.sim.send_op9(false);
    w.until(|w| w.discord.lacks().iter().any(|why| why.contains("developer portal"))).await;
    w.until(|w| w.discord.liveness() == Liveness::Live).await;
    w.sim.allow_message_content(true);
    w.sim.send_op9(false);
    w.until(|w| w.discord.lacks().is_empty()).await;
}

#[tokio::test]
async fn what_comes_is_counted() {
    let mut w = world().await;
    w.answers(Ack::Working(AnswerMode::Fresh));
    w.sim.types("kim", "support", "/seqn find org=acme").await.expect("the client sends it");
    w.next().await;
    w.sim.raw_frame("{\"op\": 99, not json".into());
    w.until(|w| w.discord.counts().unknown == 1).await;
    let counts = w.discord.counts();
    assert_eq!((counts.received, counts.opened), (1, 1), "{counts:?}");
    assert_eq!((counts.overloaded, counts.unanswered, counts.late, counts.lost), (0, 0, 0, 0), "{counts:?}");
    w.sim.drop_sockets();
    w.until(|w| w.discord.counts().opened == 2).await;
}
