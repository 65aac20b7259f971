//! The table of rules: one row per kind of secret.
//!
//! It decides nothing; the checks do. Invariant: a row's example is found, its lookalike is not, and its
//! words for people hold no anchor (a test walks the table).

use super::checks;
use super::context;
use super::examples;
use super::pem;
use super::rules::{Rule, TEST_KEY, row};

const ROTATE_PROJECT_KEY: &str = "Prepare the backend's secret store, rotate the project secret in the hosted console and put the one-time value straight into the store.";

const ROTATE_DATABASE_PASSWORD: &str =
    "Change the database password and the services that use it together, with a coordinated restart.";

/// All rows.
pub(super) const RULES: &[Rule] = &[
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
    row("private-key", "private key", &["-----BEGIN "], pem::private_key)
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
    row("session-cookie", "session cookie", COOKIE_ANCHORS, context::cookie)
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
    row("paging-token", "paging service token", &["u+"], checks::paging_token)
        .rotate("Delete this API key at PagerDuty and make a new one for its user.")
        .shown(examples::paging_token, examples::paging_token_lookalike),
    row("paging-key", "paging service key", PAGING_ANCHORS, context::routing_key)
        .contextual()
        .rotate("Make a new integration at the paging service, move the senders to its key, then remove the old integration.")
        .shown(examples::routing_key, examples::routing_key_lookalike),
    row("oidc-client-secret", "OIDC client credential", CLIENT_SECRET_ANCHORS, context::client_secret)
        .contextual()
        .rotate("Rotate the OIDC client credential in Authentik and in the Auth API together; new logins fail while the two disagree.")
        .shown(examples::client_secret, examples::client_secret_lookalike),
    row("authentik-token", "Authentik credential", &["authentik_api_token", "authentik_token", "authentik"], context::authentik_token)
        .contextual()
        .rotate("Rotate the API token in Authentik and in the deployment's secret store; project provisioning is blocked while it is invalid.")
        .shown(examples::authentik_token, examples::authentik_token_lookalike),
    row("session-secret", "session signing credential", &["session_secret"], context::assigned_token)
        .contextual()
        .rotate("Rotate the session signing credential in the deployment's secret store; all app sessions end.")
        .shown(examples::session_secret, examples::session_secret_lookalike),
    row("database-url", "password in an address", &["://", "@tcp(", "@unix("], checks::url_password)
        .encoded()
        .rotate(ROTATE_DATABASE_PASSWORD)
        .shown(examples::database_url, examples::database_url_lookalike),
    row("database-password", "database password", DATABASE_ANCHORS, context::assigned_password)
        .contextual()
        .rotate(ROTATE_DATABASE_PASSWORD)
        .shown(examples::database_password, examples::database_password_lookalike),
    row("password", "password", &["password", "passwd", "pwd"], context::named_password)
        .contextual()
        .rotate("Change this password where it is used, and end the sessions that it opened.")
        .shown(examples::password, examples::password_lookalike),
    row("assigned-credential", "credential with a name", CREDENTIAL_ANCHORS, context::assigned_token)
        .contextual()
        .rotate("Revoke this credential at the service that issued it and put a new one into the secret store.")
        .shown(examples::assigned_credential, examples::assigned_credential_lookalike),
    row("curl-user", "password of a command", &["curl "], context::curl_user)
        .contextual()
        .rotate("Change this password at the service that the command was for.")
        .shown(examples::curl_user, examples::curl_user_lookalike),
    row("authorization", "authorization header", AUTHORIZATION_ANCHORS, context::authorization)
        .contextual()
        .rotate("Revoke the credential that this header carried at the service that issued it.")
        .shown(examples::authorization, examples::authorization_lookalike),
    row(TEST_KEY, "project key for tests", &["sk_test_", "rk_test_"], checks::project_key)
        .named()
        .rotate("Rotate this key of the test project in the hosted console; live projects are not affected.")
        .shown(examples::unused_test_key, examples::test_key_lookalike),
];

const SLACK_ANCHORS: &[&str] =
    &["xoxb-", "xoxp-", "xoxe-", "xoxe.", "xoxa-", "xoxc-", "xoxd-", "xoxr-", "xoxs-", "xapp-"];
const WEBHOOK_URL_ANCHORS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "discord.com/api/v9/webhooks/",
    "discord.com/api/v10/webhooks/",
];
const PAGING_ANCHORS: &[&str] = &[
    "routing_key",
    "routing-key",
    "routing key",
    "routingkey",
    "integration_key",
    "integration-key",
    "integration key",
    "service_key",
    "opsgenie_api_key",
    "opsgenie_key",
    "opsgenie-api-key",
    "opsgenie api key",
];
const COOKIE_ANCHORS: &[&str] =
    &["authentik_session", "session", "sessionid", "session_id", "sid", "auth_token", "remember_token"];
const CREDENTIAL_ANCHORS: &[&str] = &[
    "api_key",
    "api-key",
    "apikey",
    "access_token",
    "access-token",
    "accesstoken",
    "access_key",
    "refresh_token",
    "auth_token",
    "private_token",
    "secret_key",
    "secret-key",
    "secretkey",
    "signing_secret",
    "encryption_key",
];
const CLIENT_SECRET_ANCHORS: &[&str] = &["client_secret", "client-secret", "clientsecret", "client secret"];
const DATABASE_ANCHORS: &[&str] =
    &["pg_pass", "pgpassword", "postgres_password", "db_password", "database_password", "mysql_password"];
const AUTHORIZATION_ANCHORS: &[&str] = &["authorization", "bearer", "basic", "geniekey"];
