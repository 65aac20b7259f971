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

#[cfg(test)]
mod tests {
    use super::super::rules::{TEST_KEY, rows};
    use super::super::{FingerprintKey, Guard, examples};
    use super::*;

    fn guard() -> Guard {
        Guard::new(FingerprintKey::new([7; 32]))
    }

    #[test]
    fn keys_of_test_projects_are_findings_where_the_operator_says_so() {
        let strict = guard().with_settings(Settings { allow_test_keys: false, ..Settings::default() });
        let rule = rows().last().unwrap();
        let text = format!("key {}", (rule.example)());
        assert_eq!(guard().findings(&text), vec![]);
        assert_eq!(strict.findings(&text)[0].rule.as_str(), TEST_KEY);
        assert_eq!(strict.findings(&(rule.lookalike)()), vec![]);
    }

    #[test]
    fn authentik_tokens_have_the_length_that_was_set() {
        let text = format!("the authentik one is {} now", examples::alnum(51, 72));
        let long = guard().with_settings(Settings { authentik_token_chars: 72, ..Settings::default() });
        assert_eq!(guard().findings(&text), vec![]);
        assert_eq!(long.findings(&text)[0].rule.as_str(), "authentik-token");
        let usual = format!("authentik token: {}", examples::alnum(52, AUTHENTIK_TOKEN_CHARS));
        assert_eq!(guard().findings(&usual).len(), 1);
    }
}
