//! What became of a reply: whether the tracker has taken it, and shows it as it was confirmed. Pure.

use crate::model::{Block, Check, CheckResult, DeliveryState, RequestId, Verdict};
use crate::ports::OwedReply;

use super::{Facts, Input};

/// That request's reply, once it is owed.
pub(super) fn of<'a>(request: &RequestId, replies: &'a [OwedReply]) -> Option<&'a OwedReply> {
    replies.iter().find(|owed| owed.request.as_ref() == Some(request))
}

pub(super) fn verdict(request: &RequestId, input: &Input, facts: &Facts) -> Verdict {
    let mut verdict = Verdict::default();
    let Some(owed) = of(request, &facts.replies) else {
        return checked(verdict, input, CheckResult::NotConfirmed("it is not owed to the tracker".into()));
    };
    let why = if owed.line.why.is_empty() { String::new() } else { format!(" {}", owed.line.why) };
    let result = match (owed.line.state, &facts.shown) {
        (DeliveryState::Owed, _) => {
            verdict.later = true;
            verdict.remark = "The customer has not got it yet: it stays owed, and is tried for a day.".into();
            verdict
                .conclusion
                .push(Block::Text("I tell you when it is sent, or given up. Do not send it again.".into()));
            CheckResult::NotConfirmed(format!("the tracker has not taken it yet.{why}"))
        }
        (DeliveryState::Failed | DeliveryState::Superseded, _) => {
            verdict.remark = "It was given up: look at the ticket before it is sent again.".into();
            CheckResult::NotConfirmed(format!("it was given up.{why}"))
        }
        (DeliveryState::Sent, Some(Ok(Some(shown)))) => {
            let link = shown.url.clone().map(|url| Block::Link { label: format!("The reply ({})", shown.id), url });
            verdict.conclusion.extend(link);
            match shown.as_sent {
                true => CheckResult::Confirmed,
                false => CheckResult::NotConfirmed(format!("{} has another text than was sent", shown.id)),
            }
        }
        (DeliveryState::Sent, Some(Ok(None))) => {
            CheckResult::NotConfirmed("the tracker took it, and does not show it".into())
        }
        (DeliveryState::Sent, Some(Err(error))) => {
            verdict.later = error.passing();
            CheckResult::CouldNotLook(format!("the tracker took it. {}", error.of_look()))
        }
        (DeliveryState::Sent, None) => {
            CheckResult::CouldNotLook("the tracker took it, and can no longer be asked".into())
        }
    };
    checked(verdict, input, result)
}

fn checked(verdict: Verdict, input: &Input, result: CheckResult) -> Verdict {
    let what = format!("The reply on {}, as the customer sees it", input.ticket);
    Verdict { checks: vec![Check { what, result }], ..verdict }
}
