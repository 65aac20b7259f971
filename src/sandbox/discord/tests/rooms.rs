//! Tests of channels and threads that the bot opens, and of reactions.

use super::*;
use crate::sandbox::cast::by_name;

fn channels() -> String {
    format!("/guilds/{DISCORD_GUILD}/channels")
}

fn threads() -> String {
    format!("/channels/{}/threads", channel("incidents").expect("it is in the cast").discord)
}

#[tokio::test]
async fn a_channel_that_is_opened_is_a_channel_for_everybody() {
    let w = world().await;
    let mut bot = Bot::live(&w.sim, ALL).await;
    let body = json!({"name": "INC 1", "topic": "It fails"});
    let (status, made) = w.call("POST", &channels(), &body).await;
    assert_eq!((status, &made["name"], &made["topic"]), (201, &json!("inc-1"), &json!("It fails")));
    assert_eq!(bot.event("CHANNEL_CREATE").await["id"], made["id"]);
    // Discord takes the same name twice.
    assert_eq!(w.call("POST", &channels(), &body).await.0, 201);
    let (_, all) = w.call("GET", &channels(), &Value::Null).await;
    assert_eq!(all.as_array().expect("a list").iter().filter(|c| c["name"] == "inc-1").count(), 2);
    w.sim.types("kim", "inc-1", "hello").await.expect("she may write");
    assert_eq!(bot.event("MESSAGE_CREATE").await["channel_id"], made["id"]);
}

#[tokio::test]
async fn rights_are_asked_for_channels_and_for_each_kind_of_thread() {
    let w = world().await;
    let open = async |threads_too: bool, channels_too: bool| {
        w.sim.bot_may_open(threads_too, channels_too);
        let mut statuses = Vec::new();
        for (path, body) in [
            (channels(), json!({"name": "a"})),
            (threads(), json!({"name": "b", "type": 11})),
            (threads(), json!({"name": "c"})),
        ] {
            statuses.push(w.call("POST", &path, &body).await.0);
        }
        statuses
    };
    assert_eq!(open(true, true).await, [201, 201, 201]);
    assert_eq!(open(true, false).await, [403, 201, 201]);
    assert_eq!(open(false, true).await, [201, 403, 403]);
}

#[tokio::test]
async fn a_private_thread_is_its_members() {
    let w = world().await;
    let mut bot = Bot::live(&w.sim, ALL).await;
    let (_, made) = w.call("POST", &threads(), &json!({"name": "private-1", "type": 12})).await;
    assert_eq!(made["type"], 12);
    let id = text(&made["id"]);
    assert!(w.sim.types("kim", "private-1", "hello").await.is_err());
    for (user, status) in [(by_name("kim").expect("in the cast").discord_user, 204), (7, 404)] {
        assert_eq!(w.call("PUT", &format!("/channels/{id}/thread-members/{user}"), &Value::Null).await.0, status);
    }
    w.sim.types("kim", "private-1", "hello").await.expect("she is in it now");
    assert_eq!(bot.event("MESSAGE_CREATE").await["channel_id"], made["id"]);
    assert!(w.sim.sees("kim").iter().any(|shown| shown.text == "hello"));
    assert!(!w.sim.sees("joe").iter().any(|shown| shown.text == "hello"));
}

#[tokio::test]
async fn a_reaction_needs_its_intent_and_says_nothing_of_the_message() {
    let w = world().await;
    let mut without = Bot::live(&w.sim, ALL & !(1 << 10)).await;
    let mut with = Bot::live(&w.sim, ALL).await;
    w.sim.types("kim", "support", "the pods are gone").await.expect("she may write");
    w.sim.reacts("lee", "pushpin", "pods").await.expect("he sees it");
    let event = with.event("MESSAGE_REACTION_ADD").await;
    assert_eq!((&event["emoji"]["name"], event.to_string().contains("pods")), (&json!("📌"), false));
    w.sim.types("kim", "support", "the end").await.expect("she may write");
    // What comes first after it shows that nothing came of it.
    without.event("MESSAGE_CREATE").await;
    assert_eq!(without.next().await.expect("an event")["t"], "MESSAGE_CREATE");
}
