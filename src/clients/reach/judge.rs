//! Which addresses may be asked when somebody else named them. Pure: no name is resolved here.
//!
//! Invariant: what is in no list of public addresses is not public; an IPv6 address that carries an IPv4 one is refused,
//! whatever it carries, since what unpacks it is not ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::ports::Unfit;

/// The only port that is asked.
pub const PORT: u16 = 443;
/// The longest address that is read, in bytes: what common servers take in a request line.
const URL_MOST: usize = 2_048;

/// IPv4 that is not public: first address, prefix length, what it is (IANA's special-purpose registry).
const RANGES_V4: [([u8; 4], u32, &str); 16] = [
    ([0, 0, 0, 0], 8, "this network itself (0.0.0.0/8)"),
    ([10, 0, 0, 0], 8, "a private network (10.0.0.0/8)"),
    ([100, 64, 0, 0], 10, "a provider's own network (CGNAT, 100.64.0.0/10)"),
    ([127, 0, 0, 0], 8, "the asking machine itself (loopback)"),
    ([169, 254, 0, 0], 16, "a link-local network, where clouds keep their metadata (169.254.0.0/16)"),
    ([172, 16, 0, 0], 12, "a private network (172.16.0.0/12)"),
    ([192, 0, 0, 0], 24, "protocol assignments (192.0.0.0/24)"),
    ([192, 0, 2, 0], 24, "addresses for documentation (192.0.2.0/24)"),
    ([192, 88, 99, 0], 24, "relays from IPv6 to IPv4 (192.88.99.0/24)"),
    ([192, 168, 0, 0], 16, "a private network (192.168.0.0/16)"),
    ([198, 18, 0, 0], 15, "networks for measurements (198.18.0.0/15)"),
    ([198, 51, 100, 0], 24, "addresses for documentation (198.51.100.0/24)"),
    ([203, 0, 113, 0], 24, "addresses for documentation (203.0.113.0/24)"),
    ([224, 0, 0, 0], 4, "many machines at once (multicast)"),
    ([255, 255, 255, 255], 32, "every machine of a network (broadcast)"),
    ([240, 0, 0, 0], 4, "reserved addresses (240.0.0.0/4)"),
];

/// IPv6 that is not public, by its first 128 bits; the narrower one stands first.
const RANGES_V6: [(u128, u32, &str); 19] = [
    (0, 128, "no address at all (::)"),
    (1, 128, "the asking machine itself (loopback)"),
    (0xffff << 32, 96, "an IPv4 address inside an IPv6 one (::ffff:0:0/96)"),
    (0xffff << 48, 96, "an IPv4 address inside an IPv6 one (::ffff:0:0:0/96)"),
    (0, 96, "an IPv4 address inside an IPv6 one (::/96)"),
    (0x0064_ff9b << 96, 96, "a translated IPv4 address (NAT64, 64:ff9b::/96)"),
    (0x0064_ff9b_0001 << 80, 48, "a translated IPv4 address (NAT64, 64:ff9b:1::/48)"),
    (0x0100 << 112, 64, "addresses that swallow everything (100::/64)"),
    (0x2001_0000 << 96, 32, "an IPv4 address inside an IPv6 one (Teredo, 2001::/32)"),
    (0x2001_0002 << 96, 48, "networks for measurements (2001:2::/48)"),
    (0x2001_0000 << 96, 23, "protocol assignments (2001::/23)"),
    (0x2001_0db8 << 96, 32, "addresses for documentation (2001:db8::/32)"),
    (0x2002 << 112, 16, "an IPv4 address inside an IPv6 one (6to4, 2002::/16)"),
    (0x3fff << 112, 20, "addresses for documentation (3fff::/20)"),
    (0x5f00 << 112, 16, "a provider's own routing (5f00::/16)"),
    (0xfc00 << 112, 7, "a private network (fc00::/7)"),
    (0xfe80 << 112, 10, "a link-local network (fe80::/10)"),
    (0xfec0 << 112, 10, "a private network of old (site-local, fec0::/10)"),
    (0xff00 << 112, 8, "many machines at once (multicast)"),
];

/// Where public IPv6 addresses are: nothing else is given out.
const PUBLIC_V6: (u128, u32) = (0x2000 << 112, 3);
/// What lies outside of it and has no name above.
const NOT_GIVEN_OUT: &str = "addresses that nobody was given";

/// Ends of names that only somebody's own network knows.
const INNER: [&str; 8] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain", "onion"];

/// An address that may be asked, as far as can be told without resolving its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As a URL and the `Host` header write it.
    pub host: String,
    /// The address, where the host is one.
    pub literal: Option<IpAddr>,
    /// Path and query, as a request line carries them.
    pub path: String,
}

/// Judges an address by its text. What is odd about its spelling is undone first, as browsers do.
///
/// # Errors
/// Why it is not asked.
pub fn target(text: &str) -> Result<Target, Unfit> {
    if text.len() > URL_MOST {
        return Err(Unfit::NoAddress);
    }
    let url: Url = text.parse().map_err(|_| Unfit::NoAddress)?;
    if url.scheme() != "https" {
        return Err(Unfit::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unfit::Credentials);
    }
    let literal = match url.host().ok_or(Unfit::NoAddress)? {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(name) if public_name(name) => None,
        Host::Domain(_) => return Err(Unfit::InnerName),
    };
    if let Some(range) = literal.and_then(range) {
        return Err(Unfit::Range(range));
    }
    if url.port_or_known_default() != Some(PORT) {
        return Err(Unfit::Port);
    }
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Ok(Target { host, literal, path: format!("{}{query}", url.path()) })
}

fn public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let inner = |end: &str| name == end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    name.contains('.') && !name.starts_with('.') && !name.ends_with('.') && !INNER.into_iter().any(inner)
}

/// The addresses of a name: none of them may be outside of what is public.
///
/// # Errors
/// The range of the first one that is not public.
pub fn all_public(addresses: &[IpAddr]) -> Result<(), Unfit> {
    addresses.iter().copied().find_map(range).map_or(Ok(()), |range| Err(Unfit::Range(range)))
}

/// The range that keeps an address from being asked; `None` for a public one.
#[must_use]
pub fn range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => range_v4(address),
        IpAddr::V6(address) => range_v6(address),
    }
}

fn range_v4(address: Ipv4Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    let within = |(first, length, _): &&([u8; 4], u32, &str)| same(bits, u32::from_be_bytes(*first), *length);
    RANGES_V4.iter().find(within).map(|(.., what)| *what)
}

fn range_v6(address: Ipv6Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    let within = |first: u128, length: u32| (bits ^ first).checked_shr(128 - length).unwrap_or(0) == 0;
    let named = RANGES_V6.iter().find(|(first, length, _)| within(*first, *length)).map(|(.., what)| *what);
    named.or_else(|| (!within(PUBLIC_V6.0, PUBLIC_V6.1)).then_some(NOT_GIVEN_OUT))
}

/// Whether the first `length` bits are the same.
const fn same(one: u32, other: u32, length: u32) -> bool {
    (one ^ other) >> (32 - length) == 0
}

#[cfg(test)]
mod tests;
