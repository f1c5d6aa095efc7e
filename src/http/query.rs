//! The query of a `:path`, parameter by parameter, and the path without some of them: for credentials that stand where
//! every log will keep them.
//!
//! Rules:
//! 1. the query is what stands behind the first `?`; `&` alone separates parameters, the first `=` ends a name;
//! 2. a name is percent-decoded once before it is compared, with case; `+` is a plus. A name whose `%` is not followed
//!    by two hex digits, or which decodes to another escape, is refused: servers differ on what it says;
//! 3. a value is handed over as it came, not decoded; who asks for texts gets it decoded by rule 2;
//! 4. taking parameters away changes no other byte: not the path, not the order, not the spelling of the rest.
//!
//! ```
//! use portcullis::http::query::Query;
//!
//! let query = Query::of(b"/v1/a%2Fb?x=1&%6bey=s%20t&y").unwrap();
//! assert_eq!(query.values("key").collect::<Vec<_>>(), [b"s%20t"]);
//! assert_eq!(query.without(&["key"]).unwrap(), b"/v1/a%2Fb?x=1&y");
//! assert_eq!(query.without(&["Key"]), None);
//! assert!(Query::of(b"/v1?%zz=1").is_err());
//! ```

use std::borrow::Cow;
use std::fmt;

use super::escape;

/// The query of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<'a> {
    path: &'a [u8],
    /// In order, and the empty ones between two `&` too.
    parameters: Vec<Parameter<'a>>,
}

/// A parameter.
#[derive(Clone, PartialEq, Eq)]
struct Parameter<'a> {
    raw: &'a [u8],
    name: Cow<'a, [u8]>,
    value: &'a [u8],
}

/// A name that servers read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadName;

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the query holds a parameter name with a broken escape")
    }
}

impl<'a> Query<'a> {
    /// Reads the value of `:path`.
    pub fn of(path: &'a [u8]) -> Result<Self, BadName> {
        let (path, query) = split_once(path, b'?');
        let parameters = query.map(|query| query.split(|byte| *byte == b'&').map(Parameter::of).collect());
        Ok(Self { path, parameters: parameters.unwrap_or_else(|| Ok(Vec::new()))? })
    }

    /// Decoded names and raw values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &'a [u8])> {
        let filled = self.parameters.iter().filter(|parameter| !parameter.raw.is_empty());
        filled.map(|parameter| (parameter.name.as_ref(), parameter.value))
    }

    /// Every value of a name, raw, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
    }

    /// Every value of a name as text, decoded once, in order; `None` if one of them is not UTF-8, or servers differ on what
    /// it says.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let text = |value| String::from_utf8(decode(value).ok()?.into_owned()).ok();
        self.values(name).map(text).collect()
    }

    /// The `:path` without the parameters of these names; `None` when there are none and nothing would change.
    pub fn without(&self, names: &[impl AsRef<str>]) -> Option<Vec<u8>> {
        let is_named = |parameter: &Parameter<'_>| names.iter().any(|name| parameter.is(name.as_ref()));
        let rest: Vec<&[u8]> = self.parameters.iter().filter(|found| !is_named(found)).map(|found| found.raw).collect();
        if rest.len() == self.parameters.len() {
            return None;
        }
        let query = rest.join(&b'&');
        Some(if rest.is_empty() { self.path.to_vec() } else { [self.path, &query].join(&b'?') })
    }
}

/// The `:path` of a request that goes nowhere, as a log may keep it: without these parameters, and without the whole
/// query if it cannot be read. `None` when nothing would change.
pub fn hidden(path: &[u8], names: &[impl AsRef<str>]) -> Option<Vec<u8>> {
    match Query::of(path) {
        Ok(query) => query.without(names),
        Err(BadName) => Some(split_once(path, b'?').0.to_vec()),
    }
}

impl<'a> Parameter<'a> {
    fn of(raw: &'a [u8]) -> Result<Self, BadName> {
        let (name, value) = split_once(raw, b'=');
        Ok(Self { raw, name: decode(name)?, value: value.unwrap_or_default() })
    }

    fn is(&self, name: &str) -> bool {
        !self.raw.is_empty() && *self.name == *name.as_bytes()
    }
}

/// Names only: values can be credentials.
impl fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.name))
    }
}

fn split_once(bytes: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    let mut parts = bytes.splitn(2, |byte| *byte == at);
    (parts.next().unwrap_or_default(), parts.next())
}

fn decode(raw: &[u8]) -> Result<Cow<'_, [u8]>, BadName> {
    if !raw.contains(&b'%') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { unescaped(&mut bytes).ok_or(BadName)? } else { byte });
    }
    Ok(Cow::Owned(decoded))
}

/// What an escape stands for; not for `%`, which would make another escape.
fn unescaped(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    escape::byte(bytes).filter(|byte| *byte != b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(path: &str, names: &[&str]) -> Option<String> {
        let changed = Query::of(path.as_bytes()).unwrap().without(names)?;
        Some(String::from_utf8(changed).unwrap())
    }

    #[test]
    fn taking_a_parameter_away_changes_no_other_byte() {
        for (path, rest) in [
            ("/a?key=1", "/a"),
            ("/a?key", "/a"),
            ("/a?key=", "/a"),
            ("/a?key=1&key=2", "/a"),
            ("/a?key=a=b?c/d&x=1", "/a?x=1"),
            ("/a?x=1&key=2&y=%zz", "/a?x=1&y=%zz"),
            ("/a?b=2&a=1&key=2", "/a?b=2&a=1"),
            ("/a?&key=2&&x", "/a?&&x"),
            ("/a?key=2&", "/a?"),
            ("/%61/../b;c?%6B%65%79=2&+x=1", "/%61/../b;c?+x=1"),
            ("/a?k%65y=1&x=key=1", "/a?x=key=1"),
            ("?key=1", ""),
        ] {
            assert_eq!(without(path, &["key"]).as_deref(), Some(rest), "{path}");
        }
        assert_eq!(without("/a?one=1&two=2&three=3", &["three", "one"]).as_deref(), Some("/a?two=2"));
    }

    #[test]
    fn a_path_without_the_parameter_is_left_alone() {
        for path in ["", "/a", "/a?", "/a?&", "/key=1", "/a?Key=1", "/a?+key=1", "/a?key+=1", "/a?keys=1", "/a?x=key"] {
            assert_eq!(without(path, &["key", "", "x=key"]), None, "{path}");
        }
    }

    #[test]
    fn every_value_of_a_name_is_found_however_it_is_spelt() {
        let query = Query::of(b"/a?key=1&%6bey=2&KEY=3&x=4&key&key=%31").unwrap();
        assert_eq!(query.values("key").collect::<Vec<_>>(), [&b"1"[..], b"2", b"", b"%31"]);
        assert_eq!(query.iter().count(), 6);
        assert_eq!(Query::of(b"/a?&&").unwrap().iter().count(), 0);
    }

    #[test]
    fn a_text_is_decoded_once_or_refused() {
        let texts = |path: &str| Query::of(path.as_bytes()).unwrap().texts("key");
        assert_eq!(texts("/a?key=a%2fb+c&x=%zz&%6bey=").unwrap(), ["a/b+c", ""]);
        assert_eq!(texts("/a").unwrap(), Vec::<String>::new());
        for value in ["%", "a%2", "%zz", "a%252e", "%25", "%ff"] {
            assert_eq!(texts(&format!("/a?key=ok&key={value}")), None, "{value}");
        }
    }

    #[test]
    fn a_name_that_servers_read_differently_is_refused() {
        for path in ["/a?%=1", "/a?key%", "/a?ke%7", "/a?%6gey=1", "/a?%256bey=1", "/a?x=1&%u006bey=1", "/a?%+1=1"] {
            assert_eq!(Query::of(path.as_bytes()), Err(BadName), "{path}");
        }
    }

    #[test]
    fn what_is_refused_is_logged_without_its_parameters() {
        assert_eq!(hidden(b"/a?x=1&%6bey=secret", &["key"]).as_deref(), Some(&b"/a?x=1"[..]));
        assert_eq!(hidden(b"/a?x=1&%256bey=secret", &["key"]).as_deref(), Some(&b"/a"[..]));
        assert_eq!(hidden(b"/a?x=1", &["key"]), None);
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        assert!(!format!("{:?}", Query::of(b"/a?key=secret").unwrap()).contains("secret"));
    }
}
