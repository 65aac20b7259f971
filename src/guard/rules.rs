//! The table of rules: one row per kind of secret.
//!
//! It decides nothing; the checks do. Invariant: a row's example is found, its lookalike is not, and its
//! words for people hold no anchor (a test walks the table).

use std::fmt;

use serde::Serialize;

use super::checks::{self, Check};
use super::examples;

/// A rule's name, as it is stored and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleName(&'static str);

/// A credential of the bot itself was seen.
pub const OWN_SECRET: RuleName = RuleName("own-secret");
/// A text is larger than the guard reads.
pub const TOO_LARGE: RuleName = RuleName("too-large");
/// A text would take too long to read.
pub const TOO_SLOW: RuleName = RuleName("too-slow");
/// A value could not be turned into text to be read.
pub const UNREADABLE: RuleName = RuleName("unreadable");

/// Names that stand for no row: kind and advice.
const APART: [(RuleName, &str, &str); 4] = [
    (OWN_SECRET, "credential of this bot", "Rotate this credential at its service and give the bot the new one."),
    (TOO_LARGE, "text too large to check", "Send less text at once."),
    (TOO_SLOW, "text too tangled to check", "Send the text without repeated or nested encoding."),
    (UNREADABLE, "value that could not be checked", "Report this to the maintainers of the bot."),
];

impl RuleName {
    /// The name of a row or of one of the names apart; `None` for any other text.
    #[must_use]
    pub fn known(name: &str) -> Option<Self> {
        let rows = rules().iter().map(|rule| rule.name);
        rows.chain(APART.iter().map(|row| row.0)).find(|known| known.0 == name)
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// What kind of secret it is, in words for people.
    #[must_use]
    pub fn kind(self) -> &'static str {
        self.row().map_or_else(|| self.apart().map_or("secret", |row| row.1), |rule| rule.kind)
    }

    /// The rotation step to take, as one sentence.
    #[must_use]
    pub fn rotation(self) -> &'static str {
        self.row().map_or_else(|| self.apart().map_or("Rotate this secret.", |row| row.2), |rule| rule.rotation)
    }

    fn row(self) -> Option<&'static Rule> {
        rules().iter().find(|rule| rule.name == self)
    }

    fn apart(self) -> Option<&'static (RuleName, &'static str, &'static str)> {
        APART.iter().find(|row| row.0 == self)
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

/// One kind of secret. Rows that stand higher win where two see the same bytes.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub name: RuleName,
    /// Words for people.
    pub kind: &'static str,
    /// Literals without which there is none; found without regard to case.
    pub anchors: &'static [&'static str],
    /// The rotation step to take.
    pub rotation: &'static str,
    /// Makes a text in which it must be found.
    pub example: fn() -> String,
    /// Makes a text in which nothing must be found.
    pub lookalike: fn() -> String,
    pub(super) check: Check,
    /// Whether the anchor and the beginning of the body may be shown. Such an anchor also ends the body before it.
    pub(super) named: bool,
    /// Whether it is also looked for inside base64 and hexadecimal text.
    pub(super) encoded: bool,
    /// Whether its anchor may stand inside its own body.
    pub(super) nests: bool,
    /// A first look at an anchor of one byte, which is too common to be checked each time.
    pub(super) peek: Option<fn(&[u8], usize) -> bool>,
}

/// All rows.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES
}

const fn row(name: &'static str, kind: &'static str, anchors: &'static [&'static str], check: Check) -> Rule {
    Rule {
        name: RuleName(name),
        kind,
        anchors,
        rotation: "",
        example: String::new,
        lookalike: String::new,
        check,
        named: false,
        encoded: false,
        nests: false,
        peek: None,
    }
}

impl Rule {
    const fn named(mut self) -> Self {
        self.named = true;
        self.encoded = true;
        self
    }

    const fn encoded(mut self) -> Self {
        self.encoded = true;
        self
    }

    const fn peek(mut self, peek: fn(&[u8], usize) -> bool) -> Self {
        self.peek = Some(peek);
        self
    }

    const fn nests(mut self) -> Self {
        self.nests = true;
        self
    }

    const fn rotate(mut self, advice: &'static str) -> Self {
        self.rotation = advice;
        self
    }

    const fn shown(mut self, example: fn() -> String, lookalike: fn() -> String) -> Self {
        self.example = example;
        self.lookalike = lookalike;
        self
    }
}

const ROTATE_PROJECT_KEY: &str = "Prepare the backend's secret store, rotate the project secret in the hosted console and put the one-time value straight into the store.";

const ROTATE_DATABASE_PASSWORD: &str =
    "Change the database password and the services that use it together, with a coordinated restart.";

static RULES: [Rule; 16] = [
    row("project-secret-key", "project secret key", &["sk_live_"], checks::project_key)
        .named()
        .rotate(ROTATE_PROJECT_KEY)
        .shown(examples::project_key, examples::project_key_lookalike),
    row("restricted-key", "restricted project key", &["rk_live_"], checks::project_key)
        .named()
        .rotate(ROTATE_PROJECT_KEY)
        .shown(examples::restricted_key, examples::restricted_key_lookalike),
    row("webhook-secret", "webhook signing secret", &["whsec_"], checks::webhook_key)
        .named()
        .rotate("Rotate the webhook signing secret in the hosted console and have the receiver accept the new one; until then its signature checks fail.")
        .shown(examples::webhook_key, examples::webhook_key_lookalike),
    row("private-key", "private key", &["-----BEGIN "], checks::private_key)
        .encoded()
        .rotate("Make a new key pair, replace the old one wherever it is trusted, then remove the old one.")
        .shown(examples::private_key, examples::private_key_lookalike),
    row("age-key", "age identity", &["AGE-SECRET-KEY-1"], checks::age_key)
        .encoded()
        .rotate("Make a new identity and encrypt backups to it; keep the old one safe until the retention of old backups ends.")
        .shown(examples::age_key, examples::age_key_lookalike),
    row("jwt", "signed token", &["eyJ"], checks::jwt)
        .nests()
        .rotate("Revoke the session or the token that this was issued for.")
        .shown(examples::jwt, examples::jwt_lookalike),
    row("session-cookie", "session cookie", &["authentik_session"], checks::cookie)
        .encoded()
        .rotate("Revoke this user's sessions and have the user sign in again.")
        .shown(examples::session_cookie, examples::session_cookie_lookalike),
    row("slack-token", "chat platform token", SLACK_ANCHORS, checks::slack_token)
        .encoded()
        .rotate("Revoke the token in the app's settings on Slack and install the app again.")
        .shown(examples::slack_token, examples::slack_token_lookalike),
    row("discord-token", "chat bot token", &["."], checks::discord_token)
        .nests()
        .peek(checks::discord_dots)
        .rotate("Reset the bot's token in the developer portal of Discord.")
        .shown(examples::discord_token, examples::discord_token_lookalike),
    row("webhook-url", "webhook address", WEBHOOK_URL_ANCHORS, checks::webhook_url)
        .rotate("Delete this webhook on its platform and make a new one.")
        .shown(examples::webhook_url, examples::webhook_url_lookalike),
    row("oidc-client-secret", "OIDC client credential", CLIENT_SECRET_ANCHORS, checks::assigned_token)
        .rotate("Rotate the OIDC client credential in Authentik and in the Auth API together; new logins fail while the two disagree.")
        .shown(examples::client_secret, examples::client_secret_lookalike),
    row("authentik-token", "Authentik credential", &["authentik_api_token", "authentik_token"], checks::assigned_token)
        .rotate("Rotate the API token in Authentik and in the deployment's secret store; project provisioning is blocked while it is invalid.")
        .shown(examples::authentik_token, examples::authentik_token_lookalike),
    row("session-secret", "session signing credential", &["session_secret"], checks::assigned_token)
        .rotate("Rotate the session signing credential in the deployment's secret store; all app sessions end.")
        .shown(examples::session_secret, examples::session_secret_lookalike),
    row("database-url", "password in an address", &["://"], checks::url_password)
        .encoded()
        .rotate(ROTATE_DATABASE_PASSWORD)
        .shown(examples::database_url, examples::database_url_lookalike),
    row("database-password", "database password", DATABASE_ANCHORS, checks::assigned_password)
        .rotate(ROTATE_DATABASE_PASSWORD)
        .shown(examples::database_password, examples::database_password_lookalike),
    row("authorization", "authorization header", AUTHORIZATION_ANCHORS, checks::authorization)
        .rotate("Revoke the credential that this header carried at the service that issued it.")
        .shown(examples::authorization, examples::authorization_lookalike),
];

const SLACK_ANCHORS: &[&str] =
    &["xoxb-", "xoxp-", "xoxe-", "xoxe.", "xoxa-", "xoxc-", "xoxd-", "xoxr-", "xoxs-", "xapp-"];
const WEBHOOK_URL_ANCHORS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
];
const CLIENT_SECRET_ANCHORS: &[&str] = &["client_secret", "client-secret", "clientsecret"];
const DATABASE_ANCHORS: &[&str] =
    &["pg_pass", "pgpassword", "postgres_password", "db_password", "database_password", "mysql_password"];
const AUTHORIZATION_ANCHORS: &[&str] = &["authorization", "bearer", "basic", "geniekey"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_filled_in_and_named_once() {
        for (index, rule) in rules().iter().enumerate() {
            assert!(rule.rotation.ends_with('.') && !rule.kind.is_empty(), "{}", rule.name);
            assert!(!rule.anchors.is_empty(), "{}", rule.name);
            assert!(rules().iter().skip(index + 1).all(|other| other.name != rule.name), "{}", rule.name);
            assert_eq!(RuleName::known(rule.name.as_str()), Some(rule.name));
        }
        assert_eq!(RuleName::known("own-secret").map(RuleName::kind), Some("credential of this bot"));
        assert_eq!(RuleName::known("unheard-of"), None);
    }
}
