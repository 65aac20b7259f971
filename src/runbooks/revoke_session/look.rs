//! What is looked up: SEQN sessions, the identity with its sessions and refresh tokens, the audit log.
//!
//! Each source fails on its own: a fact that could not be read is kept as its error.

use std::collections::BTreeMap;

use futures_util::future::{join, join3};

use crate::catalog::Asked;
use crate::model::{MINUTE_MS, Millis};
use crate::ports::{
    AuditEntry, AuditQuery, Fault, Identity, IdentitySession, Operation, PortError, Reads, RefreshToken, SeqnSession,
    SessionStatus,
};

use super::super::console::{self, ByHand};
use super::Input;

/// The most audit-log entries that a review reads: one page of the far side's largest size.
const LOG_MOST: u32 = 200;

/// Who the person is at the identity provider.
#[expect(clippy::large_enum_variant, reason = "one value a look-up; a box would only hide it")]
pub(super) enum Who {
    /// Nobody has that e-mail.
    Nobody,
    /// Exactly one identity, with what keeps it signed in.
    One {
        /// The identity.
        identity: Identity,
        /// Its sessions.
        sessions: Result<Vec<IdentitySession>, PortError>,
        /// Its refresh tokens.
        tokens: Result<Vec<RefreshToken>, PortError>,
    },
    /// Several identities share the e-mail.
    Several(Vec<Identity>),
}

/// Everything that was looked up.
pub struct Facts {
    pub(super) by_hand: Option<ByHand>,
    pub(super) sessions: Result<Vec<SeqnSession>, PortError>,
    pub(super) who: Result<Who, PortError>,
    pub(super) log: Result<Vec<AuditEntry>, PortError>,
    /// The organization's log has more entries in that time than were read.
    pub(super) log_cut: bool,
}

impl Facts {
    /// The sessions that live, the one used last first.
    pub(super) fn active(&self) -> Vec<&SeqnSession> {
        let mut active: Vec<&SeqnSession> =
            self.sessions.iter().flatten().filter(|s| s.status == SessionStatus::Active).collect();
        active.sort_by(|a, b| (b.last_active, &a.id).cmp(&(a.last_active, &b.id)));
        active
    }
}

pub(super) async fn look(asked: &Asked<'_>, input: &Input, reads: &Reads) -> Facts {
    let (sessions, who, log) =
        join3(reads.seqn.sessions(&input.org, &input.user), who(input, reads), log(asked, input, reads)).await;
    let log_cut = log.as_ref().is_ok_and(|(_, cut)| *cut);
    let log = log.map(|(entries, _)| of_this_user(entries, input, sessions.as_deref().unwrap_or_default()));
    Facts { by_hand: by_hand(reads, &sessions), sessions, who, log, log_cut }
}

/// Both listing and revoking must be possible by the API; else a person does it by hand.
fn by_hand(reads: &Reads, sessions: &Result<Vec<SeqnSession>, PortError>) -> Option<ByHand> {
    if let Err(PortError { fault: Fault::NoRoute, .. }) = sessions {
        let why = "SEQN Auth offers no list of sessions here.".into();
        return Some(ByHand { why, url: reads.seqn.console() });
    }
    console::by_hand(reads, &[Operation::ListSessions, Operation::RevokeSession])
}

async fn who(input: &Input, reads: &Reads) -> Result<Who, PortError> {
    let mut found = reads.identity.find(&input.user).await?;
    match found.len() {
        0 => Ok(Who::Nobody),
        1 => {
            let identity = found.remove(0);
            let (sessions, tokens) =
                join(reads.identity.sessions(&identity), reads.identity.refresh_tokens(&identity)).await;
            Ok(Who::One { identity, sessions, tokens })
        }
        _ => Ok(Who::Several(found)),
    }
}

/// Entries by the user, about the user, and the newest of the organization, from which those about the user's sessions
/// are kept: a session's id is not known before. Whether the organization has more than were read.
async fn log(asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<(Vec<AuditEntry>, bool), PortError> {
    let since: Millis = asked.asked.plus_ms(-i64::from(input.window_hours) * 60 * MINUTE_MS);
    let org = AuditQuery { org: input.org.to_string(), since, most: LOG_MOST, ..AuditQuery::default() };
    let by_user = AuditQuery { actor: input.user.to_string(), ..org.clone() };
    let about_user = AuditQuery { target: input.user.to_string(), ..org.clone() };
    let read = |query| reads.seqn.audit_log(query);
    let (all, by, about) = join3(read(&org), read(&by_user), read(&about_user)).await;
    let all = all?;
    let cut = all.len() >= LOG_MOST as usize;
    let entries: BTreeMap<String, AuditEntry> =
        by?.into_iter().chain(about?).chain(all).map(|entry| (entry.id.clone(), entry)).collect();
    Ok((entries.into_values().collect(), cut))
}

fn of_this_user(entries: Vec<AuditEntry>, input: &Input, sessions: &[SeqnSession]) -> Vec<AuditEntry> {
    let known = |name: &str| {
        input.user.same_as(name)
            || sessions.iter().any(|s| s.id.as_str() == name || (!s.user.is_empty() && s.user == name))
    };
    let mut kept: Vec<AuditEntry> = entries.into_iter().filter(|e| known(&e.actor) || known(&e.target)).collect();
    kept.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    kept
}
