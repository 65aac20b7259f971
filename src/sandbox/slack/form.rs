//! Modals as people use them: filling in, submitting, closing, and what the ack does to them.
//!
//! A field is named by its `action_id` (by its `block_id` where several blocks share one; both are
//! taken). Invariant: what Slack's client would not submit is not submitted.

use serde_json::{Map, Value, json};

use super::delivery::Reply;
use super::face::{Part, field_name, parts};
use super::hands::{refuse, somebody};
use super::press::{pick, remember};
use super::state::{State, View};
use super::{SlackSim, views, wire};
use crate::sandbox::cast::{self, Person};
use crate::sandbox::stage::StageError;

/// What Slack shows in a form that could not be submitted.
const TROUBLE: &str = "We had some trouble connecting. Try again?";

impl SlackSim {
    /// Closes the form on top of this person's screen.
    ///
    /// # Errors
    /// When the person is unknown or has no open form.
    pub async fn closes(&self, who: &str) -> Result<(), StageError> {
        let who = somebody(who)?;
        let delivery = {
            let mut state = self.core.state();
            let Some(view) = state.top_view(who.slack_user) else {
                return refuse(format!("{} has no form open", who.name));
            };
            view.gone = true;
            let view = view.clone();
            if view.body.get("notify_on_close") != Some(&Value::Bool(true)) {
                return Ok(());
            }
            let mut payload = wire::interaction(&mut state, "view_closed", who);
            payload.remove("trigger_id");
            payload.insert("view".into(), wire::view(&view));
            payload.insert("is_cleared".into(), json!(false));
            wire::interactive(&mut state, Value::Object(payload))
        };
        self.act(who, delivery).await;
        Ok(())
    }

    /// Fills in the form on top of this person's screen and submits it.
    pub(super) async fn submit(&self, who: &'static Person, values: &[(String, String)]) -> Result<(), StageError> {
        let delivery = {
            let mut state = self.core.state();
            let Some(view) = state.top_view(who.slack_user) else {
                return refuse(format!("{} has no form open", who.name));
            };
            let filled = fill(view, values)?;
            view.picked = filled;
            view.errors.clear();
            let view = view.clone();
            let mut payload = wire::interaction(&mut state, "view_submission", who);
            payload.insert("view".into(), wire::view(&view));
            payload.insert("response_urls".into(), json!([]));
            wire::interactive(&mut state, Value::Object(payload))
        };
        self.act(who, delivery).await;
        Ok(())
    }

    /// What the ack of a submission does to the form: it closes, unless the ack says otherwise.
    pub(super) fn after_submission(&self, who: &Person, payload: &Value, reply: Reply) {
        let mut state = self.core.state();
        let view_id = payload["view"]["id"].as_str().unwrap_or_default().to_owned();
        let ack = match reply {
            Reply::Acked(ack) => ack,
            Reply::Late | Reply::Nobody => return state.notice(who.slack_user, TROUBLE),
        };
        let Some(view) = state.open_views().find(|v| v.name == view_id).map(|v| v.clone()) else { return };
        let taken = match ack["response_action"].as_str() {
            None => {
                close(&mut state, |v| v.name == view.name);
                true
            }
            Some("clear") => {
                close(&mut state, |v| v.root == view.root);
                true
            }
            Some("errors") => show_errors(&mut state, &view, &ack["errors"]),
            Some("update") => match views::read_view(&mut state, &ack["view"]) {
                Ok(body) => views::replace(&mut state, &view.name, None, body).is_ok(),
                Err(_) => false,
            },
            Some("push") => match views::read_view(&mut state, &ack["view"]) {
                Ok(body) => views::push_over(&mut state, &view, body).is_ok(),
                Err(_) => false,
            },
            Some(_) => false,
        };
        if !taken {
            state.notice(who.slack_user, TROUBLE);
        }
    }
}

fn close(state: &mut State, which: impl Fn(&View) -> bool) {
    for view in state.open_views().filter(|v| which(v)) {
        view.gone = true;
    }
}

/// Shows errors under their fields. An error for a block that is not an input is not taken.
fn show_errors(state: &mut State, view: &View, errors: &Value) -> bool {
    let Some(errors) = errors.as_object().filter(|e| !e.is_empty()) else { return false };
    let all = parts(view.body.get("blocks").unwrap_or(&Value::Null));
    let known = |block: &str| all.iter().any(|p| p.is_input() && p.block_id() == block);
    if !errors.iter().all(|(block, text)| known(block) && text.is_string()) {
        return false;
    }
    if let Some(view) = state.open_views().find(|v| v.id == view.id) {
        view.errors = errors.values().filter_map(Value::as_str).map(str::to_owned).collect();
        view.edits += 1;
    }
    true
}

/// The state of all fields with these values filled in.
fn fill(view: &View, values: &[(String, String)]) -> Result<Map<String, Value>, StageError> {
    let all = parts(view.body.get("blocks").unwrap_or(&Value::Null));
    let inputs: Vec<&Part> = all.iter().filter(|p| p.is_input()).collect();
    let mut filled = view.picked.clone();
    for part in &inputs {
        if filled.get(part.block_id()).and_then(|b| b.get(part.action_id())).is_none() {
            remember(&mut filled, part, &untouched(part));
        }
    }
    for (key, value) in values {
        let by_name = inputs.iter().find(|p| field_name(p, &all) == *key);
        let part = by_name.or_else(|| inputs.iter().find(|p| p.block_id() == key || p.action_id() == key));
        let Some(part) = part else { return refuse(format!("the form has no field \"{key}\"")) };
        remember(&mut filled, part, &typed(part, value)?);
    }
    for part in &inputs {
        let required = part.block["optional"] != true;
        if required && is_empty(&filled[part.block_id()][part.action_id()]) {
            return refuse(format!("the field \"{}\" must be filled in", field_name(part, &all)));
        }
    }
    Ok(filled)
}

/// A field that nobody has touched: what it was opened with.
fn untouched(part: &Part) -> Value {
    let kind = part.kind();
    let initial = |key: &str| part.element.get(key).cloned().unwrap_or(Value::Null);
    match kind {
        "static_select" | "radio_buttons" | "external_select" => {
            json!({"type": kind, "selected_option": initial("initial_option")})
        }
        "multi_static_select" | "checkboxes" => {
            let first = part.element.get("initial_options").cloned().unwrap_or_else(|| json!([]));
            json!({"type": kind, "selected_options": first})
        }
        "users_select" => json!({"type": kind, "selected_user": initial("initial_user")}),
        "channels_select" => json!({"type": kind, "selected_channel": initial("initial_channel")}),
        "conversations_select" => json!({"type": kind, "selected_conversation": initial("initial_conversation")}),
        "datepicker" => json!({"type": kind, "selected_date": initial("initial_date")}),
        "timepicker" => json!({"type": kind, "selected_time": initial("initial_time")}),
        "datetimepicker" => json!({"type": kind, "selected_date_time": initial("initial_date_time")}),
        _ => json!({"type": kind, "value": initial("initial_value")}),
    }
}

fn is_empty(state: &Value) -> bool {
    let Some(keys) = state.as_object() else { return true };
    keys.iter().filter(|(key, _)| *key != "type").all(|(_, value)| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    })
}

/// What a field holds after somebody typed or picked this.
fn typed(part: &Part, value: &str) -> Result<Value, StageError> {
    let kind = part.kind();
    let option = |label: &str| {
        let by_label = pick(part, &|l| l == label);
        let by_value = || part.options().into_iter().find(|o| o["value"] == label).cloned();
        by_label.or_else(by_value).ok_or_else(|| StageError(format!("there is no option \"{label}\"")))
    };
    Ok(match kind {
        "static_select" | "radio_buttons" | "external_select" => {
            json!({"type": kind, "selected_option": option(value)?})
        }
        "multi_static_select" | "checkboxes" => {
            let labels = value.split(',').map(str::trim).filter(|l| !l.is_empty());
            let chosen = labels.map(option).collect::<Result<Vec<_>, _>>()?;
            json!({"type": kind, "selected_options": chosen})
        }
        "users_select" => {
            let name = value.trim_start_matches('@');
            json!({"type": kind, "selected_user": somebody(name)?.slack_user})
        }
        "channels_select" | "conversations_select" => {
            let name = value.trim_start_matches('#');
            let Some(channel) = cast::channel(name) else {
                return refuse(format!("there is no channel called {name}"));
            };
            let key = if kind == "channels_select" { "selected_channel" } else { "selected_conversation" };
            let mut state = json!({"type": kind});
            state[key] = json!(channel.slack);
            state
        }
        "datepicker" => json!({"type": kind, "selected_date": value}),
        "timepicker" => json!({"type": kind, "selected_time": value}),
        "datetimepicker" => match value.parse::<i64>() {
            Ok(seconds) => json!({"type": kind, "selected_date_time": seconds}),
            Err(_) => return refuse("a time is typed in seconds since 1970"),
        },
        _ => {
            let length = value.chars().count() as u64;
            if part.element["max_length"].as_u64().is_some_and(|most| length > most) {
                return refuse(format!("\"{}\" is too long", part.action_id()));
            }
            if part.element["min_length"].as_u64().is_some_and(|least| length < least) {
                return refuse(format!("\"{}\" is too short", part.action_id()));
            }
            json!({"type": kind, "value": if value.is_empty() { Value::Null } else { json!(value) }})
        }
    })
}
