//! What stands behind a `%`, for every part of a URL.

/// The byte that the next two hex digits stand for.
pub fn byte(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let high = digit(bytes.next()?)?;
    let low = digit(bytes.next()?)?;
    Some((high << 4) | low)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
