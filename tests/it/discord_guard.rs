//! The guard's side of the real Discord client against the emulator: what is said comes in, what must not stand there
//! goes, and what was missed is read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use seqn_chatops::guard::Untrusted;
use seqn_chatops::model::{Happening, Place, Platform, Posted, Said, Seen};
use seqn_chatops::ports::{Fault, FileText, Moderate, Page, Removal};
use seqn_chatops::sandbox::cast::{DISCORD_GUILD, channel};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::discord::DiscordSim;
use seqn_chatops::sandbox::fault::{FaultKind, Faults};
use seqn_chatops::sandbox::stage::Stage;
use serde_json::json;

use crate::discord_wire::{World, emulator, world_of};

const MANAGE_MESSAGES: u64 = 1 << 13;
const MANAGE_THREADS: u64 = 1 << 34;

async fn world() -> World {
    with(|_| {}, false).await
}

/// The client at an emulator that was prepared for it.
pub async fn with(prepare: impl FnOnce(&Arc<DiscordSim>), automod: bool) -> World {
    let (dial, faults) = (Dial::still(), Faults::default());
    let sim = emulator(&dial, &faults).await;
    sim.waits(true);
    prepare(&sim);
    world_of(sim, dial, faults, automod).await
}

fn place(name: &str) -> Place {
    let id = channel(name).expect("in the cast").discord.to_string();
    Place { platform: Platform::Discord, team: DISCORD_GUILD.to_string(), channel: id, thread: None, direct: false }
}

/// The next thing that was said, and where.
pub async fn said(w: &mut World) -> (Said, Posted) {
    let envelope = w.next().await;
    let Happening::Said(said) = envelope.what else { panic!("it was said: {:?}", envelope.what) };
    let at =
        Posted { platform: Platform::Discord, channel: envelope.place.channel.clone(), message: said.message.clone() };
    (said, at)
}

pub fn holds(said: &Said, text: &str) -> bool {
    said.texts.contains(&Untrusted::from(text))
}

#[tokio::test]
async fn everything_that_is_said_comes_in() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    sim.types("kim", "random", "first").await.expect("she may write");
    let (first, at) = said(&mut w).await;
    assert!(holds(&first, "first") && first.seen == Seen::New && !first.by_app);
    sim.edits("kim", "first", "second").await.expect("it is hers");
    let (second, _) = said(&mut w).await;
    assert!(holds(&second, "second") && second.seen == Seen::Edited && second.message == first.message);
    sim.deletes("kim", "second").await.expect("it is hers");
    assert_eq!(w.next().await.what, Happening::Gone { message: at.message });
    sim.says_app("random", "built").await.expect("apps may");
    assert!(said(&mut w).await.0.by_app);
    let embed = json!({"embeds": [{"title": "alert", "fields": [{"name": "key", "value": "in a field"}]}]});
    sim.app_posts("random", &embed).await.expect("Discord takes it");
    assert!(holds(&said(&mut w).await.0, "in a field"));
    let v2 =
        json!({"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "in a box"}]}]});
    sim.app_posts("random", &v2).await.expect("Discord takes it");
    assert!(holds(&said(&mut w).await.0, "in a box"));
    sim.forwards("joe", "in a field", "support").await.expect("he sees it");
    let (forward, _) = said(&mut w).await;
    assert!(holds(&forward, "in a field") && !forward.by_app);
    sim.sets_topic("mira", "support", "the new topic").await.expect("she may");
    let (topic, _) = said(&mut w).await;
    assert!(holds(&topic, "the new topic") && topic.seen == Seen::Topic);
    sim.types("kim", "dm", "to the bot").await.expect("she may write");
    assert!(holds(&said(&mut w).await.0, "to the bot"));
    assert!(matches!(w.next().await.what, Happening::Command(_)));
}

#[tokio::test]
async fn an_edit_that_does_not_say_everything_is_read() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    sim.types("kim", "random", "the whole text").await.expect("she may write");
    let (_, at) = said(&mut w).await;
    let partial = json!({"op": 0, "t": "MESSAGE_UPDATE", "s": null, "d": {
        "id": at.message, "channel_id": at.channel, "guild_id": DISCORD_GUILD.to_string(), "embeds": []}});
    sim.raw_frame(partial.to_string());
    let (read, _) = said(&mut w).await;
    assert!(holds(&read, "the whole text") && read.seen == Seen::Edited && !read.by_app);
    w.faults.arm("discord", "GET /api/v10/channels/", FaultKind::Status(500), 1);
    let mut partial = partial;
    partial["d"]["embeds"] = json!([{"title": "only this"}]);
    sim.raw_frame(partial.to_string());
    let (walked, _) = said(&mut w).await;
    assert!(holds(&walked, "only this") && walked.by_app, "what is known is looked at");
    sim.deletes("kim", "the whole").await.expect("it is hers");
    assert!(matches!(w.next().await.what, Happening::Gone { .. }));
    sim.raw_frame(partial.to_string());
    sim.types("kim", "random", "next").await.expect("she may write");
    assert!(holds(&said(&mut w).await.0, "next"), "a message that is gone says nothing");
}

#[tokio::test]
async fn a_message_is_removed_or_it_is_said_why_not() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    let refused = |removal: Removal, word: &str| {
        assert!(matches!(&removal, Removal::Refused(why) if why.contains(word)), "{word}: {removal:?}");
    };
    sim.types("kim", "random", "a secret").await.expect("she may write");
    let (_, at) = said(&mut w).await;
    sim.bot_may(MANAGE_MESSAGES, false);
    refused(w.discord.remove(&at).await.expect("an answer"), "Manage Messages");
    sim.bot_may(MANAGE_MESSAGES, true);
    sim.bot_sees("random", false);
    refused(w.discord.remove(&at).await.expect("an answer"), "View Channel");
    sim.bot_sees("random", true);
    w.faults.arm("discord", "DELETE /api/v10/channels/", FaultKind::Status(502), 1);
    let failing = w.discord.remove(&at).await.expect_err("Discord is failing");
    assert_eq!(failing.fault, Fault::Failing { status: 502 });
    w.faults.arm("discord", "DELETE /api/v10/channels/", FaultKind::RetryAfter(1), 1);
    assert_eq!(w.discord.remove(&at).await.expect("a short pause is waited out"), Removal::Removed);
    assert!(sim.sees("joe").last().is_some_and(|shown| shown.gone));
    assert_eq!(w.discord.remove(&at).await.expect("an answer"), Removal::Gone);
    let nowhere = Posted { channel: "7".into(), ..at };
    assert_eq!(w.discord.remove(&nowhere).await.expect("an answer"), Removal::Gone, "its channel is gone too");
    assert!(matches!(w.next().await.what, Happening::Gone { .. }));
    sim.types("kim", "dm", "another secret").await.expect("she may write");
    let (_, at) = said(&mut w).await;
    refused(w.discord.remove(&at).await.expect("an answer"), "direct messages");
    refused(w.discord.remove_file("1").await.expect("an answer"), "goes with its message");
}

#[tokio::test]
async fn a_lost_answer_is_asked_again() {
    let mut w = world().await;
    w.sim.types("kim", "random", "a secret").await.expect("she may write");
    let (_, at) = said(&mut w).await;
    w.faults.arm("discord", "DELETE /api/v10/channels/", FaultKind::DropAfter, 1);
    assert!(w.discord.remove(&at).await.expect_err("the line broke").ambiguous());
    assert_eq!(w.discord.remove(&at).await.expect("an answer"), Removal::Gone);
}

#[tokio::test]
async fn an_archived_thread_is_opened_for_it_and_closed_again() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    sim.opens_thread("kim", "random", "debugging").await.expect("she may");
    assert_eq!(said(&mut w).await.0.seen, Seen::Topic);
    sim.types("kim", "debugging", "a secret").await.expect("she may write");
    let (_, at) = said(&mut w).await;
    sim.archives_thread("debugging").expect("it is there");
    sim.bot_may(MANAGE_THREADS, false);
    let removal = w.discord.remove(&at).await.expect("an answer");
    assert!(matches!(&removal, Removal::Refused(why) if why.contains("Manage Threads")), "{removal:?}");
    sim.bot_may(MANAGE_THREADS, true);
    assert_eq!(w.discord.remove(&at).await.expect("an answer"), Removal::Removed);
    let requests = sim.requests();
    let patched: Vec<&str> = requests.iter().filter(|(l, _)| l.starts_with("PATCH")).map(|(_, b)| b.as_str()).collect();
    assert_eq!(patched.last(), Some(&r#"{"archived":true}"#), "it is closed again");
}

#[tokio::test]
async fn a_message_is_read_as_it_stands() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    sim.types("kim", "random", "one").await.expect("she may write");
    let (_, at) = said(&mut w).await;
    sim.edits("kim", "one", "two").await.expect("it is hers");
    let now = w.discord.read(&place("random"), &at.message).await.expect("an answer").expect("it is there");
    assert!(holds(&now, "two") && !holds(&now, "one"));
    let link = w.discord.link(&place("random"), &at.message);
    assert_eq!(link, format!("https://discord.com/channels/{DISCORD_GUILD}/{}/{}", at.channel, at.message));
    sim.deletes("kim", "two").await.expect("it is hers");
    assert_eq!(w.discord.read(&place("random"), &at.message).await.expect("an answer"), None);
    sim.bot_sees("random", false);
    let hidden = w.discord.read(&place("random"), &at.message).await.expect_err("nothing is concluded");
    assert_eq!(hidden.fault, Fault::Forbidden);
}

#[tokio::test]
async fn files_are_read_without_a_credential_or_skipped() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    let large = vec![b'x'; 1024 * 1024 + 1];
    for (name, content, wanted) in [
        ("deploy.log", &b"the text"[..], Ok("the text")),
        ("odd.txt", b"a\xffb", Ok("a\u{fffd}b")),
        ("env", b"NAME=value", Ok("NAME=value")),
        ("page.html", b"<p>hi</p>", Ok("<p>hi</p>")),
        ("shell.txt", b"\xff\xfeh\0i\0", Ok("hi")),
        ("all.zip", b"PK\x03\x04", Err("archive")),
        ("hidden.txt", b"PK\x03\x04", Err("archive")),
        ("screen.png", b"\x89PNG\r\n", Err("image")),
        ("core", b"\x7fELF\0\0", Err("binary")),
        ("huge.log", &large[..], Err("too large")),
    ] {
        sim.shares("kim", "random", name, content).await.expect("she may share");
        let (message, _) = said(&mut w).await;
        assert!(holds(&message, name), "its name is a text");
        let read = w.discord.file(&message.files[0]).await.expect("an answer");
        assert_eq!(read, wanted.map_or_else(FileText::Skipped, |text| FileText::Text(text.into())), "{name}");
    }
    sim.shares("kim", "random", "a.txt", b"text").await.expect("she may share");
    let file = said(&mut w).await.0.files.remove(0);
    w.faults.arm("discord-cdn", "", FaultKind::Garbage, 1);
    assert_eq!(w.discord.file(&file).await.expect("an answer"), FileText::Skipped("login page"));
    w.faults.arm("discord-cdn", "", FaultKind::Status(503), 1);
    assert_eq!(w.discord.file(&file).await.expect_err("it is failing").fault, Fault::Failing { status: 503 });
    w.faults.arm("discord-cdn", "", FaultKind::Status(404), 1);
    assert_eq!(w.discord.file(&file).await.expect_err("it is gone").fault, Fault::NotFound);
    let before = sim.fetched().len();
    sim.files_move_to(Some("http://127.0.0.1:9/elsewhere".into()));
    assert_eq!(w.discord.file(&file).await.expect("an answer"), FileText::Skipped("redirect"));
    assert_eq!(sim.fetched().len(), before + 1);
    assert!(sim.fetched().iter().all(|(_, credential)| !credential), "no credential goes there");
}

async fn whole(w: &World, after: &str, until: &str) -> (Vec<String>, usize) {
    let (mut ids, mut page, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let read = w.discord.history(&place("random"), after, until, page.as_deref()).await;
        let Page { messages, next } = read.expect("the history can be read");
        ids.extend(messages.iter().map(|past| past.said.message.clone()));
        assert!(
            messages.iter().all(|past| past.said.seen == Seen::Listed && past.place.team == DISCORD_GUILD.to_string())
        );
        pages += 1;
        page = next;
        if page.is_none() {
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn the_history_is_read_page_by_page_with_its_threads() {
    let w = with(|_| {}, false).await;
    let sim = Arc::clone(&w.sim);
    sim.waits(false);
    for n in 0..150 {
        sim.types("kim", "random", &format!("message {n}")).await.expect("she may write");
    }
    let (ids, pages) = whole(&w, "", "").await;
    assert_eq!((ids.len(), pages), (150, 2));
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(whole(&w, &sorted[49], "").await.0.len(), 100);
    assert_eq!(whole(&w, &sorted[49], &sorted[99]).await.0.len(), 50);
    for (name, archived) in [("open", false), ("closed", true)] {
        sim.opens_thread("kim", "random", name).await.expect("she may");
        sim.types("kim", name, "in a thread").await.expect("she may write");
        if archived {
            sim.archives_thread(name).expect("it is there");
        }
    }
    let (since, _) = whole(&w, &sorted[149], "").await;
    assert_eq!(since.len(), 2, "one in each thread");
    assert!(whole(&w, since.iter().max().expect("two"), "").await.0.is_empty());
    assert!(w.discord.history(&place("random"), "", "", Some("nonsense")).await.is_err());
}

#[tokio::test]
async fn only_channels_that_the_bot_sees_are_listed() {
    let w = world().await;
    let names = |places: Vec<Place>| places.into_iter().map(|p| p.channel).collect::<Vec<_>>();
    assert_eq!(names(w.discord.channels().await.expect("an answer")).len(), 5);
    w.sim.bot_sees("security", false);
    let seen = names(w.discord.channels().await.expect("an answer"));
    assert!(seen.len() == 4 && !seen.contains(&place("security").channel), "{seen:?}");
}

#[tokio::test]
async fn a_session_that_begins_anew_is_a_gap_and_a_resumed_one_is_none() {
    let mut w = world().await;
    let sim = Arc::clone(&w.sim);
    let gaps = |w: &World| w.script.gaps.load(Ordering::SeqCst);
    w.until(|w| gaps(w) == 1).await;
    sim.drop_sockets();
    w.until(|w| w.sim.resumes() == 1).await;
    sim.types("kim", "random", "after a resume").await.expect("she may write");
    said(&mut w).await;
    assert_eq!(gaps(&w), 1);
    sim.outage(true);
    w.until(|w| w.sim.live_sessions() == 0).await;
    sim.types("kim", "random", "while nobody looked").await.expect("she may write");
    sim.outage(false);
    w.until(|w| gaps(w) == 2).await;
    let (ids, _) = whole(&w, "", "").await;
    assert_eq!(ids.len(), 2, "what was missed is in the history");
}

#[tokio::test]
async fn what_cannot_be_taken_in_is_a_gap() {
    let w = world().await;
    let gaps = || w.script.gaps.load(Ordering::SeqCst);
    w.until(|_| gaps() == 1).await;
    w.script.shut.send_replace(true);
    w.sim.waits(false);
    for n in 0..1_200 {
        w.sim.types("kim", "random", &format!("{n}")).await.expect("she may write");
    }
    w.sim.waits(true);
    w.sim.types("kim", "random", "last").await.expect("she may write");
    w.script.shut.send_replace(false);
    w.until(|_| gaps() == 2).await;
}
