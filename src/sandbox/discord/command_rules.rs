//! Discord's rules for application commands: names, lengths, nesting, counts, order.
//!
//! It changes nothing. Invariant: a list that passes here is one that Discord would register.

use std::collections::BTreeSet;

use serde_json::Value;

use super::reply::{FormErrors, Reply};

/// Commands of one kind in one scope.
const COMMANDS_MAX: usize = 100;
/// Options of one level, and choices of one option.
const OPTIONS_MAX: usize = 25;
/// Characters of a name.
const NAME_MAX: usize = 32;
/// Characters of a description, a choice's name and a choice's text value.
const DESCRIPTION_MAX: usize = 100;
/// Characters of all names, descriptions and values of one command.
const COMMAND_TOTAL_MAX: usize = 8_000;
/// The largest `min_length` or `max_length`.
const LENGTH_MAX: u64 = 6_000;
/// The locales that Discord knows.
const LOCALES: [&str; 34] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
    "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko", "ar",
    "he",
];

const SUB_COMMAND: u64 = 1;
const GROUP: u64 = 2;

/// Checks a whole list of commands.
pub(super) fn check(commands: &[Value]) -> Result<(), Reply> {
    let mut errors = FormErrors::default();
    let mut names = BTreeSet::new();
    if commands.len() > COMMANDS_MAX {
        errors.add("", "APPLICATION_COMMANDS_TOO_MANY", format!("Maximum number of commands is {COMMANDS_MAX}."));
    }
    for (at, command) in commands.iter().enumerate() {
        one(&mut errors, &at.to_string(), command);
        if !names.insert((command["type"].as_u64().unwrap_or(1), command["name"].to_string())) {
            errors.add(
                &at.to_string(),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            );
        }
    }
    errors.done()
}

fn one(errors: &mut FormErrors, path: &str, command: &Value) {
    let chat = command["type"].as_u64().unwrap_or(1) == 1;
    if chat {
        name(errors, &format!("{path}.name"), &command["name"]);
        errors.required(&format!("{path}.description"), &command["description"], DESCRIPTION_MAX);
        level(errors, path, command, 0);
        if total(command) > COMMAND_TOTAL_MAX {
            let text = format!("Command exceeds maximum size ({COMMAND_TOTAL_MAX}).");
            errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", text);
        }
    } else {
        errors.required(&format!("{path}.name"), &command["name"], NAME_MAX);
        if !command["description"].as_str().unwrap_or("").is_empty() || !command["options"].is_null() {
            let text = "Context menu commands have no description and no options";
            errors.add(path, "APPLICATION_COMMAND_CONTEXT_MENU_FIELDS", text);
        }
    }
    locales(errors, path, command);
    let permissions = &command["default_member_permissions"];
    if !permissions.is_null() && permissions.as_str().is_none_or(|p| p.parse::<u64>().is_err()) {
        errors.add(&format!("{path}.default_member_permissions"), "NUMBER_TYPE_COERCE", "Not a permission bit set.");
    }
}

fn name(errors: &mut FormErrors, path: &str, name: &Value) {
    errors.required(path, name, NAME_MAX);
    let Some(text) = name.as_str() else { return };
    let fits = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '\''));
    if !fits || text.to_lowercase() != text {
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

fn locales(errors: &mut FormErrors, path: &str, part: &Value) {
    for key in ["name_localizations", "description_localizations"] {
        for locale in part[key].as_object().into_iter().flat_map(|m| m.keys()) {
            if !LOCALES.contains(&locale.as_str()) {
                errors.add(
                    &format!("{path}.{key}"),
                    "ENUM_TYPE_COERCE",
                    format!("Value \"{locale}\" is not a locale."),
                );
            }
        }
    }
}

/// The options of a command (depth 0), a group (1) or a subcommand (2).
fn level(errors: &mut FormErrors, path: &str, holder: &Value, depth: usize) {
    let path = format!("{path}.options");
    let Some(options) = holder.get("options").filter(|o| !o.is_null()) else {
        if depth == 1 {
            errors.add(&path, "BASE_TYPE_REQUIRED", "This field is required");
        }
        return;
    };
    let Some(options) = options.as_array() else {
        errors.add(&path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
        return;
    };
    if options.is_empty() && depth > 0 {
        errors.add(&path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.");
    }
    errors.count(&path, options.len(), 0, OPTIONS_MAX);
    let (mut names, mut optional_seen, mut nested, mut plain) = (BTreeSet::new(), false, false, false);
    for (at, option) in options.iter().enumerate() {
        let path = format!("{path}.{at}");
        name(errors, &format!("{path}.name"), &option["name"]);
        errors.required(&format!("{path}.description"), &option["description"], DESCRIPTION_MAX);
        locales(errors, &path, option);
        if !names.insert(option["name"].to_string()) {
            errors.add(&path, "APPLICATION_COMMAND_OPTIONS_NAME_NOT_UNIQUE", "Option names must be unique");
        }
        match option["type"].as_u64() {
            Some(kind @ (SUB_COMMAND | GROUP)) => {
                nested = true;
                let allowed = depth == 0 || (depth == 1 && kind == SUB_COMMAND);
                if allowed {
                    level(errors, &path, option, if kind == GROUP { 1 } else { 2 });
                } else {
                    errors.add(&path, "APPLICATION_COMMAND_OPTIONS_NESTING", "Subcommands cannot be nested this deep");
                }
                for key in ["required", "choices"] {
                    if !option[key].is_null() && option[key] != false {
                        errors.add(
                            &format!("{path}.{key}"),
                            "APPLICATION_COMMAND_SUBCOMMAND_FIELD",
                            "Not on a subcommand",
                        );
                    }
                }
            }
            Some(3..=11) => {
                plain = true;
                let required = option["required"].as_bool().unwrap_or(false);
                if required && optional_seen {
                    let text = "Required options must be placed before non-required options";
                    errors.add(&path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text);
                }
                optional_seen |= !required;
                leaf(errors, &path, option);
            }
            _ => errors.add(&format!("{path}.type"), "BASE_TYPE_CHOICES", "Value must be one of 1 to 11."),
        }
    }
    if nested && plain {
        let text = "Sub-command and sub-command group option types are mutually exclusive to all other types";
        errors.add(&path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text);
    }
}

fn leaf(errors: &mut FormErrors, path: &str, option: &Value) {
    let kind = option["type"].as_u64().unwrap_or(0);
    if !option["options"].is_null() {
        errors.add(&format!("{path}.options"), "APPLICATION_COMMAND_OPTION_FIELD", "Only subcommands have options");
    }
    let automatic = option["autocomplete"].as_bool().unwrap_or(false);
    let choices = option["choices"].as_array().map_or(&[][..], Vec::as_slice);
    if automatic && !choices.is_empty() {
        let text = "Autocomplete cannot be used with choices";
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", text);
    }
    if (automatic || !choices.is_empty()) && !matches!(kind, 3 | 4 | 10) {
        errors.add(path, "APPLICATION_COMMAND_OPTION_FIELD", "This option type has no choices");
    }
    errors.count(&format!("{path}.choices"), choices.len(), 0, OPTIONS_MAX);
    let mut names = BTreeSet::new();
    for (at, choice) in choices.iter().enumerate() {
        let path = format!("{path}.choices.{at}");
        errors.required(&format!("{path}.name"), &choice["name"], DESCRIPTION_MAX);
        let fits = if kind == 3 { choice["value"].is_string() } else { choice["value"].is_number() };
        if !fits {
            errors.add(&format!("{path}.value"), "BASE_TYPE_BAD", "The value must have the option's type.");
        }
        errors.optional(&format!("{path}.value"), &choice["value"], DESCRIPTION_MAX);
        if !names.insert(choice["name"].to_string()) {
            errors.add(&path, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATED", "Choice names must be unique");
        }
    }
    for key in ["min_length", "max_length"] {
        let Some(length) = option.get(key).filter(|l| !l.is_null()) else { continue };
        let least = u64::from(key == "max_length");
        if kind != 3 || length.as_u64().is_none_or(|l| l < least || l > LENGTH_MAX) {
            errors.add(
                &format!("{path}.{key}"),
                "NUMBER_TYPE_MAX",
                format!("Must be {least} to {LENGTH_MAX}, on a text."),
            );
        }
    }
    for key in ["min_value", "max_value"] {
        if !option[key].is_null() && !matches!(kind, 4 | 10) {
            errors.add(&format!("{path}.{key}"), "APPLICATION_COMMAND_OPTION_FIELD", "Only numbers have this");
        }
    }
}

/// The characters that count towards a command's size; of localised texts the longest counts.
fn total(part: &Value) -> usize {
    let longest = |key: &str, localised: &str| {
        let own = part[key].as_str().map_or(0, |t| t.chars().count());
        let others = part[localised].as_object().into_iter().flat_map(|m| m.values());
        others.filter_map(Value::as_str).map(|t| t.chars().count()).fold(own, usize::max)
    };
    let mut sum = longest("name", "name_localizations") + longest("description", "description_localizations");
    sum += part["value"].as_str().map_or(0, |t| t.chars().count());
    for key in ["options", "choices"] {
        sum += part[key].as_array().into_iter().flatten().map(total).sum::<usize>();
    }
    sum
}
