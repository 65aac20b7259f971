//! Lines and what they mean: the grammar as tables, and seeded nonsense that must not upset it.

use crate::guard::{FingerprintKey, Guard, Redacted};
use crate::model::Fields;

use super::name::spoken;
use super::parse::{LINE_MAX, OPTIONS_MAX, Parsed, parse, parse_form, parse_tree};
use super::samples::{CASE_OPEN, catalog, catalog_of};
use super::words::quoted;
use super::{Catalog, kind};

fn line(text: &str) -> Redacted<String> {
    Guard::new(FingerprintKey::new([7; 32])).reread(text.to_owned())
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn fields(of: &Fields) -> String {
    of.0.iter().map(|(k, v)| format!(" {k}={v}")).collect()
}

/// A parse as one line that can be compared.
fn shown(parsed: &Parsed) -> String {
    match parsed {
        Parsed::Invocation(i) => {
            format!("{}{}{}", i.action, fields(&i.fields), if i.dry_run { " (dry)" } else { "" })
        }
        Parsed::Form { action, filled } => format!("form {}{}", action.name, fields(filled)),
        Parsed::Help(about) => format!("help {}", about.as_deref().unwrap_or("-")),
        Parsed::Errors { action, errors, .. } => {
            let all: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.option, e.says)).collect();
            format!("errors {} | {}", action.unwrap_or("-"), all.join(" | "))
        }
    }
}

fn read(text: &str) -> String {
    shown(&parse(&catalog(), &line(text)))
}

const REVOKED: &str = "revoke-session org=acme ticket=SUP-1 user=jo@acme.example";

#[test]
fn the_same_words_in_every_spelling() {
    for text in [
        "revoke-session org=acme user=jo@acme.example ticket=SUP-1",
        "revoke-session acme jo@acme.example ticket=SUP-1",
        "revoke-session org=acme jo@acme.example --ticket SUP-1",
        "revoke-session --org acme --user=jo@acme.example —ticket SUP-1",
        "revoke-session –org＝acme user=“jo@acme.example” ticket='SUP-1'",
        "/seqn Revoke_Session ORG=Acme user=<mailto:jo@acme.example|jo@acme.example> ticket=\"SUP-1\"",
        "seqn revoke-session\u{a0}org=ac\u{200b}me\u{a0}user=jo@acme.example\nticket=#SUP-1",
        "revoke-session ticket=SUP-1 acme jo@acme.example --dry-run=false",
    ] {
        assert_eq!(read(text), REVOKED, "{text}");
    }
    for text in
        ["--dry-run", "—dry-run", "--dry-run=true", "dry-run=true", "dry-run", "--dry-run true", "--dry-run yes"]
    {
        let all = format!("revoke-session {text} acme jo@acme.example ticket=SUP-1");
        if text.ends_with("yes") {
            assert!(read(&all).starts_with("errors"), "{all}");
        } else {
            assert_eq!(read(&all), format!("{REVOKED} (dry)"), "{all}");
        }
    }
}

#[test]
fn values_keep_what_quotes_hold() {
    let base = "revoke-session acme jo@acme.example ticket=SUP-1";
    for (reason, meant) in [
        ("\"lost laptop\"", "lost laptop"),
        ("“lost laptop”", "lost laptop"),
        ("‘lost laptop’", "lost laptop"),
        ("can't", "can't"),
        (r#""a \"b\" = c""#, r#"a "b" = c"#),
        ("\"--dry-run\"", "--dry-run"),
        ("\"x – y\"", "x – y"),
        ("&lt;b&gt;&amp;", "<b>&"),
        ("<https://x.example|x.example>", "x.example"),
    ] {
        let both = [format!("{base} reason={reason}"), format!("{base} --reason {reason}")];
        for text in both {
            assert_eq!(
                read(&text),
                format!("revoke-session org=acme reason={meant} ticket=SUP-1 user=jo@acme.example")
            );
        }
    }
}

#[test]
fn actions_families_and_help() {
    let case = "case-open issue=billing org=acme";
    for (text, meant) in [
        ("whoami", "whoami"),
        ("WhoAmI --dry-run", "whoami (dry)"),
        ("case open acme issue=billing", case),
        ("/case Open acme --issue Billing", case),
        ("/seqn case open acme --issue=billing", case),
        ("case-open acme issue=billing", case),
        ("case open", "form case-open"),
        ("revoke-session", "form revoke-session"),
        ("revoke-session --dry-run", "form revoke-session dry-run=true"),
        ("can revoke-session as @kim", "can action=revoke-session as=kim"),
        ("can case open as <@U0KIM|kim>", "can action=case-open as=U0KIM"),
        ("can as=kim revoke-session", "can action=revoke-session as=kim"),
        ("can /seqn", "errors can | action: There is no action `seqn`."),
        ("", "help"),
        ("  \u{200b} ", "help"),
        ("/seqn", "help"),
        ("help", "help"),
        ("Help revoke-session", "help action=revoke-session"),
        ("help case open", "help action=case-open"),
        ("help action=case-open", "help action=case-open"),
        ("--help", "help -"),
        ("-h", "help -"),
        ("revoke-session —help", "help revoke-session"),
        ("revoke-session org=acme -h", "help revoke-session"),
        ("revoke-session help", "help revoke-session"),
        ("case open --help", "help case-open"),
        ("case help", "help case"),
        ("/case --help", "help case"),
        ("help case", "help case"),
        ("case help open", "help action=case-open"),
    ] {
        assert_eq!(read(text), meant, "{text}");
    }
    let few = catalog_of(&[&CASE_OPEN]);
    for (text, meant) in [("", "help -"), ("help", "help -"), ("help case open", "help case-open")] {
        assert_eq!(shown(&parse(&few, &line(text))), meant, "{text}");
    }
}

#[test]
fn says_what_is_wrong_and_what_was_meant() {
    let full = "revoke-session acme jo@acme.example ticket=SUP-1";
    for (text, parts) in [
        ("revoke-sesion acme", &["errors - | action: ", "`revoke-sesion`", "Did you mean `revoke-session`?"][..]),
        ("opne", &["errors - | ", "Did you mean `case open`?"]),
        ("case opne", &["errors - | ", "`opne`", "Did you mean `case open`?"]),
        ("case", &["errors - | ", "`case` needs one more word: `case open`."]),
        ("org=acme", &["errors - | action: Begin with"]),
        ("<!channel>", &["There is no action this."]),
        ("help revoke-sesion", &["errors help | action: ", "Did you mean `revoke-session`?"]),
        ("revoke-session org=acme", &["user: It is missing.", "ticket: It is missing."]),
        ("revoke-session org=", &["org: It is empty.", "user: It is missing.", "ticket: It is missing."]),
        ("revoke-session --org --user x", &["org: It is empty.", "user: This is not an e-mail"]),
        (
            "revoke-session acme jo@acme.example tiket=SUP-1",
            &["tiket: ", "no option `tiket`", "`ticket`?", "ticket: It is"],
        ),
        (&format!("{full} org=globex"), &["user: This is not an e-mail", "line: A word stands alone"]),
        (
            &format!("{full} reason=lost laptop today"),
            &["2 words stand alone, from `laptop` on.", "reason=\"two words\""],
        ),
        (&format!("{full} extra"), &["line: A word stands alone, from `extra` on."]),
        (&format!("{full} ticket=SUP-2"), &["errors revoke-session | ticket: It is given twice."]),
        (&format!("{full} --dry-run=maybe"), &["dry-run: Write `--dry-run` alone"]),
        (&format!("{full} dry-run=false --dry-run"), &["dry-run: It is given twice"]),
        (&format!("{full} reason=\"lost"), &["errors - | line: A quote is opened"]),
        ("case open acme issue=biling", &["issue: Write one of `sign-in`, `billing`. Did you mean `billing`?"]),
        ("case open acme\u{202e} issue=x", &["Invisible or control characters"]),
        ("extra", &["errors - | action: There is no action `extra`."]),
    ] {
        let says = read(text);
        for part in parts {
            assert!(says.contains(part), "{text}\n{says}\nlacks {part}");
        }
        assert!(says.starts_with("errors"), "{text}: {says}");
    }
}

#[test]
fn limits_say_the_limit_and_the_length_and_never_the_value() {
    let long = "x".repeat(10_000);
    let says = read(&format!("revoke-session acme reason={long}"));
    assert_eq!(says, "errors - | line: The line has 10,027 characters; 4,000 is the most. Shorten it.");
    let says = read(&format!("revoke-session acme jo@acme.example ticket=SUP-1 reason={}", "x".repeat(301)));
    assert_eq!(says, "errors revoke-session | reason: It has 301 characters; 300 is the most.");
    let tree = parse_tree(&catalog(), &["whoami".into()], &[(long.clone(), long.clone())]);
    assert!(shown(&tree).len() < 200, "{}", shown(&tree));
    let options = pairs(&[("org", &long), ("user", "jo@acme.example"), ("ticket", "SUP-1")]);
    let tree = shown(&parse_tree(&catalog(), &["revoke-session".into()], &options));
    assert_eq!(tree, "errors revoke-session | org: It has 10,000 characters; 63 is the most.");
    let says = read(&format!("whoami{}", " a".repeat(OPTIONS_MAX + 1)));
    assert!(says.contains("There are 51 words after the action; 50 is the most."), "{says}");
    assert!(read(&format!("whoami{}", " ".repeat(LINE_MAX - 6))).starts_with("whoami"));
    let secret = format!("{}_{}", "sk_live", "Zq8".repeat(4));
    assert!(!read(&format!("case open acme issue=billing key={secret}")).contains(&secret));
}

#[test]
fn trees_and_forms_read_the_same() {
    let path = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let values = pairs(&[("org", "acme"), ("user", "jo@acme.example"), ("ticket", "SUP-1"), ("dry-run", "true")]);
    let tree = |words: &[&str], values: &[(String, String)]| shown(&parse_tree(&catalog(), &path(words), values));
    assert_eq!(tree(&["revoke-session"], &values), format!("{REVOKED} (dry)"));
    assert_eq!(tree(&["revoke-session"], &[]), "form revoke-session");
    assert_eq!(tree(&["revoke-session"], &pairs(&[("dry-run", "true")])), "form revoke-session dry-run=true");
    assert_eq!(
        tree(&["case", "open"], &pairs(&[("org", "acme"), ("issue", "billing")])),
        "case-open issue=billing org=acme"
    );
    assert_eq!(tree(&[], &[]), "help");
    assert_eq!(tree(&["help"], &pairs(&[("action", "case open")])), "help action=case-open");
    assert!(tree(&["case", "open", "more"], &[]).starts_with("errors"));
    assert!(tree(&["case", "shut"], &[]).starts_with("errors - | action: There is no action `shut`."));
    // A value in a tree is not a line: it needs no quotes and starts no option.
    let text = pairs(&[("reason", "--org x \"y\" = z")]);
    let all: Vec<_> = values[..3].iter().chain(&text).cloned().collect();
    assert!(tree(&["revoke-session"], &all).contains("reason=--org x \"y\" = z"));
    let form = |values: &[(&str, &str)]| shown(&parse_form(&catalog(), "revoke-session", &pairs(values)));
    assert_eq!(form(&[("org", "acme"), ("user", "jo@acme.example"), ("ticket", "SUP-1"), ("reason", " ")]), REVOKED);
    assert!(form(&[("org", ""), ("user", "")]).contains("org: It is missing."));
    assert!(shown(&parse_form(&catalog(), "nothing", &[])).starts_with("errors"));
}

/// A small generator with a seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("it is below a usize")
    }

    fn text(&mut self, of: &[&str], most: usize) -> String {
        (0..self.below(most)).map(|_| of[self.below(of.len())]).collect()
    }
}

/// Whatever is read as an invocation is complete and in normal form.
fn holds(catalog: &Catalog, parsed: &Parsed) {
    match parsed {
        Parsed::Invocation(i) => {
            let definition = catalog.find(&i.action).expect("it is in the catalog").definition();
            assert!(definition.options.iter().all(|o| !o.required || i.fields.get(o.name).is_some()));
            for (name, value) in &i.fields.0 {
                let option = definition.option(name).expect("it is the action's");
                assert_eq!(kind::check(option, value).as_ref(), Ok(value), "{name}");
            }
        }
        Parsed::Errors { errors, .. } => assert!((1..=11).contains(&errors.len())),
        Parsed::Form { .. } | Parsed::Help(_) => {}
    }
}

#[test]
fn nonsense_is_answered() {
    const PARTS: [&str; 44] = [
        "revoke-session",
        "case",
        "open",
        "can",
        "help",
        "as",
        "org",
        "user",
        "ticket",
        "issue",
        "since",
        "key",
        "=",
        "＝",
        "\"",
        "“",
        "”",
        "'",
        "’",
        "\\",
        "-",
        "--",
        "—",
        " ",
        " ",
        " ",
        "\n",
        "\u{a0}",
        "\u{200b}",
        "\u{202e}",
        "<",
        ">",
        "|",
        "mailto:",
        "&amp;",
        "&",
        "@",
        "acme",
        "jo@acme.example",
        "SUP-1",
        "24h",
        "é",
        "\u{1F600}",
        "dry-run",
    ];
    let catalog = catalog();
    let mut dice = Dice(0x5eed_0001);
    for _ in 0..1_500 {
        let text = dice.text(&PARTS, 30);
        holds(&catalog, &parse(&catalog, &line(&text)));
        let values = [(dice.text(&PARTS, 4), dice.text(&PARTS, 12)), ("org".into(), dice.text(&PARTS, 6))];
        holds(&catalog, &parse_tree(&catalog, &[dice.text(&PARTS, 3), "open".into()], &values));
        holds(&catalog, &parse_form(&catalog, PARTS[dice.below(5)], &values));
    }
    for _ in 0..1_000 {
        let bytes: Vec<u8> = (0..dice.below(200)).map(|_| u8::try_from(dice.below(256)).expect("a byte")).collect();
        let text = String::from_utf8_lossy(&bytes);
        holds(&catalog, &parse(&catalog, &line(&text)));
        holds(&catalog, &parse(&catalog, &line(&format!("case open {text}"))));
    }
}

#[test]
fn what_is_written_out_is_read_back() {
    const PARTS: [&str; 16] = ["a", "B", "7", " ", "\"", "'", "\\", "=", "-", "--", "—", "“", "”", "’", "é", "dry-run"];
    let catalog = catalog();
    let mut dice = Dice(0x5eed_0002);
    for _ in 0..1_500 {
        let reason = dice.text(&PARTS, 40);
        let reason = reason.trim();
        if reason.is_empty() {
            continue;
        }
        let text = format!("{REVOKED} reason={}", quoted(reason));
        let Parsed::Invocation(read) = parse(&catalog, &line(&text)) else { panic!("{text}") };
        assert_eq!(read.fields.get("reason"), Some(reason), "{text}");
        let fields: String = read.fields.0.iter().map(|(k, v)| format!(" --{k} {}", quoted(v))).collect();
        let definition = catalog.find(&read.action).expect("it is in the catalog").definition();
        let Parsed::Invocation(again) = parse(&catalog, &line(&format!("{}{fields}", spoken(definition)))) else {
            panic!("{text}: {fields}")
        };
        assert_eq!(again, read);
    }
}
