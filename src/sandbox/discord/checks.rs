//! Discord's limits on a message: text, embeds, nonce, mentions; components are checked next door.
//!
//! It changes nothing. Invariant: a body that passes here is one that Discord would post.

use serde_json::Value;

use super::components;
use super::reply::{FormErrors, Reply, fail};
use super::wire::V2;

/// Characters of a message's text.
const CONTENT_MAX: usize = 2_000;
/// Embeds of a message.
const EMBEDS_MAX: usize = 10;
/// Characters over all embeds of a message.
const EMBEDS_TOTAL_MAX: usize = 6_000;
/// Characters of an embed's title, author name, and a field's name.
const TITLE_MAX: usize = 256;
/// Characters of an embed's description.
const DESCRIPTION_MAX: usize = 4_096;
/// Fields of an embed.
const FIELDS_MAX: usize = 25;
/// Characters of a field's value.
const FIELD_VALUE_MAX: usize = 1_024;
/// Characters of an embed's footer.
const FOOTER_MAX: usize = 2_048;
/// Characters of a nonce.
const NONCE_MAX: usize = 25;

/// The list at a key, empty when it is not one.
pub(super) fn list<'a>(body: &'a Value, key: &str) -> &'a [Value] {
    body[key].as_array().map_or(&[], Vec::as_slice)
}

/// Checks a whole message: a new one, or one as it would be after an edit.
pub(super) fn message(body: &Value) -> Result<(), Reply> {
    let v2 = body["flags"].as_u64().unwrap_or(0) & V2 != 0;
    let mut errors = FormErrors::default();
    match &body["content"] {
        Value::Null => {}
        Value::String(text) => errors.at_most("content", text, CONTENT_MAX),
        _ => errors.add("content", "STRING_TYPE_CONVERT", "Could not interpret as string."),
    }
    embeds(&mut errors, list(body, "embeds"));
    nonce(&mut errors, &body["nonce"]);
    mentions(&mut errors, &body["allowed_mentions"]);
    let text = body["content"].as_str().unwrap_or("");
    if v2 && !(text.is_empty() && list(body, "embeds").is_empty()) {
        let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
        errors.add("content", code, "The 'content' and 'embeds' fields cannot be used with components V2.");
    }
    components::of_message(&mut errors, list(body, "components"), v2);
    errors.done()?;
    let bare = text.trim().is_empty() && list(body, "embeds").is_empty() && list(body, "attachments").is_empty();
    let components_only = v2 && !list(body, "components").is_empty();
    if bare && !components_only {
        return Err(fail(400, 50006, "Cannot send an empty message"));
    }
    Ok(())
}

fn nonce(errors: &mut FormErrors, nonce: &Value) {
    match nonce {
        Value::Null | Value::Number(_) => {}
        Value::String(text) => errors.at_most("nonce", text, NONCE_MAX),
        _ => errors.add("nonce", "BASE_TYPE_BAD", "Must be a string or a number."),
    }
}

fn mentions(errors: &mut FormErrors, allowed: &Value) {
    for kind in ["users", "roles"] {
        let parsed = list(allowed, "parse").iter().any(|p| p == kind);
        if parsed && !list(allowed, kind).is_empty() {
            let text = format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive.");
            errors.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text);
        }
    }
}

fn embeds(errors: &mut FormErrors, embeds: &[Value]) {
    errors.count("embeds", embeds.len(), 0, EMBEDS_MAX);
    let mut total = 0;
    for (at, embed) in embeds.iter().enumerate() {
        let path = format!("embeds.{at}");
        errors.optional(&format!("{path}.title"), &embed["title"], TITLE_MAX);
        errors.optional(&format!("{path}.description"), &embed["description"], DESCRIPTION_MAX);
        errors.optional(&format!("{path}.footer.text"), &embed["footer"]["text"], FOOTER_MAX);
        errors.optional(&format!("{path}.author.name"), &embed["author"]["name"], TITLE_MAX);
        let fields = list(embed, "fields");
        errors.count(&format!("{path}.fields"), fields.len(), 0, FIELDS_MAX);
        for (n, field) in fields.iter().enumerate() {
            errors.required(&format!("{path}.fields.{n}.name"), &field["name"], TITLE_MAX);
            errors.required(&format!("{path}.fields.{n}.value"), &field["value"], FIELD_VALUE_MAX);
            total += length(&field["name"]) + length(&field["value"]);
        }
        total += length(&embed["title"]) + length(&embed["description"]);
        total += length(&embed["footer"]["text"]) + length(&embed["author"]["name"]);
        if let Some(url) = embed["url"].as_str()
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            errors.add(&format!("{path}.url"), "URL_TYPE_INVALID_URL", "Not a well formed URL.");
        }
    }
    if total > EMBEDS_TOTAL_MAX {
        let text = format!("Embed size exceeds maximum size of {EMBEDS_TOTAL_MAX}");
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", text);
    }
}

fn length(text: &Value) -> usize {
    text.as_str().map_or(0, |t| t.chars().count())
}
