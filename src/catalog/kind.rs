//! What each kind of option accepts: a value in its normal form, or a sentence that says what to write.
//!
//! It looks nothing up: an action's or an organization's being there is checked elsewhere. Invariant: no
//! sentence repeats the value, and checking a normal form gives the same again.

use crate::model::{Email, MINUTE_MS, Millis, OrgSlug, RequestId, SessionId, Ticket};

use super::log::scrubbed;
use super::name::canonical;
use super::nearest::did_you_mean;
use super::{Kind, OptionDef};

/// Longest e-mail address, in characters (RFC 5321).
const EMAIL_CHARS: usize = 254;
/// Longest slug, in characters, as in the model.
const SLUG_CHARS: usize = 63;
/// Longest opaque id or ticket, in characters, as in the model.
const ID_CHARS: usize = 128;
/// Longest time, in characters: RFC 3339 with nanoseconds and an offset.
const TIME_CHARS: usize = 35;
/// Longest route, in characters; none of SEQN Auth's is near it.
const ROUTE_CHARS: usize = 300;
/// Longest key prefix, in characters: a known prefix, its eight, and the dots that mean "and so on".
const KEY_CHARS: usize = 24;
/// What may follow a key's known prefix, in characters; the guard allows as much.
const KEY_BODY_CHARS: usize = 8;
/// Longest window, in characters: `65535h`.
const WINDOW_CHARS: usize = 6;
/// Longest person, in characters: a mention with its name.
const PERSON_CHARS: usize = 100;
/// Longest action name, in characters: a family and a word of 32 (Discord's limit for each).
const ACTION_CHARS: usize = 66;
/// Longest choice value, in characters (Discord's limit).
const CHOICE_CHARS: usize = 100;
/// Minutes in an hour.
const HOUR_MIN: u32 = 60;
/// Minutes in a day.
const DAY_MIN: u32 = 24 * HOUR_MIN;
/// The beginnings of keys that are known.
const KEY_PREFIXES: [&str; 7] = ["sk_live_", "rk_live_", "pk_live_", "sk_test_", "rk_test_", "pk_test_", "whsec_"];

/// The most characters that a value of the kind can have.
#[must_use]
pub fn longest(kind: Kind) -> usize {
    match kind {
        Kind::Org | Kind::Project => SLUG_CHARS,
        Kind::Email => EMAIL_CHARS,
        Kind::Session | Kind::RequestId | Kind::Ticket => ID_CHARS,
        Kind::Time => TIME_CHARS,
        Kind::Route => ROUTE_CHARS,
        Kind::KeyPrefix => KEY_CHARS,
        Kind::Choice(_) => CHOICE_CHARS,
        Kind::Window(..) => WINDOW_CHARS,
        Kind::Person => PERSON_CHARS,
        Kind::Action => ACTION_CHARS,
        Kind::Text(most) | Kind::Log(most) => usize::from(most),
    }
}

/// The value in its normal form.
///
/// # Errors
/// One sentence or two: what is wrong, and what to write instead.
pub fn check(option: &OptionDef, value: &str) -> Result<String, String> {
    let value = value.trim();
    let (length, most) = (value.chars().count(), longest(option.kind));
    if length == 0 {
        return Err("It is empty. Give it a value, or leave it out.".into());
    }
    if length > most {
        return Err(format!("It has {} characters; {} is the most.", grouped(length), grouped(most)));
    }
    match option.kind {
        Kind::Org | Kind::Project => parsed::<OrgSlug>(&value.to_lowercase()),
        Kind::Email => parsed::<Email>(value),
        Kind::Session => session(value),
        // SEQN's request ids are as opaque as ours and take the same characters.
        Kind::RequestId => parsed::<RequestId>(value),
        Kind::Ticket => parsed::<Ticket>(value),
        Kind::Time => time(value),
        Kind::Route => route(value),
        Kind::KeyPrefix => key_prefix(value),
        Kind::Choice(choices) => choice(choices, value),
        Kind::Window(least, most) => window(least, most, value),
        Kind::Person => person(value),
        Kind::Action => action(value),
        Kind::Text(_) => Ok(value.to_owned()),
        Kind::Log(_) => scrubbed(value),
    }
}

/// The length of a window such as `24h`, `90m`, `7d`, in milliseconds.
#[must_use]
pub fn window_ms(text: &str) -> Option<i64> {
    minutes(text).map(|m| i64::from(m) * MINUTE_MS)
}

/// The moment that a time names, read as the options of that kind are.
#[must_use]
pub fn moment(text: &str) -> Option<Millis> {
    time(text.trim()).ok().and_then(|normal| Millis::from_rfc3339(&normal))
}

/// A number with a comma at the thousands: `10,000`.
#[must_use]
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn parsed<T>(value: &str) -> Result<String, String>
where
    T: std::str::FromStr<Err = crate::model::BadId> + std::fmt::Display,
{
    value.parse::<T>().map(|id| id.to_string()).map_err(|bad| bad.0)
}

fn session(value: &str) -> Result<String, String> {
    let word = value.to_lowercase();
    if word == "latest" || word == "all" {
        return Ok(word);
    }
    let id = parsed::<SessionId>(value);
    id.map_err(|_| "Write a session's id, `latest` or `all`. An id has letters, digits and `-_.:` only.".into())
}

/// RFC 3339, or less of it: a day, or minutes without a zone, both in UTC.
fn time(value: &str) -> Result<String, String> {
    let text = value.to_uppercase();
    let text = text.trim_end_matches("UTC").trim_end_matches('Z').trim_end();
    let full = match (text.is_ascii(), text.len()) {
        (true, 10) => format!("{text}T00:00:00Z"),
        (true, 16) => format!("{}T{}:00Z", &text[..10], &text[11..]),
        (true, 19) => format!("{}T{}Z", &text[..10], &text[11..]),
        _ => value.to_uppercase(),
    };
    let at = Millis::from_rfc3339(&full).map(Millis::to_rfc3339);
    at.ok_or_else(|| "Write a time like `2026-05-12T09:30:00Z` or `2026-05-12 09:30` (UTC).".into())
}

fn route(value: &str) -> Result<String, String> {
    let clean = value.chars().all(|c| c.is_ascii_graphic() && !"?#<>\"\\`|".contains(c));
    if value.starts_with('/') && !value.starts_with("//") && clean {
        return Ok(value.to_owned());
    }
    Err("Write the path alone, from its first slash and without a query: `/v1/me`.".into())
}

fn key_prefix(value: &str) -> Result<String, String> {
    let text = value.trim_end_matches(['…', '.', '*', '•']);
    let body = KEY_PREFIXES.iter().find_map(|known| text.strip_prefix(known)).unwrap_or(text);
    let clean = !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric());
    match (clean, body.len() <= KEY_BODY_CHARS) {
        (true, true) => Ok(text.to_owned()),
        (true, false) => Err("Write at most 8 characters after the key's prefix. If more of a live key was sent \
                              anywhere, rotate that key."
            .into()),
        (false, _) => Err("Write the key's prefix and at most 8 letters and digits after it.".into()),
    }
}

fn choice(choices: &[(&'static str, &'static str)], value: &str) -> Result<String, String> {
    if let Some((known, _)) = choices.iter().find(|(known, _)| known.eq_ignore_ascii_case(value)) {
        return Ok((*known).to_owned());
    }
    let all: Vec<String> = choices.iter().map(|(known, _)| format!("`{known}`")).collect();
    let meant = did_you_mean(value, choices.iter().map(|(known, _)| *known));
    Err(format!("Write one of {}.{meant}", all.join(", ")))
}

fn minutes(text: &str) -> Option<u32> {
    let unit = match text.chars().last()? {
        'm' => 1,
        'h' => HOUR_MIN,
        'd' => DAY_MIN,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse::<u32>().ok().filter(|_| plain)?.checked_mul(unit)
}

fn window(least: u16, most: u16, value: &str) -> Result<String, String> {
    let text: String = value.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let number = text.trim_start_matches('0');
    let (least_min, most_min) = (u32::from(least) * HOUR_MIN, u32::from(most) * HOUR_MIN);
    match minutes(number) {
        Some(m) if (least_min..=most_min).contains(&m) && m > 0 => Ok(number.to_owned()),
        Some(_) => Err(format!("It must be between {least}h and {most}h, such as `24h`, `90m` or `7d`.")),
        None => Err("Write a number and `m`, `h` or `d`: `24h`, `90m`, `7d`.".into()),
    }
}

/// A mention (`<@U0KIM|kim>`, `<@!42>`), `@kim`, or a staff id or name.
fn person(value: &str) -> Result<String, String> {
    let mention = value.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
    let text = mention.map_or(value, |inside| inside.split('|').next().unwrap_or(inside));
    let text = text.trim_start_matches(['@', '!']).trim();
    let clean = text.chars().all(|c| c.is_alphanumeric() || " -_.:'".contains(c));
    let ok = clean && text.chars().any(char::is_alphanumeric);
    if ok { Ok(text.to_owned()) } else { Err("Write a member of staff like `@kim`.".into()) }
}

fn action(value: &str) -> Result<String, String> {
    let words: Vec<String> = value.split_whitespace().map(canonical).collect();
    let name = words.join("-");
    let ok = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if ok { Ok(name) } else { Err("Write an action's name, such as `revoke-session`. `help` lists them.".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Source;

    fn of(kind: Kind, value: &str) -> Result<String, String> {
        let option = OptionDef { name: "x", kind, required: false, help: "", source: Source::None, positional: false };
        check(&option, value)
    }

    const CHOICE: Kind = Kind::Choice(&[("sign-in", "Cannot sign in"), ("billing", "Billing")]);
    const WINDOW: Kind = Kind::Window(1, 168);

    #[test]
    fn gives_the_normal_form_and_keeps_it() {
        for (kind, value, normal) in [
            (Kind::Org, " Acme ", "acme"),
            (Kind::Email, "Jo@ACME.example", "Jo@acme.example"),
            (Kind::Session, "Latest", "latest"),
            (Kind::Session, "ses_Jo_1", "ses_Jo_1"),
            (Kind::RequestId, "req_9f.2:a", "req_9f.2:a"),
            (Kind::Ticket, "#1234", "1234"),
            (Kind::Time, "2026-05-12", "2026-05-12T00:00:00Z"),
            (Kind::Time, "2026-05-12 09:30 utc", "2026-05-12T09:30:00Z"),
            (Kind::Time, "2026-05-12T09:30Z", "2026-05-12T09:30:00Z"),
            (Kind::Time, "2026-05-12 09:30:15", "2026-05-12T09:30:15Z"),
            (Kind::Time, "2026-05-12T11:30:00+02:00", "2026-05-12T09:30:00Z"),
            (Kind::Route, "/v1/me", "/v1/me"),
            (Kind::KeyPrefix, concat!("sk_live", "_abcd1234…"), concat!("sk_live", "_abcd1234")),
            (Kind::KeyPrefix, "abcd1234", "abcd1234"),
            (CHOICE, "Sign-In", "sign-in"),
            (WINDOW, "24H", "24h"),
            (WINDOW, "090 m", "90m"),
            (WINDOW, "7d", "7d"),
            (Kind::Person, "<@U0KIM|kim>", "U0KIM"),
            (Kind::Person, "<@!42>", "42"),
            (Kind::Person, "@kim", "kim"),
            (Kind::Action, "/Case Open", "case-open"),
            (Kind::Action, "Revoke_Session", "revoke-session"),
            (Kind::Text(20), "  two\nlines ", "two\nlines"),
            (Kind::Log(90), "jo 12:00:01 GET /x 429\nat 12:00:05 by 10.0.0.1", "12:00:01=429 12:00:05"),
        ] {
            let read = of(kind, value);
            assert_eq!(read.as_deref(), Ok(normal), "{kind:?} {value}");
            assert_eq!(of(kind, normal).as_deref(), Ok(normal), "{kind:?} {normal}");
        }
    }

    #[test]
    fn refuses_with_a_sentence_that_does_not_repeat_the_value() {
        for (kind, value) in [
            (Kind::Org, "../etc"),
            (Kind::Email, "nobody-at-all"),
            (Kind::Session, "ses one"),
            (Kind::Time, "yesterday"),
            (Kind::Time, "2026-13-40"),
            (Kind::Time, "2026-05-12é 9:30"),
            (Kind::Route, "v1/me-too"),
            (Kind::Route, "//evil.example"),
            (Kind::Route, "/v1/me?token=x1"),
            (Kind::KeyPrefix, concat!("sk_live", "_abcd12345")),
            (Kind::KeyPrefix, "sk_live_"),
            (CHOICE, "weather-report"),
            (WINDOW, "8d"),
            (WINDOW, "59m"),
            (WINDOW, "24"),
            (WINDOW, "999999999999h"),
            (WINDOW, "é"),
            (Kind::Person, "<!channel>"),
            (Kind::Person, "@"),
            (Kind::Action, "rm -rf /*"),
            (Kind::Text(3), "abcd"),
            (Kind::Log(90), "nothing-with-a-time"),
            (Kind::Text(3), " "),
        ] {
            let says = of(kind, value).expect_err(value);
            assert!(!says.contains(value.trim()) || value.trim().len() < 3, "{kind:?} {value}: {says}");
            assert!(says.ends_with(['.', '?']), "{says}");
        }
        assert!(of(CHOICE, "sign-on").expect_err("no choice").contains("Did you mean `sign-in`?"));
        let long = of(Kind::Org, &"a".repeat(10_000)).expect_err("too long");
        assert_eq!(long, "It has 10,000 characters; 63 is the most.");
    }

    #[test]
    fn windows_are_lengths() {
        assert_eq!(window_ms("90m"), Some(5_400_000));
        assert_eq!(window_ms("7d"), Some(604_800_000));
        assert_eq!(window_ms("7w"), None);
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_000), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
    }
}
