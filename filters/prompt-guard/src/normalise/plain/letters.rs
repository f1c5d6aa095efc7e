//! Letters drawn as something else, for which Unicode has no compatibility form.

/// The letter or sign that a symbol stands for.
pub(super) fn of(symbol: char) -> Option<char> {
    let code = u32::from(symbol);
    let capital = |first: u32| char::from_u32(code.saturating_sub(first).saturating_add(0x41));
    match code {
        // Regional indicators, negative circled, negative squared.
        0x1f1e6..=0x1f1ff => capital(0x1f1e6),
        0x1f150..=0x1f169 => capital(0x1f150),
        0x1f170..=0x1f189 => capital(0x1f170),
        // In brackets, which the compatibility form writes out.
        0x1f110..=0x1f129 => capital(0x1f110),
        0x249c..=0x24b5 => capital(0x249c).map(|letter| letter.to_ascii_lowercase()),
        0x2800..=0x283f => braille(code.saturating_sub(0x2800)),
        _ => None,
    }
}

/// Whether digits follow, written as the letters a to j.
pub(super) fn is_number_sign(symbol: char) -> bool {
    symbol == '\u{283c}'
}

/// The digit that a letter is behind the number sign of braille.
pub(super) fn digit(letter: char) -> Option<char> {
    "jabcdefghi".chars().position(|known| known == letter).and_then(|at| char::from_digit(u32::try_from(at).ok()?, 10))
}

/// Braille of six dots, in the order of the dots; an underscore where a pattern is no letter.
fn braille(dots: u32) -> Option<char> {
    const SIGNS: &str = " a,b'k;l_cif_msp_e:h_o!r_djg_ntq____-u?v_____x____.__z____w__y__";
    SIGNS.chars().nth(usize::try_from(dots).ok()?).filter(|sign| *sign != '_')
}
