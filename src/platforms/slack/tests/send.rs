//! Calls of the Web API and of response_urls, and what their failures become.

use serde_json::json;

use crate::guard::{Redacted, Secret};
use crate::model::{Account, Address, AnswerMode, Field, FieldKind, Form, Message, Place, Platform, Posted, Tone};
use crate::ports::{Chat, Fault};

use super::server::Server;
use super::{TEAM, guard, slack_at};

fn channel(thread: Option<&str>) -> Address {
    let thread = thread.map(str::to_owned);
    let (team, channel) = (TEAM.to_owned(), "C1".to_owned());
    Address::Channel { place: Place { platform: Platform::Slack, team, channel, thread, direct: false } }
}

fn message() -> Redacted<Message> {
    guard().outgoing(Message::titled(Tone::Good, "Done")).expect("a clean message")
}

#[tokio::test]
async fn posts_carry_our_key_and_are_found_by_it() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let posted = slack.post(&channel(Some("1.0")), &message(), "k-1").await.expect("posted");
    assert_eq!((posted.channel.as_str(), posted.message.as_str()), ("C1", "17.5"));
    let sent = &server.calls("chat.postMessage")[0];
    assert_eq!(sent["metadata"], json!({"event_type": "seqn_chatops", "event_payload": {"key": "k-1"}}));
    assert_eq!((sent["thread_ts"].as_str(), sent["unfurl_links"].as_bool()), (Some("1.0"), Some(false)));

    let page = json!({"ok": true, "messages": [
        {"ts": "1", "metadata": {"event_type": "seqn_chatops", "event_payload": {"key": "other"}}},
        {"ts": "2", "metadata": {"event_type": "seqn_chatops", "event_payload": {"key": "k-1"}}},
    ], "response_metadata": {"next_cursor": ""}});
    server.next("conversations.history", (200, vec![], page));
    let found = slack.find(&channel(None), "k-1").await.expect("an answer").expect("a message");
    assert_eq!(found.message, "2");
    server.next("conversations.history", (200, vec![], json!({"ok": true, "messages": []})));
    assert_eq!(slack.find(&channel(None), "k-1").await, Ok(None));
}

#[tokio::test]
async fn direct_conversations_are_opened_once() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let account = Account { platform: Platform::Slack, team: TEAM.into(), user: "U1".into() };
    for key in ["a", "b"] {
        slack.post(&Address::Direct { account: account.clone() }, &message(), key).await.expect("posted");
    }
    assert_eq!(server.calls("conversations.open").len(), 1);
    assert_eq!(server.calls("chat.postMessage")[1]["channel"], "D1");
}

#[tokio::test]
async fn failures_say_what_they_are_and_nothing_else() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let at = Posted { platform: Platform::Slack, channel: "C1".into(), message: "1.1".into() };
    let word = "word-in-the-body";
    let api = |error: &str| json!({"ok": false, "error": error, "echo": word});
    let cases = [
        ((200, vec![], api("message_not_found")), Fault::NotFound),
        ((200, vec![], api("token_revoked")), Fault::Unauthorized),
        ((200, vec![], api("missing_scope")), Fault::Forbidden),
        ((500, vec![], api("oops")), Fault::Failing { status: 500 }),
        ((200, vec![], json!({"strange": word})), Fault::Garbled),
        ((200, vec![], json!([word])), Fault::Garbled),
        ((200, vec![], api("cant_update_message")), Fault::Refused { status: 200, code: "cant_update_message".into() }),
    ];
    for (at_channel, (canned, fault)) in cases.into_iter().enumerate() {
        server.next("chat.update", canned);
        let at = Posted { channel: format!("C{at_channel}"), ..at.clone() };
        let error = slack.edit(&at, &message()).await.expect_err("a failure");
        assert_eq!(error.fault, fault);
        assert!(!format!("{error} {error:?}").contains(word), "{error:?}");
    }
    server.next("chat.update", (429, vec![("retry-after", "7")], api("ratelimited")));
    let error = slack.edit(&at, &message()).await.expect_err("a failure");
    assert_eq!(error.fault, Fault::RateLimited { after_ms: 7_000 });
    // The pause is kept without asking again.
    let before = server.calls("chat.update").len();
    assert!(matches!(slack.edit(&at, &message()).await.expect_err("a pause").fault, Fault::RateLimited { .. }));
    assert_eq!(server.calls("chat.update").len(), before);
}

fn handle(url: &str, replaceable: bool) -> Secret {
    let handle = json!({"url": url, "trigger": "1.2", "channel": "C1", "thread": "", "replaceable": replaceable});
    Secret::new(handle.to_string())
}

#[tokio::test]
async fn private_answers_go_home_only_and_replace_only_private_messages() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let hook = format!("{}/hooks/h1", server.origin);
    for (replaceable, mode, replaced) in
        [(true, AnswerMode::Replace, true), (false, AnswerMode::Replace, false), (true, AnswerMode::Fresh, false)]
    {
        slack.answer(&handle(&hook, replaceable), mode, &message()).await.expect("answered");
        let sent = server.calls("h1").pop().expect("a call");
        assert_eq!((&sent["replace_original"], &sent["response_type"]), (&json!(replaced), &json!("ephemeral")));
    }
    for elsewhere in ["http://127.0.0.1:1/hooks/h1", "https://evil.example/x", "https://hooks.slack.com.evil.example/"]
    {
        let error = slack.answer(&handle(elsewhere, true), AnswerMode::Fresh, &message()).await.expect_err("refused");
        assert!(matches!(error.fault, Fault::Refused { status: 0, .. }));
    }
    server.next("h1", (404, vec![], json!({})));
    let error = slack.answer(&handle(&hook, true), AnswerMode::Fresh, &message()).await.expect_err("expired");
    assert_eq!(error.fault, Fault::NotFound);
}

#[tokio::test]
async fn forms_are_opened_by_their_trigger() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let field = Field {
        key: "org".into(),
        label: "Org".into(),
        help: String::new(),
        required: true,
        initial: None,
        kind: FieldKind::Line { max: 63 },
    };
    let form = Form { token: "rq-1".into(), title: "Revoke".into(), fields: vec![field] };
    let form = guard().outgoing(form).expect("a clean form");
    slack.open_form(&handle("", false), &form).await.expect("opened");
    let sent = &server.calls("views.open")[0];
    assert_eq!((&sent["trigger_id"], &sent["view"]["callback_id"]), (&json!("1.2"), &json!("seqn-form:C1:")));
}

#[tokio::test]
async fn the_check_up_says_what_is_missing() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let me = json!({"ok": true, "team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT"});
    server.next("auth.test", (200, vec![], me.clone()));
    server.next("auth.test", (200, vec![("x-oauth-scopes", "commands, chat:write")], me));
    let found = slack.check_up(&[]).await;
    assert_eq!(found.iter().map(|f| f.fine).collect::<Vec<_>>(), [true, false, true, true]);
    assert!(found[1].says.contains("im:write") && !found[1].says.contains("commands ("));
    server.next("auth.test", (200, vec![], json!({"ok": true, "team_id": "T9", "user_id": "U0BOT"})));
    assert!(slack.check_up(&[]).await[0].says.contains("T9"));
}
