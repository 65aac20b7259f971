//! What people and platforms put around a secret, and what they do to it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::Dice;

/// A name and a way to write a text.
pub type Way = (&'static str, fn(&mut Dice, &str) -> String);

/// Plain wrappings: the text stays as it is.
pub const WRAPPINGS: &[Way] = &[
    ("alone", |_, text| text.to_owned()),
    ("in a sentence", |_, text| format!("hi, can you try {text} please?")),
    ("full stop", |_, text| format!("it is {text}.")),
    ("comma", |_, text| format!("{text}, right?")),
    ("round brackets", |_, text| format!("({text})")),
    ("square brackets", |_, text| format!("[{text}]")),
    ("quotes", |_, text| format!("\"{text}\"")),
    ("curly quotes", |_, text| format!("\u{201c}{text}\u{201d}")),
    ("code", |_, text| format!("`{text}`")),
    ("code block", |_, text| format!("```\n{text}\n```")),
    ("bold", |_, text| format!("*{text}*")),
    ("spoiler", |_, text| format!("||{text}||")),
    ("quoted", |_, text| format!("> {}", text.replace('\n', "\n> "))),
    ("emoji", |_, text| format!("🔑{text}🔑")),
    ("list", |_, text| format!("1. first\n2. {text}\n3. last")),
    ("JSON", |_, text| serde_json::json!({ "text": text }).to_string()),
    ("with a colon", |_, text| format!("here you go: {text}")),
    ("two lines", |_, text| format!("morning all\n{text}\nthanks!")),
];

/// Ways to hide a key from programs and not from people.
pub const EVASIONS: &[Way] = &[
    ("zero-width in the middle", |dice, key| cut(dice, key, "\u{200b}")),
    ("zero-width everywhere", |_, key| key.chars().flat_map(|c| [c, '\u{200d}']).collect()),
    ("soft hyphen", |dice, key| cut(dice, key, "\u{ad}")),
    ("full-width", |_, key| key.chars().map(wide).collect()),
    ("full-width prefix", |_, key| key.char_indices().map(|(at, c)| if at < 4 { wide(c) } else { c }).collect()),
    ("Cyrillic e", |_, key| key.replacen('e', "\u{435}", 1)),
    ("mathematical letters", |_, key| key.char_indices().map(|(at, c)| if at < 7 { sans(c) } else { c }).collect()),
    ("bold inside", |dice, key| cut(dice, key, "**")),
    ("code inside", |dice, key| cut(dice, key, "``")),
    ("tags inside", |dice, key| cut(dice, key, "</b><b>")),
    ("line break", |dice, key| cut(dice, key, "\n")),
    ("line break and quote mark", |dice, key| cut(dice, key, "\n> ")),
    ("escaped line break", |dice, key| cut(dice, key, "\\n")),
    ("continued line", |dice, key| cut(dice, key, "\\\n    ")),
    ("joined literals", |dice, key| format!("\"{}\"", cut(dice, key, "\" + \""))),
    ("escaped underscores", |_, key| key.replace('_', "\\_")),
    ("percent underscores", |_, key| key.replace('_', "%5f")),
    ("percent twice", |_, key| key.replace('_', "%255F")),
    ("percent everything", |_, key| key.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()),
    ("entities", |_, key| key.bytes().map(|byte| format!("&#{byte};")).collect::<Vec<_>>().concat()),
    ("hexadecimal entities", |_, key| key.replace('_', "&#x5f;")),
    ("escapes", |_, key| key.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat()),
    ("link", |_, key| format!("<https://acme.example/?k={key}|here>")),
    ("label of a link", |_, key| format!("<https://acme.example|{key}>")),
    ("base64", |_, key| STANDARD.encode(key)),
    ("base64 of a pair", |_, key| STANDARD.encode(format!("{key}:"))),
    ("base64 of a line", |dice, key| URL_SAFE_NO_PAD.encode(format!("{}KEY={key}\n", dice.one(&["", "A", "AB"])))),
    ("base64 twice", |_, key| STANDARD.encode(STANDARD.encode(format!("x {key} y")))),
    ("hexadecimal", |_, key| key.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()),
    ("JSON in JSON", |_, key| serde_json::json!(serde_json::json!({ "k": key }).to_string()).to_string()),
];

fn wide(letter: char) -> char {
    if letter.is_ascii_graphic() { char::from_u32(u32::from(letter) - 0x21 + 0xff01).unwrap() } else { letter }
}

fn sans(letter: char) -> char {
    match letter {
        'a'..='z' => char::from_u32(0x1d5ba + u32::from(letter) - u32::from('a')).unwrap(),
        other => other,
    }
}

fn cut(dice: &mut Dice, key: &str, gap: &str) -> String {
    if key.len() < 6 {
        return key.to_owned();
    }
    let at = dice.range(2, key.len() - 2);
    format!("{}{gap}{}", &key[..at], &key[at..])
}
