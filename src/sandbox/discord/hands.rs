//! What people do in Discord's client, and what they see there.
//!
//! It knows no wire beyond the interactions it begins. Invariant: what the client would refuse never reaches the bot.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::DiscordSim;
use super::interactions::{self, ACK_WITHIN, AUTOCOMPLETE, Begun, COMMAND, COMPONENT, MODAL};
use super::messages::{self, Draft};
use super::state::{Core, Post, State};
use super::typing::{self, Mode};
use super::{automod, form, opened, rooms, show, wire};
use crate::sandbox::cast::{self, DISCORD_GUILD};
use crate::sandbox::stage::{Audience, Shown, Stage, StageError};

/// Characters of a message that a person without Nitro can send.
const MESSAGE_MAX: usize = 2_000;
/// How long a repeated delivery waits for the bot's second answer; a bot that is silent about it is fine.
const REPEAT_WITHIN: Duration = Duration::from_millis(1_500);
/// What a person is told when the bot gives no callback in time.
const NO_RESPONSE: &str = "The application did not respond";

pub(super) fn user_of(who: &str) -> Result<u64, StageError> {
    cast::by_name(who).map(|p| p.discord_user).ok_or_else(|| StageError(format!("there is nobody called {who}")))
}

/// A channel or a thread by its name.
pub(super) fn channel_of(core: &Core, who: u64, channel: &str) -> Result<u64, StageError> {
    if channel == "dm" {
        return Ok(wire::dm_of(who));
    }
    let state = core.lock();
    let known = cast::channel(channel).map(|c| c.discord);
    let known = known.or_else(|| rooms::named(&state, channel)).or_else(|| opened::named(&state, channel));
    let open = known.filter(|id| who == wire::HOOK || rooms::is_open_to(&state, *id, who));
    open.ok_or_else(|| StageError(format!("there is no channel {channel}")))
}

/// The commands that the client offers this person here.
fn offered(state: &State, user: u64, channel: u64) -> Vec<Value> {
    let direct = wire::dm_person(channel).is_some();
    let context = u64::from(direct);
    let held = wire::permissions(user, state.knobs.bot_may);
    let here = |c: &&Value| {
        let contexts = c["contexts"].as_array();
        let fits = contexts.is_none_or(|list| list.iter().any(|x| *x == context));
        let needed = c["default_member_permissions"].as_str().and_then(|p| p.parse::<u64>().ok());
        let allowed = direct || wire::is_admin(user) || needed.is_none_or(|n| n != 0 && held & n == n);
        fits && allowed && !(direct && c["dm_permission"] == false)
    };
    let guild = state.commands.guild.iter().filter(|_| !direct);
    guild.chain(&state.commands.global).filter(here).cloned().collect()
}

/// The newest message that this person can see and for which `pick` finds something.
pub(super) fn newest<T>(state: &State, user: u64, pick: impl Fn(&Post) -> Option<T>) -> Option<(Post, T)> {
    let visible = |p: &&Post| {
        let direct = wire::dm_person(p.channel).is_none_or(|d| d.discord_user == user);
        let open = rooms::is_open_to(state, p.channel, user);
        !p.deleted && !p.thinking && p.only.is_none_or(|o| o == user) && direct && open
    };
    state.posts.values().rev().filter(visible).find_map(|p| pick(p).map(|found| (p.clone(), found)))
}

/// Whether the bot answered; after the wait the lock decides, not the timer.
async fn answered(core: &Core, id: u64, watcher: &mut watch::Receiver<u32>) -> bool {
    // A timeout and an answer are told apart below.
    let _ = tokio::time::timeout(ACK_WITHIN, watcher.wait_for(|n| *n > 0)).await;
    core.lock().interactions.get(&id).is_some_and(|i| i.acked.is_some())
}

/// Sends an interaction and waits for its callback; tells the person when none comes.
async fn interact(core: &Core, begun: Begun) -> bool {
    let sent = interactions::begin(&mut core.lock(), core.dial.now_ms(), &begun);
    let done = match sent {
        Some((id, mut watcher)) => answered(core, id, &mut watcher).await,
        None => false,
    };
    if !done {
        core.lock().notice(begun.user, NO_RESPONSE);
    }
    done
}

async fn press(core: &Core, user: u64, channel: u64, content: Value, message: Value) {
    let press = Some((channel, content.clone(), message.clone()));
    core.lock().hands.entry(user).or_default().last_press = press;
    interact(core, Begun { kind: COMPONENT, user, channel, content, message: Some(message) }).await;
}

fn say(core: &Core, user: u64, channel: u64, text: &str) -> Result<(), StageError> {
    let text = typing::link_names(text);
    if text.trim().is_empty() || text.chars().count() > MESSAGE_MAX {
        return Err(StageError("the message is empty or too long".into()));
    }
    let mut state = core.lock();
    if automod::blocks(&mut state, user, channel, &text) {
        return Ok(());
    }
    let body = json!({"content": text});
    let draft = Draft { channel, author: user, body: &body, only: None, thinking: false, extra: json!({}) };
    let id = messages::create(&mut state, core.dial.now_ms(), &draft);
    remember_post(&mut state, user, "MESSAGE_CREATE", id);
    Ok(())
}

pub(super) fn remember_post(state: &mut State, user: u64, name: &str, id: u64) {
    state.hands.entry(user).or_default().last_event = Some((name.to_owned(), json!(id), None));
}

impl DiscordSim {
    /// This person picks a command from the menu of the newest message that contains `text`.
    ///
    /// # Errors
    /// When there is no such message or command.
    pub async fn uses_menu(&self, who: &str, command: &str, text: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let begun = {
            let state = self.core.lock();
            let found = newest(&state, user, |p| show::text(&p.body).contains(text).then_some(()));
            let (post, ()) = found.ok_or_else(|| StageError("there is no such message".into()))?;
            let offered = offered(&state, user, post.channel);
            let found = offered.into_iter().find(|c| c["name"] == command && c["type"] == 3);
            let found = found.ok_or_else(|| StageError(format!("there is no message command {command:?}")))?;
            let id = post.id.to_string();
            let content = json!({
                "id": found["id"], "name": found["name"], "type": 3, "target_id": id,
                "resolved": {"messages": {id: post.body}},
            });
            Begun { kind: COMMAND, user, channel: post.channel, content, message: None }
        };
        interact(&self.core, begun).await;
        Ok(())
    }

    async fn commands_typed(&self, user: u64, channel: u64, text: &str) -> Result<(), StageError> {
        let typed = typing::read(&offered(&self.core.lock(), user, channel), text, Mode::Send)?;
        let content = command_content(&typed);
        interact(&self.core, Begun { kind: COMMAND, user, channel, content, message: None }).await;
        Ok(())
    }
}

fn command_content(typed: &typing::Typed) -> Value {
    let mut content = json!({
        "id": typed.command["id"], "name": typed.command["name"], "type": 1, "options": typed.options,
    });
    if !typed.command["guild_id"].is_null() {
        content["guild_id"] = json!(DISCORD_GUILD.to_string());
    }
    if typed.resolved.as_object().is_some_and(|r| !r.is_empty()) {
        content["resolved"] = typed.resolved.clone();
    }
    content
}

#[async_trait]
impl Stage for DiscordSim {
    fn name(&self) -> &'static str {
        "discord"
    }

    async fn types(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let channel = channel_of(&self.core, user, channel)?;
        if text.trim_start().starts_with('/') {
            return self.commands_typed(user, channel, text).await;
        }
        say(&self.core, user, channel, text)?;
        self.heard().await;
        Ok(())
    }

    async fn presses(&self, who: &str, label: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let named = |p: &Post| show::buttons(&p.body).into_iter().find(|b| show::label(b) == label).cloned();
        let found = newest(&self.core.lock(), user, named);
        let (post, button) = found.ok_or_else(|| StageError(format!("{who} sees no button {label:?}")))?;
        let content = json!({"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]});
        press(&self.core, user, post.channel, content, post.body).await;
        Ok(())
    }

    async fn presses_again(&self, who: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let last = self.core.lock().hands.get(&user).and_then(|h| h.last_press.clone());
        let (channel, content, message) = last.ok_or_else(|| StageError(format!("{who} has pressed nothing yet")))?;
        press(&self.core, user, channel, content, message).await;
        Ok(())
    }

    async fn chooses(&self, who: &str, option: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let menu = newest(&self.core.lock(), user, |p| {
            let menus: Vec<Value> = show::selects(&p.body).into_iter().cloned().collect();
            (!menus.is_empty()).then_some(menus)
        });
        let (post, menus) = menu.ok_or_else(|| StageError(format!("{who} sees no menu")))?;
        let offers: Vec<(&Value, (String, String))> =
            menus.iter().flat_map(|m| show::options(m).into_iter().map(move |o| (m, o))).collect();
        let exact = offers.iter().find(|(_, (label, _))| label == option);
        let chosen = exact.or_else(|| offers.iter().find(|(_, (label, _))| label.contains(option)));
        let (menu, (_, value)) = chosen.ok_or_else(|| StageError(format!("the menu has no option {option:?}")))?;
        let mut content = json!({
            "custom_id": menu["custom_id"], "component_type": menu["type"], "id": menu["id"], "values": [value],
        });
        if let (true, Ok(id)) = (menu["type"] == 5, value.parse::<u64>()) {
            content["resolved"] = json!({"users": {value: wire::user(id)}, "members": {value: wire::bare_member(id)}});
        }
        press(&self.core, user, post.channel, content, post.body).await;
        Ok(())
    }

    async fn submits(&self, who: &str, values: &[(String, String)]) -> Result<(), StageError> {
        let user = user_of(who)?;
        let (at, begun) = {
            let state = self.core.lock();
            let (at, open) = state.open_form(user).ok_or_else(|| StageError(format!("{who} has no open form")))?;
            let components = form::submission(&open.modal, values)?;
            let message = open.source.and_then(|id| state.post(id)).map(|p| p.body.clone());
            let content = json!({"custom_id": open.modal["custom_id"], "components": components});
            (at, Begun { kind: MODAL, user, channel: open.channel, content, message })
        };
        if interact(&self.core, begun).await
            && let Some(super::state::Item::Form(form)) = self.core.lock().items.get_mut(at)
        {
            form.closed = true;
        }
        Ok(())
    }

    async fn completes(&self, who: &str, channel: &str, text: &str) -> Result<Vec<String>, StageError> {
        let user = user_of(who)?;
        let channel = channel_of(&self.core, user, channel)?;
        let typed = typing::read(&offered(&self.core.lock(), user, channel), text, Mode::Complete)?;
        let Some(focused) = &typed.focused else { return Ok(Vec::new()) };
        if focused["autocomplete"] != true {
            let names = super::checks::list(focused, "choices").iter().filter_map(|c| c["name"].as_str());
            return Ok(names.map(str::to_owned).collect());
        }
        let content = command_content(&typed);
        let begun = Begun { kind: AUTOCOMPLETE, user, channel, content, message: None };
        let sent = interactions::begin(&mut self.core.lock(), self.core.dial.now_ms(), &begun);
        let Some((id, mut watcher)) = sent else { return Ok(Vec::new()) };
        answered(&self.core, id, &mut watcher).await;
        let state = self.core.lock();
        let choices = state.interactions.get(&id).map(|i| i.choices.as_slice()).unwrap_or_default();
        Ok(choices.iter().filter_map(|c| c["name"].as_str().map(str::to_owned)).collect())
    }

    async fn redelivers(&self, who: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let core = Arc::clone(&self.core);
        let last = core.lock().hands.get(&user).and_then(|h| h.last_event.clone());
        let (name, body, interaction) = last.ok_or_else(|| StageError(format!("{who} has done nothing yet")))?;
        let Some(id) = interaction else {
            core.lock().publish_post(&name, body.as_u64().unwrap_or(0));
            self.heard().await;
            return Ok(());
        };
        let watcher = {
            let mut state = core.lock();
            let watcher = state.interactions.get(&id).map(|i| (*i.attempts.borrow(), i.attempts.subscribe()));
            state.gate.dispatch_to_one("INTERACTION_CREATE", &body).then_some(watcher).flatten()
        };
        let Some((before, mut watcher)) = watcher else { return Ok(()) };
        // A bot that says nothing the second time is as good as one that does.
        let _ = tokio::time::timeout(REPEAT_WITHIN, watcher.wait_for(|n| *n > before)).await;
        Ok(())
    }

    async fn reacts(&self, who: &str, emoji: &str, part: &str) -> Result<(), StageError> {
        self.react(who, emoji, part)?;
        self.heard().await;
        Ok(())
    }

    async fn notes(&self, who: &str, part: &str) -> Result<(), StageError> {
        self.uses_menu(who, "Add to the incident's timeline", part).await
    }

    async fn says_app(&self, channel: &str, text: &str) -> Result<(), StageError> {
        self.app_posts(channel, &json!({"content": text})).await
    }

    async fn edits(&self, who: &str, part: &str, text: &str) -> Result<(), StageError> {
        self.edits_own(who, part, text)?;
        self.heard().await;
        Ok(())
    }

    async fn deletes(&self, who: &str, part: &str) -> Result<(), StageError> {
        self.deletes_own(who, part)?;
        self.heard().await;
        Ok(())
    }

    async fn shares(&self, who: &str, channel: &str, name: &str, content: &[u8]) -> Result<(), StageError> {
        self.shares_file(who, channel, name, content)?;
        self.heard().await;
        Ok(())
    }

    async fn sets_topic(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError> {
        self.changes_topic(who, channel, text)?;
        self.heard().await;
        Ok(())
    }

    fn sees(&self, who: &str) -> Vec<Shown> {
        let state = self.core.lock();
        let user = cast::by_name(who).map_or(0, |p| p.discord_user);
        let open = |s: &Shown| match &s.audience {
            Audience::Channel(name) => rooms::named(&state, name).is_none_or(|id| rooms::is_open_to(&state, id, user)),
            Audience::Only(_) | Audience::Direct(_) => true,
        };
        show::everything(&state).into_iter().filter(|s| show::reaches(&s.audience, who) && open(s)).collect()
    }

    fn all(&self) -> Vec<Shown> {
        show::everything(&self.core.lock())
    }
}
