//! How sessions and tokens are said: last use, agent, masked address.

use std::net::IpAddr;

use crate::model::Millis;
use crate::ports::{IdentitySession, RefreshToken, SeqnSession};

/// The longest agent text that is shown; browsers write novels.
const AGENT_CHARS: usize = 60;

/// An address with its personal half hidden: `203.0.•.•`, `2001:db8:…`.
pub(super) fn masked(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, _, _] = v4.octets();
            format!("{a}.{b}.•.•")
        }
        Ok(IpAddr::V6(v6)) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}:…")
        }
        Err(_) => "address unknown".into(),
    }
}

fn agent(text: &str) -> String {
    if text.is_empty() {
        return "agent unknown".into();
    }
    let mut short: String = text.chars().take(AGENT_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn last(at: Option<Millis>) -> String {
    at.map_or_else(|| "last use unknown".into(), |at| format!("last used {at}"))
}

/// One SEQN session as a line.
pub(super) fn session(s: &SeqnSession) -> String {
    format!("{}: {}, {}, {}", s.id, last(s.last_active.or(s.created)), agent(&s.agent), masked(&s.address))
}

/// What a session is, without its id.
pub(super) fn session_detail(s: &SeqnSession) -> String {
    format!("{}, {}", last(s.last_active.or(s.created)), masked(&s.address))
}

/// A session's short name for a menu.
pub(super) fn session_label(s: &SeqnSession) -> String {
    format!("{} ({})", s.id, agent(&s.agent))
}

/// One of Authentik's sessions as a line.
pub(super) fn identity_session(s: &IdentitySession) -> String {
    format!("{}, {}, {}", last(s.last_used), agent(&s.agent), masked(&s.address))
}

/// One refresh token as a line.
pub(super) fn token(t: &RefreshToken) -> String {
    let of = if t.provider.is_empty() { "an application".into() } else { format!("`{}`", t.provider) };
    match t.expires {
        Some(at) => format!("number {} for {of}, would last until {at}", t.id),
        None => format!("number {} for {of}", t.id),
    }
}

/// `1 session`, `2 sessions`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_personal_half() {
        assert_eq!(masked("203.0.113.7"), "203.0.•.•");
        assert_eq!(masked("2001:db8:1:2::7"), "2001:db8:…");
        assert_eq!(masked("not an address"), "address unknown");
    }
}
