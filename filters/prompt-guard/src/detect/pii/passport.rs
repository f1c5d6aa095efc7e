//! The numbers of passports: every state has its own form, so only the word "passport" makes one.

/// ICAO Doc 9303-4: nine characters at most. Six are the fewest that a state uses; most of them are digits.
pub(super) fn is_number(token: &str) -> bool {
    let digits = || token.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = || token.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    (6..=9).contains(&token.len()) && is_plain() && digits() >= 5
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn letters_and_digits_make_a_number_and_words_do_not() {
        assert!(is_number("C01X00T47") && is_number("123456789") && is_number("AB123456"));
        assert!(!is_number("2024") && !is_number("HOLDER1") && !is_number("1234567890"));
    }
}
