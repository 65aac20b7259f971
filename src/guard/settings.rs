//! What the operator may set about the guard.
//!
//! It is read by the checks and the gates, and decides nothing. Invariant: the defaults are those of the example
//! configuration.

use super::allow::Allowed;
use super::custom::CustomRules;

/// The length of Authentik's API tokens where its tenant setting was never changed.
pub const AUTHENTIK_TOKEN_CHARS: usize = 60;

/// What the operator has set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether keys of test projects (`sk_test_`) may be shown.
    pub allow_test_keys: bool,
    /// How long Authentik's API tokens are.
    pub authentik_token_chars: usize,
    /// The operator's own rules.
    pub rules: CustomRules,
    /// What is no secret although it looks like one.
    pub allowed: Allowed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_test_keys: true,
            authentik_token_chars: AUTHENTIK_TOKEN_CHARS,
            rules: CustomRules::default(),
            allowed: Allowed::default(),
        }
    }
}
