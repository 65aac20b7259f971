//! What stories do to the world by hand: people sign in, tokens are given out, users go.
//!
//! None of it is an effect of the bot, so none of it is in `effects`.
//! Invariant: it cannot fail; what is missing is made.

use serde_json::Map;

use super::change::Change;
use super::identity::{Grant, Identity, IdentitySession};
use super::mint;
use super::record::{Member, Session, User};

/// How long a new session lives: 30 days in milliseconds.
pub(super) const SESSION_LIFE_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Change<'_> {
    pub(super) fn add_session(&mut self, org: &str, email: &str) -> String {
        let (serial, now) = (self.next("session"), self.now_ms);
        let known = self.record.user_by_email(email).map(|u| u.id.clone());
        let user = known.unwrap_or_else(|| {
            let id = format!("usr_made_{serial:04}");
            self.record.users.push(User { id: id.clone(), email: email.into(), name: email.into(), created_ms: now });
            id
        });
        if !self.record.members.iter().any(|m| m.org == org && m.user == user) {
            let id = format!("mem_made_{serial:04}");
            let (org, user, role) = (org.into(), user.clone(), "member".into());
            self.record.members.push(Member { id, org, user, role, created_ms: now });
        }
        let id = format!("ses_made_{serial:04}");
        self.record.sessions.push(Session {
            id: id.clone(),
            org: org.into(),
            user,
            created_ms: now,
            last_active_ms: now,
            expires_ms: now + SESSION_LIFE_MS,
            revoked_ms: None,
            ip: "203.0.113.77".into(),
            agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0".into(),
        });
        id
    }

    pub(super) fn add_identity_session(&mut self, username: &str) -> String {
        let (serial, now, user) = (self.next("identity-session"), self.now_ms, self.identity_pk(username));
        let label = format!("made_{serial:04}");
        let uuid = mint::uuid(&format!("identity-session:{label}"));
        self.record.identity_sessions.push(IdentitySession {
            uuid: uuid.clone(),
            label,
            user,
            ip: "203.0.113.77".into(),
            agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0".into(),
            country: "DE",
            city: "Berlin",
            last_used_ms: now,
            expires_ms: now + SESSION_LIFE_MS,
            ended: false,
        });
        uuid
    }

    pub(super) fn add_refresh_token(&mut self, username: &str) -> i64 {
        let user = self.identity_pk(username);
        let pk = self.record.refresh_tokens.iter().map(|t| t.pk).max().unwrap_or(500) + 1;
        let expires_ms = self.now_ms + SESSION_LIFE_MS;
        self.record.refresh_tokens.push(Grant { pk, user, session: None, expires_ms, ended: false });
        pk
    }

    pub(super) fn remove_user(&mut self, email: &str) {
        let gone: Vec<String> =
            self.record.users.iter().filter(|u| u.email.eq_ignore_ascii_case(email)).map(|u| u.id.clone()).collect();
        self.record.users.retain(|u| !gone.contains(&u.id));
        self.record.members.retain(|m| !gone.contains(&m.user));
        self.record.sessions.retain(|s| !gone.contains(&s.user));
        let identities = self.record.identities.iter().filter(|i| i.email.eq_ignore_ascii_case(email));
        let usernames: Vec<String> = identities.map(|i| i.username.clone()).collect();
        for username in usernames {
            self.remove_identity(&username);
        }
    }

    pub(super) fn remove_identity(&mut self, username: &str) {
        let Some(pk) = self.record.identities.iter().find(|i| i.username == username).map(|i| i.pk) else { return };
        let record = &mut *self.record;
        record.identities.retain(|i| i.pk != pk);
        record.identity_sessions.retain(|s| s.user != pk);
        record.refresh_tokens.retain(|t| t.user != pk);
        record.access_tokens.retain(|t| t.user != pk);
        record.api_tokens.retain(|t| t.user != pk);
        for group in &mut record.groups {
            group.members.retain(|m| *m != pk);
        }
    }

    fn identity_pk(&mut self, username: &str) -> i64 {
        if let Some(known) = self.record.identities.iter().find(|i| i.username == username) {
            return known.pk;
        }
        let pk = self.record.identities.iter().map(|i| i.pk).max().unwrap_or(0) + 1;
        let joined_ms = self.now_ms;
        self.record.identities.push(Identity {
            pk,
            username: username.into(),
            name: username.into(),
            email: format!("{username}@acme.example"),
            active: true,
            superuser: false,
            kind: "external",
            joined_ms,
            last_login_ms: Some(joined_ms),
            attributes: Map::new(),
        });
        pk
    }
}
