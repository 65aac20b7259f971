//! The sockets against a peer that misbehaves in every way that has cost somebody a day.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::model::{Ack, AnswerMode, Envelope, Form, Message, Tone};
use crate::ports::{Chat, Door, Liveness};

use super::super::Slack;
use super::super::stream::Pace;
use super::server::{Peer, Server, accept};
use super::{guard, quick, slack_at, slack_with};

/// Far longer than anything here takes, also on a busy machine.
const LONG: Duration = Duration::from_secs(20);

type Sockets = mpsc::Receiver<TcpStream>;

/// A door that answers when the test lets it.
struct Gate {
    open: Semaphore,
    seen: Mutex<Vec<String>>,
    says: Ack,
}

impl Gate {
    fn new(open: usize, says: Ack) -> Arc<Self> {
        Arc::new(Self { open: Semaphore::new(open), seen: Mutex::default(), says })
    }
}

#[async_trait]
impl Door for Gate {
    async fn receive(&self, envelope: Envelope) -> Ack {
        let key = envelope.key.to_string();
        self.seen.lock().expect("a lock").push(key.clone());
        assert!(!key.contains("panic"), "as the test wants");
        if key.contains("slow") {
            self.open.acquire().await.expect("an open gate").forget();
        }
        self.says.clone()
    }
}

struct Run {
    slack: Arc<Slack>,
    server: Server,
    sockets: Sockets,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

async fn run(door: Arc<Gate>) -> Run {
    let (server, sockets) = Server::start().await;
    start(server, sockets, door)
}

fn start(server: Server, sockets: Sockets, door: Arc<Gate>) -> Run {
    let slack = slack_at(&server.base());
    start_with(slack, server, sockets, door)
}

fn start_with(slack: Arc<Slack>, server: Server, sockets: Sockets, door: Arc<Gate>) -> Run {
    let (stop, stopped) = watch::channel(false);
    let running = Arc::clone(&slack);
    let task = tokio::spawn(async move { running.run(door, stopped).await });
    Run { slack, server, sockets, stop, task }
}

impl Run {
    async fn peer(&mut self) -> Peer {
        let mut peer = timeout(LONG, accept(&mut self.sockets)).await.expect("a socket");
        peer.hello().await;
        peer
    }

    async fn stop(self) {
        self.stop.send(true).expect("running");
        timeout(LONG, self.task).await.expect("it stops").expect("without a panic");
    }

    async fn until(&self, what: &str, holds: impl Fn(&Slack) -> bool) {
        let look = async {
            while !holds(&self.slack) {
                tokio::task::yield_now().await;
            }
        };
        timeout(LONG, look).await.unwrap_or_else(|_| panic!("never: {what}"));
    }
}

async fn ack_id(peer: &mut Peer) -> String {
    let ack = timeout(LONG, peer.ack()).await.expect("in time").expect("an ack");
    ack["envelope_id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn two_sockets_live_and_answer() {
    let mut run = run(Gate::new(0, Ack::Nothing)).await;
    let (mut a, mut b) = (run.peer().await, run.peer().await);
    run.until("live", |slack| slack.liveness() == Liveness::Live).await;
    a.event("Ev1").await;
    b.event("Ev2").await;
    assert_eq!((ack_id(&mut a).await, ack_id(&mut b).await), ("Ev1".to_owned(), "Ev2".to_owned()));
    a.say(&json!({"type": "brand_new", "envelope_id": "e-9", "payload": {}})).await;
    assert_eq!(ack_id(&mut a).await, "e-9", "what is not known is acked");
    assert_eq!(run.slack.counts().unknown, 1);
    run.stop().await;
}

#[tokio::test]
async fn a_hanging_handshake_and_a_missing_hello_are_left() {
    let (server, sockets) = Server::start().await;
    let short = Duration::from_millis(300);
    let slack = slack_with(&server.base(), Pace { handshake: short, hello: short, ..quick() });
    let mut run = start_with(slack, server, sockets, Gate::new(0, Ack::Nothing));
    // Two lanes: one never gets its handshake, the other never its hello.
    let hung = timeout(LONG, run.sockets.recv()).await.expect("in time").expect("a connection");
    let mut mute = timeout(LONG, accept(&mut run.sockets)).await.expect("a socket");
    let mut third = run.peer().await;
    third.event("Ev1").await;
    assert_eq!(ack_id(&mut third).await, "Ev1");
    assert!(timeout(LONG, mute.ack()).await.expect("closed").is_none());
    drop(hung);
    run.stop().await;
}

#[tokio::test]
async fn a_disconnect_keeps_the_acks_that_are_owed() {
    let door = Gate::new(0, Ack::Nothing);
    let mut run = run(Arc::clone(&door)).await;
    let (mut old, _other) = (run.peer().await, run.peer().await);
    for n in 0..20 {
        old.event(&format!("slow{n}")).await;
    }
    run.until("all arrived", |slack| slack.counts().received == 20).await;
    old.say(&json!({"type": "disconnect", "reason": "refresh_requested"})).await;
    old.event("slow-after").await;
    // The new socket opens while the old one still is.
    let mut new = run.peer().await;
    run.until("the late one arrived", |slack| slack.counts().received == 21).await;
    door.open.add_permits(21);
    let mut acked = Vec::new();
    while let Some(ack) = timeout(LONG, old.ack()).await.expect("in time") {
        acked.push(ack["envelope_id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(acked.len(), 21, "{acked:?}");
    new.event("Ev1").await;
    assert_eq!(ack_id(&mut new).await, "Ev1");
    assert_eq!(run.slack.counts().lost, 0);
    run.stop().await;
}

#[tokio::test]
async fn a_slow_or_panicking_door_stalls_nothing() {
    let mut run = run(Gate::new(0, Ack::Nothing)).await;
    let (mut peer, _other) = (run.peer().await, run.peer().await);
    peer.event("panic").await;
    peer.event("slow").await;
    peer.event("Ev1").await;
    assert_eq!(ack_id(&mut peer).await, "Ev1");
    run.until("both are counted", |slack| slack.counts().unanswered == 2).await;
    peer.event("Ev2").await;
    assert_eq!(ack_id(&mut peer).await, "Ev2");
    run.stop().await;
}

#[tokio::test]
async fn stopping_sends_what_is_owed() {
    let door = Gate::new(0, Ack::Nothing);
    let mut run = run(Arc::clone(&door)).await;
    let (mut peer, _other) = (run.peer().await, run.peer().await);
    peer.event("slow").await;
    run.until("it arrived", |slack| slack.counts().received == 1).await;
    run.stop.send(true).expect("running");
    door.open.add_permits(1);
    assert_eq!(ack_id(&mut peer).await, "slow");
    run.stop().await;
}

#[tokio::test]
async fn what_an_operator_must_do_is_said() {
    let (server, sockets) = Server::start().await;
    let refused = || (200, vec![], json!({"ok": false, "error": "invalid_auth"}));
    server.next("apps.connections.open", refused());
    server.next("apps.connections.open", refused());
    let mut run = start(server, sockets, Gate::new(0, Ack::Nothing));
    run.until("down", |slack| matches!(slack.liveness(), Liveness::Down(says) if says.contains("xapp"))).await;
    // It is tried again, slowly, and comes back.
    let (mut peer, mut other) = (run.peer().await, run.peer().await);
    run.until("live", |slack| slack.liveness() == Liveness::Live).await;
    for peer in [&mut peer, &mut other] {
        peer.say(&json!({"type": "disconnect", "reason": "link_disabled"})).await;
    }
    run.until("down", |slack| matches!(slack.liveness(), Liveness::Down(says) if says.contains("switched off"))).await;
    run.stop().await;
}

#[tokio::test]
async fn a_wrong_team_is_never_served() {
    let (server, sockets) = Server::start().await;
    server.next("auth.test", (200, vec![], json!({"ok": true, "team_id": "T9", "user_id": "U0BOT"})));
    let run = start(server, sockets, Gate::new(0, Ack::Nothing));
    run.until("down", |slack| matches!(slack.liveness(), Liveness::Down(says) if says.contains("T9"))).await;
    assert!(run.server.calls("apps.connections.open").is_empty());
    run.stop().await;
}

fn command(hook: &str) -> serde_json::Value {
    let payload = json!({"command": "/seqn", "text": "x", "user_id": "U1", "team_id": "T0", "channel_id": "C1",
                         "response_url": hook, "trigger_id": "1.2"});
    json!({"type": "slash_commands", "envelope_id": "e-1", "payload": payload, "accepts_response_payload": true})
}

#[tokio::test]
async fn a_word_goes_with_the_ack_and_a_form_after_it() {
    let message = guard().outgoing(Message::titled(Tone::Good, "Done")).expect("a clean message");
    let mut said = run(Gate::new(0, Ack::Say(AnswerMode::Fresh, Box::new(message)))).await;
    let mut peer = said.peer().await;
    peer.say(&command("")).await;
    let ack = timeout(LONG, peer.ack()).await.expect("in time").expect("an ack");
    assert_eq!(ack["payload"]["response_type"], "ephemeral");
    said.stop().await;

    let form = Form { token: "rq-1".into(), title: "Revoke".into(), fields: Vec::new() };
    let form = guard().outgoing(form).expect("a clean form");
    let mut asked = run(Gate::new(0, Ack::Form(Box::new(form)))).await;
    let (mut peer, hook) = (asked.peer().await, format!("{}/hooks/h1", asked.server.origin));
    asked.server.next("views.open", (200, vec![], json!({"ok": false, "error": "expired_trigger_id"})));
    peer.say(&command(&hook)).await;
    assert_eq!(ack_id(&mut peer).await, "e-1");
    let server = asked.server.clone();
    asked.until("the button instead", |_| !server.calls("h1").is_empty()).await;
    assert!(server.calls("h1")[0].to_string().contains("form:rq-1:0"));
    peer.say(&command(&hook)).await;
    asked.until("the form", |_| server.calls("views.open").len() == 2).await;
    asked.stop().await;
}

#[tokio::test]
async fn a_frozen_peer_is_noticed() {
    let (server, sockets) = Server::start().await;
    let pace = Pace { silence: Duration::from_millis(400), ..quick() };
    let slack = slack_with(&server.base(), pace);
    let mut run = start_with(slack, server, sockets, Gate::new(0, Ack::Nothing));
    // Nobody reads these two any more, so no ping of ours is answered.
    let (_frozen, _too) = (run.peer().await, run.peer().await);
    let mut fresh = run.peer().await;
    fresh.event("Ev1").await;
    assert_eq!(ack_id(&mut fresh).await, "Ev1");
    run.stop().await;
}

#[tokio::test]
async fn dropped_sockets_come_back() {
    let mut run = run(Gate::new(0, Ack::Nothing)).await;
    drop((run.peer().await, run.peer().await));
    let (mut a, mut b) = (run.peer().await, run.peer().await);
    // Each is counted once its own end is there: both are spoken with before.
    a.event("Ev1").await;
    assert_eq!(ack_id(&mut a).await, "Ev1");
    b.event("Ev2").await;
    assert_eq!(ack_id(&mut b).await, "Ev2");
    assert_eq!(run.slack.counts().opened, 4);
    run.stop().await;
}
