//! The fuzzer's checks on bytes from seeds, so that every run of the tests has some of it.
//!
//! Bytes are pieces of secrets, anchors, disguises and noise, cut, doubled and turned over. `GUARD_BYTES=100000 cargo
//! test --test it guard_bytes` tries more. Invariant: the same seeds give the same bytes.

use seqn_chatops::guard::rules;

use crate::guard_sets::Dice;
use crate::guard_sets::disguise::EVASIONS;
use crate::guard_sets::harmless::TEXTS;
use crate::guard_sets::secrets::KINDS;

#[path = "../fuzz/body.rs"]
mod body;

/// Texts that are tried where nobody asks for more.
const ROUNDS: u64 = 3000;

fn made(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..dice.range(1, 12) {
        let piece = match dice.range(0, 6) {
            0 => (KINDS[dice.range(0, KINDS.len())].make)(dice).text.into_bytes(),
            1 => {
                let text = (KINDS[dice.range(0, 8)].make)(dice).text;
                EVASIONS[dice.range(0, EVASIONS.len())].1(dice, &text).into_bytes()
            }
            2 => {
                let rule = &rules()[dice.range(0, rules().len())];
                let anchor = rule.anchors[dice.range(0, rule.anchors.len())];
                anchor.repeat(dice.range(1, 5)).into_bytes()
            }
            3 => TEXTS[dice.range(0, TEXTS.len())].1(dice).into_bytes(),
            4 => dice
                .one(&["%", "&#", "<", "|", "\\u", "=", "\n", "…", "\u{200b}", "://", "\"+\"", "eyJ", "."])
                .as_bytes()
                .to_vec(),
            _ => {
                let len = dice.range(1, 20);
                dice.bytes(len)
            }
        };
        let from = if dice.range(0, 3) == 0 { dice.range(0, piece.len() + 1) } else { 0 };
        let to = if dice.range(0, 3) == 0 { dice.range(from, piece.len() + 1) } else { piece.len() };
        bytes.extend(&piece[from..to]);
    }
    for _ in 0..dice.range(0, 4) {
        let at = dice.range(0, bytes.len() + 1).min(bytes.len().saturating_sub(1));
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << dice.range(0, 8);
        }
    }
    bytes
}

#[test]
fn any_bytes_keep_the_laws() {
    let rounds = std::env::var("GUARD_BYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let guard = body::guard();
    for seed in 1..=rounds {
        let bytes = made(&mut Dice::new(seed));
        let outcome = std::panic::catch_unwind(|| body::check(&guard, &bytes));
        assert!(outcome.is_ok(), "seed {seed}: {:?}", String::from_utf8_lossy(&bytes));
    }
}
