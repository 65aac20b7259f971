//! The prober against a made-up outside: names with any address, one door on loopback, certificates made here and now.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::ports::Unfit;

const DAY_MS: i64 = 86_400_000;
/// 2026-11-02T09:00:00Z
const NOW_MS: i64 = 1_793_610_000_000;

struct Dial(AtomicI64);

impl Clock for Dial {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer() -> Issuer {
    named_issuer("Ours")
}

fn named_issuer(name: &str) -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an issuer")
}

/// A certificate for that name, good from and until so many days from now.
fn certified(issuer: &Issuer, name: &str, from: i64, until: i64) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let day = |days: i64| OffsetDateTime::from_unix_timestamp((NOW_MS + days * DAY_MS) / 1_000).expect("a time");
    (params.not_before, params.not_after) = (day(from), day(until));
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).expect("a pair"))
}

/// What stands behind the door.
#[derive(Clone)]
enum Behind {
    /// It speaks TLS with that certificate, and says that.
    Tls(Arc<ServerConfig>, &'static str),
    /// It says that at once, without TLS.
    Plain(&'static str),
    /// It takes connections and says nothing.
    Mute,
}

/// An outside of one door, at which it is counted who comes and what is asked.
struct World {
    names: BTreeMap<&'static str, Vec<&'static str>>,
    door: SocketAddr,
    trusted: Vec<u8>,
    resolved: AtomicUsize,
    through: Mutex<Vec<SocketAddr>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl World {
    async fn with(issuer: &Issuer, behind: Behind, names: &[(&'static str, &[&'static str])]) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let world = Self {
            names: names.iter().map(|(name, addresses)| (*name, addresses.to_vec())).collect(),
            door: listener.local_addr().expect("bound"),
            trusted: issuer.der().to_vec(),
            resolved: AtomicUsize::new(0),
            through: Mutex::default(),
            heard: Arc::clone(&heard),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behind.clone(), Arc::clone(&heard)));
            }
        });
        Arc::new(world)
    }

    fn connections(&self) -> usize {
        self.through.lock().expect("nobody panics with it").len()
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics with it").clone()
    }
}

async fn serve(mut stream: TcpStream, behind: Behind, heard: Arc<Mutex<Vec<String>>>) {
    let hears = |bytes: &[u8]| {
        heard.lock().expect("nobody panics with it").push(String::from_utf8_lossy(bytes).into_owned());
    };
    let mut request = [0; 4_096];
    match behind {
        Behind::Tls(config, says) => {
            let Ok(mut inside) = TlsAcceptor::from(config).accept(stream).await else { return };
            let length = inside.read(&mut request).await.unwrap_or(0);
            hears(&request[..length]);
            // An answer without an end: whoever reads it all is never done.
            while inside.write_all(says.as_bytes()).await.is_ok() && !says.is_empty() {}
            // Where it says nothing, it waits for the other side to go.
            drop(inside.read(&mut request).await);
        }
        Behind::Plain(says) => drop(stream.write_all(says.as_bytes()).await),
        Behind::Mute => while stream.read(&mut request).await.is_ok_and(|read| read > 0) {},
    }
}

#[async_trait]
impl Outside for World {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let times = self.resolved.fetch_add(1, Ordering::SeqCst);
        let listed = self.names.get(host).ok_or(io::ErrorKind::NotFound)?;
        // What it says to whoever asks again stands after THEN.
        let turns: Vec<&[&str]> = listed.split(|text| *text == THEN).collect();
        let turn = turns.get(times).or(turns.last()).copied().unwrap_or_default();
        Ok(turn.iter().map(|text| text.parse().expect("an address")).collect())
    }

    fn door(&self, judged: SocketAddr) -> SocketAddr {
        self.through.lock().expect("nobody panics with it").push(judged);
        self.door
    }

    fn issuers(&self) -> Option<Vec<Vec<u8>>> {
        Some(vec![self.trusted.clone()])
    }
}

fn reacher(world: &Arc<World>) -> (Reacher, Arc<Dial>) {
    let dial = Arc::new(Dial(AtomicI64::new(NOW_MS)));
    let wait = Patience { answer: Duration::from_millis(200), ..Patience::default() };
    let reacher = Reacher::new(Arc::clone(world) as _, Arc::clone(&dial) as _, wait).expect("TLS");
    (reacher, dial)
}

/// Parts what a name says at first from what it says afterwards.
const THEN: &str = "then";
const HOST: &str = "hooks.acme.example";
const URL: &str = "https://hooks.acme.example/seqn?k=v";

/// What is found of `HOST` behind that certificate.
async fn found(issuer: &Issuer, behind: Behind) -> (Reached, Arc<World>) {
    let world = World::with(issuer, behind, &[(HOST, &["1.1.1.1"])]).await;
    (reacher(&world).0.reach(URL).await.found, world)
}

#[tokio::test]
async fn a_receiver_is_asked_with_head_and_only_its_first_line_is_read() {
    let ours = issuer();
    let good = certified(&ours, HOST, -1, 40);
    let (found, world) = found(&ours, Behind::Tls(good, "HTTP/1.1 405 Method Not Allowed\r\n\r\nbody")).await;
    assert_eq!(found, Reached::Answered { status: 405, days: Some(40) });
    assert_eq!(*world.through.lock().unwrap(), ["1.1.1.1:443".parse().unwrap()]);
    let heard = world.heard();
    assert_eq!(heard.len(), 1, "one question");
    assert!(heard[0].starts_with("HEAD /seqn?k=v HTTP/1.1\r\nHost: hooks.acme.example\r\n"), "{heard:?}");
    for secret in ["authorization", "cookie", "referer"] {
        assert!(!heard[0].to_lowercase().contains(secret), "{heard:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let ours = issuer();
    let says = "HTTP/1.1 302 Found\r\nLocation: https://hooks.acme.example/other\r\n\r\n";
    let (found, world) = found(&ours, Behind::Tls(certified(&ours, HOST, -1, 40), says)).await;
    assert_eq!(found, Reached::Answered { status: 302, days: Some(40) });
    assert_eq!((world.connections(), world.heard().len()), (1, 1));
}

#[tokio::test]
async fn a_certificate_that_is_not_accepted_is_named_and_nothing_is_asked() {
    let (ours, stranger) = (issuer(), named_issuer("Somebody"));
    for (certificate, says) in [
        (certified(&ours, HOST, -9, -1), "Its certificate has expired."),
        (certified(&ours, HOST, 1, 9), "Its certificate is not valid yet."),
        (certified(&ours, "other.example", -1, 9), "Its certificate is for another name."),
        (certified(&stranger, HOST, -1, 9), "Its certificate was made by an issuer that this machine does not trust."),
    ] {
        let (found, world) = found(&ours, Behind::Tls(certificate, "HTTP/1.1 200 OK\r\n")).await;
        assert_eq!(found, Reached::BadCertificate(says));
        assert!(world.heard().is_empty(), "{says}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    let ours = issuer();
    let good = certified(&ours, HOST, -1, 9);
    assert_eq!(found(&ours, Behind::Plain("HTTP/1.1 400 Bad Request\r\n\r\n")).await.0, Reached::NoTls);
    assert_eq!(found(&ours, Behind::Tls(Arc::clone(&good), "")).await.0, Reached::Silent);
    assert_eq!(found(&ours, Behind::Tls(good, "SSH-2.0-nothing of the web")).await.0, Reached::Silent);
    let mut world = World::with(&ours, Behind::Mute, &[(HOST, &["1.1.1.1"])]).await;
    let wait = Patience { tls: Duration::from_millis(50), ..Patience::default() };
    let dial = Arc::new(Dial(AtomicI64::new(NOW_MS)));
    let hasty = Reacher::new(Arc::clone(&world) as _, dial, wait).expect("TLS");
    assert_eq!(hasty.reach(URL).await.found, Reached::NoTls);
    drop(hasty);
    // A port that was given back takes no connection.
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound");
    Arc::get_mut(&mut world).expect("ours alone").door = closed;
    assert_eq!(reacher(&world).0.reach(URL).await.found, Reached::NoConnection);
}

#[tokio::test]
async fn nothing_is_connected_to_where_any_address_is_not_public() {
    let ours = issuer();
    let names: [(&str, &[&str]); 5] = [
        ("private.example", &["10.0.0.7"]),
        ("half.example", &["1.1.1.1", "192.168.0.1"]),
        ("metadata.example", &["169.254.169.254"]),
        ("six.example", &["2606:4700::1111", "::ffff:10.0.0.7"]),
        ("nat.example", &["64:ff9b::a00:7"]),
    ];
    let world = World::with(&ours, Behind::Mute, &names).await;
    let (reacher, _) = reacher(&world);
    for (name, _) in names {
        let reach = reacher.reach(&format!("https://{name}/")).await;
        assert!(matches!(reach.found, Reached::Unfit(Unfit::Range(_))), "{reach:?}");
        assert_eq!(reach.host, name);
    }
    let resolved = world.resolved.load(Ordering::SeqCst);
    for url in
        ["https://127.1/", "https://localhost/", "https://a.example:8443/", "http://a.example/", "https://u@a.b/"]
    {
        let reach = reacher.reach(url).await;
        assert!(matches!(reach.found, Reached::Unfit(_)), "{url}: {reach:?}");
    }
    assert_eq!(world.resolved.load(Ordering::SeqCst), resolved, "what its text refuses is not resolved");
    assert_eq!(world.connections(), 0);
    assert_eq!(reacher.reach("https://nowhere.example/").await.found, Reached::NoName);
}

#[tokio::test]
async fn a_name_is_resolved_once_and_its_address_is_pinned() {
    let ours = issuer();
    let behind = Behind::Tls(certified(&ours, HOST, -1, 9), "HTTP/1.1 204 No Content\r\n");
    // Whoever asks this name a second time is led to a private address.
    let world = World::with(&ours, behind, &[(HOST, &["1.1.1.1", THEN, "10.0.0.7"])]).await;
    let (reacher, dial) = reacher(&world);
    assert_eq!(reacher.reach(URL).await.found, Reached::Answered { status: 204, days: Some(9) });
    assert_eq!(world.resolved.load(Ordering::SeqCst), 1);
    dial.0.fetch_add(ONCE_IN_MS, Ordering::SeqCst);
    assert!(matches!(reacher.reach(URL).await.found, Reached::Unfit(Unfit::Range(_))));
    assert_eq!(world.connections(), 1);
}

#[tokio::test]
async fn a_host_is_asked_once_a_minute_and_so_many_hosts_at_most() {
    let ours = issuer();
    let behind = Behind::Tls(certified(&ours, HOST, -1, 9), "HTTP/1.1 200 OK\r\n");
    let world = World::with(&ours, behind, &[(HOST, &["1.1.1.1"])]).await;
    let (reacher, dial) = reacher(&world);
    let (one, two) = join(reacher.reach(URL), reacher.reach("https://HOOKS.acme.example./other")).await;
    assert_eq!(one, two);
    dial.0.fetch_add(ONCE_IN_MS - 1, Ordering::SeqCst);
    assert_eq!(reacher.reach(URL).await.at, Millis(NOW_MS), "what was found is said with its time");
    assert_eq!(world.heard().len(), 1);
    for n in 1..HOSTS_MOST {
        assert_eq!(reacher.reach(&format!("https://h{n}.example/")).await.found, Reached::NoName);
    }
    assert_eq!(reacher.reach("https://late.example/").await.found, Reached::Crowded);
    dial.0.fetch_add(1, Ordering::SeqCst);
    assert_eq!(reacher.reach(URL).await.found, Reached::Answered { status: 200, days: Some(8) });
    assert_eq!(world.heard().len(), 2);
    // Its certificate is looked at each time, also where the same receiver was accepted before.
    dial.0.fetch_add(9 * DAY_MS, Ordering::SeqCst);
    assert_eq!(reacher.reach(URL).await.found, Reached::BadCertificate("Its certificate has expired."));
    assert_eq!(world.heard().len(), 2);
}
