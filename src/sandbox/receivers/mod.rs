//! The customers' receivers and the names they have: what the bot meets when it asks an address that a customer named.
//!
//! One door on loopback stands for all of them; who is meant is what TLS says. Every address is public in form and is
//! never asked: the bot judges it as it would a real one, and only then is led here. Invariant: a request is answered
//! with a status and nothing else.

mod certificate;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use self::certificate::Issuer;
use super::dial::Dial;

/// One day in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Requests that are remembered; the oldest are forgotten first.
const HEARD_MOST: usize = 1_000;
/// How much of a request is read: its head is shorter.
const REQUEST_MOST: usize = 4_096;

/// How a receiver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Its certificate is good for that many days, and it answers with that status.
    Answers(u16, i64),
    /// Its certificate is for another name.
    OtherName,
    /// Its certificate was made by an issuer that nobody trusts.
    Stranger,
    /// Nothing listens there.
    Closed,
    /// Its name leads into a private network.
    Private,
    /// One of its name's two addresses is where clouds keep their metadata.
    HalfPrivate,
    /// Its name has no address.
    Nameless,
}

impl Manner {
    /// The manner that a story calls so: `well`, `expired`, `ends-soon`, `other-name`, `stranger`, `closed`, `private`,
    /// `half-private`, `nameless`, or a status.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "well" => Self::Answers(405, 40),
            "expired" => Self::Answers(405, -2),
            "ends-soon" => Self::Answers(405, 3),
            "other-name" => Self::OtherName,
            "stranger" => Self::Stranger,
            "closed" => Self::Closed,
            "private" => Self::Private,
            "half-private" => Self::HalfPrivate,
            "nameless" => Self::Nameless,
            status => Self::Answers(status.parse().ok()?, 40),
        })
    }
}

/// The receivers of the seeded webhooks.
const SEEDED: [(&str, Manner); 4] = [
    ("hooks.acme.example", Manner::Answers(405, 40)),
    ("billing.acme.example", Manner::Answers(503, 40)),
    ("legacy.acme.example", Manner::Nameless),
    ("hooks.globex.example", Manner::Answers(405, 40)),
];

/// All receivers; they stop when this is dropped.
#[derive(Debug)]
pub struct Receivers {
    service: Arc<Service>,
    door: SocketAddr,
    closed: SocketAddr,
    issuer: Vec<u8>,
    task: JoinHandle<()>,
}

struct Service {
    dial: Dial,
    ours: Issuer,
    stranger: Issuer,
    state: Mutex<State>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

#[derive(Default)]
struct State {
    /// Each name with its manner and its certificate.
    hosts: BTreeMap<String, (Manner, Option<Arc<CertifiedKey>>)>,
    heard: Vec<String>,
}

impl Receivers {
    /// Starts them on a loopback port that the system chooses.
    ///
    /// # Errors
    /// When no port can be bound, or no certificate made.
    pub async fn start(dial: Dial) -> anyhow::Result<Arc<Self>> {
        let now = dial.now_ms();
        let (ours, stranger) = (Issuer::new("Sandbox", now)?, Issuer::new("Nobody", now)?);
        let issuer = ours.der.clone();
        let service = Arc::new(Service { dial, ours, stranger, state: Mutex::default() });
        for (host, manner) in SEEDED {
            service.be(host, manner)?;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let door = listener.local_addr()?;
        // A port that was given back: nothing listens there.
        let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let by_name: Arc<dyn ResolvesServerCert> = Arc::<Service>::clone(&service);
        let tls = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_cert_resolver(by_name)));
        let task = tokio::spawn(serve(listener, tls, Arc::clone(&service)));
        Ok(Arc::new(Self { service, door, closed, issuer, task }))
    }

    /// A receiver of that name is so from now on.
    ///
    /// # Errors
    /// When no certificate can be made for it.
    pub fn be(&self, host: &str, manner: Manner) -> anyhow::Result<()> {
        self.service.be(host, manner)
    }

    /// Every request so far, oldest first: `HEAD hooks.acme.example/seqn`.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.service.state().heard.clone()
    }

    /// The addresses of that name; an empty list where it has none.
    #[must_use]
    pub fn addresses(&self, host: &str) -> Vec<IpAddr> {
        let state = self.service.state();
        let Some((at, (_, (manner, _)))) = state.hosts.iter().enumerate().find(|(_, (name, _))| *name == host) else {
            return Vec::new();
        };
        let public = IpAddr::V4(Ipv4Addr::new(44, 0, 0, u8::try_from(at).unwrap_or(u8::MAX)));
        match manner {
            Manner::Nameless => Vec::new(),
            Manner::Private => vec![Ipv4Addr::new(10, 0, 0, 7).into()],
            Manner::HalfPrivate => vec![public, Ipv4Addr::new(169, 254, 169, 254).into()],
            Manner::Answers(..) | Manner::OtherName | Manner::Stranger | Manner::Closed => vec![public],
        }
    }

    /// Where a connection to that address is made.
    #[must_use]
    pub fn door(&self, judged: SocketAddr) -> SocketAddr {
        let state = self.service.state();
        let octet = match judged.ip() {
            IpAddr::V4(address) if address.octets()[..3] == [44, 0, 0] => Some(address.octets()[3]),
            _ => None,
        };
        let manner = octet.and_then(|at| state.hosts.values().nth(usize::from(at))).map(|(manner, _)| *manner);
        if matches!(manner, None | Some(Manner::Closed)) { self.closed } else { self.door }
    }

    /// The certificate (DER) of the issuer that the sandbox's bot trusts.
    #[must_use]
    pub fn issuer(&self) -> Vec<u8> {
        self.issuer.clone()
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn be(&self, host: &str, manner: Manner) -> anyhow::Result<()> {
        let now = self.dial.now_ms();
        // An hour more, so that a story's minutes do not change the days.
        let until = |days: i64| now + days * DAY_MS + DAY_MS / 24;
        let key = match manner {
            Manner::Answers(_, days) => Some(self.ours.certify(host, until(days), now)?),
            Manner::OtherName => Some(self.ours.certify("other.example", until(40), now)?),
            Manner::Stranger => Some(self.stranger.certify(host, until(40), now)?),
            Manner::Closed | Manner::Private | Manner::HalfPrivate | Manner::Nameless => None,
        };
        self.state().hosts.insert(host.to_owned(), (manner, key));
        Ok(())
    }

    fn hears(&self, request: String) -> u16 {
        let mut state = self.state();
        let host = request.split([' ', '/']).nth(1).unwrap_or_default();
        let status = match state.hosts.get(host) {
            Some((Manner::Answers(status, _), _)) => *status,
            _ => 404,
        };
        if state.heard.len() >= HEARD_MOST {
            state.heard.remove(0);
        }
        state.heard.push(request);
        status
    }
}

impl ResolvesServerCert for Service {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?;
        self.state().hosts.get(name).and_then(|(_, key)| key.clone())
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, service: Arc<Service>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, service) = (tls.clone(), Arc::clone(&service));
        tokio::spawn(async move { drop(answer(stream, tls, &service).await) });
    }
}

async fn answer(stream: TcpStream, tls: TlsAcceptor, service: &Service) -> io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    let mut request = vec![0; REQUEST_MOST];
    let length = stream.read(&mut request).await?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let mut line = request.split(' ');
    let (method, path) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let host = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
    let status = service.hears(format!("{method} {host}{path}"));
    let location = if (300..400).contains(&status) { "location: https://elsewhere.example/\r\n" } else { "" };
    let says = format!("HTTP/1.1 {status} So\r\n{location}content-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(says.as_bytes()).await?;
    stream.shutdown().await
}
