//! A hostile way to an outside system: it passes everything on, and puts canaries into the answers' headers and texts.
//!
//! It judges nothing. Invariant: what the system itself said is passed on whole but for one replaced text.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response};
use tokio::net::TcpListener;

use super::search::Canary;

/// The largest body that passes, in bytes; the emulators' are far smaller.
const BODY_MOST: usize = 4 * 1024 * 1024;
/// Headers that clients read, log or show.
const HEADERS: [&str; 8] = [
    "x-request-id",
    "x-authentik-id",
    "server",
    "set-cookie",
    "www-authenticate",
    "x-ratelimit-bucket",
    "location",
    "x-hostile",
];

struct Way {
    to: String,
    client: reqwest::Client,
    secret: String,
    /// A text in an answer that the canary takes the place of.
    instead_of: &'static str,
}

/// Opens a way to that base; gives its own base and what it plants.
pub async fn way_to(to: &str, name: &str, instead_of: &'static str) -> (String, Canary) {
    let canary = Canary::of(&format!("headers and texts of {name}"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let way = Arc::new(Way { to: to.to_owned(), client, secret: canary.secret.clone(), instead_of });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(pass).with_state(way);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, canary)
}

async fn pass(State(way): State<Arc<Way>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let body = to_bytes(body, BODY_MOST).await.unwrap_or_default();
    let mut ask = way.client.request(parts.method, format!("{}{target}", way.to)).body(body);
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        ask = ask.header(name, value);
    }
    let mut out = Response::new(Body::empty());
    let Ok(answer) = ask.send().await else {
        *out.status_mut() = axum::http::StatusCode::BAD_GATEWAY;
        return out;
    };
    *out.status_mut() = answer.status();
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "content-length") {
        out.headers_mut().insert(name.clone(), value.clone());
    }
    for name in HEADERS {
        out.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(&way.secret).unwrap());
    }
    let text = answer.text().await.unwrap_or_default();
    *out.body_mut() = Body::from(text.replace(way.instead_of, &way.secret));
    out
}
