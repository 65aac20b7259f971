//! The canary of a rotation: a project or an endpoint of the same organization that is rotated first, where there is one.
//!
//! It looks nothing up. Invariant: what stands behind the canary is rotated only when a person has said that the canary is
//! well with its new key.

use crate::model::{Block, Effect, KeyOf, Plan, Tone};

use super::plan::{Target, by_hand, rotate};

/// A canary that was found.
pub(super) struct Canary<'a> {
    /// Whose key it is.
    pub(super) key: KeyOf,
    /// How its key begins now; empty where that is not said.
    pub(super) prefix: &'a str,
}

/// The steps that come before those of the key itself.
pub(super) fn steps(target: &Target<'_>, canary: &Canary<'_>) -> Vec<crate::model::Step> {
    let item = canary.key.item();
    let first = rotate(target, &canary.key, canary.prefix, "canary");
    let todo = match &first.effect {
        Effect::RotateKey { .. } => format!(
            "Put the new key of the canary {item} into its secret store, and see it answer well. If it does not, press \
             nothing and put it right first: {} is not touched before you press Done.",
            target.key.item()
        ),
        _ => format!("See that the canary {item} answers well with its new key."),
    };
    vec![first, by_hand(target, "canary-well", todo, "")]
}

/// The answer where the canary that was named is none.
pub(super) fn not_there(what: &str) -> Plan {
    let says = format!("The canary {what} is not there, or it is the very thing that is to be rotated.");
    let next =
        "Nothing was changed. Name another one of the same organization, or leave `canary` out where there is none.";
    Plan::answer(Tone::Bad, says, vec![Block::Text(next.into())])
}
