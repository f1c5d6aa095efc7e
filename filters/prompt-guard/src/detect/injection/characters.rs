//! What characters are to the reader, and which letters are the same.

/// What a character is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Letter,
    /// A letter of a script that writes without blanks.
    Dense,
    /// A mark that is left out.
    Silent,
    /// Ends a sentence, whatever follows.
    Stop,
    /// Ends a sentence if a blank follows.
    Dot,
    Question,
    Quote,
    Blank,
    Other,
}

/// The letter that a sign between letters stands for: `byp@ss`, `in$truction`. Signs that part words as well (`+`, `|`, `!`)
/// stand for none.
pub(super) fn stands_for(character: char) -> Option<char> {
    Some(match character {
        '@' => 'a',
        '$' => 's',
        '¡' => 'i',
        '€' | '£' => 'e',
        '¢' => 'c',
        _ => return None,
    })
}

pub(super) fn digit_as_letter(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' => b'i',
        b'2' => b'z',
        b'3' => b'e',
        b'4' => b'a',
        b'5' => b's',
        b'6' | b'9' => b'g',
        b'7' => b't',
        b'8' => b'b',
        other => other,
    }
}

#[inline]
pub(super) fn of_ascii(character: char) -> Kind {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => Kind::Letter,
        ' ' => Kind::Blank,
        '\t'..='\r' | ';' | '<' | '>' | '{' | '}' | '[' | ']' => Kind::Stop,
        '.' | ':' | '!' => Kind::Dot,
        '?' => Kind::Question,
        '"' | '`' => Kind::Quote,
        _ => Kind::Other,
    }
}

pub(super) fn of_others(character: char) -> Kind {
    match character {
        // Vowel points of Arabic and Hebrew, and the stroke that makes a word longer.
        '\u{591}'..='\u{5bd}'
        | '\u{5bf}'
        | '\u{5c1}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}' => Kind::Silent,
        '。' | '！' | '；' | '।' | '॥' | '۔' | '؛' | '…' | '።' | '։' | '\u{2028}' | '\u{2029}' | '။' => {
            Kind::Stop
        }
        '？' | '؟' | '՞' | '፧' => Kind::Question,
        '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' | '‟' => Kind::Quote,
        // Thai and Lao, Burmese, Khmer; kana, Han, Hangul.
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{20000}'..='\u{3ffff}' => Kind::Dense,
        '\u{2000}'..='\u{206f}' | '\u{3000}' => Kind::Blank,
        character if is_sign(character) => Kind::Other,
        character if character.is_whitespace() => Kind::Blank,
        _ => Kind::Letter,
    }
}

/// Punctuation and symbols that end no sentence.
fn is_sign(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{a1}'..='\u{a9}' | '\u{ab}'..='\u{b4}' | '\u{b6}'..='\u{b9}'
        | '\u{bb}'..='\u{bf}' | '\u{2070}'..='\u{2bff}' | '\u{3001}'..='\u{303f}' | '\u{fe00}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}'
        | '،' | '٪' | '٫' | '٬' | '٭' | '\u{5be}' | '\u{5c0}' | '׳' | '״' | '՝' | '՜' | '՛' | '፡'..='፨' | '×' | '÷')
}

/// Letters that people write in several ways, in one of them.
pub(super) fn same(character: char) -> char {
    match character {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' | 'ئ' => 'ي',
        'ة' => 'ه',
        'ک' => 'ك',
        'ؤ' => 'و',
        'ё' => 'е',
        'ґ' => 'г',
        'ς' | 'ϲ' => 'σ',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        other => other,
    }
}
