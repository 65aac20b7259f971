//! Tests of channels that the bot opens, of scopes, and of reactions.

use super::*;

async fn refusal(bench: &Bench, method: &str, args: Value) -> String {
    let answer = bench.call(method, args).await;
    answer["error"].as_str().unwrap_or("no error").to_owned()
}

#[tokio::test]
async fn names_are_checked_and_taken_once() {
    let bench = Bench::new().await;
    let made = bench.call("conversations.create", json!({"name": "inc-1"})).await;
    let id = made["channel"]["id"].as_str().unwrap();
    assert_eq!((&made["channel"]["creator"], &made["channel"]["is_private"]), (&json!("U0SEQNBOT"), &json!(false)));
    for (name, why) in [
        ("inc-1", "name_taken"),
        ("support", "name_taken"),
        ("", "invalid_name_required"),
        ("Inc 1", "invalid_name_specials"),
        (&"x".repeat(81), "invalid_name_maxlength"),
    ] {
        assert_eq!(refusal(&bench, "conversations.create", json!({"name": name})).await, why, "{name}");
    }
    bench.sim.archives("inc-1");
    assert_eq!(refusal(&bench, "conversations.create", json!({"name": "inc-1"})).await, "name_taken");
    assert_eq!(refusal(&bench, "chat.postMessage", json!({"channel": id, "text": "x"})).await, "is_archived");
    bench.sim.restrict_channels(true);
    assert_eq!(refusal(&bench, "conversations.create", json!({"name": "inc-2"})).await, "restricted_action");
}

#[tokio::test]
async fn lists_come_page_by_page_and_a_private_channel_is_its_members() {
    let bench = Bench::new().await;
    let made = bench.call("conversations.create", json!({"name": "private-1", "is_private": true})).await;
    let id = made["channel"]["id"].as_str().unwrap().to_owned();
    let types = "public_channel,private_channel";
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bench.call("users.conversations", json!({"types": types, "limit": 2, "cursor": cursor})).await;
        let channels = page["channels"].as_array().unwrap();
        assert!(channels.len() <= 2);
        names.extend(channels.iter().map(|c| c["name"].as_str().unwrap().to_owned()));
        cursor = page["response_metadata"]["next_cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(names.last().map(String::as_str), Some("private-1"));
    bench.call("chat.postMessage", json!({"channel": id, "text": "just us"})).await;
    assert!(bench.sim.sees("kim").is_empty() && bench.sim.types("kim", "private-1", "hi").await.is_err());
    for (user, why) in [("U0KIM", "no error"), ("U0KIM", "already_in_channel"), ("U0NOBODY", "user_not_found")] {
        assert_eq!(refusal(&bench, "conversations.invite", json!({"channel": id, "users": user})).await, why, "{user}");
    }
    assert_eq!(bench.last("kim").text, "just us");
    let topic = json!({"channel": id, "topic": "x".repeat(251)});
    assert_eq!(refusal(&bench, "conversations.setTopic", topic).await, "too_long");
    let elsewhere = json!({"channel": SUPPORT, "users": "U0KIM"});
    assert_eq!(refusal(&bench, "conversations.invite", elsewhere).await, "channel_not_found");
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_named() {
    let bench = Bench::new().await;
    assert_eq!(bench.sim.install(&["chat:write", "channels:manage", "channels:fly"]), ["channels:fly"]);
    let answer = bench.call("conversations.create", json!({"name": "x", "is_private": true})).await;
    assert_eq!((&answer["error"], &answer["needed"]), (&json!("missing_scope"), &json!("groups:write")));
    assert_eq!(refusal(&bench, "conversations.create", json!({"name": "x"})).await, "no error");
    assert_eq!(refusal(&bench, "conversations.history", json!({"channel": SUPPORT})).await, "missing_scope");
    assert_eq!(refusal(&bench, "chat.postMessage", json!({"channel": SUPPORT, "text": "x"})).await, "no error");
    bench.sim.revoke("chat:write");
    assert_eq!(refusal(&bench, "chat.postMessage", json!({"channel": SUPPORT, "text": "x"})).await, "missing_scope");
}

#[tokio::test]
async fn a_reaction_names_the_message_and_says_nothing_of_it() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    bench.sim.ack_deadline_ms(1);
    bench.sim.types("kim", "support", "the pods are gone").await.unwrap();
    let said = frame(&mut socket).await["payload"]["event"].clone();
    bench.sim.reacts("lee", "pushpin", "pods").await.unwrap();
    let mut event = frame(&mut socket).await["payload"]["event"].clone();
    while event["type"] != "reaction_added" {
        event = frame(&mut socket).await["payload"]["event"].clone();
    }
    assert_eq!(
        (&event["reaction"], &event["user"], &event["item_user"]),
        (&json!("pushpin"), &json!("U0LEE"), &said["user"])
    );
    assert_eq!(event["item"], json!({"type": "message", "channel": SUPPORT, "ts": said["ts"]}));
    assert!(!event.to_string().contains("pods"));
    assert!(bench.sim.reacts("lee", "pushpin", "nothing like it").await.is_err());
}
