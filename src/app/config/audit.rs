//! `[audit]`: where the audit trail's head is published outside the database, and how often.
//!
//! Invariant: a section that is written publishes somewhere.

use std::path::{Path, PathBuf};

use crate::engine::{HEAD_FILE, Heads};
use crate::model::{Place, Platform};

use super::people::channels;
use super::section::Section;
use super::targets::Surface;

/// How often where the section does not say it.
const EVERY_DEFAULT: i64 = 6;
/// At most once a week: what was rewritten since the last head cannot be proved.
const EVERY_MOST: i64 = 7 * 24;
/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;
/// The kind of surface that keeps heads.
const KEEPS_HEADS: &str = "ntfy";

/// How the audit trail is kept safe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Where its head goes, and how often.
    pub heads: Heads,
    /// The file among that.
    pub file: Option<PathBuf>,
}

/// `[audit]`. `home`: our own team on a platform, where the platform is on.
pub(super) fn audit(section: &Section<'_>, surfaces: &[Surface], home: impl Fn(Platform) -> Option<String>) -> Audit {
    if !section.is_there() {
        return Audit::default();
    }
    let every = section.number("every_hours").unwrap_or(EVERY_DEFAULT);
    if !(1..=EVERY_MOST).contains(&every) {
        section.wrong("every_hours", format!("It must be 1 to {EVERY_MOST}."), "Write 6, or remove the line.");
    }
    let written = if section.has("channels") {
        channels(section, "channels", "where heads are kept")
    } else {
        std::collections::BTreeSet::new()
    };
    let file = section.text("file").map(PathBuf::from);
    if file.as_deref().is_some_and(|file| !Path::is_absolute(file)) {
        section.wrong("file", "It must start with a slash.", "Write the whole path.");
    }
    let ntfy = section.text("ntfy").filter(|name| {
        let known = surfaces.iter().any(|surface| surface.name == *name && surface.kind == KEEPS_HEADS);
        if !known {
            let fix = "Write the name of a section [targets.<name>] with kind = \"ntfy\" that is on.";
            section.wrong("ntfy", "There is no such surface of the kind ntfy.", fix);
        }
        known
    });
    let nowhere = !["channels", "ntfy", "file"].iter().any(|key| section.has(key));
    section.end();
    if nowhere {
        let fix = "Add channels = [\"slack:C…\"], ntfy = \"…\" or file = \"/…\", or remove the section.";
        section.wrong("", "It names nobody who keeps the head.", fix);
    }
    let place = |(platform, channel): (Platform, String)| {
        Some(Place { platform, team: home(platform)?, channel, thread: None, direct: false })
    };
    let of_file = file.iter().map(|_| HEAD_FILE.to_owned());
    let heads = Heads {
        every_ms: every.saturating_mul(HOUR_MS),
        places: written.into_iter().filter_map(place).collect(),
        targets: ntfy.map(str::to_owned).into_iter().chain(of_file).collect(),
    };
    Audit { heads, file }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::section::Reading;
    use super::*;

    fn read(text: &str) -> (Audit, Vec<String>) {
        let table: toml::Table = text.parse().expect("TOML");
        let reading = Reading {
            resolve: &|_| Err("there are none".into()),
            errors: RefCell::default(),
            secrets: RefCell::default(),
        };
        let section = Section::new("audit", Some(&table), &reading);
        let home = |platform| (platform == Platform::Slack).then(|| "T0SEQN".to_owned());
        let audit = audit(&section, &[], home);
        (audit, reading.errors.into_inner().into_iter().map(|error| error.key).collect())
    }

    #[test]
    fn a_whole_section_is_read_and_a_platform_that_is_off_is_left_out() {
        let (audit, errors) = read(
            "every_hours = 2\nchannels = [\"slack:C0AUDIT\", \"discord:920000000000000001\"]\nfile = \"/srv/heads.log\"",
        );
        assert_eq!(errors, [""; 0]);
        assert_eq!(audit.heads.every_ms, 2 * HOUR_MS);
        let places: Vec<String> = audit.heads.places.iter().map(|p| format!("{}:{}", p.team, p.channel)).collect();
        assert_eq!(places, ["T0SEQN:C0AUDIT"]);
        assert_eq!((audit.heads.targets, audit.file), (vec![HEAD_FILE.to_owned()], Some("/srv/heads.log".into())));
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        for (text, keys) in [
            ("every_hours = 6", vec!["audit"]),
            ("every_hours = 0\nfile = \"heads.log\"", vec!["audit.every_hours", "audit.file"]),
            ("every_hours = 169\nntfy = \"nobody\"", vec!["audit.every_hours", "audit.ntfy"]),
            ("channels = []", vec!["audit.channels"]),
            ("file = \"/srv/heads.log\"\nfiles = 1", vec!["audit.files"]),
        ] {
            assert_eq!(read(text).1, keys, "{text}");
        }
    }
}
