//! Buttons, menus and message shortcuts, as people use them.
//!
//! Forms are in `form`. Invariant: only what is on that person's screen can be pressed, but for a
//! replay, which is what `press_again` is for.

use serde_json::{Map, Value, json};

use super::face::{self, Part, parts, words};
use super::hands::{on_screen, refuse, somebody, stamp};
use super::state::{Post, Press, State, Thing, View};
use super::{SlackSim, wire};
use crate::sandbox::cast::{Person, SLACK_BOT_USER};
use crate::sandbox::stage::StageError;

/// Where an element is.
enum Spot {
    Post(Post),
    View(View),
}

impl SlackSim {
    /// Runs a message shortcut on the newest message that this person sees (ephemeral ones have no shortcuts).
    ///
    /// # Errors
    /// When the person is unknown or sees no message.
    pub async fn shortcut(&self, who: &str, callback_id: &str) -> Result<(), StageError> {
        self.shortcut_on(who, callback_id, "").await
    }

    /// The same on the newest message that contains `part`.
    ///
    /// # Errors
    /// When the person is unknown or sees no such message.
    pub async fn shortcut_on(&self, who: &str, callback_id: &str, part: &str) -> Result<(), StageError> {
        let who = somebody(who)?;
        let delivery = {
            let mut state = self.core.state();
            let Some(post) = newest_with(&state, who, part) else {
                return refuse(format!("{} sees no such message", who.name));
            };
            let mut payload = wire::interaction(&mut state, "message_action", who);
            let hook = state.hook(who.slack_user, &post.channel, post.thread_ts.clone(), None);
            wire::in_message(&mut payload, &state, &post, &format!("{}/{hook}", self.hooks_url()));
            payload.remove("container");
            payload.remove("state");
            payload.insert("callback_id".into(), json!(callback_id));
            payload.insert("message_ts".into(), json!(post.ts));
            payload.insert("action_ts".into(), json!(state.ts()));
            wire::interactive(&mut state, Value::Object(payload))
        };
        self.act(who, delivery).await;
        Ok(())
    }

    /// This person reacts to the newest message that contains `part`.
    pub(super) async fn react(&self, who: &'static Person, emoji: &str, part: &str) -> Result<(), StageError> {
        let delivery = {
            let mut state = self.core.state();
            let Some(post) = newest_with(&state, who, part) else {
                return refuse(format!("{} sees no such message", who.name));
            };
            if !state.has_bot(&post.channel) {
                return Ok(());
            }
            let event = wire::reacted(&mut state, who, emoji, &post);
            wire::event(&mut state, &event)
        };
        self.tell(who, vec![delivery]).await;
        Ok(())
    }

    /// Presses the newest button with this label, or a form's own button.
    pub(super) async fn press(&self, who: &'static Person, label: &str) -> Result<(), StageError> {
        let found = find(&self.core.state(), who, &|part| part.is_button() && part.label() == label);
        let Some((spot, part)) = found else { return self.press_form_button(who, label).await };
        let mut action = json!({"type": "button", "action_id": part.action_id(), "block_id": part.block_id(),
                                "text": part.element["text"]});
        for key in ["value", "style"] {
            if let Some(value) = part.element.get(key) {
                action[key] = value.clone();
            }
        }
        self.block_action(who, &spot, action).await;
        Ok(())
    }

    /// The two buttons that every form has are not blocks.
    async fn press_form_button(&self, who: &'static Person, label: &str) -> Result<(), StageError> {
        let top = self.core.state().top_view(who.slack_user).cloned();
        if let Some(view) = top {
            let named = |key: &str, default: &str| {
                view.body.get(key).filter(|v| !v.is_null()).map_or(default.to_owned(), words)
            };
            if named("submit", "Submit") == label {
                return self.submit(who, &[]).await;
            }
            if named("close", "Cancel") == label {
                return self.closes(who.name).await;
            }
        }
        refuse(format!("{} sees no button \"{label}\"", who.name))
    }

    async fn block_action(&self, who: &'static Person, spot: &Spot, mut action: Value) {
        let delivery = {
            let mut state = self.core.state();
            stamp(&mut action, &state.ts());
            let mut payload = wire::interaction(&mut state, "block_actions", who);
            payload.insert("actions".into(), json!([action]));
            let (source, channel) = match spot {
                Spot::Post(post) => {
                    let hook = state.hook(who.slack_user, &post.channel, post.thread_ts.clone(), Some(post.id));
                    wire::in_message(&mut payload, &state, post, &format!("{}/{hook}", self.hooks_url()));
                    (Some(post.id), Some((post.channel.clone(), post.thread_ts.clone())))
                }
                Spot::View(view) => {
                    wire::in_view(&mut payload, view);
                    (None, None)
                }
            };
            let payload = Value::Object(payload);
            let press = Press { payload: payload.clone(), source, channel };
            state.last_press.insert(who.slack_user.to_owned(), press);
            wire::interactive(&mut state, payload)
        };
        self.act(who, delivery).await;
    }

    /// Sends this person's last press once more, with new ids of the platform's own.
    pub(super) async fn press_again(&self, who: &'static Person) -> Result<(), StageError> {
        let delivery = {
            let mut state = self.core.state();
            let press = state.last_press.get(who.slack_user).cloned();
            let Some(press) = press else { return refuse(format!("{} has pressed nothing yet", who.name)) };
            let mut payload = press.payload;
            payload["trigger_id"] = json!(state.trigger(who.slack_user));
            if let Some((channel, thread_ts)) = press.channel {
                let hook = state.hook(who.slack_user, &channel, thread_ts, press.source);
                payload["response_url"] = json!(format!("{}/{hook}", self.hooks_url()));
            }
            let ts = state.ts();
            for action in payload["actions"].as_array_mut().into_iter().flatten() {
                stamp(action, &ts);
            }
            wire::interactive(&mut state, payload)
        };
        self.act(who, delivery).await;
        Ok(())
    }

    /// Picks an option by its label, or by a part of it.
    pub(super) async fn choose(&self, who: &'static Person, option: &str) -> Result<(), StageError> {
        let found = {
            let state = self.core.state();
            let exact = |part: &Part| pick(part, &|label| label == option).is_some();
            let near = |part: &Part| pick(part, &|label| label.contains(option)).is_some();
            find(&state, who, &exact).or_else(|| find(&state, who, &near))
        };
        let Some((mut spot, part)) = found else { return refuse(format!("{} sees no option \"{option}\"", who.name)) };
        let chosen = pick(&part, &|label| label == option).or_else(|| pick(&part, &|label| label.contains(option)));
        let Some(chosen) = chosen else { return refuse(format!("there is no option \"{option}\"")) };
        let several = matches!(part.kind(), "checkboxes" | "multi_static_select");
        let value = if several {
            json!({"type": part.kind(), "selected_options": [chosen]})
        } else {
            json!({"type": part.kind(), "selected_option": chosen})
        };
        self.keep_choice(&mut spot, &part, &value);
        if part.is_input() && part.block["dispatch_action"] != true {
            // Slack tells of such a choice only when the form is submitted.
            return Ok(());
        }
        let mut action = value;
        action["action_id"] = json!(part.action_id());
        action["block_id"] = json!(part.block_id());
        self.block_action(who, &spot, action).await;
        Ok(())
    }

    fn keep_choice(&self, spot: &mut Spot, part: &Part, value: &Value) {
        if part.kind() == "overflow" {
            return;
        }
        let mut state = self.core.state();
        match spot {
            Spot::Post(post) => {
                remember(&mut post.picked, part, value);
                if let Some(kept) = state.post_mut(post.id) {
                    remember(&mut kept.picked, part, value);
                }
            }
            Spot::View(view) => {
                remember(&mut view.picked, part, value);
                if let Some(kept) = state.open_views().find(|v| v.id == view.id) {
                    remember(&mut kept.picked, part, value);
                }
            }
        }
    }
}

/// The newest message on this person's screen that contains `part` and that others see too.
fn newest_with(state: &State, who: &Person, part: &str) -> Option<Post> {
    state.things.iter().rev().filter(|thing| on_screen(state, thing, who)).find_map(|thing| match thing {
        Thing::Post(post) if post.only.is_none() && face::all_words(post).contains(part) => Some(post.clone()),
        _ => None,
    })
}

/// Writes one element's state under its block and action.
pub(super) fn remember(picked: &mut Map<String, Value>, part: &Part, value: &Value) {
    let block = picked.entry(part.block_id()).or_insert_with(|| json!({}));
    block[part.action_id()] = value.clone();
}

/// The option whose label or value the test takes.
pub(super) fn pick(part: &Part, wanted: &dyn Fn(&str) -> bool) -> Option<Value> {
    part.options().into_iter().find(|option| wanted(&words(&option["text"]))).cloned()
}

/// The newest place on this person's screen with such an element.
fn find(state: &State, who: &Person, wanted: &dyn Fn(&Part) -> bool) -> Option<(Spot, Part)> {
    state.things.iter().rev().filter(|thing| on_screen(state, thing, who)).find_map(|thing| match thing {
        Thing::Post(post) if post.user == SLACK_BOT_USER => {
            let attached = post.body.attachments.as_array().into_iter().flatten();
            let mut all = parts(&post.body.blocks);
            all.extend(attached.flat_map(|a| parts(&a["blocks"])));
            all.into_iter().find(|p| wanted(p)).map(|part| (Spot::Post(post.clone()), part))
        }
        Thing::View(view) => {
            let all = face::parts(view.body.get("blocks").unwrap_or(&Value::Null));
            all.into_iter().find(|p| wanted(p)).map(|part| (Spot::View(view.clone()), part))
        }
        _ => None,
    })
}
