//! What a definition must satisfy, and the catalog as a whole: run as a test over the real catalog.
//!
//! Invariant: a catalog without violations can be registered on both platforms, its examples can be typed,
//! and nothing in it that cannot be taken back stands on one person's word.

use std::collections::BTreeSet;

use crate::guard::Redacted;
use crate::model::{Risk, Tier};

use super::discord::{self, DESCRIPTION_MAX, LIST_MAX, named};
use super::draft::DRY_RUN;
use super::form::{FIELDS_MAX, TITLE_MAX, askable, sentence};
use super::kind::{longest, window_ms};
use super::name::{find, spoken, word};
use super::parse::{LINE_MAX, Parsed, parse};
use super::{Catalog, Definition, Family, Kind, OptionDef, Source, TicketRule, slack};

/// The most options of one action: Discord's 25 less the one for `dry-run`.
const OPTIONS_MAX: usize = LIST_MAX - 1;
/// Longest help of an action, in characters: one section on Slack.
const HELP_MAX: usize = 3_000;
/// Words that mean something else where an action or an option could stand.
const RESERVED: [&str; 3] = [DRY_RUN, "h", "line"];

/// Everything that is wrong with the catalog, as sentences; empty when it may be used.
#[must_use]
pub fn violations(catalog: &Catalog) -> Vec<String> {
    let mut out = Vec::new();
    let mut names = BTreeSet::new();
    for definition in catalog.definitions() {
        let mut say = |ok: bool, what: String| {
            if !ok {
                out.push(format!("{}: {what}", definition.name));
            }
        };
        say(names.insert(definition.name), "the name is there twice".into());
        of_names(definition, &mut say);
        of_words(definition, &mut say);
        of_options(definition, &mut say);
        of_risk(definition, &mut say);
        of_example(catalog, definition, &mut say);
    }
    out.extend(discord::refused(&discord::commands(catalog)));
    out.extend(slack::refused(&slack::manifest(catalog)));
    out
}

fn of_names(definition: &Definition, say: &mut impl FnMut(bool, String)) {
    say(named(definition.name) || definition.family != Family::Seqn, "a name is 1 to 32 of a–z, 0–9 and dashes".into());
    say(named(word(definition)), "its word is 1 to 32 of a–z, 0–9 and dashes".into());
    let family = definition.family.name();
    let in_family = definition.family == Family::Seqn || definition.name.starts_with(&format!("{family}-"));
    say(in_family, format!("in the family `{family}` the name begins with `{family}-`"));
    let free = |name: &str| !RESERVED.contains(&name) && Family::ALL.iter().all(|f| f.name() != name);
    say(free(definition.name), "the name means something else in a line".into());
}

fn of_words(definition: &Definition, say: &mut impl FnMut(bool, String)) {
    let length = |text: &str| text.chars().count();
    say((1..=DESCRIPTION_MAX).contains(&length(definition.summary)), "the summary has 1 to 100 characters".into());
    say((1..=HELP_MAX).contains(&length(definition.help)), format!("the help has 1 to {HELP_MAX} characters"));
    let title = sentence(&spoken(definition));
    let fits = length(&title) <= TITLE_MAX || askable(definition).is_empty();
    say(fits, format!("the form's title has more than {TITLE_MAX} characters: {title}"));
    let sentence_like = |text: &str| text.trim_end().ends_with('.') && text.trim().len() > 1;
    let undo = !definition.changes() || sentence_like(definition.undo);
    say(undo, "what changes something says what undo there is, as a sentence".into());
}

fn of_options(definition: &Definition, say: &mut impl FnMut(bool, String)) {
    let options = definition.options;
    say(options.len() <= OPTIONS_MAX, format!("there are more than {OPTIONS_MAX} options"));
    let mut names = BTreeSet::new();
    for option in options {
        say(names.insert(option.name), format!("the option `{}` is there twice", option.name));
        of_option(option, say);
    }
    say(options.is_sorted_by_key(|o| !o.required), "required options come first".into());
    let positional = options.iter().filter(|o| o.positional);
    say(positional.is_sorted_by_key(|o| !o.required), "required positional options come first".into());
    let required = options.iter().filter(|o| o.required).count();
    say(required <= FIELDS_MAX, format!("a form asks at most {FIELDS_MAX} required options, not {required}"));
    let ticket = definition.option("ticket").filter(|o| o.kind == Kind::Ticket).map(|o| o.required);
    let consistent = match definition.ticket {
        TicketRule::None => definition.option("ticket").is_none(),
        TicketRule::May => ticket == Some(false),
        TicketRule::Must => ticket == Some(true),
    };
    say(consistent, "the ticket rule and the option `ticket` say different things".into());
}

fn of_option(option: &OptionDef, say: &mut impl FnMut(bool, String)) {
    let name = option.name;
    say(named(name) && !RESERVED.contains(&name) && name != "help", format!("the option name `{name}` cannot be used"));
    let length = option.help.chars().count();
    say((1..=DESCRIPTION_MAX).contains(&length), format!("the help of `{name}` has 1 to 100 characters"));
    say((1..=LINE_MAX).contains(&longest(option.kind)), format!("`{name}` must fit into a line of {LINE_MAX}"));
    match option.kind {
        Kind::Choice(choices) => {
            let values: BTreeSet<String> = choices.iter().map(|(value, _)| value.to_lowercase()).collect();
            say(values.len() == choices.len(), format!("two choices of `{name}` are the same"));
            say((1..=LIST_MAX).contains(&choices.len()), format!("`{name}` has 1 to {LIST_MAX} choices"));
            // Slack's menus are narrower than Discord's.
            let fits =
                choices.iter().all(|(v, l)| (1..=100).contains(&v.len()) && (1..=75).contains(&l.chars().count()));
            say(fits, format!("a choice of `{name}` has a value of 1 to 100 and a label of 1 to 75 characters"));
        }
        Kind::Window(least, most) => {
            let ok = least <= most && most > 0 && window_ms(&format!("{most}h")).is_some();
            say(ok, format!("the window of `{name}` is empty"));
        }
        _ => {}
    }
    let source = match option.source {
        Source::None => true,
        Source::Actions => option.kind == Kind::Action,
        Source::Choices => matches!(option.kind, Kind::Choice(_)),
        Source::RecentOrgs => option.kind == Kind::Org,
        Source::RecentTickets => option.kind == Kind::Ticket,
    };
    say(source, format!("the proposals for `{name}` are not of its kind"));
}

fn of_risk(definition: &Definition, say: &mut impl FnMut(bool, String)) {
    let most = definition.tier_at_most;
    say(definition.tier <= most, "the least tier is above the highest".into());
    let reads = definition.risk == Risk::Reads;
    say(reads != definition.changes(), "what only reads has the risk `reads` and tier 0 at most".into());
    let several = definition.risk != Risk::FinalMany || most >= Tier::Second;
    say(several, "what cannot be undone and has several targets needs tier 2 at least".into());
    let private = definition.role.as_str().is_empty();
    say(!private, "nobody may ask for it".into());
}

fn of_example(catalog: &Catalog, definition: &Definition, say: &mut impl FnMut(bool, String)) {
    let read = parse(catalog, &Redacted::from_static(definition.example));
    let problem = match read {
        Parsed::Invocation(invocation) if invocation.action == definition.name => None,
        Parsed::Invocation(invocation) => Some(format!("the example is read as `{}`", invocation.action)),
        Parsed::Form { .. } => Some("the example lacks what is required".into()),
        Parsed::Help(_) => Some("the example is read as a question for help".into()),
        Parsed::Errors { errors, .. } => {
            let all: Vec<String> = errors.into_iter().map(|e| format!("{}: {}", e.option, e.says)).collect();
            Some(format!("the example is not read: {}", all.join(" ")))
        }
    };
    say(problem.is_none(), problem.unwrap_or_default());
    let own = find(catalog, &spoken(definition).split(' ').collect::<Vec<_>>());
    say(own.is_some_and(|(found, _)| found.name == definition.name), "it is not found by its own words".into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Kind::Text;
    use crate::catalog::samples::{CAN, CASE_OPEN, REVOKE, WHOAMI, catalog, catalog_of};

    #[test]
    fn the_samples_are_clean() {
        assert_eq!(violations(&catalog()), Vec::<String>::new());
    }

    /// That definition alone, and what is said about it.
    fn said(definition: Definition) -> String {
        violations(&catalog_of(&[Box::leak(Box::new(definition))])).join("\n")
    }

    fn options(of: Vec<OptionDef>) -> &'static [OptionDef] {
        Box::leak(of.into_boxed_slice())
    }

    #[test]
    fn each_rule_is_held() {
        let org = REVOKE.options[0];
        let many: Vec<OptionDef> = ["a", "b", "c", "d", "e", "f"].map(|name| OptionDef { name, ..org }).to_vec();
        let optional_first = vec![OptionDef { required: false, ..org }, REVOKE.options[1], REVOKE.options[2]];
        let seqn = |definition: &Definition| Definition { family: Family::Seqn, ..definition.clone() };
        let long: &'static str = Box::leak("x".repeat(101).into_boxed_str());
        for (definition, part) in [
            (Definition { name: "WhoAmI", ..WHOAMI.clone() }, "a name is 1 to 32"),
            (Definition { name: "incident", ..WHOAMI.clone() }, "means something else"),
            (Definition { name: "open", ..CASE_OPEN.clone() }, "begins with `case-`"),
            (Definition { summary: "", ..WHOAMI.clone() }, "the summary has"),
            (Definition { summary: long, ..WHOAMI.clone() }, "the summary has"),
            (Definition { undo: "", ..REVOKE.clone() }, "what undo there is"),
            (Definition { name: "revoke-every-single-session", ..REVOKE.clone() }, "the form's title"),
            (Definition { tier_at_most: Tier::Confirm, ..REVOKE.clone() }, "needs tier 2 at least"),
            (Definition { tier: Tier::OtherRole, ..REVOKE.clone() }, "above the highest"),
            (Definition { risk: Risk::Reads, ..REVOKE.clone() }, "what only reads"),
            (Definition { risk: Risk::Undoable, ..WHOAMI.clone() }, "what only reads"),
            (Definition { ticket: TicketRule::May, ..REVOKE.clone() }, "the ticket rule"),
            (Definition { ticket: TicketRule::None, ..REVOKE.clone() }, "the ticket rule"),
            (Definition { ticket: TicketRule::Must, ..WHOAMI.clone() }, "the ticket rule"),
            (Definition { example: "whoami org=acme", ..WHOAMI.clone() }, "the example is not read"),
            (Definition { example: "revoke-session", ..REVOKE.clone() }, "lacks what is required"),
            (Definition { example: "whoami --help", ..WHOAMI.clone() }, "question for help"),
            (Definition { options: options(many), ..seqn(&REVOKE) }, "at most 5 required"),
            (Definition { options: options(optional_first), ..seqn(&REVOKE) }, "required options come first"),
            (Definition { options: options(vec![org, org]), ..seqn(&REVOKE) }, "`org` is there twice"),
        ] {
            let said = said(definition);
            assert!(said.contains(part), "{part}:\n{said}");
        }
    }

    #[test]
    fn options_keep_their_limits() {
        let base = CAN.options[1];
        let choices: Vec<(&'static str, &'static str)> =
            (0..26).map(|i| (&*Box::leak(format!("c{i}").into_boxed_str()), "x")).collect();
        for (option, part) in [
            (OptionDef { name: "Org", ..base }, "cannot be used"),
            (OptionDef { name: DRY_RUN, ..base }, "cannot be used"),
            (OptionDef { help: "", ..base }, "the help of `as`"),
            (OptionDef { kind: Text(0), ..base }, "must fit into a line"),
            (OptionDef { kind: Text(4_001), ..base }, "must fit into a line"),
            (OptionDef { kind: Kind::Choice(Box::leak(choices.into_boxed_slice())), ..base }, "has 1 to 25 choices"),
            (OptionDef { kind: Kind::Choice(&[("a", "x"), ("A", "y")]), ..base }, "are the same"),
            (OptionDef { kind: Kind::Window(9, 8), ..base }, "is empty"),
            (OptionDef { source: Source::RecentOrgs, ..base }, "not of its kind"),
        ] {
            let said = said(Definition { options: options(vec![CAN.options[0], option]), ..CAN.clone() });
            assert!(said.contains(part), "{part}:\n{said}");
        }
    }

    #[test]
    fn a_name_stands_once_and_a_family_has_its_budget() {
        assert!(violations(&catalog_of(&[&WHOAMI, &WHOAMI])).join("\n").contains("there twice"));
        let many: Vec<&'static Definition> = (0..21)
            .map(|i| {
                let name: &'static str = Box::leak(format!("who-{i}").into_boxed_str());
                &*Box::leak(Box::new(Definition { name, example: name, ..WHOAMI.clone() }))
            })
            .collect();
        assert_eq!(violations(&catalog_of(&many)), ["/seqn has 21 entries on Discord; 20 is the most."]);
    }
}
