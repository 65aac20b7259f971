//! Health probes: one reading of one public or configured surface (`seqn-facts.md` section 3.7).

use async_trait::async_trait;

/// What is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// `GET /healthz` is 200.
    PublicHealth,
    /// `GET /v1/config` is JSON.
    LegacyConfig,
    /// `GET /v1/client/config` with the canary publishable key returns an active application.
    ClientConfig,
    /// `GET /v1/backend/application` with the canary secret key says `ok: true`; only where a key is configured.
    BackendKey,
    /// An anonymous `GET /auth/console` is sent to login.
    ConsoleBoundary,
    /// An anonymous `GET /v1/audit-logs` is 401.
    AdminBoundary,
    /// OIDC discovery: issuer equal, keys usable.
    OidcDiscovery,
    /// Authentik live.
    IdentityLive,
    /// Authentik ready.
    IdentityReady,
    /// Days left on the certificates.
    Tls,
}

impl Subject {
    /// Every subject in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::PublicHealth,
        Self::LegacyConfig,
        Self::ClientConfig,
        Self::BackendKey,
        Self::ConsoleBoundary,
        Self::AdminBoundary,
        Self::OidcDiscovery,
        Self::IdentityLive,
        Self::IdentityReady,
        Self::Tls,
    ];

    /// The word that rows have for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PublicHealth => "public-health",
            Self::LegacyConfig => "public-config",
            Self::ClientConfig => "client-config",
            Self::BackendKey => "backend-key",
            Self::ConsoleBoundary => "console-boundary",
            Self::AdminBoundary => "admin-boundary",
            Self::OidcDiscovery => "oidc-discovery",
            Self::IdentityLive => "authentik-live",
            Self::IdentityReady => "authentik-ready",
            Self::Tls => "tls",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PublicHealth => "Public health",
            Self::LegacyConfig => "Public config",
            Self::ClientConfig => "Client config (canary)",
            Self::BackendKey => "Backend key (canary)",
            Self::ConsoleBoundary => "Console boundary",
            Self::AdminBoundary => "Admin boundary",
            Self::OidcDiscovery => "OIDC discovery",
            Self::IdentityLive => "Authentik live",
            Self::IdentityReady => "Authentik ready",
            Self::Tls => "TLS certificates",
        }
    }
}

/// How it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// As it should be.
    Green,
    /// Somebody should look.
    Amber,
    /// Wrong.
    Red,
    /// A security alarm: something private answered a stranger.
    Alarm,
    /// Not looked at: nothing is configured for it, or it does not apply.
    Skipped,
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was probed.
    pub subject: Subject,
    /// How it looks.
    pub light: Light,
    /// One sentence, redacted.
    pub says: String,
    /// How long it took, in milliseconds; 0 when skipped.
    pub took_ms: u64,
}

/// The prober. One call ends within its own deadline and never fails: failing is a finding.
#[async_trait]
pub trait ProbeRead: Send + Sync {
    /// Probes one subject.
    async fn probe(&self, subject: Subject) -> Finding;
}
