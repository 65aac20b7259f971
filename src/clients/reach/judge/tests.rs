//! Every range, at its first and last address and just outside; and every spelling that hides one.

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn each_range_ends_where_its_registry_says() {
    for (first, last, word) in [
        ("0.0.0.0", "0.255.255.255", "0.0.0.0/8"),
        ("10.0.0.0", "10.255.255.255", "private"),
        ("100.64.0.0", "100.127.255.255", "CGNAT"),
        ("127.0.0.0", "127.255.255.255", "loopback"),
        ("169.254.0.0", "169.254.255.255", "metadata"),
        ("172.16.0.0", "172.31.255.255", "private"),
        ("192.0.0.0", "192.0.0.255", "protocol"),
        ("192.0.2.0", "192.0.2.255", "documentation"),
        ("192.88.99.0", "192.88.99.255", "relays"),
        ("192.168.0.0", "192.168.255.255", "private"),
        ("198.18.0.0", "198.19.255.255", "measurements"),
        ("198.51.100.0", "198.51.100.255", "documentation"),
        ("203.0.113.0", "203.0.113.255", "documentation"),
        ("224.0.0.0", "239.255.255.255", "multicast"),
        ("240.0.0.0", "255.255.255.254", "reserved"),
        ("255.255.255.255", "255.255.255.255", "broadcast"),
        ("::", "::", "no address"),
        ("::1", "::1", "loopback"),
        ("::2", "::ffff:ffff", "inside"),
        ("::127.0.0.1", "::10.0.0.1", "inside"),
        ("::ffff:0.0.0.0", "::ffff:255.255.255.255", "inside"),
        ("::ffff:0:0.0.0.0", "::ffff:0:255.255.255.255", "inside"),
        ("64:ff9b::", "64:ff9b::ffff:ffff", "NAT64"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "NAT64"),
        ("100::", "100::ffff:ffff:ffff:ffff", "swallow"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "Teredo"),
        ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "measurements"),
        ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "protocol"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "6to4"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "routing"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local"),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "site-local"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"),
        ("64:ff9a:ffff::", "64:ff9c::", "nobody was given"),
        ("4000::", "5eff::", "nobody was given"),
        ("::1:0:0:0:0", "1fff::", "nobody was given"),
    ] {
        for address in [first, last] {
            let found = range(ip(address)).unwrap_or("public");
            assert!(found.contains(word), "{address} is {found}, not {word}");
        }
    }
}

#[test]
fn what_lies_just_outside_is_public() {
    for address in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
        "2003::",
        "2606:4700::1111",
        "3ffe:ffff::",
        "3fff:1000::",
    ] {
        assert_eq!(range(ip(address)), None, "{address}");
    }
}

#[test]
fn one_address_that_is_not_public_is_enough() {
    let all = |texts: &[&str]| all_public(&texts.iter().map(|text| ip(text)).collect::<Vec<_>>());
    assert_eq!(all(&["1.1.1.1", "2606:4700::1111"]), Ok(()));
    for mixed in [["1.1.1.1", "10.0.0.1"], ["169.254.169.254", "1.1.1.1"], ["2606:4700::1111", "::ffff:1.1.1.1"]] {
        assert!(matches!(all(&mixed), Err(Unfit::Range(_))), "{mixed:?}");
    }
}

/// A host of every spelling that somebody has used to hide an address.
#[test]
fn odd_spellings_are_undone_before_they_are_judged() {
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "１２７.0.0.1",
        "0",
        "0x0",
        "10.1",
        "0xa000001",
        "167772161",
        "0xA9FEA9FE",
        "169.254.169.254",
        "0251.0376.0251.0376",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:7f00:1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::a00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "%31%32%37.0.0.1",
    ] {
        let judged = target(&format!("https://{host}/hook"));
        assert!(matches!(judged, Err(Unfit::Range(_))), "{host}: {judged:?}");
    }
}

#[test]
fn what_is_no_public_https_address_is_refused_by_its_text() {
    for (text, why) in [
        ("", Unfit::NoAddress),
        ("hooks.acme.example", Unfit::NoAddress),
        ("https://", Unfit::NoAddress),
        ("https://256.256.256.256/", Unfit::NoAddress),
        ("https://[fe80::1%25eth0]/", Unfit::NoAddress),
        ("https://a b.example/", Unfit::NoAddress),
        ("http://hooks.acme.example/", Unfit::NotHttps),
        ("ftp://hooks.acme.example/", Unfit::NotHttps),
        ("file:///etc/passwd", Unfit::NotHttps),
        ("gopher://hooks.acme.example/", Unfit::NotHttps),
        ("https://jo@hooks.acme.example/", Unfit::Credentials),
        ("https://jo:pw@hooks.acme.example/", Unfit::Credentials),
        ("https://hooks.acme.example@127.0.0.1/", Unfit::Credentials),
        ("https://hooks.acme.example:8443/", Unfit::Port),
        ("https://hooks.acme.example:80/", Unfit::Port),
        ("https://hooks.acme.example:0/", Unfit::Port),
        ("https://localhost/", Unfit::InnerName),
        ("https://LOCALHOST./", Unfit::InnerName),
        ("https://a.localhost/", Unfit::InnerName),
        ("https://redis/", Unfit::InnerName),
        ("https://metadata.google.internal/", Unfit::InnerName),
        ("https://printer.local/", Unfit::InnerName),
        ("https://router.home.arpa/", Unfit::InnerName),
        ("https://acme../", Unfit::InnerName),
    ] {
        assert_eq!(target(text), Err(why), "{text}");
    }
    assert_eq!(target(&format!("https://a.example/{}", "x".repeat(2_048))), Err(Unfit::NoAddress));
}

#[test]
fn a_public_address_keeps_its_path_and_its_query_and_nothing_else() {
    let whole = target("https://Hooks.Acme.Example.:443/a b?k=v\r\n x#part").expect("public");
    assert_eq!((whole.host.as_str(), whole.literal), ("hooks.acme.example", None));
    assert_eq!(whole.path, "/a%20b?k=v%20x");
    assert_eq!(target("https://notlocalhost.example").expect("public").path, "/");
    assert_eq!(target("https://1.1.1.1/x").expect("public").literal, Some(ip("1.1.1.1")));
    assert_eq!(target("https://[2606:4700::1111]/").expect("public").host, "[2606:4700::1111]");
}
