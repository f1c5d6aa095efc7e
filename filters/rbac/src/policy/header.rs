//! What headers must be. A line and each part of it between commas is a value: servers read a list in either way.
//!
//! There are two ways to ask. `strict`: every part fits, and there is one; that lets pass. `loose`: some line or part fits,
//! in whatever case; that refuses. `not` turns each into the opposite of the other.

use portcullis::http::header::Headers;
use regex::bytes::{Regex, RegexBuilder};

use super::rule::Effect;
use super::truth::Truth;

/// What a header must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its name, in lower case.
    pub name: String,
    /// What its values must be.
    pub test: Test,
    /// Whether none of them may be so.
    pub is_negated: bool,
}

/// What a value must be.
#[derive(Debug, Clone)]
pub enum Test {
    /// This.
    Exact(String),
    /// Something that begins so.
    Prefix(String),
    /// Something that ends so.
    Suffix(String),
    /// Something that matches as a whole.
    Regex(Regex),
    /// There at all.
    Present,
}

/// What a compiled expression may take, in bytes.
const MAX_REGEX: usize = 64 << 10;

impl Test {
    /// An expression for whole values; the error says what was expected.
    pub fn regex(text: &str) -> Result<Self, String> {
        let whole = format!(r"\A(?:{text})\z");
        let alone = RegexBuilder::new(text).unicode(false).size_limit(MAX_REGEX).build();
        let built = alone.and_then(|_| RegexBuilder::new(&whole).unicode(false).size_limit(MAX_REGEX).build());
        built.map(Self::Regex).map_err(|_| format!("a regular expression that compiles to at most {MAX_REGEX} bytes"))
    }

    fn fits(&self, value: &[u8]) -> Truth {
        match self {
            Self::Exact(text) => (value == text.as_bytes()).into(),
            Self::Prefix(text) => value.starts_with(text.as_bytes()).into(),
            Self::Suffix(text) => value.ends_with(text.as_bytes()).into(),
            Self::Regex(regex) if std::str::from_utf8(value).is_ok() => regex.is_match(value).into(),
            Self::Regex(_) => Truth::Error,
            Self::Present => Truth::Holds,
        }
    }

    /// The same in any case of ASCII letters; an expression says itself whether case counts.
    fn fits_loosely(&self, value: &[u8]) -> Truth {
        let ends =
            |value: Option<&[u8]>, text: &str| value.is_some_and(|value| value.eq_ignore_ascii_case(text.as_bytes()));
        match self {
            Self::Exact(text) => value.eq_ignore_ascii_case(text.as_bytes()).into(),
            Self::Prefix(text) => ends(value.get(..text.len()), text).into(),
            Self::Suffix(text) => {
                ends(value.len().checked_sub(text.len()).and_then(|start| value.get(start..)), text).into()
            }
            Self::Regex(_) | Self::Present => self.fits(value),
        }
    }
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(one), Self::Exact(other))
            | (Self::Prefix(one), Self::Prefix(other))
            | (Self::Suffix(one), Self::Suffix(other)) => one == other,
            (Self::Regex(one), Self::Regex(other)) => one.as_str() == other.as_str(),
            (Self::Present, Self::Present) => true,
            _ => false,
        }
    }
}

impl Header {
    pub(super) fn truth(&self, headers: &Headers, effect: Effect) -> Truth {
        match (effect, self.is_negated) {
            (Effect::Allow, false) => self.strict(headers),
            (Effect::Allow, true) => self.loose(headers).not(),
            (Effect::Deny, false) => self.loose(headers),
            (Effect::Deny, true) => self.strict(headers).not(),
        }
    }

    fn strict(&self, headers: &Headers) -> Truth {
        let mut all = Truth::Fails;
        for value in headers.all(&self.name).flat_map(parts) {
            match self.test.fits(value) {
                Truth::Fails => return Truth::Fails,
                Truth::Holds if all == Truth::Fails => all = Truth::Holds,
                Truth::Holds => {}
                error => all = error,
            }
        }
        all
    }

    fn loose(&self, headers: &Headers) -> Truth {
        let mut any = Truth::Fails;
        for value in headers.all(&self.name).flat_map(|line| std::iter::once(line).chain(parts(line))) {
            match self.test.fits_loosely(value) {
                Truth::Holds => return Truth::Holds,
                Truth::Fails => {}
                error => any = error,
            }
        }
        any
    }
}

/// What stands between commas, without blanks around it.
fn parts(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(effect: Effect, is_negated: bool, test: &Test, lines: &[&[u8]]) -> Truth {
        let headers = lines.iter().map(|line| (&b"x-role"[..], *line)).collect();
        Header { name: "x-role".to_owned(), test: test.clone(), is_negated }.truth(&headers, effect)
    }

    /// RBAC-018.
    #[test]
    fn one_value_is_enough_to_deny() {
        let admin = Test::Exact("admin".to_owned());
        for lines in [
            &[&b"user"[..], b"admin"][..],
            &[b"admin", b"user"],
            &[b"user,admin"],
            &[b"admin,user"],
            &[b" admin"],
            &[b"ADMIN"],
            &[b"user ,\tAdmin "],
            &[b"\xff,admin"],
        ] {
            assert_eq!(truth(Effect::Deny, false, &admin, lines), Truth::Holds, "{lines:?}");
            assert_eq!(truth(Effect::Allow, true, &admin, lines), Truth::Fails, "{lines:?}");
        }
        for lines in [&[][..], &[&b"user"[..]], &[b"administrator"], &[b"adm,in"]] {
            assert_eq!(truth(Effect::Deny, false, &admin, lines), Truth::Fails, "{lines:?}");
            assert_eq!(truth(Effect::Allow, true, &admin, lines), Truth::Holds, "{lines:?}");
        }
    }

    #[test]
    fn every_value_must_fit_to_allow() {
        let user = Test::Exact("user".to_owned());
        for lines in [&[&b"user"[..]][..], &[b"user", b"user"], &[b"user, user"]] {
            assert_eq!(truth(Effect::Allow, false, &user, lines), Truth::Holds, "{lines:?}");
            assert_eq!(truth(Effect::Deny, true, &user, lines), Truth::Fails, "{lines:?}");
        }
        for lines in [&[][..], &[&b"user"[..], b"admin"], &[b"user,admin"], &[b"User"], &[b""], &[b"user,"]] {
            assert_eq!(truth(Effect::Allow, false, &user, lines), Truth::Fails, "{lines:?}");
            assert_eq!(truth(Effect::Deny, true, &user, lines), Truth::Holds, "{lines:?}");
        }
    }

    /// RBAC-019.
    #[test]
    fn an_expression_that_meets_other_bytes_counts_against_the_caller() {
        let internal = Test::regex("^internal$").unwrap();
        for line in [&b"internal\xff"[..], b"\xe9internal", b"\xff", b"internal, \xff"] {
            for (effect, is_negated) in [(Effect::Allow, true), (Effect::Allow, false), (Effect::Deny, false)] {
                let found = truth(effect, is_negated, &internal, &[line]);
                let is_against = match effect {
                    Effect::Allow => found != Truth::Holds,
                    Effect::Deny => found != Truth::Fails,
                };
                assert!(is_against, "{effect:?} {is_negated} {line:?}: {found:?}");
            }
        }
        assert_eq!(truth(Effect::Allow, true, &internal, &[b"\xff"]), Truth::Error);
        assert_eq!(truth(Effect::Allow, true, &internal, &[b"internally"]), Truth::Holds);
        assert_eq!(truth(Effect::Allow, true, &internal, &[b"internal"]), Truth::Fails);
    }

    #[test]
    fn an_expression_is_about_the_whole_value_and_stays_small() {
        let either = Test::regex("a|b").unwrap();
        assert_eq!(truth(Effect::Deny, false, &either, &[b"ab"]), Truth::Fails);
        assert_eq!(truth(Effect::Deny, false, &either, &[b"b"]), Truth::Holds);
        for text in ["(", "a)|(?:b", "(a{1000}){1000}", r"\p{L}"] {
            assert!(Test::regex(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ends_are_compared_as_the_effect_wants() {
        for (test, line) in [(Test::Prefix("In".to_owned()), "iNternal"), (Test::Suffix("AL".to_owned()), "internal")] {
            assert_eq!(truth(Effect::Deny, false, &test, &[line.as_bytes()]), Truth::Holds);
            assert_eq!(truth(Effect::Allow, false, &test, &[line.as_bytes()]), Truth::Fails);
            assert_eq!(truth(Effect::Deny, false, &test, &[b"n"]), Truth::Fails);
        }
    }
}
