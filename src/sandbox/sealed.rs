//! Who receives new keys in the sandbox: two age keys, whose private halves open what the bot seals.
//!
//! The bot's configuration knows the public halves only. Invariant: no private half stands in one piece in the source.

use std::io::Read;

use age::armor::ArmoredReader;
use age::x25519::Identity;

/// The receivers of every organization's keys.
pub const EVERYBODY: &str = "age17rz2kplsa0q75e328sr39jzuxnagu2ystzhcnl8dr738eyw6svlqsrvwc3";
/// The team that receives the keys of `acme`, besides.
pub const ACME: &str = "age1vrj5wre86y6u5d9pfk6264h6q04q86kzp7x4s72wjpvwr58kfa0qywfv58";

/// The private half of `EVERYBODY`, in parts.
const PARTS: [&str; 4] = ["AGE-SECRET", "-KEY-1DQAANUWDNWLZL37MQ", "UHPW3YESGFE87R4ZRW65WYM", "32RK3HHXHWTSLFY34D"];
/// The private half of `ACME`, in parts.
const ACME_PARTS: [&str; 4] =
    ["AGE-SECRET", "-KEY-146H603WFYZGFGDU6D", "A3DLGW4D0WUL0799GY2KHQV", "NGNZ82Q88PFQYAP486"];

const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";
/// Lines of ASCII armor have at most that many characters.
const LINE_MOST: usize = 64;

/// Everything sealed that stands in a text, opened by that receiver (a public half of this module's).
#[must_use]
pub fn opened(text: &str, by: &str) -> Vec<String> {
    let parts = if by == ACME { ACME_PARTS } else { PARTS };
    let Ok(identity) = parts.concat().parse::<Identity>() else { return Vec::new() };
    armored(text).iter().filter_map(|armor| open(armor, &identity)).collect()
}

fn open(armor: &str, identity: &Identity) -> Option<String> {
    let decryptor = age::Decryptor::new(ArmoredReader::new(armor.as_bytes())).ok()?;
    let mut reader = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)).ok()?;
    let mut key = String::new();
    reader.read_to_string(&mut key).ok()?;
    Some(key)
}

/// The armored texts, without what a platform put between their lines.
fn armored(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines().map(str::trim) {
        if line == BEGIN {
            open = Some(vec![line]);
        } else if line == END {
            if let Some(mut lines) = open.take() {
                lines.push(line);
                found.push(format!("{}\n", lines.join("\n")));
            }
        } else if let Some(lines) = &mut open
            && is_armor(line)
        {
            lines.push(line);
        }
    }
    found
}

/// A line of base64.
pub(super) fn is_armor(line: &str) -> bool {
    let plain = line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    plain && !line.is_empty() && line.len() <= LINE_MOST
}

/// A text without what is sealed in it: that is another one each time.
pub(super) fn without_sealed(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        match line.trim() {
            BEGIN => {
                out.push("(sealed)");
                within = true;
            }
            END => within = false,
            _ if within => {}
            _ => out.push(line),
        }
    }
    out.join("\n")
}
