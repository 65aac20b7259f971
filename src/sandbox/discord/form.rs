//! Modals: their inputs, their text, and what is sent when somebody submits them.
//!
//! It sends nothing. Invariant: the submitted components have the shape that the modal was built with.

use serde_json::{Value, json};

use super::checks::list;
use super::components::kind;
use super::show;
use crate::sandbox::stage::StageError;

/// One input of a modal, in an action row or in a label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    pub(super) part: &'a Value,
    label: &'a str,
    help: &'a str,
}

impl<'a> Input<'a> {
    /// The field's key: its `custom_id`.
    pub(super) fn key(&self) -> &'a str {
        self.part["custom_id"].as_str().unwrap_or("")
    }
}

/// The input of one top-level component.
fn input_of(component: &Value) -> Option<Input<'_>> {
    match kind(component) {
        1 => {
            let input = list(component, "components").first()?;
            Some(Input { part: input, label: input["label"].as_str().unwrap_or(""), help: "" })
        }
        18 => Some(Input {
            part: &component["component"],
            label: component["label"].as_str().unwrap_or(""),
            help: component["description"].as_str().unwrap_or(""),
        }),
        _ => None,
    }
}

/// The inputs of a modal in order.
pub(super) fn inputs(modal: &Value) -> Vec<Input<'_>> {
    list(modal, "components").iter().filter_map(input_of).collect()
}

/// Everything that can be read in a modal, a line a block.
pub(super) fn text(modal: &Value) -> String {
    let mut lines = vec![modal["title"].as_str().unwrap_or("").to_owned()];
    for component in list(modal, "components") {
        if kind(component) == 10 {
            lines.push(show::plain(component["content"].as_str().unwrap_or("")));
        }
        let Some(Input { part: input, label, help }) = input_of(component) else { continue };
        let filled = input["value"].as_str().map_or_else(|| chosen_by_default(input).join(", "), str::to_owned);
        lines.push(if filled.is_empty() { label.to_owned() } else { format!("{label}: {filled}") });
        lines.push(help.to_owned());
        lines.push(input["placeholder"].as_str().unwrap_or("").to_owned());
    }
    lines.retain(|l| !l.is_empty());
    lines.join("\n")
}

fn chosen_by_default(input: &Value) -> Vec<String> {
    let chosen = list(input, "options").iter().filter(|o| o["default"] == true);
    chosen.filter_map(|o| o["value"].as_str().map(str::to_owned)).collect()
}

/// The `components` of a submission, or why the client would not send it.
pub(super) fn submission(modal: &Value, values: &[(String, String)]) -> Result<Vec<Value>, StageError> {
    let known = inputs(modal);
    if let Some((key, _)) = values.iter().find(|(key, _)| !known.iter().any(|i| i.key() == key)) {
        return Err(StageError(format!("the form has no field {key:?}")));
    }
    let mut number = 0;
    let mut sent = Vec::new();
    for component in list(modal, "components") {
        number += 1;
        let outer = component["id"].as_u64().unwrap_or(number);
        match input_of(component) {
            Some(input) => {
                let value = values.iter().find(|(key, _)| key == input.key()).map(|(_, v)| v.as_str());
                number += 1;
                let filled = fill(&input, value, number)?;
                sent.push(if kind(component) == 18 {
                    json!({"type": 18, "id": outer, "component": filled})
                } else {
                    json!({"type": 1, "id": outer, "components": [filled]})
                });
            }
            None => sent.push(json!({"type": component["type"], "id": outer})),
        }
    }
    Ok(sent)
}

fn fill(field: &Input<'_>, value: Option<&str>, number: u64) -> Result<Value, StageError> {
    let input = field.part;
    let id = input["id"].as_u64().unwrap_or(number);
    let mut filled = json!({"type": input["type"], "id": id, "custom_id": field.key()});
    match kind(input) {
        4 => filled["value"] = json!(typed(field, value)?),
        3 | 22 => filled["values"] = json!(picked(field, value)?),
        21 => filled["value"] = json!(picked(field, value)?.first()),
        5 | 8 => {
            let options = show::options(input);
            let named = |v: &str| options.iter().find(|(l, id)| l.trim_start_matches('#') == v || id == v);
            let chosen = value.map(|v| named(v).map(|(_, id)| id.clone()).ok_or_else(|| missing(field, v)));
            filled["values"] = json!(chosen.transpose()?.into_iter().collect::<Vec<_>>());
        }
        23 => filled["value"] = json!(value.is_some_and(|v| v == "true" || v == "yes")),
        _ => return Err(StageError(format!("field {:?} cannot be filled here", field.key()))),
    }
    Ok(filled)
}

fn missing(field: &Input<'_>, option: &str) -> StageError {
    StageError(format!("field {:?} has no option {option:?}", field.key()))
}

fn typed(field: &Input<'_>, value: Option<&str>) -> Result<String, StageError> {
    let input = field.part;
    let text = value.or_else(|| input["value"].as_str()).unwrap_or("").to_owned();
    let length = text.chars().count() as u64;
    let refuse = |why: &str| Err(StageError(format!("field {:?}: {why}", field.key())));
    if text.is_empty() {
        return if input["required"] == false { Ok(text) } else { refuse("this is required") };
    }
    if input["min_length"].as_u64().is_some_and(|m| length < m) {
        return refuse("the text is too short");
    }
    if length > input["max_length"].as_u64().unwrap_or(4_000) {
        return refuse("the text is too long");
    }
    if input["style"] == 1 && text.contains('\n') {
        return refuse("it has one line only");
    }
    Ok(text)
}

fn picked(field: &Input<'_>, value: Option<&str>) -> Result<Vec<String>, StageError> {
    let options = show::options(field.part);
    let chosen = match value {
        None => chosen_by_default(field.part),
        Some("") => Vec::new(),
        Some(text) => {
            let whole = options.iter().find(|(label, value)| label == text || value == text);
            let parts: Vec<&str> = if whole.is_some() { vec![text] } else { text.split(',').map(str::trim).collect() };
            let find = |part: &&str| options.iter().find(|(label, value)| label == part || value == part);
            let each = parts.iter().map(|p| find(p).map(|(_, v)| v.clone()).ok_or_else(|| missing(field, p)));
            each.collect::<Result<_, _>>()?
        }
    };
    let required = field.part["required"] != false;
    let least = field.part["min_values"].as_u64().unwrap_or(1);
    let most = field.part["max_values"].as_u64().unwrap_or(1);
    let count = chosen.len() as u64;
    if (count == 0 && required && least > 0) || (count > 0 && (count < least || count > most)) {
        return Err(StageError(format!("field {:?}: pick {least} to {most}", field.key())));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modal() -> Value {
        json!({"title": "Revoke", "custom_id": "f", "components": [
            {"type": 10, "content": "**Read** this"},
            {"type": 1, "components": [{"type": 4, "style": 1, "custom_id": "org", "label": "Org", "value": "acme"}]},
            {"type": 18, "label": "Why", "component": {"type": 3, "custom_id": "why", "options": [
                {"label": "Lost", "value": "lost"}, {"label": "Left", "value": "left"},
            ]}},
        ]})
    }

    #[test]
    fn a_submission_has_the_shape_of_its_modal() {
        let sent = submission(&modal(), &[("why".into(), "Lost".into())]).expect("it is complete");
        let want = json!([
            {"type": 10, "id": 1},
            {"type": 1, "id": 2, "components": [{"type": 4, "id": 3, "custom_id": "org", "value": "acme"}]},
            {"type": 18, "id": 4, "component": {"type": 3, "id": 5, "custom_id": "why", "values": ["lost"]}},
        ]);
        assert_eq!(Value::Array(sent), want);
        assert_eq!(text(&modal()), "Revoke\nRead this\nOrg: acme\nWhy");
    }

    #[test]
    fn the_client_does_not_send_an_incomplete_form() {
        assert!(submission(&modal(), &[]).is_err());
        assert!(submission(&modal(), &[("nope".into(), "x".into())]).is_err());
    }
}
