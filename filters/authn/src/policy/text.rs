//! Which text may become part of an identity.
//!
//! Subjects, roles and tenants end in log lines, headers, metrics labels and comparisons of others, so they are:
//! 1. not empty, and at most [`MAX_BYTES`] long;
//! 2. free of control characters: CR, LF and NUL split what they are written into (CVE-2023-27493);
//! 3. free of characters that are not seen or that reorder what is seen (U+200B, U+202E, U+2066, U+FEFF ...): two
//!    subjects that look alike must be alike, for whoever reads a log and writes a rule from it (CVE-2021-42574).

use portcullis::text::is_unseen;

/// The longest text, in bytes. `OpenID` Connect Core section 2 gives `sub` 255 characters.
const MAX_BYTES: usize = 256;

/// What a text must be, for messages.
pub const EXPECTED: &str = "1 to 256 bytes without control, invisible or text-reordering characters";

/// Whether a text may become part of an identity.
pub fn is_plain(text: &str) -> bool {
    (1..=MAX_BYTES).contains(&text.len()) && !text.chars().any(is_unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_of_real_issuers_are_plain() {
        for text in
            ["alice", "auth0|5f7c", "google-oauth2|1147", "https://idp.example/users/1", "O'Brien, Zoë", "利用者"]
        {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn text_that_hides_splits_or_reorders_is_not() {
        let long = "a".repeat(MAX_BYTES + 1);
        for text in ["", &long, "a\r\nx: y", "a\0b", "a\tb", "\u{202e}nimda", "ad\u{200b}min", "\u{feff}a", "a\u{85}b"]
        {
            assert!(!is_plain(text), "{text:?}");
        }
    }
}
