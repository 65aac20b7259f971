//! Certificates for the sandbox's receivers, made when it starts: an issuer, and one for each name.
//!
//! The keys live in memory and nowhere else. Invariant: only the sandbox's own bot trusts the issuer.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::der::asn1::{Any, BitString, Ia5String, ObjectIdentifier, UtcTime};
use x509_cert::der::{Encode, Tag};
use x509_cert::ext::AsExtension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

/// What elliptic-curve keys, the curve P-256 and its signatures are called.
const EC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// How long before now a certificate begins, in milliseconds: 30 days.
const BEFORE_MS: i64 = 30 * 86_400_000;

/// A key, as a file would hold it and ready to sign.
struct Key {
    pkcs8: Vec<u8>,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new() -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let broken = |_| anyhow!("no key can be made");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(broken)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random);
        Ok(Self { pkcs8: pkcs8.as_ref().to_vec(), pair: pair.map_err(|_| anyhow!("a key of our own is refused"))? })
    }
}

/// An issuer.
pub(super) struct Issuer {
    key: Key,
    name: Name,
    /// Its own certificate (DER).
    pub(super) der: Vec<u8>,
}

impl Issuer {
    /// A new one of that name.
    pub(super) fn new(name: &str, now_ms: i64) -> anyhow::Result<Self> {
        let (key, name) = (Key::new()?, Name::from_str(&format!("CN={name}")).context("an issuer's name")?);
        let far = now_ms + 3_650 * 86_400_000;
        let der = signed(&key, &name, (&key, &name, None), (now_ms - BEFORE_MS, far))?;
        Ok(Self { key, name, der })
    }

    /// A certificate for that host, which ends then, ready to be served.
    pub(super) fn certify(&self, host: &str, until_ms: i64, now_ms: i64) -> anyhow::Result<Arc<CertifiedKey>> {
        let (key, subject) = (Key::new()?, Name::from_str("CN=receiver").context("a subject's name")?);
        // Also one that has run out had begun before.
        let from = (now_ms - BEFORE_MS).min(until_ms - BEFORE_MS);
        let der = signed(&self.key, &self.name, (&key, &subject, Some(host)), (from, until_ms))?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.pkcs8));
        let provider = rustls::crypto::ring::default_provider();
        let certified = CertifiedKey::from_der(vec![CertificateDer::from(der)], private, &provider);
        Ok(Arc::new(certified.context("a certificate of our own is refused")?))
    }
}

/// A certificate (DER) about a key, its name and its host, good from and until then.
fn signed(
    by: &Key,
    issuer: &Name,
    (key, subject, host): (&Key, &Name, Option<&str>),
    (from, until): (i64, i64),
) -> anyhow::Result<Vec<u8>> {
    let curve = Any::new(Tag::ObjectIdentifier, P256.as_bytes())?;
    let signature_is = AlgorithmIdentifierOwned { oid: ECDSA_SHA256, parameters: None };
    let extensions = match host {
        None => None,
        Some(host) => {
            let names = SubjectAltName(vec![GeneralName::DnsName(Ia5String::new(host)?)]);
            Some(vec![names.to_extension(subject, &[])?])
        }
    };
    let about = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::from(1_u32),
        signature: signature_is.clone(),
        issuer: issuer.clone(),
        validity: Validity { not_before: moment(from)?, not_after: moment(until)? },
        subject: subject.clone(),
        subject_public_key_info: SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid: EC_KEY, parameters: Some(curve) },
            subject_public_key: BitString::from_bytes(key.pair.public_key().as_ref())?,
        },
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions,
    };
    let signature = by.pair.sign(&SystemRandom::new(), &about.to_der()?).map_err(|_| anyhow!("nothing was signed"))?;
    let whole = Certificate {
        tbs_certificate: about,
        signature_algorithm: signature_is,
        signature: BitString::from_bytes(signature.as_ref())?,
    };
    Ok(whole.to_der()?)
}

fn moment(ms: i64) -> anyhow::Result<Time> {
    let seconds = u64::try_from(ms / 1_000).context("a certificate before 1970")?;
    Ok(Time::UtcTime(UtcTime::from_unix_duration(Duration::from_secs(seconds))?))
}
