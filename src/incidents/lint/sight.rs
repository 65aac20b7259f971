//! How it is seen that a text holds what may not be said.
//!
//! It judges for no audience. Invariant: what is shown of a sighting is not the whole of it, but for what the
//! operator's own lists hold.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use super::{LintKind, LintRules};

/// Ends of hosts' names that nobody outside can resolve.
const INNER_ENDS: [&str; 6] = [".internal", ".intranet", ".lan", ".local", ".localdomain", ".cluster.local"];
/// Words after which four numbers with dots are a version.
const VERSION_WORDS: [&str; 5] = ["v", "version", "release", "build", "firmware"];
/// Digits of a phone number (E.164 allows 15; fewer than 8 are an extension).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Digits of a card's number.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Shortest customer's name that is looked for, in characters: shorter ones stand in ordinary words.
const NAME_CHARS_LEAST: usize = 3;

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?i)[\p{L}\p{N}._%+\-]+\s?(?:@|[\[(]\s?at\s?[\])])\s?(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\+[1-9][0-9]{0,3}[ ()./-]{0,2}[0-9][0-9 ()./-]{5,18}[0-9]|\([0-9]{2,5}\) ?[0-9]{3,4}[ -]?[0-9]{3,5}|[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}|0[0-9]{1,4}[ /-][0-9]{3,8}(?:[ -][0-9]{2,5}){0,3}",
    )
});
static IPV4: LazyLock<Regex> = LazyLock::new(|| compiled(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"));
static IPV6: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?i)[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(?:bearer|basic)\s+([a-z0-9._~+/=-]{8,})|\b(?:[a-z]*_?token|session|sid|cookie|api_?key)\s?[=:]\s?([a-z0-9._~+/=-]{8,})|\b(eyJ[a-z0-9_-]{6,}\.[a-z0-9_-]{6,})",
    )
});
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:org|usr|user|mem|mbr|prj|proj|ses|sub|acct)_[A-Za-z0-9_]*[0-9][A-Za-z0-9_]*|\borg(?:anization)?[=:] ?[a-z0-9][a-z0-9-]*",
    )
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| compiled(r"[3-6][0-9](?:[ -]?[0-9]){11,17}"));
static IBAN: LazyLock<Regex> = LazyLock::new(|| compiled(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}"));
static BIRTH: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?i)\b(?:date of birth|dob|born(?: on)?|birthday)\b[ :]{1,3}[0-9]{1,4}[-./ ][0-9]"));
static MENTION: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"<@[!&]?[A-Za-z0-9]+(?:\|[^>]*)?>|@[\p{L}][\p{L}\p{N}_.-]+"));
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)\brq-[a-z0-9]{3,}|\b(?:aud|evt)_[a-z0-9_]*[0-9][a-z0-9_]*|https?://(?:[a-z0-9-]+\.)*slack\.com/archives/|https?://(?:[a-z]+\.)?discord(?:app)?\.com/channels/",
    )
});
static HOST: LazyLock<Regex> = LazyLock::new(|| compiled(r"[A-Za-z0-9._-]+"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is our own, and a test compiles it")
}

/// What is seen in a text, kind by kind, with what may be shown of it.
pub(super) fn sightings(rules: &LintRules, text: &str) -> Vec<(LintKind, String)> {
    let secrets = rules.guard.findings(text);
    let mut seen: Vec<(LintKind, String)> = secrets.iter().map(|_| (LintKind::Secret, String::new())).collect();
    let secret = |at: usize| secrets.iter().any(|finding| finding.span.contains(&at));
    let tokens = TOKEN.captures_iter(text).filter_map(|found| found.iter().skip(1).flatten().next());
    let tokens = tokens.filter(|found| found.as_str().bytes().any(|b| b.is_ascii_digit()) && !secret(found.start()));
    seen.extend(tokens.map(|found| (LintKind::Token, short(found.as_str()))));
    let of = |pattern: &'static LazyLock<Regex>| pattern.find_iter(text);
    seen.extend(of(&EMAIL).map(|found| (LintKind::Email, email(found.as_str()))));
    let phones = of(&PHONE).filter(|found| stands_alone(text, found.start(), found.end()) && is_phone(found.as_str()));
    seen.extend(phones.map(|found| (LintKind::Phone, short(found.as_str()))));
    seen.extend(addresses(text).map(|shown| (LintKind::Ip, shown)));
    seen.extend(customers(rules, text).map(|name| (LintKind::Customer, name)));
    seen.extend(hosts(rules, text).map(|host| (LintKind::Hostname, host)));
    seen.extend(of(&ACCOUNT).map(|found| (LintKind::Account, short(found.as_str()))));
    seen.extend(orgs(rules, text).map(|slug| (LintKind::Account, slug)));
    let numbers = of(&DIGITS).filter(|found| stands_alone(text, found.start(), found.end()) && is_card(found.as_str()));
    seen.extend(numbers.map(|found| (LintKind::Personal, short(found.as_str()))));
    let ibans = of(&IBAN).filter(|found| stands_alone(text, found.start(), found.end()) && is_iban(found.as_str()));
    seen.extend(ibans.map(|found| (LintKind::Personal, short(found.as_str()))));
    seen.extend(of(&BIRTH).map(|found| (LintKind::Personal, short(found.as_str()))));
    seen.extend(of(&REFERENCE).map(|found| (LintKind::Reference, reference(found.as_str()))));
    seen.extend(of(&MENTION).filter(|found| is_mention(text, found.start(), found.end())).map(mention));
    seen
}

fn mention(found: regex::Match<'_>) -> (LintKind, String) {
    (LintKind::Mention, short(found.as_str()))
}

/// The first two characters.
fn short(text: &str) -> String {
    let shown: String = text.chars().take(2).collect();
    format!("{shown}…")
}

/// What kind of reference it is, by how it begins.
fn reference(text: &str) -> String {
    let end = text.find(['-', '_', '/']).map_or(text.len(), |at| at + 1);
    format!("{}…", text.get(..end).unwrap_or(text))
}

fn email(text: &str) -> String {
    let domain = text.rsplit(['@', ']', ')']).next().unwrap_or_default().trim();
    let first: String = text.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// Whether nothing that belongs to a longer word stands beside it.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || "_-.:/#$".contains(c);
    let before = text[..start].chars().next_back();
    let mut after = text[end..].chars();
    let (next, over_next) = (after.next(), after.next());
    let goes_on = next.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
        || (next.is_some_and(|c| c == '.' || c == ':') && over_next.is_some_and(char::is_alphanumeric));
    !before.is_some_and(part) && !goes_on
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let least = if text.starts_with('0') { PHONE_DIGITS.start() + 1 } else { *PHONE_DIGITS.start() };
    (least..=*PHONE_DIGITS.end()).contains(&digits)
}

fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let doubled = |(at, digit): (usize, &u32)| match at % 2 {
        0 => *digit,
        _ if *digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    CARD_DIGITS.contains(&digits.len())
        && digits.iter().any(|digit| digit != &digits[0])
        && digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

fn is_iban(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| *c != ' ').collect();
    let turned = plain.get(4..).unwrap_or_default().chars().chain(plain.get(..4).unwrap_or_default().chars());
    let rest = turned.filter_map(|c| c.to_digit(36)).fold(0_u32, |rest, digit| {
        let shifted = if digit > 9 { rest * 100 } else { rest * 10 };
        (shifted + digit) % 97
    });
    plain.len() >= 15 && rest == 1
}

fn is_mention(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(|c| c.is_alphanumeric() || "_./@".contains(c)) && after != Some('/')
}

fn addresses(text: &str) -> impl Iterator<Item = String> + '_ {
    let v4 = IPV4.find_iter(text).filter(|found| {
        let before = text[..found.start()].trim_end_matches(' ');
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
        let edge = text[..found.start()].chars().next_back();
        let mut after = text[found.end()..].chars();
        let (next, over_next) = (after.next(), after.next());
        let longer = edge.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
            || next.is_some_and(|c| c.is_alphanumeric() || c == '_')
            || (next.is_some_and(|c| ".-".contains(c)) && over_next.is_some_and(char::is_alphanumeric));
        let ours = |address: Ipv4Addr| address.is_loopback() || address.is_unspecified();
        !longer
            && !VERSION_WORDS.contains(&word.as_str())
            && found.as_str().parse::<Ipv4Addr>().is_ok_and(|address| !ours(address))
    });
    let v6 = IPV6.find_iter(text).filter(|found| {
        let joined = |c: char| c.is_alphanumeric() || c == '_';
        let alone = !text[..found.start()].chars().next_back().is_some_and(joined)
            && !text[found.end()..].chars().next().is_some_and(joined);
        let address = found.as_str().trim_end_matches('.');
        let address = if address.ends_with("::") { address } else { address.trim_end_matches(':') };
        let ours = |address: Ipv6Addr| address.is_loopback() || address.is_unspecified();
        alone
            && address.bytes().any(|b| b.is_ascii_digit())
            && address.parse::<Ipv6Addr>().is_ok_and(|address| !ours(address))
    });
    v4.chain(v6).map(|found| {
        let cut = found.as_str().find(['.', ':']).unwrap_or_default();
        format!("{}…", &found.as_str()[..cut.max(1)])
    })
}

fn customers<'a>(rules: &'a LintRules, text: &str) -> impl Iterator<Item = String> + 'a {
    let lower = spaced(text).to_lowercase();
    let exact = spaced(text);
    rules.customers.iter().filter_map(move |name| {
        let wanted = spaced(name).to_lowercase();
        let long = wanted.chars().count() >= NAME_CHARS_LEAST;
        let slug = |at: usize, len: usize| {
            // A known slug is an account's identifier, and judged as that.
            lower.len() == exact.len()
                && exact.get(at..at + len).is_some_and(|seen| rules.orgs.iter().any(|o| o == seen))
        };
        let found = lower.match_indices(wanted.as_str()).any(|(at, seen)| {
            let before = lower[..at].chars().next_back();
            let after = lower[at + seen.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric)
                && !after.is_some_and(char::is_alphanumeric)
                && !slug(at, seen.len())
        });
        (long && found).then(|| name.clone())
    })
}

/// With one space for each run of white space.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn orgs<'a>(rules: &'a LintRules, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    rules.orgs.iter().filter(move |slug| text.split(word).any(|seen| seen == slug.as_str())).cloned()
}

fn hosts<'a>(rules: &'a LintRules, text: &'a str) -> impl Iterator<Item = String> + 'a {
    HOST.find_iter(text).filter_map(move |found| {
        let name = found.as_str().trim_end_matches(['.', '-', '_']).to_lowercase();
        let listed = rules.hosts.iter().any(|host| {
            let host = host.trim_start_matches('*').to_lowercase();
            if host.starts_with('.') { name.ends_with(&host) && name.len() > host.len() } else { name == host }
        });
        let inner = INNER_ENDS.iter().any(|end| name.ends_with(end) && name.len() > end.len());
        (!name.starts_with('.') && (listed || inner)).then_some(name)
    })
}
