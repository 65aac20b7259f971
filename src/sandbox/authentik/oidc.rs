//! The OIDC provider `silver-auth`, as far as anybody may read it: discovery and the key set.
//!
//! Signing in is `login`. Invariant: the issuer is this emulator's own address, unless a story bends it.

use serde_json::json;

use super::{Knobs, not_found};
use crate::sandbox::world::door::{Answer, Ask};
use crate::sandbox::world::mint;

/// The slug of the application and its client id.
pub(super) const SLUG: &str = "silver-auth";
/// The slug of the application in which the bot's own staff sign in.
pub(super) const LOGIN_SLUG: &str = "seqn-chatops";
/// The coordinates of a public P-256 key. Its private half was thrown away.
const KEY_X: &str = "hHGeStzUva2YkOhkxopL-OQKntBdNa76TnrZlW_gF5k";
const KEY_Y: &str = "cmiRNDsWKd07CvtUSjv52k0EQdzr2czxt6QJudvCjGg";

/// The issuer that an emulator at `base` has.
pub(super) fn issuer(base: &str, slug: &str) -> String {
    format!("{base}/application/o/{slug}/")
}

pub(super) fn answer(base: &str, ask: &Ask, slug: &str, rest: &[&str], knobs: Knobs) -> Answer {
    if ![SLUG, LOGIN_SLUG].contains(&slug) || !ask.is("GET") {
        return not_found("Not found.");
    }
    match rest {
        [".well-known", "openid-configuration"] => discovery(base, slug, knobs),
        ["jwks"] => keys(knobs),
        _ => not_found("Not found."),
    }
}

fn discovery(base: &str, slug: &str, knobs: Knobs) -> Answer {
    let own = issuer(base, slug);
    let issuer =
        if knobs.issuer_wrong { format!("https://elsewhere.example/application/o/{SLUG}/") } else { own.clone() };
    Answer::json(
        200,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/application/o/authorize/"),
            "token_endpoint": format!("{base}/application/o/token/"),
            "userinfo_endpoint": format!("{base}/application/o/userinfo/"),
            "end_session_endpoint": format!("{own}end-session/"),
            "introspection_endpoint": format!("{base}/application/o/introspect/"),
            "revocation_endpoint": format!("{base}/application/o/revoke/"),
            "device_authorization_endpoint": format!("{base}/application/o/device/"),
            "jwks_uri": format!("{own}jwks/"),
            "response_types_supported": ["code", "id_token", "id_token token", "code token", "code id_token"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "acr_values_supported": ["goauthentik.io/providers/oauth2/default"],
            "scopes_supported": ["openid", "email", "profile", "offline_access"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "email", "name"],
            "code_challenge_methods_supported": ["plain", "S256"],
        }),
    )
}

fn keys(knobs: Knobs) -> Answer {
    let key = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": KEY_X,
        "y": KEY_Y,
        "alg": "ES256",
        "use": "sig",
        "kid": mint::hex_digest("signing-key").get(..32),
    });
    let keys = if knobs.no_keys { Vec::new() } else { vec![key] };
    Answer::json(200, &json!({ "keys": keys }))
}
