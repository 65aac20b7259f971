//! What people do in the emulated workspace: type, edit, delete; and the `Stage` over all of it.
//!
//! Buttons and menus are in `press`, forms in `form`. Invariant: an act changes the screens first and
//! tells the bot after, as Slack does.

use serde_json::{Map, Value, json};

use super::delivery::{Delivery, Reply};
use super::state::{Body, Hook, State, Thing, dm_of, person};
use super::text::{command_text, mrkdwn, pieces, rich_text};
use super::web::Args;
use super::{SlackSim, face, hooks, wire};
use crate::sandbox::cast::{self, Person};
use crate::sandbox::stage::{Shown, Stage, StageError};

/// The commands that the app has registered.
const COMMANDS: [&str; 6] = ["/seqn", "/rotate", "/case", "/incident", "/audit", "/staff"];

/// Where somebody types.
pub(super) struct Place {
    pub channel: String,
    thread_ts: Option<String>,
}

/// A refusal of Slack's own client.
pub(super) fn refuse<T>(why: impl Into<String>) -> Result<T, StageError> {
    Err(StageError(why.into()))
}

/// The cast's person of that name.
pub(super) fn somebody(who: &str) -> Result<&'static Person, StageError> {
    cast::by_name(who).ok_or_else(|| StageError(format!("there is nobody called {who}")))
}

impl SlackSim {
    pub(super) fn place(&self, who: &Person, named: &str) -> Result<Place, StageError> {
        let (name, thread) = named.split_once('/').map_or((named, None), |(n, t)| (n, Some(t)));
        let channel = match name {
            "dm" => dm_of(who.slack_user),
            _ => match cast::channel(name) {
                Some(channel) => channel.slack.to_owned(),
                None => self.enters(who, name)?,
            },
        };
        let state = self.core.state();
        let mut there = state.posts().rev().filter(|p| p.channel == channel && p.only.is_none() && !p.gone);
        let thread_ts = match thread {
            None => None,
            Some("latest") => match there.next() {
                Some(post) => Some(post.thread_ts.clone().unwrap_or_else(|| post.ts.clone())),
                None => return refuse(format!("there is no message in {name} to answer")),
            },
            Some(ts) => match there.find(|p| p.ts == ts) {
                Some(post) => Some(post.thread_ts.clone().unwrap_or_else(|| post.ts.clone())),
                None => return refuse(format!("there is no message {ts} in {name}")),
            },
        };
        Ok(Place { channel, thread_ts })
    }

    /// The opened channel of that name, for somebody who may be there; whoever comes into a public one joins it.
    fn enters(&self, who: &Person, name: &str) -> Result<String, StageError> {
        let mut state = self.core.state();
        let room = state.room_named(name).filter(|room| !room.archived).map(|room| room.id.clone());
        let Some(id) = room else { return refuse(format!("there is no channel called {name}")) };
        if !state.is_open_to(&id, who) {
            return refuse(format!("there is no channel called {name} for {}", who.name));
        }
        if let Some(room) = state.rooms.iter_mut().find(|room| room.id == id)
            && !room.members.iter().any(|member| member == who.slack_user)
        {
            room.members.push(who.slack_user.to_owned());
        }
        Ok(id)
    }

    async fn commands(&self, who: &'static Person, place: &Place, text: &str) -> Result<(), StageError> {
        if place.thread_ts.is_some() {
            return refuse("slash commands do not work in threads");
        }
        let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if !COMMANDS.contains(&command) {
            return refuse(format!("{command} is not a valid command"));
        }
        let hooks_url = self.hooks_url();
        let delivery = {
            let mut state = self.core.state();
            wire::command(&mut state, &hooks_url, who, &place.channel, command, &command_text(rest.trim()))
        };
        self.act(who, delivery).await;
        Ok(())
    }

    async fn says(&self, who: &'static Person, place: Place, text: &str) {
        let deliveries = {
            let mut state = self.core.state();
            let typed = pieces(text);
            let blocks = rich_text(&typed, &state.id("b"));
            let body = Body { text: mrkdwn(&typed), blocks, attachments: Value::Null, metadata: None };
            let post = state.post(who.slack_user, &place.channel, place.thread_ts, None, body);
            if !state.has_bot(&post.channel) {
                return;
            }
            let mut deliveries = vec![wire::event(&mut state, &wire::said(&post))];
            let mention = format!("<@{}>", cast::SLACK_BOT_USER);
            // In direct messages Slack sends no mention event.
            if post.body.text.contains(&mention) && wire::channel_type(&post.channel) != "im" {
                deliveries.push(wire::event(&mut state, &wire::mentioned(&post)));
            }
            deliveries
        };
        self.tell(who, deliveries).await;
    }

    /// Announces events and waits until each was acked or given up for the first time.
    pub(super) async fn tell(&self, who: &Person, deliveries: Vec<Delivery>) {
        self.core.state().last_act.insert(who.slack_user.to_owned(), deliveries.clone());
        let heard: Vec<_> = deliveries.into_iter().map(|d| self.core.announce(d, 0)).collect();
        for first in heard {
            let _ = first.await;
        }
    }

    /// Delivers a command or an interaction of this person, and shows what the ack says.
    pub(super) async fn act(&self, who: &Person, delivery: Delivery) {
        self.core.state().last_act.insert(who.slack_user.to_owned(), vec![delivery.clone()]);
        self.deliver(who, &delivery).await;
    }

    async fn deliver(&self, who: &Person, delivery: &Delivery) {
        let reply = self.core.ask(delivery).await;
        if delivery.kind == "slash_commands" {
            self.after_command(who, delivery, reply);
        } else if delivery.payload["type"] == "view_submission" {
            self.after_submission(who, &delivery.payload, reply);
        } else if delivery.payload["type"] != "view_closed" {
            let problem = match reply {
                Reply::Acked(_) => return,
                Reply::Late => "operation_timeout",
                Reply::Nobody => "dispatch_failed",
            };
            let text = format!("seqn did not respond: the action failed with the error \"{problem}\"");
            self.core.state().notice(who.slack_user, &text);
        }
    }

    fn after_command(&self, who: &Person, delivery: &Delivery, reply: Reply) {
        let command = delivery.payload["command"].as_str().unwrap_or_default();
        let problem = match reply {
            Reply::Acked(Value::Object(said)) if !said.is_empty() => match self.say_ack(who, delivery, said) {
                Ok(()) => return,
                Err(problem) => problem,
            },
            Reply::Acked(_) => return,
            Reply::Late => "operation_timeout",
            Reply::Nobody => "dispatch_failed",
        };
        self.core.state().notice(who.slack_user, &format!("{command} failed with the error \"{problem}\""));
    }

    fn say_ack(&self, who: &Person, delivery: &Delivery, said: Map<String, Value>) -> Result<(), &'static str> {
        let hook = Hook {
            user: who.slack_user.to_owned(),
            channel: delivery.payload["channel_id"].as_str().unwrap_or_default().to_owned(),
            thread_ts: None,
            source: None,
            uses: 0,
            made_ms: 0,
        };
        hooks::say(&self.core, &hook, &Args(said)).map_err(|_| "invalid_command_response")
    }
}

#[async_trait::async_trait]
impl Stage for SlackSim {
    fn name(&self) -> &'static str {
        "slack"
    }

    async fn types(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError> {
        let who = somebody(who)?;
        let place = self.place(who, channel)?;
        if text.starts_with('/') {
            return self.commands(who, &place, text).await;
        }
        self.says(who, place, text).await;
        Ok(())
    }

    async fn presses(&self, who: &str, label: &str) -> Result<(), StageError> {
        self.press(somebody(who)?, label).await
    }

    async fn presses_again(&self, who: &str) -> Result<(), StageError> {
        self.press_again(somebody(who)?).await
    }

    async fn chooses(&self, who: &str, option: &str) -> Result<(), StageError> {
        self.choose(somebody(who)?, option).await
    }

    async fn submits(&self, who: &str, values: &[(String, String)]) -> Result<(), StageError> {
        self.submit(somebody(who)?, values).await
    }

    async fn completes(&self, who: &str, _channel: &str, _text: &str) -> Result<Vec<String>, StageError> {
        // Slack has no autocomplete for the arguments of slash commands.
        somebody(who).map(|_| Vec::new())
    }

    async fn redelivers(&self, who: &str) -> Result<(), StageError> {
        let who = somebody(who)?;
        let last = self.core.state().last_act.get(who.slack_user).cloned();
        let Some(last) = last else { return refuse(format!("{} has done nothing yet", who.name)) };
        for mut delivery in last {
            if delivery.kind == "events_api" {
                delivery.envelope_id = self.core.state().id("env-");
                let _ = self.core.announce(delivery, 1).await;
            } else {
                self.deliver(who, &delivery).await;
            }
        }
        Ok(())
    }

    async fn reacts(&self, who: &str, emoji: &str, part: &str) -> Result<(), StageError> {
        self.react(somebody(who)?, emoji, part).await
    }

    async fn notes(&self, who: &str, part: &str) -> Result<(), StageError> {
        self.shortcut_on(who, "note", part).await
    }

    async fn says_app(&self, channel: &str, text: &str) -> Result<(), StageError> {
        self.app_says(channel, text).await
    }

    async fn edits(&self, who: &str, part: &str, text: &str) -> Result<(), StageError> {
        self.edits_own(somebody(who)?, part, text).await
    }

    async fn deletes(&self, who: &str, part: &str) -> Result<(), StageError> {
        self.deletes_own(somebody(who)?, part).await
    }

    async fn shares(&self, who: &str, channel: &str, name: &str, content: &[u8]) -> Result<(), StageError> {
        self.shares_file(somebody(who)?, channel, name, content).await
    }

    async fn sets_topic(&self, who: &str, channel: &str, text: &str) -> Result<(), StageError> {
        self.changes_topic(somebody(who)?, channel, text).await
    }

    fn sees(&self, who: &str) -> Vec<Shown> {
        face::shown(&self.core.state(), Some(who))
    }

    fn all(&self) -> Vec<Shown> {
        face::shown(&self.core.state(), None)
    }
}

/// Whether this person sees this thing now.
pub(super) fn on_screen(state: &State, thing: &Thing, who: &Person) -> bool {
    match thing {
        Thing::Post(post) => {
            let seen = face::may_see(&face::audience(state, post), who.name) && state.is_open_to(&post.channel, who);
            !post.gone && seen
        }
        Thing::View(view) => !view.gone && person(&view.user).is_some_and(|p| p.name == who.name),
        Thing::Notice(_) => false,
    }
}

/// One `action_ts`, from the same clock as messages.
pub(super) fn stamp(action: &mut Value, ts: &str) {
    action["action_ts"] = json!(ts);
}
