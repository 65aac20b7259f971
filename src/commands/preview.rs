//! A draft as a preview, and a no as an answer.

use std::collections::BTreeMap;

use crate::catalog::Asked;
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Incident, IncidentKind, Plan, Repeat, Step, Tier, Tone, Verdict,
};

use crate::incidents::deed::{Draft, No};
use crate::incidents::fanout::Reach;

/// What the preview of a deed says besides the draft.
pub(super) struct Words {
    /// The question.
    pub(super) title: String,
    /// For the record and the channel.
    pub(super) outline: String,
}

/// The preview of a draft. Its digest covers every text and every destination.
pub(super) fn preview(
    asked: &Asked<'_>,
    words: Words,
    before: Option<&Incident>,
    draft: Draft,
    fields: &Fields,
) -> Plan {
    let mut plan = Plan::answer(Tone::Caution, words.title, Vec::new());
    plan.tier = Tier::Confirm;
    plan.outline = words.outline;
    plan.pinned = fields.clone();
    plan.subject = subject(&draft);
    if let Some(before) = before {
        plan.blocks.push(Block::Note(format!(
            "{} as of version {}, last changed by {} at {}.",
            before.name(),
            before.version,
            before.changed_by,
            before.changed
        )));
    }
    plan.blocks.extend(draft.remarks.iter().cloned().map(Block::Text));
    for (audience, rendered) in &draft.texts {
        plan.blocks.push(Block::Text(format!("For the {} audience:", audience.word())));
        plan.blocks.push(Block::Code(rendered.text.clone()));
        plan.blocks.extend(rendered.instead.iter().cloned().map(Block::Note));
    }
    let reached = draft.reach.iter().map(|(name, reach)| match reach {
        Reach::Told(_) => format!("{name}: told"),
        Reach::Line(_) => format!("{name}: one line"),
        Reach::Left(why) => format!("{name}: not told, {why}"),
    });
    plan.blocks.push(Block::Items { heading: "Where it goes".into(), items: reached.collect() });
    let key = format!("incident:{}:{}", draft.deed.incident, draft.deed.version);
    let effect = Effect::Incident { request: asked.request.clone(), at: asked.asked, deed: Box::new(draft.deed) };
    plan.steps = vec![Step { key, says: plan.outline.clone(), effect, repeat: Repeat::Same }];
    plan
}

fn subject(draft: &Draft) -> BTreeMap<String, String> {
    let mut subject = BTreeMap::from([
        ("incident".to_owned(), draft.deed.incident.to_string()),
        ("version".to_owned(), draft.deed.version.to_string()),
        ("phase".to_owned(), draft.deed.after.phase.word().to_owned()),
        ("severity".to_owned(), draft.deed.after.severity.word().to_owned()),
    ]);
    for (audience, rendered) in &draft.texts {
        subject.insert(format!("text {}", audience.word()), rendered.text.clone());
    }
    for entry in &draft.deed.entries {
        let said = subject.entry(format!("entry {}", entry.kind.word())).or_default();
        said.push_str(&entry.says);
    }
    let targets: Vec<&str> = draft.deed.notices.iter().map(|notice| notice.target.as_str()).collect();
    subject.insert("told".to_owned(), targets.join(" "));
    subject
}

/// Why there is no draft.
pub(super) fn refused(no: No) -> Plan {
    match no {
        No::Fields(errors) => {
            let line = |error: &crate::catalog::FieldError| format!("{}: {}", error.option, error.says);
            let items = errors.iter().map(line).collect();
            let blocks = vec![Block::Items { heading: String::new(), items }];
            Plan::answer(Tone::Bad, "Something is missing or wrong. Nothing was sent.", blocks)
        }
        No::Refused(no) => Plan::answer(Tone::Bad, no.what, vec![Block::Text(no.why), Block::Text(no.next)]),
        No::Held(findings) => {
            let items = findings.iter().map(crate::incidents::lint::LintFinding::says).collect();
            let next = "Say it otherwise. Where it must be said, add override=… with what is meant, and a reason.";
            let blocks = vec![Block::Items { heading: String::new(), items }, Block::Text(next.into())];
            Plan::answer(Tone::Bad, "The text holds what may not be said. Nothing was sent.", blocks)
        }
    }
}

/// What reading back says: the deed is kept, and the surfaces are being told.
pub(super) fn verdict(done: bool, now: Option<&Incident>) -> Verdict {
    let result =
        if done { CheckResult::Confirmed } else { CheckResult::NotConfirmed("the incident does not show it".into()) };
    let mut verdict = Verdict { checks: vec![Check { what: "The incident".into(), result }], ..Verdict::default() };
    if let Some(now) = now.filter(|_| done) {
        let (name, phase, severity) = (now.name(), now.phase.word(), now.severity.word());
        let told = match now.kind {
            IncidentKind::Drill => "It is a drill: only its rooms are told",
            IncidentKind::Real | IncidentKind::Private => "The surfaces are being told",
        };
        let says = format!(
            "{name} is {phase}, {severity}. {told}; `/incident deliveries incident={name}` says how that stands."
        );
        verdict.conclusion.push(Block::Text(says));
    }
    verdict
}
