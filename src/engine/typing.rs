//! Autocomplete: authorised first, no row, a deadline, and nothing on any failure.

use std::time::Duration;

use crate::catalog::{OptionDef, Source, name, suggest, suggestions};
use crate::model::{CommandInput, Envelope, Happening, Staff, Suggestion};

use super::Engine;

/// How long proposals may take: the platform gives 3 s, and late ones are worse than none.
const WITHIN: Duration = Duration::from_millis(1_500);
/// How many earlier values are offered.
const RECENT: u32 = 25;

impl Engine {
    pub(super) async fn suggest(&self, envelope: Envelope) -> Vec<Suggestion> {
        tokio::time::timeout(WITHIN, self.proposals(envelope)).await.unwrap_or_default()
    }

    async fn proposals(&self, envelope: Envelope) -> Vec<Suggestion> {
        let Happening::Typing { input: CommandInput::Tree { path, .. }, focus, partial } = envelope.what else {
            return Vec::new();
        };
        let policy = self.policy();
        let Ok(staff) = policy.identify(&envelope.account, envelope.outsider, &envelope.place) else {
            return Vec::new();
        };
        let guard = &self.parts.guard;
        let Ok(path) = path.into_iter().map(|w| guard.admit(w).map(|w| w.into_inner())).collect::<Result<Vec<_>, _>>()
        else {
            return Vec::new();
        };
        let Ok(partial) = guard.admit(partial) else { return Vec::new() };
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some((definition, _)) = name::find(&self.parts.catalog, &words) else { return Vec::new() };
        let Ok(at) = self.at(&envelope.place).await else { return Vec::new() };
        if policy.may_ask(staff, definition, definition.tier, at).is_err() {
            return Vec::new();
        }
        let Some(option) = definition.option(&focus) else { return Vec::new() };
        suggestions(&self.candidates(staff, option).await, partial.as_str())
    }

    async fn candidates(&self, staff: &Staff, option: &OptionDef) -> Vec<String> {
        let store = &self.parts.store;
        match option.source {
            Source::RecentOrgs => store.recent_orgs(RECENT).await.unwrap_or_default(),
            Source::RecentTickets => store.recent_tickets(&staff.id, RECENT).await.unwrap_or_default(),
            Source::None | Source::Actions | Source::Choices => suggest::candidates(&self.parts.catalog, option),
        }
    }
}
