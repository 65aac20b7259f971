//! The sections of the outside systems and of the program itself: `[seqn]`, `[authentik]`, `[health]`, `[log]`.

use std::collections::BTreeMap;

use tracing_subscriber::EnvFilter;
use url::Url;

use crate::clients::{AuthentikConfig, RouteSetting, Routes, SeqnConfig};
use crate::guard::Secret;

use super::section::Section;
use super::{Authentik, LOG_DEFAULT, Seqn};

const SEQN_BASE: &str = "https://accounts.seqn.in";
/// The hosted console below SEQN Auth's own address.
const CONSOLE_PATH: &str = "/auth/console";
const AUTH_HEADER: &str = "Authorization";

/// `[seqn]`.
pub(super) fn seqn(section: &Section<'_>) -> Option<Seqn> {
    let base = section.base("base", Some(SEQN_BASE));
    let derived = base.as_ref().map(|base| format!("{}{CONSOLE_PATH}", base.as_str().trim_end_matches('/')));
    let console = section.base("console", Some(derived.as_deref().unwrap_or(SEQN_BASE)));
    let (read_token, act_token) = tokens(section);
    let auth_header = section.text("auth_header").unwrap_or(AUTH_HEADER).to_owned();
    if !auth_header.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        section.wrong("auth_header", "It is no name of a header.", "Write it like \"Authorization\".");
    }
    let canary_org = section.text("canary_org").and_then(|org| match org.parse() {
        Ok(org) => Some(org),
        Err(bad) => {
            section.wrong("canary_org", format!("{bad}"), "Write the slug of an organization that is there for tests.");
            None
        }
    });
    let publishable_key = section.text("publishable_key").map(str::to_owned);
    let canary_secret_key = section.secret("canary_secret_key", false, true);
    let routes = routes(section, console.as_ref());
    section.end();
    let client = SeqnConfig { base: base?, console: console?, read_token, act_token, auth_header, routes };
    Some(Seqn { client, canary_org, publishable_key, canary_secret_key })
}

fn routes(section: &Section<'_>, console: Option<&Url>) -> BTreeMap<String, RouteSetting> {
    let mut routes = BTreeMap::new();
    for (name, route) in section.named("routes") {
        let setting = RouteSetting {
            path: route.text("path").map(str::to_owned),
            off: route.flag("off", false),
            enabled: route.flag("enabled", false),
        };
        route.end();
        let one = BTreeMap::from([(name.to_owned(), setting.clone())]);
        if let Some(Err(bad)) = console.map(|console| Routes::new(&one, console.clone(), true, true)) {
            route.wrong("", bad.to_string(), "Correct it, or remove the section.");
        }
        routes.insert(name.to_owned(), setting);
    }
    routes
}

/// `[authentik]`.
pub(super) fn authentik(section: &Section<'_>) -> Option<Authentik> {
    let base = section.base("base", None);
    let issuer = section.base("issuer", None);
    let (read_token, act_token) = tokens(section);
    section.end();
    Some(Authentik { client: AuthentikConfig { base: base?, read_token, act_token }, issuer: issuer? })
}

/// The reading and the acting credential, which must not be the same.
fn tokens(section: &Section<'_>) -> (Option<Secret>, Option<Secret>) {
    let read = section.secret("read_token", false, true);
    let act = section.secret("act_token", false, true);
    if let (Some(read), Some(act)) = (&read, &act)
        && read.expose() == act.expose()
    {
        section.wrong(
            "act_token",
            "It is the same credential as read_token.",
            "Make one that may only read and another that may act, so that reading code can change nothing.",
        );
    }
    (read, act)
}

/// `[health]`.
pub(super) fn health(section: &Section<'_>) -> Option<std::net::SocketAddr> {
    let listen = section.text("listen").and_then(|text| {
        let address = text.parse().ok();
        if address.is_none() {
            section.wrong("listen", "It is no address with a port.", "Write it like \"127.0.0.1:9464\".");
        }
        address
    });
    section.end();
    listen
}

/// `[log]`.
pub(super) fn log(section: &Section<'_>) -> String {
    let filter = section.text("filter").unwrap_or(LOG_DEFAULT);
    if EnvFilter::try_new(filter).is_err() {
        section.wrong("filter", "It is no log filter.", "Write it like \"info\" or \"info,seqn_chatops=debug\".");
    }
    section.end();
    filter.to_owned()
}
