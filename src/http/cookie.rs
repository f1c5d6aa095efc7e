//! Cookies by name: every value that an upstream could take for it, and the header without it (RFC 6265 section 4.2).
//!
//! Rules:
//! 1. pairs are separated by `;`, over all lines: HTTP/2 may send one cookie a line (RFC 9113 section 8.2.3);
//! 2. the first `=` ends a name; blanks and tabs around name and value are no part of them, nor is what stands beyond ASCII
//!    around a name: who reads Latin-1 or UTF-8 strips U+00A0 and U+0085. Names are bytes, with case;
//! 3. a value keeps its quotes, and a quote protects nothing: `a="x; b=y"` is two pairs, here as in section 5.2;
//! 4. what has no `=` has no name.
//!
//! A name can stand several times and the order says nothing (section 4.2.2): who reads a credential asks for all.
//!
//! ```
//! use portcullis::http::cookie::Cookies;
//!
//! let cookies = Cookies::of([&b"theme=dark; session=\"s 1\""[..], b"lang=en"]);
//! assert_eq!(cookies.values("session").collect::<Vec<_>>(), [b"\"s 1\""]);
//! assert_eq!(cookies.without(&["session"]).unwrap(), b"theme=dark; lang=en");
//! assert_eq!(cookies.without(&["Session"]), None);
//! ```

use std::fmt;

/// The cookies of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookies<'a> {
    pairs: Vec<&'a [u8]>,
}

impl<'a> Cookies<'a> {
    /// Reads all values of the header `cookie`.
    pub fn of(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let pairs = lines.into_iter().flat_map(|line| line.split(|byte| *byte == b';')).map(trimmed);
        Self { pairs: pairs.filter(|pair| !pair.is_empty()).collect() }
    }

    /// Every value of a name, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.pairs.iter().filter_map(|pair| split(pair)).filter(move |(found, _)| *found == name.as_bytes()).map(second)
    }

    /// The one value of the header without the cookies of these names: empty when none is left and the header must go,
    /// `None` when there are none of them and nothing would change.
    pub fn without(&self, names: &[&str]) -> Option<Vec<u8>> {
        let is_named = |pair: &[u8]| split(pair).is_some_and(|(found, _)| names.iter().any(|n| n.as_bytes() == found));
        let rest: Vec<&[u8]> = self.pairs.iter().copied().filter(|pair| !is_named(pair)).collect();
        (rest.len() < self.pairs.len()).then(|| rest.join(&b"; "[..]))
    }
}

/// Names only: values are credentials more often than not.
impl fmt::Debug for Cookies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.pairs.iter().filter_map(|pair| split(pair)).map(|(name, _)| String::from_utf8_lossy(name));
        f.debug_list().entries(names).finish()
    }
}

fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = pair.splitn(2, |byte| *byte == b'=');
    Some((name(parts.next()?), trimmed(parts.next()?)))
}

fn name(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | 0x80.., rest @ ..] | [rest @ .., b' ' | b'\t' | 0x80..] = bytes {
        bytes = rest;
    }
    bytes
}

fn second<'a>((_, value): (&[u8], &'a [u8])) -> &'a [u8] {
    value
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies<'a>(lines: &'a [&'a str]) -> Cookies<'a> {
        Cookies::of(lines.iter().map(|line| line.as_bytes()))
    }

    #[test]
    fn every_value_that_an_upstream_could_take_is_found() {
        for (lines, values) in [
            (&["s=1"][..], &["1"][..]),
            (&["a=0; s=1; b=2"], &["1"]),
            (&["s=1; s=2", "s=3"], &["1", "2", "3"]),
            (&["a=0", "s=1", "b=2"], &["1"]),
            (&["s=a=b=="], &["a=b=="]),
            (&["s=\"1\""], &["\"1\""]),
            (&["a=\"x; s=1\""], &["1\""]),
            (&["a=0;s=1;;  ;\ts =\t2 "], &["1", "2"]),
            (&["s=1; \u{a0}s=2; s\u{85}=3; \u{a0} s \u{a0}=4"], &["1", "2", "3", "4"]),
            (&["s="], &[""]),
            (&["s"], &[]),
            (&["S=1; as=1; sa=1; \"s\"=1"], &[]),
            (&["a=s=1"], &[]),
            (&[""], &[]),
            (&[], &[]),
        ] {
            let found: Vec<_> = cookies(lines).values("s").map(String::from_utf8_lossy).map(String::from).collect();
            assert_eq!(found, values, "{lines:?}");
        }
    }

    #[test]
    fn the_others_stay_in_order_on_one_line() {
        for (lines, rest) in [
            (&["s=1"][..], Some("")),
            (&["s=1; s=2", " s = 3 "], Some("")),
            (&["a=\"0\"; s=1; b=2"], Some("a=\"0\"; b=2")),
            (&["b=2", "s=1", "a=0;flag"], Some("b=2; a=0; flag")),
            (&["a=0; b=2"], None),
            (&["S=1; s"], None),
            (&[], None),
        ] {
            let found = cookies(lines).without(&["s"]).map(|rest| String::from_utf8(rest).unwrap());
            assert_eq!(found.as_deref(), rest, "{lines:?}");
        }
    }

    #[test]
    fn what_was_taken_away_is_not_found_again() {
        let rest = cookies(&["a=\"x; s=1; y\"; s =2", "s=3;t"]).without(&["s"]).unwrap();
        assert_eq!(Cookies::of([&rest[..]]).values("s").count(), 0);
    }

    #[test]
    fn values_are_bytes() {
        assert_eq!(Cookies::of([&b"s=\xff\xfe"[..]]).values("s").collect::<Vec<_>>(), [b"\xff\xfe"]);
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        assert_eq!(format!("{:?}", cookies(&["s=secret; t"])), r#"["s"]"#);
    }
}
