//! Base URLs and the paths below them.
//!
//! Nothing is sent from here. Invariant: a `Base` is https, or http on this machine's own loopback, so a
//! credential never crosses a network in clear; and no parameter can leave its path segment.

use std::fmt::Write as _;

use url::{Host, Url};

/// Why a configuration cannot be used: a sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadConfig(pub String);

/// A checked base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(Url);

impl Base {
    /// Checks a base URL. `what` names the setting in the sentence.
    ///
    /// # Errors
    /// When it is neither https nor loopback http, or when it carries a password, a query or a fragment.
    pub fn new(what: &str, url: &Url) -> Result<Self, BadConfig> {
        if url.host().is_none() {
            return Err(BadConfig(format!("{what} has no host. Write it like https://accounts.seqn.in.")));
        }
        if !secure(url) {
            return Err(BadConfig(format!(
                "{what} must be https: only an address of this machine itself may be plain http."
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadConfig(format!("{what} must hold no user name and no password.")));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadConfig(format!("{what} must have no query and no fragment.")));
        }
        Ok(Self(url.clone()))
    }

    /// The URL of a path below it. The path starts with a slash and is encoded already.
    #[must_use]
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url
    }

    /// The URL itself.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// True for an address of this machine itself.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        loopback(&self.0)
    }

    /// True when scheme, host and port are the same.
    #[must_use]
    pub fn same_origin(&self, other: &Url) -> bool {
        self.0.origin() == other.origin()
    }
}

/// True when a URL may carry what is not public: https, or http on loopback.
#[must_use]
pub fn secure(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && loopback(url))
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// One path segment, percent-encoded. `None` for what a URL parser would walk with: empty, `.` and `..`.
#[must_use]
pub fn segment(text: &str) -> Option<String> {
    if matches!(text, "" | "." | "..") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").ok()?;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<Base, BadConfig> {
        Base::new("seqn.base", &text.parse().expect("a URL"))
    }

    #[test]
    fn only_https_or_loopback() {
        for good in ["https://accounts.seqn.in", "http://127.0.0.1:4080", "http://[::1]:1/", "http://localhost:9"] {
            assert!(base(good).is_ok(), "{good}");
        }
        for bad in [
            "http://accounts.seqn.in",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "mailto:jo@acme.example",
            "https://jo@accounts.seqn.in",
            "https://accounts.seqn.in/?a=b",
            "https://accounts.seqn.in/#x",
        ] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_go_below_the_base() {
        let plain = base("https://a.example").expect("a base");
        assert_eq!(plain.at("/v1/x").as_str(), "https://a.example/v1/x");
        let deep = base("https://a.example/auth/").expect("a base");
        assert_eq!(deep.at("/v1/x").as_str(), "https://a.example/auth/v1/x");
        assert_eq!(plain.at("//evil.example/x").host_str(), Some("a.example"));
    }

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(segment("ses_1").as_deref(), Some("ses_1"));
        assert_eq!(segment("a/b?c#d%e é").as_deref(), Some("a%2Fb%3Fc%23d%25e%20%C3%A9"));
        assert_eq!(segment(".."), None);
        assert_eq!(segment(""), None);
        let at = base("https://a.example").expect("a base").at(&format!("/x/{}", segment("../y").expect("encodes")));
        assert_eq!(at.path(), "/x/..%2Fy");
    }
}
