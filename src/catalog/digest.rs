//! The digest of a plan: what an agreement is bound to. It never covers observations such as "last active".

use ring::digest::{Context, SHA256};

use crate::model::{Digest, Plan, hex};

use super::Definition;

/// A text's own digest, in hex: which text it was can be proven by it, and not read from it.
#[must_use]
pub fn of_text(text: &str) -> String {
    hex(ring::digest::digest(&SHA256, text.as_bytes()).as_ref())
}

/// The digest of that plan of that action: over name, version, tier, subject, and the step keys, or for a
/// predicate the most targets it may have instead of the keys.
#[must_use]
pub fn digest(definition: &Definition, plan: &Plan) -> Digest {
    let mut hash = Context::new(&SHA256);
    let mut part = |text: &str| {
        hash.update(&(text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(definition.name);
    part(&definition.version.to_string());
    part(&plan.tier.to_string());
    for (name, value) in &plan.subject {
        part(name);
        part(value);
    }
    match plan.at_most {
        Some(most) => part(&format!("at most {most}")),
        None => plan.steps.iter().for_each(|step| part(&step.key)),
    }
    Digest(hex(hash.finish().as_ref()))
}
