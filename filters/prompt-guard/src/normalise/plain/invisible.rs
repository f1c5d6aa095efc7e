//! Characters that take no room: most carry nothing in a prompt, and split a word for every filter that reads bytes.

/// What a character does that cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invisible {
    /// Begins a stretch that is shown from right to left.
    Override,
    /// Ends such a stretch.
    Pop,
    /// Another control of direction.
    Bidi,
    /// A copy of an ASCII character that is never shown (U+E0000).
    Tag,
    /// Chooses the form of the character before.
    Selector,
    /// Joins or parts letters; honest outside of ASCII.
    Joiner,
    /// Nothing at all.
    ZeroWidth,
    /// A letter that shows nothing.
    Filler,
    /// A control of ASCII, or of Latin 1.
    Control,
    /// Marks of the byte order, of annotations, of music.
    Other,
}

/// What `character` does, if it cannot be seen.
pub(super) fn of(character: char) -> Option<Invisible> {
    Some(match character {
        '\t'..='\r' | ' '..='~' | '\u{85}' | '\u{ae}'..='\u{34e}' => return None,
        '\u{202e}' => Invisible::Override,
        '\u{202c}' => Invisible::Pop,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202d}' | '\u{2066}'..='\u{2069}' => Invisible::Bidi,
        '\u{200c}' | '\u{200d}' => Invisible::Joiner,
        '\u{ad}' | '\u{34f}' | '\u{200b}' | '\u{2060}'..='\u{206f}' | '\u{180e}' => Invisible::ZeroWidth,
        // Fillers of Hangul.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => Invisible::Filler,
        '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{e0100}'..='\u{e01ef}' => Invisible::Selector,
        '\u{e0000}'..='\u{e007f}' => Invisible::Tag,
        '\0'..='\u{9f}' => Invisible::Control,
        '\u{feff}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180f}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fff9}'..='\u{fffc}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e0fff}' => Invisible::Other,
        _ => return None,
    })
}
