//! What is said on an occasion: the values that its templates are filled with, the texts, and what may not be said.
//!
//! Invariant: what is looked at is what is said: the parts that an audience's template uses, and the text as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Audience, Incident, IncidentKind, Millis};

use super::super::Settings;
use super::super::cadence::spoken;
use super::super::lint::LintFinding;
use super::super::parts::{self, Closing, Status};
use super::super::templates::{Filling, Occasion, Rendered};

/// What is said on an occasion.
pub(super) struct Said {
    pub(super) occasion: Occasion,
    pub(super) filling: Filling,
    /// What is said besides the template's parts, among us only.
    pub(super) more: Vec<(&'static str, String)>,
}

/// What the occasion's parts are.
#[derive(Clone, Copy)]
pub(super) enum Words<'a> {
    Status(&'a Status),
    Closing(&'a Closing),
    Reason(&'a str),
}

impl Said {
    /// What is said of the incident as it is afterwards.
    pub(super) fn of(occasion: Occasion, after: &Incident, words: Words<'_>, at: Millis) -> Self {
        let mut filling = Filling::from([
            ("title", after.title.clone()),
            ("severity", after.severity.word().to_owned()),
            ("phase", after.phase.word().to_owned()),
            ("now", at.to_string()),
            ("started", after.started.to_string()),
        ]);
        match words {
            Words::Status(status) => filling.extend([
                ("impact", status.impact.clone()),
                ("routes", status.routes_in_words()),
                ("next", after.next_update.map(|next| next.to_string()).unwrap_or_default()),
                ("mitigation", status.mitigation.clone()),
            ]),
            Words::Closing(closing) => {
                let resolved = after.resolved.unwrap_or(at);
                filling.extend([
                    ("resolved", resolved.to_string()),
                    ("lasted", spoken(resolved.since(after.started))),
                    ("cause", closing.cause.clone()),
                    ("customer_impact", closing.customer_impact.clone()),
                    ("prevention", closing.prevention.join("; ")),
                    ("owner", closing.owner.clone()),
                ]);
            }
            Words::Reason(reason) => filling.extend([("reason", reason.to_owned())]),
        }
        Self { occasion, filling, more: Vec::new() }
    }

    /// The texts of those audiences; in a drill also of those who would hear of it.
    pub(super) fn texts(
        &self,
        settings: &Settings,
        after: &Incident,
        audiences: &BTreeSet<Audience>,
    ) -> BTreeMap<Audience, Rendered> {
        let mut all = audiences.clone();
        if after.kind == IncidentKind::Drill {
            all.extend(settings.destinations.iter().map(|one| one.reader()));
        }
        let render = |audience: Audience| settings.templates.render(self.occasion, audience, &self.filling);
        all.into_iter().map(|audience| (audience, render(audience))).collect()
    }

    /// What of it that audience may not read.
    pub(super) fn findings(&self, settings: &Settings, audience: Audience, after: &Incident) -> Vec<LintFinding> {
        let (rules, templates) = (&settings.lint, &settings.templates);
        // A real incident's title may have to be public later, when it gets worse.
        let reader = if after.kind == IncidentKind::Real { Audience::Public } else { audience };
        let mut findings = rules.findings(reader, "title", &after.title);
        for (name, value) in &self.filling {
            if *name != "title" && templates.says(self.occasion, audience, name) {
                findings.extend(rules.findings(audience, &name.replace('_', "-"), value));
            }
        }
        for (name, value) in self.more.iter().filter(|_| audience == Audience::Internal) {
            findings.extend(rules.findings(audience, name, value));
        }
        // What only the whole shows: words of the template, and what stands across two parts.
        let text = templates.render(self.occasion, audience, &self.filling).text;
        let seen: Vec<_> = findings.iter().map(|finding| (finding.kind, finding.shown.clone())).collect();
        let whole = rules.findings(audience, "text", &text).into_iter();
        findings.extend(whole.filter(|finding| !seen.contains(&(finding.kind, finding.shown.clone()))));
        findings
    }
}

/// What was said last, for a surface that hears of the incident only now.
pub(super) fn last(incident: &Incident) -> Status {
    Status {
        impact: incident.part("impact").to_owned(),
        routes: parts::routes(incident),
        started: incident.started,
        next: incident.next_update,
        mitigation: incident.part("mitigation").to_owned(),
    }
}
