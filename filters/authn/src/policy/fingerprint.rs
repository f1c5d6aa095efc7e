//! The SHA-256 of a credential: what API keys are stored as, and what verified tokens are remembered under.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::api_key;

/// The SHA-256 of a credential's exact bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The longest API key that is looked up by its fingerprint, in bytes.
    pub const MAX_KEY_BYTES: usize = api_key::MAX_KEY_BYTES;

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

    /// As a configuration has it.
    pub fn to_hex(&self) -> String {
        let digits = |byte: &u8| [byte >> 4, byte & 0xf].map(|digit| char::from_digit(digit.into(), 16));
        self.0.iter().flat_map(digits).flatten().collect()
    }

    /// The part that a table may be keyed by.
    pub(super) fn prefix(&self) -> [u8; 8] {
        self.0.first_chunk().copied().unwrap_or_default()
    }
}

/// A secret that is hashed with each key of a set, so that the hashes alone do not let anybody test guesses.
#[derive(Clone)]
pub struct Pepper(Hmac<Sha256>);

impl Pepper {
    /// The shortest pepper, in bytes: as long as the hash (RFC 2104 section 3).
    pub const MIN_BYTES: usize = 32;

    /// Of these bytes; `None` if they are too few.
    pub fn of(secret: &[u8]) -> Option<Self> {
        <Hmac<Sha256> as hmac::Mac>::new_from_slice(secret).ok().map(Self).filter(|_| secret.len() >= Self::MIN_BYTES)
    }

    /// The HMAC-SHA-256 of a credential.
    pub fn fingerprint(&self, credential: &[u8]) -> Fingerprint {
        Fingerprint(self.0.clone().chain_update(credential).finalize().into_bytes().into())
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(..)")
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
        assert_eq!(Fingerprint::of(b"abc").to_hex(), abc);
        for text in
            [&abc.to_uppercase(), &abc[1..], &format!("{abc}0"), &format!("{abc}00"), "", &format!("g{}", &abc[1..])]
        {
            assert_eq!(Fingerprint::from_hex(text), None, "{text}");
        }
    }

    /// RFC 4231 section 4.7 (test case 6), whose key has 131 bytes.
    #[test]
    fn a_pepper_makes_another_hash_of_the_same_key() {
        let pepper = Pepper::of(&[0xaa; 131]).unwrap();
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let print = pepper.fingerprint(b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(Some(print), Fingerprint::from_hex(expected));
        assert!(Pepper::of(&[0xaa; 31]).is_none());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Pepper::of(&[b'a'; 32]).unwrap()), "Pepper(..)");
        assert_eq!(format!("{:?}", Fingerprint::of(b"abc")), "Fingerprint(..)");
    }
}
