//! Health probes: one reading of each surface, judged by the published thresholds.
//!
//! A probe changes nothing and never fails: failing is a finding. "Twice in a row" is for who asks.
//! Invariant: each probe ends within its deadline, and only a configured canary key is ever sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::Deserialize;
use tokio::time::timeout;
use url::Url;

use crate::guard::{Guard, Secret};
use crate::ports::{Clock, Fault, Finding, Light, PortError, ProbeRead, Subject};

use super::answer::{Answer, Body};
use super::base::{BadConfig, Base};
use super::http::{Ask, Credential, Deadlines, Wire};
use super::{oidc, tls};

/// Longest wait of a probe for a connection.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Longest wait of a probe for one answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);
/// Longest time of one probe; some ask up to three times.
const PROBE_DEADLINE: Duration = Duration::from_secs(8);
/// A certificate with fewer whole days left than this is amber.
const TLS_AMBER_DAYS: i64 = 14;
const CONSOLE: &str = "/auth/console";

/// What is probed.
#[derive(Clone)]
pub struct ProbeConfig {
    /// SEQN Auth.
    pub accounts: Url,
    /// Authentik.
    pub authentik: Url,
    /// The OIDC issuer, exactly as it calls itself.
    pub issuer: Url,
    /// The canary project's publishable key.
    pub publishable_key: Option<String>,
    /// The canary project's secret key; only on a trusted runner.
    pub secret_key: Option<Secret>,
}

/// The prober.
pub struct Prober {
    accounts: Base,
    authentik: Base,
    issuer: Base,
    seqn: Wire,
    identity: Wire,
    publishable_key: Option<String>,
    secret_key: Option<Credential>,
    clock: Arc<dyn Clock>,
}

/// What one probe says.
type Verdict = (Light, String);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireApplication {
    ok: Option<bool>,
    application: Option<WireStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStatus {
    status: Option<String>,
}

impl Prober {
    /// A prober.
    ///
    /// # Errors
    /// When an address or the canary key cannot be used.
    pub fn new(config: &ProbeConfig, guard: &Guard, clock: Arc<dyn Clock>) -> Result<Self, BadConfig> {
        let accounts = Base::new("The base URL of SEQN Auth", &config.accounts)?;
        let authentik = Base::new("The base URL of Authentik", &config.authentik)?;
        let issuer = Base::new("The OIDC issuer", &config.issuer)?;
        let deadlines = Deadlines { connect: CONNECT_DEADLINE, total: ANSWER_DEADLINE };
        let secret_key = config.secret_key.as_ref().map(|key| Credential::new("authorization", key)).transpose()?;
        Ok(Self {
            seqn: Wire::new("seqn", guard.clone(), deadlines, accounts.is_loopback())?,
            identity: Wire::new("authentik", guard.clone(), deadlines, authentik.is_loopback())?,
            publishable_key: config.publishable_key.clone(),
            accounts,
            authentik,
            issuer,
            secret_key,
            clock,
        })
    }

    async fn verdict(&self, subject: Subject) -> Verdict {
        match subject {
            Subject::PublicHealth => self.up(&self.seqn, self.accounts.at("/healthz"), false).await,
            Subject::LegacyConfig => self.legacy_config().await,
            Subject::ClientConfig => self.client_config().await,
            Subject::BackendKey => self.backend_key().await,
            Subject::ConsoleBoundary => self.console_boundary().await,
            Subject::AdminBoundary => self.admin_boundary().await,
            Subject::OidcDiscovery => match oidc::check(&self.identity, self.issuer.url()).await {
                Ok(keys) => green(format!("The issuer is right and has {keys} signing key(s).")),
                Err(oidc::OidcTrouble::Unasked(error)) => failed(&error),
                Err(oidc::OidcTrouble::Wrong(why)) => (Light::Red, why),
            },
            Subject::IdentityLive => self.up(&self.identity, self.authentik.at("/-/health/live/"), true).await,
            Subject::IdentityReady => self.up(&self.identity, self.authentik.at("/-/health/ready/"), true).await,
            Subject::Tls => self.certificates().await,
        }
    }

    async fn up(&self, wire: &Wire, url: Url, any_success: bool) -> Verdict {
        match wire.exchange(Ask::get(url)).await {
            Ok(answer) if answer.status == 200 => green("It is up."),
            Ok(answer) if any_success && (200..300).contains(&answer.status) => green("It is up."),
            Ok(answer) => unexpected(&answer, "200"),
            Err(error) => failed(&error),
        }
    }

    async fn legacy_config(&self) -> Verdict {
        match self.seqn.exchange(Ask::get(self.accounts.at("/v1/config"))).await {
            Ok(answer) if answer.leaked => leak(),
            Ok(answer) if answer.status != 200 => unexpected(&answer, "200"),
            Ok(Answer { body: Body::Json(value), .. }) if value.is_object() => green("It answers with JSON."),
            Ok(_) => (Light::Red, "It answered 200, but not with a JSON object.".into()),
            Err(error) => failed(&error),
        }
    }

    async fn client_config(&self) -> Verdict {
        let Some(key) = &self.publishable_key else {
            return skipped("No canary publishable key is configured.");
        };
        let ask = Ask::get(self.accounts.at("/v1/client/config")).header("x-seqn-publishable-key", key);
        self.application(ask, false).await
    }

    async fn backend_key(&self) -> Verdict {
        let Some(key) = &self.secret_key else {
            return skipped("No canary secret key is configured. It belongs on a trusted runner only.");
        };
        self.application(Ask::get(self.accounts.at("/v1/backend/application")).credential(key), true).await
    }

    /// Both canaries end in the same judgement: the application is there and active.
    async fn application(&self, ask: Ask, must_say_ok: bool) -> Verdict {
        let answer = match self.seqn.exchange(ask).await {
            Ok(answer) => answer,
            Err(error) => return failed(&error),
        };
        if answer.leaked {
            return leak();
        }
        let seen: WireApplication = match answer.json() {
            Ok(seen) => seen,
            Err(error) => return failed(&error),
        };
        let status = seen.application.and_then(|application| application.status).unwrap_or_default();
        match (status.as_str(), must_say_ok && seen.ok != Some(true)) {
            ("active", false) => green("The canary application is active."),
            ("active", true) => (Light::Red, "The answer does not say ok.".into()),
            ("", _) => (Light::Red, "The answer names no application status.".into()),
            _ => (Light::Red, "The canary application is not active.".into()),
        }
    }

    async fn console_boundary(&self) -> Verdict {
        let answer = match self.seqn.exchange(Ask::get(self.accounts.at(CONSOLE))).await {
            Ok(answer) => answer,
            Err(error) => return failed(&error),
        };
        match answer.status {
            200..=299 if answer.body == Body::Empty => {
                (Light::Amber, "It answered a stranger with nothing instead of sending them to login.".into())
            }
            200..=299 => (Light::Alarm, "The console answered a stranger instead of sending them to login.".into()),
            300..=399 => self.judge_login(answer.location.as_deref()),
            _ => unexpected(&answer, "a redirect to login"),
        }
    }

    fn judge_login(&self, location: Option<&str>) -> Verdict {
        let here = self.accounts.at(CONSOLE);
        let target = location.and_then(|location| here.join(location).ok());
        match target {
            None => (Light::Amber, "It redirects a stranger, but says not where.".into()),
            Some(to) if self.accounts.same_origin(&to) && to.path().trim_end_matches('/') == here.path() => {
                (Light::Red, "It redirects a stranger to itself.".into())
            }
            Some(to) if [&self.accounts, &self.authentik, &self.issuer].iter().any(|base| base.same_origin(&to)) => {
                green("A stranger is sent to login.")
            }
            Some(to) => {
                let host = to.host_str().unwrap_or("an unknown address").to_owned();
                (Light::Amber, format!("A stranger is sent to {host}, which is not configured here."))
            }
        }
    }

    async fn admin_boundary(&self) -> Verdict {
        match self.seqn.exchange(Ask::get(self.accounts.at("/v1/audit-logs"))).await {
            Ok(answer) if answer.status == 401 => green("A stranger is refused (401)."),
            Ok(answer) if (200..300).contains(&answer.status) => {
                (Light::Alarm, format!("The audit log answered a stranger ({}).", answer.status))
            }
            Ok(answer) => unexpected(&answer, "401"),
            Err(error) => failed(&error),
        }
    }

    async fn certificates(&self) -> Verdict {
        let targets = [
            (&self.seqn, self.accounts.at("/healthz")),
            (&self.identity, self.authentik.at("/-/health/live/")),
            (&self.identity, self.issuer.at("/.well-known/openid-configuration")),
        ];
        let mut seen: Vec<Url> = Vec::new();
        let mut worst: Option<Verdict> = None;
        for (wire, url) in targets {
            if url.scheme() != "https" || seen.iter().any(|other| other.origin() == url.origin()) {
                continue;
            }
            seen.push(url.clone());
            let found = self.certificate(wire, url).await;
            worst = match worst {
                Some(known) if rank(known.0) >= rank(found.0) => Some(known),
                _ => Some(found),
            };
        }
        worst.unwrap_or_else(|| skipped("Everything is on this machine without TLS."))
    }

    async fn certificate(&self, wire: &Wire, url: Url) -> Verdict {
        let host = url.host_str().unwrap_or_default().to_owned();
        let answer = match wire.exchange(Ask::get(url)).await {
            Ok(answer) => answer,
            Err(error) => return (Light::Red, format!("{host}: {}", error.of_look())),
        };
        match answer.certificate.as_deref().and_then(tls::not_after) {
            None => (Light::Amber, format!("{host}: its certificate could not be read.")),
            Some(until) => judge_days(&host, tls::days_left(until, self.clock.now())),
        }
    }
}

fn judge_days(host: &str, days: i64) -> Verdict {
    match days {
        i64::MIN..0 => (Light::Red, format!("{host}: the certificate has expired.")),
        0..TLS_AMBER_DAYS => (Light::Amber, format!("{host}: the certificate ends in {days} day(s).")),
        _ => green(format!("{host}: the certificate is good for {days} days.")),
    }
}

const fn rank(light: Light) -> u8 {
    match light {
        Light::Skipped => 0,
        Light::Green => 1,
        Light::Amber => 2,
        Light::Red => 3,
        Light::Alarm => 4,
    }
}

fn green(says: impl Into<String>) -> Verdict {
    (Light::Green, says.into())
}

fn skipped(why: &str) -> Verdict {
    (Light::Skipped, why.into())
}

fn leak() -> Verdict {
    (Light::Alarm, "Its answer held what looks like a raw secret. It was removed here and is still there.".into())
}

fn failed(error: &PortError) -> Verdict {
    let light = if matches!(error.fault, Fault::RateLimited { .. }) { Light::Amber } else { Light::Red };
    (light, error.of_look())
}

/// An answer that is neither right nor an alarm: failing is red, anything else should be looked at.
fn unexpected(answer: &Answer, expected: &str) -> Verdict {
    let boundary = expected != "200";
    let light = match answer.status {
        429 => Light::Amber,
        300..=499 if boundary => Light::Amber,
        _ => Light::Red,
    };
    (light, format!("It answered {} instead of {expected}.", answer.status))
}

#[async_trait]
impl ProbeRead for Prober {
    async fn probe(&self, subject: Subject) -> Finding {
        let start = Instant::now();
        let (light, says) = timeout(PROBE_DEADLINE, self.verdict(subject)).await.unwrap_or_else(|_| {
            (Light::Red, format!("There was no whole answer within {} s.", PROBE_DEADLINE.as_secs()))
        });
        let took_ms = match light {
            Light::Skipped => 0,
            _ => u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        Finding { subject, light, says, took_ms }
    }
}

#[cfg(test)]
mod tests;
