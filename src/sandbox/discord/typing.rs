//! From what a person types to the structured options that Discord's client sends, or its refusal.
//!
//! It sends nothing. Invariant: what comes out fits the registered command, so that the bot never sees an unknown
//! option or lacks a required one (but for autocomplete, where the rest is not checked yet).

use serde_json::{Value, json};

use super::checks::list;
use super::wire;
use crate::sandbox::cast::{self, DISCORD_APP};
use crate::sandbox::stage::StageError;

/// A command as the client sends it.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) command: Value,
    /// The `options` of the interaction, with subcommand and group around them.
    pub(super) options: Vec<Value>,
    /// Users and channels that options name.
    pub(super) resolved: Value,
    /// The definition of the focused option, when this is for autocomplete.
    pub(super) focused: Option<Value>,
}

/// What is read: a finished command, or an unfinished one to complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Send,
    Complete,
}

/// One word of the text.
#[derive(Clone, Debug, Default)]
struct Word {
    dashed: bool,
    key: Option<String>,
    text: String,
}

fn refuse<T>(why: impl Into<String>) -> Result<T, StageError> {
    Err(StageError(why.into()))
}

/// Reads `/command [group] [subcommand] options…` against the commands that this person has here.
pub(super) fn read(commands: &[Value], text: &str, mode: Mode) -> Result<Typed, StageError> {
    let words = split(text.trim_start().strip_prefix('/').unwrap_or(text));
    let mut words = words.into_iter().peekable();
    let name = words.next().map(|w| w.text).unwrap_or_default();
    let is_it = |c: &&Value| c["name"] == name.as_str() && c["type"].as_u64().unwrap_or(1) == 1;
    let Some(command) = commands.iter().find(is_it) else { return refuse(format!("there is no command /{name}")) };
    let mut level = command;
    let mut path = Vec::new();
    while list(level, "options").iter().any(|o| matches!(o["type"].as_u64(), Some(1 | 2))) {
        let word = words.next().map(|w| w.text).unwrap_or_default();
        let Some(next) = list(level, "options").iter().find(|o| o["name"] == word.as_str()) else {
            return refuse(format!("/{name} has no subcommand {word:?}"));
        };
        path.push(next);
        level = next;
    }
    let options = list(level, "options");
    let given = assign(options, words.collect())?;
    let (mut values, resolved, focused) = match mode {
        Mode::Send => finished(options, &given)?,
        Mode::Complete => unfinished(options, &given),
    };
    for part in path.into_iter().rev() {
        values = vec![json!({"name": part["name"], "type": part["type"], "options": values})];
    }
    Ok(Typed { command: command.clone(), options: values, resolved, focused })
}

type Values = (Vec<Value>, Value, Option<Value>);

fn finished(options: &[Value], given: &[(usize, String)]) -> Result<Values, StageError> {
    let missing = options.iter().enumerate().find(|(at, o)| o["required"] == true && !given.iter().any(|g| g.0 == *at));
    if let Some((_, option)) = missing {
        return refuse(format!("option {} is required", option["name"]));
    }
    let mut resolved = json!({});
    let mut values = Vec::new();
    for (at, text) in given {
        let option = &options[*at];
        let value = convert(option, text, &mut resolved)?;
        values.push(json!({"name": option["name"], "type": option["type"], "value": value}));
    }
    Ok((values, resolved, None))
}

/// The last option in the text is the focused one; without any, the first that completes.
fn unfinished(options: &[Value], given: &[(usize, String)]) -> Values {
    let mut values: Vec<Value> = given
        .iter()
        .map(|(at, text)| json!({"name": options[*at]["name"], "type": options[*at]["type"], "value": text}))
        .collect();
    let mut focused = given.last().map(|(at, _)| options[*at].clone());
    if focused.is_none()
        && let Some(first) = options.iter().find(|o| o["autocomplete"] == true)
    {
        values.push(json!({"name": first["name"], "type": first["type"], "value": ""}));
        focused = Some(first.clone());
    }
    if let Some(last) = values.last_mut() {
        last["focused"] = json!(true);
    }
    (values, json!({}), focused)
}

/// Gives each word to an option; bare words fill the options that are still empty, in order.
fn assign(options: &[Value], words: Vec<Word>) -> Result<Vec<(usize, String)>, StageError> {
    let mut given: Vec<(usize, String)> = Vec::new();
    let mut last_bare = None;
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if let Some(key) = &word.key {
            let at = find(options, key)?;
            put(&mut given, options, at, word.text)?;
        } else if word.dashed {
            let at = find(options, &word.text)?;
            let next_is_bare = words.peek().is_some_and(|w| !w.dashed && w.key.is_none());
            let next_is_bool = words.peek().is_some_and(|w| matches!(w.text.as_str(), "true" | "false"));
            let boolean = options[at]["type"] == 5;
            let value = if next_is_bare && (!boolean || next_is_bool) { words.next().map(|w| w.text) } else { None };
            match value {
                Some(value) => put(&mut given, options, at, value)?,
                None if boolean => put(&mut given, options, at, "true".to_owned())?,
                None => return refuse(format!("--{} needs a value", word.text)),
            }
        } else if let Some(at) =
            (0..options.len()).find(|at| !given.iter().any(|g| g.0 == *at) && options[*at]["type"] != 5)
        {
            given.push((at, word.text));
            last_bare = Some(at);
        } else if let Some(open) = last_bare.and_then(|at| given.iter_mut().find(|g| g.0 == at)) {
            open.1.push(' ');
            open.1.push_str(&word.text);
        } else {
            return refuse(format!("there is no option for {:?}", word.text));
        }
    }
    Ok(given)
}

fn find(options: &[Value], name: &str) -> Result<usize, StageError> {
    let at = options.iter().position(|o| o["name"] == name);
    at.ok_or_else(|| StageError(format!("there is no option {name:?}")))
}

fn put(given: &mut Vec<(usize, String)>, options: &[Value], at: usize, text: String) -> Result<(), StageError> {
    if given.iter().any(|g| g.0 == at) {
        return refuse(format!("option {} is given twice", options[at]["name"]));
    }
    given.push((at, text));
    Ok(())
}

/// A text as the value of an option, as the client checks and sends it.
fn convert(option: &Value, text: &str, resolved: &mut Value) -> Result<Value, StageError> {
    let name = option["name"].as_str().unwrap_or("");
    if !list(option, "choices").is_empty() {
        let choice = list(option, "choices").iter().find(|c| {
            let value = c["value"].as_str().map_or_else(|| c["value"].to_string(), str::to_owned);
            c["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(text)) || value == text
        });
        return choice
            .map(|c| c["value"].clone())
            .ok_or_else(|| StageError(format!("{name}: pick one of the choices")));
    }
    match option["type"].as_u64() {
        Some(3) => string(option, name, text),
        Some(4) => {
            let number: i64 = text.parse().map_err(|_| StageError(format!("{name}: a whole number is needed")))?;
            range(option, name, &json!(number))
        }
        Some(10) => {
            let number: f64 = text.parse().map_err(|_| StageError(format!("{name}: a number is needed")))?;
            range(option, name, &json!(number))
        }
        Some(5) => match text {
            "true" | "True" | "yes" => Ok(json!(true)),
            "false" | "False" | "no" => Ok(json!(false)),
            _ => refuse(format!("{name}: true or false is needed")),
        },
        Some(6 | 9) => {
            let id = user_of(text).ok_or_else(|| StageError(format!("{name}: there is no member {text:?}")))?;
            resolved["users"][id.to_string()] = wire::user(id);
            resolved["members"][id.to_string()] = wire::bare_member(id);
            Ok(json!(id.to_string()))
        }
        Some(7) => {
            let bare = text.trim_start_matches('#');
            let known = cast::CHANNELS.iter().find(|c| c.name == bare || text == format!("<#{}>", c.discord));
            let known = known.ok_or_else(|| StageError(format!("{name}: there is no channel {text:?}")))?;
            resolved["channels"][known.discord.to_string()] = wire::channel(known.discord).unwrap_or(Value::Null);
            Ok(json!(known.discord.to_string()))
        }
        _ => refuse(format!("{name}: this kind of option cannot be typed")),
    }
}

fn string(option: &Value, name: &str, text: &str) -> Result<Value, StageError> {
    let length = text.chars().count() as u64;
    if text.is_empty() || option["min_length"].as_u64().is_some_and(|m| length < m) {
        return refuse(format!("{name}: the text is too short"));
    }
    if length > option["max_length"].as_u64().unwrap_or(6_000) {
        return refuse(format!("{name}: the text is too long"));
    }
    Ok(json!(text))
}

fn range(option: &Value, name: &str, number: &Value) -> Result<Value, StageError> {
    let value = number.as_f64().unwrap_or(0.0);
    let low = option["min_value"].as_f64().is_some_and(|m| value < m);
    let high = option["max_value"].as_f64().is_some_and(|m| value > m);
    if low || high { refuse(format!("{name}: the number is out of range")) } else { Ok(number.clone()) }
}

fn user_of(text: &str) -> Option<u64> {
    let bare = text.trim_start_matches('@');
    if bare == wire::BOT_NAME {
        return Some(DISCORD_APP);
    }
    let by_name = cast::by_name(bare).map(|p| p.discord_user);
    by_name.or_else(|| cast::PEOPLE.iter().map(|p| p.discord_user).find(|id| text == format!("<@{id}>")))
}

/// What the client makes of `@name` and `#channel` in a message.
pub(super) fn link_names(text: &str) -> String {
    let mut linked = text.to_owned();
    let people = cast::PEOPLE.iter().map(|p| (p.name, p.discord_user)).chain([(wire::BOT_NAME, DISCORD_APP)]);
    for (name, id) in people {
        linked = replace_word(&linked, &format!("@{name}"), &format!("<@{id}>"));
    }
    for channel in &cast::CHANNELS {
        linked = replace_word(&linked, &format!("#{}", channel.name), &format!("<#{}>", channel.discord));
    }
    linked
}

/// Replaces a word where a longer one does not begin or end with it.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let before = rest[..at].chars().next_back().or_else(|| out.chars().next_back());
        let after = rest[at + word.len()..].chars().next();
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        let more = after == Some('.') && rest[at + word.len() + 1..].starts_with(char::is_alphanumeric);
        out.push_str(&rest[..at]);
        out.push_str(if inside(before) || inside(after) || more { word } else { by });
        rest = &rest[at + word.len()..];
    }
    out + rest
}

/// Splits at spaces; quotes hold words together at the start of a word or after its `=`.
fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next_if(|c| c.is_whitespace()).or_else(|| chars.peek().copied()) {
        if first.is_whitespace() {
            continue;
        }
        words.push(word(&mut chars));
    }
    words
}

fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Word {
    let mut word = Word::default();
    let mut fresh = true;
    while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
        match c {
            '"' | '\u{201c}' | '\u{201d}' | '\'' if fresh => {
                let ends = |c: char| if c == '\u{201c}' { '\u{201d}' } else { c };
                let end = ends(c);
                while let Some(inner) = chars.next_if(|i| *i != end) {
                    let escaped = inner == '\\' && chars.peek() == Some(&end);
                    word.text.push(if escaped { chars.next().unwrap_or(inner) } else { inner });
                }
                chars.next();
                fresh = false;
            }
            '=' if word.key.is_none() && is_key(&word.text) => {
                word.dashed = word.text.starts_with("--");
                word.key = Some(word.text.trim_start_matches("--").to_owned());
                word.text.clear();
                fresh = true;
            }
            _ => {
                word.text.push(c);
                fresh = false;
            }
        }
    }
    if word.key.is_none()
        && let Some(flag) = word.text.strip_prefix("--").filter(|f| is_key(f))
    {
        word.text = flag.to_owned();
        word.dashed = true;
    }
    word
}

fn is_key(text: &str) -> bool {
    let bare = text.strip_prefix("--").unwrap_or(text);
    bare.starts_with(|c: char| c.is_ascii_lowercase())
        && bare.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands() -> Vec<Value> {
        vec![json!({"name": "seqn", "options": [
            {"name": "revoke", "type": 1, "options": [
                {"name": "org", "type": 3, "required": true, "autocomplete": true, "max_length": 10},
                {"name": "reason", "type": 3}, {"name": "dry-run", "type": 5},
            ]},
            {"name": "incident", "type": 2, "options": [{"name": "open", "type": 1, "options": [
                {"name": "severity", "type": 3, "choices": [{"name": "SEV 1", "value": "sev1"}]},
            ]}]},
        ]})]
    }

    fn typed(text: &str) -> Value {
        read(&commands(), text, Mode::Send).map_or_else(|e| json!(e.0), |t| Value::Array(t.options))
    }

    #[test]
    fn every_way_to_write_an_option_is_the_same() {
        let want = json!([{"name": "revoke", "type": 1, "options": [
            {"name": "org", "type": 3, "value": "acme"}, {"name": "reason", "type": 3, "value": "lost laptop"},
        ]}]);
        for text in [
            "/seqn revoke org=acme reason=\"lost laptop\"",
            "/seqn revoke --org acme --reason 'lost laptop'",
            "/seqn revoke acme reason=\u{201c}lost laptop\u{201d}",
            "/seqn revoke --org=acme lost laptop",
        ] {
            assert_eq!(typed(text), want, "{text}");
        }
        assert_eq!(typed("/seqn revoke acme --dry-run")[0]["options"][1]["value"], json!(true));
        assert_eq!(typed("/seqn incident open severity=sev1")[0]["options"][0]["options"][0]["value"], json!("sev1"));
    }

    #[test]
    fn the_client_refuses_what_is_not_registered() {
        for text in [
            "/nope",
            "/seqn nope",
            "/seqn revoke",
            "/seqn revoke acme user=jo",
            "/seqn revoke org=much-too-long",
            "/seqn incident open severity=sev9",
        ] {
            assert!(typed(text).is_string(), "{text}");
        }
    }

    #[test]
    fn the_last_option_is_focused() {
        let typed = read(&commands(), "/seqn revoke org=ac", Mode::Complete).expect("it is a command");
        let want = json!([{"name": "org", "type": 3, "value": "ac", "focused": true}]);
        assert_eq!(typed.options[0]["options"], want);
    }

    #[test]
    fn names_become_mentions_but_mail_does_not() {
        let id = cast::by_name("kim").map_or(0, |p| p.discord_user);
        assert_eq!(link_names("@kim, mail kim@seqn.example"), format!("<@{id}>, mail kim@seqn.example"));
    }
}
