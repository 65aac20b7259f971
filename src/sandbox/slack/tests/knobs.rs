//! Tests of what can be set to go wrong with connections, and of menus, shortcuts and edits.
//!
//! "Nothing comes" is shown by what comes first after the knob is turned back, never by waiting.

use super::*;

#[tokio::test]
async fn a_frozen_server_keeps_silent_until_it_thaws() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    bench.sim.ack_deadline_ms(1);
    bench.sim.freeze(true);
    bench.sim.types("kim", "support", "/seqn x").await.unwrap();
    assert!(bench.last("kim").text.contains("operation_timeout"));
    socket.send(Message::Ping(b"are you there".to_vec().into())).await.unwrap();
    bench.sim.freeze(false);
    let mut ponged = false;
    let mut command = false;
    while !(ponged && command) {
        match socket.next().await.unwrap().unwrap() {
            Message::Pong(_) => ponged = true,
            Message::Text(text) => command = text.as_str().contains("slash_commands"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn handshakes_hang_and_hellos_stay_away() {
    let bench = Bench::new().await;
    let opened = bench.call_as("xapp", "apps.connections.open", &json!({})).await;
    let url = opened["url"].as_str().unwrap();
    bench.sim.hang_handshake(true);
    let (connected, ()) = tokio::join!(connect_async(url), async {
        while bench.sim.core.knobs.hang_handshake.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
        bench.sim.hang_handshake(false);
    });
    assert!(connected.is_err(), "the hanging connection is dropped when the knob is turned back");
    bench.sim.no_hello(true);
    let (mut socket, _) = connect_async(url).await.unwrap();
    bench.sim.connected(1).await;
    bench.sim.raw_envelope(&json!({"type": "strange"}));
    assert_eq!(frame(&mut socket).await["type"], "strange", "the first frame is no hello");
}

#[tokio::test]
async fn a_hanging_open_answers_when_the_knob_is_turned_back() {
    let bench = Bench::new().await;
    bench.sim.hang_open(true);
    let nothing = json!({});
    let (opened, ()) = tokio::join!(bench.call_as("xapp", "apps.connections.open", &nothing), async {
        while bench.sim.core.knobs.hang_open.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
        bench.sim.hang_open(false);
    });
    assert!(opened["url"].as_str().unwrap().starts_with("ws://127.0.0.1:"));
}

#[tokio::test]
async fn the_eleventh_connection_is_one_too_many() {
    let bench = Bench::new().await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(bench.socket().await);
    }
    let url = bench.call_as("xapp", "apps.connections.open", &json!({})).await["url"].clone();
    let (mut socket, _) = connect_async(url.as_str().unwrap()).await.unwrap();
    assert_eq!(frame(&mut socket).await["reason"], "too_many_websockets");
    assert_eq!(bench.sim.connections(), 10);
}

#[tokio::test]
async fn a_menu_in_an_ephemeral_message_says_so() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    let option = |l: &str| json!({"text": {"type": "plain_text", "text": l}, "value": l.to_lowercase()});
    let menu = json!({"type": "static_select", "action_id": "pick", "options": [option("One"), option("Two laptops")]});
    let blocks = json!([{"type": "actions", "block_id": "b", "elements": [menu]}]);
    let args = json!({"channel": SUPPORT, "user": "U0KIM", "text": "t", "blocks": blocks});
    assert_eq!(bench.call("chat.postEphemeral", args).await["ok"], true);
    assert!(bench.sim.chooses("joe", "One").await.is_err());
    let sent = during(bench.sim.chooses("kim", "laptop"), &mut socket, Value::Null).await;
    let payload = &sent["payload"];
    assert_eq!(payload["container"]["is_ephemeral"], true);
    assert!(payload.get("message").is_none());
    assert_eq!(payload["actions"][0]["selected_option"]["value"], "two laptops");
    assert_eq!(payload["state"]["values"]["b"]["pick"]["selected_option"]["value"], "two laptops");
    let url = payload["response_url"].as_str().unwrap();
    assert_eq!(bench.hook(url, json!({"delete_original": true})).await.0, 200);
    assert!(bench.last("kim").gone);
}

#[tokio::test]
async fn people_edit_delete_and_use_shortcuts() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    during(bench.sim.types("kim", "support", "first"), &mut socket, Value::Null).await;
    let sent = during(bench.sim.edits("kim", "", "second"), &mut socket, Value::Null).await;
    let event = &sent["payload"]["event"];
    assert_eq!(event["subtype"], "message_changed");
    assert_eq!((&event["message"]["text"], &event["previous_message"]["text"]), (&json!("second"), &json!("first")));
    let sent = during(bench.sim.shortcut("lee", "report_leak"), &mut socket, Value::Null).await;
    assert_eq!(
        (&sent["payload"]["type"], &sent["payload"]["message"]["text"]),
        (&json!("message_action"), &json!("second"))
    );
    let sent = during(bench.sim.deletes("kim", ""), &mut socket, Value::Null).await;
    assert_eq!(sent["payload"]["event"]["subtype"], "message_deleted");
    assert!(bench.sim.sees("lee")[0].gone);
}

#[tokio::test]
async fn nothing_listens_after_shutdown() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    let web = bench.sim.core.http;
    bench.sim.shutdown();
    while let Some(Ok(_)) = socket.next().await {}
    while TcpStream::connect(web).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
