//! The Authentik half of the world at its start: identities, groups, sessions, tokens, events.
//!
//! It is a table, read once. Invariant: `jo` has exactly one identity, `twin` two, `ghost` none, and the
//! e-mail of `nora` is written in another case than SEQN writes it.

use serde_json::{Map, Value, json};

use super::Record;
use super::identity::{ApiToken, Grant, Group, Identity, IdentityEvent, IdentitySession};
use super::mint;
use super::people::SESSION_LIFE_MS;
use super::seed::{DAY_MS, HOUR_MS, LAPTOP, MINUTE_MS, OLD, PHONE};

/// The group of platform admins.
pub(crate) const PLATFORM_ADMINS: &str = "SEQN-A";
/// The group of those who support customers.
const SUPPORT: &str = "SEQN-Support";
/// Service account of the reading token.
pub(crate) const READ_ACCOUNT: i64 = 90;
/// Service account of the acting token.
pub(crate) const ACT_ACCOUNT: i64 = 91;

/// Primary key, username, name, e-mail.
const IDENTITIES: [(i64, &str, &str, &str); 15] = [
    (1, "akadmin", "Default Admin", "root@seqn.example"),
    (5, "mira", "Mira Crest", "mira@seqn.example"),
    (6, "ops", "Ops Desk", "ops@seqn.example"),
    (7, "eve", "Eve Marsh", "eve@seqn.example"),
    (41, "jo", "Jo Field", "jo@acme.example"),
    (42, "ada", "Ada Stone", "ada@acme.example"),
    (43, "max", "Max Hill", "max@acme.example"),
    (44, "twin", "Twin Lake", "twin@acme.example"),
    (45, "twin-old", "Twin Lake", "twin@acme.example"),
    (46, "nora", "Nora Vale", "Nora@Acme.example"),
    (47, "kai", "Kai Wood", "kai@acme.example"),
    (48, "gil", "Gil Brook", "gil@acme.example"),
    (49, "ines", "Ines Ford", "ines@acme.example"),
    (READ_ACCOUNT, "seqn-chatops-read", "ChatOps, reading", "chatops-read@seqn.example"),
    (ACT_ACCOUNT, "seqn-chatops-act", "ChatOps, acting", "chatops-act@seqn.example"),
];
/// Further identities, so that a list of all has more than one page of 20.
const CROWD: i64 = 25;

/// Label, user, address, browser, country, city, last used so many hours ago.
const SESSIONS: [(&str, i64, &str, &str, &str, &str, i64); 8] = [
    ("jo_laptop", 41, "198.51.100.10", LAPTOP, "DE", "Berlin", 1),
    ("jo_phone", 41, "198.51.100.23", PHONE, "DE", "Berlin", 4),
    ("ada_laptop", 42, "198.51.100.40", LAPTOP, "DE", "Hamburg", 2),
    ("max_laptop", 43, "203.0.113.101", LAPTOP, "FR", "Lyon", 3),
    ("twin_laptop", 44, "198.51.100.51", LAPTOP, "DE", "Berlin", 5),
    ("twin_old", 45, "198.51.100.52", OLD, "DE", "Berlin", 700),
    ("nora_laptop", 46, "198.51.100.71", LAPTOP, "AT", "Graz", 6),
    ("mira_laptop", 5, "198.51.100.5", LAPTOP, "DE", "Berlin", 1),
];

/// Id, user. Refresh tokens hang on no session.
const REFRESH_TOKENS: [(i64, i64); 4] = [(501, 41), (502, 42), (503, 44), (504, 46)];
/// Id, user, label of the session.
const ACCESS_TOKENS: [(i64, i64, &str); 4] =
    [(601, 41, "jo_laptop"), (602, 41, "jo_phone"), (603, 42, "ada_laptop"), (604, 43, "max_laptop")];

pub(super) fn plant(record: &mut Record, now: i64) {
    for (pk, username, name, email) in IDENTITIES {
        let service = pk == READ_ACCOUNT || pk == ACT_ACCOUNT;
        record.identities.push(Identity {
            pk,
            username: username.into(),
            name: name.into(),
            email: email.into(),
            active: username != "twin-old",
            superuser: pk == 1,
            kind: if service { "service_account" } else { "internal" },
            joined_ms: now - 180 * DAY_MS,
            last_login_ms: (!service).then_some(now - pk * MINUTE_MS),
            attributes: Map::new(),
        });
    }
    for n in 1..=CROWD {
        record.identities.push(Identity {
            pk: 100 + n,
            username: format!("crowd-{n:02}"),
            name: format!("Crowd {n:02}"),
            email: format!("crowd-{n:02}@globex.example"),
            active: true,
            superuser: false,
            kind: "external",
            joined_ms: now - 90 * DAY_MS,
            last_login_ms: None,
            attributes: Map::new(),
        });
    }
    plant_groups(record);
    plant_sessions(record, now);
    plant_api_tokens(record, now);
    plant_events(record, now);
}

fn plant_groups(record: &mut Record) {
    let staff = mint::uuid("group:staff");
    let group = |name: &str, num_pk, superuser, members: &[i64], parent| Group {
        uuid: mint::uuid(&format!("group:{name}")),
        num_pk,
        name: name.into(),
        superuser,
        members: members.into(),
        parent,
    };
    record.groups.push(group("authentik Admins", 11, true, &[1], None));
    record.groups.push(group(PLATFORM_ADMINS, 12, false, &[5, 6], Some(staff)));
    record.groups.push(group("staff", 13, false, &[5, 6], None));
    record.groups.push(group(SUPPORT, 14, false, &[], None));
}

fn plant_sessions(record: &mut Record, now: i64) {
    for (label, user, ip, agent, country, city, hours) in SESSIONS {
        record.identity_sessions.push(IdentitySession {
            uuid: mint::uuid(&format!("identity-session:{label}")),
            label: label.into(),
            user,
            ip: ip.into(),
            agent: agent.into(),
            country,
            city,
            last_used_ms: now - hours * HOUR_MS,
            expires_ms: now - hours * HOUR_MS + SESSION_LIFE_MS,
            ended: false,
        });
    }
    for (pk, user) in REFRESH_TOKENS {
        record.refresh_tokens.push(Grant { pk, user, session: None, expires_ms: now + 30 * DAY_MS, ended: false });
    }
    for (pk, user, label) in ACCESS_TOKENS {
        let session = Some(mint::uuid(&format!("identity-session:{label}")));
        record.access_tokens.push(Grant { pk, user, session, expires_ms: now + DAY_MS, ended: false });
    }
}

fn plant_api_tokens(record: &mut Record, now: i64) {
    let token = |identifier: &str, intent, user, description: &str, expires_ms| ApiToken {
        identifier: identifier.into(),
        intent,
        user,
        description: description.into(),
        expires_ms,
    };
    record.api_tokens.push(token("seqn-chatops-read", "api", READ_ACCOUNT, "The bot, reading", None));
    record.api_tokens.push(token("seqn-chatops-act", "api", ACT_ACCOUNT, "The bot, acting", None));
    let lapses = Some(now + 20 * MINUTE_MS);
    record.api_tokens.push(token("silver-auth-provisioning", "api", 1, "SEQN provisioning", lapses));
    record.api_tokens.push(token("jo-mail", "app_password", 41, "Mail client", Some(now + 300 * DAY_MS)));
}

fn plant_events(record: &mut Record, now: i64) {
    let app = |name: &str| json!({ "authorized_application": { "name": name, "pk": mint::uuid("application") } });
    let login = || json!({ "auth_method": "password", "http_request": { "method": "POST" } });
    // A failed login has no user: the name is in the context only.
    let failed = |name: &str| json!({ "username": name, "stage": { "name": "default-authentication-password" } });
    let lines: [(i64, &str, Option<i64>, Value, &str); 10] = [
        (30, "login", Some(41), login(), "192.0.2.66"),
        (32, "login_failed", None, failed("jo"), "192.0.2.66"),
        (33, "login_failed", None, failed("jo"), "192.0.2.66"),
        (60, "login", Some(41), login(), "198.51.100.10"),
        (61, "authorize_application", Some(41), app("Silver Auth"), "198.51.100.10"),
        (120, "login", Some(42), login(), "198.51.100.40"),
        (200, "password_set", Some(47), json!({}), "198.51.100.47"),
        (400, "suspicious_request", None, json!({ "message": "unexpected host" }), "192.0.2.99"),
        (2_000, "login", Some(41), login(), "198.51.100.10"),
        (5_000, "logout", Some(41), json!({}), "198.51.100.10"),
    ];
    for (n, (minutes, action, user, context, ip)) in (1..).zip(lines) {
        record.events.push(IdentityEvent {
            uuid: mint::uuid(&format!("event:{n}")),
            action: action.into(),
            app: if action == "authorize_application" {
                "authentik.providers.oauth2.views.authorize"
            } else {
                "authentik.events.signals"
            }
            .into(),
            user,
            context,
            ip: Some(ip.into()),
            created_ms: now - minutes * MINUTE_MS,
        });
    }
}
