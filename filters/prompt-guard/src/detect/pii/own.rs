//! What an operator looks for besides.

use std::ops::Range;

use regex::Regex;

use super::check::Check;

/// Something of the operator's own: staff numbers, customer numbers.
#[derive(Debug, Clone)]
pub struct Own {
    /// What a finding is called.
    pub name: String,
    /// What it looks like. The time of a search is the expression's: the rest of this detector is linear in the text,
    /// and an expression whose matches begin in many places and fail late is not.
    pub expression: Regex,
    /// What the letters and digits of a match must pass.
    pub check: Option<Check>,
}

impl Own {
    /// Where it stands in a text. A match of nothing is none.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let passes = move |found: &str| match self.check {
            None => true,
            Some(check) => {
                let number: Vec<u8> = found.bytes().filter(u8::is_ascii_alphanumeric).collect();
                check.passes(&number.to_ascii_uppercase())
            }
        };
        let matches = self.expression.find_iter(text);
        matches.filter(move |found| !found.is_empty() && passes(found.as_str())).map(|found| found.range())
    }
}

/// A name that stays: findings carry names that are known when the module is built, and this one is known when a
/// configuration is read. Nothing that a request says is kept like this.
pub(super) fn kept(name: &str) -> &'static str {
    name.to_owned().leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_that_fails_its_check_is_none() {
        let own = Own { name: "m".to_owned(), expression: Regex::new(r"M-\d+").unwrap(), check: Some(Check::Luhn) };
        let found: Vec<_> = own.find("M-79927398713 M-79927398714").collect();
        assert_eq!(found, vec![0..13]);
    }
}
