//! The header that carries credentials (RFC 9110 section 11.6.2), in commands, code and logs.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};

use super::judge;
use super::sight::Sight;

/// How it is called. Headers with names like `x-api-key` and `x-auth-token` are assignments like others.
pub(super) const NAMES: &[&str] = &["authorization"];

/// What stands behind the scheme: for `Basic` a name and a password in base64 (RFC 7617), for others what seems drawn
/// by lot.
pub(super) fn value(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    let value = sight.value(keyword.end)?.start;
    let rest = sight.text.get(value..)?;
    let word = rest.iter().take(17).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let blanks = rest.iter().skip(word).take(4).take_while(|byte| **byte == b' ').count();
    let has_scheme = (3..=16).contains(&word) && blanks > 0;
    let skipped = if has_scheme { word.saturating_add(blanks) } else { 0 };
    let start = value.saturating_add(skipped);
    let credentials = sight.text.get(start..)?;
    let length = credentials.iter().take(4096).take_while(|byte| is_credential(**byte)).count();
    let credentials = credentials.get(..length)?;
    let basic = has_scheme && rest.get(..word)?.eq_ignore_ascii_case(b"basic");
    let is_one = length >= 8
        && sight.judges(&(start..start.saturating_add(length)))
        && if basic { is_basic(credentials) } else { is_token(credentials) };
    is_one.then(|| start..start.saturating_add(length))
}

fn is_credential(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_=~@.+/:-".contains(&byte)
}

fn is_token(credentials: &[u8]) -> bool {
    let digits = credentials.iter().any(u8::is_ascii_digit);
    (digits || credentials.len() >= 20) && !judge::is_common(credentials) && judge::is_random(credentials)
}

/// Whether a name and a password come out of it, and not those of an example.
fn is_basic(credentials: &[u8]) -> bool {
    let Ok(plain) = LENIENT.decode(credentials) else { return false };
    let mut parts = plain.splitn(2, |byte| *byte == b':');
    match (parts.next(), parts.next()) {
        (Some(name), Some(b"")) => !judge::is_common(name),
        (Some(_), Some(password)) => !judge::is_common(password) && !judge::is_placeholder(password),
        _ => false,
    }
}

/// As people paste it: with the padding or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
