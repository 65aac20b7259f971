//! One question to one judged address: a connection, TLS, and `HEAD`. Of the answer the first line is read.
//!
//! It judges no address and resolves no name. Invariant: no redirect is followed, no body is read, no proxy is asked, and
//! the connection goes to the address that it was given, whatever the name says meanwhile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::ConfigBuilderExt;
use rustls::client::Resumption;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::Millis;
use crate::ports::{Clock, Reached};

use super::super::base::BadConfig;
use super::super::tls;
use super::judge::Target;

/// How much of an answer is read, in bytes: its first line says all that is asked.
const LINE_MOST: usize = 128;
/// What stands before the status in it, and how long a status is.
const STATUS_AT: std::ops::Range<usize> = 9..12;
/// How we call ourselves to a customer's receiver.
const USER_AGENT: &str = concat!("seqn-chatops/", env!("CARGO_PKG_VERSION"), " (reachability probe)");

/// How long each part may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Resolving the name.
    pub name: Duration,
    /// One connection.
    pub connection: Duration,
    /// The handshake.
    pub tls: Duration,
    /// The answer's first line.
    pub answer: Duration,
}

/// Short, since a person waits and a receiver that is slower than this is not well.
impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { name: seconds(2), connection: seconds(2), tls: seconds(3), answer: seconds(3) }
    }
}

/// The clock that certificates are judged by is the one that everything else is.
struct Now(Arc<dyn Clock>);

impl std::fmt::Debug for Now {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Now")
    }
}

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        let Millis(ms) = self.0.now();
        u64::try_from(ms).ok().map(|ms| UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// TLS that trusts these issuers, or those of this machine.
///
/// # Errors
/// When there are none, or one cannot be read.
pub fn trusting(issuers: Option<Vec<Vec<u8>>>, clock: &Arc<dyn Clock>) -> Result<TlsConnector, BadConfig> {
    let no = |what: &str| BadConfig(format!("TLS could not be set up: {what}."));
    let builder = ClientConfig::builder_with_details(Arc::new(default_provider()), Arc::new(Now(Arc::clone(clock))))
        .with_safe_default_protocol_versions()
        .map_err(|_| no("this build has no protocol version in common with itself"))?;
    let builder = match issuers {
        None => builder.with_native_roots().map_err(|_| no("are the system's root certificates installed?"))?,
        Some(issuers) => {
            let mut roots = RootCertStore::empty();
            for issuer in issuers {
                roots.add(CertificateDer::from(issuer)).map_err(|_| no("an issuer cannot be read"))?;
            }
            builder.with_root_certificates(roots)
        }
    };
    let mut config = builder.with_no_client_auth();
    // A resumed session shows no certificate: what was accepted once would stay accepted.
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Asks the first of these doors that takes a connection; all of them were judged.
pub async fn ask(target: &Target, doors: &[SocketAddr], tls: &TlsConnector, wait: Patience, now: Millis) -> Reached {
    let Some(stream) = connected(doors, wait.connection).await else { return Reached::NoConnection };
    let Ok(name) = ServerName::try_from(target.host.trim_matches(['[', ']']).to_owned()) else {
        return Reached::BadCertificate("No certificate can be made for such a name.");
    };
    let mut stream = match timeout(wait.tls, tls.connect(name, stream)).await {
        Err(_) => return Reached::NoTls,
        Ok(Err(error)) => return refused(&error),
        Ok(Ok(stream)) => stream,
    };
    let days = certificate_days(&stream, now);
    match timeout(wait.answer, status(&mut stream, target)).await {
        Ok(Ok(Some(status))) => Reached::Answered { status, days },
        Ok(Ok(None) | Err(_)) | Err(_) => Reached::Silent,
    }
}

async fn connected(doors: &[SocketAddr], wait: Duration) -> Option<TcpStream> {
    for door in doors {
        if let Ok(Ok(stream)) = timeout(wait, TcpStream::connect(door)).await {
            return Some(stream);
        }
    }
    None
}

fn refused(error: &io::Error) -> Reached {
    match tls::complaint(error) {
        "" => Reached::NoTls,
        why => Reached::BadCertificate(why),
    }
}

fn certificate_days(stream: &TlsStream<TcpStream>, now: Millis) -> Option<i64> {
    let (_, session) = stream.get_ref();
    let until = tls::not_after(session.peer_certificates()?.first()?)?;
    Some(tls::days_left(until, now))
}

/// The status of the answer; `None` when what came is no HTTP.
async fn status(stream: &mut TlsStream<TcpStream>, target: &Target) -> io::Result<Option<u16>> {
    let Target { host, path, .. } = target;
    let request = format!(
        "HEAD {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut line = [0; LINE_MOST];
    let mut filled = 0;
    while filled < STATUS_AT.end {
        match stream.read(&mut line[filled..]).await? {
            0 => return Ok(None),
            more => filled += more,
        }
    }
    Ok(parsed(&line[..filled]))
}

fn parsed(line: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(line.get(STATUS_AT)?).ok()?;
    let status = digits.parse::<u16>().ok().filter(|status| (100..600).contains(status))?;
    line.starts_with(b"HTTP/1.").then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_the_status_or_nothing() {
        assert_eq!(parsed(b"HTTP/1.1 405 Method Not Allowed\r\n"), Some(405));
        assert_eq!(parsed(b"HTTP/1.0 200"), Some(200));
        for odd in ["SSH-2.0-OpenSSH", "HTTP/1.1 99 x", "HTTP/1.1 999 ", "HTTP/1.1 +20", "HTTP/1.1", "<html><head>"] {
            assert_eq!(parsed(odd.as_bytes()), None, "{odd}");
        }
    }
}
