//! TLS from end to end: the program speaks https to SEQN Auth, and `/seqn health` says how its certificate is.
//!
//! The certificates are made here and now, and the program trusts their issuer as it would the system's. Invariant: a
//! certificate that is not accepted is named with its reason, and nothing is asked over it.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use seqn_chatops::sandbox::desk::{Desk, Setup};

use crate::process::{Process, until};

/// An issuer that nobody outside of this test knows.
fn issuer(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for that name, which ends in that time from now.
fn certified(issuer: &CertifiedIssuer<'static, KeyPair>, name: &str, left: Duration) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now - Duration::days(60), now + left);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap())
}

/// A front that speaks TLS and passes on what is inside. Its certificate can be changed; that ends all connections.
struct Front {
    url: String,
    shown: Arc<Mutex<Arc<ServerConfig>>>,
    changed: watch::Sender<u32>,
    /// Held once here, once by the listener, and once by each connection.
    alive: Arc<()>,
}

impl Front {
    async fn before(plain: &str, first: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let (shown, changed) = (Arc::new(Mutex::new(first)), watch::Sender::new(0));
        let (behind, now, changes) =
            (plain.trim_start_matches("http://").to_owned(), Arc::clone(&shown), changed.clone());
        let alive = Arc::new(());
        let each = Arc::clone(&alive);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (behind, mut ended, alive) = (behind.clone(), changes.subscribe(), Arc::clone(&each));
                let config = Arc::clone(&now.lock().unwrap());
                tokio::spawn(async move {
                    // A client that refuses the certificate goes away here.
                    let Ok(mut inside) = TlsAcceptor::from(config).accept(stream).await else { return };
                    let mut plain = TcpStream::connect(behind).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut inside, &mut plain) => {}
                        _ = ended.changed() => {}
                    }
                    drop(alive);
                });
            }
        });
        Self { url, shown, changed, alive }
    }

    async fn shows(&self, certificate: Arc<ServerConfig>) {
        *self.shown.lock().unwrap() = certificate;
        self.changed.send_modify(|times| *times += 1);
        until("every connection has ended", || Arc::strong_count(&self.alive) == 2).await;
    }
}

async fn health(desk: &Desk, bot: &Process) -> String {
    let kim = desk.person("kim").on("slack").within("support");
    kim.types("/seqn health").await.unwrap();
    bot.settled().await;
    kim.sees().last().unwrap().text.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_says_how_the_certificate_is() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("tls.sqlite");
    let desk = Desk::open(Setup { seed: 7, database, live: true, slack: true, discord: true }).await.unwrap();
    let (issuer, stranger) = (issuer("Ours"), issuer("Somebody"));
    let trusted = folder.path().join("trusted.pem");
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    std::fs::write(&trusted, format!("{begin}\n{}\n{end}\n", STANDARD.encode(issuer.der()))).unwrap();
    let front = Front::before(&desk.seqn.base_url(), certified(&issuer, "localhost", Duration::days(40))).await;
    let settings = desk.settings().replacen(
        &format!("base = \"{}\"", desk.seqn.base_url()),
        &format!("base = \"{}\"", front.url),
        1,
    );
    let bot = Process::start(&desk, &settings, "info", &[("SSL_CERT_FILE", &trusted)]).await;
    let before = desk.seqn.requests().len();
    for (name, left, says) in [
        ("localhost", Duration::days(40), "localhost: the certificate is good for 39 days."),
        ("localhost", Duration::days(9), "localhost: the certificate ends in 8 day(s)."),
        ("localhost", Duration::hours(5), "localhost: the certificate ends in 0 day(s)."),
    ] {
        front.shows(certified(&issuer, name, left)).await;
        let said = health(&desk, &bot).await;
        assert!(said.contains(says), "{says:?} is missing in {said}");
    }
    let asked = desk.seqn.requests().len();
    assert!(asked > before, "the answers came over TLS");
    for (certificate, says) in [
        (certified(&issuer, "localhost", Duration::days(-2)), "Its certificate has expired."),
        (certified(&issuer, "other.example", Duration::days(40)), "Its certificate is for another name."),
        (certified(&stranger, "localhost", Duration::days(40)), "an issuer that this machine does not trust."),
    ] {
        front.shows(certificate).await;
        let said = health(&desk, &bot).await;
        assert!(said.contains(says), "{says:?} is missing in {said}");
    }
    assert_eq!(desk.seqn.requests().len(), asked, "nothing is asked over a connection that is not trusted");
}
