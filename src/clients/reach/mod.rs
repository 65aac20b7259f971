//! Reachability of an address that a customer named, without being led anywhere by it.
//!
//! Each host is resolved once and asked once a minute. Invariant: a host of which any address is not public is not
//! connected to at all, and a connection goes only to an address that was judged.

mod ask;
mod judge;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::net::lookup_host;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::model::{MINUTE_MS, Millis};
use crate::ports::{Clock, Outside, Reach, ReachRead, Reached};

use super::base::BadConfig;

pub use ask::Patience;
pub use judge::target;

use judge::{PORT, Target, all_public};

/// How long what was found of a host stands for it: it is asked once a minute at most.
const ONCE_IN_MS: i64 = MINUTE_MS;
/// How many hosts are asked within a minute at most; an organization's endpoints are far fewer.
const HOSTS_MOST: usize = 64;
/// How many of a host's addresses are tried: one of each kind, and one more.
const ADDRESSES_MOST: usize = 3;

/// One host's question of this minute.
struct Asked {
    at: Millis,
    found: Arc<OnceCell<Reached>>,
}

/// The prober of addresses that others named.
pub struct Reacher {
    outside: Arc<dyn Outside>,
    tls: TlsConnector,
    clock: Arc<dyn Clock>,
    wait: Patience,
    asked: Mutex<BTreeMap<String, Asked>>,
}

impl Reacher {
    /// A prober of that outside.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(outside: Arc<dyn Outside>, clock: Arc<dyn Clock>, wait: Patience) -> Result<Self, BadConfig> {
        let tls = ask::trusting(outside.issuers(), &clock)?;
        Ok(Self { outside, tls, clock, wait, asked: Mutex::default() })
    }

    /// The question of this minute about that host: the one that was begun already, or a new one.
    fn question(&self, host: &str, now: Millis) -> Option<(Millis, Arc<OnceCell<Reached>>)> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, one| now.since(one.at) < ONCE_IN_MS);
        if let Some(one) = asked.get(host) {
            return Some((one.at, Arc::clone(&one.found)));
        }
        if asked.len() >= HOSTS_MOST {
            return None;
        }
        let found = Arc::new(OnceCell::new());
        asked.insert(host.to_owned(), Asked { at: now, found: Arc::clone(&found) });
        Some((now, found))
    }

    async fn look(&self, target: &Target, now: Millis) -> Reached {
        let addresses = match self.addresses(target).await {
            Ok(addresses) => addresses,
            Err(found) => return found,
        };
        if let Err(unfit) = all_public(&addresses) {
            return Reached::Unfit(unfit);
        }
        let door = |address: &IpAddr| self.outside.door(SocketAddr::new(*address, PORT));
        let doors: Vec<SocketAddr> = addresses.iter().take(ADDRESSES_MOST).map(door).collect();
        ask::ask(target, &doors, &self.tls, self.wait, now).await
    }

    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, Reached> {
        if let Some(address) = target.literal {
            return Ok(vec![address]);
        }
        match timeout(self.wait.name, self.outside.addresses(&target.host)).await {
            Err(_) => Err(Reached::Unresolved),
            Ok(Err(_)) => Err(Reached::NoName),
            Ok(Ok(none)) if none.is_empty() => Err(Reached::NoName),
            Ok(Ok(addresses)) => Ok(addresses),
        }
    }
}

#[async_trait]
impl ReachRead for Reacher {
    async fn reach(&self, url: &str) -> Reach {
        let now = self.clock.now();
        let target = match target(url) {
            Ok(target) => target,
            Err(unfit) => return Reach { host: host_of(url), at: now, found: Reached::Unfit(unfit) },
        };
        let host = target.host.clone();
        let Some((at, question)) = self.question(&host, now) else {
            return Reach { host, at: now, found: Reached::Crowded };
        };
        let found = question.get_or_init(|| self.look(&target, now)).await.clone();
        Reach { host, at, found }
    }
}

/// The host of an address that is not asked, for the sentence about it.
fn host_of(url: &str) -> String {
    let url = url.parse::<url::Url>().ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The real outside: this machine's resolver, and each address itself.
pub struct Internet;

#[async_trait]
impl Outside for Internet {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        // The dot at the end keeps the machine's own search domains out of it.
        let found = lookup_host((format!("{host}."), PORT)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }

    fn door(&self, judged: SocketAddr) -> SocketAddr {
        judged
    }

    fn issuers(&self) -> Option<Vec<Vec<u8>>> {
        None
    }
}

#[cfg(test)]
mod tests;
