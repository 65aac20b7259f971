//! One example and one lookalike per rule, for the table's test and for documentation.
//!
//! They are made when asked for, so that no file holds a string that looks like a live key.
//! Invariant: the same seed gives the same text, and no example was ever a real secret.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

pub(super) const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BECH32: &[u8] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
const DIGITS: &[u8] = b"123456789";
const HEX: &[u8] = b"0123456789abcdef";

/// A run of `len` characters that looks generated: always with a digit and both cases where the alphabet has them.
pub(super) fn noise(seed: u64, len: usize, alphabet: &[u8]) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(len);
    for _ in 0..len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let index = usize::try_from(state >> 33).unwrap_or(0) % alphabet.len().max(1);
        text.push(alphabet.get(index).copied().map_or('x', char::from));
    }
    text
}

/// Letters and digits.
pub(super) fn alnum(seed: u64, len: usize) -> String {
    let tail = noise(seed, len.saturating_sub(3), ALNUM);
    format!("a7Q{tail}")
}

pub(super) fn project_key() -> String {
    format!("sk_{}_{}", "live", alnum(1, 32))
}

pub(super) fn project_key_lookalike() -> String {
    format!("sk_{}_{}", "live", "abcd1234")
}

pub(super) fn restricted_key() -> String {
    format!("rk_{}_{}", "live", alnum(2, 99))
}

pub(super) fn restricted_key_lookalike() -> String {
    format!("rk_{}_your_restricted_key_here", "live")
}

pub(super) fn webhook_key() -> String {
    format!("wh{}_{}", "sec", STANDARD.encode(alnum(3, 32)))
}

pub(super) fn webhook_key_lookalike() -> String {
    format!("wh{}_{}", "sec", "x".repeat(32))
}

pub(super) fn jwt() -> String {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}.{}", part(r#"{"alg":"HS256","typ":"JWT"}"#), part(r#"{"sub":"jo@acme.example"}"#), alnum(4, 43))
}

pub(super) fn jwt_lookalike() -> String {
    format!("{}.{}.{}", "eyJzbGVlcGluZw", "eyJub3RKc29u", "abc")
}

pub(super) fn authorization() -> String {
    format!("Authorization: {} {}", "Bearer", alnum(5, 40))
}

pub(super) fn authorization_lookalike() -> String {
    format!("Authorization: {} $ACCESS_TOKEN, where the bearer authentication-scheme is set", "Bearer")
}

pub(super) fn slack_token() -> String {
    format!("xo{}-{}-{}-{}", "xb", noise(6, 12, DIGITS), noise(7, 12, DIGITS), alnum(8, 24))
}

pub(super) fn slack_token_lookalike() -> String {
    format!("xo{}-your-bot-token", "xb")
}

pub(super) fn discord_token() -> String {
    format!("{}.{}.{}", STANDARD.encode(noise(9, 18, DIGITS)), alnum(10, 6), alnum(11, 38))
}

pub(super) fn discord_token_lookalike() -> String {
    format!("com.example.{}.{}", "plugin", alnum(12, 30))
}

pub(super) fn webhook_url() -> String {
    format!(
        "https://hooks.slack.com/{}/T{}/B{}/{}",
        "services",
        noise(13, 8, DIGITS),
        noise(14, 8, DIGITS),
        alnum(15, 24)
    )
}

pub(super) fn webhook_url_lookalike() -> String {
    format!("https://hooks.slack.com/{}/T00000000/B00000000/{}", "services", "X".repeat(24))
}

pub(super) fn private_key() -> String {
    let line = |seed| alnum(seed, 64);
    format!("-----BEGIN {0} KEY-----\n{1}\n{2}\n-----END {0} KEY-----", "PRIVATE", line(16), line(17))
}

pub(super) fn private_key_lookalike() -> String {
    format!("-----BEGIN {0} KEY-----\n{1}\n-----END {0} KEY-----", "PUBLIC", alnum(18, 64))
}

pub(super) fn age_key() -> String {
    format!("AGE-{}-KEY-1{}", "SECRET", noise(19, 58, BECH32))
}

pub(super) fn age_key_lookalike() -> String {
    format!("age1{}", noise(20, 58, BECH32).to_lowercase())
}

pub(super) fn database_url() -> String {
    format!("postgres://seqn:{}@db.internal:5432/seqn", alnum(21, 20))
}

pub(super) fn database_url_lookalike() -> String {
    "postgres://user:password@host:5432/name".to_owned()
}

pub(super) fn session_cookie() -> String {
    format!("Cookie: authentik_{}={}", "session", alnum(22, 48))
}

pub(super) fn session_cookie_lookalike() -> String {
    format!("the cookie authentik_{}=<value> is set by the login flow", "session")
}

pub(super) fn client_secret() -> String {
    format!("OIDC_CLIENT_{}={}", "SECRET", alnum(23, 128))
}

pub(super) fn client_secret_lookalike() -> String {
    format!("OIDC_CLIENT_{}=your-client-secret-goes-here", "SECRET")
}

pub(super) fn authentik_token() -> String {
    format!("AUTHENTIK_API_{}={}", "TOKEN", alnum(24, 60))
}

pub(super) fn authentik_token_lookalike() -> String {
    format!("AUTHENTIK_API_{}: rotated by the platform team", "TOKEN")
}

pub(super) fn session_secret() -> String {
    format!("SESSION_{}='{}'", "SECRET", alnum(25, 40))
}

pub(super) fn session_secret_lookalike() -> String {
    format!("SESSION_{} must have at least 32 random characters", "SECRET")
}

pub(super) fn database_password() -> String {
    format!("AUTHENTIK_PG_{}={}", "PASS", alnum(26, 24))
}

pub(super) fn database_password_lookalike() -> String {
    format!("AUTHENTIK_PG_{}=${{PG_PASS:?database password required}}", "PASS")
}

pub(super) fn unused_test_key() -> String {
    format!("sk_{}_{}", "test", alnum(27, 32))
}

pub(super) fn test_key_lookalike() -> String {
    format!("sk_{}_your_test_key_here", "test")
}

pub(super) fn paging_token() -> String {
    format!("PagerDuty u{}{}", "+", alnum(28, 18))
}

pub(super) fn paging_token_lookalike() -> String {
    format!("U+200B, U+1F600 and menu+{}", alnum(29, 18))
}

pub(super) fn routing_key() -> String {
    format!("\"routing_{}\": \"{}", "key", noise(32, 32, HEX))
}

pub(super) fn routing_key_lookalike() -> String {
    format!("the routing_key of incident {} is in the vault", noise(33, 40, HEX))
}

pub(super) fn password() -> String {
    format!("pass{}: {}", "word", alnum(34, 16))
}

pub(super) fn password_lookalike() -> String {
    format!("pass{}: String, // at least 8Characters", "word")
}

pub(super) fn assigned_credential() -> String {
    format!("ACCESS_{}={}", "TOKEN", alnum(35, 40))
}

pub(super) fn assigned_credential_lookalike() -> String {
    format!("ACCESS_{}=pk_live_{}", "TOKEN", alnum(36, 32))
}

pub(super) fn curl_user() -> String {
    format!("curl -s {} admin:{}", "-u", alnum(37, 16))
}

pub(super) fn curl_user_lookalike() -> String {
    format!("curl {} admin:$PASSWORD https://acme.example/a:b", "-u")
}
