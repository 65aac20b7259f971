//! The credentials of the inventory that only people can rotate: order, blast radius, proof (`seqn-facts.md` 3.5, 3.6).
//!
//! A table. Invariant: no step asks for a value to be shown, sent or kept anywhere but in the deployment's secret store.

use crate::ports::Subject;

use Do::{Canary, Hand, SignIn, Well};

/// One step.
pub enum Do {
    /// A person does it.
    Hand(&'static str),
    /// The bot sees that these are well.
    Well(&'static [Subject]),
    /// The bot sees that whoever works it off has signed in anew.
    SignIn,
    /// The canary project is written again, and the bot sees that it was provisioned.
    Canary,
}

/// One credential.
pub struct Credential {
    /// Its name in the command.
    pub(super) name: &'static str,
    /// What people call it, with its variable.
    pub(super) title: &'static str,
    /// What stops working, and for whom.
    pub(super) blast: &'static str,
    /// What is done, in this order.
    pub(super) steps: &'static [Do],
    /// How it is put back.
    pub(super) rollback: &'static str,
    /// What the bot can look at before and after.
    pub(super) seen_by: &'static [Subject],
    /// Whether it is not even shown how before somebody has confirmed why.
    pub(super) confirmed: bool,
}

/// What comes before every rotation.
pub(super) const BEFORE: [Do; 2] = [
    Hand("Write the dated note into the ticket: who, why, what it touches, how it is put back. Never the value."),
    Hand("Make a fresh local backup, and see that its MANIFEST.sha256 is there."),
];

const AUTH: &[Subject] = &[Subject::PublicHealth, Subject::OidcDiscovery, Subject::IdentityReady];
const APP: &[Subject] = &[Subject::PublicHealth, Subject::LegacyConfig, Subject::ConsoleBoundary];
const IDENTITY: &[Subject] = &[Subject::IdentityLive, Subject::IdentityReady, Subject::OidcDiscovery];
const DATABASES: &[Subject] = &[
    Subject::PublicHealth,
    Subject::ClientConfig,
    Subject::IdentityLive,
    Subject::IdentityReady,
    Subject::OidcDiscovery,
];

pub(super) static INVENTORY: [Credential; 6] = [
    Credential {
        name: "oidc-client-secret",
        title: "OIDC client secret (OIDC_CLIENT_SECRET)",
        blast: "New sign-ins fail at the callback while Authentik and SEQN Auth hold different secrets. Sessions that \
                exist go on.",
        steps: &[
            Hand("Choose a quiet hour, and tell people that sign-in may fail for a minute."),
            Hand(
                "In Authentik, open the provider `silver-auth` and make a new client secret; copy it straight into the \
                 deployment's secret store.",
            ),
            Hand("At once: set OIDC_CLIENT_SECRET for the Silver Auth API from the store, and restart it."),
            Well(AUTH),
            Hand("Sign in with a clean browser, with your own address, to the end."),
            SignIn,
            Hand("Delete the old secret from the store when a day has passed without callback errors."),
        ],
        rollback: "Set the old secret on both sides again, in the same order: Authentik first, then the Silver Auth API.",
        seen_by: AUTH,
        confirmed: true,
    },
    Credential {
        name: "authentik-api-token",
        title: "Authentik API token (AUTHENTIK_API_TOKEN)",
        blast: "Provisioning of projects is blocked while the token is invalid. Sign-in goes on.",
        steps: &[
            Hand(
                "In Authentik, make a new token for SEQN's service account: intent API, a set expiry (the default is 30 \
                 minutes), the same rights as the old one. Keep the old one until the end.",
            ),
            Hand(
                "Copy it straight into the deployment's secret store as AUTHENTIK_API_TOKEN, and restart the Silver Auth \
                 API. The line that `/seqn provisioning` shows prints present.",
            ),
            Well(&[Subject::PublicHealth, Subject::IdentityLive, Subject::IdentityReady]),
            Canary,
            Hand(
                "Write each project that was blocked again, with `/seqn project-config … again=yes`, and look at it with \
                 `/seqn provisioning`.",
            ),
            Hand("Delete the old token in Authentik."),
        ],
        rollback: "Until the old token is deleted, set it again and restart.",
        seen_by: &[Subject::PublicHealth, Subject::IdentityLive, Subject::IdentityReady],
        confirmed: false,
    },
    Credential {
        name: "session-secret",
        title: "Session secret (SESSION_SECRET)",
        blast: "Everybody is signed out of SEQN Auth's own pages at once. There is no grace period with one secret.",
        steps: &[
            Hand("Open an incident beforehand: everybody signs in again."),
            Hand("Make at least 32 random characters in the secret store itself; nobody needs to see them."),
            Hand("Set SESSION_SECRET for the Silver Auth API from the store, and restart it."),
            Well(APP),
            Hand("See that an old session is refused; then sign in with a clean browser, with your own address."),
            SignIn,
        ],
        rollback: "The old secret would bring the old sessions back: after an exposure it is never set again.",
        seen_by: APP,
        confirmed: false,
    },
    Credential {
        name: "database-passwords",
        title: "Database passwords (AUTHENTIK_PG_PASS, SILVER_POSTGRES_PASSWORD)",
        blast: "The service whose password differs from its database's cannot answer at all: first Authentik, then SEQN \
                Auth, each for the minutes of its restart.",
        steps: &[
            Hand("Open an incident for the minutes of each restart. One database at a time, Silver Auth's last."),
            Hand("AUTHENTIK_PG_PASS: make the new one in the secret store, and set it in the database for its role."),
            Hand("At once: set AUTHENTIK_PG_PASS for every container of Authentik, and restart them together."),
            Well(IDENTITY),
            Hand("SILVER_POSTGRES_PASSWORD: make the new one in the store, and set it in the database for its role."),
            Hand("At once: set SILVER_POSTGRES_PASSWORD for the Silver Auth API, and restart it."),
            Well(DATABASES),
            Hand("See on the server that all containers are healthy, and that the backup job still connects."),
        ],
        rollback: "Set the old password for that role again, and restart the services that use it.",
        seen_by: DATABASES,
        confirmed: false,
    },
    Credential {
        name: "backup-key",
        title: "Backup encryption key (OFFSITE_BACKUP_AGE_RECIPIENT or OFFSITE_BACKUP_GPG_RECIPIENT)",
        blast: "Nothing stops. Old backups still need the old private key until their retention ends.",
        steps: &[
            Hand("Make the new key pair offline; only the public half goes to the server."),
            Hand("Set the recipient, and run one offsite backup."),
            Hand("Restore that backup with the new private key, on another machine: a drill, not a look."),
            Hand("Keep the old private key, marked with the day on which the last backup under it ends."),
        ],
        rollback: "Set the old recipient again; backups under the new key stay readable with the new private key.",
        seen_by: &[],
        confirmed: false,
    },
    Credential {
        name: "publishable-key",
        title: "Publishable project key (pk_live_)",
        blast: "It is meant for browsers and is no secret. It changes only with its project.",
        steps: &[
            Hand("Ask what the customer fears: a publishable key that others see is as it should be."),
            Hand("Where it must change, the customer makes a new project in the console and moves the app to it."),
            Hand("`/seqn project-config` for the new project, with the app's redirect URLs and origins."),
        ],
        rollback: "The old project stays until the customer deletes it.",
        seen_by: &[Subject::ClientConfig],
        confirmed: false,
    },
];
