//! Signing in at Authentik: the authorization code flow with PKCE of a confidential client.
//!
//! Invariants: the endpoints are the issuer's own (`oidc`); the ID token is taken only out of the answer of the token
//! endpoint over a checked TLS connection, which stands for its signature (OpenID Connect Core 3.1.3.7, point 6); no token
//! and no code outlives the call.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::guard::{Guard, Secret};
use crate::model::{IdentityId, Millis};
use crate::ports::{Clock, Fault, Login, LoginAsk, NoLogin, PortError};

use super::base::{BadConfig, Base};
use super::http::{Ask, Credential, Deadlines, Wire};
use super::oidc::{self, OidcTrouble};

/// How far the provider's clock may be off, in seconds.
const SKEW_S: i64 = 60;
/// Where the browser comes back to, below our public address.
pub const CALLBACK: &str = "/login/callback";
/// Where a sign-in begins, below our public address.
pub const BEGINS: &str = "/login";
/// What is wrong with a `sub` that is no uuid.
const SUB_MODE: &str = "The ID token does not name the person by the uuid. In the provider at Authentik, set Subject mode to \
     \"Based on the User's UUID\".";

/// How we are known to the provider.
#[derive(Clone)]
pub struct LoginConfig {
    /// The issuer, as it calls itself.
    pub issuer: Url,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there.
    pub client_secret: Secret,
    /// Where people's browsers reach us.
    pub public: Url,
}

/// The provider, over HTTP.
pub struct OidcLogin {
    wire: Wire,
    issuer: Base,
    public: Base,
    client_id: String,
    credential: Credential,
    clock: Arc<dyn Clock>,
}

/// What of the token endpoint's answer is read.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// What of an ID token is read.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    nonce: Option<String>,
    azp: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl OidcLogin {
    /// The provider of that configuration.
    ///
    /// # Errors
    /// When an address or the credential cannot be used.
    pub fn new(
        config: &LoginConfig,
        guard: &Guard,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BadConfig> {
        let issuer = Base::new("identity.login.issuer", &config.issuer)?;
        let public = Base::new("identity.login.public_url", &config.public)?;
        // RFC 6749, 2.3.1: both parts are encoded as in a form before they are joined.
        let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", part(&config.client_id), part(config.client_secret.expose()));
        let credential = Credential::scheme("Basic", &Secret::new(STANDARD.encode(pair)))?;
        let wire = Wire::new("authentik", guard.clone(), deadlines, issuer.is_loopback())?;
        Ok(Self { wire, issuer, public, client_id: config.client_id.clone(), credential, clock })
    }

    fn redirect(&self) -> String {
        self.public.at(CALLBACK).to_string()
    }

    fn wrong(&self, says: impl Into<String>) -> NoLogin {
        NoLogin::Wrong(self.wire.clean(&says.into()))
    }

    async fn endpoints(&self) -> Result<(Url, Url), NoLogin> {
        oidc::sign_in_endpoints(&self.wire, &self.issuer).await.map_err(|trouble| match trouble {
            OidcTrouble::Unasked(error) => NoLogin::Unasked(error),
            OidcTrouble::Wrong(says) => self.wrong(says),
        })
    }
}

#[async_trait]
impl Login for OidcLogin {
    fn begins_at(&self, state: &str) -> String {
        let mut url = self.public.at(BEGINS);
        url.query_pairs_mut().append_pair("state", state);
        url.to_string()
    }

    async fn authorize(&self, ask: &LoginAsk) -> Result<String, NoLogin> {
        let (mut url, _) = self.endpoints().await?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, ask.verifier.expose().as_bytes()));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect())
            .append_pair("scope", "openid")
            .append_pair("state", &ask.state)
            .append_pair("nonce", &ask.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            // Whoever sits at an open browser is asked who they are.
            .append_pair("prompt", "login");
        Ok(url.to_string())
    }

    async fn who(&self, code: &str, ask: &LoginAsk) -> Result<IdentityId, NoLogin> {
        let (_, url) = self.endpoints().await?;
        let redirect = self.redirect();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", ask.verifier.expose()),
        ];
        let request = Ask::form(url, &form).credential(&self.credential);
        let answer = self.wire.exchange_shown(request, claims).await.map_err(NoLogin::Unasked)?;
        let claims = answer.map_err(|answer| refusal(self, &answer))?;
        let now = self.clock.now();
        judge(&claims, self.issuer.url().as_str(), &self.client_id, &ask.nonce, now).map_err(|says| self.wrong(says))
    }
}

/// Why the token endpoint gave none.
fn refusal(login: &OidcLogin, answer: &super::answer::Answer) -> NoLogin {
    match answer.error() {
        // RFC 6749, 5.2: the client's own credential, or the code.
        PortError { fault: Fault::Unauthorized, .. } => {
            login.wrong("Authentik does not accept the client id and secret of [identity.login].")
        }
        error => NoLogin::Unasked(error),
    }
}

/// The claims of the ID token in a token endpoint's answer.
fn claims(body: &[u8]) -> Option<Claims> {
    let tokens: Tokens = serde_json::from_slice(body).ok()?;
    let payload = tokens.id_token.split('.').nth(1)?;
    let payload = Secret::new(String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?);
    serde_json::from_str(payload.expose()).ok()
}

/// Whether those claims are about this sign-in (OpenID Connect Core 3.1.3.7), and who it was.
fn judge(claims: &Claims, issuer: &str, client: &str, nonce: &str, now: Millis) -> Result<IdentityId, String> {
    let (ours, several) = match &claims.aud {
        Audience::One(one) => (one == client, false),
        Audience::Several(all) => (all.iter().any(|one| one == client), all.len() > 1),
    };
    // Seconds since 1970 fit a float exactly.
    #[allow(clippy::cast_precision_loss)]
    let late = claims.exp + SKEW_S as f64 <= (now.0 / 1_000) as f64;
    let azp = claims.azp.as_deref();
    let wrong = [
        (claims.iss != issuer, "The ID token is of another issuer."),
        (!ours, "The ID token is for somebody else."),
        (several && azp.is_none() || azp.is_some_and(|azp| azp != client), "The ID token was given to somebody else."),
        (late || claims.exp.is_nan(), "The ID token has run out."),
        (claims.nonce.as_deref() != Some(nonce), "The ID token is of another sign-in."),
    ];
    if let Some((_, says)) = wrong.iter().find(|(is, _)| *is) {
        return Err((*says).to_owned());
    }
    claims.sub.parse().map_err(|_| SUB_MODE.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const WHO: &str = "00000000-0000-4000-8000-00000000000b";

    fn token(claims: &Value) -> String {
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(claims.to_string()), "c2ln")
    }

    fn judged(change: &[(&str, Value)]) -> Result<IdentityId, String> {
        let mut of =
            json!({"iss": "https://auth.example/o/bot/", "sub": WHO, "aud": "bot", "exp": 1_000, "nonce": "n"});
        for (name, value) in change {
            of[*name] = value.clone();
        }
        let body = json!({"access_token": "a", "token_type": "Bearer", "id_token": token(&of)}).to_string();
        let claims = claims(body.as_bytes()).ok_or("unreadable")?;
        judge(&claims, "https://auth.example/o/bot/", "bot", "n", Millis(1_000_000))
    }

    #[test]
    fn only_a_token_of_this_sign_in_says_who_it_was() {
        let who: IdentityId = WHO.parse().expect("a uuid");
        for fine in [
            vec![],
            vec![("aud", json!(["bot"]))],
            vec![("aud", json!(["other", "bot"])), ("azp", json!("bot"))],
            vec![("exp", json!(941))],
        ] {
            assert_eq!(judged(&fine), Ok(who.clone()), "{fine:?}");
        }
        for (change, says) in [
            (vec![("iss", json!("https://auth.example/o/bot"))], "another issuer"),
            (vec![("aud", json!("other"))], "for somebody else"),
            (vec![("aud", json!([]))], "for somebody else"),
            (vec![("aud", json!(["other", "bot"]))], "given to somebody else"),
            (vec![("azp", json!("other"))], "given to somebody else"),
            (vec![("exp", json!(940))], "has run out"),
            (vec![("nonce", json!("m"))], "another sign-in"),
            (vec![("nonce", json!(null))], "another sign-in"),
            (vec![("sub", json!("eve"))], "User's UUID"),
            (vec![("sub", json!(7))], "unreadable"),
        ] {
            let no = judged(&change).expect_err("refused");
            assert!(no.contains(says), "{change:?}: {no}");
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        for body in ["", "{}", r#"{"id_token": ""}"#, r#"{"id_token": "a.!.c"}"#, r#"{"id_token": "a.e30.c"}"#] {
            assert!(claims(body.as_bytes()).is_none(), "{body}");
        }
    }
}
