//! Interactions in, envelopes out.

use serde_json::{Value, json};

use crate::guard::Untrusted;
use crate::model::{CommandInput, Envelope, Happening, Millis};

use super::super::read::{Handle, Reader, Reading};

const NOW: Millis = Millis(1_000);
const READER: Reader = Reader { guild: 7, me: 2 };

fn event(kind: u64, content: &Value, more: &Value) -> Value {
    let mut event = json!({
        "id": "10", "application_id": "2", "type": kind, "token": "tok", "channel_id": "5", "guild_id": "7",
        "context": 0, "member": {"user": {"id": "3"}}, "data": content,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    event
}

fn known(event: Value) -> Envelope {
    match READER.interaction(event, NOW) {
        Reading::Known(envelope, _) => *envelope,
        Reading::Strange(_) => panic!("it is known"),
        Reading::Nothing => panic!("it is readable"),
    }
}

fn tree(path: &[&str], options: &[(&str, &str)]) -> CommandInput {
    CommandInput::Tree {
        path: path.iter().map(|p| Untrusted::from(*p)).collect(),
        options: options.iter().map(|(k, v)| ((*k).to_owned(), Untrusted::from(*v))).collect(),
    }
}

#[test]
fn commands_become_trees() {
    let leaf = json!([{"name": "org", "type": 3, "value": "acme"}, {"name": "dry-run", "type": 5, "value": true}]);
    let options = [("org", "acme"), ("dry-run", "true")];
    let sub = json!([{"name": "revoke-session", "type": 1, "options": leaf}]);
    let group = json!([{"name": "update", "type": 2, "options": [{"name": "public", "type": 1}]}]);
    for (content, want) in [
        (json!({"name": "seqn", "type": 1, "options": sub}), tree(&["revoke-session"], &options)),
        (json!({"name": "case", "options": sub}), tree(&["case", "revoke-session"], &options)),
        (json!({"name": "incident", "options": group}), tree(&["incident", "update", "public"], &[])),
        (json!({"name": "seqn"}), tree(&[], &[])),
    ] {
        assert_eq!(known(event(2, &content, &Value::Null)).what, Happening::Command(want));
    }
}

#[test]
fn an_envelope_names_who_where_and_how_to_answer() {
    let envelope = known(event(2, &json!({"name": "seqn"}), &Value::Null));
    assert_eq!(envelope.key.as_str(), "discord:10");
    assert_eq!((envelope.account.to_string().as_str(), envelope.outsider), ("discord::3", false));
    let place = &envelope.place;
    assert_eq!((place.team.as_str(), place.channel.as_str(), place.direct), ("7", "5", false));
    let reply = envelope.reply.expect("interactions can be answered");
    assert_eq!((reply.expires, reply.form_until), (Millis(901_000), Some(Millis(3_500))));
    let handle = Handle::opened(&reply.handle).expect("a handle");
    assert_eq!((handle.id.as_str(), handle.token.as_str(), handle.app.as_str(), handle.kind), ("10", "tok", "2", 2));
}

#[test]
fn places_and_outsiders() {
    let seqn = || json!({"name": "seqn"});
    let direct = known(event(2, &seqn(), &json!({"guild_id": null, "member": null, "user": {"id": 3}, "context": 1})));
    assert!(direct.place.direct && !direct.outsider && direct.place.team.is_empty());
    let group = known(event(2, &seqn(), &json!({"guild_id": null, "member": null, "user": {"id": 3}, "context": 2})));
    assert!(group.outsider && !group.place.direct);
    assert!(known(event(2, &seqn(), &json!({"guild_id": "8"}))).outsider);
    assert!(known(event(2, &seqn(), &json!({"member": {"user": {"id": "3", "bot": true}}}))).outsider);
    let thread = known(event(2, &seqn(), &json!({"channel": {"type": 11, "parent_id": "4"}})));
    assert_eq!((thread.place.channel.as_str(), thread.place.thread.as_deref()), ("4", Some("5")));
}

#[test]
fn typing_presses_and_submissions() {
    let options = json!([{"name": "find", "type": 1, "options": [
        {"name": "org", "type": 3, "value": "acme"}, {"name": "user", "type": 3, "value": "jo", "focused": true},
    ]}]);
    let what = known(event(4, &json!({"name": "seqn", "options": options}), &Value::Null)).what;
    let input = tree(&["find"], &[("org", "acme")]);
    assert_eq!(what, Happening::Typing { input, focus: "user".into(), partial: "jo".into() });
    let press = json!({"custom_id": "choose:rq-1:2", "component_type": 3, "values": ["latest"]});
    let what = known(event(3, &press, &json!({"message": {"id": "1"}}))).what;
    assert_eq!(what, Happening::Pressed { control: "choose:rq-1:2".into(), value: Some("latest".into()) });
    let input = json!({"type": 18, "component": {"type": 4, "custom_id": "org", "value": "acme"}});
    let envelope = known(event(5, &json!({"custom_id": "form:rq-1", "components": [input]}), &Value::Null));
    let values = vec![("org".to_owned(), "acme".into())];
    assert_eq!(envelope.what, Happening::Submitted { token: "rq-1".into(), values });
    assert_eq!(envelope.reply.expect("a reply").form_until, None);
    let shortcut =
        json!({"name": "Ask", "type": 3, "target_id": "9", "resolved": {"messages": {"9": {"content": "help"}}}});
    let what = known(event(2, &shortcut, &Value::Null)).what;
    assert_eq!(what, Happening::Shortcut { name: "Ask".into(), text: "help".into() });
}

#[test]
fn what_is_not_known_is_still_answered() {
    for (kind, content) in [(2, json!({"name": "Who", "type": 2})), (9, json!({})), (2, json!({})), (3, Value::Null)] {
        assert!(matches!(READER.interaction(event(kind, &content, &Value::Null), NOW), Reading::Strange(_)), "{kind}");
    }
    for odd in [json!(null), json!([]), json!({"type": 2}), json!({"id": "10", "type": "x"})] {
        assert!(matches!(READER.interaction(odd, NOW), Reading::Nothing));
    }
}
