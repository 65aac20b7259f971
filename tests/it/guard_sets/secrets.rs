//! One generator for each kind of secret, as it stands in a message.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{DIGITS, Dice, HEX};

/// A secret and the words without which nobody could tell it from another run.
pub struct Planted {
    /// The words and the secret.
    pub text: String,
    /// The secret alone, as it stands in the text.
    pub secret: String,
}

/// A kind of secret.
pub struct Kind {
    pub name: &'static str,
    /// One of the two that the mission names, or their sister: nothing of them may be missed.
    pub own: bool,
    /// Whether a piece of it can be told from a word, so that it is found when it is split over messages.
    pub splits: bool,
    pub make: fn(&mut Dice) -> Planted,
}

const fn kind(name: &'static str, make: fn(&mut Dice) -> Planted) -> Kind {
    Kind { name, own: false, splits: true, make }
}

const fn own(name: &'static str, make: fn(&mut Dice) -> Planted) -> Kind {
    Kind { name, own: true, splits: true, make }
}

/// A password that a person has chosen has no shape by which its rest could be known in another message.
const fn whole(name: &'static str, make: fn(&mut Dice) -> Planted) -> Kind {
    Kind { name, own: false, splits: false, make }
}

/// Every row of the specification's table.
pub const KINDS: &[Kind] = &[
    own("project key, 24", |dice| named("sk", dice.key(24))),
    own("project key, 32", |dice| named("sk", dice.key(32))),
    own("project key, 99", |dice| named("sk", dice.key(99))),
    own("project key, hex", |dice| named("sk", dice.run(32, HEX))),
    own("restricted key", |dice| named("rk", dice.key(99))),
    own("webhook secret, base64", |dice| {
        let len = dice.range(24, 65);
        let body = STANDARD.encode(dice.bytes(len));
        prefixed("whsec", body)
    }),
    own("webhook secret, 32", |dice| prefixed("whsec", dice.key(32))),
    own("webhook secret, 64", |dice| prefixed("whsec", dice.key(64))),
    kind("OIDC client secret", |dice| after("OIDC_CLIENT_SECRET=", dice.key(128))),
    kind("client secret in a sentence", |dice| after("the new client secret for acme is ", dice.key(128))),
    kind("Authentik token", |dice| after("AUTHENTIK_API_TOKEN=", dice.key(60))),
    kind("Authentik token in a sentence", |dice| after("use this authentik token: ", dice.key(60))),
    kind("Authentik cookie", |dice| after("Cookie: authentik_session=", dice.key(48))),
    kind("session cookie", |dice| after("Set-Cookie: seqn_session=", dice.key(43))),
    kind("JWT", jwt),
    kind("JWT after Bearer", |dice| after("Authorization: Bearer ", jwt(dice).secret)),
    kind("Slack bot token", |dice| slack(dice, "b")),
    kind("Slack user token", |dice| slack(dice, "p")),
    kind("Slack configuration token", |dice| {
        let body = dice.key(140);
        after(concat!("xox", "e."), format!("xox{}-1-{body}", "p"))
    }),
    kind("Slack client token", |dice| slack(dice, "c")),
    kind("Slack cookie", |dice| alone(format!("xox{}-{}%2B{}%3D", "d", dice.key(40), dice.key(30)))),
    kind("Slack app token", |dice| {
        let (app, digits) = (dice.run(10, super::UPPER), dice.run(13, DIGITS));
        alone(format!("xa{}-1-A{app}-{digits}-{}", "pp", dice.run(64, HEX)))
    }),
    kind("Slack webhook", |dice| slack_hook(dice, "services")),
    kind("Slack workflow", |dice| slack_hook(dice, "workflows")),
    kind("Slack trigger", |dice| slack_hook(dice, "triggers")),
    kind("Discord bot token", |dice| {
        let id = STANDARD_NO_PAD.encode(dice.run(18, DIGITS));
        alone(format!("{id}.{}.{}", dice.key(6), dice.key(38)))
    }),
    kind("Discord webhook", |dice| {
        let path = format!("{}/{}", dice.run(18, DIGITS), dice.key(68));
        Planted { text: format!("https://discord.com/api/{}/{path}", "webhooks"), secret: path }
    }),
    kind("PagerDuty token", |dice| alone(format!("u{}{}", "+", dice.key(18)))),
    kind("PagerDuty routing key", |dice| after("routing_key: ", dice.run(32, HEX))),
    kind("Opsgenie key", |dice| after("Authorization: GenieKey ", dice.uuid())),
    kind("Opsgenie key by name", |dice| after("OPSGENIE_API_KEY=", dice.uuid())),
    whole("database address", |dice| url(dice, "postgres")),
    whole("cache address", |dice| url(dice, "rediss")),
    whole("DSN", |dice| {
        let secret = dice.key(16);
        Planted { text: format!("seqn:{secret}@tcp(10.0.0.4:3306)/seqn"), secret }
    }),
    whole("key-value DSN", |dice| {
        let secret = dice.key(18);
        Planted { text: format!("host=db.internal user=seqn password={secret} dbname=seqn"), secret }
    }),
    whole("database password", |dice| after("POSTGRES_PASSWORD=", dice.key(20))),
    whole("password in a sentence", |dice| after("the password: ", dice.key(14))),
    kind("RSA key", |dice| pem(dice, "RSA PRIVATE KEY", true)),
    kind("OpenSSH key", |dice| pem(dice, "OPENSSH PRIVATE KEY", true)),
    kind("PGP key", |dice| pem(dice, "PGP PRIVATE KEY BLOCK", true)),
    kind("key cut off", |dice| pem(dice, "PRIVATE KEY", false)),
    kind("age identity", |dice| {
        let body = dice.run(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L");
        alone(format!("AGE-{}-KEY-1{body}", "SECRET"))
    }),
    kind("bearer token", |dice| after("Authorization: Bearer ", dice.key(40))),
    whole("basic header", |dice| {
        let pair = format!("admin:{}", dice.key(16));
        after("Authorization: Basic ", STANDARD.encode(pair))
    }),
    whole("curl's user", |dice| after("curl -u admin:", dice.key(16))),
    kind("API key by name", |dice| after("api_key: ", dice.key(40))),
];

fn alone(secret: String) -> Planted {
    Planted { text: secret.clone(), secret }
}

fn prefixed(prefix: &str, body: String) -> Planted {
    alone(format!("{prefix}_{body}"))
}

fn named(kind: &str, body: String) -> Planted {
    alone(format!("{kind}_{}_{body}", "live"))
}

fn after(words: &str, secret: String) -> Planted {
    Planted { text: format!("{words}{secret}"), secret }
}

fn jwt(dice: &mut Dice) -> Planted {
    let claims = format!(r#"{{"sub":"{}","iat":{}}}"#, dice.uuid(), dice.run(10, DIGITS));
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    alone(format!("{}.{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(&claims), dice.key(86)))
}

fn slack(dice: &mut Dice, kind: &str) -> Planted {
    let (team, bot) = (dice.run(12, DIGITS), dice.run(13, DIGITS));
    alone(format!("xox{kind}-{team}-{bot}-{}", dice.key(24)))
}

fn slack_hook(dice: &mut Dice, kind: &str) -> Planted {
    let secret = format!("T{}/B{}/{}", dice.run(8, super::UPPER), dice.run(10, super::UPPER), dice.key(24));
    Planted { text: format!("https://hooks.slack.com/{kind}/{secret}"), secret }
}

fn url(dice: &mut Dice, scheme: &str) -> Planted {
    let secret = dice.key(20);
    Planted { text: format!("{scheme}://seqn:{secret}@db.internal:5432/seqn"), secret }
}

fn pem(dice: &mut Dice, label: &str, ended: bool) -> Planted {
    let lines: Vec<String> = (0..12).map(|_| dice.key(64)).collect();
    let end = if ended { format!("\n-----END {label}-----") } else { String::new() };
    let text = format!("-----BEGIN {label}-----\n{}{end}", lines.join("\n"));
    Planted { text, secret: lines[11].clone() }
}
