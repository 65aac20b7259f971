//! The checks of secrets that say themselves what they are: given an anchor, is there one, and which bytes are it?
//!
//! A check reads only near its anchor. Invariant: its work is bounded by its named cap, so that any number
//! of anchors costs time in proportion to the text.

use std::ops::Range;

use super::context::is_stand_in;
use super::decode::{base64_bytes, is_base64};
use super::judge::{self, is_placeholder, is_separator, is_word, looks_random};
use super::sight::Sight;
use super::unwrap::MASK;

/// From here on, a body is a finding unless it is plainly a placeholder.
pub(super) const KEY_BYTES: usize = 16;
/// A body after a longer word (`task_live_…`) must be this long to count.
const GLUED_KEY_BYTES: usize = 20;
/// Longer than any token of the platforms, shorter than a page.
pub(super) const TOKEN_BYTES: usize = 512;
/// Longer than any JWT part that fits into a header line.
const JWT_PART_BYTES: usize = 16 * 1024;
/// The lengths of the middle part of a Discord bot token.
const DISCORD_MIDDLE: [usize; 2] = [6, 7];
/// A user and a password before a host, with room.
const DSN_USER_BYTES: usize = 160;
/// What follows `u+`.
const PAGING_TOKEN_BYTES: usize = 18;

/// Gives the secret's bytes in the view.
pub(super) type Check = fn(&Sight<'_>) -> Option<Range<usize>>;

/// `sk_live_…` and `rk_live_…`.
pub(super) fn project_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    named_key(sight, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// `whsec_…`.
pub(super) fn webhook_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    named_key(sight, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='))
}

fn named_key(sight: &Sight<'_>, is_body: fn(u8) -> bool) -> Option<Range<usize>> {
    let end = sight.run(sight.end, is_body, usize::MAX);
    let whole = sight.slice(sight.end..end);
    let body = trimmed(whole);
    let secret = match body.len() {
        0..=judge::PREFIX_BYTES => false,
        _ if is_prefix_and_words(body) => false,
        len if sight.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) || is_shouted(sight, body) => {
            len >= GLUED_KEY_BYTES && looks_random(body)
        }
        len if len < KEY_BYTES => looks_random(body) && !is_cut_short(sight, end),
        _ => !is_placeholder(body),
    };
    // Slack's italics end in `_`; what base64 may end in is part of the secret.
    let kept = whole.iter().rposition(|byte| !matches!(byte, b'_' | b'-')).map_or(0, |last| last + 1);
    secret.then_some(sight.start..sight.end + kept)
}

/// An environment variable (`STRIPE_SK_LIVE_KEY_2`) is all upper case; a key hardly ever is.
fn is_shouted(sight: &Sight<'_>, body: &[u8]) -> bool {
    sight.anchor().iter().all(|byte| !byte.is_ascii_lowercase()) && !body.iter().any(u8::is_ascii_lowercase)
}

/// `abcd1234-prod`, `abcd1234/whsec`: an allowed prefix, then words.
fn is_prefix_and_words(body: &[u8]) -> bool {
    let mut parts = body.split(|byte| is_separator(*byte)).filter(|part| !part.is_empty());
    parts.next().is_some_and(|first| first.len() <= judge::PREFIX_BYTES) && parts.all(is_word)
}

/// Whether the run is followed by an ellipsis or a mask.
fn is_cut_short(sight: &Sight<'_>, end: usize) -> bool {
    let rest = sight.slice(end..(end + 4).min(sight.bytes().len()));
    rest.starts_with("…".as_bytes())
        || rest.starts_with("•".as_bytes())
        || rest.starts_with(b"..")
        || rest.starts_with(b"**")
        || rest.starts_with(MASK.encode_utf8(&mut [0; 4]).as_bytes())
}

pub(super) fn trimmed(run: &[u8]) -> &[u8] {
    let len = run.iter().rposition(|byte| !is_separator(*byte)).map_or(0, |last| last + 1);
    run.get(..len).unwrap_or_default()
}

/// Three parts of which the first two are JSON objects; five for an encrypted one.
pub(super) fn jwt(sight: &Sight<'_>) -> Option<Range<usize>> {
    if sight.anchor() != b"eyJ" || sight.before().is_some_and(is_base64) {
        return None;
    }
    let header = sight.start..sight.run(sight.start, is_base64, JWT_PART_BYTES);
    let json: serde_json::Value = serde_json::from_slice(&base64_bytes(sight.slice(header.clone()))?).ok()?;
    let fields = json.as_object()?;
    if !fields.contains_key("alg") || sight.at(header.end) != Some(b'.') {
        return None;
    }
    let payload = header.end + 1..sight.run(header.end + 1, is_base64, JWT_PART_BYTES);
    let claims = base64_bytes(sight.slice(payload.clone())).is_some_and(|bytes| bytes.starts_with(b"{"));
    if !(claims && payload.len() >= KEY_BYTES || fields.contains_key("enc")) {
        return None;
    }
    let mut end = payload.end;
    for _ in 0..3 {
        if sight.at(end) == Some(b'.') {
            // The full stop of a sentence has no part behind it.
            let next = sight.run(end + 1, is_base64, JWT_PART_BYTES);
            end = if next > end + 1 { next } else { end };
        }
    }
    Some(header.start..end)
}

/// `xoxb-…`, `xapp-…` and their sisters.
pub(super) fn slack_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    if sight.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let end = sight.run(sight.end, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'%'), TOKEN_BYTES);
    token(sight, sight.end..end, KEY_BYTES).map(|body| sight.start..body.end)
}

/// The secret half of a webhook address of Slack or Discord.
pub(super) fn webhook_url(sight: &Sight<'_>) -> Option<Range<usize>> {
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    let end = sight.run(sight.end, is_path, TOKEN_BYTES);
    let path = sight.slice(sight.end..end);
    let last = path.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty())?;
    (path.contains(&b'/') && last.len() >= KEY_BYTES && looks_random(last)).then_some(sight.end..end)
}

/// `<base64 of the id>.<6 or 7>.<27 to 38>`; the anchor is the first dot.
pub(super) fn discord_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    let middle = DISCORD_MIDDLE.into_iter().find(|len| sight.at(sight.end + len) == Some(b'.'))?;
    if !sight.slice(sight.end..sight.end + middle).iter().all(|byte| is_base64(*byte)) {
        return None;
    }
    let start = sight.run_back(sight.start, is_base64, 64);
    let id = base64_bytes(sight.slice(start..sight.start)).unwrap_or_default();
    if !(15..=22).contains(&id.len()) || !id.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let tail = sight.end + middle + 1;
    let end = sight.run(tail, is_base64, TOKEN_BYTES);
    (end - tail >= 25).then_some(start..end)
}

/// Whether a dot has another one at the distance that such a token has.
pub(super) fn discord_dots(text: &[u8], dot: usize) -> bool {
    DISCORD_MIDDLE.into_iter().any(|len| text.get(dot + 1 + len) == Some(&b'.'))
}

/// `AGE-SECRET-KEY-1…`.
pub(super) fn age_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    let end = sight.run(sight.end, |byte| byte.is_ascii_alphanumeric(), TOKEN_BYTES);
    let body = sight.slice(sight.end..end);
    (body.len() >= KEY_BYTES && !is_placeholder(body)).then_some(sight.start..end)
}

/// The password in `scheme://user:password@host`, and in `user:password@tcp(host)`.
pub(super) fn url_password(sight: &Sight<'_>) -> Option<Range<usize>> {
    if sight.at(sight.start) == Some(b'@') {
        return dsn_password(sight);
    }
    let end = sight.line_run(sight.end, is_url_part, TOKEN_BYTES);
    let run = sight.slice(sight.end..end);
    let authority = run.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(run.len());
    let scheme =
        sight.slice(sight.run_back(sight.start, |byte| byte.is_ascii_alphanumeric() || byte == b'+', 16)..sight.start);
    let is_web = scheme.to_ascii_lowercase().starts_with(b"http");
    let last_at = |part: &[u8]| part.iter().rposition(|byte| *byte == b'@');
    let at = last_at(run.get(..authority)?).or_else(|| if is_web { None } else { last_at(run) })?;
    let colon = run.get(..at)?.iter().position(|byte| *byte == b':')?;
    let (user, password) = (run.get(..colon)?, run.get(colon + 1..at)?);
    let host = run.get(at + 1..).unwrap_or_default();
    let local = [&b"localhost"[..], b"127.", b"db", b"postgres", b"example"].iter().any(|name| host.starts_with(name));
    let harmless = password.is_empty() || is_stand_in(password) || (local && password == user);
    (!harmless).then_some(sight.end + colon + 1..sight.end + at)
}

fn dsn_password(sight: &Sight<'_>) -> Option<Range<usize>> {
    let start = sight.run_back(sight.start, |byte| is_url_part(byte) && byte != b'(', DSN_USER_BYTES);
    let pair = sight.slice(start..sight.start);
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let password = pair.get(colon + 1..)?;
    let harmless = colon == 0 || password.is_empty() || is_stand_in(password);
    (!harmless).then_some(start + colon + 1..sight.start)
}

fn is_url_part(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'|')
}

/// `u+` and 18 characters: a token of PagerDuty's REST API. `U+200B` is a character.
pub(super) fn paging_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    if sight.at(sight.start) != Some(b'u') || sight.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    // Its exact length makes the question needless whether markup or the end of a message cuts it.
    let is_body: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let end = sight.end + sight.count(sight.end..sight.limit.min(sight.end + PAGING_TOKEN_BYTES + 4), is_body);
    let body = trimmed(sight.slice(sight.end..end));
    (body.len() == PAGING_TOKEN_BYTES && looks_random(body)).then_some(sight.start..sight.end + body.len())
}

/// A value that is long and random enough, without the full stop behind it.
pub(super) fn token(sight: &Sight<'_>, value: Range<usize>, least: usize) -> Option<Range<usize>> {
    let run = sight.slice(value.clone());
    let body = trimmed(run);
    let len = if run.ends_with(b"=") { run.len() } else { body.len() };
    (body.len() >= least && looks_random(body)).then_some(value.start..value.start + len)
}
