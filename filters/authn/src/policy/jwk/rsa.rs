//! Which RSA keys are sound enough to trust a signature of theirs.
//!
//! 1. The modulus has 2048 bits at least (RFC 7518 section 3.3) and 4096 at most: a check costs with the square of
//!    its length, and the library behind the proxy stops there too.
//! 2. The modulus is odd.
//! 3. The exponent is odd, at least 65537 (NIST SP 800-56B section 6.2: 1 signs everything, 3 forgave too many parsers
//!    their laxness), and below 2^33, for the cost.
//! 4. The modulus does not bear the mark of the Infineon library whose keys can be factored (ROCA, CVE-2017-15361).

use super::Fault;

const MIN_BITS: usize = 2048;
const MAX_BITS: usize = 4096;
const MIN_EXPONENT: u64 = 65_537;
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// Checks a key; both numbers big-endian, without zeros in front.
pub(super) fn check(modulus: &[u8], exponent: &[u8]) -> Result<(), Fault> {
    if !(MIN_BITS..=MAX_BITS).contains(&bits(modulus)) {
        return Err(Fault::ModulusSize);
    }
    if !is_odd(modulus) {
        return Err(Fault::EvenModulus);
    }
    let is_sound = |value: u64| (MIN_EXPONENT..=MAX_EXPONENT).contains(&value) && is_odd(exponent);
    if !number(exponent).is_some_and(is_sound) {
        return Err(Fault::Exponent);
    }
    if is_roca(modulus) { Err(Fault::Roca) } else { Ok(()) }
}

/// Without the zeros that some issuers write in front.
pub(super) fn shortest(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    let unused = usize::try_from(unused).unwrap_or_default();
    number.len().saturating_mul(8).saturating_sub(unused)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last % 2 == 1)
}

fn number(bytes: &[u8]) -> Option<u64> {
    let mut word = [0; 8];
    let tail = word.len().checked_sub(bytes.len())?;
    word.get_mut(tail..)?.copy_from_slice(bytes);
    Some(u64::from_be_bytes(word))
}

/// The first primes, which the library's moduli avoid to look random by.
const MARKS: [u64; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Its moduli are powers of 65537 modulo each small prime; of others one in 2^27 is.
fn is_roca(modulus: &[u8]) -> bool {
    MARKS.iter().all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime))
}

#[allow(clippy::arithmetic_side_effects, reason = "the remainder is below 167, and so is no product near the end")]
fn remainder(number: &[u8], prime: u64) -> u64 {
    number.iter().fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % prime)
}

#[allow(clippy::arithmetic_side_effects, reason = "as above")]
fn is_power_of_65537(rest: u64, prime: u64) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == rest {
            return true;
        }
        power = power * 65_537 % prime;
    }
    false
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    fn modulus(bytes: usize, last: u8) -> Vec<u8> {
        let mut modulus = vec![0xc3; bytes];
        modulus[bytes - 1] = last;
        modulus
    }

    /// AUTHN-038.
    #[test]
    fn weak_even_and_costly_keys_are_refused() {
        let f4 = &[1, 0, 1][..];
        for (n, e, result) in [
            (modulus(256, 0xc3), f4, Ok(())),
            (modulus(512, 0xc3), f4, Ok(())),
            (modulus(128, 0xc3), f4, Err(Fault::ModulusSize)),
            ([&[0x7f][..], &modulus(255, 0xc3)].concat(), f4, Err(Fault::ModulusSize)),
            (modulus(513, 0xc3), f4, Err(Fault::ModulusSize)),
            (modulus(2048, 0xc3), f4, Err(Fault::ModulusSize)),
            (vec![], f4, Err(Fault::ModulusSize)),
            (modulus(256, 0xc2), f4, Err(Fault::EvenModulus)),
            (modulus(256, 0xc3), &[1], Err(Fault::Exponent)),
            (modulus(256, 0xc3), &[3], Err(Fault::Exponent)),
            (modulus(256, 0xc3), &[1, 0, 2], Err(Fault::Exponent)),
            (modulus(256, 0xc3), &[1, 0, 0, 0, 0, 0, 0, 0, 1], Err(Fault::Exponent)),
            (modulus(256, 0xc3), &[2, 0, 0, 0, 1], Err(Fault::Exponent)),
            (modulus(256, 0xc3), &[], Err(Fault::Exponent)),
        ] {
            assert_eq!(check(&n, e), result, "{} bytes, {e:?}", n.len());
        }
    }

    /// A number that is a power of 65537 modulo every mark: 65537 itself, cubed.
    #[test]
    fn the_mark_of_roca_is_found() {
        let cube = 65_537_u64.pow(3).to_be_bytes();
        assert!(is_roca(&cube));
        assert!(!is_roca(&modulus(256, 0xc3)));
    }
}
