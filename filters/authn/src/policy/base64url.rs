//! base64url as JOSE means it: no padding, and one spelling for each sequence of bytes.
//!
//! The last character can have bits that decode to nothing. Where they are ignored a token has up to sixteen
//! spellings, and whatever is keyed by its text (a cache, a revocation list) can be walked around. They must be zero
//! (RFC 4648 section 3.5; RFC 7515 section 2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The bytes of the one text that stands for them.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert_eq!(decode("Zg"), Some(b"f".to_vec()));
        assert_eq!(decode(""), Some(vec![]));
        for text in ["Zh", "Zg==", "Zg=", "Z", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm9v?", "Zm.v"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
