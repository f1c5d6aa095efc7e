//! JSON pointers (RFC 6901), as text and as the fragment of a reference: a place has one name everywhere.

use std::fmt::Write as _;

use serde_json::Value;

/// The pointer of a member.
pub fn child(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The pointer of an item.
pub fn item(at: &str, index: usize) -> String {
    format!("{at}/{index}")
}

/// A token of a pointer as the key that it names.
pub fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The pointer that a reference within the document names: `#/components/schemas/Pet`. Others have none.
pub fn of_reference(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let is_pointer = fragment.is_empty() || fragment.starts_with('/');
    if is_pointer { decoded(fragment) } else { None }
}

/// The fragment of a reference to a pointer (RFC 6901 section 6).
pub fn to_reference(pointer: &str) -> String {
    let mut reference = String::from("#");
    for byte in pointer.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"/~-._!$&'()*+,;=:@".contains(&byte);
        if is_plain {
            reference.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(reference, "%{byte:02X}");
        }
    }
    reference
}

/// What a reference within the document names, and its pointer.
pub fn find<'a>(document: &'a Value, reference: &str) -> Option<(String, &'a Value)> {
    let pointer = of_reference(reference)?;
    let value = document.pointer(&pointer)?;
    Some((pointer, value))
}

fn decoded(fragment: &str) -> Option<String> {
    let mut bytes = fragment.bytes();
    let mut decoded = Vec::with_capacity(fragment.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { escape(&mut bytes)? } else { byte });
    }
    String::from_utf8(decoded).ok()
}

fn escape(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let mut digit = || char::from(bytes.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit()? << 4 | digit()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_is_decoded_once_and_then_unescaped() {
        let document = json!({"paths": {"/a/{b}": 1, "50%25": 2}});
        for (reference, found) in [
            ("#/paths/~1a~1%7Bb%7D", Some(1)),
            ("#/paths/~1a~1{b}", Some(1)),
            ("#/paths/50%2525", Some(2)),
            ("#/paths/50%25", None),
            ("#/paths/none", None),
            ("#anchor", None),
            ("other.json#/paths", None),
        ] {
            let value = find(&document, reference).and_then(|(_, value)| value.as_i64());
            assert_eq!(value, found, "{reference}");
        }
    }

    #[test]
    fn a_pointer_comes_back_from_its_reference() {
        for key in ["/a/{b}", "a~b", "50%", "gr\u{fc}n", "", "a b\"#"] {
            let pointer = child("/paths", key);
            assert_eq!(of_reference(&to_reference(&pointer)), Some(pointer));
        }
    }
}
