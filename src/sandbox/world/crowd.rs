//! A large organization: as many members, sessions and log entries as a measurement asks for.
//!
//! Nobody of the stories is changed. Invariant: the same crowd is made the same way each time.

use serde_json::{Map, json};

use super::World;
use super::identity::{Identity, IdentityEvent, IdentitySession};
use super::mint;
use super::people::SESSION_LIFE_MS;
use super::record::{AuditEntry, Doer, Member, Session, User};
use super::seed::{DAY_MS, LAPTOP};

/// The first identity of the crowd; those of the stories lie below.
const FIRST_PK: i64 = 100_000;
/// Over how many days the log is spread.
const LOG_DAYS: i64 = 30;
/// Of how many events one is a sign-in that failed.
const FAILS_EVERY: usize = 50;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// Members of the organization, each with an identity at Authentik.
    pub members: usize,
    /// Their sessions, at SEQN Auth and at Authentik.
    pub sessions: usize,
    /// Entries of the organization's audit log, and as many events in Authentik's.
    pub entries: usize,
}

impl World {
    /// Adds a crowd to an organization.
    pub fn crowd(&self, org: &str, crowd: Crowd) {
        let now = self.now_ms();
        let mut record = self.lock();
        let record = &mut *record;
        for n in 0..crowd.members {
            let (id, pk) = (format!("usr_crowd_{n}"), pk(n));
            let email = format!("crowd-{n}@{org}.example");
            let created_ms = now - 400 * DAY_MS + count(n);
            record.users.push(User { id: id.clone(), email: email.clone(), name: format!("Crowd {n}"), created_ms });
            let (member, role) = (format!("mem_crowd_{n}"), "member".to_owned());
            record.members.push(Member { id: member, org: org.into(), user: id, role, created_ms });
            record.identities.push(Identity {
                pk,
                username: format!("crowd-{n}"),
                name: format!("Crowd {n}"),
                email,
                active: true,
                superuser: false,
                kind: "internal",
                joined_ms: created_ms,
                last_login_ms: Some(now - DAY_MS),
                attributes: Map::new(),
            });
        }
        for n in 0..crowd.sessions {
            let of = n % crowd.members.max(1);
            let created_ms = now - count(n) * 1_000 - DAY_MS;
            record.sessions.push(Session {
                id: format!("ses_crowd_{n}"),
                org: org.into(),
                user: format!("usr_crowd_{of}"),
                created_ms,
                last_active_ms: now - count(n) * 100,
                expires_ms: now + SESSION_LIFE_MS,
                revoked_ms: None,
                ip: address(n),
                agent: LAPTOP.into(),
            });
            record.identity_sessions.push(IdentitySession {
                uuid: mint::uuid(&format!("crowd:{n}")),
                label: format!("crowd_{n}"),
                user: pk(of),
                ip: address(n),
                agent: LAPTOP.into(),
                country: "DE",
                city: "Berlin",
                last_used_ms: now - count(n) * 100,
                expires_ms: now + SESSION_LIFE_MS,
                ended: false,
            });
        }
        let apart = LOG_DAYS * DAY_MS / count(crowd.entries).max(1);
        for n in 0..crowd.entries {
            let (of, created_ms) = (n % crowd.members.max(1), now - count(n) * apart);
            record.audit.push(entry(org, n, of, created_ms));
            record.events.push(event(n, of, created_ms));
        }
    }
}

fn entry(org: &str, n: usize, of: usize, created_ms: i64) -> AuditEntry {
    let email = Some(format!("crowd-{of}@{org}.example"));
    AuditEntry {
        id: format!("aud_crowd_{n:07}"),
        action: "user.signed_in".into(),
        actor: Doer { id: format!("usr_crowd_{of}"), email, kind: "user" },
        target_id: format!("usr_crowd_{of}"),
        target_kind: "user",
        org: org.into(),
        request_id: format!("req_crowd_{n}"),
        ip: address(n),
        created_ms,
        metadata: json!({ "country": "DE" }),
    }
}

fn event(n: usize, of: usize, created_ms: i64) -> IdentityEvent {
    let fails = n.is_multiple_of(FAILS_EVERY);
    let context =
        if fails { json!({ "username": format!("crowd-{of}"), "stage": { "name": "password" } }) } else { json!({}) };
    IdentityEvent {
        uuid: mint::uuid(&format!("crowd-event:{n}")),
        action: if fails { "login_failed" } else { "login" }.into(),
        app: "authentik.events.signals".into(),
        user: (!fails).then_some(pk(of)),
        context,
        ip: Some(address(n)),
        created_ms,
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn pk(n: usize) -> i64 {
    FIRST_PK + count(n)
}

/// An address for documentation (RFC 5737).
fn address(n: usize) -> String {
    format!("203.0.113.{}", n % 250 + 1)
}
