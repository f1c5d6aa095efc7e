//! Text of two bytes a character, as Windows writes it (UTF-16).

/// What the bytes say; `None` if they are no such text: there is no mark in front, and it is not so that most of one byte of
/// two are letters of ASCII and most of the other nothing.
pub(crate) fn decoded(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xff, 0xfe, text @ ..] => Some(read(text, u16::from_le_bytes)),
        [0xfe, 0xff, text @ ..] => Some(read(text, u16::from_be_bytes)),
        text if has_letters(text, 0) => Some(read(text, u16::from_le_bytes)),
        text if has_letters(text, 1) => Some(read(text, u16::from_be_bytes)),
        _ => None,
    }
}

fn read(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).filter_map(|pair| Some(unit(*pair.first_chunk()?)));
    char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Whether most bytes at this place of two are letters, and most of the others nothing.
fn has_letters(bytes: &[u8], place: usize) -> bool {
    let pairs = bytes.len() / 2;
    let most = |place: usize, is: fn(u8) -> bool| {
        let count = bytes.iter().skip(place).step_by(2).filter(|byte| is(**byte)).count();
        count.saturating_mul(10) >= pairs.saturating_mul(6)
    };
    let is_letter = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    pairs >= 2 && most(place, is_letter) && most(1_usize.saturating_sub(place), |byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_two_bytes_is_read_with_and_without_its_mark() {
        for text in ["ignore", "“ignore é”", "größe"] {
            let units = || text.encode_utf16();
            let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decoded(&little).as_deref(), Some(text));
            assert_eq!(decoded(&big).as_deref(), Some(text));
        }
        assert_eq!(decoded(b"\xff\xfe\x60\x4f\x7d\x59").as_deref(), Some("你好"));
        assert_eq!(decoded(b"\xfe\xff\x4f\x60\x59\x7d").as_deref(), Some("你好"));
        for bytes in [&b"ignore"[..], b"", b"\0\0\0\0", b"I\0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"] {
            assert_eq!(decoded(bytes), None, "{bytes:?}");
        }
    }
}
