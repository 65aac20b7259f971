//! The ways out for new keys: `[handover]`, and `[handover.teams.<name>]` for some organizations.
//!
//! Nothing is tried here; `check --online` does. Invariant: a way that is let through names its receivers in full, and no
//! file of it lies beside the database.

use std::collections::BTreeSet;
use std::path::Path;

use crate::clients::{Command, FilePlace, HandoverConfig, Passing, RECIPIENTS_MOST, Recipient, Team, Way};
use crate::model::OrgSlug;

use super::section::Section;

/// `[handover]`. Without the section, keys are rotated by hand.
pub(super) fn handover(section: &Section<'_>, database: Option<&str>) -> HandoverConfig {
    let default = way(section, database);
    let mut teams: Vec<Team> = Vec::new();
    for (name, team) in section.named("teams") {
        let orgs = orgs(&team);
        let way = way(&team, database);
        team.end();
        for org in &orgs {
            if let Some(other) = teams.iter().find(|other| other.orgs.contains(org)) {
                let says = format!("The keys of {org} go to {} already.", other.name);
                team.wrong("orgs", says, "Name each organization in one team only.");
            }
        }
        match way {
            Some(way) => teams.push(Team { name: name.to_owned(), orgs, way }),
            None => team.wrong("", "It names no way out.", "Write age_recipients, command or file."),
        }
    }
    section.end();
    if section.is_there() && default.is_none() && teams.is_empty() {
        section.wrong("", "It names no way out.", "Write age_recipients, command or file, or remove the section.");
    }
    HandoverConfig { default, teams }
}

fn orgs(team: &Section<'_>) -> BTreeSet<OrgSlug> {
    let fix = "Write the slugs of organizations, such as orgs = [\"acme\"].";
    let written = team.texts("orgs");
    if written.is_empty() {
        team.wrong("orgs", "It names no organization whose keys it receives.", fix);
    }
    let mut orgs = BTreeSet::new();
    for (at, text) in written.iter().enumerate() {
        match text.parse::<OrgSlug>() {
            Ok(org) => drop(orgs.insert(org)),
            Err(bad) => team.wrong(&format!("orgs[{}]", at + 1), format!("{bad}"), fix),
        }
    }
    orgs
}

/// A way, where the section names one. What is wrong with it is remembered.
fn way(section: &Section<'_>, database: Option<&str>) -> Option<Way> {
    let recipients = recipients(section);
    let words = |key: &str| section.texts(key).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (command, test) = (words("command"), words("command_test"));
    let file = section.text("file");
    let passing = match (command.is_empty(), file) {
        (false, Some(_)) => {
            section.wrong("file", "There is a command already.", "Keep one of the two; either may be besides age.");
            None
        }
        (false, None) => match Command::new(command, test) {
            Ok(command) => Some(Passing::Command(command)),
            Err(bad) => {
                let fix = "Write command = [\"/path/to/program\", \"{org}/{item}\"], and in command_test a call of it that \
                           tells whether it would work and stores nothing.";
                section.wrong("command", bad.to_string(), fix);
                None
            }
        },
        (true, file) => {
            if !test.is_empty() {
                section.wrong("command_test", "There is no command that it tests.", "Write command, or remove it.");
            }
            file.and_then(|path| match FilePlace::new(path, Path::new(database.unwrap_or_default())) {
                Ok(place) => Some(Passing::File(place)),
                Err(bad) => {
                    section.wrong("file", bad.to_string(), "Write it like \"/run/new-keys/{org}.{item}.{request}\".");
                    None
                }
            })
        }
    };
    (!recipients.is_empty() || passing.is_some()).then_some(Way { recipients, passing })
}

fn recipients(section: &Section<'_>) -> Vec<Recipient> {
    let key = "age_recipients";
    let fix = "Write the line that `age-keygen` calls the public key.";
    let mut recipients: Vec<Recipient> = Vec::new();
    for (at, text) in section.texts(key).iter().enumerate() {
        let key = format!("{key}[{}]", at + 1);
        match text.trim().parse::<Recipient>() {
            Err(bad) => section.wrong(&key, bad.to_string(), fix),
            Ok(one) if recipients.contains(&one) => section.wrong(&key, "It is there twice.", "Remove one of the two."),
            Ok(one) => recipients.push(one),
        }
    }
    if recipients.len() > RECIPIENTS_MOST {
        let says = format!("There are more than {RECIPIENTS_MOST}: what is sealed has to fit into a chat message.");
        section.wrong(key, says, "Give those people one key of their own together.");
    }
    recipients
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::section::Reading;
    use super::*;

    /// The public halves of two keys.
    const ONE: &str = "age17rz2kplsa0q75e328sr39jzuxnagu2ystzhcnl8dr738eyw6svlqsrvwc3";
    const TWO: &str = "age1vrj5wre86y6u5d9pfk6264h6q04q86kzp7x4s72wjpvwr58kfa0qywfv58";

    fn read(text: &str) -> (HandoverConfig, Vec<String>) {
        let text = text.replace("age1ONE", ONE).replace("age1TWO", TWO);
        let table: toml::Table = text.parse().expect("TOML");
        let reading =
            Reading { resolve: &|_| Err("none".into()), errors: RefCell::default(), secrets: RefCell::default() };
        let root = Section::new("", Some(&table), &reading);
        let config = handover(&root.inner("handover"), Some("/var/lib/bot/bot.db"));
        root.end();
        let errors = reading.errors.into_inner().into_iter().map(|error| format!("{}: {}", error.key, error.says));
        (config, errors.collect())
    }

    #[test]
    fn ways_are_read_with_their_teams() {
        let (config, errors) = read(
            "[handover]\nage_recipients = [\"age1ONE\"]\n\
             [handover.teams.acme-platform]\norgs = [\"acme\", \"acme-labs\"]\nage_recipients = [\"age1ONE\", \"age1TWO\"]\n\
             command = [\"/usr/bin/put\", \"{org}/{item}\"]\ncommand_test = [\"/usr/bin/put\", \"--check\"]\n\
             [handover.teams.globex]\norgs = [\"globex\"]\nfile = \"/run/keys/{org}.{item}.{request}\"",
        );
        assert_eq!(errors, Vec::<String>::new());
        let names: Vec<&str> = config.ways().map(|(name, _)| name).collect();
        assert_eq!(names, ["the default receivers", "acme-platform", "globex"]);
        let says: Vec<String> = config.ways().map(|(_, way)| way.says()).collect();
        assert!(says[0].starts_with("sealed with age to age1") && !says[0].contains("more"), "{says:?}");
        assert!(says[1].ends_with("and 1 more, and passed on to the command /usr/bin/put"), "{says:?}");
        assert_eq!(says[2], "written to a new file in /run/keys");
        assert_eq!(read("").0, HandoverConfig::default());
    }

    #[test]
    fn what_is_wrong_with_a_way_is_said() {
        for (text, wanted) in [
            ("[handover]", "handover: It names no way out."),
            ("[handover]\nage_recipients = [\"age1nobody\"]", "handover.age_recipients[1]: It is no age recipient"),
            (
                "[handover]\nage_recipients = [\"age1ONE\", \"age1ONE\"]",
                "handover.age_recipients[2]: It is there twice.",
            ),
            ("[handover]\ncommand = [\"put\"]\ncommand_test = [\"/put\"]", "handover.command: The command must name"),
            ("[handover]\ncommand = [\"/put\"]", "handover.command: Its test is empty"),
            (
                "[handover]\ncommand = [\"/put\", \"{key}\"]\ncommand_test = [\"/put\"]",
                "handover.command: A command's words",
            ),
            (
                "[handover]\nage_recipients = [\"age1ONE\"]\ncommand_test = [\"/put\"]",
                "handover.command_test: There is no",
            ),
            ("[handover]\nfile = \"keys/{item}{request}\"", "handover.file: The path of the file must start"),
            ("[handover]\nfile = \"/run/../keys/{item}{request}\"", "handover.file: The path of the file must start"),
            ("[handover]\nfile = \"/run/{org}/{item}{request}\"", "handover.file: The path of the file may hold"),
            (
                "[handover]\nfile = \"/run/keys/{item}\"",
                "handover.file: The path of the file must name {item} and {request}",
            ),
            ("[handover]\nfile = \"/var/lib/bot/keys/{item}{request}\"", "handover.file: The path of the file lies in"),
            (
                "[handover]\nfile = \"/run/{item}{request}\"\ncommand = [\"/put\"]\ncommand_test = [\"/put\"]",
                "handover.file: There is a command already.",
            ),
            ("[handover.teams.a]\norgs = [\"acme\"]", "handover.teams.a: It names no way out."),
            ("[handover.teams.a]\nage_recipients = [\"age1ONE\"]", "handover.teams.a.orgs: It names no organization"),
            (
                "[handover.teams.a]\norgs = [\"acme\"]\nage_recipients = [\"age1ONE\"]\n\
                 [handover.teams.b]\norgs = [\"acme\"]\nage_recipients = [\"age1TWO\"]",
                "handover.teams.b.orgs: The keys of acme go to a already.",
            ),
        ] {
            let (_, errors) = read(text);
            assert!(errors.iter().any(|error| error.starts_with(wanted)), "{wanted:?} is missing in {errors:?}");
        }
    }

    #[test]
    fn a_private_key_among_the_receivers_is_refused_and_not_repeated() {
        let private = ["AGE-SECRET", "-KEY-1", &"QPZRY9X8GF2TVDW0".repeat(4)[..58]].concat();
        let (_, errors) = read(&format!("[handover]\nage_recipients = [\"{private}\"]"));
        assert!(errors[0].contains("looks like a raw secret") && !errors[0].contains("QPZ"), "{errors:?}");
    }
}
