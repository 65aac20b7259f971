//! Certificates: how long one is still good, and why one was not accepted.
//!
//! Nothing is sent and no clock is read here. Invariant: what cannot be read gives no number.

use std::error::Error;
use std::io;

use rustls::CertificateError as Bad;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::model::Millis;

/// One day in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Most links of an error's chain that are looked at.
const CHAIN_MOST: usize = 16;

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
