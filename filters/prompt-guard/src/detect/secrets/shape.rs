//! What a key looks like: pieces of text, each so long and of such letters. Nothing is tried twice: a piece takes
//! what it can, and what follows must fit behind that, so a shape reads each byte once.

use std::ops::Range;

/// Which bytes a piece may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `0-9`
    Digits,
    /// `0-9a-f`
    LowerHex,
    /// `0-9a-fA-F`
    Hex,
    /// `a-zA-Z`
    Letters,
    /// `a-z0-9`
    Lower,
    /// `A-Z0-9`
    Upper,
    /// `A-Z2-7` (RFC 4648 section 6)
    Base32,
    /// The letters of Bech32 in capitals (BIP 173), in which `age` writes.
    Bech32,
    /// `a-zA-Z0-9`
    Alnum,
    /// `a-zA-Z0-9+/` (RFC 4648 section 4)
    Base64,
    /// `a-zA-Z0-9_-` (RFC 4648 section 5)
    Url,
    /// `a-zA-Z0-9_-.=`
    Dotted,
    /// `a-zA-Z0-9_.~-`, in which Entra writes client secrets.
    Tilde,
    /// `a-zA-Z0-9%`
    Percent,
    /// `=`
    Padding,
}

impl Alphabet {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Digits => byte.is_ascii_digit(),
            Alphabet::LowerHex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Alphabet::Hex => byte.is_ascii_hexdigit(),
            Alphabet::Letters => byte.is_ascii_alphabetic(),
            Alphabet::Lower => matches!(byte, b'0'..=b'9' | b'a'..=b'z'),
            Alphabet::Upper => matches!(byte, b'0'..=b'9' | b'A'..=b'Z'),
            Alphabet::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Alphabet::Bech32 => b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".contains(&byte),
            Alphabet::Alnum => byte.is_ascii_alphanumeric(),
            Alphabet::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'),
            Alphabet::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Alphabet::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'='),
            Alphabet::Tilde => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~'),
            Alphabet::Percent => byte.is_ascii_alphanumeric() || byte == b'%',
            Alphabet::Padding => byte == b'=',
        }
    }

    /// A piece of exactly so many.
    pub(super) const fn of(self, count: usize) -> Part {
        Part::Run(self, count, count)
    }

    /// A piece of at least and at most so many.
    pub(super) const fn between(self, min: usize, max: usize) -> Part {
        Part::Run(self, min, max)
    }
}

/// One piece.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// These very bytes.
    Literal(&'static str),
    /// Bytes of an alphabet: at least, at most.
    Run(Alphabet, usize, usize),
}

/// The pieces, one behind the other.
pub(super) type Shape = &'static [Part];

/// Where the shape ends that begins at `from`; `None` if it does not stand there.
pub(super) fn forward(text: &[u8], from: usize, shape: &[Part]) -> Option<usize> {
    shape.iter().try_fold(from, |at, part| {
        let rest = text.get(at..)?;
        let taken = match *part {
            Part::Literal(literal) => rest.starts_with(literal.as_bytes()).then_some(literal.len())?,
            Part::Run(alphabet, min, max) => run(rest.iter(), alphabet, min, max)?,
        };
        at.checked_add(taken)
    })
}

/// Where the shape begins that ends at `until`; `None` if it does not stand there.
pub(super) fn backward(text: &[u8], until: usize, shape: &[Part]) -> Option<usize> {
    shape.iter().rev().try_fold(until, |at, part| {
        let before = text.get(..at)?;
        let taken = match *part {
            Part::Literal(literal) => before.ends_with(literal.as_bytes()).then_some(literal.len())?,
            Part::Run(alphabet, min, max) => run(before.iter().rev(), alphabet, min, max)?,
        };
        at.checked_sub(taken)
    })
}

fn run<'t>(bytes: impl Iterator<Item = &'t u8>, alphabet: Alphabet, min: usize, max: usize) -> Option<usize> {
    let count = bytes.take(max).take_while(|byte| alphabet.has(**byte)).count();
    (count >= min).then_some(count)
}

/// How much text the shape takes at most.
pub(super) fn longest(shape: &[Part]) -> usize {
    let length = |part: &Part| match part {
        Part::Literal(literal) => literal.len(),
        Part::Run(_, _, max) => *max,
    };
    shape.iter().map(length).fold(0, usize::saturating_add)
}

/// What stands before a keyword that a secret begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// A letter or a digit: it is in the middle of a word, or of another key.
    Inside,
    /// What joins words: `old_ghp_…` is a key that somebody gave a name, `task.sk-…` may be words.
    Joined,
    /// Something else, or nothing.
    Border,
}

/// What stands before `at`. An escaped line feed, as JSON has it, is no letter.
pub(super) fn left(text: &[u8], at: usize) -> Left {
    match text.get(..at).and_then(|before| before.split_last()) {
        Some((b'n' | b'r' | b't', before)) if before.last() == Some(&b'\\') => Left::Border,
        Some((byte, _)) if byte.is_ascii_alphanumeric() => Left::Inside,
        Some((b'_' | b'-' | b'.', _)) => Left::Joined,
        Some(_) | None => Left::Border,
    }
}

/// Whether a secret may begin at `at`: not in the middle of a word, of a path of words or of another key.
pub(super) fn begins(text: &[u8], at: usize) -> bool {
    left(text, at) == Left::Border
}

/// How far from here the shape may begin, on this line and no further than a few words.
pub(super) fn gap(text: &[u8], shape: &[Part]) -> usize {
    let Some(Part::Run(alphabet, ..)) = shape.first() else { return 0 };
    text.iter().take(24).take_while(|byte| **byte != b'\n' && !alphabet.has(**byte)).count()
}

/// Whether a name begins there, in its own right or within a longer one: `okta`, `MY_OKTA`, `myOkta`, but not the
/// middle of `rookTable`.
pub(super) fn is_word(text: &[u8], span: &Range<usize>) -> bool {
    let word = text.get(span.clone()).unwrap_or_default();
    let capitals = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let small = word.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let before = text.get(..span.start).and_then(<[u8]>::last).copied().unwrap_or(b' ');
    let first = word.first().copied().unwrap_or_default();
    let hump = first.is_ascii_uppercase() && before.is_ascii_lowercase();
    (capitals == 0 || small == 0 || first.is_ascii_uppercase()) && (hump || !before.is_ascii_alphabetic())
}

/// Whether the byte before `at` could be of the shape's first piece too, as `/` in base64: what seems to begin there
/// goes on from before. Behind `=`, which pads and assigns, something begins, and what joins words is looked at with
/// [`Left::Joined`].
pub(super) fn goes_on(text: &[u8], at: usize, shape: &[Part]) -> bool {
    let before =
        text.get(..at).and_then(<[u8]>::last).filter(|byte| !b"=_-.".contains(byte) && !byte.is_ascii_alphanumeric());
    match (before, shape.first()) {
        (Some(byte), Some(Part::Run(alphabet, ..))) => alphabet.has(*byte),
        _ => false,
    }
}

/// Whether a secret may end at `at`: the next byte would not have been part of it.
pub(super) fn ends(text: &[u8], at: usize, shape: &[Part]) -> bool {
    let Some(next) = text.get(at) else { return true };
    let more = match shape.last() {
        Some(Part::Run(alphabet, ..)) => alphabet.has(*next) && !is_full_stop(text, at),
        _ => false,
    };
    !more && !next.is_ascii_alphanumeric() && *next != b'_'
}

/// Whether the byte at `at` ends a sentence rather than going on with a name.
fn is_full_stop(text: &[u8], at: usize) -> bool {
    let after = at.checked_add(1).and_then(|next| text.get(next));
    text.get(at) == Some(&b'.') && after.is_none_or(u8::is_ascii_whitespace)
}

/// Whether nothing but blanks, quotes and brackets stands on both sides: for shapes that also names of files have.
pub(super) fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(<[u8]>::last).is_none_or(|byte| is_edge(*byte));
    let after = text.get(end).is_none_or(|byte| is_edge(*byte) || is_full_stop(text, end));
    before && after
}

fn is_edge(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`=:,;()<>[]{}|\\".contains(&byte)
}
