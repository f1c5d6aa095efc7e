//! The SHA-256 of a credential: what API keys are stored as, and what verified tokens are remembered under.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The SHA-256 of a credential's exact bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of these bytes.
    pub fn of(credential: &[u8]) -> Self {
        Self(Sha256::digest(credential).into())
    }

    /// Reads 64 lower-case hex digits: one spelling, so that two entries of one key are seen to be two.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: Option<Vec<u8>> = text.bytes().map(hex_digit).collect();
        let bytes: Vec<u8> = digits?.chunks_exact(2).filter_map(byte).collect();
        let is_whole = text.len() == 64;
        bytes.try_into().ok().filter(|_| is_whole).map(Self)
    }

    /// The part that a table may be keyed by.
    pub(super) fn prefix(&self) -> [u8; 8] {
        self.0.first_chunk().copied().unwrap_or_default()
    }
}

impl ConstantTimeEq for Fingerprint {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Nothing that could be searched for in a list of broken keys.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    let is_lower = byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let digit = is_lower.then(|| char::from(byte).to_digit(16)).flatten();
    digit.and_then(|digit| u8::try_from(digit).ok())
}

fn byte(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low] => Some((high << 4) | low),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Fingerprint::from_hex(abc), Some(Fingerprint::of(b"abc")));
        for text in
            [&abc.to_uppercase(), &abc[1..], &format!("{abc}0"), &format!("{abc}00"), "", &format!("g{}", &abc[1..])]
        {
            assert_eq!(Fingerprint::from_hex(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Fingerprint::of(b"abc")), "Fingerprint(..)");
    }
}
