//! Addresses of crypto-currencies, each with its checksum.

use sha2::{Digest, Sha256};

use super::Kind;
use super::keccak::keccak256;

/// What the token is an address of.
pub(super) fn kind(token: &str) -> Option<Kind> {
    match token.as_bytes() {
        [b'0', b'x' | b'X', digits @ ..] => is_ethereum(digits).then_some(Kind::Ethereum),
        [b'b' | b'B', b'c' | b'C', b'1', ..] => is_bech32(token, "bc").then_some(Kind::Bitcoin),
        [b'l' | b'L', b't' | b'T', b'c' | b'C', b'1', ..] => is_bech32(token, "ltc").then_some(Kind::Litecoin),
        [b'1' | b'3' | b'L' | b'M' | b'D' | b'T', ..] if (26..=35).contains(&token.len()) => base58(token.as_bytes()),
        _ => None,
    }
}

/// ERC-55: the case of a letter is a bit of the hash. All in one case says nothing, and is allowed.
fn is_ethereum(digits: &[u8]) -> bool {
    if digits.len() != 40 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let has_lower = digits.iter().any(u8::is_ascii_lowercase);
    let has_upper = digits.iter().any(u8::is_ascii_uppercase);
    !(has_lower && has_upper) || is_cased(digits)
}

fn is_cased(digits: &[u8]) -> bool {
    let hash = keccak256(&digits.to_ascii_lowercase());
    let halves = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.iter().zip(halves).all(|(digit, half)| digit.is_ascii_digit() || digit.is_ascii_uppercase() == (half > 7))
}

/// `Base58Check`: a version, a hash of 20 bytes, and four bytes of SHA-256 twice.
fn base58(token: &[u8]) -> Option<Kind> {
    let bytes = decode(token)?;
    let (body, check) = bytes.split_at_checked(21)?;
    let kind = match (body.first()?, token.first()?) {
        (0, b'1') | (5, b'3') => Kind::Bitcoin,
        (0x30, b'L') | (0x32, b'M') => Kind::Litecoin,
        (0x1e, b'D') => Kind::Dogecoin,
        (0x41, b'T') => Kind::Tron,
        _ => return None,
    };
    let hash = Sha256::digest(Sha256::digest(body));
    hash.starts_with(check).then_some(kind)
}

/// The 25 bytes of an address in base 58. Leading ones are leading zeros, which the length implies here.
fn decode(token: &[u8]) -> Option<[u8; 25]> {
    // 224 bits, the lowest first
    let mut limbs = [0_u32; 7];
    for byte in token {
        let mut carry = u64::from(digit(*byte)?);
        for limb in &mut limbs {
            carry = u64::from(*limb).wrapping_mul(58).wrapping_add(carry);
            *limb = u32::try_from(carry & 0xffff_ffff).unwrap_or(0);
            carry >>= 32;
        }
        if carry != 0 {
            return None;
        }
    }
    let mut bytes = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes());
    let is_short = bytes.by_ref().take(3).all(|byte| byte == 0);
    let mut address = [0; 25];
    for (place, byte) in address.iter_mut().zip(bytes) {
        *place = byte;
    }
    is_short.then_some(address)
}

/// The value of a digit: neither `0` nor `O`, `I` or `l`.
fn digit(byte: u8) -> Option<u8> {
    let less = |skipped: u8, from: u8, base: u8| byte.saturating_sub(from).saturating_add(base).saturating_sub(skipped);
    match byte {
        b'1'..=b'9' => Some(less(0, b'1', 0)),
        b'A'..=b'H' => Some(less(0, b'A', 9)),
        b'J'..=b'N' => Some(less(1, b'A', 9)),
        b'P'..=b'Z' => Some(less(2, b'A', 9)),
        b'a'..=b'k' => Some(less(0, b'a', 33)),
        b'm'..=b'z' => Some(less(1, b'a', 33)),
        _ => None,
    }
}

/// BIP 173 and BIP 350: all in one case, and a polynomial that leaves 1, or another constant from version 1 on.
fn is_bech32(token: &str, prefix: &str) -> bool {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const BECH32M: u32 = 0x2bc8_30a3;
    if !(14..=90).contains(&token.len()) || is_mixed(token) {
        return false;
    }
    let folded = token.to_ascii_lowercase();
    let Some(data) = folded.get(prefix.len().saturating_add(1)..) else { return false };
    let high = prefix.bytes().map(|byte| u32::from(byte >> 5));
    let low = prefix.bytes().map(|byte| u32::from(byte & 31));
    let mut sum = high.chain([0]).chain(low).fold(1, step);
    for byte in data.bytes() {
        let Some(value) = ALPHABET.iter().position(|sign| *sign == byte) else { return false };
        sum = step(sum, u32::try_from(value).unwrap_or(0));
    }
    sum == if data.starts_with('q') { 1 } else { BECH32M }
}

fn is_mixed(token: &str) -> bool {
    token.bytes().any(|byte| byte.is_ascii_lowercase()) && token.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// One step of the polynomial of BIP 173.
fn step(sum: u32, value: u32) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let chosen = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
    chosen.fold((sum & 0x01ff_ffff) << 5 ^ value, |sum, (_, generator)| sum ^ generator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_standards_are_known() {
        for (token, expected) in [
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Kind::Bitcoin),
            ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", Kind::Bitcoin),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Kind::Bitcoin),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", Kind::Bitcoin),
            ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", Kind::Bitcoin),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Kind::Ethereum),
            ("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359", Kind::Ethereum),
        ] {
            assert_eq!(kind(token), Some(expected), "{token}");
        }
    }

    #[test]
    fn one_character_changed_makes_none() {
        for token in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0x5aAeb6053f3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        ] {
            assert_eq!(kind(token), None, "{token}");
        }
    }
}
