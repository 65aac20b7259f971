//! Lines without a secret: chat, code, logs, lock files, prose about keys. Many look as if they had one.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{ALNUM, DIGITS, Dice, HEX, UPPER};

/// A kind of text and a generator of its lines.
pub type Text = (&'static str, fn(&mut Dice) -> String);

pub const TEXTS: &[Text] =
    &[("chat", chat), ("code", code), ("logs", logs), ("lock files", locks), ("prose about keys", prose)];

const WORDS: &str = "the team can you look at this customer login again since yesterday our billing page is slow and I \
    think we should roll back to v2.3.1 before lunch maybe Kim knows why SUP-1234 got reopened I'd say it's *fine* but \
    _please_ check don't worry we'll see ok thanks lol @here 10am UTC on 2026-11-24 see doc über straße naïve 東京 ठीक है";

fn sentence(dice: &mut Dice) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let len = dice.range(3, 18);
    (0..len).map(|_| dice.one(&words)).collect::<Vec<_>>().join(" ")
}

fn chat(dice: &mut Dice) -> String {
    let talk = sentence(dice);
    let sha = dice.run(40, HEX);
    match dice.range(0, 22) {
        0..6 => talk,
        6 => format!("{talk} req_{}", dice.run(26, UPPER)),
        7 => format!("commit {sha} {talk}"),
        8 => format!("{talk} https://github.com/acme/web/commit/{sha}"),
        9 => format!("<@U{}> {talk} <#C{}|support>", dice.run(9, UPPER), dice.run(9, UPPER)),
        10 => format!("<@{}> <:ok:{}> {talk}", dice.run(18, DIGITS), dice.run(18, DIGITS)),
        11 => format!("trace {} span {} {talk}", dice.run(32, HEX), dice.run(16, HEX)),
        12 => format!("org=acme user={} session={} ticket=SUP-{}", mail(dice), dice.uuid(), dice.run(4, DIGITS)),
        13 => format!("https://docs.google.com/document/d/{}/edit#gid=0 {talk}", dice.key(44)),
        14 => {
            format!("<https://acme.slack.com/archives/C{}/p{}|thread> {talk}", dice.run(9, UPPER), dice.run(16, DIGITS))
        }
        15 => format!(
            "https://discord.com/channels/{}/{}/{}",
            dice.run(18, DIGITS),
            dice.run(18, DIGITS),
            dice.run(18, DIGITS)
        ),
        16 => format!("call +49 30 {} or {} {talk}", dice.run(7, DIGITS), mail(dice)),
        17 => format!(
            "`{}` ```{talk}```",
            dice.one(&["kubectl get pods -n auth", "cargo test --lib", "git rebase -i main"])
        ),
        18 => format!("https://open.spotify.com/track/{}?si={} {talk}", dice.key(22), dice.key(16)),
        19 => format!("app_{} whk_{} evt_{} usr_{}", dice.key(24), dice.key(24), dice.key(27), dice.key(24)),
        20 => format!("{} {talk} {}", dice.uuid(), dice.run(26, UPPER)),
        _ => format!("https://acme.example/oauth/callback?code={}&state={}", dice.key(43), dice.key(32)),
    }
}

fn mail(dice: &mut Dice) -> String {
    format!("{}.{}{}@acme.example", dice.one(&["jo", "kim", "lee"]), dice.one(&["smith", "rao"]), dice.run(2, DIGITS))
}

fn code(dice: &mut Dice) -> String {
    let sha = dice.run(64, HEX);
    let name =
        dice.one(&["getUserByIdAndOrganization", "resolveSessionTokenFactoryBean2", "HTTPServerRequestV2Handler"]);
    match dice.range(0, 28) {
        0 => format!(
            "const {name} = async (req: Request) => {{ return await db.query(`select * from t where id = $1`); }};"
        ),
        1 => format!("    password: String, // {}", sentence(dice)),
        2 => "let password = std::env::var(\"DB_PASSWORD\")?; let token = config.api_key.clone();".into(),
        3 => format!("if (!key?.startsWith(\"sk_{}_\")) throw new Error(\"want sk_{}_…\");", "live", "live"),
        4 => format!("DATABASE_URL=postgres://user:password@localhost:5432/{}", dice.one(&["app", "web"])),
        5 => format!("expect(sha256(x)).toBe(\"{sha}\");"),
        6 => format!("FROM docker.io/library/rust:1.95@sha256:{sha}"),
        7 => format!("uses: actions/checkout@{} # v4", dice.run(40, HEX)),
        8 => format!(
            "<script src=\"/a.js\" integrity=\"sha384-{}\" crossorigin=\"anonymous\">",
            STANDARD.encode(dice.bytes(48))
        ),
        9 => format!("background: url(data:image/png;base64,iVBORw0KGgo{})", STANDARD.encode(dice.bytes(90))),
        10 => format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} jo@laptop", STANDARD_NO_PAD.encode(dice.bytes(30))),
        11 => format!("arn:aws:iam::{}:role/{name}-{}", dice.run(12, DIGITS), dice.key(12)),
        12 => "password = getpass.getpass('Password: '); assert check_password(user, password1)".into(),
        13 => "#[serde(rename = \"accessToken\")] pub access_token: Option<String>, pub client_secret: Secret,".into(),
        14 => format!(
            "export SESSION_SECRET=\"$(openssl rand -hex 32)\" && export API_KEY=${{API_KEY:?{}}}",
            sentence(dice)
        ),
        15 => format!(
            "path d=\"M{} {}L{} {}C1.5,2.5 3,4z\"",
            dice.run(3, DIGITS),
            dice.run(2, DIGITS),
            dice.run(3, DIGITS),
            dice.run(2, DIGITS)
        ),
        16 => format!("const ID: &str = \"{}\"; // trace", dice.uuid()),
        17 => format!("Authorization: Bearer ${{{}}}", dice.one(&["TOKEN", "SEQN_TOKEN", "secrets.GITHUB_TOKEN"])),
        18 => "curl -u \"$USER:$PASS\" https://acme.example/v1/me -H 'X-Api-Key: <your key>'".into(),
        19 => format!("from {} import {name}, {name}Impl as _Impl2", dice.one(&["a.b.c", "com.example.plugin.loader"])),
        20 => format!(
            "{name}::<HashMap<String, Vec<u8>>>::with_capacity_and_hasher({}, RandomState::new())",
            dice.run(3, DIGITS)
        ),
        21 => format!("#{} 0x{} {}px rgba(1,2,3,.4)", dice.run(6, HEX), dice.run(16, HEX), dice.run(2, DIGITS)),
        22 => format!("const SITE_KEY = \"pk_{}_{}\";", "live", dice.key(32)),
        23 => format!("stripe.api_key = \"sk_{}_{}\"", "test", dice.key(24)),
        24 => format!(
            "//# sourceMappingURL=data:application/json;base64,{}",
            STANDARD.encode(format!("{{\"version\":3,\"file\":\"{name}.js\"}}"))
        ),
        25 => format!("assert_eq!(hash, \"$2b$12${}\");", dice.run(53, ALNUM)),
        26 => format!(
            "id: '{}', cursor: '{}'",
            dice.run(24, HEX),
            URL_SAFE_NO_PAD.encode(format!("{{\"after\":\"{}\"}}", dice.uuid()))
        ),
        _ => format!("secretKeyRef: {{ name: seqn-{}, key: client_secret }}", dice.run(5, HEX)),
    }
}

fn logs(dice: &mut Dice) -> String {
    let time = format!("2026-11-{:02}T09:{:02}:00.123Z", dice.range(1, 29), dice.range(10, 59));
    let id = dice.uuid();
    match dice.range(0, 14) {
        0 => format!("{time} [info] GET /v1/organizations/acme/sessions/{id} 200 {}ms", dice.run(2, DIGITS)),
        1 => format!(
            "{time} trace_id={} span_id={} level=warn msg=\"rate limited\"",
            dice.run(32, HEX),
            dice.run(16, HEX)
        ),
        2 => format!(
            "10.0.{}.{} - - \"POST /auth/token HTTP/1.1\" 401 {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
            dice.range(0, 255),
            dice.range(0, 255),
            dice.run(3, DIGITS)
        ),
        3 => format!(
            "    at org.acme.{}.Factory$$EnhancerBySpringCGLIB$${}.call(Factory.java:{})",
            dice.one(&["auth", "web"]),
            dice.run(8, HEX),
            dice.run(3, DIGITS)
        ),
        4 => {
            format!("{time} {{\"request_id\":\"req_{}\",\"user\":\"{}\",\"ok\":true}}", dice.run(26, UPPER), mail(dice))
        }
        5 => format!(
            "{time} auth-7d9f{}-{} password authentication failed for user \"seqn\"",
            dice.run(6, HEX),
            dice.run(5, "bcdfghjklmnpqrstvwxz2456789")
        ),
        6 => format!("{time} sk_{}_{}… rejected: key revoked", "live", dice.key(8)),
        7 => format!("{time} x-amz-request-id: {} etag: \"{}\"", dice.run(16, UPPER), dice.run(32, HEX)),
        8 => format!("{time} authorization: Bearer [redacted], cookie: [redacted: session cookie]"),
        9 => format!("{time} pulled ghcr.io/acme/auth@sha256:{} in 2.1s", dice.run(64, HEX)),
        10 => format!("{time} SHA256:{} accepted publickey for deploy", STANDARD_NO_PAD.encode(dice.bytes(32))),
        11 => format!("{time} session {id} ended, next=eyJjdXJzb3IiOjF9, cf-ray: {}-FRA", dice.run(16, HEX)),
        12 => format!("{time} postgres://seqn:***@db.internal:5432/seqn connected; redis://cache:6379/0 connected"),
        _ => format!("{time} client_secret: missing; api_key: <none>; password: ********; token=null"),
    }
}

fn locks(dice: &mut Dice) -> String {
    match dice.range(0, 12) {
        0 => format!("      \"integrity\": \"sha512-{}\",", STANDARD.encode(dice.bytes(64))),
        1 => format!("checksum = \"{}\"", dice.run(64, HEX)),
        2 => format!("  resolved \"https://registry.example/a/-/a-1.2.3.tgz#{}\"", dice.run(40, HEX)),
        3 => format!("  integrity sha512-{}", STANDARD.encode(dice.bytes(64))),
        4 => format!("github.com/acme/web v1.2.3 h1:{}", STANDARD.encode(dice.bytes(32))),
        5 => format!("github.com/acme/web v1.2.3/go.mod h1:{}", STANDARD.encode(dice.bytes(32))),
        6 => format!("    --hash=sha256:{} \\", dice.run(64, HEX)),
        7 => format!("    {{file = \"a-1.0-py3-none-any.whl\", hash = \"sha256:{}\"}},", dice.run(64, HEX)),
        8 => format!("    sha256 = \"{}\";", dice.run(52, "0123456789abcdfghijklmnpqrsvwxyz")),
        9 => format!("      narHash = \"sha256-{}\";", STANDARD.encode(dice.bytes(32))),
        10 => format!("  SPEC CHECKSUMS: Acme: {}", dice.run(40, HEX)),
        _ => format!("oid sha256:{} size {}", dice.run(64, HEX), dice.run(6, DIGITS)),
    }
}

fn prose(dice: &mut Dice) -> String {
    let (sk, rk, wh) = (format!("sk_{}_", "live"), format!("rk_{}_", "live"), format!("wh{}_", "sec"));
    let shown = dice.key(8);
    match dice.range(0, 18) {
        0 => format!("Project keys start with {sk}, restricted ones with {rk}, webhook secrets with {wh}."),
        1 => format!("The prefix is {sk}{shown}, is that the one in production?"),
        2 => format!("which key? {sk}{shown}… or {sk}{}…", dice.key(8)),
        3 => format!("Set SEQN_SECRET_KEY={sk}your_secret_key_here and {wh}your_webhook_secret"),
        4 => format!("{sk}xxxxxxxxxxxxxxxxxxxxxxxx is a placeholder, {sk}1234567890abcdef too"),
        5 => format!("{sk}{shown}…[redacted] was removed from #support"),
        6 => format!("rotate {sk}{shown} before Friday, then {wh}{}", dice.key(8)),
        7 => "never paste a client secret, an Authentik token, a session cookie or a database password here".into(),
        8 => "the Authorization header is `Bearer <token>`, basic auth is `Basic base64(user:password)`".into(),
        9 => "-----BEGIN PRIVATE KEY----- must never be posted, -----BEGIN PUBLIC KEY----- may".into(),
        10 => "password: at least 12 characters; api key: in the console; client secret: shown once".into(),
        11 => format!("public keys such as pk_{}_{} are fine", "live", dice.key(24)),
        12 => "postgres://USER:PASSWORD@HOST:5432/DB is the form, e.g. postgres://app:<password>@db/app".into(),
        13 => format!("xox{}-your-token goes to SLACK_BOT_TOKEN, xa{}-... to SLACK_APP_TOKEN", "b", "pp"),
        14 => "AGE-SECRET-KEY-1... is an identity, age1... a recipient; eyJ... is how a JWT begins".into(),
        15 => format!("the authentik session of {} ended, the authentik user id is {}", mail(dice), dice.uuid()),
        16 => {
            format!("the opsgenie alert {} and the pagerduty incident Q{} are open", dice.uuid(), dice.run(13, UPPER))
        }
        _ => format!("the routing key and the integration key are in the vault, see {}", dice.uuid()),
    }
}
