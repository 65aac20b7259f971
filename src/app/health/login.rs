//! The pages of a sign-in: `GET /login` sends a browser to Authentik, `GET /login/callback` takes it back.
//!
//! Invariants: no cookie is set and no script runs; no page tells more than the account that asked, and none repeats a word
//! of the request; nothing is kept by a browser or told to the next site.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::time::timeout;

use crate::clients::{BEGINS, CALLBACK};
use crate::engine::{LoginPage, Trouble};
use crate::model::{Account, escaped};

use super::super::wiring::Bot;

/// How long a page may take: two questions to Authentik.
const WITHIN: Duration = Duration::from_secs(25);
/// The longest state and code that are read, in bytes; Authentik's codes have 32.
const VALUE_BYTES: usize = 2_048;
/// What every page is sent with.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
];
const GONE: &str = "This link does not work any more. Ask for a new one in chat: /staff login.";

#[derive(Deserialize)]
pub(super) struct Came {
    #[serde(default)]
    state: String,
    code: Option<String>,
}

impl Came {
    fn fits(&self) -> bool {
        self.state.len() <= VALUE_BYTES && self.code.as_ref().is_none_or(|code| code.len() <= VALUE_BYTES)
    }
}

/// The same routes, and these.
pub(super) fn routes(router: Router<Arc<Bot>>) -> Router<Arc<Bot>> {
    router.route(BEGINS, get(begins)).route(CALLBACK, get(comes_back))
}

async fn begins(Shared(bot): Shared<Arc<Bot>>, came: Result<Query<Came>, QueryRejection>) -> Response {
    let Some(came) = came.ok().filter(|came| came.fits()) else { return page(StatusCode::BAD_REQUEST, GONE, None) };
    answered(timeout(WITHIN, bot.engine.login_page(&came.state)).await)
}

async fn comes_back(Shared(bot): Shared<Arc<Bot>>, came: Result<Query<Came>, QueryRejection>) -> Response {
    let Some(came) = came.ok().filter(|came| came.fits()) else { return page(StatusCode::BAD_REQUEST, GONE, None) };
    answered(timeout(WITHIN, bot.engine.login_came(&came.state, came.code.as_deref())).await)
}

fn answered(came: Result<Result<LoginPage, Trouble>, tokio::time::error::Elapsed>) -> Response {
    match came {
        Ok(Ok(LoginPage::Goes(account, to))) => page(StatusCode::OK, &asks(&account), Some(&to)),
        Ok(Ok(LoginPage::Done)) => {
            page(StatusCode::OK, "Thank you. The admins have been told. Close this page and go back to chat.", None)
        }
        Ok(Ok(LoginPage::Gone)) => page(StatusCode::GONE, GONE, None),
        Ok(Ok(LoginPage::Not(why))) => {
            page(StatusCode::BAD_GATEWAY, &format!("You were not signed in. {why} Ask for a new link in chat."), None)
        }
        Ok(Err(trouble)) => {
            tracing::error!(error = %trouble, "login.page");
            page(StatusCode::SERVICE_UNAVAILABLE, "That could not be done now. Try again in a moment.", None)
        }
        Err(_) => page(StatusCode::GATEWAY_TIMEOUT, "That took too long. Ask for a new link in chat.", None),
    }
}

/// What is asked before the browser goes on: whoever was sent the link by somebody else shall stop here.
fn asks(account: &Account) -> String {
    format!(
        "The chat account {account} asks you to sign in, so that it can act as you. Go on only if that account is yours and \
         you have asked for this link yourself, just now. If somebody sent it to you, close this page and tell your admins."
    )
}

/// A page with one text and at most one link, which leads to Authentik.
fn page(status: StatusCode, says: &str, to: Option<&str>) -> Response {
    let link = to.map_or_else(String::new, |to| format!("<p><a href=\"{}\">It is mine: sign in</a></p>", escaped(to)));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>SEQN ChatOps: sign in</title><h1>Sign in</h1><p>{}</p>{link}</html>\n",
        escaped(says)
    );
    let mut answer = (status, Html(html)).into_response();
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
