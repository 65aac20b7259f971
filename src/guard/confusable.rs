//! Letters that only look like other letters.
//!
//! It knows single characters, not words, and is no general Unicode folding. Invariant: what it gives is ASCII.

/// Whether a character takes no room and means nothing: zero-width, direction marks, variation selectors.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fffd}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e01ef}'
        | '\u{300}'..='\u{36f}')
}

/// The ASCII character that this one stands for, where there is one.
pub(super) fn fold(letter: char) -> Option<char> {
    let code = u32::from(letter);
    match code {
        0xff01..=0xff5e => char::from_u32(code - 0xff01 + 0x21),
        0x1d400..=0x1d6a3 => latin((code - 0x1d400) % 52),
        0x1d7ce..=0x1d7ff => digit((code - 0x1d7ce) % 10),
        0x24b6..=0x24cf => latin(code - 0x24b6),
        0x24d0..=0x24e9 => latin(code - 0x24d0 + 26),
        0x1f130..=0x1f149 => latin(code - 0x1f130),
        0x1f150..=0x1f169 => latin(code - 0x1f150),
        0x1f170..=0x1f189 => latin(code - 0x1f170),
        0x2460..=0x2468 => digit(code - 0x2460 + 1),
        0x2080..=0x2089 => digit(code - 0x2080),
        0x2074..=0x2079 => digit(code - 0x2070),
        0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 => Some('-'),
        0x203f | 0x2040 | 0x2017 | 0x02cd | 0xfe33 | 0xfe34 | 0xfe4d..=0xfe4f => Some('_'),
        0x00a0 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Some(' '),
        0x2028 | 0x2029 | 0x0085 => Some('\n'),
        0x2018 | 0x2019 | 0x201b => Some('\''),
        0x201c..=0x201f => Some('"'),
        _ => lookalike(letter),
    }
}

fn latin(index: u32) -> Option<char> {
    let base = if index < 26 { u32::from(b'A') } else { u32::from(b'a') - 26 };
    char::from_u32(base + index)
}

fn digit(index: u32) -> Option<char> {
    char::from_digit(index, 10)
}

/// Cyrillic, Greek and other letters that are drawn as Latin ones.
fn lookalike(letter: char) -> Option<char> {
    Some(match letter {
        'а' | 'α' | 'ɑ' | 'ª' => 'a',
        'Ь' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'ԁ' => 'd',
        'е' | 'ҽ' | 'є' | 'ℯ' => 'e',
        'ƒ' => 'f',
        'ɡ' | 'ց' => 'g',
        'һ' | 'ℎ' => 'h',
        'і' | 'ı' | 'ι' | 'ɩ' | 'ӏ' => 'i',
        'ј' | 'ϳ' => 'j',
        'κ' | 'к' | 'ĸ' | 'ᴋ' => 'k',
        'ⅼ' | 'ǀ' | 'ℓ' | 'ŀ' => 'l',
        'ո' | 'ռ' => 'n',
        'о' | 'ο' | 'օ' | 'º' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' | 'ꜱ' | 'ſ' => 's',
        'τ' => 't',
        'υ' | 'ս' => 'u',
        'ѵ' | 'ν' | 'ᴠ' | 'ⅴ' => 'v',
        'ԝ' | 'ᴡ' | 'ω' => 'w',
        'х' | 'χ' | 'ⅹ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'ᴢ' => 'z',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' | '\u{212a}' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Ѵ' => 'V',
        'Ԝ' => 'W',
        'Х' | 'Χ' => 'X',
        'У' | 'Υ' | 'Ү' => 'Y',
        'Ζ' => 'Z',
        '٠' => '0',
        '⁄' | '∕' => '/',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_to_ascii() {
        let odd = "ｓ𝗄ⓛ𝟗е＿";
        let folded: String = odd.chars().filter_map(fold).collect();
        assert_eq!(folded, "skl9e_");
        assert!((0..0x11_0000).filter_map(char::from_u32).filter_map(fold).all(|c| c.is_ascii()));
        assert!((0..128).filter_map(char::from_u32).all(|c| fold(c).is_none() && !is_invisible(c)));
        assert!(is_invisible('\u{200b}') && !is_invisible('é'));
    }
}
