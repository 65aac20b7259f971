//! Names and ids as types: parsed once, then trusted. Each refuses what it cannot be, with a sentence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest organization slug, from the pattern in `seqn-openapi.yaml`.
const SLUG_MAX: usize = 63;
/// Longest e-mail address (RFC 5321: 64 + @ + 255, of which 254 can be used).
const EMAIL_MAX: usize = 254;
/// Longest opaque id or ticket that we pass on; the outside systems publish no limit.
const OPAQUE_MAX: usize = 128;
/// A uuid with its four dashes.
const UUID_CHARS: usize = 36;

/// Why a text is not the id it should be; a sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadId(pub String);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                $check(text).map(Self)
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An organization's slug; the pattern is that of `seqn-openapi.yaml`.
    OrgSlug,
    slug
);
text_id!(
    /// An e-mail address, kept as typed but for the domain's case. Two are the same person's if `same_as` says so.
    Email,
    email
);
text_id!(
    /// A SEQN session id.
    SessionId,
    opaque
);
text_id!(
    /// A ticket's key in the support tracker, such as `SUP-1234`.
    Ticket,
    ticket
);
text_id!(
    /// A staff member: the person, not a chat account.
    StaffId,
    opaque
);
text_id!(
    /// A person's uuid at Authentik, in lower case: it never changes, and is never given again.
    IdentityId,
    uuid
);
text_id!(
    /// One request to the bot; also the reference that people quote.
    RequestId,
    opaque
);
text_id!(
    /// What a platform repeats when it delivers the same thing again; prefixed with the platform.
    DeliveryKey,
    delivery
);

impl Email {
    /// Whether both name the same mailbox, as Authentik's case-sensitive match does not (`seqn-facts.md` section 7).
    #[must_use]
    pub fn same_as(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other.trim())
    }

    /// Enough to recognise, not enough to write to: `j•••@acme.example`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (name, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let first = name.chars().next().map(String::from).unwrap_or_default();
        format!("{first}•••@{domain}")
    }
}

fn slug(text: &str) -> Result<String, BadId> {
    let ok = !text.is_empty()
        && text.len() <= SLUG_MAX
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if ok {
        Ok(text.into())
    } else {
        Err(BadId("A slug has lower-case letters, digits and inner dashes, at most 63: `acme-labs`.".into()))
    }
}

fn email(text: &str) -> Result<String, BadId> {
    let wrong = || BadId("This is not an e-mail address. Write it like `jo@acme.example`.".into());
    let (name, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    let clean = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
    };
    let ok = text.len() <= EMAIL_MAX && clean(name) && clean(domain) && domain.contains('.') && !domain.contains("..");
    if ok { Ok(format!("{name}@{}", domain.to_lowercase())) } else { Err(wrong()) }
}

fn opaque(text: &str) -> Result<String, BadId> {
    let ok = !text.is_empty()
        && text.len() <= OPAQUE_MAX
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphanumeric());
    if ok { Ok(text.into()) } else { Err(BadId("An id has letters, digits and `-_.:` only, at most 128.".into())) }
}

fn uuid(text: &str) -> Result<String, BadId> {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let ok = text.len() == UUID_CHARS && text.bytes().enumerate().all(fits);
    let wrong = "This is no uuid. Write it like `0f8fad5b-d9cb-469f-a165-70867728950e`.";
    if ok { Ok(text.to_ascii_lowercase()) } else { Err(BadId(wrong.into())) }
}

fn ticket(text: &str) -> Result<String, BadId> {
    let text = text.strip_prefix('#').unwrap_or(text);
    let ok = !text.is_empty()
        && text.len() <= OPAQUE_MAX
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./#".contains(&b))
        && text.bytes().any(|b| b.is_ascii_digit());
    if ok { Ok(text.into()) } else { Err(BadId("A ticket is written like `SUP-1234` or `1234`.".into())) }
}

fn delivery(text: &str) -> Result<String, BadId> {
    let ok = !text.is_empty() && text.len() <= 2 * OPAQUE_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    if ok { Ok(text.into()) } else { Err(BadId("A delivery key is 1 to 256 visible ASCII characters.".into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_the_published_pattern() {
        for good in ["a", "acme", "acme-2", "0x"] {
            assert!(good.parse::<OrgSlug>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Acme", "a_b", "a/b", "../x", &"a".repeat(64)] {
            assert!(bad.parse::<OrgSlug>().is_err(), "{bad}");
        }
    }

    #[test]
    fn emails_compare_without_case_and_mask() {
        let jo: Email = "Jo@ACME.example".parse().expect("an address");
        assert_eq!(jo.as_str(), "Jo@acme.example");
        assert!(jo.same_as("jo@acme.EXAMPLE "));
        assert_eq!(jo.masked(), "J•••@acme.example");
        for bad in ["jo", "jo@", "@x.y", "jo@x", "j o@x.y", "jo@x.y\n", "a@b@c d.e", "<jo@x.y>"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_uuid_is_the_same_in_either_case() {
        let id: IdentityId = "0F8FAD5B-d9cb-469f-a165-70867728950e".parse().expect("a uuid");
        assert_eq!(id.as_str(), "0f8fad5b-d9cb-469f-a165-70867728950e");
        for bad in ["", "0f8fad5b", "0f8fad5bd9cb469fa16570867728950e0000", "0f8fad5b-d9cb-469f-a165-70867728950g", "7"]
        {
            assert!(bad.parse::<IdentityId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_carry_no_markup() {
        for bad in ["", "a b", "<!channel>", "a/b", "é", "..", "a\u{202e}b"] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
        assert_eq!("#1234".parse::<Ticket>().expect("a ticket").as_str(), "1234");
        assert!("SUP".parse::<Ticket>().is_err());
    }
}
