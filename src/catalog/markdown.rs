//! The catalog as Markdown: the README's command table, and a reference with every action in full.
//!
//! Generated text: a test elsewhere holds that what is committed is current. Invariant: nothing in a
//! definition breaks a table's cell.

use std::fmt::Write as _;

use super::help::{agreement, tier_words, usage, who};
use super::name::{about, spoken};
use super::{Catalog, Definition, Family};

/// The command table: command, what it does, who, tier, undo.
#[must_use]
pub fn table(catalog: &Catalog) -> String {
    let mut out = String::from("| command | what it does | who | tier | undo |\n|---|---|---|---|---|\n");
    for definition in catalog.definitions() {
        let cells = [
            format!("`/seqn {}`", spoken(definition)),
            definition.summary.to_owned(),
            who(definition),
            tiers(definition),
            if definition.changes() { definition.undo.to_owned() } else { "nothing to undo".to_owned() },
        ];
        out.push('|');
        for cell in cells {
            out.push(' ');
            out.push_str(&escaped(&cell));
            out.push_str(" |");
        }
        out.push('\n');
    }
    out
}

/// Every action in full, by family.
#[must_use]
pub fn reference(catalog: &Catalog) -> String {
    let mut out = String::new();
    for family in Family::ALL {
        let definitions: Vec<&'static Definition> = catalog.definitions().filter(|d| d.family == family).collect();
        if definitions.is_empty() {
            continue;
        }
        line(&mut out, &format!("## {}\n", about(family)));
        for definition in definitions {
            action(&mut out, definition);
        }
    }
    out
}

fn action(out: &mut String, definition: &Definition) {
    line(out, &format!("### {}\n", spoken(definition)));
    line(out, &format!("{}. {}\n", definition.summary.trim_end_matches('.'), definition.help));
    line(out, &format!("```\n/seqn {}\n/seqn {}\n```\n", usage(definition), definition.example));
    for option in definition.options {
        let need = if option.required { "required" } else { "optional" };
        line(out, &format!("- `{}` ({need}): {}", option.name, option.help));
    }
    if !definition.options.is_empty() {
        out.push('\n');
    }
    let undo = if definition.changes() { format!(" Undo: {}", definition.undo) } else { String::new() };
    line(out, &format!("Who: {}. {}{undo}\n", who(definition), agreement(definition)));
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

/// `1`, or `1–3` where some plans need more.
fn tiers(definition: &Definition) -> String {
    if definition.tier_at_most > definition.tier {
        format!("{}–{}", definition.tier, definition.tier_at_most)
    } else {
        format!("{} ({})", definition.tier, tier_words(definition.tier).trim_end_matches('.').to_lowercase())
    }
}

fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples;

    #[test]
    fn each_action_is_one_row_of_five_cells() {
        let catalog = samples::catalog();
        let table = table(&catalog);
        assert_eq!(table.lines().count(), 2 + catalog.definitions().count());
        for row in table.lines() {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
        assert!(table.contains("| `/seqn case open` |"), "{table}");
        assert!(table.contains("| 1–2 |"), "{table}");
    }

    #[test]
    fn the_reference_names_every_option() {
        let catalog = samples::catalog();
        let reference = reference(&catalog);
        for definition in catalog.definitions() {
            assert!(reference.contains(&format!("### {}", spoken(definition))));
            assert!(definition.options.iter().all(|o| reference.contains(&format!("`{}`", o.name))));
        }
    }
}
