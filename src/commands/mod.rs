//! The commands about incidents (between F3 and F4), and the one by which a customer is told something: each a
//! definition, what it looks up, and the deed or the answer. Pure, but for `look`.
//!
//! Invariant: what would be sent is in the preview, for each audience, and what is confirmed is what is sent.

mod change;
mod definitions;
mod deliveries;
mod open;
mod preview;
mod reply;
mod report;
mod show;
mod which;

use std::sync::Arc;

use crate::catalog::Action;

use crate::incidents::Settings;

/// Every command about incidents and the reply to a customer, in the order in which it is shown.
#[must_use]
pub fn actions(settings: &Arc<Settings>) -> Vec<Arc<dyn Action>> {
    let mut all: Vec<Arc<dyn Action>> = vec![Arc::new(open::Open(Arc::clone(settings)))];
    all.extend(definitions::CHANGES.iter().map(|(act, definition)| {
        Arc::new(change::Change { settings: Arc::clone(settings), act: *act, definition }) as Arc<dyn Action>
    }));
    all.push(Arc::new(deliveries::Deliveries));
    all.push(Arc::new(show::Show));
    all.push(Arc::new(show::List));
    all.push(Arc::new(report::Timeline));
    all.push(Arc::new(report::Report));
    all.push(Arc::new(show::TemplateShow(Arc::clone(settings))));
    all.push(Arc::new(reply::Reply { rules: settings.lint.clone() }));
    all
}
