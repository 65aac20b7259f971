//! Console mode: when SEQN Auth's API does not do it here, a person does it in the hosted console.

use crate::model::{Block, Effect, Plan, Repeat, Step};
use crate::ports::{Mode, Operation, Reads};

/// Why the hosted console is needed, and where it is.
pub(super) struct ByHand {
    pub(super) why: String,
    pub(super) url: String,
}

/// Whether all these operations are done by the API here; if not, why not.
pub(super) fn by_hand(reads: &Reads, operations: &[Operation]) -> Option<ByHand> {
    operations.iter().find_map(|operation| match reads.seqn.mode(*operation) {
        Mode::Api => None,
        Mode::Console { why, url } => Some(ByHand { why, url }),
    })
}

/// Gives a plan its one step: the effect, or by hand the same in words.
pub(super) fn one_step(plan: &mut Plan, key: String, effect: Effect, by_hand: Option<&ByHand>, todo: String) {
    let says = plan.outline.clone();
    let (effect, repeat, says) = match by_hand {
        None => {
            // A project that is written is provisioned anew each time, and each test event is one more.
            let sets = matches!(effect, Effect::SetRole { .. } | Effect::WriteSubscription { .. });
            (effect, if sets { Repeat::Same } else { Repeat::AskFirst }, says)
        }
        Some(ByHand { why, url }) => {
            plan.blocks.push(Block::Text(format!("{why} So a person does it in the hosted console, and I check it.")));
            plan.subject.insert("by-hand".into(), "yes".into());
            let says = format!("By hand in the hosted console: {todo}");
            (Effect::ByHand { url: url.clone(), todo }, Repeat::AskFirst, says)
        }
    };
    plan.steps = vec![Step { key, says, effect, repeat }];
}
