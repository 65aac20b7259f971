//! The wire against small servers: which failure is which, and what never gets through.

use axum::response::IntoResponse;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::loopback::{Loopback, address, bare, guard, json as reply, raw_key};
use super::*;

/// Far longer than an answer on loopback takes, also on a busy machine.
const LONG: Duration = Duration::from_secs(20);

fn wire() -> Wire {
    wire_within(LONG)
}

fn wire_within(total: Duration) -> Wire {
    Wire::new("seqn", guard(), Deadlines { connect: total, total }, true).expect("a wire")
}

async fn ask(server: &Loopback) -> Result<Answer, PortError> {
    wire().exchange(Ask::get(server.url.clone())).await
}

async fn fault(status: u16, body: &'static str) -> Fault {
    let server = Loopback::start(move |_| bare(status, body)).await;
    ask(&server).await.expect("an answer").success().err().expect("an error").fault
}

/// A server that reads a request and answers with raw bytes, then closes; `None` keeps silent.
async fn raw(bytes: Option<&'static [u8]>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = address(&listener);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = socket.read(&mut request).await;
            match bytes {
                Some(bytes) => drop(socket.write_all(bytes).await),
                None => kept.push(socket),
            }
        }
    });
    url
}

#[tokio::test]
async fn each_status_has_its_fault() {
    let refused = |status: u16, code: &str| Fault::Refused { status, code: code.into() };
    assert_eq!(fault(401, "").await, Fault::Unauthorized);
    assert_eq!(fault(403, "").await, Fault::Forbidden);
    assert_eq!(fault(404, "").await, Fault::NotFound);
    assert_eq!(fault(409, r#"{"error":{"code":"application_disabled"}}"#).await, refused(409, "application_disabled"));
    assert_eq!(fault(402, r#"{"error":"subscription_inactive"}"#).await, refused(402, "subscription_inactive"));
    assert_eq!(fault(422, r#"{"code":"bad","message":"No."}"#).await, refused(422, "bad"));
    assert_eq!(fault(418, "").await, refused(418, ""));
    assert_eq!(fault(500, "").await, Fault::Failing { status: 500 });
    assert_eq!(fault(503, "<html>").await, Fault::Failing { status: 503 });
    assert_eq!(fault(302, "").await, refused(302, "redirect"));
    assert_eq!(fault(303, "").await, Fault::Garbled);
}

#[tokio::test]
async fn slowing_down_says_for_how_long() {
    let server =
        Loopback::start(|_| (axum::http::StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")]).into_response()).await;
    let error = ask(&server).await.expect("an answer").error();
    assert_eq!(error.fault, Fault::RateLimited { after_ms: 7_000 });
}

#[tokio::test]
async fn refused_connections_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = address(&listener);
    drop(listener);
    let error = wire().exchange(Ask::get(url)).await.err().expect("an error");
    assert_eq!(error.fault, Fault::Unreachable);
}

#[tokio::test]
async fn silence_and_broken_answers_may_have_worked() {
    for bytes in [None, Some(&b""[..]), Some(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), Some(b"HTTP/1.1 200")]
    {
        let url = raw(bytes).await;
        // Only silence is waited out.
        let patience = if bytes.is_none() { Duration::from_millis(400) } else { LONG };
        let error = wire_within(patience).exchange(Ask::delete(url)).await.err().expect("an error");
        assert_eq!(error.fault, Fault::NoAnswer, "{bytes:?}");
        assert!(error.ambiguous());
    }
    let url = raw(Some(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 99\r\n\r\n{")).await;
    let answer = wire().exchange(Ask::get(url)).await.expect("the status is enough");
    assert_eq!(answer.error().fault, Fault::Forbidden);
}

#[tokio::test]
async fn redirects_are_answers() {
    let other = Loopback::start(|_| bare(200, "{}")).await;
    let to = other.url.to_string();
    let server =
        Loopback::start(move |_| (axum::http::StatusCode::FOUND, [("location", to.clone())]).into_response()).await;
    let token = Credential::new("Authorization", &Secret::new("a-token")).expect("a credential");
    let answer = wire().exchange(Ask::get(server.url.clone()).credential(&token)).await.expect("an answer");
    assert_eq!((answer.status, answer.location), (302, Some(other.url.to_string())));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_garbled() {
    let big = format!("\"{}\"", "x".repeat(BODY_MOST));
    for body in [big, "not json".into(), "<html>".into(), String::new(), "{\"a\":".into()] {
        let server = Loopback::start(move |_| bare(200, &body)).await;
        let error = ask(&server).await.expect("an answer").json::<Value>().expect_err("garbled");
        assert_eq!(error.fault, Fault::Garbled);
    }
}

#[tokio::test]
async fn a_change_is_accepted_by_an_empty_body_or_json() {
    for (status, body, good) in
        [(204, "", true), (200, "{}", true), (202, "", true), (200, "<html>", false), (200, "so so", false)]
    {
        let server = Loopback::start(move |_| bare(status, body)).await;
        assert_eq!(ask(&server).await.expect("an answer").done().is_ok(), good, "{status} {body}");
    }
}

#[tokio::test]
async fn secrets_in_answers_do_not_surface() {
    let key = raw_key();
    let escaped = format!(r#"{{"value":"\u0073{}"}}"#, &key[1..]);
    let server = Loopback::start(move |_| bare(200, &escaped)).await;
    let answer = ask(&server).await.expect("an answer");
    assert!(answer.leaked);
    let value: Value = answer.json().expect("JSON");
    assert!(!value.to_string().contains(&key[17..]), "redacted after the escapes are undone");

    for body in
        [json!({"error": {"code": "no", "message": format!("bad key {key}")}}).to_string(), format!("bad key {key}")]
    {
        let server = Loopback::start(move |_| bare(500, &body)).await;
        let error = ask(&server).await.expect("an answer").error();
        assert!(error.text.starts_with("bad key") && !error.to_string().contains(&key[17..]), "{error}");
    }
    let text = format!("{} {key}", "x".repeat(185));
    let server = Loopback::start(move |_| bare(500, &text)).await;
    let error = ask(&server).await.expect("an answer").error();
    assert!(!error.text.contains(&key[17..]) && error.text.chars().count() <= 201, "redacted before it is cut");
}

#[tokio::test]
async fn fields_that_we_never_read_are_withheld() {
    let server =
        Loopback::start(|_| reply(200, &json!({"results": [{"client_secret": "abc", "name": "Silver"}]}))).await;
    let value: Value = ask(&server).await.expect("an answer").json().expect("JSON");
    assert_eq!(value, json!({"results": [{"client_secret": "[withheld]", "name": "Silver"}]}));
}

#[tokio::test]
async fn request_ids_are_kept() {
    let server = Loopback::start(|_| ([("x-request-id", "req_9")], "no").into_response()).await;
    let error = ask(&server).await.expect("an answer").json::<Value>().expect_err("garbled");
    assert_eq!(error.request_id.as_deref(), Some("req_9"));
    let body = json!({"error": {"code": "no", "requestId": "req_8"}});
    let server = Loopback::start(move |_| reply(400, &body)).await;
    assert_eq!(ask(&server).await.expect("an answer").error().request_id.as_deref(), Some("req_8"));
}

#[tokio::test]
async fn what_no_header_can_carry_is_not_sent() {
    let server = Loopback::start(|_| bare(200, "{}")).await;
    let ask = Ask::get(server.url.clone()).header("idempotency-key", "a\r\nb: c");
    let error = wire().exchange(ask).await.err().expect("an error");
    assert!(!error.ambiguous() && server.seen().is_empty());
    assert!(Credential::new("Authorization", &Secret::new("a\nb")).is_err());
    assert!(Credential::new("not a header", &Secret::new("ab")).is_err());
}

mod certificates {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;

    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as SIGNING, EcdsaKeyPair, KeyPair};
    use rustls::HandshakeKind;
    use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
    use x509_cert::certificate::{TbsCertificate, Version};
    use x509_cert::der::asn1::{BitString, Ia5String, ObjectIdentifier, OctetString};
    use x509_cert::der::oid::AssociatedOid;
    use x509_cert::der::{Any, Encode};
    use x509_cert::ext::Extension;
    use x509_cert::ext::pkix::{SubjectAltName, name::GeneralName};
    use x509_cert::name::Name;
    use x509_cert::serial_number::SerialNumber;
    use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
    use x509_cert::time::Validity;

    use super::*;
    use crate::model::Millis;

    /// Twenty days and a bit, in seconds.
    const GOOD_FOR: Duration = Duration::from_hours(20 * 24 + 1);

    /// A certificate for `localhost`, signed with its own key, and that key.
    fn made_here() -> (Vec<u8>, Vec<u8>) {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&SIGNING, key.as_ref(), &random).expect("the key");
        let curve = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
        let signature =
            AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"), parameters: None };
        let names = SubjectAltName(vec![GeneralName::DnsName(Ia5String::new("localhost").expect("a name"))]);
        let name: Name = "CN=localhost".parse().expect("a name");
        let tbs = TbsCertificate {
            version: Version::V3,
            serial_number: SerialNumber::new(&[1]).expect("a number"),
            signature: signature.clone(),
            issuer: name.clone(),
            validity: Validity::from_now(GOOD_FOR).expect("a validity"),
            subject: name,
            subject_public_key_info: SubjectPublicKeyInfoOwned {
                algorithm: AlgorithmIdentifierOwned {
                    oid: ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
                    parameters: Some(Any::from(&curve)),
                },
                subject_public_key: BitString::from_bytes(pair.public_key().as_ref()).expect("bits"),
            },
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: Some(vec![Extension {
                extn_id: SubjectAltName::OID,
                critical: false,
                extn_value: OctetString::new(names.to_der().expect("encodes")).expect("bytes"),
            }]),
        };
        let signed = pair.sign(&random, &tbs.to_der().expect("encodes")).expect("a signature");
        let whole = x509_cert::Certificate {
            tbs_certificate: tbs,
            signature_algorithm: signature,
            signature: BitString::from_bytes(signed.as_ref()).expect("bits"),
        };
        (whole.to_der().expect("encodes"), key.as_ref().to_vec())
    }

    /// A TLS server that answers 204 to whatever it is asked.
    fn serve(certificate: &[u8], key: Vec<u8>) -> Url {
        serve_and_tell(certificate, key, |_| {})
    }

    /// Does so, and tells of each handshake whether it was a whole one.
    fn serve_and_tell(certificate: &[u8], key: Vec<u8>, tell: impl Fn(Option<HandshakeKind>) + Send + 'static) -> Url {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate.to_vec())], PrivatePkcs8KeyDer::from(key).into())
            .expect("a configuration");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        std::thread::spawn(move || {
            while let Ok((socket, _)) = listener.accept() {
                let tls = rustls::ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let mut stream = rustls::StreamOwned::new(tls, socket);
                let mut request = [0; 4_096];
                if stream.read(&mut request).is_ok() {
                    tell(stream.conn.handshake_kind());
                    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
                }
            }
        });
        format!("https://localhost:{port}/").parse().expect("a URL")
    }

    fn trusting(certificate: &[u8]) -> Wire {
        let mut issuers = rustls::RootCertStore::empty();
        issuers.add(certificate.to_vec().into()).expect("a certificate");
        let tls = tls::trusting(Some(issuers)).expect("a configuration");
        let client = builder(Deadlines::default(), true, tls).build().expect("a client");
        Wire { client, guard: guard(), system: "seqn" }
    }

    #[tokio::test]
    async fn every_connection_judges_the_certificate_anew() {
        let (certificate, key) = made_here();
        let (told, handshakes) = std::sync::mpsc::sync_channel(8);
        let url = serve_and_tell(&certificate, key, move |kind| told.send(kind).expect("somebody listens"));
        let wire = trusting(&certificate);
        for _ in 0..3 {
            wire.exchange(Ask::get(url.clone())).await.expect("an answer");
            assert_eq!(handshakes.recv().expect("a handshake"), Some(HandshakeKind::Full));
        }
    }

    #[tokio::test]
    async fn days_are_read_from_the_servers_certificate() {
        let (certificate, key) = made_here();
        let url = serve(&certificate, key);
        let wire = trusting(&certificate);
        let answer = wire.exchange(Ask::get(url)).await.expect("an answer");
        let until = answer.certificate.as_deref().and_then(tls::not_after).expect("a time");
        let half_past = until.plus_ms(-1_800_000);
        assert_eq!(tls::days_left(until, half_past.plus_ms(-20 * 86_400_000)), 20);
        assert_eq!(tls::days_left(until, half_past), 0);
        assert_eq!(tls::days_left(until, Millis(until.0 + 1)), -1);
        assert_eq!(tls::not_after(b"no certificate"), None);
    }

    #[tokio::test]
    async fn a_strange_certificate_is_named_as_the_reason() {
        let (certificate, key) = made_here();
        let url = serve(&certificate, key);
        let wire = Wire::new("seqn", guard(), Deadlines::default(), true).expect("a wire");
        let error = wire.exchange(Ask::get(url)).await.err().expect("an error");
        assert_eq!(error.fault, Fault::Unreachable);
        assert!(error.text.contains("certificate"), "{error}");
    }
}
