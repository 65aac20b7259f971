//! The SEQN half of the world at its start: organizations, people, sessions, projects, webhooks.
//!
//! It is a table, read once. Invariant: only times depend on the dial; ids and keys never change.

use super::Record;
use super::mint::{self, KeyKind};
use super::people::SESSION_LIFE_MS;
use super::record::{
    Delivery, Member, Organization, Override, Project, Provisioning, Session, Subscription, User, Webhook,
};

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

pub(super) const LAPTOP: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
pub(super) const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
pub(super) const OLD: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0";

/// Slug, name, plan, status, sessions this month.
const ORGS: [(&str, &str, &str, &str, u64); 4] = [
    ("acme", "Acme", "pro", "active", 8_412),
    ("globex", "Globex", "free", "trialing", 640),
    ("initech", "Initech", "pro", "cancelled", 0),
    ("canary", "SEQN canary", "scale", "active", 43_200),
];

type Person = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
/// Short name, full name, and the organizations with the role there. The e-mail is `<short>@acme.example`.
const PEOPLE: [Person; 9] = [
    ("jo", "Jo Field", &[("acme", "member"), ("globex", "member")]),
    ("ada", "Ada Stone", &[("acme", "admin")]),
    ("max", "Max Hill", &[("acme", "member")]),
    ("twin", "Twin Lake", &[("acme", "member")]),
    ("ghost", "Ghost Moor", &[("acme", "member")]),
    ("nora", "Nora Vale", &[("acme", "member")]),
    ("kai", "Kai Wood", &[("acme", "admin")]),
    ("gil", "Gil Brook", &[("globex", "admin")]),
    ("ines", "Ines Ford", &[("initech", "admin")]),
];

/// Id, organization, person, created and last active so many hours ago, address, browser.
const SESSIONS: [(&str, &str, &str, i64, i64, &str, &str); 13] = [
    ("ses_jo_laptop", "acme", "jo", 72, 0, "198.51.100.10", LAPTOP),
    ("ses_jo_phone", "acme", "jo", 20, 3, "198.51.100.23", PHONE),
    ("ses_jo_old", "acme", "jo", 600, 480, "203.0.113.9", OLD),
    ("ses_jo_revoked", "acme", "jo", 96, 90, "192.0.2.200", OLD),
    ("ses_jo_globex", "globex", "jo", 30, 5, "198.51.100.10", LAPTOP),
    ("ses_ada_laptop", "acme", "ada", 26, 1, "198.51.100.40", LAPTOP),
    ("ses_ada_expired", "acme", "ada", 900, 800, "198.51.100.40", OLD),
    ("ses_twin_laptop", "acme", "twin", 12, 2, "198.51.100.51", LAPTOP),
    ("ses_ghost_laptop", "acme", "ghost", 14, 4, "198.51.100.61", LAPTOP),
    ("ses_ghost_phone", "acme", "ghost", 15, 6, "198.51.100.62", PHONE),
    ("ses_nora_laptop", "acme", "nora", 18, 7, "198.51.100.71", LAPTOP),
    ("ses_gil_laptop", "globex", "gil", 22, 8, "198.51.100.81", LAPTOP),
    ("ses_ines_laptop", "initech", "ines", 24, 9, "198.51.100.91", LAPTOP),
];

/// How many sessions `max` has: more than one page.
const MAX_SESSIONS: i64 = 30;

type ProjectRow = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]);
/// Organization, slug, name, status, provisioning, redirect URLs.
const PROJECTS: [ProjectRow; 6] = [
    (
        "acme",
        "portal",
        "Acme Portal",
        "active",
        "ready",
        &["https://portal.acme.example/auth/callback", "http://localhost:3000/auth/callback"],
    ),
    ("acme", "mobile", "Acme Mobile", "active", "blocked", &["https://mobile.acme.example/callback"]),
    ("acme", "legacy", "Acme Legacy", "disabled", "ready", &["https://legacy.acme.example/callback"]),
    ("globex", "store", "Globex Store", "active", "ready", &["https://store.globex.example/callback"]),
    ("initech", "reports", "Initech Reports", "active", "ready", &["https://reports.initech.example/callback"]),
    ("canary", "canary", "Canary", "active", "ready", &["https://canary.seqn.example/callback"]),
];

/// Id, organization, URL, enabled, the status with which the receiver answers.
const WEBHOOKS: [(&str, &str, &str, bool, u16); 4] = [
    ("wh_orders", "acme", "https://hooks.acme.example/seqn", true, 200),
    ("wh_billing", "acme", "https://billing.acme.example/seqn", true, 503),
    ("wh_legacy", "acme", "https://legacy.acme.example/seqn", false, 410),
    ("wh_store", "globex", "https://hooks.globex.example/seqn", true, 200),
];

type DeliveryRow = (&'static str, &'static str, &'static str, &'static str, u32, Option<u16>, i64);
/// Id, webhook, event, status, attempts, the receiver's status, so many minutes ago.
const DELIVERIES: [DeliveryRow; 7] = [
    ("dlv_0001", "wh_orders", "user.created", "delivered", 1, Some(200), 20),
    ("dlv_0002", "wh_orders", "session.created", "delivered", 2, Some(200), 190),
    ("dlv_0003", "wh_orders", "session.created", "failed", 8, Some(500), 1_600),
    ("dlv_0004", "wh_billing", "subscription.updated", "retrying", 3, Some(503), 12),
    ("dlv_0005", "wh_billing", "subscription.updated", "failed", 8, Some(503), 700),
    ("dlv_0006", "wh_billing", "user.created", "failed", 8, None, 1_500),
    ("dlv_0007", "wh_store", "user.created", "delivered", 1, Some(200), 45),
];

pub(super) fn plant(record: &mut Record, now: i64) {
    for (slug, name, plan, status, monthly_sessions) in ORGS {
        let subscription = Subscription {
            plan: plan.into(),
            status: status.into(),
            seat_limit: (plan == "pro").then_some(50),
            period_start_ms: now - 12 * DAY_MS,
            period_end_ms: now + 18 * DAY_MS,
            set: Override::default(),
        };
        let (id, created_ms) = (format!("org_{slug}"), now - 200 * DAY_MS);
        let (slug, name) = (slug.into(), name.into());
        record.orgs.push(Organization { id, slug, name, created_ms, subscription, monthly_sessions });
    }
    plant_people(record, now);
    plant_sessions(record, now);
    plant_projects(record, now);
    plant_webhooks(record, now);
}

fn plant_people(record: &mut Record, now: i64) {
    for (at, (short, name, orgs)) in (0_i64..).zip(PEOPLE) {
        let created_ms = now - 180 * DAY_MS + at * HOUR_MS;
        let (id, email) = (format!("usr_{short}"), format!("{short}@acme.example"));
        record.users.push(User { id: id.clone(), email, name: name.into(), created_ms });
        for (org, role) in orgs {
            record.members.push(Member {
                id: format!("mem_{org}_{short}"),
                org: (*org).into(),
                user: id.clone(),
                role: (*role).into(),
                created_ms,
            });
        }
    }
}

fn plant_sessions(record: &mut Record, now: i64) {
    for (id, org, short, created, active, ip, agent) in SESSIONS {
        let created_ms = now - created * HOUR_MS;
        // "0 hours ago" is five minutes ago: nobody is active at the very moment of the start.
        let last_active_ms = now - (active * HOUR_MS).max(5 * MINUTE_MS);
        record.sessions.push(Session {
            id: id.into(),
            org: org.into(),
            user: format!("usr_{short}"),
            created_ms,
            last_active_ms,
            expires_ms: created_ms + SESSION_LIFE_MS,
            revoked_ms: (id == "ses_jo_revoked").then_some(now - 80 * HOUR_MS),
            ip: ip.into(),
            agent: agent.into(),
        });
    }
    for n in 1..=MAX_SESSIONS {
        let created_ms = now - n * HOUR_MS;
        record.sessions.push(Session {
            id: format!("ses_max_{n:02}"),
            org: "acme".into(),
            user: "usr_max".into(),
            created_ms,
            last_active_ms: created_ms + 30 * MINUTE_MS,
            expires_ms: created_ms + SESSION_LIFE_MS,
            revoked_ms: None,
            ip: format!("203.0.113.{}", 100 + n),
            agent: LAPTOP.into(),
        });
    }
}

fn plant_projects(record: &mut Record, now: i64) {
    for (org, slug, name, status, provisioning, redirects) in PROJECTS {
        let label = if org == super::CANARY { super::CANARY.into() } else { format!("{org}/{slug}") };
        let secret = mint::key(KeyKind::Secret, &label);
        let origins = redirects.iter().filter_map(|url| origin_of(url)).collect();
        record.projects.push(Project {
            id: format!("app_{org}_{slug}"),
            org: org.into(),
            slug: slug.into(),
            name: name.into(),
            status: status.into(),
            publishable_key: mint::key(KeyKind::Publishable, &label),
            secret_prefix: mint::prefix(KeyKind::Secret, &secret),
            secret_hash: mint::hex_digest(&secret),
            redirect_urls: redirects.iter().map(|url| (*url).into()).collect(),
            origins,
            provisioning: Provisioning {
                status: provisioning.into(),
                last_error: (provisioning == "blocked").then(|| (403, "Token invalid/expired".into())),
                updated_ms: now - 6 * HOUR_MS,
            },
            created_ms: now - 150 * DAY_MS,
            updated_ms: now - 6 * HOUR_MS,
        });
        record.secrets.push(secret);
    }
}

fn plant_webhooks(record: &mut Record, now: i64) {
    for (id, org, url, enabled, answers) in WEBHOOKS {
        let secret = mint::key(KeyKind::Signing, id);
        record.webhooks.push(Webhook {
            id: id.into(),
            org: org.into(),
            url: url.into(),
            enabled,
            event_types: vec!["user.created".into(), "session.created".into(), "subscription.updated".into()],
            secret_prefix: mint::prefix(KeyKind::Signing, &secret),
            secret_hash: mint::hex_digest(&secret),
            answers,
        });
        record.secrets.push(secret);
    }
    for (id, webhook, event_type, status, attempts, response_status, minutes) in DELIVERIES {
        let failed = status != "delivered";
        let answered =
            response_status.map_or_else(|| "no answer in 10 s".into(), |s| format!("the receiver answered {s}"));
        record.deliveries.push(Delivery {
            id: id.into(),
            webhook: webhook.into(),
            event_type: event_type.into(),
            status: status.into(),
            attempts,
            response_status,
            last_error: failed.then_some(answered),
            next_retry_ms: (status == "retrying").then_some(now + 4 * MINUTE_MS),
            created_ms: now - minutes * MINUTE_MS,
        });
    }
}

fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    Some(format!("{scheme}://{}", rest.split('/').next()?))
}
