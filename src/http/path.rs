//! The path that a policy decides on: decoded once, or refused because two servers could read it differently.
//!
//! Rules, in the order they are applied to the part before `?`:
//! 1. it begins with `/` and holds only visible ASCII; `#` and `\` are refused (RFC 9112 section 3.2; CVE-2021-32779);
//! 2. `%` is followed by two hex digits; what it decodes to is not a control character, `/` or `\` (CVE-2021-29492),
//!    and the decoded text holds no escape: whoever decodes twice would read another path;
//! 3. a segment has no `;` (path parameters, CVE-2026-73551) and is not `.` or `..` after decoding (CVE-2019-9901);
//! 4. no segment is empty but the last (`//` is one separator to some servers and two to others);
//! 5. the decoded path is UTF-8.
//!
//! ```
//! use portcullis::http::path::{Canonical, Ambiguous};
//!
//! assert_eq!(Canonical::read(b"/v1/models/gpt%2Dmini?x=/admin").unwrap().segments(), ["v1", "models", "gpt-mini"]);
//! assert_eq!(Canonical::read(b"/public/%2e%2e/admin"), Err(Ambiguous::DotSegment));
//! ```

use std::fmt;

use super::escape;

/// A path that every server reads the same way, decoded once, without its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    segments: Vec<String>,
    trailing_slash: bool,
}

/// Why a path cannot be decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguous {
    /// It does not begin with `/`.
    NotAbsolute,
    /// A byte that may not stand in a path.
    BadCharacter,
    /// A `%` without two hex digits, or one that decodes to a separator, a control character or another escape.
    BadEscape,
    /// `;` in a segment.
    PathParameter,
    /// `.` or `..` as a segment.
    DotSegment,
    /// `//`.
    EmptySegment,
    /// Escapes that are not UTF-8.
    NotUtf8,
}

impl fmt::Display for Ambiguous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "the path must begin with a slash",
            Self::BadCharacter => "the path holds a character that must be escaped",
            Self::BadEscape => "the path holds an escape that servers read differently",
            Self::PathParameter => "the path holds a path parameter",
            Self::DotSegment => "the path holds a dot segment",
            Self::EmptySegment => "the path holds an empty segment",
            Self::NotUtf8 => "the path is not UTF-8",
        })
    }
}

impl Canonical {
    /// Reads the value of `:path`.
    pub fn read(path: &[u8]) -> Result<Self, Ambiguous> {
        let path = path.split(|byte| *byte == b'?').next().unwrap_or_default();
        let rest = path.strip_prefix(b"/").ok_or(Ambiguous::NotAbsolute)?;
        let mut raw: Vec<&[u8]> = rest.split(|byte| *byte == b'/').collect();
        let trailing_slash = raw.last().is_some_and(|last| last.is_empty());
        if trailing_slash {
            raw.pop();
        }
        let segments = raw.into_iter().map(segment).collect::<Result<_, _>>()?;
        Ok(Self { segments, trailing_slash })
    }

    /// The decoded segments.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Whether it ended in a slash (the root does).
    pub fn has_trailing_slash(&self) -> bool {
        self.trailing_slash
    }
}

fn segment(raw: &[u8]) -> Result<String, Ambiguous> {
    if raw.is_empty() {
        return Err(Ambiguous::EmptySegment);
    }
    let decoded = decode(raw)?;
    if decoded == "." || decoded == ".." {
        return Err(Ambiguous::DotSegment);
    }
    Ok(decoded)
}

fn decode(raw: &[u8]) -> Result<String, Ambiguous> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => decoded.push(unescaped(&mut bytes)?),
            b';' => return Err(Ambiguous::PathParameter),
            b'#' | b'\\' => return Err(Ambiguous::BadCharacter),
            0x21..=0x7e => decoded.push(byte),
            _ => return Err(Ambiguous::BadCharacter),
        }
    }
    if decoded.windows(3).any(is_escape) {
        return Err(Ambiguous::BadEscape);
    }
    String::from_utf8(decoded).map_err(|_| Ambiguous::NotUtf8)
}

fn is_escape(window: &[u8]) -> bool {
    matches!(window, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

fn unescaped(bytes: &mut impl Iterator<Item = u8>) -> Result<u8, Ambiguous> {
    let decoded = escape::byte(bytes).ok_or(Ambiguous::BadEscape)?;
    match decoded {
        b'/' | b'\\' | 0..=0x1f | 0x7f => Err(Ambiguous::BadEscape),
        b';' => Err(Ambiguous::PathParameter),
        _ => Ok(decoded),
    }
}

/// A path with captures and a free tail, as operators write it: `/v1/models/{model}` or `/v1/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    open_ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Capture(String),
}

impl Template {
    /// Compiles a template; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix('/').ok_or("a path that begins with /")?;
        let mut raw: Vec<&str> = if rest.is_empty() { Vec::new() } else { rest.split('/').collect() };
        let open_ended = raw.last() == Some(&"*");
        if open_ended {
            raw.pop();
        }
        let parts = raw.into_iter().map(Part::parse).collect::<Result<_, _>>()?;
        Ok(Self { parts, open_ended })
    }

    /// The names of its captures.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Capture(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The captures if the path matches; a trailing slash makes no difference.
    pub fn captures<'a>(&'a self, path: &'a Canonical) -> Option<Vec<(&'a str, &'a str)>> {
        let segments = path.segments();
        let fits =
            if self.open_ended { segments.len() >= self.parts.len() } else { segments.len() == self.parts.len() };
        if !fits {
            return None;
        }
        let mut captures = Vec::new();
        for (part, segment) in self.parts.iter().zip(segments) {
            match part {
                Part::Literal(literal) if literal == segment => {}
                Part::Literal(_) => return None,
                Part::Capture(name) => captures.push((name.as_str(), segment.as_str())),
            }
        }
        Some(captures)
    }
}

impl Part {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return if is_name { Ok(Self::Capture(name.to_owned())) } else { Err("a capture such as {model}") };
        }
        if text.is_empty() || text.contains(['{', '}', '*', '%', '?', '#', ';', '\\']) || text == "." || text == ".." {
            return Err("segments that are literal and unescaped, or a whole {capture}, or * as the last one");
        }
        Ok(Self::Literal(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Result<Vec<String>, Ambiguous> {
        Canonical::read(path.as_bytes()).map(|path| path.segments)
    }

    #[test]
    fn what_two_servers_could_read_differently_is_refused() {
        for (path, why) in [
            ("/public/../admin", Ambiguous::DotSegment),
            ("/./admin", Ambiguous::DotSegment),
            ("/admin/.", Ambiguous::DotSegment),
            ("/public/%2e%2E/admin", Ambiguous::DotSegment),
            ("/public/.%2e/admin", Ambiguous::DotSegment),
            ("/public/%252e%252e/admin", Ambiguous::BadEscape),
            ("/%2561dmin", Ambiguous::BadEscape),
            ("/public/%25%32%65%25%32%65/admin", Ambiguous::BadEscape),
            ("/public/%25%32e/admin", Ambiguous::BadEscape),
            ("/public%2f..%2fadmin", Ambiguous::BadEscape),
            ("/admin%5ckeys", Ambiguous::BadEscape),
            ("/public/..;/admin", Ambiguous::PathParameter),
            ("/pets/1;x=2", Ambiguous::PathParameter),
            ("/pets/1%3bx=2", Ambiguous::PathParameter),
            ("/public\\..\\admin", Ambiguous::BadCharacter),
            ("/admin%00.json", Ambiguous::BadEscape),
            ("/%0aadmin", Ambiguous::BadEscape),
            ("/admin#x", Ambiguous::BadCharacter),
            ("/%c0%af..%c0%afadmin", Ambiguous::NotUtf8),
            ("/adm%ffin", Ambiguous::NotUtf8),
            ("/%u0061dmin", Ambiguous::BadEscape),
            ("/100%", Ambiguous::BadEscape),
            ("//admin", Ambiguous::EmptySegment),
            ("/a//", Ambiguous::EmptySegment),
            ("/adm\u{e4}n", Ambiguous::BadCharacter),
            ("http://other.example/admin", Ambiguous::NotAbsolute),
            ("*", Ambiguous::NotAbsolute),
            ("", Ambiguous::NotAbsolute),
        ] {
            assert_eq!(read(path), Err(why), "{path}");
        }
    }

    #[test]
    fn the_query_is_no_part_of_the_path() {
        assert_eq!(read("/public?x=/../admin").unwrap(), ["public"]);
        assert_eq!(read("/admin%3Fx=1").unwrap(), ["admin?x=1"]);
        assert_eq!(read("/").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_escape_is_decoded_once() {
        assert_eq!(read("/%31/gpt%2dmini/gr%C3%BCn/50%25").unwrap(), ["1", "gpt-mini", "gr\u{fc}n", "50%"]);
    }

    #[test]
    fn a_template_matches_whole_segments() {
        let matches = |template: &str, path: &str| {
            let path = Canonical::read(path.as_bytes()).unwrap();
            let template = Template::parse(template).unwrap();
            template.captures(&path).map(|found| {
                found.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
            })
        };
        assert_eq!(matches("/v1/models", "/v1/models/"), Some(vec![]));
        assert_eq!(matches("/v1/models", "/v1/modelsx"), None);
        assert_eq!(matches("/v1/{kind}/list", "/v1/files/list"), Some(vec![("kind".into(), "files".into())]));
        assert_eq!(matches("/v1/*", "/v1/a/b"), Some(vec![]));
        assert_eq!(matches("/v1/*", "/v1"), Some(vec![]));
        assert_eq!(matches("/*", "/"), Some(vec![]));
        assert_eq!(matches("/", "/"), Some(vec![]));
        assert_eq!(matches("/", "/x"), None);
    }

    #[test]
    fn a_template_that_could_never_match_is_refused() {
        for bad in ["", "v1", "/v1//x", "/v1/*/x", "/v1/a{b}", "/%31", "/a/../b", "/{}", "/a?b"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
