//! Characters as HTML writes them.

/// The longest name below.
const NAME: usize = 8;

/// The character at the beginning of `text`, with the length of what stands for it.
pub(super) fn read(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    let Some(number) = rest.strip_prefix('#') else {
        let end = rest.bytes().take(NAME.saturating_add(1)).position(|byte| byte == b';')?;
        let name = rest.get(..end)?;
        let known = NAMES.iter().find(|(known, _)| *known == name);
        return known.map(|(_, character)| (*character, end.saturating_add(2)));
    };
    let (digits, radix, sign) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 3_usize),
        None => (number, 10, 2),
    };
    // Any number of zeros may stand before.
    let number = digits.trim_start_matches('0');
    let zeros = digits.len().saturating_sub(number.len());
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let length = number.bytes().take(10).take_while(is_digit).count();
    let character = char::from_u32(u32::from_str_radix(number.get(..length)?, radix).ok()?)?;
    // Browsers do without the semicolon.
    let end = usize::from(number.as_bytes().get(length) == Some(&b';'));
    Some((character, sign.saturating_add(zeros).saturating_add(length).saturating_add(end)))
}

/// The names that a prompt needs: signs and blanks of ASCII, and what cannot be seen.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("AMP", '&'),
    ("lt", '<'),
    ("LT", '<'),
    ("gt", '>'),
    ("GT", '>'),
    ("quot", '"'),
    ("QUOT", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("shy", '\u{ad}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("ldquo", '\u{201c}'),
    ("rdquo", '\u{201d}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("hellip", '\u{2026}'),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lbrack", '['),
    ("lsqb", '['),
    ("bsol", '\\'),
    ("rbrack", ']'),
    ("rsqb", ']'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("lbrace", '{'),
    ("lcub", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rbrace", '}'),
    ("rcub", '}'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("agrave", 'à'),
    ("ccedil", 'ç'),
    ("ntilde", 'ñ'),
    ("oacute", 'ó'),
    ("iacute", 'í'),
    ("aacute", 'á'),
    ("uacute", 'ú'),
];
