//! Bytes behind their codes.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Base64 of either alphabet, without padding.
pub(super) fn base64(letters: &[u8]) -> Option<Vec<u8>> {
    let standard = |letter: &u8| match letter {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let mut letters: Vec<u8> = letters.iter().map(standard).collect();
    if letters.len() % 4 == 1 {
        letters.pop();
    }
    BASE64.decode(letters).ok()
}

/// Base32, without padding.
pub(super) fn base32(letters: &[u8]) -> Option<Vec<u8>> {
    let value = |letter: &u8| match letter {
        b'A'..=b'Z' => letter.checked_sub(b'A'),
        b'2'..=b'7' => letter.checked_sub(b'2').and_then(|digit| digit.checked_add(26)),
        _ => None,
    };
    bits(letters.iter().map(value), 5)
}

/// Two digits a byte.
pub(super) fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.len().is_multiple_of(2).then(|| bits(digits.iter().map(value), 4))?
}

/// Eight digits a byte.
pub(super) fn binary(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| digit.checked_sub(b'0').filter(|value| *value < 2);
    digits.len().is_multiple_of(8).then(|| bits(digits.iter().map(value), 1))?
}

/// Bytes of values of so many bits; what is left at the end is padding.
fn bits(values: impl Iterator<Item = Option<u8>>, width: u32) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut count) = (0_u32, 0_u32);
    for value in values {
        held = held.wrapping_shl(width) | u32::from(value?);
        count = count.saturating_add(width);
        if let Some(left) = count.checked_sub(8) {
            let [.., byte] = held.wrapping_shr(left).to_be_bytes();
            bytes.push(byte);
            count = left;
        }
    }
    Some(bytes)
}
