//! Discord's limits on components, in messages and in modals.
//!
//! It changes nothing. Invariant: within one message or modal no `custom_id` occurs twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::checks::list;
use super::reply::{FormErrors, Reply};

/// Rows of a message without V2.
const ROWS_MAX: usize = 5;
/// Buttons of a row.
const BUTTONS_MAX: usize = 5;
/// Components of a V2 message, counted through all levels.
const V2_MAX: usize = 40;
/// Characters over all texts of a V2 message.
const V2_TEXT_MAX: usize = 4_000;
/// Characters of a `custom_id`, a select option's label, value and description.
const ID_MAX: usize = 100;
/// Characters of a button's label.
const LABEL_MAX: usize = 80;
/// Characters of a select's placeholder.
const PLACEHOLDER_MAX: usize = 150;
/// Options of a select.
const OPTIONS_MAX: usize = 25;
/// Characters of a modal's title and of a label in it.
const TITLE_MAX: usize = 45;
/// Inputs of a modal.
const MODAL_MAX: usize = 5;
/// Characters of what is typed into a modal's text input.
const INPUT_MAX: usize = 4_000;

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
const TEXT_INPUT: u64 = 4;
const SECTION: u64 = 9;
const TEXT: u64 = 10;
const CONTAINER: u64 = 17;
const LABEL: u64 = 18;

/// A component's type.
pub(super) fn kind(component: &Value) -> u64 {
    component["type"].as_u64().unwrap_or(0)
}

/// What is counted over a whole message.
#[derive(Default)]
struct Tally {
    ids: BTreeSet<String>,
    components: usize,
    text: usize,
}

/// Checks the components of a message.
pub(super) fn of_message(errors: &mut FormErrors, components: &[Value], v2: bool) {
    let mut tally = Tally::default();
    if !v2 {
        errors.count("components", components.len(), 0, ROWS_MAX);
    }
    for (at, component) in components.iter().enumerate() {
        let path = format!("components.{at}");
        match kind(component) {
            ROW => row(errors, &mut tally, &path, component),
            SECTION | TEXT | 12..=14 | CONTAINER if v2 => block(errors, &mut tally, &path, component),
            _ => {
                let text = "Value of field \"type\" must be one of (1,).";
                errors.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", text);
            }
        }
    }
    if v2 && tally.components > V2_MAX {
        errors.add(
            "components",
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            "The total number of components is too large.",
        );
    }
    if v2 && tally.text > V2_TEXT_MAX {
        let text = format!("The text of all components exceeds {V2_TEXT_MAX} characters.");
        errors.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text);
    }
}

fn row(errors: &mut FormErrors, tally: &mut Tally, path: &str, row: &Value) {
    tally.components += 1;
    let inner = list(row, "components");
    let selects = inner.iter().filter(|c| matches!(kind(c), 3 | 5..=8)).count();
    errors.count(&format!("{path}.components"), inner.len(), 1, if selects > 0 { 1 } else { BUTTONS_MAX });
    for (at, component) in inner.iter().enumerate() {
        let path = format!("{path}.components.{at}");
        match kind(component) {
            BUTTON => button(errors, tally, &path, component),
            3 | 5..=8 => select(errors, tally, &path, component),
            _ => errors.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", "Must be a button or a select."),
        }
    }
}

/// A V2 block and what is inside it.
fn block(errors: &mut FormErrors, tally: &mut Tally, path: &str, block: &Value) {
    match kind(block) {
        ROW => row(errors, tally, path, block),
        TEXT => {
            tally.components += 1;
            errors.required(&format!("{path}.content"), &block["content"], V2_TEXT_MAX);
            tally.text += block["content"].as_str().map_or(0, |t| t.chars().count());
        }
        SECTION => {
            tally.components += 1;
            let inner = list(block, "components");
            errors.count(&format!("{path}.components"), inner.len(), 1, 3);
            for (at, text) in inner.iter().enumerate() {
                self::block(errors, tally, &format!("{path}.components.{at}"), text);
            }
            match kind(&block["accessory"]) {
                BUTTON => button(errors, tally, &format!("{path}.accessory"), &block["accessory"]),
                11 => tally.components += 1,
                _ => errors.add(&format!("{path}.accessory"), "BASE_TYPE_REQUIRED", "This field is required"),
            }
        }
        CONTAINER => {
            tally.components += 1;
            let inner = list(block, "components");
            errors.count(&format!("{path}.components"), inner.len(), 1, V2_MAX);
            for (at, component) in inner.iter().enumerate() {
                self::block(errors, tally, &format!("{path}.components.{at}"), component);
            }
        }
        12..=14 => tally.components += 1,
        _ => errors.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", "This component cannot be here."),
    }
}

fn custom_id(errors: &mut FormErrors, tally: &mut Tally, path: &str, component: &Value) {
    let path = format!("{path}.custom_id");
    errors.required(&path, &component["custom_id"], ID_MAX);
    if let Some(id) = component["custom_id"].as_str()
        && !tally.ids.insert(id.to_owned())
    {
        errors.add(&path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated");
    }
}

fn button(errors: &mut FormErrors, tally: &mut Tally, path: &str, button: &Value) {
    tally.components += 1;
    errors.optional(&format!("{path}.label"), &button["label"], LABEL_MAX);
    if button["label"].as_str().is_none_or(str::is_empty) && button["emoji"].is_null() {
        errors.add(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or an emoji.");
    }
    match button["style"].as_u64() {
        Some(1..=4) => custom_id(errors, tally, path, button),
        Some(5) if button["url"].is_string() && button["custom_id"].is_null() => {}
        Some(5) => errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_OR_URL", "A link button has a url and no custom_id."),
        _ => errors.add(&format!("{path}.style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5}."),
    }
}

fn select(errors: &mut FormErrors, tally: &mut Tally, path: &str, select: &Value) {
    tally.components += 1;
    custom_id(errors, tally, path, select);
    errors.optional(&format!("{path}.placeholder"), &select["placeholder"], PLACEHOLDER_MAX);
    if kind(select) != STRING_SELECT {
        return;
    }
    options(errors, path, select);
}

fn options(errors: &mut FormErrors, path: &str, select: &Value) {
    let options = list(select, "options");
    errors.count(&format!("{path}.options"), options.len(), 1, OPTIONS_MAX);
    let mut values = BTreeSet::new();
    for (at, option) in options.iter().enumerate() {
        let path = format!("{path}.options.{at}");
        errors.required(&format!("{path}.label"), &option["label"], ID_MAX);
        errors.required(&format!("{path}.value"), &option["value"], ID_MAX);
        errors.optional(&format!("{path}.description"), &option["description"], ID_MAX);
        if !values.insert(option["value"].to_string()) {
            errors.add(&format!("{path}.value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Values must be unique.");
        }
    }
}

/// Checks a modal: the `data` of a type-9 callback.
pub(super) fn modal(modal: &Value) -> Result<(), Reply> {
    let mut errors = FormErrors::default();
    let mut tally = Tally::default();
    errors.required("data.custom_id", &modal["custom_id"], ID_MAX);
    errors.required("data.title", &modal["title"], TITLE_MAX);
    let components = list(modal, "components");
    let inputs = components.iter().filter(|c| kind(c) != TEXT).count();
    errors.count("data.components", inputs, 1, MODAL_MAX);
    for (at, component) in components.iter().enumerate() {
        let path = format!("data.components.{at}");
        match kind(component) {
            ROW => {
                let inner = list(component, "components");
                errors.count(&format!("{path}.components"), inner.len(), 1, 1);
                for input in inner {
                    let path = format!("{path}.components.0");
                    errors.required(&format!("{path}.label"), &input["label"], TITLE_MAX);
                    modal_input(&mut errors, &mut tally, &path, input, false);
                }
            }
            LABEL => {
                errors.required(&format!("{path}.label"), &component["label"], TITLE_MAX);
                errors.optional(&format!("{path}.description"), &component["description"], ID_MAX);
                modal_input(&mut errors, &mut tally, &format!("{path}.component"), &component["component"], true);
            }
            TEXT => errors.required(&format!("{path}.content"), &component["content"], V2_TEXT_MAX),
            _ => errors.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", "Value must be one of (1, 10, 18)."),
        }
    }
    errors.done()
}

fn modal_input(errors: &mut FormErrors, tally: &mut Tally, path: &str, input: &Value, labelled: bool) {
    custom_id(errors, tally, path, input);
    match kind(input) {
        TEXT_INPUT => text_input(errors, path, input, labelled),
        STRING_SELECT | 21 | 22 if labelled => options(errors, path, input),
        5..=8 | 19 | 23 if labelled => {}
        _ => errors.add(&format!("{path}.type"), "UNION_TYPE_CHOICES", "This component cannot be here."),
    }
}

fn text_input(errors: &mut FormErrors, path: &str, input: &Value, labelled: bool) {
    if !matches!(input["style"].as_u64(), Some(1 | 2)) {
        errors.add(&format!("{path}.style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.");
    }
    if labelled && !input["label"].is_null() {
        errors.add(&format!("{path}.label"), "TEXT_INPUT_LABEL_IN_LABEL", "The label belongs to the label component.");
    }
    errors.optional(&format!("{path}.placeholder"), &input["placeholder"], ID_MAX);
    errors.optional(&format!("{path}.value"), &input["value"], INPUT_MAX);
    for (name, least) in [("min_length", 0), ("max_length", 1)] {
        let bad = input[name].as_u64().is_some_and(|n| n < least || n > INPUT_MAX as u64);
        if bad {
            errors.add(&format!("{path}.{name}"), "NUMBER_TYPE_MAX", format!("Must be {least} to {INPUT_MAX}."));
        }
    }
    let longest = input["max_length"].as_u64().unwrap_or(INPUT_MAX as u64);
    if input["value"].as_str().is_some_and(|v| v.chars().count() as u64 > longest) {
        errors.add(&format!("{path}.value"), "BASE_TYPE_MAX_LENGTH", format!("Must be {longest} or fewer in length."));
    }
}
