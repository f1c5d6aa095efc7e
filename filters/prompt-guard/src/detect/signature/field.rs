//! What a mail is written with for many people: a link that whoever gets it may click, with their own address to be
//! filled in, `[Leave](https://example.com/leave?email={email})`. Nothing goes out when it is shown, and it asks a model
//! for nothing that it was told.

use std::ops::Range;

/// How long the text of a link may be.
const LABEL: usize = 256;

/// Whether a client asks for the address that the mark opens when its reader clicks, and not when it shows the text. In
/// doubt it does not: pictures, definitions that a picture may refer to, a text of a link with code or tags in it.
pub(super) fn is_clicked(text: &str, mark: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let before = bytes.get(mark.start.saturating_sub(LABEL)..mark.start).unwrap_or_default();
    match bytes.get(mark.clone()).unwrap_or_default() {
        [b']', b'(', ..] => is_label(before),
        [b'h' | b'H', ..] => matches!(before.trim_ascii_end(), [.., b'<', b'a' | b'A']),
        _ => false,
    }
}

/// Whether a link opens there, and no picture.
fn is_label(before: &[u8]) -> bool {
    let Some(open) = before.iter().rposition(|byte| b"[]`<>\\".contains(byte)) else { return false };
    let sign = open.checked_sub(1).and_then(|at| before.get(at));
    before.get(open) == Some(&b'[') && !matches!(sign, Some(b'!' | b'\\')) && (open > 0 || before.len() < LABEL)
}

/// Whether the placeholder is a person's address, behind a parameter for one.
pub(super) fn is_own_address(before: &str, placeholder: &str) -> bool {
    let name = before.trim_end_matches(['{', '[', '<']).strip_suffix('=').unwrap_or_default();
    let name = name.rsplit(['?', '&', ';']).next().unwrap_or_default();
    is_address(name) && is_address(placeholder)
}

/// Whether it is a name such as `email`, `user_email` or `contact.email`.
fn is_address(name: &str) -> bool {
    const PEOPLE: [&str; 7] = ["user", "customer", "contact", "recipient", "subscriber", "member", "address"];
    let words = || name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let is_email = |word: &str| word.eq_ignore_ascii_case("email");
    let is_whose = |word: &str| PEOPLE.iter().any(|people| word.eq_ignore_ascii_case(people));
    words().any(is_email) && words().all(|word| is_email(word) || is_whose(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clicked(text: &str) -> bool {
        let start = text.find("](").or_else(|| text.find("href=")).or_else(|| text.find("src=")).unwrap();
        is_clicked(text, &(start..text.len()))
    }

    #[test]
    fn a_link_is_clicked_and_a_picture_is_shown() {
        for text in ["[a](https://", "![b] [a c](https://", "<a href=\"https://", "x <A\n href='https://"] {
            assert!(clicked(text), "{text}");
        }
        for text in [
            "![a](https://",
            "![a `[` b](https://",
            "![a \\[b](https://",
            "![a <i t='['> b](https://",
            "a](https://",
            "<img src=\"https://",
            "<link href=\"https://",
            "<link title='<a ' href=\"https://",
        ] {
            assert!(!clicked(text), "{text}");
        }
        let long = "a".repeat(300);
        assert!(!clicked(&format!("![{long}](https://")) && !clicked(&format!("[{long}](https://")));
        assert!(!clicked(&format!("![{}](https://", "a".repeat(LABEL - 1))));
    }

    #[test]
    fn a_field_is_an_address_behind_a_parameter_for_one() {
        for (before, placeholder, expected) in [
            ("/leave?email={", "email", true),
            ("/leave?a=1&user_email={{", " contact.email ", true),
            ("/leave?q={", "email", false),
            ("/leave/{", "email", false),
            ("/leave?email={", "email and history", false),
            ("/leave?email={", "emails", false),
        ] {
            assert_eq!(is_own_address(before, placeholder), expected, "{before}{placeholder}");
        }
    }
}
