//! How a step becomes a deed: whom it reaches, what holds it back, what is owed, and what to remark.
//!
//! Invariant: what was overridden is in the timeline, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Audience, Entry, EntryKind, Incident, IncidentDeed, IncidentKind, cut};

use super::super::cadence::spoken;
use super::super::fanout::{self, Happened, Reach, Telling, Told};
use super::super::lifecycle::Step;
use super::super::lint::{LintFinding, weigh};
use super::super::templates::{Occasion, Rendered};
use super::super::{Destination, DestinationKind};
use super::said::Said;
use super::{Desk, Draft, No, Standing};

/// Longest entry of a timeline, in characters: a text and its heading.
const ENTRY_CHARS_MAX: usize = 4_000;

/// What becomes of each destination.
type Reached<'a> = [(&'a Destination, Reach)];

impl Desk<'_> {
    /// The deed of something that is said to everybody whom it reaches. `version` is the one that it is planned for.
    pub(super) fn say(
        &self,
        version: u32,
        told: &Told,
        mut step: Step,
        happened: Happened,
        said: &Said,
    ) -> Result<Draft, No> {
        let reached = fanout::reach(self.settings, &step.after, happened, told);
        let mut audiences = BTreeSet::from([Audience::Internal]);
        let hears = reached.iter().filter(|(_, reach)| !matches!(reach, Reach::Left(_)));
        audiences.extend(hears.map(|(one, _)| one.reader()));
        let texts = said.texts(self.settings, &step.after, &audiences);
        if happened == Happened::WrittenUp && step.after.kind == IncidentKind::Real {
            // The prevention items become tickets there, whether it was told of the incident or not.
            let trackers = self.settings.destinations.iter().filter(|one| one.kind == DestinationKind::Tracker);
            audiences.extend(trackers.map(|one| one.reader()));
        }
        let look = |audience: &Audience| said.findings(self.settings, *audience, &step.after);
        let waived = self.weighed(audiences.iter().flat_map(look).collect())?;
        let first = step.entries.first_mut().filter(|_| said.occasion != Occasion::Cancel);
        if let (Some(entry), Some(text)) = (first, texts.get(&Audience::Internal)) {
            entry.says = cut(&format!("{}\n{}", entry.says, text.text), ENTRY_CHARS_MAX);
        }
        step.entries.extend(self.waived(&waived));
        let mut draft = self.draft(version, step, happened, &reached, texts, "");
        draft.remarks.extend(self.later_than_usual(&draft.deed.after));
        Ok(draft)
    }

    /// The deed of a change of severity: one line for those who know of the incident, the whole for those who do not.
    pub(super) fn whisper(&self, standing: Standing<'_>, mut step: Step, said: &Said) -> Result<Draft, No> {
        let (line, mut remarks) = (line(&step), Vec::new());
        let mut reached = fanout::reach(self.settings, &step.after, Happened::Severity, standing.told);
        let (mut lines, mut whole) = (BTreeSet::from([Audience::Internal]), BTreeSet::new());
        for (one, reach) in &mut reached {
            match reach {
                Reach::Line(_) => {
                    lines.insert(one.reader());
                }
                Reach::Told(_) => match self.weighed(said.findings(self.settings, one.reader(), &step.after)) {
                    Err(No::Held(held)) => {
                        let why = held.first().map(LintFinding::says).unwrap_or_default();
                        remarks.push(format!("{} is told with the next update only. {why}", one.name));
                        *reach = Reach::Left("what was said last may not be said there".to_owned());
                    }
                    _ => {
                        whole.insert(one.reader());
                    }
                },
                Reach::Left(_) => {}
            }
        }
        let rules = &self.settings.lint;
        let findings = lines.iter().flat_map(|audience| rules.findings(*audience, "reason", &line)).collect();
        let waived = self.weighed(findings)?;
        step.entries.extend(self.waived(&waived));
        let texts = said.texts(self.settings, &step.after, &whole);
        let mut draft = self.draft(standing.incident.version, step, Happened::Severity, &reached, texts, &line);
        draft.remarks.splice(0..0, remarks);
        Ok(draft)
    }

    /// The deed of something that only those in the rooms, and those who are paged, hear of in one line.
    pub(super) fn inside(&self, standing: Standing<'_>, mut step: Step, happened: Happened) -> Result<Draft, No> {
        let line = line(&step);
        let reached = fanout::reach(self.settings, &step.after, happened, standing.told);
        let mut lines = BTreeSet::from([Audience::Internal]);
        lines.extend(reached.iter().filter(|(_, reach)| matches!(reach, Reach::Line(_))).map(|(one, _)| one.reader()));
        let rules = &self.settings.lint;
        let waived = self.weighed(lines.iter().flat_map(|who| rules.findings(*who, "reason", &line)).collect())?;
        step.entries.extend(self.waived(&waived));
        Ok(self.draft(standing.incident.version, step, happened, &reached, BTreeMap::new(), &line))
    }

    /// The deed of something that nobody is told.
    pub(super) fn quietly(&self, before: &Incident, mut step: Step, says: &str) -> Result<Draft, No> {
        let waived = self.weighed(self.settings.lint.findings(Audience::Internal, "note", says))?;
        step.entries.extend(self.waived(&waived));
        Ok(self.draft(before.version, step, Happened::Inside, &[], BTreeMap::new(), ""))
    }

    fn draft(
        &self,
        version: u32,
        step: Step,
        happened: Happened,
        reached: &Reached<'_>,
        texts: BTreeMap<Audience, Rendered>,
        line: &str,
    ) -> Draft {
        let plain = texts.iter().map(|(audience, text)| (*audience, text.text.clone())).collect();
        let telling = Telling { after: &step.after, happened, at: self.by.at, texts: &plain, line };
        let notices = fanout::notices(reached, telling);
        let mut remarks = Vec::new();
        for (audience, text) in &texts {
            let audience = audience.word();
            if text.cut {
                remarks.push(format!("The {audience} text is too long and is cut at its end."));
            }
            if let Some(why) = &text.instead {
                remarks.push(format!("The built-in template is used for the {audience} text: {why}."));
            }
        }
        let reach = reached.iter().map(|(one, reach)| (one.name.clone(), reach.clone())).collect();
        let incident = step.after.id.clone();
        let deed = IncidentDeed { incident, version, after: Box::new(step.after), entries: step.entries, notices };
        Draft { deed, texts, reach, remarks }
    }

    /// What was overridden; or what still holds it back.
    fn weighed(&self, findings: Vec<LintFinding>) -> Result<Vec<LintFinding>, No> {
        let mut once: Vec<LintFinding> = Vec::new();
        for finding in findings {
            if !once.contains(&finding) {
                once.push(finding);
            }
        }
        let (held, waived) = weigh(once, self.overrides);
        if held.is_empty() { Ok(waived) } else { Err(No::Held(held)) }
    }

    /// What is said all the same, and why, for the timeline.
    fn waived(&self, waived: &[LintFinding]) -> Option<Entry> {
        let what =
            |one: &LintFinding| format!("{} in `{}` for the {} text", one.kind.word(), one.part, one.audience.word());
        let list: BTreeSet<String> = waived.iter().map(what).collect();
        let kinds: BTreeSet<_> = waived.iter().map(|one| one.kind).collect();
        let used = self.overrides.iter().filter(|one| kinds.contains(&one.kind));
        let reasons: BTreeSet<String> = used.map(|one| one.reason.clone()).collect();
        let joined = |all: BTreeSet<String>, by: &str| all.into_iter().collect::<Vec<_>>().join(by);
        let says = format!("Said all the same: {}. Reason: {}", joined(list, ", "), joined(reasons, "; "));
        (!waived.is_empty()).then(|| self.by.entry(EntryKind::Noted, cut(&says, ENTRY_CHARS_MAX)))
    }

    fn later_than_usual(&self, after: &Incident) -> Option<String> {
        let ahead = after.next_update?.since(self.by.at);
        let every = self.settings.cadence.every(after.severity);
        let severity = after.severity.word();
        (ahead > every)
            .then(|| format!("{severity} promises an update every {}; this says {}.", spoken(every), spoken(ahead)))
    }
}

/// What changed, in one line: the entries of the step, one after the other.
fn line(step: &Step) -> String {
    step.entries.iter().map(|entry| entry.says.as_str()).collect::<Vec<_>>().join(" ")
}
