//! The few DER structures that the proxy's signature check wants, written once per key.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// `AlgorithmIdentifier` of `rsaEncryption` (RFC 8017 appendix A.1).
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
/// `AlgorithmIdentifier` of `id-ecPublicKey` with `prime256v1` (RFC 5480 section 2.1.1).
const P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// `AlgorithmIdentifier` of `id-ecPublicKey` with `secp384r1` (RFC 5480 section 2.1.1).
const P384: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
/// `AlgorithmIdentifier` of `id-Ed25519` (RFC 8410 section 3).
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

/// `SubjectPublicKeyInfo` of an RSA key.
pub(super) fn rsa_public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = element(SEQUENCE, &[unsigned(modulus), unsigned(exponent)].concat());
    public_key(RSA, &key)
}

/// `SubjectPublicKeyInfo` of an uncompressed point on P-256.
pub(super) fn p256_public_key(point: &[u8]) -> Vec<u8> {
    public_key(P256, point)
}

/// `SubjectPublicKeyInfo` of an uncompressed point on P-384.
pub(super) fn p384_public_key(point: &[u8]) -> Vec<u8> {
    public_key(P384, point)
}

/// `SubjectPublicKeyInfo` of an Ed25519 key.
pub(super) fn ed25519_public_key(key: &[u8]) -> Vec<u8> {
    public_key(ED25519, key)
}

/// `ECDSA-Sig-Value` (RFC 3279 section 2.2.3) of the two halves that a JWS simply joins.
pub(super) fn ecdsa_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[unsigned(r), unsigned(s)].concat())
}

fn public_key(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let bits = element(BIT_STRING, &[&[0], key].concat());
    element(SEQUENCE, &[algorithm, &bits].concat())
}

/// A big-endian magnitude as an INTEGER: shortest form, with a zero in front where the first bit would mean minus.
fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let shortest = magnitude.get(zeros..).unwrap_or_default();
    let needs_zero = shortest.first().is_none_or(|first| *first >= 0x80);
    let sign: &[u8] = if needs_zero { &[0] } else { &[] };
    element(INTEGER, &[sign, shortest].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    element.extend(length(content.len()));
    element.extend_from_slice(content);
    element
}

/// Up to 64 KiB, a hundred times the largest key that is accepted.
fn length(bytes: usize) -> Vec<u8> {
    match u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes() {
        [0, low] if low < 0x80 => vec![low],
        [0, low] => vec![0x81, low],
        [high, low] => vec![0x82, high, low],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_positive_and_shortest() {
        for (magnitude, der) in [
            (&[0x7f][..], &[2, 1, 0x7f][..]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[0, 0, 1], &[2, 1, 1]),
            (&[0, 0], &[2, 1, 0]),
        ] {
            assert_eq!(unsigned(magnitude), der);
        }
    }

    #[test]
    fn the_halves_of_a_signature_become_two_integers() {
        let (mut r, mut s) = ([0; 32], [0; 32]);
        (r[0], s[31]) = (0x80, 1);
        let expected = [&[0x30, 38, 2, 33, 0, 0x80][..], &[0; 31], &[2, 1, 1]].concat();
        assert_eq!(ecdsa_signature(&r, &s), expected);
    }

    #[test]
    fn lengths_take_one_two_or_three_bytes() {
        for (bytes, der) in [(127, &[127][..]), (128, &[0x81, 128]), (256, &[0x82, 1, 0]), (513, &[0x82, 2, 1])] {
            assert_eq!(length(bytes), der);
        }
    }
}
