//! The room of an incident: how its channel is called, and what its topic is.
//!
//! Invariant: the name of a private incident's room says nothing of what it is about, and a drill's says that it is one.

use crate::model::{Incident, IncidentKind};

use super::parts;

/// Longest name that we give, in characters; Slack takes 80, Discord 100. People read it in a narrow list.
const NAME_CHARS_MAX: usize = 50;
/// Longest topic, in characters: Slack's limit; Discord takes 1,024.
const TOPIC_CHARS_MAX: usize = 250;
/// Characters of the id at the end, so that two incidents of one day and title have two rooms.
const TAIL_CHARS: usize = 4;

/// The channel's name: what it is, the day, the title, and the end of its id. Its number is not known when it is opened.
#[must_use]
pub fn name(incident: &Incident) -> String {
    let (what, title) = match incident.kind {
        IncidentKind::Real => ("inc", slug(&incident.title)),
        IncidentKind::Private => ("private", String::new()),
        IncidentKind::Drill => ("drill", slug(&incident.title)),
    };
    let day: String = incident.opened.to_rfc3339().chars().take(10).filter(char::is_ascii_digit).collect();
    let id: Vec<char> = incident.id.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let tail: String = id.iter().skip(id.len().saturating_sub(TAIL_CHARS)).collect::<String>().to_lowercase();
    let room = NAME_CHARS_MAX - what.len() - day.len() - tail.len() - 3;
    let title: String = title.chars().take(room).collect();
    let parts = [what, &day, title.trim_matches('-'), &tail];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The channel's topic.
#[must_use]
pub fn topic(incident: &Incident) -> String {
    let mark = parts::watermark(incident.kind);
    let text = format!("{mark}{} ({}). `/incident show` says how it stands.", incident.title, incident.severity.word());
    text.chars().take(TOPIC_CHARS_MAX).collect()
}

/// Lower case, with dashes for everything that is no ASCII letter or digit.
fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_name_fits_both_platforms_and_tells_rooms_apart() {
        let of = |title: &str, kind| {
            let incident = Incident { title: title.into(), kind, ..samples::incident() };
            name(&incident)
        };
        assert_eq!(of("Sign-in is slow (EU)", IncidentKind::Real), "inc-20261102-sign-in-is-slow-eu-7k3q");
        assert_eq!(of("Sign-in is slow", IncidentKind::Drill), "drill-20261102-sign-in-is-slow-7k3q");
        assert_eq!(of("A breach at Acme", IncidentKind::Private), "private-20261102-7k3q");
        assert_eq!(of("日本語", IncidentKind::Real), "inc-20261102-7k3q");
        for title in ["", "x", &"long ".repeat(40), "-- !! --", "Ünïcode everywhere and then some more of it, please"]
        {
            for kind in IncidentKind::ALL {
                let name = of(title, *kind);
                assert!(name.len() <= NAME_CHARS_MAX && !name.contains("--") && !name.ends_with('-'), "{name}");
                assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
            }
        }
    }

    #[test]
    fn a_topic_is_short_and_marked() {
        let drill = Incident { kind: IncidentKind::Drill, ..samples::incident() };
        assert!(topic(&drill).starts_with("DRILL: "));
        let long = Incident { title: "x".repeat(400), ..samples::incident() };
        assert_eq!(topic(&long).chars().count(), TOPIC_CHARS_MAX);
    }
}
