//! OIDC discovery: whether the issuer says of itself what it must, and has a key to sign with.
//!
//! No token is read or checked. Invariant: nothing outside the configured issuer's own origin is ever fetched. An address
//! out of an answer is judged as a customer's is (`reach`), and one that is elsewhere is named and left alone.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::ports::{PortError, Unfit};

use super::base::{Base, secure};
use super::http::{Ask, Wire};
use super::reach::target;

/// Key types that can sign for the public, and the fields without which they cannot.
const SIGNING_KEYS: [(&str, &[&str]); 3] = [("RSA", &["n", "e"]), ("EC", &["crv", "x", "y"]), ("OKP", &["crv", "x"])];

/// Why discovery is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcTrouble {
    /// It could not be asked.
    #[error("{0}")]
    Unasked(#[from] PortError),
    /// It says something wrong, in one sentence.
    #[error("{0}")]
    Wrong(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Discovery {
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    jwks_uri: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeySet {
    keys: Option<Vec<Value>>,
}

/// Reads discovery and the keys of an issuer. Gives the number of usable signing keys, at least one.
///
/// # Errors
/// When it cannot be asked, or says something wrong.
pub async fn check(wire: &Wire, issuer: &Url) -> Result<usize, OidcTrouble> {
    let base = Base::new("The OIDC issuer", issuer).map_err(|bad| OidcTrouble::Wrong(bad.to_string()))?;
    let discovery = discovered(wire, &base).await?;
    let keys_at = judge_discovery(&discovery, &base)?;
    let keys: KeySet = wire.exchange(Ask::get(keys_at)).await?.json()?;
    judge_keys(&keys)
}

/// Where people sign in at that issuer, and where a code is redeemed.
///
/// # Errors
/// When it cannot be asked, or says something wrong.
pub async fn sign_in_endpoints(wire: &Wire, issuer: &Base) -> Result<(Url, Url), OidcTrouble> {
    let discovery = discovered(wire, issuer).await?;
    judge_discovery(&discovery, issuer)?;
    let own = |name, endpoint: &Option<String>| judge_endpoint(name, endpoint.as_deref().unwrap_or_default(), issuer);
    let at = own("authorization_endpoint", &discovery.authorization_endpoint)?;
    Ok((at, own("token_endpoint", &discovery.token_endpoint)?))
}

async fn discovered(wire: &Wire, issuer: &Base) -> Result<Discovery, OidcTrouble> {
    Ok(wire.exchange(Ask::get(issuer.at("/.well-known/openid-configuration"))).await?.json()?)
}

fn judge_discovery(discovery: &Discovery, base: &Base) -> Result<Url, OidcTrouble> {
    if discovery.issuer.as_deref() != Some(base.url().as_str()) {
        return wrong(format!("The issuer does not call itself {}, character by character.", base.url()));
    }
    let needed =
        [("authorization_endpoint", &discovery.authorization_endpoint), ("token_endpoint", &discovery.token_endpoint)];
    for (name, endpoint) in needed {
        judge_endpoint(name, endpoint.as_deref().unwrap_or_default(), base)?;
    }
    let others = [
        ("userinfo_endpoint", &discovery.userinfo_endpoint),
        ("end_session_endpoint", &discovery.end_session_endpoint),
        ("introspection_endpoint", &discovery.introspection_endpoint),
        ("revocation_endpoint", &discovery.revocation_endpoint),
    ];
    for (name, endpoint) in others {
        if let Some(endpoint) = endpoint {
            judge_endpoint(name, endpoint, base)?;
        }
    }
    judge_endpoint("jwks_uri", discovery.jwks_uri.as_deref().unwrap_or_default(), base)
}

fn judge_endpoint(name: &str, endpoint: &str, base: &Base) -> Result<Url, OidcTrouble> {
    if endpoint.is_empty() {
        return wrong(format!("The discovery document has no {name}."));
    }
    match endpoint.parse::<Url>() {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            wrong(format!("The {name} carries a user name or a password. It was not asked."))
        }
        // What the operator configured may be on this machine; what an answer names is so only with it.
        Ok(url) if secure(&url) && base.same_origin(&url) => Ok(url),
        Ok(_) | Err(_) => wrong(elsewhere(name, endpoint)),
    }
}

/// Why an endpoint of another origin is wrong: what it leads to, where its text says that.
fn elsewhere(name: &str, endpoint: &str) -> String {
    match target(endpoint) {
        Ok(_) | Err(Unfit::Port) => format!("The {name} is on another host than the issuer. It was not asked."),
        Err(Unfit::Range(range)) => format!("The {name} leads to {range}. It was not asked."),
        Err(Unfit::InnerName) => format!("The {name} is a name of somebody's own network. It was not asked."),
        Err(Unfit::NotHttps | Unfit::NoAddress | Unfit::Credentials) => format!("The {name} is no https address."),
    }
}

fn judge_keys(set: &KeySet) -> Result<usize, OidcTrouble> {
    let keys = set.keys.as_deref().unwrap_or_default();
    if keys.is_empty() {
        return wrong("The issuer publishes no keys: the provider has no signing key.".into());
    }
    match keys.iter().filter(|key| can_sign(key)).count() {
        0 => wrong("None of the issuer's keys can be used to check a signature.".into()),
        usable => Ok(usable),
    }
}

fn can_sign(key: &Value) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    let shape = SIGNING_KEYS.iter().find(|(kind, _)| *kind == text("kty"));
    let whole = shape.is_some_and(|(_, fields)| fields.iter().all(|field| !text(field).is_empty()));
    let symmetric = text("alg").starts_with("HS") || text("alg") == "none";
    whole && !symmetric && matches!(text("use"), "" | "sig")
}

fn wrong<T>(sentence: String) -> Result<T, OidcTrouble> {
    Err(OidcTrouble::Wrong(sentence))
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn issuer() -> Base {
        Base::new("issuer", &"https://auth.seqn.in/application/o/silver-auth/".parse().expect("a URL")).expect("a base")
    }

    fn document() -> Value {
        json!({
            "issuer": "https://auth.seqn.in/application/o/silver-auth/",
            "authorization_endpoint": "https://auth.seqn.in/application/o/authorize/",
            "token_endpoint": "https://auth.seqn.in/application/o/token/",
            "jwks_uri": "https://auth.seqn.in/application/o/silver-auth/jwks/",
        })
    }

    fn with(name: &str, value: Value) -> Result<Url, OidcTrouble> {
        let mut document = document();
        document[name] = value;
        judge_discovery(&from_value(document).expect("an object"), &issuer())
    }

    #[test]
    fn discovery_is_exact() {
        let jwks = with("surplus", json!(1)).expect("sound");
        assert_eq!(jwks.path(), "/application/o/silver-auth/jwks/");
        for (name, value) in [
            ("issuer", json!("https://auth.seqn.in/application/o/silver-auth")),
            ("issuer", json!("https://auth.seqn.in/")),
            ("issuer", json!(null)),
            ("token_endpoint", json!(null)),
            ("token_endpoint", json!("http://auth.seqn.in/application/o/token/")),
            ("jwks_uri", json!("https://evil.example/jwks/")),
            ("jwks_uri", json!("https://auth.seqn.in:8443/jwks/")),
            ("jwks_uri", json!("file:///etc/passwd")),
            ("userinfo_endpoint", json!("https://evil.example/")),
        ] {
            assert!(matches!(with(name, value.clone()), Err(OidcTrouble::Wrong(_))), "{name} {value}");
        }
    }

    #[test]
    fn what_an_answer_names_elsewhere_is_called_what_it_is() {
        for (endpoint, says) in [
            ("https://evil.example/jwks/", "on another host than the issuer"),
            ("https://auth.seqn.in:8443/jwks/", "on another host than the issuer"),
            ("https://169.254.169.254/latest/", "where clouds keep their metadata"),
            ("https://[::ffff:10.0.0.7]/jwks/", "an IPv4 address inside an IPv6 one"),
            ("https://[64:ff9b::a00:7]/jwks/", "NAT64"),
            ("https://0x7f.1/jwks/", "the asking machine itself"),
            ("https://100.64.0.1/jwks/", "CGNAT"),
            ("https://redis/jwks/", "somebody's own network"),
            ("https://jo:pw@auth.seqn.in/jwks/", "a user name or a password"),
            ("http://auth.seqn.in/jwks/", "no https address"),
            ("javascript:alert(1)", "no https address"),
        ] {
            let Err(OidcTrouble::Wrong(why)) = with("jwks_uri", json!(endpoint)) else { panic!("{endpoint}") };
            assert!(why.contains(says) && why.starts_with("The jwks_uri "), "{endpoint}: {why}");
        }
    }

    #[test]
    fn there_must_be_a_key_that_can_sign() {
        let judge = |keys: Value| judge_keys(&from_value(keys).expect("an object"));
        let rsa = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "n": "x", "e": "AQAB"});
        assert_eq!(judge(json!({"keys": [rsa, {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]})), Ok(2));
        for bad in [
            json!({}),
            json!({"keys": []}),
            json!({"keys": [{"kty": "oct", "k": "x"}]}),
            json!({"keys": [{"kty": "RSA", "use": "enc", "n": "x", "e": "AQAB"}]}),
            json!({"keys": [{"kty": "RSA", "n": "x"}]}),
            json!({"keys": ["RSA"]}),
        ] {
            assert!(judge(bad.clone()).is_err(), "{bad}");
        }
    }
}
