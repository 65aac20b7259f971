//! Forms: a neutral form as a modal, and what a submitted modal holds. Pure.
//!
//! It opens nothing. Invariants: a modal keeps Discord's limits, and its id leads back to its request.

use serde_json::{Map, Value, json};

use crate::model::{Field, FieldKind, Form};

use super::render::cut;

/// What stands before the token in a modal's id, so that it is not taken for a control.
const ID_PREFIX: &str = "form:";
/// Fields of a modal.
const FIELDS_MOST: usize = 5;
/// Characters of a modal's title and of a label.
const TITLE_MOST: usize = 45;
/// Characters of a label's description, and of an option's label and value.
const SHORT_MOST: usize = 100;
/// Characters that a text input can take.
const INPUT_MOST: u16 = 4_000;
/// Options of a select.
const OPTIONS_MOST: usize = 25;

const ROW: u64 = 1;
const STRING_SELECT: u64 = 3;
const TEXT_INPUT: u64 = 4;
const LABEL: u64 = 18;

/// The `data` of a response that opens the form.
pub(super) fn modal(form: &Form) -> Value {
    let title = if form.title.trim().is_empty() { "Form" } else { form.title.as_str() };
    let components: Vec<Value> = form.fields.iter().take(FIELDS_MOST).map(labelled).collect();
    json!({
        "custom_id": format!("{ID_PREFIX}{}", form.token), "title": cut(title, TITLE_MOST), "components": components,
    })
}

/// The token in a modal's id; an id that is not ours comes back as it is.
pub(super) fn token_of(custom_id: &str) -> &str {
    custom_id.strip_prefix(ID_PREFIX).unwrap_or(custom_id)
}

fn labelled(field: &Field) -> Value {
    let label = if field.label.trim().is_empty() { &field.key } else { &field.label };
    let mut component = json!({"type": LABEL, "label": cut(label, TITLE_MOST), "component": input(field)});
    if !field.help.is_empty() {
        component["description"] = json!(cut(&field.help, SHORT_MOST));
    }
    component
}

fn input(field: &Field) -> Value {
    match &field.kind {
        FieldKind::Line { max } => text_input(field, 1, *max),
        FieldKind::Paragraph { max } => text_input(field, 2, *max),
        FieldKind::Choice { choices } => {
            let options = options(choices, field.initial.as_deref());
            if options.is_empty() { text_input(field, 1, INPUT_MOST) } else { select(field, &options) }
        }
    }
}

fn text_input(field: &Field, style: u8, max: u16) -> Value {
    let max = max.clamp(1, INPUT_MOST);
    let mut input = json!({
        "type": TEXT_INPUT, "custom_id": field.key, "style": style, "required": field.required, "max_length": max,
    });
    if let Some(initial) = field.initial.as_ref().filter(|text| !text.is_empty()) {
        let fitting: String = initial.chars().take(usize::from(max)).collect();
        input["value"] = json!(fitting);
    }
    input
}

fn select(field: &Field, options: &[Value]) -> Value {
    json!({
        "type": STRING_SELECT, "custom_id": field.key, "required": field.required, "options": options,
        "min_values": u8::from(field.required), "max_values": 1,
    })
}

// A value that does not fit is left out: cut, it would mean something else.
fn options(choices: &[(String, String)], initial: Option<&str>) -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    let mut options = Vec::new();
    for (value, label) in choices {
        let fits = !value.is_empty() && value.chars().count() <= SHORT_MOST && !seen.contains(&value.as_str());
        if !fits || options.len() == OPTIONS_MOST {
            continue;
        }
        seen.push(value);
        let label = if label.trim().is_empty() { value } else { label };
        let mut option = Map::new();
        option.insert("label".into(), json!(cut(label, SHORT_MOST)));
        option.insert("value".into(), json!(value));
        if initial == Some(value) {
            option.insert("default".into(), json!(true));
        }
        options.push(Value::Object(option));
    }
    options
}

/// The filled fields of a submitted modal, in rows (the old shape) and in labels; empty ones are left out.
pub(super) fn values(components: &[Value]) -> Vec<(String, String)> {
    let inputs = components.iter().flat_map(|component| match component["type"].as_u64() {
        Some(ROW) => component["components"].as_array().map(Vec::as_slice).unwrap_or_default(),
        Some(LABEL) => std::slice::from_ref(&component["component"]),
        _ => &[],
    });
    inputs
        .filter_map(|input| {
            let value = input["value"].as_str().or_else(|| input["values"][0].as_str()).filter(|v| !v.is_empty())?;
            Some((input["custom_id"].as_str()?.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, kind: FieldKind, required: bool, initial: Option<&str>) -> Field {
        let (label, help) = (key.to_uppercase(), "x".repeat(200));
        Field { key: key.into(), label, help, required, initial: initial.map(str::to_owned), kind }
    }

    fn form() -> Form {
        let choices = (0..30).map(|n| (format!("v{n}"), format!("Choice {n}"))).collect();
        Form {
            token: "rq-1".into(),
            title: "t".repeat(60),
            fields: vec![
                field("org", FieldKind::Line { max: 5 }, true, Some("acme-labs")),
                field("reason", FieldKind::Paragraph { max: 60_000 }, false, None),
                field("session", FieldKind::Choice { choices }, false, Some("v2")),
                field("none", FieldKind::Choice { choices: vec![] }, true, None),
            ],
        }
    }

    #[test]
    fn a_modal_is_made_of_labels_within_the_limits() {
        let modal = modal(&form());
        assert_eq!(modal["custom_id"], "form:rq-1");
        assert_eq!(modal["title"].as_str().map(|t| t.chars().count()), Some(TITLE_MOST));
        let at = |n: usize| &modal["components"][n];
        assert!((0..4).all(|n| at(n)["type"] == LABEL && at(n)["component"]["label"].is_null()));
        assert_eq!(at(0)["description"].as_str().map(|t| t.chars().count()), Some(SHORT_MOST));
        assert_eq!(
            at(0)["component"],
            json!({"type": 4, "custom_id": "org", "style": 1, "required": true, "max_length": 5, "value": "acme-"})
        );
        assert_eq!((&at(1)["component"]["style"], &at(1)["component"]["max_length"]), (&json!(2), &json!(4_000)));
        let select = &at(2)["component"];
        assert_eq!((&select["type"], &select["min_values"]), (&json!(3), &json!(0)));
        assert_eq!(select["options"].as_array().map(Vec::len), Some(OPTIONS_MOST));
        assert_eq!(select["options"][2], json!({"label": "Choice 2", "value": "v2", "default": true}));
        assert_eq!(at(3)["component"]["type"], TEXT_INPUT);
    }

    #[test]
    fn submissions_are_read_in_both_shapes() {
        let components = [
            json!({"type": 1, "components": [{"type": 4, "custom_id": "org", "value": "acme"}]}),
            json!({"type": 18, "id": 2, "component": {"type": 4, "custom_id": "reason", "value": "lost"}}),
            json!({"type": 18, "component": {"type": 3, "custom_id": "session", "values": ["v2"]}}),
            json!({"type": 18, "component": {"type": 4, "custom_id": "empty", "value": ""}}),
            json!({"type": 10, "id": 9}),
            json!(null),
        ];
        let pairs = [("org", "acme"), ("reason", "lost"), ("session", "v2")];
        assert_eq!(values(&components), pairs.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!((token_of("form:rq-1"), token_of("approve:rq-1:2")), ("rq-1", "approve:rq-1:2"));
    }
}
