//! Two web addresses, character by character: what differs, and where.
//!
//! It compares text, as the allowlist does: nothing is normalised. Invariant: two different texts always differ in
//! something that is named.

/// From how alike two hosts are taken for one and its slip (Jaro and Winkler, 1 is the same).
const HOSTS_ALIKE: f64 = 0.85;

/// One address of the app's environment against the project's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is in the list, exactly.
    Exact,
    /// The nearest of the list, and what differs.
    Near { listed: String, differs: Vec<&'static str> },
    /// Another host, which may be a slip or another place: shown, and never replaced.
    OtherHost { listed: String },
    /// Nothing of the list is like it.
    Missing,
}

struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
}

fn parts(address: &str) -> Parts<'_> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let slash = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(slash);
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    Parts { scheme, host, port, path }
}

/// What differs between two addresses, in words; empty when they are the same.
fn differs(one: &str, other: &str) -> Vec<&'static str> {
    let (a, b) = (parts(one), parts(other));
    let mut found = Vec::new();
    if a.scheme != b.scheme {
        found.push("scheme");
    }
    if a.host != b.host {
        found.push(if a.host.eq_ignore_ascii_case(b.host) { "case of the host" } else { "host" });
    }
    if a.port != b.port {
        found.push("port");
    }
    if a.path != b.path {
        found.push(match () {
            () if a.path.trim_end_matches('/') == b.path.trim_end_matches('/') => "trailing slash",
            () if a.path.eq_ignore_ascii_case(b.path) => "case of the path",
            () => "path",
        });
    }
    if found.is_empty() && one != other {
        found.push("characters");
    }
    found
}

/// How that address stands in the list.
pub(super) fn find(address: &str, list: &[String]) -> Match {
    if list.iter().any(|listed| listed == address) {
        return Match::Exact;
    }
    let near = list.iter().map(|listed| (listed, differs(listed, address)));
    // Another host is another place; everything else is a slip.
    let slips = near.filter(|(_, differs)| !differs.contains(&"host"));
    if let Some((listed, differs)) =
        slips.min_by_key(|(listed, differs)| (differs.len(), usize::MAX - common(listed, address)))
    {
        return Match::Near { listed: listed.clone(), differs };
    }
    let hosts = list.iter().map(|listed| (listed, strsim::jaro_winkler(parts(listed).host, parts(address).host)));
    match hosts.filter(|(_, like)| *like >= HOSTS_ALIKE).max_by(|(_, a), (_, b)| a.total_cmp(b)) {
        Some((listed, _)) => Match::OtherHost { listed: listed.clone() },
        None => Match::Missing,
    }
}

/// How many characters both begin with.
fn common(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// Both, one under the other, with a mark under the first character that differs.
pub(super) fn side_by_side(listed: &str, address: &str) -> String {
    let at = common(listed, address);
    format!("project {listed}\napp     {address}\n        {}^", " ".repeat(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_has_its_name() {
        let listed = "https://portal.acme.example/auth/callback";
        for (address, differing) in [
            ("http://portal.acme.example/auth/callback", vec!["scheme"]),
            ("https://Portal.acme.example/auth/callback", vec!["case of the host"]),
            ("https://portal.acme.example:8443/auth/callback", vec!["port"]),
            ("https://portal.acme.example/auth/callback/", vec!["trailing slash"]),
            ("https://portal.acme.example/Auth/callback", vec!["case of the path"]),
            ("https://portal.acme.example/auth/return", vec!["path"]),
            ("http://portal.acme.example/auth/callback/", vec!["scheme", "trailing slash"]),
        ] {
            let found = find(address, &[listed.to_owned()]);
            assert_eq!(found, Match::Near { listed: listed.into(), differs: differing }, "{address}");
        }
        assert_eq!(find(listed, &[listed.to_owned()]), Match::Exact);
        assert_eq!(find("https://elsewhere.test/auth/callback", &[listed.to_owned()]), Match::Missing);
        for slip in
            ["https://portal.acme.exmaple/auth/callback", "https://portal-acme.example/", "http://portl.acme.example"]
        {
            assert_eq!(find(slip, &[listed.to_owned()]), Match::OtherHost { listed: listed.into() }, "{slip}");
        }
        assert_eq!(find("", &[]), Match::Missing);
    }

    #[test]
    fn the_nearest_of_several_is_taken() {
        let list = ["https://a.example/one", "https://a.example/two/callback"].map(String::from);
        let Match::Near { listed, .. } = find("https://a.example/two/callback/", &list) else { panic!("it is near") };
        assert_eq!(listed, list[1]);
    }

    #[test]
    fn the_mark_is_under_the_first_character_that_differs() {
        let shown = side_by_side("https://a.example/x", "https://a.example/x/");
        let (mark, app) = (shown.lines().last().unwrap(), shown.lines().nth(1).unwrap());
        assert_eq!(mark.find('^'), app.rfind('/'));
    }
}
