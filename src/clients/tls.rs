//! Certificates: whom a wire trusts, how long one is still good, and why one was not accepted.
//!
//! Nothing is sent and no clock is read here. Invariant: what cannot be read gives no number, and every connection judges
//! the certificate anew.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};

use hyper_rustls::ConfigBuilderExt;
use rustls::client::Resumption;
use rustls::crypto::ring::default_provider;
use rustls::{CertificateError as Bad, ClientConfig, RootCertStore};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::model::Millis;

use super::base::BadConfig;

/// One day in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Most links of an error's chain that are looked at.
const CHAIN_MOST: usize = 16;

/// TLS that trusts the issuers of this machine. They are read once: every surface has a wire, and each copy of them would
/// be a megabyte.
///
/// # Errors
/// When there are none, or they cannot be read.
pub fn shared() -> Result<ClientConfig, BadConfig> {
    static SHARED: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(config) = SHARED.get() {
        return Ok(config.clone());
    }
    let config = trusting(None)?;
    Ok(SHARED.get_or_init(|| config).clone())
}

/// TLS that trusts these issuers, or those of this machine.
///
/// # Errors
/// When there are none, or they cannot be read.
pub(super) fn trusting(issuers: Option<RootCertStore>) -> Result<ClientConfig, BadConfig> {
    let no = || BadConfig("TLS could not be set up: are the system's root certificates installed?".into());
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| no())?;
    let builder = match issuers {
        None => builder.with_native_roots().map_err(|_| no())?,
        Some(issuers) => builder.with_root_certificates(issuers),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec!["http/1.1".into()];
    // A resumed session is not judged again: what was accepted once would stay accepted after it ran out.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// When a certificate (DER) runs out.
#[must_use]
pub fn not_after(der: &[u8]) -> Option<Millis> {
    let certificate = Certificate::from_der(der).ok()?;
    let since_epoch = certificate.tbs_certificate.validity.not_after.to_unix_duration();
    i64::try_from(since_epoch.as_millis()).ok().map(Millis)
}

/// Whole days from `now` until then; negative when it has run out.
#[must_use]
pub const fn days_left(not_after: Millis, now: Millis) -> i64 {
    not_after.since(now).div_euclid(DAY_MS)
}

/// A sentence when a connection failed because of the certificate; else empty.
#[must_use]
pub fn complaint(error: &(dyn Error + 'static)) -> &'static str {
    match refusal(error) {
        Some(Bad::Expired | Bad::ExpiredContext { .. }) => "Its certificate has expired.",
        Some(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => "Its certificate is not valid yet.",
        Some(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => "Its certificate is for another name.",
        Some(Bad::UnknownIssuer) => "Its certificate was made by an issuer that this machine does not trust.",
        Some(_) => "Its certificate was not accepted.",
        None => "",
    }
}

fn refusal(error: &(dyn Error + 'static)) -> Option<Bad> {
    let mut link = Some(error);
    for _ in 0..CHAIN_MOST {
        let at = link?;
        if let Some(rustls::Error::InvalidCertificate(why)) = at.downcast_ref::<rustls::Error>() {
            return Some(why.clone());
        }
        // An I/O error hides what it wraps from `source`.
        link = match at.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => at.source(),
        };
    }
    None
}
