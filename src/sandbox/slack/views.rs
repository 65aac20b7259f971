//! The `views.*` methods: modals are opened with a trigger, pushed and updated.
//!
//! What people type into them is in `form`. Invariant: a trigger opens one modal at most, and a
//! person's stack holds three at most.

use serde_json::{Map, Value, json};

use super::state::{State, View};
use super::web::{Answer, Args, Failure};
use super::{Core, blocks, wire};

/// Modals on one another: Slack's own limit.
const STACK: usize = 3;

/// Checks a modal and gives its blocks ids.
pub(super) fn read_view(state: &mut State, view: &Value) -> Result<Map<String, Value>, Failure> {
    let Value::Object(mut view) = view.clone() else { return Err("invalid_arguments".into()) };
    let messages = blocks::check_view(&view);
    if !messages.is_empty() {
        return Err(Failure { error: "invalid_arguments", messages });
    }
    if let Some(list) = view.get_mut("blocks") {
        blocks::fill_ids(state, list);
    }
    Ok(view)
}

fn is_taken(state: &mut State, body: &Map<String, Value>, by: Option<&str>) -> bool {
    let Some(external) = body.get("external_id").and_then(Value::as_str).filter(|e| !e.is_empty()) else {
        return false;
    };
    state.open_views().any(|v| by != Some(v.name.as_str()) && v.body.get("external_id").is_some_and(|e| e == external))
}

/// `views.open`.
pub(super) fn open(core: &Core, args: &Args) -> Answer {
    let trigger = args.need("trigger_id", "invalid_arguments")?;
    let mut state = core.state();
    let body = read_view(&mut state, &args.json("view"))?;
    if is_taken(&mut state, &body, None) {
        return Err("duplicate_external_id".into());
    }
    let user = state.use_trigger(&trigger)?;
    let view = state.open(&user, body, None);
    Ok(json!({"view": wire::view(&view)}))
}

/// `views.push`.
pub(super) fn push(core: &Core, args: &Args) -> Answer {
    let trigger = args.need("trigger_id", "invalid_arguments")?;
    let mut state = core.state();
    let body = read_view(&mut state, &args.json("view"))?;
    let user = state.use_trigger(&trigger)?;
    let top = state.top_view(&user).ok_or("not_found")?.clone();
    let view = push_over(&mut state, &top, body)?;
    Ok(json!({"view": wire::view(&view)}))
}

/// Puts a modal over another, if the stack is not full.
pub(super) fn push_over(state: &mut State, top: &View, body: Map<String, Value>) -> Result<View, Failure> {
    if state.open_views().filter(|v| v.root == top.root).count() >= STACK {
        return Err("push_limit_reached".into());
    }
    Ok(state.open(&top.user, body, Some(top)))
}

/// `views.update`, by `view_id` or `external_id`.
pub(super) fn update(core: &Core, args: &Args) -> Answer {
    let mut state = core.state();
    let body = read_view(&mut state, &args.json("view"))?;
    let (view_id, external_id) = (args.text("view_id"), args.text("external_id"));
    let found = state.open_views().find(|v| match (&view_id, &external_id) {
        (Some(id), _) => v.name == *id,
        (None, Some(id)) => v.body.get("external_id").is_some_and(|e| e == id.as_str()),
        (None, None) => false,
    });
    let view_id = found.ok_or("not_found")?.name.clone();
    if is_taken(&mut state, &body, Some(&view_id)) {
        return Err("duplicate_external_id".into());
    }
    let asked = args.text("hash");
    let view = replace(&mut state, &view_id, asked.as_deref(), body)?;
    Ok(json!({"view": wire::view(&view)}))
}

/// Replaces what a modal shows; what was typed stays where block and action ids stay.
pub(super) fn replace(
    state: &mut State,
    view_id: &str,
    asked: Option<&str>,
    body: Map<String, Value>,
) -> Result<View, Failure> {
    let hash = state.id("h.");
    let view = state.open_views().find(|v| v.name == view_id).ok_or("not_found")?;
    if asked.is_some_and(|asked| asked != view.hash) {
        return Err("hash_conflict".into());
    }
    view.body = body;
    view.hash = hash;
    view.errors.clear();
    view.edits += 1;
    Ok(view.clone())
}
