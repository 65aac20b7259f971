//! The credentials of the inventory that only people can rotate: order, blast radius, proof (`seqn-facts.md` 3.5, 3.6).
//!
//! A table. Invariant: no step asks for a value to be shown, sent or kept anywhere but in the deployment's secret store.

use crate::ports::Subject;

/// One credential.
pub struct Credential {
    /// Its name in the command.
    pub(super) name: &'static str,
    /// What people call it, with its variable.
    pub(super) title: &'static str,
    /// What stops working, and for whom.
    pub(super) blast: &'static str,
    /// What is done, in this order.
    pub(super) steps: &'static [&'static str],
    /// How it is put back.
    pub(super) rollback: &'static str,
    /// What the bot can look at before and after.
    pub(super) seen_by: &'static [Subject],
}

/// What comes before every rotation.
pub(super) const BEFORE: [&str; 3] = [
    "Say who confirmed the exposure or the mismatch, and the evidence, in the ticket; never the value.",
    "Write the dated note: who, why, what it touches, how it is put back.",
    "Make a fresh local backup, and see that its MANIFEST.sha256 is there.",
];

const AUTH: &[Subject] = &[Subject::PublicHealth, Subject::OidcDiscovery, Subject::IdentityReady];

pub(super) static INVENTORY: [Credential; 6] = [
    Credential {
        name: "oidc-client-secret",
        title: "OIDC client secret (OIDC_CLIENT_SECRET)",
        blast: "New sign-ins fail at the callback while Authentik and SEQN Auth hold different secrets. Sessions that \
                exist go on.",
        steps: &[
            "Choose a quiet hour, and tell people that sign-in may fail for a minute.",
            "In Authentik, open the provider `silver-auth` and make a new client secret; copy it straight into the \
             deployment's secret store.",
            "At once: set OIDC_CLIENT_SECRET for the Silver Auth API from the store, and restart it.",
            "Sign in with a clean browser. Then `/seqn sign-in` for that account: no new configuration error.",
            "Delete the old secret from the store when a day has passed without callback errors.",
        ],
        rollback: "Set the old secret on both sides again, in the same order.",
        seen_by: AUTH,
    },
    Credential {
        name: "authentik-api-token",
        title: "Authentik API token (AUTHENTIK_API_TOKEN)",
        blast: "Provisioning of projects is blocked while the token is invalid. Sign-in goes on.",
        steps: &[
            "In Authentik, make a new token for SEQN's service account: intent API, a set expiry (the default is 30 \
             minutes), the same rights as the old one.",
            "Copy it straight into the deployment's secret store as AUTHENTIK_API_TOKEN, and restart the Silver Auth API.",
            "See that it is there: the line that `/seqn provisioning` shows prints present.",
            "Write the canary project first: `/seqn project-config <canary org> <canary project> again=yes`.",
            "`/seqn provisioning` for each project that was blocked; write those again too.",
            "Delete the old token in Authentik.",
        ],
        rollback: "Until the old token is deleted, set it again and restart.",
        seen_by: &[Subject::IdentityLive, Subject::IdentityReady],
    },
    Credential {
        name: "session-secret",
        title: "Session secret (SESSION_SECRET)",
        blast: "Everybody is signed out of SEQN Auth's own pages at once. There is no grace period with one secret.",
        steps: &[
            "Open an incident beforehand: everybody signs in again.",
            "Make at least 32 random characters in the secret store itself; nobody needs to see them.",
            "Set SESSION_SECRET for the Silver Auth API from the store, and restart it.",
            "Sign in with a clean browser; an old session must be refused.",
        ],
        rollback: "The old secret would bring the old sessions back: after an exposure it is never set again.",
        seen_by: AUTH,
    },
    Credential {
        name: "database-passwords",
        title: "Database passwords (AUTHENTIK_PG_PASS, SILVER_POSTGRES_PASSWORD)",
        blast: "The service whose password differs from its database's cannot answer at all.",
        steps: &[
            "One database at a time, Silver Auth's last. Open an incident for the minutes of each restart.",
            "Make the new password in the secret store, and set it in the database for its role.",
            "At once: set the variable for every service that uses that database, and restart them together.",
            "See that all containers are healthy, and that the backup job still connects.",
        ],
        rollback: "Set the old password for the role again, and restart.",
        seen_by: AUTH,
    },
    Credential {
        name: "backup-key",
        title: "Backup encryption key (OFFSITE_BACKUP_AGE_RECIPIENT or OFFSITE_BACKUP_GPG_RECIPIENT)",
        blast: "Nothing stops. Old backups still need the old private key until their retention ends.",
        steps: &[
            "Make the new key pair offline; only the public half goes to the server.",
            "Set the recipient, and run one offsite backup.",
            "Restore that backup with the new private key, on another machine: a drill, not a look.",
            "Keep the old private key, marked with the day on which the last backup under it ends.",
        ],
        rollback: "Set the old recipient again; backups under the new key stay readable with the new private key.",
        seen_by: &[],
    },
    Credential {
        name: "publishable-key",
        title: "Publishable project key (pk_live_)",
        blast: "It is meant for browsers and is no secret. It changes only with its project.",
        steps: &[
            "Ask what the customer fears: a publishable key that others see is as it should be.",
            "Where it must change, the customer makes a new project in the console and moves the app to it.",
            "`/seqn project-config` for the new project, with the app's redirect URLs and origins.",
        ],
        rollback: "The old project stays until the customer deletes it.",
        seen_by: &[Subject::ClientConfig],
    },
];
