//! The checks behind the rules: given an anchor, is there a secret, and which bytes are it?
//!
//! A check reads only near its anchor. Invariant: its work is bounded by its named cap, so that any number
//! of anchors costs time in proportion to the text.

use std::ops::Range;

use super::decode::{base64_bytes, is_base64};
use super::judge::{self, is_placeholder, is_separator, is_word, looks_random};
use super::sight::Sight;
use super::unwrap::MASK;

/// From here on, a body is a finding unless it is plainly a placeholder.
const KEY_BYTES: usize = 16;
/// A body after a longer word (`task_live_…`) must be this long to count.
const GLUED_KEY_BYTES: usize = 20;
/// Longer than any token of the platforms, shorter than a page.
const TOKEN_BYTES: usize = 512;
/// Longer than any JWT part that fits into a header line.
const JWT_PART_BYTES: usize = 16 * 1024;
/// The largest private key in PEM form, with room: an 16,384-bit RSA key has 12.5 kB.
const PEM_BYTES: usize = 32 * 1024;
/// The longest label of a PEM line, with its dashes: `ENCRYPTED PRIVATE KEY BLOCK`, and room.
const PEM_LABEL_BYTES: usize = 48;
/// What stands around a label.
const DASHES: &[u8] = b"-----";
/// Encoded characters that make a PEM block a real one; documentation shows fewer.
const PEM_BODY_BYTES: usize = 32;
/// Words of the headers of a PEM block (`Proc-Type: 4,ENCRYPTED`, `Comment: …`).
const PEM_HEADER_WORDS: usize = 16;
/// The lengths of the middle part of a Discord bot token.
const DISCORD_MIDDLE: [usize; 2] = [6, 7];
/// Cookies are at most 4 kB in every browser.
const COOKIE_BYTES: usize = 4096;

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

fn trimmed(run: &[u8]) -> &[u8] {
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
            end = sight.run(end + 1, is_base64, JWT_PART_BYTES).max(end + 1);
        }
    }
    Some(header.start..end)
}

/// `Authorization: …`, `Bearer …`, `Basic …`, `GenieKey …`.
pub(super) fn authorization(sight: &Sight<'_>) -> Option<Range<usize>> {
    let named = |word: &str| sight.anchor().eq_ignore_ascii_case(word.as_bytes());
    if sight.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    if named("authorization") {
        let mut value = assigned_value(sight, is_token)?;
        if is_word(sight.slice(value.clone())) && sight.at(value.end) == Some(b' ') {
            value = value.end + 1..sight.line_run(value.end + 1, is_token, TOKEN_BYTES);
        }
        return token(sight, value, KEY_BYTES);
    }
    let from = skip(sight, sight.end, |byte| matches!(byte, b' ' | b'\t' | b':' | b'='), 3);
    if from == sight.end {
        return None;
    }
    let value = from..sight.run(from, is_token, COOKIE_BYTES);
    if named("basic") {
        let pair = base64_bytes(trimmed(sight.slice(value.clone())))?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        let readable = pair.iter().all(|byte| (b' '..=b'~').contains(byte));
        return (readable && colon > 0 && colon + 1 < pair.len()).then_some(value);
    }
    token(sight, value, KEY_BYTES)
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

/// A PEM block, also one that was cut off before its end.
pub(super) fn private_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    let len = sight.bytes().len();
    let label_end = sight.find(sight.end..(sight.end + PEM_LABEL_BYTES).min(len), DASHES)?;
    sight.find(sight.end..label_end, b"PRIVATE").or_else(|| sight.find(sight.end..label_end, b"private"))?;
    let from = label_end + DASHES.len();
    let last = from.saturating_add(PEM_BYTES).min(len);
    let dashes = sight.find(from..last, DASHES);
    let stop = dashes.unwrap_or(last);
    let label = stop + DASHES.len();
    let end = if dashes.is_some() && sight.slice(label..(label + 3).min(len)).eq_ignore_ascii_case(b"END") {
        sight.find(label..(label + PEM_LABEL_BYTES).min(len), DASHES).map_or(label + 3, |at| at + DASHES.len())
    } else {
        from + cut_off_body(sight.slice(from..stop))
    };
    let body = sight.slice(from..end);
    let encoded = body.iter().filter(|byte| is_base64(**byte)).count();
    (encoded >= PEM_BODY_BYTES && has_code(body)).then_some(sight.start..end)
}

/// How much of a text without an end line still belongs to the key: up to the last line of code, where nothing but
/// headers stands before the first and nothing at all between.
fn cut_off_body(window: &[u8]) -> usize {
    let (mut end, mut at) = (0, 0);
    let (mut in_header, mut header_words) = (false, 0);
    for token in window.split(|byte| byte.is_ascii_whitespace() || *byte == b'\\') {
        let frame = token.iter().take_while(|byte| is_frame(**byte)).count();
        let core = token.get(frame..).unwrap_or_default();
        let core =
            core.get(..core.len() - core.iter().rev().take_while(|byte| is_frame(**byte)).count()).unwrap_or_default();
        if is_code_line(core) || end > 0 && core.ends_with(b"=") && core.iter().all(|byte| is_code(*byte)) {
            end = at + frame + core.len();
        } else if core.len() > 2 {
            in_header |= core.ends_with(b":");
            header_words += 1;
            if end > 0 || !in_header || header_words > PEM_HEADER_WORDS {
                break;
            }
        }
        at += token.len() + 1;
    }
    end
}

/// Quotes and what editors put before a line.
fn is_frame(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'>' | b'|' | b',' | b'*' | b'#')
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A line of base64: long, and of both cases, which digests and ids are not.
fn is_code_line(line: &[u8]) -> bool {
    line.len() >= KEY_BYTES
        && line.iter().all(|byte| is_code(*byte))
        && line.iter().any(u8::is_ascii_lowercase)
        && line.iter().any(u8::is_ascii_uppercase)
        && !is_placeholder(line)
}

/// Whether some token of a block is long enough to be encoded; documentation has none.
fn has_code(body: &[u8]) -> bool {
    body.split(|byte| !is_base64(*byte)).any(|part| part.len() >= KEY_BYTES && !is_placeholder(part))
}

/// `AGE-SECRET-KEY-1…`.
pub(super) fn age_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    let end = sight.run(sight.end, |byte| byte.is_ascii_alphanumeric(), TOKEN_BYTES);
    let body = sight.slice(sight.end..end);
    (body.len() >= KEY_BYTES && !is_placeholder(body)).then_some(sight.start..end)
}

/// The password in `scheme://user:password@host`.
pub(super) fn url_password(sight: &Sight<'_>) -> Option<Range<usize>> {
    let is_part: fn(u8) -> bool = |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'|');
    let end = sight.line_run(sight.end, is_part, TOKEN_BYTES);
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

/// `authentik_session=…`.
pub(super) fn cookie(sight: &Sight<'_>) -> Option<Range<usize>> {
    let value = assigned_value(sight, |byte| is_token(byte) || byte == b'%')?;
    token(sight, value, KEY_BYTES)
}

/// `OIDC_CLIENT_SECRET=…` and other names whose value is a generated token.
pub(super) fn assigned_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    let value = assigned_value(sight, is_token)?;
    token(sight, value, KEY_BYTES)
}

/// `AUTHENTIK_PG_PASS=…` and other names whose value a person may have chosen; not `${NAME:?message}`.
pub(super) fn assigned_password(sight: &Sight<'_>) -> Option<Range<usize>> {
    let is_part: fn(u8) -> bool =
        |byte| byte > b' ' && byte < 0x7f && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';');
    if matches!(sight.slice(sight.end..(sight.end + 2).min(sight.bytes().len())), b":?" | b":+") {
        return None;
    }
    let value = assigned_value(sight, is_part)?;
    let word = sight.slice(value.clone());
    let chosen = word.iter().any(|byte| !byte.is_ascii_lowercase());
    (word.len() >= 6 && chosen && !is_word(word) && !is_stand_in(word)).then_some(value)
}

/// The value after `name=`, `name: "`, `"name": "` and the like.
fn assigned_value(sight: &Sight<'_>, is_body: fn(u8) -> bool) -> Option<Range<usize>> {
    let is_frame: fn(u8) -> bool = |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*');
    let sign = skip(sight, sight.end, is_frame, 4);
    let after = skip(sight, sign, |byte| matches!(byte, b'=' | b':' | b'>'), 2);
    if after == sign {
        return None;
    }
    let from = skip(sight, after, is_frame, 4);
    Some(from..sight.run(from, is_body, COOKIE_BYTES))
}

fn skip(sight: &Sight<'_>, from: usize, is_skipped: fn(u8) -> bool, cap: usize) -> usize {
    from + sight.count(from..(from + cap).min(sight.bytes().len()), is_skipped)
}

fn is_token(byte: u8) -> bool {
    is_base64(byte) || matches!(byte, b'.' | b'~' | b'=')
}

/// A value that is long and random enough, without the full stop behind it.
fn token(sight: &Sight<'_>, value: Range<usize>, least: usize) -> Option<Range<usize>> {
    let run = sight.slice(value.clone());
    let body = trimmed(run);
    let len = if run.ends_with(b"=") { run.len() } else { body.len() };
    (body.len() >= least && looks_random(body)).then_some(value.start..value.start + len)
}

/// `$PASSWORD`, `<password>`, `{password}`, `changeme`, `***`, our own mark.
fn is_stand_in(word: &[u8]) -> bool {
    const STAND_INS: [&str; 10] =
        ["password", "pass", "passwd", "pwd", "pw", "secret", "changeme", "user", "example", "none"];
    word.first().is_some_and(|byte| matches!(byte, b'$' | b'<' | b'{' | b'[' | b'%' | b'*' | b'('))
        || STAND_INS.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
        || word.windows(3).any(|mark| mark == "…".as_bytes() || mark == "•".as_bytes())
        || judge::is_sample(word)
}
