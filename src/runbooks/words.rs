//! How things that several actions show are said: addresses with their personal half hidden, counts.

use std::net::IpAddr;

/// An address with its personal half hidden: `203.0.•.•`, `2001:db8:…`.
pub(super) fn masked(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, _, _] = v4.octets();
            format!("{a}.{b}.•.•")
        }
        Ok(IpAddr::V6(v6)) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}:…")
        }
        Err(_) => "address unknown".into(),
    }
}

/// `1 session`, `2 sessions`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `1 entry`, `2 entries`: of a log.
pub(super) fn entries(n: usize) -> String {
    if n == 1 { "1 entry".into() } else { format!("{n} entries") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_personal_half() {
        assert_eq!(masked("203.0.113.7"), "203.0.•.•");
        assert_eq!(masked("2001:db8:1:2::7"), "2001:db8:…");
        assert_eq!(masked("not an address"), "address unknown");
    }
}
