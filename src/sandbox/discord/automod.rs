//! `AutoMod`: the rules over REST, and what they do to what people write.
//!
//! It knows keyword rules only. Invariants: as on Discord, administrators and bots are exempt; a blocked message
//! was never posted and has no id.

use regex::RegexBuilder;
use serde_json::{Value, json};

use super::checks::list;
use super::reply::{Answer, FormErrors, Reply, fail, no_content, ok};
use super::rest::Call;
use super::sessions::{AUTOMOD_ACTIONS, AUTOMOD_RULES, MESSAGE_CONTENT};
use super::state::{Core, State};
use super::wire;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD, PEOPLE};

/// Keyword rules of a guild.
const RULES_MAX: usize = 6;
/// Keywords of a rule, and characters of one.
const KEYWORDS_MAX: (usize, usize) = (1_000, 60);
/// Patterns of a rule, and characters of one.
const PATTERNS_MAX: (usize, usize) = (10, 260);
/// Allowed words of a rule, and characters of one.
const ALLOWED_MAX: (usize, usize) = (100, 60);
/// Characters of the text shown to a person whose message was blocked.
const CUSTOM_MESSAGE_MAX: usize = 150;
/// Exempt roles and channels.
const EXEMPT_MAX: (usize, usize) = (20, 50);
/// The longest time-out, in seconds (four weeks).
const TIMEOUT_MAX_S: u64 = 2_419_200;
/// Characters of a rule's name.
const NAME_MAX: usize = 100;
/// What a compiled pattern may take, in bytes; more is refused as too complex.
const PATTERN_SIZE_MAX: usize = 1 << 20;
/// The keyword trigger's type.
const KEYWORD: u64 = 1;

/// Finds the route.
pub(super) fn route(core: &Core, call: &Call, guild: &str, rest: &[&str]) -> Answer {
    if guild.parse() != Ok(DISCORD_GUILD) {
        return Err(fail(404, 10004, "Unknown Guild"));
    }
    let now = core.dial.now_ms();
    let mut state = core.lock();
    if state.knobs.bot_may & wire::MANAGE_GUILD == 0 {
        return Err(fail(403, 50013, "Missing Permissions"));
    }
    let unknown = || fail(404, 10066, "Unknown Auto Moderation Rule");
    let at = match rest {
        [id] => Some(state.rules.iter().position(|r| r["id"] == *id).ok_or_else(unknown)?),
        _ => None,
    };
    match (call.method.as_str(), rest, at) {
        ("GET", [], _) => Ok(ok(Value::Array(state.rules.clone()))),
        ("POST", [], _) => {
            let id = state.next_id(now).to_string();
            let rule = checked(&state, &fresh(&id), &call.body, true)?;
            state.rules.push(rule.clone());
            state.publish("AUTO_MODERATION_RULE_CREATE", AUTOMOD_RULES, &rule);
            Ok(ok(rule))
        }
        ("GET", [_], Some(at)) => Ok(ok(state.rules[at].clone())),
        ("PATCH", [_], Some(at)) => {
            let rule = checked(&state, &state.rules[at], &call.body, false)?;
            state.rules[at] = rule.clone();
            changed(&mut state, at);
            Ok(ok(rule))
        }
        ("DELETE", [_], Some(at)) => {
            removed(&mut state, at);
            Ok(no_content())
        }
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

/// Tells the sessions that a rule was changed.
pub(super) fn changed(state: &mut State, at: usize) {
    let rule = state.rules[at].clone();
    state.publish("AUTO_MODERATION_RULE_UPDATE", AUTOMOD_RULES, &rule);
}

/// Takes a rule away, and tells the sessions.
pub(super) fn removed(state: &mut State, at: usize) {
    let rule = state.rules.remove(at);
    state.publish("AUTO_MODERATION_RULE_DELETE", AUTOMOD_RULES, &rule);
}

/// A rule that an administrator makes by hand.
pub(super) fn foreign(state: &mut State, now: i64, name: &str, word: &str) {
    let mut rule = fresh(&state.next_id(now).to_string());
    let made = json!({
        "name": name, "enabled": true, "creator_id": PEOPLE[3].discord_user.to_string(),
        "trigger_metadata": {"keyword_filter": [word], "regex_patterns": [], "allow_list": []},
        "actions": [{"type": 1, "metadata": {}}],
    });
    wire::merge(&mut rule, &made);
    state.publish("AUTO_MODERATION_RULE_CREATE", AUTOMOD_RULES, &rule);
    state.rules.push(rule);
}

fn fresh(id: &str) -> Value {
    json!({
        "id": id, "guild_id": DISCORD_GUILD.to_string(), "creator_id": DISCORD_APP.to_string(), "name": "",
        "event_type": 1, "trigger_type": KEYWORD, "trigger_metadata": {}, "actions": [], "enabled": false,
        "exempt_roles": [], "exempt_channels": [],
    })
}

/// The rule with the change, if Discord would take it.
fn checked(state: &State, old: &Value, change: &Value, new: bool) -> Result<Value, Reply> {
    let mut rule = old.clone();
    let mut errors = FormErrors::default();
    for key in ["name", "event_type", "trigger_type", "trigger_metadata", "actions", "enabled"] {
        match change.get(key) {
            Some(_) if key == "trigger_type" && !new => {}
            Some(value) => rule[key] = value.clone(),
            None if new && matches!(key, "event_type" | "trigger_type" | "actions" | "name") => {
                errors.add(key, "BASE_TYPE_REQUIRED", "This field is required");
            }
            None => {}
        }
    }
    for key in ["exempt_roles", "exempt_channels"] {
        if let Some(value) = change.get(key).filter(|v| v.is_array()) {
            rule[key] = value.clone();
        }
    }
    errors.required("name", &rule["name"], NAME_MAX);
    if rule["trigger_type"] != KEYWORD {
        errors.add("trigger_type", "BASE_TYPE_CHOICES", "Only keyword rules exist here.");
    }
    if rule["event_type"] != 1 {
        errors.add("event_type", "BASE_TYPE_CHOICES", "Value must be one of {1}.");
    }
    if new && state.rules.len() >= RULES_MAX {
        let text = format!("Maximum number of rules of this trigger type reached ({RULES_MAX}).");
        errors.add("trigger_type", "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED", text);
    }
    triggers(&mut errors, &mut rule);
    actions(&mut errors, &rule);
    errors.count("exempt_roles", list(&rule, "exempt_roles").len(), 0, EXEMPT_MAX.0);
    errors.count("exempt_channels", list(&rule, "exempt_channels").len(), 0, EXEMPT_MAX.1);
    errors.done()?;
    Ok(rule)
}

fn triggers(errors: &mut FormErrors, rule: &mut Value) {
    let limits = [("keyword_filter", KEYWORDS_MAX), ("regex_patterns", PATTERNS_MAX), ("allow_list", ALLOWED_MAX)];
    for (key, (count, length)) in limits {
        if rule["trigger_metadata"][key].is_null() {
            rule["trigger_metadata"][key] = json!([]);
        }
        let path = format!("trigger_metadata.{key}");
        let words = list(&rule["trigger_metadata"], key);
        errors.count(&path, words.len(), 0, count);
        for (at, word) in words.iter().enumerate() {
            errors.required(&format!("{path}.{at}"), word, length);
            if key == "regex_patterns" && word.as_str().is_some_and(|p| compile(p).is_none()) {
                errors.add(&format!("{path}.{at}"), "AUTO_MODERATION_INVALID_REGEX", "Invalid regular expression.");
            }
        }
    }
    let metadata = &rule["trigger_metadata"];
    if list(metadata, "keyword_filter").is_empty() && list(metadata, "regex_patterns").is_empty() {
        errors.add("trigger_metadata", "BASE_TYPE_REQUIRED", "A keyword or a pattern is required.");
    }
}

fn actions(errors: &mut FormErrors, rule: &Value) {
    let actions = list(rule, "actions");
    errors.count("actions", actions.len(), 1, 5);
    for (at, action) in actions.iter().enumerate() {
        let (path, metadata) = (format!("actions.{at}.metadata"), &action["metadata"]);
        match action["type"].as_u64() {
            Some(1) => {
                errors.optional(&format!("{path}.custom_message"), &metadata["custom_message"], CUSTOM_MESSAGE_MAX);
            }
            Some(2) => {
                let channel = metadata["channel_id"].as_str().and_then(|c| c.parse().ok()).and_then(wire::channel);
                if channel.is_none() {
                    errors.add(&format!("{path}.channel_id"), "BASE_TYPE_REQUIRED", "This field is required");
                }
            }
            Some(3) => {
                if metadata["duration_seconds"].as_u64().is_none_or(|s| s > TIMEOUT_MAX_S) {
                    errors.add(&format!("{path}.duration_seconds"), "NUMBER_TYPE_MAX", "Must be at most four weeks.");
                }
            }
            _ => errors.add(&format!("actions.{at}.type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}."),
        }
    }
}

fn compile(pattern: &str) -> Option<regex::Regex> {
    RegexBuilder::new(pattern).case_insensitive(true).size_limit(PATTERN_SIZE_MAX).build().ok()
}

/// The part of the text that a rule objects to.
fn matched(rule: &Value, text: &str) -> Option<String> {
    let metadata = &rule["trigger_metadata"];
    let lower = text.to_lowercase();
    let words =
        |key: &str| list(metadata, key).iter().filter_map(Value::as_str).map(str::to_lowercase).collect::<Vec<_>>();
    let allowed = words("allow_list");
    let mut hits: Vec<String> = words("keyword_filter")
        .into_iter()
        .filter(|word| {
            let bare = word.trim_matches('*');
            if bare.len() == word.len() {
                lower.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == bare)
            } else {
                lower.contains(bare)
            }
        })
        .map(|word| word.trim_matches('*').to_owned())
        .collect();
    for pattern in list(metadata, "regex_patterns").iter().filter_map(Value::as_str) {
        hits.extend(compile(pattern).iter().filter_map(|p| p.find(text)).map(|m| m.as_str().to_owned()));
    }
    hits.into_iter().find(|hit| !allowed.iter().any(|a| hit.to_lowercase().contains(a.trim_matches('*'))))
}

/// Whether the rules keep this text from being posted (or edited to). The person is told, the sessions too.
pub(super) fn blocks(state: &mut State, user: u64, channel: u64, text: &str) -> bool {
    if wire::is_admin(user) || wire::dm_person(channel).is_some() {
        return false;
    }
    let roles = wire::bare_member(user);
    let applies = |rule: &&Value| {
        let exempt = list(rule, "exempt_channels").contains(&json!(channel.to_string()))
            || list(rule, "exempt_roles").iter().any(|r| list(&roles, "roles").contains(r));
        rule["enabled"] == true && !exempt
    };
    let hits: Vec<(Value, String)> =
        state.rules.iter().filter(applies).filter_map(|r| matched(r, text).map(|m| (r.clone(), m))).collect();
    let mut blocked = false;
    for (rule, hit) in hits {
        for action in list(&rule, "actions") {
            if action["type"] == 1 && !blocked {
                blocked = true;
                let why = action["metadata"]["custom_message"].as_str();
                state.notice(user, why.unwrap_or("Your message could not be sent: it was blocked by this server."));
            }
            executed(state, &rule, action, (user, channel), text, &hit);
        }
    }
    blocked
}

fn executed(state: &mut State, rule: &Value, action: &Value, place: (u64, u64), text: &str, hit: &str) {
    let event = json!({
        "guild_id": DISCORD_GUILD.to_string(), "action": action, "rule_id": rule["id"], "rule_trigger_type": KEYWORD,
        "user_id": place.0.to_string(), "channel_id": place.1.to_string(), "content": text, "matched_keyword": hit,
        "matched_content": hit,
    });
    for at in 0..state.gate.sessions.len() {
        let intents = state.gate.sessions[at].intents;
        if intents & AUTOMOD_ACTIONS != 0 {
            let mut event = event.clone();
            if intents & MESSAGE_CONTENT == 0 {
                wire::merge(&mut event, &json!({"content": "", "matched_content": ""}));
            }
            state.gate.dispatch(at, "AUTO_MODERATION_ACTION_EXECUTION", &event);
        }
    }
}
