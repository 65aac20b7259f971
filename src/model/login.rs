//! A sign-in at Authentik with a link that a chat account had asked for.
//!
//! Invariant: it proves that somebody who can sign in as that person has used that link, and nothing more. A link can be
//! passed on, so that no account becomes anybody's by it alone.

use super::ids::IdentityId;
use super::person::Account;
use super::time::{MINUTE_MS, Millis};

/// How long it counts: as long as two admins need to come together.
pub const SIGN_IN_GOOD_MS: i64 = 60 * MINUTE_MS;

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The account that had asked for the link.
    pub account: Account,
    /// The uuid at Authentik.
    pub to: IdentityId,
    /// When.
    pub at: Millis,
}
