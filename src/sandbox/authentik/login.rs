//! Signing in at the emulator: authorize and token endpoints of the authorization code flow with PKCE.
//!
//! A browser says in a header who sits before it; there is no page. Invariant: a code is redeemed once, by the client, the
//! address and the verifier that it was made for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::oidc::LOGIN_SLUG;
use crate::sandbox::world::World;
use crate::sandbox::world::door::{Answer, Ask};
use crate::sandbox::world::mint;

/// The header in which a story's browser says who signs in.
pub(crate) const SIGNS_IN: &str = "x-signs-in";
/// How long an ID token lives, in seconds.
const TOKEN_S: i64 = 600;

/// What a code was made for.
#[derive(Debug)]
struct Code {
    redirect: String,
    challenge: String,
    nonce: String,
    who: String,
}

/// The codes that were not redeemed yet.
#[derive(Debug, Default)]
pub(super) struct Codes(Mutex<BTreeMap<String, Code>>);

impl Codes {
    /// The browser is sent back with a code, or with the error where nobody signs in.
    pub(super) fn authorize(&self, ask: &Ask, world: &World) -> Answer {
        let param = |name: &str| ask.param(name).unwrap_or_default().to_owned();
        let asked = [("response_type", "code"), ("client_id", LOGIN_SLUG), ("code_challenge_method", "S256")];
        let fits = asked.iter().all(|(name, value)| param(name) == *value) && param("scope").contains("openid");
        let Ok(mut back) = param("redirect_uri").parse::<Url>() else { return refused(400, "invalid_request") };
        if !fits || param("code_challenge").len() != 43 {
            return refused(400, "invalid_request");
        }
        let state = param("state");
        let name = ask.seen.header(SIGNS_IN).unwrap_or_default();
        let pk = world.lock().identities.iter().find(|one| one.username == name && one.active).map(|one| one.pk);
        let (what, value) = match pk {
            None => ("error", "access_denied".to_owned()),
            Some(pk) => {
                let code = mint::hex_digest(&format!("code:{state}"));
                let (redirect, challenge, nonce) = (param("redirect_uri"), param("code_challenge"), param("nonce"));
                let made = Code { redirect, challenge, nonce, who: World::user_uuid(pk) };
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), made);
                ("code", code)
            }
        };
        back.query_pairs_mut().append_pair(what, &value).append_pair("state", &state);
        Answer::bare(302).with("location", back.to_string())
    }

    /// The tokens of a code.
    pub(super) fn redeem(&self, ask: &Ask, issuer: &str, secret: &str, now_ms: i64) -> Answer {
        let basic = STANDARD.encode(format!("{LOGIN_SLUG}:{secret}"));
        if ask.seen.header("authorization") != Some(format!("Basic {basic}").as_str()) {
            return refused(401, "invalid_client");
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(ask.seen.body.as_bytes()).into_owned().collect();
        let part = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(part("code"));
        let proves = |made: &Code| {
            let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, part("code_verifier").as_bytes()));
            part("grant_type") == "authorization_code"
                && part("redirect_uri") == made.redirect
                && challenge == made.challenge
        };
        let Some(made) = made.filter(proves) else { return refused(400, "invalid_grant") };
        let claims = json!({
            "iss": issuer,
            "sub": made.who,
            "aud": LOGIN_SLUG,
            "exp": now_ms / 1_000 + TOKEN_S,
            "iat": now_ms / 1_000,
            "nonce": made.nonce,
        });
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let header = json!({"alg": "ES256", "typ": "JWT"}).to_string();
        // The signature is of no key: whoever takes a token from here trusts the connection.
        let token = format!("{}.{}.{}", part(header), part(claims.to_string()), part(mint::hex_digest(&made.who)));
        let access = mint::hex_digest(&format!("access:{}", made.nonce));
        let body = json!({"access_token": access, "token_type": "Bearer", "expires_in": TOKEN_S, "id_token": token});
        Answer::json(200, &body)
    }
}

fn refused(status: u16, error: &str) -> Answer {
    Answer::json(status, &json!({ "error": error }))
}
