//! Latin letters without what stands on, below or across them: whoever reads `ígnørе` reads the word without them.

use unicode_normalization::char::decompose_canonical;

/// Marks that stand on the letters of any script: what Zalgo is made of.
pub(super) fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{302a}'..='\u{302f}' | '\u{fe20}'..='\u{fe2f}')
}

/// What a small letter is without its marks, or a mark without its letter; `None` of what has none.
pub(crate) fn bare(character: char) -> Option<&'static str> {
    match character {
        '\u{df}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => crossed(character).or_else(|| below(character)),
        '\u{250}'..='\u{2af}' => crossed(character),
        _ => is_accent(character).then_some(""),
    }
}

/// The first of what a letter is composed of.
fn below(character: char) -> Option<&'static str> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    let mut first = None;
    decompose_canonical(character, |part| {
        first.get_or_insert(part);
    });
    let at = LETTERS.find(first.filter(char::is_ascii_lowercase)?)?;
    LETTERS.get(at..=at)
}

/// Letters that Unicode does not take apart.
fn crossed(character: char) -> Option<&'static str> {
    Some(match character {
        'ƀ' | 'ɓ' | 'ƃ' => "b",
        'ƈ' | 'ȼ' | 'ɕ' => "c",
        'đ' | 'ð' | 'ɖ' | 'ɗ' | 'ƌ' | 'ȡ' => "d",
        'ɇ' | 'ɘ' | 'ə' | 'ɛ' => "e",
        'ƒ' => "f",
        'ǥ' | 'ɡ' | 'ɠ' => "g",
        'ħ' | 'ɦ' => "h",
        'ı' | 'ɨ' | 'ɩ' | 'ɪ' => "i",
        'ɉ' | 'ʝ' | 'ȷ' => "j",
        'ƙ' => "k",
        'ł' | 'ƚ' | 'ɫ' | 'ɬ' | 'ɭ' | 'ȴ' => "l",
        'ɱ' => "m",
        'ƞ' | 'ɲ' | 'ɳ' | 'ȵ' | 'ŉ' => "n",
        'ø' | 'ɵ' | 'ɔ' => "o",
        'ƥ' => "p",
        'ʠ' | 'ɋ' => "q",
        'ɍ' | 'ɼ' | 'ɽ' | 'ɾ' => "r",
        'ʂ' | 'ȿ' => "s",
        'ŧ' | 'ƫ' | 'ƭ' | 'ʈ' | 'ȶ' => "t",
        'ʉ' => "u",
        'ʋ' => "v",
        'ƴ' | 'ɏ' => "y",
        'ƶ' | 'ȥ' | 'ʐ' | 'ʑ' | 'ɀ' => "z",
        'ß' => "ss",
        'æ' | 'ǣ' | 'ǽ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_gone_and_other_letters_stay() {
        let read = |text: &str| text.chars().map(|c| bare(c).map_or(c.to_string(), str::to_owned)).collect::<String>();
        for (text, expected) in [
            ("ígnøré ıñstrüctıøns", "ignore instructions"),
            ("łąka ťuk ħ ðaß œuvre ǽ", "laka tuk h dass oeuvre ae"),
            ("bỏ qua hướng dẫn", "bo qua huong dan"),
            ("i\u{301}gno\u{308}re", "ignore"),
            ("þing игнор 你好 ñ", "þing игнор 你好 n"),
        ] {
            assert_eq!(read(text), expected);
        }
    }
}
