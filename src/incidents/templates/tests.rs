//! Tests of the templates: what is built in, what operators may write, and what rendering withstands.

use super::super::samples::Dice;
use super::*;

fn own(file: &str, source: &str) -> Result<Templates, Vec<TemplateError>> {
    Templates::load(&BTreeMap::from([(file.to_owned(), source.to_owned())]))
}

fn filling(occasion: Occasion) -> Filling {
    occasion.variables().iter().map(|name| (*name, format!("the {name}"))).collect()
}

#[test]
fn the_built_in_templates_are_as_an_operators_would_have_to_be() {
    for (occasion, audience, source) in BUILT_IN {
        let file = file_name(occasion, audience);
        let loaded = own(&file, source).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(loaded.source(occasion, audience), (source, true), "{file}");
        assert_eq!(Templates::default().source(occasion, audience), (source, false), "{file}");
    }
    let places: BTreeSet<_> = BUILT_IN.iter().map(|(occasion, audience, _)| (*occasion, *audience)).collect();
    assert_eq!(places.len(), Occasion::ALL.len() * Audience::ALL.len());
}

#[test]
fn every_required_part_is_said_to_everybody_whom_it_concerns() {
    let templates = Templates::default();
    for audience in Audience::ALL {
        for occasion in [Occasion::Open, Occasion::Update] {
            for part in super::super::parts::STATUS {
                assert!(templates.says(occasion, *audience, part), "{occasion:?} {audience:?} {part}");
            }
        }
        for part in ["cause", "customer_impact", "prevention"] {
            assert!(templates.says(Occasion::Close, *audience, part), "{audience:?} {part}");
        }
        // Who sees to it is our own matter.
        assert_eq!(templates.says(Occasion::Close, *audience, "owner"), *audience != Audience::Public);
        assert_eq!(templates.says(Occasion::Cancel, *audience, "reason"), *audience != Audience::Public);
    }
}

#[test]
fn renders_what_people_read() {
    let mut filling = filling(Occasion::Update);
    let text = Templates::default().render(Occasion::Update, Audience::Public, &filling);
    assert_eq!(
        text.text,
        "the impact\n\nAffected: the routes\nSince: the started\nWhat we do: the mitigation\n\nWe will say more by the next."
    );
    assert!(!text.cut && text.instead.is_none());
    filling.insert("next", String::new());
    filling.insert("phase", "resolved".into());
    let over = Templates::default().render(Occasion::Update, Audience::Public, &filling);
    assert!(over.text.ends_with("\n\nThis is over."), "{}", over.text);
}

#[test]
fn nothing_that_is_filled_in_is_read_as_a_template() {
    let mut filling = filling(Occasion::Open);
    filling.insert("impact", "{{ title }} {% for x in y %} <b>&amp;</b> {# no #}".into());
    let text = Templates::default().render(Occasion::Open, Audience::Internal, &filling).text;
    assert!(text.starts_with("Impact: {{ title }} {% for x in y %} <b>&amp;</b> {# no #}\n"), "{text}");
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line_and_what_is_allowed() {
    for (file, source, line, says) in [
        ("opened.public.txt", "x", None, "There are `open.internal.txt`"),
        ("open.customers.txt", "x", None, "No template has this name"),
        ("open.public", "x", None, "No template has this name"),
        ("../open.public.txt", "x", None, "No template has this name"),
        ("open.public.txt", "a\n{{ impact }\n", Some(2), "It cannot be read"),
        ("open.public.txt", "a\n\n{% if next %}\n", Some(3), "It cannot be read"),
        (
            "open.public.txt",
            "{{ impact }}\n{{ impacts }}",
            Some(2),
            "`impacts` is not given to an open template. Given are `title`",
        ),
        ("open.public.txt", "{{ impact }}\n{% if customer.name %}x{% endif %}", Some(2), "`customer` is not given"),
        ("open.public.txt", "{{ cause }}", Some(1), "`cause` is not given"),
        ("close.public.txt", "{{ cause }}{{ next }}", Some(1), "`next` is not given to an close template"),
        ("close.public.txt", "{{ range(9999999)|join }}", Some(1), "there are no functions"),
        ("cancel.public.txt", "{{ reason|shout }}", None, "nknown filter"),
        ("cancel.public.txt", "{% include 'open.public.txt' %}", Some(1), "include"),
        (
            "cancel.public.txt",
            "{% for a in 'aaaaaaaaaa' * 99999 %}{% for b in 'aaaaaaaaaa' * 99999 %}x{% endfor %}{% endfor %}",
            None,
            "",
        ),
        ("cancel.public.txt", "{# nothing #}\n  \n", None, "It says nothing"),
    ] {
        let errors = own(file, source).expect_err(source);
        let [error] = errors.as_slice() else { panic!("{source}: {errors:?}") };
        assert_eq!((error.file.as_str(), error.line.or(line)), (file, line), "{source}: {error}");
        assert!(error.says.contains(says) && error.says.ends_with('.'), "{source}: {error}");
    }
    let shown = own("open.public.txt", "x\n{{ impcat }}").expect_err("misspelt")[0].to_string();
    assert!(shown.starts_with("open.public.txt:2: `impcat` is not given"), "{shown}");
    let large = "x".repeat(TEMPLATE_BYTES_MAX + 1);
    assert!(own("open.public.txt", &large).expect_err("large")[0].says.contains("8192 is the most"));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let files = [("open.public.txt", "{{ a }}{{ b }}"), ("close.public.txt", "{{ cause"), ("nothing.txt", "x")];
    let files = files.map(|(file, source)| (file.to_owned(), source.to_owned()));
    let errors = Templates::load(&files.into()).expect_err("all three are wrong");
    assert_eq!(errors.len(), 4, "{errors:?}");
}

#[test]
fn an_operators_template_stands_in_for_that_one_only() {
    let templates = own("update.public.txt", "{{ impact|upper }} ({{ phase }})").expect("it is good");
    let text = templates.render(Occasion::Update, Audience::Public, &filling(Occasion::Update)).text;
    assert_eq!(text, "THE IMPACT (the phase)");
    assert!(!templates.says(Occasion::Update, Audience::Public, "mitigation"));
    assert!(templates.says(Occasion::Update, Audience::Internal, "mitigation"));
    assert!(!templates.source(Occasion::Open, Audience::Public).1);
}

#[test]
fn a_template_that_fails_for_one_value_gives_way_to_the_built_in_one() {
    let source = "{% if impact == 'the impact' %}{{ impact|int }}{% else %}{{ impact }}{% endif %}";
    let templates = own("open.public.txt", source).expect("it works for the trial's values");
    let text = templates.render(Occasion::Open, Audience::Public, &filling(Occasion::Open));
    assert!(text.text.contains("We will say more by the next."), "{}", text.text);
    assert!(text.instead.expect("it says why").starts_with("open.public.txt could not be filled"));
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let long = own("open.public.txt", "{% for letter in impact %}{{ impact }}{% endfor %}").expect("it is good");
    let mut filling = filling(Occasion::Open);
    filling.insert("impact", "ä".repeat(500));
    let text = long.render(Occasion::Open, Audience::Public, &filling);
    assert!(text.cut && text.text.ends_with(CUT), "{}", text.text.len());
    assert_eq!(text.text.chars().count(), TEXT_CHARS_MAX);
    filling.insert("impact", "ä".repeat(50));
    let text = long.render(Occasion::Open, Audience::Public, &filling);
    assert_eq!((text.cut, text.text.chars().count()), (false, 2_500));
}

#[test]
fn rendering_withstands_whatever_is_filled_in() {
    let bits = ["{{", "}}", "{%", "%}", "\u{0}", "\u{202e}", "\n\n\n", "🔥", "{{ 1/0 }}", "\\", "\"", "e\u{301}", " "];
    let templates = Templates::default();
    for seed in 0..50 {
        let mut dice = Dice::of(seed);
        for (occasion, audience, _) in BUILT_IN {
            let mut filling = Filling::new();
            for name in occasion.variables() {
                let value: String = (0..dice.below(40)).map(|_| *dice.one(&bits)).collect();
                filling.insert(name, value);
            }
            let text = templates.render(occasion, audience, &filling);
            assert!(text.text.chars().count() <= TEXT_CHARS_MAX && text.instead.is_none());
            assert!(!text.text.contains("\n\n\n") && !text.text.contains('\u{0}'), "{:?}", text.text);
            assert_eq!(text, templates.render(occasion, audience, &filling));
        }
    }
}
