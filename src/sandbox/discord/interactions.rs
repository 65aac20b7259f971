//! Interactions: their payloads, their dispatch, and the bot's callback.
//!
//! What people do to cause them is in `hands`. Invariant: one callback is accepted for each interaction, and only
//! within three seconds of real time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::checks::{self, list};
use super::components;
use super::messages::{self, Draft};
use super::reply::{Answer, FormErrors, Reply, fail, no_content, ok};
use super::rest::Call;
use super::rooms;
use super::state::{Core, Form, Interaction, Item, State};
use super::wire::{self, EPHEMERAL};
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD};

/// How long the bot has for its callback, in real time.
pub(super) const ACK_WITHIN: Duration = Duration::from_secs(3);
/// Choices of an autocomplete answer.
const CHOICES_MAX: usize = 25;
/// Characters of a choice's name and text value.
const CHOICE_MAX: usize = 100;
/// What files may be uploaded with an interaction, in bytes.
const ATTACHMENT_MAX: u64 = 10 * 1024 * 1024;

/// Interaction types.
pub(super) const COMMAND: u64 = 2;
pub(super) const COMPONENT: u64 = 3;
pub(super) const AUTOCOMPLETE: u64 = 4;
pub(super) const MODAL: u64 = 5;

/// What an interaction is made of.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    pub(super) kind: u64,
    pub(super) user: u64,
    pub(super) channel: u64,
    /// The interaction's own `data`.
    pub(super) content: Value,
    /// The message that it comes from, as it was.
    pub(super) message: Option<Value>,
}

/// Makes an interaction and dispatches it to one session; `None` when there is none.
pub(super) fn begin(state: &mut State, now_ms: i64, begun: &Begun) -> Option<(u64, watch::Receiver<u32>)> {
    let id = state.next_id(now_ms);
    let token = format!("aW50ZXJhY3Rpb246{id}x{:x}", id.rotate_left(17) ^ 0x5eed_5eed);
    let payload = payload(state, id, &token, begun);
    let attempts = watch::Sender::new(0);
    let watcher = attempts.subscribe();
    let source = begun.message.as_ref().and_then(|m| m["id"].as_str()?.parse().ok());
    let command = begun.content["name"].as_str().map(str::to_owned);
    let interaction = Interaction {
        token,
        kind: begun.kind,
        user: begun.user,
        channel: begun.channel,
        source,
        command,
        born: Instant::now(),
        born_ms: now_ms,
        acked: None,
        original: None,
        choices: Vec::new(),
        attempts,
    };
    state.interactions.insert(id, interaction);
    if begun.kind != AUTOCOMPLETE {
        let event = ("INTERACTION_CREATE".to_owned(), payload.clone(), Some(id));
        state.hands.entry(begun.user).or_default().last_event = Some(event);
    }
    state.gate.dispatch_to_one("INTERACTION_CREATE", &payload).then_some((id, watcher))
}

fn payload(state: &State, id: u64, token: &str, begun: &Begun) -> Value {
    let direct = wire::dm_person(begun.channel).is_some();
    let manages = state.knobs.bot_may;
    let mut channel = rooms::object(state, begun.channel).unwrap_or(Value::Null);
    let mut body = json!({
        "id": id.to_string(), "application_id": DISCORD_APP.to_string(), "type": begun.kind, "token": token, "version": 1,
        "channel_id": begun.channel.to_string(), "data": begun.content, "locale": "en-US", "entitlements": [],
        "attachment_size_limit": ATTACHMENT_MAX, "app_permissions": wire::permissions(DISCORD_APP, manages).to_string(),
    });
    let more = if direct {
        json!({
            "user": wire::user(begun.user), "context": 1, "authorizing_integration_owners": {"0": "0"},
        })
    } else {
        let permissions = wire::permissions(begun.user, manages).to_string();
        channel["permissions"] = json!(permissions);
        let mut member = wire::member(begun.user);
        wire::merge(&mut member, &json!({"permissions": permissions, "unusual_dm_activity_until": null}));
        json!({
            "member": member, "context": 0, "authorizing_integration_owners": {"0": DISCORD_GUILD.to_string()},
            "guild_id": DISCORD_GUILD.to_string(), "guild_locale": "en-US",
            "guild": {"id": DISCORD_GUILD.to_string(), "locale": "en-US", "features": []},
        })
    };
    wire::merge(&mut body, &more);
    body["channel"] = channel;
    if let Some(message) = &begun.message {
        body["message"] = message.clone();
    }
    body
}

/// `POST /interactions/{id}/{token}/callback`.
pub(super) fn callback(core: &Core, call: &Call, id: &str, token: &str) -> Answer {
    let unknown = || fail(404, 10062, "Unknown interaction");
    let id: u64 = id.parse().map_err(|_| unknown())?;
    let mut state = core.lock();
    let found = state.interactions.get_mut(&id).filter(|i| i.token == token).ok_or_else(unknown)?;
    if found.acked.is_some() {
        found.attempts.send_modify(|n| *n += 1);
        return Err(fail(400, 40060, "Interaction has already been acknowledged."));
    }
    if found.born.elapsed() > ACK_WITHIN {
        return Err(unknown());
    }
    let kind = call.body["type"].as_u64().unwrap_or(0);
    let original = accept(&mut state, core.dial.now_ms(), id, kind, &call.body["data"])?;
    let Some(found) = state.interactions.get_mut(&id) else { return Err(unknown()) };
    found.acked = Some(kind);
    found.original = original;
    found.attempts.send_modify(|n| *n += 1);
    if call.param("with_response") != Some("true") {
        return Ok(no_content());
    }
    let mut resource = json!({"type": kind});
    if let Some(post) = original.and_then(|id| state.post(id)).filter(|_| matches!(kind, 4 | 7)) {
        resource["message"] = post.body.clone();
    }
    let interaction = json!({
        "id": id.to_string(), "type": state.interactions.get(&id).map(|i| i.kind), "response_message_loading": kind == 5,
        "response_message_ephemeral": original.and_then(|id| state.post(id)).is_some_and(|p| p.only.is_some()),
        "response_message_id": original.map(|id| id.to_string()),
    });
    Ok(ok(json!({"interaction": interaction, "resource": resource})))
}

/// Does what a callback of that type asks; returns what `@original` is from now on.
fn accept(state: &mut State, now: i64, id: u64, kind: u64, body: &Value) -> Result<Option<u64>, Reply> {
    let Some(found) = state.interactions.get(&id) else { return Err(fail(404, 10062, "Unknown interaction")) };
    let (source, user, channel) = (found.source, found.user, found.channel);
    let fits = match kind {
        4 | 5 => found.kind != AUTOCOMPLETE,
        6 | 7 => source.is_some() && matches!(found.kind, COMPONENT | MODAL),
        8 => found.kind == AUTOCOMPLETE,
        9 => matches!(found.kind, COMMAND | COMPONENT),
        _ => false,
    };
    if !fits {
        let mut errors = FormErrors::default();
        let text = "The specified interaction callback type is invalid for this interaction.";
        errors.add("type", "INTERACTION_CALLBACK_INVALID_TYPE", text);
        errors.done()?;
    }
    match kind {
        4 => {
            checks::message(body)?;
            Ok(Some(respond(state, now, id, body, false)))
        }
        5 => Ok(Some(respond(state, now, id, body, true))),
        6 => Ok(source),
        7 => {
            if let Some(source) = source {
                messages::edit(state, now, source, body)?;
            }
            Ok(source)
        }
        8 => {
            let choices = choices(body)?;
            if let Some(found) = state.interactions.get_mut(&id) {
                found.choices = choices;
            }
            Ok(None)
        }
        _ => {
            components::modal(body)?;
            state.close_forms(user);
            state.items.push(Item::Form(Form { who: user, channel, modal: body.clone(), source, closed: false }));
            Ok(None)
        }
    }
}

/// Makes the message of a response or follow-up; flag 64 makes it ephemeral.
pub(super) fn respond(state: &mut State, now: i64, id: u64, body: &Value, thinking: bool) -> u64 {
    let Some(found) = state.interactions.get(&id) else { return 0 };
    let only = (body["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0).then_some(found.user);
    let origin = json!({
        "id": id.to_string(), "type": found.kind, "user": wire::user(found.user),
        "authorizing_integration_owners": {"0": DISCORD_GUILD.to_string()},
    });
    let mut extra = json!({
        "type": if found.kind == COMMAND { 20 } else { 0 }, "application_id": DISCORD_APP.to_string(),
        "webhook_id": DISCORD_APP.to_string(), "interaction_metadata": origin,
    });
    if let Some(name) = &found.command {
        extra["interaction"] =
            json!({"id": id.to_string(), "type": found.kind, "name": name, "user": wire::user(found.user)});
    }
    let draft = Draft { channel: found.channel, author: DISCORD_APP, body, only, thinking, extra };
    messages::create(state, now, &draft)
}

fn choices(body: &Value) -> Result<Vec<Value>, Reply> {
    let mut errors = FormErrors::default();
    let choices = list(body, "choices");
    if !body["choices"].is_array() {
        errors.add("data.choices", "BASE_TYPE_REQUIRED", "This field is required");
    }
    errors.count("data.choices", choices.len(), 0, CHOICES_MAX);
    for (at, choice) in choices.iter().enumerate() {
        errors.required(&format!("data.choices.{at}.name"), &choice["name"], CHOICE_MAX);
        errors.optional(&format!("data.choices.{at}.value"), &choice["value"], CHOICE_MAX);
        if choice["value"].is_null() {
            errors.add(&format!("data.choices.{at}.value"), "BASE_TYPE_REQUIRED", "This field is required");
        }
    }
    errors.done()?;
    Ok(choices.to_vec())
}
