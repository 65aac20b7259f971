//! The guard's side of the real Slack client against the emulator: what is said comes in, what must not stand there
//! goes, and what was missed is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use seqn_chatops::app::SystemClock;
use seqn_chatops::guard::{FingerprintKey, Guard, Secret, Untrusted};
use seqn_chatops::model::{Ack, Envelope, FileRef, Happening, Millis, Place, Platform, Posted, Said, Seen};
use seqn_chatops::platforms::slack::{Slack, SlackConfig};
use seqn_chatops::ports::{Chat, Door, Fault, FileText, Liveness, Moderate, Page, Removal, TOPIC};
use seqn_chatops::sandbox::cast::{SLACK_TEAM, channel};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::fault::{FaultKind, Faults};
use seqn_chatops::sandbox::slack::{SlackSim, SlackTokens};
use seqn_chatops::sandbox::stage::Stage;
use tokio::sync::{mpsc, watch};

/// Far more than loopback needs.
const PATIENCE: Duration = Duration::from_secs(30);
const DELETE: &str = "POST /api/chat.delete";

/// A door that shows what came.
pub struct Script {
    came: mpsc::Sender<Envelope>,
    gaps: AtomicUsize,
}

#[async_trait]
impl Door for Script {
    async fn receive(&self, envelope: Envelope) -> Ack {
        self.came.send(envelope).await.expect("the test listens");
        Ack::Nothing
    }

    async fn keeps_notes(&self, place: &Place) -> bool {
        channel("random").is_none_or(|random| random.slack != place.channel)
    }

    async fn gap(&self, platform: Platform) {
        assert_eq!(platform, Platform::Slack);
        self.gaps.fetch_add(1, Ordering::SeqCst);
    }
}

/// The client, the emulator, and a door of our own.
pub struct World {
    pub sim: Arc<SlackSim>,
    pub faults: Faults,
    pub slack: Arc<Slack>,
    script: Arc<Script>,
    came: mpsc::Receiver<Envelope>,
    _stop: watch::Sender<bool>,
}

pub async fn world(admin: bool) -> World {
    let faults = Faults::default();
    let token = |kind: &str| format!("{kind}-for-tests");
    let tokens = SlackTokens { bot: token("xoxb"), app: token("xapp"), admin: Some(token("xoxp")) };
    let sim = SlackSim::start(Dial::still(), faults.clone(), tokens).await.expect("loopback is there");
    let config = SlackConfig {
        api_base: sim.base_url(),
        team: SLACK_TEAM.into(),
        bot_token: Secret::new(token("xoxb")),
        app_token: Secret::new(token("xapp")),
        admin_token: admin.then(|| Secret::new(token("xoxp"))),
        sockets: 2,
        note_emoji: "pushpin".into(),
    };
    let guard = Guard::new(FingerprintKey::new([3; 32]));
    let slack = Slack::new(config, guard, Arc::new(SystemClock)).expect("a good configuration");
    let (sender, came) = mpsc::channel(3_000);
    let script = Arc::new(Script { came: sender, gaps: AtomicUsize::new(0) });
    let (stop, stopping) = watch::channel(false);
    let (client, door) = (Arc::clone(&slack), Arc::clone(&script) as Arc<dyn Door>);
    tokio::spawn(async move { client.run(door, stopping).await });
    sim.connected(2).await;
    let world = World { sim, faults, slack, script, came, _stop: stop };
    world.until(|w| w.slack.liveness() == Liveness::Live).await;
    world
}

impl World {
    async fn until(&self, reached: impl Fn(&Self) -> bool) {
        let polled = async {
            while !reached(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, polled).await.expect("in time");
    }

    pub async fn next(&mut self) -> Envelope {
        tokio::time::timeout(PATIENCE, self.came.recv()).await.expect("in time").expect("the client runs")
    }

    /// The next thing that was said, and where.
    async fn said(&mut self) -> (Said, Posted) {
        let envelope = self.next().await;
        let Happening::Said(said) = envelope.what else { panic!("it was said: {:?}", envelope.what) };
        let channel = envelope.place.channel.clone();
        let at = Posted { platform: Platform::Slack, channel, message: said.message.clone() };
        (said, at)
    }

    fn says(&self, code: &str) {
        self.faults.arm("slack", DELETE, FaultKind::Body(200, format!("{{\"ok\":false,\"error\":\"{code}\"}}")), 1);
    }
}

fn place(name: &str) -> Place {
    let id = channel(name).expect("in the cast").slack.to_owned();
    Place { platform: Platform::Slack, team: SLACK_TEAM.into(), channel: id, thread: None, direct: false }
}

fn holds(said: &Said, text: &str) -> bool {
    said.texts.contains(&Untrusted::from(text))
}

fn refused(removal: &Removal, word: &str) {
    assert!(matches!(removal, Removal::Refused(why) if why.contains(word)), "{word}: {removal:?}");
}

#[tokio::test]
async fn everything_that_is_said_comes_in() {
    let mut w = world(true).await;
    let sim = Arc::clone(&w.sim);
    sim.types("kim", "random", "first").await.expect("she may write");
    let (first, at) = w.said().await;
    assert!(holds(&first, "first") && first.seen == Seen::New && !first.by_app);
    sim.edits("kim", "first", "second").await.expect("it is hers");
    let (second, _) = w.said().await;
    assert!(holds(&second, "second") && !holds(&second, "first"));
    assert_eq!((second.seen, &second.message), (Seen::Edited, &first.message));
    sim.deletes("kim", "second").await.expect("it is hers");
    assert_eq!(w.next().await.what, Happening::Gone { message: at.message });
    sim.says_app("random", "built").await.expect("apps may");
    assert!(w.said().await.0.by_app);
    sim.sets_topic("mira", "support", "the new topic").await.expect("she may");
    let (topic, _) = w.said().await;
    assert!(holds(&topic, "the new topic") && topic.seen == Seen::Topic && topic.message.is_empty());
    let about = w.slack.read(&place("support"), TOPIC).await.expect("an answer").expect("it is there");
    assert!(holds(&about, "the new topic") && about.seen == Seen::Topic);
    sim.types("kim", "dm", "to the bot").await.expect("she may write");
    assert!(holds(&w.said().await.0, "to the bot"));
    assert!(matches!(w.next().await.what, Happening::Command(_)), "a direct message is a command too");
}

#[tokio::test]
async fn a_message_is_removed_or_it_is_said_why_not() {
    let mut w = world(true).await;
    let sim = Arc::clone(&w.sim);
    sim.types("kim", "random", "a secret").await.expect("she may write");
    let (_, at) = w.said().await;
    for (code, word) in [
        ("cant_delete_message", "settings for deletion"),
        ("channel_not_found", "not in this channel"),
        ("not_in_channel", "not in this channel"),
        ("is_archived", "archived"),
        ("token_revoked", "no longer accepts"),
        ("invalid_auth", "no longer accepts"),
        ("missing_scope", "user scopes"),
        ("compliance_exports_prevent_deletion", "compliance"),
    ] {
        w.says(code);
        refused(&w.slack.remove(&at).await.expect("an answer"), word);
    }
    w.faults.arm("slack", DELETE, FaultKind::RetryAfter(7), 1);
    let slower = w.slack.remove(&at).await.expect_err("later");
    assert_eq!(slower.fault, Fault::RateLimited { after_ms: 7_000 });
    w.faults.arm("slack", DELETE, FaultKind::Status(503), 1);
    assert!(w.slack.remove(&at).await.expect_err("it is failing").passing());
    w.faults.arm("slack", DELETE, FaultKind::Garbage, 1);
    assert_eq!(w.slack.remove(&at).await.expect_err("a page is no answer").fault, Fault::Garbled);
    w.faults.arm("slack", DELETE, FaultKind::DropAfter, 1);
    assert!(w.slack.remove(&at).await.expect_err("the line broke").ambiguous());
    assert_eq!(w.slack.remove(&at).await.expect("an answer"), Removal::Gone, "a lost answer is asked again");
    assert!(matches!(w.next().await.what, Happening::Gone { .. }));
    sim.types("kim", "random", "another").await.expect("she may write");
    let (_, at) = w.said().await;
    assert_eq!(w.slack.remove(&at).await.expect("an answer"), Removal::Removed);
    assert!(sim.sees("joe").last().is_some_and(|shown| shown.gone));
    let direct = Posted { channel: "D0KIM".into(), ..at };
    refused(&w.slack.remove(&direct).await.expect("an answer"), "direct messages");
}

#[tokio::test]
async fn without_a_token_nothing_is_asked_and_with_one_only_deletions_carry_it() {
    let mut w = world(false).await;
    w.sim.types("kim", "random", "a secret").await.expect("she may write");
    let (_, at) = w.said().await;
    refused(&w.slack.remove(&at).await.expect("an answer"), "admin_token");
    refused(&w.slack.remove_file("F1").await.expect("an answer"), "admin_token");
    assert!(!w.sim.requests().iter().any(|(method, _)| method.ends_with(".delete")));
    let found = w.slack.check_up(&[]).await;
    assert!(found.iter().any(|one| one.fine && one.says.contains("no admin's token")), "{found:?}");
    let w = world(true).await;
    let found = w.slack.check_up(&[]).await;
    assert!(found.iter().any(|one| one.fine && one.says.contains("user U0MIRA")), "{found:?}");
}

#[tokio::test]
async fn a_message_is_read_as_it_stands() {
    let mut w = world(true).await;
    let sim = Arc::clone(&w.sim);
    sim.types("kim", "random", "one").await.expect("she may write");
    let (_, at) = w.said().await;
    sim.types("joe", "random/latest", "an answer").await.expect("he may write");
    let answer = w.next().await;
    let Happening::Said(said) = answer.what else { panic!("it was said") };
    sim.edits("kim", "one", "two").await.expect("it is hers");
    let now = w.slack.read(&place("random"), &at.message).await.expect("an answer").expect("it is there");
    assert!(holds(&now, "two") && !holds(&now, "one") && now.seen == Seen::Listed);
    let there = w.slack.read(&answer.place, &said.message).await.expect("an answer").expect("it is there");
    assert!(holds(&there, "an answer"));
    let number = |ts: &str| ts.replace('.', "");
    let link = w.slack.link(&place("random"), &at.message);
    assert_eq!(link, format!("https://seqn.slack.com/archives/{}/p{}", at.channel, number(&at.message)));
    let link = w.slack.link(&answer.place, &said.message);
    assert!(
        link.ends_with(&format!("p{}?thread_ts={}&cid={}", number(&said.message), at.message, at.channel)),
        "{link}"
    );
    sim.deletes("joe", "an answer").await.expect("it is his");
    assert_eq!(w.slack.read(&answer.place, &said.message).await.expect("an answer"), None);
    sim.deletes("kim", "two").await.expect("it is hers");
    assert_eq!(w.slack.read(&place("random"), &at.message).await.expect("an answer"), None);
    assert_eq!(w.slack.read(&answer.place, &said.message).await.expect("an answer"), None, "the thread is gone");
}

#[tokio::test]
async fn files_are_read_with_the_bots_token_at_slack_alone_or_skipped() {
    let mut w = world(true).await;
    let sim = Arc::clone(&w.sim);
    let large = vec![b'x'; 1024 * 1024 + 1];
    for (name, content, wanted) in [
        ("deploy.log", &b"the text"[..], Ok("the text")),
        ("odd.txt", b"a\xffb", Ok("a\u{fffd}b")),
        ("env", b"NAME=value", Ok("NAME=value")),
        ("all.zip", b"PK\x03\x04", Err("archive")),
        ("hidden.txt", b"PK\x03\x04", Err("archive")),
        ("screen.png", b"\x89PNG\r\n", Err("image")),
        ("core", b"\x7fELF\0\0", Err("binary")),
        ("huge.log", &large[..], Err("too large")),
    ] {
        sim.shares("kim", "random", name, content).await.expect("she may share");
        let (message, _) = w.said().await;
        assert!(holds(&message, name), "its name is a text");
        let wanted = wanted.map_or_else(FileText::Skipped, |text| FileText::Text(text.into()));
        let whole = &message.files[0];
        let by_id = FileRef { media: String::new(), bytes: None, url: Secret::new(""), ..whole.clone() };
        for file in [whole, &by_id] {
            assert_eq!(w.slack.file(file).await.expect("an answer"), wanted, "{name}");
        }
    }
    sim.shares("kim", "random", "a.txt", b"text").await.expect("she may share");
    let file = w.said().await.0.files.remove(0);
    let far = FileRef { url: Secret::new("https://slack.com.example/a.txt"), ..file.clone() };
    assert_eq!(w.slack.file(&far).await.expect("an answer"), FileText::Skipped("another host"));
    for (fault, wanted) in [
        (FaultKind::Status(302), Ok("redirect")),
        (FaultKind::Status(503), Err(Fault::Failing { status: 503 })),
        (FaultKind::Status(404), Err(Fault::NotFound)),
        (FaultKind::RetryAfter(3), Err(Fault::RateLimited { after_ms: 3_000 })),
    ] {
        w.faults.arm("slack", "GET /files/", fault, 1);
        let read = w.slack.file(&file).await;
        assert_eq!(read.map_err(|error| error.fault), wanted.map(FileText::Skipped));
    }
    w.faults.arm(
        "slack",
        "POST /api/files.delete",
        FaultKind::Body(200, "{\"ok\":false,\"error\":\"cant_delete_file\"}".into()),
        1,
    );
    refused(&w.slack.remove_file(&file.id).await.expect("an answer"), "settings for deletion");
    assert_eq!(w.slack.remove_file(&file.id).await.expect("an answer"), Removal::Removed);
    assert_eq!(w.slack.remove_file(&file.id).await.expect("an answer"), Removal::Gone);
    assert_eq!(w.slack.file(&file).await.expect("a page"), FileText::Skipped("login page"));
}

async fn whole(w: &World, after: &str, until: &str) -> (Vec<String>, usize) {
    let (mut ids, mut page, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let read = w.slack.history(&place("random"), after, until, page.as_deref()).await;
        let Page { messages, next } = read.expect("the history can be read");
        ids.extend(messages.iter().map(|past| past.said.message.clone()));
        assert!(messages.iter().all(|past| past.said.seen == Seen::Listed && past.at > Millis(0)));
        pages += 1;
        page = next;
        if page.is_none() {
            ids.sort();
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn the_history_is_read_page_by_page_with_its_threads() {
    let w = world(true).await;
    let sim = Arc::clone(&w.sim);
    for n in 0..250 {
        sim.types("kim", "random", &format!("message {n}")).await.expect("she may write");
    }
    let (ids, pages) = whole(&w, "", "").await;
    assert_eq!((ids.len(), pages), (250, 2));
    assert_eq!(whole(&w, &ids[49], "").await.0.len(), 200);
    assert_eq!(whole(&w, &ids[49], &ids[99]).await.0.len(), 50);
    for thread in [&ids[3], &ids[200]] {
        sim.types("joe", &format!("random/{thread}"), "in an old thread").await.expect("he may write");
    }
    let (since, _) = whole(&w, &ids[249], "").await;
    assert_eq!(since.len(), 2, "one in each thread");
    assert!(whole(&w, &since[1], "").await.0.is_empty());
    assert!(w.slack.history(&place("random"), "", "", Some("nonsense")).await.is_err());
    assert!(w.slack.history(&place("random"), "not a ts", "", None).await.is_err());
    assert_eq!(w.slack.channels().await.expect("an answer").len(), 5);
    assert_eq!(w.slack.id_at(Millis(1_793_610_000_042)), "1793610000.042000");
}

#[tokio::test]
async fn a_gap_is_told_when_nobody_listened_and_only_then() {
    let w = world(true).await;
    let gaps = |w: &World| w.script.gaps.load(Ordering::SeqCst);
    w.until(|w| gaps(w) >= 1).await;
    let first = gaps(&w);
    w.sim.drop_sockets();
    w.until(|w| gaps(w) > first).await;
}
