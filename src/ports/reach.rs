//! Whether an address that a customer named can be reached from here, and what stands between us and it.
//!
//! The address is somebody else's word. Invariant of every implementation: nothing is sent to an address that is not
//! public, and nothing but a status and a certificate's end comes back.

use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;

use crate::model::Millis;

/// Why an address is not asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unfit {
    /// It is no web address, or too long for one.
    NoAddress,
    /// It is not https.
    NotHttps,
    /// It carries a user name or a password.
    Credentials,
    /// Another port than 443.
    Port,
    /// A name that only a network of somebody's own knows: without a dot, `localhost`, `.internal` …
    InnerName,
    /// It leads, or one of its name's addresses does, to a range that is not public: which one, in words.
    Range(&'static str),
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It is not asked.
    Unfit(Unfit),
    /// Its name has no address.
    NoName,
    /// Nobody told us in time whether its name has an address: our own resolver is in doubt.
    Unresolved,
    /// Nothing takes a connection there.
    NoConnection,
    /// It takes a connection, and its certificate is not accepted: why, as a sentence.
    BadCertificate(&'static str),
    /// It takes a connection, and does not speak TLS.
    NoTls,
    /// TLS is well, and no answer came in time.
    Silent,
    /// It answered.
    Answered {
        /// The HTTP status; a redirect is not followed.
        status: u16,
        /// Whole days that its certificate is still good; `None` where that cannot be read.
        days: Option<i64>,
    },
    /// So many others were asked within a minute that this one was not.
    Crowded,
}

/// What is known of one host, and since when: a host is asked once a minute at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The host as a URL writes it; empty where the address has none.
    pub host: String,
    /// When it was looked at.
    pub at: Millis,
    /// What came of it.
    pub found: Reached,
}

/// The prober of addresses that others named. One call ends within its own deadlines and never fails.
#[async_trait]
pub trait ReachRead: Send + Sync {
    /// Asks that address, or says what was found within the last minute.
    async fn reach(&self, url: &str) -> Reach;
}

/// The world beyond the configured systems, as sockets find it. Judging is not done here: whatever it says is judged.
#[async_trait]
pub trait Outside: Send + Sync {
    /// Every address of that name; an empty list or an error where it has none.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
    /// Where a connection to that address, already judged, is made: that address; in the sandbox its emulator.
    fn door(&self, judged: SocketAddr) -> SocketAddr;
    /// The certificates (DER) of the issuers that are trusted there; `None`: those of this machine.
    fn issuers(&self) -> Option<Vec<Vec<u8>>>;
}
