//! Something of the same form as a value, that is nobody's.

/// What is written instead of the `number`th value of a kind; `None` if its form has no room for the number.
///
/// - an e-mail address is one in `example.invalid` (RFC 2606 section 2);
/// - an IPv4 address is one of 192.0.2.0/24, an IPv6 address one of `2001:db8::/32` (RFC 5737, RFC 3849);
/// - anything else keeps its blanks and punctuation: digits become 0 and letters x, and the last digits say which it is.
///   Of what is not ASCII nobody knows which signs are its digits (braille has some): it has no form.
pub(super) fn form(kind: &str, value: &str, number: usize) -> Option<String> {
    match kind {
        "email" => Some(format!("masked-{number}@example.invalid")),
        "ip" if value.contains(':') => Some(format!("2001:db8::{number:x}")),
        "ip" => (number < 256).then(|| format!("192.0.2.{number}")),
        _ => blank(value, number),
    }
}

/// As the value, with nothing of it but what it looks like.
fn blank(value: &str, number: usize) -> Option<String> {
    if !value.is_ascii() {
        return None;
    }
    let mut digits = number.to_string().into_bytes();
    let mut out: Vec<char> = Vec::with_capacity(value.len());
    for character in value.chars().rev() {
        out.push(match character {
            digit if digit.is_ascii_digit() => char::from(digits.pop().unwrap_or(b'0')),
            letter if letter.is_ascii_alphabetic() => 'x',
            other => other,
        });
    }
    digits.is_empty().then(|| out.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_stays_and_the_value_goes() {
        for (kind, value, number, expected) in [
            ("email", "alice@acme.example", 1, Some("masked-1@example.invalid")),
            ("ip", "10.1.2.3", 7, Some("192.0.2.7")),
            ("ip", "10.1.2.3", 256, None),
            ("ip", "fe80::1", 255, Some("2001:db8::ff")),
            ("card", "4111 1111 1111 1111", 12, Some("0000 0000 0000 0012")),
            ("iban", "DE89 3704", 3, Some("xx00 0003")),
            ("private_key", "abc", 1, None),
            ("card", "⠼⠙⠁⠁⠁ ⠼⠁⠁⠁⠁ ⠼⠁⠁⠁⠁ ⠼⠁⠁⠁1", 1, None),
        ] {
            assert_eq!(form(kind, value, number).as_deref(), expected, "{kind} {value}");
        }
    }
}
