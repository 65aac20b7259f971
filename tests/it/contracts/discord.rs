//! Discord: what the bot sends while stories are played, against Discord's own description of its API.
//!
//! The description lets some mistakes pass that Discord refuses; those are looked for by hand. Invariant: each kind
//! of call that the stories make has been judged by a judge that sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use seqn_chatops::model::{Happening, Place, Platform, Posted};
use seqn_chatops::platforms::discord::Kept;
use seqn_chatops::ports::{Chat, Moderate, Removal};
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::fault::Faults;
use seqn_chatops::sandbox::stage::Stage;
use seqn_chatops::sandbox::story::{Player, parse, play};
use serde_json::{Value, json};

use crate::discord_wire::{emulator, world_of};
use crate::specs::{Operation, Specs, accepts};

/// The base of the paths in the description.
const PREFIX: &str = "/api/v10";
/// The most characters of a bot's message; the description says 4,000.
const CONTENT_MAX: usize = 2_000;
/// The most characters of all embeds of a message.
const EMBEDS_MAX: usize = 6_000;
/// The most rows of a modal.
const MODAL_ROWS_MAX: usize = 5;
/// The most characters of AutoMod's own message.
const AUTOMOD_MESSAGE_MAX: usize = 150;
/// Its schema is a union of all kinds of channels and refuses nothing.
const TOO_LOOSE: &str = "update_channel";
/// The flag of a message made of components only.
const COMPONENTS_V2: u64 = 1 << 15;

/// Every kind of answer: a form with errors, private and public messages, edits, menus, buttons, direct messages.
const STORY: &str = "
kim on discord in support types /seqn revoke-session
kim submits org=acme user=jo ticket=SUP-1 reason=lost
kim types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-1 reason=lost
kim chooses ses_jo_phone
kim presses Confirm
lee on discord in support types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-2 reason=exposed
lee presses Ask for approval
lee submits count=5
mira on discord presses Review
mira presses Approve
kim on discord in dm types whoami
kim on discord in support completes /seqn help re => revoke-session
";
/// What a body breaks that the description lets pass.
fn mistakes(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let message = body.get("data").filter(|inner| inner.is_object()).unwrap_or(body);
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    if chars(&message["content"]) > CONTENT_MAX {
        found.push("the content is too long".into());
    }
    let embeds = message["embeds"].as_array().map_or(0, |all| all.iter().map(|embed| embed_chars(embed, chars)).sum());
    if embeds > EMBEDS_MAX {
        found.push("the embeds are too long together".into());
    }
    let mut ids = Vec::new();
    custom_ids(&message["components"], &mut ids);
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < all {
        found.push("two components have one custom_id".into());
    }
    if body["type"] == 9 && message["components"].as_array().is_some_and(|rows| rows.len() > MODAL_ROWS_MAX) {
        found.push("the modal has too many rows".into());
    }
    if message["flags"].as_u64().is_some_and(|flags| flags & COMPONENTS_V2 != 0) && message.get("content").is_some() {
        found.push("components only, and content".into());
    }
    let actions = body["actions"].as_array().map_or(&[][..], Vec::as_slice);
    if actions.iter().any(|action| chars(&action["metadata"]["custom_message"]) > AUTOMOD_MESSAGE_MAX) {
        found.push("AutoMod's message is too long".into());
    }
    let sends = message.get("content").is_some() || message.get("embeds").is_some();
    if sends && message["allowed_mentions"]["parse"] != json!([]) {
        found.push("somebody could be mentioned".into());
    }
    found
}

fn embed_chars(embed: &Value, chars: impl Fn(&Value) -> usize) -> usize {
    let fields =
        embed["fields"].as_array().map_or(0, |all| all.iter().map(|f| chars(&f["name"]) + chars(&f["value"])).sum());
    chars(&embed["title"]) + chars(&embed["description"]) + chars(&embed["footer"]["text"]) + fields
}

fn custom_ids<'a>(value: &'a Value, ids: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            ids.extend(map.get("custom_id").and_then(Value::as_str));
            map.values().for_each(|inner| custom_ids(inner, ids));
        }
        Value::Array(items) => items.iter().for_each(|inner| custom_ids(inner, ids)),
        _ => {}
    }
}

async fn sent_in_a_story() -> Vec<(String, String)> {
    let folder = crate::folder::folder();
    let database = folder.path().join("bot.sqlite");
    let desk = Desk::open(Setup { seed: 7, database, live: false, slack: true, discord: true }).await.unwrap();
    let mut player = Player::new(desk).await.unwrap();
    let played = play(&mut player, &parse(STORY).unwrap()).await;
    let sent = player.desk.discord.requests();
    player.desk.stop().await;
    assert!(played.is_ok(), "{played:?}\n{}", player.transcript);
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bot_sends_is_what_discord_describes() {
    let Some(specs) = Specs::open("what_the_bot_sends_is_what_discord_describes") else { return };
    let document = specs.read("discord.json");
    let judged = judged(&document, &sent_in_a_story().await);
    eprintln!("{judged:?}");
    for wanted in ["create_interaction_response", "update_original_webhook_message", "create_message"] {
        assert!(judged.contains_key(wanted), "no {wanted} was judged: {judged:?}");
    }
}

/// Everything that the guard does on Discord: keeps rules, looks at channels, reads history and files, removes.
#[tokio::test]
async fn discord_would_take_what_the_guard_sends() {
    let Some(specs) = Specs::open("discord_would_take_what_the_guard_sends") else { return };
    let document = specs.read("discord.json");
    let (dial, faults) = (Dial::still(), Faults::default());
    let sim = emulator(&dial, &faults).await;
    sim.waits(true);
    let mut w = world_of(Arc::clone(&sim), dial, faults, true).await;
    w.until(|w| w.discord.automod() == Kept::Whole).await;
    sim.admin_changes_rule("keys", &json!({"enabled": false})).expect("it is there");
    w.until(|w| w.sim.automod_rules()[0]["enabled"] == true).await;
    sim.opens_thread("kim", "random", "old").await.expect("she may");
    w.next().await;
    sim.types("kim", "old", "a secret").await.expect("she may write");
    let at = w.next().await;
    let Happening::Said(said) = &at.what else { panic!("it was said") };
    sim.archives_thread("old").expect("it is there");
    let place = Place { thread: None, ..at.place.clone() };
    w.discord.read(&place, &said.message).await.expect("an answer").expect("it is there");
    let posted = Posted { platform: Platform::Discord, channel: place.channel.clone(), message: said.message.clone() };
    assert_eq!(w.discord.remove(&posted).await.expect("an answer"), Removal::Removed);
    sim.archives_thread("old").expect("it is there");
    for channel in w.discord.channels().await.expect("an answer") {
        w.discord.history(&channel, "", "", None).await.expect("an answer");
    }
    w.discord.check_up(&[]).await;
    let requests = sim.requests();
    let kinds = judged(&document, &requests);
    for kind in ["create_auto_moderation_rule", "update_auto_moderation_rule"] {
        assert!(kinds.contains_key(kind), "no {kind} was judged: {kinds:?}");
    }
    for path in ["DELETE ", "archived/public", "archived/private", "threads/active", "after=0&limit=100"] {
        assert!(requests.iter().any(|(line, _)| line.contains(path)), "{path} was not asked");
    }
}

/// How often each kind of call had a body; every call exists, and every body is as described.
pub(super) fn judged(document: &Value, requests: &[(String, String)]) -> BTreeMap<String, usize> {
    let mut judged: BTreeMap<String, usize> = BTreeMap::new();
    for (line, body) in requests {
        let (method, target) = line.split_once(' ').unwrap();
        let path = target.split('?').next().unwrap_or_default();
        let path = path.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{line} is outside {PREFIX}"));
        let operation = Operation::find(document, method, path).unwrap_or_else(|| panic!("{line} is not described"));
        for pair in target.split_once('?').map_or("", |(_, query)| query).split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            assert!(operation.takes("query", name), "{line}: there is no parameter {name}");
        }
        if let Some(body) = serde_json::from_str::<Value>(body).ok().filter(|_| operation.id() != TOO_LOOSE) {
            accepts(line, &operation.request(), &body);
            assert_eq!(mistakes(&body), Vec::<String>::new(), "{line}: {body}");
            *judged.entry(operation.id().to_owned()).or_default() += 1;
        }
    }
    judged
}

#[test]
fn what_the_description_lets_pass_is_seen() {
    let quiet = json!({"parse": []});
    let message = |content: &str| json!({"content": content, "allowed_mentions": quiet});
    let button = json!({"type": 2, "style": 1, "custom_id": "a", "label": "A"});
    let modal =
        json!({"type": 9, "data": {"custom_id": "m", "components": vec![json!({"type": 18}); MODAL_ROWS_MAX + 1]}});
    let automod =
        json!({"actions": [{"type": 1, "metadata": {"custom_message": "x".repeat(AUTOMOD_MESSAGE_MAX + 1)}}]});
    let embed = json!({"description": "x".repeat(EMBEDS_MAX / 2 + 1)});
    let wrong = [
        message(&"x".repeat(CONTENT_MAX + 1)),
        json!({"type": 4, "data": message(&"x".repeat(CONTENT_MAX + 1))}),
        json!({"embeds": [embed, embed], "allowed_mentions": quiet}),
        json!({"components": [{"type": 1, "components": [button, button]}]}),
        modal,
        automod,
        json!({"flags": COMPONENTS_V2, "content": "x", "allowed_mentions": quiet}),
        json!({"content": "@everyone"}),
    ];
    for body in wrong {
        assert_eq!(mistakes(&body).len(), 1, "{body}");
    }
    assert_eq!(mistakes(&message("fine")), Vec::<String>::new());
}
