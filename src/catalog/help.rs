//! Help as messages: what can be asked, and one action in full.
//!
//! Who really may ask is policy's to say; here stands what the definition says. Plain text throughout.

use crate::model::{Block, Message, Tier, Tone};

use super::draft::DRY_RUN;
use super::name::{self, spoken};
use super::{Catalog, Definition, Family, Kind, OptionDef, Places, TicketRule, Visibility};

/// The most choices that a usage line spells out; more would hide the line's shape.
const USAGE_CHOICES_MAX: usize = 4;

/// Everything that can be asked, by family.
#[must_use]
pub fn overview(catalog: &Catalog) -> Message {
    of_families(catalog, &Family::ALL)
}

/// What can be asked of the family of that name; of all, where there is none.
#[must_use]
pub fn of_family(catalog: &Catalog, name: &str) -> Message {
    name::family(catalog, name).map_or_else(|| overview(catalog), |family| of_families(catalog, &[family]))
}

fn of_families(catalog: &Catalog, families: &[Family]) -> Message {
    let mut message = Message::titled(Tone::Plain, "What can be asked");
    for family in families {
        let items: Vec<String> = catalog
            .definitions()
            .filter(|d| d.family == *family)
            .map(|d| format!("{}: {}", spoken(d), d.summary))
            .collect();
        if !items.is_empty() {
            message = message.with(Block::Items { heading: name::about(*family).into(), items });
        }
    }
    message
        .with(Block::Code("/seqn help <action>".into()))
        .with(Block::Note("An action named alone opens a form. Actions that change something take --dry-run.".into()))
}

/// One action in full. `usage_prefix` is what people type before it: `/seqn`, or `@seqn` in threads.
#[must_use]
pub fn of(definition: &Definition, usage_prefix: &str) -> Message {
    let prefixed = |line: &str| format!("{usage_prefix} {line}").trim().to_owned();
    let mut message = Message::titled(Tone::Plain, format!("{}: {}", spoken(definition), definition.summary))
        .text(definition.help)
        .with(Block::Code(prefixed(&usage(definition))));
    let mut items: Vec<String> = definition.options.iter().map(option_line).collect();
    if definition.changes() {
        items.push(format!("{DRY_RUN}: shows the preview and stops before the act."));
    }
    if !items.is_empty() {
        message = message.with(Block::Items { heading: "Options".into(), items });
    }
    let mut facts = vec![
        ("Who may ask".into(), who(definition)),
        ("Agreement".into(), agreement(definition)),
        ("Where".into(), places(definition.places).into()),
        ("Answer".into(), visibility(definition.visibility).into()),
    ];
    match definition.ticket {
        TicketRule::Must => facts.push(("Ticket".into(), "Needed.".into())),
        TicketRule::May => facts.push(("Ticket".into(), "Optional.".into())),
        TicketRule::None => {}
    }
    if definition.changes() {
        facts.push(("Undo".into(), definition.undo.into()));
    }
    message.with(Block::Fields(facts)).text("For example:").with(Block::Code(prefixed(definition.example)))
}

/// The usage line: `revoke-session <org> <user> [session=<id|latest|all>] [--dry-run]`.
#[must_use]
pub fn usage(definition: &Definition) -> String {
    let mut parts = vec![spoken(definition)];
    for option in definition.options {
        let shape = match (option.positional, option.name) {
            (true, name) => format!("<{name}>"),
            (false, name) => format!("{name}=<{}>", shape(option.kind)),
        };
        parts.push(match (option.required, option.positional) {
            (true, _) => shape,
            (false, true) => format!("[{}]", option.name),
            (false, false) => format!("[{shape}]"),
        });
    }
    if definition.changes() {
        parts.push(format!("[--{DRY_RUN}]"));
    }
    parts.join(" ")
}

/// How much agreement a tier means, as a sentence.
#[must_use]
pub const fn tier_words(tier: Tier) -> &'static str {
    match tier {
        Tier::Look => "It reads only; nobody has to agree.",
        Tier::Confirm => "The requester confirms the preview.",
        Tier::Second => "A second person agrees.",
        Tier::OtherRole => "A second person of another role agrees and gives a reason.",
    }
}

/// How much agreement the action needs: its least, and its most where a plan may need more.
#[must_use]
pub fn agreement(definition: &Definition) -> String {
    let least = tier_words(definition.tier);
    if definition.tier_at_most > definition.tier {
        format!("{least} Some plans need more, up to: {}", tier_words(definition.tier_at_most))
    } else {
        least.to_owned()
    }
}

/// Who may ask, as far as the definition says.
#[must_use]
pub fn who(definition: &Definition) -> String {
    format!("{} and the roles above it", definition.role)
}

fn option_line(option: &OptionDef) -> String {
    let need = if option.required { "required" } else { "optional" };
    let choices = match option.kind {
        Kind::Choice(choices) => {
            let all: Vec<String> = choices.iter().map(|(value, label)| format!("{value} ({label})")).collect();
            format!(" One of: {}.", all.join(", "))
        }
        Kind::Window(least, most) => format!(" From {least}h to {most}h."),
        Kind::Text(most) => format!(" At most {most} characters."),
        Kind::Log(most) => format!(" At most {most} characters; only times and statuses are kept."),
        _ => String::new(),
    };
    format!("{} ({need}): {}.{choices}", option.name, option.help.trim_end_matches('.'))
}

fn shape(kind: Kind) -> String {
    let fixed = match kind {
        Kind::Org | Kind::Project => "slug",
        Kind::Email => "e-mail",
        Kind::Session => "id|latest|all",
        Kind::RequestId => "id",
        Kind::Time => "time",
        Kind::Route => "/path",
        Kind::KeyPrefix => "prefix",
        Kind::Ticket => "ticket",
        Kind::Window(..) => "24h|7d",
        Kind::Person => "@person",
        Kind::Action => "action",
        Kind::Text(_) => "\"text\"",
        Kind::Log(_) => "\"lines\"",
        Kind::Choice(choices) if choices.len() <= USAGE_CHOICES_MAX => {
            return choices.iter().map(|(value, _)| *value).collect::<Vec<_>>().join("|");
        }
        Kind::Choice(_) => "choice",
    };
    fixed.to_owned()
}

const fn places(places: Places) -> &'static str {
    match places {
        Places::Anywhere => "Anywhere that the bot is.",
        Places::Actions => "In the action channels and in direct messages with the bot.",
        Places::ActionChannels => "In the action channels only.",
    }
}

const fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Private => "Only the requester sees it.",
        Visibility::PrivateWithOutcome => {
            "Only the requester sees it; the channel gets a line without personal details."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{CAN, CASE_OPEN, HELP, REVOKE, WHOAMI, catalog};

    #[test]
    fn usage_says_what_is_needed() {
        for (definition, line) in [
            (
                &REVOKE,
                "revoke-session <org> <user> ticket=<ticket> [session=<id|latest|all>] [reason=<\"text\">] [--dry-run]",
            ),
            (&WHOAMI, "whoami"),
            (&CAN, "can <action> [as=<@person>]"),
            (&HELP, "help [action]"),
        ] {
            assert_eq!(usage(definition), line);
        }
        assert!(usage(&CASE_OPEN).starts_with("case open <org> issue=<sign-in|billing> [since=<24h|7d>]"));
    }

    #[test]
    fn the_overview_has_every_action_and_one_action_has_everything() {
        let shown = format!("{:?}", overview(&catalog()));
        for definition in catalog().definitions() {
            assert!(shown.contains(&format!("{}: {}", spoken(definition), definition.summary)), "{shown}");
        }
        let shown = format!("{:?}", of(&REVOKE, "/seqn"));
        for part in [
            "/seqn revoke-session <org>",
            "reason (optional): Why. At most 300",
            "support and",
            "confirms",
            "None; the",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!format!("{:?}", of(&WHOAMI, "")).contains("Undo"));
    }
}
