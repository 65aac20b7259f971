//! The checks of secrets that only their surroundings give away: headers, cookies, names with a value.
//!
//! A check reads only near its anchor. Invariant: its work is bounded by its named cap, and a value that stands
//! for another (`$PASSWORD`, `<password>`) is never a finding.

use std::ops::Range;

use super::checks::{KEY_BYTES, TOKEN_BYTES, token, trimmed};
use super::decode::{base64_bytes, is_base64};
use super::entropy::begins_like_a_file;
use super::judge::{self, is_word, looks_random};
use super::sight::Sight;

/// Cookies are at most 4 kB in every browser.
const COOKIE_BYTES: usize = 4096;
/// How far before a name its cookie header may begin: a few other cookies.
const COOKIE_HEADER_BYTES: usize = 128;
/// Between a name and its value in a sentence: "the client secret for acme is …".
const NEAR_BYTES: usize = 48;
/// A value that a sentence names must be this long: digests in hex are let pass by their form.
const NEAR_TOKEN_BYTES: usize = 32;
/// How far from `curl` its credential is looked for.
const CURL_BYTES: usize = 256;
/// Passwords that a name without `DB_` or the like announces have at least so many characters.
const PASSWORD_BYTES: usize = 8;
/// Beginnings of values that are public or for tests: a name before them does not make them secret.
const PUBLIC: [&[u8]; 5] = [b"pk_live_", b"pk_test_", b"sk_test_", b"rk_test_", b"req_"];
/// What PagerDuty calls a routing or integration key.
const ROUTING_KEY_BYTES: usize = 32;
/// The client secret that Authentik generates (its source: `generate_id(128)`).
const CLIENT_SECRET_BYTES: usize = 128;

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

/// `authentik_session=…`, and in a cookie header other names of sessions.
pub(super) fn cookie(sight: &Sight<'_>) -> Option<Range<usize>> {
    let is_value: fn(u8) -> bool = |byte| is_token(byte) || byte == b'%';
    if !sight.anchor().eq_ignore_ascii_case(b"authentik_session") {
        if sight.at(sight.end) != Some(b'=') {
            return None;
        }
        let back = sight.start.saturating_sub(COOKIE_HEADER_BYTES)..sight.start;
        let line = sight.slice(back).rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let cookies = line.windows(6).rposition(|word| word.eq_ignore_ascii_case(b"cookie"))?;
        let between = line.get(cookies..).unwrap_or_default();
        let mut spaced = between.iter().zip(between.iter().skip(1));
        if spaced.any(|(one, two)| *two == b' ' && !matches!(one, b';' | b':' | b'=' | b'"' | b'\'')) {
            return None;
        }
    }
    let value = assigned_value(sight, is_value)?;
    token(sight, value, KEY_BYTES)
}

/// `OIDC_CLIENT_SECRET=…` and other names whose value is a generated token.
pub(super) fn assigned_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    let value = assigned_value(sight, is_token)?;
    let run = sight.slice(value.clone());
    if PUBLIC.iter().any(|beginning| run.starts_with(beginning)) || is_identifier(run) {
        return None;
    }
    token(sight, value, KEY_BYTES)
}

/// `resolveSessionTokenFactoryBean2`: mostly small letters, few digits.
fn is_identifier(run: &[u8]) -> bool {
    let count = |is_class: fn(&u8) -> bool| run.iter().filter(|byte| is_class(byte)).count();
    count(u8::is_ascii_lowercase) * 20 >= run.len() * 13 && count(u8::is_ascii_digit) * 8 < run.len()
}

/// `AUTHENTIK_PG_PASS=…` and other names whose value a person may have chosen; not `${NAME:?message}`.
pub(super) fn assigned_password(sight: &Sight<'_>) -> Option<Range<usize>> {
    if matches!(sight.slice(sight.end..(sight.end + 2).min(sight.bytes().len())), b":?" | b":+") {
        return None;
    }
    // What people choose is short, and never cut at the end of a line.
    let from = assigned_start(sight)?;
    let value = without_full_stop(sight, from..sight.line_run(from, is_password_part, TOKEN_BYTES));
    let word = sight.slice(value.clone());
    let chosen = word.iter().any(|byte| !byte.is_ascii_lowercase());
    (word.len() >= 6 && chosen && !is_word(word) && !is_stand_in(word)).then_some(value)
}

/// The value after `name=`, `name: "`, `"name": "` and the like.
fn assigned_value(sight: &Sight<'_>, is_body: fn(u8) -> bool) -> Option<Range<usize>> {
    let from = assigned_start(sight)?;
    Some(from..sight.run(from, is_body, COOKIE_BYTES))
}

fn assigned_start(sight: &Sight<'_>) -> Option<usize> {
    let is_frame: fn(u8) -> bool = |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*');
    let sign = skip(sight, sight.end, is_frame, 4);
    let after = skip(sight, sign, |byte| matches!(byte, b'=' | b':' | b'>'), 2);
    (after > sign).then(|| skip(sight, after, is_frame, 4))
}

/// `OIDC_CLIENT_SECRET=…`, and the long value near the words "client secret".
pub(super) fn client_secret(sight: &Sight<'_>) -> Option<Range<usize>> {
    assigned_token(sight).or_else(|| near_token(sight))
}

/// `AUTHENTIK_API_TOKEN=…`, and a value of exactly its length near the name.
pub(super) fn authentik_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    let named = assigned_token(sight).filter(|_| sight.anchor().len() > "authentik".len());
    named.or_else(|| {
        let value = near_run(sight)?;
        let fits = value.len() == sight.settings().authentik_token_chars || value.len() == CLIENT_SECRET_BYTES;
        (fits && is_generated(sight.slice(value.clone()))).then_some(value)
    })
}

/// A routing or integration key: 32 hexadecimal digits in its context.
pub(super) fn routing_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    let is_hex_key = |value: &Range<usize>| {
        let run = sight.slice(value.clone());
        run.len() == ROUTING_KEY_BYTES && run.iter().all(u8::is_ascii_hexdigit) && looks_random(run)
    };
    let Some(from) = assigned_start(sight) else { return near_run(sight).filter(is_hex_key) };
    let is_alnum: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric();
    let whole = from..from + sight.count(from..sight.limit.min(from + TOKEN_BYTES).max(from), is_alnum);
    if is_hex_key(&whole) {
        return Some(whole);
    }
    token(sight, from..sight.run(from, is_token, TOKEN_BYTES), KEY_BYTES)
}

/// The long value that a sentence names.
fn near_token(sight: &Sight<'_>) -> Option<Range<usize>> {
    let from = near_run(sight)?.start;
    let value = from..sight.run(from, |byte| byte.is_ascii_alphanumeric(), TOKEN_BYTES);
    (value.len() >= NEAR_TOKEN_BYTES && is_generated(sight.slice(value.clone()))).then_some(value)
}

fn is_generated(run: &[u8]) -> bool {
    let classes = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
    let mixed = classes.iter().all(|is_class| run.iter().any(is_class));
    mixed && judge::turns(run) * 3 >= run.len() && looks_random(run) && !begins_like_a_file(run)
}

/// The first run of at least a key's length behind the anchor, in its line. It is not cut at markup or at the end
/// of a message: who asks for it demands an exact length, or cuts it.
fn near_run(sight: &Sight<'_>) -> Option<Range<usize>> {
    let is_alnum: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric();
    let last = sight.line_run(sight.end, |byte| byte != b'\n', NEAR_BYTES);
    // What is glued to the name belongs to it.
    let mut from = sight.end + sight.count(sight.end..last, is_alnum);
    while from < last {
        let len = sight.count(from..sight.limit.min(from + TOKEN_BYTES), is_alnum);
        if len >= KEY_BYTES {
            let part_of_more = from
                .checked_sub(1)
                .and_then(|at| sight.at(at))
                .is_some_and(|byte| matches!(byte, b'_' | b'-' | b'/' | b'+' | b'.' | b'#' | b'@' | b'%'));
            return (!part_of_more).then_some(from..from + len);
        }
        from += len + 1;
    }
    None
}

/// `password: …` and `pwd=…` without another word that says whose it is: more is asked of the value.
pub(super) fn named_password(sight: &Sight<'_>) -> Option<Range<usize>> {
    let value = assigned_password(sight)?;
    let word = sight.slice(value.clone());
    let quoted =
        value.start.checked_sub(1).and_then(|at| sight.at(at)).is_some_and(|byte| matches!(byte, b'"' | b'\''));
    let is_code = word.iter().any(|byte| matches!(byte, b'.' | b'(' | b'[' | b'{' | b'<' | b'$' | b'/' | b':'));
    let has = |is_class: fn(&u8) -> bool| word.iter().any(is_class);
    let third = has(u8::is_ascii_uppercase) || has(u8::is_ascii_punctuation);
    let strong = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && third;
    (word.len() >= PASSWORD_BYTES && strong && (quoted || !is_code)).then_some(value)
}

/// `curl … -u user:password`, `--user user:password`.
pub(super) fn curl_user(sight: &Sight<'_>) -> Option<Range<usize>> {
    if sight.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let last = sight.end.saturating_add(CURL_BYTES).min(sight.limit);
    let short = sight.find(sight.end - 1..last, b" -u").map(|at| at + 3);
    let from = short.or_else(|| sight.find(sight.end - 1..last, b" --user").map(|at| at + 7))?;
    let from = skip(sight, from, |byte| matches!(byte, b' ' | b'=' | b'"' | b'\'' | b'\\'), 4);
    let is_user: fn(u8) -> bool =
        |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'+');
    let colon = from + sight.count(from..(from + CURL_BYTES).min(sight.bytes().len()), is_user);
    if sight.at(colon) != Some(b':') {
        return None;
    }
    let value = without_full_stop(sight, colon + 1..sight.run(colon + 1, is_password_part, TOKEN_BYTES));
    let word = sight.slice(value.clone());
    (word.len() >= 6 && !is_word(word) && !is_stand_in(word) && word != sight.slice(from..colon)).then_some(value)
}

/// A password may end in any sign, but one full stop or bracket before white space belongs to the sentence.
fn without_full_stop(sight: &Sight<'_>, value: Range<usize>) -> Range<usize> {
    let run = sight.slice(value.clone());
    let at_end = sight.at(value.end).is_none_or(|byte| byte.is_ascii_whitespace());
    let len = match run {
        [.., b')', b'.'] if at_end => run.len() - 2,
        [.., b'.' | b')'] if at_end => run.len() - 1,
        _ => run.len(),
    };
    value.start..value.start + len
}

fn is_password_part(byte: u8) -> bool {
    byte > b' ' && byte < 0x7f && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';')
}

fn skip(sight: &Sight<'_>, from: usize, is_skipped: fn(u8) -> bool, cap: usize) -> usize {
    from + sight.count(from..(from + cap).min(sight.bytes().len()), is_skipped)
}

fn is_token(byte: u8) -> bool {
    is_base64(byte) || matches!(byte, b'.' | b'~' | b'=')
}

/// `$PASSWORD`, `<password>`, `{password}`, `changeme`, `***`, our own mark.
pub(super) fn is_stand_in(word: &[u8]) -> bool {
    const STAND_INS: [&str; 10] =
        ["password", "pass", "passwd", "pwd", "pw", "secret", "changeme", "user", "example", "none"];
    word.first().is_some_and(|byte| matches!(byte, b'$' | b'<' | b'{' | b'[' | b'%' | b'*' | b'('))
        || STAND_INS.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
        || word.windows(3).any(|mark| mark == "…".as_bytes() || mark == "•".as_bytes())
        || judge::is_sample(word)
}
