//! How sessions and tokens are said: last use, agent, masked address.

use crate::model::Millis;
use crate::ports::{IdentitySession, RefreshToken, SeqnSession};

use super::super::words::masked;

/// The longest agent text that is shown; browsers write novels.
const AGENT_CHARS: usize = 60;

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
